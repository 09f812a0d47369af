//! Checks on Secrets Manager.

use crate::prelude::*;
use posture_estate::services::secretsmanager::{Copies, Secret};

checks! { secretsmanager;
    region policy_not_public,
    region rotated_in_time,
    region rotation_enabled,
    region secrets_used_and_keyed,
}

/// What there is to say where the Region has no secret.
fn none(at: &Region) -> Vec<Finding> {
    vec![Verdict::not_applicable("the Region has no secret").on(at.resource())]
}

/// One finding for each secret of the Region, decided by what the list says.
async fn per_secret(at: &Region, judge: impl Fn(&Secret) -> Verdict) -> Outcome {
    let secrets = at.secretsmanager().secrets().await?;
    if secrets.is_empty() {
        return Ok(none(at));
    }
    Ok(secrets.iter().map(|secret| judge(secret).on(secret.resource())).collect())
}

/// Why the rotation of a secret is nobody's to set here, and so is not judged: an AWS service does it, or the Region of the primary secret.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html>,
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html>
fn rotated_elsewhere(secret: &Secret, region: &str, in_scope: impl Fn(&str) -> bool) -> Option<Verdict> {
    let name = &secret.name;
    if let Some(service) = secret.owning_service.as_deref().filter(|service| !service.is_empty()) {
        return Some(Verdict::not_applicable(format!("secret {name} belongs to {service}, which rotates it")));
    }
    match secret.copies(region) {
        Copies::Of(primary) if in_scope(primary) => Some(Verdict::not_applicable(format!(
            "secret {name} is a copy of the one in {primary}, where its rotation is set"
        ))),
        Copies::Of(primary) => Some(Verdict::undecided(format!(
            "secret {name} is a copy of the one in {primary}, where its rotation is set, and the scan does not look there"
        ))),
        Copies::None | Copies::Primary => None,
    }
}

/// A secret as the list has it, made 400 days before `NOW`.
#[cfg(test)]
fn secret(more: &serde_json::Value) -> Secret {
    let mut secret = json!({
        "ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3", "Name": "db", "CreatedDate": ago(400),
    });
    secret.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(secret).unwrap()
}

#[cfg(test)]
const NOW: i64 = 1_790_000_000;

/// So many days before `NOW`, or after.
#[cfg(test)]
fn ago(days: i64) -> String {
    posture_estate::day::rfc3339(DateTime::from_secs(NOW - days * 86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_rotates_is_not_judged() {
        // semantics 50
        let of =
            |more: serde_json::Value| rotated_elsewhere(&secret(&more), "eu-west-1", |region| region == "us-east-1");
        let status = |more| of(more).map(|verdict| verdict.status);
        assert_eq!(status(json!({ "OwningService": "rds" })), Some(Status::NotApplicable));
        assert_eq!(status(json!({ "OwningService": "" })), None);
        assert_eq!(status(json!({})), None);
    }

    #[test]
    fn a_copy_is_rotated_where_its_primary_is() {
        let of = |primary: &str| {
            rotated_elsewhere(&secret(&json!({ "PrimaryRegion": primary })), "eu-west-1", |region| {
                region == "us-east-1"
            })
        };
        assert_eq!(of("us-east-1").map(|verdict| verdict.status), Some(Status::NotApplicable));
        assert_eq!(of("ap-south-1").map(|verdict| verdict.status), Some(Status::Unknown));
        assert_eq!(of("eu-west-1"), None, "the primary itself");
    }
}
