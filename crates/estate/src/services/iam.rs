//! IAM: one method per question, all account-wide.
//!
//! Two answers carry most checks: `GetAccountAuthorizationDetails` (every user, group, role and policy in use, with
//! documents and the last use of roles) and the credential report (passwords, keys and MFA). Both are asked once. The
//! two generators that IAM has are questions of their own, so that a denied `GenerateCredentialReport` is not blamed
//! on `GetCredentialReport`.

pub mod credential_report;
pub mod details;
pub mod federation;
pub mod identity;
mod pages;
mod resources;
mod root;

use crate::aws::service::{Quota, Service, Wire};
use crate::place::service;
use std::time::Duration;

use aws_sdk_iam::types::{
    AssignmentStatusType, FeatureType, JobStatusType, MfaDevice, PasswordPolicy, ReportStateType,
    ServerCertificateMetadata, ServiceLastAccessed, ServiceSpecificCredentialMetadata, VirtualMfaDevice,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;

pub use credential_report::{AccessKey, Cell, CredentialReport, ReportUser};
pub use details::AuthorizationDetails;
use pages::next;
pub use root::AccountSummary;

use crate::aws::answer::{absent, collect, required};
use crate::aws::fault::Fault;
use crate::finding::GapKind;
use crate::place::{Account, Answer};
use std::sync::Arc;

service! {
    /// IAM at an account.
    iam => Iam by aws_sdk_iam: Service {
        // Not published. That of EC2, the one service of its age that publishes its own.
        quota: Quota::of_service(20.0, 100.0),
        asff: &[
            ("AWS::IAM::Group", "AwsIamGroup"),
            ("AWS::IAM::ManagedPolicy", "AwsIamPolicy"),
            ("AWS::IAM::Role", "AwsIamRole"),
            ("AWS::IAM::User", "AwsIamUser"),
        ],
        ..Service::new("iam", "IAM (with Bedrock's API keys)", Wire::Query)
    }
}

/// Waits between polls of a report that IAM is still generating: about a minute in all.
const PAUSES_MS: [u64; 9] = [250, 500, 1_000, 2_000, 4_000, 8_000, 14_000, 15_000, 15_000];

/// What one account may learn about central root management.
#[derive(Debug, Clone, PartialEq)]
pub enum OrganizationsFeatures {
    /// The features that are on; asked from the management or the delegated administrator account.
    Enabled(Vec<FeatureType>),
    /// The account belongs to an organization, but only its central accounts may ask.
    NotCentral,
    /// The account belongs to no organization.
    NoOrganization,
    /// The organization cannot have the features: all-features mode or trusted access for IAM is off.
    Impossible(String),
}

impl Iam<'_, Account> {
    /// `iam:GetAccountAuthorizationDetails`, every page: users, groups, roles, customer managed policies, and the AWS
    /// managed policies that are attached to something.
    pub async fn authorization_details(self) -> Answer<AuthorizationDetails> {
        self.ask("GetAccountAuthorizationDetails", "", async move {
            let mut pages = self.client().get_account_authorization_details().max_items(1_000).into_paginator().send();
            let mut details = details::Collector::default();
            while let Some(page) = pages.next().await {
                details.add(page?)?;
            }
            let mut details = details.finish()?;
            details.context = self.0.context();
            Ok(details)
        })
        .await
    }

    /// The credential report: the one that IAM has, or, when there is none or it expired, a new one.
    ///
    /// Asks `iam:GetCredentialReport` and, where needed, `iam:GenerateCredentialReport`.
    pub async fn credential_report(self) -> Answer<CredentialReport> {
        let at_once = self.ask("GetCredentialReport", "", self.ready_report()).await?;
        if let Some(report) = at_once.as_ref() {
            return Ok(report.clone());
        }
        self.ask("GenerateCredentialReport", "", self.start_report()).await?;
        let later = self
            .ask("GetCredentialReport", "generated", async move {
                for pause in PAUSES_MS {
                    if let Some(report) = self.ready_report().await? {
                        return Ok(report);
                    }
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                self.ready_report().await?.ok_or_else(|| still_generating("the credential report"))
            })
            .await?;
        Ok(later.as_ref().clone())
    }

    /// `None` when IAM has no report that can be had now.
    async fn ready_report(self) -> Result<Option<Arc<CredentialReport>>, Fault> {
        const NOT_NOW: &[&str] = &["ReportNotPresent", "ReportExpired", "ReportInProgress"];
        let Some(out) = absent(self.client().get_credential_report().send().await, NOT_NOW)? else { return Ok(None) };
        let content = required("Content", out.content)?;
        let generated = required("GeneratedTime", out.generated_time)?;
        CredentialReport::parse(generated, content.as_ref())
            .map(|report| Some(Arc::new(report)))
            .map_err(Fault::malformed)
    }

    async fn start_report(self) -> Result<ReportStateType, Fault> {
        required("State", self.client().generate_credential_report().send().await?.state)
    }

    /// `iam:GetAccountSummary`: what the root user has.
    pub async fn account_summary(self) -> Answer<AccountSummary> {
        self.ask("GetAccountSummary", "", async move {
            AccountSummary::of(&required("SummaryMap", self.client().get_account_summary().send().await?.summary_map)?)
        })
        .await
    }

    /// `iam:GetAccountPasswordPolicy`; `None` when the account has none and AWS's default applies.
    pub async fn account_password_policy(self) -> Answer<Option<PasswordPolicy>> {
        self.ask("GetAccountPasswordPolicy", "", async move {
            match absent(self.client().get_account_password_policy().send().await, &["NoSuchEntity"])? {
                Some(out) => required("PasswordPolicy", out.password_policy).map(Some),
                None => Ok(None),
            }
        })
        .await
    }

    /// `iam:ListVirtualMFADevices`, every page: the virtual devices that are assigned to someone, the root user
    /// included.
    pub async fn virtual_mfa_devices(self) -> Answer<Vec<VirtualMfaDevice>> {
        self.ask("ListVirtualMFADevices", "", async move {
            let ask = self.client().list_virtual_mfa_devices().assignment_status(AssignmentStatusType::Assigned);
            collect(ask.into_paginator().items().send()).await
        })
        .await
    }

    /// `iam:ListMFADevices` of one user, every page: devices of every kind.
    pub async fn mfa_devices(self, user: &str) -> Answer<Vec<MfaDevice>> {
        self.ask("ListMFADevices", user, async move {
            collect(self.client().list_mfa_devices().user_name(user).into_paginator().items().send()).await
        })
        .await
    }

    /// `iam:ListServerCertificates`, every page.
    pub async fn server_certificates(self) -> Answer<Vec<ServerCertificateMetadata>> {
        self.ask("ListServerCertificates", "", async move {
            collect(self.client().list_server_certificates().into_paginator().items().send()).await
        })
        .await
    }

    /// `iam:ListOrganizationsFeatures`: the central root management features of the organization, where this account
    /// may ask.
    pub async fn organizations_features(self) -> Answer<OrganizationsFeatures> {
        self.ask("ListOrganizationsFeatures", "", async move {
            let error = match self.client().list_organizations_features().send().await {
                Ok(out) => {
                    return required("EnabledFeatures", out.enabled_features).map(OrganizationsFeatures::Enabled);
                }
                Err(error) => error,
            };
            // The wire names carry no fixed suffix: the model has "…Exception", the error code may come without.
            let code = error.code().unwrap_or("").trim_end_matches("Exception");
            Ok(match code {
                "AccountNotManagementOrDelegatedAdministrator" => OrganizationsFeatures::NotCentral,
                "OrganizationNotFound" => OrganizationsFeatures::NoOrganization,
                "OrganizationNotInAllFeaturesMode" => {
                    OrganizationsFeatures::Impossible("the organization is not in all-features mode".into())
                }
                "ServiceAccessNotEnabled" => OrganizationsFeatures::Impossible(
                    "trusted access of the organization for iam.amazonaws.com is off".into(),
                ),
                _ => return Err(error.into()),
            })
        })
        .await
    }

    /// `iam:ListServiceSpecificCredentials` of all users, every page: API keys and passwords that IAM makes for
    /// single services.
    pub async fn service_specific_credentials(self) -> Answer<Vec<ServiceSpecificCredentialMetadata>> {
        self.ask("ListServiceSpecificCredentials", "", async move {
            let (mut all, mut marker) = (Vec::new(), None);
            loop {
                let page =
                    self.client().list_service_specific_credentials().all_users(true).set_marker(marker).send().await?;
                all.extend(required("ServiceSpecificCredentials", page.service_specific_credentials)?);
                marker = next(page.is_truncated, page.marker)?;
                if marker.is_none() {
                    return Ok(all);
                }
            }
        })
        .await
    }

    /// The services that a user's, group's, role's or policy's permissions reach, each with its last use (AWS tracks
    /// 400 days).
    ///
    /// `iam:GenerateServiceLastAccessedDetails`, then `iam:GetServiceLastAccessedDetails`, every page.
    pub async fn service_last_accessed(self, arn: &str) -> Answer<Vec<ServiceLastAccessed>> {
        let job = self
            .ask("GenerateServiceLastAccessedDetails", arn, async move {
                required("JobId", self.client().generate_service_last_accessed_details().arn(arn).send().await?.job_id)
            })
            .await?;
        self.ask("GetServiceLastAccessedDetails", arn, async move {
            for pause in PAUSES_MS {
                if let Some(services) = self.last_accessed(&job).await? {
                    return Ok(services);
                }
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            self.last_accessed(&job).await?.ok_or_else(|| still_generating("the service last accessed report"))
        })
        .await
    }

    /// `None` while the job runs.
    async fn last_accessed(self, job: &str) -> Result<Option<Vec<ServiceLastAccessed>>, Fault> {
        let (mut all, mut marker) = (Vec::new(), None);
        loop {
            let page = self
                .client()
                .get_service_last_accessed_details()
                .job_id(job)
                .max_items(1_000)
                .set_marker(marker)
                .send()
                .await?;
            match page.job_status {
                JobStatusType::Completed => {}
                JobStatusType::InProgress => return Ok(None),
                _ => {
                    let why = page
                        .error
                        .map_or_else(|| "no reason given".to_owned(), |e| format!("{}: {}", e.code, e.message));
                    return Err(Fault::new(
                        GapKind::Unavailable,
                        format!("the service last accessed report failed ({why})"),
                    ));
                }
            }
            all.extend(page.services_last_accessed);
            marker = next(page.is_truncated, page.marker)?;
            if marker.is_none() {
                return Ok(Some(all));
            }
        }
    }
}

fn still_generating(what: &str) -> Fault {
    let seconds = PAUSES_MS.iter().sum::<u64>() / 1_000;
    Fault::new(GapKind::Timeout, format!("IAM was still generating {what} after {seconds} seconds"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polling_ends_after_about_a_minute() {
        // semantics 23
        let total: u64 = PAUSES_MS.iter().sum();
        assert!((50_000..=65_000).contains(&total), "{total}");
    }
}
