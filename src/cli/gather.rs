//! Running the checks in all accounts, and what they came to together.

use super::targets::Targets;
use super::{UserError, central, output};
use crate::catalogue::{self, Check, Selection};
use crate::config::Config;
use crate::gate::{Scope, Suppressor};
use crate::record::{AccountRow, AccountStatus, Ended, Record, Stop, SuppressionUse, Tally};
use crate::report::PracticeRow;
use crate::scan::{self, HeadAccount, HeadLost, Progress, Recorded, Run};
use aws_smithy_types::DateTime;
use posture_estate::aws::tape::Tape;
use posture_estate::aws::transport::{Source, Transport};
use posture_estate::day::{Date, rfc3339, today};
use posture_estate::finding::Gap;
use posture_estate::place::Scene;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// Suppressions that stderr tells of before the rest is counted.
const WARNINGS: usize = 20;

/// The practices of a recorded account, all checks judged.
pub(super) async fn replayed(dir: &Path, config: &Config) -> Result<Vec<PracticeRow>, UserError> {
    let checks: Vec<&'static Check> = catalogue::checks().iter().collect();
    let tape = Tape::load(dir)?;
    let as_of = tape.time()?;
    let tape = Arc::new(tape);
    let transport = Transport::new(Source::Tape(tape.clone()), None, catalogue::reads(checks.iter().copied()));
    let settings = Arc::new(config.checks.resolved());
    let scene = Scene { now: as_of, transport: transport.clone(), settings };
    let targets = Targets::of_tape(&Recorded::of(&tape)?, &scene, &[]).await?;
    let checks = central::kept(&checks, &Selection::default(), &targets)?;
    let (_never, stop) = watch::channel(None);
    let run = Run {
        partition: &targets.partition.clone(),
        checks: &checks,
        at_once: 1,
        progress: &Progress::default(),
        stop,
        checkpoint: None,
    };
    let gathered = gather(&run, targets, &transport, config, as_of, |_| Ok(())).await?;
    Ok(gathered.practices(&checks, config, as_of))
}

/// What the accounts came to.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub tally: Tally,
    pub rows: Vec<AccountRow>,
    pub heads: Vec<HeadAccount>,
    /// For each call that was answered nowhere in some account the first such gap.
    pub unanswered: BTreeMap<String, Gap>,
    pub suppressions: Vec<SuppressionUse>,
}

impl Gathered {
    /// `organization`: the checks of the organization that the scan is of ran there.
    fn ended(&mut self, ended: Ended, organization: bool) {
        for gap in ended.gaps {
            match self.unanswered.get_mut(gap.call()) {
                Some(first) if *first <= gap => {}
                Some(first) => *first = gap,
                None => drop(self.unanswered.insert(gap.call().to_owned(), gap)),
            }
        }
        let lost = ended.lost.map(|gap| HeadLost {
            call: gap.call().to_owned(),
            kind: gap.kind(),
            message: gap.message().to_owned(),
        });
        self.heads.push(HeadAccount {
            id: ended.row.id.clone(),
            name: ended.row.name.clone(),
            home_region: ended.home,
            regions: ended.regions,
            organization,
            suspended: ended.row.status == AccountStatus::Suspended,
            lost,
        });
        self.rows.push(ended.row);
    }

    pub fn stopped(&self) -> Option<Stop> {
        let of = |status| self.rows.iter().any(|row| row.status == status);
        match (of(AccountStatus::Interrupted), of(AccountStatus::OutOfTime)) {
            (true, _) => Some(Stop::Interrupted),
            (false, true) => Some(Stop::OutOfTime),
            (false, false) => None,
        }
    }

    /// The practices, and on stderr what has run out.
    pub fn practices(&self, checks: &[&'static Check], config: &Config, as_of: DateTime) -> Vec<PracticeRow> {
        let day = day(as_of);
        let in_reach = self.rows.iter().filter(|row| row.status != AccountStatus::Suspended);
        let practices = scan::roll_up(&scan::Basis {
            pillar: catalogue::pillar(),
            tally: &self.tally,
            ran: checks,
            all: &catalogue::checks().iter().collect::<Vec<_>>(),
            gaps: &self.unanswered.values().cloned().collect(),
            attestations: &config.attestations,
            accounts: &in_reach.map(|row| row.id.as_str()).collect::<Vec<_>>(),
            today: day,
        });
        for one in practices.iter().flat_map(|result| &result.attestations).filter(|one| one.is_expired(day)) {
            let owner = posture_estate::text::safe(&one.owner);
            output::note(&format!("expired: the attestation of {} by {owner}, on {}", one.practice.id, one.expires));
        }
        practices.iter().map(PracticeRow::of).collect()
    }
}

/// The day that statements of people are judged by. A tape is judged as of its recording, as everything else is: the same
/// tape gives the same answer.
fn day(as_of: DateTime) -> Date {
    Date::of(&rfc3339(as_of)).unwrap_or_else(today)
}

/// On stderr the suppressions that someone should look at.
fn warn(suppressions: &[SuppressionUse], day: Date) {
    let warnings: Vec<String> = suppressions.iter().filter_map(|one| one.warning(day)).collect();
    for warning in warnings.iter().take(WARNINGS) {
        output::note(&format!("warning: {}", posture_estate::text::safe(warning)));
    }
    if let Some(more @ 1..) = warnings.len().checked_sub(WARNINGS) {
        output::note(&format!("warning: … and {more} more suppressions; the reports name them all"));
    }
}

/// Runs the checks in all accounts.
pub(super) async fn gather(
    run: &Run<'_>,
    targets: Targets,
    transport: &Transport,
    config: &Config,
    as_of: DateTime,
    mut keep: impl FnMut(Record) -> io::Result<()>,
) -> Result<Gathered, UserError> {
    let gathered = RefCell::new(Gathered::default());
    let mut suppressor = Suppressor::new(&config.suppressions, day(as_of));
    let tell = |mut record: Record| {
        config.severities.apply(&mut record);
        if let Some(check) = record.check() {
            record.title = config.checks.title(check);
        }
        suppressor.judge(&mut record);
        gathered.borrow_mut().tally.add(&record);
        keep(record)
    };
    let ended = |ended: Ended| {
        transport.forget(&ended.row.id);
        let central = targets.central.as_deref() == Some(ended.row.id.as_str());
        gathered.borrow_mut().ended(ended, central);
        Ok(())
    };
    let done = scan::run_all(run, targets.all.clone(), async |target| targets.open(target).await, tell, ended).await;
    done.map_err(|error| UserError(format!("cannot keep what was found: {error}")))?;
    let mut gathered = gathered.into_inner();
    gathered.rows.sort_by(|a, b| a.id.cmp(&b.id));
    gathered.heads.sort_by(|a, b| a.id.cmp(&b.id));
    let accounts: Vec<&str> = gathered.heads.iter().map(|head| head.id.as_str()).collect();
    let regions: Vec<&str> = gathered.heads.iter().flat_map(|head| &head.regions).map(String::as_str).collect();
    let complete = gathered.stopped().is_none();
    let scope = Scope { checks: run.checks, accounts: &accounts, regions: &regions, complete };
    gathered.suppressions = suppressor.uses(&scope);
    warn(&gathered.suppressions, day(as_of));
    Ok(gathered)
}
