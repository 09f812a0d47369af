//! The rules of a run: the checks that ran, with what their cards say.

use super::words::level;
use crate::catalogue::{self, Check};
use crate::record::Record;
use crate::report::Head;
use posture_estate::finding::{Severity, Status};
use posture_estate::text::safe;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Characters of a description that GitHub shows.
const DESCRIPTION: usize = 1024;
/// Tags of a rule that GitHub shows.
const TAGS: usize = 10;

/// What is known about the checks of a report.
pub struct RuleSet(BTreeMap<String, Rule>);

/// What the findings say of a check.
#[derive(Default)]
pub struct Rule {
    index: usize,
    /// The worst of its findings; a configuration may have changed the card's.
    severity: Option<Severity>,
    title: String,
    practices: Vec<String>,
    /// Unknown although every answer came, and what the first of them says.
    pub undecided: u64,
    pub first: String,
}

impl RuleSet {
    pub fn of(head: &Head) -> RuleSet {
        let mut rules = RuleSet(head.scan.checks.iter().map(|id| (id.clone(), Rule::default())).collect());
        rules.number();
        rules
    }

    fn number(&mut self) {
        self.0.values_mut().enumerate().for_each(|(index, rule)| rule.index = index);
    }

    /// Takes note of a finding.
    pub fn see(&mut self, record: &Record) {
        if !self.0.contains_key(&*record.check_id) {
            self.0.insert(record.check_id.clone().into_owned(), Rule::default());
            self.number();
        }
        let Some(rule) = self.0.get_mut(&*record.check_id) else { return };
        rule.severity = rule.severity.max(Some(record.severity));
        if rule.title.is_empty() {
            rule.title = safe(&record.title).into_owned();
            rule.practices = record.practices.iter().map(|id| safe(id).into_owned()).collect();
        }
        if record.status == Status::Unknown && record.gap.is_none() {
            rule.undecided += 1;
            if rule.first.is_empty() {
                rule.first.clone_from(&record.message);
            }
        }
    }

    pub fn index(&self, check_id: &str) -> Option<usize> {
        self.0.get(check_id).map(|rule| rule.index)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Rule)> {
        self.0.iter().map(|(id, rule)| (id.as_str(), rule))
    }

    /// The tool, with its rules and the kinds of its notifications.
    pub fn driver(&self, head: &Head, notifications: Vec<Value>) -> Value {
        json!({
            "name": "posture",
            "organization": "aws-posture",
            "version": head.tool.version,
            "semanticVersion": head.tool.version,
            "informationUri": "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/welcome.html",
            "rules": self.iter().map(|(id, rule)| rule.descriptor(id)).collect::<Vec<_>>(),
            "notifications": notifications,
        })
    }
}

impl Rule {
    fn descriptor(&self, id: &str) -> Value {
        let check = catalogue::find(id);
        let severity = self.severity.or(check.map(Check::severity)).unwrap_or(Severity::Medium);
        let title = match check.map(|check| check.card.title).unwrap_or(&self.title) {
            "" => id,
            title => title,
        };
        let practices = check.map_or(&self.practices, |check| &check.practices);
        let tags: Vec<&str> = ["security", "aws"]
            .into_iter()
            .chain(check.map(|check| check.service))
            .chain(practices.iter().map(String::as_str))
            .take(TAGS)
            .collect();
        let mut rule = json!({
            "id": id,
            "name": pascal_case(id),
            "shortDescription": { "text": format!("{title}.") },
            "fullDescription": { "text": check.map_or_else(|| format!("{title}."), |check| short(check.card.why)) },
            "help": help(id, check),
            "defaultConfiguration": { "level": level(severity) },
            "properties": { "tags": tags, "precision": "very-high", "problem.severity": problem(severity) },
        });
        if let Some(score) = score(severity) {
            rule["properties"]["security-severity"] = score.into();
        }
        if let Some(page) = check.and_then(Check::practice).and_then(|practice| practice.page()) {
            rule["helpUri"] = page.into();
        }
        rule
    }
}

/// What the card says of why, what passes and how to fix it.
fn help(id: &str, check: Option<&Check>) -> Value {
    let Some(check) = check else {
        return json!({ "text": format!("This version of posture has no check {id}: it is of another version's report.") });
    };
    let card = &check.card;
    let prose = card.prose();
    let below_title = prose.split_once('\n').map_or(prose, |(_, rest)| rest.trim_start());
    let listed = |form: fn((&String, &String)) -> String| card.reasons.iter().map(form).collect::<Vec<_>>();
    let text = format!(
        "{}\n\nWhat passes: {}\n\nReasons: {}\n\nFix: {}\n\nWhat it can break: {}\n\nThe whole card: posture explain {id}",
        card.why,
        card.passes,
        listed(|(slug, what)| format!("{slug} ({what})")).join(", "),
        card.fix.console,
        card.fix.can_break
    );
    let reasons = listed(|(slug, what)| format!("- `{slug}`: {what}")).join("\n");
    json!({ "text": text, "markdown": format!("{}\n\n## Reasons\n\n{reasons}\n", below_title.trim_end()) })
}

/// GitHub's score: over 9.0 is critical, from 7.0 high, from 4.0 medium, from 0.1 low; what is for information has none.
fn score(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Info => None,
    }
}

fn problem(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "recommendation",
    }
}

/// `s3_bucket_not_public` as `S3BucketNotPublic`: names of SARIF rules are identifiers.
fn pascal_case(id: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    id.split('_').map(word).collect()
}

/// The text on one line, as much of it as is shown.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= DESCRIPTION {
        return line;
    }
    line.chars().take(DESCRIPTION - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers_and_descriptions_short() {
        assert_eq!(pascal_case("s3_bucket_not_public"), "S3BucketNotPublic");
        assert_eq!(short("a\n  b"), "a b");
        let long = short(&"ü ".repeat(2000));
        assert_eq!(long.chars().count(), DESCRIPTION);
        assert!(long.ends_with('…'));
    }
}
