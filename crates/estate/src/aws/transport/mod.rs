//! The one place that every request of a scan passes: tagged, guarded, counted, limited, recorded or replayed.
//!
//! It is an SDK HTTP client of our own around the SDK's. A [`Tagger`] on each service client says what a request is
//! (account, region, service, operation); the connector below then refuses what is no declared read, takes the answer
//! from the tape or the network, and hands back only bodies that are whole.

mod bucket;
mod gate;
mod limits;
mod stats;
mod tag;
#[cfg(test)]
mod tests;

pub use limits::{API_SHARE, IN_FLIGHT, LimitOptions, Limits};
pub use stats::Stats;
pub use tag::Tagger;

use super::fault::{Fault, Told, causes, fault_of};
use super::http::Unreached;
use super::integrity;
use super::tape::{HEADERS, Question, Reply, Tape, TapeRecorder, blank};
use crate::lock::lock;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use gate::Gate;
use limits::Pace;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tag::{Tag, question};

/// One attempt, connecting and the whole body included. It is kept here and not by the SDK, so that it does not run while a
/// request waits for its turn: one operation that hangs would otherwise time out the others behind it.
const ATTEMPT: Duration = Duration::from_secs(20);

/// Where answers come from.
#[derive(Clone, Debug)]
pub enum Source {
    Network(SharedHttpClient),
    Tape(Arc<Tape>),
}

/// Account and region.
type Place = (Arc<str>, Arc<str>);

#[derive(Debug)]
struct Shared {
    source: Source,
    recorder: Option<TapeRecorder>,
    reads: BTreeSet<String>,
    stats: Stats,
    pace: Pace,
    attempt: Duration,
    gates: Mutex<HashMap<Place, Arc<Gate>>>,
}

/// The transport of a scan; cheap to clone.
#[derive(Clone, Debug)]
pub struct Transport(Arc<Shared>);

impl Transport {
    /// `reads` are the calls (`service:Operation`) that may be made; everything else is refused.
    pub fn new(source: Source, recorder: Option<TapeRecorder>, reads: BTreeSet<String>) -> Self {
        Self::within(Arc::default(), source, recorder, reads)
    }

    /// A transport that keeps these limits, and shares them with others that do. A replay has none.
    pub fn within(
        limits: Arc<Limits>,
        source: Source,
        recorder: Option<TapeRecorder>,
        reads: BTreeSet<String>,
    ) -> Self {
        Transport(Arc::new(Shared {
            source,
            recorder,
            reads,
            stats: Stats::default(),
            pace: Pace::new(limits),
            attempt: ATTEMPT,
            gates: Mutex::default(),
        }))
    }

    pub fn stats(&self) -> &Stats {
        &self.0.stats
    }

    /// Lets go of what was learnt about the ways into an account, when its scan has ended.
    pub fn forget(&self, account: &str) {
        lock(&self.0.gates).retain(|(own, _), _| **own != *account);
        self.0.pace.forget(account);
    }

    pub fn recorder(&self) -> Option<&TapeRecorder> {
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
                    None => Err(ConnectorError::other(Told(blank()).into(), None)),
                }
            }
            (Source::Network(_), Some(upstream)) => self.send(&tag, &question, upstream, request).await,
            (Source::Network(_), None) => Err(ConnectorError::user("no connector".into())),
        };
        let reply = reply?;
        if let Reply::Http { status, body, .. } = &reply {
            // An external id and an MFA code are nobody's to read in a log.
            let params = if question.call() == "sts:AssumeRole" { "" } else { question.params.as_str() };
            tracing::debug!(call = question.call(), region = question.region, params, status, bytes = body.len());
        }
        self.response(&tag, reply)
    }

    /// The answer as the SDK takes it, if it is whole.
    fn response(&self, tag: &Tag, reply: Reply) -> Result<HttpResponse, ConnectorError> {
        let (status, headers, body) = match reply {
            Reply::Http { status, headers, body } => (status, headers, body),
            Reply::Fault { kind, code, message } => {
                return Err(ConnectorError::other(Told(Fault { kind, code, message }).into(), None));
            }
        };
        if is_throttle(status, &body) {
            self.stats.throttles.fetch_add(1, Ordering::Relaxed);
        }
        let body = if (200..300).contains(&status) {
            integrity::check(tag.service, &tag.operation, body.as_bytes())
                .map_err(|fault| ConnectorError::other(Told(fault).into(), None))?;
            integrity::with_root(tag.service, &tag.operation, body)
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
        let lane = gate.lane(tag.service.name);
        let _canary = gate.turn().await;
        let _lane = lane.limit.acquire().await;
        // What was given up does not wait for a turn; and whoever waited looks again.
        let turn = match gate.given_up(tag, &lane) {
            Some(_) => None,
            None => Some(self.pace.turn(tag).await),
        };
        let given_up = gate.given_up(tag, &lane);
        let was_sent = given_up.is_none();
        let outcome = match given_up {
            Some(given_up) => Err(ConnectorError::other(Told(given_up).into(), None)),
            None => {
                let _counted = self.stats.start(question);
                let in_time = tokio::time::timeout(self.attempt, exchange(upstream, request)).await;
                in_time.unwrap_or_else(|_| Err(ConnectorError::timeout(TooSlow(self.attempt).into())))
            }
        };
        if let (Some(turn), Ok(Reply::Http { status, body, .. })) = (&turn, &outcome)
            && is_throttle(*status, body)
        {
            turn.throttled(tag);
        }
        drop(turn);
        let outcome = outcome.map_err(|error| not_offered(&error, tag).unwrap_or(error));
        match &outcome {
            _ if !was_sent => {}
            Err(error) if never_connected(error) => gate.failed(&lane, tag.service.name, &fault_of(error).message),
            Err(error) if hung_up(error) => gate.hung_up(&lane, tag, &fault_of(error).message),
            // An answer that is late or breaks off comes from a region that can be reached.
            Ok(_) | Err(_) => gate.reached(&lane),
        }
        if let Some(recorder) = &self.recorder {
            let reply = match &outcome {
                Ok(reply) => reply.clone(),
                Err(error) => {
                    let fault = fault_of(error);
                    Reply::Fault { kind: fault.kind, code: fault.code, message: fault.message }
                }
            };
            recorder.keep(question.clone(), reply, tag.service);
        }
        outcome
    }

    fn gate(&self, tag: &Tag) -> Arc<Gate> {
        lock(&self.gates)
            .entry((tag.account.clone(), tag.region.clone()))
            .or_insert_with(|| Arc::new(Gate::new()))
            .clone()
    }
}

/// One request and its whole body. A success answer that is not UTF-8 is none; of an error answer the code matters, and what
/// cannot be read shows as replacement characters.
async fn exchange(upstream: SharedHttpConnector, request: HttpRequest) -> Result<Reply, ConnectorError> {
    let response = upstream.call(request).await?;
    let status = response.status().as_u16();
    let header = |name: &&str| Some(((*name).to_owned(), response.headers().get(*name)?.to_owned()));
    let headers = HEADERS.iter().filter_map(header).collect();
    let body = ByteStream::new(response.into_body())
        .collect()
        .await
        .map_err(|error| ConnectorError::io(Told(integrity::cut_off(&error)).into()))?;
    let body = String::from_utf8(body.to_vec()).or_else(|error| {
        if (200..300).contains(&status) {
            return Err(ConnectorError::other(Told(integrity::no_text(&error)).into(), None));
        }
        Ok(String::from_utf8_lossy(error.as_bytes()).into_owned())
    })?;
    Ok(Reply::Http { status, headers, body })
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

/// The connection stood, and ended before the first byte of an answer.
fn hung_up(error: &ConnectorError) -> bool {
    !error.is_timeout() && causes(error).any(|cause| cause.is::<hyper_util::client::legacy::Error>())
}

/// A service has no address in a Region where AWS does not list it either: there is none, which is nothing to try again and says
/// nothing of the Region.
fn not_offered(error: &ConnectorError, tag: &Tag) -> Option<ConnectorError> {
    let unresolved = causes(error).any(|cause| cause.downcast_ref::<Unreached>().is_some_and(Unreached::is_unresolved));
    let fault = || Fault::not_offered(tag.service.title, &tag.region);
    (unresolved && (tag.service.lacks)(&tag.region)).then(|| ConnectorError::other(Told(fault()).into(), None))
}

fn never_connected(error: &ConnectorError) -> bool {
    causes(error).any(|cause| {
        cause
            .downcast_ref::<hyper_util::client::legacy::Error>()
            .is_some_and(hyper_util::client::legacy::Error::is_connect)
            || cause.is::<aws_smithy_runtime_api::client::dns::ResolveDnsError>()
            || cause.is::<Unreached>()
    })
}

fn is_throttle(status: u16, body: &str) -> bool {
    status == 429
        || (status >= 400
            && ["Throttl", "SlowDown", "RequestLimitExceeded", "TooManyRequests"]
                .iter()
                .any(|word| body.contains(word)))
}
