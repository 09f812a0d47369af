//! Does somebody work on critical findings: none is new for too long, and what was resolved says how?

use super::waiting::{least, waiting};
use crate::prelude::*;
use posture_estate::services::securityhub::findings::{CriticalFinding, CriticalPage};
use posture_estate::text::counted;

/// A critical finding that is new for more than this many days fails.
const RESPONSE_DAYS: Setting<i64> = setting!(critical_findings_worked.response_days);

/// Findings that the evidence names.
const NAMED: usize = 20;

pub async fn probe(at: &Region) -> Outcome {
    let hub = at.securityhub().hub().await;
    if hub.is_ok_and(|hub| hub.is_none()) {
        let off = format!("{} has no Security Hub CSPM, so that no findings come together", at.name());
        return Ok(vec![Verdict::not_applicable(off).on(at.resource())]);
    }
    let (new, resolved) = join!(at.securityhub().new_criticals(), at.securityhub().resolved_criticals());
    Ok(vec![judge(at.name(), new, resolved, *at.setting(RESPONSE_DAYS), at.now()).on(at.resource())])
}

fn judge(
    region: &str,
    new: Answer<CriticalPage>,
    resolved: Answer<CriticalPage>,
    limit: i64,
    now: &DateTime,
) -> Verdict {
    let mut reasons = Reasons::new();
    let (mut unworked, mut unexplained) = (Vec::new(), Vec::new());
    let (new, resolved) = (reasons.add(new), reasons.add(resolved));
    if let Some(page) = &new {
        unworked = waiting(region, page, limit, now, &mut reasons);
    }
    if let Some(page) = &resolved {
        unexplained = page.findings.iter().filter(|one| !one.has_note() && !one.control_passes()).collect();
        if !unexplained.is_empty() {
            reasons.broken(
                "resolved_without_note",
                format!(
                    "{region} has {}{} without a note",
                    least(page),
                    counted(unexplained.len(), "resolved critical finding")
                ),
            );
        } else if page.has_more() {
            let read = counted(page.findings.len(), "resolved critical finding");
            reasons.doubt(format!("{region} has more than the {read} that were read, none of them without a note"));
        }
    }
    reasons
        .or_pass(|| {
            format!(
                "no critical finding in {region} is new for over {limit} days, and those that were resolved say how"
            )
        })
        .evidence(json!({ "waiting": named(&unworked), "without_note": named(&unexplained) }))
}

fn named(findings: &[&CriticalFinding]) -> serde_json::Value {
    findings.iter().take(NAMED).map(|one| json!({ "id": one.id, "title": one.title })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn now() -> DateTime {
        DateTime::from_secs(1_764_201_600)
    }

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "securityhub:GetFindings", GapKind::Denied, "no")
    }

    fn finding(more: serde_json::Value) -> CriticalFinding {
        let mut finding = json!({ "Id": "f-1", "Title": "root was used", "CreatedAt": "2025-11-01T00:00:00.000Z" });
        finding.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(finding).unwrap()
    }

    fn page(findings: Vec<serde_json::Value>, token: Option<&str>) -> Answer<CriticalPage> {
        let findings = findings.into_iter().map(finding).collect();
        Ok(Arc::new(CriticalPage::of(findings, token.map(str::to_owned))))
    }

    fn aged(days: i64) -> serde_json::Value {
        json!({ "CreatedAt": posture_estate::day::rfc3339(DateTime::from_secs(now().secs() - days * 86_400)) })
    }

    fn of(new: Answer<CriticalPage>, resolved: Answer<CriticalPage>) -> Verdict {
        judge("eu-west-1", new, resolved, 7, &now())
    }

    #[test]
    fn nothing_is_new_beyond_the_target() {
        let none = || page(vec![], None);
        assert_eq!(of(none(), none()).status, Status::Pass);
        assert_eq!(of(page(vec![aged(7)], None), none()).status, Status::Pass);
        assert_eq!(of(page(vec![aged(8)], None), none()).reasons, ["critical_not_worked"]);
        assert!(
            of(page(vec![aged(8), aged(1)], Some("more")), none())
                .message
                .contains("took up at least 1 critical finding")
        );
        assert_eq!(of(page(vec![aged(3)], Some("more")), none()).status, Status::Pass, "the others are younger");
        assert_eq!(of(page(vec![], Some("more")), none()).status, Status::Unknown);
        assert_eq!(of(page(vec![json!({ "CreatedAt": "yesterday" })], None), none()).status, Status::Unknown);
        assert_eq!(of(Err(gap()), none()).status, Status::Unknown);
    }

    #[test]
    fn what_is_resolved_says_how() {
        let resolved = |more| of(page(vec![], None), page(vec![more], None));
        let note =
            |text: &str| json!({ "Note": { "Text": text, "UpdatedBy": "a", "UpdatedAt": "2025-11-02T00:00:00Z" } });
        assert_eq!(resolved(note("false alarm, TICKET-1")).status, Status::Pass);
        assert_eq!(resolved(note(" ")).reasons, ["resolved_without_note"]);
        assert_eq!(resolved(json!({})).reasons, ["resolved_without_note"]);
        assert_eq!(resolved(json!({ "Compliance": { "Status": "FAILED" } })).reasons, ["resolved_without_note"]);
        assert_eq!(
            resolved(json!({ "Compliance": { "Status": "PASSED" } })).status,
            Status::Pass,
            "Security Hub resolved it"
        );
        let some = |more| of(page(vec![], None), page(vec![more], Some("more")));
        assert_eq!(some(note("TICKET-1")).status, Status::Unknown, "another page may hold one without");
        assert_eq!(some(json!({})).reasons, ["resolved_without_note"]);
        assert_eq!(of(page(vec![], None), Err(gap())).status, Status::Unknown);
        assert_eq!(of(page(vec![aged(8)], None), Err(gap())).status, Status::Fail);
    }
}
