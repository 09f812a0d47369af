//! What a probe says: a [`Verdict`] on a [`Resource`] is a [`Finding`].
//!
//! A verdict is made from evidence that was seen. What was not seen is [`Status::Unknown`], whatever the rest looks
//! like; only a condition that is known to be broken outranks it (see [`Faults`]).

use crate::aws::gap::Gap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

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
}

impl Verdict {
    fn new(status: Status, message: String) -> Self {
        Verdict { status, message, evidence: Value::Object(serde_json::Map::new()), gaps: Vec::new(), sub: None }
    }

    pub fn pass(message: impl Into<String>) -> Self {
        Self::new(Status::Pass, message.into())
    }

    pub fn fail(message: impl Into<String>) -> Self {
        Self::new(Status::Fail, message.into())
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

    #[must_use]
    pub fn evidence(mut self, evidence: Value) -> Self {
        self.evidence = evidence;
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

/// Collects the conditions of a check that has several, for one finding that says which of them broke.
#[derive(Debug, Default)]
pub struct Faults {
    broken: Vec<String>,
    doubts: Vec<String>,
    gaps: Vec<Gap>,
}

impl Faults {
    pub fn new() -> Self {
        Self::default()
    }

    /// A condition that is known not to hold.
    pub fn broken(&mut self, what: impl Into<String>) {
        self.broken.push(what.into());
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
    pub fn absorb(&mut self, other: Faults) {
        let Faults { broken, doubts, gaps } = other;
        for (own, more) in [(&mut self.broken, broken), (&mut self.doubts, doubts)] {
            for one in more {
                if !own.contains(&one) {
                    own.push(one);
                }
            }
        }
        gaps.iter().for_each(|gap| self.unseen(gap));
    }

    pub fn is_empty(&self) -> bool {
        self.broken.is_empty() && self.doubts.is_empty() && self.gaps.is_empty()
    }

    /// Fail if anything is known to be broken, else unknown if anything was not seen or not decidable, else pass.
    pub fn verdict(self, pass: impl FnOnce() -> String) -> Verdict {
        let mut verdict = if !self.broken.is_empty() {
            Verdict::fail(self.broken.join("; "))
        } else if !self.gaps.is_empty() || !self.doubts.is_empty() {
            let unseen = self.gaps.iter().map(|gap| format!("could not be seen: {gap}"));
            Verdict::undecided(unseen.chain(self.doubts).collect::<Vec<_>>().join("; "))
        } else {
            Verdict::pass(pass())
        };
        verdict.gaps = self.gaps;
        verdict
    }
}

/// A verdict on a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub resource: Resource,
    pub verdict: Verdict,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::gap::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "us-east-1", "s3:GetBucketPolicy", GapKind::Denied, "no")
    }

    #[test]
    fn what_is_broken_outranks_what_was_not_seen() {
        let mut faults = Faults::new();
        faults.unseen(&gap());
        faults.broken("versioning is off");
        let verdict = faults.verdict(String::new);
        assert_eq!(verdict.status, Status::Fail);
        assert_eq!(verdict.gaps.len(), 1, "the gap is still told");
    }

    #[test]
    fn nothing_broken_but_something_unseen_is_unknown() {
        let mut faults = Faults::new();
        faults.unseen(&gap());
        assert_eq!(faults.verdict(String::new).status, Status::Unknown);
        let mut faults = Faults::new();
        faults.doubt("the condition cannot be decided");
        assert_eq!(faults.verdict(String::new).status, Status::Unknown);
        assert_eq!(Faults::new().verdict(|| "fine".into()).status, Status::Pass);
    }
}
