//! Security Hub of one region: two operations, paced and retried.

use crate::formats::asff;
use aws_config::SdkConfig;
use aws_sdk_securityhub::Client;
use aws_sdk_securityhub::config::{Builder, Region, retry::RetryConfig};
use aws_sdk_securityhub::types::{
    AwsSecurityFinding, AwsSecurityFindingFilters, ImportFindingsError, StringFilter, StringFilterComparison,
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use posture_estate::aws::fault::Fault;
use posture_estate::finding::GapKind;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// 10 imports a second, and 3 reads, are what Security Hub takes of an account in a region.
/// <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub_limits.html>
const IMPORT_EVERY: Duration = Duration::from_millis(100);
const READ_EVERY: Duration = Duration::from_millis(340);
/// The first try of a refused finding and two more.
const TRIES: usize = 3;
const ATTEMPTS: u32 = 6;

/// Why a region took nothing, with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    #[error(
        "Security Hub is not enabled in {0}: enable it there (aws securityhub enable-security-hub --region {0}) or choose other regions with --region"
    )]
    NotEnabled(String),
    #[error("{call} was denied in {region} ({message}); it needs the IAM action {call}")]
    Denied { region: String, call: &'static str, message: String },
    #[error("{call} failed in {region}: {message}")]
    Failed { region: String, call: &'static str, message: String },
}

/// A finding that Security Hub did not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub id: String,
    pub code: String,
    pub message: String,
}

/// The Security Hub of a region.
#[derive(Debug)]
pub struct Hub {
    region: String,
    client: Client,
    next: Instant,
}

impl Hub {
    pub fn new(sdk: &SdkConfig, http: &SharedHttpClient, region: &str) -> Hub {
        let config = Builder::from(sdk)
            .region(Region::new(region.to_owned()))
            .http_client(http.clone())
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .build();
        Hub { region: region.to_owned(), client: Client::from_conf(config), next: Instant::now() }
    }

    pub fn region(&self) -> &str {
        &self.region
    }

    async fn turn(&mut self, every: Duration) {
        sleep_until(self.next).await;
        self.next = Instant::now() + every;
    }

    /// Every active finding that this product imported into the account.
    ///
    /// # Errors
    /// When not all of them could be read.
    pub async fn existing(
        &mut self,
        product: &str,
        account: &str,
        mut each: impl FnMut(AwsSecurityFinding),
    ) -> Result<(), HubError> {
        let is = |value: &str, how| StringFilter::builder().value(value).comparison(how).build();
        let filters = AwsSecurityFindingFilters::builder()
            .product_arn(is(product, StringFilterComparison::Equals))
            .aws_account_id(is(account, StringFilterComparison::Equals))
            .generator_id(is(asff::GENERATOR, StringFilterComparison::Prefix))
            .record_state(is("ACTIVE", StringFilterComparison::Equals))
            .build();
        let mut token: Option<String> = None;
        loop {
            self.turn(READ_EVERY).await;
            let request = self.client.get_findings().filters(filters.clone()).max_results(100).set_next_token(token);
            let page = match request.send().await {
                Ok(page) => page,
                Err(error) => return Err(self.error("securityhub:GetFindings", error.into())),
            };
            page.findings.unwrap_or_default().into_iter().for_each(&mut each);
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(());
            }
        }
    }

    /// Imports up to 100 findings and gives those that were refused for good.
    ///
    /// # Errors
    /// When the request failed as a whole.
    pub async fn import(&mut self, batch: Vec<AwsSecurityFinding>) -> Result<Vec<Refused>, HubError> {
        let (mut batch, mut refused) = (batch, Vec::new());
        for left in (0..TRIES).rev() {
            self.turn(IMPORT_EVERY).await;
            let request = self.client.batch_import_findings().set_findings(Some(batch.clone()));
            let answer = match request.send().await {
                Ok(answer) => answer,
                Err(error) => return Err(self.error("securityhub:BatchImportFindings", error.into())),
            };
            let failed: Vec<Refused> = answer.failed_findings.unwrap_or_default().into_iter().map(refusal).collect();
            let (again, for_good): (Vec<Refused>, Vec<Refused>) =
                failed.into_iter().partition(|one| left > 0 && is_passing(&one.code));
            refused.extend(for_good);
            if again.is_empty() {
                break;
            }
            batch.retain(|finding| again.iter().any(|one| finding.id() == Some(one.id.as_str())));
            if batch.is_empty() {
                break;
            }
        }
        Ok(refused)
    }

    fn error(&self, call: &'static str, fault: Fault) -> HubError {
        let (region, message) = (self.region.clone(), fault.message);
        if message.contains("not subscribed") || message.contains("InvalidAccessException") {
            return HubError::NotEnabled(region);
        }
        match fault.kind {
            GapKind::Denied => HubError::Denied { region, call, message },
            _ => HubError::Failed { region, call, message },
        }
    }
}

fn refusal(error: ImportFindingsError) -> Refused {
    let ImportFindingsError { id, error_code, error_message, .. } = error;
    Refused {
        id: id.unwrap_or_default(),
        code: error_code.unwrap_or_default(),
        message: error_message.unwrap_or_default(),
    }
}

/// Whether the same finding may be taken a moment later.
fn is_passing(code: &str) -> bool {
    let lower = code.to_ascii_lowercase();
    ["internal", "throttl", "unavailable", "timeout", "concurren", "limitexceeded"]
        .iter()
        .any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::is_passing;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        assert!(is_passing("InternalException") && is_passing("ThrottlingException"));
        assert!(!is_passing("InvalidInput") && !is_passing("AccessDenied"));
    }
}
