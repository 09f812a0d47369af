//! Patch states, associations and maintenance windows as Systems Manager tells them, and which nodes each of them is for.

use super::answers::Node;
use crate::aws::model::Time;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Documents of AWS that install patches, or scan for them where they are told to.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager-ssm-documents.html>
const PATCHES: &[&str] = &[
    "AWS-ApplyPatchBaseline",
    "AWS-InstallWindowsUpdates",
    "AWS-PatchAsgInstance",
    "AWS-PatchInstanceWithRollback",
    "AWS-RunPatchBaseline",
    "AWS-RunPatchBaselineAssociation",
    "AWS-RunPatchBaselineWithHooks",
];

/// Whether a document of this name, or with this ARN, patches. Patch policies of Quick Setup make documents of their own.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager-policies.html>
pub fn patches(document: &str) -> bool {
    let name = document.rsplit_once('/').map_or(document, |(_, name)| name);
    let by_policy = name.contains("QuickSetup") && name.contains("PatchPolicy") && !name.contains("ScanForPatches");
    PATCHES.contains(&name) || by_policy
}

/// What was found on a node when patches were last looked for. What is not applicable is counted apart and means nothing.
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_InstancePatchState.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PatchState {
    pub instance_id: String,
    /// An id, or the ARN of one that AWS owns.
    pub baseline_id: String,
    pub missing_count: Option<i64>,
    pub failed_count: Option<i64>,
    /// Patches that are installed and wait for a reboot before they do anything.
    pub installed_pending_reboot_count: Option<i64>,
    /// When patches were last installed with the option not to reboot.
    #[serde(rename = "LastNoRebootInstallOperationTime")]
    pub last_install_without_reboot: Option<Time>,
    pub operation_end_time: Time,
}

/// When a baseline approves patches.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Baseline {
    approval_rules: Option<ApprovalRules>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ApprovalRules {
    patch_rules: Vec<PatchRule>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PatchRule {
    approve_after_days: Option<i64>,
}

impl Baseline {
    /// The days after its release that a patch may remain unapproved, and so is not missing, by the slowest rule. `None` where no rule
    /// says days: Debian and Ubuntu have none, and a rule may name a day instead.
    /// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PatchRule.html>
    pub fn approves_after_days(&self) -> Option<i64> {
        self.approval_rules.iter().flat_map(|rules| &rules.patch_rules).filter_map(|rule| rule.approve_after_days).max()
    }
}

/// How many items of one type are and are not compliant on a node.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ComplianceSummary {
    pub resource_id: String,
    /// `COMPLIANT`, `NON_COMPLIANT`
    pub status: String,
}

/// Which nodes something is for; more than one has to be met together.
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Target.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Target {
    pub key: String,
    #[serde(default)]
    pub values: Vec<String>,
}

/// What State Manager keeps so.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Association {
    /// The document.
    pub name: String,
    /// Of associations from before targets existed.
    pub instance_id: Option<String>,
    /// What whoever made it calls it.
    association_name: Option<String>,
    /// Without one it is applied once.
    schedule_expression: Option<String>,
    #[serde(default)]
    pub targets: Vec<Target>,
}

impl Association {
    /// Whether it patches again and again. Quick Setup calls one that only looks `…-ScanForPatches-…`; of others the list does not tell.
    /// <https://docs.aws.amazon.com/systems-manager/latest/userguide/state-manager-associations-creating.html>
    pub fn patches(&self) -> bool {
        let looks = self.association_name.as_deref().is_some_and(|name| name.contains("ScanForPatches"));
        patches(&self.name) && !looks && self.schedule_expression.as_deref().is_some_and(|when| !when.is_empty())
    }

    /// Whether it is for the node; `None` where that does not show.
    pub fn covers(&self, node: &Node, tags: Option<&BTreeMap<String, String>>) -> Option<bool> {
        match &self.instance_id {
            Some(id) if !id.is_empty() => Some(*id == node.instance_id),
            _ => covers(&self.targets, node, tags),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Window {
    pub window_id: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WindowTask {
    /// The document's name or ARN; another thing's ARN for the other types.
    pub task_arn: String,
    #[serde(default)]
    pub targets: Vec<Target>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WindowTarget {
    pub window_target_id: String,
    #[serde(default)]
    pub targets: Vec<Target>,
}

/// Whether targets name a node; `None` where that takes more than its id and tags. No targets name nobody.
pub fn covers(targets: &[Target], node: &Node, tags: Option<&BTreeMap<String, String>>) -> Option<bool> {
    let meets = |target: &Target| {
        let named = |value: &str| target.values.iter().any(|one| one == "*" || one == value);
        let key = target.key.as_str();
        match key.strip_prefix("tag:") {
            Some(tag) => Some(tags?.get(tag).is_some_and(|value| named(value))),
            None if key.eq_ignore_ascii_case("InstanceIds") => Some(named(&node.instance_id)),
            None if key == "tag-key" => tags.map(|tags| target.values.iter().any(|tag| tags.contains_key(tag))),
            None if key == "AWS::EC2::Instance" => Some(node.instance_id.starts_with("i-") && named(&node.instance_id)),
            None => None,
        }
    };
    let met: Vec<Option<bool>> = targets.iter().map(meets).collect();
    match met.as_slice() {
        [] => Some(false),
        all if all.contains(&Some(false)) => Some(false),
        all if all.contains(&None) => None,
        _ => Some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn node(id: &str) -> Node {
        serde_json::from_value(json!({ "InstanceId": id, "PingStatus": "Online" })).unwrap()
    }

    fn of(targets: &[(&str, &[&str])], tags: Option<&[(&str, &str)]>) -> Option<bool> {
        let values = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect();
        let targets: Vec<Target> =
            targets.iter().map(|(key, all)| Target { key: (*key).to_owned(), values: values(all) }).collect();
        let tags = tags.map(|all| all.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect());
        covers(&targets, &node("i-1"), tags.as_ref())
    }

    #[test]
    fn targets_name_nodes_by_id_by_tag_or_all() {
        assert_eq!(of(&[("InstanceIds", &["i-2", "i-1"])], None), Some(true));
        assert_eq!(of(&[("instanceids", &["i-2"])], None), Some(false));
        assert_eq!(of(&[("InstanceIds", &["*"])], None), Some(true));
        assert_eq!(of(&[("AWS::EC2::Instance", &["*"])], None), Some(true));
        assert_eq!(of(&[("tag:Patch", &["weekly"])], Some(&[("Patch", "weekly")])), Some(true));
        assert_eq!(of(&[("tag:Patch", &["weekly"])], Some(&[("Patch", "never")])), Some(false));
        assert_eq!(of(&[("tag-key", &["Patch"])], Some(&[("Patch", "never")])), Some(true));
        assert_eq!(of(&[], None), Some(false), "no targets name nobody");
    }

    #[test]
    fn what_does_not_show_by_id_and_tags_is_not_known() {
        assert_eq!(of(&[("tag:Patch", &["weekly"])], None), None);
        assert_eq!(of(&[("resource-groups:Name", &["web"])], Some(&[])), None);
        assert_eq!(of(&[("resource-groups:Name", &["web"]), ("InstanceIds", &["i-2"])], Some(&[])), Some(false));
        assert_eq!(of(&[("resource-groups:Name", &["web"]), ("InstanceIds", &["i-1"])], Some(&[])), None);
    }

    #[test]
    fn patches_are_known_by_the_document() {
        for patching in [
            "AWS-RunPatchBaseline",
            "arn:aws:ssm:eu-west-1::document/AWS-RunPatchBaselineWithHooks",
            "AWSQuickSetup-PatchPolicy-InstallPatches-LA-ab12c",
        ] {
            assert!(patches(patching), "{patching}");
        }
        for other in ["AWS-RunShellScript", "AWS-GatherSoftwareInventory", "AWSQuickSetup-PatchPolicy-ScanForPatches-LA-ab12c", "patch"] {
            assert!(!patches(other), "{other}");
        }
    }

    #[test]
    fn an_association_patches_by_a_schedule_and_not_by_looking() {
        let of = |more: serde_json::Value| {
            let mut one = json!({ "Name": "AWS-RunPatchBaseline" });
            one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            serde_json::from_value::<Association>(one).unwrap().patches()
        };
        assert!(of(json!({ "ScheduleExpression": "rate(7 days)" })));
        assert!(!of(json!({})), "it is applied once");
        assert!(!of(json!({ "ScheduleExpression": "rate(1 day)", "AssociationName": "AWS-QuickSetup-SSMHostMgmt-ScanForPatches-ab12c" })));
    }

    #[test]
    fn the_slowest_rule_of_a_baseline_counts() {
        let of = |baseline| serde_json::from_value::<Baseline>(baseline).unwrap().approves_after_days();
        let rules = json!({ "ApprovalRules": { "PatchRules": [{ "ApproveAfterDays": 7 }, { "ApproveAfterDays": 60 }, {}] } });
        assert_eq!(of(rules), Some(60));
        assert_eq!(of(json!({ "ApprovalRules": { "PatchRules": [{ "ApproveUntilDate": "2026-01-01" }] } })), None);
        assert_eq!(of(json!({})), None);
    }
}
