//! What every probe needs, in one `use crate::prelude::*`.

pub use crate::aws::gap::Gap;
pub use crate::catalogue::{Patterns, Resources, Setting};
pub use crate::estate::{Account, Answer, Fault, Outcome, Region, days, each};
pub(crate) use crate::estate::{absent, collect, required};
pub use crate::finding::{Finding, Reasons, Resource, Severity, Status, Verdict};
pub use crate::setting;
pub use aws_smithy_types::DateTime;
pub use futures_util::future::join_all;
pub use serde_json::json;
pub use std::sync::Arc;
pub use tokio::join;
