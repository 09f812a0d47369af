//! Is there a record of who reads and writes a bucket's objects: server access logs, or data events of a trail that is logging?
//! Trails are asked only for buckets without server access logging.

use super::per_bucket;
use crate::prelude::*;
use posture_estate::services::cloudtrail::Recorded;
use posture_estate::services::s3::Bucket;

pub async fn probe(at: &Account) -> Outcome {
    per_bucket(at, |bucket| async move {
        let logging = at.s3().bucket_logging(&bucket).await?;
        if let Some(logging) = logging.as_ref() {
            let (name, target) = (bucket.name(), logging.target_bucket());
            return Ok(Verdict::pass(format!("bucket {name} sends server access logs to {target}"))
                .evidence(json!({ "target_bucket": target, "target_prefix": logging.target_prefix() })));
        }
        let Some(region) = bucket.region() else {
            return Ok(Verdict::undecided(format!(
                "bucket {} has no server access logging, and its Region is not known",
                bucket.name()
            )));
        };
        let recorded = at.cloudtrail().s3_data_events(bucket.name(), region).await;
        Ok(judge(&bucket, &recorded))
    })
    .await
}

/// On a bucket without server access logging.
fn judge(bucket: &Bucket, recorded: &Recorded) -> Verdict {
    let name = bucket.name();
    match recorded {
        Recorded::By(trail) => Verdict::pass(format!("trail {trail} records the data events of bucket {name}")),
        Recorded::No(near) => {
            let near = if near.is_empty() { String::new() } else { format!(" ({})", near.join(", ")) };
            Verdict::fail(
                "access_not_recorded",
                format!("bucket {name} has no server access logging and no trail records its data events{near}"),
            )
        }
        Recorded::Unseen(gaps) => {
            let mut reasons = Reasons::new();
            gaps.iter().for_each(|gap| reasons.unseen(gap));
            reasons.open()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn of(recorded: Recorded) -> Verdict {
        judge(&Bucket::named("b"), &recorded)
    }

    #[test]
    fn without_access_logs_a_trail_has_to_record() {
        assert_eq!(of(Recorded::By("main".into())).status, Status::Pass);
        let near = of(Recorded::No(vec!["trail main is not logging".into()]));
        assert_eq!(near.status, Status::Fail);
        assert!(near.message.ends_with("(trail main is not logging)"));
        let gap = Gap::new("1", "us-east-1", "cloudtrail:GetEventSelectors", GapKind::Denied, "no");
        assert_eq!(of(Recorded::Unseen(vec![gap])).status, Status::Unknown);
    }
}
