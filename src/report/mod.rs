//! Reports: pure renderers over the same findings, one file per format.

pub mod json;
mod safe;
pub mod text;

pub use safe::safe;

use crate::aws::session::Caller;
use crate::catalogue::{Check, Selection};
use crate::finding::{Severity, Status};
use crate::scan::{GapSum, PracticeResult, Record};
use std::io::{self, Write};
use std::path::Path;

/// All that a report is made of.
#[derive(Debug)]
pub struct Report<'a> {
    pub id: String,
    /// RFC 3339.
    pub started_at: String,
    pub finished_at: String,
    /// The time that ages were judged by: `started_at`, or that of the tape.
    pub as_of: String,
    /// Whether the answers came from a tape.
    pub replayed: bool,
    pub caller: Caller,
    pub account_id: String,
    pub account_name: Option<String>,
    pub regions: Vec<String>,
    pub selection: &'a Selection,
    pub checks: &'a [&'static Check],
    /// Every selected check ran to its end everywhere; false after an interruption.
    pub complete: bool,
    /// Requests made, retries included.
    pub calls: u64,
    pub seconds: f64,
    pub records: &'a [Record],
    pub gaps: &'a [GapSum],
    pub practices: &'a [PracticeResult],
}

impl Report<'_> {
    pub fn count(&self, status: Status) -> usize {
        self.records.iter().filter(|record| record.status() == status).count()
    }

    /// Findings of a status at or above a severity.
    pub fn at_least(&self, status: Status, severity: Severity) -> usize {
        let counts = |record: &&Record| record.status() == status && record.check.severity() >= severity;
        self.records.iter().filter(counts).count()
    }
}

/// Writes a file whole or not at all: beside it first, then renamed over it. A link is followed; what is there and no
/// plain file (`/dev/null`, a pipe) is written to and never replaced.
///
/// # Errors
/// When the directory cannot be written or the disk is full; an older file is left as it was.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = &match std::fs::metadata(path) {
        Ok(there) if !there.is_file() => {
            let mut there = std::fs::OpenOptions::new().write(true).open(path)?;
            return there.write_all(bytes).and_then(|()| there.flush());
        }
        Ok(_) => path.canonicalize()?,
        Err(_) => path.to_path_buf(),
    };
    let name = path.file_name().ok_or_else(|| io::Error::other("it names no file"))?;
    let beside = path.with_file_name(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
    let write = || {
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().inspect_err(|_| {
        // The error that is told is the first one; a file that was never made cannot be removed either.
        drop(std::fs::remove_file(&beside));
    })
}

#[cfg(test)]
mod tests {
    use super::replace_file;

    #[test]
    fn files_are_replaced_and_devices_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        replace_file(&file, b"one").unwrap();
        replace_file(&file, b"two").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        replace_file(std::path::Path::new("/dev/null"), b"gone").unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
        assert!(replace_file(&dir.path().join("no/such"), b"").is_err());
    }

    #[test]
    #[cfg(unix)]
    fn a_link_stays_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        std::fs::write(&real, b"old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        replace_file(&link, b"new").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&real).unwrap(), b"new");
    }
}
