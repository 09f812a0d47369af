//! The transport against an upstream made for the purpose.

use super::gate::*;
use super::tag::*;
use super::*;
use std::sync::atomic::AtomicUsize;

fn tag() -> Tag {
    Tag {
        account: "111122223333".into(),
        region: "us-east-1".into(),
        service: crate::services::named("ec2").unwrap(),
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

fn of(service: &'static str, operation: &str) -> Tag {
    Tag { service: crate::services::named(service).unwrap(), operation: operation.into(), ..tag() }
}

fn given_up(gate: &Gate, service: &'static str) -> Option<String> {
    let given_up = gate.given_up(&of(service, "X"), &gate.lane(service))?;
    given_up.message.split_once(" given up").map(|(place, _)| place.to_owned())
}

#[test]
fn a_service_that_cannot_be_reached_is_not_its_region() {
    let gate = Gate::new();
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
    let gate = Gate::new();
    for service in ["account", "ec2", "account"] {
        assert_eq!(given_up(&gate, service), None);
        gate.failed(&gate.lane(service), service, "refused");
    }
    assert_eq!(given_up(&gate, "kms").as_deref(), Some("us-east-1"));
}

#[test]
fn to_hang_up_counts_once_for_each_operation() {
    let gate = Gate::new();
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
        source: Source::Network(crate::aws::http::client(&[]).unwrap()),
        recorder: Some(TapeRecorder::create(dir.path()).unwrap()),
        reads: BTreeSet::new(),
        stats: Stats::default(),
        pace: Pace::new(Arc::default()),
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
    shared.recorder.as_ref().unwrap().finish("2026-01-02T03:04:05Z", serde_json::Map::new()).unwrap();
    let tape = std::fs::read_to_string(dir.path().join("111122223333/us-east-1/ec2.jsonl")).unwrap();
    assert!(tape.contains(r#""fault":"timeout""#) && tape.contains("Answers"), "{tape}");
}

/// An upstream whose answer is no text.
#[derive(Clone, Debug)]
struct NoText(u16);

impl HttpConnector for NoText {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let status = StatusCode::try_from(self.0).unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(b"<a>\xff</a>".to_vec()))))
    }
}

#[tokio::test]
async fn a_success_answer_that_is_no_text_is_none_and_an_error_is_read_as_far_as_it_goes() {
    let ask = |status| exchange(SharedHttpConnector::new(NoText(status)), HttpRequest::new(SdkBody::empty()));
    let fault = fault_of(&ask(200).await.unwrap_err());
    assert_eq!(fault.kind, crate::finding::GapKind::Malformed);
    assert!(fault.message.contains("no UTF-8"), "{}", fault.message);
    let Reply::Http { status, body, .. } = ask(403).await.unwrap() else { panic!("an answer") };
    assert_eq!((status, body.as_str()), (403, "<a>\u{fffd}</a>"));
}
