//! Security Hub of one region: two operations, paced and retried.

use crate::formats::asff;
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use posture_estate::aws::fault::Fault;
use posture_estate::aws::model::{Client, Embedded, ModelError};
use posture_estate::finding::GapKind;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// The one model with a write in it; a scan has another, and its transport lets no write out.
static MODEL: Embedded =
    Embedded::new(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/crates/estate/models/push/securityhub.json")));

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

/// A finding as Security Hub has it, by its members.
pub type HubFinding = Map<String, Value>;

/// A page of what it has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    findings: Vec<HubFinding>,
    next_token: Option<String>,
}

/// What became of an import.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Imported {
    #[serde(default)]
    failed_findings: Vec<Refused>,
}

/// A finding that Security Hub did not take.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Refused {
    pub id: String,
    #[serde(rename = "ErrorCode")]
    pub code: String,
    #[serde(rename = "ErrorMessage")]
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
    /// # Errors
    /// When the program's model of Security Hub is broken.
    pub fn new(sdk: &SdkConfig, http: &SharedHttpClient, region: &str) -> Result<Hub, ModelError> {
        let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS);
        let sdk = sdk.to_builder().retry_config(retries).build();
        let client = Client::builder(MODEL.get()?, &sdk, region).http_client(http.clone()).build();
        Ok(Hub { region: region.to_owned(), client, next: Instant::now() })
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
        mut each: impl FnMut(HubFinding),
    ) -> Result<(), HubError> {
        let is = |value: &str, how: &str| json!([{ "Value": value, "Comparison": how }]);
        let filters = json!({
            "ProductArn": is(product, "EQUALS"),
            "AwsAccountId": is(account, "EQUALS"),
            "GeneratorId": is(asff::GENERATOR, "PREFIX"),
            "RecordState": is("ACTIVE", "EQUALS"),
        });
        let mut token: Option<String> = None;
        loop {
            self.turn(READ_EVERY).await;
            let ask = json!({ "Filters": filters, "MaxResults": 100, "NextToken": token });
            let page: Page = match self.client.call("GetFindings", ask).await {
                Ok(page) => page,
                Err(error) => return Err(self.error("securityhub:GetFindings", error.into())),
            };
            page.findings.into_iter().for_each(&mut each);
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
    pub async fn import(&mut self, batch: Vec<Value>) -> Result<Vec<Refused>, HubError> {
        let (mut batch, mut refused) = (batch, Vec::new());
        for left in (0..TRIES).rev() {
            self.turn(IMPORT_EVERY).await;
            let answer: Imported = match self.client.call("BatchImportFindings", json!({ "Findings": batch })).await {
                Ok(answer) => answer,
                Err(error) => return Err(self.error("securityhub:BatchImportFindings", error.into())),
            };
            let (again, for_good): (Vec<Refused>, Vec<Refused>) =
                answer.failed_findings.into_iter().partition(|one| left > 0 && is_passing(&one.code));
            refused.extend(for_good);
            if again.is_empty() {
                break;
            }
            batch.retain(|finding| again.iter().any(|one| finding["Id"] == one.id.as_str()));
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
