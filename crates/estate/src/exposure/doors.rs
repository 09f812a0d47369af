//! The doors of a bucket, and the settings above them that shut them.

use crate::finding::Gap;
use crate::place::{Account, Answer};
use crate::services::s3::{Bucket, PublicAccessBlock};

/// One way into the bucket, judged.
#[derive(Clone, Debug)]
pub enum Door {
    /// Strangers get in: how, and to what, as a list that grows when the door opens wider.
    Open(String, Vec<String>),
    /// They do not: why.
    Shut(String),
    /// An answer that decides could not be had.
    Unseen(Gap),
    /// Everything was seen, and it still cannot be decided: why.
    Doubt(String),
}

impl Door {
    pub(super) fn label(&self) -> String {
        match self {
            Door::Open(why, _) => format!("open: {why}"),
            Door::Shut(why) => format!("shut: {why}"),
            Door::Unseen(_) => "not seen".into(),
            Door::Doubt(why) => format!("cannot tell: {why}"),
        }
    }
}

/// The block public access settings over a bucket, in the order in which they are asked.
pub(super) struct Blocks {
    pub(super) account: Layer,
    pub(super) bucket: Layer,
}

pub(super) enum Layer {
    Seen(PublicAccessBlock),
    Unseen(Gap),
    /// The layer exists but is not ours to ask.
    Foreign,
    /// Not asked: the layer above shuts both doors.
    Needless,
}

/// What the layers say of one setting.
#[derive(Clone)]
pub(super) enum Setting {
    On(String),
    Off,
    Unseen(Gap),
    Foreign,
}

impl Blocks {
    pub(super) async fn seen(at: &Account, bucket: &Bucket) -> Self {
        let account = match at.s3().owns_bucket(bucket.name()).await {
            Ok(false) => Layer::Foreign,
            Ok(true) => Layer::of(at.s3control().account_public_access_block().await),
            Err(gap) => Layer::Unseen(gap),
        };
        let bucket = match &account {
            Layer::Seen(s) if s.ignore_public_acls && s.restrict_public_buckets => Layer::Needless,
            _ => Layer::of(at.s3().bucket_public_access_block(bucket).await),
        };
        Self { account, bucket }
    }

    pub(super) fn setting(&self, name: &str, is_on: fn(&PublicAccessBlock) -> bool) -> Setting {
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
    pub(super) fn of(answer: Answer<Option<PublicAccessBlock>>) -> Self {
        match answer {
            Ok(settings) => Self::Seen(settings.unwrap_or_default()),
            Err(gap) => Self::Unseen(gap),
        }
    }

    pub(super) fn label(&self) -> String {
        match self {
            Layer::Seen(settings) => match settings.off()[..] {
                [] => "all on".into(),
                ref off => format!("off: {}", off.join(", ")),
            },
            Layer::Unseen(_) => "not seen".into(),
            Layer::Foreign => "of another account".into(),
            Layer::Needless => "not asked: the account's settings decide".into(),
        }
    }
}

impl Setting {
    /// A way in that exists, after what stands above it.
    pub(super) fn over(self, way_in: String, what: Vec<String>) -> Door {
        match self {
            Setting::On(why) => Door::Shut(why),
            Setting::Off => Door::Open(way_in, what),
            Setting::Unseen(gap) => Door::Unseen(gap),
            Setting::Foreign => {
                Door::Doubt(format!("{way_in}, unless the account that owns the bucket blocks public access"))
            }
        }
    }
}
