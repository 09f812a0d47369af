//! Who receives findings by rules of EventBridge: a queue, or a system in which people work on tickets.

use crate::prelude::*;
use posture_estate::services::events::EventRule;
use posture_estate::services::events::pattern::{EventSample, PatternMatch};
use posture_estate::services::events::reach::Delivered;

/// A rule that takes some of Security Hub's findings, and where it hands them.
pub(super) struct Sent {
    rule: String,
    /// Why it may be that it takes none.
    doubt: Option<String>,
    ends: Result<Vec<Result<Delivered, Gap>>, Gap>,
}

/// The rules of the Region that take any of these events. What `receivers` names brings findings to a queue, whatever it is.
pub(super) async fn sent(at: &Region, events: &[EventSample], receivers: &Patterns) -> Result<Vec<Sent>, Gap> {
    let rules = at.events().rules().await?;
    let taking = rules.iter().filter_map(|rule| Some((rule, taken(rule, events)?)));
    let asked = taking.map(async |(rule, doubt)| {
        let ends = match at.events().targets(&rule.name).await {
            Ok(targets) => Ok(join_all(targets.iter().map(async |target| match receivers.matches(&target.arn) {
                true => Ok(Delivered::Yes(target.arn.clone())),
                false => at.events().queued(target).await,
            }))
            .await),
            Err(gap) => Err(gap),
        };
        Sent { rule: rule.name.clone(), doubt, ends }
    });
    Ok(join_all(asked).await)
}

/// `None` where a rule takes no finding, else why that is in doubt.
fn taken(rule: &EventRule, events: &[EventSample]) -> Option<Option<String>> {
    if rule.is_a_services_own() {
        return None;
    }
    let mut doubt = None;
    for event in events {
        match rule.fires_on(event) {
            PatternMatch::Yes => return Some(None),
            PatternMatch::Perhaps(why) => doubt = doubt.or(Some(why)),
            PatternMatch::No => {}
        }
    }
    doubt.map(Some)
}

/// Who receives findings, where that is certain; else why somebody may.
pub(super) fn by_rules(region: &str, sent: Result<Vec<Sent>, Gap>, reasons: &mut Reasons) -> Option<String> {
    for Sent { rule, doubt, ends } in reasons.add(sent)? {
        for end in reasons.add(ends).into_iter().flatten() {
            match (end, &doubt) {
                (Ok(Delivered::Yes(how)), None) => {
                    return Some(format!("rule {rule} in {region} hands them to {how}"));
                }
                (Ok(Delivered::Yes(how)), Some(why)) => {
                    reasons.doubt(format!("whether rule {rule} in {region} hands findings to {how} is not known: {why}"));
                }
                (Ok(Delivered::Perhaps(to)), _) => reasons.doubt(format!(
                    "rule {rule} in {region} hands findings to {to}, and whether a queue or a ticketing system gets them from there does not show"
                )),
                (Ok(Delivered::No(_)), _) => {}
                (Err(gap), _) => reasons.unseen(&gap),
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::events::samples::EventPlace;

    const ACTION: &str = "arn:aws:securityhub:eu-west-1:111122223333:action/custom/ticket";

    fn takes(pattern: &serde_json::Value, actions: &[&str], newer: bool) -> Option<Option<String>> {
        let actions: Vec<String> = actions.iter().map(|&one| one.to_owned()).collect();
        let events = EventPlace { account: "111122223333", region: "eu-west-1" }.hub_events(&actions, newer);
        let rule = json!({ "Name": "r", "Arn": "a", "State": "ENABLED", "EventPattern": pattern.to_string() });
        taken(&serde_json::from_value(rule).unwrap(), &events)
    }

    #[test]
    fn a_rule_takes_findings_as_they_come_or_as_somebody_sends_them_on() {
        let of = |pattern: serde_json::Value| takes(&pattern, &[ACTION], false);
        let imported = json!({ "source": ["aws.securityhub"], "detail-type": ["Security Hub Findings - Imported"],
            "detail": { "findings": { "Severity": { "Label": ["CRITICAL"] } } } });
        assert_eq!(of(imported), Some(None), "some of them are enough");
        assert_eq!(of(json!({ "source": ["aws.guardduty"] })), None);
        let low =
            json!({ "source": ["aws.securityhub"], "detail": { "findings": { "Severity": { "Label": ["LOW"] } } } });
        assert_eq!(takes(&low, &[], false), None);
        let tagged = json!({ "source": ["aws.securityhub"], "detail": { "findings": { "Title": ["a"] } } });
        assert!(matches!(of(tagged), Some(Some(_))), "it depends on the finding");
    }

    #[test]
    fn a_custom_action_sends_only_where_there_is_one() {
        let by = json!({ "source": ["aws.securityhub"], "detail-type": ["Security Hub Findings - Custom Action"], "resources": [ACTION] });
        assert_eq!(takes(&by, &[ACTION], false), Some(None));
        assert_eq!(takes(&by, &[], false), None);
        let newer = json!({ "source": ["aws.securityhub"], "detail-type": ["Findings Imported V2"] });
        assert_eq!(takes(&newer, &[], true), Some(None));
        assert_eq!(takes(&newer, &[], false), None, "the newer Security Hub is off");
    }

    fn of(doubt: Option<&str>, end: Result<Delivered, Gap>) -> Verdict {
        let rule = Sent { rule: "r".into(), doubt: doubt.map(str::to_owned), ends: Ok(vec![end]) };
        let mut reasons = Reasons::new();
        match by_rules("eu-west-1", Ok(vec![rule]), &mut reasons) {
            Some(how) => Verdict::pass(how),
            None if reasons.is_empty() => Verdict::fail("nobody_receives", "nobody"),
            None => reasons.open(),
        }
    }

    #[test]
    fn a_queue_or_a_ticketing_system_has_to_get_them() {
        let gap = || Gap::new("111122223333", "eu-west-1", "sns:ListSubscriptions", GapKind::Denied, "no");
        let yes = || Ok(Delivered::Yes("queue tickets".into()));
        assert_eq!(of(None, yes()).status, Status::Pass);
        assert_eq!(of(Some("it depends on detail.findings.Title"), yes()).status, Status::Unknown);
        assert_eq!(of(None, Ok(Delivered::Perhaps("a function".into()))).status, Status::Unknown);
        assert_eq!(of(None, Ok(Delivered::No("no subscription".into()))).status, Status::Fail);
        assert_eq!(of(None, Err(gap())).status, Status::Unknown);
        let mut reasons = Reasons::new();
        assert_eq!(by_rules("eu-west-1", Err(gap()), &mut reasons), None);
        assert_eq!(reasons.open().status, Status::Unknown);
        let mut none = Reasons::new();
        assert!(by_rules("eu-west-1", Ok(vec![]), &mut none).is_none() && none.is_empty());
    }
}
