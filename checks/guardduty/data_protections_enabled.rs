//! Does GuardDuty watch the data: access to buckets, logins to databases, and what strangers upload?

use super::protections::{Guard, on, resource};
use super::uploads::{Upload, scanned, upload_buckets};
use crate::prelude::*;
use posture_estate::services::guardduty::{Detector, MalwarePlan};

/// Buckets that take uploads from outside.
const UPLOAD_BUCKETS: Setting<Patterns> = setting!(data_protections_enabled.upload_buckets);

const FEATURES: &[(&str, &str)] = &[("S3 protection", "S3_DATA_EVENTS"), ("RDS protection", "RDS_LOGIN_EVENTS")];

pub async fn probe(at: &Region) -> Outcome {
    let (id, detector) = match Guard::look(at).await? {
        Guard::On(id, detector) => (id, detector),
        Guard::Off(slug, why) => {
            let why = format!("{why}, so nothing watches the data there");
            return Ok(vec![Verdict::fail(slug, why).on(at.resource())]);
        }
        Guard::Untold(why) => return Ok(vec![Verdict::undecided(why).on(at.resource())]),
    };
    let mut reasons = Reasons::new();
    let uploads = upload_buckets(at, at.setting(UPLOAD_BUCKETS), &mut reasons).await;
    let plans = match uploads.is_empty() {
        true => Ok(Vec::new()),
        false => at.guardduty().malware_plans().await,
    };
    Ok(vec![judge(at.name(), &detector, &uploads, plans, reasons).on(resource(at, &id))])
}

fn judge(
    region: &str,
    detector: &Detector,
    uploads: &[Upload],
    plans: Result<Vec<Answer<MalwarePlan>>, Gap>,
    mut reasons: Reasons,
) -> Verdict {
    for &feature in FEATURES {
        on("feature_off", feature, detector.feature(feature.1), &[], &mut reasons);
    }
    if let Some(plans) = reasons.add(plans) {
        for bucket in uploads {
            scanned(bucket, &plans, &mut reasons);
        }
    }
    let scans = match uploads {
        [] => String::new(),
        all => {
            let names: Vec<&str> = all.iter().map(|bucket| bucket.name.as_str()).collect();
            format!("; what is put into {} is scanned", names.join(", "))
        }
    };
    reasons.or_pass(|| format!("GuardDuty watches S3 data events and RDS logins in {region}{scans}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn detector(s3: &str, rds: &str) -> Detector {
        let features =
            json!([{ "Name": "S3_DATA_EVENTS", "Status": s3 }, { "Name": "RDS_LOGIN_EVENTS", "Status": rds }]);
        serde_json::from_value(json!({ "Status": "ENABLED", "Features": features })).unwrap()
    }

    fn plan(bucket: &str, status: &str) -> Answer<MalwarePlan> {
        let protected = json!({ "S3Bucket": { "BucketName": bucket } });
        let plan = json!({ "Status": status, "ProtectedResource": protected });
        Ok(Arc::new(serde_json::from_value(plan).unwrap()))
    }

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "guardduty:GetMalwareProtectionPlan", GapKind::Denied, "no")
    }

    fn of(detector: &Detector, uploads: &[&str], plans: Result<Vec<Answer<MalwarePlan>>, Gap>) -> Verdict {
        let uploads: Vec<Upload> = uploads.iter().map(|&one| Upload { name: one.into(), here: true }).collect();
        judge("eu-west-1", detector, &uploads, plans, Reasons::new())
    }

    #[test]
    fn both_features_count() {
        let of = |s3, rds| of(&detector(s3, rds), &[], Ok(vec![]));
        assert_eq!(of("ENABLED", "ENABLED").status, Status::Pass);
        assert_eq!(of("DISABLED", "ENABLED").reasons, ["feature_off"]);
        assert_eq!(of("ENABLED", "DISABLED").reasons, ["feature_off"]);
        assert_eq!(of("ENABLED", "SOMETHING_NEW").status, Status::Unknown);
        let bare = Detector { status: "ENABLED".into(), ..Detector::default() };
        assert_eq!(judge("eu-west-1", &bare, &[], Ok(vec![]), Reasons::new()).status, Status::Unknown);
    }

    #[test]
    fn uploads_are_scanned_by_a_plan_that_works() {
        let on = detector("ENABLED", "ENABLED");
        let of = |plans| of(&on, &["uploads"], plans);
        assert_eq!(of(Ok(vec![plan("uploads", "ACTIVE")])).status, Status::Pass);
        assert_eq!(of(Ok(vec![])).reasons, ["uploads_not_scanned"]);
        assert_eq!(of(Ok(vec![plan("other", "ACTIVE")])).reasons, ["uploads_not_scanned"]);
        assert_eq!(of(Ok(vec![plan("uploads", "ERROR")])).reasons, ["uploads_not_scanned"]);
        assert_eq!(of(Ok(vec![plan("uploads", "WARNING")])).status, Status::Unknown);
        assert_eq!(of(Ok(vec![plan("uploads", "SOMETHING_NEW")])).status, Status::Unknown);
        assert_eq!(of(Ok(vec![Err(gap())])).status, Status::Unknown, "it may be the one");
        assert_eq!(of(Ok(vec![Err(gap()), plan("uploads", "ERROR")])).status, Status::Unknown);
        assert_eq!(of(Ok(vec![Err(gap()), plan("uploads", "ACTIVE")])).status, Status::Pass);
        assert_eq!(of(Ok(vec![Ok(Arc::default())])).status, Status::Unknown, "which bucket is not said");
        assert_eq!(of(Err(gap())).status, Status::Unknown);
    }

    #[test]
    fn a_bucket_whose_region_is_not_told_may_be_scanned_elsewhere() {
        let on = detector("ENABLED", "ENABLED");
        let of = |plans| {
            let lost = [Upload { name: "uploads".into(), here: false }];
            judge("eu-west-1", &on, &lost, Ok(plans), Reasons::new()).status
        };
        assert_eq!(of(vec![]), Status::Unknown);
        assert_eq!(of(vec![plan("uploads", "ACTIVE")]), Status::Pass);
        assert_eq!(of(vec![plan("uploads", "ERROR")]), Status::Fail, "a plan here is a plan of it");
    }
}
