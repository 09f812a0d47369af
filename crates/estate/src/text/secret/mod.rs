//! Credentials in texts that are not meant to hold any: user data, environment variables, outputs, documents.
//!
//! A text is never kept or shown for what is in it: what is found is told by its kind and its line, and on tapes [`whole`] and [`inside`]
//! put marks in its place, in which the same functions find the same again. So a scan of a tape judges as the scan that made it.
//!
//! Kinds that vendors give a form of their own (`AKIA…`, `ghp_…`, a PEM header) are found by it. Anything else is found by its name: a
//! literal behind `password`, `token`, `api_key` and the like, where references (`${…}`, `{{resolve:…}}`, ARNs, paths) are none.

mod forms;
mod names;

use forms::FORMS;
pub use names::{is_literal, is_named};
use regex::Regex;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Read;
use std::sync::LazyLock;

/// What stands on a tape for a text that was taken out; with a colon and a kind, for a credential.
const MARK: &str = "redacted";

/// A literal behind a name that says it is secret.
pub const NAMED: &str = "secret_value";

/// Of a mark: the value named a secret and was none.
const REFERENCE: &str = "reference";

/// Of a mark: the value could not be read as a text.
const UNREADABLE: &str = "unreadable";

/// Bytes of a compressed text that are looked at: user data has 16 KiB before compression at most.
const MOST: u64 = 4 << 20;

/// How deep base64 in base64 is looked into.
const DEPTH: usize = 3;

/// A credential in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// From 1.
    pub line: usize,
    /// `aws_access_key`, `private_key`, …
    pub kind: &'static str,
}

/// Where one is: bytes of the text.
struct Spot {
    start: usize,
    end: usize,
    kind: &'static str,
}

static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    forms::regex(
        r#"(?:\\[nrt])?(?P<name>[A-Za-z][A-Za-z0-9_.\-]{1,80})(?P<closed>\\?["'])?[ \t]{0,4}(?P<by>:=|=>|=|:|[ \t])[ \t]{0,4}(?:\\?"(?P<double>[^"\n]+?)\\?"|'(?P<single>[^'\n]+)'|(?P<bare>[^\s"',;&|\\]+)(?P<rest>(?:[,&][^\s"',;&|\\]+)*))"#,
    )
});

/// `{"name": "DB_PASSWORD", "value": "hunter2"}`, as containers and parameters have it.
static PAIRED: LazyLock<Regex> = LazyLock::new(|| {
    forms::regex(
        r#"(?:[Nn]ame|[Kk]ey)\\?["']?[ \t]{0,4}[:=][ \t]{0,4}\\?["']?(?P<name>[A-Za-z][A-Za-z0-9_.\-]{1,80})\\?["']?[ \t]{0,4},?\s{0,40}(?:\\n)?[ \t]{0,40}\\?["']?(?:[A-Z][a-z]+V|V|v)alue\\?["']?[ \t]{0,4}[:=][ \t]{0,4}(?:\\?"(?P<double>[^"\n]+?)\\?"|'(?P<single>[^'\n]+)'|(?P<bare>[^\s"',;&|\\}]+))"#,
    )
});

static MARKED: LazyLock<Regex> = LazyLock::new(|| {
    let kinds = FORMS.iter().map(|form| form.kind).chain([NAMED]).collect::<BTreeSet<_>>();
    forms::regex(&format!("{MARK}:({})", Vec::from_iter(kinds).join("|")))
});

static BLOB: LazyLock<Regex> =
    LazyLock::new(|| forms::regex(r"[A-Za-z0-9+/]{20}(?:[A-Za-z0-9+/]|\r?\n[ \t]*){12,}={0,2}"));

/// The credentials in a text, each kind once a line, in order. What is encoded in base64 inside, compressed or not, is looked at as well.
pub fn found(text: &str) -> Vec<Found> {
    let mut all: BTreeSet<Found> = BTreeSet::new();
    let mut lines = Lines { text, at: 0, line: 1 };
    for spot in spots(text, DEPTH) {
        all.insert(Found { line: lines.of(spot.start), kind: spot.kind });
    }
    all.into_iter().collect()
}

/// The kind of credential that a variable (an output, an environment variable) holds: by its value, or by its name when the value can
/// be a secret itself.
pub fn in_variable(name: &str, value: &str) -> Option<&'static str> {
    let by_form = spots(value, DEPTH).into_iter().map(|spot| spot.kind).next();
    by_form.or_else(|| (is_named(name) && is_literal(value)).then_some(NAMED))
}

/// A text in base64, compressed by gzip or not, as user data is; `None` when it is no text.
pub fn decoded(text: &str) -> Option<String> {
    let compact: Cow<'_, str> = match text.contains(char::is_whitespace) {
        true => text.split_whitespace().collect::<String>().into(),
        false => text.into(),
    };
    if let Some(kinds) = compact.strip_prefix(MARK) {
        return (kinds != format!(":{UNREADABLE}")).then(|| text.to_owned());
    }
    let bytes = aws_smithy_types::base64::decode(compact.as_ref()).ok()?;
    let bytes = match bytes.starts_with(&[0x1f, 0x8b]) {
        true => {
            let mut plain = Vec::new();
            flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(MOST).read_to_end(&mut plain).ok()?;
            plain
        }
        false => bytes,
    };
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

/// What stands for a text on a tape: which kinds it holds, and nothing of itself.
pub fn whole(text: &str) -> String {
    if text.is_empty() || text == MARK || text.starts_with("redacted:") {
        return text.to_owned();
    }
    let mut kinds: Vec<&str> = Vec::new();
    for spot in spots(text, DEPTH) {
        if !kinds.contains(&spot.kind) {
            kinds.push(spot.kind);
        }
    }
    if !kinds.is_empty() {
        return kinds.iter().map(|kind| format!("{MARK}:{kind}")).collect::<Vec<_>>().join(" ");
    }
    if is_literal(text) { MARK.to_owned() } else { format!("{MARK}:{REFERENCE}") }
}

/// As [`whole`] for a text in base64.
pub fn whole_encoded(text: &str) -> String {
    match decoded(text) {
        Some(plain) => whole(&plain),
        None => format!("{MARK}:{UNREADABLE}"),
    }
}

/// The text with marks in place of the credentials in it.
pub fn inside(text: &str) -> Cow<'_, str> {
    let spots = spots(text, DEPTH);
    if spots.is_empty() {
        return text.into();
    }
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for Spot { start, end, kind } in spots {
        out.push_str(&text[at..start]);
        out.push_str(&format!("{MARK}:{kind}"));
        // What stands behind it keeps its line.
        out.extend(text[start..end].matches('\n'));
        at = end;
    }
    out.push_str(&text[at..]);
    out.into()
}

/// All of them by where they begin.
fn spots(text: &str, depth: usize) -> Vec<Spot> {
    let mut all = Vec::new();
    for one in MARKED.captures_iter(text) {
        let (whole, kind) = (one.get_match(), &one[1]);
        if let Some(kind) = FORMS.iter().map(|form| form.kind).chain([NAMED]).find(|known| *known == kind) {
            all.push(Spot { start: whole.start(), end: whole.end(), kind });
        }
    }
    for form in FORMS {
        all.extend(form.found(text).map(|range| Spot { start: range.start, end: range.end, kind: form.kind }));
    }
    let mut at = 0;
    while let Some(one) = ASSIGNED.captures_at(text, at) {
        let value = ["double", "single", "bare"].iter().find_map(|group| one.name(group));
        let Some(value) = value else { break };
        if !is_named(&one["name"]) {
            // What looks like its value may be the next name: `DB: password=x`.
            at = one.name("by").map_or(value.end(), |by| by.end());
            continue;
        }
        let by = one.name("by").map_or("", |by| by.as_str());
        // What follows a word that is no option may be a name of its own.
        at = if by.trim().is_empty() { value.start() } else { value.end() };
        // A reference has parts that look so: `…:secret:db-a1b2c3`, `{{resolve:secretsmanager:db:SecretString:password}}`.
        let before = one.name("name").map_or("", |name| &text[..name.start()]);
        let reference = before.rsplit([' ', '\t', '\n', '"', '\'', '=', ',', '`']).next();
        if reference.is_some_and(|start| start.starts_with("arn:") || start.contains("{{resolve:")) {
            continue;
        }
        let given = names::Given {
            name: &one["name"],
            closed: one.name("closed").is_some(),
            by,
            value: value.as_str(),
            bare: one.name("bare").is_some(),
            before: before.rsplit('\n').next().unwrap_or_default(),
        };
        if given.is_secret() {
            at = value.end();
            // Where a value without quotes ends depends on the language: what may be of it goes too, and the next command stays.
            let end = one.name("rest").map_or(value.end(), |rest| rest.end());
            all.push(Spot { start: value.start(), end, kind: NAMED });
        }
    }
    for one in PAIRED.captures_iter(text) {
        let Some(value) = ["double", "single", "bare"].iter().find_map(|group| one.name(group)) else { continue };
        let given = names::Given {
            name: &one["name"],
            closed: false,
            by: ":",
            value: value.as_str(),
            bare: one.name("bare").is_some(),
            before: "",
        };
        if is_named(&one["name"]) && given.is_secret() {
            all.push(Spot { start: value.start(), end: value.end(), kind: NAMED });
        }
    }
    if depth > 0 {
        for blob in BLOB.find_iter(text) {
            let inner = plain_of(blob.as_str()).map(|plain| spots(&plain, depth - 1)).unwrap_or_default();
            if let Some(first) = inner.first() {
                all.push(Spot { start: blob.start(), end: blob.end(), kind: first.kind });
            }
        }
    }
    // The longest first where several begin alike; a form says more than a name.
    all.sort_by_key(|spot| (spot.start, spot.kind == NAMED, usize::MAX - spot.end));
    let mut apart: Vec<Spot> = Vec::new();
    for spot in all {
        match apart.last_mut() {
            // One credential with another in it goes as a whole.
            Some(last) if spot.start < last.end => last.end = last.end.max(spot.end),
            _ => apart.push(spot),
        }
    }
    apart
}

/// What is encoded, with or without a line behind it that only looks like more of it.
fn plain_of(blob: &str) -> Option<String> {
    decoded(blob).or_else(|| decoded(blob.trim_end().rsplit_once('\n')?.0))
}

/// Counts lines as the places grow.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn of(&mut self, place: usize) -> usize {
        self.line += self.text[self.at..place].bytes().filter(|byte| *byte == b'\n').count();
        self.at = place;
        self.line
    }
}

#[cfg(test)]
mod tests;
