//! The model client reads and asks as botocore does, for every operation that a card may ever name.
//!
//! An answer with every member set is made up from botocore's model of each operation, put on the wire and read by the
//! client; what it reads is what botocore reads of the same bytes. Then the answer says something else than the model, in
//! ten thousand ways: each is malformed, or leaves a member out, and none is another value. The question on the way there
//! is what botocore would have sent. See `tests/aws/emulator/synthesis`.

use crate::synthesis::{Synthesis, Told, difference, without};
use posture_estate::aws::fault::{Fault, classify};
use posture_estate::finding::GapKind;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Operations at once.
const AT_ONCE: usize = 8;

/// The one member of all these answers that comes as a header. The transport keeps none but those that errors need, as
/// tapes do.
const UNHEARD: (&str, &str) = ("cloudfront:GetDistributionConfig", "ETag");

#[derive(Default)]
struct Seen {
    problems: Vec<String>,
    /// Cases by kind (`full`, `mutation`, `error`, …).
    cases: BTreeMap<String, usize>,
    /// Operations by protocol.
    protocols: BTreeMap<String, usize>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_asked_and_read_as_botocore_does() {
    let Some(synthesis) = tokio::task::spawn_blocking(Synthesis::start).await.unwrap() else { return };
    let started = Instant::now();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for (service, operation) in &synthesis.operations {
        let (call, places) = (format!("{service}:{operation}"), places.clone());
        running.spawn(async move {
            let _place = places.acquire_owned().await.unwrap();
            let asked = call.clone();
            let told = tokio::task::spawn_blocking(move || synthesis.told(&asked)).await.unwrap();
            operation_is_read(synthesis, &call, &told).await
        });
    }
    let mut all = Seen::default();
    while let Some(seen) = running.join_next().await {
        let seen = seen.unwrap();
        all.problems.extend(seen.problems);
        for (kind, count) in seen.cases {
            *all.cases.entry(kind).or_default() += count;
        }
        for (protocol, count) in seen.protocols {
            *all.protocols.entry(protocol).or_default() += count;
        }
    }
    for (case, wrong) in tokio::task::spawn_blocking(|| synthesis.differences()).await.unwrap() {
        all.problems.extend(wrong.iter().map(|wrong| format!("{case} asks otherwise: {wrong}")));
    }
    all.problems.sort();
    eprintln!(
        "{} operations in {:?}: {:?}, {:?}",
        synthesis.operations.len(),
        started.elapsed(),
        all.protocols,
        all.cases
    );
    let shown: Vec<String> = all.problems.iter().take(200).map(|one| one.chars().take(300).collect()).collect();
    assert_eq!(all.problems.len(), 0, "{shown:#?}");

    // 457 of 540: the others belong to services that keep their SDK crates.
    assert_eq!((synthesis.operations.len(), synthesis.by_crate), (457, 83));
    let protocols = [("json", 198), ("query", 38), ("rest-json", 210), ("rest-xml", 11)];
    assert_eq!(all.protocols, protocols.into_iter().map(|(name, count)| (name.to_owned(), count)).collect());
    assert_eq!(all.cases["plain"], 457);
    assert!(all.cases["full"] >= 457 && all.cases["input"] >= 457, "{:?}", all.cases);
    assert!(all.cases["mutation"] > 10_000, "{:?}", all.cases);
}

async fn operation_is_read(synthesis: &Synthesis, call: &str, told: &Told) -> Seen {
    let mut seen = Seen::default();
    *seen.protocols.entry(told.protocol().to_owned()).or_default() += 1;
    let inputs = told.inputs();
    for (number, input) in inputs.iter().enumerate() {
        let case = format!("input-{number}");
        *seen.cases.entry("input".to_owned()).or_default() += 1;
        if let Err(fault) = synthesis.ask::<Value>(call, &case, input.clone()).await {
            seen.problems.push(format!("{call}:{case}: {fault:?}"));
        }
    }
    for case in told.cases() {
        let name = case["case"].as_str().unwrap();
        *seen.cases.entry(name.split('-').next().unwrap().to_owned()).or_default() += 1;
        let read = synthesis.ask::<Value>(call, name, inputs[0].clone()).await;
        let told_of = case["name"].as_str().unwrap_or(name);
        if let Some(problem) = misread(call, told, &case["expect"], read) {
            seen.problems.push(format!("{call}: {told_of}: {problem}"));
        }
    }
    seen
}

/// What is wrong with what the client read, if anything.
fn misread(call: &str, told: &Told, expect: &Value, read: Result<Value, Fault>) -> Option<String> {
    let fault = match read {
        // A standalone account has none, whatever botocore requires.
        Ok(read) if call == "guardduty:GetAdministratorAccount" && read == json!({}) => return None,
        Ok(read) if expect == "malformed" => return Some(format!("read as {}", shortened(&read))),
        Ok(read) => {
            let value = match expect["absent"].as_array() {
                Some(path) => without(told.plain(), path),
                None if expect["value"].is_null() => return Some("an error was read as an answer".to_owned()),
                None => told.value(&expect["value"]).clone(),
            };
            let value = if call == UNHEARD.0 { without(&value, &[UNHEARD.1.into()]) } else { value };
            return difference(&value, &read).map(|rest| format!("botocore's answer{rest}"));
        }
        Err(fault) => fault,
    };
    if expect == "malformed" || expect["or"] == "malformed" {
        return (fault.kind != GapKind::Malformed).then(|| format!("{fault:?}"));
    }
    let Some(status) = expect["status"].as_u64() else { return Some(format!("{fault:?}")) };
    let (code, message) = (expect["code"].as_str(), expect["message"].as_str().unwrap());
    let right = classify(code, u16::try_from(status).unwrap(), message);
    ((fault.kind, &fault.message) != (right.kind, &right.message)).then(|| format!("{fault:?} instead of {right:?}"))
}

fn shortened(value: &Value) -> String {
    value.to_string().chars().take(120).collect()
}

/// One operation of each protocol, and of each dialect of it: JSON 1.0, 1.1, and after a query protocol; REST, with and
/// without a payload.
const EACH: &[&str] = &[
    "dynamodb:ListTables",
    "organizations:ListAccounts",
    "sqs:ListQueues",
    "guardduty:ListDetectors",
    "rds:DescribeDBInstances",
    "route53:ListHostedZones",
    "cloudfront:ListDistributions",
];

/// The first input of an operation, and how long its plain answer is.
async fn first(synthesis: &'static Synthesis, call: &'static str) -> (Value, usize) {
    let told = tokio::task::spawn_blocking(move || synthesis.told(call)).await.unwrap();
    (told.inputs().swap_remove(0), told.bytes())
}

async fn answered(
    synthesis: &'static Synthesis,
    call: &'static str,
    input: &Value,
    answer: Answer<'_>,
) -> Result<Value, Fault> {
    let (status, headers, body) = (answer.0, answer.1.clone(), answer.2.to_vec());
    let case = tokio::task::spawn_blocking(move || synthesis.answer(status, &headers, &body)).await.unwrap();
    synthesis.ask::<Value>(call, &case, input.clone()).await
}

/// Status, headers, body.
struct Answer<'a>(u16, Value, &'a [u8]);

#[tokio::test(flavor = "multi_thread")]
async fn an_error_gives_its_code_and_message_however_its_service_writes_them() {
    let Some(synthesis) = tokio::task::spawn_blocking(Synthesis::start).await.unwrap() else { return };
    for (call, header, body, message) in ERRORS {
        let (input, _) = first(synthesis, call).await;
        let headers = header.split_once(": ").map_or(json!({}), |(name, value)| json!({ name: value }));
        let read = answered(synthesis, call, &input, Answer(400, headers, body.as_bytes())).await;
        let fault = read.expect_err(body);
        let right = (GapKind::Unavailable, format!("HTTP 400, {message}"));
        assert_eq!((fault.kind, fault.message), right, "{call} {header} {body}");
    }
}

/// Operation, header and body of an error answer, and the code and message in it.
const ERRORS: &[(&str, &str, &str, &str)] = &[
    ("dynamodb:ListTables", "", r#"{"__type":"com.amazonaws.x#InUse","Message":"a  b."}"#, "InUse: a b"),
    ("organizations:ListAccounts", "", r#"{"__type":"NotInUse","message":"c"}"#, "NotInUse: c"),
    ("organizations:ListAccounts", "", r#"{"__type":"Odd:http://internal.amazon.com/","message":"d"}"#, "Odd: d"),
    ("organizations:ListAccounts", "x-amzn-ErrorType: Odd:http://internal.amazon.com/", "{}", "Odd"),
    ("organizations:ListAccounts", "x-amzn-ErrorType: Odd", "", "Odd"),
    ("guardduty:ListDetectors", "x-amzn-ErrorType: BadRequest:", r#"{"message":"e"}"#, "BadRequest: e"),
    ("guardduty:ListDetectors", "", r#"{"__type":"Odd","message":"f","extra":[{}]}"#, "Odd: f"),
    ("guardduty:ListDetectors", "", r#"{"code":"Odd","message":"g"}"#, "Odd: g"),
    (
        "sqs:ListQueues",
        "x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender",
        r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"h"}"#,
        "AWS.SimpleQueueService.NonExistentQueue: h",
    ),
    (
        "rds:DescribeDBInstances",
        "",
        "<ErrorResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error><Type>Sender</Type>\
         <Code>NotFound</Code><Message>i &lt;&amp;</Message></Error><RequestId>x</RequestId></ErrorResponse>",
        "NotFound: i <&",
    ),
    (
        "rds:DescribeDBInstances",
        "",
        "<?xml version=\"1.0\"?>\n<Response><Errors><Error><Code>Odd</Code><Message>j</Message></Error></Errors>\
         </Response>",
        "Odd: j",
    ),
    (
        "route53:ListHostedZones",
        "",
        "<a:ErrorResponse xmlns:a=\"https://route53.amazonaws.com/doc/2013-04-01/\"><a:Error>\
         <a:Code>InvalidInput</a:Code><a:Message>k</a:Message></a:Error></a:ErrorResponse>",
        "InvalidInput: k",
    ),
    ("route53:ListHostedZones", "", "<Error><Code>Odd</Code><Message/></Error>", "Odd"),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_says_nothing_is_what_its_status_says() {
    let Some(synthesis) = tokio::task::spawn_blocking(Synthesis::start).await.unwrap() else { return };
    let statuses = [
        (400, GapKind::Malformed),
        (401, GapKind::Denied),
        (403, GapKind::Denied),
        (404, GapKind::Unsupported),
        (429, GapKind::Throttled),
        (500, GapKind::Unavailable),
        (503, GapKind::Unavailable),
    ];
    let mut wrong = Vec::new();
    for call in EACH {
        let (input, _) = first(synthesis, call).await;
        for body in unreadable() {
            for (status, kind) in statuses {
                let read = answered(synthesis, call, &input, Answer(status, json!({}), &body)).await;
                check(&mut wrong, format!("{call} {status} {:?}", text(&body)), kind, read);
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_none_is_malformed() {
    let Some(synthesis) = tokio::task::spawn_blocking(Synthesis::start).await.unwrap() else { return };
    let mut wrong = Vec::new();
    for call in EACH {
        let (input, bytes) = first(synthesis, call).await;
        for body in unreadable() {
            let read = answered(synthesis, call, &input, Answer(200, json!({}), &body)).await;
            check(&mut wrong, format!("{call} {:?}", text(&body)), GapKind::Malformed, read);
        }
        // Whole by its length, and cut by whoever wrote it; or with something behind it.
        let cuts = (0..bytes).step_by(bytes / 40 + 1).chain([bytes - 1]).map(|at| format!("cut-{at}"));
        for case in cuts.chain((0..6).map(|tail| format!("tail-{tail}"))) {
            let read = synthesis.ask::<Value>(call, &case, input.clone()).await;
            check(&mut wrong, format!("{call} {case} of {bytes}"), GapKind::Malformed, read);
        }
        // Cut on the way.
        let read =
            answered(synthesis, call, &input, Answer(200, json!({ "Content-Length": "900" }), b"{\"a\":[")).await;
        check(&mut wrong, format!("{call} cut on the way"), GapKind::Malformed, read);
    }
    assert_eq!(wrong, Vec::<String>::new());
}

fn check(wrong: &mut Vec<String>, what: String, right: GapKind, read: Result<Value, Fault>) {
    match read {
        Err(fault) if fault.kind == right => {}
        read => wrong.push(format!("{what} is no {right:?} but {read:?}")),
    }
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(60).collect()
}

/// Bodies that no protocol can read.
fn unreadable() -> Vec<Vec<u8>> {
    let deep = 100_000;
    let texts = [
        String::new(),
        " ".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        "\"text\"".to_owned(),
        "<html><body><b>Http/1.1 Service Unavailable</b></body></html>".to_owned(),
        "<!DOCTYPE html><html><head><meta charset=utf-8><br></head>".to_owned(),
        "{\"__type\":\"Cut".to_owned(),
        "<ErrorResponse><Error><Code>Cut</Co".to_owned(),
        "<!DOCTYPE a [<!ENTITY b \"b\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>".to_owned(),
        format!("{{\"a\":{}", "[".repeat(deep)),
        format!("{{\"a\":{}{}}}", "[".repeat(deep), "]".repeat(deep)),
        format!("{}{}", "<a>".repeat(deep), "</a>".repeat(deep)),
    ];
    texts.into_iter().map(String::into_bytes).chain([b"\x00\xff\xfe{".to_vec(), b"{\"a\":\"\xff\"}".to_vec()]).collect()
}
