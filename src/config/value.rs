//! Values of the file that keep their place, so that what is wrong with one is told with its line.

use crate::gate::Date;
use serde::Deserialize;
use std::ops::Range;
use toml::Spanned;

/// Something that cannot be used: the byte where it stands, and why.
pub type Wrong = (usize, String);

/// `"all"`, or a list of account numbers.
#[derive(Deserialize)]
#[serde(untagged, expecting = "accounts is \"all\" or a list of account numbers in quotes")]
pub enum Accounts {
    Word(String),
    List(Vec<String>),
}

/// A date, with or without quotes.
#[derive(Deserialize)]
#[serde(untagged, expecting = "this is a date such as 2026-03-31")]
pub enum Day {
    Date(toml::value::Datetime),
    Text(String),
}

/// A value and its place.
pub fn cut<T>(value: Spanned<T>) -> (T, Range<usize>) {
    let span = value.span();
    (value.into_inner(), span)
}

/// Text that says something.
///
/// # Errors
/// When it is empty.
pub fn filled(key: &str, value: Spanned<String>) -> Result<String, Wrong> {
    let (text, at) = cut(value);
    let text = text.trim().to_owned();
    if text.is_empty() { Err((at.start, format!("{key} is empty"))) } else { Ok(text) }
}

/// A day and its place.
///
/// # Errors
/// When it is no day of the calendar.
pub fn day(value: Spanned<Day>) -> Result<(Date, usize), Wrong> {
    let (value, at) = cut(value);
    let text = match value {
        Day::Date(date) => date.to_string(),
        Day::Text(text) => text,
    };
    text.parse().map(|date| (date, at.start)).map_err(|error| (at.start, error))
}

/// Account numbers, sorted; empty means every account.
///
/// # Errors
/// When one is no account number, or there is none.
pub fn accounts(value: Spanned<Accounts>) -> Result<Vec<String>, Wrong> {
    let (value, at) = cut(value);
    let list = match value {
        Accounts::Word(word) if word == "all" => return Ok(Vec::new()),
        Accounts::Word(word) => {
            return Err((at.start, format!("accounts is {word:?}, not \"all\" or a list of account numbers")));
        }
        Accounts::List(list) if list.is_empty() => {
            return Err((at.start, "accounts is empty; \"all\" means every account".to_owned()));
        }
        Accounts::List(list) => list,
    };
    let mut ids = Vec::new();
    for id in list {
        if id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err((at.start, format!("{id:?} is not an account number of twelve digits")));
        }
        ids.push(id);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}
