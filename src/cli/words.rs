//! Words of a fixed list as values of options, so that nothing below the command line has to know its parser.

use crate::gate::FailOn;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use posture_estate::finding::Severity;

/// A severity.
pub fn severity() -> impl TypedValueParser<Value = Severity> {
    one_of(Severity::ALL.into_iter().rev().map(|one| (one.as_str(), one)).collect())
}

/// A severity, or `never`.
pub fn fail_on() -> impl TypedValueParser<Value = FailOn> {
    one_of(FailOn::ALL.into_iter().map(|one| (one.as_str(), one)).collect())
}

fn one_of<T: Copy + Send + Sync + 'static>(all: Vec<(&'static str, T)>) -> impl TypedValueParser<Value = T> {
    let names: Vec<&'static str> = all.iter().map(|(name, _)| *name).collect();
    PossibleValuesParser::new(names).try_map(move |word| {
        let found = all.iter().find(|(name, _)| *name == word);
        found.map(|(_, value)| *value).ok_or("no word of the list")
    })
}
