//! The model of a report: its head and findings, how JSON writes and reads them, and how the reports of shards are joined.

mod head;
pub mod json;
pub mod merge;
mod read;
mod safe;

pub use head::{Head, PracticeRow, Scan, Statement, Summary, Tool, Totals};
pub use read::{ReadError, read, visit};
pub use safe::safe;

use crate::record::{Findings, GapSum};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// A number and what it counts: `1 check`, `2 policies`.
pub fn counted(count: usize, what: &str) -> String {
    let consonant = |stem: &&str| !stem.ends_with(['a', 'e', 'o', 'u']);
    match what.strip_suffix('y').filter(consonant) {
        _ if count == 1 => format!("1 {what}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {what}s"),
    }
}

/// All that a report is made of, whether a scan has just ended or a file was read.
#[derive(Debug)]
pub struct Report {
    pub head: Head,
    /// Sorted by account, region, check, ARN and sub-key.
    pub findings: Findings,
    pub gaps: Vec<GapSum>,
}

/// Writes a file whole or not at all: beside it first, then renamed over it. A link is followed; what is there and no
/// plain file (`/dev/null`, a pipe) is written to and never replaced.
///
/// # Errors
/// When the directory cannot be written or the disk is full; an older file is left as it was.
pub fn replace_file(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let filled = |file: std::fs::File| {
        let mut out = BufWriter::with_capacity(1 << 16, file);
        fill(&mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)
    };
    let path = &match std::fs::metadata(path) {
        Ok(there) if !there.is_file() => {
            return filled(std::fs::OpenOptions::new().write(true).open(path)?).map(drop);
        }
        Ok(_) => path.canonicalize()?,
        Err(_) => path.to_path_buf(),
    };
    let name = path.file_name().ok_or_else(|| io::Error::other("it names no file"))?;
    let beside = path.with_file_name(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
    let written = std::fs::File::create(&beside).and_then(filled).and_then(|file| file.sync_all());
    written.and_then(|()| std::fs::rename(&beside, path)).inspect_err(|_| {
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
        replace_file(&file, |out| out.write_all(b"one")).unwrap();
        replace_file(&file, |out| out.write_all(b"two")).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        replace_file(std::path::Path::new("/dev/null"), |out| out.write_all(b"gone")).unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
        assert!(replace_file(&dir.path().join("no/such"), |_| Ok(())).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn a_link_stays_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        std::fs::write(&real, b"old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        replace_file(&link, |out| out.write_all(b"new")).unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&real).unwrap(), b"new");
    }
}
