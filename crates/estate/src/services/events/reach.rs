//! What becomes of an event that a rule takes: does it come to a person, does a program answer it?
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html>

use super::{EventTarget, Events};
use crate::finding::Gap;
use crate::place::Region;
use crate::services::sns::{Listeners, topic_name};
use posture_policy::Arn;

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    Topic,
    Queue,
    /// A Lambda function, a Step Functions workflow, an automation or a command of Systems Manager.
    Program,
    /// What works on it shows to people or hands it to what does: `an OpsItem`.
    People(&'static str),
    Other,
}

impl TargetKind {
    /// By the ARN of a rule's target or of an alarm's action.
    /// <https://docs.aws.amazon.com/systems-manager/latest/userguide/OpsCenter-create-OpsItems-from-CloudWatch-Alarms.html>
    pub fn of(arn: &str) -> TargetKind {
        let Some(arn) = Arn::parse(arn) else { return TargetKind::Other };
        match (arn.service, arn.resource) {
            ("sns", _) => TargetKind::Topic,
            ("sqs", _) => TargetKind::Queue,
            ("lambda" | "states", _) => TargetKind::Program,
            ("ssm", what) if what.starts_with("automation-definition/") || what.starts_with("document/") => {
                TargetKind::Program
            }
            ("ssm", what) if what == "opsitem" || what.starts_with("opsitem:") => TargetKind::People("an OpsItem"),
            ("ssm-incidents", _) => TargetKind::People("Incident Manager"),
            ("events", what) if what.starts_with("api-destination/") => TargetKind::People("an API destination"),
            ("notifications", _) => TargetKind::People("User Notifications"),
            _ => TargetKind::Other,
        }
    }
}

impl EventTarget {
    pub fn kind(&self) -> TargetKind {
        TargetKind::of(&self.arn)
    }
}

/// Whether an event comes to a person or a ticket queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// And how: `topic alerts (email)`.
    Yes(String),
    /// Nobody gets it, and why not.
    No(String),
    /// It goes somewhere; whether from there to a person does not show.
    Perhaps(String),
}

/// Subscriptions by which a person gets a message, or a chat or ticket system that people work in.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-event-destinations.html>
const PERSONAL: &[&str] = &["application", "email", "email-json", "http", "https", "sms"];

/// What becomes of a message to a topic of the account.
fn by_listeners(topic: &str, listeners: &Listeners) -> Delivered {
    let name = topic_name(topic);
    if let Some(lack) = listeners.lack() {
        return Delivered::No(format!("topic {name}, {lack}"));
    }
    let mut protocols = listeners.own.iter().map(|one| one.protocol.as_str());
    match (protocols.clone().find(|protocol| PERSONAL.contains(protocol)), protocols.next()) {
        (Some(protocol), _) => Delivered::Yes(format!("topic {name} ({protocol})")),
        (None, Some(protocol)) => Delivered::Perhaps(format!("topic {name}, which hands it to {protocol}")),
        (None, None) => Delivered::Perhaps(format!("topic {name}, whose subscribers are of other accounts")),
    }
}

/// Whether a topic hands what it gets to a function; behind a queue, a stream or another account may be one.
fn hands_to_a_program(listeners: &Listeners) -> Option<bool> {
    let has = |wanted: fn(&str) -> bool| listeners.own.iter().any(|one| wanted(&one.protocol));
    match () {
        () if has(|protocol| protocol == "lambda") => Some(true),
        () if listeners.of_others > 0 || has(|protocol| !PERSONAL.contains(&protocol)) => None,
        () => Some(false),
    }
}

/// Subscriptions by which a topic feeds a queue, or calls the URL of a system that people work in.
const TICKETING: &[&str] = &["http", "https", "sqs"];

/// How a topic feeds a queue or a ticketing system; `None` where no confirmed subscription shows it.
fn ticketing(topic: &str, listeners: &Listeners) -> Option<Delivered> {
    let fed = listeners.own.iter().find(|one| TICKETING.contains(&one.protocol.as_str()))?;
    Some(Delivered::Yes(format!("topic {} ({})", topic_name(topic), fed.protocol)))
}

impl Events<'_, Region> {
    /// Whether what a target gets comes to a person; of a topic its subscriptions are asked.
    ///
    /// # Errors
    /// What was not seen of a topic.
    pub async fn delivered(self, target: &EventTarget) -> Result<Delivered, Gap> {
        match target.kind() {
            TargetKind::People(how) => Ok(Delivered::Yes(how.into())),
            TargetKind::Topic => self.by_topic(&target.arn).await,
            TargetKind::Program | TargetKind::Queue | TargetKind::Other => Ok(Delivered::Perhaps(target.arn.clone())),
        }
    }

    async fn by_topic(self, topic: &str) -> Result<Delivered, Gap> {
        if !self.has_topic(topic) {
            return Ok(Delivered::Perhaps(format!("topic {topic}, whose subscribers show only there")));
        }
        Ok(by_listeners(topic, &self.sns().listeners(topic).await?))
    }

    /// Whether the subscriptions of a topic show here.
    fn has_topic(self, topic: &str) -> bool {
        Arn::parse(topic).is_some_and(|arn| arn.account == self.account_id() && arn.region == self.name())
    }

    /// Whether what a target gets waits in a queue or opens a ticket: a queue, a topic that feeds one or calls a URL, an OpsItem, Incident
    /// Manager, an API destination. That a person is told by mail does not show it.
    ///
    /// # Errors
    /// What was not seen of a topic.
    pub async fn queued(self, target: &EventTarget) -> Result<Delivered, Gap> {
        if target.kind() == TargetKind::Queue {
            return Ok(Delivered::Yes(format!("queue {}", target.arn)));
        }
        if target.kind() == TargetKind::Topic && self.has_topic(&target.arn) {
            let listeners = self.sns().listeners(&target.arn).await?;
            if let Some(fed) = ticketing(&target.arn, &listeners) {
                return Ok(fed);
            }
        }
        let told = self.delivered(target).await?;
        let by_hand = target.kind() == TargetKind::Topic || Arn::parse(&target.arn).is_some_and(|arn| arn.service == "notifications");
        Ok(match told {
            Delivered::Yes(how) if by_hand => Delivered::Perhaps(how),
            told => told,
        })
    }

    /// Whether a program answers what a target gets: by itself, or because a topic hands it to a function.
    ///
    /// # Errors
    /// What was not seen of a topic.
    pub async fn runs_a_program(self, target: &EventTarget) -> Result<Option<bool>, Gap> {
        match target.kind() {
            TargetKind::Program => Ok(Some(true)),
            TargetKind::People(_) => Ok(Some(false)),
            TargetKind::Topic if !self.has_topic(&target.arn) => Ok(None),
            TargetKind::Topic => Ok(hands_to_a_program(&self.sns().listeners(&target.arn).await?)),
            TargetKind::Queue | TargetKind::Other => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::sns::Subscription;

    fn target(arn: &str) -> EventTarget {
        EventTarget { arn: arn.into() }
    }

    #[test]
    fn a_target_is_known_by_its_arn() {
        for (arn, kind) in [
            ("arn:aws:sns:eu-west-1:111122223333:alerts", TargetKind::Topic),
            ("arn:aws:lambda:eu-west-1:111122223333:function:f", TargetKind::Program),
            ("arn:aws:states:eu-west-1:111122223333:stateMachine:s", TargetKind::Program),
            ("arn:aws:ssm:eu-west-1:111122223333:automation-definition/Stop:$DEFAULT", TargetKind::Program),
            ("arn:aws:ssm:eu-west-1:111122223333:opsitem", TargetKind::People("an OpsItem")),
            ("arn:aws:ssm:eu-west-1:111122223333:opsitem:2#CATEGORY=Security", TargetKind::People("an OpsItem")),
            ("arn:aws:ssm-incidents::111122223333:response-plan/p", TargetKind::People("Incident Manager")),
            ("arn:aws:events:eu-west-1:111122223333:api-destination/pager/1", TargetKind::People("an API destination")),
            ("arn:aws:events:eu-west-1:444455556666:event-bus/default", TargetKind::Other),
            ("arn:aws:logs:eu-west-1:111122223333:log-group:/events", TargetKind::Other),
            ("arn:aws:sqs:eu-west-1:111122223333:tickets", TargetKind::Queue),
            ("x", TargetKind::Other),
        ] {
            assert_eq!(target(arn).kind(), kind, "{arn}");
        }
    }

    #[test]
    fn a_topic_delivers_to_whom_has_confirmed() {
        let topic = "arn:aws:sns:eu-west-1:111122223333:alerts";
        let to = |protocol: &str| Listeners {
            own: vec![Subscription {
                subscription_arn: format!("{topic}:1"),
                topic_arn: topic.into(),
                protocol: protocol.into(),
                endpoint: None,
            }],
            ..Listeners::default()
        };
        let of = |listeners: &Listeners| by_listeners(topic, listeners);
        assert_eq!(of(&to("email")), Delivered::Yes("topic alerts (email)".into()));
        assert!(matches!(of(&to("lambda")), Delivered::Perhaps(_)));
        let programs = ["lambda", "sqs", "email"].map(|protocol| hands_to_a_program(&to(protocol)));
        assert_eq!(programs, [Some(true), None, Some(false)]);
        assert_eq!(hands_to_a_program(&Listeners { of_others: 1, ..Listeners::default() }), None);
        assert!(matches!(of(&Listeners { of_others: 1, ..Listeners::default() }), Delivered::Perhaps(_)));
        assert!(matches!(of(&Listeners { pending: 1, ..Listeners::default() }), Delivered::No(_)));
        assert!(matches!(of(&Listeners { gone: true, ..Listeners::default() }), Delivered::No(_)), "a topic that was deleted");
        assert_eq!(ticketing(topic, &to("sqs")), Some(Delivered::Yes("topic alerts (sqs)".into())));
        assert_eq!(ticketing(topic, &to("email")), None);
    }
}
