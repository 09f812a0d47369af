//! Are there runbooks of the account for routine work and for containing an incident, and are they run? One of each kind that ran within
//! a year is what shows that people act by them.

use crate::prelude::*;
use posture_estate::services::ssm::OwnDocument;
use posture_estate::services::ssm::operations::Latest;
use posture_estate::text::few;

/// Names and tags of runbooks for routine work.
const ROUTINE: Setting<Patterns> = setting!(operational_runbooks_used.routine);

/// Names and tags of runbooks that contain an incident.
const CONTAINMENT: Setting<Patterns> = setting!(operational_runbooks_used.containment);

/// A run longer ago than this does not count.
const RUN_DAYS: Setting<i64> = setting!(operational_runbooks_used.run_days);

pub async fn probe(at: &Region) -> Outcome {
    let documents = at.ssm().own_documents().await?;
    let runbooks: Vec<&OwnDocument> = documents.iter().filter(|one| one.is_runbook()).collect();
    if runbooks.is_empty() && at.ssm().nodes().await?.is_empty() {
        let nothing = format!("{} has neither runbooks of the account nor managed nodes", at.name());
        return Ok(vec![Verdict::not_applicable(nothing).on(at.resource())]);
    }
    let mut reasons = Reasons::new();
    let mut ran = Vec::new();
    for (task, slugs, patterns) in [
        ("routine", ("no_routine_runbook", "routine_not_run"), at.setting(ROUTINE)),
        ("containment", ("no_containment_runbook", "containment_not_run"), at.setting(CONTAINMENT)),
    ] {
        let names: Vec<&str> =
            runbooks.iter().filter(|one| is_for(one, patterns)).map(|one| one.name.as_str()).collect();
        let runs = join_all(names.iter().map(|name| at.ssm().last_run(name))).await;
        ran.extend(judge(&mut reasons, (task, slugs), &names, runs, (*at.setting(RUN_DAYS), at.now())));
    }
    Ok(vec![reasons.or_pass(|| ran.join("; ")).on(at.resource())])
}

/// By its name, or by the key or value of one of its tags.
fn is_for(runbook: &OwnDocument, patterns: &Patterns) -> bool {
    let says = |text: &str| patterns.matches(&text.to_lowercase());
    says(&runbook.name) || runbook.tags.iter().any(|tag| says(&tag.key) || says(&tag.value))
}

type Kind = (&'static str, (&'static str, &'static str));

fn judge(
    reasons: &mut Reasons,
    (task, (none, idle)): Kind,
    names: &[&str],
    runs: Vec<Answer<Latest>>,
    (limit, now): (i64, &DateTime),
) -> Option<String> {
    if names.is_empty() {
        reasons.broken(none, format!("no runbook of the account is named or tagged for {task} tasks"));
        return None;
    }
    let (mut open, mut last) = (Reasons::new(), None);
    for (name, run) in names.iter().zip(runs) {
        match run.as_deref() {
            Err(gap) => open.unseen(gap),
            Ok(Latest::Unread) => {
                open.doubt(format!("when runbook {name} ran last was not found in the runs that were read"))
            }
            Ok(Latest::Never) => {}
            Ok(Latest::At(when)) => match days(when, now) {
                ago if ago <= limit => return Some(format!("{task} runbook {name} ran {ago} days ago")),
                ago => last = last.max(Some(-ago)),
            },
        }
    }
    let ever =
        last.map_or_else(|| "AWS shows no run".to_owned(), |ago: i64| format!("the last run was {} days ago", -ago));
    match open.is_empty() {
        true => {
            let which = format!("no {task} runbook ({}) ran within {limit} days: {ever}", few(names, 5));
            reasons.broken(idle, which);
        }
        false => reasons.absorb(open),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn now() -> DateTime {
        DateTime::from_secs(1_800_000_000)
    }

    fn runbook(name: &str, tag: Option<&str>) -> OwnDocument {
        let tags: Vec<_> = tag.iter().map(|value| json!({ "Key": "purpose", "Value": value })).collect();
        serde_json::from_value(json!({ "Name": name, "DocumentType": "Automation", "Tags": tags })).unwrap()
    }

    fn ago(days: i64) -> Answer<Latest> {
        Ok(Arc::new(Latest::At(DateTime::from_secs(now().secs() - days * 86_400))))
    }

    fn of(names: &[&str], runs: Vec<Answer<Latest>>) -> Verdict {
        let mut reasons = Reasons::new();
        let said =
            judge(&mut reasons, ("routine", ("no_routine_runbook", "routine_not_run")), names, runs, (365, &now()));
        reasons.or_pass(|| said.unwrap_or_default())
    }

    #[test]
    fn a_runbook_is_for_what_its_name_or_tags_say() {
        let patterns = Patterns::parse(&["*isolat*"]).unwrap();
        assert!(is_for(&runbook("Isolate-Host", None), &patterns));
        assert!(is_for(&runbook("acme-7", Some("isolation")), &patterns));
        assert!(!is_for(&runbook("acme-7", Some("patching")), &patterns));
    }

    #[test]
    fn one_that_ran_within_a_year_is_enough() {
        assert_eq!(of(&["a", "b"], vec![Ok(Arc::new(Latest::Never)), ago(20)]).status, Status::Pass);
        assert_eq!(of(&["a"], vec![ago(400)]).reasons, ["routine_not_run"]);
        assert!(of(&["a", "b"], vec![ago(500), ago(400)]).message.contains("the last run was 400 days ago"));
        assert_eq!(of(&["a"], vec![Ok(Arc::new(Latest::Never))]).reasons, ["routine_not_run"]);
        assert_eq!(of(&[], vec![]).reasons, ["no_routine_runbook"]);
    }

    #[test]
    fn runs_that_were_not_seen_may_have_been() {
        let gap = Gap::new("1", "eu-west-1", "ssm:DescribeAutomationExecutions", GapKind::Denied, "no");
        assert_eq!(of(&["a"], vec![Err(gap.clone())]).status, Status::Unknown);
        assert_eq!(of(&["a"], vec![Ok(Arc::new(Latest::Unread))]).status, Status::Unknown);
        assert_eq!(of(&["a", "b"], vec![Err(gap), ago(1)]).status, Status::Pass);
    }
}
