//! IAM Identity Center: its instances, the permission sets of one, what each holds, and who gets it in which account.
//!
//! Every account may list the instances that it sees; the rest AWS answers only to the owner of the instance and to the organization's
//! delegated administrator (<https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html>).

use crate::aws::answer::absent;
use crate::aws::reading::{items, member, whole};
use crate::aws::service::{Quota, Service, Wire};
use crate::finding::{Gap, Resource};
use crate::place::{Account, Answer, Region, service};
use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::json;

service! {
    /// IAM Identity Center at an account or in a region.
    sso_admin => SsoAdmin model "sso-admin": Service {
        iam_prefix: "sso",
        // All operations together. <https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html>
        quota: Quota::of_service(20.0, 20.0),
        reads: &[
            ("DescribeInstanceAccessControlAttributeConfiguration", whole::<AccessControlAttributes>),
            ("DescribePermissionSet", |v| member::<PermissionSet>(v, "PermissionSet")),
            ("GetInlinePolicyForPermissionSet", |v| member::<String>(v, "InlinePolicy")),
            ("GetPermissionsBoundaryForPermissionSet", |v| member::<SetBoundary>(v, "PermissionsBoundary")),
            ("ListAccountAssignments", |v| items::<Assignment>(v, "AccountAssignments")),
            ("ListAccountsForProvisionedPermissionSet", |v| items::<String>(v, "AccountIds")),
            ("ListCustomerManagedPolicyReferencesInPermissionSet", |v| {
                items::<CustomerPolicy>(v, "CustomerManagedPolicyReferences")
            }),
            ("ListInstances", |v| items::<IdentityCenter>(v, "Instances")),
            ("ListManagedPoliciesInPermissionSet", |v| items::<AwsPolicy>(v, "AttachedManagedPolicies")),
            ("ListPermissionSets", |v| items::<String>(v, "PermissionSets")),
        ],
        ..Service::new("sso-admin", "IAM Identity Center", Wire::AwsJson)
    }
}

/// The service principal by which its administration is delegated.
pub const PRINCIPAL: &str = "sso.amazonaws.com";

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

impl IdentityCenter {
    pub fn is_active(&self) -> bool {
        self.status == "ACTIVE"
    }

    /// `ssoins-…`
    pub fn id(&self) -> &str {
        self.instance_arn.rsplit('/').next().unwrap_or(&self.instance_arn)
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
    fn of(answers: impl IntoIterator<Item = (String, Answer<Vec<IdentityCenter>>)>) -> Self {
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
        let id = self.permission_set_arn.rsplit('/').next().unwrap_or(&self.permission_set_arn);
        Resource::new(&self.permission_set_arn, "AWS::SSO::PermissionSet", id).name(&self.name)
    }
}

/// How many seconds an ISO 8601 duration of weeks, days, hours, minutes and seconds is; `None` for anything else, months and years
/// included, which have no length of their own.
pub fn duration_seconds(text: &str) -> Option<u64> {
    let (date, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (text.strip_prefix('P')?, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let total = |part: &str, units: &[(char, u64)]| {
        let (mut total, mut digits, mut next) = (0_u64, String::new(), 0);
        for c in part.chars() {
            if c.is_ascii_digit() {
                digits.push(c);
                continue;
            }
            let place = units.iter().skip(next).position(|(unit, _)| *unit == c)?;
            next += place + 1;
            let count: u64 = std::mem::take(&mut digits).parse().ok()?;
            total = total.checked_add(count.checked_mul(units.get(next - 1)?.1)?)?;
        }
        digits.is_empty().then_some(total)
    };
    let days = total(date, &[('W', 604_800), ('D', 86_400)])?;
    days.checked_add(total(time, &[('H', 3_600), ('M', 60), ('S', 1)])?)
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

impl SsoAdmin<'_, Account> {
    /// `sso-admin:ListInstances` in every Region of the scan: the instances that the account sees.
    pub async fn identity_centers(self) -> IdentityCenters {
        let at = self.0;
        let ask =
            at.regions().iter().map(async |name| (name.clone(), at.region(name).sso_admin().instances().await));
        IdentityCenters::of(join_all(ask).await)
    }
}

impl SsoAdmin<'_, Region> {
    /// `sso-admin:ListInstances`, every page.
    pub async fn instances(self) -> Answer<Vec<IdentityCenter>> {
        self.ask("ListInstances", "", async move {
            Ok(self.client()?.items("ListInstances", json!({}), "Instances").await?)
        })
        .await
    }

    /// `sso-admin:ListPermissionSets`, every page: the ARNs of an instance's permission sets.
    pub async fn permission_set_arns(self, instance: &str) -> Answer<Vec<String>> {
        self.ask("ListPermissionSets", instance, async move {
            let of = json!({ "InstanceArn": instance });
            Ok(self.client()?.items("ListPermissionSets", of, "PermissionSets").await?)
        })
        .await
    }

    /// `sso-admin:DescribePermissionSet`.
    pub async fn permission_set(self, instance: &str, set: &str) -> Answer<PermissionSet> {
        self.ask("DescribePermissionSet", set, async move {
            Ok(self.client()?.member("DescribePermissionSet", of(instance, set), "PermissionSet").await?)
        })
        .await
    }

    /// Every permission set of an instance, by its ARN, described: `sso-admin:ListPermissionSets`, then
    /// `sso-admin:DescribePermissionSet` for each.
    ///
    /// # Errors
    /// Why they could not be listed; one that could not be described is a gap of its own.
    pub async fn permission_sets(self, instance: &str) -> Result<Vec<(String, Answer<PermissionSet>)>, Gap> {
        let arns = self.permission_set_arns(instance).await?;
        let ask = arns.iter().map(async |set| (set.clone(), self.permission_set(instance, set).await));
        // One that was deleted since it was listed is not there to be judged.
        let described = join_all(ask).await.into_iter();
        Ok(described.filter(|(_, set)| !set.as_ref().is_err_and(|gap| gap.is(GONE))).collect())
    }

    /// `sso-admin:GetInlinePolicyForPermissionSet`; `None` when it has none, which AWS says by an empty text.
    pub async fn inline_policy(self, instance: &str, set: &str) -> Answer<Option<String>> {
        self.ask("GetInlinePolicyForPermissionSet", set, async move {
            let ask = self.client()?;
            let text: String =
                ask.member("GetInlinePolicyForPermissionSet", of(instance, set), "InlinePolicy").await?;
            Ok((!text.is_empty()).then_some(text))
        })
        .await
    }

    /// `sso-admin:ListManagedPoliciesInPermissionSet`, every page: AWS managed policies.
    pub async fn aws_policies(self, instance: &str, set: &str) -> Answer<Vec<AwsPolicy>> {
        self.ask("ListManagedPoliciesInPermissionSet", set, async move {
            let (ask, list) = (self.client()?, "AttachedManagedPolicies");
            Ok(ask.items("ListManagedPoliciesInPermissionSet", of(instance, set), list).await?)
        })
        .await
    }

    /// `sso-admin:ListCustomerManagedPolicyReferencesInPermissionSet`, every page.
    pub async fn customer_policies(self, instance: &str, set: &str) -> Answer<Vec<CustomerPolicy>> {
        self.ask("ListCustomerManagedPolicyReferencesInPermissionSet", set, async move {
            let (ask, list) = (self.client()?, "CustomerManagedPolicyReferences");
            Ok(ask.items("ListCustomerManagedPolicyReferencesInPermissionSet", of(instance, set), list).await?)
        })
        .await
    }

    /// `sso-admin:GetPermissionsBoundaryForPermissionSet`; `None` when it has none.
    pub async fn set_boundary(self, instance: &str, set: &str) -> Answer<Option<SetBoundary>> {
        self.ask("GetPermissionsBoundaryForPermissionSet", set, async move {
            let (ask, path) = (self.client()?, "PermissionsBoundary");
            let answer = ask.member("GetPermissionsBoundaryForPermissionSet", of(instance, set), path).await;
            absent(answer, &[GONE])
        })
        .await
    }

    /// `sso-admin:ListAccountsForProvisionedPermissionSet`, every page: the accounts that have a role of the permission set.
    pub async fn provisioned_accounts(self, instance: &str, set: &str) -> Answer<Vec<String>> {
        self.ask("ListAccountsForProvisionedPermissionSet", set, async move {
            let (ask, list) = (self.client()?, "AccountIds");
            Ok(ask.items("ListAccountsForProvisionedPermissionSet", of(instance, set), list).await?)
        })
        .await
    }

    /// `sso-admin:ListAccountAssignments`, every page: who gets the permission set in one account.
    pub async fn assignments(self, instance: &str, set: &str, account: &str) -> Answer<Vec<Assignment>> {
        self.ask("ListAccountAssignments", [set, account].join(" "), async move {
            let of = json!({ "InstanceArn": instance, "PermissionSetArn": set, "AccountId": account });
            Ok(self.client()?.items("ListAccountAssignments", of, "AccountAssignments").await?)
        })
        .await
    }

    /// Who gets a permission set, in every account that has it.
    ///
    /// # Errors
    /// Why the accounts could not be listed; an account whose assignments could not is a gap among the answers.
    pub async fn assigned(self, instance: &str, set: &str) -> Result<Vec<Answer<Vec<Assignment>>>, Gap> {
        let accounts = self.provisioned_accounts(instance, set).await?;
        Ok(join_all(accounts.iter().map(|account| self.assignments(instance, set, account))).await)
    }

    /// `sso-admin:DescribeInstanceAccessControlAttributeConfiguration`; `None` where attributes for access control are off.
    pub async fn access_control_attributes(self, instance: &str) -> Answer<Option<AccessControlAttributes>> {
        self.ask("DescribeInstanceAccessControlAttributeConfiguration", instance, async move {
            let (ask, of) = (self.client()?, json!({ "InstanceArn": instance }));
            absent(ask.call("DescribeInstanceAccessControlAttributeConfiguration", of).await, &[GONE])
        })
        .await
    }
}

/// What AWS answers for what is not there, be it because it was deleted.
pub const GONE: &str = "ResourceNotFoundException";

fn of(instance: &str, set: &str) -> serde_json::Value {
    json!({ "InstanceArn": instance, "PermissionSetArn": set })
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

    #[test]
    fn durations_are_iso_8601() {
        for (text, seconds) in [
            ("PT1H", Some(3_600)),
            ("PT12H", Some(43_200)),
            ("PT1H30M", Some(5_400)),
            ("PT90M", Some(5_400)),
            ("PT3600S", Some(3_600)),
            ("P1D", Some(86_400)),
            ("P1DT1H", Some(90_000)),
            ("P1W", Some(604_800)),
            ("P1M", None),
            ("P1Y", None),
            ("P", None),
            ("PT", None),
            ("P1DT", None),
            ("PTH", None),
            ("PT1", None),
            ("PT1M1H", None),
            ("-PT1H", None),
            ("3600", None),
            ("", None),
            ("PT99999999999999999999H", None),
        ] {
            assert_eq!(duration_seconds(text), seconds, "{text}");
        }
    }
}
