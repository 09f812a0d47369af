//! Does every topic encrypt what is published to it by a KMS key?

use super::per_topic;
use crate::prelude::*;
use posture_estate::services::sns::{TopicAttributes, topic_name};

pub async fn probe(at: &Region) -> Outcome {
    per_topic(at, |topic, attributes| async move { judge(topic_name(&topic.topic_arn), &attributes) }).await
}

fn judge(topic: &str, attributes: &TopicAttributes) -> Verdict {
    let key = attributes.kms_master_key_id.as_deref().filter(|key| !key.is_empty());
    match key {
        Some(key) => Verdict::pass(format!("topic {topic} encrypts messages with KMS key {key}")),
        None => Verdict::fail("no_kms_key", format!("topic {topic} has no KMS key")),
    }
    .evidence(json!({ "kms_master_key_id": key }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_needs_a_key() {
        let judged = |key: Option<&str>| {
            let kms_master_key_id = key.map(str::to_owned);
            let attributes =
                TopicAttributes { policy: "{}".into(), kms_master_key_id, subscriptions_confirmed: "0".into() };
            judge("alerts", &attributes)
        };
        assert_eq!(judged(Some("alias/aws/sns")).status, Status::Pass);
        assert_eq!(judged(None).reasons, ["no_kms_key"]);
        assert_eq!(judged(Some("")).status, Status::Fail);
    }
}
