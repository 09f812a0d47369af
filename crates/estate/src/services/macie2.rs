//! Macie: whether it is on in a Region, how it looks for sensitive data there, and what it says of the buckets that hold some.

use crate::aws::answer::{absent, absent_by_words};
use crate::aws::model::Time;
use crate::aws::reading::{items, whole};
use crate::aws::service::{Service, Wire};
use crate::finding::{Gap, Resource};
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// Macie at an account or in a region.
    macie2 => Macie model "macie2": Service {
        reads: &[
            ("DescribeBuckets", |v| items::<ScoredBucket>(v, "buckets")),
            ("DescribeClassificationJob", whole::<JobRuns>),
            ("GetAdministratorAccount", whole::<MacieAdministered>),
            ("GetAutomatedDiscoveryConfiguration", whole::<AutomatedDiscovery>),
            ("GetFindingsPublicationConfiguration", whole::<Publication>),
            ("GetMacieSession", whole::<MacieSession>),
            ("ListAutomatedDiscoveryAccounts", |v| items::<DiscoveredAccount>(v, "items")),
            ("ListClassificationJobs", |v| items::<ClassificationJob>(v, "items")),
            ("ListCustomDataIdentifiers", |v| items::<CustomIdentifier>(v, "items")),
        ],
        ..Service::new("macie2", "Macie", Wire::RestJson)
    }
}

/// How Macie says that it is off. It has no code of its own for that: the code is that of a denial, and the words tell.
const DENIED: &str = "AccessDeniedException";
const OFF: &str = "Macie is not enabled";
const NOT_FOUND: &str = "ResourceNotFoundException";

/// Macie where it is on.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct MacieSession {
    /// `ENABLED`, or `PAUSED` where somebody suspended it.
    pub status: Option<String>,
}

/// Automated sensitive data discovery of a standalone account or an organization.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct AutomatedDiscovery {
    /// `ENABLED`, `DISABLED`
    pub status: Option<String>,
}

/// The same of one account of an organization, which a member may ask about itself.
/// <https://docs.aws.amazon.com/macie/latest/APIReference/automated-discovery-accounts.html>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscoveredAccount {
    pub account_id: Option<String>,
    pub status: Option<String>,
}

/// A job that looks for sensitive data.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassificationJob {
    pub job_id: String,
    pub name: Option<String>,
    /// `RUNNING`, `IDLE` between two runs, `PAUSED` for want of quota, `USER_PAUSED`, `CANCELLED`, `COMPLETE`
    pub job_status: Option<String>,
}

/// When a job ran.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobRuns {
    /// Of a job that never ran it is the time of its creation.
    last_run_time: Option<Time>,
    statistics: Option<JobStatistics>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct JobStatistics {
    number_of_runs: Option<f64>,
}

impl JobRuns {
    /// When the last run began; `Ok(None)` when there was none yet.
    ///
    /// # Errors
    /// Where Macie does not say.
    pub fn last_run(&self) -> Result<Option<Time>, &'static str> {
        match self.statistics.as_ref().and_then(|it| it.number_of_runs) {
            None => Err("how often it ran is not said"),
            Some(runs) if runs < 1.0 => Ok(None),
            Some(_) => self.last_run_time.map(Some).ok_or("when it ran is not said"),
        }
    }
}

/// A data type of one's own.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct CustomIdentifier {
    pub id: Option<String>,
    pub name: Option<String>,
}

/// What of Macie's findings goes to Security Hub.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Publication {
    security_hub_configuration: Option<ToSecurityHub>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToSecurityHub {
    publish_classification_findings: bool,
}

impl Publication {
    /// Whether findings on sensitive data go there; `None` where Macie does not say.
    pub fn sensitive_data(&self) -> Option<bool> {
        self.security_hub_configuration.as_ref().map(|to| to.publish_classification_findings)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
struct MacieAdministered {
    administrator: Option<MacieAdministrator>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MacieAdministrator {
    account_id: Option<String>,
    relationship_status: Option<String>,
}

/// A bucket as Macie sees it.
/// <https://docs.aws.amazon.com/macie/latest/APIReference/datasources-s3.html>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScoredBucket {
    pub bucket_arn: String,
    pub bucket_name: String,
    pub account_id: Option<String>,
    pub region: Option<String>,
    pub sensitivity_score: Option<i64>,
    /// Why Macie could not look at it.
    pub error_code: Option<String>,
    public_access: Option<EffectiveAccess>,
    server_side_encryption: Option<DefaultEncryption>,
    /// `EXTERNAL`, `INTERNAL`, `NOT_SHARED`, `UNKNOWN`
    pub shared_access: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EffectiveAccess {
    effective_permission: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct DefaultEncryption {
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl ScoredBucket {
    /// `PUBLIC`, `NOT_PUBLIC`, `UNKNOWN`
    pub fn public(&self) -> Option<&str> {
        self.public_access.as_ref()?.effective_permission.as_deref()
    }

    /// `NONE`, `AES256`, `aws:kms`, `aws:kms:dsse`
    pub fn encryption(&self) -> Option<&str> {
        self.server_side_encryption.as_ref()?.kind.as_deref()
    }

    /// The resource of a finding.
    pub fn resource(&self) -> Resource {
        Resource::new(&self.bucket_arn, "AWS::S3::Bucket", &self.bucket_name)
    }
}

impl Macie<'_, Region> {
    /// `macie2:GetMacieSession`; `None` where Macie is off.
    pub async fn session(self) -> Answer<Option<MacieSession>> {
        self.ask("GetMacieSession", "", async move {
            let answer = self.client()?.call("GetMacieSession", json!({})).await;
            match absent_by_words(answer, DENIED, OFF) {
                Err(fault) if fault.code.as_deref() == Some(NOT_FOUND) => Ok(None),
                session => session,
            }
        })
        .await
    }

    /// `macie2:GetAutomatedDiscoveryConfiguration`; AWS lets only standalone accounts and administrators ask.
    pub async fn automated_discovery(self) -> Answer<AutomatedDiscovery> {
        self.ask("GetAutomatedDiscoveryConfiguration", "", async move {
            Ok(self.client()?.call("GetAutomatedDiscoveryConfiguration", json!({})).await?)
        })
        .await
    }

    /// `macie2:ListAutomatedDiscoveryAccounts` of this account.
    pub async fn automated_discovery_here(self) -> Answer<Vec<DiscoveredAccount>> {
        let own = json!({ "accountIds": [self.account_id()] });
        self.ask("ListAutomatedDiscoveryAccounts", "", async move {
            Ok(self.client()?.items("ListAutomatedDiscoveryAccounts", own, "items").await?)
        })
        .await
    }

    /// `macie2:ListClassificationJobs`, every page of those that run again and again.
    pub async fn scheduled_jobs(self) -> Answer<Vec<ClassificationJob>> {
        let scheduled = json!({ "filterCriteria": { "includes": [
            { "key": "jobType", "comparator": "EQ", "values": ["SCHEDULED"] }] } });
        self.ask("ListClassificationJobs", "", async move {
            Ok(self.client()?.items("ListClassificationJobs", scheduled, "items").await?)
        })
        .await
    }

    /// `macie2:DescribeClassificationJob`, for what the list does not say: when it ran.
    pub async fn job_runs(self, id: &str) -> Answer<JobRuns> {
        self.ask("DescribeClassificationJob", id, async move {
            Ok(self.client()?.call("DescribeClassificationJob", json!({ "jobId": id })).await?)
        })
        .await
    }

    /// `macie2:ListCustomDataIdentifiers`, every page.
    pub async fn custom_identifiers(self) -> Answer<Vec<CustomIdentifier>> {
        self.ask("ListCustomDataIdentifiers", "", async move {
            Ok(self.client()?.items("ListCustomDataIdentifiers", json!({}), "items").await?)
        })
        .await
    }

    /// `macie2:DescribeBuckets`, every page of those whose sensitivity score is so high; an administrator sees its members' too.
    pub async fn buckets_scoring(self, least: i64) -> Answer<Vec<ScoredBucket>> {
        let high = json!({ "criteria": { "sensitivityScore": { "gte": least } } });
        self.ask("DescribeBuckets", least.to_string(), async move {
            Ok(self.client()?.items("DescribeBuckets", high, "buckets").await?)
        })
        .await
    }

    /// `macie2:GetFindingsPublicationConfiguration`.
    pub async fn publication(self) -> Answer<Publication> {
        self.ask("GetFindingsPublicationConfiguration", "", async move {
            Ok(self.client()?.call("GetFindingsPublicationConfiguration", json!({})).await?)
        })
        .await
    }

    /// The account that administers this one's Macie: `macie2:GetAdministratorAccount`.
    ///
    /// # Errors
    /// The question without an answer.
    pub async fn macie_administered_by(self) -> Result<Option<String>, Gap> {
        let answer: Answer<Option<MacieAdministered>> = self
            .ask("GetAdministratorAccount", "", async move {
                absent(self.client()?.call("GetAdministratorAccount", json!({})).await, &[NOT_FOUND])
            })
            .await;
        Ok(answer?.as_ref().as_ref().and_then(MacieAdministered::by))
    }
}

impl MacieAdministered {
    fn by(&self) -> Option<String> {
        let administrator = self.administrator.as_ref()?;
        let now = administrator.relationship_status.as_deref() == Some("Enabled");
        now.then(|| administrator.account_id.clone()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_never_ran_has_no_last_run() {
        let last = |text| serde_json::from_value::<JobRuns>(text).unwrap().last_run();
        let time = "2026-01-01T00:00:00Z";
        assert_eq!(last(json!({ "lastRunTime": time, "statistics": { "numberOfRuns": 0 } })), Ok(None));
        assert!(last(json!({ "lastRunTime": time, "statistics": { "numberOfRuns": 3 } })).unwrap().is_some());
        assert!(last(json!({ "lastRunTime": time })).is_err(), "it may be the time of its creation");
        assert!(last(json!({ "statistics": { "numberOfRuns": 3 } })).is_err());
    }

    #[test]
    fn what_is_not_said_of_a_bucket_is_not_there() {
        let bucket: ScoredBucket = serde_json::from_value(json!({ "bucketArn": "arn:aws:s3:::b", "bucketName": "b",
            "publicAccess": { "effectivePermission": "PUBLIC" }, "serverSideEncryption": { "type": "aws:kms" } }))
        .unwrap();
        assert_eq!((bucket.public(), bucket.encryption()), (Some("PUBLIC"), Some("aws:kms")));
        let bare: ScoredBucket = serde_json::from_value(json!({ "bucketArn": "a", "bucketName": "b" })).unwrap();
        assert_eq!((bare.public(), bare.encryption(), bare.shared_access.as_deref()), (None, None, None));
    }

    #[test]
    fn an_administrator_counts_as_long_as_it_is_one() {
        let by = |text| serde_json::from_value::<MacieAdministered>(text).unwrap().by();
        let administrator = |status| json!({ "administrator": { "accountId": "444455556666", "relationshipStatus": status } });
        assert_eq!(by(administrator("Enabled")).as_deref(), Some("444455556666"));
        assert_eq!((by(administrator("Paused")), by(json!({}))), (None, None));
    }

    #[test]
    fn findings_on_sensitive_data_are_published_or_not_and_silence_is_neither() {
        let told = |text| serde_json::from_value::<Publication>(text).unwrap().sensitive_data();
        assert_eq!(told(json!({ "securityHubConfiguration": { "publishClassificationFindings": true } })), Some(true));
        assert_eq!(told(json!({ "securityHubConfiguration": { "publishClassificationFindings": false } })), Some(false));
        assert_eq!(told(json!({})), None);
    }
}
