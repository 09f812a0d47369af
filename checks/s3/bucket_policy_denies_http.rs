//! Does the bucket policy refuse unencrypted requests for the whole bucket, from everyone, for every action? A bucket without a
//! policy refuses nothing.

use super::per_bucket;
use crate::prelude::*;
use posture_estate::services::s3::Bucket;
use posture_policy::{self as policy, Context, Decision};

pub async fn probe(at: &Account) -> Outcome {
    let context = &at.context();
    per_bucket(at, |bucket| async move {
        let policy = at.s3().bucket_policy(&bucket).await?;
        let arn = posture_estate::arn::Arn::s3(at.partition(), bucket.name()).to_string();
        Ok(judge(&bucket, &arn, policy.as_deref(), context))
    })
    .await
}

fn judge(bucket: &Bucket, arn: &str, policy: Option<&str>, context: &Context) -> Verdict {
    let name = bucket.name();
    let Some(text) = policy else {
        return Verdict::fail("no_policy", format!("bucket {name} accepts plain HTTP: it has no policy"));
    };
    let decision = match context.parse(text) {
        Ok(document) => policy::denies_http(&document, arn),
        Err(error) => return Verdict::undecided(format!("the policy of bucket {name} cannot be read: {error}")),
    };
    match decision {
        Decision::Yes(why) => Verdict::pass(format!("bucket {name} refuses plain HTTP: {why}")),
        Decision::No(why) => Verdict::fail("http_not_denied", format!("bucket {name} accepts plain HTTP: {why}")),
        Decision::CannotTell(why) => {
            Verdict::undecided(format!("whether bucket {name} refuses plain HTTP cannot be decided: {why}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(policy: Option<&str>) -> Verdict {
        judge(&Bucket::named("b"), "arn:aws:s3:::b", policy, &Context::default())
    }

    fn deny(action: &str, resources: &str, condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":"*","Action":{action},"Resource":{resources},"Condition":{condition}}}]}}"#
        )
    }

    const WHOLE: &str = r#"["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#;
    const HTTP: &str = r#"{"Bool":{"aws:SecureTransport":["false"]}}"#;

    #[test]
    fn the_whole_bucket_and_every_action_must_be_refused() {
        assert_eq!(of(Some(&deny(r#""s3:*""#, WHOLE, HTTP))).status, Status::Pass);
        assert_eq!(of(Some(&deny(r#""s3:Get*""#, WHOLE, HTTP))).status, Status::Fail);
        assert_eq!(of(Some(&deny(r#""s3:*""#, r#""arn:aws:s3:::b/*""#, HTTP))).status, Status::Fail);
        assert_eq!(
            of(Some(&deny(r#""s3:*""#, WHOLE, r#"{"Bool":{"aws:SecureTransport":"true"}}"#))).status,
            Status::Fail
        );
        assert_eq!(of(None).status, Status::Fail);
    }
}
