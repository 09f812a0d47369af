//! The invariants of the catalogue: folder = list = cards, and cards that say what the program does.

use crate::support::repo;
use aws_posture::catalogue::{self, Check};
use aws_posture::catalogue::{CheckScope, checks, entries, pillar};
use posture_estate::check::Probe;
use posture_estate::services;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

#[test]
fn every_card_parses_and_every_id_is_there_once() {
    let ids: Vec<&str> = entries().map(|entry| entry.id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id twice");
    assert_eq!(checks().len(), ids.len());
    assert!(checks().len() >= 90, "{} checks", checks().len());
}

#[test]
fn folder_and_list_hold_the_same() {
    let mut files = BTreeSet::new();
    for folder in std::fs::read_dir(repo("checks")).unwrap().map(|entry| entry.unwrap().path()) {
        if !folder.is_dir() {
            continue;
        }
        let service = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let mut stems: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for file in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let stem = file.file_stem().unwrap().to_str().unwrap().to_owned();
            let kind = file.extension().unwrap_or_default().to_str().unwrap().to_owned();
            if stem != "mod" {
                stems.entry(stem).or_default().insert(kind);
            }
        }
        let module = std::fs::read_to_string(folder.join("mod.rs")).unwrap();
        for (stem, kinds) in stems {
            // What probes of the folder share, or a part of a large one that stands by itself.
            let declared = |line: &str| line.trim_start_matches("pub(crate) ") == format!("mod {stem};");
            if module.lines().any(declared) && kinds == BTreeSet::from(["rs".to_owned()]) {
                continue;
            }
            assert_eq!(
                kinds,
                BTreeSet::from(["md".to_owned(), "rs".to_owned()]),
                "{service}/{stem} is not a probe and a card"
            );
            files.insert(format!("{service}_{stem}"));
        }
    }
    let listed: BTreeSet<String> = entries().map(|entry| entry.id.to_owned()).collect();
    assert_eq!(files, listed, "the folders and the lists differ");
}

#[test]
fn ids_titles_severities_and_scopes_change_only_on_purpose() {
    let mut tables: BTreeMap<&str, String> = BTreeMap::new();
    for check in checks() {
        let (severity, scope) = (check.severity().as_str(), check.card.scope.as_str());
        let table = tables.entry(check.service).or_default();
        writeln!(table, "{:<55} {severity:<9} {scope:<13} {}", check.id, check.card.title).unwrap();
    }
    for (service, table) in tables {
        insta::assert_snapshot!(service, table);
    }
}

#[test]
fn cards_name_known_practices_and_reads_only() {
    let verbs = ["BatchGet", "Describe", "Get", "Head", "List"];
    let others = [
        "iam:GenerateCredentialReport",
        "iam:GenerateServiceLastAccessedDetails",
        // Reads what was indexed.
        "resource-explorer-2:Search",
    ];
    for check in checks() {
        let Check { id, card, .. } = check;
        assert!(!card.slugs.is_empty(), "{id} names no practice");
        for slug in &card.slugs {
            assert!(pillar().by_slug(slug).is_some(), "{id}: no practice {slug}");
        }
        assert_eq!(card.slugs.iter().collect::<BTreeSet<_>>().len(), card.slugs.len(), "{id} names a practice twice");
        assert!(!card.calls.is_empty(), "{id} names no call");
        assert_eq!(card.calls.iter().collect::<BTreeSet<_>>().len(), card.calls.len(), "{id} names a call twice");
        for call in &card.calls {
            let (service, operation) = call.split_once(':').unwrap_or_else(|| panic!("{id}: {call}"));
            assert!(
                service.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
                "{id}: {call}"
            );
            let read = verbs.iter().any(|verb| operation.starts_with(verb)) || others.contains(&call.as_str());
            assert!(read, "{id}: {call} is no read");
        }
    }
}

#[test]
fn cards_name_no_number_of_a_practice() {
    // SEC05-BP02, sec5 bp2, SEC 5: by words.
    let number = |word: &str| {
        let upper = word.to_ascii_uppercase();
        let rest = upper.strip_prefix("SEC").or_else(|| upper.strip_prefix("BP"));
        word == "SEC" || rest.is_some_and(|rest| rest.parse::<u8>().is_ok())
    };
    for check in checks() {
        let mut words = check.card.text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let found = words.find(|word| number(word));
        assert!(found.is_none(), "{}: numbers change with the edition: {found:?}", check.id);
    }
}

#[test]
fn scope_and_probe_agree() {
    for check in checks() {
        let regional = matches!(check.probe, Probe::Region(_));
        assert_eq!(check.card.scope == CheckScope::Region, regional, "{}: card and list differ in scope", check.id);
        let whole = check.card.scope == CheckScope::Organization;
        assert!(
            whole || !check.is_of_organization(),
            "{}: it runs once for an organization and is not about one",
            check.id
        );
        assert!(check.id.starts_with(&format!("{}_", check.service)), "{}", check.id);
    }
}

#[test]
fn cards_are_worth_reading() {
    for check in checks() {
        let (id, card) = (check.id, &check.card);
        assert!(card.title.len() <= 80 && !card.title.ends_with('.'), "{id}: title {:?}", card.title);
        assert!(card.why.len() >= 150, "{id}: why it matters is too short");
        assert!(card.passes.contains("https://docs.aws.amazon.com/"), "{id}: what passes cites no page of AWS");
        assert!(card.fix.cli.contains("aws "), "{id}: no command");
        assert!(card.fix.terraform.contains("```"), "{id}: no Terraform");
        for link in card.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(link.starts_with("https://"), "{id}: link {link}");
        }
        for line in card.text.lines().filter(|line| line.contains("http://")) {
            assert!(line.contains("http://") && line.contains('`'), "{id}: a plain HTTP link: {line}");
        }
    }
}

#[test]
fn every_call_is_of_a_service_that_has_a_row_and_every_row_is_used() {
    let calls = catalogue::reads(catalogue::checks());
    let mut used = BTreeSet::new();
    for call in &calls {
        let (service, _) =
            services::of_call(call).unwrap_or_else(|| panic!("{call} is of no service in services/mod.rs"));
        used.insert(service.name);
        if let Some(action) = services::iam_action(call) {
            assert!(posture_policy::knows_action(&action), "{call}: IAM has no action {action}");
        }
    }
    for service in services::SERVICES {
        assert!(used.contains(service.name), "no check asks {}", service.name);
    }
}
