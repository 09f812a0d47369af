//! The client against an upstream that answers what the test says.

mod endpoints;
mod pages;
mod protocols;
mod replay;

use super::{CallError, Client, Model};
use crate::aws::fault::Fault;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// Status, headers and body.
type Answer = (u16, Vec<(&'static str, &'static str)>, String);

/// Gives its answers one after the other and keeps the questions.
#[derive(Clone, Debug, Default)]
struct Upstream {
    answers: Arc<Mutex<Vec<Answer>>>,
    asked: Arc<Mutex<Vec<HttpRequest>>>,
}

impl HttpConnector for Upstream {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.asked.lock().unwrap().push(request);
        let (status, headers, body) = self.answers.lock().unwrap().remove(0);
        let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
        for (name, value) in headers {
            response.headers_mut().insert(name, value);
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl Upstream {
    fn of(answers: impl IntoIterator<Item = Answer>) -> Self {
        Upstream { answers: Arc::new(Mutex::new(answers.into_iter().collect())), ..Upstream::default() }
    }

    fn http(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }
}

fn sdk(http: SharedHttpClient) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "AKIAEXAMPLE",
            "secret",
            None,
            None,
            "test",
        )))
        .retry_config(RetryConfig::disabled())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .http_client(http)
        .build()
}

fn client(model: &str, upstream: &Upstream) -> Client {
    let model = Model::parse(model).unwrap();
    Client::builder(Arc::new(model), &sdk(upstream.http()), "eu-west-1").build()
}

fn ok(body: &str) -> Answer {
    (200, Vec::new(), body.to_owned())
}

/// What one answer to `List` reads as.
async fn read(model: &str, answer: Answer) -> Result<Value, CallError> {
    client(model, &Upstream::of([answer])).call("List", serde_json::json!({})).await
}

/// The fault that one answer makes.
async fn fault(model: &str, answer: Answer) -> Fault {
    match read(model, answer).await {
        Ok(value) => panic!("read as {value}"),
        Err(error) => error.into(),
    }
}
