//! Does a workload's review leave a question on security open or at risk, and does the agent recommend something that nobody decided on?

use super::{or_none, per_workload, without_framework};
use crate::prelude::*;
use posture_estate::services::wellarchitected::{AgentProfile, AgentRecommendation, AnswerSummary};
use posture_estate::text::{counted, few};

/// Questions that may be of medium risk.
const MEDIUM_ALLOWED: Setting<i64> = setting!(no_high_security_risk.medium_allowed);

/// Questions and recommendations that a message names.
const NAMED: usize = 3;

pub async fn probe(at: &Region) -> Outcome {
    let medium = usize::try_from(*at.setting(MEDIUM_ALLOWED)).unwrap_or(0);
    let (workloads, profiles) = join!(
        per_workload(at, |one| async move {
            if let Some(verdict) = without_framework(&one) {
                return Ok(verdict);
            }
            let answers = at.wellarchitected().security_answers(&one.workload_id, None).await?;
            Ok(judge(&one.workload_name, &answers, medium))
        }),
        by_profile(at)
    );
    let mut findings = workloads.unwrap_or_else(|gap| vec![Verdict::unseen(&gap).sub("workloads").on(at.resource())]);
    findings.extend(profiles.unwrap_or_else(|gap| vec![Verdict::unseen(&gap).sub("agent").on(at.resource())]));
    Ok(or_none(at, findings))
}

async fn by_profile(at: &Region) -> Result<Vec<Finding>, Gap> {
    let profiles = at.wellarchitected().agent_profiles().await?;
    let listed = profiles.iter().map(|one| (one.resource(), format!("agent profile {}", one.name), one.clone()));
    Ok(per(listed, &["ResourceNotFoundException"], |one: AgentProfile| async move {
        let open = at.wellarchitected().open_security_recommendations(&one.arn).await?;
        Ok(recommended(&one.name, &open))
    })
    .await)
}

fn judge(name: &str, answers: &[AnswerSummary], medium_allowed: usize) -> Verdict {
    let of = |risk: &str| -> Vec<&str> {
        answers.iter().filter(|one| one.risk == risk).map(|one| one.question_id.as_str()).collect()
    };
    let (unanswered, high, medium) = (of("UNANSWERED"), of("HIGH"), of("MEDIUM"));
    let mut reasons = Reasons::new();
    let mut broken = |slug: &'static str, which: &[&str], how: &str| {
        let questions = counted(which.len(), "security question");
        reasons.broken(slug, format!("workload {name} has {questions} {how}: {}", few(which, NAMED)));
    };
    if !high.is_empty() {
        broken("high_risk", &high, "of high risk");
    }
    if !unanswered.is_empty() {
        broken("unanswered", &unanswered, "without an answer");
    }
    if medium.len() > medium_allowed {
        broken("medium_risk", &medium, "of medium risk");
    }
    for one in answers {
        if !["UNANSWERED", "HIGH", "MEDIUM", "NONE", "NOT_APPLICABLE"].contains(&one.risk.as_str()) {
            reasons.doubt(format!("the risk of question {} of workload {name} is {}", one.question_id, one.risk));
        }
    }
    reasons
        .or_pass(|| match answers.len() {
            // A review without questions says nothing.
            0 => String::new(),
            all => format!("none of {} of workload {name} is open or at risk", counted(all, "security question")),
        })
        .evidence(json!({ "high": high, "unanswered": unanswered, "medium": medium }))
}

fn recommended(name: &str, all: &[AgentRecommendation]) -> Verdict {
    let open: Vec<&str> = all.iter().filter(|one| one.state != "CLOSED").map(|one| one.title.as_str()).collect();
    if open.is_empty() {
        return Verdict::pass(format!("no security recommendation to agent profile {name} is open"));
    }
    let serious = all.iter().filter(|one| one.state != "CLOSED" && one.priority == "HIGH").count();
    Verdict::fail(
        "recommendations_open",
        format!(
            "{} to agent profile {name} {} open, {serious} of high priority: {}",
            counted(open.len(), "security recommendation"),
            if open.len() == 1 { "is" } else { "are" },
            few(&open, NAMED)
        ),
    )
    .evidence(json!({ "open": open }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(risks: &[&str], medium: usize) -> Verdict {
        let answer = |risk: &&str| {
            serde_json::from_value(json!({"QuestionId": "permissions", "QuestionTitle": "t", "Risk": risk})).unwrap()
        };
        judge("shop", &risks.iter().map(answer).collect::<Vec<_>>(), medium)
    }

    #[test]
    fn no_question_is_open_or_at_risk() {
        assert_eq!(of(&["NONE", "NOT_APPLICABLE"], 0).status, Status::Pass);
        assert_eq!(of(&["NONE", "HIGH"], 0).reasons, ["high_risk"]);
        assert_eq!(of(&["NONE", "UNANSWERED"], 0).reasons, ["unanswered"]);
        assert_eq!(of(&["NONE", "MEDIUM"], 0).reasons, ["medium_risk"]);
        assert_eq!(of(&["NONE", "MEDIUM"], 1).status, Status::Pass);
        assert_eq!(of(&["MEDIUM", "MEDIUM"], 1).status, Status::Fail);
    }

    #[test]
    fn a_risk_that_is_not_known_and_no_question_decide_nothing() {
        assert_eq!(of(&["NONE", "SEVERE"], 0).status, Status::Unknown);
        assert_eq!(of(&["HIGH", "SEVERE"], 0).status, Status::Fail);
        assert_eq!(of(&[], 0).status, Status::Unknown);
    }

    #[test]
    fn recommendations_are_decided() {
        let of = |state: &str| {
            let one = AgentRecommendation { title: "t".into(), priority: "HIGH".into(), state: state.into() };
            recommended("p", &[one]).status
        };
        assert_eq!(of("OPEN"), Status::Fail);
        assert_eq!(of("CLOSED"), Status::Pass);
        assert_eq!(recommended("p", &[]).status, Status::Pass);
    }
}
