//! `posture.toml`: found in the working directory or above it, or named. Whatever is not understood in it is an error with
//! file and line: a misspelt key would otherwise silently attest nothing, or select everything.
//!
//! A section is a file here: its `Raw` is what serde reads, with the place of each value, and a function makes of it what
//! the program works with. A new section is a field of [`Raw`], a field of [`Config`] and a line in [`parse`].

mod attestation;
mod template;
mod value;

pub use template::template;

use crate::gate::{Attestation, Date};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use value::Wrong;

/// The name that is looked for.
pub const NAME: &str = "posture.toml";

/// What the file says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub attestations: Vec<Attestation>,
}

/// A file that cannot be used, with the place.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {}: {error}", path.display())]
    Read { path: PathBuf, error: std::io::Error },
    #[error("{}:{line}: {message}", path.display())]
    Wrong { path: PathBuf, line: usize, message: String },
}

/// The file as it stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default, rename = "attestation")]
    attestations: Vec<attestation::Raw>,
}

/// The nearest `posture.toml` from `from` upwards.
pub fn find(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|dir| dir.join(NAME)).find(|path| path.is_file())
}

impl Config {
    /// Reads a file. `today` is the last day that a statement can be of.
    ///
    /// # Errors
    /// When it cannot be read, or says something unknown, unfinished or contradictory.
    pub fn read(path: &Path, today: Date) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read { path: path.to_owned(), error })?;
        parse(&text, today).map_err(|(at, message)| {
            let line = text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
            ConfigError::Wrong { path: path.to_owned(), line, message }
        })
    }
}

fn parse(text: &str, today: Date) -> Result<Config, Wrong> {
    let raw: Raw = toml::from_str(text).map_err(|error| {
        let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        (error.span().map_or(0, |span| span.start), message)
    })?;
    Ok(Config { attestations: attestation::all(raw.attestations, today)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::pillar;
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
        let error = Config::read(&path, today()).unwrap_err().to_string();
        error.rsplit_once("posture.toml:").unwrap().1.to_owned()
    }

    #[test]
    fn a_whole_entry_is_read() {
        let config = parse(GOOD, today()).unwrap();
        assert_eq!(config.attestations[0].practice.id, "SEC10-BP02");
        assert_eq!(config.attestations[0].expires.to_string(), "2027-03-31");
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
