//! Many accounts in one run: so many at a time, each in its own session, every one of them in the ledger at the end.

use super::checkpoint::Checkpoint;
use super::seen::Seen;
use super::{Event, Progress, Visit, run};
use crate::catalogue::Check;
use crate::record::{AccountRow, AccountStatus, Ended, Record, Stop, Terms};
use futures_util::stream::{self, TryStreamExt};
use posture_estate::arn::Arn;
use posture_estate::finding::{Resource, Verdict};
use posture_estate::session::{Lost, Session};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use tokio::sync::watch;

/// An account to scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub id: String,
    /// Its name in the organization.
    pub name: Option<String>,
    pub state: TargetState,
    /// Whether checks of the organization run here; with `--org` in one account only.
    pub organization: bool,
}

impl Target {
    /// An account of a scan that is not about an organization: its own checks of one, if they were asked for, run in each.
    pub fn alone(id: String, name: Option<String>) -> Target {
        Target { id, name, state: TargetState::Open, organization: true }
    }
}

/// What is known of an account beforehand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TargetState {
    #[default]
    Open,
    /// Suspended or being closed: it lets nobody in.
    Suspended,
    /// Being made, or invited.
    Pending,
}

/// What a run of many accounts rests on.
#[derive(Debug)]
pub struct Run<'a> {
    pub partition: &'a str,
    pub checks: &'a [&'static Check],
    /// How many accounts at once.
    pub at_once: usize,
    pub progress: &'a Progress,
    /// Set once, when the run has to end.
    pub stop: watch::Receiver<Option<Stop>>,
    /// Where finished places are kept.
    pub checkpoint: Option<&'a Checkpoint>,
    /// What findings are told by.
    pub terms: &'a dyn Terms,
}

impl Run<'_> {
    /// Those of the checks that run in this account.
    fn checks_in(&self, target: &Target) -> Vec<&'static Check> {
        let here = |check: &&'static Check| target.organization || !check.is_of_organization();
        self.checks.iter().copied().filter(here).collect()
    }
}

/// Scans the accounts; tells each finding, in no order, and how each account ended.
///
/// # Errors
/// Those of `tell`, `ended` and the checkpoint: what cannot be kept must not be lost silently.
pub async fn run_all(
    run: &Run<'_>,
    targets: &[Target],
    open: impl AsyncFn(&Target) -> Result<Session, Lost>,
    tell: impl FnMut(Record) -> io::Result<()>,
    ended: impl FnMut(Ended) -> io::Result<()>,
) -> io::Result<()> {
    let (tell, ended) = (RefCell::new(tell), RefCell::new(ended));
    let tell = |record| (tell.borrow_mut())(record);
    run.progress.accounts_begin(targets.len());
    stream::iter(targets.iter().map(Ok))
        .try_for_each_concurrent(run.at_once.max(1), |target| async {
            let end = one(run, target, &open, &tell).await?;
            run.progress.account_ended();
            (ended.borrow_mut())(end)
        })
        .await
}

async fn one(
    run: &Run<'_>,
    target: &Target,
    open: &impl AsyncFn(&Target) -> Result<Session, Lost>,
    tell: &impl Fn(Record) -> io::Result<()>,
) -> io::Result<Ended> {
    if let Some(checkpoint) = run.checkpoint
        && let Some(ended) = checkpoint.whole(&target.id, |record| tell(record.judged(run.terms)))?
    {
        return Ok(ended);
    }
    let closed = |status, reason: &str| row(target, status, reason);
    match target.state {
        TargetState::Open => {}
        TargetState::Suspended => {
            return Ok(closed(AccountStatus::Suspended, "the account is suspended or being closed"));
        }
        TargetState::Pending => {
            let why = "the account is not a member of the organization yet";
            unseen(run, target, tell, &Verdict::undecided(why))?;
            return Ok(closed(AccountStatus::Unreachable, why));
        }
    }
    let stopped = *run.stop.borrow();
    if let Some(why) = stopped {
        unseen(run, target, tell, &Verdict::undecided(why.message()))?;
        return Ok(closed(why.into(), why.message()));
    }
    let mut stop = run.stop.clone();
    let opened = tokio::select! {
        opened = open(target) => opened,
        why = stopping(&mut stop) => {
            unseen(run, target, tell, &Verdict::undecided(why.message()))?;
            return Ok(closed(why.into(), why.message()));
        }
    };
    let session = match opened {
        Ok(session) => session,
        Err(Lost { gap }) => {
            unseen(run, target, tell, &Verdict::unseen(&gap))?;
            let mut ended = closed(AccountStatus::lost(gap.kind()), &gap.to_string());
            ended.gaps.insert(gap.clone());
            ended.lost = Some(gap);
            return Ok(ended);
        }
    };
    let ended = inside(run, target, &session, tell).await?;
    if let (Some(checkpoint), false) =
        (run.checkpoint, matches!(ended.row.status, AccountStatus::Interrupted | AccountStatus::OutOfTime))
    {
        checkpoint.account_done(&ended)?;
    }
    Ok(ended)
}

/// The checks, in a session.
async fn inside(
    run_: &Run<'_>,
    target: &Target,
    session: &Session,
    tell: &impl Fn(Record) -> io::Result<()>,
) -> io::Result<Ended> {
    let (account, id) = (&session.account, &target.id);
    let mut seen = Seen::default();
    let mut skip = BTreeSet::new();
    if let Some(checkpoint) = run_.checkpoint {
        skip = checkpoint.resume(session, |record| {
            seen.add(&record);
            tell(record.judged(run_.terms))
        })?;
    }
    let mut stop = run_.stop.clone();
    let checks = run_.checks_in(target);
    let visit = Visit { session, checks: &checks, skip: &skip, progress: run_.progress, terms: run_.terms };
    let stopped = run(&visit, stopping(&mut stop), |event| match event {
        Event::Finding(place, record) => {
            seen.add(&record);
            if let Some(checkpoint) = run_.checkpoint {
                checkpoint.keep(id, place, &record)?;
            }
            tell(*record)
        }
        Event::Done(place) => run_.checkpoint.map_or(Ok(()), |checkpoint| checkpoint.done(id, place, account)),
    })
    .await?;
    let cut = stopped.as_ref().map(|(why, places)| (*why, places));
    let name = target.name.clone().or_else(|| session.name.clone());
    let row = seen.row(id, name, account.regions(), &session.not_enabled, cut);
    let (home, regions) = (account.home().to_owned(), account.regions().to_vec());
    Ok(Ended { row, home, regions, gaps: account.gaps(), lost: None })
}

/// An account that was not looked into.
fn row(target: &Target, status: AccountStatus, reason: &str) -> Ended {
    let row = AccountRow {
        id: target.id.clone(),
        name: target.name.clone(),
        status,
        reason: Some(reason.to_owned()),
        regions: Vec::new(),
    };
    Ended { row, home: String::new(), regions: Vec::new(), gaps: BTreeSet::new(), lost: None }
}

/// Every check of an account that nobody looked into is unknown there.
fn unseen(
    run: &Run<'_>,
    target: &Target,
    tell: &impl Fn(Record) -> io::Result<()>,
    verdict: &Verdict,
) -> io::Result<()> {
    let resource =
        Resource::new(Arn::iam(run.partition, &target.id, "root").to_string(), "AWS::::Account", target.id.clone());
    for check in run.checks_in(target) {
        tell(Record::new(check, &target.id, &None, verdict.clone().on(resource.clone()), run.terms))?;
    }
    Ok(())
}

/// Ready when the run has to end.
async fn stopping(stop: &mut watch::Receiver<Option<Stop>>) -> Stop {
    let why = stop.wait_for(Option::is_some).await.ok().and_then(|why| *why);
    match why {
        Some(why) => why,
        // Nobody is left who could stop it.
        None => std::future::pending().await,
    }
}
