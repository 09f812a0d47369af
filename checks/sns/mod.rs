//! SNS: are topics closed and encrypted, and does somebody listen to those that carry alarms?

mod listening;
mod words;

checks! { sns;
    region security_topics_have_subscribers,
    region topic_encrypted,
    region topic_not_public,
}

use crate::prelude::*;
use posture_estate::services::sns::{Topic, TopicAttributes};

/// One finding for each topic of the Region, by its attributes. One that is gone by then is not judged.
async fn per_topic<F: Future<Output = Verdict>>(
    at: &Region,
    judge: impl Fn(Topic, Arc<TopicAttributes>) -> F,
) -> Outcome {
    let topics = at.sns().topics().await?;
    if topics.is_empty() {
        let none = format!("there is no SNS topic in {}", at.name());
        return Ok(vec![Verdict::not_applicable(none).on(at.resource())]);
    }
    let judge = &judge;
    let judged = each(topics.iter(), |topic| async move {
        let verdict = match at.sns().topic_attributes(&topic.topic_arn).await {
            Ok(attributes) => judge(topic.clone(), attributes).await,
            Err(gap) if posture_estate::services::sns::is_gone(&gap) => return None,
            Err(gap) => Verdict::unseen(&gap),
        };
        Some(verdict.on(topic.resource()))
    });
    Ok(judged.await)
}
