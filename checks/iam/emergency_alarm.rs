//! Does the use of emergency access start anything: a rule of EventBridge in some Region of the scan, or an alarm on what a metric filter of
//! the trail's log group counts?

use crate::cloudwatch::kinds::Kind;
use crate::cloudwatch::telling;
use crate::prelude::*;
use posture_estate::services::events::pattern::{EventSample, PatternMatch};
use posture_estate::services::events::reach::Delivered;
use posture_estate::services::events::samples::EventPlace;
use std::collections::BTreeMap;

/// Says for each way of using it what alarms; `uses` makes the events of a Region, `reads` says whether CloudTrail takes them for reading.
pub(super) async fn alarmed(
    at: &Account,
    uses: impl Fn(EventPlace<'_>) -> Vec<EventSample>,
    reads: bool,
    reasons: &mut Reasons,
) -> Vec<String> {
    let mut open: BTreeMap<String, EventSample> = BTreeMap::new();
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut doubts = Reasons::new();
    // Each is asked below, one after the other.
    join_all(at.regions().iter().map(async |region| at.region(region).events().rules().await)).await;
    for region in at.regions() {
        for sample in uses(EventPlace { account: at.account_id(), region }) {
            if found.contains_key(&sample.what) {
                continue;
            }
            match in_region(&at.region(region), &sample, &mut doubts).await {
                Some(how) => {
                    open.remove(&sample.what);
                    found.insert(sample.what, how);
                }
                None => drop(open.entry(sample.what.clone()).or_insert(sample)),
            }
        }
    }
    if open.is_empty() {
        return found.into_values().collect();
    }
    let samples: Vec<_> = open.values().map(EventSample::record).collect();
    let kind = Kind { key: "emergency-use", what: "use of emergency access", samples, reads, each: true };
    let told = match telling::told(at, &[kind]).await {
        Ok(told) => told.into_iter().flatten().collect(),
        Err(gap) => vec![Verdict::unseen(&gap); open.len()],
    };
    let sure = doubts.is_empty();
    for (what, told) in open.into_keys().zip(told) {
        if told.status == Status::Pass {
            found.insert(what, told.message);
        } else {
            silent(&what, told, sure, reasons);
            reasons.absorb(std::mem::take(&mut doubts));
        }
    }
    found.into_values().collect()
}

/// What no rule is known to take and no alarm is known to tell of: broken, unless one of the two was not seen or not decided.
fn silent(what: &str, told: Verdict, sure_of_rules: bool, reasons: &mut Reasons) {
    match (sure_of_rules, told.status) {
        (true, Status::Fail) => {
            let lack = told.message;
            reasons.broken("use_not_alarmed", format!("no rule of EventBridge alarms on {what}, and {lack}"));
        }
        (_, Status::Fail) => {
            reasons.doubt(format!("no rule of EventBridge is known to alarm on {what}, and {}", told.message))
        }
        _ => {
            reasons.doubt(format!("no rule of EventBridge is known to alarm on {what}"));
            reasons.join(told);
        }
    }
}

/// The rule that takes the event and hands it on, with where.
async fn in_region(at: &Region, sample: &EventSample, doubts: &mut Reasons) -> Option<String> {
    let rules = doubts.add(at.events().rules().await)?;
    for rule in rules.iter().filter(|rule| !rule.is_a_services_own()) {
        let name = &rule.name;
        let sure = match rule.fires_on(sample) {
            PatternMatch::No => continue,
            PatternMatch::Yes => true,
            PatternMatch::Perhaps(why) => {
                doubts.doubt(format!("whether rule {name} in {} takes it is not known: {why}", at.name()));
                false
            }
        };
        let Some(targets) = doubts.add(at.events().targets(name).await).filter(|_| sure) else { continue };
        for target in targets.iter() {
            match at.events().delivered(target).await {
                Ok(Delivered::Yes(to)) => match at.account().cloudtrail().brings_calls(at.name()).await {
                    Ok(true) => return Some(format!("rule {name} in {} hands it to {to}", at.name())),
                    // The rule waits for events that do not come.
                    Ok(false) => {}
                    Err(gap) => doubts.unseen(&gap),
                },
                Ok(Delivered::Perhaps(to)) => doubts.doubt(format!(
                    "rule {name} in {} hands it to {to}, and whether that tells somebody does not show",
                    at.name()
                )),
                Ok(Delivered::No(_)) => {}
                Err(gap) => doubts.unseen(&gap),
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(told: Verdict, sure_of_rules: bool) -> Verdict {
        let mut reasons = Reasons::new();
        silent("AssumeRole of a role", told, sure_of_rules, &mut reasons);
        reasons.open()
    }

    #[test]
    fn a_use_that_no_rule_takes_and_no_filter_counts_fails() {
        let no_filter = || Verdict::fail("no_filter", "no metric filter counts it");
        let verdict = of(no_filter(), true);
        assert_eq!(verdict.reasons, ["use_not_alarmed"]);
        assert!(verdict.message.ends_with("and no metric filter counts it"), "{}", verdict.message);
        assert_eq!(of(no_filter(), false).status, Status::Unknown, "a rule hands it to a function");
        let perhaps = of(Verdict::undecided("a metric filter may count it"), true);
        assert_eq!(perhaps.status, Status::Unknown);
        assert!(perhaps.message.contains("a metric filter may count it"), "{}", perhaps.message);
    }
}
