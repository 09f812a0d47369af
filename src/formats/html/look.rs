//! What the parts of the page share: how a status, a severity, a link to findings look. Never by colour alone.

use super::escape::{Text, fragment};
use crate::record::PracticeStatus;
use posture_estate::finding::{Severity, Status};
use posture_estate::text::plural;
use std::fmt::{self, Write as _};

/// A status as a class, a symbol and words.
pub struct Look {
    pub class: &'static str,
    pub words: &'static str,
}

pub fn practice(status: PracticeStatus) -> Look {
    let (class, words) = match status {
        PracticeStatus::NotMet => ("fail", "not met"),
        PracticeStatus::Unknown => ("unknown", "unknown"),
        PracticeStatus::NeedsAttestation => ("needs", "needs attestation"),
        PracticeStatus::Attested => ("attested", "attested"),
        PracticeStatus::Met => ("pass", "met"),
        PracticeStatus::NotApplicable => ("na", "not applicable"),
    };
    Look { class, words }
}

pub fn finding(status: Status) -> Look {
    let (class, words) = match status {
        Status::Fail => ("fail", "failed"),
        Status::Unknown => ("unknown", "unknown"),
        Status::Pass => ("pass", "passed"),
        Status::NotApplicable => ("na", "not applicable"),
    };
    Look { class, words }
}

impl Look {
    /// The symbol, hidden from screen readers: words stand beside it.
    pub fn icon(&self) -> Icon {
        Icon(self.class)
    }
}

pub struct Icon(pub &'static str);

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<svg class=\"i {0}\" aria-hidden=\"true\"><use href=\"#i-{0}\"/></svg>", self.0)
    }
}

/// A severity with its mark.
pub fn severity(severity: Severity) -> String {
    let name = severity.as_str();
    format!("<span class=\"sev {name}\">{name}</span>")
}

/// A link to the findings that pass these filters.
pub fn link(filters: &[(&str, &str)], text: impl fmt::Display) -> String {
    let pairs: Vec<String> = filters.iter().map(|(key, value)| format!("{key}={}", fragment(value))).collect();
    format!("<a href=\"#{}\">{text}</a>", pairs.join("&amp;"))
}

/// `12,345`.
pub fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + 4);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 check`, `2 checks`.
pub fn counted(count: u64, one: &str) -> String {
    format!("{} {}", number(count), plural(count, one))
}

/// The first of many names, and how many more there are.
pub fn few<'a>(names: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let mut out = String::new();
    for (index, name) in names.iter().take(most).enumerate() {
        // Writing to a string does not fail.
        let _ = write!(out, "{}{}", if index > 0 { ", " } else { "" }, Text(name));
    }
    if names.len() > most {
        let _ = write!(out, " and {} more", names.len() - most);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lists_are_short() {
        assert_eq!((number(0), number(999), number(50_000)), ("0".into(), "999".into(), "50,000".into()));
        assert_eq!((counted(1, "check"), counted(1000, "check")), ("1 check".into(), "1,000 checks".into()));
        assert_eq!(few(["a", "<b>", "c"], 2), "a, &lt;b&gt; and 1 more");
    }

    #[test]
    fn links_hold_hostile_values() {
        assert_eq!(link(&[("q", "a\"><b>&x=1")], "t"), "<a href=\"#q=a%22%3E%3Cb%3E%26x%3D1\">t</a>");
    }
}
