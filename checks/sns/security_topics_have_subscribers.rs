//! Does somebody hear of what alarms and rules publish: a confirmed subscription, and not only the mailbox of root?

use super::listening::Topics;
use super::words::{some, verbs};
use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::sns::{Listeners, Topic, topic_name};
use std::collections::{BTreeMap, BTreeSet};

/// Addresses that people read and that no root user has.
const TEAM_MAILBOXES: Setting<Patterns> = setting!(security_topics_have_subscribers.team_mailboxes);

pub async fn probe(at: &Region) -> Outcome {
    let topics = Topics::of(at).await;
    // One for each question, however often it had no answer.
    let unseen: BTreeMap<&str, &Gap> = topics.gaps.iter().map(|gap| (gap.call(), gap)).collect();
    let unseen = unseen.into_iter().map(|(call, gap)| Verdict::unseen(gap).sub(call).on(at.resource()));
    let mut findings: Vec<Finding> = unseen.collect();
    let teams = at.setting(TEAM_MAILBOXES);
    let judged = each(&topics.by, |(arn, by)| async move {
        let resource = Topic { topic_arn: arn.clone() }.resource();
        let here = Arn::parse(arn).is_some_and(|arn| arn.account == at.account_id() && arn.region == at.name());
        if !here {
            let (by, (notify, _)) = (some(by), verbs(by));
            let elsewhere =
                format!("{by} {notify} topic {arn}, whose subscriptions show only in its account and Region");
            return Verdict::undecided(elsewhere).on(resource);
        }
        let verdict = match at.sns().listeners(arn).await {
            Ok(listeners) if is_one_mailbox(&listeners, teams).is_some() => {
                judge(arn, by, &listeners, teams, root(at).await)
            }
            Ok(listeners) => judge(arn, by, &listeners, teams, Ok(None)),
            Err(gap) => Verdict::unseen(&gap),
        };
        verdict.on(resource)
    });
    findings.extend(judged.await);
    if findings.is_empty() {
        let none = format!("no security alarm or rule in {} notifies a topic", at.name());
        findings.push(Verdict::not_applicable(none).on(at.resource()));
    }
    Ok(findings)
}

/// The address of root, which AWS shows of the management account only.
async fn root(at: &Region) -> Result<Option<String>, Gap> {
    let organization = at.account().organizations().organization().await?;
    let own = organization.there().filter(|one| one.management_account == at.account_id());
    Ok(own.and_then(|one| one.management_email.clone()))
}

/// The one address that everything goes to, where root's may be it.
fn is_one_mailbox<'a>(listeners: &'a Listeners, teams: &Patterns) -> Option<&'a str> {
    let mail = |protocol: &str| protocol.starts_with("email");
    if listeners.of_others > 0 || listeners.own.iter().any(|one| !mail(&one.protocol)) {
        return None;
    }
    let addresses: BTreeSet<&str> = listeners.own.iter().map(|one| one.endpoint.as_deref().unwrap_or("")).collect();
    match (addresses.first(), addresses.len()) {
        (Some(one), 1) if !teams.matches(one) => Some(one),
        _ => None,
    }
}

fn judge(
    arn: &str,
    by: &[String],
    listeners: &Listeners,
    teams: &Patterns,
    root: Result<Option<String>, Gap>,
) -> Verdict {
    let (topic, (notify, tell), by) = (topic_name(arn), verbs(by), some(by));
    if let Some(lack) = listeners.lack() {
        return Verdict::fail("no_subscriber", format!("{by} {notify} topic {topic}, {lack}"));
    }
    match (is_one_mailbox(listeners, teams), root) {
        (None, _) => Verdict::pass(format!(
            "topic {topic}, which {by} {notify}, has a confirmed subscription besides root's mailbox"
        )),
        (Some(one), Ok(Some(root))) if one.eq_ignore_ascii_case(&root) => Verdict::fail(
            "root_mailbox_only",
            format!("all that {by} {tell} topic {topic} goes to the mailbox of the root user"),
        ),
        (Some(""), Ok(Some(_))) => {
            Verdict::undecided(format!("SNS does not show the address that all goes to which {by} tells topic {topic}"))
        }
        (Some(_), Ok(Some(_))) => Verdict::pass(format!(
            "topic {topic}, which {by} {notify}, has a confirmed subscription of a mailbox that is not root's"
        )),
        (Some(_), Ok(None)) => Verdict::undecided(format!(
            "all that {by} {tell} topic {topic} goes to one mailbox, and whether that is root's does not show in this account; \
             name it in team_mailboxes if it is not"
        )),
        (Some(_), Err(gap)) => Verdict::unseen(&gap),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::sns::Subscription;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

    fn to(all: &[(&str, &str)]) -> Listeners {
        let subscription = |(protocol, endpoint): &(&str, &str)| -> Subscription {
            let one =
                json!({"SubscriptionArn": "arn:s", "TopicArn": TOPIC, "Protocol": protocol, "Endpoint": endpoint});
            serde_json::from_value(one).unwrap()
        };
        Listeners { own: all.iter().map(subscription).collect(), ..Listeners::default() }
    }

    fn judged(listeners: &Listeners, root: Result<Option<String>, Gap>) -> Verdict {
        let teams = Patterns::parse(&["soc@*"]).unwrap();
        judge(TOPIC, &["alarm root".to_owned()], listeners, &teams, root)
    }

    fn root() -> Result<Option<String>, Gap> {
        Ok(Some("Root@example.com".into()))
    }

    #[test]
    fn a_topic_needs_a_confirmed_subscription() {
        assert_eq!(judged(&Listeners::default(), Ok(None)).reasons, ["no_subscriber"]);
        assert_eq!(judged(&Listeners { pending: 1, ..Listeners::default() }, Ok(None)).reasons, ["no_subscriber"]);
        assert_eq!(judged(&Listeners { of_others: 1, ..Listeners::default() }, Ok(None)).status, Status::Pass);
        assert_eq!(judged(&to(&[("https", "https://example.com")]), Ok(None)).status, Status::Pass);
    }

    #[test]
    fn many_alarms_are_not_all_named() {
        let by = ["a", "b", "c", "d"].map(str::to_owned);
        assert_eq!((some(&by[..3]), some(&by)), ("a, b, c".into(), "a, b and 2 more".into()));
    }

    #[test]
    fn the_mailbox_of_root_alone_is_not_enough() {
        let alone = to(&[("email", "root@example.com")]);
        assert_eq!(judged(&alone, root()).reasons, ["root_mailbox_only"]);
        assert_eq!(judged(&to(&[("email-json", "ops@example.com")]), root()).status, Status::Pass);
        assert_eq!(judged(&to(&[("email", "")]), root()).status, Status::Unknown, "not shown");
        assert_eq!(judged(&alone, Ok(None)).status, Status::Unknown, "a member");
        let gap = Gap::new("111122223333", "global", "organizations:DescribeOrganization", GapKind::Denied, "no");
        assert_eq!(judged(&alone, Err(gap)).status, Status::Unknown);
        assert_eq!(
            judged(&to(&[("email", "root@example.com"), ("email", "ops@example.com")]), Ok(None)).status,
            Status::Pass
        );
        assert_eq!(judged(&to(&[("email", "root@example.com"), ("sqs", "arn")]), Ok(None)).status, Status::Pass);
        assert_eq!(judged(&to(&[("email", "soc@example.com")]), Ok(None)).status, Status::Pass, "configured");
    }
}
