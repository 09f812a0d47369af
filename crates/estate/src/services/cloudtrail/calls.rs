//! Whether the calls of a Region come to EventBridge: by way of a trail that is on and selects management events.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>

use super::CloudTrail;
use crate::finding::Gap;
use crate::place::Account;
use futures_util::future::join_all;

impl CloudTrail<'_, Account> {
    /// Whether a trail brings EventBridge the calls of a Region.
    ///
    /// Calls: `cloudtrail:DescribeTrails`, and of each trail that works there `cloudtrail:GetTrailStatus` and `cloudtrail:GetEventSelectors`.
    ///
    /// # Errors
    /// What was not seen, where none of those that were does.
    pub async fn brings_calls(self, region: &str) -> Result<bool, Gap> {
        let trails = self.trails().await?;
        let hidden = trails.gaps.iter().filter(|gap| gap.region() == region).cloned().map(Err);
        let here = trails.seen.iter().filter(|trail| trail.works_in(region));
        let asked = join_all(here.map(async |trail| {
            let (status, selectors) = tokio::join!(self.trail_status(trail), self.event_selectors(trail));
            Ok(status?.is_logging() == Some(true) && selectors?.management())
        }));
        any(asked.await.into_iter().chain(hidden))
    }
}

/// Whether one is so; what was not seen matters only where none is.
fn any(answers: impl Iterator<Item = Result<bool, Gap>>) -> Result<bool, Gap> {
    let mut unseen = None;
    for answer in answers {
        match answer {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(gap) => unseen = unseen.or(Some(gap)),
        }
    }
    unseen.map_or(Ok(false), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::GapKind;

    #[test]
    fn one_trail_suffices_and_one_that_was_not_seen_may_be_it() {
        let gap = || Gap::new("111122223333", "eu-west-1", "cloudtrail:GetTrailStatus", GapKind::Denied, "no");
        assert_eq!(any([Ok(false), Err(gap()), Ok(true)].into_iter()), Ok(true));
        assert_eq!(any([Ok(false)].into_iter()), Ok(false));
        assert_eq!(any([].into_iter()), Ok(false), "no trail, no calls");
        assert_eq!(any([Ok(false), Err(gap())].into_iter()), Err(gap()));
    }
}
