//! Does something look for sensitive data in each Region that has buckets: Macie, or what the organization uses in its place?

use super::session::{Buckets, Session};
use crate::prelude::*;
use posture_estate::text::counted;

/// What classifies the data in place of Macie.
const OTHER_CLASSIFIERS: Setting<[String]> = setting!(enabled.other_classifiers);

pub async fn probe(at: &Region) -> Outcome {
    let buckets = Buckets::of(at).await?;
    if let Some(none) = buckets.nothing(at.name()).filter(|verdict| verdict.status == Status::NotApplicable) {
        return Ok(vec![none.on(at.resource())]);
    }
    let session = at.macie2().session().await.map(|session| Session::of(at.name(), session.as_ref().as_ref()));
    Ok(vec![judge(at.name(), buckets, session, at.setting(OTHER_CLASSIFIERS)).on(at.resource())])
}

fn judge(region: &str, buckets: Buckets, session: Result<Session, Gap>, others: &[String]) -> Verdict {
    let count = counted(buckets.here, "bucket");
    let there = format!("{count} in {region}");
    let verdict = match session {
        Ok(Session::On) => return Verdict::pass(format!("Macie watches {there}")),
        Ok(Session::Off(slug, why)) => {
            buckets.nothing(region).unwrap_or_else(|| Verdict::fail(slug, format!("{why}, which has {count}")))
        }
        Ok(Session::Untold(why)) => Verdict::undecided(why),
        Err(gap) => Verdict::unseen(&gap),
    };
    match others {
        [] => verdict,
        named => Verdict::pass(format!("{there} are classified by {}, as the settings attest", named.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn of(session: Result<Session, Gap>, others: &[&str]) -> Verdict {
        let others: Vec<String> = others.iter().map(|&one| one.to_owned()).collect();
        judge("eu-west-1", Buckets { here: 3, lost: 1 }, session, &others)
    }

    fn off() -> Result<Session, Gap> {
        Ok(Session::Off("not_enabled", "Macie is not on in eu-west-1".into()))
    }

    #[test]
    fn on_off_and_denied_are_three_things() {
        // semantics 37
        assert_eq!(of(Ok(Session::On), &[]).status, Status::Pass);
        assert_eq!(of(off(), &[]).reasons, ["not_enabled"]);
        assert_eq!(of(Ok(Session::Off("paused", "paused".into())), &[]).reasons, ["paused"]);
        assert_eq!(of(Ok(Session::Untold("new".into())), &[]).status, Status::Unknown);
        let by = "explicit deny in a service control policy";
        let denied = Gap::new("111122223333", "eu-west-1", "macie2:GetMacieSession", GapKind::Denied, by);
        assert_eq!(of(Err(denied), &[]).status, Status::Unknown);
    }

    #[test]
    fn another_classifier_is_attested() {
        let verdict = of(off(), &["BigID"]);
        assert_eq!(verdict.status, Status::Pass);
        assert!(verdict.message.contains("BigID") && verdict.message.contains("attest"), "{}", verdict.message);
        assert!(of(Ok(Session::On), &["BigID"]).message.starts_with("Macie"), "what was seen counts first");
    }

    #[test]
    fn off_is_no_failure_where_no_bucket_is_known_to_be() {
        let of = |session| judge("eu-west-1", Buckets { here: 0, lost: 1 }, session, &[]).status;
        assert_eq!(of(off()), Status::Unknown);
        assert_eq!(of(Ok(Session::On)), Status::Pass);
    }
}
