//! The ways to regions and services, and when one is given up.

use super::tag::Tag;
use crate::aws::fault::Fault;
use crate::finding::GapKind;
use crate::lock::lock;
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Requests in flight at once for one (account, region, service). How fast they follow each other is up to the bucket of
/// tokens; here it is about how much is lost when a service hangs.
pub(super) const IN_FLIGHT_PER_SERVICE: usize = 32;

/// Failed connections after which a region (or a service in it) is given up.
pub(super) const CONNECTION_FAILURES: usize = 3;

/// The fault of a region or service that could not be reached, so that nothing more is sent there.
fn given_up(place: &str, last: &str) -> Fault {
    let message = format!("{place} given up after {CONNECTION_FAILURES} failed connections, the last: {last}");
    Fault::new(GapKind::Unavailable, message)
}

/// The way to one (account, region). Until it was reached once only one request at a time goes there, so that a region
/// that cannot be reached costs [`CONNECTION_FAILURES`] attempts, and one more if those were all for one service: that a
/// service cannot be reached does not say that its region cannot.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) reached: AtomicBool,
    pub(super) canary: Semaphore,
    pub(super) lanes: Mutex<HashMap<&'static str, Arc<Lane>>>,
    pub(super) failures: Failures,
    /// Operations at which the other side hung up without a word before anything was ever answered. Counted once each:
    /// that one operation fails so does not say that its service does.
    pub(super) hung_up: Mutex<BTreeSet<String>>,
}

/// The way to one service behind a gate.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) limit: Semaphore,
    pub(super) failures: Failures,
}

/// Failed connections in a row.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<Row>);

#[derive(Debug, Default)]
struct Row {
    count: usize,
    services: BTreeSet<&'static str>,
    last: String,
}

impl Failures {
    pub(super) fn add(&self, service: &'static str, why: &str) {
        let mut row = lock(&self.0);
        row.count += 1;
        row.services.insert(service);
        why.clone_into(&mut row.last);
    }

    pub(super) fn reset(&self) {
        let mut row = lock(&self.0);
        if row.count < CONNECTION_FAILURES {
            *row = Row::default();
        }
    }

    /// The last failure, when there were too many, and of this many services at least.
    pub(super) fn too_many(&self, services: usize) -> Option<String> {
        let row = lock(&self.0);
        (row.count >= CONNECTION_FAILURES && row.services.len() >= services).then(|| row.last.clone())
    }
}

impl Gate {
    pub(super) fn new() -> Self {
        Gate {
            reached: AtomicBool::new(false),
            canary: Semaphore::new(1),
            lanes: Mutex::default(),
            failures: Failures::default(),
            hung_up: Mutex::default(),
        }
    }

    /// Waits until the region has answered somebody, or it is this request's turn to find out whether it does.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        if self.reached.load(Ordering::Acquire) {
            return None;
        }
        let permit = self.canary.acquire().await.ok();
        // Those who waited do not go on one by one once somebody was answered.
        permit.filter(|_| !self.reached.load(Ordering::Acquire))
    }

    pub(super) fn given_up(&self, tag: &Tag, lane: &Lane) -> Option<Fault> {
        // What was reached once is not given up as a whole: the failures of the beginning were those of a service.
        let region = if self.reached.load(Ordering::Acquire) { None } else { self.failures.too_many(2) };
        let region = region.map(|last| given_up(&tag.region, &last));
        region.or_else(|| {
            let place = format!("{} in {}", tag.service.name, tag.region);
            lane.failures.too_many(1).map(|last| given_up(&place, &last))
        })
    }

    pub(super) fn reached(&self, lane: &Lane) {
        self.reached.store(true, Ordering::Release);
        self.failures.reset();
        lane.failures.reset();
    }

    pub(super) fn failed(&self, lane: &Lane, service: &'static str, why: &str) {
        lane.failures.add(service, why);
        if !self.reached.load(Ordering::Acquire) {
            self.failures.add(service, why);
        }
    }

    pub(super) fn hung_up(&self, lane: &Lane, tag: &Tag, why: &str) {
        let call = tag.service.call(&tag.operation);
        if !self.reached.load(Ordering::Acquire) && lock(&self.hung_up).insert(call) {
            self.failed(lane, tag.service.name, why);
        }
    }

    pub(super) fn lane(&self, service: &'static str) -> Arc<Lane> {
        let lane = || Lane { limit: Semaphore::new(IN_FLIGHT_PER_SERVICE), failures: Failures::default() };
        lock(&self.lanes).entry(service).or_insert_with(|| Arc::new(lane())).clone()
    }
}
