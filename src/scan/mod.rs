//! The scan: checks × (account | regions), all at once, every outcome turned into findings, whatever happens.

mod findings;
mod practices;
mod record;
mod tally;

pub use findings::Findings;
pub use practices::{Basis, PracticeResult, PracticeStatus, roll_up};
pub use record::{GapLine, GapNote, Record};
pub use tally::{CheckTally, Counts, GapSum, Tally};

use crate::aws::gap::Gap;
use crate::aws::session::Session;
use crate::catalogue::{Check, Probe};
use crate::estate::Outcome;
use crate::finding::{Finding, Status, Verdict};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::{Id, JoinSet};

/// What a progress line shows; read while the scan runs.
#[derive(Debug, Default)]
pub struct Progress {
    units: AtomicUsize,
    units_done: AtomicUsize,
    regions: AtomicUsize,
    regions_done: AtomicUsize,
    failed: AtomicUsize,
}

impl Progress {
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

/// One check at one place.
#[derive(Clone, Debug)]
struct Unit {
    check: &'static Check,
    /// The region, or `None` for the account.
    region: Option<String>,
}

/// Runs `checks` and hands over each finding, in no order; stops early, with what is there, when `stop` is ready. Says whether
/// every check ran to its end everywhere.
///
/// # Errors
/// Those of `emit`.
pub async fn run<E>(
    session: &Session,
    checks: &[&'static Check],
    progress: &Progress,
    stop: impl Future<Output = ()>,
    mut emit: impl FnMut(Record) -> Result<(), E>,
) -> Result<bool, E> {
    let account = &session.account;
    let mut tasks: JoinSet<Outcome> = JoinSet::new();
    let mut units: HashMap<Id, Unit> = HashMap::new();
    let mut left: HashMap<Option<String>, usize> = HashMap::new();
    let mut start = |tasks: &mut JoinSet<Outcome>, unit: Unit, id: Id| {
        debug_assert!(!tasks.is_empty());
        *left.entry(unit.region.clone()).or_default() += 1;
        units.insert(id, unit);
    };
    for &check in checks {
        match check.probe {
            Probe::Account(probe) => {
                let account = account.clone();
                let id = tasks.spawn(async move { probe(&account).await }).id();
                start(&mut tasks, Unit { check, region: None }, id);
            }
            Probe::Region(probe) => {
                for name in account.regions() {
                    let region = account.region(name);
                    let id = tasks.spawn(async move { probe(&region).await }).id();
                    start(&mut tasks, Unit { check, region: Some(name.clone()) }, id);
                }
            }
        }
    }
    progress.units.store(units.len(), Ordering::Relaxed);
    progress.regions.store(left.keys().flatten().count(), Ordering::Relaxed);

    let mut complete = true;
    tokio::pin!(stop);
    loop {
        let (id, outcome) = tokio::select! {
            joined = tasks.join_next_with_id() => match joined {
                None => break,
                Some(Ok((id, outcome))) => (id, Ok(outcome)),
                Some(Err(error)) => (error.id(), Err(error.to_string())),
            },
            () = &mut stop, if complete => {
                complete = false;
                tasks.abort_all();
                break;
            }
        };
        let Some(unit) = units.remove(&id) else { continue };
        let findings = findings_of(session, &unit, outcome);
        let failed = findings.iter().filter(|finding| finding.verdict.status == Status::Fail).count();
        progress.failed.fetch_add(failed, Ordering::Relaxed);
        progress.units_done.fetch_add(1, Ordering::Relaxed);
        if let Some(left) = left.get_mut(&unit.region) {
            *left -= 1;
            if *left == 0 && unit.region.is_some() {
                progress.regions_done.fetch_add(1, Ordering::Relaxed);
            }
        }
        release(session, &left, unit.region.as_deref());
        for finding in findings {
            emit(Record::new(unit.check, session, &unit.region, finding))?;
        }
    }
    // Those that did not get to their end are in the report too: not seen is not passed.
    for unit in units.into_values() {
        let verdict = Verdict::undecided("the scan was interrupted before this check had ended here");
        let finding = verdict.on(account.resource());
        emit(Record::new(unit.check, session, &unit.region, finding))?;
    }
    if let Some(gap) = &session.regions_gap {
        other_regions(session, checks, gap).into_iter().try_for_each(emit)?;
    }
    Ok(complete)
}

/// A region's answers go when its last check is done and no account-wide check can still ask for them.
fn release(session: &Session, left: &HashMap<Option<String>, usize>, region: Option<&str>) {
    let done = |place: &Option<String>| left.get(place).is_none_or(|left| *left == 0);
    if !done(&None) {
        return;
    }
    match region {
        Some(name) if done(&Some(name.to_owned())) => session.account.forget(name),
        Some(_) => {}
        None => left
            .keys()
            .flatten()
            .filter(|name| done(&Some((*name).clone())))
            .for_each(|name| session.account.forget(name)),
    }
}

/// An outcome as findings; there is always at least one.
fn findings_of(session: &Session, unit: &Unit, outcome: Result<Outcome, String>) -> Vec<Finding> {
    let resource = session.account.resource();
    match outcome {
        Ok(Ok(findings)) if findings.is_empty() => {
            vec![Verdict::not_applicable("there is no resource that this check judges").on(resource)]
        }
        Ok(Ok(findings)) => findings,
        Ok(Err(gap)) => vec![Verdict::unseen(&gap).on(resource)],
        Err(panic) => {
            tracing::error!(check = unit.check.id, "internal error: {panic}");
            vec![Verdict::undecided("the check ended with an internal error; please report it").on(resource)]
        }
    }
}

/// When the regions of the account could not be listed, every regional check is unknown for those not seen.
fn other_regions(session: &Session, checks: &[&'static Check], gap: &Gap) -> Vec<Record> {
    let regional = checks.iter().filter(|check| matches!(check.probe, Probe::Region(_)));
    let record = |check: &&'static Check| {
        let mut verdict = Verdict::unseen(gap).sub("other-regions");
        verdict.message = format!("regions other than those scanned {}", verdict.message);
        Record::new(check, session, &None, verdict.on(session.account.resource()))
    };
    regional.map(record).collect()
}
