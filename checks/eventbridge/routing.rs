//! Which findings come to a person: of each service's findings every sample has to be taken by a rule that is on, and handed to somebody.

use crate::prelude::*;
use posture_estate::services::events::EventRule;
use posture_estate::services::events::pattern::{EventSample, PatternMatch};
use posture_estate::services::events::reach::Delivered;
use posture_estate::services::events::samples::FindingSource;

/// A rule that takes findings, and where it hands them.
pub(super) struct Handled {
    pub rule: EventRule,
    pub ends: Result<Vec<Result<Delivered, Gap>>, Gap>,
}

/// How much of a service's findings comes to a person.
pub(super) enum Coverage {
    /// All, and how.
    All(String),
    /// Some but not this one.
    Some(String),
    Perhaps(Reasons),
    None,
}

/// The rules of the Region that take any of these findings, each with what becomes of them.
pub(super) async fn handled(at: &Region, sources: &[FindingSource], notifiers: &Patterns) -> Result<Vec<Handled>, Gap> {
    let rules = at.events().rules().await?;
    let takes = |rule: &&EventRule| {
        let mut samples = sources.iter().flat_map(|source| &source.samples);
        !rule.is_a_services_own() && samples.any(|sample| rule.fires_on(sample) != PatternMatch::No)
    };
    let asked = rules.iter().filter(takes).map(async |rule| {
        let ends = match at.events().targets(&rule.name).await {
            Ok(targets) => Ok(join_all(targets.iter().map(async |target| match notifiers.matches(&target.arn) {
                true => Ok(Delivered::Yes(target.arn.clone())),
                false => at.events().delivered(target).await,
            }))
            .await),
            Err(gap) => Err(gap),
        };
        Handled { rule: rule.clone(), ends }
    });
    Ok(join_all(asked).await)
}

pub(super) fn coverage(source: &FindingSource, handled: &[Handled]) -> Coverage {
    let mut reasons = Reasons::new();
    let (mut how, mut missed) = (Vec::new(), None);
    for sample in &source.samples {
        match sampled(sample, handled) {
            Coverage::All(by) => {
                if !how.contains(&by) {
                    how.push(by);
                }
            }
            Coverage::Perhaps(why) => reasons.absorb(why),
            Coverage::Some(_) | Coverage::None => missed = missed.or(Some(sample.what.clone())),
        }
    }
    match missed {
        // Whatever else is open, this one is taken by nothing.
        Some(_) if how.is_empty() && reasons.is_empty() => Coverage::None,
        Some(missed) => Coverage::Some(missed),
        None if reasons.is_empty() => Coverage::All(how.join(", ")),
        None => Coverage::Perhaps(reasons),
    }
}

fn sampled(sample: &EventSample, handled: &[Handled]) -> Coverage {
    let mut reasons = Reasons::new();
    for Handled { rule, ends } in handled {
        let name = &rule.name;
        let doubt = match rule.fires_on(sample) {
            PatternMatch::No => continue,
            PatternMatch::Perhaps(why) => Some(format!("whether rule {name} takes it is not known: {why}")),
            PatternMatch::Yes => None,
        };
        for end in ends.as_ref().map_or_else(|gap| vec![Err(gap)], |ends| ends.iter().map(Result::as_ref).collect()) {
            match (end, &doubt) {
                (Ok(Delivered::Yes(how)), None) => return Coverage::All(format!("{how} by rule {name}")),
                (Ok(Delivered::No(_)), _) => {}
                (Ok(Delivered::Yes(_)), Some(doubt)) => reasons.doubt(doubt.clone()),
                (Ok(Delivered::Perhaps(to)), _) => reasons.doubt(format!(
                    "rule {name} hands them to {to}, and whether a person gets them there does not show"
                )),
                (Err(gap), _) => reasons.unseen(gap),
            }
        }
    }
    match reasons.is_empty() {
        true => Coverage::None,
        // Each of several samples says the same.
        false => {
            let mut once = Reasons::new();
            once.absorb(reasons);
            Coverage::Perhaps(once)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::events::samples::EventPlace;

    fn guardduty() -> FindingSource {
        let scene = EventPlace { account: "111122223333", region: "eu-west-1" };
        scene.findings().into_iter().find(|one| one.name == "GuardDuty").unwrap()
    }

    fn takes(state: &str, severity: serde_json::Value, ends: Result<Vec<Result<Delivered, Gap>>, Gap>) -> Handled {
        let pattern = json!({"source": ["aws.guardduty"], "detail": {"severity": severity}}).to_string();
        let rule = json!({"Name": "r", "Arn": "arn", "State": state, "EventPattern": pattern});
        Handled { rule: serde_json::from_value(rule).unwrap(), ends }
    }

    fn person() -> Result<Vec<Result<Delivered, Gap>>, Gap> {
        Ok(vec![Ok(Delivered::Yes("topic alerts (email)".into()))])
    }

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "events:ListTargetsByRule", GapKind::Denied, "no")
    }

    fn of(handled: &[Handled]) -> &'static str {
        match coverage(&guardduty(), handled) {
            Coverage::All(_) => "all",
            Coverage::Some(_) => "some",
            Coverage::Perhaps(_) => "perhaps",
            Coverage::None => "none",
        }
    }

    #[test]
    fn every_serious_finding_has_to_come_to_a_person() {
        // semantics 36
        let from = |severity: f64| json!([{"numeric": [">=", severity]}]);
        assert_eq!(of(&[takes("ENABLED", from(7.0), person())]), "all");
        assert_eq!(of(&[takes("ENABLED", json!([8, 8.0]), person())]), "some");
        assert_eq!(of(&[takes("DISABLED", from(7.0), person())]), "none");
        assert_eq!(of(&[]), "none");
        let critical = takes("ENABLED", from(9.0), person());
        let high = takes("ENABLED", json!([{"numeric": [">=", 7, "<", 9]}]), person());
        assert_eq!(of(&[critical, high]), "all", "two rules together");
    }

    #[test]
    fn a_rule_needs_a_target_that_tells_somebody() {
        let rule = |ends| [takes("ENABLED", json!([{"numeric": [">=", 4]}]), ends)];
        assert_eq!(of(&rule(Ok(vec![]))), "none");
        assert_eq!(of(&rule(Ok(vec![Ok(Delivered::No("no subscription".into()))]))), "none");
        assert_eq!(of(&rule(Ok(vec![Ok(Delivered::Perhaps("arn:function".into()))]))), "perhaps");
        assert_eq!(of(&rule(Ok(vec![Err(gap())]))), "perhaps");
        assert_eq!(of(&rule(Err(gap()))), "perhaps");
        let both = Ok(vec![Ok(Delivered::Perhaps("arn:function".into())), person().unwrap().remove(0)]);
        assert_eq!(of(&rule(both)), "all");
    }

    #[test]
    fn what_a_rule_takes_that_cannot_be_read_is_not_known() {
        assert_eq!(of(&[takes("ENABLED", json!([{"sounds-like": 7}]), person())]), "perhaps");
        assert_eq!(of(&[takes("PAUSED", json!([{"numeric": [">=", 7]}]), person())]), "perhaps");
    }
}
