//! Keys that the file does not have, with the nearest one that it has. Which ones there are only serde's derived code
//! knows, and it tells them in its message.

use posture_estate::text::closest;

/// The message for an unknown key in the words of the manual; `None` when `message` is about something else.
pub fn unknown(message: &str) -> Option<String> {
    let (key, known) = parts(message)?;
    if known.contains(&"scan") && scan_keys().contains(&key.to_owned()) {
        return Some(format!("unknown key {key:?}; it belongs into [scan]"));
    }
    let near = closest(key, known.iter().copied());
    Some(format!("unknown key {key:?}{near}; there are {}", known.join(", ")))
}

/// The keys of `[scan]`, which are easily put above every table.
fn scan_keys() -> Vec<String> {
    let error = toml::from_str::<super::scan::Raw>("\"\" = 0").err();
    let message = error.map(|error| error.message().to_owned()).unwrap_or_default();
    parts(&message).map(|(_, known)| known.into_iter().map(str::to_owned).collect()).unwrap_or_default()
}

/// The key and those that there are, from "unknown field `a`, expected one of `b`, `c`".
fn parts(message: &str) -> Option<(&str, Vec<&str>)> {
    let (key, expected) = message.strip_prefix("unknown field `")?.split_once("`, expected ")?;
    Some((key, expected.split('`').skip(1).step_by(2).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_named() {
        let unknown = |text| unknown(text).unwrap();
        assert_eq!(
            unknown("unknown field `ownr`, expected one of `practice`, `owner`"),
            "unknown key \"ownr\" (did you mean \"owner\"?); there are practice, owner"
        );
        assert_eq!(unknown("unknown field `zzz`, expected `a` or `b`"), "unknown key \"zzz\"; there are a, b");
        assert_eq!(super::unknown("missing field `a`"), None);
    }
}
