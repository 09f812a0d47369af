//! Whether GuardDuty is on in a Region, and which of its protections are.

use crate::prelude::*;
use posture_estate::services::guardduty::Detector;

/// What a Region shows of GuardDuty.
pub(super) enum Guard {
    On(String, Arc<Detector>),
    /// The slug and the words for why it is not.
    Off(&'static str, String),
    Untold(String),
}

impl Guard {
    pub(super) async fn look(at: &Region) -> Result<Guard, Gap> {
        let found = at.guardduty().detector_and_settings().await?;
        Ok(Guard::of(at.name(), found))
    }

    fn of(region: &str, found: Option<(String, Arc<Detector>)>) -> Guard {
        let Some((id, detector)) = found else {
            return Guard::Off("no_detector", format!("{region} has no GuardDuty detector"));
        };
        match detector.status.as_str() {
            "ENABLED" => Guard::On(id, detector),
            "DISABLED" => Guard::Off("detector_suspended", format!("detector {id} in {region} is suspended")),
            other => Guard::Untold(format!("detector {id} in {region} has the status {other}")),
        }
    }

    /// The verdict of a check on findings and filters where GuardDuty is not at work.
    pub(super) fn idle(self) -> Result<(String, Arc<Detector>), Verdict> {
        match self {
            Guard::On(id, detector) => Ok((id, detector)),
            Guard::Off(_, why) => Err(Verdict::not_applicable(why)),
            Guard::Untold(why) => Err(Verdict::undecided(why)),
        }
    }
}

/// The detector as the resource of a finding.
pub(super) fn resource(at: &Region, id: &str) -> Resource {
    Resource::new(at.arn("guardduty", &format!("detector/{id}")), "AWS::GuardDuty::Detector", id)
}

/// The condition that a feature, or an agent of one, is on; those in `meant` may be off. Says whether it is on.
pub(super) fn on(
    slug: &'static str,
    (what, name): (&str, &str),
    status: Option<&str>,
    meant: &[String],
    reasons: &mut Reasons,
) -> bool {
    let decided = meant.iter().any(|one| one == name);
    match status {
        Some("ENABLED") => return true,
        _ if decided => {}
        Some("DISABLED") => reasons.broken_at(slug, name, format!("{what} ({name}) is off")),
        Some(other) => reasons.doubt(format!("{what} ({name}) has the status {other}")),
        None => reasons.doubt(format!("GuardDuty does not tell here whether {what} ({name}) is on")),
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suspended_detector_is_not_on() {
        let of = |status: &str| {
            let detector = Detector { status: status.into(), ..Detector::default() };
            Guard::of("eu-west-1", Some(("d".to_owned(), Arc::new(detector))))
        };
        assert!(matches!(of("ENABLED"), Guard::On(..)));
        assert!(matches!(of("DISABLED"), Guard::Off("detector_suspended", _)));
        assert!(matches!(of("SOMETHING_NEW"), Guard::Untold(_)));
        assert!(matches!(Guard::of("eu-west-1", None), Guard::Off("no_detector", _)));
        let idle = |guard: Guard| guard.idle().err().map(|verdict| verdict.status);
        assert_eq!(idle(of("ENABLED")), None);
        assert_eq!(idle(of("DISABLED")), Some(Status::NotApplicable));
        assert_eq!(idle(of("SOMETHING_NEW")), Some(Status::Unknown));
    }

    #[test]
    fn a_protection_is_on_or_off_or_off_on_purpose() {
        let of = |status: Option<&str>, meant: &[&str]| {
            let meant: Vec<String> = meant.iter().map(|&one| one.to_owned()).collect();
            let mut reasons = Reasons::new();
            on("feature_off", ("Lambda protection", "LAMBDA_NETWORK_LOGS"), status, &meant, &mut reasons);
            reasons.or_pass(|| "fine".into()).status
        };
        assert_eq!(of(Some("ENABLED"), &[]), Status::Pass);
        assert_eq!(of(Some("DISABLED"), &[]), Status::Fail);
        assert_eq!(of(Some("DISABLED"), &["LAMBDA_NETWORK_LOGS"]), Status::Pass);
        assert_eq!(of(Some("DISABLED"), &["EKS_AUDIT_LOGS"]), Status::Fail);
        assert_eq!(of(Some("SOMETHING_NEW"), &[]), Status::Unknown);
        assert_eq!(of(None, &[]), Status::Unknown);
        assert_eq!(of(None, &["LAMBDA_NETWORK_LOGS"]), Status::Pass);
    }
}
