//! Findings of an analyzer that stay open, read only as far as it takes to know whether one is too old.

use super::{AccessAnalyzer, Analyzer};
use crate::aws::fault::Fault;
use crate::aws::model::Time;
use crate::place::{Answer, Region};
use aws_smithy_types::DateTime;
use serde::Deserialize;
use serde_json::json;

/// The types of findings on access that nobody uses.
pub const UNUSED: &[&str] = &["UnusedIAMRole", "UnusedIAMUserAccessKey", "UnusedIAMUserPassword", "UnusedPermission"];

/// Findings that a page holds, and pages that are read at most: Access Analyzer neither filters nor sorts them by age.
const PAGE: usize = 100;
const PAGES: usize = 50;

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
    findings: Vec<AccessFinding>,
    next_token: Option<String>,
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

impl AccessAnalyzer<'_, Region> {
    /// `access-analyzer:ListFindingsV2`: active findings, those on unused access for an analyzer that looks for it, page by page until one
    /// is found that was created before the moment.
    pub async fn open_findings(self, analyzer: &Analyzer, before: DateTime) -> Answer<OpenFindings> {
        let mut filter = json!({ "status": { "eq": ["ACTIVE"] } });
        if analyzer.looks_for_unused() {
            filter["findingType"] = json!({ "eq": UNUSED });
        }
        let arn = &analyzer.arn;
        self.ask("ListFindingsV2", format!("{arn} {}", before.secs()), async move {
            let client = self.client()?;
            let mut seen = OpenFindings::default();
            let mut token: Option<String> = None;
            for _ in 0..PAGES {
                let question =
                    json!({ "analyzerArn": arn, "filter": filter, "maxResults": PAGE, "nextToken": token });
                let page: Page = client.call("ListFindingsV2", question).await?;
                let next = page.next_token.filter(|next| !next.is_empty());
                if next.is_some() && next == token {
                    return Err(Fault::malformed("the token of a page came again"));
                }
                take(&mut seen, page.findings, before);
                seen.whole = next.is_none();
                if seen.whole || !seen.overdue.is_empty() {
                    break;
                }
                token = next;
            }
            Ok(seen)
        })
        .await
    }
}

fn take(seen: &mut OpenFindings, page: Vec<AccessFinding>, before: DateTime) {
    seen.read += page.len();
    let overdue = |one: &AccessFinding| one.status == "ACTIVE" && one.created_at.secs() < before.secs();
    seen.overdue.extend(page.into_iter().filter(overdue));
}

#[cfg(test)]
mod tests {
    use super::*;

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
        take(&mut seen, page, DateTime::from_secs(1_769_904_000)); // 2026-02-01
        assert_eq!((seen.read, seen.overdue.len()), (3, 1));
        assert_eq!(seen.overdue[0].about(), "arn:aws:s3:::b");
    }
}
