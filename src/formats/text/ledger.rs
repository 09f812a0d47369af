//! The ledger in words: what became of the accounts and regions, those that were not seen by name.

use crate::record::{AccountRow, AccountStatus};
use crate::report::Scan;
use posture_estate::text::safe;
use std::collections::BTreeMap;

/// Accounts that are named before the rest is counted.
const NAMED: usize = 20;

/// `6 accounts: 3 scanned, 1 partly, …` and a line for each that is more than a number; nothing when all is as it should be in one.
pub(super) fn lines(scan: &Scan) -> (Option<String>, Vec<String>) {
    let told: Vec<String> = scan.accounts.iter().filter_map(line).collect();
    let more = told.len().saturating_sub(NAMED);
    let mut shown: Vec<String> = told.into_iter().take(NAMED).collect();
    if more > 0 {
        shown.push(format!("… and {more} more (all of them with --output json)"));
    }
    let [_, _, ..] = scan.accounts.as_slice() else { return (None, shown) };
    let mut counts: BTreeMap<AccountStatus, usize> = BTreeMap::new();
    for row in &scan.accounts {
        *counts.entry(row.status).or_default() += 1;
    }
    let counts: Vec<String> =
        counts.iter().map(|(status, count)| format!("{count} {}", status.as_str().replace('_', " "))).collect();
    (Some(counts.join(", ")), shown)
}

/// An account of which something was not seen.
fn line(row: &AccountRow) -> Option<String> {
    let name = row.name.as_deref().map(|name| format!(" ({})", safe(name))).unwrap_or_default();
    let status = |status: AccountStatus| status.as_str().replace('_', " ");
    if let Some(reason) = &row.reason {
        return Some(format!("account {}{name}: {}: {}", row.id, status(row.status), safe(reason)));
    }
    let mut places: BTreeMap<AccountStatus, Vec<&str>> = BTreeMap::new();
    for region in
        row.regions.iter().filter(|region| !matches!(region.status, AccountStatus::Scanned | AccountStatus::Partly))
    {
        places.entry(region.status).or_default().push(&region.name);
    }
    let places: Vec<String> =
        places.into_iter().map(|(state, names)| format!("{}: {}", status(state), safe(&names.join(", ")))).collect();
    (!places.is_empty()).then(|| format!("account {}{name}: regions {}", row.id, places.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RegionRow;

    fn row(status: AccountStatus, reason: Option<&str>, regions: &[(&str, AccountStatus)]) -> AccountRow {
        let region = |(name, status): &(&str, AccountStatus)| RegionRow { name: (*name).into(), status: *status };
        let (id, name) = ("111122223333".to_owned(), Some("prod\u{1b}".to_owned()));
        AccountRow {
            id,
            name,
            status,
            reason: reason.map(str::to_owned),
            regions: regions.iter().map(region).collect(),
        }
    }

    #[test]
    fn only_what_was_not_seen_has_a_line() {
        use AccountStatus::{Denied, NotEnabled, Partly, Scanned, Suspended, Unreachable};
        assert_eq!(line(&row(Scanned, None, &[("eu-west-1", Scanned)])), None);
        assert_eq!(line(&row(Partly, None, &[("eu-west-1", Partly)])), None);
        let lost = line(&row(Suspended, Some("the account is suspended"), &[])).unwrap();
        assert_eq!(lost, "account 111122223333 (prod\\u{1b}): suspended: the account is suspended");
        let regions = [("a", Denied), ("b", Unreachable), ("c", Denied), ("d", NotEnabled)];
        let parts = line(&row(Partly, None, &regions)).unwrap();
        assert!(parts.ends_with("regions denied: a, c; not enabled: d; unreachable: b"), "{parts}");
    }
}
