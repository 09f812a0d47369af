//! What ends a scan before its time: whoever it is for, or a deadline.

use super::Audience;
use crate::record::Stop;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;

/// Tells the scan to end when it is asked to or its time is over, and then waits for it for ever.
pub(super) async fn stopped(
    stopper: &watch::Sender<Option<Stop>>,
    deadline: Option<Duration>,
    audience: &impl Audience,
) -> Infallible {
    let over = async {
        match deadline {
            Some(deadline) => tokio::time::sleep(deadline).await,
            None => std::future::pending().await,
        }
    };
    let why = tokio::select! {
        () = audience.stop() => Stop::Interrupted,
        () = over => Stop::OutOfTime,
    };
    stopper.send_replace(Some(why));
    std::future::pending().await
}

/// Shows how far the scan is until the scan has ended, even when nobody looks any more.
pub(super) async fn shown(shown: impl Future<Output = ()>) -> Infallible {
    shown.await;
    std::future::pending().await
}

/// `None` when the end was asked for first.
pub(super) async fn interruptible<T>(work: impl Future<Output = T>, audience: &impl Audience) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        () = audience.stop() => None,
    }
}
