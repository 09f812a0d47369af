//! Are the buckets in which Macie found sensitive data closed, encrypted with KMS and kept in the organization, and does Security Hub get
//! what is found?

use super::session::idle;
use super::sharing;
use crate::prelude::*;
use posture_estate::services::macie2::{AutomatedDiscovery, Publication, ScoredBucket};

/// The score from which a bucket is called sensitive.
const LEAST_SCORE: Setting<i64> = setting!(sensitive_buckets_protected.least_score);
/// Accounts that are no strangers.
const TRUSTED_ACCOUNTS: Setting<[String]> = setting!(sensitive_buckets_protected.trusted_accounts);

pub async fn probe(at: &Region) -> Outcome {
    if let Some(verdict) = idle(at).await? {
        return Ok(vec![verdict.on(at.resource())]);
    }
    let least = *at.setting(LEAST_SCORE);
    let macie = at.macie2();
    let (buckets, publication) = join!(macie.buckets_scoring(least), macie.publication());
    let buckets = match buckets {
        Ok(buckets) => buckets,
        Err(gap) => return Ok(vec![published(at.name(), publication, Err(gap)).on(at.resource())]),
    };
    // Where no bucket scores so high, that says something only if buckets are scored.
    let scored = if buckets.is_empty() { macie.automated_discovery().await.map(Some) } else { Ok(None) };
    let mut findings = vec![published(at.name(), publication, scored).on(at.resource())];
    findings.extend(each(buckets.iter(), async |bucket| judge(at, bucket).await.on(bucket.resource())).await);
    Ok(findings)
}

/// The condition that findings on sensitive data go to Security Hub; without a bucket to judge, also whether buckets are scored.
fn published(
    region: &str,
    publication: Answer<Publication>,
    scored: Result<Option<Arc<AutomatedDiscovery>>, Gap>,
) -> Verdict {
    let mut reasons = Reasons::new();
    match reasons.add(publication).map(|told| told.sensitive_data()) {
        Some(Some(true)) | None => {}
        Some(Some(false)) => reasons.broken(
            "findings_not_published",
            format!("Macie in {region} does not publish what it finds in objects to Security Hub"),
        ),
        Some(None) => reasons.doubt(format!("where Macie in {region} publishes what it finds is not said")),
    }
    let mut buckets = "";
    match reasons.add(scored).flatten().map(|told| told.status.clone()) {
        None => {}
        Some(Some(status)) if status == "ENABLED" => buckets = ", and no bucket has a high sensitivity score",
        Some(status) => reasons.doubt(format!(
            "no bucket in {region} has a high sensitivity score, but automated discovery, which gives the scores, is {}",
            status.as_deref().unwrap_or("of a status that is not said")
        )),
    }
    reasons.or_pass(|| format!("Macie in {region} publishes what it finds in objects to Security Hub{buckets}"))
}

async fn judge(at: &Region, bucket: &ScoredBucket) -> Verdict {
    let mut reasons = Reasons::new();
    if bucket.shared_access.as_deref() == Some("EXTERNAL") {
        sharing::outside(at, bucket, at.setting(TRUSTED_ACCOUNTS), &mut reasons).await;
    }
    protected(bucket, reasons)
}

fn protected(bucket: &ScoredBucket, mut reasons: Reasons) -> Verdict {
    let name = &bucket.bucket_name;
    let untold = |what: &str, told: Option<&str>| format!("{what} bucket {name} is {}", told.unwrap_or("not said"));
    if let Some(code) = &bucket.error_code {
        reasons.doubt(format!("Macie could not look at all of bucket {name} ({code})"));
    }
    match bucket.public() {
        Some("NOT_PUBLIC") => {}
        Some("PUBLIC") => reasons.broken("sensitive_and_public", format!("bucket {name} is public")),
        other => reasons.doubt(untold("public access to", other)),
    }
    match bucket.encryption() {
        Some("aws:kms" | "aws:kms:dsse") => {}
        Some(kind @ ("AES256" | "NONE")) => {
            reasons.broken("not_kms", format!("the default encryption of bucket {name} is {kind}, not KMS"));
        }
        other => reasons.doubt(untold("the default encryption of", other)),
    }
    match bucket.shared_access.as_deref() {
        // Of a bucket that is shared outside, the reasons hold what its policy and its ACL say.
        Some("NOT_SHARED" | "INTERNAL" | "EXTERNAL") => {}
        other => reasons.doubt(untold("sharing of", other)),
    }
    let score = bucket.sensitivity_score;
    reasons
        .or_pass(|| {
            format!("bucket {name}, which holds sensitive data, is private, encrypted with KMS and not shared outside")
        })
        .evidence(json!({ "sensitivity_score": score, "account": bucket.account_id }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "macie2:GetFindingsPublicationConfiguration", GapKind::Denied, "no")
    }

    fn bucket(public: &str, encryption: &str, shared: &str) -> ScoredBucket {
        serde_json::from_value(json!({ "bucketArn": "arn:aws:s3:::b", "bucketName": "b", "sensitivityScore": 87,
            "publicAccess": { "effectivePermission": public }, "serverSideEncryption": { "type": encryption },
            "sharedAccess": shared }))
        .unwrap()
    }

    fn of(public: &str, encryption: &str, shared: &str) -> Verdict {
        protected(&bucket(public, encryption, shared), Reasons::new())
    }

    #[test]
    fn a_sensitive_bucket_is_private_and_encrypted_with_kms() {
        assert_eq!(of("NOT_PUBLIC", "aws:kms", "NOT_SHARED").status, Status::Pass);
        assert_eq!(of("NOT_PUBLIC", "aws:kms:dsse", "INTERNAL").status, Status::Pass);
        assert_eq!(of("PUBLIC", "aws:kms", "NOT_SHARED").reasons, ["sensitive_and_public"]);
        assert_eq!(of("NOT_PUBLIC", "AES256", "NOT_SHARED").reasons, ["not_kms"]);
        assert_eq!(of("NOT_PUBLIC", "NONE", "NOT_SHARED").reasons, ["not_kms"]);
        let mut shared = Reasons::new();
        shared.broken("shared_outside", "the policy of bucket b lets in 444455556666");
        let shared = protected(&bucket("NOT_PUBLIC", "aws:kms", "EXTERNAL"), shared);
        assert_eq!(shared.reasons, ["shared_outside"]);
        assert_eq!(of("PUBLIC", "NONE", "NOT_SHARED").reasons, ["sensitive_and_public", "not_kms"]);
    }

    #[test]
    fn what_macie_does_not_tell_is_unknown() {
        assert_eq!(of("UNKNOWN", "aws:kms", "NOT_SHARED").status, Status::Unknown);
        assert_eq!(of("NOT_PUBLIC", "SOMETHING_NEW", "NOT_SHARED").status, Status::Unknown);
        assert_eq!(of("NOT_PUBLIC", "aws:kms", "UNKNOWN").status, Status::Unknown);
        let bare: ScoredBucket = serde_json::from_value(json!({ "bucketArn": "a", "bucketName": "b" })).unwrap();
        assert_eq!(protected(&bare, Reasons::new()).status, Status::Unknown);
        let mut closed = bucket("NOT_PUBLIC", "aws:kms", "NOT_SHARED");
        closed.error_code = Some("ACCESS_DENIED".into());
        assert_eq!(protected(&closed, Reasons::new()).status, Status::Unknown);
    }

    #[test]
    fn findings_go_to_security_hub() {
        let told = |text| Ok(Arc::new(serde_json::from_value::<Publication>(text).unwrap()));
        let to = |yes: bool| told(json!({ "securityHubConfiguration": { "publishClassificationFindings": yes } }));
        let of = |publication| published("eu-west-1", publication, Ok(None));
        assert_eq!(of(to(true)).status, Status::Pass);
        assert_eq!(of(to(false)).reasons, ["findings_not_published"]);
        assert_eq!(of(told(json!({}))).status, Status::Unknown);
        assert_eq!(of(Err(gap())).status, Status::Unknown);
    }

    #[test]
    fn no_high_score_says_something_only_where_buckets_are_scored() {
        let of = |status: Option<&str>| {
            let to = json!({ "securityHubConfiguration": { "publishClassificationFindings": true } });
            let to = Ok(Arc::new(serde_json::from_value::<Publication>(to).unwrap()));
            published("eu-west-1", to, Ok(Some(Arc::new(AutomatedDiscovery { status: status.map(str::to_owned) }))))
        };
        assert_eq!(of(Some("ENABLED")).status, Status::Pass);
        for not_scored in [Some("DISABLED"), Some("SOMETHING_NEW"), None] {
            assert_eq!(of(not_scored).status, Status::Unknown);
        }
    }
}
