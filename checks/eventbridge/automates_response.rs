//! Does a program answer what a security service finds, by a rule that is on?

use super::elsewhere::settled;
use crate::prelude::*;
use posture_estate::services::events::EventRule;
use posture_estate::services::events::samples::{ANSWERABLE, EventPlace, EventSource};

/// Accounts whose rules answer the findings of the organization.
const SECURITY_ACCOUNTS: Setting<[String]> = setting!(automates_response.security_accounts);

/// The ARN of a target, and whether it is a program.
type Runs = (String, Result<Option<bool>, Gap>);

/// A rule on findings, and of each of its targets whether it is a program; none where that does not show.
struct Answering {
    rule: String,
    /// None where its state is not a known one.
    on: Option<bool>,
    source: &'static str,
    targets: Result<Vec<Runs>, Gap>,
}

pub async fn probe(at: &Region) -> Outcome {
    let here = in_region(at, |_| true).await?;
    let there = async |home: &Region| in_region(home, EventSource::is_security_hub).await;
    Ok(vec![settled(at, here, there, at.setting(SECURITY_ACCOUNTS)).await.on(at.resource())])
}

async fn in_region(at: &Region, wanted: impl Fn(&EventSource) -> bool) -> Result<Verdict, Gap> {
    let scene = EventPlace { account: at.account_id(), region: at.name() };
    let rules = at.events().rules().await?;
    let asked =
        rules.iter().filter_map(|rule| Some((rule, answers(rule, scene, &wanted)?))).map(async |(rule, source)| {
            let targets = match at.events().targets(&rule.name).await {
                Ok(targets) => Ok(join_all(
                    targets.iter().map(async |target| (target.arn.clone(), at.events().runs_a_program(target).await)),
                )
                .await),
                Err(gap) => Err(gap),
            };
            Answering { rule: rule.name.clone(), on: rule.is_enabled(), source, targets }
        });
    Ok(judge(at.name(), &join_all(asked).await))
}

/// The service whose events the rule takes, if it is one of those wanted.
fn answers(rule: &EventRule, scene: EventPlace<'_>, wanted: impl Fn(&EventSource) -> bool) -> Option<&'static str> {
    if rule.is_enabled() == Some(false) || rule.is_a_services_own() {
        return None;
    }
    let pattern = rule.event_pattern.as_deref()?;
    Some(ANSWERABLE.iter().find(|source| wanted(source) && source.is_named_in(pattern, scene))?.name)
}

fn judge(region: &str, rules: &[Answering]) -> Verdict {
    let mut reasons = Reasons::new();
    for Answering { rule, on, source, targets } in rules {
        let targets = match targets {
            Ok(targets) => targets,
            Err(gap) => {
                reasons.unseen(gap);
                continue;
            }
        };
        for (arn, program) in targets {
            match program {
                Ok(Some(true)) if on.is_none() => {
                    reasons.doubt(format!("whether rule {rule} in {region} is on is not known"));
                }
                Ok(Some(true)) => {
                    return Verdict::pass(format!("rule {rule} in {region} answers events of {source} with {arn}"))
                        .evidence(json!({ "rule": rule, "target": arn }));
                }
                Ok(Some(false)) => {}
                Ok(None) => reasons.doubt(format!(
                    "rule {rule} in {region} hands events of {source} to {arn}; whether a program answers them there does not show"
                )),
                Err(gap) => reasons.unseen(gap),
            }
        }
    }
    if !reasons.is_empty() {
        return reasons.open();
    }
    Verdict::fail(
        "no_automation",
        format!(
            "no rule in {region} that is on answers events of Config, Security Hub, GuardDuty or Inspector with a function, a workflow or an automation"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "events:ListTargetsByRule", GapKind::Denied, "no")
    }

    fn of(targets: Vec<Result<Option<bool>, Gap>>) -> Verdict {
        let targets = Ok(targets.into_iter().map(|one| ("arn:target".to_owned(), one)).collect());
        judge("eu-west-1", &[Answering { rule: "r".into(), on: Some(true), source: "GuardDuty", targets }])
    }

    #[test]
    fn one_program_is_enough() {
        assert_eq!(of(vec![Ok(Some(false)), Ok(None), Ok(Some(true))]).status, Status::Pass);
        assert_eq!(of(vec![Ok(Some(false))]).reasons, ["no_automation"]);
        assert_eq!(of(vec![]).reasons, ["no_automation"]);
        assert_eq!(judge("eu-west-1", &[]).reasons, ["no_automation"]);
    }

    #[test]
    fn only_rules_that_are_on_and_the_accounts_own_count() {
        let scene = EventPlace { account: "111122223333", region: "eu-west-1" };
        let of = |state: &str, service: Option<&str>| {
            let rule = json!({"Name": "r", "Arn": "a", "State": state, "ManagedBy": service, "EventPattern": r#"{"source":["aws.guardduty"]}"#});
            answers(&serde_json::from_value(rule).unwrap(), scene, |_| true)
        };
        assert_eq!(of("ENABLED", None), Some("GuardDuty"));
        assert_eq!(of("DISABLED", None), None);
        assert_eq!(of("ENABLED", Some("auditmanager.amazonaws.com")), None);
        let strange = Answering {
            rule: "r".into(),
            on: None,
            source: "GuardDuty",
            targets: Ok(vec![("f".into(), Ok(Some(true)))]),
        };
        assert_eq!(judge("eu-west-1", &[strange]).status, Status::Unknown);
    }

    #[test]
    fn what_does_not_show_or_was_not_seen_is_unknown() {
        assert_eq!(of(vec![Ok(None)]).status, Status::Unknown);
        assert_eq!(of(vec![Err(gap())]).status, Status::Unknown);
        let refused = Answering { rule: "r".into(), on: Some(true), source: "GuardDuty", targets: Err(gap()) };
        assert_eq!(judge("eu-west-1", &[refused]).status, Status::Unknown);
    }
}
