//! Findings of high and critical severity that nobody archived, read only as far as it takes to know whether one is too old.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::Deserialize;

/// Where high severity begins; critical is above it.
/// <https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html>
pub const HIGH: f64 = 7.0;

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FindingIds {
    pub(super) finding_ids: Vec<String>,
    pub(super) next_token: Option<String>,
}

/// <https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Finding.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GuardDutyFinding {
    pub id: String,
    #[serde(rename = "Type")]
    pub kind: String,
    pub severity: f64,
    /// The model calls it a text: a moment in RFC 3339.
    created_at: String,
    pub title: Option<String>,
}

impl GuardDutyFinding {
    /// When it was made; `None` where that cannot be read.
    pub fn created(&self) -> Option<DateTime> {
        DateTime::from_str(&self.created_at, Format::DateTimeWithOffset).ok()
    }

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
    /// Of which it cannot be read when they were made.
    pub undated: usize,
    pub read: usize,
    /// Whether there are no others.
    pub whole: bool,
}

impl OpenThreats {
    /// Adds a page.
    pub(super) fn take(&mut self, page: &[GuardDutyFinding], before: DateTime) {
        for finding in page.iter().filter(|finding| finding.is_high()) {
            self.read += 1;
            match finding.created() {
                _ if finding.is_sample() => self.samples += 1,
                None => self.undated += 1,
                Some(created) if created.secs() < before.secs() => self.overdue.push(finding.clone()),
                Some(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
            finding(8.0, "yesterday", "An instance talks"),
        ];
        seen.take(&page, DateTime::from_secs(1_769_904_000)); // 2026-02-01
        assert_eq!((seen.overdue.len(), seen.samples, seen.undated, seen.read), (1, 1, 1, 4));
    }
}
