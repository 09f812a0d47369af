//! The one HTTP client of the program: whoever speaks to AWS (scans, credential providers, reports to S3 and Security Hub) does it by
//! this. It knows the proxies and authorities of the environment, and says to whom it could not connect.

mod proxy;
mod trust;
mod unreached;

pub use unreached::{NOT_TRUSTED, Unreached};

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use proxy::{Proxies, authority};
use std::sync::Arc;
use trust::{Trust, bundle};

/// What a profile says of certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileBundle {
    pub profile: String,
    /// `ca_bundle`.
    pub path: Option<String>,
}

/// A client with the proxies and authorities of the environment, and of these profiles where the environment names no authorities.
/// One connection pool; profiles that do not agree share what all of them trust.
///
/// # Errors
/// A sentence that names the variable or setting that cannot be used.
pub fn client(profiles: &[ProfileBundle]) -> Result<SharedHttpClient, String> {
    let variable = |name: &str| std::env::var(name).ok();
    let proxies = Proxies::of(variable)?;
    let given = |path: &String| !path.is_empty();
    let trust = match variable("AWS_CA_BUNDLE").filter(given) {
        Some(path) => Trust::of(&[bundle("AWS_CA_BUNDLE", &path)], false)?,
        None => {
            let paths = profiles.iter().map(|of| (of, of.path.as_ref().filter(|path| given(path))));
            let (with, without): (Vec<_>, Vec<_>) = paths.partition(|(_, path)| path.is_some());
            let bundles: Vec<_> = with
                .into_iter()
                .filter_map(|(of, path)| Some(bundle(&format!("ca_bundle of profile {}", of.profile), path?)))
                .collect();
            Trust::of(&bundles, !without.is_empty())?
        }
    };
    let context = TlsContext::builder()
        .with_trust_store(trust.store)
        .build()
        .map_err(|error| format!("the certificates of authorities cannot be used: {error}; look at AWS_CA_BUNDLE"))?;
    let by = |config: ProxyConfig| pool(context.clone(), config);
    Ok(SharedHttpClient::new(Client {
        direct: by(ProxyConfig::disabled()),
        http: proxies.http.as_ref().map(|proxy| by(proxy.config.clone())),
        https: proxies.https.as_ref().map(|proxy| by(proxy.config.clone())),
        proxies: Arc::new(proxies),
        trust: trust.told.into(),
    }))
}

/// A client by one way, with its pool.
fn pool(context: TlsContext, config: ProxyConfig) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut builder = Connector::builder().proxy_config(config.clone());
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        builder.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(context.clone()).build()
    })
}

#[derive(Debug)]
struct Client {
    direct: SharedHttpClient,
    http: Option<SharedHttpClient>,
    https: Option<SharedHttpClient>,
    proxies: Arc<Proxies>,
    trust: Arc<str>,
}

impl HttpClient for Client {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let by = |client: &SharedHttpClient| client.http_connector(settings, components);
        SharedHttpConnector::new(Ways {
            direct: by(&self.direct),
            http: self.http.as_ref().map(by),
            https: self.https.as_ref().map(by),
            proxies: self.proxies.clone(),
            trust: self.trust.clone(),
        })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.direct.connector_metadata()
    }
}

/// The ways to a host; each request takes the one that the environment says.
#[derive(Debug)]
struct Ways {
    direct: SharedHttpConnector,
    http: Option<SharedHttpConnector>,
    https: Option<SharedHttpConnector>,
    proxies: Arc<Proxies>,
    trust: Arc<str>,
}

impl HttpConnector for Ways {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let url = request.uri();
        let proxy = self.proxies.on_the_way(url);
        let own = if url.starts_with("https:") { &self.https } else { &self.http };
        let way = own.as_ref().filter(|_| proxy.is_some()).unwrap_or(&self.direct);
        let host = authority(url).unwrap_or_default();
        let by = proxy.map(|proxy| (proxy.place.clone(), proxy.variable));
        let trust = self.trust.clone();
        let answer = way.call(request);
        HttpConnectorFuture::new(async move {
            answer.await.map_err(|error| Unreached::tell(error, &host, by.as_ref(), &trust))
        })
    }
}
