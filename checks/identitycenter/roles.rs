//! Sessions of the roles of this account that people may assume.

use super::durations::{Limits, judge};
use super::power::{Power, administers};
use crate::prelude::*;
use aws_sdk_iam::types::Role;
use posture_estate::services::iam::AuthorizationDetails;
use posture_estate::services::iam::federation::{is_for_people, trust_of};
use posture_policy::Decision;

/// The roles of this account that people may assume.
pub(super) async fn roles(at: &Account, limits: Limits) -> Outcome {
    let (roles, now) = (at.iam().roles().await?, at.now().secs());
    let (mut people, mut findings) = (Vec::new(), Vec::new());
    for role in roles.iter() {
        match trust_of(role, now) {
            Ok(trust) if is_for_people(role, &trust) => people.push(role),
            Ok(_) => {}
            Err(why) => findings.push(Verdict::undecided(why).on(resource(role))),
        }
    }
    let between = people.iter().any(|role| {
        let seconds = seconds_of(role);
        seconds.is_some_and(|seconds| seconds > limits.privileged && seconds <= limits.other)
    });
    let details = if between { Some(at.iam().authorization_details().await) } else { None };
    findings.extend(people.into_iter().map(|role| judge_role(role, details.as_ref(), limits).on(resource(role))));
    Ok(findings)
}

fn resource(role: &Role) -> Resource {
    Resource::new(&role.arn, "AWS::IAM::Role", &role.role_name).name(&role.role_name)
}

fn seconds_of(role: &Role) -> Option<u64> {
    role.max_session_duration.and_then(|seconds| u64::try_from(seconds).ok())
}

pub(super) fn judge_role(role: &Role, details: Option<&Answer<AuthorizationDetails>>, limits: Limits) -> Verdict {
    let label = format!("role {}", role.role_name);
    let Some(seconds) = seconds_of(role) else {
        return Verdict::undecided(format!("how long sessions of {label} last is not said"));
    };
    judge(&label, seconds, limits, details.map(|details| power_of(role, details)))
}

fn power_of(role: &Role, details: &Answer<AuthorizationDetails>) -> Power {
    let mut open = Reasons::new();
    match details {
        Err(gap) => open.unseen(gap),
        Ok(details) => {
            let found = details.roles.iter().find(|one| one.arn() == Some(role.arn.as_str()));
            let identity = found.ok_or_else(|| "it is not among the authorization details".to_owned());
            match identity.and_then(|found| details.identity_of_role(found)).map(|identity| administers(&identity)) {
                Ok(Decision::Yes(why)) => return Power::Administrator(why),
                Ok(Decision::No(_)) => return Power::Less,
                Ok(Decision::CannotTell(why)) | Err(why) => open.doubt(why),
            }
        }
    }
    Power::Unknown(open)
}
