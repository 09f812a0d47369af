//! What a request is: a tag on every request, and the question that it asks.

use crate::arn::is_account;
use crate::aws::service::Service;
use crate::aws::tape::{EXPECTED_OWNER, Question, params};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use std::sync::Arc;

/// Says on every request what it is. One for each (account, region, service) client.
#[derive(Clone, Debug)]
pub struct Tagger {
    pub account: Arc<str>,
    pub region: Arc<str>,
    pub service: &'static Service,
}

/// What a request is, as an extension of the HTTP request.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    pub(super) account: Arc<str>,
    pub(super) region: Arc<str>,
    pub(super) service: &'static Service,
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
    if !is_account(account) {
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
    let body = request.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
    Question {
        account: tag.account.to_string(),
        region: tag.region.to_string(),
        service: tag.service.name.to_owned(),
        operation: tag.operation.clone(),
        params: params(path_and_query, &body, request.headers().get(EXPECTED_OWNER)),
    }
}
