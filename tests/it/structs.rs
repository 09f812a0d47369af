//! What our structs need of each answer that the model client reads.
//!
//! A member that AWS always sends is no `Option`, so that its absence is malformed by itself. Which those are is the snapshot; and each
//! of them is asked for under another name on the wire, and with a value of another type: both are malformed.

use crate::support::repo;
use crate::synthesis::{Synthesis, needed_by, untagged};
use posture_estate::aws::model::Model;
use posture_estate::finding::GapKind;
use posture_estate::services::SERVICES;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The member that is the body itself; `models_proof` renames the roots of bodies.
const PAYLOAD: &str = "PublicAccessBlockConfiguration";

/// Only known states of accounts are read, and those of made-up answers are made up.
fn active(answer: &Value) -> Value {
    let mut answer = answer.clone();
    for account in answer["Accounts"].as_array_mut().into_iter().flatten() {
        if let Some(state) = account.get_mut("State") {
            *state = "ACTIVE".into();
        }
    }
    answer
}

#[test]
fn every_operation_of_a_model_is_here() {
    let mut all = BTreeSet::new();
    for entry in std::fs::read_dir(repo("crates/estate/models")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let model = Model::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
            all.extend(model.operations().map(|operation| format!("{}:{operation}", model.service())));
        }
    }
    let reads = SERVICES.iter().flat_map(|service| service.reads.iter().map(|(operation, _)| service.call(operation)));
    assert_eq!(reads.collect::<BTreeSet<_>>(), all);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_aws_always_sends_is_needed_and_its_absence_on_the_wire_malformed() {
    let Some(synthesis) = tokio::task::spawn_blocking(Synthesis::start).await.unwrap() else { return };
    let (mut snapshots, mut wrong, mut asked) = (BTreeMap::new(), Vec::new(), 0);
    let reads = SERVICES.iter().flat_map(|service| service.reads.iter().map(move |read| (*service, read)));
    for (service, (operation, read)) in reads {
        let call = &service.call(operation);
        let read = |answer: &Value| read(&active(answer));
        let asking = call.clone();
        let told = tokio::task::spawn_blocking(move || synthesis.told(&asking)).await.unwrap();
        let needed = needed_by(&untagged(told.plain()), read);
        let snapshot: &mut String = snapshots.entry(service.name).or_default();
        writeln!(snapshot, "{operation}: {}", needed.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
            .unwrap();
        let input = told.inputs().swap_remove(0);
        let mut missed = needed.clone();
        for (member, cases) in told.members().filter(|(member, _)| needed.contains(member)) {
            missed.remove(&member);
            for case in cases {
                asked += 1;
                match synthesis.ask::<Value>(call, &case, input.clone()).await {
                    Ok(value) if read(&value).is_ok() => wrong.push(format!("{call}: {member}, {case}, was read")),
                    Err(fault) if fault.kind != GapKind::Malformed => {
                        wrong.push(format!("{call}: {member}: {fault:?}"))
                    }
                    _ => {}
                }
            }
        }
        missed.remove(PAYLOAD);
        wrong.extend(missed.iter().map(|member| format!("{call}: {member} is not on the wire")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(asked > 150, "{asked}");
    for (service, snapshot) in snapshots {
        insta::assert_snapshot!(format!("needed_{service}"), snapshot);
    }
}
