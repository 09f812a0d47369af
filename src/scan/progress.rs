//! How far a scan is; read while it runs.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What a progress line shows; read while the scan runs.
#[derive(Debug, Default)]
pub struct Progress {
    accounts: AtomicUsize,
    accounts_done: AtomicUsize,
    units: AtomicUsize,
    units_done: AtomicUsize,
    regions: AtomicUsize,
    regions_done: AtomicUsize,
    failed: AtomicUsize,
}

impl Progress {
    pub(super) fn begin(&self, units: usize, regions: usize) {
        self.units.fetch_add(units, Ordering::Relaxed);
        self.regions.fetch_add(regions, Ordering::Relaxed);
    }
    pub(super) fn ended(&self, failed: usize) {
        self.failed.fetch_add(failed, Ordering::Relaxed);
        self.units_done.fetch_add(1, Ordering::Relaxed);
    }
    pub(super) fn place_ended(&self, region: bool) {
        if region {
            self.regions_done.fetch_add(1, Ordering::Relaxed);
        }
    }
    pub(super) fn accounts_begin(&self, accounts: usize) {
        self.accounts.store(accounts, Ordering::Relaxed);
    }
    pub(super) fn account_ended(&self) {
        self.accounts_done.fetch_add(1, Ordering::Relaxed);
    }
    /// Accounts that have ended, and all of them.
    pub fn accounts(&self) -> (usize, usize) {
        (self.accounts_done.load(Ordering::Relaxed), self.accounts.load(Ordering::Relaxed))
    }
    /// Checks to run, a check in two regions counted twice, and how many have ended.
    pub fn units(&self) -> (usize, usize) {
        (self.units_done.load(Ordering::Relaxed), self.units.load(Ordering::Relaxed))
    }
    pub fn regions(&self) -> (usize, usize) {
        (self.regions_done.load(Ordering::Relaxed), self.regions.load(Ordering::Relaxed))
    }
    /// Failed findings so far.
    pub fn failed(&self) -> usize {
        self.failed.load(Ordering::Relaxed)
    }
}
