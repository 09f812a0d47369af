//! Do access points block public access? Their settings are fixed when they are made. A Multi-Region access point belongs to
//! several Regions: it is judged in the first of them that is in scope, so that it is judged once.

use crate::prelude::*;
use aws_sdk_s3control::types::{MultiRegionAccessPointReport, MultiRegionAccessPointStatus};
use posture_estate::services::s3::PublicAccessBlock;

/// The partition that has Multi-Region access points.
const MULTI_REGION_PARTITION: &str = "aws";

pub async fn probe(at: &Region) -> Outcome {
    let (mut findings, multi) = tokio::join!(regional(at), multi_region(at));
    match &mut findings {
        Ok(findings) => findings.extend(multi),
        Err(gap) if !multi.is_empty() => {
            let unseen = Verdict::unseen(gap).sub("access-points").on(at.resource());
            return Ok([vec![unseen], multi].concat());
        }
        Err(_) => {}
    }
    findings
}

async fn regional(at: &Region) -> Outcome {
    let points = at.s3control().access_points().await?;
    let findings = points.iter().map(|listed| async move {
        let name = listed.name();
        let arn = listed.access_point_arn().map_or_else(|| at.arn("s3", &format!("accesspoint/{name}")), str::to_owned);
        let resource = Resource::new(arn, "AWS::S3::AccessPoint", name);
        let own = match at.s3control().access_point(name).await {
            Ok(point) => point.public_access_block_configuration().map(PublicAccessBlock::from).unwrap_or_default(),
            Err(gap) if gap.is("NoSuchAccessPoint") => {
                return Verdict::not_applicable(format!("access point {name} was deleted while the scan ran"))
                    .on(resource);
            }
            Err(gap) => return Verdict::unseen(&gap).on(resource),
        };
        settle(at, &format!("access point {name} of bucket {}", listed.bucket()), own).await.on(resource)
    });
    Ok(join_all(findings).await)
}

async fn multi_region(at: &Region) -> Vec<Finding> {
    let account = at.account();
    let first = account.regions().first().is_some_and(|r| r == at.name());
    if at.partition() != MULTI_REGION_PARTITION {
        return vec![];
    }
    let points = match account.s3control().multi_region_access_points().await {
        Ok(points) => points,
        Err(gap) if first => return vec![Verdict::unseen(&gap).sub("multi-region").on(at.resource())],
        Err(_) => return vec![],
    };
    let here = points.iter().filter(|p| judged_in(p, account.regions()) == Some(at.name()));
    let findings = here.map(|point| async move {
        let (name, alias) = (point.name().unwrap_or_default(), point.alias().unwrap_or_default());
        let arn = at.account().arn("s3", &format!("accesspoint/{alias}"));
        let resource = Resource::new(arn, "AWS::S3::MultiRegionAccessPoint", alias).name(name);
        let own = point.public_access_block().map(PublicAccessBlock::from).unwrap_or_default();
        settle(at, &format!("Multi-Region access point {name}"), own).await.on(resource)
    });
    join_all(findings).await
}

/// The first Region in scope that the access point reaches; none when it is being deleted.
fn judged_in<'a>(point: &MultiRegionAccessPointReport, in_scope: &'a [String]) -> Option<&'a str> {
    if point.status() == Some(&MultiRegionAccessPointStatus::Deleting) {
        return None;
    }
    let reaches = |region: &String| point.regions().iter().any(|r| r.region() == Some(region));
    in_scope.iter().find(|r| reaches(r)).map(String::as_str)
}

/// The account's settings are asked only for an access point that lacks some.
async fn settle(at: &Region, what: &str, own: PublicAccessBlock) -> Verdict {
    if own == PublicAccessBlock::ALL {
        return judge(what, own, PublicAccessBlock::default());
    }
    match at.account().s3control().account_public_access_block().await {
        Ok(account) => judge(what, own, account.unwrap_or_default()),
        Err(gap) => Verdict::unseen(&gap),
    }
}

fn judge(what: &str, own: PublicAccessBlock, account: PublicAccessBlock) -> Verdict {
    let off = own.or(account).off();
    if off.is_empty() {
        let whose = if own == PublicAccessBlock::ALL { "by its own settings" } else { "by the account's settings" };
        return Verdict::pass(format!("{what} blocks public access {whose}"));
    }
    Verdict::fail("settings_off", format!("{what} lacks {}, and the account does not add them", off.join(", ")))
        .evidence(json!({ "off": off }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3control::types::RegionReport;

    #[test]
    fn own_or_account_settings_must_be_complete() {
        let none = PublicAccessBlock::default();
        assert_eq!(judge("access point a", PublicAccessBlock::ALL, none).status, Status::Pass);
        assert_eq!(judge("access point a", none, PublicAccessBlock::ALL).status, Status::Pass);
        let half = PublicAccessBlock { restrict_public_buckets: false, ..PublicAccessBlock::ALL };
        assert_eq!(judge("access point a", half, none).status, Status::Fail);
    }

    #[test]
    fn a_multi_region_access_point_is_judged_once() {
        let reaching = |regions: &[&str]| {
            let reports = regions.iter().map(|r| RegionReport::builder().region(*r).build()).collect();
            MultiRegionAccessPointReport::builder().set_regions(Some(reports)).build()
        };
        let scope = ["eu-west-1".to_owned(), "us-east-1".to_owned()];
        assert_eq!(judged_in(&reaching(&["us-east-1", "eu-west-1"]), &scope), Some("eu-west-1"));
        assert_eq!(judged_in(&reaching(&["us-west-2", "us-east-1"]), &scope), Some("us-east-1"));
        assert_eq!(judged_in(&reaching(&["us-west-2"]), &scope), None);
        let mut going = reaching(&["us-east-1"]);
        going.status = Some(MultiRegionAccessPointStatus::Deleting);
        assert_eq!(judged_in(&going, &scope), None);
    }
}
