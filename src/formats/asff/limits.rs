//! What Security Hub takes: lengths in characters, no blank strings, 240 KB a finding. A finding over a limit would be refused whole.
//! <https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html>

use super::model::Finding;
use posture_estate::text::safe;
use serde::Serialize;
use std::io::{self, Write};

/// Bytes of a finding as JSON, at most; a KB is taken for the smaller one.
pub const FINDING_BYTES: usize = 240_000;

/// On one line (AWS's patterns end at a line break), not blank, and cut with an ellipsis where it is longer than `most` characters.
pub fn text(text: &str, most: usize) -> String {
    let text = safe(text);
    if text.trim().is_empty() {
        return "-".to_owned();
    }
    match text.char_indices().nth(most) {
        None => text.into_owned(),
        Some(_) => {
            let end = text.char_indices().nth(most - 1).map_or(0, |(end, _)| end);
            format!("{}…", &text[..end])
        }
    }
}

/// Bytes of a value as JSON.
pub fn size(value: &impl Serialize) -> usize {
    struct Count(usize);
    impl Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, value) {
        Ok(()) => count.0,
        Err(_) => usize::MAX,
    }
}

/// Drops the largest details, then the largest tags, until the finding fits; a detail says so.
pub fn fit(finding: &mut Finding) {
    while size(finding) > FINDING_BYTES {
        let Some(resource) = finding.resources.first_mut() else { return };
        let details = &mut resource.details.other;
        let largest = details.iter().filter(|(key, _)| *key != CUT).max_by_key(|(key, value)| key.len() + value.len());
        if let Some(key) = largest.map(|(key, _)| key.clone()) {
            details.remove(&key);
        } else if let Some(key) = resource.tags.iter().max_by_key(|(key, value)| key.len() + value.len()) {
            let key = key.0.clone();
            resource.tags.remove(&key);
        } else {
            return;
        }
        details.insert(CUT.to_owned(), "some details or tags were left out: a finding has 240 KB at most".to_owned());
    }
}

/// The detail that says that others are missing.
pub const CUT: &str = "Truncated";

#[cfg(test)]
mod tests {
    use super::text;
    use proptest::prelude::*;

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(text("äöü", 3), "äöü");
        assert_eq!(text("äöüß", 3), "äö…");
        assert_eq!(text("a\nb", 10), "a\\nb");
        assert_eq!((text("", 9).as_str(), text(" \t", 9).as_str()), ("-", " \\t"));
    }

    proptest! {
        #[test]
        fn no_text_is_longer_than_it_may_be(given in "\\PC{0,40}|[\\x00-\\x20]{0,40}", most in 1..30_usize) {
            let cut = text(&given, most);
            prop_assert!(cut.chars().count() <= most && !cut.trim().is_empty(), "{cut:?}");
        }
    }
}
