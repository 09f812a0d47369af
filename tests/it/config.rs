//! `posture.toml`: found or named, outweighed by flags, told in the report, and never half understood.

use crate::support::{Run, posture, repo};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A directory with a configuration file.
struct Place {
    dir: tempfile::TempDir,
    text: String,
}

impl Place {
    fn of(text: &str) -> Place {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("posture.toml"), text).unwrap();
        Place { dir, text: text.to_owned() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Run {
        self.run_in(self.dir.path(), args)
    }

    fn run_in(&self, dir: &Path, args: &[&str]) -> Run {
        Run::of(posture().args(args).current_dir(dir))
    }

    fn scan(&self, args: &[&str]) -> Run {
        let acme = repo("fixtures/acme");
        self.run(&[&["scan", "--replay", acme.to_str().unwrap()], args].concat())
    }

    /// What a scan says of itself.
    fn told(&self, args: &[&str]) -> Value {
        self.scan(&[args, &["--output", "json"]].concat()).report().0["scan"].clone()
    }
}

fn valid(report: &Value) {
    let schema: Value = serde_json::from_str(aws_posture::report::json::SCHEMA).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = schema.iter_errors(report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn the_nearest_file_is_used_and_the_report_says_which() {
    let place = Place::of(
        "[scan]\nservices = [\"s3\"]\nregions = [\"eu-*\"]\nfail_on = \"never\"\noutputs = [\"json=out.json\", \"text=out.txt\"]\n",
    );
    let deep = place.path("a/b");
    std::fs::create_dir_all(&deep).unwrap();
    let acme = repo("fixtures/acme");
    let run = place.run_in(&deep, &["scan", "--replay", acme.to_str().unwrap()]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(run.stderr.contains("posture.toml: regions, services, fail_on, outputs"), "{}", run.stderr);
    // Paths are those of the file's directory, wherever the scan was started.
    let report: Value = serde_json::from_slice(&std::fs::read(place.path("out.json")).unwrap()).unwrap();
    valid(&report);
    let scan = &report["scan"];
    assert_eq!(scan["selection"]["services"], json!(["s3"]));
    assert_eq!(scan["regions"], json!(["eu-west-1"]));
    let path = scan["config"]["path"].as_str().unwrap();
    assert_eq!(Path::new(path).canonicalize().unwrap(), place.path("posture.toml").canonicalize().unwrap());
    let digest: String = Sha256::digest(place.text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(scan["config"]["sha256"], json!(digest));
    let text = std::fs::read_to_string(place.path("out.txt")).unwrap();
    assert!(text.contains("  config   ") && text.contains(&digest[..12]), "{text}");
}

#[test]
fn flags_win_over_the_file_and_the_file_can_be_left_out() {
    let place = Place::of(
        "[scan]\nservices = [\"s3\"]\nregions = [\"eu-*\"]\nfail_on = \"never\"\noutputs = [\"json=out.json\"]\n",
    );
    let scan = place.told(&["--service", "iam", "--region", "us-east-1"]);
    assert_eq!((&scan["selection"]["services"], &scan["regions"]), (&json!(["iam"]), &json!(["us-east-1"])));
    assert!(!place.path("out.json").exists(), "--output takes the place of all outputs");
    assert_eq!(place.scan(&["--fail-on", "high"]).code, 1);

    let run = place.scan(&["--no-config", "--output", "json"]);
    assert!(!run.stderr.contains("posture.toml"), "{}", run.stderr);
    let report = run.report().0;
    valid(&report);
    assert_eq!((&report["scan"]["config"], &report["scan"]["severities"]), (&Value::Null, &json!({})));
    assert_eq!((run.code, report["scan"]["selection"]["services"].as_array().unwrap().len()), (1, 0));

    std::fs::write(place.path("other.toml"), "[scan]\nservices = [\"kms\"]\n").unwrap();
    let scan = place.told(&["--config", "other.toml"]);
    assert_eq!((&scan["selection"]["services"], &scan["config"]["path"]), (&json!(["kms"]), &json!("other.toml")));
    assert_eq!(place.scan(&["--config", "other.toml", "--no-config"]).code, 2);

    // A flag and a key can contradict each other; then it is said where the key is.
    let run = place.scan(&["--check", "iam_*"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("leaves no check") && run.stderr.contains("posture.toml selects too"),
        "{}",
        run.stderr
    );
}

#[test]
fn severities_of_the_file_reach_report_gate_and_selection() {
    let place = Place::of("[severity]\n\"*\" = \"info\"\nec2_sg_no_open_admin_ports = \"critical\"\n");
    let run = place.scan(&["--output", "json", "--fail-on", "critical", "--output", "text=out.txt"]);
    let report = run.report().0;
    valid(&report);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("severities"), "{}", run.stderr);
    for finding in report["findings"].as_array().unwrap() {
        let wanted = if finding["check_id"] == "ec2_sg_no_open_admin_ports" { "critical" } else { "info" };
        assert_eq!(finding["severity"], wanted, "{}", finding["check_id"]);
    }
    assert_eq!(report["summary"]["by_severity"]["high"]["fail"], 0);
    let changed = &report["scan"]["severities"]["iam_root_mfa_enabled"];
    assert_eq!(*changed, json!({ "from": "critical", "to": "info" }));
    let text = std::fs::read_to_string(place.path("out.txt")).unwrap();
    assert!(text.contains("severities changed"), "{text}");

    let scan = place.told(&["--severity", "critical"]);
    assert_eq!(scan["checks"], json!(["ec2_sg_no_open_admin_ports"]));
    assert_eq!(scan["severities"].as_object().unwrap().len(), 1, "only those of the checks that ran");
    assert_eq!(place.scan(&["--check", "iam_*", "--fail-on", "low"]).code, 0);
}

const STATEMENT: &str = "[[attestation]]\npractice = \"N-SEC11-BP02\"\naccounts = \"all\"\nstatement = \"held twice a year\"\n\
    owner = \"ana@example.com\"\ndate = 2025-01-01\nexpires = 2099-01-01\nevidence = \"https://wiki.example.com/t\"\n";

#[test]
fn a_file_of_attestations_takes_the_place_of_those_in_the_configuration() {
    let place = Place::of("[scan]\nservices = [\"account\"]\n");
    std::fs::write(place.path("said.toml"), STATEMENT).unwrap();
    let run = place.scan(&["--attestations", "said.toml", "--output", "json", "--output", "text=out.txt"]);
    let report = run.report().0;
    valid(&report);
    assert_eq!(report["scan"]["selection"]["services"], json!(["account"]), "the rest is still of the configuration");
    assert_eq!(report["scan"]["attestations"]["path"], "said.toml");
    let rows = report["practices"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == "N-SEC11-BP02").unwrap();
    assert_eq!((&row["status"], &row["attestations"][0]["owner"]), (&json!("attested"), &json!("ana@example.com")));
    assert!(std::fs::read_to_string(place.path("out.txt")).unwrap().contains("said.toml"));

    let both = Place::of(&format!("{STATEMENT}\n[scan]\nservices = [\"account\"]\n"));
    std::fs::write(both.path("none.toml"), "").unwrap();
    assert!(both.told(&[])["attestations"].is_null());
    let report = both.scan(&["--attestations", "none.toml", "--output", "json"]).report().0;
    let rows = report["practices"].as_array().unwrap();
    assert_eq!(rows.iter().find(|row| row["id"] == "N-SEC11-BP02").unwrap()["status"], "needs_attestation");
}

#[test]
fn a_file_that_is_wrong_stops_everything_that_reads_it() {
    let place = Place::of("[scan]\nfail_on = \"high\"\nchekcs = [\"s3_*\"]\n");
    let acme = repo("fixtures/acme");
    let acme = acme.to_str().unwrap();
    for args in [&["scan", "--replay", acme][..], &["policy"], &["practices", "--replay", acme], &["config", "check"]] {
        let run = place.run(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}: {}", run.stderr);
        let words = "posture.toml:3: unknown key \"chekcs\" (did you mean \"checks\"?)";
        assert!(run.stderr.contains(words), "{args:?}: {}", run.stderr);
    }
    assert_eq!(place.run(&["policy", "--no-config", "--service", "kms"]).code, 0);
    for args in [
        &["scan", "--config", "no.toml"][..],
        &["config", "check", "no.toml"],
        &["config", "check", "--config", "no.toml"],
        &["config", "check", "."],
    ] {
        let run = place.run(args);
        assert_eq!(run.code, 2, "{args:?}");
        assert!(run.stderr.contains("cannot read"), "{}", run.stderr);
    }
    std::fs::write(place.path("latin.toml"), b"# caf\xe9\n").unwrap();
    assert!(place.run(&["config", "check", "latin.toml"]).stderr.contains("latin.toml"));
}

#[test]
fn the_policy_is_of_what_the_file_selects() {
    let place = Place::of("[scan]\nservices = [\"kms\"]\n");
    let (found, all) = (place.run(&["policy"]), place.run(&["policy", "--no-config"]));
    assert!(found.stdout.contains("kms:ListKeys") && !found.stdout.contains("s3:"), "{}", found.stdout);
    assert!(all.stdout.contains("s3:"));
    assert_eq!(found.stdout, place.run(&["policy", "--no-config", "--service", "kms"]).stdout);
}

#[test]
fn config_check_prints_what_is_in_force() {
    let place = Place::of(&format!(
        "[scan]\nregions = [\"eu-*\"]\nservices = [\"iam\"]\nfail_on = \"medium\"\noutputs = [\"text\", \"json=out/a.json\"]\n\
         profile = \"a\\u001b[2Jb\"\n[severity]\niam_root_mfa_enabled = \"high\"\n{STATEMENT}"
    ));
    let run = place.run(&["config", "check", "posture.toml"]);
    assert_eq!(place.run(&["config", "check", "--config", "posture.toml"]).stdout, run.stdout);
    assert_eq!(run.code, 0, "{}", run.stderr);
    // How many checks there are is not this test's concern.
    let (line, stable): (Vec<&str>, Vec<&str>) = run.stdout.lines().partition(|line| line.ends_with("are selected"));
    assert_eq!(line.len(), 1, "{}", run.stdout);
    insta::assert_snapshot!("config_check", stable.join("\n"));
    let json = place.run(&["config", "check", "--output", "json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["scan"]["fail_on"], json!({ "value": "medium", "source": "file" }));
    assert_eq!(json["scan"]["allow_unknown"], json!({ "value": false, "source": "default" }));
    assert_eq!(json["severity"]["iam_root_mfa_enabled"]["to"], "high");
    assert_eq!(
        (&json["attestations"][0]["practice"], &json["attestations"][0]["expired"]),
        (&json!("N-SEC11-BP02"), &json!(false))
    );
    assert!(json["selected"].as_array().unwrap().iter().all(|id| id.as_str().unwrap().starts_with("iam_")));
}

#[test]
fn the_template_is_a_valid_file() {
    let init = Run::of(posture().args(["config", "init"]));
    let place = Place::of(&init.stdout);
    let run = place.run(&["config", "check"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(place.scan(&["--output", "json"]).stderr.contains("it sets nothing"));
    let attest = Run::of(posture().args(["attest", "init"]));
    assert_eq!(Place::of(&format!("{}{}", init.stdout, attest.stdout)).run(&["config", "check"]).code, 0);
    std::fs::remove_file(place.path("posture.toml")).unwrap();
    let none = place.run(&["config", "check"]);
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("posture config init"), "{}", none.stderr);
}
