//! What everyone of an account is worth: who is an administrator, who can become one alone, and who can by way of those.

use std::collections::BTreeSet;

use super::super::decision::Identity;
use super::super::targets::{Managed, Member, Power, Target, Targets};
use super::ways::{by_way_of, power, without_boundary};

/// See [`super::super::weighed`].
pub fn weighed(members: &[Member], policies: &[Managed]) -> Targets {
    let nobody = Targets::with(policies);
    let mut targets = Targets { known: true, ..nobody.clone() };
    for policy in policies {
        let Ok(document) = &policy.document else { continue };
        let alone = Identity { policies: vec![(policy.arn.clone(), document.clone())], ..Identity::default() };
        if power(&alone, &nobody) == Power::Sure {
            targets.powerful.push(policy.arn.clone());
        }
    }
    for member in members {
        targets.members.insert(member.arn.clone(), weigh(member, &nobody));
    }
    let mut fresh: Option<BTreeSet<String>> = None;
    loop {
        let weak = |member: &&Member| targets.members.get(&member.arn).is_some_and(|t| t.power != Power::Sure);
        let gains = |member: &&Member| {
            member.identity.as_ref().is_ok_and(|identity| by_way_of(identity, &targets, fresh.as_ref()))
        };
        let more: BTreeSet<String> = members.iter().filter(weak).filter(gains).map(|m| m.arn.clone()).collect();
        if more.is_empty() {
            return targets;
        }
        for arn in &more {
            if let Some(target) = targets.members.get_mut(arn) {
                target.power = Power::Sure;
            }
        }
        fresh = Some(more);
    }
}

fn weigh(member: &Member, nobody: &Targets) -> Target {
    let (own, uncapped, policies) = match &member.identity {
        Err(why) => (Power::Unclear(why.clone()), Power::None, Vec::new()),
        Ok(identity) => {
            let own = power(identity, nobody);
            let capped = identity.boundary.is_some() && own == Power::None;
            let uncapped = if capped { without_boundary(identity, nobody) } else { Power::None };
            let policies = identity.own.iter().filter(|arn| arn.contains(":policy/")).cloned().collect();
            (own, uncapped, policies)
        }
    };
    let boundary_arn = member.identity.as_ref().ok().and_then(|identity| identity.boundary_arn.clone());
    Target { arn: member.arn.clone(), power: own, uncapped, boundary_arn, policies, trust: member.trust.clone() }
}
