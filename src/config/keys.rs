//! Keys that the file does not have, with the nearest one that it has. Each table names its keys beside the fields that serde reads
//! them into; a test holds the two against each other.

use super::value::Wrong;
use super::{attestation, scan, suppression};
use posture_estate::text::closest;
use toml::de::{DeTable, DeValue};

/// The tables of the file.
pub const KEYS: &[&str] = &["scan", "severity", "check", "attestation", "suppression"];

/// The first key that its table does not have; `None` also for what is no TOML, which its reader tells. The keys of `[severity]` and
/// `[check.ID]` are names of checks and their settings: those are looked up where they are read.
pub fn unknown(text: &str) -> Option<Wrong> {
    let file = DeTable::parse(text).ok()?;
    let mut wrong: Vec<Wrong> = strays(file.get_ref(), KEYS).collect();
    for (name, value) in file.get_ref() {
        let known = match name.get_ref().as_ref() {
            "scan" => scan::KEYS,
            "attestation" => attestation::KEYS,
            "suppression" => suppression::KEYS,
            _ => continue,
        };
        let tables = match value.get_ref() {
            DeValue::Array(all) => all.iter().map(|one| one.get_ref()).collect(),
            one => vec![one],
        };
        wrong.extend(tables.into_iter().filter_map(DeValue::as_table).flat_map(|table| strays(table, known)));
    }
    wrong.into_iter().min()
}

/// The keys of a table that are none of the known ones.
fn strays<'a>(table: &'a DeTable<'_>, known: &'static [&'static str]) -> impl Iterator<Item = Wrong> + 'a {
    let stray = |key: &&toml::Spanned<_>| !known.contains(&AsRef::<str>::as_ref(key.get_ref()));
    table.keys().filter(move |key| stray(key)).map(|key| (key.span().start, message(key.get_ref(), known)))
}

fn message(key: &str, known: &[&str]) -> String {
    // The keys of `[scan]` are easily put above every table.
    if known == KEYS && scan::KEYS.contains(&key) {
        return format!("unknown key {key:?}; it belongs into [scan]");
    }
    let near = closest(key, known.iter().copied());
    format!("unknown key {key:?}{near}; there are {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_of_the_first_stray_is_named() {
        let attestation = "[[attestation]]\nownr = \"a\"\nzzz = 1\n";
        let (at, message) = unknown(attestation).unwrap();
        assert_eq!(at, 16);
        assert!(message.starts_with("unknown key \"ownr\" (did you mean \"owner\"?); there are practice, accounts"));
        assert!(unknown("profile = \"a\"\n").unwrap().1.ends_with("it belongs into [scan]"));
        assert!(unknown("[scan]\nregion = 1\n").unwrap().1.contains("did you mean \"regions\""));
        assert_eq!(unknown("[scan]\nregions = 1\n[severity]\nanything = 1\n"), None);
        assert_eq!(unknown("[scan\n"), None);
    }

    #[test]
    fn the_keys_are_those_that_are_read() {
        fn read<T: serde::de::DeserializeOwned>() -> Vec<String> {
            let error = toml::from_str::<T>("\"\" = 0").err().expect("no table has an empty key").to_string();
            let (_, expected) = error.split_once(", expected one of ").expect("serde lists the keys that it knows");
            expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
        }
        assert_eq!(read::<crate::config::Raw>(), KEYS);
        assert_eq!(read::<scan::Raw>(), scan::KEYS);
        assert_eq!(read::<attestation::Raw>(), attestation::KEYS);
        assert_eq!(read::<suppression::Raw>(), suppression::KEYS);
    }
}
