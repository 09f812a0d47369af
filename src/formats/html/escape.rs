//! Text into HTML, JSON into a `<script>`, hashes into a content security policy: no name or tag leaves its place.

use posture_estate::text::safe;
use sha2::{Digest, Sha256};
use std::fmt::{self, Write as _};
use std::io::{self, Write};

/// Text as content or attribute value of HTML; what would hide or reorder text is shown as `\u{…}`.
pub struct Text<'a>(pub &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        safe(self.0).chars().try_for_each(|c| push(f, c))
    }
}

/// One character of text, with those of markup as references.
pub fn push(out: &mut dyn fmt::Write, c: char) -> fmt::Result {
    match c {
        '<' => out.write_str("&lt;"),
        '>' => out.write_str("&gt;"),
        '&' => out.write_str("&amp;"),
        '"' => out.write_str("&quot;"),
        '\'' => out.write_str("&#39;"),
        c => out.write_char(c),
    }
}

/// JSON that cannot end the `<script>` it stands in, nor open a comment there. These characters occur only inside strings
/// of JSON, where an escape means the same.
pub fn script_json(out: &mut dyn Write, json: &str) -> io::Result<()> {
    let special = |c: char| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
    let mut rest = json;
    while let Some(at) = rest.find(special) {
        let (before, from) = rest.split_at(at);
        out.write_all(before.as_bytes())?;
        let mut chars = from.chars();
        if let Some(c) = chars.next() {
            write!(out, "\\u{:04x}", u32::from(c))?;
        }
        rest = chars.as_str();
    }
    out.write_all(rest.as_bytes())
}

/// A source of a content security policy: exactly this text may run or style. <https://www.w3.org/TR/CSP3/#source-list-syntax>
pub fn source_hash(text: &str) -> String {
    format!("'sha256-{}'", aws_smithy_types::base64::encode(Sha256::digest(text.as_bytes())))
}

/// A value of a link's fragment, percent-encoded as the page's script reads it.
pub fn fragment(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            // Writing to a string does not fail.
            byte => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        let mut out = Vec::new();
        script_json(&mut out, &serde_json::to_string(text).unwrap()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_is_no_markup() {
        assert_eq!(Text("<b a='\"&").to_string(), "&lt;b a=&#39;&quot;&amp;");
        assert_eq!(Text("a\u{202e}b\u{7}").to_string(), "a\\u{202e}b\\u{7}");
    }

    #[test]
    fn data_cannot_leave_its_script() {
        for hostile in
            ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "a\u{2028}b\u{2029}c", "&lt;", "ü 漢 <"]
        {
            let data = json(hostile);
            assert!(!data.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{data}");
            assert_eq!(serde_json::from_str::<String>(&data).unwrap(), hostile);
        }
    }

    #[test]
    fn hashes_are_those_of_browsers() {
        // From the example in the specification of Content Security Policy Level 3.
        assert_eq!(source_hash("alert('Hello, world.');"), "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='");
    }

    #[test]
    fn fragments_hold_one_value() {
        assert_eq!(fragment("s3_a-b.c"), "s3_a-b.c");
        assert_eq!(fragment("a&b=c,d#\"é"), "a%26b%3Dc%2Cd%23%22%C3%A9");
    }
}
