//! The scan: checks × (account | regions), all at once, every outcome turned into findings, whatever happens.

mod accounts;
mod checkpoint;
mod practices;
mod recording;
mod replay;
mod seen;

pub use accounts::{Run, Target, TargetState, run_all};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use practices::{Basis, roll_up};
pub use recording::{HeadAccount, HeadLost, Recorded};
pub use replay::{Replayed, replay};

use crate::catalogue::Check;
use crate::record::{Record, Stop};
use posture_estate::check::Probe;
use posture_estate::finding::{Finding, Status, Verdict};
use posture_estate::place::Outcome;
use posture_estate::session::Session;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::{Id, JoinSet};

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
    fn begin(&self, units: usize, regions: usize) {
        self.units.fetch_add(units, Ordering::Relaxed);
        self.regions.fetch_add(regions, Ordering::Relaxed);
    }
    fn ended(&self, failed: usize) {
        self.failed.fetch_add(failed, Ordering::Relaxed);
        self.units_done.fetch_add(1, Ordering::Relaxed);
    }
    fn place_ended(&self, region: bool) {
        if region {
            self.regions_done.fetch_add(1, Ordering::Relaxed);
        }
    }
    fn accounts_begin(&self, accounts: usize) {
        self.accounts.store(accounts, Ordering::Relaxed);
    }
    fn account_ended(&self) {
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

/// Where checks run: in a region, or (`None`) for the account as a whole.
pub type Place = Option<String>;

/// What a running scan tells.
#[derive(Debug)]
pub enum Event<'a> {
    /// A finding of a check that ran at a place.
    Finding(&'a Place, Box<Record>),
    /// Every check of a place has ended, and its last finding was told.
    Done(&'a Place),
}

/// One check at one place.
#[derive(Clone, Debug)]
struct Unit {
    check: &'static Check,
    place: Place,
}

/// Runs `checks` in an account and tells each finding, in no order; stops early, with what is there, when `stop` is ready. `skip`
/// are places that were done before. Gives the places that did not get to their end.
///
/// # Errors
/// Those of `tell`.
pub async fn run<E>(
    session: &Session,
    checks: &[&'static Check],
    skip: &BTreeSet<Place>,
    progress: &Progress,
    stop: impl Future<Output = Stop>,
    mut tell: impl FnMut(Event<'_>) -> Result<(), E>,
) -> Result<Option<(Stop, BTreeSet<Place>)>, E> {
    let account = &session.account;
    let mut tasks: JoinSet<Outcome> = JoinSet::new();
    let mut units: HashMap<Id, Unit> = HashMap::new();
    let mut left: BTreeMap<Place, usize> = BTreeMap::new();
    let mut start = |unit: Unit, id: Id| {
        *left.entry(unit.place.clone()).or_default() += 1;
        units.insert(id, unit);
    };
    // The riskiest first, should the time run out.
    let mut checks = checks.to_vec();
    checks.sort_by_key(|check| std::cmp::Reverse(check.severity()));
    for check in checks.iter().copied() {
        match check.probe {
            Probe::Account(probe) | Probe::Organization(probe) if !skip.contains(&None) => {
                let account = account.clone();
                let id = tasks.spawn(async move { probe(&account).await }).id();
                start(Unit { check, place: None }, id);
            }
            Probe::Account(_) | Probe::Organization(_) => {}
            Probe::Region(probe) => {
                for name in account.regions().iter().filter(|name| !skip.contains(&Some((*name).clone()))) {
                    let region = account.region(name);
                    let id = tasks.spawn(async move { probe(&region).await }).id();
                    start(Unit { check, place: Some(name.clone()) }, id);
                }
            }
        }
    }
    progress.begin(units.len(), left.keys().flatten().count());
    let beyond = if skip.contains(&None) { Vec::new() } else { out_of_reach(session, &checks) };
    if !beyond.is_empty() {
        left.entry(None).or_default();
        for record in beyond {
            tell(Event::Finding(&None, Box::new(record)))?;
        }
        if left.get(&None) == Some(&0) {
            tell(Event::Done(&None))?;
        }
    }

    let mut stopped = None;
    tokio::pin!(stop);
    loop {
        let (id, outcome) = tokio::select! {
            joined = tasks.join_next_with_id() => match joined {
                None => break,
                Some(Ok((id, outcome))) => (id, Ok(outcome)),
                Some(Err(error)) => (error.id(), Err(error.to_string())),
            },
            why = &mut stop => {
                stopped = Some(why);
                tasks.abort_all();
                break;
            }
        };
        let Some(unit) = units.remove(&id) else { continue };
        let findings = findings_of(session, &unit, outcome);
        progress.ended(findings.iter().filter(|finding| finding.verdict.status == Status::Fail).count());
        for finding in findings {
            let record = Record::new(unit.check, account.account_id(), &unit.place, finding);
            tell(Event::Finding(&unit.place, Box::new(record)))?;
        }
        if let Some(left) = left.get_mut(&unit.place) {
            *left -= 1;
            if *left == 0 {
                progress.place_ended(unit.place.is_some());
                tell(Event::Done(&unit.place))?;
            }
        }
        release(session, &left, unit.place.as_deref());
    }
    // Those that did not get to their end are in the report too: not seen is not passed.
    let Some(why) = stopped else { return Ok(None) };
    let mut unfinished = BTreeSet::new();
    for Unit { check, place } in units.into_values() {
        let finding = Verdict::undecided(why.message()).on(account.resource());
        let record = Record::new(check, account.account_id(), &place, finding);
        tell(Event::Finding(&place, Box::new(record)))?;
        unfinished.insert(place);
    }
    Ok(Some((why, unfinished)))
}

/// A region's answers go when its last check is done and no account-wide check can still ask for them.
fn release(session: &Session, left: &BTreeMap<Place, usize>, region: Option<&str>) {
    let done = |place: &Place| left.get(place).is_none_or(|left| *left == 0);
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

/// Regional checks are unknown for regions that could not be listed, and for those that were asked for and are off.
fn out_of_reach(session: &Session, checks: &[&'static Check]) -> Vec<Record> {
    let id = session.account.account_id();
    let mut records = Vec::new();
    for check in checks.iter().filter(|check| matches!(check.probe, Probe::Region(_))) {
        if let Some(gap) = &session.regions_gap {
            let mut verdict = Verdict::unseen(gap).sub("other-regions");
            verdict.message = format!("regions other than those scanned {}", verdict.message);
            records.push(Record::new(check, id, &None, verdict.on(session.account.resource())));
        }
        for region in &session.not_enabled {
            let why = format!("region {region} is not enabled for the account, so that nothing could be asked there");
            let finding = Verdict::undecided(why).on(session.account.resource());
            records.push(Record::new(check, id, &Some(region.clone()), finding));
        }
    }
    records
}
