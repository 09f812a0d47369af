//! Does a CIS scan of Inspector look at instances of the Region again and again? One that ran once says how they were on that day.

use super::targets::{Carries, carries, repeats};
use crate::prelude::*;
use aws_sdk_ec2::types::Instance;
use posture_estate::services::ec2::exists;
use posture_estate::services::inspector2::{CisScan, CisTargets};
use posture_estate::text::counted;
use std::collections::BTreeSet;

pub async fn probe(at: &Region) -> Outcome {
    let instances = at.ec2().instances().await?;
    let there: Vec<&Instance> = instances.iter().filter(|instance| exists(instance)).collect();
    if there.is_empty() {
        return Ok(vec![Verdict::not_applicable(format!("there is no instance in {}", at.name())).on(at.resource())]);
    }
    let state = at.inspector2().account_state().await?;
    let verdict = match state.is_on() {
        Some(true) => judge(at.name(), at.account_id(), &at.inspector2().cis_scans().await?, &there),
        Some(false) => {
            let off = format!("Amazon Inspector is off in {}, so that no CIS scan looks at its instances", at.name());
            Verdict::fail("no_scheduled_scan", off)
        }
        None => Verdict::undecided(format!("Amazon Inspector in {} is {}", at.name(), state.state.status)),
    };
    Ok(vec![verdict.on(at.resource())])
}

fn judge(region: &str, account: &str, scans: &[CisScan], instances: &[&Instance]) -> Verdict {
    let mut reasons = Reasons::new();
    let (mut looked_at, mut names): (BTreeSet<&str>, Vec<&str>) = (BTreeSet::new(), Vec::new());
    let mut scheduled = 0;
    for scan in scans {
        let name = scan.scan_name.as_deref().unwrap_or("without a name");
        match repeats(scan) {
            Some(true) => {}
            Some(false) => continue,
            None => {
                reasons.doubt(format!("when CIS scan {name} in {region} runs is not told"));
                continue;
            }
        }
        let told = |targets: &&CisTargets| !targets.account_ids.is_empty() && !targets.target_resource_tags.is_empty();
        let Some(targets) = scan.targets.as_ref().filter(told) else {
            reasons.doubt(format!("what CIS scan {name} in {region} looks at is not told"));
            continue;
        };
        scheduled += 1;
        let own = |id: &String| {
            id == account || id == "ALL_ACCOUNTS" || (id == "SELF" && scan.owner_id.as_deref() == Some(account))
        };
        if !targets.account_ids.iter().any(own) {
            continue;
        }
        let tags = &targets.target_resource_tags;
        let hit = |wanted| {
            instances.iter().filter(move |one| carries(tags, one) == wanted).filter_map(|one| one.instance_id())
        };
        if hit(Carries::Some).next().is_some() {
            reasons.doubt(format!("instances in {region} have some of the tags that CIS scan {name} names; AWS does not say whether that is enough"));
        }
        let mut all = hit(Carries::All).peekable();
        if all.peek().is_some() {
            names.push(name);
            looked_at.extend(all);
        }
    }
    let evidence = json!({ "scans": names, "instances": instances.len(), "scanned": looked_at.len() });
    if !looked_at.is_empty() {
        let (some, all) = (looked_at.len(), counted(instances.len(), "instance"));
        let names = names.join(", ");
        return Verdict::pass(format!("CIS scans look at {some} of {all} in {region} on a schedule: {names}"))
            .evidence(evidence);
    }
    if reasons.is_empty() && scheduled == 0 {
        reasons.broken("no_scheduled_scan", format!("no CIS scan of Inspector runs on a schedule in {region}"));
    } else if reasons.is_empty() {
        let none = format!("the CIS scans of Inspector in {region} look at none of its instances");
        reasons.broken("no_instance_targeted", none);
    }
    reasons.open().evidence(evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::Tag;

    fn scan(schedule: &str, targets: serde_json::Value) -> CisScan {
        let scan = json!({ "scanName": "baseline", "ownerId": "111122223333", "schedule": { schedule: {} }, "targets": targets });
        serde_json::from_value(scan).unwrap()
    }

    fn production(account: &str) -> serde_json::Value {
        json!({ "accountIds": [account], "targetResourceTags": { "env": ["production", "staging"] } })
    }

    fn of(scans: &[CisScan]) -> Verdict {
        let tag = Tag::builder().key("env").value("production").build();
        let instance = Instance::builder().instance_id("i-1").tags(tag).build();
        let bare = Instance::builder().instance_id("i-2").build();
        judge("eu-west-1", "111122223333", scans, &[&instance, &bare])
    }

    #[test]
    fn a_scan_runs_on_a_schedule() {
        for schedule in ["daily", "weekly", "monthly"] {
            assert_eq!(of(&[scan(schedule, production("111122223333"))]).status, Status::Pass, "{schedule}");
        }
        assert_eq!(of(&[scan("oneTime", production("111122223333"))]).reasons, ["no_scheduled_scan"]);
        assert_eq!(of(&[]).reasons, ["no_scheduled_scan"]);
        assert_eq!(
            of(&[scan("hourly", production("111122223333"))]).status,
            Status::Unknown,
            "a schedule that is not known"
        );
        let untold = CisScan { schedule: None, ..scan("daily", production("SELF")) };
        assert_eq!(of(&[untold, scan("daily", production("SELF"))]).status, Status::Pass);
    }

    #[test]
    fn it_looks_at_instances_of_the_account() {
        for account in ["SELF", "ALL_ACCOUNTS"] {
            assert_eq!(of(&[scan("daily", production(account))]).status, Status::Pass, "{account}");
        }
        let of_another = CisScan { owner_id: Some("444455556666".into()), ..scan("daily", production("SELF")) };
        assert_eq!(of(&[of_another]).reasons, ["no_instance_targeted"]);
        assert_eq!(of(&[scan("daily", production("444455556666"))]).reasons, ["no_instance_targeted"]);
        let other = json!({ "accountIds": ["SELF"], "targetResourceTags": { "env": ["test"] } });
        assert_eq!(of(&[scan("daily", other)]).reasons, ["no_instance_targeted"]);
        let some = json!({ "accountIds": ["SELF"], "targetResourceTags": { "env": ["production"], "team": ["web"] } });
        assert_eq!(of(&[scan("daily", some)]).status, Status::Unknown);
        for untold in
            [json!({}), json!({ "accountIds": ["SELF"] }), json!({ "targetResourceTags": { "env": ["production"] } })]
        {
            assert_eq!(of(&[scan("daily", untold)]).status, Status::Unknown, "what it looks at is not told");
        }
        assert_eq!(of(&[CisScan { targets: None, ..scan("daily", production("SELF")) }]).status, Status::Unknown);
    }
}
