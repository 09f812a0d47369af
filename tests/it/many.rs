//! Reports of any size, made up but always the same, full of what an attacker may put into names, tags and messages.

use aws_posture::catalogue::{self, checks};
use aws_posture::formats::{self, Format, Options};
use aws_posture::report::{self, Report};
use serde_json::{Value, json};
use std::io::{BufWriter, Write};
use std::process::Command;

/// What must stay text, whatever reads it.
pub const HOSTILE: &[&str] = &[
    "plain",
    "=cmd|' /C calc'!A0",
    "<img src=x onerror=alert(1)>",
    "\"]]>&amp;<script>alert(1)</script><!--",
    "a::set-env name=PATH,x=y::\r\n::error title=z::injected",
    "##[add-mask]x %0A::stop-commands::t",
    "\u{1b}[31m\u{0}\u{7f}\u{9b}\u{202e}\u{feff}\u{fffe}\u{ffff}",
    "| `pipe` | ``two`` @everyone #1 [x](javascript:alert(1)) ![](http://evil.example)",
    "```\n</details></summary>\n# heading",
    "../../etc/passwd?x#y%00\\",
    "{0} {{1}} ${env:X} $(id) `id`",
    "ünï 漢字 🚀 \u{2028}end",
    "a;=1+1,@SUM(A1)\t+2",
    "'; DROP TABLE findings; --",
    "",
    "..",
];

/// What a report is made of.
#[derive(Clone, Debug)]
pub struct Made<'a> {
    pub findings: usize,
    /// Whether the scan came to its end.
    pub complete: bool,
    /// Whether the findings were compared with a baseline, and some are accepted in the configuration.
    pub baseline: bool,
    /// Names, tags and parts of messages, in turn.
    pub hostile: Vec<&'a str>,
    /// The ids of the checks, in turn.
    pub checks: Vec<&'a str>,
}

impl Made<'_> {
    /// Of all checks, and one that this build does not have: a report may be of another version.
    pub fn of(findings: usize) -> Made<'static> {
        let checks = checks().iter().map(|check| check.id).chain(["s3_check_of_the_future"]).collect();
        Made { findings, complete: true, baseline: false, hostile: HOSTILE.to_vec(), checks }
    }

    pub fn interrupted(self) -> Self {
        Made { complete: false, ..self }
    }

    pub fn compared(self) -> Self {
        Made { baseline: true, ..self }
    }

    /// The report, as if read from a file.
    pub fn report(&self) -> Report {
        let mut file = BufWriter::new(tempfile::NamedTempFile::new().unwrap());
        self.write(&mut file);
        let file = file.into_inner().unwrap();
        report::read(file.path()).unwrap()
    }
}

const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "info"];
const REGIONS: [&str; 4] = ["eu-west-1", "global", "us-east-1", "us-gov-west-1"];
const ACCOUNTS: [&str; 3] = ["000011112222", "111122223333", "444455556666"];

/// The status of the finding of this number: three of four fail.
fn status(index: usize) -> &'static str {
    match index % 16 {
        0 => "pass",
        5 => "unknown",
        10 => "not_applicable",
        15 => "unknown",
        _ => "fail",
    }
}

fn severity(index: usize) -> &'static str {
    SEVERITIES[index / 7 % 5]
}

fn is_suppressed(index: usize) -> bool {
    status(index) == "fail" && index % 50 == 1
}

/// What became of a failure: three of seven are none that the baseline has.
pub fn change(index: usize) -> &'static str {
    ["unchanged", "new", "unchanged", "reopened", "unchanged", "worsened", "unchanged"][index % 7]
}

fn compared(hostile: &[&str]) -> Value {
    json!({
        "scan_id": "00000000-0b0a-4908-8706-050403020100", "finished_at": format!("2026-11-01 {}", hostile[1 % hostile.len()]),
        "counts": { "new": 2, "unchanged": 4 },
        "differences": hostile.iter().map(|text| format!("the baseline has no {text}")).collect::<Vec<_>>(),
    })
}

/// Of every state, each many times.
fn suppressions(hostile: &[&str]) -> Value {
    let one = |index: usize, state: &str| {
        let text = hostile[index % hostile.len()];
        json!({
            "line": index, "check": format!("s3_{text}*"), "accounts": [], "regions": [], "resource": format!("arn:{text}"),
            "tags": { text: text }, "reason": text, "owner": text, "expires": "2026-11-23", "state": state, "findings": index,
        })
    };
    let states = ["in_force", "expired", "unused", "not_needed", "not_judged"];
    Value::Array((0..60).map(|index| one(index, states[index % 5])).collect())
}

fn gap() -> Value {
    json!({
        "call": "s3:GetBucketPolicy", "action": "s3:GetBucketPolicy", "kind": "denied",
        "message": format!("User: {} is not authorized", HOSTILE[4]),
    })
}

fn finding(index: usize, id: &str, hostile: &str) -> Value {
    let (title, practices) = match catalogue::find(id) {
        Some(check) => (check.card.title, json!(check.practices)),
        None => ("Buckets are <b>fine</b> | @all", json!(["SEC99-BP01"])),
    };
    let (account, region) = (ACCOUNTS[index % 3], REGIONS[index / 3 % 4]);
    let gap = if index % 16 == 5 { gap() } else { Value::Null };
    let suppression = is_suppressed(index)
        .then(|| json!({ "reason": format!("known: {hostile}"), "owner": hostile, "expires": "2027-01-31" }));
    json!({
        "fingerprint": format!("{index:032x}"),
        "check_id": id, "title": title, "status": status(index), "severity": severity(index), "practices": practices,
        "account_id": account, "region": region,
        "resource": {
            "arn": format!("arn:aws:iam::{account}:user/{index}/{hostile}"), "id": format!("{index}{hostile}"),
            "type": "AWS::IAM::User", "name": hostile, "tags": { "owner": hostile, hostile: "=1" },
        },
        "sub_key": index.is_multiple_of(9).then_some(hostile),
        "message": format!("user {hostile} is number {index}"),
        "reasons": if status(index) == "fail" { json!(["no_mfa", hostile]) } else { json!([]) },
        "evidence": { "name": hostile },
        "gap": gap, "suppression": suppression,
    })
}

impl Made<'_> {
    /// Writes the JSON report, finding by finding.
    pub fn write(&self, out: &mut dyn Write) {
        let Made { findings, complete, baseline, hostile, checks } = self;
        let mut by_severity = json!({});
        for severity in SEVERITIES {
            by_severity[severity] = json!({ "pass": 0, "fail": 0, "unknown": 0, "not_applicable": 0 });
        }
        let (mut totals, mut suppressed) = (by_severity["info"].clone(), 0);
        let plus = |value: &mut Value| *value = json!(value.as_u64().unwrap() + 1);
        for index in 0..*findings {
            plus(&mut totals[status(index)]);
            plus(&mut by_severity[severity(index)][status(index)]);
            suppressed += u64::from(is_suppressed(index));
        }
        totals["suppressed"] = json!(suppressed);
        let mut accounts: Vec<Value> = ACCOUNTS
            .iter()
            .map(|id| json!({ "id": id, "name": hostile[1 % hostile.len()], "status": "partly" }))
            .collect();
        accounts.push(json!({
            "id": "555566667777", "name": null, "status": "denied", "reason": format!("no {}", hostile[2 % hostile.len()]),
        }));
        accounts.push(json!({ "id": "666677778888", "name": null, "status": "suspended" }));
        let mut head = json!({
            "schema_version": "1.3",
            "tool": { "name": "posture", "version": "0.1.0", "catalogue": "0".repeat(64), "pillar": "November 2024" },
            "scan": {
                "id": "0f0e0d0c-0b0a-4908-8706-050403020100",
                "started_at": "2026-11-22T08:00:00Z", "finished_at": "2026-11-22T08:01:02Z", "duration_ms": 62_345,
                "as_of": "2026-11-22T08:00:00Z", "replayed": false,
                "caller": { "arn": "arn:aws:sts::111122223333:assumed-role/inventory/posture", "account": "111122223333" },
                "accounts": accounts, "regions": REGIONS,
                "selection": { "checks": [], "practices": [], "services": [], "severity": null },
                "checks": checks,
                "calls": 4321, "complete": complete,
            },
            "summary": { "findings": totals, "by_severity": by_severity },
            "practices": [{
                "id": "SEC01-BP01", "slug": "x", "edition": "November 2024", "title": "Separate workloads using accounts",
                "area": "Security foundations", "risk": "high", "judged": "partial", "status": "not_met", "reason": "failed",
                "checks": { "iam_root_mfa_enabled": "fail" }, "attestations": [],
            }],
        });
        if *baseline {
            head["baseline"] = compared(hostile);
            head["suppressions"] = suppressions(hostile);
        }
        let mut gap = gap();
        let place = gap.as_object_mut().unwrap();
        place.extend([
            ("account_id".to_owned(), json!("111122223333")),
            ("region".to_owned(), json!("eu-west-1")),
            ("checks".to_owned(), json!([checks[0]])),
            ("resources".to_owned(), json!(3)),
        ]);
        let head = head.to_string();
        write!(out, "{},\"findings\":[", head.strip_suffix('}').unwrap()).unwrap();
        for index in 0..*findings {
            let comma = if index > 0 { "," } else { "" };
            let mut finding = finding(index, checks[index % checks.len()], hostile[index % hostile.len()]);
            if *baseline && status(index) == "fail" {
                finding["change"] = json!(change(index));
            }
            write!(out, "{comma}{finding}").unwrap();
        }
        write!(out, "],\"gaps\":[{gap}]}}").unwrap();
    }
}

/// Runs in a process of its own, started by the test below: the peak of a process is that of everything in it.
#[test]
fn one_process_that_renders_everything() {
    let Some(findings) = std::env::var("POSTURE_TEST_FINDINGS").ok().and_then(|count| count.parse().ok()) else {
        return;
    };
    // Few checks, so that what is kept for each is full in the small report already.
    let report =
        Made { checks: vec!["iam_root_mfa_enabled", "s3_check_of_the_future"], ..Made::of(findings).compared() }
            .report();
    for (_, format) in Format::ALL {
        formats::write(&report, *format, Options { width: 100, colour: false }, &mut std::io::sink()).unwrap();
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    eprintln!("peak {}", peak.trim());
}

/// KiB that a process takes at most to read so many findings and to render them in every format.
fn peak(findings: usize) -> u64 {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "many::one_process_that_renders_everything", "--nocapture"])
        .env("POSTURE_TEST_FINDINGS", findings.to_string())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let peak = stderr.lines().find_map(|line| line.strip_prefix("peak ")).expect("the peak");
    peak.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn memory_does_not_grow_with_the_number_of_findings() {
    if !cfg!(target_os = "linux") {
        eprintln!("skipped, no /proc: memory_does_not_grow_with_the_number_of_findings");
        return;
    }
    // Both are past what is held in memory; if they were held, the 24,000 between them would take more than 30 MiB.
    let (few, many) = (peak(6_000), peak(30_000));
    assert!(many < few + 10 * 1024, "{few} KiB for 6,000 findings, {many} KiB for 30,000");
}
