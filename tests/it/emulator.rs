//! The live AWS emulator of `tests/aws`: started once, one account number for each test, stopped with the tests.

use crate::models::cut;
use crate::support::{Run, posture, repo};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use posture_estate::aws::model::{Client, Model};
use posture_estate::aws::transport::Tagger;
use posture_estate::services::named;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

pub struct Server {
    pub port: u16,
    /// Its stdin is the leash: it closes with this process, and the server stops.
    _child: Child,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&[]))
}

impl Server {
    /// `tests/aws/server.py` with such arguments, on a port of its own.
    pub fn start(args: &[&str]) -> Server {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
        let mut child = Command::new("python3")
            .arg(repo("tests/aws/server.py"))
            .args(["--port", "0", "--until-stdin-closes"])
            .args(args)
            .env("CARGO_TARGET_DIR", target)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("python3 does not start ({error}): install Python 3.10 or later with venv, or set POSTURE_SKIP_MOTO=1")
            });
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("the first line of the emulator");
        let port = line.trim().parse().unwrap_or_else(|_| {
            panic!(
                "the emulator did not start: run `python3 tests/aws/server.py` to see why, or set POSTURE_SKIP_MOTO=1"
            )
        });
        Server { port, _child: child }
    }
}

/// The Python of the pinned environment, made first if need be; `None` when `POSTURE_SKIP_MOTO=1`.
pub fn python() -> Option<PathBuf> {
    if std::env::var_os("POSTURE_SKIP_MOTO").is_some_and(|value| value == "1") {
        return None;
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    let made = Command::new("python3")
        .arg(repo("tests/aws/pinned.py"))
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("python3 starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Some(PathBuf::from(String::from_utf8_lossy(&made.stdout).trim()))
}

/// By which tests make their accounts.
const SETUP: &[&str] = &[
    "organizations:CloseAccount",
    "organizations:CreateAccount",
    "organizations:CreateOrganization",
    "organizations:CreateOrganizationalUnit",
    "organizations:EnablePolicyType",
    "organizations:ListRoots",
    "organizations:MoveAccount",
    "s3control:CreateAccessPoint",
    "s3control:PutAccessPointPolicy",
    "securityhub:EnableSecurityHub",
    "securityhub:GetFindings",
];

/// Their models, cut once.
fn setup() -> &'static BTreeMap<String, Arc<Model>> {
    static MODELS: OnceLock<BTreeMap<String, Arc<Model>>> = OnceLock::new();
    MODELS.get_or_init(|| {
        let list = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(list.path(), SETUP.join("\n")).unwrap();
        let models = cut(list.path().to_str().unwrap()).unwrap();
        models.into_iter().map(|(service, model)| (service, Arc::new(model))).collect()
    })
}

/// An account of one test.
pub struct Lab {
    pub account: &'static str,
    pub sdk: SdkConfig,
    keys: (String, String, String),
}

impl Lab {
    /// `None` when `POSTURE_SKIP_MOTO=1`; the test says so by its name.
    pub async fn new(account: &'static str) -> Option<Lab> {
        if std::env::var_os("POSTURE_SKIP_MOTO").is_some_and(|value| value == "1") {
            let thread = std::thread::current();
            eprintln!("skipped, POSTURE_SKIP_MOTO=1: {}", thread.name().unwrap_or("a live test"));
            return None;
        }
        static TAKEN: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
        let alone = TAKEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(account);
        assert!(alone, "two tests use account {account}; each takes one of its own");
        let first = sdk(Credentials::new("AKIAEXAMPLE", "example", None, None, "test"));
        let assumed = aws_sdk_sts::Client::new(&first)
            .assume_role()
            .role_arn(format!("arn:aws:iam::{account}:role/lab"))
            .role_session_name("lab")
            .send()
            .await
            .expect("assume-role");
        let credentials = assumed.credentials.expect("credentials");
        let keys = (credentials.access_key_id, credentials.secret_access_key, credentials.session_token);
        let sdk = sdk(Credentials::new(&keys.0, &keys.1, Some(keys.2.clone()), None, "test"));
        let lab = Lab { account, sdk, keys };
        Some(lab)
    }

    pub fn endpoint() -> String {
        format!("http://127.0.0.1:{}", server().port)
    }

    /// Asks a service of the model client in a region, also for what no scan may ([`SETUP`]).
    pub async fn ask(&self, region: &str, call: &str, input: Value) -> Value {
        let (service, operation) = call.split_once(':').unwrap();
        let tagger = Tagger { account: self.account.into(), region: region.into(), service: named(service).unwrap() };
        let client = Client::builder(setup()[service].clone(), &self.sdk, region).interceptor(tagger).build();
        client.call(operation, input).await.unwrap_or_else(|error| panic!("{call}: {error:?}"))
    }

    /// A scan of this account, as a person would run it.
    pub fn scan(&self, args: &[&str]) -> Run {
        Run::of(self.command().arg("scan").args(args))
    }

    pub fn command(&self) -> Command {
        let mut command = posture();
        command
            .env("AWS_ENDPOINT_URL", Self::endpoint())
            .env("AWS_ACCESS_KEY_ID", &self.keys.0)
            .env("AWS_SECRET_ACCESS_KEY", &self.keys.1)
            .env("AWS_SESSION_TOKEN", &self.keys.2)
            .env("AWS_REGION", "us-east-1");
        command
    }

    /// From now on the operation of this account answers so.
    pub fn fault(&self, service: &str, operation: &str, fault: &str) {
        self.control(
            "fault",
            &json!({ "account": self.account, "service": service, "operation": operation, "fault": fault }),
        );
    }

    /// Every call that reached the emulator from this account since it was last forgotten.
    pub fn calls(&self) -> Vec<Value> {
        let all = request("GET", &format!("calls?account={}", self.account), "");
        all.as_array().or_else(|| all["calls"].as_array()).cloned().expect("calls")
    }

    /// Takes back every fault of this account.
    pub fn heal(&self) {
        self.control("reset", &json!({ "account": self.account, "what": ["faults"] }));
    }

    pub fn control(&self, what: &str, body: &Value) -> Value {
        request("POST", what, &body.to_string())
    }
}

fn request(method: &str, what: &str, body: &str) -> Value {
    let mut stream = TcpStream::connect(("127.0.0.1", server().port)).expect("the emulator");
    let head = format!(
        "{method} /_control/{what} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("control");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("control");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
    assert!(head.contains(" 200 ") || head.contains(" 204 "), "{what}: {answer}");
    serde_json::from_str(body).unwrap_or(Value::Null)
}

fn sdk(credentials: Credentials) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(Lab::endpoint())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(posture_estate::aws::http::client(&[]).unwrap())
        .build()
}
