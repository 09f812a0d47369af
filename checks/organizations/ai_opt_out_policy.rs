//! Does the root opt the whole organization out of the use of its content by AI services, so that no policy further down takes it back?

use super::with_policies;
use crate::prelude::*;
use posture_estate::services::organizations::effective::{Effective, InForce};
use posture_estate::services::organizations::management::ManagementPolicies;
use posture_estate::services::organizations::{PolicyType, Unit};

const SERVICES: &str = "services";
const DEFAULT: &str = "default";
const SETTING: &str = "opt_out_policy";

/// As AWS writes it; in other letters it has no effect.
const OUT: &str = "optOut";

pub async fn probe(at: &Account) -> Outcome {
    if let Err(finding) = with_policies(at, PolicyType::AiOptOut, "AI services opt-out policies").await? {
        return Ok(vec![*finding]);
    }
    let (roots, policies) =
        join!(at.organizations().organization_roots(), at.organizations().management_policies(PolicyType::AiOptOut));
    let (roots, policies) = (roots?, policies?);
    let judged = roots.iter().flat_map(|root| {
        let [out, kept] = judge(&root.unit, &policies);
        [out.sub("opt-out").on(root.unit.resource()), kept.sub("override").on(root.unit.resource())]
    });
    Ok(judged.collect())
}

/// Whether all services are opted out, and whether that stays so.
fn judge(root: &Unit, policies: &ManagementPolicies) -> [Verdict; 2] {
    let effective = policies.effective(&[&root.id]);
    let seen = json!({ "policies": policies.names(&[&root.id]) });
    if let Some(verdict) = effective.uncertain() {
        return [verdict.clone().evidence(seen.clone()), verdict.evidence(seen)];
    }
    [opted_out(&effective).evidence(seen.clone()), kept(&effective).evidence(seen)]
}

fn opted_out(effective: &Effective) -> Verdict {
    let mut reasons = Reasons::new();
    match effective.get(&[SERVICES, DEFAULT, SETTING]) {
        InForce::Is(value) if value == OUT => {}
        InForce::Is(value) => {
            reasons.broken("not_opted_out", format!("the policies of the root set all AI services to {value}"));
        }
        InForce::Unset => reasons.broken("not_opted_out", "no policy of the root opts out of all AI services"),
        InForce::Contested => reasons.doubt("policies of the root contradict each other on all AI services"),
    }
    let mut back = Vec::new();
    for service in effective.sections(&[SERVICES]).into_iter().filter(|service| *service != DEFAULT) {
        match effective.get(&[SERVICES, service, SETTING]) {
            InForce::Is(value) if value != OUT => back.push(service),
            InForce::Contested => reasons.doubt(format!("policies of the root contradict each other on {service}")),
            InForce::Is(_) | InForce::Unset => {}
        }
    }
    if !back.is_empty() {
        let which = back.join(", ");
        reasons.broken("service_opted_in", format!("the policies of the root opt in to the AI services {which}"));
    }
    reasons.or_pass(|| "the root opts out of all AI services".into())
}

fn kept(effective: &Effective) -> Verdict {
    let named = effective.sections(&[SERVICES]);
    if named.is_empty() {
        return Verdict::not_applicable("no policy of the root says anything of AI services that could be taken back");
    }
    let open = |service: &&str| !effective.is_closed(&[SERVICES, service, SETTING]);
    let mut open: Vec<&str> = named.iter().copied().filter(open).collect();
    if !effective.is_closed(&[SERVICES]) {
        open.push("any service that the root does not name");
    }
    if open.is_empty() {
        return Verdict::pass(format!(
            "no policy of a unit or account may change what the root says of {}",
            named.join(", ")
        ));
    }
    let what = open.join(", ");
    Verdict::fail(
        "override_allowed",
        format!("policies of units and accounts may say something else of AI services: {what}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: &str = r#""@@operators_allowed_for_child_policies":["@@none"]"#;

    fn of(texts: &[&str]) -> [Verdict; 2] {
        let root = Unit { id: "r-ab12".into(), arn: "arn".into(), name: "Root".into() };
        let policies = texts.iter().map(|text| ("r-ab12", *text));
        judge(&root, &ManagementPolicies::example(policies.chain([("ou-ab12-1", "{")])))
    }

    fn document(services: &str, default: &str, more: &str) -> String {
        format!(r#"{{"services":{{{services}"default":{{"opt_out_policy":{{{default}"@@assign":"optOut"}}}}{more}}}}}"#)
    }

    /// The slugs of both findings.
    fn slugs(texts: &[&str]) -> [Vec<&'static str>; 2] {
        of(texts).map(|verdict| verdict.reasons)
    }

    fn statuses(texts: &[&str]) -> [Status; 2] {
        of(texts).map(|verdict| verdict.status)
    }

    #[test]
    fn all_are_opted_out_and_nothing_takes_it_back() {
        let none = format!("{NONE},");
        let out = document(&none, &none, "");
        assert_eq!(statuses(&[&out]), [Status::Pass, Status::Pass]);
        assert_eq!(statuses(&[]), [Status::Fail, Status::NotApplicable]);
        assert_eq!(slugs(&[])[0], ["not_opted_out"]);
        for other in ["optIn", "OptOut"] {
            assert_eq!(slugs(&[&out.replace("optOut", other)])[0], ["not_opted_out"], "{other}");
        }
    }

    #[test]
    fn the_default_and_new_services_are_closed() {
        let none = format!("{NONE},");
        let [[_, no_services], [_, no_default]] = [of(&[&document("", &none, "")]), of(&[&document(&none, "", "")])];
        assert_eq!([&no_services.reasons[..], &no_default.reasons[..]], [["override_allowed"]; 2]);
        assert!(no_services.message.ends_with("services: any service that the root does not name"));
        assert!(no_default.message.ends_with("services: default"));
    }

    #[test]
    fn a_service_of_its_own_is_out_and_closed_too() {
        let none = format!("{NONE},");
        let with = |value: &str| document(&none, &none, &format!(r#","lex":{{"opt_out_policy":{{{value}}}}}"#));
        assert_eq!(slugs(&[&with(&format!(r#"{NONE},"@@assign":"optIn""#))]), [vec!["service_opted_in"], vec![]]);
        assert_eq!(slugs(&[&with(r#""@@assign":"optOut""#)]), [vec![], vec!["override_allowed"]]);
        assert_eq!(statuses(&[&with(&format!(r#"{NONE},"@@assign":"optOut""#))]), [Status::Pass, Status::Pass]);
    }

    #[test]
    fn what_is_not_read_or_contradicts_itself_is_unknown() {
        let none = format!("{NONE},");
        let out = document(&none, &none, "");
        assert_eq!(statuses(&[&out, "{"]), [Status::Unknown, Status::Unknown]);
        assert_eq!(statuses(&[&out, &out.replace("optOut", "optIn")])[0], Status::Unknown);
    }
}
