//! A fuzz target for the policy evaluator that runs a bounded time with every test run: documents of the unit tests' tables and of
//! the recorded accounts, mutated. None may panic, and what must hold of every document holds: a Deny never makes it more public,
//! an Allow never less, and order, grouping and case do not matter.
//!
//! `POSTURE_FUZZ_SECONDS` lengthens it, `POSTURE_FUZZ_SEED` makes it another run. A failure prints the document.

mod mutation;

use crate::support::repo;
use mutation::{Dice, damage, mutate, strings};
use posture_policy::{self as policy, Context, Decision, Document, Identity, Zone};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

const BUCKET: &str = "arn:aws:s3:::b";
const POINT: &str = "arn:aws:s3:us-west-2:111122223333:accesspoint/ap";

#[test]
fn mutated_policies_do_not_panic_and_keep_the_rules() {
    let number = |name: &str, default: u64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let seed = number("POSTURE_FUZZ_SEED", 1);
    let time = Duration::from_secs(number("POSTURE_FUZZ_SECONDS", 3));
    let corpus = corpus();
    assert!(corpus.len() >= 300, "only {} documents were found to start from", corpus.len());
    let mut dice = Dice(seed);
    let (start, mut parsed, mut rounds) = (Instant::now(), 0_u64, 0_u64);
    while start.elapsed() < time {
        rounds += 1;
        let document = mutate(&mut dice, &corpus);
        let mut text = document.to_string();
        let is_damaged = dice.one_in(6);
        if is_damaged {
            damage(&mut dice, &mut text);
        }
        let statement = mutate(&mut dice, &corpus);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let Ok(read) = Document::parse(&text) else { return Ok(false) };
            ask_all(&read);
            let kept = if is_damaged { Ok(()) } else { rules(&document, &statement) };
            kept.map(|()| true)
        }));
        match outcome {
            Ok(Ok(is_read)) => parsed += u64::from(is_read),
            Ok(Err(broken)) => panic!("seed {seed}, round {rounds}: {broken}"),
            Err(_) => panic!("seed {seed}, round {rounds}: panics on {text}\nbeside {statement}"),
        }
    }
    assert!(parsed * 4 >= rounds, "only {parsed} of {rounds} documents could be read: the mutations are too wild");
    println!("{rounds} documents, {parsed} of them read, from {} in {:?}", corpus.len(), start.elapsed());
}

/// Every policy document of the unit tests and of the fixtures, each once, with its statements as a list.
fn corpus() -> Vec<Value> {
    let mut found = BTreeSet::new();
    for file in files(&repo("crates/policy/src/tests")) {
        let source = std::fs::read_to_string(&file).unwrap();
        literals(&source).filter_map(|literal| from_literal(&literal)).for_each(|d| {
            found.insert(d.to_string());
        });
    }
    for file in files(&repo("fixtures")).filter(|file| file.extension().is_some_and(|end| end == "jsonl")) {
        let tape = std::fs::read_to_string(&file).unwrap();
        tape.lines().filter_map(|line| serde_json::from_str(line).ok()).for_each(|v: Value| dig(&v, &mut found));
    }
    found.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

fn files(dir: &Path) -> Box<dyn Iterator<Item = std::path::PathBuf>> {
    let entries: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    Box::new(
        entries.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { Box::new([path].into_iter()) }),
    )
}

/// The raw strings of a source file, as `format!` prints them, what it fills in left out.
fn literals(source: &str) -> impl Iterator<Item = String> {
    source.split("r#\"").skip(1).filter_map(|rest| rest.split_once("\"#")).map(|(literal, _)| {
        let mut text = literal.replace("{{", "\u{1}").replace("}}", "\u{2}");
        let names = |c: char| c.is_ascii_lowercase() || c == '_' || c.is_ascii_uppercase();
        while let Some((before, rest)) = text.split_once('{') {
            let Some((name, after)) = rest.split_once('}') else { break };
            if !name.chars().all(names) {
                break;
            }
            text = format!("{before}{after}");
        }
        text.replace('\u{1}', "{").replace('\u{2}', "}")
    })
}

/// A document around whatever part of one the text is.
fn from_literal(text: &str) -> Option<Value> {
    let text = text.trim().trim_matches(',');
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    if let Some(whole) = parse(text).filter(Value::is_object).and_then(whole) {
        return Some(whole);
    }
    let plain = r#""Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*""#;
    let statements = [
        text.to_owned(),
        format!("{{\"Effect\":\"Allow\",{text}}}"),
        format!("{{\"Effect\":\"Allow\",{text},\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}}"),
        format!("{{{plain},\"Condition\":{{{text}}}}}"),
        format!("{{{plain},{text}}}"),
    ];
    let candidates = statements.iter().filter_map(|text| parse(&format!("{{\"Statement\":[{text}]}}")));
    candidates.filter_map(whole).find(|document| Document::parse(&document.to_string()).is_ok())
}

/// The document with its statements as a list, if it is one.
fn whole(mut document: Value) -> Option<Value> {
    let statement = document.get_mut("Statement")?;
    if statement.is_object() {
        *statement = json!([statement.take()]);
    }
    let all_objects = statement.as_array()?.iter().all(Value::is_object);
    if document.get("Version").is_none() {
        document["Version"] = json!("2012-10-17");
    }
    all_objects.then_some(document)
}

/// Policy documents anywhere in an answer: as JSON, in a string of JSON, percent-encoded in XML.
fn dig(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if members.contains_key("Statement")
                && let Some(document) = whole(value.clone())
            {
                found.insert(document.to_string());
            }
            members.values().for_each(|member| dig(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| dig(item, found)),
        Value::String(text) => {
            if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
                dig(&inner, found);
            }
            for part in text.split('<').filter_map(|tag| tag.split_once('>')).map(|(_, part)| part) {
                let decoded = percent_encoding::percent_decode_str(part).decode_utf8_lossy();
                if let Ok(inner @ Value::Object(_)) = serde_json::from_str::<Value>(&decoded.replace("&quot;", "\"")) {
                    dig(&inner, found);
                }
            }
        }
        _ => {}
    }
}

fn zone() -> Zone {
    Zone::of("111122223333", "aws")
}

/// Every question; the answers do not matter.
fn ask_all(document: &Document) {
    let zone = zone();
    let _ = (policy::external(document, &zone), policy::external_and_doubts(document, &zone));
    let _ = (policy::denies_http(document, BUCKET), policy::confused_deputy(document, &zone));
    let _ = (policy::oidc_trust(document), policy::public_through(document, BUCKET, document, POINT));
    let _ = (policy::everyone_under_conditions(document), policy::mentions_access_points(document));
    let identity = Identity {
        policies: vec![("p".into(), document.clone())],
        boundary: Some(document.clone()),
        boundary_arn: None,
        own: vec!["arn:aws:iam::111122223333:role/r".into()],
        context: Context::of("111122223333", "aws"),
    };
    let _ = (policy::is_admin(&identity), policy::escalations(&identity));
    for action in ["*", "kms:*", "kms:Decrypt"] {
        let _ = policy::allows_everywhere(&[document, document], action, &identity.context);
    }
    let _ = policy::allows_anywhere(&[document], "iam:CreateRole");
    for statement in document.statements() {
        let _ = policy::requires_mfa(document, statement.number());
    }
}

fn rank(decision: &Decision) -> u8 {
    match decision {
        Decision::No(_) => 0,
        Decision::CannotTell(_) => 1,
        Decision::Yes(_) => 2,
    }
}

fn read(statements: &[Value]) -> Result<Document, String> {
    let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    Document::parse(&text).map_err(|error| format!("{error}: {text}"))
}

/// The questions on what is public, of a resource that the question names, as ranks.
fn ranks(document: &Document) -> [u8; 4] {
    let zone = zone();
    [
        rank(&policy::public_bucket(document, &zone, BUCKET)),
        rank(&policy::public_write(document, &zone, BUCKET)),
        rank(&policy::public_access_point(document, POINT)),
        rank(&policy::wildcard_trust(document, &zone)),
    ]
}

/// What must hold of every document that can be read; the error is the rule that is broken and the documents.
fn rules(document: &Value, other: &Value) -> Result<(), String> {
    let statements = document["Statement"].as_array().expect("a list");
    let Ok(plain) = read(statements) else { return Ok(()) };
    let (before, refuses) = (ranks(&plain), policy::denies_http(&plain, BUCKET).is_yes());
    let also = |document: &Document| rank(&policy::public(document, &zone()));
    let show = |rule: &str, after: &Value, ranks: &dyn std::fmt::Debug| {
        Err(format!("{rule}: {before:?} became {ranks:?}\nbefore: {}\nafter: {after}", json!(statements)))
    };
    let extra = &other["Statement"].as_array().expect("a list")[0];
    for effect in ["Deny", "Allow"] {
        let mut extra = extra.clone();
        extra["Effect"] = json!(effect);
        let grown: Vec<Value> = statements.iter().cloned().chain([extra]).collect();
        let Ok(grown_document) = read(&grown) else { continue };
        let after = ranks(&grown_document);
        let still = policy::denies_http(&grown_document, BUCKET).is_yes();
        let pairs = || before.iter().zip(after);
        if effect == "Deny" && (pairs().any(|(before, after)| after > *before) || also(&grown_document) > also(&plain))
        {
            return show("a Deny made it more public", &json!(grown), &after);
        }
        if effect == "Deny" && refuses && !still {
            return show("a Deny took back the refusal of HTTP", &json!(grown), &after);
        }
        if effect == "Allow" && pairs().any(|(before, after)| after < *before) {
            return show("an Allow made it less public", &json!(grown), &after);
        }
    }
    let reversed: Vec<Value> = statements.iter().rev().cloned().collect();
    let parts: Vec<Value> = statements.iter().flat_map(split).collect();
    let cases = [("order matters", reversed), ("grouping matters", parts), ("case matters", recased(statements))];
    for (rule, same) in cases {
        let Ok(changed) = read(&same) else { return show(rule, &json!(same), &"unreadable") };
        let after = ranks(&changed);
        if after != before
            || also(&changed) != also(&plain)
            || policy::denies_http(&changed, BUCKET).is_yes() != refuses
        {
            return show(rule, &json!(same), &after);
        }
    }
    Ok(())
}

/// One statement for each action and each resource of a list.
fn split(statement: &Value) -> Vec<Value> {
    let mut parts = vec![statement.clone()];
    for name in ["Action", "Resource"] {
        if let Some(values) = statement[name].as_array().filter(|values| !values.is_empty()) {
            let of = |part: &Value, value: &Value| {
                let mut part = part.clone();
                part[name] = value.clone();
                part
            };
            parts =
                parts.iter().flat_map(|part| values.iter().map(|value| of(part, value)).collect::<Vec<_>>()).collect();
        }
    }
    parts
}

/// The same statements with the case of actions and of condition keys and operators turned.
fn recased(statements: &[Value]) -> Vec<Value> {
    let mut statements = statements.to_vec();
    for statement in &mut statements {
        for name in ["Action", "NotAction"] {
            if let Some(actions) = statement.get_mut(name) {
                strings(actions).into_iter().for_each(|leaf| *leaf = json!(turned(leaf.as_str().unwrap_or_default())));
            }
        }
        if let Some(condition) = statement.get_mut("Condition").and_then(Value::as_object_mut) {
            let all = std::mem::take(condition);
            let is_plain = |members: &Map<String, Value>| {
                let names: BTreeSet<String> = members.keys().map(|name| name.to_ascii_lowercase()).collect();
                names.len() == members.len()
            };
            let plain = is_plain(&all) && all.values().filter_map(Value::as_object).all(is_plain);
            for (operator, mut keys) in all {
                if let Some(members) = keys.as_object_mut().filter(|_| plain) {
                    *members = std::mem::take(members).into_iter().map(|(key, v)| (turned(&key), v)).collect();
                }
                condition.insert(if plain { turned(&operator) } else { operator }, keys);
            }
        }
    }
    statements
}

fn turned(text: &str) -> String {
    let turn = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(turn).collect()
}
