//! Why a command ends without having done its work, in two kinds. What a person can act on names its place and a remedy; what
//! cannot happen unless posture is wrong is a bug and says so, so that nobody looks for a mistake of their own.
//!
//! There is no conversion from any error: each that becomes a [`Failure`] by `?` is listed here, since its own words name the place
//! and what to do. Every other one is given both where it is met.

use crate::catalogue::SelectError;
use crate::config::ConfigError;
use crate::report::ReadError;
use crate::report::merge::MergeError;
use crate::scan::CheckpointError;
use posture_estate::aws::credentials::SessionError;
use posture_estate::aws::tape::TapeError;
use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Why a command ends with exit code 2.
#[derive(Debug)]
pub enum Failure {
    User(UserError),
    Bug(Bug),
}

/// An error that a person can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError(String);

/// An error that is posture's own, with what it was about to do.
#[derive(Debug)]
pub struct Bug {
    doing: &'static str,
    error: Box<dyn Error + Send + Sync>,
}

impl UserError {
    /// `what` is wrong and names the place (a file, a flag, an account); `remedy` says what to do about it.
    pub fn new(what: impl fmt::Display, remedy: impl fmt::Display) -> UserError {
        UserError(format!("{what}; {remedy}"))
    }

    /// A sentence that names both the place and the remedy.
    pub fn whole(sentence: impl fmt::Display) -> UserError {
        UserError(sentence.to_string())
    }

    /// A file that cannot be read.
    pub fn read(path: &Path, error: &io::Error) -> UserError {
        UserError::new(format_args!("cannot read {}: {error}", path.display()), to_read(error.kind()))
    }

    /// A place that cannot be written: a file, a directory, stdout.
    pub fn write(place: impl fmt::Display, error: &io::Error) -> UserError {
        UserError::new(format_args!("cannot write {place}: {error}"), to_write(error.kind()))
    }
}

/// What to do about a file that cannot be read.
fn to_read(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "check the path",
        ErrorKind::PermissionDenied => "make it readable, or give another file",
        ErrorKind::IsADirectory => "give a file, not a directory",
        ErrorKind::InvalidData => "give a text file in UTF-8",
        _ => "give another file",
    }
}

/// What to do about a place that cannot be written.
fn to_write(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "make its directory first, or write elsewhere",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "make it writable, or write elsewhere",
        ErrorKind::IsADirectory | ErrorKind::NotADirectory => "give the path of a file",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space, or write elsewhere",
        ErrorKind::BrokenPipe => "its reader has gone: let it read to the end, or write to a file",
        _ => "write elsewhere",
    }
}

impl Bug {
    pub fn new(doing: &'static str, error: impl Into<Box<dyn Error + Send + Sync>>) -> Bug {
        Bug { doing, error: error.into() }
    }
}

impl fmt::Display for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Bug {
    /// The whole chain: whoever is told of it has nothing else to go by.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is a bug in posture, please report it: {}: {}", self.doing, self.error)?;
        let mut below = self.error.source();
        while let Some(error) = below {
            write!(f, ": {error}")?;
            below = error.source();
        }
        Ok(())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::User(error) => error.fmt(f),
            Failure::Bug(bug) => bug.fmt(f),
        }
    }
}

impl From<UserError> for Failure {
    fn from(error: UserError) -> Self {
        Failure::User(error)
    }
}

impl From<Bug> for Failure {
    fn from(bug: Bug) -> Self {
        Failure::Bug(bug)
    }
}

/// Errors whose own words name the place and the remedy.
macro_rules! told {
    ($($error:ty),* $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                UserError::whole(error).into()
            }
        }
    )*};
}

told!(CheckpointError, ConfigError, MergeError, ReadError, SelectError, SessionError, TapeError);

/// What can fail only if posture is wrong.
pub trait OrBug<T> {
    /// # Errors
    /// A [`Bug`] that says what was being done.
    fn or_bug(self, doing: &'static str) -> Result<T, Bug>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> OrBug<T> for Result<T, E> {
    fn or_bug(self, doing: &'static str) -> Result<T, Bug> {
        self.map_err(|error| Bug::new(doing, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] io::Error);

    #[test]
    fn a_bug_is_told_from_a_mistake_of_the_user() {
        let failed: Result<(), _> = Err(Outer(io::Error::other("inner")));
        let bug = Failure::from(failed.or_bug("writing the table").unwrap_err());
        assert_eq!(bug.to_string(), "this is a bug in posture, please report it: writing the table: outer: inner");
        let user = Failure::from(UserError::new("--part 3 is none of 2", "give 1 or 2"));
        assert_eq!(user.to_string(), "--part 3 is none of 2; give 1 or 2");
    }

    #[test]
    fn files_are_named_with_what_to_do() {
        let missing = std::fs::read("/no/such/file").unwrap_err();
        let told = UserError::read(Path::new("/no/such/file"), &missing).to_string();
        assert!(told.starts_with("cannot read /no/such/file: ") && told.ends_with("; check the path"), "{told}");
        let full = io::Error::from(ErrorKind::StorageFull);
        assert!(UserError::write("stdout", &full).to_string().ends_with("free some space, or write elsewhere"));
    }
}
