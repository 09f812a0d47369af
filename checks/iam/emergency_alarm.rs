//! Does the use of emergency access start anything: a rule of EventBridge in some Region of the scan, or perhaps a metric filter on the
//! trail's log group?

use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::events::pattern::{EventSample, PatternMatch};
use posture_estate::services::events::reach::Delivered;
use posture_estate::services::events::samples::EventPlace;
use std::collections::BTreeMap;

/// Says for each way of using it what alarms; `uses` makes the events of a Region.
pub(super) async fn alarmed(
    at: &Account,
    uses: impl Fn(EventPlace<'_>) -> Vec<EventSample>,
    reasons: &mut Reasons,
) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
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
                    open.retain(|what| *what != sample.what);
                    found.insert(sample.what, how);
                }
                None if !open.contains(&sample.what) => open.push(sample.what),
                None => {}
            }
        }
    }
    if open.is_empty() {
        return found.into_values().collect();
    }
    if doubts.is_empty() {
        by_metric_filters(at, &mut doubts).await;
    }
    silent(open, doubts, reasons);
    found.into_values().collect()
}

/// What no rule is known to take: broken, unless something that was not seen or not decided may alarm on it.
fn silent(open: Vec<String>, doubts: Reasons, reasons: &mut Reasons) {
    for what in open {
        match doubts.is_empty() {
            true => reasons.broken("use_not_alarmed", format!("no rule of EventBridge alarms on {what}")),
            false => reasons.doubt(format!("no rule of EventBridge is known to alarm on {what}")),
        }
    }
    reasons.absorb(doubts);
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
                Ok(Delivered::Yes(to) | Delivered::Perhaps(to)) => {
                    return Some(format!("rule {name} in {} hands it to {to}", at.name()));
                }
                Ok(Delivered::No(_)) => {}
                Err(gap) => doubts.unseen(&gap),
            }
        }
    }
    None
}

/// A trail's log group with metric filters may alarm as well.
async fn by_metric_filters(at: &Account, doubts: &mut Reasons) {
    let Some(trails) = doubts.add(at.cloudtrail().trails().await) else { return };
    trails.gaps.iter().for_each(|gap| doubts.unseen(gap));
    for group in trails.seen.iter().filter_map(|trail| trail.log_group.as_deref()) {
        let Some(arn) = Arn::parse(group).filter(|arn| arn.account == at.account_id()) else {
            doubts.doubt(format!("metric filters of {group}, to which a trail delivers, show only in its account"));
            continue;
        };
        let Some(groups) = doubts.add(at.region(arn.region).logs().log_groups().await) else { continue };
        let same = |name: &str| name.trim_end_matches(":*") == group.trim_end_matches(":*");
        let filters = groups.iter().find(|one| same(&one.arn)).and_then(|one| one.metric_filter_count);
        if let Some(count @ 1..) = filters {
            doubts.doubt(format!("a trail delivers to {group}, and whether one of its metric filters ({count}) alarms is not looked at"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(doubts: Reasons) -> Verdict {
        let mut reasons = Reasons::new();
        silent(vec!["AssumeRole of a role".into()], doubts, &mut reasons);
        reasons.open()
    }

    #[test]
    fn a_use_that_no_rule_takes_fails_unless_something_else_may_alarm() {
        assert_eq!(of(Reasons::new()).reasons, ["use_not_alarmed"]);
        let mut doubts = Reasons::new();
        doubts.doubt("a metric filter may alarm");
        let verdict = of(doubts);
        assert_eq!(verdict.status, Status::Unknown);
        assert!(verdict.message.contains("a metric filter may alarm"), "{}", verdict.message);
    }
}
