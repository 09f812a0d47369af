//! Does somebody hear of it when root signs in or calls? By an alarm on a metric filter, or by rules of EventBridge, event by event.

use super::{kinds, root_rules, steps, telling};
use crate::prelude::*;
use posture_estate::services::cloudtrail::delivery::one_suffices;
use std::collections::BTreeMap;

pub async fn probe(at: &Account) -> Outcome {
    let kinds = [kinds::root_usage()];
    let by_alarms = telling::told(at, &kinds).await?.into_iter().flatten().collect::<Vec<_>>();
    let told = if by_alarms.iter().all(|told| told.status == Status::Pass) {
        by_alarms
    } else {
        let by_rules = root_rules::told(at).await;
        both(by_alarms, by_rules)
    };
    let [kind] = &kinds;
    Ok(vec![steps::sum_up(kind, told).on(at.resource())])
}

/// For each event one of the two suffices. What alarms lack for both events alike is said once.
fn both(by_alarms: Vec<Verdict>, [sign_in, call]: [Verdict; 2]) -> Vec<Verdict> {
    let mut said: BTreeMap<String, Verdict> = BTreeMap::new();
    // The sign-in is the first; all the rest are calls.
    let by_rules = std::iter::once(sign_in).chain(std::iter::repeat(call));
    let pairs = by_alarms.into_iter().zip(by_rules);
    let told = pairs.map(|(alarm, rule)| match said.get(&alarm.message) {
        Some(before) if rule.status == Status::Fail && before.message.ends_with(&rule.message) => before.clone(),
        Some(_) if rule.status == Status::Fail => rule,
        _ => {
            let (fails, lack) = (alarm.status == Status::Fail && rule.status == Status::Fail, alarm.message.clone());
            let verdict = one_suffices(vec![alarm, rule], Verdict::undecided("nothing was seen that tells of it"));
            if fails {
                said.insert(lack, verdict.clone());
            }
            verdict
        }
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    #[test]
    fn an_alarm_or_a_rule_suffices() {
        let gap = Gap::new("111122223333", "us-east-1", "events:ListRules", GapKind::Denied, "no");
        let fail = || Verdict::fail("no_filter", "none");
        let first = |alarm: Verdict, rule: Verdict| both(vec![alarm, fail()], [rule, fail()]).swap_remove(0);
        assert_eq!(first(fail(), Verdict::pass("told")).status, Status::Pass);
        assert_eq!(first(Verdict::pass("told"), Verdict::fail("no_rule", "none")).status, Status::Pass);
        assert_eq!(first(fail(), Verdict::unseen(&gap)).status, Status::Unknown);
        let neither = first(fail(), Verdict::fail("no_rule", "no rule"));
        assert_eq!((neither.status, neither.reasons), (Status::Fail, vec!["no_filter", "no_rule"]));
        let rules = ["no rule here", "no rule there"].map(|lack| Verdict::fail("no_rule", lack));
        let told = steps::sum_up(&kinds::root_usage(), both(vec![fail(), fail()], rules));
        assert_eq!(told.message.matches("none").count(), 1, "{}", told.message);
        assert!(told.message.contains("no rule here") && told.message.contains("no rule there"));
        let same = ["no rule", "no rule"].map(|lack| Verdict::fail("no_rule", lack));
        let told = both(vec![Verdict::pass("told"), fail(), fail()], same);
        assert_eq!(steps::sum_up(&kinds::root_usage(), told).message, "use of the root user: none; no rule");
    }

    #[test]
    fn each_of_the_two_events_has_to_be_told_of() {
        let kind = kinds::root_usage();
        let half = steps::sum_up(&kind, vec![Verdict::pass("told"), Verdict::fail("no_rule", "no rule")]);
        assert_eq!(half.status, Status::Fail);
        let both = steps::sum_up(&kind, vec![Verdict::pass("a"), Verdict::pass("b")]);
        assert_eq!((both.status, both.message.as_str()), (Status::Pass, "use of the root user: a; b"));
    }
}
