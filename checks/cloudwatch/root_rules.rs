//! Rules of EventBridge that tell of what root does: each Region has its own, and a sign-in of root is an event of the home Region.

use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::cloudtrail::delivery::one_suffices;
use posture_estate::services::cloudtrail::selectors::{Access, Category, Events};
use posture_estate::services::cloudtrail::{Recorded, Trails};
use posture_estate::services::events::EventTarget;
use posture_estate::services::events::pattern::{EventSample, PatternMatch};
use posture_estate::services::events::reach::TargetKind;
use posture_estate::services::sns::{Listeners, topic_name};

/// Whether rules tell of sign-ins of root, and of its calls in every Region in scope. EventBridge gets them by way of a trail that is on:
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>
pub(super) async fn told(at: &Account) -> [Verdict; 2] {
    let [sign_in, call] = samples();
    let regions = join_all(at.regions().iter().map(|region| told_in(at, region, &call)));
    let (sign_in, regions, recorded) = join!(told_in(at, at.home(), &sign_in), regions, recorded(at));
    let mut calls = Reasons::new();
    regions.iter().for_each(|told| calls.join(told.clone()));
    let by: Vec<String> = regions.into_iter().map(|told| told.message).collect();
    let calls = calls.or_pass(|| by.join("; "));
    [sign_in, calls].map(|told| match (&told.status, &recorded) {
        (Status::Pass, Recorded::By(_)) | (Status::Fail | Status::Unknown | Status::NotApplicable, _) => told,
        (_, Recorded::Open(open)) => open.verdict(),
        (_, Recorded::No(_)) => {
            Verdict::fail("no_trail", "no trail that works gives EventBridge the calls of all Regions")
        }
    })
}

/// A sign-in and a call, as EventBridge gets them.
fn samples() -> [EventSample; 2] {
    let sign_in = json!({
        "source": "aws.signin",
        "detail-type": "AWS Console Sign In via CloudTrail",
        "detail": { "eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn",
            "userIdentity": { "type": "Root" }, "responseElements": { "ConsoleLogin": "Success" } },
    });
    // One of many, so that a rule for other services or calls is none for all.
    let call = json!({
        "source": "aws.ec2",
        "detail-type": "AWS API Call via CloudTrail",
        "detail": { "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances", "eventType": "AwsApiCall",
            "userIdentity": { "type": "Root" } },
    });
    let absent: &[&str] = &["detail.userIdentity.invokedBy", "detail.errorCode", "detail.errorMessage"];
    let sample = |what: &str, event| EventSample::new(what, event).without(absent);
    [sample("sign-ins of the root user", sign_in), sample("calls of the root user", call)]
}

async fn recorded(at: &Account) -> Recorded {
    match at.cloudtrail().multi_region_trails().await {
        Ok(seen) => {
            let trails = Trails { seen, gaps: Vec::new() };
            at.cloudtrail().recorded_by_trails(&trails, None, &[Events::all(Category::Management, Access::Write)]).await
        }
        Err(gap) => Recorded::Open(gap.into()),
    }
}

async fn told_in(at: &Account, region: &str, sample: &EventSample) -> Verdict {
    let place = at.region(region);
    let rules = match place.events().rules().await {
        Ok(rules) => rules,
        Err(gap) => return Verdict::unseen(&gap),
    };
    let matched =
        rules.iter().map(|rule| (rule, rule.fires_on(sample))).filter(|(_, matched)| *matched != PatternMatch::No);
    let ways = join_all(matched.map(async |(rule, matched)| {
        let targets = match place.events().targets(&rule.name).await {
            Ok(targets) => targets,
            Err(gap) => return Some(Verdict::unseen(&gap)),
        };
        let heard = join_all(targets.iter().map(async |target| {
            let own = is_own_topic(target, at.account_id());
            let listeners = if own { Some(place.sns().listeners(&target.arn).await) } else { None };
            heard(&rule.name, &target.arn, listeners, region)
        }));
        let none = Verdict::fail("no_topic", format!("rule {} in {region} has no target", rule.name));
        certain(&rule.name, matched, one_suffices(heard.await, none))
    }));
    let none = Verdict::fail("no_rule", format!("no rule in {region} matches {}", sample.what));
    one_suffices(ways.await.into_iter().flatten().collect(), none)
}

fn is_own_topic(target: &EventTarget, account: &str) -> bool {
    Arn::parse(&target.arn).is_some_and(|arn| arn.service == "sns" && arn.account == account)
}

fn heard(rule: &str, target: &str, listeners: Option<Result<Listeners, Gap>>, region: &str) -> Verdict {
    let name = topic_name(target);
    match listeners {
        None => match TargetKind::of(target) {
            TargetKind::People(how) => Verdict::pass(format!("rule {rule} in {region} tells people by {how}")),
            _ => Verdict::undecided(format!(
                "rule {rule} in {region} starts {target}, and whether that tells somebody is not seen"
            )),
        },
        Some(Err(gap)) => Verdict::unseen(&gap),
        Some(Ok(listeners)) => match listeners.lack() {
            Some(lack) => {
                Verdict::fail("no_subscriber", format!("rule {rule} in {region} notifies topic {name}, {lack}"))
            }
            None => Verdict::pass(format!("rule {rule} in {region} notifies the subscribers of topic {name}")),
        },
    }
}

/// What a rule that only may match comes to: nothing where it tells nobody.
fn certain(rule: &str, matched: PatternMatch, told: Verdict) -> Option<Verdict> {
    match (matched, told.status) {
        (PatternMatch::Perhaps(_), Status::Fail) => None,
        (PatternMatch::Perhaps(why), Status::Pass) => {
            Some(Verdict::undecided(format!("whether rule {rule} matches is not certain: {why}")))
        }
        _ => Some(told),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::sns::Subscription;

    const TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:alerts";

    #[test]
    fn a_rule_tells_when_somebody_is_subscribed() {
        let subscription = json!({"SubscriptionArn": format!("{TOPIC}:1"), "TopicArn": TOPIC, "Protocol": "email"});
        let own: Vec<Subscription> = vec![serde_json::from_value(subscription).unwrap()];
        let status = |listeners| heard("root", TOPIC, listeners, "us-east-1").status;
        assert_eq!(status(Some(Ok(Listeners { own, ..Listeners::default() }))), Status::Pass);
        assert_eq!(status(Some(Ok(Listeners { of_others: 1, ..Listeners::default() }))), Status::Pass);
        assert_eq!(status(Some(Ok(Listeners::default()))), Status::Fail);
        let gap = Gap::new("111122223333", "us-east-1", "sns:ListSubscriptions", GapKind::Denied, "no");
        assert_eq!(status(Some(Err(gap))), Status::Unknown);
        assert_eq!(status(None), Status::Unknown, "a function, another account");
        let item = heard("root", "arn:aws:ssm:us-east-1:111122223333:opsitem", None, "us-east-1");
        assert_eq!(item.status, Status::Pass, "{}", item.message);
    }

    #[test]
    fn a_rule_that_may_match_is_no_pass_and_one_that_tells_nobody_no_doubt() {
        let perhaps = || PatternMatch::Perhaps("it depends on detail.eventName".into());
        let status = |matched, told| certain("root", matched, told).map(|told| told.status);
        assert_eq!(status(perhaps(), Verdict::pass("told")), Some(Status::Unknown));
        assert_eq!(status(perhaps(), Verdict::fail("no_subscriber", "none")), None);
        assert_eq!(status(PatternMatch::Yes, Verdict::pass("told")), Some(Status::Pass));
        assert_eq!(status(PatternMatch::Yes, Verdict::fail("no_subscriber", "none")), Some(Status::Fail));
    }

    #[test]
    fn a_rule_for_root_matches_both_and_others_neither() {
        let matches = |pattern: &str| {
            samples().map(|sample| posture_estate::services::events::pattern::matches(pattern, &sample))
        };
        let usual = r#"{"detail-type":["AWS API Call via CloudTrail","AWS Console Sign In via CloudTrail"],"detail":{"userIdentity":{"type":["Root"]}}}"#;
        assert_eq!(matches(usual), [PatternMatch::Yes, PatternMatch::Yes]);
        assert_eq!(matches(r#"{"source":["aws.guardduty"]}"#), [PatternMatch::No, PatternMatch::No]);
        let sign_in =
            r#"{"detail-type":["AWS Console Sign In via CloudTrail"],"detail":{"userIdentity":{"type":["Root"]}}}"#;
        assert_eq!(matches(sign_in), [PatternMatch::Yes, PatternMatch::No]);
        let iam = r#"{"source":["aws.iam"],"detail":{"userIdentity":{"type":["Root"]}}}"#;
        assert_eq!(matches(iam), [PatternMatch::No, PatternMatch::No]);
    }

    #[test]
    fn only_a_topic_of_the_account_is_asked() {
        let target = |arn: &str| is_own_topic(&EventTarget { arn: arn.into() }, "111122223333");
        assert!(target(TOPIC));
        assert!(!target("arn:aws:sns:us-east-1:444455556666:alerts"));
        assert!(!target("arn:aws:lambda:us-east-1:111122223333:function:x"));
    }
}
