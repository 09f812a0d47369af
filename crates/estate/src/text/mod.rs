//! Small words: what more than one room says or reads, and that has nothing to do with AWS.

mod safe;
pub mod secret;

pub use safe::safe;

use std::borrow::Cow;

/// A number and what it counts: `1 check`, `2 policies`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {}", plural(count as u64, what))
}

/// What so many are called: `check`, `policies`.
pub fn plural(count: u64, what: &str) -> Cow<'_, str> {
    let consonant = |stem: &&str| !stem.ends_with(['a', 'e', 'o', 'u']);
    match what.strip_suffix('y').filter(consonant) {
        _ if count == 1 => what.into(),
        Some(stem) => format!("{stem}ies").into(),
        None => format!("{what}s").into(),
    }
}

/// The first `most` of a list and how many more there are: `a, b and 2 more`.
pub fn few<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let named: Vec<&str> = names.iter().take(most).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(most) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// ` (did you mean "x"?)` for the nearest name, or nothing when none is near.
pub fn closest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| format!(" (did you mean {name:?}?)"))
        .unwrap_or_default()
}

/// A name as it is compared: its letters and digits in lower case, without what separates them.
pub fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// [`plain`] for names that are words of ASCII: other letters count as separators.
pub fn plain_ascii(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
