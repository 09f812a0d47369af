//! Tapes are written and read back; what is cut short, foreign or secret.

use super::*;

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

fn recorded(dir: &Path) {
    let recorder = Recorder::create(dir).unwrap();
    recorder.keep(question("DescribeVolumes", ""), answer("<a/>"));
    recorder.keep(question("DescribeVolumes", "a=b"), Reply::Fault { kind: GapKind::Timeout, message: "slow".into() });
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

#[test]
fn a_directory_with_other_files_is_not_recorded_into() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("thesis.txt"), "x").unwrap();
    assert!(Recorder::create(dir.path()).is_err());
}

#[test]
fn secrets_do_not_reach_a_tape() {
    let body = "<a><preSharedKey>hunter2</preSharedKey><b/><preSharedKey>hunter3</preSharedKey></a>";
    let redacted = redact(body.into());
    assert!(!redacted.contains("hunter"), "{redacted}");
    assert!(redacted.contains("<b/>"));
}
