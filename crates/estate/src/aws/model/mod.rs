//! The model client: AWS services without their SDK crates.
//!
//! An SDK crate takes a quarter of a minute to build, and there are over a hundred services of which a scan asks four
//! operations each. What such a crate holds besides shapes is in the SDK's runtime: orchestrator, signing, retries,
//! time-outs, protocols. So the shapes are data here (`crates/estate/models`, cut from botocore's models by
//! `tests/aws/models.py`: only operations that cards declare), and one client serves all of them. It passes the scan's
//! transport like the SDK's own clients do, so that tags, guard, limits and tapes see no difference.
//!
//! ```ignore
//! static MODEL: Embedded = Embedded::new(include_str!("../../models/guardduty.json"));
//!
//! #[derive(Debug, Deserialize)]
//! #[serde(rename_all = "PascalCase")]
//! struct Detectors { detector_ids: Vec<String> }
//!
//! let detectors = client.pages::<Detectors>("ListDetectors", json!({})).await?;
//! ```
//!
//! Members have the names of the model, whatever they are called on the wire. What AWS always sends is a field that is no
//! `Option`, so that its absence is malformed by itself; so is whatever else does not fit the model, and nothing is skipped but members that
//! the model does not know.

mod client;
mod endpoint;
mod error;
mod exchange;
mod file;
mod pages;
mod parse;
mod protocol;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod time;
mod write;
mod xml;
mod xml_read;

pub use client::{Builder, Client};
pub use endpoint::{Endpoint, Variant};
pub use error::{Malformed, ModelError, ServiceError};
pub use schema::Model;
pub use time::Time;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use std::sync::{Arc, OnceLock};

/// The error of a call, as the SDK's clients have it: `?` makes a `Fault` of it.
pub type CallError = SdkError<ServiceError, HttpResponse>;

/// A model within the program, parsed when its service is first asked.
#[derive(Debug)]
pub struct Embedded {
    text: &'static str,
    parsed: OnceLock<Result<Arc<Model>, ModelError>>,
}

impl Embedded {
    pub const fn new(text: &'static str) -> Self {
        Embedded { text, parsed: OnceLock::new() }
    }

    /// # Errors
    /// [`ModelError`] when the file is not what `tests/aws/models.py` writes.
    pub fn get(&self) -> Result<Arc<Model>, ModelError> {
        self.parsed.get_or_init(|| Model::parse(self.text).map(Arc::new)).clone()
    }
}
