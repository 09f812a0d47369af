//! Checks on IAM Access Analyzer.

mod unused_analyzers;
mod zone;

use crate::prelude::*;
use posture_estate::day::span;
use posture_estate::services::access_analyzer::OpenFindings;
use posture_estate::text::counted;

checks! { accessanalyzer;
    region external_access_analyzer_enabled,
    region no_open_external_findings,
    organization organization_analyzer_active,
    account unused_access_reviewed,
}

/// How many findings a message names.
const NAMED: usize = 3;

/// The condition that no active finding of an analyzer is older than so many days.
fn overdue(analyzer: &str, days: i64, seen: &OpenFindings, reasons: &mut Reasons) {
    let OpenFindings { overdue, read, whole } = seen;
    let span = span(days);
    if !overdue.is_empty() {
        let named: Vec<String> = overdue
            .iter()
            .take(NAMED)
            .map(|one| format!("{} {}", one.finding_type.as_deref().unwrap_or("finding"), one.about()))
            .collect();
        let at_least = if *whole { "" } else { "at least " };
        reasons.broken(
            "finding_open",
            format!(
                "{at_least}{} of analyzer {analyzer} stayed active for more than {span}: {}",
                counted(overdue.len(), "finding"),
                named.join(", ")
            ),
        );
    } else if !whole {
        reasons.doubt(format!(
            "none of the first {read} active findings of analyzer {analyzer} is older than {span}, and the others were not read"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    pub(super) fn gap(call: &str) -> Gap {
        Gap::new("111122223333", "eu-west-1", call, GapKind::Denied, "no")
    }

    pub(super) fn seen(overdue: usize, read: usize, whole: bool) -> Answer<OpenFindings> {
        let one = json!({ "id": "1", "resourceType": "AWS::S3::Bucket", "resourceOwnerAccount": "111122223333",
            "status": "ACTIVE", "createdAt": "2026-01-01T00:00:00Z", "resource": "arn:aws:s3:::b" });
        let one = serde_json::from_value(one).unwrap();
        Ok(Arc::new(OpenFindings { overdue: vec![one; overdue], read, whole }))
    }

    #[test]
    fn a_message_names_a_few() {
        let mut reasons = Reasons::new();
        overdue("a", 30, &seen(5, 5, true).unwrap(), &mut reasons);
        let message = reasons.open().message;
        assert!(
            message.starts_with("5 findings of analyzer a") && message.matches("arn:aws:s3:::b").count() == 3,
            "{message}"
        );
    }
}
