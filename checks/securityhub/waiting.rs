//! Which critical findings nobody has taken up for too long.

use crate::prelude::*;
use posture_estate::services::securityhub::findings::{CriticalFinding, CriticalPage};
use posture_estate::text::counted;

/// Those that wait too long. They come oldest first, so that what was not read is younger than what was.
pub(super) fn waiting<'a>(
    region: &str,
    page: &'a CriticalPage,
    limit: i64,
    now: &DateTime,
    reasons: &mut Reasons,
) -> Vec<&'a CriticalFinding> {
    let ages: Vec<Option<i64>> = page.findings.iter().map(|one| one.created().map(|then| days(&then, now))).collect();
    let late: Vec<&CriticalFinding> = page
        .findings
        .iter()
        .zip(&ages)
        .filter(|(_, age)| age.is_some_and(|age| age > limit))
        .map(|(one, _)| one)
        .collect();
    if let Some(oldest) = ages.iter().flatten().max().filter(|_| !late.is_empty()) {
        reasons.broken(
            "critical_not_worked",
            format!(
                "nobody took up {}{} in {region} for over {limit} days; the oldest waits for {oldest} days",
                least(page),
                counted(late.len(), "critical finding")
            ),
        );
    }
    if ages.contains(&None) {
        reasons.doubt(format!("a critical finding in {region} does not say when it came up"));
    }
    if page.has_more() && page.findings.is_empty() {
        reasons.doubt(format!("the critical findings in {region} were not read to their end"));
    }
    late
}

pub(super) fn least(page: &CriticalPage) -> &'static str {
    if page.has_more() { "at least " } else { "" }
}
