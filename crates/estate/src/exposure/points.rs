//! Access points and Multi-Region access points as doors of a bucket.
//!
//! A request through one needs the permission of the access point's policy and of the bucket's, and S3 applies the block public
//! access settings of the account, the bucket and the access point
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-bpa-settings.html>). So access points are asked for only
//! when the bucket policy leaves the decision to them, and their settings only when their policy is not harmless by itself.

use super::doors::{Door, Setting};
use crate::finding::Gap;
use crate::place::Answer;
use crate::place::{Account, Region};
use crate::services::s3::{Bucket, PublicAccessBlock};
use crate::services::s3control::{AccessPoint, MultiRegionAccessPoint};
use futures_util::future::join_all;
use posture_policy::{Decision, Document, opened_access_point, opened_bucket, public_through};

/// The partition that has Multi-Region access points.
const MULTI_REGION_PARTITION: &str = "aws";

/// The bucket, its policy, and what stands above both.
struct House<'a> {
    at: &'a Account,
    bucket: &'a Bucket,
    policy: &'a Document,
    arn: &'a str,
    restricted: &'a Setting,
}

/// Every access point of the bucket, or the gap that hides them.
pub(super) async fn doors(
    at: &Account,
    bucket: &Bucket,
    policy: &Document,
    arn: &str,
    restricted: &Setting,
) -> Vec<(String, Door)> {
    if let Setting::Foreign = restricted {
        let why = format!(
            "the policy of bucket {} leaves access to access points, and those of the account that owns it are not seen",
            bucket.name()
        );
        return vec![("access points".into(), Door::Doubt(why))];
    }
    let house = House { at, bucket, policy, arn, restricted };
    let (mut doors, multi) = tokio::join!(house.regional(), house.multi_region());
    doors.extend(multi);
    doors
}

impl House<'_> {
    async fn regional(&self) -> Vec<(String, Door)> {
        let unseen = |gap: Gap| vec![("access points".to_owned(), Door::Unseen(gap))];
        let name = match self.bucket.region() {
            Some(region) => region.to_owned(),
            None => match self.at.s3().bucket_location(self.bucket.name()).await {
                Ok(region) => region.to_string(),
                Err(gap) => return unseen(gap),
            },
        };
        let region = self.at.region(&name);
        let listed = match region.s3control().access_points().await {
            Ok(listed) => listed,
            Err(gap) => return unseen(gap),
        };
        let own = listed.iter().filter(|point| self.is_of(&point.bucket, point.bucket_account_id.as_deref()));
        let doors = own.map(|point| async {
            let door = self.regional_door(&region, point).await?;
            Some((format!("access point {}", point.name), door))
        });
        join_all(doors).await.into_iter().flatten().collect()
    }

    /// `None` when the access point was deleted meanwhile.
    async fn regional_door(&self, region: &Region, point: &AccessPoint) -> Option<Door> {
        if point.network_origin == "VPC" {
            return Some(Door::Shut("its network origin is a VPC".into()));
        }
        let name = &point.name;
        let gone = |gap: &Gap| gap.is("NoSuchAccessPoint");
        let policy = match region.s3control().access_point_policy(name).await {
            Err(gap) if gone(&gap) => return None,
            policy => policy,
        };
        let default = || region.arn("s3", &format!("accesspoint/{name}"));
        let arn = point.access_point_arn.clone().unwrap_or_else(default);
        let way_in = match self.by_policies(&format!("access point {name}"), &arn, policy) {
            Ok(way_in) => way_in,
            Err(door) => return Some(door),
        };
        let settings = match region.s3control().access_point(name).await {
            Ok(point) => point.public_access_block_configuration.into(),
            Err(gap) if gone(&gap) => return None,
            Err(gap) => return Some(Door::Unseen(gap)),
        };
        Some(under(settings, self.restricted, way_in))
    }

    async fn multi_region(&self) -> Vec<(String, Door)> {
        if self.at.partition() != MULTI_REGION_PARTITION {
            return vec![];
        }
        let listed = match self.at.s3control().multi_region_access_points().await {
            Ok(listed) => listed,
            Err(gap) => return vec![("Multi-Region access points".into(), Door::Unseen(gap))],
        };
        let is_own = |point: &&MultiRegionAccessPoint| {
            let of_bucket = point.regions.iter().any(|r| self.is_of(&r.bucket, r.bucket_account_id.as_deref()));
            of_bucket && !point.is_going()
        };
        let doors = listed.iter().filter(is_own).map(|point| async {
            let (name, alias) = (&point.name, &point.alias);
            let label = format!("Multi-Region access point {name}");
            let arn = self.at.arn("s3", &format!("accesspoint/{alias}"));
            let policy = self.at.s3control().multi_region_access_point_policy(name).await;
            let door = match self.by_policies(&label, &arn, policy) {
                Ok(way_in) => under(point.public_access_block.into(), self.restricted, way_in),
                Err(door) => door,
            };
            (label, door)
        });
        join_all(doors).await
    }

    fn is_of(&self, bucket: &str, owner: Option<&str>) -> bool {
        bucket == self.bucket.name() && owner.is_none_or(|owner| owner == self.at.account_id())
    }

    /// What the two policies say, before block public access: an open (or doubtful) way in, or the door as it stands.
    fn by_policies(&self, label: &str, arn: &str, policy: Answer<Option<String>>) -> Result<WayIn, Door> {
        let text = policy.map_err(Door::Unseen)?;
        let Some(text) = text.as_deref() else { return Err(Door::Shut("it has no policy".into())) };
        let bucket = self.bucket.name();
        let own = match self.at.context().parse(text) {
            Ok(own) => own,
            Err(error) => return Ok(WayIn::Doubt(format!("the policy of {label} cannot be read: {error}"))),
        };
        match public_through(self.policy, self.arn, &own, arn) {
            Decision::Yes(why) => {
                // A request needs both, so what either opens more may be what opens the bucket further.
                let own = opened_access_point(&own, arn).into_iter().map(|what| format!("own policy: {what}"));
                let theirs = opened_bucket(self.policy, self.arn);
                let what = own.chain(theirs.into_iter().map(|what| format!("bucket policy: {what}"))).collect();
                Ok(WayIn::Open(format!("bucket {bucket} is public through {label}: {why}"), what))
            }
            Decision::No(why) => Err(Door::Shut(why)),
            Decision::CannotTell(why) => {
                Ok(WayIn::Doubt(format!("whether bucket {bucket} is public through {label} cannot be decided: {why}")))
            }
        }
    }
}

/// A way in, under the settings of the access point and those above it.
fn under(settings: PublicAccessBlock, restricted: &Setting, way_in: WayIn) -> Door {
    if settings.restrict_public_buckets {
        return Door::Shut("RestrictPublicBuckets is on for it".into());
    }
    match way_in {
        WayIn::Open(how, what) => restricted.clone().over(how, what),
        WayIn::Doubt(why) => Door::Doubt(why),
    }
}

/// What both policies leave for block public access to decide.
enum WayIn {
    Open(String, Vec<String>),
    Doubt(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_the_access_point_stand_above_its_policy() {
        // semantics 11
        let open = || WayIn::Open("open".into(), Vec::new());
        let none = PublicAccessBlock::default();
        assert!(matches!(under(none, &Setting::Off, open()), Door::Open(..)));
        assert!(matches!(under(PublicAccessBlock::ALL, &Setting::Off, open()), Door::Shut(_)));
        assert!(matches!(under(PublicAccessBlock::ALL, &Setting::Off, WayIn::Doubt("?".into())), Door::Shut(_)));
        assert!(matches!(under(none, &Setting::Off, WayIn::Doubt("?".into())), Door::Doubt(_)));
    }
}
