//! Is every running instance a managed node of Systems Manager that is online? That takes the agent, a way to the service, and rights from the
//! instance's profile or from Default Host Management Configuration.

use crate::prelude::*;
use aws_sdk_ec2::types::Instance;
use posture_estate::services::ec2::{instance_id, runs};
use posture_estate::services::ssm::{HOST_MANAGEMENT, Node};
use std::collections::HashMap;

/// Instances that cannot or need not be managed, such as appliances without the agent.
const UNMANAGED: Setting<Resources> = setting!(instance_managed_by_ssm.unmanaged);

/// An instance that was started this little ago may not have registered yet, in seconds.
const STARTING: i64 = 3600;

pub async fn probe(at: &Region) -> Outcome {
    let instances = at.ec2().instances().await?;
    let running: Vec<&Instance> = instances.iter().filter(|i| runs(i)).collect();
    if running.is_empty() {
        return Ok(vec![Verdict::not_applicable("no instance is running").on(at.resource())]);
    }
    let nodes = at.ssm().nodes().await?;
    let nodes: HashMap<&str, &Node> = nodes.iter().map(|node| (node.instance_id.as_str(), node)).collect();
    let online = |i: &Instance| nodes.get(instance_id(i)).is_some_and(|node| node.is_online());
    let role = match running.iter().all(|i| online(i)) {
        true => None,
        // What may be missing; the verdict does not rest on it.
        false => at.ssm().service_setting(HOST_MANAGEMENT).await.ok(),
    };
    let role = host_management(role.as_ref().map(|role| role.there().map(String::as_str)));
    Ok(running
        .into_iter()
        .map(|i| {
            let resource = at.ec2().instance(i);
            let listed = at.setting(UNMANAGED).has(&resource);
            judge(i, nodes.get(instance_id(i)).copied(), role, listed, at.now()).on(resource)
        })
        .collect())
}

/// Whether the account lets Systems Manager manage instances without a profile, for the message.
fn host_management(role: Option<Option<&str>>) -> &'static str {
    match role {
        None => "whether Default Host Management Configuration is on was not seen",
        Some(None | Some("" | "$None")) => "Default Host Management Configuration is off",
        Some(Some(_)) => "Default Host Management Configuration is on",
    }
}

fn judge(instance: &Instance, node: Option<&Node>, management: &str, listed: bool, now: &DateTime) -> Verdict {
    let id = instance_id(instance);
    let profile = instance.iam_instance_profile().and_then(|profile| profile.arn().or(profile.id()));
    let starting = instance.launch_time().is_some_and(|start| now.secs() - start.secs() < STARTING);
    let with = if profile.is_some() { "an instance profile" } else { "no instance profile" };
    match node {
        Some(node) if node.is_online() => Verdict::pass(format!("instance {id} is an online managed node")),
        _ if listed => Verdict::not_applicable(format!("instance {id} is listed as not to be managed")),
        _ if starting => Verdict::undecided(format!("instance {id} was started within the hour and is not online yet")),
        Some(node) => Verdict::fail(
            "not_online",
            format!("instance {id} is a managed node that is not online: {}", node.ping_status),
        ),
        None => {
            Verdict::fail("not_managed", format!("instance {id} is no managed node; it has {with}, and {management}"))
        }
    }
    .evidence(json!({ "instance_profile": profile, "ping_status": node.map(|node| &node.ping_status) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::IamInstanceProfile;

    fn now() -> DateTime {
        DateTime::from_secs(1_800_000_000)
    }

    fn node(ping: &str) -> Node {
        serde_json::from_value(json!({ "InstanceId": "i-1", "PingStatus": ping })).unwrap()
    }

    fn of(node: Option<&Node>, age: i64, listed: bool) -> Verdict {
        let started = DateTime::from_secs(now().secs() - age);
        let instance = Instance::builder().instance_id("i-1").launch_time(started).build();
        judge(&instance, node, "Default Host Management Configuration is off", listed, &now())
    }

    #[test]
    fn a_running_instance_is_a_node_that_is_online() {
        assert_eq!(of(Some(&node("Online")), 90_000, false).status, Status::Pass);
        assert_eq!(of(Some(&node("ConnectionLost")), 90_000, false).reasons, ["not_online"]);
        assert_eq!(of(None, 90_000, false).reasons, ["not_managed"]);
        assert_eq!(of(None, 90_000, true).status, Status::NotApplicable);
        assert_eq!(of(None, 600, false).status, Status::Unknown, "it may be on its way");
    }

    #[test]
    fn the_message_tells_what_may_be_missing() {
        let profile = IamInstanceProfile::builder().arn("arn:aws:iam::111122223333:instance-profile/web").build();
        let instance = Instance::builder().instance_id("i-1").iam_instance_profile(profile).build();
        let with = judge(&instance, None, host_management(Some(None)), false, &now());
        assert_eq!(
            with.message,
            "instance i-1 is no managed node; it has an instance profile, and Default Host Management Configuration is off"
        );
        assert!(of(None, 90_000, false).message.contains("has no instance profile"));
        assert!(
            host_management(Some(Some("role"))).ends_with("is on")
                && host_management(Some(Some("$None"))).ends_with("is off")
        );
        assert!(host_management(None).ends_with("was not seen"));
    }
}
