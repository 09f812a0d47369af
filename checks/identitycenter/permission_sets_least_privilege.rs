//! Are permission sets for administrators few and given to few, and does no inline policy allow everything?

use super::administrators::{assignees, count, inline};
use super::power::{Held, Power};
use super::{Center, center};
use crate::prelude::*;
use posture_estate::services::sso_admin::last_part;
use posture_estate::services::sso_admin::{Assignment, PermissionSet};
use posture_estate::text::{counted, few};
use posture_policy::Context;

/// How many permission sets may make an administrator.
const MAX_SETS: Setting<i64> = setting!(permission_sets_least_privilege.max_administrator_sets);

/// To how many groups and users such a set may be assigned.
const MAX_ASSIGNEES: Setting<i64> = setting!(permission_sets_least_privilege.max_assignees);

pub async fn probe(at: &Account) -> Outcome {
    let absent = Verdict::not_applicable("the organization has no instance of IAM Identity Center");
    let Center { region, instance } = match center(at, absent).await? {
        Ok(center) => center,
        Err(finding) => return Ok(vec![*finding]),
    };
    let (arn, ask, context) = (instance.instance_arn.as_str(), region.sso_admin(), at.context());
    let sets = ask.permission_sets(arn).await?;
    let asked = sets.iter().map(async |(set, described)| {
        let held = Held::ask(at, &region, arn, set).await;
        let power = held.power(&context);
        let assigned = if matches!(power, Power::Less) { Ok(Vec::new()) } else { ask.assigned(arn, set).await };
        (set, described, held, power, assigned)
    });
    let (mut findings, mut administrators, mut open) = (Vec::new(), Vec::new(), Reasons::new());
    for (set, described, held, power, assigned) in join_all(asked).await {
        let id = last_part(set);
        let (name, resource) = match described {
            Ok(set) => (set.name.as_str(), PermissionSet::resource(set)),
            Err(_) => (id, Resource::new(set, "AWS::SSO::PermissionSet", id)),
        };
        match &power {
            Power::Administrator(_) => administrators.push(name.to_owned()),
            Power::Less => {}
            Power::Unknown(_) => {
                open.doubt(format!("whether permission set {name} makes an administrator is not known"))
            }
        }
        findings.push(judge(name, &held, power, assigned, (&context, at.setting(MAX_ASSIGNEES))).on(resource));
    }
    let verdict = match sets.is_empty() {
        true => Verdict::not_applicable("the instance has no permission sets"),
        false => count(&administrators, open, at.setting(MAX_SETS)),
    };
    findings.push(verdict.sub("administrators").on(instance.resource()));
    Ok(findings)
}

fn judge(
    name: &str,
    held: &Held,
    power: Power,
    assigned: Result<Vec<Answer<Vec<Assignment>>>, Gap>,
    (context, most): (&Context, &i64),
) -> Verdict {
    let mut reasons = Reasons::new();
    inline(name, held, context, &mut reasons);
    let (to, hidden) = assignees(assigned);
    let many = i64::try_from(to.len()).unwrap_or(i64::MAX) > *most;
    let what = match power {
        Power::Less => "makes no administrator".to_owned(),
        Power::Administrator(why) => {
            if many {
                let to = counted(to.len(), "group or user").replace("group or users", "groups and users");
                reasons.broken(
                    "administrators_many",
                    format!(
                        "permission set {name} makes administrators and is assigned to {to}, more than {most}: {why}"
                    ),
                );
            }
            reasons.absorb(hidden);
            format!("makes administrators ({why}) and is assigned to {} of {most} groups and users at most", to.len())
        }
        Power::Unknown(open) => {
            // Few have it, whatever it makes of them.
            if many || !hidden.is_empty() {
                reasons.absorb(open);
                reasons.absorb(hidden);
            }
            format!("is assigned to {} of {most} groups and users at most, whatever it makes of them", to.len())
        }
    };
    let seen = json!({ "assigned_to": few(&to.into_iter().collect::<Vec<_>>(), 10) });
    reasons.or_pass(|| format!("permission set {name} {what}")).evidence(seen)
}

#[cfg(test)]
mod tests {
    use super::super::power::fixtures::held;
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::identities::fixtures::allowing;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "sso-admin:ListAccountAssignments", GapKind::Denied, "no")
    }

    fn to(count: usize) -> Answer<Vec<Assignment>> {
        let one = |i: usize| Assignment {
            account_id: "444455556666".into(),
            principal_type: "GROUP".into(),
            principal_id: format!("g-{i}"),
        };
        Ok(Arc::new((0..count).map(one).collect()))
    }

    fn of(held: &Held, assigned: Vec<Answer<Vec<Assignment>>>) -> Verdict {
        let context = Context::of("111122223333", "aws");
        judge("Dev", held, held.power(&context), Ok(assigned), (&context, &2))
    }

    #[test]
    fn an_inline_policy_that_allows_everything_fails_whoever_has_it() {
        let star = held(&[], Some(&allowing("*", "*")));
        assert_eq!(of(&star, vec![]).reasons, ["inline_star"]);
        let but = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}"#;
        assert_eq!(of(&held(&[], Some(but)), vec![]).reasons, ["inline_star"]);
        assert_eq!(of(&held(&[], Some(&allowing("s3:*", "*"))), vec![to(9)]).status, Status::Pass);
        assert_eq!(of(&held(&[], Some("{")), vec![]).status, Status::Unknown);
    }

    #[test]
    fn administrators_are_assigned_to_few() {
        let admin = held(&["AdministratorAccess"], None);
        assert_eq!(of(&admin, vec![to(2)]).status, Status::Pass);
        assert_eq!(of(&admin, vec![to(2), to(2)]).status, Status::Pass, "the same groups in two accounts");
        assert_eq!(of(&admin, vec![to(3)]).reasons, ["administrators_many"]);
        assert_eq!(of(&admin, vec![to(3), Err(gap())]).reasons, ["administrators_many"]);
        assert_eq!(of(&admin, vec![to(2), Err(gap())]).status, Status::Unknown);
        assert_eq!(of(&held(&["ReadOnlyAccess"], None), vec![to(9)]).status, Status::Pass);
    }

    #[test]
    fn of_a_set_that_may_make_administrators_few_is_enough() {
        let open = || Held { aws: Err(gap()), ..held(&[], None) };
        assert_eq!(of(&open(), vec![to(2)]).status, Status::Pass);
        assert_eq!(of(&open(), vec![to(3)]).status, Status::Unknown);
        assert_eq!(of(&open(), vec![Err(gap())]).status, Status::Unknown);
    }

    #[test]
    fn administrator_sets_are_few() {
        let sets = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let open = || {
            let mut open = Reasons::new();
            open.doubt("one more");
            open
        };
        assert_eq!(count(&sets(&["a", "b"]), Reasons::new(), &2).status, Status::Pass);
        assert_eq!(count(&[], Reasons::new(), &2).status, Status::Pass);
        assert_eq!(count(&sets(&["a", "b", "c"]), Reasons::new(), &2).reasons, ["administrator_sets_many"]);
        assert_eq!(count(&sets(&["a", "b", "c"]), open(), &2).status, Status::Fail);
        assert_eq!(count(&sets(&["a", "b"]), open(), &2).status, Status::Unknown);
    }
}
