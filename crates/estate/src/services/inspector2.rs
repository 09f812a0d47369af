//! Amazon Inspector: what it scans in an account, what it found, what it cannot reach, and its CIS scans. An account that administers
//! Inspector is told of its members' resources too: each question is of the account that is scanned.

use crate::aws::fault::Fault;
use crate::aws::model::Time;
use crate::aws::reading::{items, member, whole};
use crate::aws::service::{Service, Wire};
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

service! {
    /// Amazon Inspector in a region.
    inspector2 => Inspector2 model "inspector2": Service {
        reads: &[
            ("BatchGetAccountStatus", whole::<Statuses>),
            ("DescribeOrganizationConfiguration", whole::<InspectorOrganization>),
            ("ListCisScanConfigurations", |v| items::<CisScan>(v, "scanConfigurations")),
            ("ListCoverageStatistics", |v| member::<i64>(v, "totalCounts")),
            ("ListFindings", whole::<FindingsPage>),
        ],
        ..Service::new("inspector2", "Amazon Inspector", Wire::RestJson)
    }
}

/// Where Inspector scans the code of functions, as of [`CODE_REGIONS_DATE`].
/// <https://docs.aws.amazon.com/inspector/latest/user/inspector_regions.html>,
/// <https://docs.aws.amazon.com/config/latest/developerguide/inspector-lambda-code-scan-enabled.html>
pub const CODE_REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "us-east-1",
    "us-east-2",
    "us-west-2",
];

/// The day as of which [`CODE_REGIONS`] was drawn up.
pub const CODE_REGIONS_DATE: &str = "2026-11-27";

/// Pages of a hundred findings that one question reads, at most.
const MOST_PAGES: usize = 10;

/// How Inspector stands in an account.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountState {
    account_id: String,
    pub state: ScanState,
    pub resource_state: ResourceStates,
}

impl AccountState {
    /// Whether anything is scanned, so that findings and coverage say something; `None` where it is on its way or the word is new.
    pub fn is_on(&self) -> Option<bool> {
        match self.state.status.as_str() {
            "ENABLED" => Some(true),
            "DISABLED" | "DISABLING" | "SUSPENDED" | "SUSPENDING" => Some(false),
            _ => None,
        }
    }
}

/// By what is scanned. Partitions and Regions that do not offer a kind leave it out.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceStates {
    pub ec2: ScanState,
    pub ecr: ScanState,
    pub lambda: Option<ScanState>,
    pub lambda_code: Option<ScanState>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct ScanState {
    /// `ENABLED`, `ENABLING`, `DISABLED`, `DISABLING`, `SUSPENDED`, `SUSPENDING`
    pub status: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FailedAccount {
    account_id: String,
    error_code: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statuses {
    accounts: Vec<AccountState>,
    #[serde(default)]
    failed_accounts: Vec<FailedAccount>,
}

impl Statuses {
    /// The state of one account. AWS lists it among those that failed where it cannot tell.
    fn of(self, account: &str) -> Result<AccountState, Fault> {
        if let Some(found) = self.accounts.into_iter().find(|one| one.account_id == account) {
            return Ok(found);
        }
        let failed = self.failed_accounts.iter().find(|one| one.account_id == account);
        Err(Fault::malformed(failed.map_or_else(
            || "the answer does not have the account that was asked for".to_owned(),
            |failed| format!("the status of the account is not told: {}", failed.error_code),
        )))
    }
}

/// What accounts that join the organization get.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InspectorOrganization {
    pub auto_enable: Option<AutoEnable>,
    /// Whether the administrator has as many members as it may have, so that it gets no more.
    pub max_account_limit_reached: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AutoEnable {
    pub ec2: bool,
    pub ecr: bool,
    pub lambda: Option<bool>,
    pub lambda_code: Option<bool>,
}

/// Findings, oldest first.
#[derive(Clone, Debug, Default)]
pub struct ActiveFindings {
    pub findings: Vec<InspectorFinding>,
    /// Whether there are more than were read.
    pub more: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FindingsPage {
    findings: Vec<InspectorFinding>,
    next_token: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InspectorFinding {
    pub finding_arn: String,
    /// `CRITICAL`, `HIGH`, …
    pub severity: String,
    pub first_observed_at: Time,
    pub title: Option<String>,
    pub resources: Vec<FoundOn>,
}

/// A resource that a finding is on.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundOn {
    /// `AWS_EC2_INSTANCE`, `AWS_ECR_CONTAINER_IMAGE`, `AWS_LAMBDA_FUNCTION`, …
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
    details: Option<Details>,
}

impl FoundOn {
    /// The container image that it is.
    pub fn image(&self) -> Option<&FoundImage> {
        self.details.as_ref()?.aws_ecr_container_image.as_ref()
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    aws_ecr_container_image: Option<FoundImage>,
}

/// A container image in ECR.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundImage {
    pub repository_name: String,
    /// `sha256:…`
    pub image_hash: String,
}

/// <https://docs.aws.amazon.com/inspector/v2/APIReference/API_CisScanConfiguration.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CisScan {
    pub scan_name: Option<String>,
    pub owner_id: Option<String>,
    /// One member says how often it runs, and its name is how: `oneTime`, `daily`, `weekly`, `monthly`.
    pub schedule: Option<BTreeMap<String, Value>>,
    pub targets: Option<CisTargets>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CisTargets {
    /// Account ids; `SELF` is the owner, `ALL_MEMBERS` and `ALL_ACCOUNTS` are those of the organization.
    #[serde(default)]
    pub account_ids: Vec<String>,
    /// Tags of the instances that are scanned.
    #[serde(default)]
    pub target_resource_tags: BTreeMap<String, Vec<String>>,
}

impl Inspector2<'_, Region> {
    /// `inspector2:BatchGetAccountStatus` of the account itself.
    pub async fn account_state(self) -> Answer<AccountState> {
        self.ask("BatchGetAccountStatus", "", async move {
            let own = self.account_id();
            let answer: Statuses = self.client()?.call("BatchGetAccountStatus", json!({ "accountIds": [own] })).await?;
            answer.of(own)
        })
        .await
    }

    /// `inspector2:DescribeOrganizationConfiguration`; AWS lets only the delegated administrator ask.
    pub async fn inspector_organization(self) -> Answer<InspectorOrganization> {
        self.ask("DescribeOrganizationConfiguration", "", async move {
            Ok(self.client()?.call("DescribeOrganizationConfiguration", json!({})).await?)
        })
        .await
    }

    /// `inspector2:ListFindings`: the account's active findings of these severities, oldest first, up to a thousand. All who ask with
    /// the same severities in the same order share the answer.
    pub async fn active_findings(self, severities: &[&str]) -> Answer<ActiveFindings> {
        let severity: Vec<Value> = severities.iter().map(|&one| equals(one)).collect();
        self.ask("ListFindings", severities.join(","), async move {
            let mut ask = json!({
                "filterCriteria": {
                    "awsAccountId": [equals(self.account_id())],
                    "findingStatus": [equals("ACTIVE")],
                    "severity": severity,
                },
                "sortCriteria": { "field": "FIRST_OBSERVED_AT", "sortOrder": "ASC" },
                "maxResults": 100,
            });
            let mut all = ActiveFindings::default();
            for _ in 0..MOST_PAGES {
                let page: FindingsPage = self.client()?.call("ListFindings", ask.clone()).await?;
                all.findings.extend(page.findings);
                let next = page.next_token.filter(|token| !token.is_empty());
                all.more = next.is_some();
                let Some(token) = next else { break };
                ask["nextToken"] = token.into();
            }
            Ok(all)
        })
        .await
    }

    /// `inspector2:ListCoverageStatistics`: how many of the account's resources AWS Systems Manager does not manage, so that Inspector
    /// cannot scan them with its agent.
    pub async fn unmanaged(self) -> Answer<i64> {
        self.ask("ListCoverageStatistics", "unmanaged", async move {
            let filter = json!({
                "accountId": [equals(self.account_id())],
                "scanStatusReason": [equals("UNMANAGED_EC2_INSTANCE")],
            });
            Ok(self.client()?.member("ListCoverageStatistics", json!({ "filterCriteria": filter }), "totalCounts").await?)
        })
        .await
    }

    /// `inspector2:ListCisScanConfigurations`, every page: the account's own and, of its organization, those that target it.
    pub async fn cis_scans(self) -> Answer<Vec<CisScan>> {
        self.ask("ListCisScanConfigurations", "", async move {
            Ok(self.client()?.items("ListCisScanConfigurations", json!({}), "scanConfigurations").await?)
        })
        .await
    }
}

fn equals(value: &str) -> Value {
    json!({ "comparison": "EQUALS", "value": value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(answer: Value) -> Result<Option<bool>, Fault> {
        let answer: Statuses = serde_json::from_value(answer).unwrap();
        answer.of("111122223333").map(|state| state.is_on())
    }

    #[test]
    fn off_and_not_told_are_two_things() {
        // semantics 37
        let state = |status: &str| {
            let each = json!({ "status": status });
            of(json!({ "accounts": [{ "accountId": "111122223333", "state": each, "resourceState": { "ec2": each, "ecr": each } }] })).unwrap()
        };
        assert_eq!(state("ENABLED"), Some(true));
        for off in ["DISABLED", "DISABLING", "SUSPENDED", "SUSPENDING"] {
            assert_eq!(state(off), Some(false), "{off}");
        }
        assert_eq!((state("ENABLING"), state("RESTING")), (None, None));
        let failed = json!({ "accounts": [], "failedAccounts": [{ "accountId": "111122223333", "errorCode": "ACCESS_DENIED" }] });
        assert!(of(failed).is_err_and(|fault| fault.message.contains("ACCESS_DENIED")));
        assert!(of(json!({ "accounts": [] })).is_err());
    }
}
