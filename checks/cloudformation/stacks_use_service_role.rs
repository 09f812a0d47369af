//! Do stacks deploy with a role of their own, so that whoever deploys needs no rights on what is deployed, and can nobody delete those of
//! production by one call? A nested stack has both from its root.

use super::per_stack;
use crate::prelude::*;
use posture_estate::services::cloudformation::Stack;

/// Stacks of production.
const PRODUCTION: Setting<Resources> = setting!(stacks_use_service_role.production);

/// Stacks that AWS deploys in other ways.
const DEPLOYED_OTHERWISE: Setting<Resources> = setting!(stacks_use_service_role.deployed_otherwise);

pub async fn probe(at: &Region) -> Outcome {
    let (production, otherwise) = (at.setting(PRODUCTION), at.setting(DEPLOYED_OTHERWISE));
    per_stack(at, "the Region has only nested stacks", |stack| judge(stack, production, otherwise)).await
}

/// `None` for a nested stack.
fn judge(stack: &Stack, production: &Resources, otherwise: &Resources) -> Option<Verdict> {
    if stack.parent.as_deref().is_some_and(|parent| !parent.is_empty()) {
        return None;
    }
    let (name, resource) = (&stack.name, stack.resource());
    let (mut reasons, mut seen) = (Reasons::new(), Vec::new());
    match stack.role.as_deref().filter(|role| !role.is_empty()) {
        Some(role) => seen.push(format!("deploys with {role}")),
        None if otherwise.has(&resource) => seen.push("is listed as deployed in another way".to_owned()),
        None => reasons.broken(
            "no_service_role",
            format!("stack {name} has no service role and deploys with the rights of whoever calls"),
        ),
    }
    if production.has(&resource) {
        match stack.enable_termination_protection {
            Some(true) => seen.push("is of production and protected from deletion".to_owned()),
            Some(false) => reasons.broken(
                "no_termination_protection",
                format!("stack {name} is of production and can be deleted by one call"),
            ),
            None => reasons
                .doubt(format!("whether stack {name}, which is of production, is protected from deletion is not said")),
        }
    }
    Some(reasons.or_pass(|| format!("stack {name} {}", seen.join(" and "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudformation::stack;

    const ROLE: &str = "arn:aws:iam::111122223333:role/deploy";

    fn of(name: &str, more: serde_json::Value) -> Option<(Status, Vec<&'static str>)> {
        let production = Resources::parse(&["prod-*", "tag:environment=prod"]).unwrap();
        let otherwise = Resources::parse(&["StackSet-*"]).unwrap();
        judge(&stack(name, &more), &production, &otherwise).map(|verdict| (verdict.status, verdict.reasons))
    }

    #[test]
    fn a_stack_has_a_role_or_is_listed() {
        assert_eq!(of("shop", json!({ "RoleARN": ROLE })).unwrap().0, Status::Pass);
        assert_eq!(of("shop", json!({})), Some((Status::Fail, vec!["no_service_role"])));
        assert_eq!(of("shop", json!({ "RoleARN": "" })).unwrap().0, Status::Fail);
        assert_eq!(of("StackSet-baseline-1f0a", json!({})).unwrap().0, Status::Pass);
    }

    #[test]
    fn production_is_protected_from_deletion() {
        let with =
            |on: serde_json::Value| of("prod-shop", json!({ "RoleARN": ROLE, "EnableTerminationProtection": on }));
        assert_eq!(with(json!(true)).unwrap().0, Status::Pass);
        assert_eq!(with(json!(false)), Some((Status::Fail, vec!["no_termination_protection"])));
        assert_eq!(with(json!(null)).unwrap().0, Status::Unknown);
        let tagged = json!({ "RoleARN": ROLE, "EnableTerminationProtection": false, "Tags": [{ "Key": "environment", "Value": "prod" }] });
        assert_eq!(of("shop", tagged).unwrap().0, Status::Fail);
        assert_eq!(
            of("shop", json!({ "RoleARN": ROLE, "EnableTerminationProtection": false })).unwrap().0,
            Status::Pass,
            "no production"
        );
        let both = of("prod-shop", json!({ "EnableTerminationProtection": false })).unwrap().1;
        assert_eq!(both, ["no_service_role", "no_termination_protection"]);
    }

    #[test]
    fn a_nested_stack_is_its_roots_affair() {
        assert_eq!(of("prod-shop-db", json!({ "ParentId": "arn" })), None);
    }
}
