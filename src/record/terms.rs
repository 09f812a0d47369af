//! The terms of a scan: what a finding is told by beyond its check. They are given to the engine, so that a record is born right and
//! nobody above has to change it.

use super::{Change, Record, Suppression};
use crate::catalogue::Check;
use posture_estate::finding::Severity;
use std::borrow::Cow;
use std::fmt::Debug;

/// What an organization says of findings. Each is the catalogue's own unless somebody says otherwise.
pub trait Terms: Debug {
    /// The severity that counts.
    fn severity(&self, check: &Check) -> Severity {
        check.severity()
    }

    fn title(&self, check: &'static Check) -> Cow<'static, str> {
        check.card.title.into()
    }

    /// Who accepts a finding. Asked once of every finding, whatever its status.
    fn suppression(&self, _record: &Record) -> Option<Suppression> {
        None
    }

    /// What became of a finding since an earlier report. Asked once of every finding, when all else of it is known.
    fn change(&self, _record: &Record) -> Option<Change> {
        None
    }
}

/// Those of the catalogue.
impl Terms for () {}
