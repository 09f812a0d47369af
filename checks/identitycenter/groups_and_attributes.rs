//! Are permission sets given to groups, and do the attributes that their policies decide by reach the sessions?

use super::attributes::Claims;
use super::{Center, center};
use crate::prelude::*;
use posture_estate::services::sso_admin::last_part;
use posture_estate::services::sso_admin::{Assignment, PermissionSet};
use posture_estate::text::{counted, few};
use std::collections::BTreeSet;

/// Users, by the id that Identity Center gives them, to whom a permission set may be assigned.
const USERS: Setting<Patterns> = setting!(groups_and_attributes.users);

pub async fn probe(at: &Account) -> Outcome {
    let absent = Verdict::not_applicable("the organization has no instance of IAM Identity Center");
    let Center { region, instance } = match center(at, absent).await? {
        Ok(center) => center,
        Err(finding) => return Ok(vec![*finding]),
    };
    let (arn, ask, listed) = (instance.instance_arn.as_str(), region.sso_admin(), at.setting(USERS));
    let sets = ask.permission_sets(arn).await?;
    if sets.is_empty() {
        let verdict = Verdict::not_applicable("the instance has no permission sets");
        return Ok(vec![verdict.on(instance.resource())]);
    }
    let asked = sets.iter().map(async |(set, described)| {
        let (assigned, inline) = join!(ask.assigned(arn, set), ask.inline_policy(arn, set));
        (described, assigned, inline)
    });
    let (mut findings, mut claims) = (Vec::new(), Claims::default());
    for ((arn, _), (described, assigned, inline)) in sets.iter().zip(join_all(asked).await) {
        let id = last_part(arn);
        // What its policy decides by counts whatever it is called.
        claims.add(described.as_ref().map_or(id, |set| set.name.as_str()), inline, at);
        findings.push(match described {
            Ok(set) => judge(set, assigned, listed).on(set.resource()),
            Err(gap) => Verdict::unseen(gap).on(Resource::new(arn, "AWS::SSO::PermissionSet", id)),
        });
    }
    let attributes = if claims.by_key.is_empty() { None } else { Some(ask.access_control_attributes(arn).await) };
    findings.push(claims.judge(attributes).sub("attributes").on(instance.resource()));
    Ok(findings)
}

fn judge(set: &PermissionSet, assigned: Result<Vec<Answer<Vec<Assignment>>>, Gap>, listed: &Patterns) -> Verdict {
    let (name, mut reasons) = (&set.name, Reasons::new());
    let (mut users, mut groups) = (BTreeSet::new(), BTreeSet::new());
    for answer in reasons.add(assigned).into_iter().flatten() {
        let Some(assignments) = reasons.add(answer) else { continue };
        for one in assignments.iter() {
            match one.principal_type.as_str() {
                "GROUP" => drop(groups.insert(one.principal_id.clone())),
                "USER" if listed.matches(&one.principal_id) => {}
                "USER" => drop(users.insert(one.principal_id.clone())),
                other => reasons.doubt(format!("permission set {name} is assigned to a {other}, which is not known")),
            }
        }
    }
    let (users, groups): (Vec<String>, Vec<String>) = (users.into_iter().collect(), groups.into_iter().collect());
    if !users.is_empty() {
        let what = format!("{} directly ({})", counted(users.len(), "user"), few(&users, 5));
        reasons.broken("assigned_to_users", format!("permission set {name} is assigned to {what}"));
    }
    if reasons.is_empty() && groups.is_empty() {
        return Verdict::not_applicable(format!("permission set {name} is assigned to no group"));
    }
    let seen = json!({ "groups": groups.len(), "users": users });
    reasons.or_pass(|| format!("permission set {name} is assigned to groups only: {}", groups.len())).evidence(seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::sso_admin::{AccessControlAttributes, Attribute, AttributeList};
    use posture_policy::Document;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "sso-admin:ListAccountAssignments", GapKind::Denied, "no")
    }

    fn of(assigned: Vec<Answer<Vec<Assignment>>>) -> Status {
        let set = PermissionSet { name: "Dev".into(), permission_set_arn: "arn".into(), session_duration: None };
        judge(&set, Ok(assigned), &Patterns::parse(&["emergency-*"]).unwrap()).status
    }

    fn to(principals: &[(&str, &str)]) -> Answer<Vec<Assignment>> {
        let one = |(kind, id): &(&str, &str)| Assignment {
            account_id: "444455556666".into(),
            principal_type: (*kind).into(),
            principal_id: (*id).into(),
        };
        Ok(Arc::new(principals.iter().map(one).collect()))
    }

    #[test]
    fn groups_pass_and_users_fail() {
        assert_eq!(of(vec![to(&[("GROUP", "g")]), to(&[("GROUP", "h")])]), Status::Pass);
        assert_eq!(of(vec![to(&[("GROUP", "g")]), to(&[("USER", "u")])]), Status::Fail);
        assert_eq!(of(vec![to(&[("GROUP", "g"), ("USER", "emergency-1")])]), Status::Pass);
        assert_eq!(of(vec![to(&[])]), Status::NotApplicable);
        assert_eq!(of(vec![to(&[("ROLE", "r")])]), Status::Unknown);
    }

    #[test]
    fn an_account_that_does_not_show_is_unknown() {
        assert_eq!(of(vec![to(&[("GROUP", "g")]), Err(gap())]), Status::Unknown);
        assert_eq!(of(vec![to(&[("USER", "u")]), Err(gap())]), Status::Fail);
        let set = PermissionSet { name: "Dev".into(), permission_set_arn: "arn".into(), session_duration: None };
        assert_eq!(judge(&set, Err(gap()), &Patterns::default()).status, Status::Unknown);
    }

    fn claims(policy: &str, attributes: Answer<Option<AccessControlAttributes>>) -> Status {
        let mut claims = Claims::default();
        claims.take("Dev", &Document::parse(policy).unwrap());
        let attributes = (!claims.by_key.is_empty()).then_some(attributes);
        claims.judge(attributes).status
    }

    #[test]
    fn attributes_are_needed_where_a_policy_decides_by_them() {
        let policy = |condition: &str| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{condition}}}}}"#
            )
        };
        let by = policy(r#"{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}"#);
        let own = policy(r#"{"StringEquals":{"aws:PrincipalTag/Team":"data"}}"#);
        let on = |status: &str, keys: &[&str]| {
            let access_control_attributes = keys.iter().map(|key| Attribute { key: (*key).into() }).collect();
            let list = AttributeList { access_control_attributes };
            let status = status.into();
            Ok(Arc::new(Some(AccessControlAttributes {
                status,
                instance_access_control_attribute_configuration: Some(list),
            })))
        };
        for policy in [&by, &own] {
            assert_eq!(claims(policy, on("ENABLED", &["Team"])), Status::Pass);
            assert_eq!(claims(policy, Ok(Arc::new(None))), Status::Fail);
            assert_eq!(claims(policy, on("CREATION_FAILED", &["team"])), Status::Fail);
            assert_eq!(claims(policy, on("CREATION_IN_PROGRESS", &["team"])), Status::Unknown);
            assert_eq!(claims(policy, on("ENABLED", &["costs"])), Status::Unknown, "the provider may send it");
            assert_eq!(claims(policy, Err(gap())), Status::Unknown);
        }
        let none = policy(r#"{"Bool":{"aws:SecureTransport":"true"}}"#);
        assert_eq!(claims(&none, Ok(Arc::new(None))), Status::NotApplicable);
    }
}
