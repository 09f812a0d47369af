//! Does every secret rotate that can? Those of partners, which Secrets Manager rotates at the partner, count like any other.

use super::{per_secret, rotated_elsewhere};
use crate::prelude::*;
use posture_estate::services::secretsmanager::Secret;

/// Secrets that nothing can rotate.
const CANNOT_ROTATE: Setting<Resources> = setting!(rotation_enabled.cannot_rotate);

pub async fn probe(at: &Region) -> Outcome {
    let cannot = at.setting(CANNOT_ROTATE);
    per_secret(at, |secret| {
        rotated_elsewhere(secret, at.name(), |region| at.account().in_scope(region))
            .unwrap_or_else(|| judge(secret, cannot))
    })
    .await
}

fn judge(secret: &Secret, cannot: &Resources) -> Verdict {
    let name = &secret.name;
    match secret.rotation_enabled {
        Some(true) => Verdict::pass(format!("secret {name} rotates by itself")),
        // It is left out where rotation was never set up.
        Some(false) | None if cannot.has(&secret.resource()) => {
            Verdict::not_applicable(format!("secret {name} is listed as one that cannot rotate"))
        }
        Some(false) => Verdict::fail("rotation_off", format!("rotation of secret {name} is off")),
        None => Verdict::fail("rotation_off", format!("rotation of secret {name} was never set up")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secretsmanager::secret;

    fn of(more: serde_json::Value, cannot: &[&str]) -> Status {
        judge(&secret(&more), &Resources::parse(cannot).unwrap()).status
    }

    #[test]
    fn a_secret_rotates_or_is_listed() {
        assert_eq!(of(json!({ "RotationEnabled": true }), &[]), Status::Pass);
        assert_eq!(of(json!({ "RotationEnabled": false }), &[]), Status::Fail);
        assert_eq!(of(json!({}), &[]), Status::Fail, "AWS says nothing where it was never set up");
        assert_eq!(of(json!({}), &["db"]), Status::NotApplicable);
        assert_eq!(
            of(json!({ "Tags": [{ "Key": "rotation", "Value": "manual" }] }), &["tag:rotation=manual"]),
            Status::NotApplicable
        );
        assert_eq!(of(json!({ "RotationEnabled": true }), &["db"]), Status::Pass);
    }

    #[test]
    fn a_partners_secret_is_judged_like_any_other() {
        // semantics 50
        let partner = |rotates: bool| json!({ "Type": "SalesforceClientSecret", "RotationEnabled": rotates });
        assert_eq!(of(partner(true), &[]), Status::Pass);
        assert_eq!(of(partner(false), &[]), Status::Fail);
    }
}
