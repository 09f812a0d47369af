//! The model of a report: its head and findings, how JSON writes and reads them, and how the reports of shards are joined.

mod head;
pub mod json;
pub mod merge;
mod read;

pub use head::{Head, PracticeRow, Scan, Statement, Summary, Tool, Totals};
pub use read::{ReadError, read, visit};

use crate::record::{Findings, GapSum};

/// All that a report is made of, whether a scan has just ended or a file was read.
#[derive(Debug)]
pub struct Report {
    pub head: Head,
    /// Sorted by account, region, check, ARN and sub-key.
    pub findings: Findings,
    pub gaps: Vec<GapSum>,
}
