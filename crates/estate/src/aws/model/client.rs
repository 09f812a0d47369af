//! One client for every service that has a model: the SDK's orchestrator with what the SDK's own clients put into it.

use super::CallError;
use super::endpoint::{Goes, Resolver, Wanted};
use super::error::{Malformed, ServiceError};
use super::schema::{Model, Operation};
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::service_clock_skew::{
    DisableClockSkewCorrection, ServiceClockSkewClassifier, ServiceClockSkewInterceptor,
};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::defaults::{DefaultPluginParams, default_plugins};
use aws_smithy_runtime::client::http::connection_poisoning::ConnectionPoisoningInterceptor;
use aws_smithy_runtime::client::orchestrator;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime::client::stalled_stream_protection::StalledStreamProtectionInterceptor;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::endpoint::{EndpointResolverParams, SharedEndpointResolver};
use aws_smithy_runtime_api::client::http::{HttpClient, SharedHttpClient};
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::{RuntimePlugins, StaticRuntimePlugin};
use aws_smithy_runtime_api::client::ser_de::{
    DeserializeResponse, SerializeRequest, SharedRequestSerializer, SharedResponseDeserializer,
};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_types::region::{Region, SigningRegion};
use aws_types::{SdkConfig, SigningName};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// A client of one service in one region; cheap to clone.
#[derive(Clone)]
pub struct Client {
    pub(super) model: Arc<Model>,
    wanted: Wanted,
    plugins: RuntimePlugins,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("service", &self.model.service).finish_non_exhaustive()
    }
}

/// What a client takes from the scan, besides its configuration.
#[derive(Debug)]
pub struct Builder {
    model: Arc<Model>,
    sdk: SdkConfig,
    region: String,
    http: Option<SharedHttpClient>,
    partition: Option<RetryPartition>,
    interceptors: Vec<SharedInterceptor>,
}

impl Client {
    /// A client with the credentials, time-outs, retries and endpoints of a configuration.
    pub fn builder(model: Arc<Model>, sdk: &SdkConfig, region: &str) -> Builder {
        Builder {
            model,
            sdk: sdk.clone(),
            region: region.to_owned(),
            http: sdk.http_client(),
            partition: None,
            interceptors: Vec::new(),
        }
    }

    /// Asks. The input has the names of the model; a member that is null is left out.
    ///
    /// # Errors
    /// As the SDK's clients: what AWS answers, what keeps it from answering, and an answer that does not fit the model or
    /// `T`, whose `Fault` is malformed.
    pub async fn call<T>(&self, operation: &str, input: Value) -> Result<T, CallError>
    where
        T: DeserializeOwned + fmt::Debug + Send + Sync + 'static,
    {
        let unknown = |error: Malformed| CallError::construction_failure(error);
        if self.model.operation(operation).is_none() {
            let (service, what) = (self.model.service, "no such operation; only calls that a card declares are");
            return Err(unknown(Malformed::new(format!("the model of {service} has {what}: {operation}"))));
        }
        let account = input.get("AccountId").and_then(Value::as_str);
        let endpoint = self.wanted.endpoint(&self.model, operation, account);
        let mut layer = Layer::new("operation");
        layer.store_put(Metadata::new(operation.to_owned(), self.model.id));
        if let Ok(endpoint) = &endpoint {
            layer.store_put(SigningRegion::from(Region::new(endpoint.signing_region.clone())));
            layer.store_put(SigningName::from(endpoint.signing_name.clone()));
        }
        layer.store_put(EndpointResolverParams::new(Goes(endpoint.map(|endpoint| endpoint.url))));
        let serializer = Asking { model: self.model.clone(), operation: operation.to_owned() };
        layer.store_put(SharedRequestSerializer::new(serializer.clone()));
        layer.store_put(SharedResponseDeserializer::new(Answering { asking: serializer, convert: convert::<T> }));
        let plugin = StaticRuntimePlugin::new().with_config(layer.freeze());
        let plugins = self.plugins.clone().with_operation_plugin(plugin);
        let answer = orchestrator::invoke(self.model.id, operation, Input::erase(input), &plugins).await;
        let answer = answer.map_err(|error| {
            error.map_service_error(|error| {
                error.downcast::<ServiceError>().unwrap_or_else(|_| ServiceError(Default::default()))
            })
        })?;
        // The deserializer makes nothing else.
        answer.downcast::<T>().map_err(|_| malformed("an answer of another type"))
    }
}

/// An answer that came and does not fit, found out after the orchestrator let go of it.
pub(super) fn malformed(what: &str) -> CallError {
    let status = StatusCode::try_from(200).map(|status| HttpResponse::new(status, SdkBody::empty()));
    match status {
        Ok(response) => CallError::response_error(Malformed::new(what), response),
        Err(error) => CallError::construction_failure(error),
    }
}

fn convert<T: DeserializeOwned + fmt::Debug + Send + Sync + 'static>(value: Value) -> Result<Output, Malformed> {
    serde_json::from_value::<T>(value).map(Output::erase).map_err(|error| Malformed::new(error.to_string()))
}

impl Builder {
    #[must_use]
    pub fn http_client(mut self, client: impl HttpClient + 'static) -> Self {
        self.http = Some(SharedHttpClient::new(client));
        self
    }

    /// The retry token bucket of the SDK is one for the process, a service and a region: an account of its own keeps one
    /// that is throttled from starving the others.
    #[must_use]
    pub fn retry_partition(mut self, name: impl Into<String>) -> Self {
        self.partition = Some(RetryPartition::new(name.into()));
        self
    }

    #[must_use]
    pub fn interceptor(mut self, interceptor: impl Intercept + 'static) -> Self {
        self.interceptors.push(SharedInterceptor::new(interceptor));
        self
    }

    pub fn build(self) -> Client {
        let partition = format!("{}-{}", self.model.service, self.region);
        let params = DefaultPluginParams::new()
            .with_retry_partition_name(partition)
            .with_behavior_version(self.sdk.behavior_version().unwrap_or_else(BehaviorVersion::latest))
            .with_is_aws_sdk(true);
        let plugin =
            StaticRuntimePlugin::new().with_config(self.layer().freeze()).with_runtime_components(self.components());
        let plugins = RuntimePlugins::new().with_client_plugins(default_plugins(params)).with_client_plugin(plugin);
        let wanted = Wanted::of(&self.model, &self.sdk, &self.region);
        Client { model: self.model, wanted, plugins }
    }

    fn layer(&self) -> Layer {
        let sdk = &self.sdk;
        let mut layer = Layer::new("client");
        layer.store_put(Region::new(self.region.clone()));
        let mut signing = SigV4OperationSigningConfig::default();
        // S3 wants the digest of the body in a header, signed.
        signing.signing_options.content_sha256_header = self.model.signing_name == "s3";
        layer.store_put(signing);
        layer.store_put(ApiMetadata::new(self.model.service, env!("CARGO_PKG_VERSION")));
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_or_unset(sdk.app_name().cloned());
        layer.store_or_unset(sdk.stalled_stream_protection());
        layer.store_or_unset(sdk.disable_clock_skew_correction().map(DisableClockSkewCorrection::from));
        for metadata in sdk.framework_metadata() {
            layer.store_append(metadata.clone());
        }
        if let Some(retries) = sdk.retry_config() {
            layer.store_put(retries.clone());
        }
        if let Some(timeouts) = sdk.timeout_config() {
            layer.store_put(timeouts.clone());
        }
        if let Some(partition) = &self.partition {
            layer.store_put(partition.clone());
        }
        layer
    }

    fn components(&self) -> RuntimeComponentsBuilder {
        let sdk = &self.sdk;
        let schemes = StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]);
        let mut components = RuntimeComponentsBuilder::new("model client");
        components.set_endpoint_resolver(Some(SharedEndpointResolver::new(Resolver)));
        components.set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(schemes)));
        components.push_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()));
        if let Some(credentials) = sdk.credentials_provider() {
            components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
        }
        if let Some(cache) = sdk.identity_cache() {
            components.set_identity_cache(Some(cache));
        }
        components.set_http_client(self.http.clone());
        components.set_sleep_impl(sdk.sleep_impl());
        components.set_time_source(sdk.time_source());
        components.push_retry_classifier(HttpStatusCodeClassifier::default());
        components.push_retry_classifier(TransientErrorClassifier::<ServiceError>::new());
        components
            .push_retry_classifier(aws_runtime::retries::classifiers::AwsErrorCodeClassifier::<ServiceError>::new());
        components.push_retry_classifier(ServiceClockSkewClassifier::<ServiceError>::new());
        for interceptor in [
            SharedInterceptor::permanent(ConnectionPoisoningInterceptor::new()),
            SharedInterceptor::permanent(StalledStreamProtectionInterceptor::default()),
            SharedInterceptor::new(ServiceClockSkewInterceptor::new()),
            SharedInterceptor::new(aws_runtime::request_info::RequestInfoInterceptor::new()),
            SharedInterceptor::new(UserAgentInterceptor::new()),
            SharedInterceptor::new(aws_runtime::invocation_id::InvocationIdInterceptor::new()),
            SharedInterceptor::permanent(aws_runtime::recursion_detection::RecursionDetectionInterceptor::new()),
        ]
        .into_iter()
        .chain(self.interceptors.iter().cloned())
        {
            components.push_interceptor(interceptor);
        }
        components
    }
}

/// Writes the question of one operation.
#[derive(Clone, Debug)]
struct Asking {
    model: Arc<Model>,
    operation: String,
}

impl Asking {
    fn operation(&self) -> Result<&Operation, Malformed> {
        self.model.operation(&self.operation).ok_or_else(|| Malformed::new("the model has no such operation"))
    }
}

impl SerializeRequest for Asking {
    fn serialize_input(&self, input: Input, config: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        let input = input.downcast::<Value>().map_err(|_| "the input is no JSON")?;
        Ok(self.model.protocol.request(&self.model, self.operation()?, &input, config)?)
    }
}

/// Reads its answer into a struct of ours.
struct Answering {
    asking: Asking,
    convert: fn(Value) -> Result<Output, Malformed>,
}

impl fmt::Debug for Answering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Answering").field(&self.asking.operation).finish()
    }
}

impl DeserializeResponse for Answering {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        config: &ConfigBag,
    ) -> Result<Output, OrchestratorError<Error>> {
        let Asking { model, operation: name } = &self.asking;
        if !response.status().is_success() {
            let error = model.protocol.error(response, config);
            return Err(OrchestratorError::operation(Error::erase(error)));
        }
        let operation = self.asking.operation().map_err(OrchestratorError::other)?;
        let answer = model.protocol.answer(model, name, operation, response, config);
        answer.and_then(self.convert).map_err(OrchestratorError::other)
    }
}
