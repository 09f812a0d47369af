//! What a request is: a tag on every request, and the question that it asks.

use crate::aws::tape::Question;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Says on every request what it is. One for each (account, region, service) client.
#[derive(Clone, Debug)]
pub struct Tagger {
    pub account: Arc<str>,
    pub region: Arc<str>,
    pub service: &'static str,
}

/// What a request is, as an extension of the HTTP request.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    pub(super) account: Arc<str>,
    pub(super) region: Arc<str>,
    pub(super) service: &'static str,
    pub(super) operation: String,
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
pub(super) fn without_account_prefix(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    let (account, rest) = rest.split_once('.')?;
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let host = rest.split(['/', '?']).next()?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    host.parse::<std::net::IpAddr>().ok().map(|_| format!("{scheme}://{rest}"))
}

/// What is asked, without endpoint, protocol version or order of parameters.
pub(super) fn question(tag: &Tag, request: &HttpRequest) -> Question {
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
