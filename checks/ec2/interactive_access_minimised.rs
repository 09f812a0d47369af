//! Is the way in by hand closed: no serial console in the region, and no SSH key pair on its instances?

use crate::estate::{exists, instance_id, of_each};
use crate::prelude::*;
use aws_sdk_ec2::types::Instance;

/// Instance ids that may have a key pair.
const MAY_HAVE_KEY_PAIR: &[&str] = &[];

pub async fn probe(at: &Region) -> Outcome {
    let (console, instances) = tokio::join!(at.serial_console_access(), at.instances());
    let console = console.map_or_else(|gap| Verdict::unseen(&gap), |on| judge_console(*on));
    let mut findings = vec![console.sub("serial-console").on(at.resource())];
    findings.extend(of_each(at, "instances", instances, |i| {
        exists(i).then(|| judge_key_pair(i, MAY_HAVE_KEY_PAIR).on(at.instance(i)))
    }));
    Ok(findings)
}

fn judge_console(on: bool) -> Verdict {
    if on {
        Verdict::fail("serial console access is on: it reaches an instance past security groups and network ACLs")
    } else {
        Verdict::pass("serial console access is off")
    }
    .evidence(json!({"serial_console_access_enabled": on}))
}

fn judge_key_pair(instance: &Instance, may_have: &[&str]) -> Verdict {
    let id = instance_id(instance);
    let key = instance.key_name().filter(|name| !name.is_empty());
    match key {
        None => Verdict::pass(format!("instance {id} started without a key pair")),
        Some(key) if may_have.contains(&id) => {
            Verdict::pass(format!("instance {id} started with the key pair {key}, as listed"))
        }
        Some(key) => {
            Verdict::fail(format!("instance {id} started with the key pair {key}: whoever holds it can log in"))
        }
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
        assert_eq!(judge_key_pair(&with, &[]).status, Status::Fail);
        assert_eq!(judge_key_pair(&with, &["i-1"]).status, Status::Pass);
        let without = Instance::builder().instance_id("i-2").key_name("").build();
        assert_eq!(judge_key_pair(&without, &[]).status, Status::Pass);
    }
}
