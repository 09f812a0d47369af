//! KMS: the keys of a Region, and what decides about each.
//!
//! `ListKeys` does not tell customer keys from those that AWS manages, so each is described; for an AWS managed key nothing
//! more is asked. KMS speaks JSON: a member that AWS always sends and that is missing makes the answer malformed.

use crate::aws::service::{Quota, Service, Wire};
use crate::place::service;
use crate::aws::answer::required;
use crate::aws::fault::Fault;
use crate::finding::{Gap, Resource};
use crate::place::Answer;
use crate::place::Region;
use aws_sdk_kms::operation::get_key_last_usage::GetKeyLastUsageOutput;
use aws_sdk_kms::operation::get_key_rotation_status::GetKeyRotationStatusOutput;
use aws_sdk_kms::types::{GrantListEntry, KeyListEntry, KeyManagerType, KeyMetadata, KeyState};
use futures_util::future::join_all;

service! {
    /// KMS at an account or in a region.
    kms => Kms by aws_sdk_kms: Service {
        // <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
        quota: Quota::of_operation(5.0, 5.0),
        quotas: &[
            (&["DescribeKey", "ListResourceTags"], Quota::of_operation(2000.0, 2000.0)),
            (&["GetKeyPolicy", "GetKeyRotationStatus"], Quota::of_operation(1000.0, 1000.0)),
            (&["ListAliases", "ListKeys"], Quota::of_operation(500.0, 500.0)),
            (&["ListGrants", "ListKeyPolicies", "ListKeyRotations"], Quota::of_operation(100.0, 100.0)),
        ],
        // The SDK reads its absence as false.
        always: &[("GetKeyRotationStatus", "KeyRotationEnabled")],
        asff: &[("AWS::KMS::Key", "AwsKmsKey")],
        ..Service::new("kms", "KMS", Wire::AwsJson)
    }
}

/// The only policy name that KMS knows.
const POLICY_NAME: &str = "default";

/// One key as listed, and what `DescribeKey` said of it.
pub struct Key {
    pub arn: String,
    pub id: String,
    pub metadata: Answer<KeyMetadata>,
}

impl Kms<'_, Region> {
    /// `kms:ListKeys`, every page: all keys in this Region, also those that AWS manages.
    pub async fn kms_keys(self) -> Answer<Vec<KeyListEntry>> {
        self.ask("ListKeys", "", async move {
            let mut pages = self.client().list_keys().into_paginator().send();
            let mut keys = Vec::new();
            while let Some(page) = pages.next().await {
                keys.extend(required("Keys", page?.keys)?);
            }
            for key in &keys {
                required("Keys[].KeyId", key.key_id())?;
            }
            Ok(keys)
        })
        .await
    }

    /// `kms:DescribeKey`.
    pub async fn kms_key(self, arn: &str) -> Answer<KeyMetadata> {
        self.ask("DescribeKey", arn, async move {
            let key = required("KeyMetadata", self.client().describe_key().key_id(arn).send().await?.key_metadata)?;
            required("KeyMetadata.KeyManager", key.key_manager.as_ref())?;
            required("KeyMetadata.KeyState", key.key_state.as_ref())?;
            Ok(key)
        })
        .await
    }

    /// The customer managed keys, and those of which we could not learn who manages them.
    pub async fn customer_keys(self) -> Result<Vec<Key>, Gap> {
        let listed = self.kms_keys().await?;
        let described = listed.iter().map(|entry| async move {
            // Each has one: a list with a key that has none is malformed.
            let id = entry.key_id().unwrap_or("");
            let arn = entry.key_arn().map_or_else(|| self.arn("kms", &format!("key/{id}")), str::to_owned);
            Key { metadata: self.kms_key(&arn).await, id: id.to_owned(), arn }
        });
        let mut keys = join_all(described).await;
        keys.retain(|key| match &key.metadata {
            Ok(metadata) => metadata.key_manager() != Some(&KeyManagerType::Aws),
            Err(_) => true,
        });
        Ok(keys)
    }

    /// `kms:GetKeyPolicy`: the key policy, JSON.
    pub async fn key_policy(self, arn: &str) -> Answer<String> {
        self.ask("GetKeyPolicy", arn, async move {
            let answer = self.client().get_key_policy().key_id(arn).policy_name(POLICY_NAME).send().await?;
            let text = required("Policy", answer.policy)?;
            serde_json::from_str::<serde_json::Value>(&text)
                .map_err(|e| Fault::malformed(format!("the key policy is not JSON: {e}")))?;
            Ok(text)
        })
        .await
    }

    /// `kms:GetKeyRotationStatus`. The SDK reads a missing `KeyRotationEnabled` as false; by the row it makes the answer malformed.
    pub async fn key_rotation(self, arn: &str) -> Answer<GetKeyRotationStatusOutput> {
        self.ask("GetKeyRotationStatus", arn, async move {
            Ok(self.client().get_key_rotation_status().key_id(arn).send().await?)
        })
        .await
    }

    /// `kms:ListGrants` of one key, every page.
    pub async fn key_grants(self, arn: &str) -> Answer<Vec<GrantListEntry>> {
        self.ask("ListGrants", arn, async move {
            let mut pages = self.client().list_grants().key_id(arn).into_paginator().send();
            let mut grants = Vec::new();
            while let Some(page) = pages.next().await {
                grants.extend(required("Grants", page?.grants)?);
            }
            Ok(grants)
        })
        .await
    }

    /// `kms:GetKeyLastUsage`: when the key last did cryptographic work, as far back as KMS has kept count.
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html>
    pub async fn key_last_usage(self, arn: &str) -> Answer<GetKeyLastUsageOutput> {
        self.ask("GetKeyLastUsage", arn, async move {
            let usage = self.client().get_key_last_usage().key_id(arn).send().await?;
            required("TrackingStartDate", usage.tracking_start_date.as_ref())?;
            Ok(usage)
        })
        .await
    }

    /// `kms:ListResourceTags` of one key, every page, as pairs.
    pub async fn key_tags(self, arn: &str) -> Answer<Vec<(String, String)>> {
        self.ask("ListResourceTags", arn, async move {
            let mut pages = self.client().list_resource_tags().key_id(arn).into_paginator().send();
            let mut tags = Vec::new();
            while let Some(page) = pages.next().await {
                let page = required("Tags", page?.tags)?;
                tags.extend(page.into_iter().map(|t| (t.tag_key, t.tag_value)));
            }
            Ok(tags)
        })
        .await
    }
}

impl Key {
    /// The key as the resource of a finding, named by its description.
    pub fn resource(&self) -> Resource {
        let resource = Resource::new(&self.arn, "AWS::KMS::Key", &self.id);
        match self.metadata.as_ref().ok().and_then(|m| m.description()).filter(|d| !d.is_empty()) {
            Some(description) => resource.name(description),
            None => resource,
        }
    }
}

/// Whether the key can do cryptographic work: it has material, is enabled and stays. A state that is not known counts.
pub fn is_usable(key: &KeyMetadata) -> bool {
    use KeyState::{Creating, Disabled, PendingDeletion, PendingImport, PendingReplicaDeletion};
    !matches!(key.key_state(), Some(PendingDeletion | PendingReplicaDeletion | Disabled | PendingImport | Creating))
}
