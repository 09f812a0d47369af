//! Two reports side by side: a join of their sorted findings, read as often as needed, so that nothing has to be held.

use super::baseline::fingerprint;
use super::change::{Before, change};
use super::scope::{Scope, Vanished, differences, other_rules, subject};
use crate::record::{Change, ChangeCounts, Counts, Record};
use crate::report::Report;
use posture_estate::finding::Status;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::iter::Peekable;

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeltaKind {
    New,
    Reopened,
    Worsened,
    /// Also a failure that the later scan could not see.
    BecameUnknown,
    /// Also an unknown finding whose check was answered.
    BecameKnown,
    Fixed,
    /// Failed, and the check does not find the resource any more.
    Gone,
    /// Failed, in an account or region that the later scan did not look at.
    NotScanned,
}

impl DeltaKind {
    pub const ALL: [DeltaKind; 8] = [
        DeltaKind::New,
        DeltaKind::Reopened,
        DeltaKind::Worsened,
        DeltaKind::BecameUnknown,
        DeltaKind::Fixed,
        DeltaKind::Gone,
        DeltaKind::NotScanned,
        DeltaKind::BecameKnown,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            DeltaKind::New => "new",
            DeltaKind::Reopened => "reopened",
            DeltaKind::Worsened => "worsened",
            DeltaKind::BecameUnknown => "became unknown",
            DeltaKind::BecameKnown => "became known",
            DeltaKind::Fixed => "fixed",
            DeltaKind::Gone => "gone",
            DeltaKind::NotScanned => "not scanned any more",
        }
    }

    /// Whether there is a failure that the earlier report does not account for.
    pub fn is_worse(self) -> bool {
        matches!(self, DeltaKind::New | DeltaKind::Reopened | DeltaKind::Worsened)
    }

    fn of(change: Change) -> Option<DeltaKind> {
        Some(match change {
            Change::New => DeltaKind::New,
            Change::Reopened => DeltaKind::Reopened,
            Change::Worsened => DeltaKind::Worsened,
            Change::BecameUnknown => DeltaKind::BecameUnknown,
            Change::BecameKnown => DeltaKind::BecameKnown,
            Change::Fixed => DeltaKind::Fixed,
            Change::Unchanged => return None,
        })
    }

    /// Where [`ChangeCounts`] counts it.
    pub fn count(self, counts: &mut ChangeCounts) -> &mut u64 {
        match self {
            DeltaKind::New => &mut counts.new,
            DeltaKind::Reopened => &mut counts.reopened,
            DeltaKind::Worsened => &mut counts.worsened,
            DeltaKind::BecameUnknown => &mut counts.became_unknown,
            DeltaKind::BecameKnown => &mut counts.became_known,
            DeltaKind::Fixed => &mut counts.fixed,
            DeltaKind::Gone => &mut counts.gone,
            DeltaKind::NotScanned => &mut counts.not_scanned,
        }
    }
}

/// A finding that differs; at least one side is there.
#[derive(Clone, Debug)]
pub struct Delta<'a> {
    pub kind: DeltaKind,
    pub before: Option<Cow<'a, Record>>,
    pub after: Option<Cow<'a, Record>>,
}

impl Delta<'_> {
    /// The later one, or the earlier one of what is gone.
    pub fn record(&self) -> Option<&Record> {
        self.after.as_deref().or(self.before.as_deref())
    }
}

/// Two reports, the earlier one first.
#[derive(Debug)]
pub struct Diff<'a> {
    pub before: &'a Report,
    pub after: &'a Report,
    /// How they differ in what they looked at.
    pub differences: Vec<String>,
    /// By check that only one of them ran: what it came to there.
    pub only_before: BTreeMap<String, Counts>,
    pub only_after: BTreeMap<String, Counts>,
    scope_before: Scope,
    scope_after: Scope,
}

impl<'a> Diff<'a> {
    /// Reads both once.
    ///
    /// # Errors
    /// When the findings cannot be read again, or one has no fingerprint.
    pub fn of(before: &'a Report, after: &'a Report) -> io::Result<Diff<'a>> {
        let (scope_before, scope_after) = (scope(before)?, scope(after)?);
        let only_before = only(before, &scope_before, &scope_after)?;
        let only_after = only(after, &scope_after, &scope_before)?;
        let mut all = differences("the earlier report", &before.head, &after.head);
        all.extend(differences("the later report", &after.head, &before.head));
        all.extend(other_rules("the earlier report", &before.head, &after.head));
        Ok(Diff { before, after, differences: all, only_before, only_after, scope_before, scope_after })
    }

    /// Whether both scans ran a check.
    fn both_ran(&self, record: &Record) -> bool {
        let ran = |scope: &Scope| scope.checks.contains(&*record.check_id);
        ran(&self.scope_before) && ran(&self.scope_after)
    }

    /// All that differs, in the order of reports; checks that only one of them ran are left out.
    pub fn iter(&self) -> impl Iterator<Item = io::Result<Delta<'a>>> {
        let join =
            Join { before: source(self.before).peekable(), after: source(self.after).peekable(), ready: Vec::new() };
        join.filter_map(|pair| match pair {
            Ok((before, after)) => self.delta(before, after).map(Ok),
            Err(error) => Some(Err(error)),
        })
    }

    fn vanished(&self, one: &Record) -> Vanished {
        let subject = subject(&one.account_id, &one.check_id, &one.resource.arn);
        self.scope_after.vanished(&one.account_id, &one.region, &one.check_id, subject)
    }

    fn delta(&self, before: Option<Cow<'a, Record>>, after: Option<Cow<'a, Record>>) -> Option<Delta<'a>> {
        let one = after.as_deref().or(before.as_deref())?;
        if !self.both_ran(one) {
            return None;
        }
        let kind = match &after {
            Some(record) => DeltaKind::of(change(before.as_deref().map(Before::of).as_ref(), record)?)?,
            None => match (one.status, self.vanished(one)) {
                (Status::Fail, Vanished::Gone) => DeltaKind::Gone,
                (Status::Fail, Vanished::NotScanned) => DeltaKind::NotScanned,
                (Status::Fail, Vanished::Unseen) => DeltaKind::BecameUnknown,
                (Status::Unknown, Vanished::Gone) => DeltaKind::BecameKnown,
                _ => return None,
            },
        };
        // What is accepted today is no news to act on, but what became of it otherwise is.
        let quiet = kind.is_worse() && one.suppression.is_some();
        (!quiet).then_some(Delta { kind, before, after })
    }
}

fn scope(report: &Report) -> io::Result<Scope> {
    let mut scope = Scope::default();
    for record in report.findings.iter() {
        scope.see(&*record?);
    }
    Ok(scope.of(&report.head))
}

fn only(report: &Report, own: &Scope, other: &Scope) -> io::Result<BTreeMap<String, Counts>> {
    let mut all: BTreeMap<String, Counts> =
        own.checks.difference(&other.checks).map(|check| (check.clone(), Counts::default())).collect();
    if !all.is_empty() {
        for record in report.findings.iter() {
            let record = record?;
            if let Some(counts) = all.get_mut(&*record.check_id) {
                counts.add(record.status);
            }
        }
    }
    Ok(all)
}

type Source<'a> = Box<dyn Iterator<Item = io::Result<Cow<'a, Record>>> + 'a>;

fn source(report: &Report) -> Source<'_> {
    Box::new(report.findings.iter())
}

type Pair<'a> = (Option<Cow<'a, Record>>, Option<Cow<'a, Record>>);

/// A merge of two sorted runs: the findings of one check on one resource are taken from both sides and paired by fingerprint.
struct Join<'a> {
    before: Peekable<Source<'a>>,
    after: Peekable<Source<'a>>,
    /// Reversed.
    ready: Vec<Pair<'a>>,
}

type Key = (String, String, String, String);

fn key(record: &Record) -> Key {
    let (account, region, check, arn, _, _) = record.order();
    (account.to_owned(), region.to_owned(), check.to_owned(), arn.to_owned())
}

fn is_at(record: &Record, at: &Key) -> bool {
    let (account, region, check, arn, _, _) = record.order();
    (account, region, check, arn) == (&at.0, &at.1, &at.2, &at.3)
}

/// The next findings of a key.
fn group<'a>(source: &mut Peekable<Source<'a>>, at: &Key) -> io::Result<Vec<Cow<'a, Record>>> {
    let mut all = Vec::new();
    loop {
        match source.next_if(|next| next.as_ref().map_or(true, |record| is_at(record, at))) {
            Some(record) => all.push(record?),
            None => return Ok(all),
        }
    }
}

impl<'a> Join<'a> {
    fn fill(&mut self) -> io::Result<bool> {
        let mut peeked = Vec::new();
        for source in [&mut self.before, &mut self.after] {
            match source.next_if(Result::is_err) {
                Some(Err(error)) => return Err(error),
                _ => peeked.extend(source.peek().and_then(|next| next.as_ref().ok()).map(|record| key(record))),
            }
        }
        let Some(at) = peeked.into_iter().min() else { return Ok(false) };
        let (before, after) = (group(&mut self.before, &at)?, group(&mut self.after, &at)?);
        let number = |record: &Record| fingerprint(record).map_err(io::Error::other);
        let mut earlier: HashMap<u128, Vec<Cow<'a, Record>>> = HashMap::new();
        let mut order = Vec::new();
        for record in before {
            let key = number(&record)?;
            order.push(key);
            earlier.entry(key).or_default().insert(0, record);
        }
        for record in after {
            let same = earlier.get_mut(&number(&record)?).and_then(Vec::pop);
            self.ready.push((same, Some(record)));
        }
        for key in order {
            if let Some(record) = earlier.get_mut(&key).and_then(Vec::pop) {
                self.ready.push((Some(record), None));
            }
        }
        self.ready.reverse();
        Ok(true)
    }
}

impl<'a> Iterator for Join<'a> {
    type Item = io::Result<Pair<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            match self.fill() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    // Nothing sound can follow.
                    self.before = (Box::new(std::iter::empty()) as Source<'a>).peekable();
                    self.after = (Box::new(std::iter::empty()) as Source<'a>).peekable();
                    return Some(Err(error));
                }
            }
        }
        self.ready.pop().map(Ok)
    }
}

#[cfg(test)]
mod tests;
