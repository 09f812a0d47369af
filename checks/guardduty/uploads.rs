//! Buckets that take uploads, and whether what is put into them is scanned.

use crate::prelude::*;
use posture_estate::services::guardduty::MalwarePlan;

/// A bucket that takes uploads.
pub(super) struct Upload {
    pub name: String,
    /// Whether it is known to lie in the Region.
    pub here: bool,
}

/// The Region's buckets that take uploads, and those of which it is not told where they lie.
pub(super) async fn upload_buckets(at: &Region, wanted: &Patterns, reasons: &mut Reasons) -> Vec<Upload> {
    let Some(buckets) = reasons.add(at.account().s3().buckets().await) else { return Vec::new() };
    let wanted = buckets.iter().filter(|bucket| wanted.matches(bucket.name()));
    let here = wanted.filter(|bucket| bucket.region().is_none_or(|region| region == at.name()));
    here.map(|bucket| Upload { name: bucket.name.clone(), here: bucket.region().is_some() }).collect()
}

/// The condition that an active plan scans the bucket. A plan that was not seen may be the one.
pub(super) fn scanned(bucket: &Upload, plans: &[Answer<MalwarePlan>], reasons: &mut Reasons) {
    let Upload { name: bucket, here } = bucket;
    let seen = plans.iter().filter_map(|plan| plan.as_ref().ok());
    let own: Vec<_> = seen.filter(|plan| plan.bucket() == Some(bucket.as_str())).collect();
    let status = |wanted: &str| own.iter().any(|plan| plan.status.as_deref() == Some(wanted));
    let gaps = || plans.iter().filter_map(|plan| plan.as_ref().err());
    match own.first() {
        _ if status("ACTIVE") => {}
        None if gaps().next().is_some() => gaps().for_each(|gap| reasons.unseen(gap)),
        None if plans.iter().flatten().any(|plan| plan.bucket().is_none()) => {
            reasons.doubt(format!("of a malware protection plan it is not said whether it scans bucket {bucket}"));
        }
        // A plan lies in the Region of its bucket.
        None if !here => reasons.doubt(format!(
            "in which Region bucket {bucket} is was not told, and no malware protection plan here scans it"
        )),
        None => reasons.broken_at(
            "uploads_not_scanned",
            bucket,
            format!("no malware protection plan scans bucket {bucket}"),
        ),
        Some(_) if status("ERROR") && gaps().next().is_none() => reasons.broken_at(
            "uploads_not_scanned",
            bucket,
            format!("the malware protection plan of bucket {bucket} does not work (ERROR)"),
        ),
        Some(plan) => {
            let status = plan.status.as_deref().unwrap_or("missing");
            reasons.doubt(format!("the status of the malware protection plan of bucket {bucket} is {status}"));
        }
    }
}
