//! Where a service answers.
//!
//! A model brings its endpoints as templates: the first rule that fits the region wins, and one without a URL says that
//! there is no such endpoint. An endpoint of the configuration (`AWS_ENDPOINT_URL`, a profile's `services`) comes before all.

pub use super::file::Variant;
use crate::arn::is_account;

use super::file::Rule;
use super::schema::Model;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::endpoint::{EndpointFuture, EndpointResolverParams, ResolveEndpoint};
use aws_smithy_types::endpoint::Endpoint as Resolved;
use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

/// Where to ask, and what to sign for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `{account}` stands for the account of the question.
    pub url: String,
    pub signing_region: String,
    pub signing_name: String,
}

struct Partition {
    id: &'static str,
    /// How its regions begin.
    prefix: &'static str,
    suffix: &'static str,
    dual_stack: &'static str,
    /// Where its global services are.
    home: &'static str,
}

/// Those whose regions have a prefix of their own, and at last the one that everybody means.
/// <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>
const PARTITIONS: &[Partition] = &[
    partition("aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-northwest-1"),
    partition("aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1"),
    partition("aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1"),
    partition("aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1"),
    partition("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-west-1"),
    partition("aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-south-1"),
    partition("aws-us-gov", "us-gov-", "amazonaws.com", "api.aws", "us-gov-west-1"),
    AWS,
];
const AWS: Partition = partition("aws", "", "amazonaws.com", "api.aws", "us-east-1");

const fn partition(
    id: &'static str,
    prefix: &'static str,
    suffix: &'static str,
    dual_stack: &'static str,
    home: &'static str,
) -> Partition {
    Partition { id, prefix, suffix, dual_stack, home }
}

impl Model {
    /// Where AWS answers an operation in a region; `None` where it has no such endpoint.
    pub fn endpoint(&self, operation: &str, region: &str, variant: Variant) -> Option<Endpoint> {
        let partition = PARTITIONS.iter().find(|partition| region.starts_with(partition.prefix)).unwrap_or(&AWS);
        let fits = |rule: &&Rule| {
            rule.variant == variant
                && rule.operations.as_ref().is_none_or(|names| names.iter().any(|name| name == operation))
                && rule.region.as_deref().is_none_or(|name| name == region)
                && rule.partition.as_deref().is_none_or(|id| id == partition.id)
        };
        let rule = self.rules.iter().find(fits)?;
        let fill = |template: &str| template.replace("{region}", region).replace("{globalRegion}", partition.home);
        let url = fill(rule.url.as_ref()?)
            .replace("{suffix}", partition.suffix)
            .replace("{dualStackSuffix}", partition.dual_stack);
        Some(Endpoint {
            url,
            signing_region: rule.signing_region.as_deref().map_or_else(|| region.to_owned(), fill),
            signing_name: rule.signing_name.as_ref().unwrap_or(&self.signing_name).clone(),
        })
    }
}

/// What the configuration says of endpoints.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    region: String,
    variant: Variant,
    /// In place of AWS's own.
    url: Option<String>,
}

impl Wanted {
    pub(super) fn of(model: &Model, sdk: &SdkConfig, region: &str) -> Self {
        let variant = Variant::of(sdk.use_fips().unwrap_or_default(), sdk.use_dual_stack().unwrap_or_default());
        Wanted { region: region.to_owned(), variant, url: configured(model.id, sdk) }
    }

    /// The endpoint of a question.
    pub(super) fn endpoint(
        &self,
        model: &Model,
        operation: &str,
        account: Option<&str>,
    ) -> Result<Endpoint, NoEndpoint> {
        let region = self.region.as_str();
        let mut endpoint = match &self.url {
            None => model.endpoint(operation, region, self.variant).ok_or_else(|| {
                NoEndpoint(format!("{} has no {}endpoint in {region}", model.id, self.variant.name()))
            })?,
            Some(url) => {
                // The SDK puts the account before the host of an endpoint of one's own as well.
                let own = model.endpoint(operation, region, Variant::Plain);
                let url = match url.split_once("://").filter(|_| own.is_some_and(|own| own.url.contains("{account}"))) {
                    Some((scheme, rest)) => format!("{scheme}://{{account}}.{rest}"),
                    None => url.clone(),
                };
                Endpoint { url, signing_region: region.to_owned(), signing_name: model.signing_name.clone() }
            }
        };
        if endpoint.url.contains("{account}") {
            let account = account.filter(|id| is_account(id));
            let account = account.ok_or_else(|| NoEndpoint("the question has no AccountId".to_owned()))?;
            endpoint.url = endpoint.url.replace("{account}", account);
        }
        Ok(endpoint)
    }
}

/// As the SDK's clients: what the program set, else what is set for the service, else what is set for all.
fn configured(id: &str, sdk: &SdkConfig) -> Option<String> {
    let general = || sdk.endpoint_url().map(str::to_owned);
    if sdk.get_origin("endpoint_url").is_client_config() {
        return general();
    }
    let key =
        ServiceConfigKey::builder().service_id(id).env("AWS_ENDPOINT_URL").profile("endpoint_url").build().ok()?;
    sdk.service_config().and_then(|config| config.load_config(key)).or_else(general)
}

/// There is nobody to ask.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoEndpoint(String);

/// Hands the orchestrator what each question brings along: an operation may have an endpoint of its own.
#[derive(Debug)]
pub(super) struct Resolver;

/// Where this question goes.
#[derive(Debug)]
pub(super) struct Goes(pub(super) Result<String, NoEndpoint>);

impl ResolveEndpoint for Resolver {
    fn resolve_endpoint<'a>(&'a self, params: &'a EndpointResolverParams) -> EndpointFuture<'a> {
        let goes = params.get::<Goes>().ok_or_else(|| BoxError::from("a question without an endpoint"));
        let url = goes.and_then(|goes| goes.0.clone().map_err(BoxError::from));
        EndpointFuture::ready(url.map(|url| Resolved::builder().url(url).build()))
    }
}
