//! Incident Manager, which AWS has closed to new customers: response plans, incidents, and what came of them. What it keeps is the same
//! in every Region of the account's replication set.

use crate::aws::reading::{items, whole};
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use crate::aws::model::Time;
use serde::Deserialize;
use serde_json::json;

service! {
    /// Incident Manager in a region.
    ssm_incidents => SsmIncidents model "ssm-incidents": Service {
        reads: &[
            ("GetResponsePlan", whole::<ResponsePlan>),
            ("ListIncidentRecords", |v| items::<Incident>(v, "incidentRecordSummaries")),
            ("ListRelatedItems", |v| items::<RelatedItem>(v, "relatedItems")),
            ("ListReplicationSets", |v| items::<String>(v, "replicationSetArns")),
            ("ListResponsePlans", |v| items::<PlanSummary>(v, "responsePlanSummaries")),
        ],
        ..Service::new("ssm-incidents", "Systems Manager Incident Manager", Wire::RestJson)
    }
}

/// What AWS answers for a plan that is gone.
pub const GONE: &[&str] = &["ResourceNotFoundException"];

#[derive(Clone, Debug, Deserialize)]
pub struct PlanSummary {
    pub arn: String,
    pub name: String,
}

/// <https://docs.aws.amazon.com/incident-manager/latest/APIReference/API_GetResponsePlan.html>
#[derive(Clone, Debug, Deserialize)]
pub struct ResponsePlan {
    #[serde(default)]
    actions: Vec<PlanAction>,
}

/// What a plan starts by itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlanAction {
    ssm_automation: Option<SsmAutomation>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SsmAutomation {
    document_name: String,
}

impl ResponsePlan {
    /// The runbooks that it starts.
    pub fn runbooks(&self) -> Vec<&str> {
        self.actions.iter().filter_map(|action| Some(action.ssm_automation.as_ref()?.document_name.as_str())).collect()
    }
}

/// <https://docs.aws.amazon.com/incident-manager/latest/APIReference/API_IncidentRecordSummary.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Incident {
    pub arn: String,
    pub title: String,
    /// Of resolved ones.
    pub resolved_time: Option<Time>,
}

/// <https://docs.aws.amazon.com/incident-manager/latest/APIReference/API_RelatedItem.html>
#[derive(Clone, Debug, Deserialize)]
pub struct RelatedItem {
    identifier: ItemIdentifier,
}

#[derive(Clone, Debug, Deserialize)]
struct ItemIdentifier {
    #[serde(rename = "type")]
    kind: String,
}

impl RelatedItem {
    /// Whether it is an analysis, or something that was to be done. What belongs to the incident from its start (its parent OpsItem, the
    /// metric, the resources, the runbook that ran) says nothing of what came after.
    pub fn follows_up(&self) -> bool {
        matches!(self.identifier.kind.as_str(), "ANALYSIS" | "TASK" | "OTHER")
    }
}

impl SsmIncidents<'_, Region> {
    /// `ssm-incidents:ListReplicationSets`, every page: the ARN of the account's set, which it has to make before anything else.
    /// <https://docs.aws.amazon.com/incident-manager/latest/userguide/getting-started.html>
    pub async fn replication_sets(self) -> Answer<Vec<String>> {
        self.ask("ListReplicationSets", "", async move {
            Ok(self.client()?.items("ListReplicationSets", json!({}), "replicationSetArns").await?)
        })
        .await
    }

    /// `ssm-incidents:ListResponsePlans`, every page.
    pub async fn response_plans(self) -> Answer<Vec<PlanSummary>> {
        self.ask("ListResponsePlans", "", async move {
            Ok(self.client()?.items("ListResponsePlans", json!({}), "responsePlanSummaries").await?)
        })
        .await
    }

    /// `ssm-incidents:GetResponsePlan`
    pub async fn response_plan(self, arn: &str) -> Answer<ResponsePlan> {
        self.ask("GetResponsePlan", arn, async move {
            Ok(self.client()?.call("GetResponsePlan", json!({ "arn": arn })).await?)
        })
        .await
    }

    /// `ssm-incidents:ListIncidentRecords`, every page of those that are resolved.
    pub async fn resolved_incidents(self) -> Answer<Vec<Incident>> {
        let resolved = json!({ "filters": [{ "key": "status", "condition": { "equals": { "stringValues": ["RESOLVED"] } } }] });
        self.ask("ListIncidentRecords", "RESOLVED", async move {
            Ok(self.client()?.items("ListIncidentRecords", resolved, "incidentRecordSummaries").await?)
        })
        .await
    }

    /// `ssm-incidents:ListRelatedItems`, every page.
    pub async fn related_items(self, incident: &str) -> Answer<Vec<RelatedItem>> {
        self.ask("ListRelatedItems", incident, async move {
            let of = json!({ "incidentRecordArn": incident });
            Ok(self.client()?.items("ListRelatedItems", of, "relatedItems").await?)
        })
        .await
    }
}

impl PlanSummary {
    /// `AWS::SSMIncidents::ResponsePlan`
    pub fn resource(&self) -> Resource {
        Resource::new(&self.arn, "AWS::SSMIncidents::ResponsePlan", &self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_from_the_start_is_no_follow_up() {
        let follows = |kind: &str| {
            serde_json::from_value::<RelatedItem>(json!({ "identifier": { "type": kind } })).unwrap().follows_up()
        };
        for kind in ["ANALYSIS", "TASK", "OTHER"] {
            assert!(follows(kind), "{kind}");
        }
        for kind in ["PARENT", "METRIC", "INVOLVED_RESOURCE", "AUTOMATION", "INCIDENT", "ATTACHMENT", "NEW"] {
            assert!(!follows(kind), "{kind}");
        }
    }

    #[test]
    fn a_plan_starts_the_runbooks_of_its_actions() {
        let plan = |plan| serde_json::from_value::<ResponsePlan>(plan).unwrap();
        assert!(plan(json!({})).runbooks().is_empty() && plan(json!({ "actions": [{}] })).runbooks().is_empty());
        assert_eq!(plan(json!({ "actions": [{ "ssmAutomation": { "documentName": "isolate" } }] })).runbooks(), ["isolate"]);
    }
}
