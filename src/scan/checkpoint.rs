//! Checkpoints: places (a region of an account, or the account as a whole) whose checks have all ended are kept on disk, so that a
//! run that was killed goes on where it was, and its report equals that of a run which was not.
//!
//! ```text
//! DIR/checkpoint.json              which run this is: a digest of all that decides what is asked and how it is judged
//! DIR/<account>/<place>.jsonl      a finding a line; the last line says that the place is done
//! DIR/<account>/account.json       the account is done: its row in the ledger
//! ```
//!
//! A file gets its name when it is whole; what is half written has another one and is written anew.

use super::Place;
use crate::record::{AccountRow, Ended, Record};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use posture_estate::arn::is_account;
use posture_estate::finding::{Gap, PlacedGap};
use posture_estate::place::Account;
use posture_estate::session::Session;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

const VERSION: u32 = 1;
const HEAD: &str = "checkpoint.json";
const ACCOUNT: &str = "account.json";
const REGIONS: &str = "regions.json";
/// Seconds after which a checkpoint is of another day: what was seen then says nothing about now.
const OLDEST: i64 = 24 * 60 * 60;

/// A directory with the finished places of a run.
#[derive(Debug)]
pub struct Checkpoint {
    dir: PathBuf,
    pub head: CheckpointHead,
    /// Places that are being written, and how many findings they have.
    open: RefCell<BTreeMap<(String, Place), Writing>>,
    /// Places that are done.
    done: RefCell<BTreeMap<String, BTreeSet<Place>>>,
}

/// A file that grows, and the findings in it.
type Writing = (BufWriter<File>, usize);

/// Which run a checkpoint belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointHead {
    version: u32,
    /// Of all that decides what is asked and how it is judged.
    plan: String,
    /// The scan's id, and the moment that ages are judged by: those of the first start.
    pub scan_id: String,
    pub started_at: String,
}

/// A checkpoint that cannot be used, with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    #[error("cannot keep a checkpoint in {}: {error}; give another directory", dir.display())]
    Io { dir: PathBuf, error: io::Error },
    #[error("{} holds the checkpoint of another scan ({what}); give it the same arguments again, or a new directory", dir.display())]
    Other { dir: PathBuf, what: &'static str },
    #[error("{} holds a scan that began at {since}, more than a day ago; remove the directory to begin anew", dir.display())]
    Old { dir: PathBuf, since: String },
    #[error("{} is not empty and holds no checkpoint; give a new directory", dir.display())]
    Foreign { dir: PathBuf },
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Finding { record: Box<Record>, gaps: Vec<PlacedGap> },
    Done { done: usize, gaps: Vec<PlacedGap>, answered: Vec<String> },
}

#[derive(Serialize, Deserialize)]
struct Whole {
    /// All of them have to be there.
    places: BTreeSet<Place>,
    row: AccountRow,
    home: String,
    regions: Vec<String>,
    gaps: Vec<PlacedGap>,
}

impl Checkpoint {
    /// The head of the checkpoint in a directory, if there is one; `now` in seconds since 1970.
    ///
    /// # Errors
    /// When it cannot be read, or is too old to go on with.
    pub fn peek(dir: &Path, now: i64) -> Result<Option<CheckpointHead>, CheckpointError> {
        let unreadable = || CheckpointError::Other { dir: dir.to_owned(), what: "its checkpoint.json cannot be read" };
        match fs::read_to_string(dir.join(HEAD)) {
            Ok(text) => {
                let head: CheckpointHead = serde_json::from_str(&text).map_err(|_| unreadable())?;
                let began = DateTime::from_str(&head.started_at, Format::DateTime).map_err(|_| unreadable())?;
                if !(0..=OLDEST).contains(&(now - began.secs())) {
                    return Err(CheckpointError::Old { dir: dir.to_owned(), since: head.started_at });
                }
                Ok(Some(head))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(CheckpointError::Io { dir: dir.to_owned(), error }),
        }
    }

    /// Opens a directory: a new one for `plan`, or that of an earlier start of the same plan.
    ///
    /// # Errors
    /// When it cannot be written, or belongs to something else.
    pub fn open(dir: &Path, plan: &str, scan_id: &str, started_at: &str) -> Result<Checkpoint, CheckpointError> {
        let failed = |error| CheckpointError::Io { dir: dir.to_owned(), error };
        let other = |what| CheckpointError::Other { dir: dir.to_owned(), what };
        fs::create_dir_all(dir).map_err(failed)?;
        let path = dir.join(HEAD);
        let head = match fs::read_to_string(&path) {
            Ok(text) => {
                let head: CheckpointHead =
                    serde_json::from_str(&text).map_err(|_| other("its checkpoint.json cannot be read"))?;
                if head.version != VERSION {
                    return Err(other("of another version of posture"));
                }
                if head.plan != plan {
                    return Err(other("other accounts, checks, regions, configuration or catalogue"));
                }
                head
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if fs::read_dir(dir).map_err(failed)?.next().is_some() {
                    return Err(CheckpointError::Foreign { dir: dir.to_owned() });
                }
                let head = CheckpointHead {
                    version: VERSION,
                    plan: plan.to_owned(),
                    scan_id: scan_id.to_owned(),
                    started_at: started_at.to_owned(),
                };
                let text = serde_json::to_vec_pretty(&head).map_err(|error| failed(error.into()))?;
                posture_estate::files::replace_file(&path, |out| out.write_all(&text)).map_err(failed)?;
                head
            }
            Err(error) => return Err(failed(error)),
        };
        Ok(Checkpoint { dir: dir.to_owned(), head, open: RefCell::default(), done: RefCell::default() })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Takes the directory's contents away: the report is written, and a later run begins anew.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn finish(&self) -> io::Result<()> {
        self.open.borrow_mut().clear();
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if path.is_dir() && path.file_name().is_some_and(|name| is_account(&name.to_string_lossy())) {
                fs::remove_dir_all(&path)?;
            }
        }
        fs::remove_file(self.dir.join(HEAD))
    }

    fn file(&self, account: &str, place: &Place, end: &str) -> PathBuf {
        self.dir.join(account).join(format!("{}.{end}", place.as_deref().unwrap_or("global")))
    }

    /// Keeps a finding of a place that is not done yet.
    pub(super) fn keep(&self, account: &str, place: &Place, record: &Record) -> io::Result<()> {
        let mut open = self.open.borrow_mut();
        let key = (account.to_owned(), place.clone());
        let (out, count) = match open.get_mut(&key) {
            Some(out) => out,
            None => {
                fs::create_dir_all(self.dir.join(account))?;
                let file = File::create(self.file(account, place, "part"))?;
                open.entry(key).or_insert((BufWriter::new(file), 0))
            }
        };
        *count += 1;
        let gaps = record.gaps.iter().map(PlacedGap::from).collect();
        line(out, &Line::Finding { record: Box::new(record.clone()), gaps })
    }

    /// A place is done.
    pub(super) fn done(&self, account: &str, place: &Place, estate: &Account) -> io::Result<()> {
        let Some((mut out, count)) = self.open.borrow_mut().remove(&(account.to_owned(), place.clone())) else {
            return Ok(());
        };
        let (gaps, answered) = estate.answers();
        let gaps = gaps.iter().map(PlacedGap::from).collect();
        let answered = answered.into_iter().map(std::borrow::Cow::into_owned).collect();
        line(&mut out, &Line::Done { done: count, gaps, answered })?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(self.file(account, place, "part"), self.file(account, place, "jsonl"))?;
        self.done.borrow_mut().entry(account.to_owned()).or_default().insert(place.clone());
        Ok(())
    }

    /// An account is done.
    pub(super) fn account_done(&self, ended: &Ended) -> io::Result<()> {
        let places = self.done.borrow_mut().remove(&ended.row.id).unwrap_or_default();
        let whole = Whole {
            places,
            row: ended.row.clone(),
            home: ended.home.clone(),
            regions: ended.regions.clone(),
            gaps: ended.gaps.iter().map(PlacedGap::from).collect(),
        };
        let text = serde_json::to_vec(&whole)?;
        let dir = self.dir.join(&ended.row.id);
        fs::create_dir_all(&dir)?;
        posture_estate::files::replace_file(&dir.join(ACCOUNT), |out| out.write_all(&text))
    }

    /// The findings of an account that was done before.
    pub(super) fn whole(&self, account: &str, tell: impl Fn(Record) -> io::Result<()>) -> io::Result<Option<Ended>> {
        let text = match fs::read(self.dir.join(account).join(ACCOUNT)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let Whole { places, row, home, regions, gaps } = serde_json::from_slice(&text)?;
        if !places.iter().all(|place| self.file(account, place, "jsonl").is_file()) {
            // Something was taken away: the account is looked at again.
            fs::remove_dir_all(self.dir.join(account))?;
            return Ok(None);
        }
        self.places(account, tell, |_, _| {})?;
        let gaps = gaps.into_iter().map(Gap::from).collect();
        Ok(Some(Ended { row, home, regions, gaps, lost: None }))
    }

    /// The places of an account that were done before; their findings are told, and what was learnt on the way goes to the session.
    /// When the account shows other regions than then, nothing of it counts.
    pub(super) fn resume(
        &self,
        session: &Session,
        tell: impl FnMut(Record) -> io::Result<()>,
    ) -> io::Result<BTreeSet<Place>> {
        let (account, estate) = (session.account.account_id(), &session.account);
        let dir = self.dir.join(account);
        let regions = serde_json::to_vec(&(estate.regions(), &session.not_enabled, session.regions_gap.is_some()))?;
        let path = dir.join(REGIONS);
        if !fs::read(&path).is_ok_and(|before| before == regions) {
            match fs::remove_dir_all(&dir) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => fs::create_dir_all(&dir)?,
            }
            posture_estate::files::replace_file(&path, |out| out.write_all(&regions))?;
        }
        let done = self.places(account, tell, |gaps, answered| estate.recall(gaps, answered))?;
        self.done.borrow_mut().entry(account.to_owned()).or_default().extend(done.iter().cloned());
        Ok(done)
    }

    fn places(
        &self,
        account: &str,
        mut tell: impl FnMut(Record) -> io::Result<()>,
        mut learnt: impl FnMut(Vec<Gap>, Vec<String>),
    ) -> io::Result<BTreeSet<Place>> {
        let mut done = BTreeSet::new();
        let entries = match fs::read_dir(self.dir.join(account)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(done),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_none_or(|end| end != "jsonl") {
                continue;
            }
            let wrong =
                |what: &dyn std::fmt::Display| io::Error::other(format!("{}: {what}; remove the file", path.display()));
            let (mut ended, mut count) = (false, 0);
            for text in BufReader::new(File::open(&path)?).lines() {
                match serde_json::from_str(&text?).map_err(|error| wrong(&error))? {
                    Line::Finding { mut record, gaps } => {
                        record.gaps = gaps.into_iter().map(Gap::from).collect();
                        count += 1;
                        tell(*record)?;
                    }
                    Line::Done { done, gaps, answered } => {
                        learnt(gaps.into_iter().map(Gap::from).collect(), answered);
                        ended = done == count;
                    }
                }
            }
            if !ended {
                return Err(wrong(&"it was cut short"));
            }
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            done.insert(Some(name).filter(|name| name != "global"));
        }
        Ok(done)
    }
}

fn line(out: &mut impl Write, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}
