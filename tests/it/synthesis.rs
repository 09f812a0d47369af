//! Answers made up from botocore's models for the model client (`tests/aws/emulator/synthesis`), and what must be read of
//! them.

use crate::emulator::Server;
use crate::models::planned;
use crate::support::repo;
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use posture_estate::aws::fault::Fault;
use posture_estate::aws::model::{Client, Model};
use posture_estate::aws::service::Service;
use posture_estate::aws::transport::{Source, Tagger, Transport};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, OnceLock};

/// The server, and a model of every operation that a card may ever name.
pub struct Synthesis {
    server: Server,
    models: BTreeMap<String, Arc<Model>>,
    rows: BTreeMap<String, &'static Service>,
    transport: Transport,
    /// `service:Operation` of `tests/aws/operations.txt`: those of the client, those of SDK crates.
    pub operations: Vec<(String, String)>,
    pub by_crate: usize,
}

/// What the server says of an operation.
pub struct Told(Value);

impl Told {
    pub fn protocol(&self) -> &str {
        self.0["protocol"].as_str().unwrap()
    }

    /// Inputs with every member set; with unions there are several.
    pub fn inputs(&self) -> Vec<Value> {
        self.0["inputs"].as_array().unwrap().iter().map(untagged).collect()
    }

    /// The answer of a case as botocore reads it.
    pub fn value(&self, number: &Value) -> &Value {
        &self.0["values"][usize::try_from(number.as_u64().unwrap()).unwrap()]
    }

    /// The answer without recursion and blanks, of which mutations are made.
    pub fn plain(&self) -> &Value {
        let plain = self.cases().iter().find(|case| case["case"] == "plain").unwrap();
        self.value(&plain["expect"]["value"])
    }

    /// Each member of the answer's body as `Findings[].Id`, with the cases in which it is renamed and retyped.
    pub fn members(&self) -> impl Iterator<Item = (String, [String; 2])> {
        let paths = self.0["members"].as_array().unwrap().iter().enumerate();
        paths.map(|(n, path)| (shown(path.as_array().unwrap()), ["renamed", "retyped"].map(|how| format!("{how}-{n}"))))
    }

    /// How long the body of the plain answer is.
    pub fn bytes(&self) -> usize {
        usize::try_from(self.0["bytes"].as_u64().unwrap()).unwrap()
    }

    /// `{"case", "name", "expect"}` each.
    pub fn cases(&self) -> &[Value] {
        self.0["cases"].as_array().unwrap()
    }
}

impl Synthesis {
    /// `None` when `POSTURE_SKIP_MOTO=1`. Started once.
    pub fn start() -> Option<&'static Synthesis> {
        static STARTED: OnceLock<Option<Synthesis>> = OnceLock::new();
        STARTED.get_or_init(|| planned().map(Synthesis::new)).as_ref()
    }

    fn new(models: BTreeMap<String, Model>) -> Synthesis {
        let text = std::fs::read_to_string(repo("tests/aws/operations.txt")).unwrap();
        // Services that keep their SDK crates have no model.
        let all = text.lines().map(|line| line.split_once(':').unwrap());
        let (by_crate, ours): (Vec<_>, Vec<_>) = all.partition(|(service, _)| !models.contains_key(*service));
        // Most of these services have no row yet.
        let row = |model: &Model| -> &'static Service {
            Box::leak(Box::new(Service::new(model.service(), model.service(), model.wire())))
        };
        let rows = models.iter().map(|(service, model)| (service.clone(), row(model))).collect();
        Synthesis {
            server: Server::start(&["--synthesis"]),
            models: models.into_iter().map(|(service, model)| (service, Arc::new(model))).collect(),
            transport: Transport::new(
                Source::Network(posture_estate::aws::http::client(&[]).unwrap()),
                None,
                ours.iter().map(|(service, operation)| format!("{service}:{operation}")).collect(),
            ),
            operations: ours
                .iter()
                .map(|(service, operation)| ((*service).to_owned(), (*operation).to_owned()))
                .collect(),
            by_crate: by_crate.len(),
            rows,
        }
    }

    /// Asks an operation; the case says how it is answered. Each case is an account of its own, so that no quota delays
    /// it.
    pub async fn ask<T>(&self, call: &str, case: &str, input: Value) -> Result<T, Fault>
    where
        T: DeserializeOwned + Debug + Send + Sync + 'static,
    {
        let (service, operation) = call.split_once(':').unwrap();
        let key = format!("{call}:{case}");
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(format!("http://127.0.0.1:{}", self.server.port))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(&key, "secret", None, None, "test")))
            .http_client(self.transport.clone())
            .retry_config(RetryConfig::disabled())
            .build();
        let model = self.models[service].clone();
        let tagger = Tagger { account: key.into(), region: "us-east-1".into(), service: self.rows[service] };
        let client = Client::builder(model, &sdk, "us-east-1").interceptor(tagger).build();
        client.call::<T>(operation, input).await.map_err(Fault::from)
    }

    pub fn told(&self, call: &str) -> Told {
        Told(self.control("GET", &format!("operation/{}", call.replace(':', "/")), ""))
    }

    /// An answer of the test's own; gives the case by which to ask for it.
    pub fn answer(&self, status: u16, headers: &Value, body: &[u8]) -> String {
        let body = aws_smithy_types::base64::encode(body);
        let told =
            self.control("POST", "answer", &json!({ "status": status, "headers": headers, "body": body }).to_string());
        told["case"].as_str().unwrap().to_owned()
    }

    /// By case, every request that was not what botocore sends.
    pub fn differences(&self) -> BTreeMap<String, Vec<String>> {
        serde_json::from_value(self.control("GET", "differences", "")).unwrap()
    }

    fn control(&self, method: &str, what: &str, body: &str) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.server.port)).expect("the server");
        let length = body.len();
        let request = format!("{method} /_proof/{what} HTTP/1.0\r\nContent-Length: {length}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200"), "{what}: {answer}");
        serde_json::from_str(body).unwrap()
    }
}

/// An input as the client takes it: moments and bytes as text.
pub fn untagged(tagged: &Value) -> Value {
    if let Some(moment) = tagged.get("$moment").and_then(Value::as_i64) {
        return DateTime::from_nanos(i128::from(moment) * 1000).unwrap().fmt(Format::DateTime).unwrap().into();
    }
    if let Some(double) = tagged.get("$double").and_then(Value::as_str) {
        return double.parse::<f64>().unwrap().into();
    }
    match tagged {
        Value::Object(members) if members.contains_key("$bytes") => members["$bytes"].clone(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), untagged(value))).collect(),
        Value::Array(items) => items.iter().map(untagged).collect(),
        other => other.clone(),
    }
}

/// Where what the client read differs from what botocore read; numbers exactly, moments as moments.
pub fn difference(botocore: &Value, ours: &Value) -> Option<String> {
    if let Some(micros) = botocore.get("$moment").and_then(Value::as_i64) {
        let read = ours.as_str().and_then(|text| DateTime::from_str(text, Format::DateTimeWithOffset).ok());
        let same = read.is_some_and(|read| read.as_nanos() == i128::from(micros) * 1000);
        return (!same).then(|| format!(" is the moment {micros}, ours {ours}"));
    }
    if let Some(bytes) = botocore.get("$bytes") {
        return (bytes != ours).then(|| format!(" is the bytes {bytes}, ours {ours}"));
    }
    if let Some(double) = botocore.get("$double").and_then(Value::as_str) {
        return (ours.as_f64() != double.parse().ok()).then(|| format!(" is {double}, ours {ours}"));
    }
    match (botocore, ours) {
        (Value::Object(left), Value::Object(right)) => {
            let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            names.iter().find_map(|name| match (left.get(*name), right.get(*name)) {
                (Some(left), Some(right)) => difference(left, right).map(|rest| format!(".{name}{rest}")),
                (left, right) => Some(format!(".{name} is {left:?}, ours {right:?}")),
            })
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut pairs = left.iter().zip(right).enumerate();
            pairs.find_map(|(at, (left, right))| difference(left, right).map(|rest| format!(".{at}{rest}")))
        }
        _ => (botocore != ours).then(|| format!(" is {botocore}, ours {ours}")),
    }
}

/// `value` without the member at `path`.
pub fn without(value: &Value, path: &[Value]) -> Value {
    let mut copy = value.clone();
    if let Some((last, above)) = path.split_last() {
        let holder = above.iter().fold(&mut copy, |at, step| match step {
            Value::String(name) => &mut at[name.as_str()],
            step => &mut at[usize::try_from(step.as_u64().unwrap()).unwrap()],
        });
        holder.as_object_mut().unwrap().remove(last.as_str().unwrap());
    }
    copy
}

/// The members without which `answer` is no `T`, as `Findings[].Id`: what AWS always sends, by our own structs. A member
/// that `T` does not read is not among them, and one that it reads as an `Option` neither.
pub fn needed<T: DeserializeOwned>(answer: &Value) -> BTreeSet<String> {
    needed_by(answer, |value| T::deserialize(value).map(drop).map_err(|error| error.to_string()))
}

/// The members without which `answer` cannot be read.
pub fn needed_by(answer: &Value, read: impl Fn(&Value) -> Result<(), String>) -> BTreeSet<String> {
    if let Err(error) = read(answer) {
        panic!("the whole answer cannot be read: {error}");
    }
    let mut needed = BTreeSet::new();
    below(&mut answer.clone(), &mut Vec::new(), &read, &mut needed);
    needed
}

/// Leaves out each member below `at`, one at a time; what is not read at all is not looked into.
fn below(
    answer: &mut Value,
    at: &mut Vec<Value>,
    read: &impl Fn(&Value) -> Result<(), String>,
    needed: &mut BTreeSet<String>,
) {
    let steps: Vec<Value> = match place(answer, at) {
        Value::Object(map) => map.keys().map(|name| name.clone().into()).collect(),
        Value::Array(items) => (0..items.len()).map(Value::from).collect(),
        _ => return,
    };
    for step in steps {
        at.push(step);
        if let Some(name) = at.last().and_then(Value::as_str).map(str::to_owned) {
            let parent = place(answer, &at[..at.len() - 1]);
            let own = parent.as_object_mut().unwrap().remove(&name).unwrap();
            if read(answer).is_err() {
                needed.insert(shown(at));
            }
            // Neither of them is what a struct reads.
            let strange = if own.is_boolean() { Value::from(7) } else { Value::from(true) };
            place(answer, &at[..at.len() - 1]).as_object_mut().unwrap().insert(name.clone(), strange);
            let is_read = read(answer).is_err();
            *place(answer, at) = own;
            if !is_read {
                at.pop();
                continue;
            }
        }
        below(answer, at, read, needed);
        at.pop();
    }
}

fn place<'a>(answer: &'a mut Value, at: &[Value]) -> &'a mut Value {
    at.iter().fold(answer, |value, step| match step.as_str() {
        Some(name) => &mut value[name],
        None => &mut value[usize::try_from(step.as_u64().unwrap()).unwrap()],
    })
}

fn shown(path: &[Value]) -> String {
    let steps = path.iter().map(|step| step.as_str().map_or("[]".to_owned(), |name| format!(".{name}")));
    steps.collect::<String>().trim_start_matches('.').to_owned()
}

#[test]
fn what_a_struct_needs_is_found_by_leaving_it_out() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "read, not looked at")]
    struct Inner {
        id: String,
        name: Option<String>,
    }
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "read, not looked at")]
    struct Page {
        items: Vec<Inner>,
        next: Option<String>,
    }
    let answer = json!({ "items": [{ "id": "a", "name": "b", "other": 1 }, { "id": "c", "name": "d" }], "next": "n" });
    assert_eq!(needed::<Page>(&answer), ["items".to_owned(), "items[].id".to_owned()].into());
}
