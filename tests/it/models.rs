//! The models of services: as the script cuts them, and with the endpoints that botocore's own resolver gives.

use crate::emulator;
use crate::support::repo;
use aws_posture::aws::model::{Endpoint, Model, Variant};
use aws_posture::catalogue::{checks, reads};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Every model below a directory, by its path within.
fn files(dir: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(at) = todo.pop() {
        for entry in std::fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().display().to_string();
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

/// A script of `tests/aws` in the pinned environment; its output, or `None` when `POSTURE_SKIP_MOTO=1`.
fn run(script: &str, args: &[&str]) -> Option<Vec<u8>> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    let ran = Command::new(emulator::python()?)
        .arg(repo("tests/aws").join(script))
        .args(args)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("the pinned Python starts");
    assert!(ran.status.success(), "{script}: {}", String::from_utf8_lossy(&ran.stderr));
    Some(ran.stdout)
}

#[test]
fn models_are_what_the_script_cuts() {
    let dir = tempfile::tempdir().unwrap();
    if run("models.py", &["--out", dir.path().to_str().unwrap()]).is_none() {
        return;
    }
    let (now, committed) = (files(dir.path()), files(&repo("crates/estate/models")));
    let names: BTreeSet<&String> = now.keys().chain(committed.keys()).collect();
    let differ: Vec<&String> = names.into_iter().filter(|name| now.get(*name) != committed.get(*name)).collect();
    assert!(
        differ.is_empty(),
        "{differ:?} are not what cards declare: run `python3 tests/aws/models.py` and commit them"
    );
}

#[test]
fn a_model_has_what_may_be_read_and_nothing_else() {
    let reads = reads(checks());
    for (name, text) in files(&repo("crates/estate/models")) {
        let model = Model::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        if name.starts_with("push") {
            continue;
        }
        assert_eq!(name, format!("{}.json", model.service()));
        let prefix = format!("{}:", model.service());
        let wanted: BTreeSet<&str> = reads.iter().filter_map(|call| call.strip_prefix(&prefix)).collect();
        assert_eq!(model.operations().collect::<BTreeSet<_>>(), wanted, "{name}");
    }
}

/// What botocore answers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    service: String,
    region: String,
    variant: Variant,
    url: Option<String>,
    signing_region: Option<String>,
    signing_name: Option<String>,
}

#[test]
fn every_service_is_asked_where_botocore_asks_it() {
    let dir = tempfile::tempdir().unwrap();
    let operations = repo("tests/aws/operations.txt").display().to_string();
    if run("models.py", &["--operations", &operations, "--out", dir.path().to_str().unwrap()]).is_none() {
        return;
    }
    let parse = |(name, text): (String, String)| {
        let model = Model::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (model.service().to_owned(), model)
    };
    let models: BTreeMap<String, Model> = files(dir.path()).into_iter().map(parse).collect();
    let answers: Vec<Answer> = serde_json::from_slice(&run("endpoints.py", &[&operations]).unwrap()).unwrap();
    let mut compared = BTreeSet::new();
    for answer in answers {
        // Those with a crate of the SDK have its endpoints.
        let Some(model) = models.get(&answer.service) else { continue };
        let ours = model.endpoint(&answer.region, answer.variant);
        let theirs = answer.url.as_ref().map(|url| Endpoint {
            url: url.replace("111122223333", "{account}"),
            signing_region: answer.signing_region.clone().unwrap(),
            signing_name: answer.signing_name.clone().unwrap(),
        });
        assert_eq!(ours, theirs, "{answer:?}");
        compared.insert(answer.service);
    }
    assert_eq!(compared.len(), models.len());
    assert!(compared.len() >= 110, "{}", compared.len());
}
