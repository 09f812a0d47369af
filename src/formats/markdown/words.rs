//! Text that Markdown shows as it is.

use posture_estate::text::{plural, safe};
use std::fmt::Write as _;

/// Characters of one name or message.
const LONG: usize = 600;

pub(super) fn number(count: u64, what: &str) -> String {
    format!("{count} {}", plural(count, what))
}

/// A text as code on one line: nothing in it is markup. Too long a text is cut.
pub(super) fn code(text: &str) -> String {
    let text = safe(text);
    let mut text: String = match text.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    };
    if text.trim().is_empty() {
        text = "(empty)".to_owned();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let edge = |c| c == '`' || c == ' ';
    let pad = if text.starts_with(edge) || text.ends_with(edge) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A text of ours in running text; should it hold markup after all, character references keep it text.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in safe(text).chars() {
        match c {
            c if c.is_alphanumeric() || matches!(c, ' ' | ',' | ';' | '.' | '-' | '/' | ':' | '(' | ')' | '\'') => {
                out.push(c)
            }
            '…' | '–' => out.push(c),
            c => {
                let _ = write!(out, "&#{};", c as u32);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_holds_any_text() {
        assert_eq!(code("a|b"), "`a|b`");
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code(" "), "`(empty)`");
        assert_eq!(code("<img src=x>\n@you"), "`<img src=x>\\n@you`");
        assert_eq!(code(&"x".repeat(LONG + 1)).len(), LONG + 2 + '…'.len_utf8());
    }

    #[test]
    fn running_text_has_no_markup() {
        assert_eq!(
            plain("<b>@you [x](y) `c` *d* _e_"),
            "&#60;b&#62;&#64;you &#91;x&#93;(y) &#96;c&#96; &#42;d&#42; &#95;e&#95;"
        );
        assert_eq!(plain("No bucket is public, ünï"), "No bucket is public, ünï");
    }
}
