//! IAM Access Analyzer: the analyzers of a Region, what they find, and the rules that archive findings unseen.

mod archive;
mod findings;

pub use archive::{ArchiveRule, Criterion};
pub use findings::{AccessFinding, OpenFindings, UNUSED};

use crate::aws::fault::Fault;
use crate::aws::reading::{items, whole};
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use aws_smithy_types::DateTime;
use serde::Deserialize;
use serde_json::json;

service! {
    /// IAM Access Analyzer at an account or in a region.
    access_analyzer => AccessAnalyzer model "access-analyzer": Service {
        iam: &[("ListFindingsV2", "ListFindings")],
        reads: &[
            ("ListAnalyzers", |v| items::<Analyzer>(v, "analyzers")),
            ("ListArchiveRules", |v| items::<ArchiveRule>(v, "archiveRules")),
            ("ListFindingsV2", whole::<findings::Page>),
        ],
        ..Service::new("access-analyzer", "IAM Access Analyzer", Wire::RestJson)
    }
}

/// Findings that a page holds, and pages that are read at most: Access Analyzer neither filters nor sorts them by age.
const PAGE: usize = 100;
const PAGES: usize = 50;

/// An analyzer.
#[derive(Clone, Debug, Deserialize)]
pub struct Analyzer {
    pub arn: String,
    pub name: String,
    /// Zone of trust and what is looked for: `ORGANIZATION` and `ACCOUNT` look for access from outside.
    #[serde(rename = "type")]
    pub kind: String,
    /// `ACTIVE`, `CREATING`, `DISABLED`, `FAILED`
    pub status: String,
    pub configuration: Option<AnalyzerConfiguration>,
}

/// What an analyzer is set to; those that look for access from outside have nothing to set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnalyzerConfiguration {
    pub unused_access: Option<UnusedAccess>,
}

/// What counts as unused.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnusedAccess {
    /// Days without use, 90 where nobody set it.
    pub unused_access_age: Option<i64>,
}

impl Analyzer {
    pub fn is_active(&self) -> bool {
        self.status == "ACTIVE"
    }

    /// Whether it looks for access from outside its zone of trust, be it the account or the organization.
    pub fn looks_outside(&self) -> bool {
        matches!(self.kind.as_str(), "ACCOUNT" | "ORGANIZATION")
    }

    /// Whether it looks for access that nobody uses.
    pub fn looks_for_unused(&self) -> bool {
        matches!(self.kind.as_str(), "ACCOUNT_UNUSED_ACCESS" | "ORGANIZATION_UNUSED_ACCESS")
    }

    /// The days after which it calls access unused, where it says so.
    pub fn unused_days(&self) -> Option<i64> {
        self.configuration.as_ref()?.unused_access.as_ref()?.unused_access_age
    }

    /// The resource of a finding.
    pub fn resource(&self) -> Resource {
        Resource::new(&self.arn, "AWS::AccessAnalyzer::Analyzer", &self.name)
    }
}

impl AccessAnalyzer<'_, Region> {
    /// `access-analyzer:ListAnalyzers`, every page: analyzers of the account and, in the account that manages them, of its
    /// organization.
    pub async fn analyzers(self) -> Answer<Vec<Analyzer>> {
        self.ask("ListAnalyzers", "", async move {
            Ok(self.client()?.items("ListAnalyzers", json!({}), "analyzers").await?)
        })
        .await
    }

    /// `access-analyzer:ListArchiveRules`, every page.
    pub async fn archive_rules(self, analyzer: &Analyzer) -> Answer<Vec<ArchiveRule>> {
        let of = json!({ "analyzerName": analyzer.name });
        self.ask("ListArchiveRules", &analyzer.name, async move {
            Ok(self.client()?.items("ListArchiveRules", of, "archiveRules").await?)
        })
        .await
    }

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
                let page: findings::Page = client.call("ListFindingsV2", question).await?;
                let next = page.next_token.filter(|next| !next.is_empty());
                if next.is_some() && next == token {
                    return Err(Fault::malformed("the token of a page came again"));
                }
                seen.take(page.findings, before);
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
