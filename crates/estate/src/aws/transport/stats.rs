//! Counting what is sent.

use super::lock;
use crate::aws::tape::Question;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Live counters of a scan.
#[derive(Debug, Default)]
pub struct Stats {
    calls: AtomicU64,
    pub(super) throttles: AtomicU64,
    in_flight: AtomicUsize,
    peak_in_flight: AtomicUsize,
    by_call: Mutex<BTreeMap<String, u64>>,
}

impl Stats {
    /// Requests sent, retries included.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }
    /// Answers that asked us to slow down.
    pub fn throttles(&self) -> u64 {
        self.throttles.load(Ordering::Relaxed)
    }
    pub fn peak_in_flight(&self) -> usize {
        self.peak_in_flight.load(Ordering::Relaxed)
    }
    /// Requests by `service:Operation`.
    pub fn by_call(&self) -> BTreeMap<String, u64> {
        lock(&self.by_call).clone()
    }

    pub(super) fn start(&self, question: &Question) -> InFlight<'_> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        *lock(&self.by_call).entry(question.call()).or_default() += 1;
        let now = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        self.peak_in_flight.fetch_max(now, Ordering::Relaxed);
        InFlight(self)
    }
}

pub(super) struct InFlight<'a>(&'a Stats);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
