//! The fault sweep: every operation on the tape is denied, throttled, failed, garbled, cut short and emptied in turn.
//! No finding may get better or worse by that, and what rested on the answer alone must become unknown.

use crate::support::repo;
use aws_posture::catalogue::{self, Check, checks};
use aws_posture::record::Record;
use aws_posture::scan::Recorded;
use aws_posture::scan::{self, Event, Progress, Visit};
use posture_estate::aws::service::Wire;
use posture_estate::aws::tape::Reply;
use posture_estate::aws::tape::Tape;
use posture_estate::aws::transport::Source;
use posture_estate::aws::transport::Transport;
use posture_estate::finding::{Gap, Status};
use posture_estate::place::Scene;
use posture_estate::services;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

async fn judge(tape: Tape, checks: &[&'static Check]) -> Vec<Record> {
    let tape = Arc::new(tape);
    let transport = Transport::new(Source::Tape(tape.clone()), None, catalogue::reads(checks.iter().copied()));
    let recorded = Recorded::of(&tape).unwrap();
    let settings = Arc::new(catalogue::ChangedSettings::default().resolved());
    let scene = Scene { now: tape.time().unwrap(), transport, settings };
    let (_, mut accounts) = scan::replay(&recorded, &scene, &[]).await.expect("the tape says who and where");
    let central = accounts.iter().position(|account| account.organization).unwrap_or_default();
    let session = accounts.remove(central).session.expect("it was recorded");
    let mut records = Vec::new();
    let tell = |event: Event<'_>| {
        if let Event::Finding(_, record) = event {
            records.push(*record);
        }
        Ok::<_, std::convert::Infallible>(())
    };
    let never = std::future::pending();
    let (skip, progress) = (BTreeSet::new(), Progress::default());
    let visit = Visit { session: &session, checks, skip: &skip, progress: &progress, terms: &() };
    let cut = scan::run(&visit, never, tell).await;
    assert_eq!(cut, Ok(None));
    records.sort_by(|a, b| a.order().cmp(&b.order()));
    records
}

fn spoil(fault: &str, service: &str, reply: &Reply) -> Reply {
    let service = services::named(service).expect("a service of the estate");
    let json = service.wire.is_json();
    let http = |status: u16, body: String| Reply::Http { status, headers: BTreeMap::new(), body };
    let error = |status: u16, code: &str| {
        let body = match service.wire {
            Wire::AwsJson | Wire::RestJson => format!(r#"{{"__type":"{code}","message":"no"}}"#),
            Wire::Ec2 => format!(
                "<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors><RequestID>r</RequestID></Response>"
            ),
            Wire::S3 => format!("<Error><Code>{code}</Code><Message>no</Message></Error>"),
            Wire::Query | Wire::RestXml => {
                format!("<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>")
            }
        };
        http(status, body)
    };
    let body = match reply {
        Reply::Http { body, .. } => body.as_str(),
        Reply::Fault { .. } => "",
    };
    match fault {
        "denied" => error(403, if json { "AccessDeniedException" } else { "AccessDenied" }),
        "throttled" => error(400, "Throttling"),
        "failed" => http(500, String::new()),
        "garbled" => http(200, "\u{1}\u{2}}{><garbage".into()),
        "foreign" => http(200, if json { "{}".into() } else { "<html><body>proxy login</body></html>".into() }),
        "cut" => http(200, body.chars().take(body.chars().count() * 2 / 3).collect()),
        "empty" => http(200, String::new()),
        _ => unreachable!("{fault}"),
    }
}

const FAULTS: [&str; 7] = ["denied", "throttled", "failed", "garbled", "foreign", "cut", "empty"];

/// What a finding is known by, whatever becomes of it.
fn statuses(records: &[Record]) -> BTreeMap<&str, (&Record, Status)> {
    records.iter().map(|record| (record.fingerprint.as_str(), (record, record.status))).collect()
}

/// `each_moves`: no check that declares the call passes everywhere without its answer. True of acme, where something
/// always hangs on it; in hardened an alternative often decides (an account that blocks public access needs no policy).
async fn sweep(name: &str, each_moves: bool) {
    let tape = Tape::load(&repo("fixtures").join(name)).expect("a fixture");
    let whole = Recorded::of(&tape).unwrap().organization.is_some();
    // In the account that sees the organization: what is asked of it there; the others are swept in two accounts already.
    let all: Vec<&'static Check> = checks().iter().filter(|check| check.is_of_organization() == whole).collect();
    let base = judge(tape.clone(), &all).await;
    let base = statuses(&base);
    let calls: BTreeSet<(String, String)> =
        tape.questions().map(|question| (question.service.clone(), question.operation.clone())).collect();
    let mut wrong = Vec::new();
    for (service, operation) in calls {
        let call = format!("{service}:{operation}");
        if call == "sts:GetCallerIdentity" {
            continue;
        }
        let touched: Vec<&'static Check> =
            all.iter().copied().filter(|check| check.card.calls.contains(&call)).collect();
        for fault in FAULTS {
            let spoilt = tape.altered(
                |question| question.service == service && question.operation == operation,
                |reply| spoil(fault, &service, reply),
            );
            let records = judge(spoilt, &touched).await;
            for check in &touched {
                let own: Vec<&Record> = records.iter().filter(|record| record.check_id == check.id).collect();
                if own.is_empty() {
                    wrong.push(format!("{call} {fault}: {} says nothing", check.id));
                }
                let only_call = check.card.calls.len() == 1;
                for record in own {
                    let now = record.status;
                    let before = base.get(record.fingerprint.as_str()).map(|(_, status)| *status);
                    let what = format!(
                        "{call} {fault}: {} {} {before:?} -> {now:?}: {}",
                        check.id, record.resource.arn, record.message
                    );
                    // The remedy names the call that has to be allowed: the one that went wrong, unless something else was asked
                    // in its place, which the tape does not have.
                    let elsewhere = |gap: &Gap| gap.message().contains("not on the tape");
                    let blamed = record.gaps.iter().any(|gap| gap.call() == call) || record.gaps.iter().all(elsewhere);
                    match now {
                        Status::Unknown if before != Some(Status::Unknown) && !blamed => {
                            wrong.push(format!("{what} (it blames another call)"));
                        }
                        Status::Unknown => {}
                        _ if only_call => wrong.push(format!("{what} (its only call)")),
                        Status::Fail if before != Some(Status::Fail) => wrong.push(what),
                        Status::Pass if before != Some(Status::Pass) => wrong.push(what),
                        Status::NotApplicable if before != Some(Status::NotApplicable) => wrong.push(what),
                        _ => {}
                    }
                }
                let unmoved = records
                    .iter()
                    .filter(|record| record.check_id == check.id)
                    .all(|record| record.status == Status::Pass);
                if each_moves && unmoved {
                    wrong.push(format!("{call} {fault}: every finding of {} still passes", check.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} verdicts without their evidence:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn acme_never_passes_or_fails_on_what_it_did_not_see() {
    sweep("acme", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hardened_never_passes_or_fails_on_what_it_did_not_see() {
    sweep("hardened", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_organization_never_passes_or_fails_on_what_was_not_seen_of_it() {
    sweep("organization", false).await;
}
