//! What a filter pattern demands, and whether a sample has it.

use super::regex::Regex;
use serde_json::Value;

/// What is certain of a log event.
#[derive(Clone, Debug, PartialEq)]
pub struct LogSample {
    /// As a person calls it: `CreateVpc`.
    pub what: String,
    event: Value,
    /// Properties that such an event does not have, `errorCode`, with all below them.
    absent: Vec<&'static str>,
}

impl LogSample {
    pub fn new(what: impl Into<String>, event: Value, absent: &[&'static str]) -> Self {
        LogSample { what: what.into(), event, absent: absent.to_vec() }
    }

    /// The event, as far as it is certain.
    pub fn event(&self) -> &Value {
        &self.event
    }
}

/// Whether a filter pattern matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterMatch {
    Yes,
    No,
    /// What was asked does not decide it.
    Perhaps(String),
}

impl FilterMatch {
    fn of(known: bool) -> Self {
        if known { FilterMatch::Yes } else { FilterMatch::No }
    }

    fn not(self) -> Self {
        match self {
            FilterMatch::Yes => FilterMatch::No,
            FilterMatch::No => FilterMatch::Yes,
            perhaps @ FilterMatch::Perhaps(_) => perhaps,
        }
    }

    /// Yes if one is, else perhaps if one may be.
    fn any(all: impl IntoIterator<Item = Self>) -> Self {
        let mut found = FilterMatch::No;
        for one in all {
            match one {
                FilterMatch::Yes => return FilterMatch::Yes,
                FilterMatch::Perhaps(_) if found == FilterMatch::No => found = one,
                FilterMatch::Perhaps(_) | FilterMatch::No => {}
            }
        }
        found
    }

    /// No if one is not, else perhaps if one may not be.
    fn all(all: impl IntoIterator<Item = Self>) -> Self {
        FilterMatch::any(all.into_iter().map(FilterMatch::not)).not()
    }
}

pub(super) fn perhaps(why: impl Into<String>) -> FilterMatch {
    FilterMatch::Perhaps(why.into())
}

/// A pattern for JSON.
#[derive(Debug, PartialEq)]
pub(super) enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Is(Property, Test),
}

/// `$.a.b[0]`
#[derive(Debug, PartialEq)]
pub(super) struct Property {
    pub text: String,
    pub steps: Vec<Step>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Step {
    Name(String),
    Index(usize),
    Every,
}

#[derive(Debug, PartialEq)]
pub(super) enum Test {
    /// With `*` for anything.
    Text(String),
    NotText(String),
    Number(Comparison, f64),
    Matches(Regex),
    NotMatches(Regex),
    IsNull,
    IsTrue,
    IsFalse,
    NotExists,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What a sample has at a property.
enum Found<'a> {
    Value(&'a Value),
    Absent,
    /// It is not certain.
    Open,
}

impl Expression {
    pub(super) fn holds(&self, sample: &LogSample) -> FilterMatch {
        match self {
            Expression::All(parts) => FilterMatch::all(parts.iter().map(|part| part.holds(sample))),
            Expression::Any(parts) => FilterMatch::any(parts.iter().map(|part| part.holds(sample))),
            Expression::Is(property, test) => match property.of(sample) {
                Found::Value(value) => test.of(value, &property.text),
                Found::Absent => test.of_nothing(&property.text),
                Found::Open => perhaps(format!("it depends on {}", property.text)),
            },
        }
    }
}

impl Property {
    fn of<'a>(&self, sample: &'a LogSample) -> Found<'a> {
        let mut at = &sample.event;
        let mut path = String::new();
        for step in &self.steps {
            let next = match step {
                Step::Name(name) => {
                    path = if path.is_empty() { name.clone() } else { [path.as_str(), name].join(".") };
                    if sample.absent.contains(&path.as_str()) {
                        return Found::Absent;
                    }
                    at.get(name)
                }
                Step::Index(index) => at.get(index),
                // Which elements have to match is not documented.
                Step::Every => None,
            };
            match next {
                Some(value) => at = value,
                // What is a text, a number or a truth value has nothing below it.
                None if !at.is_object() && !at.is_array() => return Found::Absent,
                None => return Found::Open,
            }
        }
        Found::Value(at)
    }
}

impl Test {
    fn of(&self, value: &Value, property: &str) -> FilterMatch {
        let unlike = || perhaps(format!("how {property} compares with what it is compared with is not documented"));
        match (self, value) {
            (Test::IsNull, _) => FilterMatch::of(value.is_null()),
            (Test::IsTrue, _) => FilterMatch::of(value.as_bool() == Some(true)),
            (Test::IsFalse, _) => FilterMatch::of(value.as_bool() == Some(false)),
            (Test::NotExists, _) => FilterMatch::No,
            // A comparison is one of values: it fails on lists and objects, by `!=` too.
            (_, Value::Array(_) | Value::Object(_)) => FilterMatch::No,
            (Test::Text(like), Value::Number(_)) if like == "*" => FilterMatch::Yes,
            (Test::Text(like), Value::String(text)) => is_like(text, like),
            (Test::NotText(like), Value::String(text)) => is_like(text, like).not(),
            (Test::Matches(regex), Value::String(text)) => FilterMatch::of(regex.is_in(text)),
            (Test::NotMatches(regex), Value::String(text)) => FilterMatch::of(!regex.is_in(text)),
            (Test::Number(how, wanted), Value::Number(number)) => {
                number.as_f64().map_or_else(unlike, |number| FilterMatch::of(how.holds(number, *wanted)))
            }
            _ => unlike(),
        }
    }

    /// Of a property that is not there.
    fn of_nothing(&self, property: &str) -> FilterMatch {
        match self {
            Test::NotExists => FilterMatch::Yes,
            Test::NotText(_) | Test::NotMatches(_) | Test::Number(Comparison::NotEqual, _) => {
                perhaps(format!("whether != matches where there is no {property} is not documented"))
            }
            _ => FilterMatch::No,
        }
    }
}

impl Comparison {
    fn holds(self, left: f64, right: f64) -> bool {
        let equal = (left - right).abs() < f64::EPSILON;
        match self {
            Comparison::Equal => equal,
            Comparison::NotEqual => !equal,
            Comparison::Less => left < right && !equal,
            Comparison::LessOrEqual => left < right || equal,
            Comparison::Greater => left > right && !equal,
            Comparison::GreaterOrEqual => left > right || equal,
        }
    }
}

/// Whether a text is like another in which `*` at either end stands for anything; case counts. AWS has told that `Ev*ent` matches only
/// itself, so that what only a `*` in between would match is open.
fn is_like(text: &str, like: &str) -> FilterMatch {
    let (before, inner) = like.strip_prefix('*').map_or((false, like), |inner| (true, inner));
    let (after, inner) = inner.strip_suffix('*').map_or((false, inner), |inner| (true, inner));
    let exactly = match (before, after) {
        (false, false) => text == inner,
        (true, false) => text.ends_with(inner),
        (false, true) => text.starts_with(inner),
        (true, true) => text.contains(inner),
    };
    if exactly != globs(text, like) {
        return perhaps(format!("what the * within {like} stands for is not documented"));
    }
    FilterMatch::of(exactly)
}

/// The same, where `*` stands for anything wherever it is.
fn globs(text: &str, like: &str) -> bool {
    let mut parts = like.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}
