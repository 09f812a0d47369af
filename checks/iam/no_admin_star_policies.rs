//! Every action on every resource, in any policy that somebody has or could be given. Who may have one is a short list, and an
//! unattached policy of the customer's has nobody on it.

use crate::prelude::*;
use posture_estate::identities::{Holder, Written, written};
use posture_policy::{Decision, allows_everywhere};

/// Roles that are administrators by design, besides those of IAM Identity Center: by default the organization's way into a member
/// account, and Control Tower's.
const ADMINISTRATORS: Setting<Resources> = setting!(no_admin_star_policies.administrators);

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    let listed = at.setting(ADMINISTRATORS);
    Ok(written(&details).iter().map(|policy| policy.finding(at, judge(policy, listed))).collect())
}

fn judge(policy: &Written<'_>, listed: &Resources) -> Verdict {
    let label = policy.label();
    policy.judged(|document| match allows_everywhere(&[document], "*", policy.context) {
        Decision::No(_) => Verdict::pass(format!("{label} does not allow every action on every resource")),
        Decision::CannotTell(why) => {
            Verdict::undecided(format!("{label} may allow every action on every resource: {why}"))
        }
        Decision::Yes(why) => judge_admin(policy, listed, &label, &why),
    })
}

fn judge_admin(policy: &Written<'_>, listed: &Resources, label: &str, why: &str) -> Verdict {
    let others: Vec<String> =
        policy.holders.iter().filter(|holder| !holder.is_listed_administrator(listed)).map(Holder::label).collect();
    let evidence = json!({ "holders": policy.holders.iter().map(Holder::label).collect::<Vec<_>>() });
    let verdict = if policy.holders.is_empty() {
        Verdict::fail(
            "unattached_admin_policy",
            format!("{label} allows every action on every resource and is attached to nothing yet: {why}"),
        )
    } else if others.is_empty() {
        Verdict::pass(format!("{label} allows every action on every resource, but only listed administrators have it"))
    } else {
        Verdict::fail(
            "held_by_unlisted",
            format!("{label} allows every action on every resource to {}: {why}", others.join(", ")),
        )
    };
    verdict.evidence(evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::AttachedPermissionsBoundary;
    use posture_estate::identities::fixtures::{allowing, attachment, managed, role};
    use posture_estate::services::iam::AuthorizationDetails;

    const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
    const OWN: &str = "arn:aws:iam::111122223333:policy/everything";

    fn inline(document: &str) -> Verdict {
        let details = AuthorizationDetails { roles: vec![role("app", document)], ..Default::default() };
        judge(&written(&details)[0], ADMINISTRATORS.default_value())
    }

    fn held(arn: &str, names: &[&str]) -> Verdict {
        let roles = names.iter().map(|name| {
            let mut role = role(name, "{}");
            role.role_policy_list = None;
            role.attached_managed_policies = Some(vec![attachment(arn)]);
            role
        });
        let details = AuthorizationDetails {
            roles: roles.collect(),
            policies: vec![managed(arn, &allowing("*", "*"))],
            ..Default::default()
        };
        judge(&written(&details)[0], ADMINISTRATORS.default_value())
    }

    #[test]
    fn a_star_on_a_star_fails_less_passes() {
        assert_eq!(inline(&allowing("*", "*")).status, Status::Fail);
        assert_eq!(inline(&allowing("*:*", "*")).status, Status::Fail);
        assert_eq!(inline(&allowing("s3:*", "*")).status, Status::Pass);
        assert_eq!(inline(&allowing("*", "arn:aws:s3:::app/*")).status, Status::Pass);
        assert_eq!(inline("{").status, Status::Unknown);
    }

    #[test]
    fn parts_count_together_and_a_condition_that_nearly_all_meets_is_none() {
        // semantics 60
        let document = |list: &str| inline(&format!(r#"{{"Version":"2012-10-17","Statement":[{list}]}}"#)).status;
        let rest = r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#;
        let iam = r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#;
        assert_eq!(document(rest), Status::Pass);
        assert_eq!(document(&format!("{rest},{iam}")), Status::Fail);
        let tagged = |operator: &str| {
            format!(
                r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"{operator}":{{"aws:ResourceTag/team":"data"}}}}}}"#
            )
        };
        assert_eq!(document(&tagged("StringEqualsIfExists")), Status::Fail);
        assert_eq!(document(&tagged("StringEquals")), Status::Pass);
    }

    #[test]
    fn a_grant_that_has_expired_is_none() {
        // semantics 72
        let until = |year: u32| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"DateLessThan":{{"aws:CurrentTime":"{year}-01-01T00:00:00Z"}}}}}}}}"#
            )
        };
        let status = |document: &str| {
            let mut details = AuthorizationDetails { roles: vec![role("app", document)], ..Default::default() };
            details.context.now = Some(1_790_000_000);
            judge(&written(&details)[0], ADMINISTRATORS.default_value()).status
        };
        assert_eq!((status(&until(2024)), status(&until(2099))), (Status::Pass, Status::Fail));
    }

    #[test]
    fn only_listed_administrators_may_have_one() {
        assert_eq!(held(ADMIN, &["OrganizationAccountAccessRole"]).status, Status::Pass);
        let verdict = held(ADMIN, &["OrganizationAccountAccessRole", "app"]);
        assert_eq!(verdict.status, Status::Fail);
        assert!(
            verdict.message.contains("role app") && !verdict.message.contains("OrganizationAccountAccessRole"),
            "{}",
            verdict.message
        );
    }

    #[test]
    fn unattached_fails_and_a_mere_boundary_passes() {
        // semantics 43
        assert!(held(OWN, &[]).message.contains("attached to nothing"));
        let mut bounded = role("app", &allowing("s3:GetObject", "*"));
        bounded.permissions_boundary =
            Some(AttachedPermissionsBoundary::builder().permissions_boundary_arn(OWN).build());
        let details = AuthorizationDetails {
            roles: vec![bounded],
            policies: vec![managed(OWN, &allowing("*", "*"))],
            ..Default::default()
        };
        let all = written(&details);
        assert_eq!(
            all.iter().map(|policy| judge(policy, ADMINISTRATORS.default_value()).status).collect::<Vec<_>>(),
            [Status::Pass, Status::Pass]
        );
    }
}
