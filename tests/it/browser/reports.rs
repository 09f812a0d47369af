//! Reports made for the page: one full of markup, one full of findings.

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

const MARKUP: &str = "<img src=x onerror=window.hacked=1>";
const BREAKOUT: &str = "</script><script>window.hacked=1</script>";
const COMMENT: &str = "<!--<script>";
const FORMULA: &str = "=cmd|' /C calc'!A0";
const TURNED: &str = "invoice\u{202e}fdp.exe\u{2028}\u{7}";

/// Puts markup, break-outs, formulas and direction marks wherever a report has text from outside; how many findings it has.
pub fn hostile(report: &mut Value) -> usize {
    let quoted = format!("\"'><svg onload=window.hacked=1>{MARKUP}");
    let finding = |check: &str, name: &str, index: usize| {
        json!({
            "fingerprint": format!("{index}{quoted}"), "check_id": check, "title": MARKUP, "status": (["fail", "unknown", "pass"])[index % 3],
            "severity": "high", "practices": ["SEC08-BP04", MARKUP], "account_id": format!("1{quoted}"), "region": format!("r{BREAKOUT}"),
            "resource": { "arn": format!("arn:{name}"), "id": name, "type": format!("T{MARKUP}"), "name": name,
                "tags": { MARKUP: BREAKOUT, "formula": FORMULA, BREAKOUT: TURNED, "__proto__": "x", "comment": COMMENT } },
            "sub_key": MARKUP, "message": format!("bucket {name} has {MARKUP} {BREAKOUT}"),
            "evidence": { MARKUP: [BREAKOUT, { "deep": [MARKUP, null, true, 1.5, { COMMENT: TURNED }] }], "__proto__": { "a": 1 } },
            "gap": { "call": format!("s3:{MARKUP}"), "action": BREAKOUT, "kind": "denied", "message": BREAKOUT },
            "suppression": { "reason": MARKUP, "owner": BREAKOUT, "expires": "2027-01-31" },
        })
    };
    let names = [MARKUP, BREAKOUT, COMMENT, FORMULA, TURNED, "'; rm -rf ~; '", "javascript:alert(1)", "]]>&lt;b&gt;"];
    let findings: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            finding(["s3_bucket_not_public", "x\"><script>window.hacked=1</script>"][index % 2], name, index)
        })
        .collect();
    let count = findings.len();
    report["findings"] = json!(findings);
    report["gaps"] = json!([{ "account_id": quoted, "region": BREAKOUT, "call": MARKUP, "action": BREAKOUT, "kind": "denied",
        "message": MARKUP, "checks": [BREAKOUT], "resources": 3 }]);
    report["scan"]["caller"]["arn"] = json!(MARKUP);
    report["scan"]["accounts"] =
        json!([{ "id": format!("1{quoted}"), "name": BREAKOUT, "status": "denied", "reason": MARKUP }]);
    report["scan"]["config"] = json!({ "path": MARKUP, "sha256": BREAKOUT });
    report["scan"]["regions"] = json!([BREAKOUT, MARKUP]);
    report["scan"]["started_at"] = json!(quoted);
    report["scan"]["selection"]["checks"] = json!([MARKUP]);
    report["scan"]["complete"] = json!(false);
    report["tool"]["version"] = json!(MARKUP);
    let practice = &mut report["practices"][0];
    practice["reason"] = json!(quoted);
    practice["title"] = json!(BREAKOUT);
    practice["area"] = json!(MARKUP);
    practice["id"] = json!(format!("SEC01-BP{quoted}"));
    practice["attestations"] = json!([{ "statement": MARKUP, "owner": BREAKOUT, "date": "2026-01-01", "expires": "2026-02-01",
        "expired": true, "accounts": [MARKUP], "evidence": "javascript:window.hacked=1" }]);
    count
}

/// What [`many`] wrote.
pub struct Expected {
    /// Failed and unknown ones.
    pub open: usize,
    /// Failed ones of the critical severity in account 100000000007.
    pub critical_of_seven: usize,
}

/// Writes a report of so many findings, the same every time, in 40 accounts.
pub fn many(base: &Value, count: usize, path: &Path) -> Expected {
    let severities = ["critical", "high", "medium", "low", "info"];
    let statuses = ["fail", "pass", "pass", "unknown", "pass", "not_applicable", "fail"];
    let checks: Vec<&str> = base["scan"]["checks"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let regions = ["eu-west-1", "us-east-1", "af-south-1", "global"];
    let mut expected = Expected { open: 0, critical_of_seven: 0 };
    let mut report = base.clone();
    let accounts: Vec<Value> = (0..40)
        .map(|n| json!({ "id": format!("1000000000{n:02}"), "name": format!("team-{n}"), "status": "scanned" }))
        .collect();
    report["scan"]["accounts"] = json!(accounts);
    let mut tally = json!({});
    let mut findings = Vec::with_capacity(count);
    for n in 0..count {
        let account = n % 40;
        let severity = severities[(n / 40) % 5];
        let status = statuses[n % 7];
        let (check, region) = (checks[(n / 3) % checks.len()], regions[(n / 5) % 4]);
        expected.open += usize::from(status == "fail" || status == "unknown");
        expected.critical_of_seven += usize::from(status == "fail" && severity == "critical" && account == 7);
        let of = &mut tally[severity][status];
        *of = json!(of.as_u64().unwrap_or(0) + 1);
        let mut tags = json!({ "team": format!("team-{}", n % 17), "stage": "prod" });
        if n % 100 == 0 {
            tags["note"] = json!("<img src=x onerror=window.hacked=1>");
        }
        findings.push(json!({
            "fingerprint": format!("{n:032x}"), "check_id": check, "title": format!("Title of {check}"), "status": status,
            "severity": severity, "practices": ["SEC08-BP04"], "account_id": format!("1000000000{account:02}"), "region": region,
            "resource": { "arn": format!("arn:aws:s3:::resource-{n:07}"), "id": format!("resource-{n:07}"), "type": "AWS::S3::Bucket",
                "name": null, "tags": tags },
            "sub_key": null, "message": format!("bucket resource-{n:07} lets 0.0.0.0/0 read what it should not, by statement {}", n % 9),
            "evidence": { "statements": [{ "sid": format!("s{}", n % 9), "principal": "*", "actions": ["s3:GetObject", "s3:ListBucket"] }],
                "block_public_access": "off" },
            "gap": null, "suppression": null,
        }));
    }
    for severity in severities {
        let of = |status: &str| tally[severity][status].as_u64().unwrap_or(0);
        report["summary"]["by_severity"][severity] = json!({ "pass": of("pass"), "fail": of("fail"), "unknown": of("unknown"),
            "not_applicable": of("not_applicable") });
    }
    report["findings"] = json!(findings);
    let mut text = String::new();
    let _ = write!(text, "{report}");
    std::fs::write(path, text).unwrap();
    expected
}

/// First paint, and how long a filter and a search take, measured in the page.
pub const TIMES: &str = "
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    const timed = (change) => { const start = performance.now(); change(); document.body.offsetHeight; return Math.round(performance.now() - start); };
    const box = () => { const facet = document.querySelectorAll('.facet')[1]; facet.open = true; return facet; };
    const go = (hash) => timed(() => { history.replaceState(null, '', hash); dispatchEvent(new PopStateEvent('popstate')); });
    box();
    return { paint: paint && Math.round(paint.startTime), loaded: Math.round(performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd),
        filter: go('#status=fail&severity=critical'), search: go('#status=all&q=statement%207'), sort: go('#status=all&sort=resource'),
        again: go('#status=all&sort=resource&region=eu-west-1') }";
