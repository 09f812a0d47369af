//! At least one Network Access Analyzer scope was analysed lately and found no path that should not be. The latest
//! finished run of a scope counts; a scope that nobody analyses says nothing.

use crate::prelude::*;
use aws_sdk_ec2::types::{
    AnalysisStatus, FindingsFound, NetworkInsightsAccessScope, NetworkInsightsAccessScopeAnalysis,
};

/// How old the latest run may be.
const MAX_AGE_DAYS: Setting<i64> = setting!(network_access_analyzer_scopes.max_age_days);

pub async fn probe(at: &Region) -> Outcome {
    let (scopes, limit) = (at.ec2().network_access_scopes().await?, *at.setting(MAX_AGE_DAYS));
    if scopes.is_empty() {
        return Ok(vec![judge(&scopes, &[], limit, at.now()).on(at.resource())]);
    }
    let analyses = at.ec2().network_access_scope_analyses().await?;
    Ok(vec![judge(&scopes, &analyses, limit, at.now()).on(at.resource())])
}

fn judge(
    scopes: &[NetworkInsightsAccessScope],
    analyses: &[NetworkInsightsAccessScopeAnalysis],
    limit: i64,
    now: &DateTime,
) -> Verdict {
    if scopes.is_empty() {
        return Verdict::fail("no_scope", "there is no network access scope");
    }
    let mut reasons = Reasons::new();
    for scope in scopes {
        let id = scope.network_insights_access_scope_id().unwrap_or("?");
        let finished = |a: &&NetworkInsightsAccessScopeAnalysis| {
            a.network_insights_access_scope_id() == Some(id) && a.status() == Some(&AnalysisStatus::Succeeded)
        };
        let latest =
            analyses.iter().filter(finished).max_by_key(|a| a.end_date().or(a.start_date()).map(DateTime::secs));
        let Some(analysis) = latest else {
            reasons.broken("never_analysed", format!("network access scope {id} has no finished analysis"));
            continue;
        };
        let Some(ended) = analysis.end_date().or(analysis.start_date()) else {
            reasons.doubt(format!("the analysis of network access scope {id} has no date"));
            continue;
        };
        let age = days(ended, now);
        match analysis.findings_found() {
            _ if age > limit => {
                reasons
                    .broken("analysis_too_old", format!("network access scope {id} was last analysed {age} days ago"));
            }
            Some(FindingsFound::False) => {
                return Verdict::pass(format!(
                    "network access scope {id} was analysed {age} days ago and found no path"
                ));
            }
            Some(FindingsFound::True) => {
                reasons.broken("paths_found", format!("network access scope {id} found unexpected paths"))
            }
            _ => reasons.doubt(format!("network access scope {id} does not say whether it found paths")),
        }
    }
    let doubtful = |a: &NetworkInsightsAccessScopeAnalysis| {
        let dated = a.end_date().or(a.start_date()).is_none_or(|ended| days(ended, now) <= limit);
        let silent = !matches!(a.findings_found(), Some(FindingsFound::True | FindingsFound::False));
        a.status() == Some(&AnalysisStatus::Succeeded) && dated && silent
    };
    let verdict = reasons.open();
    // The one that does not say may be the one that found nothing.
    if analyses.iter().any(doubtful) { verdict.in_doubt() } else { verdict }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_780_000_000;

    fn scope(id: &str) -> NetworkInsightsAccessScope {
        NetworkInsightsAccessScope::builder().network_insights_access_scope_id(id).build()
    }

    fn run(id: &str, age: i64, found: Option<FindingsFound>) -> NetworkInsightsAccessScopeAnalysis {
        NetworkInsightsAccessScopeAnalysis::builder()
            .network_insights_access_scope_id(id)
            .status(AnalysisStatus::Succeeded)
            .end_date(DateTime::from_secs(NOW - age * 86_400))
            .set_findings_found(found)
            .build()
    }

    fn status(scopes: &[&str], runs: &[NetworkInsightsAccessScopeAnalysis]) -> Status {
        let scopes: Vec<_> = scopes.iter().map(|id| scope(id)).collect();
        judge(&scopes, runs, 90, &DateTime::from_secs(NOW)).status
    }

    #[test]
    fn a_clean_recent_run() {
        assert_eq!(status(&["a"], &[run("a", 1, Some(FindingsFound::False))]), Status::Pass);
        assert_eq!(status(&["a"], &[run("a", 90, Some(FindingsFound::False))]), Status::Pass);
        let runs = [run("a", 1, Some(FindingsFound::True)), run("b", 1, Some(FindingsFound::False))];
        assert_eq!(status(&["a", "b"], &runs), Status::Pass);
    }

    #[test]
    fn none() {
        assert_eq!(status(&[], &[]), Status::Fail);
        assert_eq!(status(&["a"], &[]), Status::Fail);
        assert_eq!(status(&["a"], &[run("a", 91, Some(FindingsFound::False))]), Status::Fail);
        assert_eq!(status(&["a"], &[run("a", 1, Some(FindingsFound::True))]), Status::Fail);
        assert_eq!(status(&["a"], &[run("b", 1, Some(FindingsFound::False))]), Status::Fail);
        let newer = [run("a", 10, Some(FindingsFound::False)), run("a", 1, Some(FindingsFound::True))];
        assert_eq!(status(&["a"], &newer), Status::Fail, "the latest run counts");
    }

    #[test]
    fn a_run_that_does_not_say() {
        assert_eq!(status(&["a"], &[run("a", 1, Some(FindingsFound::UnknownValue))]), Status::Unknown);
        assert_eq!(status(&["a"], &[run("a", 1, None)]), Status::Unknown);
        assert_eq!(status(&["a", "b"], &[run("a", 1, None)]), Status::Unknown);
    }
}
