//! Is access to the buckets that trails deliver to recorded, by server access logs or as data events?

use crate::prelude::*;
use aws_sdk_s3::types::LoggingEnabled;
use posture_estate::services::cloudtrail::{Recorded, delivery_buckets};
use posture_estate::services::s3::Bucket;

pub async fn probe(at: &Account) -> Outcome {
    delivery_buckets(at, |bucket| async move {
        let logging = at.s3().bucket_logging(&bucket).await;
        let events = match (&logging, bucket.region()) {
            (Ok(logging), _) if logging.is_some() => None,
            (_, Some(region)) => Some(at.cloudtrail().s3_data_events(bucket.name(), region).await),
            (_, None) => None,
        };
        judge(&bucket, logging, events)
    })
    .await
}

fn judge(bucket: &Bucket, logging: Answer<Option<LoggingEnabled>>, events: Option<Recorded>) -> Verdict {
    let name = bucket.name();
    let mut reasons = Reasons::new();
    match logging.as_deref() {
        Ok(Some(logging)) => {
            let target = logging.target_bucket();
            return Verdict::pass(format!("trail bucket {name} sends server access logs to {target}"));
        }
        Ok(None) => {}
        Err(gap) => reasons.unseen(gap),
    }
    match events {
        Some(Recorded::By(trail)) => {
            return Verdict::pass(format!("trail {trail} records the data events of trail bucket {name}"));
        }
        Some(Recorded::Unseen(gaps)) => gaps.iter().for_each(|gap| reasons.unseen(gap)),
        Some(Recorded::No(_)) => {}
        None => reasons.doubt(format!("the Region of bucket {name} is not known")),
    }
    if reasons.is_empty() {
        return Verdict::fail(
            "access_not_recorded",
            format!("trail bucket {name} has no server access logging and no trail records its data events"),
        );
    }
    reasons.open()
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "us-east-1", "s3:GetBucketLogging", GapKind::Denied, "no")
    }

    fn status(logging: Result<Option<&str>, Gap>, events: Option<Recorded>) -> Status {
        let enabled = |target: &str| LoggingEnabled::builder().target_bucket(target).target_prefix("").build().unwrap();
        let logging = logging.map(|target| Arc::new(target.map(enabled)));
        judge(&Bucket::named("logs"), logging, events).status
    }

    #[test]
    fn either_record_passes() {
        assert_eq!(status(Ok(Some("access")), None), Status::Pass);
        assert_eq!(status(Ok(None), Some(Recorded::By("main".into()))), Status::Pass);
        assert_eq!(status(Err(gap()), Some(Recorded::By("main".into()))), Status::Pass);
    }

    #[test]
    fn none_fails_only_when_both_were_seen() {
        assert_eq!(status(Ok(None), Some(Recorded::No(vec![]))), Status::Fail);
        assert_eq!(status(Err(gap()), Some(Recorded::No(vec![]))), Status::Unknown);
        assert_eq!(status(Ok(None), Some(Recorded::Unseen(vec![gap()]))), Status::Unknown);
        assert_eq!(status(Ok(None), None), Status::Unknown);
    }
}
