//! Whether a bucket is public in effect, layer by layer.
//!
//! Two doors lead in, the ACL and the bucket policy. Each can be shut above it: the ACL by `BucketOwnerEnforced` ownership or
//! by `IgnorePublicAcls`, the policy by `RestrictPublicBuckets`, either of them on the account or on the bucket. A door counts
//! as open only when every layer was seen to let through, and as shut only when one was seen to shut it; in between lies a gap.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>

use crate::estate::Account;
use crate::estate::s3::{Bucket, PublicAccessBlock};
use crate::policy::{self, Decision, Document, Zone};
use crate::prelude::*;
use aws_sdk_s3::operation::get_bucket_acl::GetBucketAclOutput;
use aws_sdk_s3::types::{ObjectOwnership, Permission};

const EVERYONE: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const ANY_AWS_ACCOUNT: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

/// One way into the bucket, judged.
#[derive(Clone, Debug)]
pub enum Door {
    /// Strangers get in: how.
    Open(String),
    /// They do not: why.
    Shut(String),
    /// An answer that decides could not be had.
    Unseen(Gap),
    /// Everything was seen, and it still cannot be decided: why.
    Doubt(String),
}

/// What strangers can do with a bucket, by its two doors.
#[derive(Clone, Debug)]
pub struct Exposure {
    pub acl: Door,
    pub policy: Door,
}

impl Exposure {
    /// The answers that could not be had.
    pub fn gaps(&self) -> impl Iterator<Item = &Gap> {
        [&self.acl, &self.policy].into_iter().filter_map(|door| match door {
            Door::Unseen(gap) => Some(gap),
            _ => None,
        })
    }

    /// Fails when a door is open, is unknown when one was not seen, passes when both are shut.
    pub fn verdict(&self, bucket: &Bucket) -> Verdict {
        let mut faults = Faults::new();
        let mut shut = Vec::new();
        for door in [&self.acl, &self.policy] {
            match door {
                Door::Open(how) => faults.broken(how),
                Door::Shut(why) => shut.push(why.as_str()),
                Door::Unseen(gap) => faults.unseen(gap),
                Door::Doubt(why) => faults.doubt(why),
            }
        }
        faults
            .verdict(|| format!("bucket {} is not public: {}", bucket.name(), shut.join("; ")))
            .evidence(json!({ "acl": self.acl.label(), "policy": self.policy.label() }))
    }
}

impl Door {
    fn label(&self) -> String {
        match self {
            Door::Open(why) => format!("open: {why}"),
            Door::Shut(why) => format!("shut: {why}"),
            Door::Unseen(_) => "not seen".into(),
            Door::Doubt(why) => format!("cannot tell: {why}"),
        }
    }
}

/// Judges a bucket, asking only what can still matter.
pub async fn exposure(at: &Account, bucket: &Bucket) -> Exposure {
    let blocks = Blocks::seen(at, bucket).await;
    let (acl, policy) = tokio::join!(acl_door(at, bucket, &blocks), policy_door(at, bucket, &blocks));
    Exposure { acl, policy }
}

/// The block public access settings over a bucket, in the order in which they are asked.
struct Blocks {
    account: Layer,
    bucket: Layer,
}

enum Layer {
    Seen(PublicAccessBlock),
    Unseen(Gap),
    /// The layer exists but is not ours to ask.
    Foreign,
    /// Not asked: the layer above shuts both doors.
    Needless,
}

/// What the layers say of one setting.
enum Setting {
    On(String),
    Off,
    Unseen(Gap),
    Foreign,
}

impl Blocks {
    async fn seen(at: &Account, bucket: &Bucket) -> Self {
        let account = match at.owns_bucket(bucket.name()).await {
            Ok(false) => Layer::Foreign,
            Ok(true) => Layer::of(at.account_public_access_block().await),
            Err(gap) => Layer::Unseen(gap),
        };
        let bucket = match &account {
            Layer::Seen(s) if s.ignore_public_acls && s.restrict_public_buckets => Layer::Needless,
            _ => Layer::of(at.bucket_public_access_block(bucket).await),
        };
        Self { account, bucket }
    }

    fn setting(&self, name: &str, is_on: fn(&PublicAccessBlock) -> bool) -> Setting {
        for (layer, whose) in [(&self.account, "account"), (&self.bucket, "bucket")] {
            if let Layer::Seen(settings) = layer
                && is_on(settings)
            {
                return Setting::On(format!("{name} is on for the {whose}"));
            }
        }
        match (&self.account, &self.bucket) {
            (Layer::Unseen(gap), _) | (_, Layer::Unseen(gap)) => Setting::Unseen(gap.clone()),
            (Layer::Foreign, _) => Setting::Foreign,
            _ => Setting::Off,
        }
    }
}

impl Layer {
    fn of(answer: Answer<Option<PublicAccessBlock>>) -> Self {
        match answer {
            Ok(settings) => Self::Seen(settings.unwrap_or_default()),
            Err(gap) => Self::Unseen(gap),
        }
    }
}

impl Setting {
    /// A way in that exists, after what stands above it.
    fn over(self, way_in: String) -> Door {
        match self {
            Setting::On(why) => Door::Shut(why),
            Setting::Off => Door::Open(way_in),
            Setting::Unseen(gap) => Door::Unseen(gap),
            Setting::Foreign => {
                Door::Doubt(format!("{way_in}, unless the account that owns the bucket blocks public access"))
            }
        }
    }
}

async fn acl_door(at: &Account, bucket: &Bucket, blocks: &Blocks) -> Door {
    let ignored = blocks.setting("IgnorePublicAcls", |s| s.ignore_public_acls);
    if let Setting::On(why) = ignored {
        return Door::Shut(why);
    }
    let ownership = at.bucket_ownership(bucket).await;
    if let Ok(Some(ObjectOwnership::BucketOwnerEnforced)) = ownership.as_deref() {
        return Door::Shut("object ownership is BucketOwnerEnforced, so ACLs have no effect".into());
    }
    let acl = match at.bucket_acl(bucket).await {
        Ok(acl) => acl,
        Err(gap) => return Door::Unseen(gap),
    };
    match (public_grants(&acl), ownership) {
        (None, _) => Door::Shut("the ACL grants nothing to everyone".into()),
        (Some(_), Err(gap)) => Door::Unseen(gap),
        (Some(grants), Ok(_)) => ignored.over(format!("the ACL of bucket {} gives {grants}", bucket.name())),
    }
}

async fn policy_door(at: &Account, bucket: &Bucket, blocks: &Blocks) -> Door {
    let restricted = blocks.setting("RestrictPublicBuckets", |s| s.restrict_public_buckets);
    if let Setting::On(why) = restricted {
        return Door::Shut(why);
    }
    let text = match at.bucket_policy(bucket).await {
        Ok(text) => text,
        Err(gap) => return Door::Unseen(gap),
    };
    let Some(text) = text.as_deref() else {
        return Door::Shut("there is no bucket policy".into());
    };
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => return Door::Doubt(format!("the policy of bucket {} cannot be read: {error}", bucket.name())),
    };
    let arn = format!("arn:{}:s3:::{}", at.partition(), bucket.name());
    let decision = policy::public_bucket(&document, &Zone::of(at.account_id(), at.partition()), &arn);
    let open = |why: &str| format!("the policy of bucket {} is public: {why}", bucket.name());
    match decision {
        Decision::Yes(why) => restricted.over(open(&why)),
        Decision::No(why) if !everyone_under_conditions(text) => Door::Shut(format!("the policy is not public: {why}")),
        Decision::No(why) | Decision::CannotTell(why) => match at.bucket_policy_status(bucket).await.as_deref() {
            Ok(Some(true)) => restricted.over(open(&format!("S3 reports it as such, though as read here {why}"))),
            Ok(Some(false)) => Door::Shut(format!("S3 reports that the policy is not public, and as read here {why}")),
            Ok(None) => {
                Door::Doubt(format!("the policy of bucket {} went away while it was read: {why}", bucket.name()))
            }
            Err(gap) => Door::Unseen(gap.clone()),
        },
    }
}

/// What the ACL gives to everyone or to every AWS account, as "AllUsers READ, AuthenticatedUsers WRITE".
fn public_grants(acl: &GetBucketAclOutput) -> Option<String> {
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
    (!grants.is_empty()).then(|| grants.join(", "))
}

/// Whether a statement allows everyone something and narrows it by conditions only: there S3's own reading of the conditions is
/// worth a call.
fn everyone_under_conditions(text: &str) -> bool {
    let Ok(document) = serde_json::from_str::<serde_json::Value>(text) else { return true };
    let statements = match &document["Statement"] {
        serde_json::Value::Array(list) => list.iter().collect(),
        single => vec![single],
    };
    statements.into_iter().any(|s| {
        let everyone = wildcard(&s["Principal"]) || wildcard(&s["Principal"]["AWS"]) || !s["NotPrincipal"].is_null();
        s["Effect"] == "Allow" && everyone && !s["Condition"].is_null()
    })
}

fn wildcard(principal: &serde_json::Value) -> bool {
    match principal {
        serde_json::Value::Array(list) => list.iter().any(|p| p == "*"),
        single => single == "*",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::gap::GapKind;
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
        assert_eq!(public_grants(&acl(EVERYONE, Permission::Read)).as_deref(), Some("AllUsers READ"));
        let any = acl(ANY_AWS_ACCOUNT, Permission::WriteAcp);
        assert_eq!(public_grants(&any).as_deref(), Some("AuthenticatedUsers WRITE_ACP"));
        assert_eq!(public_grants(&acl("http://acs.amazonaws.com/groups/s3/LogDelivery", Permission::Write)), None);
    }

    fn blocks(account: Layer, bucket: Layer) -> Blocks {
        Blocks { account, bucket }
    }

    fn none() -> Layer {
        Layer::Seen(PublicAccessBlock::default())
    }

    fn door(blocks: &Blocks) -> Door {
        blocks.setting("IgnorePublicAcls", |s| s.ignore_public_acls).over("a way in".into())
    }

    #[test]
    fn either_layer_shuts_the_door_and_both_must_be_seen_to_leave_it_open() {
        let gap = || Layer::Unseen(Gap::new("1", "global", "s3:GetPublicAccessBlock", GapKind::Denied, "no"));
        assert!(matches!(door(&blocks(none(), none())), Door::Open(_)));
        assert!(matches!(door(&blocks(Layer::Seen(PublicAccessBlock::ALL), Layer::Needless)), Door::Shut(_)));
        assert!(matches!(door(&blocks(none(), Layer::Seen(PublicAccessBlock::ALL))), Door::Shut(_)));
        assert!(matches!(door(&blocks(gap(), Layer::Seen(PublicAccessBlock::ALL))), Door::Shut(_)));
        assert!(matches!(door(&blocks(gap(), none())), Door::Unseen(_)));
        assert!(matches!(door(&blocks(none(), gap())), Door::Unseen(_)));
        assert!(matches!(door(&blocks(Layer::Foreign, none())), Door::Doubt(_)));
        assert!(matches!(door(&blocks(Layer::Foreign, Layer::Seen(PublicAccessBlock::ALL))), Door::Shut(_)));
    }

    #[test]
    fn conditions_on_everyone_are_told_from_the_rest() {
        let policy = |principal: &str, condition: &str| {
            format!(
                r#"{{"Statement":{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"*"{condition}}}}}"#
            )
        };
        let limit = r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#;
        assert!(everyone_under_conditions(&policy(r#""*""#, limit)));
        assert!(everyone_under_conditions(&policy(r#"{"AWS":["*"]}"#, limit)));
        assert!(!everyone_under_conditions(&policy(r#""*""#, "")));
        assert!(!everyone_under_conditions(&policy(r#"{"AWS":"123456789012"}"#, limit)));
    }
}
