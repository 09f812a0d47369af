//! Tables of documents, each with the AWS rule that decides it. A row: expected answer, statements, rule.

#[rustfmt::skip] // one row a line
mod buckets;
mod conditions;
#[rustfmt::skip] // one row a line
mod caps;
#[rustfmt::skip] // one row a line
mod deputies;
mod documents;
mod managed;
#[rustfmt::skip] // one row a line
mod grants;
#[rustfmt::skip] // one row a line
mod https;
#[rustfmt::skip] // one row a line
mod identities;
#[rustfmt::skip] // one row a line
mod library;
#[rustfmt::skip] // one row a line
mod paths;
#[rustfmt::skip] // one row a line
mod issuers;
#[rustfmt::skip] // one row a line
mod points;
#[rustfmt::skip] // one row a line
mod powers;
mod properties;
#[rustfmt::skip] // one row a line
mod resources;
#[rustfmt::skip] // one row a line
mod semantics;
#[rustfmt::skip] // one row a line
mod trusts;

use super::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
    Unsure,
}

pub fn answer(decision: &Decision) -> Answer {
    match decision {
        Decision::Yes(_) => Answer::Yes,
        Decision::No(_) => Answer::No,
        Decision::CannotTell(_) => Answer::Unsure,
    }
}

pub const BUCKET: &str = "arn:aws:s3:::b";

pub fn zone() -> Zone {
    Zone::of("111122223333", "aws")
}

/// A document of the statements, which may leave out what is always the same: no Effect means Allow.
pub fn document(statements: &str) -> Document {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Document::parse(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// Runs a table and reports every wrong row at once.
pub fn check(rows: &[(Answer, String, &str)], ask: impl Fn(&Document) -> Decision) {
    let mut wrong = Vec::new();
    for (expected, statements, rule) in rows {
        let decision = ask(&document(statements));
        if answer(&decision) != *expected {
            wrong.push(format!("{statements}\n  rule: {rule}\n  expected {expected:?}, got {decision:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}
