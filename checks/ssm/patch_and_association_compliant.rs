//! Are managed nodes patched in time, do they keep what State Manager tells, and does something patch them by itself? What is not applicable to a
//! node is not missing.

use super::coverage::{Patching, Tags, tags};
use super::scans::{Scans, judge_patches};
use crate::prelude::*;
use posture_estate::services::ssm::Node;
use posture_estate::services::ssm::patches::{ComplianceSummary, PatchState};
use std::collections::BTreeSet;

/// A patch has to be on a node so many days after its release.
const TARGET_DAYS: Setting<i64> = setting!(patch_and_association_compliant.target_days);

pub async fn probe(at: &Region) -> Outcome {
    let nodes = at.ssm().nodes().await?;
    if nodes.is_empty() {
        return Ok(vec![Verdict::not_applicable("there is no managed node").on(at.resource())]);
    }
    let online: Vec<&Node> = nodes.iter().filter(|node| node.is_online()).collect();
    let (states, compliance, patching, tags) =
        join!(at.ssm().patch_states(&online), at.ssm().association_compliance(), Patching::of(at), tags(at, &online),);
    let ids: BTreeSet<String> =
        states.iter().flat_map(|all| all.iter()).map(|state| state.baseline_id.clone()).collect();
    let baselines = join_all(ids.iter().map(async |id| (id.as_str(), at.ssm().baseline(id).await))).await;
    let seen = Seen {
        states,
        compliance,
        patching,
        tags,
        scans: Scans { baselines: baselines.into_iter().collect(), limit: *at.setting(TARGET_DAYS), now: *at.now() },
    };
    Ok(nodes.iter().map(|node| judge(node, &seen).on(at.ssm().node_resource(node))).collect())
}

/// What was seen of the nodes of a Region.
struct Seen<'a> {
    states: Answer<Vec<PatchState>>,
    compliance: Answer<Vec<ComplianceSummary>>,
    patching: Patching,
    tags: Result<Tags, Gap>,
    scans: Scans<'a>,
}

fn judge(node: &Node, seen: &Seen<'_>) -> Verdict {
    let id = &node.instance_id;
    if !node.is_online() {
        let why = format!("node {id} is not connected ({}), so that what it lacks is not known", node.ping_status);
        return match id.starts_with("i-") {
            true => Verdict::not_applicable(why),
            false => Verdict::undecided(why),
        };
    }
    let mut reasons = Reasons::new();
    if let Some(states) = reasons.add(seen.states.clone()) {
        judge_patches(&mut reasons, states.iter().find(|state| state.instance_id == *id), &seen.scans);
    }
    if let Some(all) = reasons.add(seen.compliance.clone()) {
        for summary in all.iter().filter(|summary| summary.resource_id == *id) {
            match summary.status.as_str() {
                "COMPLIANT" => {}
                "NON_COMPLIANT" => reasons.broken("association_failed", "does not comply with its associations"),
                other => reasons.doubt(format!("its associations are {other}")),
            }
        }
    }
    match seen.patching.covers(node, seen.tags.as_ref().ok().and_then(|tags| tags.get(id))) {
        Some(true) => {}
        Some(false) => reasons.broken("not_covered", "no patch policy or maintenance window covers it"),
        None => {
            seen.patching.unseen.iter().chain(seen.tags.as_ref().err()).for_each(|gap| reasons.unseen(gap));
            reasons.doubt("whether a patch policy or maintenance window covers it does not show");
        }
    }
    let verdict =
        reasons.or_pass(|| "has all its patches, complies with its associations and is patched by plan".to_owned());
    Verdict { message: format!("node {id}: {}", verdict.message), ..verdict }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::date_time::Format;
    use posture_estate::finding::GapKind;
    use posture_estate::services::ssm::patches::Target;
    use std::collections::HashMap;

    fn gap() -> Gap {
        Gap::new("1", "eu-west-1", "ssm:DescribeInstancePatchStates", GapKind::Denied, "no")
    }

    fn node(id: &str, ping: &str) -> Node {
        serde_json::from_value(json!({ "InstanceId": id, "PingStatus": ping })).unwrap()
    }

    fn state(more: serde_json::Value) -> PatchState {
        let mut state = json!({ "InstanceId": "i-1", "BaselineId": "pb-1", "MissingCount": 0, "FailedCount": 0,
            "NotApplicableCount": 900, "OperationEndTime": "2026-11-20T00:00:00Z" });
        for (key, value) in more.as_object().unwrap() {
            state[key] = value.clone();
        }
        serde_json::from_value(state).unwrap()
    }

    fn seen(states: Vec<PatchState>) -> Seen<'static> {
        let everything = Target { key: "InstanceIds".into(), values: vec!["*".into()] };
        Seen {
            states: Ok(Arc::new(states)),
            compliance: Ok(Arc::default()),
            patching: Patching { windows: vec![vec![everything]], ..Patching::default() },
            tags: Ok(Tags::new()),
            scans: Scans {
                baselines: HashMap::from([("pb-1", Ok(Arc::new(serde_json::from_value(json!({})).unwrap())))]),
                limit: 30,
                now: DateTime::from_str("2026-11-22T00:00:00Z", Format::DateTime).unwrap(),
            },
        }
    }

    fn of(seen: &Seen<'_>) -> Verdict {
        judge(&node("i-1", "Online"), seen)
    }

    #[test]
    fn states_that_were_not_seen_are_no_patches() {
        assert_eq!(of(&Seen { states: Err(gap()), ..seen(vec![]) }).status, Status::Unknown);
        assert_eq!(of(&seen(vec![])).reasons, ["never_scanned"]);
        assert_eq!(of(&seen(vec![state(json!({ "MissingCount": 2 }))])).message, "node i-1: 2 patches are missing");
    }

    #[test]
    fn associations_have_to_be_kept() {
        let with = |status: &str| {
            let summary = json!({ "ResourceId": "i-1", "Status": status });
            let compliance = Ok(Arc::new(vec![serde_json::from_value(summary).unwrap()]));
            of(&Seen { compliance, ..seen(vec![state(json!({}))]) })
        };
        assert_eq!(with("COMPLIANT").status, Status::Pass);
        assert_eq!(with("NON_COMPLIANT").reasons, ["association_failed"]);
        assert_eq!(with("WAITING").status, Status::Unknown);
        let refused = Seen { compliance: Err(gap()), ..seen(vec![state(json!({}))]) };
        assert_eq!(of(&refused).status, Status::Unknown);
    }

    #[test]
    fn something_patches_the_node_by_plan() {
        let none = Seen { patching: Patching::default(), ..seen(vec![state(json!({}))]) };
        assert_eq!(of(&none).reasons, ["not_covered"]);
        let target = Target { key: "tag:Patch".into(), values: vec!["weekly".into()] };
        let by_tag = || Patching { windows: vec![vec![target.clone()]], ..Patching::default() };
        let with = |tags| of(&Seen { patching: by_tag(), tags, ..seen(vec![state(json!({}))]) });
        let tagged = |value: &str| Tags::from([("i-1".into(), [("Patch".to_owned(), value.to_owned())].into())]);
        assert_eq!(with(Ok(tagged("weekly"))).status, Status::Pass);
        assert_eq!(with(Ok(tagged("never"))).reasons, ["not_covered"]);
        assert_eq!(with(Err(gap())).gaps, [gap()]);
        let refused = Patching { unseen: vec![gap()], ..Patching::default() };
        assert_eq!(of(&Seen { patching: refused, ..seen(vec![state(json!({}))]) }).status, Status::Unknown);
    }

    #[test]
    fn a_node_that_is_silent_is_not_judged() {
        let all = seen(vec![state(json!({ "MissingCount": 2 }))]);
        assert_eq!(judge(&node("i-1", "ConnectionLost"), &all).status, Status::NotApplicable, "it may be stopped");
        assert_eq!(judge(&node("mi-1", "ConnectionLost"), &all).status, Status::Unknown);
    }
}
