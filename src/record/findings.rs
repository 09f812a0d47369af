//! The findings of a scan on their way into reports: sorted, read as often as there are reports, and on disk as soon as they
//! are many, so that memory does not grow with their number.
//!
//! An account's findings come in any order. They are kept in chunks, each sorted, and merged when they are read; accounts
//! follow each other. Small scans never touch the disk.

use super::Record;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;
use tempfile::TempDir;

/// Findings that are held in memory at most.
const HELD: usize = 4096;

/// All findings of a report.
#[derive(Debug)]
pub struct Findings {
    accounts: BTreeMap<String, Account>,
    /// In memory now, and at most.
    held: usize,
    most: usize,
    count: u64,
    dir: Option<TempDir>,
    files: usize,
}

/// The findings of one account.
#[derive(Debug, Default)]
struct Account {
    /// Not yet in a file; sorted when it is read.
    held: Vec<Record>,
    chunks: Vec<PathBuf>,
}

impl Default for Findings {
    fn default() -> Self {
        Self::new()
    }
}

impl Findings {
    pub fn new() -> Findings {
        Self::holding(HELD)
    }

    fn holding(most: usize) -> Findings {
        Findings { accounts: BTreeMap::new(), held: 0, most, count: 0, dir: None, files: 0 }
    }

    /// Takes one more.
    ///
    /// # Errors
    /// When the directory for temporary files cannot be written.
    pub fn add(&mut self, record: Record) -> io::Result<()> {
        match self.accounts.get_mut(&record.account_id) {
            Some(account) => account.held.push(record),
            None => self.accounts.entry(record.account_id.clone()).or_default().held.push(record),
        }
        self.held += 1;
        self.count += 1;
        if self.held >= self.most { self.spill() } else { Ok(()) }
    }

    pub fn len(&self) -> u64 {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Everything that is held goes to disk, a sorted chunk an account.
    fn spill(&mut self) -> io::Result<()> {
        let dir = match &self.dir {
            Some(dir) => dir,
            None => self.dir.insert(tempfile::Builder::new().prefix("posture-").tempdir()?),
        };
        for account in self.accounts.values_mut().filter(|account| !account.held.is_empty()) {
            account.sort();
            let path = dir.path().join(format!("{}.jsonl", self.files));
            self.files += 1;
            let mut out = BufWriter::new(File::create(&path)?);
            for record in account.held.drain(..) {
                serde_json::to_writer(&mut out, &record)?;
                out.write_all(b"\n")?;
            }
            out.flush()?;
            account.held.shrink_to_fit();
            account.chunks.push(path);
        }
        self.held = 0;
        Ok(())
    }

    /// Ends the writing: what follows only reads.
    pub fn seal(&mut self) {
        self.accounts.values_mut().for_each(Account::sort);
    }

    /// All of them by account, region, check, ARN and sub-key.
    pub fn iter(&self) -> impl Iterator<Item = io::Result<Cow<'_, Record>>> {
        self.accounts.values().flat_map(Account::read)
    }
}

impl Account {
    fn sort(&mut self) {
        self.held.sort_by(|a, b| a.order().cmp(&b.order()));
    }

    fn read(&self) -> Merge<'_> {
        let mut sources: Vec<Source<'_>> = Vec::new();
        if !self.held.is_empty() {
            sources.push(Source { next: None, from: From::Memory(self.held.iter()) });
        }
        let mut failed = None;
        for path in &self.chunks {
            match File::open(path) {
                Ok(file) => sources.push(Source { next: None, from: From::File(BufReader::new(file), String::new()) }),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        for source in &mut sources {
            source.advance();
        }
        Merge { sources, failed }
    }
}

/// A sorted run of findings.
struct Source<'a> {
    next: Option<io::Result<Cow<'a, Record>>>,
    from: From<'a>,
}

enum From<'a> {
    Memory(std::slice::Iter<'a, Record>),
    File(BufReader<File>, String),
}

impl Source<'_> {
    fn advance(&mut self) {
        self.next = match &mut self.from {
            From::Memory(records) => records.next().map(|record| Ok(Cow::Borrowed(record))),
            From::File(file, line) => {
                line.clear();
                match file.read_line(line) {
                    Ok(0) => None,
                    Ok(_) => Some(serde_json::from_str(line).map(Cow::Owned).map_err(io::Error::from)),
                    Err(error) => Some(Err(error)),
                }
            }
        };
    }
}

/// The smallest next finding of several runs.
struct Merge<'a> {
    sources: Vec<Source<'a>>,
    failed: Option<io::Error>,
}

impl<'a> Iterator for Merge<'a> {
    type Item = io::Result<Cow<'a, Record>>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.failed.take() {
            self.sources.clear();
            return Some(Err(error));
        }
        let mut least: Option<usize> = None;
        for (index, source) in self.sources.iter().enumerate() {
            match (&source.next, least.and_then(|least| self.sources[least].next.as_ref())) {
                (None, _) => {}
                (Some(Ok(record)), Some(Ok(other))) if record.order() >= other.order() => {}
                (Some(Ok(_)), Some(Err(_))) => {}
                (Some(_), _) => least = Some(index),
            }
        }
        let source = &mut self.sources[least?];
        let next = source.next.take();
        source.advance();
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::{Resource, Severity, Status};
    use proptest::prelude::*;

    fn record(account: u8, arn: &str) -> Record {
        Record {
            fingerprint: format!("{account:016x}{:016x}", arn.len()),
            check_id: "s3_bucket_not_public".into(),
            title: "No bucket is public".into(),
            status: Status::Fail,
            severity: Severity::Critical,
            practices: vec!["SEC03-BP07".to_owned()].into(),
            account_id: format!("{account:012}"),
            region: "eu-west-1".into(),
            resource: Resource::new(arn, "AWS::S3::Bucket", arn).tags([("a\n", "\u{2028}\"")]),
            sub_key: None,
            message: "public".into(),
            reasons: Vec::new(),
            evidence: serde_json::json!({ "list": [1, null, "x"] }),
            gap: None,
            suppression: None,
            change: None,
            gaps: Vec::new(),
        }
    }

    proptest! {
        /// What went in comes out, in order, wherever it was kept meanwhile.
        #[test]
        fn findings_come_out_sorted_and_whole(
            given in proptest::collection::vec((0..4_u8, "[a-c]{0,3}"), 0..60), most in 1..30_usize,
        ) {
            let mut expected: Vec<Record> = given.iter().map(|(account, arn)| record(*account, arn)).collect();
            let mut findings = Findings::holding(most);
            for record in expected.clone() {
                findings.add(record).unwrap();
            }
            findings.seal();
            expected.sort_by(|a, b| a.order().cmp(&b.order()));
            for _ in 0..2 {
                let found: Vec<Record> = findings.iter().map(|record| record.unwrap().into_owned()).collect();
                prop_assert_eq!(&found, &expected);
            }
            prop_assert_eq!(findings.len(), expected.len() as u64);
        }
    }

    #[test]
    fn a_chunk_that_vanished_is_an_error() {
        let mut findings = Findings::holding(1);
        findings.add(record(1, "a")).unwrap();
        std::fs::remove_dir_all(findings.dir.as_ref().unwrap().path()).unwrap();
        assert!(findings.iter().any(|record| record.is_err()));
    }
}
