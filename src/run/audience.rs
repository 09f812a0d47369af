//! Who a scan is run for. The scan itself writes to no terminal and listens to no signal: it tells, and asks whether to end.

use crate::scan::Progress;
use posture_estate::aws::transport::Transport;
use std::future::pending;

/// Whoever waits for a scan.
pub trait Audience {
    /// Takes a line that is worth a person's attention and part of no report.
    fn note(&self, line: &str);

    /// Shows how far the scan is, for as long as it is polled.
    fn watch(&self, progress: &Progress, transport: &Transport) -> impl Future<Output = ()>;

    /// Ready when the scan is to end before its time.
    fn stop(&self) -> impl Future<Output = ()>;
}

/// Nobody: a scan that says nothing and runs to its end.
impl Audience for () {
    fn note(&self, _line: &str) {}

    async fn watch(&self, _progress: &Progress, _transport: &Transport) {
        pending().await
    }

    async fn stop(&self) {
        pending().await
    }
}
