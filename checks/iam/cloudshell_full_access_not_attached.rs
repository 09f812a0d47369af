//! `AWSCloudShellFullAccess` includes file upload and download: a way out for data that no network control of the
//! account sees. One finding, on the policy, names everybody who has it.

use crate::prelude::*;
use posture_estate::services::iam::AuthorizationDetails;

const POLICY: &str = "AWSCloudShellFullAccess";

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    let arn = at.iam().aws_policy_arn(POLICY);
    let resource = Resource::new(&arn, "AWS::IAM::ManagedPolicy", &arn).name(POLICY);
    Ok(vec![judge(&details, &arn).on(resource)])
}

fn judge(details: &AuthorizationDetails, arn: &str) -> Verdict {
    let attached = details.attached_to(arn);
    match attached.as_slice() {
        [] => Verdict::pass(format!("{POLICY} is attached to no user, group or role")),
        some => Verdict::fail("attached", format!("{POLICY} is attached to {}", some.join(", "))),
    }
    .evidence(json!({ "attached_to": attached }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::{AttachedPolicy, GroupDetail};

    const ARN: &str = "arn:aws:iam::aws:policy/AWSCloudShellFullAccess";

    fn group_with(arn: &str) -> AuthorizationDetails {
        let policy = AttachedPolicy::builder().policy_name(POLICY).policy_arn(arn).build();
        let group = GroupDetail::builder().group_name("ops").attached_managed_policies(policy).build();
        AuthorizationDetails { groups: vec![group], ..AuthorizationDetails::default() }
    }

    #[test]
    fn any_attachment_fails() {
        let verdict = judge(&group_with(ARN), ARN);
        assert_eq!(
            (verdict.status, verdict.message.as_str()),
            (Status::Fail, "AWSCloudShellFullAccess is attached to group ops")
        );
        assert_eq!(judge(&AuthorizationDetails::default(), ARN).status, Status::Pass);
    }

    #[test]
    fn the_customers_own_policy_of_that_name_is_another() {
        assert_eq!(
            judge(&group_with("arn:aws:iam::111122223333:policy/AWSCloudShellFullAccess"), ARN).status,
            Status::Pass
        );
    }
}
