//! What a question gives, and what a probe makes of it.

use crate::finding::{Finding, Gap};
use std::pin::Pin;
use std::sync::Arc;

/// What a probe gives: its findings, or the one gap that kept it from seeing anything.
pub type Outcome = Result<Vec<Finding>, Gap>;

/// What an estate method gives; shared by all who ask.
pub type Answer<T> = Result<Arc<T>, Gap>;

/// An answer on its way. On the heap from the start: the future of an SDK call takes many kilobytes, and a probe that waits for
/// five of them for each of a thousand buckets would not fit on a worker's stack.
pub(crate) type Asking<'a, T> = Pin<Box<dyn Future<Output = Answer<T>> + Send + 'a>>;

/// An answer that may be "there is none".
pub trait Perhaps<T> {
    /// What there is.
    fn there(&self) -> Option<&T>;
}

impl<T> Perhaps<T> for Arc<Option<T>> {
    fn there(&self) -> Option<&T> {
        Option::as_ref(self)
    }
}
