//! Does Macie really look, by itself or by a job that runs again and again, and for the data types that only the owner knows?

use super::looks::Looks;
use super::session::idle;
use crate::prelude::*;
use posture_estate::services::macie2::CustomIdentifier;
use posture_estate::text::counted;

/// Days in which a job ran.
const MAX_AGE_DAYS: Setting<i64> = setting!(discovery_active.max_age_days);
/// Custom data identifiers that are needed.
const LEAST_IDENTIFIERS: Setting<i64> = setting!(discovery_active.least_identifiers);

pub async fn probe(at: &Region) -> Outcome {
    if let Some(verdict) = idle(at).await? {
        return Ok(vec![verdict.on(at.resource())]);
    }
    let least = *at.setting(LEAST_IDENTIFIERS);
    let identifiers = async { if least == 0 { Ok(Arc::default()) } else { at.macie2().custom_identifiers().await } };
    let (looks, identifiers) = join!(Looks::of(at), identifiers);
    let mut lacking = Reasons::new();
    let how = looks.seen(at.name(), *at.setting(MAX_AGE_DAYS), at.now(), &mut lacking);
    let types = own_types(at.name(), least, identifiers, &mut lacking);
    // A member's jobs and identifiers are its administrator's, and show only there.
    let by = if lacking.is_empty() { Ok(None) } else { at.macie2().macie_administered_by().await };
    Ok(vec![judge(&how, &types, lacking, by).on(at.resource())])
}

/// The condition that own data types are known; gives what is.
fn own_types(region: &str, least: i64, told: Answer<Vec<CustomIdentifier>>, reasons: &mut Reasons) -> String {
    if least == 0 {
        return "no data types of one's own are needed".to_owned();
    }
    let Some(all) = reasons.add(told) else { return String::new() };
    let count = all.len();
    if i64::try_from(count).is_ok_and(|count| count < least) {
        reasons.broken(
            "own_types_unknown",
            format!(
                "{region} has {} for data types of one's own, and needs at least {least}",
                counted(count, "custom data identifier")
            ),
        );
    }
    counted(count, "custom data identifier")
}

fn judge(how: &str, types: &str, lacking: Reasons, administered_by: Result<Option<String>, Gap>) -> Verdict {
    let verdict = lacking.or_pass(|| format!("{how}, {types}"));
    match administered_by {
        Ok(None) => verdict,
        Ok(Some(by)) if verdict.status == Status::Fail => {
            let message = format!(
                "{}; account {by} administers Macie of this one, and what it set up shows only there",
                verdict.message
            );
            Verdict { message, ..verdict }.in_doubt()
        }
        Ok(Some(_)) => verdict,
        Err(gap) if verdict.status == Status::Fail => Verdict::unseen(&gap),
        Err(_) => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "macie2:GetAutomatedDiscoveryConfiguration", GapKind::Denied, "no")
    }

    #[test]
    fn own_data_types_are_known() {
        let of = |least, count| {
            let mut reasons = Reasons::new();
            let seen =
                own_types("eu-west-1", least, Ok(Arc::new(vec![CustomIdentifier::default(); count])), &mut reasons);
            reasons.or_pass(|| seen)
        };
        assert_eq!(of(1, 1).status, Status::Pass);
        assert_eq!(of(1, 0).reasons, ["own_types_unknown"]);
        assert_eq!(of(2, 1).reasons, ["own_types_unknown"]);
        assert_eq!(of(0, 0).status, Status::Pass);
        let mut reasons = Reasons::new();
        own_types("eu-west-1", 1, Err(gap()), &mut reasons);
        assert_eq!(reasons.open().status, Status::Unknown);
    }

    #[test]
    fn a_member_does_not_see_what_its_administrator_set_up() {
        let lacking = || {
            let mut reasons = Reasons::new();
            reasons.broken("nothing_looks", "automated discovery is off");
            reasons
        };
        assert_eq!(judge("", "", lacking(), Ok(None)).reasons, ["nothing_looks"]);
        let member = judge("", "", lacking(), Ok(Some("444455556666".into())));
        assert_eq!((member.status, member.reasons.len()), (Status::Unknown, 0));
        assert!(member.message.contains("444455556666"));
        assert_eq!(judge("", "", lacking(), Err(gap())).status, Status::Unknown);
    }
}
