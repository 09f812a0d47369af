//! Patterns of suppressions: a name, or a name with `*` and `?`, always of the whole text.
//!
//! `*` is any run of characters, none, `/` and `:` included, as in an IAM policy's ARNs; `?` is one character. Everything
//! else is literal, brackets, braces and backslashes too, and upper case is not lower case. Matching never backtracks
//! past a `*`: its time grows with the length of pattern times text at worst, whoever named the resource.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Glob(String);

impl Glob {
    pub fn new(pattern: impl Into<String>) -> Glob {
        Glob(pattern.into())
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a name and no pattern.
    pub fn is_exact(&self) -> bool {
        !self.0.contains(['*', '?'])
    }

    /// Whether the whole of a text is of this form.
    pub fn is_match(&self, text: &str) -> bool {
        let Some((first, rest)) = self.0.split_once('*') else {
            return prefix(&self.0, text).is_some_and(str::is_empty);
        };
        let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        let Some(mut left) = prefix(first, text).and_then(|left| suffix(last, left)) else { return false };
        // The leftmost place of each part leaves the most for those after it.
        for part in middle.split('*').filter(|part| !part.is_empty()) {
            match after(part, left) {
                Some(rest) => left = rest,
                None => return false,
            }
        }
        true
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What follows a part, without `*`, at the start of a text.
fn prefix<'t>(part: &str, text: &'t str) -> Option<&'t str> {
    if !part.contains('?') {
        return text.strip_prefix(part);
    }
    let mut left = text.chars();
    part.chars().all(|wanted| left.next().is_some_and(|c| wanted == '?' || wanted == c)).then_some(left.as_str())
}

/// What precedes a part at the end of a text.
fn suffix<'t>(part: &str, text: &'t str) -> Option<&'t str> {
    if !part.contains('?') {
        return text.strip_suffix(part);
    }
    let (at, _) = text.char_indices().rev().nth(part.chars().count() - 1)?;
    prefix(part, &text[at..]).map(|_| &text[..at])
}

/// What follows the first occurrence of a part.
fn after<'t>(part: &str, text: &'t str) -> Option<&'t str> {
    if !part.contains('?') {
        return text.find(part).map(|at| &text[at + part.len()..]);
    }
    text.char_indices().find_map(|(at, _)| prefix(part, &text[at..]))
}

#[cfg(test)]
mod tests {
    use super::Glob;
    use proptest::prelude::*;

    fn is(pattern: &str, text: &str) -> bool {
        Glob::new(pattern).is_match(text)
    }

    #[test]
    fn patterns_are_anchored_and_never_substrings() {
        assert!(is("arn:aws:s3:::logs", "arn:aws:s3:::logs"));
        for other in ["arn:aws:s3:::logs-2", "xarn:aws:s3:::logs", "arn:aws:s3:::log", "arn:aws:s3:::Logs", ""] {
            assert!(!is("arn:aws:s3:::logs", other), "{other}");
        }
        assert!(!is("logs", "arn:aws:s3:::logs") && is("*logs", "arn:aws:s3:::logs") && !is("*logs", "logs-2"));
        assert!(is("arn:aws:s3:::logs*", "arn:aws:s3:::logs") && is("a*a", "aa") && !is("a*a", "a"));
        assert!(is("", "") && !is("", "a") && is("*", "") && is("**", "a/b:c\n"));
    }

    #[test]
    fn a_star_crosses_slashes_and_colons() {
        let arn = "arn:aws:iam::111122223333:role/team/ci/deploy";
        assert!(is("arn:aws:iam::*:role/team/*", arn) && is("arn:*deploy", arn) && is("*:role/*/ci/*", arn));
        assert!(!is("arn:aws:iam::*:user/*", arn));
    }

    #[test]
    fn a_question_mark_is_one_character_of_any_script() {
        assert!(is("eu-west-?", "eu-west-1") && !is("eu-west-?", "eu-west-") && !is("eu-west-?", "eu-west-12"));
        assert!(is("?", "漢") && is("*?", "aé") && is("é*?*漢", "éx漢") && !is("é*?*漢", "é漢"));
        assert!(is("*a?c*", "xxabcxx") && !is("*a?c", "ac"));
    }

    #[test]
    fn brackets_braces_and_backslashes_are_themselves() {
        for name in ["[a-z]", "{a,b}", "a\\b", "[!a]", "(a|b)", "a.b", "^a$", "[", "{"] {
            assert!(is(name, name), "{name}");
        }
        assert!(!is("[a-z]", "b") && !is("{a,b}", "a") && !is("a.b", "axb") && !is("\\*", "*"));
    }

    #[test]
    fn a_pattern_made_to_backtrack_is_answered() {
        let text = "a".repeat(20_000);
        assert!(!is(&format!("{}b", "a*".repeat(2_000)), &text));
        assert!(!is(&format!("{}b*", "*a".repeat(2_000)), &text));
        assert!(is(&"*a".repeat(2_000), &text));
    }

    /// The definition, word for word.
    fn defined(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => defined(rest, text) || (!text.is_empty() && defined(pattern, &text[1..])),
            (['?', rest @ ..], [_, left @ ..]) => defined(rest, left),
            ([one, rest @ ..], [other, left @ ..]) => one == other && defined(rest, left),
            _ => false,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn it_does_what_is_defined(pattern in "[ab*?é]{0,9}", text in "[abé]{0,9}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(is(&pattern, &text), defined(&chars(&pattern), &chars(&text)));
        }

        #[test]
        fn a_name_matches_itself_and_no_longer_text(name in "[^*?]{1,20}", more in "\\PC{1,5}") {
            prop_assert!(is(&name, &name) && Glob::new(&*name).is_exact());
            let after = format!("{name}{more}");
            let before = format!("{more}{name}");
            prop_assert!(!is(&name, &after) && !is(&name, &before));
        }

        #[test]
        fn no_text_makes_it_panic(pattern in "\\PC*", text in "\\PC*") {
            let _ = is(&pattern, &text);
            let _ = is(&format!("*{pattern}?"), &text);
        }
    }
}
