//! The models of services: as the script cuts them, with the endpoints that botocore's own resolver gives and the questions that its
//! serializers write.

use crate::emulator;
use crate::support::repo;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_posture::catalogue::{checks, reads};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::retry::RetryConfig;
use percent_encoding::percent_decode_str;
use posture_estate::aws::model::{Client, Endpoint, Model, Variant};
use posture_estate::aws::transport::{Source, Tagger, Transport};
use posture_estate::organizations::{CALLS, TAGS};
use posture_estate::services::named;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

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
pub fn run(script: &str, args: &[&str]) -> Option<Vec<u8>> {
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
    let mut reads = reads(checks());
    reads.extend(CALLS.iter().chain(&[TAGS]).map(|&call| call.to_owned()));
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

#[tokio::test]
async fn what_push_writes_never_leaves_a_scan() {
    let listener = Listener::default();
    let connector = SharedHttpConnector::new(listener.clone());
    let network = SharedHttpClient::new(http_client_fn(move |_, _| connector.clone()));
    let mut allowed = reads(checks());
    allowed.extend(CALLS.iter().chain(&[TAGS]).map(|&call| call.to_owned()));
    let sdk = sdk(Transport::new(Source::Network(network), None, allowed));
    let text = std::fs::read_to_string(repo("crates/estate/models/push/securityhub.json")).unwrap();
    let model = Arc::new(Model::parse(&text).unwrap());
    // `GetFindings` reads, and a check asks it too.
    let service = named("securityhub").unwrap();
    let tagger = Tagger { account: "111122223333".into(), region: "eu-west-1".into(), service };
    let client = Client::builder(model, &sdk, "eu-west-1").interceptor(tagger).build();
    let error = client.call::<Value>("BatchImportFindings", json!({ "Findings": [] })).await.unwrap_err();
    assert!(format!("{error:?}").contains("not on the list of reads"), "{error:?}");
    assert!(listener.0.lock().unwrap().is_none(), "nothing left");
}

/// The models of every operation that the catalogue plans; `None` when `POSTURE_SKIP_MOTO=1`.
pub fn planned() -> Option<BTreeMap<String, Model>> {
    cut(&plan())
}

/// The models of the operations in a file; `None` when `POSTURE_SKIP_MOTO=1`.
pub fn cut(operations: &str) -> Option<BTreeMap<String, Model>> {
    let dir = tempfile::tempdir().unwrap();
    run("models.py", &["--operations", operations, "--out", dir.path().to_str().unwrap()])?;
    let parse = |(name, text): (String, String)| {
        let model = Model::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (model.service().to_owned(), model)
    };
    Some(files(dir.path()).into_iter().map(parse).collect())
}

fn plan() -> String {
    repo("tests/aws/operations.txt").display().to_string()
}

/// What botocore answers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    service: String,
    operation: String,
    region: String,
    variant: Variant,
    url: Option<String>,
    signing_region: Option<String>,
    signing_name: Option<String>,
}

#[test]
fn every_service_is_asked_where_botocore_asks_it() {
    let Some(models) = planned() else { return };
    let answers: Vec<Answer> = serde_json::from_slice(&run("endpoints.py", &[&plan()]).unwrap()).unwrap();
    let mut compared = BTreeSet::new();
    for answer in answers {
        // Those with a crate of the SDK have its endpoints.
        let Some(model) = models.get(&answer.service) else { continue };
        let ours = model.endpoint(&answer.operation, &answer.region, answer.variant);
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

/// What botocore asks.
#[derive(Debug, Deserialize)]
struct Question {
    service: String,
    operation: String,
    /// For us.
    input: Value,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
    body: String,
}

/// Keeps what it is asked, and never answers.
#[derive(Clone, Debug, Default)]
struct Listener(Arc<Mutex<Option<HttpRequest>>>);

impl HttpConnector for Listener {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        *self.0.lock().unwrap() = Some(request);
        HttpConnectorFuture::ready(Err(ConnectorError::user("heard".into())))
    }
}

fn sdk(http: impl HttpClient + 'static) -> SdkConfig {
    let credentials = Credentials::new("AKIAEXAMPLE", "example", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .http_client(http)
        .build()
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8().unwrap().into_owned();
    let pair = |pair: &str| pair.split_once('=').map_or((decode(pair), String::new()), |(k, v)| (decode(k), decode(v)));
    let mut pairs: Vec<(String, String)> = text.split('&').filter(|text| !text.is_empty()).map(pair).collect();
    pairs.sort();
    pairs
}

/// A body that means the same is the same.
fn body(text: &str) -> Value {
    match text {
        "" => Value::Object(serde_json::Map::new()),
        _ if text.starts_with('{') => serde_json::from_str(text).unwrap(),
        _ if text.starts_with("Action=") => serde_json::to_value(pairs(text)).unwrap(),
        _ => text.into(),
    }
}

#[tokio::test]
async fn every_question_is_that_of_botocore() {
    let Some(models) = planned() else { return };
    let models: BTreeMap<String, Arc<Model>> =
        models.into_iter().map(|(name, model)| (name, Arc::new(model))).collect();
    let heard = Listener::default();
    let connector = SharedHttpConnector::new(heard.clone());
    let sdk = sdk(http_client_fn(move |_, _| connector.clone()));
    let lines = String::from_utf8(run("questions.py", &[&plan()]).unwrap()).unwrap();
    let mut asked = 0;
    let mut wrong = Vec::new();
    for line in lines.lines() {
        let theirs: Question = serde_json::from_str(line).unwrap();
        let client = Client::builder(models[&theirs.service].clone(), &sdk, "eu-west-1").build();
        let error = client.call::<Value>(&theirs.operation, theirs.input.clone()).await.unwrap_err();
        let call = format!("{}:{}", theirs.service, theirs.operation);
        let Some(ours) = heard.0.lock().unwrap().take() else {
            wrong.push(format!("{call} was not asked: {error:?}"));
            continue;
        };
        let uri = ours.uri().split_once("://").unwrap().1;
        let (path, query) =
            uri[uri.find('/').unwrap()..].split_once('?').unwrap_or((&uri[uri.find('/').unwrap()..], ""));
        let mut expected = theirs.query.clone();
        expected.sort();
        let text = std::str::from_utf8(ours.body().bytes().unwrap()).unwrap();
        if (ours.method(), path, pairs(query), body(text))
            != (&*theirs.method, &*theirs.path, expected, body(&theirs.body))
        {
            wrong.push(format!("{call}: {} {uri} {text}\n    where botocore asks {line}", ours.method()));
        }
        for (name, value) in theirs.headers.iter().filter(|(name, _)| *name != "content-type") {
            if ours.headers().get(name) != Some(value) {
                wrong.push(format!("{call}: {name} is {:?} and not {value}", ours.headers().get(name)));
            }
        }
        asked += 1;
    }
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(asked >= 430, "{asked}");
}
