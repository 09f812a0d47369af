//! Values of the file that keep their place, so that what is wrong with one is told with its line.

use posture_estate::arn::is_account;
use posture_estate::day::Date;
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

/// The message for a value of another type in the words of TOML; serde speaks of sequences and maps.
pub fn of_another_type(message: &str) -> String {
    let Some((found, expected)) =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    else {
        return message.to_owned();
    };
    let found = match found {
        "map" => "a table".to_owned(),
        "sequence" => "a list".to_owned(),
        other => format!("the {other}"),
    };
    let expected = match expected {
        "a sequence" if found == "a table" => "a list of tables, each begun by double brackets",
        "a sequence" => "a list such as [\"…\"]",
        "a map" => "a table",
        "a boolean" => "true or false",
        other => other,
    };
    format!("expected {expected}, not {found}")
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
        if !is_account(&id) {
            return Err((at.start, format!("{id:?} is not an account number of twelve digits")));
        }
        ids.push(id);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::of_another_type;

    #[test]
    fn types_are_those_of_toml() {
        let found = |message| of_another_type(&format!("invalid type: {message}"));
        assert_eq!(found("string \"a\", expected a sequence"), "expected a list such as [\"…\"], not the string \"a\"");
        assert_eq!(
            found("map, expected a sequence"),
            "expected a list of tables, each begun by double brackets, not a table"
        );
        assert_eq!(found("sequence, expected a string"), "expected a string, not a list");
        assert_eq!(found("integer `3`, expected a map"), "expected a table, not the integer `3`");
        assert_eq!(of_another_type("missing field `owner`"), "missing field `owner`");
    }
}
