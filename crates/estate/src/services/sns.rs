//! SNS: the topics of a Region, what each is set to, and who gets what is published to them.

use crate::aws::answer::required;
use crate::aws::reading::{items, member};
use crate::aws::service::{Service, Wire};
use crate::finding::{Gap, Resource};
use crate::place::{Answer, Region, service};
use crate::text::counted;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

service! {
    /// SNS in a region.
    sns => Sns model "sns": Service {
        asff: &[("AWS::SNS::Topic", "AwsSnsTopic")],
        // Addresses of hooks, with what lets one call them.
        texts: &["Endpoint"],
        reads: &[
            ("GetTopicAttributes", |v| member::<BTreeMap<String, String>>(v, "Attributes")),
            ("ListSubscriptions", |v| items::<Subscription>(v, "Subscriptions")),
            ("ListTopics", |v| items::<Topic>(v, "Topics")),
        ],
        ..Service::new("sns", "SNS", Wire::Query)
    }
}

/// <https://docs.aws.amazon.com/sns/latest/api/API_Topic.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Topic {
    pub topic_arn: String,
}

impl Topic {
    /// The topic as the resource of a finding.
    pub fn resource(&self) -> Resource {
        let name = topic_name(&self.topic_arn);
        Resource::new(&self.topic_arn, "AWS::SNS::Topic", name).name(name)
    }
}

/// Whether SNS says that there is no such topic; by the query protocol it does so under a shorter name.
pub fn is_gone(gap: &Gap) -> bool {
    gap.is("NotFound") || gap.is("NotFoundException")
}

/// The name in the ARN of a topic.
pub fn topic_name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

/// <https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html>
#[derive(Clone, Debug)]
pub struct TopicAttributes {
    /// JSON; every topic has one from the start.
    pub policy: String,
    /// The id, ARN or alias of a KMS key; absent where messages are not encrypted by one.
    pub kms_master_key_id: Option<String>,
    /// How many subscriptions are confirmed, those of other accounts included. A number in text.
    pub subscriptions_confirmed: String,
}

/// <https://docs.aws.amazon.com/sns/latest/api/API_Subscription.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Subscription {
    /// An ARN, or a word in place of it: `PendingConfirmation`, `Deleted`.
    pub subscription_arn: String,
    pub topic_arn: String,
    /// `email`, `https`, `http`, `sqs`, `lambda`, …
    pub protocol: String,
    /// Where it goes: an address, a URL, an ARN. What is not shown is absent.
    pub endpoint: Option<String>,
}

impl Subscription {
    /// Whether its owner has confirmed it; until then nothing is delivered.
    /// <https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html>
    pub fn is_confirmed(&self) -> bool {
        self.subscription_arn.starts_with("arn:")
    }
}

/// Who gets what is published to a topic.
#[derive(Clone, Debug, Default)]
pub struct Listeners {
    /// Confirmed subscriptions of this account.
    pub own: Vec<Subscription>,
    /// How many of this account are not confirmed.
    pub pending: usize,
    /// How many confirmed subscriptions SNS counts besides, asked where there are none of one's own.
    pub of_others: u64,
    /// There is no such topic.
    pub gone: bool,
}

impl Listeners {
    /// Why nothing that is published to the topic reaches anybody; `None` where it does.
    pub fn lack(&self) -> Option<String> {
        match self {
            Listeners { gone: true, .. } => Some("which does not exist".into()),
            Listeners { own, of_others: 0, pending: 0, .. } if own.is_empty() => Some("which has no subscription".into()),
            Listeners { own, of_others: 0, pending, .. } if own.is_empty() => {
                Some(format!("which has only {}", counted(*pending, "unconfirmed subscription")))
            }
            Listeners { .. } => None,
        }
    }
}

impl Sns<'_, Region> {
    /// Who gets what is published to a topic of this account and Region.
    ///
    /// Calls: `sns:ListSubscriptions`, and `sns:GetTopicAttributes` where it has no confirmed one: it counts those of other accounts too.
    ///
    /// # Errors
    /// What was not seen.
    pub async fn listeners(self, topic: &str) -> Result<Listeners, Gap> {
        let all = self.subscriptions().await?;
        let (own, rest): (Vec<_>, Vec<_>) =
            all.iter().filter(|one| one.topic_arn == topic).cloned().partition(Subscription::is_confirmed);
        let mut listeners = Listeners { own, pending: rest.len(), ..Listeners::default() };
        if listeners.own.is_empty() {
            match self.topic_attributes(topic).await {
                Ok(attributes) => {
                    let unread = || self.malformed(self.name(), "GetTopicAttributes", "SubscriptionsConfirmed is no number");
                    listeners.of_others = attributes.subscriptions_confirmed.parse().map_err(|_| unread())?;
                }
                Err(gap) if is_gone(&gap) => listeners.gone = true,
                Err(gap) => return Err(gap),
            }
        }
        Ok(listeners)
    }

    /// `sns:ListTopics`, every page.
    pub async fn topics(self) -> Answer<Vec<Topic>> {
        self.ask("ListTopics", "", async move { Ok(self.client()?.items("ListTopics", json!({}), "Topics").await?) })
            .await
    }

    /// `sns:GetTopicAttributes`.
    pub async fn topic_attributes(self, topic: &str) -> Answer<TopicAttributes> {
        self.ask("GetTopicAttributes", topic, async move {
            let of = json!({ "TopicArn": topic });
            let mut all: BTreeMap<String, String> = self.client()?.member("GetTopicAttributes", of, "Attributes").await?;
            Ok(TopicAttributes {
                policy: required("Attributes.Policy", all.remove("Policy"))?,
                kms_master_key_id: all.remove("KmsMasterKeyId"),
                subscriptions_confirmed: required("Attributes.SubscriptionsConfirmed", all.remove("SubscriptionsConfirmed"))?,
            })
        })
        .await
    }

    /// `sns:ListSubscriptions`, every page: the subscriptions of this account in the Region, confirmed or not. Those that other
    /// accounts have to its topics may be missing.
    pub async fn subscriptions(self) -> Answer<Vec<Subscription>> {
        self.ask("ListSubscriptions", "", async move {
            Ok(self.client()?.items("ListSubscriptions", json!({}), "Subscriptions").await?)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_is_confirmed_once_it_has_an_arn() {
        let subscription = |arn: &str| Subscription {
            subscription_arn: arn.into(),
            topic_arn: "arn:aws:sns:eu-west-1:111122223333:alerts".into(),
            protocol: "email".into(),
            endpoint: None,
        };
        assert!(subscription("arn:aws:sns:eu-west-1:111122223333:alerts:6b0e").is_confirmed());
        assert!(!subscription("PendingConfirmation").is_confirmed() && !subscription("Deleted").is_confirmed());
        let lack = |listeners: Listeners| listeners.lack().unwrap_or_default();
        let own = vec![subscription("arn:aws:sns:eu-west-1:111122223333:alerts:6b0e")];
        assert_eq!(lack(Listeners { own, ..Listeners::default() }), "");
        assert_eq!(lack(Listeners { of_others: 1, ..Listeners::default() }), "");
        assert_eq!(lack(Listeners { pending: 2, ..Listeners::default() }), "which has only 2 unconfirmed subscriptions");
        assert_eq!(lack(Listeners::default()), "which has no subscription");
        assert_eq!(lack(Listeners { gone: true, ..Listeners::default() }), "which does not exist");
        assert_eq!(topic_name("arn:aws:sns:eu-west-1:111122223333:alerts"), "alerts");
    }
}
