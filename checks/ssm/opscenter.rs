//! Where Incident Manager is not in use, OpsCenter may show that what happens is followed up.

use crate::prelude::*;
use posture_estate::services::ssm::operations::Latest;

/// What is to be said without Incident Manager.
pub(super) async fn elsewhere(at: &Account, limit: i64) -> Verdict {
    let ask = at.regions().iter().map(async |name| at.region(name).ssm().last_resolved_item().await);
    judge_elsewhere(join_all(ask).await, limit, *at.now())
}

fn judge_elsewhere(latest: Vec<Answer<Latest>>, limit: i64, now: DateTime) -> Verdict {
    let ago = |answer: &Answer<Latest>| match answer.as_deref() {
        Ok(Latest::At(when)) => Some(days(when, &now)),
        _ => None,
    };
    if let Some(ago) = latest.iter().filter_map(ago).min().filter(|ago| *ago <= limit) {
        return Verdict::pass(format!(
            "no region of the scan uses Incident Manager, and an OpsItem of OpsCenter was resolved {ago} days ago"
        ));
    }
    if let Some(gap) = latest.iter().find_map(|answer| answer.as_ref().err()) {
        return Verdict::unseen(gap);
    }
    if latest.iter().flatten().any(|latest| **latest == Latest::Unread) {
        return Verdict::undecided("no region of the scan uses Incident Manager, and not all OpsItems were read");
    }
    Verdict::not_applicable(format!(
        "no region of the scan uses Incident Manager, which AWS has closed to new customers, and no OpsItem was resolved within {limit} days"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn now() -> DateTime {
        DateTime::from_secs(1_800_000_000)
    }

    fn gap() -> Gap {
        Gap::new("1", "eu-west-1", "ssm:DescribeOpsItems", GapKind::Denied, "no")
    }

    #[test]
    fn nobody_fails_for_want_of_a_service_that_is_closing() {
        // semantics 165
        let at = |days: i64| -> Answer<Latest> {
            Ok(Arc::new(Latest::At(DateTime::from_secs(now().secs() - days * 86_400))))
        };
        assert_eq!(judge_elsewhere(vec![Ok(Arc::new(Latest::Never)), at(10)], 365, now()).status, Status::Pass);
        for latest in [Ok(Arc::new(Latest::Never)), at(400)] {
            assert_eq!(judge_elsewhere(vec![latest], 365, now()).status, Status::NotApplicable);
        }
        for latest in [Ok(Arc::new(Latest::Unread)), Err(gap())] {
            assert_eq!(judge_elsewhere(vec![latest], 365, now()).status, Status::Unknown);
        }
    }
}
