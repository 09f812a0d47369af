//! Do sessions of people end the same day, those of administrators sooner? Of Identity Center, and of the roles of this account that people
//! may assume.

use super::durations::{Limits, judge};
use super::power::{Held, Power};
use super::roles::roles;
use super::{Center, center};
use crate::prelude::*;
use posture_estate::services::sso_admin::last_part;
use posture_estate::services::sso_admin::{PermissionSet, duration_seconds};

/// Hours that a session of an administrator may last.
const PRIVILEGED_HOURS: Setting<i64> = setting!(session_duration_limited.privileged_hours);

/// Hours that any other may last.
const OTHER_HOURS: Setting<i64> = setting!(session_duration_limited.other_hours);

pub async fn probe(at: &Account) -> Outcome {
    let seconds = |hours: &i64| u64::try_from(*hours).unwrap_or_default() * 3_600;
    let limits = Limits { privileged: seconds(at.setting(PRIVILEGED_HOURS)), other: seconds(at.setting(OTHER_HOURS)) };
    let (sets, roles) = join!(permission_sets(at, limits), roles(at, limits));
    let mut findings = sets.unwrap_or_else(|gap| vec![Verdict::unseen(&gap).sub("permission-sets").on(at.resource())]);
    findings.extend(roles.unwrap_or_else(|gap| vec![Verdict::unseen(&gap).sub("roles").on(at.resource())]));
    Ok(findings)
}

async fn permission_sets(at: &Account, limits: Limits) -> Outcome {
    let absent = Verdict::not_applicable("the organization has no instance of IAM Identity Center");
    let Center { region, instance } = match center(at, absent).await? {
        Ok(center) => center,
        Err(finding) => return Ok(vec![*finding]),
    };
    let (arn, context) = (instance.instance_arn.as_str(), at.context());
    let sets = region.sso_admin().permission_sets(arn).await?;
    if sets.is_empty() {
        return Ok(vec![Verdict::not_applicable("the instance has no permission sets").on(instance.resource())]);
    }
    Ok(each(&sets, async |(set, described)| match described {
        Ok(described) => {
            let seconds = described.session_duration.as_deref().and_then(duration_seconds);
            // What is within both limits, or beyond both, needs no word on what it is for.
            let between = seconds.is_some_and(|seconds| seconds > limits.privileged && seconds <= limits.other);
            let held = if between { Some(Held::ask(at, &region, arn, set).await) } else { None };
            judge_set(described, held.map(|held| held.power(&context)), limits).on(described.resource())
        }
        Err(gap) => {
            let id = last_part(set);
            Verdict::unseen(gap).on(Resource::new(set, "AWS::SSO::PermissionSet", id))
        }
    })
    .await)
}

/// `power`: what it makes of people, where that decides.
fn judge_set(set: &PermissionSet, power: Option<Power>, limits: Limits) -> Verdict {
    let label = format!("permission set {}", set.name);
    let Some(text) = &set.session_duration else {
        return Verdict::undecided(format!("how long sessions of {label} last is not said"));
    };
    let Some(seconds) = duration_seconds(text) else {
        return Verdict::undecided(format!("how long sessions of {label} last cannot be read: {text}"));
    };
    judge(&label, seconds, limits, power)
}

#[cfg(test)]
mod tests {
    use super::super::durations::told;
    use super::super::roles::judge_role;
    use super::*;
    use aws_sdk_iam::types::Role;
    use posture_estate::finding::GapKind;
    use posture_estate::identities::fixtures::{allowing, role as detail};
    use posture_estate::services::iam::AuthorizationDetails;

    const LIMITS: Limits = Limits { privileged: 4 * 3_600, other: 12 * 3_600 };

    fn set(duration: Option<&str>, power: Option<Power>) -> Status {
        let session_duration = duration.map(str::to_owned);
        let set = PermissionSet { name: "Dev".into(), permission_set_arn: "arn".into(), session_duration };
        judge_set(&set, power, LIMITS).status
    }

    #[test]
    fn administrators_have_the_shorter_limit() {
        let admin = || Some(Power::Administrator("it has *".into()));
        assert_eq!(set(Some("PT4H"), None), Status::Pass);
        assert_eq!(set(Some("PT4H1M"), admin()), Status::Fail);
        assert_eq!(set(Some("PT8H"), Some(Power::Less)), Status::Pass);
        assert_eq!(set(Some("PT12H"), Some(Power::Less)), Status::Pass);
        assert_eq!(set(Some("PT12H1M"), None), Status::Fail);
        assert_eq!(set(Some("PT8H"), Some(Power::Unknown(Reasons::new()))), Status::Unknown);
    }

    #[test]
    fn a_duration_that_is_not_there_or_cannot_be_read_is_unknown() {
        for duration in [None, Some("3600"), Some("P1M")] {
            assert_eq!(set(duration, None), Status::Unknown, "{duration:?}");
        }
    }

    fn role(seconds: Option<i32>) -> Role {
        Role::builder()
            .path("/")
            .role_name("admin")
            .role_id("AROAEXAMPLE")
            .arn("arn:aws:iam::111122223333:role/admin")
            .create_date(DateTime::from_secs(0))
            .set_max_session_duration(seconds)
            .build()
            .unwrap()
    }

    fn judged(hours: i32, policy: &str) -> Status {
        let details = AuthorizationDetails { roles: vec![detail("admin", policy)], ..Default::default() };
        judge_role(&role(Some(hours * 3_600)), Some(&Ok(Arc::new(details))), LIMITS).status
    }

    #[test]
    fn roles_have_the_same_limits() {
        assert_eq!(judged(4, &allowing("*", "*")), Status::Pass);
        assert_eq!(judged(8, &allowing("*", "*")), Status::Fail);
        assert_eq!(judged(8, &allowing("iam:*", "*")), Status::Fail);
        assert_eq!(judged(8, &allowing("s3:*", "*")), Status::Pass);
        assert_eq!(judged(8, "{"), Status::Unknown);
        assert_eq!(judge_role(&role(None), None, LIMITS).status, Status::Unknown);
        let gap = Gap::new("1", "global", "iam:GetAccountAuthorizationDetails", GapKind::Denied, "no");
        assert_eq!(judge_role(&role(Some(8 * 3_600)), Some(&Err(gap)), LIMITS).status, Status::Unknown);
        let none = AuthorizationDetails::default();
        assert_eq!(judge_role(&role(Some(8 * 3_600)), Some(&Ok(Arc::new(none))), LIMITS).status, Status::Unknown);
    }

    #[test]
    fn durations_are_told_in_hours_where_they_are_whole() {
        let all = [told(28_800), told(3_600), told(5_400), told(5_401)];
        assert_eq!(all, ["8 hours", "1 hour", "90 minutes", "5401 seconds"]);
    }
}
