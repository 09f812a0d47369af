//! Does somebody hear of it when root signs in or calls? By an alarm on a metric filter, or by rules of EventBridge, event by event.

use super::{kinds, root_rules, watch};
use crate::prelude::*;
use posture_estate::services::cloudtrail::delivery::one_suffices;

pub async fn probe(at: &Account) -> Outcome {
    let kinds = [kinds::root_usage()];
    let by_alarms = watch::told(at, &kinds).await?.into_iter().flatten().collect::<Vec<_>>();
    let told = if by_alarms.iter().all(|told| told.status == Status::Pass) {
        by_alarms
    } else {
        let by_rules = root_rules::told(at).await;
        by_alarms.into_iter().zip(by_rules).map(|(alarm, rule)| either(alarm, rule)).collect()
    };
    let [kind] = &kinds;
    Ok(vec![watch::sum_up(kind, told).on(at.resource())])
}

/// One of the two suffices; what both lack is said of both.
fn either(alarm: Verdict, rule: Verdict) -> Verdict {
    one_suffices(vec![alarm, rule], Verdict::undecided("nothing was seen that tells of it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    #[test]
    fn an_alarm_or_a_rule_suffices() {
        let gap = Gap::new("111122223333", "us-east-1", "events:ListRules", GapKind::Denied, "no");
        let fail = || Verdict::fail("no_filter", "none");
        assert_eq!(either(fail(), Verdict::pass("told")).status, Status::Pass);
        assert_eq!(either(Verdict::pass("told"), Verdict::fail("no_rule", "none")).status, Status::Pass);
        assert_eq!(either(fail(), Verdict::unseen(&gap)).status, Status::Unknown);
        let both = either(fail(), Verdict::fail("no_rule", "no rule"));
        assert_eq!((both.status, both.reasons), (Status::Fail, vec!["no_filter", "no_rule"]));
    }

    #[test]
    fn each_of_the_two_events_has_to_be_told_of() {
        let kind = kinds::root_usage();
        let half = watch::sum_up(&kind, vec![Verdict::pass("told"), Verdict::fail("no_rule", "no rule")]);
        assert_eq!(half.status, Status::Fail);
        let both = watch::sum_up(&kind, vec![Verdict::pass("a"), Verdict::pass("b")]);
        assert_eq!((both.status, both.message.as_str()), (Status::Pass, "use of the root user: a; b"));
    }
}
