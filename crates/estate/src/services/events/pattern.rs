//! Event patterns of EventBridge: does a rule match an event?
//!
//! An event is asked about by a sample that has what is certain of all events of its kind. What a pattern demands of anything else is not
//! decided by it: the answer is "perhaps", never yes or no.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>

mod leaf;
mod matched;

pub use matched::PatternMatch;

use crate::services::logs::filter_pattern::LogSample;
use matched::perhaps;
use serde_json::{Map, Value};

/// What is certain of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventSample {
    /// As a person calls it: `a high finding of GuardDuty`.
    pub what: String,
    event: Value,
    /// Paths that such an event does not have, `detail.errorCode`.
    absent: Vec<&'static str>,
}

impl EventSample {
    pub fn new(what: impl Into<String>, event: Value) -> Self {
        EventSample { what: what.into(), event, absent: Vec::new() }
    }

    /// The same, where such an event never has these members.
    #[must_use]
    pub fn without(mut self, paths: &[&'static str]) -> Self {
        self.absent.extend(paths);
        self
    }

    /// The record of CloudTrail that such an event brings, as a trail writes it to a log group.
    pub fn record(&self) -> LogSample {
        let absent: Vec<&'static str> = self.absent.iter().filter_map(|path| path.strip_prefix("detail.")).collect();
        LogSample::new(&*self.what, self.event["detail"].clone(), &absent)
    }
}

/// Whether the pattern, the text that a rule has, matches every event that the sample stands for.
pub fn matches(pattern: &str, sample: &EventSample) -> PatternMatch {
    match serde_json::from_str(pattern) {
        Ok(Value::Object(pattern)) => object(&pattern, &sample.event, "", sample),
        _ => perhaps("its event pattern cannot be read"),
    }
}

/// All fields of a pattern against an object, or against one of a list of objects: the fields of one element belong together.
fn object(pattern: &Map<String, Value>, event: &Value, path: &str, sample: &EventSample) -> PatternMatch {
    match event {
        Value::Array(elements) => {
            PatternMatch::any(elements.iter().map(|element| object(pattern, element, path, sample)))
        }
        Value::Object(event) => PatternMatch::all(pattern.iter().map(|(key, wanted)| match (key.as_str(), wanted) {
            ("$or", Value::Array(ways)) => either(ways, event, path, sample),
            _ => field(key, wanted, event, path, sample),
        })),
        // What is no object has nothing below it.
        _ => nothing(pattern),
    }
}

/// All fields of a pattern against what has none.
fn nothing(pattern: &Map<String, Value>) -> PatternMatch {
    PatternMatch::all(pattern.iter().map(|(key, wanted)| match (key.as_str(), wanted) {
        ("$or", Value::Array(ways)) => PatternMatch::any(ways.iter().map(|way| match way {
            Value::Object(way) => nothing(way),
            _ => perhaps("its event pattern has an $or that cannot be read"),
        })),
        (_, Value::Object(below)) => nothing(below),
        (_, Value::Array(wanted)) => PatternMatch::any(wanted.iter().map(leaf::matches_nothing)),
        _ => perhaps(format!("what its event pattern wants of {key} cannot be read")),
    }))
}

fn either(ways: &[Value], event: &Map<String, Value>, path: &str, sample: &EventSample) -> PatternMatch {
    let event = Value::Object(event.clone());
    PatternMatch::any(ways.iter().map(|way| match way {
        Value::Object(way) => object(way, &event, path, sample),
        _ => perhaps("its event pattern has an $or that cannot be read"),
    }))
}

fn field(key: &str, wanted: &Value, event: &Map<String, Value>, path: &str, sample: &EventSample) -> PatternMatch {
    let path = if path.is_empty() { key.to_owned() } else { [path, key].join(".") };
    let found = event.get(key);
    let is_absent = sample.absent.iter().any(|absent| *absent == path || is_below(&path, absent));
    match (wanted, found) {
        (Value::Object(wanted), Some(found)) => object(wanted, found, &path, sample),
        (Value::Object(wanted), None) if is_absent => object(wanted, &Value::Object(Map::new()), &path, sample),
        (Value::Array(wanted), Some(found)) => PatternMatch::any(wanted.iter().map(|one| leaf::matches(one, found))),
        (Value::Array(wanted), None) if is_absent => PatternMatch::any(wanted.iter().map(leaf::matches_nothing)),
        (Value::Object(_) | Value::Array(_), None) => perhaps(format!("it depends on {path}")),
        _ => perhaps(format!("what its event pattern wants of {path} cannot be read")),
    }
}

/// Whether the path is one below another.
fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests;
