//! A connection that did not come about, in words that name both ends: what the system says of it names neither.

use aws_smithy_runtime_api::client::dns::ResolveDnsError;
use aws_smithy_runtime_api::client::result::ConnectorError;
use hyper_util::client::legacy::Error as ClientError;
use std::error::Error;
use std::io;

/// How the words begin where nobody vouches for whoever answered; the remedy is among them.
pub const NOT_TRUSTED: &str = "shows a certificate that is not trusted";

/// Nobody was reached.
#[derive(Debug, thiserror::Error)]
#[error("{told}")]
pub struct Unreached {
    told: String,
    /// Whether the host has no address.
    unresolved: bool,
}

impl Unreached {
    /// Whether the host has no address, as that of a service in a Region where AWS does not offer it.
    pub fn is_unresolved(&self) -> bool {
        self.unresolved
    }

    /// An error of the HTTP client with the host that was meant, and the proxy (its place and its variable) on the way; as it was if
    /// a connection stood. `trust` says what to do about an authority that is not known.
    pub(super) fn tell(
        error: ConnectorError,
        host: &str,
        proxy: Option<&(String, &'static str)>,
        trust: &str,
    ) -> ConnectorError {
        let never = chain(&error).any(|cause| {
            cause.is::<ResolveDnsError>() || cause.downcast_ref::<ClientError>().is_some_and(ClientError::is_connect)
        });
        if !never {
            return error;
        }
        let why = chain(&error).last().map(ToString::to_string).unwrap_or_default();
        let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
        let certificate = chain(&error)
            .any(|cause| matches!(cause.downcast_ref::<rustls::Error>(), Some(rustls::Error::InvalidCertificate(_))));
        let by = proxy.map(|(place, variable)| format!(" by the proxy {place} of {variable}")).unwrap_or_default();
        let told = if certificate {
            format!("{host}{by} {NOT_TRUSTED} ({why}); {trust}")
        } else {
            format!("no connection to {host}{by}: {why}")
        };
        let unresolved = proxy.is_none() && chain(&error).any(is_of_names);
        let unreached = Unreached { told, unresolved }.into();
        if error.is_timeout() {
            ConnectorError::timeout(unreached)
        } else if error.is_user() {
            ConnectorError::user(unreached)
        } else {
            ConnectorError::io(unreached)
        }
    }
}

/// Whether an error comes of resolving a name. The HTTP client's own is a private type that begins so.
fn is_of_names(error: &(dyn Error + 'static)) -> bool {
    error.is::<ResolveDnsError>() || error.to_string().starts_with("dns error")
}

/// The error and what caused it. An I/O error hides its own cause from `source`.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}
