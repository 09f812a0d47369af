//! Does every running instance have an IAM role? Without one, whatever calls AWS from there does it with keys on its
//! disk.

use crate::prelude::*;
use aws_sdk_ec2::types::Instance;
use posture_estate::services::ec2::{instance_id, runs};

/// Instances known to need nothing from AWS.
const NEED_NO_ACCESS: Setting<Resources> = setting!(instance_profile_attached.need_no_access);

pub async fn probe(at: &Region) -> Outcome {
    let instances = at.ec2().instances().await?;
    let judged = |i: &Instance| {
        let resource = at.ec2().instance(i);
        judge(i, at.setting(NEED_NO_ACCESS).has(&resource)).on(resource)
    };
    Ok(instances.iter().filter(|i| runs(i)).map(judged).collect())
}

fn judge(instance: &Instance, listed: bool) -> Verdict {
    let id = instance_id(instance);
    let profile = instance.iam_instance_profile().map(|profile| profile.arn().or(profile.id()).unwrap_or("unnamed"));
    match profile {
        Some(profile) => Verdict::pass(format!("instance {id} has the instance profile {profile}")),
        None if listed => {
            Verdict::not_applicable(format!("instance {id} has no instance profile and is listed as needing none"))
        }
        None => Verdict::fail("no_instance_profile", format!("instance {id} is running without an instance profile")),
    }
    .evidence(json!({"instance_profile": profile}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{IamInstanceProfile, InstanceState, InstanceStateName};

    #[test]
    fn both_sides() {
        let without = Instance::builder().instance_id("i-1").build();
        assert_eq!(judge(&without, false).status, Status::Fail);
        assert_eq!(judge(&without, true).status, Status::NotApplicable);
        let profile = IamInstanceProfile::builder().arn("arn:aws:iam::123456789012:instance-profile/web").build();
        let with = Instance::builder().instance_id("i-2").iam_instance_profile(profile).build();
        assert_eq!(judge(&with, false).status, Status::Pass);
    }

    #[test]
    fn a_stopped_instance_is_left_out() {
        let in_state = |name| Instance::builder().state(InstanceState::builder().name(name).build()).build();
        assert!(!runs(&in_state(InstanceStateName::Stopped)));
        assert!(runs(&in_state(InstanceStateName::Running)));
        assert!(runs(&Instance::builder().build()));
    }
}
