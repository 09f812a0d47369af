//! Security groups and network ACLs that guard nothing. A group is in use when a network interface carries it or
//! something refers to it: another group, a launch template or configuration, a Lambda function, a CodeBuild project, a group
//! on the other side of a peering connection or transit gateway. "Unused" therefore needs every source; "used" needs one.

use crate::prelude::*;
use aws_sdk_ec2::types::{NetworkAcl, SecurityGroup};
use posture_estate::group_uses::Uses;

pub async fn probe(at: &Region) -> Outcome {
    let mut findings = groups(at).await.unwrap_or_else(|gap| vec![hidden("security-groups", &gap, at)]);
    findings.extend(match at.ec2().network_acls().await {
        Ok(acls) => acls
            .iter()
            .filter(|acl| acl.is_default() != Some(true) && at.ec2().owns(acl.owner_id()))
            .map(|acl| judge_acl(acl).on(at.ec2().network_acl(acl)))
            .collect(),
        Err(gap) => vec![hidden("network-acls", &gap, at)],
    });
    Ok(findings)
}

fn hidden(sub: &str, gap: &Gap, at: &Region) -> Finding {
    Verdict::unseen(gap).sub(sub).on(at.resource())
}

async fn groups(at: &Region) -> Outcome {
    let groups = at.ec2().security_groups().await?;
    let judged: Vec<&SecurityGroup> =
        groups.iter().filter(|g| g.group_name() != Some("default") && at.ec2().owns(g.owner_id())).collect();
    if judged.is_empty() {
        return Ok(Vec::new());
    }
    let uses = Uses::of(at, &groups, &judged).await;
    Ok(judged.iter().map(|g| judge(g, &uses).on(at.ec2().security_group(g))).collect())
}

fn judge(group: &SecurityGroup, uses: &Uses) -> Verdict {
    let name = format!("security group {}", group.group_id().unwrap_or("?"));
    if let Some(proof) = uses.proof(group) {
        return Verdict::pass(format!("{name} {proof}"));
    }
    let mut reasons = Reasons::new();
    if uses.unseen.is_empty() {
        reasons.broken(
            "group_unused",
            format!(
                "{name} is on no network interface, and no other group, launch template or configuration, Lambda function, CodeBuild project or connected VPC names it"
            ),
        );
    }
    uses.unseen.iter().for_each(|gap| reasons.unseen(gap));
    reasons.open()
}

fn judge_acl(acl: &NetworkAcl) -> Verdict {
    let name = format!("network acl {}", acl.network_acl_id().unwrap_or("?"));
    match (&acl.associations, acl.is_default()) {
        (Some(subnets), Some(false)) if subnets.is_empty() => {
            Verdict::fail("acl_unused", format!("{name} guards no subnet"))
        }
        (Some(subnets), _) if !subnets.is_empty() => Verdict::pass(format!("{name} guards {} subnets", subnets.len())),
        _ => Verdict::undecided(format!("{name} does not say which subnets it guards or whether it is a default")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::NetworkAclAssociation;
    use posture_estate::finding::GapKind;
    use std::collections::BTreeSet;

    fn group(id: &str) -> SecurityGroup {
        SecurityGroup::builder().group_id(id).build()
    }

    fn seen() -> Uses {
        Uses { attached: Some(BTreeSet::new()), ..Uses::default() }
    }

    fn gap() -> Gap {
        Gap::new("1", "r", "ec2:DescribeLaunchTemplateVersions", GapKind::Denied, "no")
    }

    #[test]
    fn unused_needs_every_source() {
        // semantics 28
        let idle = group("sg-1");
        assert_eq!(judge(&idle, &seen()).status, Status::Fail);
        let blind = Uses { unseen: vec![gap()], ..seen() };
        let verdict = judge(&idle, &blind);
        assert_eq!((verdict.status, verdict.gaps.len()), (Status::Unknown, 1));
    }

    #[test]
    fn used_needs_one() {
        let used = Uses { attached: Some(BTreeSet::from(["sg-1".to_owned()])), unseen: vec![gap()], ..seen() };
        assert_eq!(judge(&group("sg-1"), &used).status, Status::Pass);
        assert_eq!(judge(&group("sg-2"), &Uses { unseen: vec![], ..used }).status, Status::Fail);
        let named = std::collections::BTreeMap::from([("sg-1".to_owned(), "is named by a Lambda function")]);
        let idle = judge(&group("sg-1"), &Uses { named, ..seen() });
        assert_eq!(
            (idle.status, idle.message.as_str()),
            (Status::Pass, "security group sg-1 is named by a Lambda function")
        );
    }

    #[test]
    fn acls_guard_subnets() {
        let acl = |n| {
            let subnets = vec![NetworkAclAssociation::builder().build(); n];
            NetworkAcl::builder().is_default(false).set_associations(Some(subnets)).build()
        };
        assert_eq!(judge_acl(&acl(0)).status, Status::Fail);
        assert_eq!(judge_acl(&acl(1)).status, Status::Pass);
        assert_eq!(judge_acl(&NetworkAcl::builder().is_default(false).build()).status, Status::Unknown);
    }
}
