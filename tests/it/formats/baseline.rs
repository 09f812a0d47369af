//! With a baseline and suppressions each format shows what the gate acts on: the new failure by name, the known ones as such.

use super::*;
use serde_json::json;

const GROUPS: &str = "ec2_sg_no_open_admin_ports";
const FORMATS: [&str; 4] = ["github", "markdown", "junit", "sarif"];

/// The recorded account against its own report, which was changed before; a text for each format, and the exit code.
fn compared(edit: impl Fn(&mut Value), file: &str) -> ([String; 4], i32) {
    let dir = tempfile::tempdir().unwrap();
    let scan = |args: &[String]| {
        let mut command = posture();
        command.args(["scan", "--replay"]).arg(repo("fixtures/acme")).args(args).current_dir(dir.path());
        let run = Run::of(&mut command);
        assert!([0, 1].contains(&run.code), "exit {}: {}", run.code, run.stderr);
        run.code
    };
    scan(&["--output".to_owned(), "json=before.json".to_owned()]);
    let path = dir.path().join("before.json");
    let mut before: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    edit(&mut before);
    std::fs::write(&path, serde_json::to_vec(&before).unwrap()).unwrap();
    std::fs::write(dir.path().join("posture.toml"), file).unwrap();
    let outputs = FORMATS.iter().flat_map(|name| ["--output".to_owned(), format!("{name}={name}")]);
    let code =
        scan(&["--baseline".to_owned(), "before.json".to_owned()].into_iter().chain(outputs).collect::<Vec<_>>());
    (FORMATS.map(|name| std::fs::read_to_string(dir.path().join(name)).unwrap()), code)
}

/// The first failed finding of a check.
fn failed<'a>(report: &'a mut Value, check: &str) -> &'a mut Value {
    let wanted = |finding: &&mut Value| finding["check_id"] == check && finding["status"] == "fail";
    report["findings"].as_array_mut().unwrap().iter_mut().find(wanted).unwrap()
}

fn failures(text: &str) -> usize {
    serde_json::from_str::<Value>(text).unwrap()["runs"][0]["results"].as_array().unwrap().len()
}

/// The results of a state.
fn results<'a>(sarif: &'a Value, state: &str) -> Vec<&'a Value> {
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    results.iter().filter(|result| result["baselineState"] == state).collect()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_green_run_has_no_error_and_no_failure() {
    let ([github, markdown, junit, sarif], code) = compared(|_| {}, "");
    assert_eq!(code, 0);
    let known = failures(&sarif);
    assert!(known > 100);
    assert!(!github.contains("::error"), "{github}");
    assert!(github.contains("0 failed, new or worse than in the baseline, "), "{github}");
    assert!(github.contains(&format!("{known} failed as in the baseline of ")), "{github}");
    assert_eq!((junit_counted(&junit)[1], junit.matches("type=\"baseline\"").count()), (0, known));
    assert!(junit.contains("message=\"failed as in the baseline of "));
    junit_is_valid("green", &junit, xml_validator().as_deref());
    assert!(markdown.contains("## New since the baseline\n\nNothing failed that the baseline does not have.\n"));
    assert!(markdown.contains("## As in the baseline\n") && !markdown.contains("<details open>"));
    assert!(markdown.contains("| **failed, new or worse** | 0 | 0 | 0 | 0 | 0 | 0 |"), "{markdown}");
    assert_eq!(results(&parsed(&sarif), "unchanged").len(), known);
}

#[test]
fn the_one_failure_that_the_gate_acts_on_is_the_one_that_is_named() {
    for (change, state) in [("new", "new"), ("reopened", "new"), ("worsened", "updated")] {
        let arn = std::cell::RefCell::new(String::new());
        let edit = |report: &mut Value| {
            let finding = failed(report, GROUPS);
            arn.replace(finding["resource"]["arn"].as_str().unwrap().to_owned());
            match change {
                "new" => finding["fingerprint"] = json!("0".repeat(32)),
                "reopened" => finding["status"] = json!("pass"),
                _ => finding["severity"] = json!("low"),
            }
        };
        let ([github, markdown, junit, sarif], code) = compared(edit, "");
        let arn = arn.into_inner();
        assert_eq!(code, 1);
        let errors: Vec<&str> = github.lines().filter(|line| line.starts_with("::error ")).collect();
        assert_eq!((errors.len(), github.lines().next()), (1, errors.first().copied()), "{github}");
        assert!(errors[0].contains(&arn) && errors[0].contains(&format!("%0A{change}: ")), "{github}");
        assert!(errors[0].contains("1 failed, new or worse than in the baseline"), "{github}");
        let (_, new) = markdown.split_once("## New since the baseline\n").unwrap();
        let (new, known) = new.split_once("## As in the baseline\n").unwrap();
        assert_eq!(new.matches("\n- ").count(), 1, "{new}");
        assert!(
            new.contains(&arn) && new.contains(&format!("\n- **{change}** ")) && !known.contains("**new**"),
            "{new}"
        );
        assert_eq!(junit_counted(&junit)[1], 1);
        let (_, failure) = junit.split_once("<failure ").unwrap();
        assert!(failure.split_once("</failure>").unwrap().0.contains(&format!("\nbaseline   {change}\n")));
        junit_is_valid(change, &junit, xml_validator().as_deref());
        let log = parsed(&sarif);
        let acted = results(&log, state);
        assert_eq!((acted.len(), acted.len() + results(&log, "unchanged").len()), (1, failures(&sarif)), "{change}");
        assert!(acted[0].to_string().contains(&arn));
    }
}

#[test]
fn what_is_accepted_is_no_failure_and_says_who_accepts_it() {
    let entry = |check: &str, expires: &str| {
        format!(
            "[[suppression]]\ncheck = \"{check}\"\nreason = \"a *bastion*\"\nowner = \"ana@example.com\"\nexpires = {expires}\n\n"
        )
    };
    let file = entry(GROUPS, "2027-03-31") + &entry("s3_bucket_not_public", "2020-01-31");
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("posture.toml"), file).unwrap();
    let text = |format: &str| {
        let mut command = posture();
        command.args(["scan", "--check", GROUPS, "--output", format, "--replay"]).arg(repo("fixtures/acme"));
        Run::of(command.current_dir(dir.path())).stdout
    };
    let github = text("github");
    assert!(!github.contains("::error"), "{github}");
    assert!(github.contains("::0 failed, ") && github.contains(", 4 suppressed%0A"), "{github}");
    assert!(github.contains("4 findings, accepted by ana@example.com until 2027-03-31%0A"), "{github}");
    assert!(github.contains("expired on 2020-01-31"), "{github}");
    let markdown = text("markdown");
    assert!(markdown.contains("| **failed** | 0 | 0 | 0 | 0 | 0 | 0 |"), "{markdown}");
    assert!(markdown.contains("| suppressed | 0 | 4 | 0 | 0 | 0 | 4 |"), "{markdown}");
    let (_, section) = markdown.split_once("## Suppressed\n\n").expect("a section");
    let accepted = format!("- `{GROUPS}: 4 findings, accepted by ana@example.com until 2027-03-31`: `a *bastion*`\n");
    assert!(section.starts_with(&accepted), "{section}");
    let expired = "- **!** `the suppression of s3_bucket_not_public by ana@example.com (line 8) expired on 2020-01-31`";
    assert!(section.contains(expired), "{section}");
}

#[test]
fn a_compared_report_of_any_size_is_accepted_and_its_new_failures_come_first() {
    let report = Made::of(50_000).compared().report();
    let name = "compared";
    annotations_are_safe(name, &render(&report, "github"));
    let page = render(&report, "markdown");
    page_is_safe(name, &page);
    assert!(page.contains("## As in the baseline"));
    let (_, section) = page.split_once("## Suppressed\n\n").unwrap();
    assert!(section.split_once("\n\n").unwrap().0.lines().count() <= 23);
    junit_is_valid(name, &render(&report, "junit"), xml_validator().as_deref());
    let sarif = render(&report, "sarif");
    sarif_is_accepted(name, &sarif);
    let log = parsed(&sarif);
    let rank = |result: &Value| {
        let accepted = !result["suppressions"].as_array().unwrap().is_empty();
        (accepted, result["baselineState"] == "unchanged")
    };
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() == 25_000 && results.is_sorted_by_key(rank));
    assert!(results.iter().all(|result| result["baselineState"].is_string()));
}
