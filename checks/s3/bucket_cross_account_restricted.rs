//! Does a bucket policy let strangers read, change or administer the bucket? Strangers are accounts outside the zone of trust,
//! federated users, and everyone without a limit. AWS services are left to the confused deputy checks.

use super::per_bucket;
use crate::estate::s3::Bucket;
use crate::policy::actions::{self, Level};
use crate::policy::{self, Document, Grant, Grantee, Zone};
use crate::prelude::*;

/// Reading objects: as sensitive as any write, though AWS's access levels call it the same as reading a setting.
const READS_OBJECTS: &[&str] =
    &["s3:getobject", "s3:getobjecttorrent", "s3:getobjectversion", "s3:getobjectversionforreplication"];

pub async fn probe(at: &Account) -> Outcome {
    let zone = &Zone::of(at.account_id(), at.partition());
    per_bucket(at, |bucket| async move {
        let policy = at.bucket_policy(&bucket).await?;
        Ok(judge(&bucket, policy.as_deref(), zone))
    })
    .await
}

fn judge(bucket: &Bucket, policy: Option<&str>, zone: &Zone) -> Verdict {
    let name = bucket.name();
    let Some(text) = policy else {
        return Verdict::pass(format!("bucket {name} has no policy, so no other account has access by it"));
    };
    let grants = match Document::parse(text).map_err(|e| e.to_string()).and_then(|d| policy::external(&d, zone)) {
        Ok(grants) => grants,
        Err(why) => {
            return Verdict::undecided(format!("who the policy of bucket {name} lets in cannot be decided: {why}"));
        }
    };
    let mut faults = Faults::new();
    for grant in &grants {
        let actions: Vec<_> = grant.actions.iter().filter(|a| is_sensitive(a)).map(String::as_str).collect();
        let given = format!("the policy of bucket {name} gives {} {}", grant.principal, actions.join(", "));
        match weight(grant) {
            _ if actions.is_empty() => {}
            Weight::None => {}
            Weight::Outside => faults.broken(given),
            Weight::Unknown(why) => faults.doubt(format!("{given}, and {why}")),
        }
    }
    faults
        .verdict(|| format!("the policy of bucket {name} gives no account outside the zone of trust sensitive actions"))
        .evidence(json!({ "outside": grants.iter().map(|g| &g.principal).collect::<Vec<_>>() }))
}

enum Weight {
    None,
    Outside,
    Unknown(&'static str),
}

fn weight(grant: &Grant) -> Weight {
    match grant.kind {
        Grantee::Account | Grantee::Federated => Weight::Outside,
        // What narrows everyone without naming an account is a network or a source: S3 does not call it public either.
        Grantee::Everyone if grant.limited_by.is_empty() => Weight::Outside,
        Grantee::Everyone | Grantee::Service => Weight::None,
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
            || matches!(actions::level(a), Some(Level::Write | Level::Permissions))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(kind: Grantee, limited_by: &[&str]) -> Grant {
        Grant {
            statement: 1,
            kind,
            principal: "x".into(),
            actions: vec![],
            limited_by: limited_by.iter().map(|s| s.to_string()).collect(),
        }
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
        assert!(matches!(weight(&grant(Grantee::Account, &["aws:SourceVpce StringEquals vpce-1"])), Weight::Outside));
        assert!(matches!(weight(&grant(Grantee::Everyone, &[])), Weight::Outside));
        assert!(matches!(weight(&grant(Grantee::Everyone, &["aws:SourceVpce StringEquals vpce-1"])), Weight::None));
        assert!(matches!(weight(&grant(Grantee::Service, &[])), Weight::None));
        assert!(matches!(weight(&grant(Grantee::Organization, &[])), Weight::Unknown(_)));
        assert!(matches!(weight(&grant(Grantee::Canonical, &[])), Weight::Unknown(_)));
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
