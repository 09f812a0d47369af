//! What to do about a finding, as plain text and links: for the formats of other systems, which show no Markdown.

use crate::catalogue::{self, Check};
use crate::record::{GapLine, Record};
use posture_estate::finding::GapKind;
use posture_estate::finding::Status;
use std::collections::HashMap;
use std::sync::OnceLock;

/// How to get to a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// One paragraph without markup.
    pub text: String,
    /// Where there is more than that.
    pub more: Option<&'static str>,
    /// Pages that say more, those of AWS.
    pub links: &'static [&'static str],
}

impl Remedy {
    /// The text and where there is more.
    pub fn whole(&self) -> String {
        self.more.map_or_else(|| self.text.clone(), |more| format!("{} {more}", self.text))
    }
}

/// What mends a failure, or lets an unknown finding be decided; nothing for the rest.
pub fn remedy(record: &Record) -> Option<Remedy> {
    let card = fixes().get(&*record.check_id);
    let (links, mut more) = (links_of(record), None);
    let text = match record.status {
        Status::Fail => {
            more = Some(card?.more.as_str());
            card?.text.clone()
        }
        Status::Unknown => {
            let lines = record.gap.iter().flat_map(|gap| gap.lines());
            let mut steps: Vec<String> = lines.map(unblock).collect();
            steps.dedup();
            if steps.is_empty() {
                "look at it by hand: what was seen does not decide it".to_owned()
            } else {
                steps.join("; ")
            }
        }
        Status::Pass | Status::NotApplicable => return None,
    };
    Some(Remedy { text, more, links })
}

/// The pages of AWS behind a check.
pub fn links_of(record: &Record) -> &'static [&'static str] {
    fixes().get(&*record.check_id).map_or(&[], |fix| &fix.links)
}

/// What was not seen and why, a sentence a call.
pub fn unseen(record: &Record) -> impl Iterator<Item = String> {
    record.gap.iter().flat_map(|gap| gap.lines()).map(|line| {
        let GapLine { call, action, kind, message } = line;
        match kind {
            GapKind::Denied => format!("{call} was denied ({message}); it needs the IAM action {action}"),
            kind => format!("{call} gave no answer: {} ({message})", kind.as_str()),
        }
    })
}

fn unblock(line: &GapLine) -> String {
    match line.kind {
        GapKind::Denied => format!("allow the principal that scans the IAM action {}, then scan again", line.action),
        GapKind::Unsupported => format!("{} does not exist here: look at it by hand", line.call),
        _ => format!("scan again when {} answers", line.call),
    }
}

struct Fix {
    text: String,
    more: String,
    links: Vec<&'static str>,
}

/// By check id; made once, as reports have many findings and few checks.
fn fixes() -> &'static HashMap<&'static str, Fix> {
    static FIXES: OnceLock<HashMap<&'static str, Fix>> = OnceLock::new();
    FIXES.get_or_init(|| catalogue::checks().iter().map(|check| (check.id, fix(check))).collect())
}

fn fix(check: &'static Check) -> Fix {
    let more = format!("Commands, Terraform and what it can break: posture explain {}", check.id);
    Fix { text: plain(check.card.fix.console), more, links: links(check.card.prose()) }
}

/// Markdown on one line, without emphasis and code marks.
fn plain(markdown: &str) -> String {
    let words = markdown.split_whitespace().collect::<Vec<_>>().join(" ");
    words.replace("**", "").replace('`', "")
}

/// The pages of AWS that a text names, once each.
fn links(text: &'static str) -> Vec<&'static str> {
    let mut found: Vec<&str> = Vec::new();
    for (start, scheme) in text.match_indices("https://") {
        let rest = &text[start..];
        let end = rest.find(|c: char| c.is_whitespace() || "<>)]\"'`,;|*".contains(c)).unwrap_or(rest.len());
        let url = rest[..end].trim_end_matches('.');
        let host = url[scheme.len()..].split('/').next().unwrap_or_default();
        if (host == "docs.aws.amazon.com" || host == "repost.aws") && !found.contains(&url) {
            found.push(url);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_cut_from_prose() {
        let text = "See <https://docs.aws.amazon.com/a/b.html#c>, https://docs.aws.amazon.com/d. Not https://evil.example/x or \
                    \"https://docs.aws.amazon.com.evil.example/\"; again https://docs.aws.amazon.com/d";
        assert_eq!(links(text), ["https://docs.aws.amazon.com/a/b.html#c", "https://docs.aws.amazon.com/d"]);
    }

    #[test]
    fn every_check_has_a_remedy_of_one_line_without_markup() {
        for (id, fix) in fixes() {
            assert!(
                fix.more.ends_with(id) && !fix.text.contains(['\n', '`']) && !fix.text.contains("**"),
                "{}",
                fix.text
            );
            assert!(!fix.links.is_empty(), "the card of {id} links no page of AWS");
        }
    }
}
