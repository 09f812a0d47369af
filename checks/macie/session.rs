//! Whether Macie has something to look at in a Region, and is on there.

use crate::prelude::*;
use posture_estate::services::macie2::MacieSession;

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
            Some(status) => Session::Untold(format!("Macie in {region} has the status {}", status.unwrap_or("missing"))),
        }
    }
}

/// How many buckets the Region has, counting those whose Region is not told.
pub(super) async fn buckets(at: &Region) -> Result<usize, Gap> {
    let all = at.account().s3().buckets().await?;
    Ok(all.iter().filter(|bucket| bucket.region().is_none_or(|region| region == at.name())).count())
}

/// The verdict of a check on what Macie does where there is nothing to do it with.
pub(super) async fn idle(at: &Region) -> Result<Option<Verdict>, Gap> {
    if buckets(at).await? == 0 {
        return Ok(Some(nothing(at.name())));
    }
    let session = at.macie2().session().await?;
    Ok(match Session::of(at.name(), session.as_ref().as_ref()) {
        Session::On => None,
        Session::Off(_, why) => Some(Verdict::not_applicable(why)),
        Session::Untold(why) => Some(Verdict::undecided(why)),
    })
}

pub(super) fn nothing(region: &str) -> Verdict {
    Verdict::not_applicable(format!("no bucket is in {region}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_off_paused_and_untold_are_four_things() {
        // semantics 37
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
}
