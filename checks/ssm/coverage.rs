//! What patches a managed node by itself: an association of State Manager (a patch policy makes them) or a task of a maintenance window
//! that is on.

use crate::prelude::*;
use aws_sdk_ec2::types::{Instance, Tag};
use posture_estate::services::ssm::Node;
use posture_estate::services::ssm::patches::{Association, Target, Window, covers, patches};
use std::collections::BTreeMap;

/// The tags of the nodes that are instances, by id.
pub(super) type Tags = BTreeMap<String, BTreeMap<String, String>>;

/// What patches in a Region, and what of it was not seen.
#[derive(Debug, Default)]
pub(super) struct Patching {
    pub associations: Vec<Association>,
    pub windows: Vec<Vec<Target>>,
    pub unseen: Vec<Gap>,
}

impl Patching {
    /// Asks for associations and windows, and of the windows for tasks first.
    pub(super) async fn of(at: &Region) -> Patching {
        let (associations, windows) = join!(at.ssm().associations(), at.ssm().windows());
        let mut all = Patching::default();
        match associations {
            Ok(some) => all.associations = some.iter().filter(|one| one.patches()).cloned().collect(),
            Err(gap) => all.unseen.push(gap),
        }
        match windows {
            Ok(windows) => {
                for window in join_all(windows.iter().map(|window| targets_of(at, window))).await {
                    match window {
                        Ok(targets) => all.windows.extend(targets),
                        Err(gap) if gap.is("DoesNotExistException") => {}
                        Err(gap) => all.unseen.push(gap),
                    }
                }
            }
            Err(gap) => all.unseen.push(gap),
        }
        all
    }

    /// Whether any of it is for the node; `None` where that does not show.
    pub(super) fn covers(&self, node: &Node, tags: Option<&BTreeMap<String, String>>) -> Option<bool> {
        let by_association = self.associations.iter().map(|one| one.covers(node, tags));
        let by_window = self.windows.iter().map(|targets| covers(targets, node, tags));
        let all: Vec<Option<bool>> = by_association.chain(by_window).collect();
        match all.contains(&Some(true)) {
            true => Some(true),
            false if all.contains(&None) || !self.unseen.is_empty() => None,
            false => Some(false),
        }
    }
}

/// Whom each patching task of a window is for. A task names nodes itself, or targets that are registered with the window.
async fn targets_of(at: &Region, window: &Window) -> Result<Vec<Vec<Target>>, Gap> {
    let tasks = at.ssm().window_tasks(&window.window_id).await?;
    let tasks: Vec<_> = tasks.iter().filter(|task| patches(&task.task_arn)).collect();
    let registered = |target: &Target| target.key.eq_ignore_ascii_case("WindowTargetIds");
    if !tasks.iter().any(|task| task.targets.iter().any(registered)) {
        return Ok(tasks.iter().map(|task| task.targets.clone()).collect());
    }
    let known = at.ssm().window_targets(&window.window_id).await?;
    let mut all = Vec::new();
    for task in tasks {
        let (by_id, own): (Vec<&Target>, Vec<&Target>) = task.targets.iter().partition(|target| registered(target));
        let ids = by_id.iter().flat_map(|target| &target.values);
        all.extend(
            ids.filter_map(|id| known.iter().find(|one| one.window_target_id == *id)).map(|one| one.targets.clone()),
        );
        if !own.is_empty() {
            all.push(own.into_iter().cloned().collect());
        }
    }
    Ok(all)
}

/// Tags by which associations and windows may name instances; other machines have tags too, which are not asked for.
pub(super) async fn tags(at: &Region, nodes: &[&Node]) -> Result<Tags, Gap> {
    if !nodes.iter().any(|node| node.instance_id.starts_with("i-")) {
        return Ok(Tags::new());
    }
    let instances = at.ec2().instances().await?;
    let of = |i: &Instance| {
        let pair = |tag: &Tag| Some((tag.key.clone()?, tag.value.clone().unwrap_or_default()));
        Some((i.instance_id.clone()?, i.tags().iter().filter_map(pair).collect()))
    };
    Ok(instances.iter().filter_map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn node() -> Node {
        serde_json::from_value(json!({ "InstanceId": "i-1", "PingStatus": "Online" })).unwrap()
    }

    fn association(targets: serde_json::Value) -> Association {
        serde_json::from_value(json!({ "Name": "AWS-RunPatchBaseline", "Targets": targets })).unwrap()
    }

    #[test]
    fn an_association_or_a_window_covers() {
        let all = json!([{ "Key": "InstanceIds", "Values": ["*"] }]);
        let one = Patching { associations: vec![association(all)], ..Patching::default() };
        assert_eq!(one.covers(&node(), None), Some(true));
        let target = Target { key: "InstanceIds".into(), values: vec!["i-1".into()] };
        let window = Patching { windows: vec![vec![target]], ..Patching::default() };
        assert_eq!(window.covers(&node(), None), Some(true));
        assert_eq!(Patching::default().covers(&node(), None), Some(false));
    }

    #[test]
    fn what_was_not_seen_may_cover() {
        let gap = Gap::new("1", "eu-west-1", "ssm:ListAssociations", GapKind::Denied, "no");
        assert_eq!(Patching { unseen: vec![gap], ..Patching::default() }.covers(&node(), None), None);
        let group = json!([{ "Key": "resource-groups:Name", "Values": ["web"] }]);
        let by_group = Patching { associations: vec![association(group)], ..Patching::default() };
        assert_eq!(by_group.covers(&node(), None), None);
    }

    #[test]
    fn an_association_from_before_targets_names_its_node() {
        let old =
            |id: &str| serde_json::from_value(json!({ "Name": "AWS-RunPatchBaseline", "InstanceId": id })).unwrap();
        let of = |id: &str| Patching { associations: vec![old(id)], ..Patching::default() }.covers(&node(), None);
        assert_eq!((of("i-1"), of("i-2")), (Some(true), Some(false)));
    }
}
