//! Cards: a TOML fence for machines, a title, and prose that is the documentation, the `explain` text and the fix.

use posture_estate::finding::Severity;
use posture_estate::settings::{self as setting, Declared};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one run of a check covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckScope {
    Account,
    Region,
    Organization,
}

impl CheckScope {
    pub fn as_str(self) -> &'static str {
        match self {
            CheckScope::Account => "account",
            CheckScope::Region => "region",
            CheckScope::Organization => "organization",
        }
    }
}

/// The names that others give to the same question.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Equivalents {
    /// Security Hub control ids, `IAM.9`.
    pub security_hub: Vec<String>,
    /// CIS AWS Foundations Benchmark, `v5.0:1.4`.
    pub cis: Vec<String>,
    /// AWS Config managed rules.
    pub config: Vec<String>,
    /// Prowler check ids.
    pub prowler: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    severity: Severity,
    scope: CheckScope,
    practices: Vec<String>,
    calls: Vec<String>,
    #[serde(default)]
    worsens_with: Vec<String>,
    #[serde(default)]
    equivalents: Equivalents,
    #[serde(default)]
    settings: BTreeMap<String, setting::Raw>,
    reasons: BTreeMap<String, String>,
}

/// A parsed card.
#[derive(Clone, Debug)]
pub struct Card {
    pub severity: Severity,
    pub scope: CheckScope,
    /// The practices that it bears on by slug, the most telling first.
    pub slugs: Vec<String>,
    /// The AWS operations that the probe may cause, `s3:GetBucketPolicy`.
    pub calls: Vec<String>,
    /// The lists in the evidence of a failed finding that say what is wrong, `open` or `paths.path`: a failure is worse than
    /// before when one of them has gained an entry.
    pub worsens_with: Vec<String>,
    pub equivalents: Equivalents,
    /// What an organisation may set otherwise, by name.
    pub settings: BTreeMap<String, Declared>,
    /// The conditions that the check can find broken: a slug that stays, and what is broken, as one line.
    pub reasons: BTreeMap<String, String>,
    /// The good state, as a sentence.
    pub title: &'static str,
    pub why: &'static str,
    pub passes: &'static str,
    pub fix: Fix,
    /// The whole file.
    pub text: &'static str,
}

/// How to get there, and at what price.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Fix {
    pub console: &'static str,
    pub cli: &'static str,
    pub terraform: &'static str,
    pub can_break: &'static str,
}

/// A card that is not one.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    #[error("it does not begin with a ```toml fence")]
    Fence,
    #[error("front matter: {0}")]
    Front(#[from] toml::de::Error),
    #[error("setting {0:?}: {1}")]
    Setting(String, String),
    #[error("reason {0:?}: {1}")]
    Reason(String, &'static str),
    #[error("{0:?} is missing or empty")]
    Missing(&'static str),
}

impl Card {
    /// Reads a card.
    ///
    /// # Errors
    /// When the fence, a known key or a section is missing, or there is an unknown key.
    pub fn parse(text: &'static str) -> Result<Card, CardError> {
        let (front, body) =
            text.strip_prefix("```toml\n").and_then(|rest| rest.split_once("\n```\n")).ok_or(CardError::Fence)?;
        let front: Front = toml::from_str(front)?;
        let declared = |(name, raw): (String, setting::Raw)| match raw.declared() {
            Ok(declared) => Ok((name, declared)),
            Err(why) => Err(CardError::Setting(name, why)),
        };
        let settings = front.settings.into_iter().map(declared).collect::<Result<_, _>>()?;
        if front.reasons.is_empty() {
            return Err(CardError::Missing("[reasons]"));
        }
        for (slug, what) in &front.reasons {
            let why = |why| CardError::Reason(slug.clone(), why);
            if !is_slug(slug) {
                return Err(why("a slug is lower-case words joined by underscores"));
            }
            if what.trim().is_empty() || what.contains('\n') {
                return Err(why("it says on one line what is broken"));
            }
        }
        let title = body
            .lines()
            .find_map(|line| line.strip_prefix("# "))
            .filter(|title| !title.trim().is_empty())
            .ok_or(CardError::Missing("# Title"))?;
        let fix = section(body, "## Fix")?;
        Ok(Card {
            severity: front.severity,
            scope: front.scope,
            slugs: front.practices,
            calls: front.calls,
            worsens_with: front.worsens_with,
            equivalents: front.equivalents,
            settings,
            reasons: front.reasons,
            title: title.trim(),
            why: section(body, "## Why it matters")?,
            passes: section(body, "## What passes")?,
            fix: Fix {
                console: section(fix, "### Console")?,
                cli: section(fix, "### CLI")?,
                terraform: section(fix, "### Terraform")?,
                can_break: section(fix, "### What it can break")?,
            },
            text,
        })
    }

    /// The prose below the front matter.
    pub fn prose(&self) -> &'static str {
        self.text.split_once("\n```\n").map_or(self.text, |(_, body)| body.trim_start())
    }
}

/// `no_flow_log`: lower-case words, joined by underscores.
fn is_slug(text: &str) -> bool {
    let word = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.split('_').all(|part| !part.is_empty() && word(part))
}

/// The text under a heading, up to the next heading of the same or a higher level; code fences may hold `#` lines.
fn section(text: &'static str, heading: &'static str) -> Result<&'static str, CardError> {
    let level = heading.bytes().take_while(|byte| *byte == b'#').count();
    let (mut start, mut end, mut fenced, mut at) = (None, text.len(), false, 0);
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        let hashes = bare.bytes().take_while(|byte| *byte == b'#').count();
        if bare.starts_with("```") {
            fenced = !fenced;
        } else if !fenced && start.is_none() && bare == heading {
            start = Some(at + line.len());
        } else if !fenced && start.is_some() && (1..=level).contains(&hashes) && bare[hashes..].starts_with(' ') {
            end = at;
            break;
        }
        at += line.len();
    }
    let start = start.ok_or(CardError::Missing(heading))?;
    let section = text[start..end].trim();
    if section.is_empty() { Err(CardError::Missing(heading)) } else { Ok(section) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "```toml\nseverity = \"low\"\nscope = \"account\"\npractices = [\"sec_identities_audit\"]\ncalls = []\n\
                        [reasons]\nbad = \"it is bad\"\n```\n\n\
                        # Good\n\n## Why it matters\nw\n\n## What passes\np\n\n## Fix\n### Console\nc\n### CLI\n```sh\n\
                        # a comment\naws x\n```\n### Terraform\nt\n### What it can break\nb\n";

    #[test]
    fn sections_are_found_around_code() {
        let card = Card::parse(GOOD).unwrap();
        assert_eq!(card.title, "Good");
        assert_eq!(card.fix.cli, "```sh\n# a comment\naws x\n```");
        assert_eq!(card.fix.can_break, "b");
        assert_eq!(card.why, "w");
    }

    #[test]
    fn settings_are_typed_and_have_a_range() {
        let with = |lines: &str| {
            let setting = format!("calls = []\n[settings.days]\n{lines}\n");
            Card::parse(GOOD.replace("calls = []", &setting).leak()).map(|card| card.settings["days"].clone())
        };
        let good = "type = \"integer\"\ndefault = 90\nmin = 1\nmax = 400\ndoc = \"older fails\"";
        let declared = with(good).unwrap();
        assert_eq!((declared.range, declared.default.json()), (Some((1, 400)), 90.into()));
        for (from, to, words) in [
            ("max = 400", "", "min and max"),
            ("max = 400", "max = 1", "min below max"),
            ("default = 90", "default = 0", "from 1 to 400"),
            ("default = 90", "default = \"90\"", "whole number"),
            ("default = 90", "", "no default"),
            ("\"integer\"", "\"strings\"", "only an integer"),
            ("\"integer\"", "\"number\"", "unknown variant"),
            ("older fails", " ", "doc is one line"),
            ("min = 1", "min = 1\nmin_items = 1", "only a list has min_items"),
            ("min = 1", "min = 1\nunit = \"days\"", "unknown field `unit`"),
        ] {
            let error = with(&good.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(words), "{to}: {error}");
        }
    }

    #[test]
    fn reasons_are_slugs_with_a_line_each() {
        assert_eq!(Card::parse(GOOD).unwrap().reasons["bad"], "it is bad");
        for (to, words) in [
            ("[reasons]", "\"[reasons]\" is missing or empty"),
            ("", "missing field `reasons`"),
            ("[reasons]\nbad = \" \"", "on one line"),
            ("[reasons]\nbad = \"it\\nis\"", "on one line"),
            ("[reasons]\nBad = \"it is\"", "lower-case words"),
            ("[reasons]\nbad__off = \"it is\"", "lower-case words"),
            ("[reasons]\n\"not bad\" = \"it is\"", "lower-case words"),
        ] {
            let text = GOOD.replace("[reasons]\nbad = \"it is bad\"", to).leak();
            let error = Card::parse(text).unwrap_err().to_string();
            assert!(error.contains(words), "{to}: {error}");
        }
    }

    #[test]
    fn unknown_keys_and_missing_sections_are_errors() {
        let unknown: &'static str = GOOD.replace("calls = []", "calls = []\ncolour = 1").leak();
        assert!(Card::parse(unknown).unwrap_err().to_string().contains("colour"));
        let missing: &'static str = GOOD.replace("### What it can break\nb\n", "").leak();
        assert!(Card::parse(missing).unwrap_err().to_string().contains("What it can break"));
    }
}
