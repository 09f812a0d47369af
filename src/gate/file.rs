//! `posture.toml`: found in the working directory or above it, or named with `--attestations`. Whatever is not understood in it
//! is an error with file and line: a misspelt key would otherwise silently attest nothing.

use super::{Attestation, Date};
use crate::catalogue::{pillar, practice_id};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// The name that is looked for.
pub const NAME: &str = "posture.toml";

/// What the file says.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub attestations: Vec<Attestation>,
}

/// A file that cannot be used, with the place.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("cannot read {}: {error}", path.display())]
    Read { path: PathBuf, error: std::io::Error },
    #[error("{}:{line}: {message}", path.display())]
    Wrong { path: PathBuf, line: usize, message: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default, rename = "attestation")]
    attestations: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    practice: Spanned<String>,
    accounts: Spanned<Accounts>,
    statement: Spanned<String>,
    owner: Spanned<String>,
    date: Spanned<Day>,
    expires: Spanned<Day>,
    evidence: Spanned<String>,
}

/// `"all"`, or a list of account numbers.
#[derive(Deserialize)]
#[serde(untagged, expecting = "accounts is \"all\" or a list of account numbers in quotes")]
enum Accounts {
    Word(String),
    List(Vec<String>),
}

/// A date, with or without quotes.
#[derive(Deserialize)]
#[serde(untagged, expecting = "this is a date such as 2026-03-31")]
enum Day {
    Date(toml::value::Datetime),
    Text(String),
}

/// The nearest `posture.toml` from `from` upwards.
pub fn find(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|dir| dir.join(NAME)).find(|path| path.is_file())
}

impl Settings {
    /// Reads a file. `today` is the last day that a statement can be of.
    ///
    /// # Errors
    /// When it cannot be read, or says something unknown, unfinished or contradictory.
    pub fn read(path: &Path, today: Date) -> Result<Settings, FileError> {
        let text = std::fs::read_to_string(path).map_err(|error| FileError::Read { path: path.to_owned(), error })?;
        parse(&text, today).map_err(|(at, message)| {
            let line = text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
            FileError::Wrong { path: path.to_owned(), line, message }
        })
    }
}

type Wrong = (usize, String);

fn parse(text: &str, today: Date) -> Result<Settings, Wrong> {
    let raw: Raw = toml::from_str(text).map_err(|error| {
        let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        (error.span().map_or(0, |span| span.start), message)
    })?;
    let mut attestations = Vec::new();
    let mut seen = BTreeSet::new();
    for entry in raw.attestations {
        let at = entry.practice.span().start;
        let one = attestation(entry, today)?;
        if !seen.insert((one.practice.id.clone(), one.accounts.clone())) {
            return Err((at, format!("{} is attested twice for the same accounts", one.practice.id)));
        }
        attestations.push(one);
    }
    Ok(Settings { attestations })
}

fn attestation(entry: Entry, today: Date) -> Result<Attestation, Wrong> {
    let (name, at) = cut(entry.practice);
    let id = practice_id(&name).map_err(|error| (at.start, error.to_string()))?;
    let practice = pillar().find(id).ok_or_else(|| (at.start, format!("no practice {id:?}")))?;
    if !practice.attestable() {
        let why = format!("{} is judged by the state of the account; no attestation decides it", practice.id);
        return Err((at.start, why));
    }
    let (date, date_at) = day(entry.date)?;
    let (expires, expires_at) = day(entry.expires)?;
    if date > today {
        return Err((date_at, format!("the date {date} is in the future")));
    }
    if expires <= date {
        return Err((expires_at, format!("it expires on {expires}, not after its date {date}")));
    }
    let evidence = filled("evidence", entry.evidence)?;
    Ok(Attestation {
        practice,
        accounts: accounts(entry.accounts)?,
        statement: filled("statement", entry.statement)?,
        owner: filled("owner", entry.owner)?,
        date,
        expires,
        evidence,
    })
}

fn cut<T>(value: Spanned<T>) -> (T, Range<usize>) {
    let span = value.span();
    (value.into_inner(), span)
}

fn filled(key: &str, value: Spanned<String>) -> Result<String, Wrong> {
    let (text, at) = cut(value);
    let text = text.trim().to_owned();
    if text.is_empty() { Err((at.start, format!("{key} is empty"))) } else { Ok(text) }
}

fn day(value: Spanned<Day>) -> Result<(Date, usize), Wrong> {
    let (value, at) = cut(value);
    let text = match value {
        Day::Date(date) => date.to_string(),
        Day::Text(text) => text,
    };
    text.parse().map(|date| (date, at.start)).map_err(|error| (at.start, error))
}

fn accounts(value: Spanned<Accounts>) -> Result<Vec<String>, Wrong> {
    let (value, at) = cut(value);
    let list = match value {
        Accounts::Word(word) if word == "all" => return Ok(Vec::new()),
        Accounts::Word(word) => {
            return Err((at.start, format!("accounts is {word:?}, not \"all\" or a list of account numbers")));
        }
        Accounts::List(list) if list.is_empty() => {
            return Err((at.start, "accounts is empty; \"all\" means every account".to_owned()));
        }
        Accounts::List(list) => list,
    };
    let mut ids = Vec::new();
    for id in list {
        if id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err((at.start, format!("{id:?} is not an account number of twelve digits")));
        }
        ids.push(id);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "# statements\n[[attestation]]\npractice = \"SEC10-BP02\"\naccounts = [\"111122223333\"]\n\
                        statement = \"exercised in March\"\nowner = \"ana@example.com\"\ndate = 2026-03-31\n\
                        expires = \"2027-03-31\"\nevidence = \"https://wiki.example.com/ir\"\n";

    fn today() -> Date {
        "2026-11-22".parse().unwrap()
    }

    /// The line and message of what is wrong after a replacement.
    fn wrong(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "{from}");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(NAME);
        std::fs::write(&path, GOOD.replace(from, to)).unwrap();
        let error = Settings::read(&path, today()).unwrap_err().to_string();
        error.rsplit_once("posture.toml:").unwrap().1.to_owned()
    }

    #[test]
    fn a_whole_entry_is_read() {
        let settings = parse(GOOD, today()).unwrap();
        assert_eq!(settings.attestations[0].practice.id, "SEC10-BP02");
        assert_eq!(settings.attestations[0].expires.to_string(), "2027-03-31");
        let slug = GOOD.replace("SEC10-BP02", &pillar().find("SEC10-BP02").unwrap().slug);
        let all = slug.replace("[\"111122223333\"]", "\"all\"");
        assert!(parse(&all, today()).unwrap().attestations[0].covers("999999999999"));
        assert!(parse("", today()).unwrap().attestations.is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (from, to, line, words) in [
            ("owner", "ownr", "6:", "unknown field `ownr`"),
            ("[[attestation]]", "[[atestation]]", "2:", "unknown field `atestation`"),
            ("SEC10-BP02", "SEC10-BP20", "3:", "no practice \"SEC10-BP20\""),
            ("SEC10-BP02", "SEC 10", "3:", "can mean SEC08-BP01"),
            ("SEC10-BP02", "SEC01-BP02", "3:", "no attestation decides it"),
            ("2026-03-31", "2026-02-30", "7:", ""),
            ("2026-03-31", "\"31.3.2026\"", "7:", "is not a date"),
            ("2026-03-31", "true", "7:", "date such as"),
            ("date = 2026-03-31", "date = 2026-12-31", "7:", "in the future"),
            ("2027-03-31", "2026-03-31", "8:", "not after its date"),
            ("111122223333", "1111", "4:", "twelve digits"),
            ("[\"111122223333\"]", "[]", "4:", "\"all\" means"),
            ("[\"111122223333\"]", "111122223333", "4:", "account numbers"),
            ("exercised in March", " ", "5:", "statement is empty"),
            ("statement = \"exercised in March\"\n", "", "2:", "missing field `statement`"),
            ("evidence = ", "evidence ", "9:", ""),
        ] {
            let error = wrong(from, to);
            assert!(error.starts_with(line) && error.contains(words) && !error.contains('\n'), "{to}: {error}");
        }
        let (at, message) = parse(&GOOD.repeat(2), today()).unwrap_err();
        assert!(at > GOOD.len() && message.contains("twice"), "{at} {message}");
    }

    #[test]
    fn it_is_found_upwards() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(dir.path().join(NAME), GOOD).unwrap();
        assert_eq!(find(&deep), Some(dir.path().join(NAME)));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC*", cut in 0..GOOD.len()) {
            let _ = parse(&text, today());
            let _ = parse(&format!("{}{text}", &GOOD[..cut]), today());
        }
    }
}
