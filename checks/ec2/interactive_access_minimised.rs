//! Is the way in by hand closed: no serial console in the region, and no SSH key pair on its instances?

use crate::prelude::*;
use aws_sdk_ec2::types::Instance;
use posture_estate::services::ec2::{exists, instance_id, of_each};

/// Instances that may have a key pair.
const MAY_HAVE_KEY_PAIR: Setting<Resources> = setting!(interactive_access_minimised.may_have_key_pair);

pub async fn probe(at: &Region) -> Outcome {
    let (console, instances) = tokio::join!(at.ec2().serial_console_access(), at.ec2().instances());
    let console = console.map_or_else(|gap| Verdict::unseen(&gap), |on| judge_console(*on));
    let mut findings = vec![console.sub("serial-console").on(at.resource())];
    findings.extend(of_each(at, "instances", instances, |i| {
        let resource = at.ec2().instance(i);
        exists(i).then(|| judge_key_pair(i, at.setting(MAY_HAVE_KEY_PAIR).has(&resource)).on(resource))
    }));
    Ok(findings)
}

fn judge_console(on: bool) -> Verdict {
    if on {
        Verdict::fail(
            "serial_console_on",
            "serial console access is on: it reaches an instance past security groups and network ACLs",
        )
    } else {
        Verdict::pass("serial console access is off")
    }
    .evidence(json!({"serial_console_access_enabled": on}))
}

fn judge_key_pair(instance: &Instance, listed: bool) -> Verdict {
    let id = instance_id(instance);
    let key = instance.key_name().filter(|name| !name.is_empty());
    match key {
        None => Verdict::pass(format!("instance {id} started without a key pair")),
        Some(key) if listed => Verdict::pass(format!("instance {id} started with the key pair {key}, as listed")),
        Some(key) => Verdict::fail(
            "key_pair",
            format!("instance {id} started with the key pair {key}: whoever holds it can log in"),
        ),
    }
    .evidence(json!({"key_name": key}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn console() {
        assert_eq!(judge_console(true).status, Status::Fail);
        assert_eq!(judge_console(false).status, Status::Pass);
    }

    #[test]
    fn key_pairs() {
        let with = Instance::builder().instance_id("i-1").key_name("ops").build();
        assert_eq!(judge_key_pair(&with, false).status, Status::Fail);
        assert_eq!(judge_key_pair(&with, true).status, Status::Pass);
        let without = Instance::builder().instance_id("i-2").key_name("").build();
        assert_eq!(judge_key_pair(&without, false).status, Status::Pass);
    }
}
