//! Which file of a crate uses which other: the arrows between rooms.
//!
//! An arrow goes from the file where a path is written to the file where what it names is defined: `pub use` of a parent is
//! looked through, and is no arrow itself. Neither is `mod x;`. All else is: a parent that uses its child's items and is
//! used by that child is a circle like any other.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Source;

/// From the path of a file to those of the files that it uses.
pub type Arrows = BTreeMap<String, BTreeSet<String>>;

struct Module<'a> {
    source: &'a Source,
    /// Each path that production code writes, from the crate's root.
    paths: Vec<Vec<String>>,
    /// What `pub use` hands on: the name, and whence.
    handed: Vec<(String, Vec<String>)>,
}

/// The arrows of the crate whose sources lie below `folder`.
pub fn arrows(folder: &str, sources: &[Source]) -> Arrows {
    let mut modules: BTreeMap<Vec<String>, Module> = BTreeMap::new();
    let own =
        sources.iter().filter(|source| source.path.starts_with(&format!("{folder}/")) && !source.production.is_empty());
    for source in own {
        modules.insert(module(folder, &source.path), Module { source, paths: Vec::new(), handed: Vec::new() });
    }
    let names: BTreeSet<Vec<String>> = modules.keys().cloned().collect();
    for (name, module) in &mut modules {
        read(name, &names, module);
    }
    let macros: BTreeMap<String, &str> = modules.values().flat_map(|module| exported(module.source)).collect();
    modules
        .values()
        .map(|module| {
            let used = module.paths.iter().filter_map(|path| match path.as_slice() {
                [only] if macros.contains_key(only) => Some(macros[only].to_owned()),
                _ => target(path, &modules, 0),
            });
            (module.source.path.clone(), used.filter(|used| *used != module.source.path).collect())
        })
        .collect()
}

/// `crates/estate/src/aws/tape/mod.rs` is `aws::tape`.
pub fn module(folder: &str, path: &str) -> Vec<String> {
    let inner = path.trim_start_matches(folder).trim_start_matches('/').trim_end_matches(".rs");
    let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

/// The macros of a file that the crate's root exports.
fn exported(source: &Source) -> Vec<(String, &str)> {
    let made = source.production.split("#[macro_export]").skip(1);
    let name = |text: &str| {
        let text = &text[text.find("macro_rules!")? + "macro_rules!".len()..];
        Some(text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
    };
    made.filter_map(name).map(|name| (name, source.path.as_str())).collect()
}

/// The file that defines what `path` names, looking through what modules hand on.
fn target(path: &[String], modules: &BTreeMap<Vec<String>, Module>, depth: usize) -> Option<String> {
    let deepest = (0..=path.len()).rev().find(|end| modules.contains_key(&path[..*end]))?;
    let module = &modules[&path[..deepest]];
    if depth < 8
        && let Some(name) = path.get(deepest)
        && let Some((_, whence)) = module.handed.iter().find(|(handed, _)| handed == name)
    {
        return target(whence, modules, depth + 1);
    }
    // The root only declares the rooms.
    (deepest > 0 || path.len() == 1).then(|| module.source.path.clone())
}

fn read(name: &[String], names: &BTreeSet<Vec<String>>, module: &mut Module) {
    let tokens = tokens(&module.source.production);
    let mut at = 0;
    while at < tokens.len() {
        let public = at > 0
            && (tokens[at - 1] == "pub"
                || tokens[at - 1] == ")" && tokens[..at].iter().rev().take(5).any(|t| t == "pub"));
        if tokens[at] == "use" {
            let mut leaves = Vec::new();
            at = tree(&tokens, at + 1, Vec::new(), &mut leaves);
            for (path, called) in leaves {
                let Some(path) = absolute(&path, name, names) else { continue };
                match public {
                    true => module.handed.push((called, path)),
                    false => module.paths.push(path),
                }
            }
        } else if at == 0 || tokens[at - 1] != "::" && tokens[at - 1] != "mod" {
            let mut path = vec![tokens[at].clone()];
            while tokens.get(at + 1).is_some_and(|t| t == "::") && tokens.get(at + 2).is_some_and(|t| identifier(t)) {
                path.push(tokens[at + 2].clone());
                at += 2;
            }
            if path.len() > 1 {
                module.paths.extend(absolute(&path, name, names));
            }
            at += 1;
        } else {
            at += 1;
        }
    }
}

/// Reads one tree of a `use`, and answers where it ends.
fn tree(tokens: &[String], mut at: usize, mut path: Vec<String>, leaves: &mut Vec<(Vec<String>, String)>) -> usize {
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|t| t != "}") {
                    at = tree(tokens, at, path.clone(), leaves);
                    if tokens.get(at).is_some_and(|t| t == ",") {
                        at += 1;
                    }
                }
                return at + 1;
            }
            Some("::") => at += 1,
            Some("as") => {
                leaves.push((path, tokens[at + 1].clone()));
                return at + 2;
            }
            Some("*") => {
                leaves.push((path, "*".to_owned()));
                return at + 1;
            }
            Some(part) if identifier(part) => {
                path.push(part.to_owned());
                at += 1;
            }
            _ => {
                let called = path.last().cloned().unwrap_or_default();
                leaves.push((path, called));
                return at;
            }
        }
    }
}

/// The path from the crate's root; nothing when it leads out of the crate.
fn absolute(path: &[String], here: &[String], names: &BTreeSet<Vec<String>>) -> Option<Vec<String>> {
    let mut from = here.to_vec();
    let mut rest = path;
    match rest.first()?.as_str() {
        "crate" => from.clear(),
        "self" => {}
        "super" => {
            while rest.first().is_some_and(|part| part == "super") {
                from.pop();
                rest = &rest[1..];
            }
            from.extend(rest.iter().cloned());
            return Some(from);
        }
        child => {
            from.push(child.to_owned());
            if !names.contains(&from) {
                return None;
            }
        }
    }
    from.extend(rest[1..].iter().filter(|part| *part != "self").cloned());
    Some(from)
}

fn identifier(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn tokens(code: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() || c == '_' {
            let mut token = c.to_string();
            while let Some(next) = chars.next_if(|next| next.is_alphanumeric() || *next == '_') {
                token.push(next);
            }
            tokens.push(token);
        } else if c == ':' && chars.next_if_eq(&':').is_some() {
            tokens.push("::".to_owned());
        } else if !c.is_whitespace() {
            tokens.push(c.to_string());
        }
    }
    tokens
}

/// A circle of files, if there is one.
pub fn circle(arrows: &Arrows) -> Option<Vec<String>> {
    fn visit<'a>(
        file: &'a str,
        arrows: &'a Arrows,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Vec<String>> {
        if let Some(start) = way.iter().position(|step| *step == file) {
            return Some(way[start..].iter().map(|step| (*step).to_owned()).collect());
        }
        if done.contains(file) {
            return None;
        }
        way.push(file);
        let found = arrows.get(file)?.iter().find_map(|next| visit(next, arrows, way, done));
        way.pop();
        done.insert(file);
        found
    }
    let mut done = BTreeSet::new();
    arrows.keys().find_map(|file| visit(file, arrows, &mut Vec::new(), &mut done))
}
