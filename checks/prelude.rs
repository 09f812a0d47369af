//! What every probe needs, in one `use crate::prelude::*`.

pub use aws_smithy_types::DateTime;
pub use futures_util::future::join_all;
pub use posture_estate::day::days;
pub use posture_estate::finding::{Finding, Gap, Reasons, Resource, Status, Verdict};
pub use posture_estate::place::{Account, Answer, Outcome, Perhaps, Region, each, per};
pub use posture_estate::setting;
pub use posture_estate::settings::{Patterns, Resources, Setting};
pub use serde_json::json;
pub use std::sync::Arc;
pub use tokio::join;
