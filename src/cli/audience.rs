//! The person at the terminal, or the log of a job: notes and progress on stderr, Ctrl-C and SIGTERM as the wish to end.

use super::{output, progress, stop};
use crate::run::Audience;
use crate::scan::Progress;
use posture_estate::aws::transport::Transport;

#[derive(Clone, Copy, Debug)]
pub struct Terminal;

impl Audience for Terminal {
    fn note(&self, line: &str) {
        output::note(line);
    }

    async fn watch(&self, progress: &Progress, transport: &Transport) {
        progress::show(progress, transport).await;
    }

    async fn stop(&self) {
        stop::asked_to_stop().await;
    }
}
