//! Policy documents as AWS accepts them: the shapes, without judgement.
//!
//! Reference: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.

use std::fmt;

use super::arn::Arn;
use super::condition::Condition;
use super::pattern::Pattern;

/// Why a text is not a policy document; names the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError(pub(super) String);

impl fmt::Display for PolicyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for PolicyError {}

/// A parsed policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    statements: Vec<Statement>,
}

impl Document {
    pub(super) fn of(statements: Vec<Statement>) -> Self {
        Self { statements }
    }

    /// The statements in the order of the document.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The same statements, labelled with the policy's name.
    #[must_use]
    pub fn called(&self, name: &str) -> Self {
        let mut named = self.clone();
        for statement in &mut named.statements {
            statement.policy = Some(name.to_owned());
        }
        named
    }

    /// The document with the policy variables that are known written out.
    pub(super) fn resolved(&self, known: &dyn Fn(&str) -> Option<String>) -> Self {
        let written = |patterns: &mut Vec<Pattern>| patterns.iter_mut().for_each(|p| *p = p.resolved(known));
        let mut changed = self.clone();
        for statement in &mut changed.statements {
            match &mut statement.resources {
                Some(Set::Only(patterns) | Set::Except(patterns)) => written(patterns),
                None => {}
            }
            statement.conditions.iter_mut().for_each(|condition| written(&mut condition.values));
        }
        changed
    }

    /// Only the statements that pass.
    pub(super) fn keep(&self, pass: impl Fn(&Statement) -> bool) -> Self {
        let statements = self.statements.iter().filter(|s| pass(s)).cloned();
        Self { statements: statements.collect() }
    }

    /// The statements as `change` leaves them; `None` leaves one out.
    pub(super) fn each(&self, mut change: impl FnMut(&mut Statement) -> Option<()>) -> Self {
        let statements = self.statements.iter().cloned().filter_map(|mut s| change(&mut s).map(|()| s));
        Self { statements: statements.collect() }
    }

    /// The Allow statements.
    pub(super) fn allows(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|s| s.allow)
    }

    /// The Deny statements.
    pub(super) fn denies(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|s| !s.allow)
    }
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub(super) number: usize,
    pub(super) sid: Option<String>,
    /// The name of the policy that it is in, where several are looked at together.
    pub(super) policy: Option<String>,
    pub(super) allow: bool,
    pub(super) principals: Option<Principals>,
    pub(super) actions: Set,
    /// `None`: the policy is attached to the one resource that it is about (a trust policy).
    pub(super) resources: Option<Set>,
    pub(super) conditions: Vec<Condition>,
}

impl Statement {
    /// Its place in the document, from 1.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Whether its effect is Allow; Deny otherwise.
    pub fn is_allow(&self) -> bool {
        self.allow
    }

    /// Its Sid, if it has one.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// The actions as the policy writes them, `not x` for each of a NotAction.
    pub fn actions(&self) -> Vec<String> {
        self.actions.texts()
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sid.as_deref() {
            Some(sid) if !sid.is_empty() => write!(out, "statement {} ({sid})", self.number)?,
            _ => write!(out, "statement {}", self.number)?,
        }
        match &self.policy {
            Some(policy) => write!(out, " of {policy}"),
            None => Ok(()),
        }
    }
}

/// `Action`/`NotAction` or `Resource`/`NotResource`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Set {
    Only(Vec<Pattern>),
    Except(Vec<Pattern>),
}

impl Set {
    pub fn patterns(&self) -> &[Pattern] {
        match self {
            Self::Only(patterns) | Self::Except(patterns) => patterns,
        }
    }

    pub fn texts(&self) -> Vec<String> {
        match self {
            Self::Only(patterns) => patterns.iter().map(|p| p.text().to_owned()).collect(),
            Self::Except(patterns) => patterns.iter().map(|p| format!("not {}", p.text())).collect(),
        }
    }

    /// Whether all that the pattern means is surely in the set.
    pub fn covers(&self, pattern: &Pattern) -> bool {
        match self {
            Self::Only(patterns) => patterns.iter().any(|p| p.covers(pattern)),
            Self::Except(patterns) => !patterns.iter().any(|p| p.overlaps(pattern)),
        }
    }

    /// Whether something that the pattern means may be in the set.
    pub fn overlaps(&self, pattern: &Pattern) -> bool {
        match self {
            Self::Only(patterns) => patterns.iter().any(|p| p.overlaps(pattern)),
            Self::Except(patterns) => !patterns.iter().any(|p| p.covers(pattern)),
        }
    }
}

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Principals {
    Only(Vec<Principal>),
    Except(Vec<Principal>),
}

/// One principal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Principal {
    /// `*`, also as `{"AWS": "*"}`: anonymous callers too.
    Everyone,
    /// An account, by number or root ARN.
    Account(String),
    /// A user, role or session by ARN.
    Arn(String),
    /// The id that is left of a deleted user or role: nobody can be it again.
    Deleted(String),
    /// A CloudFront origin access identity.
    OriginAccess(String),
    /// A service, `*` for any.
    Service(String),
    /// A SAML or web identity provider, `*` for any.
    Federated(String),
    /// A canonical user id.
    Canonical(String),
}

impl Principal {
    /// The account that it is in, where its text fixes one.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Account(id) => Some(id),
            Self::Arn(arn) => Arn::parse(arn).map(|arn| arn.account),
            _ => None,
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => out.write_str("*"),
            Self::Account(text)
            | Self::Arn(text)
            | Self::Deleted(text)
            | Self::OriginAccess(text)
            | Self::Service(text)
            | Self::Federated(text)
            | Self::Canonical(text) => out.write_str(text),
        }
    }
}
