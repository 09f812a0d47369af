//! What the findings of an account say of its regions: the row of the ledger that they come to.

use crate::record::{AccountRow, AccountStatus, Record, RegionRow, Stop};
use posture_estate::finding::GapKind;
use posture_estate::finding::Status;
use std::collections::{BTreeMap, BTreeSet};

/// What the findings of an account say of its regions.
#[derive(Debug, Default)]
pub(super) struct Seen(BTreeMap<String, Evidence>);

#[derive(Debug, Default)]
struct Evidence {
    decided: bool,
    /// The kinds of gaps that left findings open.
    open: BTreeSet<GapKind>,
}

impl Seen {
    pub(super) fn add(&mut self, record: &Record) {
        let evidence = self.0.entry(record.region.clone()).or_default();
        evidence.decided |= record.status != Status::Unknown;
        evidence.open.extend(record.gaps.iter().map(|gap| gap.kind()));
    }

    fn of(evidence: &Evidence) -> AccountStatus {
        match (evidence.decided, evidence.open.is_empty()) {
            (_, true) => AccountStatus::Scanned,
            (true, false) => AccountStatus::Partly,
            (false, false) if evidence.open.iter().all(|kind| *kind == GapKind::Denied) => AccountStatus::Denied,
            (false, false) => AccountStatus::Unreachable,
        }
    }

    /// `None` when no check was about the region.
    fn region(&self, name: &str) -> Option<AccountStatus> {
        self.0.get(name).map(Self::of)
    }

    /// The row of an account whose scan has ended; `unfinished` are the regions that did not get to their end.
    pub(super) fn row(
        &self,
        id: &str,
        name: Option<String>,
        regions: &[String],
        not_enabled: &[String],
        stopped: Option<(Stop, &BTreeSet<Option<String>>)>,
    ) -> AccountRow {
        let cut = |region: &String| stopped.filter(|(_, places)| places.contains(&Some(region.clone())));
        let scanned = regions.iter().filter_map(|region| {
            let status = cut(region).map(|(why, _)| why.into()).or_else(|| self.region(region))?;
            Some(RegionRow { name: region.clone(), status })
        });
        let off =
            not_enabled.iter().map(|region| RegionRow { name: region.clone(), status: AccountStatus::NotEnabled });
        let mut rows: Vec<RegionRow> = scanned.chain(off).collect();
        rows.sort_by(|a, b| a.name.cmp(&b.name));
        let whole = self.0.values().map(Self::of).collect::<BTreeSet<_>>();
        let status = match (stopped, whole.iter().next(), whole.len()) {
            (Some((why, _)), _, _) => why.into(),
            (None, None, _) => AccountStatus::Scanned,
            (None, Some(only), 1) => *only,
            (None, Some(_), _) => AccountStatus::Partly,
        };
        AccountRow { id: id.to_owned(), name, status, reason: None, regions: rows }
    }
}
