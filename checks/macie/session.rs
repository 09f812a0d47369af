//! Whether Macie has something to look at in a Region, and is on there.

use crate::prelude::*;
use posture_estate::services::macie2::MacieSession;
use posture_estate::text::counted;

/// Macie in a Region.
#[derive(Debug)]
pub(super) enum Session {
    On,
    /// The slug and the words for why it is not.
    Off(&'static str, String),
    Untold(String),
}

impl Session {
    pub(super) fn of(region: &str, session: Option<&MacieSession>) -> Session {
        match session.map(|session| session.status.as_deref()) {
            None => Session::Off("not_enabled", format!("Macie is not on in {region}")),
            Some(Some("ENABLED")) => Session::On,
            Some(Some("PAUSED")) => Session::Off("paused", format!("Macie is paused in {region}")),
            Some(status) => {
                Session::Untold(format!("Macie in {region} has the status {}", status.unwrap_or("missing")))
            }
        }
    }
}

/// How many buckets a Region has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Buckets {
    pub here: usize,
    /// Those whose Region is not told, so that they may be here.
    pub lost: usize,
}

impl Buckets {
    pub(super) async fn of(at: &Region) -> Result<Buckets, Gap> {
        let all = at.account().s3().buckets().await?;
        let count = |region: Option<&str>| all.iter().filter(|bucket| bucket.region() == region).count();
        Ok(Buckets { here: count(Some(at.name())), lost: count(None) })
    }

    /// The verdict where there is nothing that Macie could look at, as far as that is told.
    pub(super) fn nothing(self, region: &str) -> Option<Verdict> {
        match self {
            Buckets { here: 1.., .. } => None,
            Buckets { lost: 0, .. } => Some(Verdict::not_applicable(format!("no bucket is in {region}"))),
            Buckets { lost, .. } => Some(Verdict::undecided(format!(
                "no bucket is known to be in {region}, and the Region of {} is not told",
                counted(lost, "bucket")
            ))),
        }
    }
}

/// The verdict of a check on what Macie does where there is nothing to do it with.
pub(super) async fn idle(at: &Region) -> Result<Option<Verdict>, Gap> {
    let nothing = Buckets::of(at).await?.nothing(at.name());
    if nothing.as_ref().is_some_and(|verdict| verdict.status == Status::NotApplicable) {
        return Ok(nothing);
    }
    let session = at.macie2().session().await?;
    Ok(match Session::of(at.name(), session.as_ref().as_ref()) {
        Session::On => nothing,
        Session::Off(_, why) => Some(Verdict::not_applicable(why)),
        Session::Untold(why) => Some(Verdict::undecided(why)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_off_paused_and_untold_are_four_things() {
        // semantics 37, 161
        let of = |status: Option<Option<&str>>| {
            let session = status.map(|status| MacieSession { status: status.map(str::to_owned) });
            Session::of("eu-west-1", session.as_ref())
        };
        assert!(matches!(of(Some(Some("ENABLED"))), Session::On));
        assert!(matches!(of(Some(Some("PAUSED"))), Session::Off("paused", _)));
        assert!(matches!(of(None), Session::Off("not_enabled", _)));
        assert!(matches!(of(Some(Some("SOMETHING_NEW"))), Session::Untold(_)));
        assert!(matches!(of(Some(None)), Session::Untold(_)));
    }

    #[test]
    fn a_bucket_whose_region_is_not_told_is_no_bucket_of_the_region() {
        // semantics 162
        let of = |here, lost| Buckets { here, lost }.nothing("eu-west-1").map(|verdict| verdict.status);
        assert_eq!(of(1, 0), None);
        assert_eq!(of(1, 1), None);
        assert_eq!(of(0, 0), Some(Status::NotApplicable));
        assert_eq!(of(0, 1), Some(Status::Unknown));
    }
}
