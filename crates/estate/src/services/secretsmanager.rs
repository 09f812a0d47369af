//! Secrets Manager: what the list says of each secret, and the policy of one. A value of a secret is never asked for.

use crate::aws::model::Time;
use crate::aws::reading::{items, whole};
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

service! {
    /// Secrets Manager at an account or in a region.
    secretsmanager => SecretsManager model "secretsmanager": Service {
        asff: &[("AWS::SecretsManager::Secret", "AwsSecretsManagerSecret")],
        reads: &[
            ("GetResourcePolicy", whole::<SecretPolicy>),
            ("ListSecrets", |v| items::<Secret>(v, "SecretList")),
        ],
        ..Service::new("secretsmanager", "Secrets Manager", Wire::AwsJson)
    }
}

/// How AWS says that a secret was deleted, or marked to be, after it was listed.
pub const GONE: &[&str] = &["ResourceNotFoundException", "InvalidRequestException"];

/// Secrets on a page, at most (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html>).
const A_PAGE: i64 = 100;

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Secret {
    #[serde(rename = "ARN")]
    pub arn: String,
    pub name: String,
    pub created_date: Time,
    /// Absent where rotation was never set up.
    pub rotation_enabled: Option<bool>,
    /// When a rotation last ended well; absent where none did.
    pub last_rotated_date: Option<Time>,
    /// When anything of it was changed: the value, but a tag as well.
    pub last_changed_date: Option<Time>,
    /// The day on which it was last read in this Region; absent where it never was.
    pub last_accessed_date: Option<Time>,
    /// The next rotation comes at that moment at the latest.
    pub next_rotation_date: Option<Time>,
    /// Absent where the key is the one that AWS manages, `aws/secretsmanager`.
    pub kms_key_id: Option<String>,
    /// The AWS service that made it and rotates it, `rds`.
    pub owning_service: Option<String>,
    primary_region: Option<String>,
    #[serde(default)]
    secret_versions_to_stages: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

/// Where a secret stands among its copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copies<'a> {
    /// It has none.
    None,
    /// It is the one that the others are copied from.
    Primary,
    /// It is a copy of that in this Region.
    Of(&'a str),
}

impl Secret {
    /// The secret as the resource of a finding.
    pub fn resource(&self) -> Resource {
        let tags = self.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
        Resource::new(&self.arn, "AWS::SecretsManager::Secret", &self.name).tags(tags)
    }

    /// Where it stands among its copies, seen from the Region that listed it.
    pub fn copies(&self, region: &str) -> Copies<'_> {
        match self.primary_region.as_deref() {
            None => Copies::None,
            Some(primary) if primary == region => Copies::Primary,
            Some(primary) => Copies::Of(primary),
        }
    }

    /// Whether a rotation has begun and has not come to its end, well or not: a new version is pending and is not the current one.
    /// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html>
    pub fn is_rotation_open(&self) -> bool {
        let has = |stages: &[String], stage: &str| stages.iter().any(|one| one == stage);
        self.secret_versions_to_stages.values().any(|stages| has(stages, "AWSPENDING") && !has(stages, "AWSCURRENT"))
    }
}

/// The policy of a secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SecretPolicy {
    /// Always there, so that an empty answer is not taken for "there is none".
    #[serde(rename = "ARN")]
    _arn: String,
    /// JSON; absent where there is none.
    resource_policy: Option<String>,
}

impl SecretsManager<'_, Region> {
    /// `secretsmanager:ListSecrets`, every page: without those that are marked for deletion, which nobody can read.
    pub async fn secrets(self) -> Answer<Vec<Secret>> {
        self.ask("ListSecrets", "", async move {
            Ok(self.client()?.items("ListSecrets", json!({ "MaxResults": A_PAGE }), "SecretList").await?)
        })
        .await
    }

    /// `secretsmanager:GetResourcePolicy`: who may use the secret besides identities of the account, JSON.
    pub async fn secret_policy(self, arn: &str) -> Answer<Option<String>> {
        self.ask("GetResourcePolicy", arn, async move {
            let policy: SecretPolicy = self.client()?.call("GetResourcePolicy", json!({ "SecretId": arn })).await?;
            Ok(policy.resource_policy)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(more: serde_json::Value) -> Secret {
        let mut secret = json!({ "ARN": "arn", "Name": "a", "CreatedDate": "2026-01-01T00:00:00Z" });
        secret.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(secret).unwrap()
    }

    #[test]
    fn a_rotation_is_open_while_a_version_is_pending_that_is_not_current() {
        let open = |stages: serde_json::Value| secret(json!({ "SecretVersionsToStages": stages })).is_rotation_open();
        assert!(open(json!({ "a": ["AWSCURRENT"], "b": ["AWSPENDING"] })));
        assert!(!open(json!({ "a": ["AWSCURRENT", "AWSPENDING"], "b": ["AWSPREVIOUS"] })));
        assert!(!secret(json!({})).is_rotation_open());
    }

    #[test]
    fn a_copy_is_known_by_the_region_of_its_primary() {
        let copies = |primary: serde_json::Value| {
            let secret = secret(json!({ "PrimaryRegion": primary }));
            format!("{:?}", secret.copies("eu-west-1"))
        };
        assert_eq!(copies(json!("eu-west-1")), "Primary");
        assert_eq!(copies(json!("us-east-1")), r#"Of("us-east-1")"#);
        assert_eq!(copies(json!(null)), "None");
    }

    #[test]
    fn no_policy_is_said_by_an_answer_with_the_secret_in_it() {
        assert!(serde_json::from_value::<SecretPolicy>(json!({})).is_err());
        let none: SecretPolicy = serde_json::from_value(json!({ "ARN": "arn", "Name": "a" })).unwrap();
        assert_eq!(none.resource_policy, None);
    }
}
