//! Is every secret read now and then, and does a key of one's own protect those that are tagged sensitive?

use super::per_secret;
use crate::classes::Classes;
use crate::prelude::*;
use posture_estate::services::secretsmanager::{Copies, Secret};

/// Days without a reader after which a secret counts as unused.
const UNUSED_DAYS: Setting<i64> = setting!(secrets_used_and_keyed.unused_days);

/// Tag keys that classify what a secret opens.
const CLASSIFYING_TAGS: Setting<[String]> = setting!(secrets_used_and_keyed.classifying_tags);

/// Values of those tags that call for a key of one's own.
const SENSITIVE_VALUES: Setting<[String]> = setting!(secrets_used_and_keyed.sensitive_values);

pub async fn probe(at: &Region) -> Outcome {
    let limit = *at.setting(UNUSED_DAYS);
    let classes = Classes { tags: at.setting(CLASSIFYING_TAGS), values: at.setting(SENSITIVE_VALUES) };
    per_secret(at, |secret| {
        let mut reasons = Reasons::new();
        let used = used(secret, at.name(), at.now(), limit, &mut reasons);
        let keyed = keyed(secret, &classes, &mut reasons);
        match [used, keyed].into_iter().flatten().collect::<Vec<_>>() {
            seen if seen.is_empty() && reasons.is_empty() => not_judged(secret),
            seen => reasons.or_pass(|| format!("secret {} {}", secret.name, seen.join(" and "))),
        }
    })
    .await
}

fn not_judged(secret: &Secret) -> Verdict {
    let why = match secret.owning_service.as_deref() {
        Some(service) => format!("belongs to {service}"),
        None => "is a copy for another Region".to_owned(),
    };
    Verdict::not_applicable(format!("secret {} {why} and no tag calls it sensitive", secret.name))
}

/// Whether somebody read it lately. A secret that a service made goes with what it is for, and a copy waits for its Region to be needed.
fn used(secret: &Secret, region: &str, now: &DateTime, limit: i64, reasons: &mut Reasons) -> Option<String> {
    let name = &secret.name;
    let copies = secret.copies(region);
    if secret.owning_service.is_some() || matches!(copies, Copies::Of(_)) {
        return None;
    }
    let (age, what) = match &secret.last_accessed_date {
        Some(read) => (days(read, now), "last read"),
        None => (days(&secret.created_date, now), "made"),
    };
    let never = if secret.last_accessed_date.is_none() { " and never read" } else { "" };
    if age <= limit {
        return Some(format!("was {what} {age} days ago"));
    }
    let found = format!("secret {name} was {what} {age} days ago{never}");
    match copies {
        Copies::Primary => {
            reasons.doubt(format!("{found} in {region}; whether its copies in other Regions are is not told here"))
        }
        _ => reasons.broken("unused", found),
    }
    None
}

/// Whether a sensitive secret has a key of one's own. AWS leaves the key out where it is its own.
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html>
fn keyed(secret: &Secret, classes: &Classes<'_>, reasons: &mut Reasons) -> Option<String> {
    let tags: Vec<(String, String)> = secret.resource().tags.into_iter().collect();
    let tag = classes.sensitive(Some(&tags))?;
    match secret.kms_key_id.as_deref().filter(|key| !key.is_empty() && !key.contains("alias/aws/")) {
        Some(_) => Some(format!("is tagged {tag} and has a customer managed key")),
        None => {
            reasons.broken(
                "no_own_key",
                format!("secret {} is tagged {tag} and has the key that AWS manages", secret.name),
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secretsmanager::{NOW, ago, secret};

    fn use_of(more: serde_json::Value) -> (Status, Vec<&'static str>) {
        let mut reasons = Reasons::new();
        let seen = used(&secret(&more), "eu-west-1", &DateTime::from_secs(NOW), 90, &mut reasons);
        let verdict = reasons.or_pass(|| seen.unwrap_or_default());
        (verdict.status, verdict.reasons)
    }

    #[test]
    fn a_secret_that_nobody_read_for_longer_than_the_limit_is_unused() {
        // semantics 51
        assert_eq!(use_of(json!({ "LastAccessedDate": ago(10) })).0, Status::Pass);
        assert_eq!(use_of(json!({ "LastAccessedDate": ago(90) })).0, Status::Pass);
        assert_eq!(use_of(json!({ "LastAccessedDate": ago(91) })), (Status::Fail, vec!["unused"]));
        assert_eq!(use_of(json!({})), (Status::Fail, vec!["unused"]), "never read in 400 days");
        assert_eq!(use_of(json!({ "CreatedDate": ago(3) })).0, Status::Pass, "it is new");
    }

    #[test]
    fn what_is_read_in_another_region_does_not_show_here() {
        assert_eq!(use_of(json!({ "PrimaryRegion": "eu-west-1" })).0, Status::Unknown);
        let mut reasons = Reasons::new();
        for more in [json!({ "PrimaryRegion": "us-east-1" }), json!({ "OwningService": "rds" })] {
            assert_eq!(used(&secret(&more), "eu-west-1", &DateTime::from_secs(NOW), 90, &mut reasons), None);
        }
        assert!(reasons.is_empty(), "a copy and a service's secret are not judged");
    }

    #[test]
    fn a_sensitive_secret_has_a_key_of_ones_own() {
        let (tags, values) = (["classification".to_owned()], ["pii".to_owned()]);
        let of = |class: &str, key: Option<&str>| {
            let more = json!({ "Tags": [{ "Key": "Classification", "Value": class }], "KmsKeyId": key });
            let mut reasons = Reasons::new();
            let seen = keyed(&secret(&more), &Classes { tags: &tags, values: &values }, &mut reasons);
            (seen.is_some(), reasons.is_empty())
        };
        assert_eq!(of("pii", Some("arn:aws:kms:eu-west-1:111122223333:key/1f0a")), (true, true));
        assert_eq!(of("pii", None), (false, false));
        assert_eq!(of("pii", Some("alias/aws/secretsmanager")), (false, false));
        assert_eq!(of("public", None), (false, true), "not judged");
    }
}
