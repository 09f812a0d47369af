//! May anybody publish to a topic or subscribe to it, and does what it carries go out in plain HTTP?

use super::per_topic;
use crate::prelude::*;
use crate::public;
use posture_estate::arn::Arn;
use posture_estate::services::sns::{Subscription, Topic, topic_name};
use posture_policy::Zone;
use std::collections::BTreeSet;

pub async fn probe(at: &Region) -> Outcome {
    let zone = &at.account().zone();
    let subscriptions = &at.sns().subscriptions().await;
    let mut findings = per_topic(at, |topic, attributes| async move {
        judge(&topic.topic_arn, &attributes.policy, subscriptions.as_ref().map(|all| all.as_slice()), zone)
    })
    .await?;
    // Subscriptions to topics of other accounts go out just as plainly, and there may be nothing else.
    if let (Err(gap), [only]) = (subscriptions, findings.as_slice())
        && only.verdict.status == Status::NotApplicable
    {
        return Err(gap.clone());
    }
    let ours = |one: &&Subscription| Arn::parse(&one.topic_arn).is_some_and(|arn| arn.account == at.account_id());
    let plain = subscriptions.iter().flat_map(|all| all.iter()).filter(|one| is_plain(one) && !ours(one));
    for topic_arn in plain.map(|one| one.topic_arn.clone()).collect::<BTreeSet<String>>() {
        let message = format!("a subscription of this account to topic {topic_arn} uses plain HTTP");
        findings.push(Verdict::fail("plain_http", message).on(Topic { topic_arn }.resource()));
    }
    Ok(findings)
}

fn is_plain(subscription: &Subscription) -> bool {
    subscription.protocol == "http"
}

fn judge(topic: &str, policy: &str, subscriptions: Result<&[Subscription], &Gap>, zone: &Zone) -> Verdict {
    let name = topic_name(topic);
    let (document, mut reasons) = (zone.parse(policy), Reasons::new());
    let mut seen = public::weigh(&format!("the policy of topic {name}"), &document, zone, &mut reasons);
    match subscriptions {
        Ok(all) if all.iter().any(|one| one.topic_arn == topic && is_plain(one)) => {
            reasons.broken("plain_http", format!("a subscription of topic {name} uses plain HTTP"));
        }
        Ok(_) => seen.push_str(", and no subscription uses plain HTTP"),
        Err(gap) => reasons.unseen(gap),
    }
    reasons.or_pass(|| seen).evidence(json!({ "open": public::opened(&document) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:orders";

    fn policy(condition: &str) -> String {
        format!(
            r#"{{"Version":"2008-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["SNS:Publish","SNS:Subscribe"],"Resource":"{TOPIC}"{condition}}}]}}"#
        )
    }

    fn to(protocol: &str, topic: &str) -> Subscription {
        serde_json::from_value(json!({"SubscriptionArn": "arn:s", "TopicArn": topic, "Protocol": protocol})).unwrap()
    }

    fn judged(policy: &str, subscriptions: &[Subscription]) -> Verdict {
        judge(TOPIC, policy, Ok(subscriptions), &Zone::of("111122223333", "aws"))
    }

    #[test]
    fn the_policy_of_a_new_topic_admits_its_owner_only() {
        // semantics 40
        let owner = r#","Condition":{"StringEquals":{"AWS:SourceOwner":"111122223333"}}"#;
        let ours = r#","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#;
        assert_eq!(judged(&policy(owner), &[]).status, Status::Pass);
        assert_eq!(judged(&policy(ours), &[]).status, Status::Pass);
        assert_eq!(judged(&policy(""), &[]).reasons, ["public"]);
        let no_limit = r#","Condition":{"ArnLike":{"aws:SourceArn":"*"}}"#;
        assert_eq!(judged(&policy(no_limit), &[]).status, Status::Fail);
        assert_eq!(judged("{", &[]).status, Status::Unknown);
    }

    #[test]
    fn no_subscription_of_the_topic_goes_out_plainly() {
        let closed = policy(r#","Condition":{"StringEquals":{"AWS:SourceOwner":"111122223333"}}"#);
        assert_eq!(judged(&closed, &[to("https", TOPIC), to("email", TOPIC)]).status, Status::Pass);
        assert_eq!(judged(&closed, &[to("http", TOPIC)]).reasons, ["plain_http"]);
        assert_eq!(judged(&closed, &[to("http", "arn:aws:sns:eu-west-1:111122223333:other")]).status, Status::Pass);
        assert_eq!(judged(&policy(""), &[to("http", TOPIC)]).reasons, ["public", "plain_http"]);
        let gap = Gap::new("111122223333", "eu-west-1", "sns:ListSubscriptions", GapKind::Denied, "no");
        let zone = Zone::of("111122223333", "aws");
        assert_eq!(judge(TOPIC, &closed, Err(&gap), &zone).status, Status::Unknown);
        assert_eq!(judge(TOPIC, &policy(""), Err(&gap), &zone).status, Status::Fail);
    }
}
