//! One live line on stderr while a scan runs; nothing when stderr is no terminal.

use crate::scan::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use posture_estate::aws::transport::Transport;
use std::io::IsTerminal;
use std::time::Duration;

/// Redraws until it is dropped with the scan it accompanies.
pub async fn show(progress: &Progress, transport: &Transport) {
    if !std::io::stderr().is_terminal() {
        return std::future::pending().await;
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
        bar.set_style(style);
    }
    let _clear = Clear(&bar);
    loop {
        let ((done, units), (regions_done, regions)) = (progress.units(), progress.regions());
        let (calls, throttles) = (transport.stats().calls(), transport.stats().throttles());
        let failed = progress.failed();
        let accounts = match progress.accounts() {
            (_, 0 | 1) => String::new(),
            (ended, all) => format!("{ended}/{all} accounts, "),
        };
        bar.set_message(format!(
            "{accounts}{done}/{units} checks, {regions_done}/{regions} regions, {calls} calls, {throttles} throttled, {failed} failed findings"
        ));
        bar.tick();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

struct Clear<'a>(&'a ProgressBar);

impl Drop for Clear<'_> {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
