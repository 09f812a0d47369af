//! What could not be seen, and where: one unanswered question of a scan.

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};
use std::fmt;
use std::sync::Arc;

/// Why an answer did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// AWS refused: an IAM action is missing or denied.
    Denied,
    /// AWS asked us to slow down, three times over.
    Throttled,
    /// No answer in time.
    Timeout,
    /// No connection, a server error, or an error that we do not know.
    Unavailable,
    /// The operation does not exist in this region or partition, or the account has not subscribed to it.
    Unsupported,
    /// An answer came, but not one that can be read whole.
    Malformed,
}

impl GapKind {
    pub fn as_str(self) -> &'static str {
        match self {
            GapKind::Denied => "denied",
            GapKind::Throttled => "throttled",
            GapKind::Timeout => "timeout",
            GapKind::Unavailable => "unavailable",
            GapKind::Unsupported => "unsupported",
            GapKind::Malformed => "malformed",
        }
    }
}

/// One unanswered question: the call, where it was made, and why there is no answer. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gap(Arc<Inner>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Inner {
    account: String,
    region: String,
    call: String,
    action: String,
    kind: GapKind,
    code: Option<String>,
    message: String,
}

impl Gap {
    /// The code of a gap that is none: AWS does not offer the service in the Region, so that there is nothing to see.
    pub const NOT_OFFERED: &str = "NotOffered";

    pub fn new(account: &str, region: &str, call: &str, kind: GapKind, message: impl Into<String>) -> Self {
        Gap(Arc::new(Inner {
            account: account.to_owned(),
            region: region.to_owned(),
            call: call.to_owned(),
            action: call.to_owned(),
            kind,
            code: None,
            message: message.into(),
        }))
    }

    /// The same with the error code of AWS's answer, `NoSuchBucket`.
    #[must_use]
    pub fn with_code(self, code: Option<String>) -> Self {
        Gap(Arc::new(Inner { code, ..Arc::unwrap_or_clone(self.0) }))
    }

    /// The same with the IAM action that allows the call, where that has another name.
    #[must_use]
    pub fn with_action(self, action: String) -> Self {
        Gap(Arc::new(Inner { action, ..Arc::unwrap_or_clone(self.0) }))
    }

    /// An answer that came whole but holds something that cannot be read, such as a policy that does not parse.
    pub fn malformed(account: &str, region: &str, call: &str, message: impl Into<String>) -> Self {
        Self::new(account, region, call, GapKind::Malformed, message)
    }

    pub fn account(&self) -> &str {
        &self.0.account
    }
    pub fn region(&self) -> &str {
        &self.0.region
    }
    /// `s3:GetBucketPolicy`: service and operation.
    pub fn call(&self) -> &str {
        &self.0.call
    }
    /// The IAM action that allows the call.
    pub fn action(&self) -> &str {
        &self.0.action
    }
    pub fn kind(&self) -> GapKind {
        self.0.kind
    }
    /// Whether AWS answered with this error code: how it says, for one, that what was listed a moment ago is gone.
    pub fn is(&self, code: &str) -> bool {
        self.0.code.as_deref() == Some(code)
    }
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

/// A gap with its place, as checkpoints and shards carry it; [`Gap`] itself tells reports only what was asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlacedGap {
    pub account_id: String,
    pub region: String,
    pub call: String,
    /// The IAM action, where it has another name than the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    pub kind: GapKind,
    /// AWS's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    pub message: String,
}

impl From<&Gap> for PlacedGap {
    fn from(gap: &Gap) -> Self {
        let Inner { account, region, call, action, kind, code, message } = &*gap.0;
        PlacedGap {
            account_id: account.clone(),
            region: region.clone(),
            call: call.clone(),
            action: Some(action).filter(|action| *action != call).cloned(),
            kind: *kind,
            code: code.clone(),
            message: message.clone(),
        }
    }
}

impl From<PlacedGap> for Gap {
    fn from(gap: PlacedGap) -> Self {
        {
            let placed = Gap::new(&gap.account_id, &gap.region, &gap.call, gap.kind, gap.message).with_code(gap.code);
            match gap.action {
                Some(action) => placed.with_action(action),
                None => placed,
            }
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { call, kind, message, .. } = &*self.0;
        match kind {
            GapKind::Denied => {
                write!(f, "{call} was denied ({message}); it needs the IAM action {}", self.action())
            }
            GapKind::Throttled => write!(f, "{call} was throttled three times over ({message})"),
            GapKind::Timeout => write!(f, "{call} did not answer in time ({message})"),
            GapKind::Unavailable => write!(f, "{call} was not available ({message})"),
            GapKind::Unsupported => write!(f, "{call} is not supported here ({message})"),
            GapKind::Malformed => write!(f, "{call} gave an answer that cannot be read ({message})"),
        }
    }
}

impl Serialize for Gap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut gap = serializer.serialize_struct("Gap", 4)?;
        gap.serialize_field("call", self.call())?;
        gap.serialize_field("action", &self.action())?;
        gap.serialize_field("kind", &self.kind())?;
        gap.serialize_field("message", self.message())?;
        gap.end()
    }
}
