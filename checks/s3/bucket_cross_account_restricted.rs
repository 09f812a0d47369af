//! Does a bucket policy let strangers read, change or administer the bucket? Strangers are accounts outside the zone of trust,
//! federated users, and everyone without a limit. AWS services are left to the confused deputy checks.

use super::per_bucket;
use crate::prelude::*;
use posture_estate::services::s3::Bucket;
use posture_policy::actions::{self, AccessLevel};
use posture_policy::{self as policy, Document, Grant, Grantee, Zone};

/// Reading objects: as sensitive as any write, though AWS's access levels call it the same as reading a setting.
const READS_OBJECTS: &[&str] =
    &["s3:getobject", "s3:getobjecttorrent", "s3:getobjectversion", "s3:getobjectversionforreplication"];

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
    let (grants, doubts) = match Document::parse(text) {
        Ok(document) => policy::external_and_doubts(&document, zone),
        Err(error) => return Verdict::undecided(undecided(&error.to_string())),
    };
    let mut reasons = Reasons::new();
    for why in &doubts {
        reasons.doubt(undecided(why));
    }
    for grant in &grants {
        let actions: Vec<_> = grant.actions.iter().filter(|a| is_sensitive(a)).map(String::as_str).collect();
        let given = format!(
            "statement {} of the policy of bucket {name} gives {} {}",
            grant.statement,
            grant.principal,
            actions.join(", ")
        );
        match weight(grant, zone) {
            _ if actions.is_empty() => {}
            Weight::None => {}
            Weight::Outside => reasons.broken("outsider_may_act", given),
            Weight::Unknown(why) => reasons.doubt(format!("{given}, and {why}")),
        }
    }
    reasons
        .or_pass(|| format!("the policy of bucket {name} gives no account outside the zone of trust sensitive actions"))
        .evidence(json!({ "outside": grants.iter().map(|g| &g.principal).collect::<Vec<_>>() }))
}

enum Weight {
    None,
    Outside,
    Unknown(&'static str),
}

fn weight(grant: &Grant, zone: &Zone) -> Weight {
    match grant.kind {
        Grantee::Federated
            if posture_estate::arn::Arn::parse(&grant.principal).is_some_and(|arn| arn.account == zone.account) =>
        {
            Weight::None
        }
        Grantee::Account | Grantee::Federated => Weight::Outside,
        // What narrows everyone without naming an account is a network or a source: S3 does not call it public either.
        Grantee::Everyone if !grant.tied => Weight::Outside,
        Grantee::Everyone | Grantee::Service => Weight::None,
        // The organization of the scan is inside the zone, so this is another one.
        Grantee::Organization if zone.organization.is_some() => Weight::Outside,
        Grantee::Organization => Weight::Unknown("whether that is this account's organization was not seen"),
        Grantee::Canonical => Weight::Unknown("a canonical user id does not show its account"),
    }
}

/// Whether the action as a policy writes it (with wildcards, or "not …") reads objects, writes or sets permissions. One that the
/// table does not know may do anything.
fn is_sensitive(action: &str) -> bool {
    let is_s3 = |a: &str| a.starts_with("s3:") || a.starts_with('*');
    let lower = action.to_ascii_lowercase();
    if lower.starts_with("not ") {
        return true;
    }
    let expanded = actions::expand(action);
    if expanded.is_empty() {
        return is_s3(&lower);
    }
    expanded.iter().filter(|a| is_s3(&a.to_ascii_lowercase())).any(|a| {
        READS_OBJECTS.contains(&a.to_ascii_lowercase().as_str())
            || matches!(actions::level(a), Some(AccessLevel::Write | AccessLevel::Permissions))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(kind: Grantee, tied: bool) -> Grant {
        Grant { statement: 1, kind, principal: "x".into(), actions: vec![], limited_by: vec![], tied }
    }

    #[test]
    fn actions_are_matched_by_pattern_and_without_case() {
        for sensitive in [
            "s3:putobject",
            "s3:PutBucketPolicy",
            "s3:P*",
            "*",
            "s3:Get?bject",
            "not s3:GetObject",
            "s3:BrandNewAction",
        ] {
            assert!(is_sensitive(sensitive), "{sensitive}");
        }
        for harmless in ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucket*", "s3:GetBucketPolicy", "kms:Decrypt"]
        {
            assert!(!is_sensitive(harmless), "{harmless}");
        }
    }

    #[test]
    fn accounts_and_unlimited_everyone_are_outside() {
        let zone = &Zone::of("111122223333", "aws");
        assert!(matches!(weight(&grant(Grantee::Account, true), zone), Weight::Outside));
        assert!(matches!(weight(&grant(Grantee::Everyone, false), zone), Weight::Outside));
        assert!(matches!(weight(&grant(Grantee::Everyone, true), zone), Weight::None));
        assert!(matches!(weight(&grant(Grantee::Service, false), zone), Weight::None));
        assert!(matches!(weight(&grant(Grantee::Organization, true), zone), Weight::Unknown(_)));
        assert!(matches!(weight(&grant(Grantee::Canonical, true), zone), Weight::Unknown(_)));
        let saml = |account: &str| Grant {
            principal: format!("arn:aws:iam::{account}:saml-provider/idp"),
            ..grant(Grantee::Federated, false)
        };
        assert!(matches!(weight(&saml("444455556666"), zone), Weight::Outside));
        assert!(matches!(weight(&saml("111122223333"), zone), Weight::None));
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
