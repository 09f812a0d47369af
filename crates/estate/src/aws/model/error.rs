//! What goes wrong with a model, a question and an answer.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_schema::serde::SerdeError;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;
use std::fmt;

/// A model file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}; run `python3 tests/aws/models.py` to write the models anew")]
pub struct ModelError(pub(super) String);

/// An error answer: AWS's code and message, as far as it names them.
#[derive(Clone, Debug)]
pub struct ServiceError(pub(super) ErrorMetadata);

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.code(), self.0.message()) {
            (Some(code), Some(message)) => write!(f, "{code}: {message}"),
            (Some(text), None) | (None, Some(text)) => f.write_str(text),
            (None, None) => f.write_str("an error answer that names no error"),
        }
    }
}

impl Error for ServiceError {}

impl ProvideErrorMetadata for ServiceError {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

/// A question or an answer that is not what the model says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub(super) String);

impl Malformed {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Malformed(what.into())
    }

    /// Says where it is, from the outside in.
    pub(super) fn within(self, place: &str) -> Self {
        // The way down a hostile body is as deep as the reader lets it be; a report needs the end of it.
        if self.0.len() > 300 { self } else { Malformed(format!("{place}: {}", self.0)) }
    }
}

impl From<SerdeError> for Malformed {
    fn from(error: SerdeError) -> Self {
        Malformed(error.to_string())
    }
}

impl From<Malformed> for SerdeError {
    fn from(error: Malformed) -> Self {
        SerdeError::custom(error.0)
    }
}

/// The error code that REST and query-compatible services put into headers, where the body names none.
pub(super) fn from_headers(response: &HttpResponse) -> ErrorMetadata {
    let query = response.headers().get("x-amzn-query-error").and_then(|value| value.split(';').next());
    let rest = response.headers().get("x-amzn-errortype").and_then(|value| value.split(':').next());
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = query.or(rest).map(|code| code.rsplit('#').next().unwrap_or(code)) {
        metadata = metadata.code(code);
    }
    metadata.build()
}
