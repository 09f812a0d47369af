//! Writing a tape: answers are kept while the scan runs and written when it ended.

use super::{Digested, Digests, FORMAT, Head, Line, Question, Reply, TapeError, VERSION, digest, digests_of};
use crate::aws::service::Service;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Collects the answers of a running scan.
#[derive(Debug)]
pub struct TapeRecorder {
    dir: PathBuf,
    answers: Mutex<BTreeMap<Question, Reply>>,
}

impl TapeRecorder {
    /// Makes the directory and proves that it can be written, before any call is made.
    ///
    /// # Errors
    /// When it cannot, or when it holds anything: a tape is evidence and is never replaced.
    pub fn create(dir: &Path) -> Result<TapeRecorder, TapeError> {
        let name = dir.display();
        std::fs::create_dir_all(dir).map_err(|error| TapeError(format!("cannot record to {name}: {error}")))?;
        let mut entries =
            std::fs::read_dir(dir).map_err(|error| TapeError(format!("cannot record to {name}: {error}")))?;
        if entries.next().is_some() {
            return Err(TapeError(format!("cannot record to {name}: it is not empty; give a new directory")));
        }
        let probe = dir.join(".posture-write-test");
        std::fs::write(&probe, b"")
            .and_then(|()| std::fs::remove_file(&probe))
            .map_err(|error| TapeError(format!("cannot record to {name}: {error}")))?;
        Ok(TapeRecorder { dir: dir.to_path_buf(), answers: Mutex::new(BTreeMap::new()) })
    }

    /// Keeps an answer. The last attempt at a question wins, as it does for the scan.
    pub fn keep(&self, question: Question, reply: Reply, service: &Service) {
        // Its answer is credentials.
        if question.call() == "sts:AssumeRole" {
            return;
        }
        let reply = match reply {
            Reply::Http { status, headers, body } => Reply::Http { status, headers, body: service.redact(body) },
            fault @ Reply::Fault { .. } => fault,
        };
        self.lock().insert(question, reply);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Question, Reply>> {
        self.answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Writes the tape; `tape.json` comes last. `about` says what the scan was of.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(
        &self,
        recorded_at: &str,
        about: serde_json::Map<String, serde_json::Value>,
    ) -> Result<(), TapeError> {
        let mut texts: BTreeMap<(String, String), (usize, String)> = BTreeMap::new();
        for (question, reply) in self.lock().iter() {
            let name = format!("{}/{}/{}.jsonl", question.account, question.region, question.service);
            let (operation, params) = (question.operation.clone(), question.params.clone());
            let empty = Line {
                operation,
                params,
                status: None,
                headers: BTreeMap::new(),
                body: None,
                fault: None,
                code: None,
                message: None,
            };
            let line = match reply.clone() {
                Reply::Http { status, headers, body } => {
                    Line { status: Some(status), headers, body: Some(body), ..empty }
                }
                Reply::Fault { kind, code, message } => {
                    Line { fault: Some(kind.as_str().to_owned()), code, message: Some(message), ..empty }
                }
            };
            let line = serde_json::to_string(&line).map_err(|error| TapeError(format!("cannot record: {error}")))?;
            let (answers, text) = texts.entry((question.service.clone(), name)).or_default();
            *answers += 1;
            text.push_str(&line);
            text.push('\n');
        }
        let mut services: BTreeMap<String, Digests> = BTreeMap::new();
        for ((service, name), (answers, text)) in texts {
            self.write(&name, &text)?;
            let digests = services.entry(service).or_insert_with(|| Digests { files: BTreeMap::new() });
            digests.files.insert(name, Digested { answers, sha256: digest(&text) });
        }
        for (service, digests) in &services {
            self.write_json(&digests_of(service), digests)?;
        }
        let head = Head {
            format: FORMAT.into(),
            version: VERSION,
            recorded_at: recorded_at.to_owned(),
            recorded_by: env!("CARGO_PKG_VERSION").into(),
            about,
            services: Some(services.into_keys().collect()),
            files: None,
        };
        self.write_json("tape.json", &head)
    }

    fn write_json(&self, name: &str, value: &impl serde::Serialize) -> Result<(), TapeError> {
        let mut text =
            serde_json::to_string_pretty(value).map_err(|error| TapeError(format!("cannot record: {error}")))?;
        text.push('\n');
        self.write(name, &text)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), TapeError> {
        let path = self.dir.join(name);
        let write = || {
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            crate::files::replace_file(&path, |out| out.write_all(text.as_bytes()))
        };
        write().map_err(|error| TapeError(format!("cannot write {}: {error}", path.display())))
    }
}
