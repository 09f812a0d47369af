//! AWS managed policies that give power: what an attacker attaches who may choose among AWS's.
//!
//! Generated data (`data/managed.txt`): each attachable AWS managed policy that by itself makes an administrator (`A`) or opens one of the
//! known ways (`E`, with the first of them), as this crate judges it. `tests/managed.rs` holds it against the documents.

const TABLE: &str = include_str!("data/managed.txt");

/// The day as of which the documents were taken.
pub fn date() -> &'static str {
    TABLE.lines().find_map(|line| line.strip_prefix("# date ")).unwrap_or("unknown")
}

/// Path and name of each, the administrators first.
pub fn names() -> impl Iterator<Item = &'static str> {
    of("A").chain(of("E"))
}

/// Those that make an administrator, and the one for all of IAM.
pub fn administrators() -> impl Iterator<Item = &'static str> {
    of("A").chain(std::iter::once("IAMFullAccess"))
}

fn of(sort: &'static str) -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter_map(move |line| {
        let mut words = line.split(' ');
        (words.next() == Some(sort)).then(|| words.next()).flatten()
    })
}
