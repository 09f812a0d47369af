//! Does a stranger own a bucket whose name an AWS service would pick for this account? The names can be guessed from the account id,
//! and a service that finds the bucket there uses it. Our own list says which are ours; of the others S3 is asked whether they exist.

use crate::prelude::*;
use posture_estate::services::s3::{Bucket, BucketHead};

/// How services and their tools name a bucket when nobody names one for them.
const NAMES: &[(&str, &str)] = &[
    ("AWS Glue", "aws-glue-assets-{account}-{region}"),
    ("Amazon SageMaker", "sagemaker-{region}-{account}"),
    ("Amazon EMR Studio", "aws-emr-studio-{account}-{region}"),
    ("Amazon Athena", "aws-athena-query-results-{account}-{region}"),
    ("AWS Elastic Beanstalk", "elasticbeanstalk-{region}-{account}"),
    ("AWS CDK", "cdk-hnb659fds-assets-{account}-{region}"),
];

/// CloudFormation adds a hash that is the same in all Regions: one bucket gives the others away.
const CLOUDFORMATION: &str = "cf-templates-";

pub async fn probe(at: &Region) -> Outcome {
    let own = at.account().s3().buckets().await?;
    let names = candidates(at.account_id(), at.name(), &own);
    let seen = names.into_iter().map(|(service, name)| {
        let own = &own;
        async move {
            let holder = match own.iter().any(|b| b.name == name) {
                true => Ok(Holder::Account),
                false => holder(at, &name).await,
            };
            (service, name, holder)
        }
    });
    let seen = join_all(seen).await;
    Ok(vec![judge(at.name(), &seen).on(at.resource())])
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    Account,
    Nobody,
    Stranger,
    /// S3 says that the bucket is ours, and our own list does not have it.
    Contradicted,
}

async fn holder(at: &Region, name: &str) -> Result<Holder, Gap> {
    Ok(match *at.account().s3().head_bucket(at.name(), name).await? {
        BucketHead::Ours => Holder::Contradicted,
        BucketHead::Free => Holder::Nobody,
        BucketHead::Exists => Holder::Stranger,
    })
}

fn candidates(account: &str, region: &str, own: &[Bucket]) -> Vec<(&'static str, String)> {
    let fixed =
        NAMES.iter().map(|(service, name)| (*service, name.replace("{account}", account).replace("{region}", region)));
    let mut hashes: Vec<_> = own.iter().filter_map(|b| cloudformation_hash(b.name())).collect();
    hashes.sort_unstable();
    hashes.dedup();
    fixed
        .chain(hashes.into_iter().map(|hash| ("AWS CloudFormation", format!("{CLOUDFORMATION}{hash}-{region}"))))
        .collect()
}

/// The hash in `cf-templates-HASH-REGION`.
fn cloudformation_hash(bucket: &str) -> Option<&str> {
    let (hash, region) = bucket.strip_prefix(CLOUDFORMATION)?.split_once('-')?;
    let is_hash = hash.len() >= 8 && hash.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (is_hash && region.split('-').count() >= 3).then_some(hash)
}

fn judge(region: &str, seen: &[(&str, String, Result<Holder, Gap>)]) -> Verdict {
    let mut reasons = Reasons::new();
    for (service, name, holder) in seen {
        match holder {
            Ok(Holder::Account | Holder::Nobody) => {}
            Ok(Holder::Stranger) => reasons.broken(
                "owned_by_stranger",
                format!("bucket {name}, which {service} uses in {region}, belongs to another account"),
            ),
            Ok(Holder::Contradicted) => {
                reasons.doubt(format!("bucket {name} answers as this account's, which does not list it"))
            }
            Err(gap) => reasons.unseen(gap),
        }
    }
    let ours = seen.iter().filter(|(_, _, h)| matches!(h, Ok(Holder::Account))).count();
    reasons
        .or_pass(|| {
            format!(
                "of {} predictable bucket names in {region}, {ours} are this account's and nobody has the others",
                seen.len()
            )
        })
        .evidence(json!({ "names": seen.iter().map(|(_, name, _)| name).collect::<Vec<_>>() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn of(holder: Result<Holder, Gap>) -> Verdict {
        judge("eu-west-1", &[("AWS Glue", "aws-glue-assets-1-eu-west-1".into(), holder)])
    }

    #[test]
    fn a_name_is_safe_when_it_is_ours_or_free() {
        assert_eq!(of(Ok(Holder::Account)).status, Status::Pass);
        assert_eq!(of(Ok(Holder::Nobody)).status, Status::Pass);
        assert_eq!(of(Ok(Holder::Stranger)).status, Status::Fail);
        assert_eq!(of(Ok(Holder::Contradicted)).status, Status::Unknown);
        assert_eq!(of(Err(Gap::new("1", "global", "s3:HeadBucket", GapKind::Denied, "no"))).status, Status::Unknown);
    }

    #[test]
    fn names_are_made_from_account_and_region() {
        let names = candidates("111122223333", "eu-west-1", &[]);
        assert_eq!(names.len(), NAMES.len());
        assert!(names.contains(&("Amazon SageMaker", "sagemaker-eu-west-1-111122223333".into())));
    }

    #[test]
    fn one_template_bucket_gives_the_others_away() {
        let own = [Bucket::named("cf-templates-1a2b3c4d5e6f-us-east-1"), Bucket::named("cf-templates-mine")];
        let names = candidates("111122223333", "eu-west-1", &own);
        assert_eq!(names.last(), Some(&("AWS CloudFormation", "cf-templates-1a2b3c4d5e6f-eu-west-1".into())));
        assert_eq!(names.len(), NAMES.len() + 1);
    }
}
