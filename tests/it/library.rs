//! The library scans as the command does: plain data in, the same findings out, nobody at a terminal.

use crate::support::{Run, posture, repo};
use aws_posture::config::Config;
use aws_posture::record::Record;
use aws_posture::run::{self, Answers, Flags, InForce, Request, Scanned, Whom};
use posture_estate::aws::tape::Tape;
use posture_estate::day::today;
use std::path::Path;
use std::sync::Arc;

async fn scan(tape: &Path, config: Config) -> Scanned {
    let force = InForce::of(Flags::default(), &config, false);
    let request = Request {
        config,
        force,
        whom: Whom::default(),
        answers: Answers::Tape(Arc::new(Tape::load(tape).unwrap())),
        deadline: None,
        checkpoint: None,
        shard: None,
    };
    run::scan(&request, &()).await.unwrap().expect("nobody asked it to end")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_is_scanned_without_a_command_line() {
    let tape = repo("fixtures/organization");
    let scanned = scan(&tape, Config::default()).await;
    let args = ["scan", "--no-config", "--fail-on", "never", "--output", "json", "--check", "*", "--replay"];
    let command = Run::of(posture().args(args).arg(&tape)).report();
    let own: Vec<Record> = scanned.report.findings.iter().map(|record| record.unwrap().into_owned()).collect();
    assert_eq!(own.len(), command.findings().len());
    for (own, theirs) in own.iter().zip(command.findings()) {
        assert_eq!(&serde_json::to_value(own).unwrap(), theirs);
    }
    assert!(scanned.stopped.is_none() && scanned.report.head.scan.accounts.len() > 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_told_by_the_terms_of_the_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("posture.toml");
    let text = "[severity]\n\"iam_*\" = \"info\"\n\n[[suppression]]\ncheck = \"iam_*\"\nreason = \"known\"\n\
                owner = \"ana@example.com\"\nexpires = 2027-01-01\n";
    std::fs::write(&path, text).unwrap();
    let scanned = scan(&repo("fixtures/acme"), Config::read(&path, today()).unwrap()).await;
    let (mut of_iam, mut accepted) = (0, 0);
    for record in scanned.report.findings.iter() {
        let record = record.unwrap();
        let iam = record.check_id.starts_with("iam_");
        assert!(!iam || record.severity.as_str() == "info", "{}", record.check_id);
        assert!(iam || record.suppression.is_none(), "{}", record.check_id);
        of_iam += u32::from(iam);
        accepted += u32::from(record.suppression.is_some());
    }
    assert!(of_iam > accepted && accepted > 0, "{of_iam} {accepted}");
}
