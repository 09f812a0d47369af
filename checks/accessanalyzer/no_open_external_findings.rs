//! Is every finding of access from outside resolved or archived within the review window, and none on public access archived unseen?

use crate::prelude::*;
use posture_estate::services::access_analyzer::{Analyzer, ArchiveRule, OpenFindings};
use posture_estate::text::counted;

/// Days in which findings are reviewed.
const REVIEW_DAYS: Setting<i64> = setting!(no_open_external_findings.review_days);
/// Archive rules that hide public access on purpose.
const MEANT_RULES: Setting<Patterns> = setting!(no_open_external_findings.meant_rules);

pub async fn probe(at: &Region) -> Outcome {
    let all = at.access_analyzer().analyzers().await?;
    let external: Vec<&Analyzer> = all.iter().filter(|one| one.looks_outside() && one.is_active()).collect();
    if external.is_empty() {
        let none = format!("no external access analyzer is active in {}", at.name());
        return Ok(vec![Verdict::not_applicable(none).on(at.resource())]);
    }
    let days = *at.setting(REVIEW_DAYS);
    let before = DateTime::from_secs(at.now().secs() - days * 86_400);
    Ok(each(external, async |analyzer| {
        let asked = at.access_analyzer();
        let (findings, rules) = join!(asked.open_findings(analyzer, before), asked.archive_rules(analyzer));
        judge(&analyzer.name, days, findings, rules, at.setting(MEANT_RULES)).on(analyzer.resource())
    })
    .await)
}

fn judge(
    name: &str,
    days: i64,
    findings: Answer<OpenFindings>,
    rules: Answer<Vec<ArchiveRule>>,
    meant: &Patterns,
) -> Verdict {
    let mut reasons = Reasons::new();
    let mut open = 0;
    if let Some(findings) = reasons.add(findings) {
        open = findings.read;
        super::overdue(name, days, &findings, &mut reasons);
    }
    for rule in reasons.add(rules).iter().flat_map(|rules| rules.iter()) {
        let rule_name = &rule.rule_name;
        match rule.hides_public() {
            Some(true) if !meant.matches(rule_name) => reasons.broken(
                "public_findings_hidden",
                format!("archive rule {rule_name} of analyzer {name} hides findings of public access"),
            ),
            None if !meant.matches(rule_name) => reasons.doubt(format!(
                "whether archive rule {rule_name} of analyzer {name} hides findings of public access cannot be told"
            )),
            _ => {}
        }
    }
    reasons.or_pass(|| {
        let open = counted(open, "active finding");
        format!("analyzer {name} has {open}, none older than {}, and no rule hides public access", super::span(days))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accessanalyzer::tests::{gap, seen};

    fn rules(filter: serde_json::Value) -> Answer<Vec<ArchiveRule>> {
        Ok(Arc::new(vec![serde_json::from_value(json!({ "ruleName": "website", "filter": filter })).unwrap()]))
    }

    fn of(findings: Answer<OpenFindings>, rules: Answer<Vec<ArchiveRule>>, meant: &[&str]) -> Verdict {
        judge("a", 30, findings, rules, &Patterns::parse(meant).unwrap())
    }

    #[test]
    fn findings_are_reviewed_in_time() {
        let none = || Ok(Arc::new(vec![]));
        assert_eq!(of(seen(0, 3, true), none(), &[]).status, Status::Pass);
        assert_eq!(of(seen(1, 3, true), none(), &[]).reasons, ["finding_open"]);
        assert_eq!(of(seen(0, 5000, false), none(), &[]).status, Status::Unknown, "the rest was not read");
        assert_eq!(of(Err(gap("access-analyzer:ListFindingsV2")), none(), &[]).status, Status::Unknown);
        let verdict = of(seen(2, 100, false), none(), &[]);
        assert!(verdict.message.contains("at least 2"), "{}", verdict.message);
    }

    #[test]
    fn no_rule_hides_public_access() {
        let public = || rules(json!({ "isPublic": { "eq": ["true"] } }));
        assert_eq!(of(seen(0, 0, true), public(), &[]).reasons, ["public_findings_hidden"]);
        assert_eq!(of(seen(0, 0, true), public(), &["website"]).status, Status::Pass, "it is meant");
        let partner = rules(json!({ "principal.AWS": { "eq": ["444455556666"] } }));
        assert_eq!(of(seen(0, 0, true), partner, &[]).status, Status::Pass);
        let new = || rules(json!({ "somethingNew": { "eq": ["x"] } }));
        assert_eq!(of(seen(0, 0, true), new(), &[]).status, Status::Unknown);
        assert_eq!(of(seen(0, 0, true), new(), &["web*"]).status, Status::Pass);
        let denied = of(seen(0, 0, true), Err(gap("access-analyzer:ListArchiveRules")), &[]);
        assert_eq!(denied.status, Status::Unknown);
        let both = of(seen(1, 1, true), public(), &[]);
        assert_eq!(both.reasons, ["finding_open", "public_findings_hidden"]);
    }
}
