//! `[severity]`: check ids and globs, each with the severity that counts in the place of the card's.

use super::scan;
use super::value::Wrong;
use crate::catalogue::{self, Check};
use crate::gate::Severities;
use posture_estate::finding::Severity;
use std::collections::BTreeMap;
use toml::Spanned;

/// The table as it stands in the file.
pub(super) type Raw = BTreeMap<Spanned<String>, Spanned<String>>;

/// Reads the table. An id wins over globs; globs must not contradict each other, for the lines of a table have no order.
///
/// # Errors
/// At the first line that names no check or severity, or contradicts another.
pub(super) fn read(raw: Raw) -> Result<Severities, Wrong> {
    let mut severities = Severities::default();
    // By check: what was said, whether by its id, and by which name.
    let mut said: BTreeMap<&str, (Severity, bool, String)> = BTreeMap::new();
    let mut lines: Vec<_> = raw.into_iter().collect();
    // Ids first, so that no glob takes them.
    lines.sort_by_key(|(name, _)| (catalogue::find(name.get_ref()).is_none(), name.span().start));
    for (name, word) in lines {
        let at = name.span().start;
        let name = name.into_inner();
        let severity = scan::severity(word)?;
        for check in catalogue::matching(&name).map_err(|error| (at, error.to_string()))? {
            let exact = check.id == name;
            match said.get(check.id) {
                Some((_, true, _)) => continue,
                Some((other, false, by)) if !exact && *other != severity => return Err((at, both(check, &name, by))),
                _ => {}
            }
            said.insert(check.id, (severity, exact, name.clone()));
            severities.set(check, severity);
        }
    }
    Ok(severities)
}

fn both(check: &Check, name: &str, other: &str) -> String {
    format!("{name:?} and {other:?} give {} different severities; name it on a line of its own", check.id)
}
