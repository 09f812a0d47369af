//! The one place that every request of a scan passes: tagged, guarded, counted, limited, recorded or replayed.
//!
//! It is an SDK HTTP client of our own around the SDK's. A [`Tagger`] on each service client says what a request is
//! (account, region, service, operation); the connector below then refuses what is no declared read, takes the answer
//! from the tape or the network, and hands back only bodies that are whole.

use super::gap::{causes, fault_of};
use super::integrity;
use super::tape::{Blank, HEADERS, Kept, Question, Recorder, Reply, Tape};
use crate::aws::gap::Fault;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::ConfigBag;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Requests in flight at once, over everything.
const IN_FLIGHT: usize = 96;
/// Requests in flight at once for one (account, region, service).
const IN_FLIGHT_PER_SERVICE: usize = 10;
/// Failed connections after which a region (or a service in it) is given up.
const CONNECTION_FAILURES: usize = 3;
/// One attempt, connecting and the whole body included. It is kept here and not by the SDK, so that it does not run while a
/// request waits for its turn: one operation that hangs would otherwise time out the others behind it.
const ATTEMPT: Duration = Duration::from_secs(20);

/// Says on every request what it is. One for each (account, region, service) client.
#[derive(Clone, Debug)]
pub struct Tagger {
    pub account: Arc<str>,
    pub region: Arc<str>,
    pub service: &'static str,
}

/// What a request is, as an extension of the HTTP request.
#[derive(Clone, Debug)]
struct Tag {
    account: Arc<str>,
    region: Arc<str>,
    service: &'static str,
    operation: String,
}

impl Intercept for Tagger {
    fn name(&self) -> &'static str {
        "posture::Tagger"
    }

    /// Before signing, so that the signature covers the host that is really asked.
    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = config.load::<Metadata>().map(|metadata| metadata.name().to_owned()).unwrap_or_default();
        let request = context.request_mut();
        if let Some(uri) = without_account_prefix(request.uri()) {
            request.set_uri(uri)?;
        }
        request.add_extension(Tag {
            account: self.account.clone(),
            region: self.region.clone(),
            service: self.service,
            operation,
        });
        Ok(())
    }
}

/// S3 Control puts the account id before the host name. In front of an IP address (an emulator's endpoint) that is no
/// name at all; the header `x-amz-account-id` says the same.
fn without_account_prefix(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    let (account, rest) = rest.split_once('.')?;
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let host = rest.split(['/', '?']).next()?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    host.parse::<std::net::IpAddr>().ok().map(|_| format!("{scheme}://{rest}"))
}

/// Where answers come from.
#[derive(Clone, Debug)]
pub enum Source {
    Network(SharedHttpClient),
    Tape(Arc<Tape>),
}

/// Live counters of a scan.
#[derive(Debug, Default)]
pub struct Stats {
    calls: AtomicU64,
    throttles: AtomicU64,
    in_flight: AtomicUsize,
    peak_in_flight: AtomicUsize,
    by_call: Mutex<BTreeMap<String, u64>>,
}

impl Stats {
    /// Requests sent, retries included.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }
    /// Answers that asked us to slow down.
    pub fn throttles(&self) -> u64 {
        self.throttles.load(Ordering::Relaxed)
    }
    pub fn peak_in_flight(&self) -> usize {
        self.peak_in_flight.load(Ordering::Relaxed)
    }
    /// Requests by `service:Operation`.
    pub fn by_call(&self) -> BTreeMap<String, u64> {
        lock(&self.by_call).clone()
    }

    fn start(&self, question: &Question) -> InFlight<'_> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        *lock(&self.by_call).entry(question.call()).or_default() += 1;
        let now = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        self.peak_in_flight.fetch_max(now, Ordering::Relaxed);
        InFlight(self)
    }
}

struct InFlight<'a>(&'a Stats);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A region or service that could not be reached, so that nothing more is sent there.
#[derive(Debug)]
pub struct GivenUp {
    place: String,
    last: String,
}

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} given up after {CONNECTION_FAILURES} failed connections, the last: {}", self.place, self.last)
    }
}

impl std::error::Error for GivenUp {}

/// The way to one (account, region). Until it was reached once only one request at a time goes there, so that a region
/// that cannot be reached costs [`CONNECTION_FAILURES`] attempts, and one more if those were all for one service: that a
/// service cannot be reached does not say that its region cannot.
#[derive(Debug)]
struct Gate {
    reached: AtomicBool,
    canary: Semaphore,
    lanes: Mutex<HashMap<&'static str, Arc<Lane>>>,
    failures: Failures,
    /// Operations at which the other side hung up without a word before anything was ever answered. Counted once each:
    /// that one operation fails so does not say that its service does.
    hung_up: Mutex<BTreeSet<String>>,
}

/// The way to one service behind a gate.
#[derive(Debug)]
struct Lane {
    limit: Semaphore,
    failures: Failures,
}

/// Failed connections in a row.
#[derive(Debug, Default)]
struct Failures(Mutex<Row>);

#[derive(Debug, Default)]
struct Row {
    count: usize,
    services: BTreeSet<&'static str>,
    last: String,
}

impl Failures {
    fn add(&self, service: &'static str, why: &str) {
        let mut row = lock(&self.0);
        row.count += 1;
        row.services.insert(service);
        why.clone_into(&mut row.last);
    }

    fn reset(&self) {
        let mut row = lock(&self.0);
        if row.count < CONNECTION_FAILURES {
            *row = Row::default();
        }
    }

    /// The last failure, when there were too many, and of this many services at least.
    fn too_many(&self, services: usize) -> Option<String> {
        let row = lock(&self.0);
        (row.count >= CONNECTION_FAILURES && row.services.len() >= services).then(|| row.last.clone())
    }
}

/// Account and region.
type Place = (Arc<str>, Arc<str>);

#[derive(Debug)]
struct Shared {
    source: Source,
    recorder: Option<Recorder>,
    reads: BTreeSet<String>,
    stats: Stats,
    limit: Semaphore,
    attempt: Duration,
    gates: Mutex<HashMap<Place, Arc<Gate>>>,
}

/// The transport of a scan; cheap to clone.
#[derive(Clone, Debug)]
pub struct Transport(Arc<Shared>);

impl Transport {
    /// `reads` are the calls (`service:Operation`) that may be made; everything else is refused.
    pub fn new(source: Source, recorder: Option<Recorder>, reads: BTreeSet<String>) -> Self {
        Transport(Arc::new(Shared {
            source,
            recorder,
            reads,
            stats: Stats::default(),
            limit: Semaphore::new(IN_FLIGHT),
            attempt: ATTEMPT,
            gates: Mutex::default(),
        }))
    }

    pub fn stats(&self) -> &Stats {
        &self.0.stats
    }

    pub fn recorder(&self) -> Option<&Recorder> {
        self.0.recorder.as_ref()
    }

    pub fn is_replay(&self) -> bool {
        matches!(self.0.source, Source::Tape(_))
    }
}

impl HttpClient for Transport {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let upstream = match &self.0.source {
            Source::Network(client) => Some(client.http_connector(settings, components)),
            Source::Tape(_) => None,
        };
        SharedHttpConnector::new(Connector { shared: self.0.clone(), upstream })
    }
}

#[derive(Debug)]
struct Connector {
    shared: Arc<Shared>,
    upstream: Option<SharedHttpConnector>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (shared, upstream) = (self.shared.clone(), self.upstream.clone());
        HttpConnectorFuture::new(async move { shared.call(upstream, request).await })
    }
}

impl Shared {
    async fn call(
        &self,
        upstream: Option<SharedHttpConnector>,
        request: HttpRequest,
    ) -> Result<HttpResponse, ConnectorError> {
        let Some(tag) = request.extension::<Tag>().cloned() else {
            return Err(ConnectorError::user("a request without a tag does not leave this program".into()));
        };
        let question = question(&tag, &request);
        if !self.reads.contains(&question.call()) {
            return Err(ConnectorError::user(format!("{} is not on the list of reads", question.call()).into()));
        }
        let reply = match (&self.source, upstream) {
            (Source::Tape(tape), _) => {
                let _counted = self.stats.start(&question);
                match tape.answer(&question) {
                    Some(reply) => Ok(reply.clone()),
                    None => Err(ConnectorError::other(Blank(question.clone()).into(), None)),
                }
            }
            (Source::Network(_), Some(upstream)) => self.send(&tag, &question, upstream, request).await,
            (Source::Network(_), None) => Err(ConnectorError::user("no connector".into())),
        };
        self.response(&question, reply?)
    }

    /// The answer as the SDK takes it, if it is whole.
    fn response(&self, question: &Question, reply: Reply) -> Result<HttpResponse, ConnectorError> {
        let (status, headers, body) = match reply {
            Reply::Http { status, headers, body } => (status, headers, body),
            Reply::Fault { kind, message } => {
                return Err(ConnectorError::other(Kept(Fault::new(kind, message)).into(), None));
            }
        };
        if is_throttle(status, &body) {
            self.stats.throttles.fetch_add(1, Ordering::Relaxed);
        }
        let body = if (200..300).contains(&status) {
            integrity::check(&question.service, &question.operation, body.as_bytes())
                .map_err(|broken| ConnectorError::other(broken.into(), None))?;
            integrity::with_root(&question.service, &question.operation, body)
        } else {
            body
        };
        let status = StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        for (name, value) in headers {
            response
                .headers_mut()
                .try_insert(name, value)
                .map_err(|error| ConnectorError::other(error.into(), None))?;
        }
        Ok(response)
    }

    /// Over the network, through the gate of the region and the lane of the service; the answer is recorded.
    async fn send(
        &self,
        tag: &Tag,
        question: &Question,
        upstream: SharedHttpConnector,
        request: HttpRequest,
    ) -> Result<Reply, ConnectorError> {
        let gate = self.gate(tag);
        let lane = gate.lane(tag.service);
        let _canary = gate.turn().await;
        let _lane = lane.limit.acquire().await;
        let _all = self.limit.acquire().await;
        let outcome = match gate.given_up(tag, &lane) {
            Some(given_up) => Err(ConnectorError::other(given_up.into(), None)),
            None => {
                let _counted = self.stats.start(question);
                let in_time = tokio::time::timeout(self.attempt, exchange(upstream, request)).await;
                in_time.unwrap_or_else(|_| Err(ConnectorError::timeout(TooSlow(self.attempt).into())))
            }
        };
        match &outcome {
            Err(error) if is_given_up(error) => {}
            Err(error) if never_connected(error) => gate.failed(&lane, tag.service, &fault_of(error).message),
            Err(error) if hung_up(error) => gate.hung_up(&lane, tag, &fault_of(error).message),
            // An answer that is late or breaks off comes from a region that can be reached.
            Ok(_) | Err(_) => gate.reached(&lane),
        }
        if let Some(recorder) = &self.recorder {
            let reply = match &outcome {
                Ok(reply) => reply.clone(),
                Err(error) => {
                    let fault = fault_of(error);
                    Reply::Fault { kind: fault.kind, message: fault.message }
                }
            };
            recorder.keep(question.clone(), reply);
        }
        outcome
    }

    fn gate(&self, tag: &Tag) -> Arc<Gate> {
        let gate = || Gate {
            reached: AtomicBool::new(false),
            canary: Semaphore::new(1),
            lanes: Mutex::default(),
            failures: Failures::default(),
            hung_up: Mutex::default(),
        };
        lock(&self.gates).entry((tag.account.clone(), tag.region.clone())).or_insert_with(|| Arc::new(gate())).clone()
    }
}

impl Gate {
    /// Waits until the region has answered somebody, or it is this request's turn to find out whether it does.
    async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        if self.reached.load(Ordering::Acquire) {
            return None;
        }
        let permit = self.canary.acquire().await.ok();
        // Those who waited do not go on one by one once somebody was answered.
        permit.filter(|_| !self.reached.load(Ordering::Acquire))
    }

    fn given_up(&self, tag: &Tag, lane: &Lane) -> Option<GivenUp> {
        // What was reached once is not given up as a whole: the failures of the beginning were those of a service.
        let region = if self.reached.load(Ordering::Acquire) { None } else { self.failures.too_many(2) };
        let region = region.map(|last| GivenUp { place: tag.region.to_string(), last });
        region.or_else(|| {
            let place = format!("{} in {}", tag.service, tag.region);
            lane.failures.too_many(1).map(|last| GivenUp { place, last })
        })
    }

    fn reached(&self, lane: &Lane) {
        self.reached.store(true, Ordering::Release);
        self.failures.reset();
        lane.failures.reset();
    }

    fn failed(&self, lane: &Lane, service: &'static str, why: &str) {
        lane.failures.add(service, why);
        if !self.reached.load(Ordering::Acquire) {
            self.failures.add(service, why);
        }
    }

    fn hung_up(&self, lane: &Lane, tag: &Tag, why: &str) {
        let call = format!("{}:{}", tag.service, tag.operation);
        if !self.reached.load(Ordering::Acquire) && lock(&self.hung_up).insert(call) {
            self.failed(lane, tag.service, why);
        }
    }

    fn lane(&self, service: &'static str) -> Arc<Lane> {
        let lane = || Lane { limit: Semaphore::new(IN_FLIGHT_PER_SERVICE), failures: Failures::default() };
        lock(&self.lanes).entry(service).or_insert_with(|| Arc::new(lane())).clone()
    }
}

/// One request and its whole body. What is not UTF-8 shows as replacement characters, and is malformed by that.
async fn exchange(upstream: SharedHttpConnector, request: HttpRequest) -> Result<Reply, ConnectorError> {
    let response = upstream.call(request).await?;
    let status = response.status().as_u16();
    let header = |name: &&str| Some(((*name).to_owned(), response.headers().get(*name)?.to_owned()));
    let headers = HEADERS.iter().filter_map(header).collect();
    let body = ByteStream::new(response.into_body())
        .collect()
        .await
        .map_err(|error| ConnectorError::io(integrity::Broken::cut_off(&error).into()))?;
    Ok(Reply::Http { status, headers, body: String::from_utf8_lossy(&body.into_bytes()).into_owned() })
}

/// No whole answer within the time of an attempt.
#[derive(Debug)]
struct TooSlow(Duration);

impl fmt::Display for TooSlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no whole answer within {} seconds", self.0.as_secs())
    }
}

impl std::error::Error for TooSlow {}

fn is_given_up(error: &ConnectorError) -> bool {
    causes(error).any(|cause| cause.is::<GivenUp>())
}

/// The connection stood, and ended before the first byte of an answer.
fn hung_up(error: &ConnectorError) -> bool {
    !error.is_timeout() && causes(error).any(|cause| cause.is::<hyper_util::client::legacy::Error>())
}

fn never_connected(error: &ConnectorError) -> bool {
    causes(error).any(|cause| {
        cause
            .downcast_ref::<hyper_util::client::legacy::Error>()
            .is_some_and(hyper_util::client::legacy::Error::is_connect)
            || cause.is::<aws_smithy_runtime_api::client::dns::ResolveDnsError>()
    })
}

fn is_throttle(status: u16, body: &str) -> bool {
    status == 429
        || (status >= 400
            && ["Throttl", "SlowDown", "RequestLimitExceeded", "TooManyRequests"]
                .iter()
                .any(|word| body.contains(word)))
}

/// What is asked, without endpoint, protocol version or order of parameters.
fn question(tag: &Tag, request: &HttpRequest) -> Question {
    let uri = request.uri();
    let after_scheme = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let path_and_query = after_scheme.find('/').map_or("/", |slash| &after_scheme[slash..]);
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let body = request.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
    let mut pairs: Vec<&str> = query.split('&').collect();
    let mut params = path.to_owned();
    if body.starts_with('{') {
        params.push_str(&canonical_json(&body));
    } else {
        pairs.extend(body.split('&'));
    }
    pairs.retain(|pair| {
        !pair.is_empty() && !["Action=", "Version=", "x-id="].iter().any(|noise| pair.starts_with(noise))
    });
    pairs.sort_unstable();
    if !pairs.is_empty() {
        params.push('?');
        params.push_str(&pairs.join("&"));
    }
    for name in ["x-amz-expected-bucket-owner"] {
        if let Some(value) = request.headers().get(name) {
            params.push_str(&format!(" {name}={value}"));
        }
    }
    Question {
        account: tag.account.to_string(),
        region: tag.region.to_string(),
        service: tag.service.to_owned(),
        operation: tag.operation.clone(),
        params: params.trim_start_matches('/').to_owned(),
    }
}

/// Object keys in order; the SDK's own order is not promised.
fn canonical_json(text: &str) -> String {
    match serde_json::from_str::<BTreeMap<String, serde_json::Value>>(text) {
        Ok(map) if map.is_empty() => String::new(),
        Ok(map) => serde_json::to_string(&map).unwrap_or_else(|_| text.to_owned()),
        Err(_) => text.to_owned(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag() -> Tag {
        Tag {
            account: "111122223333".into(),
            region: "us-east-1".into(),
            service: "ec2",
            operation: "DescribeX".into(),
        }
    }

    #[test]
    fn a_question_does_not_depend_on_endpoint_or_order() {
        let ask = |uri: &str, body: &str| {
            let mut request = HttpRequest::new(SdkBody::from(body.to_owned()));
            request.set_uri(uri.to_owned()).unwrap();
            question(&tag(), &request).params
        };
        assert_eq!(ask("http://127.0.0.1:5000/", "Action=DescribeX&Version=1&b=2&a=1"), "?a=1&b=2");
        assert_eq!(ask("https://ec2.us-east-1.amazonaws.com/", "b=2&a=1"), "?a=1&b=2");
        assert_eq!(ask("https://s3.amazonaws.com/bucket?x-id=GetBucketPolicy&policy", ""), "bucket?policy");
        assert_eq!(ask("https://kms.amazonaws.com/", r#"{"b":1,"a":2}"#), r#"{"a":2,"b":1}"#);
        assert_eq!(ask("https://kms.amazonaws.com/", "{}"), "");
    }

    #[test]
    fn the_account_prefix_goes_only_before_an_address() {
        let with = |uri| without_account_prefix(uri);
        assert_eq!(with("http://111122223333.127.0.0.1:5000/v1?a").as_deref(), Some("http://127.0.0.1:5000/v1?a"));
        assert_eq!(with("https://111122223333.s3-control.us-east-1.amazonaws.com/v1"), None);
        assert_eq!(with("http://127.0.0.1:5000/"), None);
    }

    /// An upstream that takes its time.
    #[derive(Clone, Debug, Default)]
    struct Upstream {
        asked: Arc<AtomicUsize>,
    }

    impl HttpConnector for Upstream {
        fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
            self.asked.fetch_add(1, Ordering::Relaxed);
            HttpConnectorFuture::new(async {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                let status = StatusCode::try_from(200).unwrap();
                Ok(HttpResponse::new(status, SdkBody::from("<DescribeXResponse/>")))
            })
        }
    }

    async fn ask(shared: &Arc<Shared>, upstream: &Upstream, params: usize) -> Result<HttpResponse, ConnectorError> {
        let mut request = HttpRequest::new(SdkBody::from(format!("Action=DescribeX&N={params}")));
        request.set_uri("https://ec2.us-east-1.amazonaws.com/".to_owned()).unwrap();
        request.add_extension(tag());
        shared.call(Some(SharedHttpConnector::new(upstream.clone())), request).await
    }

    fn transport() -> Transport {
        let never = aws_smithy_runtime_api::client::http::http_client_fn(|_, _| unreachable!("not asked"));
        Transport::new(Source::Network(never), None, BTreeSet::from(["ec2:DescribeX".to_owned()]))
    }

    #[tokio::test]
    async fn once_a_region_has_answered_the_others_go_together() {
        let (transport, upstream) = (transport(), Upstream::default());
        let asked = (0..8).map(|n| ask(&transport.0, &upstream, n));
        for answer in futures_util::future::join_all(asked).await {
            answer.unwrap();
        }
        assert_eq!(upstream.asked.load(Ordering::Relaxed), 8);
        assert_eq!(transport.stats().peak_in_flight(), 7, "one first, then all that waited");
    }

    #[tokio::test]
    async fn what_is_not_declared_does_not_leave() {
        let (transport, upstream) = (transport(), Upstream::default());
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri("https://ec2.us-east-1.amazonaws.com/".to_owned()).unwrap();
        request.add_extension(Tag { operation: "TerminateInstances".into(), ..tag() });
        let refused = transport.0.call(Some(SharedHttpConnector::new(upstream.clone())), request).await;
        assert!(refused.unwrap_err().into_source().to_string().contains("not on the list of reads"));
        assert_eq!(upstream.asked.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn failed_connections_are_counted_until_something_answers() {
        let failures = Failures::default();
        failures.add("ec2", "refused");
        failures.add("ec2", "refused");
        failures.reset();
        failures.add("ec2", "refused");
        assert!(failures.too_many(1).is_none());
        failures.add("ec2", "refused");
        failures.add("ec2", "refused");
        assert_eq!(failures.too_many(1).as_deref(), Some("refused"));
    }

    fn gate() -> Gate {
        Gate {
            reached: AtomicBool::new(false),
            canary: Semaphore::new(1),
            lanes: Mutex::default(),
            failures: Failures::default(),
            hung_up: Mutex::default(),
        }
    }

    fn of(service: &'static str, operation: &str) -> Tag {
        Tag { service, operation: operation.into(), ..tag() }
    }

    fn given_up(gate: &Gate, service: &'static str) -> Option<String> {
        gate.given_up(&of(service, "X"), &gate.lane(service)).map(|given_up| given_up.place)
    }

    #[test]
    fn a_service_that_cannot_be_reached_is_not_its_region() {
        let gate = gate();
        for _ in 0..CONNECTION_FAILURES {
            gate.failed(&gate.lane("account"), "account", "refused");
        }
        assert_eq!(given_up(&gate, "account").as_deref(), Some("account in us-east-1"));
        assert_eq!(given_up(&gate, "ec2"), None);
        gate.reached(&gate.lane("ec2"));
        gate.failed(&gate.lane("kms"), "kms", "refused");
        assert_eq!(given_up(&gate, "kms"), None);
        assert_eq!(given_up(&gate, "account").as_deref(), Some("account in us-east-1"));
    }

    #[test]
    fn a_region_that_cannot_be_reached_is_given_up_for_every_service() {
        let gate = gate();
        for service in ["account", "ec2", "account"] {
            assert_eq!(given_up(&gate, service), None);
            gate.failed(&gate.lane(service), service, "refused");
        }
        assert_eq!(given_up(&gate, "kms").as_deref(), Some("us-east-1"));
    }

    #[test]
    fn to_hang_up_counts_once_for_each_operation() {
        let gate = gate();
        for _ in 0..9 {
            gate.hung_up(&gate.lane("ec2"), &of("ec2", "DescribeVpcs"), "closed");
        }
        gate.hung_up(&gate.lane("kms"), &of("kms", "ListKeys"), "closed");
        assert_eq!(given_up(&gate, "ec2"), None);
        gate.hung_up(&gate.lane("ec2"), &of("ec2", "DescribeImages"), "closed");
        assert_eq!(given_up(&gate, "iam").as_deref(), Some("us-east-1"));
    }

    /// The other side: `Hangs` is never answered, everything else at once.
    #[derive(Debug)]
    struct Slow;

    impl HttpConnector for Slow {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let hangs = request.uri().contains("Hangs");
            HttpConnectorFuture::new(async move {
                if hangs {
                    std::future::pending::<()>().await;
                }
                let status = StatusCode::try_from(200).map_err(|error| ConnectorError::other(error.into(), None))?;
                Ok(HttpResponse::new(status, SdkBody::from("<a/>")))
            })
        }
    }

    #[tokio::test]
    async fn a_request_that_waits_behind_one_that_hangs_is_answered_and_the_time_out_is_recorded() {
        let dir = tempfile::tempdir().unwrap();
        let shared = Shared {
            source: Source::Network(crate::aws::session::http_client()),
            recorder: Some(Recorder::create(dir.path()).unwrap()),
            reads: BTreeSet::new(),
            stats: Stats::default(),
            limit: Semaphore::new(IN_FLIGHT),
            attempt: Duration::from_millis(50),
            gates: Mutex::default(),
        };
        let ask = async |operation: &str| {
            let mut request = HttpRequest::new(SdkBody::empty());
            request.set_uri(format!("http://127.0.0.1/{operation}")).unwrap();
            let tag = of("ec2", operation);
            shared.send(&tag, &question(&tag, &request), SharedHttpConnector::new(Slow), request).await
        };
        let hanging = futures_util::future::join_all((0..3 * IN_FLIGHT_PER_SERVICE).map(|_| ask("Hangs")));
        let (hung, answered) = tokio::join!(hanging, ask("Answers"));
        assert!(hung.iter().all(|reply| reply.as_ref().is_err_and(ConnectorError::is_timeout)));
        assert!(answered.is_ok());
        shared.recorder.as_ref().unwrap().finish("2026-01-02T03:04:05Z", vec![]).unwrap();
        let tape = std::fs::read_to_string(dir.path().join("111122223333/us-east-1/ec2.jsonl")).unwrap();
        assert!(tape.contains(r#""fault":"timeout""#) && tape.contains("Answers"), "{tape}");
    }
}
