//! A scan of the simulated AWS: the verdicts are those of the tape, and throttles, cut connections and server errors lose
//! none of them.

use crate::simulated::{Answers, Behaviour, Seen, Simulated, Trouble, access_key};
use crate::support::{Report, Run, posture, repo};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

struct Scan {
    report: Report,
    calls: usize,
    throttled: usize,
    faulty: usize,
    peak: usize,
    seen: Vec<Seen>,
}

impl Scan {
    /// Questions of which the last attempt failed at random.
    fn abandoned(&self) -> Vec<String> {
        let mut last = BTreeMap::new();
        let mut seen = self.seen.clone();
        seen.sort_by_key(|seen| (seen.from, seen.to));
        for seen in seen {
            last.insert(seen.asked.to_string(), seen.status);
        }
        let failed = |status: &u16| *status == 0 || *status == 429 || *status >= 500;
        last.into_iter()
            .filter(|(_, status)| failed(status))
            .map(|(asked, status)| format!("{status} {asked}"))
            .collect()
    }
}

/// Scans both regions of `hardened` on a simulated AWS with such trouble.
fn scan(trouble: Trouble, args: &[&str]) -> Scan {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let answers = Arc::new(Answers::load(&repo("fixtures/hardened")).unwrap());
    let account = answers.account().to_owned();
    let behaviour = Behaviour { latency: Duration::from_millis(1), trouble, watched: account.clone() };
    let aws = runtime.block_on(Simulated::start(answers, behaviour)).unwrap();
    let run = Run::of(
        posture()
            .args(["scan", "--output", "json", "--fail-on", "never", "--region", "us-east-1", "--region", "eu-west-1"])
            .args(args)
            .env("AWS_ENDPOINT_URL", &aws.endpoint)
            .env("AWS_ACCESS_KEY_ID", access_key(&account))
            .env("AWS_SECRET_ACCESS_KEY", "simulated")
            .env("AWS_REGION", "us-east-1"),
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(aws.stats.unanswered(), std::collections::BTreeSet::new());
    let stats = &aws.stats;
    Scan {
        report: run.report(),
        calls: stats.calls(),
        throttled: stats.throttled(),
        faulty: stats.faulty(),
        peak: stats.peak_in_flight(),
        seen: stats.seen(),
    }
}

/// What was found, by fingerprint. Messages hold ages, which pass between two scans at midnight.
fn verdicts(scan: &Scan) -> BTreeMap<String, Value> {
    let findings = scan.report.findings().iter();
    findings
        .map(|finding| {
            let name = format!("{} {} {}", finding["check_id"], finding["resource"]["arn"], finding["fingerprint"]);
            (name, finding["status"].clone())
        })
        .collect()
}

#[test]
fn random_throttles_cuts_and_errors_lose_no_finding() {
    let calm = scan(Trouble::default(), &[]);
    assert_eq!((calm.throttled, calm.faulty), (0, 0));
    // The deliveries of the tape are old by now, so that access logs are looked for: of a bucket of another account, too.
    let gaps = calm.report.0["gaps"].as_array().unwrap();
    assert!(gaps.iter().all(|gap| gap["message"].as_str().unwrap().contains("NoSuchBucket")), "{gaps:#?}");

    let trouble = Trouble { throttles: 0.05, resets: 0.05, errors: 0.05, at_most: 2, seed: 7, quota_share: None };
    let troubled = scan(trouble, &[]);
    assert_eq!(troubled.abandoned(), Vec::<String>::new());
    assert!(troubled.throttled > 2 && troubled.faulty > 4, "{} {}", troubled.throttled, troubled.faulty);
    assert_eq!(troubled.calls, calm.calls + troubled.throttled + troubled.faulty, "one more attempt for each fault");
    assert_eq!(verdicts(&troubled), verdicts(&calm));
    assert_eq!(troubled.report.0["gaps"], calm.report.0["gaps"]);
}

#[test]
fn what_fails_three_times_is_unknown_and_nothing_else_is() {
    let calm = scan(Trouble::default(), &["--service", "ec2"]);
    // Every attempt at about every tenth question.
    let trouble = Trouble { errors: 0.4, at_most: 3, seed: 4, ..Trouble::default() };
    let troubled = scan(trouble, &["--service", "ec2"]);
    let (calm, troubled) = (verdicts(&calm), verdicts(&troubled));
    let unknown = troubled.values().filter(|status| *status == "unknown").count();
    assert!(unknown > 0, "{troubled:#?}");
    // A finding is what it was, or open; a check that saw nothing says so in one finding of its own.
    for (name, status) in &troubled {
        assert!(status == "unknown" || calm.get(name) == Some(status), "{name}: {status}, was {:?}", calm.get(name));
    }
}

#[test]
fn quotas_of_aws_are_kept_and_what_is_in_flight_is_bounded() {
    let whole = Trouble { quota_share: Some(1.0), ..Trouble::default() };
    let scan = scan(whole, &["--max-in-flight", "3"]);
    assert_eq!(scan.throttled, 0, "half of every quota is less than the whole");
    assert!(scan.peak <= 3, "{} in flight", scan.peak);
}

#[test]
fn a_scan_adapts_to_quotas_that_others_use() {
    let busy = Trouble { quota_share: Some(0.25), ..Trouble::default() };
    let scan = scan(busy, &["--service", "cloudtrail", "--service", "account"]);
    assert!(scan.throttled > 0);
    // The deliveries of the tape are old by now, which asks further buckets than the tape has.
    let gaps = scan.report.0["gaps"].as_array().unwrap();
    assert!(gaps.iter().all(|gap| gap["kind"] != "throttled"), "{gaps:#?}");
}
