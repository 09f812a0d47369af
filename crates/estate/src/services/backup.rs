//! AWS Backup: vaults and what is in them, plans and what they copy, and how the account shows that backups work.

pub mod vaults;

use crate::aws::answer::absent;
use crate::aws::model::Time;
use crate::aws::reading::{items, member, whole};
use crate::aws::service::{Service, Wire};
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;
use vaults::{BackupVault, RecoveryPointPage};

service! {
    /// AWS Backup in a region.
    backup => Backup model "backup": Service {
        asff: &[
            ("AWS::Backup::BackupPlan", "AwsBackupBackupPlan"),
            ("AWS::Backup::BackupVault", "AwsBackupBackupVault"),
        ],
        reads: &[
            ("DescribeFramework", |v| member::<String>(v, "FrameworkStatus")),
            ("GetBackupPlan", |v| member::<Vec<PlanRule>>(v, "BackupPlan.Rules")),
            ("GetBackupVaultAccessPolicy", |v| member::<String>(v, "Policy")),
            ("ListBackupPlans", |v| items::<PlanSummary>(v, "BackupPlansList")),
            ("ListBackupSelections", |v| items::<BackupSelection>(v, "BackupSelectionsList")),
            ("ListBackupVaults", |v| items::<BackupVault>(v, "BackupVaultList")),
            ("ListFrameworks", |v| items::<AuditFramework>(v, "Frameworks")),
            ("ListProtectedResources", |v| items::<ProtectedResource>(v, "Results")),
            ("ListRecoveryPointsByBackupVault", whole::<RecoveryPointPage>),
            ("ListReportPlans", |v| items::<ReportPlan>(v, "ReportPlans")),
            ("ListRestoreJobs", whole::<RestoreJobPage>),
            ("ListRestoreTestingPlans", |v| items::<RestoreTestingPlan>(v, "RestoreTestingPlans")),
        ],
        ..Service::new("backup", "AWS Backup", Wire::RestJson)
    }
}

/// Items on a page of the long lists, as many as AWS gives.
const PAGE: usize = 1000;

/// Pages of restore jobs that are read, at most.
const MOST_PAGES: usize = 5;

/// A plan.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PlanSummary {
    pub backup_plan_id: String,
    pub backup_plan_name: String,
}

/// A rule of a plan: what is backed up how often, and where it is copied to.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PlanRule {
    pub rule_name: String,
    #[serde(default)]
    pub copy_actions: Vec<CopyAction>,
    /// A logically air-gapped vault that gets the backup itself.
    pub target_logically_air_gapped_backup_vault_arn: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CopyAction {
    pub destination_backup_vault_arn: String,
}

/// What a plan backs up.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct BackupSelection {
    pub selection_name: String,
}

/// Something that AWS Backup has recovery points of.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProtectedResource {
    pub resource_arn: String,
    pub last_backup_time: Option<Time>,
}

/// A framework of Backup Audit Manager.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AuditFramework {
    pub framework_name: String,
    /// `COMPLETED`, `FAILED`, `CREATE_IN_PROGRESS`, `UPDATE_IN_PROGRESS`, `DELETE_IN_PROGRESS`
    pub deployment_status: String,
}

/// A report plan of Backup Audit Manager.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReportPlan {
    pub report_plan_name: String,
    /// `COMPLETED`, `CREATE_IN_PROGRESS`, `UPDATE_IN_PROGRESS`, `DELETE_IN_PROGRESS`
    pub deployment_status: String,
    pub last_attempted_execution_time: Option<Time>,
    pub last_successful_execution_time: Option<Time>,
}

/// A plan by which backups are restored to see whether they can be.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RestoreTestingPlan {
    pub restore_testing_plan_name: String,
}

/// Restores that were completed, up to some thousands.
#[derive(Clone, Debug, Default)]
pub struct RestoreJobs {
    pub completed: Vec<RestoreJob>,
    /// Whether there are more than were read.
    pub more: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RestoreJobPage {
    restore_jobs: Vec<RestoreJob>,
    next_token: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RestoreJob {
    pub restore_job_id: String,
    pub completion_date: Option<Time>,
}

impl Backup<'_, Region> {
    /// `backup:ListBackupVaults`, every page.
    pub async fn vaults(self) -> Answer<Vec<BackupVault>> {
        self.ask("ListBackupVaults", "", async move {
            Ok(self.client()?.items("ListBackupVaults", json!({}), "BackupVaultList").await?)
        })
        .await
    }

    /// `backup:GetBackupVaultAccessPolicy`: the text of the policy; `None` when the vault has none.
    pub async fn vault_policy(self, vault: &str) -> Answer<Option<String>> {
        self.ask("GetBackupVaultAccessPolicy", vault, async move {
            let of = json!({ "BackupVaultName": vault });
            let answer = self.client()?.member("GetBackupVaultAccessPolicy", of, "Policy").await;
            absent(answer, &["ResourceNotFoundException"])
        })
        .await
    }

    /// `backup:ListRecoveryPointsByBackupVault`: up to ten thousand recovery points of a vault, and whether there are more.
    pub async fn recovery_points(self, vault: &str) -> Answer<RecoveryPointPage> {
        self.ask("ListRecoveryPointsByBackupVault", vault, async move {
            let mut ask = json!({ "BackupVaultName": vault, "MaxResults": PAGE });
            let mut all = RecoveryPointPage::default();
            for _ in 0..vaults::MOST_PAGES {
                let page: RecoveryPointPage = self.client()?.call("ListRecoveryPointsByBackupVault", ask.clone()).await?;
                all.recovery_points.extend(page.recovery_points);
                all.next_token = page.next_token.filter(|token| !token.is_empty());
                let Some(token) = &all.next_token else { break };
                ask["NextToken"] = token.clone().into();
            }
            Ok(all)
        })
        .await
    }

    /// `backup:ListProtectedResources`, every page.
    pub async fn protected_resources(self) -> Answer<Vec<ProtectedResource>> {
        self.ask("ListProtectedResources", "", async move {
            Ok(self.client()?.items("ListProtectedResources", json!({ "MaxResults": PAGE }), "Results").await?)
        })
        .await
    }

    /// `backup:ListBackupPlans`, every page: those that are in force.
    pub async fn plans(self) -> Answer<Vec<PlanSummary>> {
        self.ask("ListBackupPlans", "", async move {
            Ok(self.client()?.items("ListBackupPlans", json!({}), "BackupPlansList").await?)
        })
        .await
    }

    /// `backup:GetBackupPlan`: the rules of a plan; `None` when it was deleted meanwhile.
    pub async fn plan_rules(self, plan: &str) -> Answer<Option<Vec<PlanRule>>> {
        self.ask("GetBackupPlan", plan, async move {
            let answer = self.client()?.member("GetBackupPlan", json!({ "BackupPlanId": plan }), "BackupPlan.Rules").await;
            absent(answer, &["ResourceNotFoundException"])
        })
        .await
    }

    /// `backup:ListBackupSelections`, every page: what a plan backs up.
    pub async fn plan_selections(self, plan: &str) -> Answer<Vec<BackupSelection>> {
        self.ask("ListBackupSelections", plan, async move {
            let of = json!({ "BackupPlanId": plan });
            Ok(self.client()?.items("ListBackupSelections", of, "BackupSelectionsList").await?)
        })
        .await
    }

    /// `backup:ListFrameworks`, every page.
    pub async fn frameworks(self) -> Answer<Vec<AuditFramework>> {
        self.ask("ListFrameworks", "", async move {
            Ok(self.client()?.items("ListFrameworks", json!({}), "Frameworks").await?)
        })
        .await
    }

    /// `backup:DescribeFramework`: `ACTIVE`, `PARTIALLY_ACTIVE`, `INACTIVE`, `UNAVAILABLE`; `None` when it was deleted meanwhile.
    pub async fn framework_status(self, name: &str) -> Answer<Option<String>> {
        self.ask("DescribeFramework", name, async move {
            let of = json!({ "FrameworkName": name });
            absent(self.client()?.member("DescribeFramework", of, "FrameworkStatus").await, &["ResourceNotFoundException"])
        })
        .await
    }

    /// `backup:ListReportPlans`, every page.
    pub async fn report_plans(self) -> Answer<Vec<ReportPlan>> {
        self.ask("ListReportPlans", "", async move {
            Ok(self.client()?.items("ListReportPlans", json!({}), "ReportPlans").await?)
        })
        .await
    }

    /// `backup:ListRestoreTestingPlans`, every page.
    pub async fn restore_testing_plans(self) -> Answer<Vec<RestoreTestingPlan>> {
        self.ask("ListRestoreTestingPlans", "", async move {
            Ok(self.client()?.items("ListRestoreTestingPlans", json!({}), "RestoreTestingPlans").await?)
        })
        .await
    }

    /// `backup:ListRestoreJobs`: those that were completed, up to five thousand.
    pub async fn completed_restores(self) -> Answer<RestoreJobs> {
        self.ask("ListRestoreJobs", "COMPLETED", async move {
            let mut ask = json!({ "ByStatus": "COMPLETED", "MaxResults": PAGE });
            let mut all = RestoreJobs::default();
            for _ in 0..MOST_PAGES {
                let page: RestoreJobPage = self.client()?.call("ListRestoreJobs", ask.clone()).await?;
                all.completed.extend(page.restore_jobs);
                let next = page.next_token.filter(|token| !token.is_empty());
                all.more = next.is_some();
                let Some(token) = next else { break };
                ask["NextToken"] = token.into();
            }
            Ok(all)
        })
        .await
    }
}
