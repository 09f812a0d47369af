//! What could not be seen, and why: every error of the SDK becomes one [`Fault`], and a fault with its place a [`Gap`].

use crate::aws::{actions, integrity, tape, transport};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};
use std::borrow::Cow;
use std::error::Error;
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

/// A failed question, before it is known where it was asked. `?` makes it from any SDK error.
#[derive(Clone, Debug)]
pub struct Fault {
    pub kind: GapKind,
    pub message: String,
}

impl Fault {
    pub fn new(kind: GapKind, message: impl Into<String>) -> Self {
        Fault { kind, message: message.into() }
    }

    /// The answer came and cannot be read, or lacks what AWS always sends.
    pub fn malformed(what: impl Into<String>) -> Self {
        Self::new(GapKind::Malformed, what)
    }
}

/// One unanswered question: the call, where it was made, and why there is no answer. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gap(Arc<Inner>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Inner {
    account: String,
    region: String,
    call: String,
    kind: GapKind,
    message: String,
}

impl Gap {
    pub fn new(account: &str, region: &str, call: &str, kind: GapKind, message: impl Into<String>) -> Self {
        Gap(Arc::new(Inner {
            account: account.to_owned(),
            region: region.to_owned(),
            call: call.to_owned(),
            kind,
            message: message.into(),
        }))
    }

    pub fn from_fault(account: &str, region: &str, call: &str, fault: Fault) -> Self {
        Self::new(account, region, call, fault.kind, fault.message)
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
    pub fn action(&self) -> Cow<'_, str> {
        actions::iam_action(&self.0.call)
    }
    pub fn kind(&self) -> GapKind {
        self.0.kind
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
    pub kind: GapKind,
    pub message: String,
}

impl From<&Gap> for PlacedGap {
    fn from(gap: &Gap) -> Self {
        let Inner { account, region, call, kind, message } = &*gap.0;
        PlacedGap {
            account_id: account.clone(),
            region: region.clone(),
            call: call.clone(),
            kind: *kind,
            message: message.clone(),
        }
    }
}

impl From<PlacedGap> for Gap {
    fn from(gap: PlacedGap) -> Self {
        Gap::new(&gap.account_id, &gap.region, &gap.call, gap.kind, gap.message)
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

const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthorizationError",
    "AuthorizationErrorException",
    "NotAuthorized",
    "UnauthorizedAccess",
    "UnauthorizedOperation",
    "Client.UnauthorizedOperation",
];
const THROTTLED: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];
const UNSUPPORTED: &[&str] = &[
    "InvalidAction",
    "NotImplemented",
    "OptInRequired",
    "SubscriptionRequiredException",
    "UnknownOperationException",
    "UnsupportedOperation",
    "UnsupportedOperationException",
    "UnsupportedCommandException",
    "UnsupportedFeature",
    "UnsupportedUserEdition",
];
/// AWS did not accept the credentials at all: expired, deleted, or of a region that the account has not enabled.
const REFUSED: &[&str] = &[
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// How such a fault begins.
pub(crate) const REFUSED_HERE: &str =
    "AWS did not accept the credentials: they have expired, the clock is wrong, or the region is not enabled";

/// The phrases by which AWS names the policy type that denied a request explicitly, and how we call it.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
const DENIED_BY: &[(&str, &str)] = &[
    ("explicit deny in a service control policy", "explicit deny in a service control policy"),
    ("explicit deny in a resource control policy", "explicit deny in a resource control policy"),
    ("explicit deny in a permissions boundary", "explicit deny in a permissions boundary"),
    ("explicit deny in a session policy", "explicit deny in a session policy"),
    ("explicit deny in an identity-based policy", "explicit deny in an identity-based policy"),
    ("explicit deny in a resource-based policy", "explicit deny in a resource-based policy"),
    ("explicit deny in a vpc endpoint policy", "explicit deny in a VPC endpoint policy"),
    ("no service control policy allows", "no service control policy allows it"),
    ("no permissions boundary allows", "no permissions boundary allows it"),
    ("no session policy allows", "no session policy allows it"),
    ("no identity-based policy allows", "no identity-based policy allows it"),
    ("no resource-based policy allows", "no resource-based policy allows it"),
];

/// Classifies an error answer by its code and HTTP status. Messages of AWS are kept on one line and short: they reach
/// terminals, and an EC2 denial carries a blob of a thousand characters.
pub fn classify(code: Option<&str>, status: u16, message: &str) -> Fault {
    let text = |fallback: &str| {
        let message = message.split("Encoded authorization failure message").next().unwrap_or(message);
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        let message: String = message.chars().take(300).collect();
        let message = message.trim_end_matches('.');
        match code {
            Some(code) if message.is_empty() => code.to_owned(),
            Some(code) => format!("{code}: {message}"),
            None if message.is_empty() => fallback.to_owned(),
            None => message.to_owned(),
        }
    };
    let is = |list: &[&str]| code.is_some_and(|code| list.contains(&code));
    if is(REFUSED) {
        return Fault::new(GapKind::Unavailable, format!("{REFUSED_HERE}; {}", text("refused")));
    }
    if is(THROTTLED) || status == 429 {
        return Fault::new(GapKind::Throttled, text("too many requests"));
    }
    if is(UNSUPPORTED) || status == 501 || (status == 404 && code.is_none()) || status == 405 {
        return Fault::new(GapKind::Unsupported, text("no such operation"));
    }
    // AWS adds codes, but 403 stays "you may not".
    if is(DENIED) || status == 403 || status == 401 {
        let lower = message.to_ascii_lowercase();
        let by = DENIED_BY.iter().find(|(phrase, _)| lower.contains(phrase)).map(|(_, by)| *by);
        return Fault::new(GapKind::Denied, by.map_or_else(|| code.unwrap_or("HTTP 403").to_owned(), str::to_owned));
    }
    if matches!(code, Some("RequestTimeout" | "RequestTimeoutException")) {
        return Fault::new(GapKind::Timeout, text("request timeout"));
    }
    match code {
        None if status < 500 => {
            Fault::new(GapKind::Malformed, format!("HTTP {status} with a body that names no error"))
        }
        None => Fault::new(GapKind::Unavailable, format!("HTTP {status}")),
        Some(_) => Fault::new(GapKind::Unavailable, format!("HTTP {status}, {}", text("")).to_string()),
    }
}

impl<E> From<SdkError<E, HttpResponse>> for Fault
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        match &error {
            SdkError::ServiceError(context) => {
                let (err, status) = (context.err(), context.raw().status().as_u16());
                if (200..300).contains(&status) && err.code().is_none() {
                    return Fault::malformed(format!("HTTP {status}, {}", root_cause(&error)));
                }
                classify(err.code(), status, err.message().unwrap_or_default())
            }
            SdkError::TimeoutError(_) => Fault::new(GapKind::Timeout, "no answer within the time limit"),
            SdkError::ResponseError(context) => match context.raw().status().as_u16() {
                status @ 200..=299 => Fault::malformed(format!("HTTP {status}, {}", root_cause(&error))),
                status => classify(None, status, ""),
            },
            SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                Some(error) => from_connector(error),
                None => Fault::new(GapKind::Unavailable, root_cause(&error)),
            },
            _ => Fault::new(GapKind::Unavailable, root_cause(&error)),
        }
    }
}

fn from_connector(error: &ConnectorError) -> Fault {
    for cause in causes(error) {
        if let Some(broken) = cause.downcast_ref::<integrity::Broken>() {
            return Fault::malformed(broken.to_string());
        }
        if let Some(blank) = cause.downcast_ref::<tape::Blank>() {
            return Fault::new(GapKind::Unavailable, blank.to_string());
        }
        if let Some(kept) = cause.downcast_ref::<tape::Kept>() {
            return kept.0.clone();
        }
        if let Some(given_up) = cause.downcast_ref::<transport::GivenUp>() {
            return Fault::new(GapKind::Unavailable, given_up.to_string());
        }
    }
    let kind = if error.is_timeout() { GapKind::Timeout } else { GapKind::Unavailable };
    Fault::new(kind, root_cause(error))
}

/// The error and everything that caused it, outermost first.
pub fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

fn root_cause(error: &(dyn Error + 'static)) -> String {
    let last = causes(error).last().map(ToString::to_string).unwrap_or_default();
    last.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
}

/// The fault of a failed attempt as the transport sees it, for the tape.
pub(crate) fn fault_of(error: &ConnectorError) -> Fault {
    from_connector(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(code: Option<&str>, status: u16) -> GapKind {
        classify(code, status, "").kind
    }

    #[test]
    fn codes_and_statuses_are_classified() {
        assert_eq!(kind(Some("AccessDenied"), 403), GapKind::Denied);
        assert_eq!(kind(Some("UnauthorizedOperation"), 403), GapKind::Denied);
        assert_eq!(kind(None, 403), GapKind::Denied, "HEAD answers have no body");
        assert_eq!(kind(Some("SlowDown"), 503), GapKind::Throttled);
        assert_eq!(kind(Some("ThrottlingException"), 400), GapKind::Throttled);
        assert_eq!(kind(None, 429), GapKind::Throttled);
        assert_eq!(kind(Some("InternalFailure"), 500), GapKind::Unavailable);
        assert_eq!(kind(None, 502), GapKind::Unavailable);
        assert_eq!(kind(Some("UnknownOperationException"), 400), GapKind::Unsupported);
        assert_eq!(kind(Some("InvalidAction"), 400), GapKind::Unsupported);
        assert_eq!(kind(None, 400), GapKind::Malformed);
        assert_eq!(kind(Some("UnrecognizedClientException"), 400), GapKind::Unavailable);
        assert_eq!(kind(Some("RequestTimeTooSkewed"), 403), GapKind::Unavailable);
        assert_eq!(kind(Some("KMSAccessDeniedException"), 403), GapKind::Denied, "a code that is not on the list");
        assert_eq!(kind(Some("OptInRequired"), 403), GapKind::Unsupported);
    }

    #[test]
    fn a_denial_names_the_policy_that_denied() {
        let message = "User: arn:aws:sts::111122223333:assumed-role/r/s is not authorized to perform: s3:GetBucketAcl \
                       with an explicit deny in a service control policy";
        assert_eq!(classify(Some("AccessDenied"), 403, message).message, "explicit deny in a service control policy");
        let blob = "You are not authorized. Encoded authorization failure message: AAAA";
        assert_eq!(classify(Some("UnauthorizedOperation"), 403, blob).message, "UnauthorizedOperation");
    }
}
