//! IAM Identity Center: its instances, the permission sets of one, what each holds, and who gets it in which account.
//!
//! Every account may list the instances that it sees; the rest AWS answers only to the owner of the instance and to the organization's
//! delegated administrator (<https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html>).

mod duration;
mod shapes;

pub use duration::duration_seconds;
pub use shapes::last_part;
pub use shapes::{
    AccessControlAttributes, Assignment, Attribute, AttributeList, AwsPolicy, CustomerPolicy, IdentityCenter,
    IdentityCenters, PermissionSet, SetBoundary,
};

use crate::aws::answer::absent;
use crate::aws::reading::{items, member, whole};
use crate::aws::service::{Quota, Service, Wire};
use crate::finding::Gap;
use crate::place::{Account, Answer, Region, service};
use futures_util::future::join_all;
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
