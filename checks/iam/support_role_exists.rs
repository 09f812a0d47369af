//! Can somebody open a support case during an incident without being administrator? Only roles count: a user with the
//! policy is one more long-lived credential.

use crate::prelude::*;
use posture_estate::services::iam::AuthorizationDetails;

const POLICY: &str = "AWSSupportAccess";

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    Ok(vec![judge(&details, &at.iam().aws_policy_arn(POLICY)).on(at.resource())])
}

fn judge(details: &AuthorizationDetails, arn: &str) -> Verdict {
    let attached = details.attached_to(arn);
    let roles: Vec<&str> = attached.iter().filter_map(|principal| principal.strip_prefix("role ")).collect();
    match (roles.as_slice(), attached.as_slice()) {
        ([], []) => Verdict::fail("no_support_role", format!("no role has {POLICY}")),
        ([], others) => Verdict::fail("no_support_role", format!("no role has {POLICY}, only {}", others.join(", "))),
        (roles, _) => Verdict::pass(format!("{POLICY} is attached to {}", roles.join(", "))),
    }
    .evidence(json!({ "attached_to": attached }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::{AttachedPolicy, RoleDetail, UserDetail};

    const ARN: &str = "arn:aws:iam::aws:policy/AWSSupportAccess";

    fn attached() -> AttachedPolicy {
        AttachedPolicy::builder().policy_name(POLICY).policy_arn(ARN).build()
    }

    #[test]
    fn a_role_is_needed() {
        let mut details = AuthorizationDetails::default();
        assert_eq!(judge(&details, ARN).status, Status::Fail);
        details.users.push(UserDetail::builder().user_name("alice").attached_managed_policies(attached()).build());
        let user_only = judge(&details, ARN);
        assert_eq!(
            (user_only.status, user_only.message.as_str()),
            (Status::Fail, "no role has AWSSupportAccess, only user alice")
        );
        details.roles.push(RoleDetail::builder().role_name("support").attached_managed_policies(attached()).build());
        assert_eq!(judge(&details, ARN).status, Status::Pass);
    }
}
