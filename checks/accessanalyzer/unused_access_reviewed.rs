//! Does an analyzer look for access that nobody uses, and is what it finds taken away within the review window? IAM is the same in every
//! Region, so one analyzer in one of them is enough.

use super::unused_analyzers::UnusedAnalyzers;
use super::zone::Zone;
use crate::prelude::*;
use posture_estate::services::access_analyzer::OpenFindings;
use posture_estate::text::counted;

/// Days in which findings are reviewed.
const REVIEW_DAYS: Setting<i64> = setting!(unused_access_reviewed.review_days);
/// The most days without use after which access counts as unused.
const MAX_AGE_DAYS: Setting<i64> = setting!(unused_access_reviewed.max_age_days);

pub async fn probe(at: &Account) -> Outcome {
    let seen = UnusedAnalyzers::of(at, *at.setting(MAX_AGE_DAYS)).await;
    if seen.fitting.is_empty() {
        return Ok(vec![seen.none_fits(&Zone::of(at).await).on(at.resource())]);
    }
    let days = *at.setting(REVIEW_DAYS);
    let before = DateTime::from_secs(at.now().secs() - days * 86_400);
    let findings = seen.fitting.iter().map(async |(region, analyzer)| {
        let label = format!("{} in {}", analyzer.name, region.name());
        (label, region.access_analyzer().open_findings(analyzer, before).await)
    });
    Ok(vec![judge(days, join_all(findings).await).on(at.resource())])
}

fn judge(days: i64, analyzers: Vec<(String, Answer<OpenFindings>)>) -> Verdict {
    let mut reasons = Reasons::new();
    let mut seen = Vec::new();
    for (label, findings) in analyzers {
        let Some(findings) = reasons.add(findings) else { continue };
        super::overdue(&label, days, &findings, &mut reasons);
        seen.push(format!("{label} ({})", counted(findings.read, "active finding")));
    }
    let shown = seen.join(", ");
    reasons
        .or_pass(|| format!("no finding on unused access is older than {} at analyzer {shown}", super::span(days)))
        .evidence(json!({ "analyzers": seen }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accessanalyzer::tests::{gap, seen};

    #[test]
    fn what_is_found_is_taken_away_in_time() {
        let of = |findings| judge(30, vec![("unused in eu-west-1".into(), findings)]);
        assert_eq!(of(seen(0, 2, true)).status, Status::Pass);
        assert_eq!(of(seen(1, 2, true)).reasons, ["finding_open"]);
        assert_eq!(of(seen(0, 5000, false)).status, Status::Unknown);
        assert_eq!(of(Err(gap("access-analyzer:ListFindingsV2"))).status, Status::Unknown);
        let two = vec![("a".to_owned(), seen(0, 0, true)), ("b".to_owned(), seen(1, 1, true))];
        assert_eq!(judge(30, two).status, Status::Fail);
    }
}
