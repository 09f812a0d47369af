//! The Well-Architected Tool: workloads, their milestones, what was answered on security, and what its agent recommends.
//!
//! Answers carry no date and no author; only a milestone says when it was recorded.

use crate::aws::answer::absent;
use crate::aws::model::Time;
use crate::aws::reading::{items, member};
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

service! {
    /// The Well-Architected Tool in a region.
    wellarchitected => WellArchitected model "wellarchitected": Service {
        reads: &[
            ("GetAnswer", |v| member::<ReviewAnswer>(v, "Answer")),
            ("GetWorkload", |v| member::<ReviewedWorkload>(v, "Workload")),
            ("ListAgentProfiles", |v| items::<AgentProfile>(v, "items")),
            ("ListAgentRecommendations", |v| items::<AgentRecommendation>(v, "items")),
            ("ListAnswers", |v| items::<AnswerSummary>(v, "AnswerSummaries")),
            ("ListMilestones", |v| items::<Milestone>(v, "MilestoneSummaries")),
            ("ListWorkloads", |v| items::<WorkloadSummary>(v, "WorkloadSummaries")),
        ],
        ..Service::new("wellarchitected", "Well-Architected Tool", Wire::RestJson)
    }
}

/// The Framework's own lens.
const LENS: &str = "wellarchitected";

/// Its security pillar.
const PILLAR: &str = "security";

/// The Regions that keep profiles of the agent, as of November 2026; in others its endpoint has no address.
/// <https://docs.aws.amazon.com/wellarchitected/latest/userguide/agent-quotas.html>
const OF_THE_AGENT: &[&str] = &["us-east-1", "us-east-2", "us-west-2"];

/// The lists give so many at most.
const AT_ONCE: i64 = 50;

/// A workload as it is listed: the account's own, or one that is shared with it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WorkloadSummary {
    pub workload_id: String,
    pub workload_arn: String,
    pub workload_name: String,
    /// The account that it belongs to.
    pub owner: String,
    /// Aliases or ARNs.
    #[serde(default)]
    pub lenses: Vec<String>,
}

impl WorkloadSummary {
    /// Whether it is reviewed by the Framework's own lens.
    pub fn has_framework(&self) -> bool {
        self.lenses.iter().any(|lens| lens == LENS || lens.ends_with(":lens/wellarchitected"))
    }

    pub fn resource(&self) -> Resource {
        Resource::new(&self.workload_arn, "AWS::WellArchitected::Workload", &self.workload_id).name(&self.workload_name)
    }
}

/// <https://docs.aws.amazon.com/wellarchitected/latest/APIReference/API_Workload.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReviewedWorkload {
    /// `PRODUCTION`, `PREPRODUCTION`
    pub environment: String,
    /// Who owns the review, in whatever words.
    pub review_owner: Option<String>,
}

/// A review as it was at a moment.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Milestone {
    #[serde(rename = "MilestoneNumber")]
    pub number: i64,
    #[serde(rename = "MilestoneName")]
    pub name: String,
    pub recorded_at: Time,
}

/// The last one that was recorded.
pub fn latest(milestones: &[Milestone]) -> Option<&Milestone> {
    milestones.iter().max_by_key(|one| (one.recorded_at, one.number))
}

/// What was answered to a question.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AnswerSummary {
    pub question_id: String,
    pub question_title: String,
    /// `UNANSWERED`, `HIGH`, `MEDIUM`, `NONE`, `NOT_APPLICABLE`
    pub risk: String,
    #[serde(default)]
    pub choices: Vec<ReviewChoice>,
    #[serde(default)]
    pub selected_choices: Vec<String>,
    #[serde(default)]
    pub choice_answer_summaries: Vec<ChoiceAnswer>,
    /// Whether the question is one for this workload at all.
    pub is_applicable: Option<bool>,
}

/// What a question offers to choose.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReviewChoice {
    pub choice_id: String,
    #[serde(default)]
    pub title: String,
}

/// What was said of a choice.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChoiceAnswer {
    pub choice_id: String,
    /// `SELECTED`, `NOT_APPLICABLE`, `UNSELECTED`
    pub status: Option<String>,
    /// Only the answer itself has them.
    pub notes: Option<String>,
}

/// An answer with its notes.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReviewAnswer {
    #[serde(default)]
    pub choice_answers: Vec<ChoiceAnswer>,
}

/// What the Well-Architected Agent looks at, and for what.
/// <https://docs.aws.amazon.com/wellarchitected/latest/userguide/agent-concepts.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentProfile {
    pub arn: String,
    pub name: String,
}

impl AgentProfile {
    pub fn resource(&self) -> Resource {
        Resource::new(&self.arn, "AWS::WellArchitected::AgentProfile", &self.name)
    }
}

/// What the agent recommends.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentRecommendation {
    pub title: String,
    /// `HIGH`, `MEDIUM`, `LOW`
    pub priority: String,
    /// `OPEN`, `CLOSED`
    pub state: String,
}

impl WellArchitected<'_, Region> {
    /// `wellarchitected:ListWorkloads`, every page.
    pub async fn workloads(self) -> Answer<Vec<WorkloadSummary>> {
        self.ask("ListWorkloads", "", async move {
            let of = json!({ "MaxResults": AT_ONCE });
            Ok(self.client()?.items("ListWorkloads", of, "WorkloadSummaries").await?)
        })
        .await
    }

    /// `wellarchitected:GetWorkload`.
    pub async fn workload(self, id: &str) -> Answer<ReviewedWorkload> {
        self.ask("GetWorkload", id, async move {
            Ok(self.client()?.member("GetWorkload", json!({ "WorkloadId": id }), "Workload").await?)
        })
        .await
    }

    /// `wellarchitected:ListMilestones` of a workload, every page.
    pub async fn milestones(self, workload: &str) -> Answer<Vec<Milestone>> {
        self.ask("ListMilestones", workload, async move {
            let of = json!({ "WorkloadId": workload, "MaxResults": AT_ONCE });
            Ok(self.client()?.items("ListMilestones", of, "MilestoneSummaries").await?)
        })
        .await
    }

    /// `wellarchitected:ListAnswers` on the security pillar of the Framework, every page: as they are, or as a milestone has them.
    pub async fn security_answers(self, workload: &str, milestone: Option<i64>) -> Answer<Vec<AnswerSummary>> {
        let of = json!({
            "WorkloadId": workload, "LensAlias": LENS, "PillarId": PILLAR, "MilestoneNumber": milestone, "MaxResults": AT_ONCE
        });
        self.ask("ListAnswers", key(workload, milestone), async move {
            Ok(self.client()?.items("ListAnswers", of, "AnswerSummaries").await?)
        })
        .await
    }

    /// `wellarchitected:GetAnswer` to a question of the Framework, as a milestone has it: with the notes.
    pub async fn answer(self, workload: &str, milestone: i64, question: &str) -> Answer<ReviewAnswer> {
        let of = json!({
            "WorkloadId": workload, "LensAlias": LENS, "QuestionId": question, "MilestoneNumber": milestone
        });
        self.ask("GetAnswer", [&key(workload, Some(milestone)), question].join(" "), async move {
            Ok(self.client()?.member("GetAnswer", of, "Answer").await?)
        })
        .await
    }

    /// `wellarchitected:ListAgentProfiles`, every page; none where the agent is not offered, which is not asked.
    pub async fn agent_profiles(self) -> Answer<Vec<AgentProfile>> {
        if !has_agent(self.name()) {
            return Ok(Arc::default());
        }
        self.ask("ListAgentProfiles", "", async move {
            let found = self.client()?.items("ListAgentProfiles", json!({}), "items").await;
            let Some(profiles) = absent(found, &["UnknownOperationException"])? else { return Ok(Vec::new()) };
            Ok(profiles)
        })
        .await
    }

    /// `wellarchitected:ListAgentRecommendations` on security that are open, every page.
    pub async fn open_security_recommendations(self, profile: &str) -> Answer<Vec<AgentRecommendation>> {
        let of = json!({ "profileArn": profile, "state": "OPEN", "pillar": "SECURITY" });
        self.ask("ListAgentRecommendations", profile, async move {
            Ok(self.client()?.items("ListAgentRecommendations", of, "items").await?)
        })
        .await
    }
}

/// Whether a Region may keep profiles of the agent.
fn has_agent(region: &str) -> bool {
    OF_THE_AGENT.contains(&region)
}

/// What tells the answers of a milestone from others.
fn key(workload: &str, milestone: Option<i64>) -> String {
    milestone.map_or_else(|| workload.to_owned(), |number| format!("{workload} {number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_milestone_is_the_one_recorded_last() {
        let milestone = |number: i64, day: &str| -> Milestone {
            let recorded = format!("{day}T00:00:00Z");
            serde_json::from_value(json!({"MilestoneNumber": number, "MilestoneName": "m", "RecordedAt": recorded})).unwrap()
        };
        let all = [milestone(1, "2026-01-01"), milestone(3, "2025-01-01"), milestone(2, "2026-06-01")];
        assert_eq!(latest(&all).map(|one| one.number), Some(2));
        assert!(latest(&[]).is_none());
    }

    #[test]
    fn the_agent_is_asked_only_where_it_keeps_profiles() {
        assert!(has_agent("us-east-1") && has_agent("us-west-2"));
        assert!(!has_agent("eu-west-1") && !has_agent("us-west-1") && !has_agent("us-gov-west-1"));
    }

    #[test]
    fn the_framework_is_a_lens_by_alias_or_arn() {
        let workload = |lenses: &[&str]| -> WorkloadSummary {
            serde_json::from_value(json!({
                "WorkloadId": "w", "WorkloadArn": "arn", "WorkloadName": "w", "Owner": "111122223333", "Lenses": lenses
            }))
            .unwrap()
        };
        assert!(workload(&["serverless", "wellarchitected"]).has_framework());
        assert!(workload(&["arn:aws:wellarchitected::aws:lens/wellarchitected"]).has_framework());
        assert!(!workload(&["serverless"]).has_framework() && !workload(&[]).has_framework());
    }
}
