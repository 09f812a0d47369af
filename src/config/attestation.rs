//! `[[attestation]]`: a statement by a person on a practice.

use super::value::{Accounts, Day, Wrong, accounts, cut, day, filled};
use crate::catalogue::{pillar, practice_id};
use crate::record::Attestation;
use posture_estate::day::Date;
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::Spanned;

/// The keys of the table, as [`Raw`] reads them.
pub const KEYS: &[&str] = &["practice", "accounts", "statement", "owner", "date", "expires", "evidence"];

/// An entry as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, which [[attestation]] begins")]
pub(super) struct Raw {
    practice: Spanned<String>,
    accounts: Spanned<Accounts>,
    statement: Spanned<String>,
    owner: Spanned<String>,
    date: Spanned<Day>,
    expires: Spanned<Day>,
    evidence: Spanned<String>,
}

/// All entries; `today` is the last day that a statement can be of.
///
/// # Errors
/// At the first one that is unfinished or contradictory, or says again what another has said.
pub(super) fn all(entries: Vec<Raw>, today: Date) -> Result<Vec<Attestation>, Wrong> {
    let mut attestations = Vec::new();
    let mut seen = BTreeSet::new();
    for entry in entries {
        let at = entry.practice.span().start;
        let one = attestation(entry, today)?;
        if !seen.insert((one.practice.id.clone(), one.accounts.clone())) {
            return Err((at, format!("{} is attested twice for the same accounts", one.practice.id)));
        }
        attestations.push(one);
    }
    Ok(attestations)
}

fn attestation(entry: Raw, today: Date) -> Result<Attestation, Wrong> {
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
