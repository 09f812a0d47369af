//! What remains of an Allow beside the Denies of the same policy.
//!
//! A request is allowed when a statement allows it and no statement denies it. A Deny that hits a grant turns it into
//! "the grant, and one of the Deny's conditions does not hold": a list of alternatives ([`Branch`]), each a list of
//! [`Literal`]s that all hold. No alternatives left: the Deny took the grant away. A Deny that hits only a part of a grant
//! leaves the other part, so it is looked at piece by piece ([`super::cells`]).

use super::caller::{Caller, Hit, Known, hits};
use super::condition::{Condition, Family, Literal, Quantifier, Relation};
use super::document::{Document, Principal, Statement};
use super::keys;
use super::pattern::Pattern;
use super::{cidr, narrow::Pin};

/// More alternatives than this are not followed up.
const MOST: usize = 512;

/// A literal and whether a Deny (rather than the Allow itself) brought it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact<'a> {
    pub literal: Literal<'a>,
    pub from_deny: bool,
}

/// One alternative under which a grant remains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Branch<'a> {
    pub facts: Vec<Fact<'a>>,
    /// Lists of principals of which the caller must be one (a Deny's `NotPrincipal`).
    pub among: Vec<&'a [Principal]>,
}

/// The piece of a grant that is examined: an action and a resource pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub action: Pattern,
    pub resource: Option<Pattern>,
}

impl<'a> Branch<'a> {
    /// Whether another literal requires the key to be there.
    pub fn requires(&self, key: &str) -> bool {
        keys::always_there(key)
            || self.facts.iter().any(|f| f.literal.condition.key == key && !f.literal.allows_missing())
    }

    /// The branch with one more literal; `None` when nothing can satisfy both.
    pub fn with(&self, fact: Fact<'a>, caller: Caller<'_>) -> Option<Self> {
        let literal = &fact.literal;
        match caller.knows(&literal.condition.key) {
            Known::Absent => return literal.allows_missing().then(|| self.clone()),
            Known::Value(value) => {
                if let Some(truth) = literal.condition.test(value) {
                    return (truth == literal.holds).then(|| self.clone());
                }
            }
            Known::Open => {}
        }
        if self.facts.iter().any(|f| contradict(&f.literal, literal)) {
            return None;
        }
        let mut grown = self.clone();
        if !grown.facts.contains(&fact) {
            grown.facts.push(fact);
        }
        Some(grown)
    }

    fn among(&self, list: &'a [Principal]) -> Self {
        let mut grown = self.clone();
        grown.among.push(list);
        grown
    }

    /// What the principal lists tie the caller to.
    pub fn listed(&self) -> Vec<Vec<Pin>> {
        self.among.iter().map(|l| super::caller::pins(l)).collect()
    }
}

/// The alternatives under which a piece of an Allow remains for a caller; `settled` names those that need no more
/// narrowing, and are left out.
///
/// # Errors
/// When there are too many to follow.
pub fn remains<'a>(
    document: &'a Document,
    allow: &'a Statement,
    cell: &Cell,
    caller: Caller<'_>,
    settled: &mut dyn FnMut(&Branch<'a>) -> bool,
) -> Result<Vec<Branch<'a>>, String> {
    let mut start = Some(Branch::default());
    for condition in &allow.conditions {
        let literal = Literal { condition, holds: true };
        let fact = Fact { literal, from_deny: false };
        start = start.and_then(|b| b.with(fact, caller));
    }
    let mut branches: Vec<Branch<'a>> = start.into_iter().filter(|b| !settled(b)).collect();
    for deny in document.denies().filter(|d| denies(d, cell)) {
        branches = subtract(branches, deny, caller, settled);
        if branches.len() > MOST {
            return Err(format!("{allow} and the Denies beside it have too many alternatives to follow"));
        }
    }
    Ok(branches)
}

/// Whether a Deny hits all of the cell's action and resource.
pub fn denies(deny: &Statement, cell: &Cell) -> bool {
    deny.actions.covers(&cell.action)
        && match (&deny.resources, &cell.resource) {
            (None, None) => true,
            // AWS refuses such a statement in a policy about resources.
            (None, Some(_)) => false,
            (Some(set), Some(resource)) => set.covers(resource),
            (Some(set), None) => set.covers(&Pattern::wild("*", false)),
        }
}

/// Every branch and one of the ways around the Deny.
pub fn subtract<'a>(
    branches: Vec<Branch<'a>>,
    deny: &'a Statement,
    caller: Caller<'_>,
    settled: &mut dyn FnMut(&Branch<'a>) -> bool,
) -> Vec<Branch<'a>> {
    let exempt = match hits(deny, caller) {
        Hit::Misses => return branches,
        Hit::All => None,
        Hit::AllBut(list) => Some(list),
    };
    let mut left: Vec<Branch<'a>> = Vec::new();
    for branch in &branches {
        let mut ways: Vec<Branch<'a>> = Vec::new();
        ways.extend(exempt.map(|list| branch.among(list)));
        for condition in &deny.conditions {
            let literal = Literal { condition, holds: false };
            let fact = Fact { literal, from_deny: true };
            ways.extend(branch.with(fact, caller));
        }
        for way in ways {
            if !left.contains(&way) && !settled(&way) {
                left.push(way);
            }
        }
    }
    left
}

/// Whether two literals on one key cannot both be true of a request. Sound: `true` is certain.
fn contradict(a: &Literal<'_>, b: &Literal<'_>) -> bool {
    if a.condition.key != b.condition.key {
        return false;
    }
    let same = a.condition.operator == b.condition.operator && a.condition.values == b.condition.values;
    if same && a.holds != b.holds {
        return true;
    }
    let there = keys::always_there(&a.condition.key) || !a.allows_missing() || !b.allows_missing();
    if a.relation() == Relation::Absent || b.relation() == Relation::Absent {
        return !a.allows_missing() || !b.allows_missing();
    }
    let single = |l: &Literal<'_>| l.condition.operator.quantifier == Quantifier::One;
    if !there || !single(a) || !single(b) {
        return false;
    }
    match (a.relation(), b.relation()) {
        (Relation::Match, Relation::Mismatch) => excluded(a.condition, b.condition),
        (Relation::Mismatch, Relation::Match) => excluded(b.condition, a.condition),
        (Relation::Match, Relation::Match) => disjoint(a.condition, b.condition),
        (Relation::Mismatch, Relation::Mismatch) => {
            // Neither true nor false.
            let both = |text| [a, b].iter().any(|l| l.condition.values.iter().any(|v| v.matches(text)));
            let booleans = [a, b].iter().all(|l| l.condition.operator.family == Family::Bool);
            booleans && both("true") && both("false")
        }
        _ => false,
    }
}

/// Whether every value that the first allows is one that the second rules out.
fn excluded(wanted: &Condition, ruled_out: &Condition) -> bool {
    wanted.values.iter().all(|v| includes(ruled_out, v))
}

/// Whether a condition's values include everything that one value stands for.
fn includes(condition: &Condition, value: &Pattern) -> bool {
    match condition.operator.family {
        Family::Text | Family::TextLike | Family::Bool => condition.values.iter().any(|v| v.covers(value)),
        Family::TextWithoutCase => condition.values.iter().any(|v| v.covers(&value.lower())),
        Family::Arn => {
            condition.values.iter().any(|v| v.text() == value.text())
                || value.fixed().is_some_and(|text| condition.test(&text) == Some(!condition.operator.negated))
        }
        Family::Ip => {
            let Some(net) = cidr::parse(value.text()) else {
                return false;
            };
            condition.values.iter().filter_map(|v| cidr::parse(v.text())).any(|n| n.contains(&net))
        }
        _ => false,
    }
}

/// Whether no value of the one can be a value of the other.
fn disjoint(a: &Condition, b: &Condition) -> bool {
    let texts = |c: &Condition| {
        matches!(c.operator.family, Family::Text | Family::TextLike | Family::Bool | Family::TextWithoutCase)
    };
    if a.operator.family == Family::Ip && b.operator.family == Family::Ip {
        return a.values.iter().all(|v| !b.values.iter().any(|w| touch(v, w)));
    }
    texts(a) && texts(b) && a.values.iter().all(|v| !b.values.iter().any(|w| v.lower().overlaps(&w.lower())))
}

fn touch(a: &Pattern, b: &Pattern) -> bool {
    match (cidr::parse(a.text()), cidr::parse(b.text())) {
        (Some(a), Some(b)) => a.contains(&b) || b.contains(&a),
        _ => true,
    }
}
