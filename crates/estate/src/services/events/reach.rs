//! What becomes of an event that a rule takes: does it come to a person, does a program answer it?
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html>

use super::{EventTarget, Events};
use crate::finding::Gap;
use crate::place::Region;
use crate::services::sns::{Subscription, topic_name};
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

impl EventTarget {
    pub fn kind(&self) -> TargetKind {
        let Some(arn) = Arn::parse(&self.arn) else { return TargetKind::Other };
        match (arn.service, arn.resource) {
            ("sns", _) => TargetKind::Topic,
            ("sqs", _) => TargetKind::Queue,
            ("lambda" | "states", _) => TargetKind::Program,
            ("ssm", what) if what.starts_with("automation-definition/") || what.starts_with("document/") => {
                TargetKind::Program
            }
            ("ssm", "opsitem") => TargetKind::People("an OpsItem"),
            ("ssm-incidents", _) => TargetKind::People("Incident Manager"),
            ("events", what) if what.starts_with("api-destination/") => TargetKind::People("an API destination"),
            ("notifications", _) => TargetKind::People("User Notifications"),
            _ => TargetKind::Other,
        }
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

/// What the subscriptions of a topic say; `None` where no confirmed one is listed.
fn by_subscriptions(topic: &str, all: &[Subscription]) -> Option<Delivered> {
    let confirmed: Vec<&str> = all
        .iter()
        .filter(|one| one.topic_arn == topic && one.is_confirmed())
        .map(|one| one.protocol.as_str())
        .collect();
    let name = topic_name(topic);
    match confirmed.iter().find(|protocol| PERSONAL.contains(protocol)) {
        Some(protocol) => Some(Delivered::Yes(format!("topic {name} ({protocol})"))),
        None => confirmed.first().map(|protocol| Delivered::Perhaps(format!("topic {name}, which hands it to {protocol}"))),
    }
}

/// Subscriptions by which a topic feeds a queue, or calls the URL of a system that people work in.
const TICKETING: &[&str] = &["http", "https", "sqs"];

/// How a topic feeds a queue or a ticketing system; `None` where no confirmed subscription shows it.
fn ticketing(topic: &str, all: &[Subscription]) -> Option<Delivered> {
    let mut own = all.iter().filter(|one| one.topic_arn == topic && one.is_confirmed());
    let fed = own.find(|one| TICKETING.contains(&one.protocol.as_str()))?;
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
        let here = Arn::parse(topic).is_some_and(|arn| arn.account == self.account_id() && arn.region == self.name());
        if !here {
            return Ok(Delivered::Perhaps(format!("topic {topic}, whose subscribers show only there")));
        }
        if let Some(delivered) = by_subscriptions(topic, &self.sns().subscriptions().await?) {
            return Ok(delivered);
        }
        // Those that other accounts have are counted only.
        let confirmed = &self.sns().topic_attributes(topic).await?.subscriptions_confirmed;
        let name = topic_name(topic);
        Ok(match confirmed.as_str() {
            "0" => Delivered::No(format!("topic {name} has no confirmed subscription")),
            _ => Delivered::Perhaps(format!("topic {name}, whose subscribers are of other accounts")),
        })
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
        if target.kind() == TargetKind::Topic {
            let all = self.sns().subscriptions().await?;
            if let Some(fed) = ticketing(&target.arn, &all) {
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
            TargetKind::Topic => {
                let all = self.sns().subscriptions().await?;
                let mut functions = all.iter().filter(|one| one.topic_arn == target.arn && one.protocol == "lambda");
                Ok(Some(functions.any(Subscription::is_confirmed)))
            }
            TargetKind::Queue | TargetKind::Other => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn only_confirmed_subscriptions_of_the_topic_count() {
        let topic = "arn:aws:sns:eu-west-1:111122223333:alerts";
        let subscription = |to: &str, protocol: &str, confirmed: bool| Subscription {
            subscription_arn: if confirmed { format!("{to}:1") } else { "PendingConfirmation".into() },
            topic_arn: to.into(),
            protocol: protocol.into(),
            endpoint: None,
        };
        let of = |all: &[Subscription]| by_subscriptions(topic, all);
        assert_eq!(of(&[subscription(topic, "email", true)]), Some(Delivered::Yes("topic alerts (email)".into())));
        assert_eq!(of(&[subscription(topic, "email", false)]), None);
        assert_eq!(of(&[subscription("arn:aws:sns:eu-west-1:111122223333:other", "email", true)]), None);
        assert!(matches!(of(&[subscription(topic, "lambda", true)]), Some(Delivered::Perhaps(_))));
        let fed = |all: &[Subscription]| ticketing(topic, all);
        assert_eq!(fed(&[subscription(topic, "sqs", true)]), Some(Delivered::Yes("topic alerts (sqs)".into())));
        assert_eq!(fed(&[subscription(topic, "sqs", false), subscription(topic, "email", true)]), None);
    }
}
