//! What a report says of an earlier one that it was compared with.

use super::{Change, Record};
use serde::{Deserialize, Serialize};

/// What a report says of its baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineNote {
    /// Of the earlier scan.
    pub scan_id: String,
    pub finished_at: String,
    pub counts: ChangeCounts,
    /// How the earlier scan differs in what it looked at.
    #[serde(default)]
    pub differences: Vec<String>,
}

/// Findings by what became of them; failures that someone accepts today are not counted as new, reopened, worsened or unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangeCounts {
    pub new: u64,
    pub reopened: u64,
    pub worsened: u64,
    /// Failures that are what they were.
    pub unchanged: u64,
    pub fixed: u64,
    /// Failed before; the check ran there and does not find the resource any more.
    pub gone: u64,
    /// Failed before; its check, account or region is not part of this scan.
    pub not_scanned: u64,
    /// Those that failed before and cannot be seen any more among them.
    pub became_unknown: u64,
    pub became_known: u64,
}

impl ChangeCounts {
    /// `2 new, 0 reopened, …`; what is rare only when there is any.
    pub fn in_words(&self) -> String {
        let counts = self;
        let always = [("new", counts.new), ("reopened", counts.reopened), ("worsened", counts.worsened)];
        let some = [
            ("became unknown", counts.became_unknown),
            ("became known", counts.became_known),
            ("gone", counts.gone),
            ("not scanned any more", counts.not_scanned),
            ("failed as before", counts.unchanged),
        ];
        let some = some.into_iter().filter(|(_, count)| *count > 0);
        let all: Vec<String> = always
            .into_iter()
            .chain([("fixed", counts.fixed)])
            .chain(some)
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        all.join(", ")
    }

    /// Counts a finding by what became of it.
    pub fn add(&mut self, change: Change, record: &Record) {
        let counter = match change {
            Change::Fixed => &mut self.fixed,
            Change::BecameUnknown => &mut self.became_unknown,
            Change::BecameKnown => &mut self.became_known,
            _ if !record.counts() => return,
            Change::New => &mut self.new,
            Change::Reopened => &mut self.reopened,
            Change::Worsened => &mut self.worsened,
            Change::Unchanged => &mut self.unchanged,
        };
        *counter += 1;
    }
}

impl BaselineNote {
    /// Adds what another shard of the same scan says of the same baseline.
    pub fn join(&mut self, other: BaselineNote) {
        let ChangeCounts { new, reopened, worsened, unchanged, fixed, gone, not_scanned, became_unknown, became_known } =
            other.counts;
        let counts = &mut self.counts;
        counts.new += new;
        counts.reopened += reopened;
        counts.worsened += worsened;
        counts.unchanged += unchanged;
        counts.fixed += fixed;
        counts.gone += gone;
        counts.not_scanned += not_scanned;
        counts.became_unknown += became_unknown;
        counts.became_known += became_known;
        for difference in other.differences {
            if !self.differences.contains(&difference) {
                self.differences.push(difference);
            }
        }
    }
}
