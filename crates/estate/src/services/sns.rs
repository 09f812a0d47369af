//! SNS: the topics of a Region, what each is set to, and who gets what is published to them.

use crate::aws::reading::{items, member};
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// SNS in a region.
    sns => Sns model "sns": Service {
        asff: &[("AWS::SNS::Topic", "AwsSnsTopic")],
        reads: &[
            ("GetTopicAttributes", |v| member::<TopicAttributes>(v, "Attributes")),
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

/// The name in the ARN of a topic.
pub fn topic_name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

/// <https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
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

impl Sns<'_, Region> {
    /// `sns:ListTopics`, every page.
    pub async fn topics(self) -> Answer<Vec<Topic>> {
        self.ask("ListTopics", "", async move { Ok(self.client()?.items("ListTopics", json!({}), "Topics").await?) })
            .await
    }

    /// `sns:GetTopicAttributes`.
    pub async fn topic_attributes(self, topic: &str) -> Answer<TopicAttributes> {
        self.ask("GetTopicAttributes", topic, async move {
            Ok(self.client()?.member("GetTopicAttributes", json!({ "TopicArn": topic }), "Attributes").await?)
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
        assert_eq!(topic_name("arn:aws:sns:eu-west-1:111122223333:alerts"), "alerts");
    }
}
