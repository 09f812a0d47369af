//! Whether a bucket is public in effect, layer by layer.
//!
//! Three kinds of door lead in: the ACL, the bucket policy, and access points together with the bucket policy ([`points`]). Each
//! can be shut above it: the ACL by `BucketOwnerEnforced` ownership or by `IgnorePublicAcls`, the policies by
//! `RestrictPublicBuckets`, on the account, on the bucket or on the access point. A door counts as open only when every layer was
//! seen to let through, and as shut only when one was seen to shut it; in between lies a gap.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>

pub mod blocks;
mod doors;
mod points;

pub use doors::Door;

use crate::arn::Arn;
use crate::finding::{Gap, Reasons, Verdict};
use crate::place::Account;
use crate::services::s3::Bucket;
use aws_sdk_s3::operation::get_bucket_acl::GetBucketAclOutput;
use aws_sdk_s3::types::{ObjectOwnership, Permission};
use doors::{Blocks, Setting};
use posture_policy::{self as policy, Decision, Document, Zone};
use serde_json::json;

const EVERYONE: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const ANY_AWS_ACCOUNT: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

/// What strangers can do with a bucket, by its doors.
#[derive(Clone, Debug)]
pub struct Exposure {
    pub acl: Door,
    pub policy: Door,
    pub points: Points,
    /// Block public access of the account and of the bucket, for the evidence.
    blocks: [String; 2],
}

/// The access points of a bucket as doors.
#[derive(Clone, Debug)]
pub enum Points {
    /// None can matter: why.
    Needless(String),
    /// Each by its name.
    Judged(Vec<(String, Door)>),
}

impl Exposure {
    /// Each with the slug for when it is open, and the name of an access point.
    fn doors(&self) -> impl Iterator<Item = (&'static str, Option<&str>, &Door)> {
        let points = match &self.points {
            Points::Needless(_) => &[][..],
            Points::Judged(points) => points,
        };
        let named = points.iter().map(|(name, door)| ("access_point_public", Some(name.as_str()), door));
        [("acl_public", None, &self.acl), ("policy_public", None, &self.policy)].into_iter().chain(named)
    }

    /// The answers that could not be had.
    pub fn gaps(&self) -> impl Iterator<Item = &Gap> {
        self.doors().filter_map(|(_, _, door)| match door {
            Door::Unseen(gap) => Some(gap),
            _ => None,
        })
    }

    /// Fails when a door is open, is unknown when one was not seen, passes when all are shut.
    pub fn verdict(&self, bucket: &Bucket) -> Verdict {
        let mut reasons = Reasons::new();
        let mut shut = Vec::new();
        let mut open = Vec::new();
        for (slug, name, door) in self.doors() {
            match (door, name) {
                (Door::Open(how, what), name) => {
                    reasons.broken(slug, how);
                    open.extend(what.iter().map(|what| match name {
                        Some(name) => format!("{name}: {what}"),
                        None => what.clone(),
                    }));
                }
                (Door::Shut(why), None) => shut.push(why.clone()),
                (Door::Shut(why), Some(name)) => shut.push(format!("{name} is shut: {why}")),
                (Door::Unseen(gap), _) => reasons.unseen(gap),
                (Door::Doubt(why), _) => reasons.doubt(why),
            }
        }
        let points = match &self.points {
            Points::Needless(why) => json!(format!("not asked: {why}")),
            Points::Judged(points) => {
                points.iter().map(|(name, door)| json!({ name.as_str(): door.label() })).collect()
            }
        };
        let [account, own] = &self.blocks;
        reasons.or_pass(|| format!("bucket {} is not public: {}", bucket.name(), shut.join("; "))).evidence(json!({
            "account_public_access_block": account,
            "bucket_public_access_block": own,
            "acl": self.acl.label(),
            "policy": self.policy.label(),
            "access_points": points,
            "open": open,
        }))
    }
}

/// Judges a bucket, asking only what can still matter.
pub async fn exposure(at: &Account, bucket: &Bucket) -> Exposure {
    let blocks = Blocks::seen(at, bucket).await;
    let (acl, (policy, points)) = tokio::join!(acl_door(at, bucket, &blocks), policy_doors(at, bucket, &blocks));
    Exposure { acl, policy, points, blocks: [blocks.account.label(), blocks.bucket.label()] }
}

async fn acl_door(at: &Account, bucket: &Bucket, blocks: &Blocks) -> Door {
    let ignored = blocks.setting("IgnorePublicAcls", |s| s.ignore_public_acls);
    if let Setting::On(why) = ignored {
        return Door::Shut(why);
    }
    let ownership = at.s3().bucket_ownership(bucket).await;
    if let Ok(Some(ObjectOwnership::BucketOwnerEnforced)) = ownership.as_deref() {
        return Door::Shut("object ownership is BucketOwnerEnforced, so ACLs have no effect".into());
    }
    let acl = match at.s3().bucket_acl(bucket).await {
        Ok(acl) => acl,
        Err(gap) => return Door::Unseen(gap),
    };
    match (public_grants(&acl), ownership) {
        (None, _) => Door::Shut("the ACL grants nothing to everyone".into()),
        (Some(_), Err(gap)) => Door::Unseen(gap),
        (Some(grants), Ok(_)) => {
            let how = format!("the ACL of bucket {} gives {}", bucket.name(), grants.join(", "));
            ignored.over(how, grants.iter().map(|grant| format!("acl: {grant}")).collect())
        }
    }
}

/// The bucket policy as a door, and the doors that it leaves to access points.
async fn policy_doors(at: &Account, bucket: &Bucket, blocks: &Blocks) -> (Door, Points) {
    let needless = |why: &str| Points::Needless(why.to_owned());
    let restricted = blocks.setting("RestrictPublicBuckets", |s| s.restrict_public_buckets);
    if let Setting::On(why) = restricted {
        return (Door::Shut(why.clone()), Points::Needless(why));
    }
    let text = match at.s3().bucket_policy(bucket).await {
        Ok(text) => text,
        Err(gap) => {
            return (Door::Unseen(gap), needless("the bucket policy, which must let them in too, was not seen"));
        }
    };
    let Some(text) = text.as_deref() else {
        let why = "there is no bucket policy";
        return (Door::Shut(why.into()), Points::Needless(format!("{why}, which must let them in too")));
    };
    let document = match at.context().parse(text) {
        Ok(document) => document,
        Err(error) => {
            let why = format!("the policy of bucket {} cannot be read: {error}", bucket.name());
            return (Door::Doubt(why.clone()), Points::Needless(why));
        }
    };
    let arn = Arn::s3(at.partition(), bucket.name()).to_string();
    let door = policy_door(at, bucket, &document, &arn, restricted.clone()).await;
    let points = match &door {
        Door::Open(..) => needless("the bucket policy is public by itself"),
        _ if !policy::mentions_access_points(&document) => {
            needless("the bucket policy does not let everyone in through them")
        }
        _ => Points::Judged(points::doors(at, bucket, &document, &arn, &restricted).await),
    };
    (door, points)
}

/// The document decides. S3's own opinion is asked only where the policy lets everyone in under conditions, and the policy is
/// public if either says so: S3 may know a condition better, and it is S3 that lets people in. Where the document does not
/// decide, S3's "not public" alone does not either.
async fn policy_door(at: &Account, bucket: &Bucket, document: &Document, arn: &str, restricted: Setting) -> Door {
    let name = bucket.name();
    let decision = policy::public_bucket(document, &Zone::of(at.account_id(), at.partition()), arn);
    let what = || policy::opened_bucket(document, arn).iter().map(|what| format!("policy: {what}")).collect();
    let ours = match &decision {
        Decision::Yes(why) => {
            return restricted.over(format!("the policy of bucket {name} is public: {why}"), what());
        }
        Decision::No(why) => why,
        Decision::CannotTell(why) => why,
    };
    if !policy::everyone_under_conditions(document) {
        return match decision {
            Decision::No(why) => Door::Shut(format!("the policy is not public: {why}")),
            _ => Door::Doubt(format!("whether the policy of bucket {name} is public cannot be decided: {ours}")),
        };
    }
    match at.s3().bucket_policy_status(bucket).await.as_deref() {
        Ok(Some(theirs)) => second_opinion(name, &decision, *theirs, restricted, what()),
        Ok(None) => Door::Doubt(format!("the policy of bucket {name} went away while it was read: {ours}")),
        Err(gap) => Door::Unseen(gap.clone()),
    }
}

/// Both opinions in one message; `theirs` is whether S3 calls the policy public.
fn second_opinion(name: &str, ours: &Decision, theirs: bool, restricted: Setting, what: Vec<String>) -> Door {
    match (ours, theirs) {
        (Decision::Yes(why), _) => restricted.over(format!("the policy of bucket {name} is public: {why}"), what),
        (Decision::No(why), true) => restricted.over(
            format!("the policy of bucket {name} is public: S3 reports it as such, though as read here {why}"),
            what,
        ),
        (Decision::No(why), false) => {
            Door::Shut(format!("S3 reports that the policy is not public, and as read here {why}"))
        }
        (Decision::CannotTell(why), true) => restricted.over(
            format!(
                "the policy of bucket {name} is public: S3 reports it as such, and as read here it cannot be decided ({why})"
            ),
            what,
        ),
        (Decision::CannotTell(why), false) => Door::Doubt(format!(
            "whether the policy of bucket {name} is public cannot be decided: {why}; S3 reports that it is not"
        )),
    }
}

/// What the ACL gives to everyone or to every AWS account, as "AllUsers READ" and "AuthenticatedUsers WRITE".
fn public_grants(acl: &GetBucketAclOutput) -> Option<Vec<String>> {
    let grants: Vec<_> = acl
        .grants()
        .iter()
        .filter_map(|grant| {
            let who = match grant.grantee()?.uri()? {
                EVERYONE => "AllUsers",
                ANY_AWS_ACCOUNT => "AuthenticatedUsers",
                _ => return None,
            };
            Some(format!("{who} {}", grant.permission().map_or("an unnamed permission", Permission::as_str)))
        })
        .collect();
    (!grants.is_empty()).then_some(grants)
}

#[cfg(test)]
mod tests {
    use super::doors::Layer;
    use super::*;
    use crate::finding::{GapKind, Status};
    use crate::services::s3::PublicAccessBlock;
    use aws_sdk_s3::types::{Grant, Grantee, Type};

    fn acl(uri: &str, permission: Permission) -> GetBucketAclOutput {
        let grantee = Grantee::builder().r#type(Type::Group).uri(uri).build().unwrap();
        let owner = Grantee::builder().r#type(Type::CanonicalUser).id("me").build().unwrap();
        GetBucketAclOutput::builder()
            .grants(Grant::builder().grantee(owner).permission(Permission::FullControl).build())
            .grants(Grant::builder().grantee(grantee).permission(permission).build())
            .build()
    }

    #[test]
    fn everyone_and_every_aws_account_are_the_public() {
        // semantics 34
        assert_eq!(public_grants(&acl(EVERYONE, Permission::Read)), Some(vec!["AllUsers READ".to_owned()]));
        let any = acl(ANY_AWS_ACCOUNT, Permission::WriteAcp);
        assert_eq!(public_grants(&any), Some(vec!["AuthenticatedUsers WRITE_ACP".to_owned()]));
        assert_eq!(public_grants(&acl("http://acs.amazonaws.com/groups/s3/LogDelivery", Permission::Write)), None);
    }

    fn blocks(account: Layer, bucket: Layer) -> Blocks {
        Blocks { account, bucket }
    }

    fn none() -> Layer {
        Layer::Seen(PublicAccessBlock::default())
    }

    fn door(blocks: &Blocks) -> Door {
        blocks.setting("IgnorePublicAcls", |s| s.ignore_public_acls).over("a way in".into(), Vec::new())
    }

    #[test]
    fn either_layer_shuts_the_door_and_both_must_be_seen_to_leave_it_open() {
        // semantics 10
        let gap = || Layer::Unseen(Gap::new("1", "global", "s3:GetPublicAccessBlock", GapKind::Denied, "no"));
        assert!(matches!(door(&blocks(none(), none())), Door::Open(..)));
        assert!(matches!(door(&blocks(Layer::Seen(PublicAccessBlock::ALL), Layer::Needless)), Door::Shut(_)));
        assert!(matches!(door(&blocks(none(), Layer::Seen(PublicAccessBlock::ALL))), Door::Shut(_)));
        assert!(matches!(door(&blocks(gap(), Layer::Seen(PublicAccessBlock::ALL))), Door::Shut(_)));
        assert!(matches!(door(&blocks(gap(), none())), Door::Unseen(_)));
        assert!(matches!(door(&blocks(none(), gap())), Door::Unseen(_)));
        assert!(matches!(door(&blocks(Layer::Foreign, none())), Door::Doubt(_)));
        assert!(matches!(door(&blocks(Layer::Foreign, Layer::Seen(PublicAccessBlock::ALL))), Door::Shut(_)));
    }

    #[test]
    fn public_if_either_says_so_and_both_are_told() {
        // semantics 11
        let off = || Setting::Off;
        let no = Decision::No("statement 1 is limited to x".into());
        let unsure = Decision::CannotTell("statement 1: it cannot be told".into());
        let Door::Open(how, _) = second_opinion("b", &no, true, off(), Vec::new()) else { panic!("open") };
        assert!(how.contains("S3 reports it as such") && how.contains("limited to x"), "{how}");
        let Door::Shut(why) = second_opinion("b", &no, false, off(), Vec::new()) else { panic!("shut") };
        assert!(why.contains("S3 reports that the policy is not public") && why.contains("limited to x"), "{why}");
        assert!(matches!(second_opinion("b", &unsure, true, off(), Vec::new()), Door::Open(..)));
        let Door::Doubt(why) = second_opinion("b", &unsure, false, off(), Vec::new()) else { panic!("doubt") };
        assert!(why.contains("S3 reports that it is not") && why.contains("cannot be told"), "{why}");
        assert!(matches!(second_opinion("b", &no, true, Setting::Foreign, Vec::new()), Door::Doubt(_)));
    }

    #[test]
    fn every_layer_is_in_the_evidence() {
        let points = vec![("access point a".to_owned(), Door::Shut("it has no policy".into()))];
        let exposure = Exposure {
            acl: Door::Shut("the ACL grants nothing to everyone".into()),
            policy: Door::Shut("the policy is not public".into()),
            points: Points::Judged(points),
            blocks: [none().label(), Layer::Needless.label()],
        };
        let verdict = exposure.verdict(&Bucket::named("b"));
        assert_eq!(verdict.status, Status::Pass);
        assert!(verdict.message.ends_with("; access point a is shut: it has no policy"), "{}", verdict.message);
        let layers: Vec<_> = verdict.evidence.as_object().unwrap().keys().collect();
        let all =
            ["access_points", "account_public_access_block", "acl", "bucket_public_access_block", "open", "policy"];
        assert_eq!(layers, all);
        let open = Points::Judged(vec![(
            "access point a".into(),
            Door::Open("access point a is public".into(), vec!["everyone: s3:GetObject".into()]),
        )]);
        let verdict = Exposure { points: open, ..exposure }.verdict(&Bucket::named("b"));
        assert_eq!((verdict.status, verdict.message.as_str()), (Status::Fail, "access point a is public"));
        assert_eq!(verdict.reasons, ["access_point_public"]);
        assert_eq!(verdict.evidence["open"], json!(["access point a: everyone: s3:GetObject"]));
    }
}
