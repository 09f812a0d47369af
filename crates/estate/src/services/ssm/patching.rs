//! What keeps managed nodes in order: the questions.

use super::Ssm;
use super::answers::Node;
use super::patches::{Association, Baseline, ComplianceSummary, PatchState, Window, WindowTarget, WindowTask};
use crate::place::{Answer, Region};
use serde_json::json;
use std::sync::Arc;

/// Nodes that one call answers for, at most
/// (<https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeInstancePatchStates.html>).
const AT_ONCE: usize = 50;

impl Ssm<'_, Region> {
    /// `ssm:DescribeInstancePatchStates`, for fifty nodes at a time; nodes that were never looked at are not in it.
    pub async fn patch_states(self, nodes: &[&Node]) -> Answer<Vec<PatchState>> {
        let mut all = Vec::new();
        for some in nodes.chunks(AT_ONCE) {
            let ids: Vec<String> = some.iter().map(|node| node.instance_id.clone()).collect();
            let some: Answer<Vec<PatchState>> = self
                .ask("DescribeInstancePatchStates", ids.join(","), async move {
                    let of = json!({ "InstanceIds": ids, "MaxResults": 100 });
                    Ok(self.client()?.items("DescribeInstancePatchStates", of, "InstancePatchStates").await?)
                })
                .await;
            all.extend(some?.iter().cloned());
        }
        Ok(Arc::new(all))
    }

    /// `ssm:GetPatchBaseline`
    pub async fn baseline(self, id: &str) -> Answer<Baseline> {
        self.ask("GetPatchBaseline", id, async move {
            Ok(self.client()?.call("GetPatchBaseline", json!({ "BaselineId": id })).await?)
        })
        .await
    }

    /// `ssm:ListResourceComplianceSummaries` of associations, every page: a node without any is not in it.
    pub async fn association_compliance(self) -> Answer<Vec<ComplianceSummary>> {
        let of = json!({ "Filters": [{ "Key": "ComplianceType", "Values": ["Association"], "Type": "EQUAL" }], "MaxResults": 50 });
        self.ask("ListResourceComplianceSummaries", "Association", async move {
            let list = "ResourceComplianceSummaryItems";
            Ok(self.client()?.items("ListResourceComplianceSummaries", of, list).await?)
        })
        .await
    }

    /// `ssm:ListAssociations`, every page.
    pub async fn associations(self) -> Answer<Vec<Association>> {
        self.ask("ListAssociations", "", async move {
            Ok(self.client()?.items("ListAssociations", json!({ "MaxResults": 50 }), "Associations").await?)
        })
        .await
    }

    /// `ssm:DescribeMaintenanceWindows`, every page of those that are on.
    pub async fn windows(self) -> Answer<Vec<Window>> {
        let on = json!({ "Filters": [{ "Key": "Enabled", "Values": ["True"] }], "MaxResults": 100 });
        self.ask("DescribeMaintenanceWindows", "", async move {
            Ok(self.client()?.items("DescribeMaintenanceWindows", on, "WindowIdentities").await?)
        })
        .await
    }

    /// `ssm:DescribeMaintenanceWindowTasks`, every page.
    pub async fn window_tasks(self, window: &str) -> Answer<Vec<WindowTask>> {
        self.ask("DescribeMaintenanceWindowTasks", window, async move {
            let of = json!({ "WindowId": window, "MaxResults": 100 });
            Ok(self.client()?.items("DescribeMaintenanceWindowTasks", of, "Tasks").await?)
        })
        .await
    }

    /// `ssm:DescribeMaintenanceWindowTargets`, every page.
    pub async fn window_targets(self, window: &str) -> Answer<Vec<WindowTarget>> {
        self.ask("DescribeMaintenanceWindowTargets", window, async move {
            let of = json!({ "WindowId": window, "MaxResults": 100 });
            Ok(self.client()?.items("DescribeMaintenanceWindowTargets", of, "Targets").await?)
        })
        .await
    }
}
