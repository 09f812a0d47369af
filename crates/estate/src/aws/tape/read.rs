//! Reading a tape: every file is held against its digest, and no name in it leads out of its directory.

use super::{Digested, Digests, FORMAT, Head, Line, Question, Reply, Tape, TapeError, VERSION, digest, digests_of};
use crate::finding::GapKind;
use std::collections::BTreeMap;
use std::path::Path;

impl Tape {
    /// Reads a tape whole and holds every file against its digest.
    ///
    /// # Errors
    /// When the directory is no tape, a file is missing, changed or cut short, or the format is newer than we are.
    pub fn load(dir: &Path) -> Result<Tape, TapeError> {
        let path = dir.join("tape.json");
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let name = dir.display();
            TapeError(match error.kind() {
                std::io::ErrorKind::NotFound if dir.is_dir() => {
                    format!("{name} is no tape: it has no tape.json (a recording that did not finish has none; record again)")
                }
                std::io::ErrorKind::NotFound => format!("{name} does not exist; give the directory of a recording"),
                _ => format!("cannot read {}: {error}", path.display()),
            })
        })?;
        let head: Head = serde_json::from_str(&text)
            .map_err(|error| TapeError(format!("{} cannot be read: {error}; record again", path.display())))?;
        if head.format != FORMAT {
            return Err(TapeError(format!("{} is not a {FORMAT} but a {:?}", path.display(), head.format)));
        }
        if !(1..=VERSION).contains(&head.version) {
            return Err(TapeError(format!(
                "{} has version {}, this posture reads versions 1 to {VERSION}; use the release that recorded it ({})",
                path.display(),
                head.version,
                head.recorded_by
            )));
        }
        let mut answers = BTreeMap::new();
        match (head.version, &head.files, &head.services) {
            (1, Some(files), None) => {
                for (name, expected) in files {
                    read_file(dir, name, Parts::of("tape.json", name)?, expected, &mut answers)?;
                }
            }
            (VERSION, None, Some(services)) => {
                for service in services {
                    read_service(dir, service, &mut answers)?;
                }
            }
            (version, ..) => {
                let holds = if version == 1 { "files and no services" } else { "services and no files" };
                return Err(TapeError(format!("{}: version {version} names {holds}; record again", path.display())));
            }
        }
        Ok(Tape { head, answers })
    }
}

/// Where a file belongs, by its name: `111122223333/us-east-1/kms.jsonl`.
#[derive(Clone, Copy)]
struct Parts<'a> {
    account: &'a str,
    region: &'a str,
    service: &'a str,
}

impl Parts<'_> {
    /// `by`: who names the file. No name leads out of the tape, or to a file of another kind.
    fn of<'a>(by: &str, name: &'a str) -> Result<Parts<'a>, TapeError> {
        let refused =
            || TapeError(format!("{by} names a file {name:?} that is not account/region/service.jsonl; record again"));
        let parts: Vec<&str> = name.split('/').collect();
        let &[account, region, file] = parts.as_slice() else { return Err(refused()) };
        let service = file.strip_suffix(".jsonl").ok_or_else(refused)?;
        match [account, region, service].iter().all(|part| is_plain(part)) {
            true => Ok(Parts { account, region, service }),
            false => Err(refused()),
        }
    }
}

/// A number, a region or a service: nothing that a path gives a meaning to.
fn is_plain(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Reads the files of a service that `tape.json` names: as many as have digests, and of no other service.
fn read_service(dir: &Path, service: &str, answers: &mut BTreeMap<Question, Reply>) -> Result<(), TapeError> {
    if !is_plain(service) {
        return Err(TapeError(format!("tape.json names {service:?}, which is no service; record again")));
    }
    let name = digests_of(service);
    let path = dir.join(&name);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        TapeError(format!(
            "cannot read {}, which tape.json promises: {error}; restore it or record again",
            path.display()
        ))
    })?;
    let digests: Digests = serde_json::from_str(&text).map_err(|error| {
        TapeError(format!("{} cannot be read: {error}; restore it or record again", path.display()))
    })?;
    if digests.files.is_empty() {
        return Err(TapeError(format!("{} names no file; restore it or record again", path.display())));
    }
    for (file, expected) in &digests.files {
        let parts = Parts::of(&name, file)?;
        if parts.service != service {
            return Err(TapeError(format!("{name} names a file of {}, {file:?}; record again", parts.service)));
        }
        read_file(dir, file, parts, expected, answers)?;
    }
    Ok(())
}

fn read_file(
    dir: &Path,
    name: &str,
    parts: Parts<'_>,
    expected: &Digested,
    answers: &mut BTreeMap<Question, Reply>,
) -> Result<(), TapeError> {
    let path = dir.join(name);
    let at = path.display();
    let text = std::fs::read_to_string(&path).map_err(|error| TapeError(format!("cannot read {at}: {error}")))?;
    if digest(&text) != expected.sha256 {
        let lines = text.matches('\n').count();
        let how = if lines < expected.answers || !text.ends_with('\n') { "is cut short" } else { "was changed" };
        return Err(TapeError(format!(
            "{at} {how}: it holds {lines} whole answers of {} and not the bytes that were recorded; restore it or record again",
            expected.answers
        )));
    }
    for (index, line) in text.lines().enumerate() {
        let line: Line = serde_json::from_str(line)
            .map_err(|error| TapeError(format!("{at}, line {}: {error}; record again", index + 1)))?;
        let reply = match (line.status, line.body, line.fault) {
            (Some(status), Some(body), None) => Reply::Http { status, headers: line.headers, body },
            (None, None, Some(kind)) => Reply::Fault {
                kind: kind_named(&kind).ok_or_else(|| {
                    TapeError(format!("{at}, line {}: unknown fault {kind:?}; record again", index + 1))
                })?,
                code: line.code,
                message: line.message.unwrap_or_default(),
            },
            _ => return Err(TapeError(format!("{at}, line {}: neither an answer nor a fault", index + 1))),
        };
        let question = Question {
            account: parts.account.to_owned(),
            region: parts.region.to_owned(),
            service: parts.service.to_owned(),
            operation: line.operation,
            params: line.params,
        };
        answers.insert(question, reply);
    }
    Ok(())
}

fn kind_named(name: &str) -> Option<GapKind> {
    use GapKind::{Denied, Malformed, Throttled, Timeout, Unavailable, Unsupported};
    [Denied, Throttled, Timeout, Unavailable, Unsupported, Malformed].into_iter().find(|kind| kind.as_str() == name)
}
