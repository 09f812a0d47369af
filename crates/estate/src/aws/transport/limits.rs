//! How much is asked at once and how fast: what a run shares, and what each account has for itself.
//!
//! [`Limits`] is shared by all accounts of a run: requests in flight, and requests a second if that was asked for. Each
//! account has a bucket of tokens for each region and service ([`Pace`]) that begins with a share of what AWS
//! allows there (the row of the service) and slows down when AWS says so ([`super::bucket`]); the rest is left to production.
//! A request waits for the bucket of its own account first and takes of what is shared last, so that an account that is
//! throttled keeps nothing from the others. None of this waiting counts into the time of an attempt.

use super::bucket::Bucket;
use super::tag::Tag;
use crate::lock::lock;
use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Mutex as Queue, Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// Requests in flight at once, over everything, when nothing else is asked for.
pub const IN_FLIGHT: usize = 96;
/// Percent of AWS's quotas that a scan uses when nothing else is asked for.
pub const API_SHARE: u8 = 50;

/// What one run may ask, over all accounts.
#[derive(Clone, Copy, Debug)]
pub struct LimitOptions {
    pub max_in_flight: usize,
    /// Requests per second, over everything.
    pub max_rps: Option<NonZeroU32>,
    /// Percent of what AWS allows an account to ask a service in a region.
    pub api_share: u8,
}

impl Default for LimitOptions {
    fn default() -> Self {
        LimitOptions { max_in_flight: IN_FLIGHT, max_rps: None, api_share: API_SHARE }
    }
}

/// The time since some moment; a parameter, so that tests do not depend on how fast they run.
#[derive(Clone)]
struct Clock(Arc<dyn Fn() -> Duration + Send + Sync>);

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

impl Default for Clock {
    fn default() -> Self {
        let start = Instant::now();
        Clock(Arc::new(move || start.elapsed()))
    }
}

/// The limits of a run; where accounts have transports of their own, these share them.
#[derive(Debug)]
pub struct Limits {
    in_flight: Semaphore,
    overall: Option<Paced>,
    share: f64,
    clock: Clock,
}

impl Default for Limits {
    fn default() -> Self {
        Limits::new(LimitOptions::default())
    }
}

impl Limits {
    pub fn new(options: LimitOptions) -> Limits {
        Self::by(Clock::default(), options)
    }

    fn by(clock: Clock, options: LimitOptions) -> Limits {
        let overall = options.max_rps.map(|rate| {
            // A tenth of a second's worth at once: the rate holds over short times, too.
            let rate = f64::from(rate.get());
            Paced::new(clock.clone(), rate, rate / 10.0)
        });
        let in_flight = Semaphore::new(options.max_in_flight.clamp(1, Semaphore::MAX_PERMITS));
        Limits { in_flight, overall, share: f64::from(options.api_share.clamp(1, 100)) / 100.0, clock }
    }

    /// Waits for a place among the requests in flight, and in time.
    async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        let permit = self.in_flight.acquire().await.ok();
        if let Some(overall) = &self.overall {
            overall.take().await;
        }
        permit
    }
}

/// Account, region, service, and the operation where AWS counts each for itself.
type Place = (Arc<str>, Arc<str>, &'static str, Option<String>);

/// The pace of each account.
#[derive(Debug)]
pub(super) struct Pace {
    limits: Arc<Limits>,
    buckets: Mutex<HashMap<Place, Arc<Paced>>>,
}

/// The leave to send one request; a place in flight for as long as it lives.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    bucket: Arc<Paced>,
    sent: Duration,
    _place: Option<SemaphorePermit<'a>>,
}

impl Pace {
    pub(super) fn new(limits: Arc<Limits>) -> Pace {
        Pace { limits, buckets: Mutex::default() }
    }

    /// Waits until the request may be sent.
    pub(super) async fn turn(&self, tag: &Tag) -> Turn<'_> {
        let bucket = self.bucket(tag);
        bucket.take().await;
        let place = self.limits.enter().await;
        Turn { sent: bucket.now(), bucket, _place: place }
    }

    /// Lets go of an account's buckets.
    pub(super) fn forget(&self, account: &str) {
        lock(&self.buckets).retain(|(of, ..), _| &**of != account);
    }

    fn bucket(&self, tag: &Tag) -> Arc<Paced> {
        let quota = tag.service.quota(&tag.operation);
        let operation = quota.per_operation.then(|| tag.operation.clone());
        let Limits { share, clock, .. } = &*self.limits;
        let new = || Arc::new(Paced::new(clock.clone(), quota.rate * share, quota.burst * share));
        lock(&self.buckets)
            .entry((tag.account.clone(), tag.region.clone(), tag.service.name, operation))
            .or_insert_with(new)
            .clone()
    }
}

impl Turn<'_> {
    /// AWS asked for less.
    pub(super) fn throttled(&self, tag: &Tag) {
        let now = self.bucket.now();
        if lock(&self.bucket.state).throttled(self.sent, now) {
            tracing::debug!(account = %tag.account, region = %tag.region, service = tag.service.name, "throttled: half the rate");
        }
    }
}

/// A bucket whose takers wait in line.
#[derive(Debug)]
struct Paced {
    clock: Clock,
    line: Queue<()>,
    state: Mutex<Bucket>,
}

impl Paced {
    fn new(clock: Clock, rate: f64, burst: f64) -> Paced {
        let state = Mutex::new(Bucket::new(rate, burst, (clock.0)()));
        Paced { clock, line: Queue::new(()), state }
    }

    fn now(&self) -> Duration {
        (self.clock.0)()
    }

    /// First come, first served. Whoever gives up waiting takes nothing.
    async fn take(&self) {
        let _first_in_line = self.line.lock().await;
        loop {
            let taken = lock(&self.state).take(self.now());
            match taken {
                Ok(()) => return,
                Err(wait) => tokio::time::sleep(wait).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(account: &str, service: &'static str, operation: &str) -> Tag {
        Tag {
            account: account.into(),
            region: "us-east-1".into(),
            service: crate::services::named(service).unwrap(),
            operation: operation.into(),
        }
    }

    /// Limits at a moment that does not pass.
    fn limits(options: LimitOptions) -> Arc<Limits> {
        Arc::new(Limits::by(Clock(Arc::new(|| Duration::from_secs(9))), options))
    }

    fn pace(options: LimitOptions) -> Pace {
        Pace::new(limits(options))
    }

    /// How many of so many requests may be sent at once.
    async fn at_once(pace: &Pace, tag: &Tag, tries: usize) -> usize {
        let mut count = 0;
        for _ in 0..tries {
            tokio::task::yield_now().await;
            let turn = std::pin::pin!(pace.turn(tag));
            count += usize::from(futures_util::FutureExt::now_or_never(turn).is_some());
        }
        count
    }

    #[tokio::test]
    async fn each_account_and_service_has_its_share_of_the_quota() {
        let pace = pace(LimitOptions::default());
        assert_eq!(at_once(&pace, &tag("1", "ec2", "DescribeVpcs"), 60).await, 50, "half of a burst of 100");
        assert_eq!(at_once(&pace, &tag("1", "ec2", "DescribeImages"), 10).await, 0, "one bucket for the service");
        assert_eq!(at_once(&pace, &tag("1", "kms", "ListGrants"), 60).await, 50);
        assert_eq!(at_once(&pace, &tag("1", "kms", "ListKeyPolicies"), 60).await, 50, "AWS counts each for itself");
        assert_eq!(at_once(&pace, &tag("2", "ec2", "DescribeVpcs"), 60).await, 50, "another account");
    }

    #[tokio::test]
    async fn a_smaller_share_leaves_more_to_others() {
        let pace = pace(LimitOptions { api_share: 10, ..LimitOptions::default() });
        assert_eq!(at_once(&pace, &tag("1", "ec2", "DescribeVpcs"), 60).await, 10);
        assert_eq!(at_once(&pace, &tag("1", "account", "ListRegions"), 5).await, 1, "one always passes");
    }

    #[tokio::test]
    async fn a_throttled_account_slows_down_alone() {
        let limits = limits(LimitOptions::default());
        let (one, other) = (Pace::new(limits.clone()), Pace::new(limits));
        let tag = |account| tag(account, "ec2", "DescribeVpcs");
        one.turn(&tag("1")).await.throttled(&tag("1"));
        assert_eq!(at_once(&one, &tag("1"), 10).await, 0);
        assert_eq!(at_once(&other, &tag("2"), 10).await, 10);
    }

    #[tokio::test]
    async fn places_in_flight_and_requests_a_second_are_shared_by_the_accounts() {
        let limits = limits(LimitOptions { max_in_flight: 1, ..LimitOptions::default() });
        let (one, other) = (Pace::new(limits.clone()), Pace::new(limits));
        let held = one.turn(&tag("1", "ec2", "DescribeVpcs")).await;
        assert_eq!(at_once(&other, &tag("2", "ec2", "DescribeVpcs"), 3).await, 0);
        drop(held);
        assert_eq!(at_once(&other, &tag("2", "ec2", "DescribeVpcs"), 3).await, 3);

        let pace = pace(LimitOptions { max_rps: NonZeroU32::new(20), ..LimitOptions::default() });
        assert_eq!(at_once(&pace, &tag("1", "ec2", "DescribeVpcs"), 10).await, 2);
    }

    #[tokio::test]
    async fn an_account_that_is_done_leaves_nothing_behind() {
        let pace = pace(LimitOptions::default());
        drop(pace.turn(&tag("1", "ec2", "DescribeVpcs")).await);
        drop(pace.turn(&tag("2", "ec2", "DescribeVpcs")).await);
        pace.forget("1");
        assert_eq!(lock(&pace.buckets).keys().map(|(account, ..)| &**account).collect::<Vec<_>>(), ["2"]);
    }

    #[tokio::test]
    async fn those_who_wait_are_let_in_and_whoever_gives_up_takes_nothing() {
        let paced = Paced::new(Clock::default(), 100.0, 1.0);
        paced.take().await;
        let _gave_up = tokio::time::timeout(Duration::from_millis(1), paced.take()).await;
        let all = futures_util::future::join_all((0..5).map(|_| paced.take()));
        tokio::time::timeout(Duration::from_secs(60), all).await.unwrap();
    }
}
