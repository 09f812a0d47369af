//! What answers of IAM Identity Center are made of, as far as somebody looks at it.

use crate::finding::{Gap, Resource};
use crate::place::Answer;
use serde::Deserialize;

/// An instance: the organization's, or one that an account has for itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IdentityCenter {
    pub instance_arn: String,
    /// `d-…`
    pub identity_store_id: String,
    /// Of the organization's instance, the management account.
    pub owner_account_id: String,
    /// `ACTIVE`, `CREATE_IN_PROGRESS`, `CREATE_FAILED`, `DELETE_IN_PROGRESS`
    pub status: String,
    /// Where it was enabled; it may be replicated to others.
    pub primary_region: Option<String>,
}

/// The last part of an ARN: the id of an instance or a permission set, the name of a policy.
pub fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

impl IdentityCenter {
    pub fn is_active(&self) -> bool {
        self.status == "ACTIVE"
    }

    /// `ssoins-…`
    pub fn id(&self) -> &str {
        last_part(&self.instance_arn)
    }

    pub fn resource(&self) -> Resource {
        Resource::new(&self.instance_arn, "AWS::SSO::Instance", self.id())
    }
}

/// The instances that the account sees in the Regions of the scan, each with a Region to ask it in.
#[derive(Clone, Debug, Default)]
pub struct IdentityCenters {
    pub seen: Vec<(String, IdentityCenter)>,
    /// Why there may be more.
    pub gaps: Vec<Gap>,
}

impl IdentityCenters {
    /// Each instance once: a replicated one shows in several Regions, and is asked in its primary one if that is in the scan.
    pub(super) fn of(answers: impl IntoIterator<Item = (String, Answer<Vec<IdentityCenter>>)>) -> Self {
        let mut all = Self::default();
        for (region, answer) in answers {
            match answer {
                Ok(instances) => {
                    for one in instances.iter() {
                        let known = all.seen.iter_mut().find(|(_, known)| known.instance_arn == one.instance_arn);
                        match known {
                            Some((at, _)) if one.primary_region.as_ref() == Some(&region) => at.clone_from(&region),
                            Some(_) => {}
                            None => all.seen.push((region.clone(), one.clone())),
                        }
                    }
                }
                Err(gap) => all.gaps.push(gap),
            }
        }
        all
    }

    /// The instance that the account owns, by the Region to ask it in.
    pub fn owned_by(&self, account: &str) -> Option<(&str, &IdentityCenter)> {
        let found = self.seen.iter().find(|(_, one)| one.owner_account_id == account);
        found.map(|(region, one)| (region.as_str(), one))
    }
}

/// <https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PermissionSet.html>
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PermissionSet {
    pub name: String,
    pub permission_set_arn: String,
    /// ISO 8601: `PT1H`.
    pub session_duration: Option<String>,
}

impl PermissionSet {
    /// `ssoins-…/ps-…`, which CloudFormation and the console show with its instance.
    pub fn resource(&self) -> Resource {
        Resource::new(&self.permission_set_arn, "AWS::SSO::PermissionSet", last_part(&self.permission_set_arn)).name(&self.name)
    }
}

/// An AWS managed policy of a permission set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AwsPolicy {
    pub name: String,
    pub arn: String,
}

/// A policy of the account into which a permission set is put, by name and path.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CustomerPolicy {
    pub name: String,
    /// `/` where it is not given.
    pub path: Option<String>,
}

/// What caps the roles of a permission set: one of the two.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SetBoundary {
    pub customer_managed_policy_reference: Option<CustomerPolicy>,
    pub managed_policy_arn: Option<String>,
}

/// Who gets a permission set in an account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Assignment {
    pub account_id: String,
    /// `USER`, `GROUP`
    pub principal_type: String,
    pub principal_id: String,
}

/// Which attributes of users become session tags.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessControlAttributes {
    /// `ENABLED`, `CREATION_IN_PROGRESS`, `CREATION_FAILED`
    pub status: String,
    pub instance_access_control_attribute_configuration: Option<AttributeList>,
}

/// The attributes that an instance maps itself; those that an identity provider sends are not among them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttributeList {
    pub access_control_attributes: Vec<Attribute>,
}

/// The tag that an attribute becomes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attribute {
    pub key: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::GapKind;
    use std::sync::Arc;

    fn center(arn: &str, owner: &str, primary: Option<&str>) -> IdentityCenter {
        IdentityCenter {
            instance_arn: arn.into(),
            identity_store_id: "d-1234567890".into(),
            owner_account_id: owner.into(),
            status: "ACTIVE".into(),
            primary_region: primary.map(str::to_owned),
        }
    }

    #[test]
    fn a_replicated_instance_is_one_and_is_asked_in_its_primary_region() {
        let gap = Gap::new("1", "us-west-2", "sso-admin:ListInstances", GapKind::Denied, "no");
        let here = |primary| Ok(Arc::new(vec![center("arn:aws:sso:::instance/ssoins-1", "1", primary)]));
        let of = |primary| {
            IdentityCenters::of([
                ("eu-west-1".to_owned(), here(primary)),
                ("us-east-1".to_owned(), here(primary)),
                ("us-west-2".to_owned(), Err(gap.clone())),
            ])
        };
        for (primary, region) in [(None, "eu-west-1"), (Some("us-east-1"), "us-east-1"), (Some("sa-east-1"), "eu-west-1")] {
            let all = of(primary);
            assert_eq!(all.seen.len(), 1);
            assert_eq!(all.owned_by("1").map(|(region, one)| (region, one.id())), Some((region, "ssoins-1")));
            assert_eq!((all.owned_by("2"), all.gaps.len()), (None, 1));
        }
    }
}
