//! The repository's own files, as far as the rules of the house need to read them: which files there are, what in them is code, and
//! what of the code is for tests only.

use std::fs;
use std::path::{Path, PathBuf};

pub struct Source {
    /// From the repository's root, with `/`.
    pub path: String,
    pub text: String,
    /// What a release is built from: comments, what is between quotes, and items under `#[cfg(test)]` are blank, so that each line keeps
    /// its place. Nothing at all in a file of tests.
    pub production: String,
    /// The same with what is between quotes.
    pub written: String,
}

/// Every Rust file below these folders of the repository.
pub fn below(folders: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    for folder in folders {
        walk(&root().join(folder), &mut paths);
    }
    paths.sort();
    paths.iter().map(|path| source(path)).collect()
}

/// Every Rust file of ours.
pub fn all() -> Vec<Source> {
    below(&["crates", "checks", "src", "tests/it", "benches"])
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn source(path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap();
    let path = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
    let test = path.split('/').any(|part| part == "tests" || part == "tests.rs" || part == "benches");
    if test {
        return Source { path, text, production: String::new(), written: String::new() };
    }
    let production = untested(&blank(&text, true));
    // What is blank for a test or a comment is blank here too; what is blank for its quotes is not.
    let uncommented = blank(&text, false);
    let kept = untested_of(&blank(&text, true), &uncommented);
    Source { path, text, production, written: kept }
}

/// `text` with comments as spaces, and with `quoted` what is between quotes as well.
fn blank(text: &str, quoted_too: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    let hide = |c: char| if c == '\n' { '\n' } else { ' ' };
    while at < chars.len() {
        let rest = &chars[at..];
        let before = at.checked_sub(1).map_or(' ', |before| chars[before]);
        let hidden = match rest {
            ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
            ['/', '*', ..] => find(rest, "*/").map_or(rest.len(), |end| end + 2),
            ['r', '"' | '#', ..] | ['b', 'r', '"' | '#', ..] if !word(before) => raw(rest),
            ['"', ..] => quoted(rest),
            ['\'', '\\', ..] => 2 + rest[3..].iter().position(|c| *c == '\'').map_or(0, |end| end + 2),
            ['\'', _, '\'', ..] => 3,
            _ => 0,
        };
        if hidden == 0 {
            out.push(chars[at]);
            at += 1;
        } else {
            let quotes = rest[0] != '/' && hidden > 1;
            for (index, c) in rest[..hidden].iter().enumerate() {
                let edge = quotes && (index == 0 || index + 1 == hidden);
                out.push(match edge {
                    _ if quotes && !quoted_too => *c,
                    true => '"',
                    false => hide(*c),
                });
            }
            at += hidden;
        }
    }
    out
}

fn word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn find(chars: &[char], what: &str) -> Option<usize> {
    let what: Vec<char> = what.chars().collect();
    chars.windows(what.len()).position(|window| window == what)
}

/// How long the raw string at the head of `rest` is; nothing for a raw identifier.
fn raw(rest: &[char]) -> usize {
    let start = rest.iter().position(|c| *c != 'r' && *c != 'b').unwrap_or(0);
    let hashes = rest[start..].iter().take_while(|c| **c == '#').count();
    if rest.get(start + hashes) != Some(&'"') {
        return 0;
    }
    let open = start + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    find(&rest[open..], &end).map_or(rest.len(), |close| open + close + end.len())
}

fn quoted(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// `code` with the items blank that only a test build has.
fn untested(code: &str) -> String {
    untested_of(code, code)
}

/// `text` with that blank which `code` has in such items; character for character the same otherwise.
fn untested_of(code: &str, text: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let (code, mut text): (Vec<char>, Vec<char>) = (code.chars().collect(), text.chars().collect());
    let mut at = 0;
    while let Some(start) = find(&code[at..], MARK).map(|start| at + start) {
        let mut depth = 0;
        let item = start + MARK.len();
        let end = code[item..].iter().position(|c| {
            match c {
                '{' | '(' | '[' => depth += 1,
                '}' | ')' | ']' => depth -= 1,
                _ => {}
            }
            depth == 0 && matches!(c, '}' | ';')
        });
        at = end.map_or(code.len(), |end| item + end + 1);
        text[start..at].iter_mut().filter(|c| **c != '\n').for_each(|c| *c = ' ');
    }
    text.into_iter().collect()
}

#[test]
fn what_is_no_code_is_blank() {
    let code = blank("let a = \"arn:{b}\"; // use crate::x\nlet c = r#\"\"d\"\"#; let e = '\"'; fn f<'a>() {}", true);
    assert!(!code.contains("arn") && !code.contains("crate") && !code.contains('d'), "{code}");
    assert!(code.contains("fn f<'a>() {}"), "{code}");
}

#[test]
fn what_only_tests_have_is_left_out() {
    let code = untested(
        "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod more;\nfn d() {}",
    );
    assert!(!code.contains("b()") && !code.contains("more"), "{code}");
    assert!(code.contains("a()") && code.contains("c()") && code.contains("d()"), "{code}");
}
