//! What a probe says: a [`Verdict`] on a [`Resource`] is a [`Finding`].
//!
//! A verdict is made from evidence that was seen. What was not seen is [`Status::Unknown`], whatever the rest looks
//! like; only a condition that is known to be broken outranks it (see [`Reasons`]).

mod gap;

pub use gap::{Gap, GapKind, PlacedGap};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The four answers of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Fail,
    Unknown,
    Pass,
    NotApplicable,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Fail => "fail",
            Status::Unknown => "unknown",
            Status::Pass => "pass",
            Status::NotApplicable => "not_applicable",
        }
    }
}

/// How bad a failure of a check is, worst first in reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// Worst first.
    pub const ALL: [Severity; 5] =
        [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];

    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl std::str::FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Severity::ALL.into_iter().find(|severity| severity.as_str() == text);
        known.ok_or_else(|| format!("{text:?} is no severity; there are info, low, medium, high and critical"))
    }
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    pub arn: String,
    pub id: String,
    /// The CloudFormation type, `AWS::EC2::SecurityGroup`.
    #[serde(rename = "type")]
    pub kind: String,
    pub name: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// Where the resource lives, when that is not the scope of the check (a bucket in an account-wide check).
    #[serde(skip)]
    pub region: Option<String>,
}

impl Resource {
    pub fn new(arn: impl Into<String>, kind: impl Into<String>, id: impl Into<String>) -> Self {
        Resource { arn: arn.into(), id: id.into(), kind: kind.into(), name: None, tags: BTreeMap::new(), region: None }
    }

    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    #[must_use]
    pub fn tags<K: Into<String>, V: Into<String>>(mut self, tags: impl IntoIterator<Item = (K, V)>) -> Self {
        self.tags.extend(tags.into_iter().map(|(k, v)| (k.into(), v.into())));
        self
    }

    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }
}

/// One decision, not yet tied to a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    pub status: Status,
    pub message: String,
    pub evidence: Value,
    pub gaps: Vec<Gap>,
    pub sub: Option<String>,
    /// The slugs of the conditions that are broken, each once and as declared on the check's card; some if and only if it
    /// fails.
    pub reasons: Vec<&'static str>,
}

impl Verdict {
    fn new(status: Status, message: String) -> Self {
        let evidence = Value::Object(serde_json::Map::new());
        Verdict { status, message, evidence, gaps: Vec::new(), sub: None, reasons: Vec::new() }
    }

    pub fn pass(message: impl Into<String>) -> Self {
        Self::new(Status::Pass, message.into())
    }

    /// `slug` names the broken condition for good (`no_flow_log`); the message may change.
    pub fn fail(slug: &'static str, message: impl Into<String>) -> Self {
        let mut verdict = Self::new(Status::Fail, message.into());
        verdict.reasons.push(slug);
        verdict
    }

    /// Unknown although every answer came: what was seen does not decide it.
    pub fn undecided(message: impl Into<String>) -> Self {
        Self::new(Status::Unknown, message.into())
    }

    pub fn not_applicable(message: impl Into<String>) -> Self {
        Self::new(Status::NotApplicable, message.into())
    }

    /// Unknown because an answer that it rests on did not come.
    pub fn unseen(gap: &Gap) -> Self {
        let mut verdict = Self::new(Status::Unknown, format!("could not be seen: {gap}"));
        verdict.gaps.push(gap.clone());
        verdict
    }

    /// The same, where it may not be so after all: unknown, and nothing is known to be broken.
    #[must_use]
    pub fn in_doubt(self) -> Self {
        Verdict { status: Status::Unknown, reasons: Vec::new(), ..self }
    }

    /// Besides what is there already, by name.
    #[must_use]
    pub fn evidence(mut self, evidence: Value) -> Self {
        match (&mut self.evidence, evidence) {
            (Value::Object(own), Value::Object(more)) => own.extend(more),
            (own, other) => *own = other,
        }
        self
    }

    /// Tells apart several findings of one check on one resource; part of the fingerprint, so keep it stable.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "a sub-key, no subtraction")]
    pub fn sub(mut self, key: impl Into<String>) -> Self {
        self.sub = Some(key.into());
        self
    }

    pub fn on(self, resource: Resource) -> Finding {
        Finding { resource, verdict: self }
    }
}

/// Collects the conditions of a check that has several, for one finding that says which of them broke. What it ends in says
/// what an empty one means: [`Reasons::or_pass`] or [`Reasons::open`].
#[derive(Debug, Default)]
pub struct Reasons {
    /// Each once, in the order of the messages.
    slugs: Vec<&'static str>,
    broken: Vec<String>,
    doubts: Vec<String>,
    gaps: Vec<Gap>,
    /// What is broken where there may be several, for `open` in the evidence.
    open: BTreeSet<String>,
}

impl Reasons {
    pub fn new() -> Self {
        Self::default()
    }

    /// A condition that is known not to hold, and its slug.
    pub fn broken(&mut self, slug: &'static str, what: impl Into<String>) {
        self.slug(slug);
        self.broken.push(what.into());
    }

    /// As [`Reasons::broken`] for one of several things, by its name: the evidence lists those under `open`, and a card that says
    /// `worsens_with = ["open"]` tells when there is one more.
    pub fn broken_at(&mut self, slug: &'static str, name: impl Into<String>, what: impl Into<String>) {
        self.broken(slug, what);
        self.open.insert(name.into());
    }

    fn slug(&mut self, slug: &'static str) {
        if !self.slugs.contains(&slug) {
            self.slugs.push(slug);
        }
    }

    /// A condition whose answer did not come.
    pub fn unseen(&mut self, gap: &Gap) {
        if !self.gaps.contains(gap) {
            self.gaps.push(gap.clone());
        }
    }

    /// A condition that what was seen does not decide.
    pub fn doubt(&mut self, why: impl Into<String>) {
        self.doubts.push(why.into());
    }

    /// The value of an answer, or `None` with the gap kept.
    pub fn add<T>(&mut self, answer: Result<T, Gap>) -> Option<T> {
        match answer {
            Ok(value) => Some(value),
            Err(gap) => {
                self.unseen(&gap);
                None
            }
        }
    }

    /// Takes over what another collected, each once.
    pub fn absorb(&mut self, other: Reasons) {
        let Reasons { slugs, broken, doubts, gaps, open } = other;
        self.open.extend(open);
        slugs.into_iter().for_each(|slug| self.slug(slug));
        for (own, more) in [(&mut self.broken, broken), (&mut self.doubts, doubts)] {
            for one in more {
                if !own.contains(&one) {
                    own.push(one);
                }
            }
        }
        gaps.iter().for_each(|gap| self.unseen(gap));
    }

    /// Takes over why another verdict does not pass, in its words.
    pub fn join(&mut self, verdict: Verdict) {
        let Verdict { status, message, gaps, reasons, .. } = verdict;
        match status {
            Status::Fail => self.broken.push(message),
            Status::Unknown => self.doubts.push(message),
            Status::Pass | Status::NotApplicable => return,
        }
        reasons.into_iter().for_each(|slug| self.slug(slug));
        gaps.iter().for_each(|gap| self.unseen(gap));
    }

    pub fn is_empty(&self) -> bool {
        self.broken.is_empty() && self.doubts.is_empty() && self.gaps.is_empty()
    }

    /// Fail if anything is known to be broken, else unknown if anything was not seen or not decidable, else a pass that says
    /// what was seen; without words nothing was, and it is no pass.
    pub fn or_pass(self, seen: impl FnOnce() -> String) -> Verdict {
        if !self.is_empty() {
            return self.open();
        }
        match seen() {
            message if message.is_empty() => self.open(),
            message => Verdict::pass(message),
        }
    }

    /// As [`Reasons::or_pass`] where something must be there: nothing at all decides nothing.
    pub fn open(self) -> Verdict {
        let mut verdict = if !self.broken.is_empty() {
            Verdict { reasons: self.slugs, ..Verdict::new(Status::Fail, self.broken.join("; ")) }
        } else if self.is_empty() {
            Verdict::undecided("nothing was seen that decides it")
        } else {
            // What a doubt of another verdict tells already is not told again.
            let unseen = self.gaps.iter().map(|gap| format!("could not be seen: {gap}"));
            let untold = unseen.filter(|gap| !self.doubts.iter().any(|doubt| doubt.contains(gap)));
            let untold: Vec<String> = untold.collect();
            Verdict::undecided(untold.into_iter().chain(self.doubts).collect::<Vec<_>>().join("; "))
        };
        verdict.gaps = self.gaps;
        match self.open {
            open if open.is_empty() || verdict.status != Status::Fail => verdict,
            open => verdict.evidence(serde_json::json!({ "open": open })),
        }
    }
}

/// A verdict on a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub resource: Resource,
    pub verdict: Verdict,
}

#[cfg(test)]
mod tests;
