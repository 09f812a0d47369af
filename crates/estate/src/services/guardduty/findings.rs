//! Findings of high and critical severity that nobody archived, read only as far as it takes to know whether one is too old.

use super::GuardDuty;
use crate::aws::model::Time;
use crate::finding::Gap;
use crate::place::{Answer, Region};
use aws_smithy_types::DateTime;
use serde::Deserialize;
use serde_json::json;

/// Where high severity begins; critical is above it.
/// <https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html>
pub const HIGH: f64 = 7.0;

/// Findings that a page holds, and pages that are read at most.
const PAGE: usize = 50;
const PAGES: usize = 20;

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FindingIds {
    finding_ids: Vec<String>,
    next_token: Option<String>,
}

/// <https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Finding.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GuardDutyFinding {
    pub id: String,
    #[serde(rename = "Type")]
    pub kind: String,
    pub severity: f64,
    pub created_at: Time,
    pub title: Option<String>,
}

impl GuardDutyFinding {
    /// Whether it is of high or critical severity.
    pub fn is_high(&self) -> bool {
        self.severity >= HIGH
    }

    /// Whether somebody had it made up to see what one looks like.
    /// <https://docs.aws.amazon.com/guardduty/latest/ug/sample_findings.html>
    pub fn is_sample(&self) -> bool {
        self.title.as_deref().is_some_and(|title| title.starts_with("[SAMPLE]"))
    }
}

/// What was seen of the findings that are not archived.
#[derive(Clone, Debug, Default)]
pub struct OpenThreats {
    /// Those created before the moment that was asked about.
    pub overdue: Vec<GuardDutyFinding>,
    /// Samples are counted apart.
    pub samples: usize,
    pub read: usize,
    /// Whether there are no others.
    pub whole: bool,
}

impl GuardDuty<'_, Region> {
    /// `guardduty:ListFindings` and `guardduty:GetFindings`: findings of severity 7 or more about this account that are not archived, page
    /// by page until one is found that was created before the moment. In the administrator's account the others' are left out: they
    /// show in their own.
    ///
    /// # Errors
    /// The first question without an answer.
    pub async fn open_threats(self, detector: &str, before: DateTime) -> Result<OpenThreats, Gap> {
        let mut seen = OpenThreats::default();
        let mut token: Option<String> = None;
        for _ in 0..PAGES {
            let page = self.high_findings(detector, token.as_deref()).await?;
            if !page.finding_ids.is_empty() {
                seen.take(&self.details(detector, &page.finding_ids).await?, before);
            }
            let next = page.next_token.clone().filter(|next| !next.is_empty());
            if next.is_some() && next == token {
                return Err(self.malformed(self.name(), "ListFindings", "the token of a page came again"));
            }
            seen.whole = next.is_none();
            if seen.whole || !seen.overdue.is_empty() {
                break;
            }
            token = next;
        }
        Ok(seen)
    }

    async fn high_findings(self, detector: &str, token: Option<&str>) -> Answer<FindingIds> {
        let criteria = json!({ "Criterion": {
            "severity": { "GreaterThanOrEqual": 7 },
            "service.archived": { "Equals": ["false"] },
            "accountId": { "Equals": [self.account_id()] },
        } });
        let question =
            json!({ "DetectorId": detector, "FindingCriteria": criteria, "MaxResults": PAGE, "NextToken": token });
        self.ask("ListFindings", format!("{detector} {}", token.unwrap_or_default()), async move {
            Ok(self.client()?.call("ListFindings", question).await?)
        })
        .await
    }

    async fn details(self, detector: &str, ids: &[String]) -> Answer<Vec<GuardDutyFinding>> {
        let question = json!({ "DetectorId": detector, "FindingIds": ids });
        self.ask("GetFindings", ids.join(","), async move {
            Ok(self.client()?.member("GetFindings", question, "Findings").await?)
        })
        .await
    }
}

impl OpenThreats {
    fn take(&mut self, page: &[GuardDutyFinding], before: DateTime) {
        for finding in page.iter().filter(|finding| finding.is_high()) {
            self.read += 1;
            if finding.is_sample() {
                self.samples += 1;
            } else if finding.created_at.secs() < before.secs() {
                self.overdue.push(finding.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(severity: f64, created: &str, title: &str) -> GuardDutyFinding {
        let text = json!({ "Id": "1", "Type": "Trojan:EC2/BlackholeTraffic", "Severity": severity, "CreatedAt": created, "Title": title });
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn high_begins_at_seven_and_critical_is_above() {
        // semantics 36
        let high = |severity| finding(severity, "2026-01-01T00:00:00Z", "t").is_high();
        assert!(high(7.0) && high(8.0) && high(8.9) && high(9.5) && high(10.0));
        assert!(!high(6.9) && !high(4.0));
    }

    #[test]
    fn old_ones_are_overdue_and_samples_are_not() {
        let mut seen = OpenThreats::default();
        let page = [
            finding(8.0, "2026-01-01T00:00:00.000Z", "An instance talks"),
            finding(8.0, "2026-01-01T00:00:00.000Z", "[SAMPLE] An instance talks"),
            finding(8.0, "2026-03-01T00:00:00.000Z", "An instance talks"),
            finding(2.0, "2026-01-01T00:00:00.000Z", "A port was scanned"),
        ];
        seen.take(&page, DateTime::from_secs(1_769_904_000)); // 2026-02-01
        assert_eq!((seen.overdue.len(), seen.samples, seen.read), (1, 1, 3));
    }
}
