//! Why an answer did not come: every error of the SDK becomes one [`Fault`].

use crate::finding::{Gap, GapKind};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;
use std::fmt;

/// A failed question, before it is known where it was asked. `?` makes it from any SDK error.
#[derive(Clone, Debug)]
pub struct Fault {
    pub kind: GapKind,
    /// The error code of AWS's answer, when there was one.
    pub code: Option<String>,
    pub message: String,
}

impl Fault {
    pub fn new(kind: GapKind, message: impl Into<String>) -> Self {
        Fault { kind, code: None, message: message.into() }
    }

    /// The answer came and cannot be read, or lacks what AWS always sends.
    pub fn malformed(what: impl Into<String>) -> Self {
        Self::new(GapKind::Malformed, what)
    }

    /// AWS does not offer a service in a region.
    pub fn not_offered(service: &str, region: &str) -> Self {
        let message = format!("AWS does not offer {service} in {region}");
        Fault { code: Some(Gap::NOT_OFFERED.to_owned()), ..Self::new(GapKind::Unsupported, message) }
    }

    /// The gap that it leaves at its place.
    pub fn at(self, account: &str, region: &str, call: &str) -> Gap {
        Gap::new(account, region, call, self.kind, self.message).with_code(self.code)
    }
}

/// A fault that the transport knows already, on its way through the SDK's `ConnectorError`.
#[derive(Debug)]
pub struct Told(pub Fault);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl Error for Told {}

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
    Fault { code: code.map(str::to_owned), ..kind_and_words(code, status, message) }
}

fn kind_and_words(code: Option<&str>, status: u16, message: &str) -> Fault {
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
    if let Some(Told(fault)) = causes(error).find_map(|cause| cause.downcast_ref::<Told>()) {
        return fault.clone();
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

/// An error with its causes on one line.
pub(super) fn whole(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in causes(error) {
        let text = cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        if parts.last() != Some(&text) {
            parts.push(text);
        }
    }
    parts.join(": ")
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
    fn a_gap_knows_its_code_whatever_its_words_are() {
        let gap =
            |code| classify(Some(code), 404, "NoSuchBucket: is what it says").at("1", "global", "s3:GetBucketAcl");
        assert!(gap("NoSuchBucket").is("NoSuchBucket"));
        assert!(!gap("NoSuchBucketPolicy").is("NoSuchBucket"));
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
