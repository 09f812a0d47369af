//! Emergency access, "break glass": which roles and users are meant for it, how their trust asks for a second factor, and what events their
//! use makes. And the roles that deploy, the other ones whose change is worth an alarm.
//! <https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_permissions_emergency_process.html>

use crate::arn::Arn;
use crate::identities::trust;
use crate::services::events::pattern::EventSample;
use crate::services::events::samples::EventPlace;
use crate::services::iam::details::{
    AuthorizationDetails, is_identity_center, is_service_linked, role_name, user_name,
};
use crate::settings::Patterns;
use crate::text::plain_ascii;
use aws_sdk_iam::types::{RoleDetail, Tag, UserDetail};
use posture_policy::{Document, Grant, Grantee, Zone, assumers, requires_mfa};

/// A role for emergencies, which a person can assume as far as is known.
#[derive(Debug)]
pub struct EmergencyRole<'a> {
    pub role: &'a RoleDetail,
    trust: Result<Trust, String>,
}

/// Where a second factor is not asked for, in words, and where that is not known.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SecondFactor {
    pub missing: Vec<String>,
    pub doubts: Vec<String>,
}

#[derive(Debug)]
struct Trust {
    document: Document,
    grants: Vec<Grant>,
    doubts: Vec<String>,
}

/// Whether a name, a part of a path, or the key or value of a tag says that it is for emergencies.
fn is_meant(names: &Patterns, name: &str, path: Option<&str>, tags: &[Tag]) -> bool {
    let says = |text: &str| names.matches(&plain_ascii(text));
    let by_tag =
        |tag: &Tag| says(tag.value()) || says(tag.key()) && !["false", "no"].contains(&&*plain_ascii(tag.value()));
    says(name) || path.is_some_and(|path| path.split('/').any(says)) || tags.iter().any(by_tag)
}

/// The roles for emergencies; what only services or workloads assume is none, whatever it is called.
pub fn emergency_roles<'a>(
    details: &'a AuthorizationDetails,
    names: &Patterns,
    partition: &str,
    now: i64,
) -> Vec<EmergencyRole<'a>> {
    let meant = details
        .roles
        .iter()
        .filter(|role| !is_service_linked(role) && is_meant(names, role_name(role), role.path(), role.tags()));
    meant.map(|role| EmergencyRole::of(role, partition, now)).filter(EmergencyRole::lets_people_in).collect()
}

/// The users for emergencies.
pub fn emergency_users<'a>(details: &'a AuthorizationDetails, names: &Patterns) -> Vec<&'a UserDetail> {
    details.users.iter().filter(|user| is_meant(names, user_name(user), user.path(), user.tags())).collect()
}

/// Services that build and deploy by roles of the account.
const DEPLOYING: &[&str] = &["cloudformation", "codebuild", "codedeploy", "codepipeline"];

/// The names of the roles by which software is built and deployed: those that a service for it assumes, and those that are called so.
pub fn deploy_roles<'a>(details: &'a AuthorizationDetails, names: &Patterns, now: i64) -> Vec<&'a str> {
    let assumed = |role: &RoleDetail| {
        trust(role, now).is_ok_and(|document| {
            let (grants, _) = assumers(&document, &Zone::of("", "aws"));
            grants.iter().any(|grant| {
                let service = grant.principal.split('.').next().unwrap_or_default();
                grant.kind == Grantee::Service && DEPLOYING.contains(&service)
            })
        })
    };
    let all = details.roles.iter().filter(|role| !is_service_linked(role) && !is_identity_center(role));
    all.filter(|role| names.matches(&plain_ascii(role_name(role))) || assumed(role)).map(role_name).collect()
}

fn is_saml(grant: &Grant) -> bool {
    grant.kind == Grantee::Federated && grant.principal.contains(":saml-provider/")
}

impl<'a> EmergencyRole<'a> {
    fn of(role: &'a RoleDetail, partition: &str, now: i64) -> Self {
        let trust = trust(role, now).map(|document| {
            // Nobody's zone: grants to principals of this account are listed too.
            let (grants, doubts) = assumers(&document, &Zone::of("", partition));
            Trust { document, grants, doubts }
        });
        EmergencyRole { role, trust }
    }

    fn lets_people_in(&self) -> bool {
        let is_person = |grant: &Grant| match grant.kind {
            Grantee::Service => false,
            Grantee::Federated => is_saml(grant),
            _ => true,
        };
        self.trust.as_ref().map_or(true, |trust| trust.grants.iter().any(is_person) || !trust.doubts.is_empty())
    }

    /// The events of its being assumed in each of the ways that its trust leaves open.
    pub fn uses(&self, scene: EventPlace<'_>) -> Vec<EventSample> {
        let arn = self.role.arn().unwrap_or_default();
        let grants = self.trust.as_ref().map(|trust| trust.grants.as_slice()).unwrap_or_default();
        let (saml, others): (Vec<&Grant>, Vec<&Grant>) =
            grants.iter().filter(|grant| grant.kind != Grantee::Service).partition(|grant| is_saml(grant));
        let mut ways = Vec::new();
        if !others.is_empty() || saml.is_empty() {
            ways.push("AssumeRole");
        }
        if !saml.is_empty() {
            ways.push("AssumeRoleWithSAML");
        }
        ways.into_iter().map(|way| scene.assumption(arn, way)).collect()
    }

    /// Who comes in without a second factor, and of whom that is not known: what signs people in elsewhere asks for it, or does not, where
    /// nobody sees it.
    pub fn second_factor(&self) -> SecondFactor {
        let name = role_name(self.role);
        let mut found = SecondFactor::default();
        let trust = match &self.trust {
            Ok(trust) => trust,
            Err(why) => {
                found.doubts.push(why.clone());
                return found;
            }
        };
        found.doubts.extend(trust.doubts.iter().map(|why| format!("who may assume role {name} is not known: {why}")));
        for grant in &trust.grants {
            let principal = &grant.principal;
            let signed_in = is_saml(grant)
                || Arn::parse(principal)
                    .is_some_and(|arn| arn.resource.starts_with("role/aws-reserved/sso.amazonaws.com/"));
            match grant.kind {
                Grantee::Service => {}
                _ if requires_mfa(&trust.document, grant.statement) => {}
                _ if signed_in => found.doubts.push(format!(
                    "whether {principal}, which lets people into role {name}, asks them for a second factor does not show"
                )),
                _ => found.missing.push(format!("role {name} lets {principal} in without MFA")),
            }
        }
        found
    }

    /// Whether IAM Identity Center made it, so that nobody can change or tag it.
    pub fn is_of_identity_center(&self) -> bool {
        is_identity_center(self.role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identities::fixtures::{trusted, trusting};

    const SCENE: EventPlace<'static> = EventPlace { account: "111122223333", region: "us-east-1" };
    const MFA: &str = r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;
    const ACCOUNT: &str = r#"{"AWS":"arn:aws:iam::111122223333:root"}"#;
    const SAML: &str = r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/idp"}"#;

    fn names() -> Patterns {
        Patterns::parse(&["*breakglass*", "*emergency*"]).unwrap()
    }

    fn role(name: &str, principal: &str, action: &str, condition: &str) -> RoleDetail {
        trusted(name, &trusting(&format!(r#""Principal":{principal},"Action":"{action}"{condition}"#)))
    }

    fn found(role: RoleDetail) -> usize {
        let details = AuthorizationDetails { roles: vec![role], ..Default::default() };
        emergency_roles(&details, &names(), "aws", 0).len()
    }

    /// How many come in without one, and of how many it is not known.
    fn second_factor(role: &RoleDetail) -> (usize, usize) {
        let found = EmergencyRole::of(role, "aws", 0).second_factor();
        (found.missing.len(), found.doubts.len())
    }

    #[test]
    fn name_path_or_tag_says_what_it_is_for() {
        let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().unwrap();
        let is = |name: &str, path: &str, tags: &[Tag]| is_meant(&names(), name, Some(path), tags);
        assert!(is("Break-Glass-Admin", "/", &[]));
        assert!(is("AWSReservedSSO_BreakGlass_0a1b", "/aws-reserved/sso.amazonaws.com/", &[]));
        assert!(is("admin", "/emergency/", &[]));
        assert!(is("admin", "/", &[tag("purpose", "break glass")]));
        assert!(is("admin", "/", &[tag("break-glass", "true")]));
        assert!(!is("admin", "/", &[tag("break-glass", "false")]));
        assert!(!is("admin", "/ops/", &[tag("purpose", "ops")]));
    }

    #[test]
    fn what_only_services_and_workloads_assume_is_no_emergency_role() {
        assert_eq!(found(role("emergency-access", ACCOUNT, "sts:AssumeRole", MFA)), 1);
        assert_eq!(found(role("emergency-access", SAML, "sts:AssumeRoleWithSAML", "")), 1);
        assert_eq!(found(role("emergency-pager", r#"{"Service":"lambda.amazonaws.com"}"#, "sts:AssumeRole", "")), 0);
        assert_eq!(found(trusted("emergency-access", "{")), 1, "what cannot be read may be one");
        assert_eq!(found(role("app", ACCOUNT, "sts:AssumeRole", "")), 0);
    }

    #[test]
    fn deploy_roles_are_told_by_their_name_or_by_who_assumes_them() {
        let deploys = |role: RoleDetail| {
            let details = AuthorizationDetails { roles: vec![role], ..Default::default() };
            !deploy_roles(&details, &Patterns::parse(&["*deploy*"]).unwrap(), 0).is_empty()
        };
        assert!(deploys(role("Shop-Deploy", ACCOUNT, "sts:AssumeRole", "")));
        assert!(deploys(role("build", r#"{"Service":"codebuild.amazonaws.com"}"#, "sts:AssumeRole", "")));
        assert!(!deploys(role("app", r#"{"Service":"ec2.amazonaws.com"}"#, "sts:AssumeRole", "")));
        assert!(!deploys(role("app", ACCOUNT, "sts:AssumeRole", "")));
    }

    #[test]
    fn everyone_who_comes_in_has_a_second_factor() {
        assert_eq!(second_factor(&role("r", ACCOUNT, "sts:AssumeRole", MFA)), (0, 0));
        assert_eq!(second_factor(&role("r", ACCOUNT, "sts:AssumeRole", "")), (1, 0));
        assert_eq!(second_factor(&role("r", r#""*""#, "sts:AssumeRole", "")), (1, 0));
        assert_eq!(second_factor(&role("r", SAML, "sts:AssumeRoleWithSAML", "")), (0, 1));
        assert_eq!(second_factor(&trusted("r", "{")), (0, 1));
    }

    #[test]
    fn each_way_in_makes_an_event_of_its_own() {
        let ways = |role: &RoleDetail| {
            EmergencyRole::of(role, "aws", 0).uses(SCENE).into_iter().map(|one| one.what).collect::<Vec<_>>()
        };
        let arn = "arn:aws:iam::111122223333:role/r";
        assert_eq!(ways(&role("r", ACCOUNT, "sts:AssumeRole", "")), [format!("AssumeRole of {arn}")]);
        assert_eq!(ways(&role("r", SAML, "sts:AssumeRoleWithSAML", "")), [format!("AssumeRoleWithSAML of {arn}")]);
        assert_eq!(ways(&trusted("r", "{")), [format!("AssumeRole of {arn}")]);
    }
}
