//! What a pattern may demand of one value.

use super::matched::{PatternMatch, perhaps};
use ipnet::IpNet;
use serde_json::Value;
use std::net::IpAddr;

/// One demand on a value that is there; of a list, one element has to meet it.
pub(super) fn matches(wanted: &Value, found: &Value) -> PatternMatch {
    if let Value::Array(elements) = found {
        if let Some(false) = wanted.get("exists").and_then(Value::as_bool) {
            return if elements.is_empty() { perhaps("whether an empty list exists") } else { PatternMatch::No };
        }
        return PatternMatch::any(elements.iter().map(|element| matches(wanted, element)));
    }
    match wanted {
        Value::Object(operator) => match operator.iter().next() {
            Some((name, operand)) if operator.len() == 1 => by_operator(name, operand, found),
            _ => perhaps("a comparison of its event pattern cannot be read"),
        },
        literal => equals(literal, found),
    }
}

/// One demand on a value that is certain not to be there.
pub(super) fn matches_nothing(wanted: &Value) -> PatternMatch {
    match wanted {
        Value::Object(operator) => match operator.iter().next() {
            Some((name, Value::Bool(there))) if operator.len() == 1 && name == "exists" => PatternMatch::of(!there),
            Some((name, _)) if operator.len() == 1 && KNOWN.contains(&name.as_str()) => PatternMatch::No,
            _ => perhaps("a comparison of its event pattern cannot be read"),
        },
        _ => PatternMatch::No,
    }
}

/// Every comparison besides `exists`; none is met by what is not there.
const KNOWN: &[&str] = &["anything-but", "cidr", "equals-ignore-case", "numeric", "prefix", "suffix", "wildcard"];

/// Numbers are compared as they are written: whether 7 and 7.0 are the same is not decided by a sample.
fn equals(wanted: &Value, found: &Value) -> PatternMatch {
    match (wanted, found) {
        (Value::Number(a), Value::Number(b)) if a != b && a.as_f64() == b.as_f64() => {
            perhaps(format!("whether {b} is written {a}"))
        }
        _ => PatternMatch::of(wanted == found),
    }
}

fn by_operator(name: &str, operand: &Value, found: &Value) -> PatternMatch {
    let unread = || perhaps(format!("the comparison {name} of its event pattern cannot be read"));
    match (name, operand) {
        // Only leaves exist.
        ("exists", Value::Bool(there)) => PatternMatch::of(*there != found.is_object()),
        ("anything-but", _) if found.is_object() => PatternMatch::No,
        ("anything-but", Value::Array(all)) => PatternMatch::any(all.iter().map(|one| equals(one, found))).not(),
        ("anything-but", Value::Object(inner)) => match inner.iter().next() {
            Some((name, operand)) if inner.len() == 1 => {
                let operands = operand.as_array().map_or_else(|| std::slice::from_ref(operand), Vec::as_slice);
                PatternMatch::any(operands.iter().map(|operand| by_operator(name, operand, found))).not()
            }
            _ => unread(),
        },
        ("anything-but", one) => equals(one, found).not(),
        ("numeric", Value::Array(bounds)) => numeric(bounds, found).unwrap_or_else(unread),
        ("cidr", Value::String(range)) => match range.parse::<IpNet>() {
            Ok(range) => PatternMatch::of(
                found.as_str().and_then(|text| text.parse::<IpAddr>().ok()).is_some_and(|one| range.contains(&one)),
            ),
            Err(_) => unread(),
        },
        ("prefix" | "suffix", Value::Object(inner)) => match (inner.get("equals-ignore-case"), inner.len()) {
            (Some(Value::String(text)), 1) => of_text(found, |found| {
                end(name, &found.to_ascii_lowercase(), &text.to_ascii_lowercase())
            }),
            _ => unread(),
        },
        ("prefix" | "suffix", Value::String(text)) => of_text(found, |found| end(name, found, text)),
        ("equals-ignore-case", Value::String(text)) => of_text(found, |found| found.eq_ignore_ascii_case(text)),
        ("wildcard", Value::String(text)) => of_text(found, |found| wildcard(text, found)),
        _ => unread(),
    }
}

fn of_text(found: &Value, test: impl Fn(&str) -> bool) -> PatternMatch {
    PatternMatch::of(found.as_str().is_some_and(test))
}

fn end(which: &str, found: &str, text: &str) -> bool {
    if which == "prefix" { found.starts_with(text) } else { found.ends_with(text) }
}

/// `[">", 0, "<=", 5]`; `None` when it cannot be read.
fn numeric(bounds: &[Value], found: &Value) -> Option<PatternMatch> {
    let found = found.as_f64();
    if bounds.is_empty() || !bounds.len().is_multiple_of(2) {
        return None;
    }
    let mut within = true;
    for pair in bounds.chunks(2) {
        let (operator, bound) = (pair[0].as_str()?, pair[1].as_f64()?);
        let meets = |found: f64| match operator {
            "<" => Some(found < bound),
            "<=" => Some(found <= bound),
            ">" => Some(found > bound),
            ">=" => Some(found >= bound),
            "=" => Some((found - bound).abs() < f64::EPSILON),
            _ => None,
        };
        within &= meets(found.unwrap_or(0.0))?;
    }
    Some(PatternMatch::of(within && found.is_some()))
}

/// `*` is any text, `\*` and `\\` are themselves.
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = vec![String::new()];
    let mut rest = pattern.chars();
    while let Some(one) = rest.next() {
        match (one, parts.last_mut()) {
            ('*', _) => parts.push(String::new()),
            ('\\', Some(part)) => part.extend(rest.next()),
            (other, Some(part)) => part.push(other),
            (_, None) => {}
        }
    }
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    if parts.len() == 1 {
        return text == first;
    }
    let Some(mut rest) = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else {
        return false;
    };
    parts[1..parts.len() - 1].iter().all(|part| {
        let found = rest.find(part.as_str());
        rest = found.map_or(rest, |at| &rest[at + part.len()..]);
        found.is_some()
    })
}
