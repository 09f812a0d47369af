//! Does a bucket policy let strangers read, change or administer the bucket? Strangers are accounts outside the zone of trust,
//! federated users, and everyone without a limit. AWS services are left to the confused deputy checks.

use super::per_bucket;
use crate::prelude::*;
use crate::strangers::{given, weigh};
use posture_estate::services::s3::Bucket;
use posture_policy::actions::{self, AccessLevel};
use posture_policy::{self as policy, Zone};

/// Reading what objects are called or classed by. The other actions that AWS's table calls reading and that begin with `s3:GetObject`
/// read the objects themselves, as sensitive as any write.
const ABOUT_OBJECTS: &[&str] = &["acl", "attributes", "legalhold", "retention", "tagging"];

/// Accounts that are no strangers.
const TRUSTED_ACCOUNTS: Setting<[String]> = setting!(bucket_cross_account_restricted.trusted_accounts);

pub async fn probe(at: &Account) -> Outcome {
    let zone = &at.zone().trusting(at.setting(TRUSTED_ACCOUNTS));
    per_bucket(at, |bucket| async move {
        let policy = at.s3().bucket_policy(&bucket).await?;
        Ok(judge(&bucket, policy.as_deref(), zone))
    })
    .await
}

fn judge(bucket: &Bucket, policy: Option<&str>, zone: &Zone) -> Verdict {
    let name = bucket.name();
    let Some(text) = policy else {
        return Verdict::pass(format!("bucket {name} has no policy, so no other account has access by it"));
    };
    let undecided = |why: &str| format!("who the policy of bucket {name} lets in cannot be decided: {why}");
    let document = match zone.parse(text) {
        Ok(document) => document,
        Err(error) => return Verdict::undecided(undecided(&error.to_string())),
    };
    let (grants, doubts) = policy::external_of(&document, zone, &is_sensitive);
    let mut reasons = Reasons::new();
    for why in &doubts {
        reasons.doubt(undecided(why));
    }
    let whose = format!("the policy of bucket {name}");
    for grant in &grants {
        weigh(grant, given(&whose, grant), zone, "outsider_may_act", &mut reasons);
    }
    let (outside, _) = policy::external_and_doubts(&document, zone);
    reasons
        .or_pass(|| format!("the policy of bucket {name} gives no account outside the zone of trust sensitive actions"))
        .evidence(json!({ "outside": outside.iter().map(|g| &g.principal).collect::<Vec<_>>() }))
}

/// Whether the single action reads objects, writes or sets permissions; case does not count.
fn is_sensitive(action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let about = |read: &str| ABOUT_OBJECTS.iter().any(|what| read.trim_start_matches("version").starts_with(what));
    action.starts_with("s3:")
        && match actions::level(&action) {
            Some(AccessLevel::Write | AccessLevel::Permissions) => true,
            Some(AccessLevel::Read) => action.strip_prefix("s3:getobject").is_some_and(|read| !about(read)),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strangers::{Standing, standing};
    use posture_policy::{Grant, Grantee};

    fn grant(kind: Grantee, tied: bool) -> Grant {
        Grant { statement: 1, kind, principal: "x".into(), actions: vec![], limited_by: vec![], tied }
    }

    fn given(actions: &str) -> Status {
        of(&format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"444455556666"}},{actions},"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}}"#
        ))
        .status
    }

    #[test]
    fn actions_are_matched_by_pattern_and_without_case() {
        for sensitive in [
            r#""Action":"s3:putobject""#,
            r#""Action":"s3:PutBucketPolicy""#,
            r#""Action":"s3:P*""#,
            r#""Action":"*""#,
            r#""Action":"s3:Get?bject""#,
            r#""Action":"s3:GetObjectVersionTorrent""#,
            r#""NotAction":"s3:GetObject""#,
            r#""Action":"s3:BrandNewAction""#,
        ] {
            assert_eq!(given(sensitive), Status::Fail, "{sensitive}");
        }
        for harmless in [
            r#""Action":"s3:ListBucket""#,
            r#""Action":"s3:GetBucketLocation""#,
            r#""Action":"s3:ListBucket*""#,
            r#""Action":"s3:GetBucketPolicy""#,
            r#""Action":["s3:GetObjectTagging","s3:GetObjectVersionAcl","s3:PutObjectTagging"]"#,
            r#""Action":"kms:Decrypt""#,
            r#""NotAction":"s3:*""#,
            r#""NotAction":["s3:GetObject*","s3:P*","s3:D*","s3:R*","s3:C*","s3:A*","s3:B*","s3:I*","s3:O*","s3:S*","s3:U*"]"#,
        ] {
            assert_eq!(given(harmless), Status::Pass, "{harmless}");
        }
    }

    #[test]
    fn every_action_of_the_table_that_writes_or_permits_is_sensitive() {
        for action in actions::expand("s3:*") {
            let changes = matches!(actions::level(&action), Some(AccessLevel::Write | AccessLevel::Permissions));
            assert!(is_sensitive(&action) || !changes, "{action}");
        }
    }

    #[test]
    fn an_account_of_aws_is_no_stranger_in_what_its_page_grants() {
        // semantics 105
        let of = |principal: &str, action: &str| {
            let text = format!(
                r#"{{"Effect":"Allow","Principal":{principal},"Action":{action},"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/AWSLogs/111122223333/*"]}}"#
            );
            super::tests::of(&text).status
        };
        for (principal, actions) in [
            (r#"{"AWS":"arn:aws:iam::127311923021:root"}"#, r#""s3:PutObject""#),
            (r#"{"AWS":["127311923021","054676820928"]}"#, r#"["s3:putobject"]"#),
            (r#"{"AWS":"arn:aws-us-gov:iam::048591011584:root"}"#, r#""s3:PutObject""#),
            (r#"{"AWS":"arn:aws-cn:iam::638102146993:root"}"#, r#""s3:PutObject""#),
            (r#"{"AWS":"arn:aws:iam::193672423079:user/logs"}"#, r#"["s3:PutObject","s3:GetBucketAcl"]"#),
            (r#"{"AWS":"arn:aws:iam::086441151436:root"}"#, r#"["s3:PutObject","s3:GetBucketAcl"]"#),
            (r#"{"AWS":"arn:aws:iam::386209384616:root"}"#, r#""s3:PutObject""#),
        ] {
            assert_eq!(of(principal, actions), Status::Pass, "{principal} {actions}");
        }
        let load_balancers = r#"{"AWS":"arn:aws:iam::127311923021:root"}"#;
        for more in [r#""s3:*""#, r#""s3:GetObject""#, r#"["s3:PutObject","s3:DeleteObject"]"#, r#""s3:PutObject*""#] {
            assert_eq!(of(load_balancers, more), Status::Fail, "{more} is nothing that AWS asks for");
        }
        assert_eq!(
            of(r#"{"AWS":["127311923021","444455556666"]}"#, r#""s3:PutObject""#),
            Status::Fail,
            "and a stranger"
        );
        let account = r#""StringEquals":{"aws:PrincipalAccount":"127311923021"}"#;
        assert_eq!(super::tests::of(&everyone(account)).status, Status::Pass, "by a condition");
    }

    #[test]
    fn a_unique_id_does_not_show_its_account() {
        // semantics 104
        for id in [
            r#""StringLike":{"aws:userid":["AROAEXTERNALROLE12345:*"]}"#,
            r#""StringLike":{"aws:userid":"AROAEXTERNALROLE12345:session"}"#,
            r#""StringEquals":{"aws:userid":"AIDAEXTERNALUSER1234"}"#,
            r#""StringEquals":{"aws:userid":["111122223333","AIDAEXTERNALUSER1234"]}"#,
            r#""StringEqualsIgnoreCase":{"aws:userid":"AIDAEXTERNALUSER1234"}"#,
        ] {
            assert_eq!(of(&everyone(id)).status, Status::Unknown, "{id}");
        }
        let by_deny = |condition: &str| {
            let open = everyone("");
            of(&format!(
                r#"{open},{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],{condition}}}"#
            ))
            .status
        };
        assert_eq!(
            by_deny(r#""Condition":{"StringNotLike":{"aws:userid":"AROAEXTERNALROLE12345:*"}}"#),
            Status::Unknown
        );
        for (inside, expected) in [
            (r#""StringEquals":{"aws:userid":"111122223333"}"#, Status::Pass),
            (r#""StringLike":{"aws:userid":"111122223333:*"}"#, Status::Pass),
            (r#""StringEquals":{"aws:userid":"444455556666:federated"}"#, Status::Fail),
            (r#""StringLike":{"aws:userid":"AROA*"}"#, Status::Fail),
            (r#""StringEquals":{"aws:userid":"AIDAUSER","aws:PrincipalAccount":"111122223333"}"#, Status::Pass),
            (r#""StringEquals":{"aws:userid":"AIDAUSER","aws:PrincipalAccount":"444455556666"}"#, Status::Fail),
            (r#""StringEquals":{"aws:userid":"AIDAUSER","aws:SourceVpce":"vpce-1a2b3c4d"}"#, Status::Pass),
        ] {
            assert_eq!(of(&everyone(inside)).status, expected, "{inside}");
        }
    }

    #[test]
    fn whom_a_deny_spares_is_judged_by_what_it_is() {
        // semantics 140
        let spared = |principal: &str| {
            of(&format!(
                r#"{},{{"Effect":"Deny","NotPrincipal":{principal},"Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}}"#,
                everyone("")
            ))
            .status
        };
        assert_eq!(spared(r#"{"AWS":"111122223333"}"#), Status::Pass);
        assert_eq!(spared(r#"{"AWS":"444455556666"}"#), Status::Fail);
        assert_eq!(spared(r#"{"Service":"delivery.logs.amazonaws.com"}"#), Status::Pass);
        assert_eq!(spared(r#"{"CanonicalUser":"79a5"}"#), Status::Unknown);
        assert_eq!(spared(r#"{"Federated":"arn:aws:iam::444455556666:saml-provider/idp"}"#), Status::Fail);
        assert_eq!(spared(r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/idp"}"#), Status::Pass);
    }

    #[test]
    fn accounts_and_unlimited_everyone_are_outside() {
        let zone = &Zone::of("111122223333", "aws");
        assert!(matches!(standing(&grant(Grantee::Account, true), zone), Standing::Outside));
        assert!(matches!(standing(&grant(Grantee::Everyone, false), zone), Standing::Outside));
        assert!(matches!(standing(&grant(Grantee::Everyone, true), zone), Standing::Inside));
        assert!(matches!(standing(&grant(Grantee::Service, false), zone), Standing::Inside));
        assert!(matches!(standing(&grant(Grantee::Organization, true), zone), Standing::Untold(_)));
        assert!(matches!(standing(&grant(Grantee::Canonical, true), zone), Standing::Untold(_)));
        let saml = |account: &str| Grant {
            principal: format!("arn:aws:iam::{account}:saml-provider/idp"),
            ..grant(Grantee::Federated, false)
        };
        assert!(matches!(standing(&saml("444455556666"), zone), Standing::Outside));
        assert!(matches!(standing(&saml("111122223333"), zone), Standing::Inside));
        let trusting = &Zone::of("111122223333", "aws").trusting(&["444455556666".into()]);
        assert!(matches!(standing(&saml("444455556666"), trusting), Standing::Inside));
    }

    #[test]
    fn the_organization_of_the_scan_is_inside_and_another_is_not() {
        let known = Zone {
            organization: Some("o-ours".into()),
            trusted_accounts: vec!["444455556666".into()],
            ..Zone::of("111122223333", "aws")
        };
        let of = |zone: &Zone, id: &str| {
            let condition = format!(r#""StringEquals":{{"aws:PrincipalOrgID":"{id}"}}"#);
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, everyone(&condition));
            judge(&Bucket::named("b"), Some(&text), zone).status
        };
        assert_eq!((of(&known, "o-ours"), of(&known, "o-theirs")), (Status::Pass, Status::Fail));
        let alone = Zone::of("111122223333", "aws");
        assert_eq!((of(&alone, "o-ours"), of(&alone, "o-theirs")), (Status::Unknown, Status::Unknown));
        let member = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:*","Resource":"arn:aws:s3:::b/*"}]}"#;
        assert_eq!(judge(&Bucket::named("b"), Some(member), &known).status, Status::Pass);
        assert_eq!(judge(&Bucket::named("b"), Some(member), &alone).status, Status::Fail);
    }

    fn of(statements: &str) -> Verdict {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        judge(&Bucket::named("b"), Some(&text), &Zone::of("111122223333", "aws"))
    }

    fn everyone(condition: &str) -> String {
        format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*","Condition":{{{condition}}}}}"#
        )
    }

    #[test]
    fn a_condition_that_anyone_can_meet_limits_nobody() {
        for open in [
            r#""Bool":{"aws:SecureTransport":"true"}"#,
            r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}"#,
            r#""StringLike":{"aws:SourceVpce":"vpce-*"}"#,
            r#""StringLike":{"aws:Referer":"https://example.com/*"}"#,
            r#""IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}"#,
            r#""NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#,
        ] {
            assert_eq!(of(&everyone(open)).status, Status::Fail, "{open}");
        }
        for tied in [
            r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#,
            r#""StringEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}"#,
            r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:::b"}"#,
        ] {
            assert_eq!(of(&everyone(tied)).status, Status::Pass, "{tied}");
        }
    }

    #[test]
    fn an_undecided_statement_does_not_hide_a_stranger() {
        let unsure = everyone(r#""StringEquals":{"aws:SomethingNew":"x"}"#);
        let stranger = r#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}"#;
        assert_eq!(of(&unsure).status, Status::Unknown);
        assert_eq!(of(&format!("{unsure},{stranger}")).status, Status::Fail);
        assert_eq!(of(&format!("{stranger},{unsure}")).status, Status::Fail);
    }

    #[test]
    fn what_a_deny_takes_away_is_not_counted() {
        let both = r#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}"#;
        let deny = |action: &str| {
            format!(
                r#"{both},{{"Effect":"Deny","Principal":{{"AWS":"444455556666"}},"Action":"{action}","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}}"#
            )
        };
        assert_eq!(of(&deny("s3:GetObject")).status, Status::Pass);
        assert_eq!(of(&deny("s3:ListBucket")).status, Status::Fail);
    }

    #[test]
    fn a_bucket_policy_is_judged_by_whom_it_names() {
        let of = |principal: &str, action: &str| {
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"{action}","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}}]}}"#
            );
            judge(&Bucket::named("b"), Some(&text), &Zone::of("111122223333", "aws"))
        };
        assert_eq!(of("arn:aws:iam::444455556666:root", "s3:GetObject").status, Status::Fail);
        assert_eq!(of("arn:aws:iam::444455556666:root", "s3:ListBucket").status, Status::Pass);
        assert_eq!(of("arn:aws:iam::111122223333:role/app", "s3:*").status, Status::Pass);
        assert_eq!(judge(&Bucket::named("b"), None, &Zone::of("111122223333", "aws")).status, Status::Pass);
    }
}
