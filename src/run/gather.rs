//! Running the checks in all accounts, and what they came to together.

use super::connect::Connected;
use super::{Audience, Failure, OrBug, UserError};
use crate::catalogue::{self, Check, Selection};
use crate::config::Config;
use crate::gate::{Coverage, Judges};
use crate::record::{AccountRow, AccountStatus, Ended, Record, Stop, SuppressionUse, Tally};
use crate::report::PracticeRow;
use crate::scan::{self, HeadAccount, HeadLost, Recorded, Run};
use aws_smithy_types::DateTime;
use posture_estate::day::{Date, rfc3339};
use posture_estate::finding::Gap;
use posture_estate::text::safe;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;

/// Suppressions that a person is told of before the rest is counted.
const WARNINGS: usize = 20;

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

impl Connected {
    /// Ends a recording; a tape holds a whole scan or nothing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep_tape(&self, gathered: &Gathered, selection: &Selection, started: DateTime) -> Result<(), Failure> {
        if let (Some(recorder), None) = (self.scene.transport.recorder(), gathered.stopped()) {
            let organization = self.targets.organization.clone();
            let selection = Some(selection).filter(|selection| !selection.is_all()).cloned();
            let recorded = Recorded { accounts: gathered.heads.clone(), organization, selection };
            recorder.finish(&rfc3339(started), recorded.about().or_bug("describing the recording")?)?;
        }
        Ok(())
    }
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

    /// The practices; what has run out of what people said is noted.
    pub fn practices(
        &self,
        checks: &[&'static Check],
        config: &Config,
        day: Date,
        audience: &impl Audience,
    ) -> Vec<PracticeRow> {
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
            let owner = safe(&one.owner);
            audience.note(&format!("expired: the attestation of {} by {owner}, on {}", one.practice.id, one.expires));
        }
        practices.iter().map(PracticeRow::of).collect()
    }

    /// Notes the suppressions that someone should look at.
    pub fn warn(&self, day: Date, audience: &impl Audience) {
        let warnings: Vec<String> = self.suppressions.iter().filter_map(|one| one.warning(day)).collect();
        for warning in warnings.iter().take(WARNINGS) {
            audience.note(&format!("warning: {}", safe(warning)));
        }
        if let Some(more @ 1..) = warnings.len().checked_sub(WARNINGS) {
            audience.note(&format!("warning: … and {more} more suppressions; the reports name them all"));
        }
    }
}

/// Runs the checks in all accounts; `keep` takes each finding.
///
/// # Errors
/// When a finding or a checkpoint cannot be written.
pub(super) async fn gather(
    run: &Run<'_>,
    connected: &Connected,
    judges: &Judges<'_>,
    mut keep: impl FnMut(Record) -> io::Result<()>,
) -> Result<Gathered, UserError> {
    let (targets, transport) = (&connected.targets, &connected.scene.transport);
    let gathered = RefCell::new(Gathered::default());
    let tell = |record: Record| {
        gathered.borrow_mut().tally.add(&record);
        keep(record)
    };
    let ended = |ended: Ended| {
        transport.forget(&ended.row.id);
        let central = targets.central.as_deref() == Some(ended.row.id.as_str());
        gathered.borrow_mut().ended(ended, central);
        Ok(())
    };
    let done = scan::run_all(run, &targets.all, async |target| targets.open(target).await, tell, ended).await;
    done.map_err(|error| {
        UserError::new(
            format!("cannot keep what was found: {error}"),
            "make room in the directory for temporary files (TMPDIR), or in that of --checkpoint",
        )
    })?;
    let mut gathered = gathered.into_inner();
    gathered.rows.sort_by(|a, b| a.id.cmp(&b.id));
    gathered.heads.sort_by(|a, b| a.id.cmp(&b.id));
    let accounts: Vec<&str> = gathered.heads.iter().map(|head| head.id.as_str()).collect();
    let regions: Vec<&str> = gathered.heads.iter().flat_map(|head| &head.regions).map(String::as_str).collect();
    let complete = gathered.stopped().is_none();
    let scope = Coverage { checks: run.checks, accounts: &accounts, regions: &regions, complete };
    gathered.suppressions = judges.uses(&scope);
    Ok(gathered)
}
