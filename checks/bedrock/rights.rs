//! What an IAM user may do besides calling models: what a thief of its API key is a step away from.

use crate::prelude::*;
use posture_estate::identities::Holder;
use posture_estate::services::iam::AuthorizationDetails;
use posture_policy::{Decision, allows_everywhere, escalations_among, is_admin};

pub(super) fn user<'a>(details: &'a AuthorizationDetails, name: &str) -> Option<Holder<'a>> {
    details.users.iter().find(|user| user.user_name() == Some(name)).map(Holder::User)
}

/// What is broken about the rights of a key's user: it may do more than call models.
pub(super) fn rights(name: &str, details: &AuthorizationDetails, reasons: &mut Reasons) {
    let identity = match user(details, name)
        .ok_or_else(|| format!("user {name} is not in the answer"))
        .and_then(|user| user.identity(details))
    {
        Ok(identity) => identity,
        Err(why) => return reasons.doubt(format!("what user {name} may do is not known: {why}")),
    };
    match is_admin(&identity) {
        Decision::Yes(_) => return reasons.broken("user_is_administrator", format!("user {name} is an administrator")),
        Decision::CannotTell(why) => reasons.doubt(format!("user {name} may be an administrator: {why}")),
        Decision::No(_) => {}
    }
    match escalations_among(&identity, details.targets()) {
        Ok(paths) => {
            for path in paths {
                reasons
                    .broken("user_can_escalate", format!("user {name} can escalate its privileges by {}", path.way()));
            }
        }
        Err(why) => reasons.doubt(format!("whether user {name} can escalate its privileges is not known: {why}")),
    }
    let documents: Vec<_> = identity.policies.iter().map(|(_, document)| document).collect();
    let granted = allows_everywhere(&documents, "bedrock:*", &identity.context);
    let capped =
        identity.boundary.as_ref().map(|boundary| allows_everywhere(&[boundary], "bedrock:*", &identity.context));
    match capped.filter(|_| !granted.is_no()).filter(|cap| !cap.is_yes()).unwrap_or(granted) {
        Decision::Yes(_) => {
            reasons.broken("user_allowed_all_of_bedrock", format!("user {name} is allowed bedrock:* on every resource"))
        }
        Decision::CannotTell(why) => {
            reasons.doubt(format!("user {name} may be allowed bedrock:* on every resource: {why}"))
        }
        Decision::No(_) => {}
    }
}
