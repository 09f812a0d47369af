//! Where Incident Manager is used: do its plans start a runbook, and did something come of each incident? AWS takes no new customers for it, so
//! that nobody fails for want of it; who works by OpsCenter instead shows it by what was resolved there.

use super::opscenter::elsewhere;
use crate::prelude::*;
use posture_estate::finding::GapKind;
use posture_estate::services::ssm_incidents::{GONE, Incident, PlanSummary, RelatedItem, ResponsePlan};
use posture_estate::text::{counted, few};

/// Incidents that were resolved longer ago than this are not judged.
const REVIEW_DAYS: Setting<i64> = setting!(incident_runbooks_and_reviews.review_days);

pub async fn probe(at: &Account) -> Outcome {
    let ask = at.regions().iter().map(async |name| (name, at.region(name).ssm_incidents().replication_sets().await));
    let sets = join_all(ask).await;
    let home = sets.iter().find(|(_, answer)| answer.as_ref().is_ok_and(|sets| !sets.is_empty()));
    let Some((home, _)) = home else {
        // Where AWS does not offer it nothing is kept.
        let unseen =
            sets.into_iter().filter_map(|(_, answer)| answer.err()).find(|gap| gap.kind() != GapKind::Unsupported);
        return match unseen {
            Some(gap) => Err(gap),
            None => Ok(vec![elsewhere(at, *at.setting(REVIEW_DAYS)).await.on(at.resource())]),
        };
    };
    let home = at.region(home);
    let (plans, incidents) = join!(home.ssm_incidents().response_plans(), home.ssm_incidents().resolved_incidents());
    let mut findings = match plans {
        Ok(plans) => plans_of(&home, &plans).await,
        Err(gap) => vec![Verdict::unseen(&gap).sub("plans").on(at.resource())],
    };
    findings.push(reviews(at, &home, incidents).await.sub("reviews").on(at.resource()));
    Ok(findings)
}

async fn plans_of(home: &Region, plans: &[PlanSummary]) -> Vec<Finding> {
    let each = plans.iter().map(|plan| (plan.resource(), format!("response plan {}", plan.name), plan));
    per(each, GONE, async |plan: &PlanSummary| {
        Ok(judge_plan(&plan.name, &*home.ssm_incidents().response_plan(&plan.arn).await?))
    })
    .await
}

fn judge_plan(name: &str, plan: &ResponsePlan) -> Verdict {
    match plan.runbooks().as_slice() {
        [] => Verdict::fail("no_runbook", format!("response plan {name} starts no runbook")),
        runbooks => Verdict::pass(format!("response plan {name} starts {}", runbooks.join(", "))),
    }
}

async fn reviews(at: &Account, home: &Region, incidents: Answer<Vec<Incident>>) -> Verdict {
    let incidents = match incidents {
        Ok(incidents) => incidents,
        Err(gap) => return Verdict::unseen(&gap),
    };
    let limit = *at.setting(REVIEW_DAYS);
    let mut reasons = Reasons::new();
    let mut of_late = Vec::new();
    for incident in incidents.iter() {
        match incident.resolved_time {
            Some(when) if days(&when, at.now()) > limit => {}
            Some(_) => of_late.push(incident),
            None => reasons.doubt(format!("when incident {} was resolved is not said", incident.title)),
        }
    }
    let items = join_all(of_late.iter().map(|one| home.ssm_incidents().related_items(&one.arn))).await;
    judge_reviews(reasons, &of_late, items, limit)
}

fn judge_reviews(
    mut reasons: Reasons,
    incidents: &[&Incident],
    items: Vec<Answer<Vec<RelatedItem>>>,
    limit: i64,
) -> Verdict {
    if incidents.is_empty() && reasons.is_empty() {
        return Verdict::not_applicable(format!("no incident was resolved within {limit} days"));
    }
    let mut without = Vec::new();
    for (incident, items) in incidents.iter().zip(items) {
        if reasons.add(items).is_some_and(|items| !items.iter().any(RelatedItem::follows_up)) {
            without.push(incident.title.as_str());
        }
    }
    if !without.is_empty() {
        let which = few(&without, 5);
        reasons.broken("no_review", format!("resolved incidents have neither an analysis nor a follow-up: {which}"));
    }
    let count = counted(incidents.len(), "incident");
    reasons.or_pass(|| format!("{count} resolved within {limit} days: each has an analysis or a follow-up"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap() -> Gap {
        Gap::new("1", "eu-west-1", "ssm-incidents:ListRelatedItems", GapKind::Denied, "no")
    }

    fn incident() -> Incident {
        serde_json::from_value(
            json!({ "arn": "arn", "title": "checkout down", "resolvedTime": "2026-11-01T00:00:00Z" }),
        )
        .unwrap()
    }

    fn items(kinds: &[&str]) -> Answer<Vec<RelatedItem>> {
        let item = |kind: &&str| serde_json::from_value(json!({ "identifier": { "type": kind } })).unwrap();
        Ok(Arc::new(kinds.iter().map(item).collect()))
    }

    #[test]
    fn a_plan_starts_a_runbook() {
        let plan = |actions| serde_json::from_value::<ResponsePlan>(json!({ "actions": actions })).unwrap();
        assert_eq!(judge_plan("web", &plan(json!([]))).reasons, ["no_runbook"]);
        let starts = plan(json!([{ "ssmAutomation": { "documentName": "isolate-host" } }]));
        assert_eq!(judge_plan("web", &starts).message, "response plan web starts isolate-host");
    }

    #[test]
    fn something_came_of_each_incident() {
        let incident = incident();
        let of = |items| judge_reviews(Reasons::new(), &[&incident], vec![items], 365);
        assert_eq!(of(items(&["PARENT", "ANALYSIS"])).status, Status::Pass);
        let none = of(items(&["PARENT", "METRIC"]));
        assert_eq!((none.reasons.as_slice(), none.message.contains("checkout down")), (["no_review"].as_slice(), true));
        assert_eq!(of(Err(gap())).status, Status::Unknown);
        assert_eq!(judge_reviews(Reasons::new(), &[], vec![], 365).status, Status::NotApplicable);
        let mut open = Reasons::new();
        open.doubt("when it was resolved is not said");
        assert_eq!(judge_reviews(open, &[], vec![], 365).status, Status::Unknown);
    }
}
