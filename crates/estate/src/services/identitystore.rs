//! The identity store of IAM Identity Center: the users that it knows, and whether another directory sent them.

use crate::aws::reading::items;
use crate::aws::service::{Quota, Service, Wire};
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// The identity store in a region.
    identity_store => IdentityStore model "identitystore": Service {
        // <https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html>
        quota: Quota::of_service(20.0, 20.0),
        // What is personal and nobody looks at.
        secrets: &["Addresses", "Birthdate", "DisplayName", "Emails", "Name", "NickName", "PhoneNumbers", "Photos", "ProfileUrl"],
        reads: &[("ListUsers", |v| items::<DirectoryUser>(v, "Users"))],
        ..Service::new("identitystore", "the identity store", Wire::AwsJson)
    }
}

/// A user of an identity store. <https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_User.html>
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DirectoryUser {
    pub user_id: String,
    pub user_name: Option<String>,
    /// What other directories call the user; none of one that was made in the identity store itself.
    #[serde(default)]
    pub external_ids: Vec<ExternalId>,
    /// `ENABLED`, `DISABLED`
    pub user_status: Option<String>,
}

/// What a directory calls a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExternalId {
    pub issuer: String,
    pub id: String,
}

impl DirectoryUser {
    /// The name that people sign in by; where there is none, the id.
    pub fn name(&self) -> &str {
        self.user_name.as_deref().unwrap_or(&self.user_id)
    }

    /// Nobody signs in as one that is disabled.
    pub fn is_disabled(&self) -> bool {
        self.user_status.as_deref() == Some("DISABLED")
    }
}

impl IdentityStore<'_, Region> {
    /// `identitystore:ListUsers`, every page.
    pub async fn directory_users(self, store: &str) -> Answer<Vec<DirectoryUser>> {
        self.ask("ListUsers", store, async move {
            Ok(self.client()?.items("ListUsers", json!({ "IdentityStoreId": store }), "Users").await?)
        })
        .await
    }
}
