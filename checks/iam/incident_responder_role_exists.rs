//! One good role is enough. A candidate is told by what it may do or by its name together with what it may do; it is good when whoever
//! comes in has shown a second factor or a corporate session.

use super::responder_trust::Home;
use crate::prelude::*;
use aws_sdk_iam::types::RoleDetail;
use posture_estate::identities::Holder;
use posture_estate::services::iam::details::{AuthorizationDetails, is_service_linked, role_name};
use posture_estate::text::plain_ascii;
use posture_policy::{Decision, allows_anywhere};

/// The policy that makes a role one for responders, whatever its name.
const AUDIT: &str = "SecurityAudit";

/// Names of responders' roles, in lower case and without separators.
const ROLE_NAMES: Setting<Patterns> = setting!(incident_responder_role_exists.role_names);

/// What such a role must be able to do to keep evidence.
const KEEPING: &[&str] = &["ec2:CreateSnapshot", "ec2:CopySnapshot"];

/// The accounts that responders come from; while it is empty, any one other account counts.
const SECURITY_ACCOUNTS: Setting<[String]> = setting!(incident_responder_role_exists.security_accounts);

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    let here = Here {
        audit: at.iam().aws_policy_arn(AUDIT),
        role_names: at.setting(ROLE_NAMES),
        home: Home::of(at, at.setting(SECURITY_ACCOUNTS)),
    };
    Ok(vec![judge(&details, &here).on(at.resource())])
}

struct Here<'a> {
    /// The ARN of [`AUDIT`].
    audit: String,
    role_names: &'a Patterns,
    home: Home<'a>,
}

fn judge(details: &AuthorizationDetails, here: &Here<'_>) -> Verdict {
    let mut reasons = Reasons::new();
    let mut refused = Vec::new();
    for role in details.roles.iter().filter(|role| !is_service_linked(role)) {
        let name = role_name(role);
        let responder = is_responder(role, details, here).unwrap_or_else(|why| {
            reasons.doubt(format!("whether role {name} is one for responders is not known: {why}"));
            false
        });
        if !responder {
            continue;
        }
        match here.home.refusal(role) {
            Ok(None) => {
                return Verdict::pass(format!("role {name} is ready for incident responders"))
                    .evidence(json!({ "role": name }));
            }
            Ok(Some(why)) => refused.push(format!("role {name} {why}")),
            Err(why) => reasons.doubt(format!("who may assume role {name} is not known: {why}")),
        }
    }
    // What is broken does not outweigh what is not known here: the unknown role may be the one that is asked for.
    if !reasons.is_empty() {
        return reasons.open();
    }
    if refused.is_empty() {
        return Verdict::fail(
            "no_responder_role",
            "no role has the policy SecurityAudit, and none is named for incident response and able to copy snapshots",
        );
    }
    Verdict::fail(
        "trust_not_safe",
        format!("no role for incident responders is safe to assume: {}", refused.join("; ")),
    )
}

/// Whether the role is meant for responders.
fn is_responder(role: &RoleDetail, details: &AuthorizationDetails, here: &Here<'_>) -> Result<bool, String> {
    let holder = Holder::Role(role);
    if holder.has_attached(&here.audit) {
        return Ok(true);
    }
    if !here.role_names.matches(&plain_ascii(role_name(role))) {
        return Ok(false);
    }
    let identity = holder.identity(details)?;
    let granting: Vec<_> = identity.policies.iter().map(|(_, document)| document).collect();
    let capping = identity.boundary.as_ref().map(|boundary| vec![boundary]);
    for action in KEEPING {
        for allowed in std::iter::once(&granting).chain(&capping) {
            match allows_anywhere(allowed, action) {
                Decision::Yes(_) => {}
                Decision::No(_) => return Ok(false),
                Decision::CannotTell(why) => return Err(why),
            }
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::PolicyDetail;
    use posture_estate::identities::fixtures::{allowing, attachment, trusted, trusting};

    const OTHER: &str = r#"{"AWS":"arn:aws:iam::222233334444:root"}"#;
    const MFA: &str = r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;

    fn home(security_accounts: &[String]) -> Home<'_> {
        Home { account: "111122223333", partition: "aws", now: 1_790_000_000, security_accounts }
    }

    fn here() -> Here<'static> {
        Here {
            audit: "arn:aws:iam::aws:policy/SecurityAudit".into(),
            role_names: ROLE_NAMES.default_value(),
            home: home(SECURITY_ACCOUNTS.default_value()),
        }
    }

    fn audit(action: &str, principal: &str, condition: &str) -> RoleDetail {
        let mut role =
            trusted("Auditor", &trusting(&format!(r#""Principal":{principal},"Action":"{action}"{condition}"#)));
        role.attached_managed_policies = Some(vec![attachment("arn:aws:iam::aws:policy/SecurityAudit")]);
        role
    }

    fn named(name: &str, document: &str) -> RoleDetail {
        let mut role = trusted(name, &trusting(&format!(r#""Principal":{OTHER},"Action":"sts:AssumeRole"{MFA}"#)));
        role.role_policy_list = Some(vec![PolicyDetail::builder().policy_name("p").policy_document(document).build()]);
        role
    }

    fn verdict(roles: Vec<RoleDetail>) -> Verdict {
        judge(&AuthorizationDetails { roles, ..Default::default() }, &here())
    }

    #[test]
    fn another_account_with_mfa_passes_without_fails() {
        assert_eq!(verdict(vec![audit("sts:AssumeRole", OTHER, MFA)]).status, Status::Pass);
        let open = verdict(vec![audit("sts:AssumeRole", OTHER, "")]);
        assert_eq!(open.status, Status::Fail);
        assert!(open.message.contains("without MFA"), "{}", open.message);
        let if_exists = r#","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}"#;
        assert_eq!(verdict(vec![audit("sts:AssumeRole", OTHER, if_exists)]).status, Status::Fail);
    }

    #[test]
    fn only_a_listed_account_passes_once_there_is_a_list() {
        let of = |account: &str| {
            let listed = [account.to_owned()];
            let details =
                AuthorizationDetails { roles: vec![audit("sts:AssumeRole", OTHER, MFA)], ..Default::default() };
            judge(&details, &Here { home: home(&listed), ..here() }).status
        };
        assert_eq!(of("222233334444"), Status::Pass);
        assert_eq!(of("999988887777"), Status::Fail);
    }

    #[test]
    fn a_federated_session_passes() {
        let saml = r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/Okta"}"#;
        let audience = r#","Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}"#;
        assert_eq!(verdict(vec![audit("sts:AssumeRoleWithSAML", saml, audience)]).status, Status::Pass);
    }

    #[test]
    fn the_own_account_services_and_everyone_fail() {
        for principal in [r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, r#"{"Service":"ec2.amazonaws.com"}"#, r#""*""#]
        {
            assert_eq!(verdict(vec![audit("sts:AssumeRole", principal, MFA)]).status, Status::Fail, "{principal}");
        }
    }

    #[test]
    fn a_named_role_needs_the_rights() {
        assert_eq!(
            verdict(vec![named("Incident-Responder", &allowing("ec2:CreateSnapshot ec2:CopySnapshot", "*"))]).status,
            Status::Pass
        );
        assert_eq!(verdict(vec![named("forensics", &allowing("ec2:CreateSnapshot", "*"))]).status, Status::Fail);
        assert_eq!(verdict(vec![named("deploy", &allowing("ec2:*", "*"))]).status, Status::Fail);
        assert_eq!(verdict(vec![]).status, Status::Fail);
    }

    #[test]
    fn a_candidate_that_cannot_be_read_is_unknown_unless_another_is_good() {
        let broken = named("forensics", "{");
        assert_eq!(verdict(vec![broken.clone()]).status, Status::Unknown);
        assert_eq!(verdict(vec![broken, audit("sts:AssumeRole", OTHER, MFA)]).status, Status::Pass);
    }
}
