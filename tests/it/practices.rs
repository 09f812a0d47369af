//! The pillar in a scan: every practice has an answer, none is met on what was not seen, and people can add theirs.

use crate::support::{Report, Run, posture, repo};
use aws_posture::catalogue::{self, Catalogue, Check, Pillar, checks, pillar};
use aws_posture::formats::{self, Format, Options};
use aws_posture::record::{PracticeResult, PracticeStatus, Tally};
use aws_posture::report::{self, PracticeRow};
use aws_posture::scan::{self, Basis, Event, Progress, Recorded, Visit};
use posture_estate::aws::tape::{Reply, Tape};
use posture_estate::aws::transport::{Source, Transport};
use posture_estate::finding::GapKind;
use posture_estate::place::Scene;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

fn scan(fixture: &str, args: &[&str]) -> Run {
    Run::of(posture().args(["scan", "--output", "json", "--replay"]).arg(repo("fixtures").join(fixture)).args(args))
}

fn practice(report: &Report, id: &str) -> Value {
    let rows = report.0["practices"].as_array().unwrap();
    rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no row {id}")).clone()
}

#[test]
fn every_practice_is_answered_with_a_reason() {
    for fixture in ["acme", "hardened"] {
        let report = scan(fixture, &[]).report();
        for known in &pillar().practices {
            let row = practice(&report, &known.id);
            assert!(row["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{row}");
            assert_eq!(row["slug"], known.slug.as_str());
            if row["checks"].as_object().unwrap().is_empty() {
                let expected = if known.attestable() { "needs_attestation" } else { "unknown" };
                assert_eq!(row["status"], expected, "{row}");
                assert!(row["reason"].as_str().unwrap().starts_with("no check yet"), "{row}");
            }
        }
        let rows = report.0["practices"].as_array().unwrap();
        assert_eq!(rows.len(), pillar().practices.len());
        for (row, known) in rows.iter().zip(&pillar().practices) {
            assert_eq!(row["edition"] == report.0["tool"]["pillar"], known.is_current(), "{row}");
        }
    }
}

#[test]
fn every_practice_of_the_edition_has_a_check() {
    for known in pillar().practices.iter().filter(|known| known.is_current()) {
        let bears = checks().iter().filter(|check| check.card.slugs.contains(&known.slug)).count();
        assert!(bears > 0, "no check bears on {} ({})", known.slug, known.id);
    }
}

async fn judge(tape: Tape, all: &[&'static Check]) -> Vec<PracticeResult> {
    judged(pillar(), tape, all).await.0
}

async fn judged(
    pillar: &'static Pillar,
    tape: Tape,
    all: &[&'static Check],
) -> (Vec<PracticeResult>, BTreeSet<String>) {
    let tape = Arc::new(tape);
    let transport = Transport::new(Source::Tape(tape.clone()), None, catalogue::reads(checks()));
    let settings = Arc::new(catalogue::ChangedSettings::default().resolved());
    let scene = Scene { now: tape.time().unwrap(), transport, settings };
    let (_, mut accounts) = scan::replay(&Recorded::of(&tape).unwrap(), &scene, &[]).await.unwrap();
    let session = accounts.remove(0).session.unwrap();
    let (mut tally, mut named) = (Tally::default(), BTreeSet::new());
    let tell = |event: Event<'_>| {
        if let Event::Finding(_, record) = event {
            tally.add(&record);
            named.extend(record.practices.iter().cloned());
        }
        Ok::<_, std::convert::Infallible>(())
    };
    let never = std::future::pending();
    let (skip, progress) = (BTreeSet::new(), Progress::default());
    let visit = Visit { session: &session, checks: all, skip: &skip, progress: &progress, terms: &() };
    scan::run(&visit, never, tell).await.unwrap();
    let results = scan::roll_up(&Basis {
        pillar,
        tally: &tally,
        ran: all,
        all,
        gaps: &session.account.gaps(),
        attestations: &[],
        accounts: &[session.account.account_id()],
        today: "2026-11-22".parse().unwrap(),
    });
    (results, named)
}

/// The catalogue by an edition that AWS never published, before the one of the build.
fn made_up() -> &'static Catalogue {
    let read = |file: &str| std::fs::read_to_string(repo(file)).unwrap();
    let practices = read("checks/security-pillar.toml") + &read("tests/it/made-up-practice.toml");
    let editions = [read("tests/it/made-up-edition.toml"), read("checks/security-pillar-2024-11.toml")];
    Box::leak(Box::new(Catalogue::parse(&practices, &editions.each_ref().map(String::as_str)).unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_by_another_edition_says_the_same_with_its_numbers() {
    let tape = Tape::load(&repo("fixtures/acme")).unwrap();
    let made_up = made_up();
    let (results, named) = judged(&made_up.pillar, tape.clone(), &made_up.checks.iter().collect::<Vec<_>>()).await;
    let (today, _) = judged(pillar(), tape, &checks().iter().collect::<Vec<_>>()).await;
    for result in &results {
        let before = today.iter().find(|before| before.practice.slug == result.practice.slug);
        match before {
            Some(before) => assert_eq!((before.status, &before.reason), (result.status, &result.reason)),
            None => assert_eq!((result.practice.id.as_str(), result.reason.as_str()), ("SEC12-BP01", "no check yet")),
        }
    }
    assert_eq!(results.len(), today.len() + 1);
    assert!(named.contains("SEC05-BP03") && !named.contains("SEC08-BP01"), "{named:?}");

    // What is shown of it: the report of this build with these numbers.
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("report.json");
    std::fs::write(&file, scan("acme", &[]).stdout).unwrap();
    let mut report = report::read(&file).unwrap();
    report.head.tool.pillar.clone_from(&made_up.pillar.edition);
    report.head.practices = results.iter().map(PracticeRow::of).collect();
    let write = |format: Format| {
        let mut out = Vec::new();
        formats::write(&report, format, Options { width: 100, colour: false }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let (text, html) = (write(Format::Text), write(Format::Html));
    assert!(text.contains("Security Pillar, May 2031") && text.contains("\nForesight "), "{text}");
    assert_eq!(html.matches("class=\"tile ").count(), 8);
    assert!(html.contains("/sec_network_protection_layered.html") && html.contains("(edition November 2024)"));
}

#[test]
fn every_edition_in_the_folder_is_known() {
    let of_edition = |name: &str| name.starts_with("security-pillar-") && name.ends_with(".toml");
    let names =
        std::fs::read_dir(repo("checks")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let source = std::fs::read_to_string(repo("src/catalogue/edition.rs")).unwrap();
    let mut found = 0;
    for name in names.filter(|name| of_edition(name)) {
        assert!(source.contains(&format!("/{name}\")")), "{name} is not in EDITIONS");
        found += 1;
    }
    assert!(found > 0);
}

/// Calls that a scan makes only when another one has nothing yet, or for the resources of others, who may refuse.
const ALTERNATIVES: [&str; 4] =
    ["dynamodb:DescribeTable", "dynamodb:ListTables", "iam:GenerateCredentialReport", "s3:GetBucketLocation"];

#[tokio::test(flavor = "multi_thread")]
async fn no_practice_is_met_when_one_of_its_calls_is_denied() {
    let tape = Tape::load(&repo("fixtures/hardened")).unwrap();
    let calls: BTreeSet<(String, String)> =
        tape.questions().map(|question| (question.service.clone(), question.operation.clone())).collect();
    let mut met = 0;
    for (service, operation) in calls {
        let call = format!("{service}:{operation}");
        // The checks that may ask it are the whole catalogue here: what rests on others is not at issue.
        let rest: Vec<&'static Check> = checks().iter().filter(|check| check.card.calls.contains(&call)).collect();
        if rest.is_empty() || ALTERNATIVES.contains(&call.as_str()) {
            continue;
        }
        met += judge(tape.clone(), &rest).await.iter().filter(|one| one.status == PracticeStatus::Met).count();
        let denied = tape.altered(
            |question| question.service == service && question.operation == operation,
            |_| Reply::Fault { kind: GapKind::Denied, code: None, message: "AccessDenied".into() },
        );
        for result in judge(denied, &rest).await.iter().filter(|result| !result.checks.is_empty()) {
            let fine = matches!(result.status, PracticeStatus::Unknown | PracticeStatus::NotMet);
            assert!(fine, "{call} denied: {} is {:?}", result.practice.id, result.status);
        }
    }
    assert!(met > 0, "nothing was met before either");
}

fn attest(dir: &Path, practice: &str, expires: &str) -> String {
    let file = dir.join("posture.toml");
    let text = format!(
        "[[attestation]]\npractice = \"{practice}\"\naccounts = \"all\"\nstatement = \"exercised\"\n\
         owner = \"ana@example.com\"\ndate = 2025-01-01\nexpires = {expires}\nevidence = \"https://wiki.example.com/ir\"\n"
    );
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn an_attestation_turns_its_practice_and_an_expired_one_does_not() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(practice(&scan("hardened", &[]).report(), "SEC11-BP01")["status"], "needs_attestation");
    let file = attest(dir.path(), "SEC11-BP01", "2099-01-01");
    let report = scan("hardened", &["--attestations", &file]).report();
    let row = practice(&report, "SEC11-BP01");
    assert_eq!(row["status"], "attested", "{row}");
    assert_eq!(row["attestations"][0]["owner"], "ana@example.com");
    let schema: Value = serde_json::from_str(aws_posture::report::json::SCHEMA).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&report.0));

    let found =
        Run::of(posture().args(["practices", "--replay"]).arg(repo("fixtures/hardened")).current_dir(dir.path()));
    assert!(found.stdout.contains("SEC11-BP01    attested"), "{}", found.stdout);
    assert!(found.stderr.contains("posture.toml: 1 attestation"), "{}", found.stderr);

    let file = attest(dir.path(), "SEC11-BP01", "2025-06-01");
    let run = scan("hardened", &["--attestations", &file]);
    let row = practice(&run.report(), "SEC11-BP01");
    assert_eq!(row["status"], "needs_attestation", "{row}");
    assert!(row["reason"].as_str().unwrap().contains("expired on 2025-06-01"), "{row}");
    assert!(run.stderr.contains("expired: the attestation of SEC11-BP01 by ana@example.com"), "{}", run.stderr);
    let text = Run::of(posture().args(["scan", "--attestations", &file, "--replay"]).arg(repo("fixtures/hardened")));
    assert!(
        text.stdout.contains("SEC11-BP01: the attestation by ana@example.com expired on 2025-06-01"),
        "{}",
        text.stdout
    );

    let file = attest(dir.path(), "SEC11-BP91", "2099-01-01");
    let run = scan("hardened", &["--attestations", &file]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("posture.toml:2: no practice"), "{}", run.stderr);
}

#[test]
fn an_attestation_does_not_cover_up_what_fails() {
    let dir = tempfile::tempdir().unwrap();
    let before = scan("acme", &[]).report();
    let rows = before.0["practices"].as_array().unwrap();
    let failing = rows.iter().find(|row| row["status"] == "not_met" && row["judged"] == "partial").unwrap();
    let id = failing["id"].as_str().unwrap();
    let file = attest(dir.path(), id, "2099-01-01");
    assert_eq!(practice(&scan("acme", &["--attestations", &file]).report(), id)["status"], "not_met");
}

#[test]
fn the_template_has_an_entry_for_each_practice_that_a_person_decides() {
    let run = Run::of(posture().args(["attest", "init"]));
    assert_eq!(run.code, 0, "{}", run.stderr);
    for practice in pillar().practices.iter().filter(|practice| practice.attestable()) {
        assert!(run.stdout.contains(&format!("#practice = \"{}\"", practice.id)), "{}", practice.id);
        assert!(run.stdout.contains(practice.ask.as_ref().unwrap()), "{}", practice.id);
    }
    let refused = Run::of(posture().args(["attest", "init", "--practice", "SEC01-BP02"]));
    assert_eq!(refused.code, 2);
}

#[test]
fn the_pillar_is_shown_with_and_without_a_scan() {
    let dir = tempfile::tempdir().unwrap();
    let json = |args: &[&str]| -> BTreeMap<String, Value> {
        let run = Run::of(posture().args(["practices", "--output", "json"]).args(args).current_dir(dir.path()));
        assert_eq!(run.code, 0, "{}", run.stderr);
        let rows: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
        rows.into_iter().map(|row| (row["id"].as_str().unwrap().to_owned(), row)).collect()
    };
    let plain = json(&[]);
    assert_eq!(plain.len(), pillar().practices.len());
    assert!(plain["SEC01-BP02"]["status"].is_null());
    let fixture = repo("fixtures/acme");
    let replayed = json(&["--replay", fixture.to_str().unwrap()]);
    let file = dir.path().join("report.json");
    std::fs::write(&file, scan("acme", &[]).stdout).unwrap();
    assert_eq!(json(&["--report", file.to_str().unwrap()]), replayed);
    assert_eq!(replayed["SEC01-BP02"]["status"], "not_met");
    let text = Run::of(posture().args(["practices"]).current_dir(dir.path()));
    let count = pillar().practices.iter().filter(|practice| practice.is_current()).count();
    let counted = text.stdout.contains(&format!("\n{count} practices"));
    assert!(counted && text.stdout.contains(&pillar().edition), "{}", text.stdout);
    std::fs::write(&file, "{}").unwrap();
    let refused = Run::of(posture().args(["practices", "--report"]).arg(&file));
    assert_eq!(refused.code, 2);
}
