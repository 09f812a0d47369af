//! Who has AWS's own administrator policies. A user never may, nor may a role that code on an instance or in a function runs with,
//! whatever its name.

use crate::prelude::*;
use aws_sdk_iam::types::RoleDetail;
use posture_estate::identities::{Holder, holders, trust};
use posture_policy::{Grantee, Zone, assumers};

/// The AWS managed policies that only listed administrators have.
const LIMITED: &[&str] = &["AdministratorAccess", "PowerUserAccess", "IAMFullAccess", "AmazonBedrockFullAccess"];

/// Services that hand a role's credentials to code which others can reach, without the domain of the partition: EC2's is
/// `ec2.amazonaws.com.cn` in China. Functions at CloudFront's edge assume their role as `edgelambda`:
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html>
const COMPUTE: &[&str] = &["ec2", "lambda", "edgelambda"];

/// Roles that are administrators by design, besides those of IAM Identity Center: by default the organization's way into a member
/// account, and Control Tower's.
const ADMINISTRATORS: Setting<Resources> = setting!(administrator_policies_limited.administrators);

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    let limited: Vec<(&str, String)> = LIMITED.iter().map(|name| (*name, at.iam().aws_policy_arn(name))).collect();
    let findings = holders(&details).into_iter().filter_map(|holder| {
        let held: Vec<&str> =
            limited.iter().filter(|(_, arn)| holder.has_attached(arn)).map(|(name, _)| *name).collect();
        (!held.is_empty()).then(|| {
            judge(&holder, &held, at.setting(ADMINISTRATORS), (at.partition(), at.now().secs())).on(holder.resource(at))
        })
    });
    Ok(findings.collect())
}

/// Where it is and when, in seconds since 1970, are for the trust policy of a role.
fn judge(holder: &Holder<'_>, held: &[&str], listed: &Resources, here: (&str, i64)) -> Verdict {
    let (label, held_text) = (holder.label(), held.join(", "));
    let mut reasons = Reasons::new();
    match holder {
        Holder::User(_) => {
            reasons.broken("user_holds_policy", format!("{label} has {held_text} attached, which no user should have"))
        }
        Holder::Group(_) => {
            reasons.broken("not_listed", format!("{label} has {held_text} attached and is not a listed administrator"))
        }
        Holder::Role(role) => {
            if !holder.is_listed_administrator(listed) {
                reasons.broken(
                    "not_listed",
                    format!("{label} has {held_text} attached and is not a listed administrator"),
                );
            }
            compute(role, here, &mut reasons);
        }
    }
    reasons
        .or_pass(|| format!("{label} has {held_text} attached and is a listed administrator"))
        .evidence(json!({ "policies": held }))
}

fn compute(role: &RoleDetail, (partition, now): (&str, i64), reasons: &mut Reasons) {
    if !role.instance_profile_list().is_empty() {
        reasons.broken("in_instance_profile", "the role is in an instance profile");
    }
    // Nobody's zone: every grant counts as external and is listed.
    match trust(role, now).map(|document| assumers(&document, &Zone::of("", partition))) {
        Ok((grants, doubts)) => {
            for why in doubts {
                reasons.doubt(why);
            }
            for grant in grants.iter().filter(|grant| grant.kind == Grantee::Service && is_compute(&grant.principal)) {
                reasons.broken("compute_may_assume", format!("{} may assume the role", grant.principal));
            }
        }
        Err(why) => reasons.doubt(why),
    }
}

fn is_compute(principal: &str) -> bool {
    principal.split_once(".amazonaws.").is_some_and(|(service, _)| COMPUTE.contains(&service))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::{GroupDetail, InstanceProfile, UserDetail};
    use posture_estate::identities::fixtures::{trusted, trusting};

    /// 2026-09-21.
    const HERE: (&str, i64) = ("aws", 1_790_000_000);

    fn status(name: &str, principal: &str) -> Status {
        let trust = trusting(&format!(r#""Principal":{principal},"Action":"sts:AssumeRole""#));
        judge(&Holder::Role(&trusted(name, &trust)), &["AdministratorAccess"], ADMINISTRATORS.default_value(), HERE)
            .status
    }

    #[test]
    fn a_listed_role_passes_others_fail() {
        let account = r#"{"AWS":"arn:aws:iam::999988887777:root"}"#;
        assert_eq!(status("OrganizationAccountAccessRole", account), Status::Pass);
        assert_eq!(status("app", account), Status::Fail);
    }

    #[test]
    fn a_listed_role_of_a_function_or_an_instance_fails() {
        assert_eq!(status("OrganizationAccountAccessRole", r#"{"Service":"lambda.amazonaws.com"}"#), Status::Fail);
        assert_eq!(status("OrganizationAccountAccessRole", r#"{"Service":["ec2.amazonaws.com"]}"#), Status::Fail);
        assert_eq!(status("OrganizationAccountAccessRole", r#"{"Service":"config.amazonaws.com"}"#), Status::Pass);
        let trust = trusting(r#""Principal":{"AWS":"999988887777"},"Action":"sts:AssumeRole""#);
        let mut role = trusted("OrganizationAccountAccessRole", &trust);
        role.instance_profile_list = Some(vec![
            InstanceProfile::builder()
                .path("/")
                .instance_profile_name("p")
                .instance_profile_id("AIPA")
                .arn("arn:aws:iam::111122223333:instance-profile/p")
                .create_date(DateTime::from_secs(0))
                .roles(
                    aws_sdk_iam::types::Role::builder()
                        .path("/")
                        .role_name("r")
                        .role_id("AROA")
                        .arn("a")
                        .create_date(DateTime::from_secs(0))
                        .build()
                        .unwrap(),
                )
                .build()
                .unwrap(),
        ]);
        assert_eq!(
            judge(&Holder::Role(&role), &["AdministratorAccess"], ADMINISTRATORS.default_value(), HERE).status,
            Status::Fail
        );
    }

    #[test]
    fn a_service_whose_grant_has_expired_runs_nothing_as_it() {
        let until = |year: u32| {
            let trust = trusting(&format!(
                r#""Principal":{{"Service":"ec2.amazonaws.com"}},"Action":"sts:AssumeRole","Condition":{{"DateLessThan":{{"aws:CurrentTime":"{year}-01-01T00:00:00Z"}}}}"#
            ));
            let role = trusted("AWSControlTowerExecution", &trust);
            judge(&Holder::Role(&role), &["AdministratorAccess"], ADMINISTRATORS.default_value(), HERE).status
        };
        assert_eq!((until(2024), until(2099)), (Status::Pass, Status::Fail));
    }

    #[test]
    fn compute_services_of_every_partition_and_of_the_edge_count() {
        // semantics 91
        for service in ["ec2.amazonaws.com.cn", "ec2.amazonaws.eu", "edgelambda.amazonaws.com"] {
            let principal = format!(r#"{{"Service":"{service}"}}"#);
            assert_eq!(status("OrganizationAccountAccessRole", &principal), Status::Fail, "{service}");
        }
        let other = r#"{"Service":"ec2.application-autoscaling.amazonaws.com"}"#;
        assert_eq!(status("OrganizationAccountAccessRole", other), Status::Pass);
    }

    #[test]
    fn who_may_only_tag_a_session_does_not_assume_the_role() {
        // semantics 79
        let with = |action: &str| {
            let trust = trusting(&format!(r#""Principal":{{"Service":"lambda.amazonaws.com"}},"Action":"{action}""#));
            let role = trusted("OrganizationAccountAccessRole", &trust);
            judge(&Holder::Role(&role), &["AdministratorAccess"], ADMINISTRATORS.default_value(), HERE).status
        };
        assert_eq!(with("sts:TagSession"), Status::Pass);
        assert_eq!(with("sts:*"), Status::Fail);
        assert_eq!(with("sts:AssumeRole"), Status::Fail);
    }

    #[test]
    fn users_and_groups_fail() {
        let user = UserDetail::builder().user_name("alice").build();
        assert_eq!(
            judge(&Holder::User(&user), &["PowerUserAccess"], ADMINISTRATORS.default_value(), HERE).status,
            Status::Fail
        );
        let group = GroupDetail::builder().group_name("admins").build();
        assert_eq!(
            judge(&Holder::Group(&group), &["IAMFullAccess"], ADMINISTRATORS.default_value(), HERE).status,
            Status::Fail
        );
    }

    #[test]
    fn an_unreadable_trust_policy_is_unknown_unless_something_is_broken() {
        let verdict = |name: &str| {
            judge(&Holder::Role(&trusted(name, "{")), &["AdministratorAccess"], ADMINISTRATORS.default_value(), HERE)
                .status
        };
        assert_eq!(verdict("OrganizationAccountAccessRole"), Status::Unknown);
        assert_eq!(verdict("app"), Status::Fail);
    }
}
