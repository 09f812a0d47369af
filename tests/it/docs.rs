//! Documentation that is not tested drifts: every command line in the manual and in `deploy/` has only flags that there are.

use crate::support::{Run, posture, repo};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn files(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, into) } else { into.push(path) }
    }
}

/// Lines with their continuations.
fn lines(text: &str) -> impl Iterator<Item = String> {
    text.replace("\\\n", " ").lines().map(str::to_owned).collect::<Vec<_>>().into_iter()
}

/// The flags of a part of a line, `--fail-on=high` as `--fail-on`.
fn flags(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| c.is_whitespace() || "`'\",;()[]".contains(c));
    let flag = |word: &str| Some(word.split('=').next()?.trim_end_matches(['.', ':']).to_owned());
    words.filter(|word| word.starts_with("--") && word.len() > 2).filter_map(flag).collect::<Vec<_>>().into_iter()
}

#[test]
fn every_command_line_of_the_manual_has_only_flags_that_there_are() {
    let mut paths = vec![repo("README.md"), repo("action.yml")];
    files(&repo("docs"), &mut paths);
    files(&repo("deploy"), &mut paths);
    let mut helps: BTreeMap<String, String> = BTreeMap::new();
    let (mut seen, mut wrong) = (0, BTreeSet::new());
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let list = name.ends_with(".yaml");
        for line in lines(&text) {
            let (words, after) = match line.split_once("posture ") {
                Some((before, after)) if !before.ends_with(['/', '-']) => {
                    (after.split_whitespace().collect::<Vec<_>>(), after)
                }
                _ if list && line.trim_start().starts_with("- --") => (vec!["scan"], line.trim_start()),
                _ => continue,
            };
            let command: Vec<&str> = words
                .iter()
                .copied()
                .take_while(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') && !word.starts_with('-'))
                .take(2)
                .collect();
            let Some(first) = command.first() else { continue };
            let help = helps.entry((*first).to_owned()).or_insert_with(|| {
                let nested = Run::of(posture().args([*first]).args(command.get(1)).arg("--help"));
                nested.stdout + &Run::of(posture().args([*first, "--help"])).stdout
            });
            if !help.contains("Usage: posture") {
                continue;
            }
            // What follows in a pipe or in prose is not this command's.
            let own = after.split(['|', '`', '#']).next().unwrap_or_default().split("&&").next().unwrap_or_default();
            for flag in flags(own) {
                seen += 1;
                if !help.contains(&flag) {
                    wrong.insert(format!("{name}: posture {first} has no {flag}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 40, "only {seen} flags were found: the manual is not read as it should be");
}
