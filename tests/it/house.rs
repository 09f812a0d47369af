//! The rules that keep the house as it is, held against its own files. There is no list of exceptions: what breaks a rule is mended,
//! or the rule is wrong and changed here for all.

mod imports;
mod source;
mod words;

use imports::{arrows, circle, module};
use posture_estate::services::SERVICES;
use source::{Source, all, below, root};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// The rooms of each crate from the ground up. A file uses its own room and those before it.
const FLOORS: &[(&str, &[&str])] = &[
    (
        "crates/estate/src",
        &[
            "text",
            "files",
            "lock",
            "arn",
            "day",
            "finding",
            "settings",
            "organization",
            "network",
            "aws",
            "place",
            "services",
            "organizations",
            "access_records",
            "exposure",
            "identities",
            "emergency",
            "group_uses",
            "key_powers",
            "regions",
            "session",
            "check",
        ],
    ),
    ("src", &["catalogue", "record", "scan", "report", "gate", "formats", "config", "run", "push", "cli"]),
];

/// The crates from the ground up, with what of ours each depends on.
const CRATES: &[(&str, &[&str])] = &[
    ("crates/policy", &[]),
    ("crates/estate", &["posture-policy"]),
    ("checks", &["posture-estate", "posture-policy"]),
    (".", &["posture-checks", "posture-estate", "posture-policy"]),
];

fn none(wrong: Vec<String>, rule: &str) {
    assert!(wrong.is_empty(), "{rule}:\n{}", wrong.join("\n"));
}

#[test]
fn a_crate_depends_on_those_before_it() {
    for (folder, own) in CRATES {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let (_, after) = manifest.split_once("\n[dependencies]\n").unwrap();
        let (dependencies, _) = after.split_once("\n[").unwrap();
        let names: Vec<&str> =
            dependencies.lines().filter_map(|line| line.split_once(['.', ' '])).map(|(name, _)| name).collect();
        let ours: Vec<&&str> = names.iter().filter(|name| name.starts_with("posture-")).collect();
        assert_eq!(ours, own.iter().collect::<Vec<_>>(), "{folder}/Cargo.toml");
    }
}

#[test]
fn a_room_uses_those_below_it() {
    let sources = all();
    let mut wrong = Vec::new();
    for (folder, floors) in FLOORS {
        let room = |path: &str| module(folder, path).first().cloned();
        let floor = |path: &str| {
            let room = room(path)?;
            Some(floors.iter().position(|floor| *floor == room).unwrap_or_else(|| panic!("{path} is on no floor")))
        };
        let arrows = arrows(folder, &sources);
        assert!(arrows.values().map(BTreeSet::len).sum::<usize>() > 200, "the uses in {folder} are not read");
        let rooms: BTreeSet<String> = arrows.keys().filter_map(|path| room(path)).collect();
        assert_eq!(rooms, floors.iter().map(|floor| (*floor).to_owned()).collect(), "the rooms of {folder}");
        for (file, used) in &arrows {
            // The root declares the rooms.
            let Some(own) = floor(file) else { continue };
            let up = used.iter().filter(|other| floor(other).is_none_or(|other| other > own));
            wrong.extend(up.map(|other| format!("{file} uses {other}")));
        }
    }
    none(wrong, "arrows up");
}

#[test]
fn no_file_uses_what_uses_it() {
    let sources = all();
    for folder in ["crates/policy/src", "crates/estate/src", "checks", "src"] {
        let circle = circle(&arrows(folder, &sources)).unwrap_or_default();
        assert!(circle.is_empty(), "a circle: {}", circle.join(" -> "));
    }
}

#[test]
fn a_file_has_at_most_350_lines_and_says_what_it_is_for() {
    let long = |source: &Source| (source.text.lines().count() > 350).then(|| source.path.clone());
    let silent = |source: &Source| (!source.text.starts_with("//! ")).then(|| source.path.clone());
    let sources = all();
    none(sources.iter().filter_map(long).collect(), "more than 350 lines");
    none(sources.iter().filter_map(silent).collect(), "no //! at the head");
}

/// A probe lies beside its card. What counts is what decides: not tests, comments, blank lines and `use`.
#[test]
fn a_probe_has_at_most_80_lines() {
    let mut wrong = Vec::new();
    for probe in below(&["checks"]) {
        if !root().join(&probe.path).with_extension("md").exists() {
            continue;
        }
        let (mut count, mut importing) = (0, false);
        for line in probe.production.lines().map(str::trim).filter(|line| !line.is_empty()) {
            importing |= line.starts_with("use ") || line.starts_with("pub use ");
            count += usize::from(!importing);
            importing &= !line.ends_with(';');
        }
        if count > 80 {
            wrong.push(format!("{}: {count}", probe.path));
        }
    }
    none(wrong, "probes that lack a method on the estate");
}

#[test]
fn what_has_a_word_is_not_spelt_out() {
    /// What is written, without white space; where it may be; and what to write instead.
    const SPELT: &[(&str, &[&str], &str)] = &[
        ("split(':').nth", &["crates/policy/src/arn.rs"], "Arn::parse"),
        ("format!(\"arn:{", &["crates/policy/src/arn.rs"], "Arn"),
        ("write!(out,\"arn:{", &["crates/policy/src/arn.rs"], "Arn"),
        ("len()==12", &["crates/policy/src/arn.rs"], "is_account"),
        ("len()!=12", &["crates/policy/src/arn.rs"], "is_account"),
        ("\"s\"}else{\"\"}", &[], "text::counted"),
        ("{\"\"}else{\"s\"}", &[], "text::counted"),
        (".or_pass(String::new", &[], "Reasons::open"),
    ];
    let mut wrong = Vec::new();
    for source in all() {
        let written: String = source.written.chars().filter(|c| !c.is_whitespace()).collect();
        let here =
            SPELT.iter().filter(|(what, rooms, _)| written.contains(what) && !rooms.contains(&source.path.as_str()));
        wrong.extend(here.map(|(what, _, word)| format!("{}: {what}: {word}", source.path)));
    }
    none(wrong, "spelt out");
}

#[test]
fn nothing_is_allowed_for_good() {
    let allows = |source: &Source| {
        let code: String = source.production.chars().filter(|c| !c.is_whitespace()).collect();
        (code.contains("#[allow(") || code.contains("#![allow(")).then(|| source.path.clone())
    };
    none(all().iter().filter_map(allows).collect(), "#[allow]: use #[expect(lint, reason = \"…\")]");
}

/// A member that AWS did not send is malformed, or its absence means something, which has a name and a comment.
#[test]
fn what_aws_did_not_send_is_not_taken_for_nothing() {
    let services = below(&["crates/estate/src/services"]);
    assert!(services.len() > 10);
    let lax = |source: &Source| source.production.contains("unwrap_or_default").then(|| source.path.clone());
    none(services.iter().filter_map(lax).collect(), "unwrap_or_default in a service");
}

/// A probe asks by the methods of a service; the macro that makes handles has to leave more open.
#[test]
fn a_probe_asks_by_the_methods_of_a_service() {
    let asks = |source: &Source| {
        let asks = [".ask(", ".ask_in(", ".client(", ".client_in("].iter().any(|call| source.production.contains(call));
        asks.then(|| source.path.clone())
    };
    none(below(&["checks", "src"]).iter().filter_map(asks).collect(), "asks by itself");
}

#[test]
fn a_public_type_has_a_name_of_its_own() {
    let mut wrong = Vec::new();
    for folder in ["crates/policy/src", "crates/estate/src", "checks", "src"] {
        let mut names: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for source in below(&[folder]) {
            let service = source.path.strip_prefix("crates/estate/src/services/");
            let service = service.map(|path| path.split(['/', '.']).next().unwrap_or_default()).unwrap_or_default();
            let words: Vec<&str> = source.production.split_whitespace().collect();
            for window in words.windows(3) {
                if let ["pub", "struct" | "enum" | "trait" | "type", name] = window {
                    let name: String = name.chars().take_while(|c| c.is_alphanumeric()).collect();
                    names.entry(name).or_default().push((service.to_owned(), source.path.clone()));
                }
            }
        }
        for (name, places) in names {
            // Two services may each have what AWS calls a tag.
            let services: BTreeSet<&str> = places.iter().map(|(service, _)| service.as_str()).collect();
            if services.len() < places.len() || (services.len() > 1 && services.contains("")) {
                let files: Vec<&str> = places.iter().map(|(_, path)| path.as_str()).collect();
                wrong.push(format!("{name}: {}", files.join(", ")));
            }
        }
    }
    none(wrong, "one name, several things");
}

/// Names side by side, four or more and nothing else, are a list of services, which would have to grow with them. Two or three tell
/// cases apart.
#[test]
fn nothing_but_the_rows_lists_services() {
    let known: BTreeSet<&str> = SERVICES.iter().map(|service| service.name).collect();
    let mut wrong = Vec::new();
    for source in all() {
        for run in words::literals_side_by_side(&source.text) {
            let named: BTreeSet<&str> = run.iter().map(String::as_str).collect();
            if named.len() > 3 && named.is_subset(&known) {
                wrong.push(format!("{}: {run:?}", source.path));
            }
        }
    }
    none(wrong, "lists of services");
}

#[test]
fn a_script_of_an_account_has_at_most_200_lines() {
    let mut folders = vec![root().join("tests/aws/accounts")];
    let (mut wrong, mut seen) = (Vec::new(), 0);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "py") {
                seen += 1;
                if fs::read_to_string(&path).unwrap().lines().count() > 200 {
                    wrong.push(path.display().to_string());
                }
            }
        }
    }
    assert!(seen > 10);
    none(wrong, "more than 200 lines");
}
