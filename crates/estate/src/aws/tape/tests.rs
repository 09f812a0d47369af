//! Tapes are written and read back; what is cut short, foreign or secret.

use super::*;
use crate::aws::service::Service;
use std::path::Path;

fn question(operation: &str, params: &str) -> Question {
    Question {
        account: "111122223333".into(),
        region: "us-east-1".into(),
        service: "ec2".into(),
        operation: operation.into(),
        params: params.into(),
    }
}

fn answer(body: &str) -> Reply {
    Reply::Http { status: 200, headers: BTreeMap::new(), body: body.into() }
}

fn service() -> &'static Service {
    crate::services::named("ec2").unwrap()
}

fn recorded(dir: &Path) {
    let recorder = TapeRecorder::create(dir).unwrap();
    recorder.keep(question("DescribeVolumes", ""), answer("<a/>"), service());
    recorder.keep(
        question("DescribeVolumes", "a=b"),
        Reply::Fault { kind: GapKind::Timeout, code: None, message: "slow".into() },
        service(),
    );
    let about = serde_json::json!({ "accounts": [{ "id": "111122223333" }] });
    recorder.finish("2026-01-02T03:04:05Z", about.as_object().unwrap().clone()).unwrap();
}

#[test]
fn what_was_recorded_is_read_back() {
    let dir = tempfile::tempdir().unwrap();
    recorded(dir.path());
    let tape = Tape::load(dir.path()).unwrap();
    assert_eq!(tape.questions().count(), 2);
    let reply = tape.answer(&question("DescribeVolumes", "")).unwrap();
    assert_eq!(*reply, answer("<a/>"));
    assert!(tape.answer(&question("DescribeVpcs", "")).is_none());
    assert_eq!(tape.time().unwrap().secs(), 1_767_323_045);
}

#[test]
fn a_tape_cut_short_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    recorded(dir.path());
    let file = dir.path().join("111122223333/us-east-1/ec2.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, &text[..text.len() / 2]).unwrap();
    let error = Tape::load(dir.path()).unwrap_err().to_string();
    assert!(error.contains("ec2.jsonl is cut short"), "{error}");
    std::fs::remove_file(dir.path().join("tape.json")).unwrap();
    let error = Tape::load(dir.path()).unwrap_err().to_string();
    assert!(error.contains("no tape.json"), "{error}");
}

/// A tape as version 1 wrote it: auditors keep such.
fn of_version_1(dir: &Path, file: &str, more: &str) {
    let answers = dir.join("111122223333/us-east-1");
    std::fs::create_dir_all(&answers).unwrap();
    let line = "{\"operation\":\"DescribeVolumes\",\"params\":\"\",\"status\":200,\"body\":\"<a/>\"}\n";
    std::fs::write(answers.join("ec2.jsonl"), line).unwrap();
    let sha256 = "5ca77d232e164e994b8619e90fdb7279f885b1f5caacbcbe1368fd68d50a5d51";
    let head = format!(
        r#"{{"format": "posture-tape", "version": 1, "recorded_at": "2026-01-02T03:04:05Z", "recorded_by": "0.1.0",
            "accounts": [{{"id": "111122223333", "home_region": "us-east-1", "regions": ["us-east-1"]}}],
            "files": {{"{file}": {{"answers": 1, "sha256": "{sha256}"}}}}{more}}}"#
    );
    std::fs::write(dir.join("tape.json"), head).unwrap();
}

#[test]
fn a_tape_of_version_1_is_read_and_held_against_its_digests() {
    let dir = tempfile::tempdir().unwrap();
    let refused = || Tape::load(dir.path()).unwrap_err().to_string();
    let (file, name) = (dir.path().join("111122223333/us-east-1/ec2.jsonl"), "111122223333/us-east-1/ec2.jsonl");
    of_version_1(dir.path(), name, "");
    let tape = Tape::load(dir.path()).unwrap();
    assert_eq!(*tape.answer(&question("DescribeVolumes", "")).unwrap(), answer("<a/>"));
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap().replace("<a/>", "<b/>")).unwrap();
    assert!(refused().contains("ec2.jsonl was changed"), "{}", refused());
    std::fs::remove_file(&file).unwrap();
    assert!(refused().contains("cannot read"), "{}", refused());
    for hostile in
        ["../111122223333/us-east-1/ec2.jsonl", "111122223333/../ec2.jsonl", "/etc/x/ec2.jsonl", "a/b/ec2.json"]
    {
        of_version_1(dir.path(), hostile, "");
        assert!(refused().contains("that is not account/region/service.jsonl"), "{hostile}: {}", refused());
    }
    // Half a step to version 2 is no version: what is not promised would not be missed.
    of_version_1(dir.path(), name, r#", "services": ["ec2"]"#);
    assert!(refused().contains("files and no services"), "{}", refused());
}

#[test]
fn what_a_tape_promises_is_missed() {
    let dir = tempfile::tempdir().unwrap();
    let refused = || Tape::load(dir.path()).unwrap_err().to_string();
    recorded(dir.path());
    let (head, digests) = (dir.path().join("tape.json"), dir.path().join("digests/ec2.json"));
    let (head_text, digests_text) =
        (std::fs::read_to_string(&head).unwrap(), std::fs::read_to_string(&digests).unwrap());
    std::fs::remove_file(&digests).unwrap();
    assert!(refused().contains("digests/ec2.json, which tape.json promises"), "{}", refused());
    for (text, words) in [
        (digests_text[..digests_text.len() / 2].to_owned(), "cannot be read"),
        (r#"{"files": {}}"#.to_owned(), "names no file"),
        (digests_text.replace("111122223333/us-east-1/ec2", "../us-east-1/ec2"), "account/region/service.jsonl"),
        (digests_text.replace("us-east-1/ec2.jsonl", "us-east-1/kms.jsonl"), "names a file of kms"),
        (digests_text.replace("us-east-1", "eu-west-1"), "cannot read"),
    ] {
        std::fs::write(&digests, text).unwrap();
        assert!(refused().contains(words), "{words}: {}", refused());
    }
    std::fs::write(&digests, digests_text).unwrap();
    for (from, to, words) in [
        ("\"ec2\"", "\"ec2\", \"kms\"", "digests/kms.json, which tape.json promises"),
        ("\"ec2\"", "\"../../ec2\"", "which is no service"),
        ("services", "files", "cannot be read"),
        ("\"version\": 2", "\"version\": 1", "version 1 names files and no services"),
        ("\"version\": 2", "\"version\": 3", "reads versions 1 to 2"),
    ] {
        assert!(head_text.contains(from), "{from}");
        std::fs::write(&head, head_text.replace(from, to)).unwrap();
        assert!(refused().contains(words), "{words}: {}", refused());
    }
    std::fs::write(&head, head_text).unwrap();
    Tape::load(dir.path()).unwrap();
}

#[test]
fn a_service_has_files_of_its_own() {
    // What is recorded of one service leaves the files of another as they are.
    let files = |more: bool| {
        let dir = tempfile::tempdir().unwrap();
        let recorder = TapeRecorder::create(dir.path()).unwrap();
        recorder.keep(question("DescribeVolumes", ""), answer("<a/>"), service());
        let kms = Question { service: "kms".into(), ..question("ListKeys", if more { "x" } else { "" }) };
        recorder.keep(kms, answer("{}"), service());
        recorder.finish("2026-01-02T03:04:05Z", serde_json::Map::new()).unwrap();
        let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
        ["tape.json", "digests/ec2.json", "111122223333/us-east-1/ec2.jsonl", "digests/kms.json"].map(read)
    };
    let (one, other) = (files(false), files(true));
    assert_eq!(one[..3], other[..3]);
    assert_ne!(one[3], other[3]);
}

#[test]
fn a_directory_with_other_files_is_not_recorded_into() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("thesis.txt"), "x").unwrap();
    assert!(TapeRecorder::create(dir.path()).is_err());
}
