//! Findings of an analyzer that stay open, read only as far as it takes to know whether one is too old.

use crate::aws::model::Time;
use aws_smithy_types::DateTime;
use serde::Deserialize;

/// The types of findings on access that nobody uses.
pub const UNUSED: &[&str] = &["UnusedIAMRole", "UnusedIAMUserAccessKey", "UnusedIAMUserPassword", "UnusedPermission"];

/// A finding.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessFinding {
    pub id: String,
    pub resource: Option<String>,
    pub resource_type: String,
    pub resource_owner_account: String,
    pub status: String,
    pub created_at: Time,
    pub finding_type: Option<String>,
}

impl AccessFinding {
    /// What it is about, by the best name that it has.
    pub fn about(&self) -> &str {
        self.resource.as_deref().unwrap_or(&self.resource_type)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    pub(super) findings: Vec<AccessFinding>,
    pub(super) next_token: Option<String>,
}

/// What was seen of the active findings.
#[derive(Clone, Debug, Default)]
pub struct OpenFindings {
    /// Those created before the moment that was asked about.
    pub overdue: Vec<AccessFinding>,
    pub read: usize,
    /// Whether there are no others.
    pub whole: bool,
}

impl OpenFindings {
    /// Adds a page.
    pub(super) fn take(&mut self, page: Vec<AccessFinding>, before: DateTime) {
        self.read += page.len();
        let overdue = |one: &AccessFinding| one.status == "ACTIVE" && one.created_at.secs() < before.secs();
        self.overdue.extend(page.into_iter().filter(overdue));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn active_findings_from_before_the_moment_are_overdue() {
        let finding = |status: &str, created: &str| {
            let text = json!({ "id": "1", "resourceType": "AWS::S3::Bucket", "resourceOwnerAccount": "111122223333",
                "status": status, "createdAt": created, "resource": "arn:aws:s3:::b" });
            serde_json::from_value::<AccessFinding>(text).unwrap()
        };
        let mut seen = OpenFindings::default();
        let page = vec![
            finding("ACTIVE", "2026-01-01T00:00:00Z"),
            finding("ACTIVE", "2026-03-01T00:00:00Z"),
            finding("ARCHIVED", "2026-01-01T00:00:00Z"),
        ];
        seen.take(page, DateTime::from_secs(1_769_904_000)); // 2026-02-01
        assert_eq!((seen.read, seen.overdue.len()), (3, 1));
        assert_eq!(seen.overdue[0].about(), "arn:aws:s3:::b");
    }
}
