//! Whom the policy of a resource lets in and should not: everyone, somebody outside the zone of trust, a service that acts for anyone.

use crate::prelude::*;
use posture_estate::services::organizations::Organization;
use posture_policy::{self as policy, Decision, Grant, Grantee, Zone};

/// What the check that asks calls each of them.
pub(super) struct Slugs {
    pub public: &'static str,
    pub outsider: &'static str,
    pub service: &'static str,
}

/// The zone of trust, and the account's own organization in it, also where the scan is of single accounts.
pub(super) async fn zone(at: &Region, trusted: &[String]) -> Zone {
    let zone = at.account().zone().trusting(trusted);
    if zone.organization.is_some() {
        return zone;
    }
    with_own(zone, at.account().organizations().organization().await)
}

/// What was not seen stays open. An account of no organization is in none that a policy can name, and no organization has an empty id.
fn with_own(zone: Zone, own: Answer<Option<Organization>>) -> Zone {
    let organization = own.ok().map(|own| own.there().map(|own| own.id.clone()).unwrap_or_default());
    Zone { organization, ..zone }
}

/// Judges `whose` (`the policy of repository shop`) by whom its text lets in, whatever they may do.
pub(super) fn judge(whose: &str, text: &str, zone: &Zone, slugs: &Slugs) -> Verdict {
    let document = match zone.parse(text) {
        Ok(document) => document,
        Err(error) => return Verdict::undecided(format!("{whose} cannot be read: {error}")),
    };
    let mut reasons = Reasons::new();
    let public = policy::public(&document, zone);
    match &public {
        Decision::Yes(why) => reasons.broken(slugs.public, format!("{whose} is open to everyone: {why}")),
        Decision::CannotTell(why) => {
            reasons.doubt(format!("whether {whose} is open to everyone cannot be decided: {why}"));
        }
        Decision::No(_) => {}
    }
    let (grants, doubts) = policy::external_and_doubts(&document, zone);
    for why in doubts {
        reasons.doubt(format!("whom {whose} lets in cannot be decided: {why}"));
    }
    // Everyone is judged apart, or limited by a network.
    let everyone = |grant: &&Grant| grant.kind == Grantee::Everyone;
    for grant in grants.iter().filter(|grant| !everyone(grant)) {
        weigh(grant, given(whose, grant), zone, slugs.outsider, &mut reasons);
    }
    for grant in through_services(text, zone).iter().filter(|grant| !everyone(grant)) {
        let Grant { statement, principal, actions, .. } = grant;
        let given = format!(
            "statement {statement} of {whose} gives a service that acts for {principal} {}",
            actions.join(", ")
        );
        weigh(grant, given, zone, slugs.outsider, &mut reasons);
    }
    for (service, decision) in policy::confused_deputy(&document, zone) {
        match decision {
            Decision::Yes(why) => {
                reasons.broken(slugs.service, format!("{whose} lets {service} act for anyone: {why}"))
            }
            Decision::CannotTell(why) => {
                reasons.doubt(format!("for whom {whose} lets {service} act cannot be decided: {why}"));
            }
            Decision::No(_) => {}
        }
    }
    let open = if public.is_yes() { policy::opened(&document) } else { Vec::new() };
    let outside: Vec<&str> = grants.iter().map(|grant| grant.principal.as_str()).collect();
    reasons
        .or_pass(|| format!("{whose} lets in nobody outside the zone of trust"))
        .evidence(json!({ "open": open, "outside": outside }))
}

/// For whom services are let in, where conditions fix that: what would be granted if everyone were in their place. So the functions of
/// another account pull images
/// (<https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions>).
fn through_services(text: &str, zone: &Zone) -> Vec<Grant> {
    let Ok(mut document) = serde_json::from_str::<serde_json::Value>(text) else { return Vec::new() };
    let own = json!({ "AWS": zone.account });
    let statements = match document.get_mut("Statement") {
        Some(serde_json::Value::Array(all)) => all.iter_mut().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    for statement in statements.into_iter().filter(|one| one["Effect"] == "Allow").filter_map(|one| one.as_object_mut())
    {
        let service = statement.get("Principal").is_some_and(|named| named.get("Service").is_some());
        statement.remove("NotPrincipal");
        statement.insert("Principal".into(), if service { "*".into() } else { own.clone() });
    }
    zone.parse(&document.to_string()).map(|document| policy::external_and_doubts(&document, zone).0).unwrap_or_default()
}

/// `statement 1 of the policy of key k gives 444455556666 kms:Decrypt`.
pub(super) fn given(whose: &str, grant: &Grant) -> String {
    let Grant { statement, principal, actions, .. } = grant;
    format!("statement {statement} of {whose} gives {principal} {}", actions.join(", "))
}

/// The condition that a grant does not go outside the zone of trust.
pub(super) fn weigh(grant: &Grant, given: String, zone: &Zone, outsider: &'static str, reasons: &mut Reasons) {
    match standing(grant, zone) {
        Standing::Inside => {}
        Standing::Outside => reasons.broken(outsider, given),
        Standing::Untold(why) => reasons.doubt(format!("{given}, and {why}")),
    }
}

/// Where a grant goes.
pub(super) enum Standing {
    /// Nobody outside by name; services are judged by for whom they act.
    Inside,
    Outside,
    Untold(&'static str),
}

pub(super) fn standing(grant: &Grant, zone: &Zone) -> Standing {
    let own = || posture_estate::arn::account_of(&grant.principal).is_some_and(|account| zone.has(account));
    match grant.kind {
        Grantee::Federated if own() => Standing::Inside,
        Grantee::Account | Grantee::Federated => Standing::Outside,
        // What narrows everyone without naming an account is a network or a source: S3 does not call it public either.
        Grantee::Everyone if !grant.tied => Standing::Outside,
        Grantee::Everyone | Grantee::Service => Standing::Inside,
        // The organization of the scan is inside the zone, so this is another one.
        Grantee::Organization if zone.organization.is_some() => Standing::Outside,
        Grantee::Organization => Standing::Untold("whether that is this account's organization was not seen"),
        Grantee::Canonical => Standing::Untold("that id does not show its account"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    const SLUGS: Slugs = Slugs { public: "public", outsider: "outsider", service: "service" };

    fn judged(statement: &str, zone: &Zone) -> Verdict {
        judge("the policy of x", &format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#), zone, &SLUGS)
    }

    fn of(principal: &str, condition: &str) -> (Status, Vec<&'static str>) {
        let statement =
            format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"ecr:BatchGetImage"{condition}}}"#);
        let verdict = judged(&statement, &Zone::of("111122223333", "aws"));
        (verdict.status, verdict.reasons)
    }

    #[test]
    fn everyone_is_the_public_unless_a_condition_fixes_somebody() {
        assert_eq!(of(r#""*""#, ""), (Status::Fail, vec!["public"]));
        assert_eq!(
            of(r#"{"AWS":"*"}"#, r#","Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#).0,
            Status::Pass
        );
        assert_eq!(of(r#""*""#, r#","Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}}"#).0, Status::Pass);
        assert_eq!(of(r#""*""#, r#","Condition":{"StringEquals":{"aws:SomethingNew":"x"}}"#).0, Status::Unknown);
        assert_eq!(
            of(r#""*""#, r#","Condition":{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}"#),
            (Status::Fail, vec!["outsider"])
        );
    }

    #[test]
    fn other_accounts_are_outsiders_unless_they_are_trusted() {
        let statement = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"ecr:*"}"#;
        let alone = Zone::of("111122223333", "aws");
        let verdict = judged(statement, &alone);
        assert_eq!((verdict.status, verdict.reasons), (Status::Fail, vec!["outsider"]));
        assert_eq!(verdict.message, "statement 1 of the policy of x gives 444455556666 ecr:*");
        assert_eq!(judged(statement, &alone.trusting(&["444455556666".into()])).status, Status::Pass);
        assert_eq!(of(r#"{"AWS":"arn:aws:iam::111122223333:role/app"}"#, "").0, Status::Pass);
    }

    #[test]
    fn another_organization_is_outside_and_an_unknown_one_is_unknown() {
        let statement = r#"{"Effect":"Allow","Principal":"*","Action":"ecr:*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-theirs"}}}"#;
        let alone = Zone::of("111122223333", "aws");
        assert_eq!(judged(statement, &alone).status, Status::Unknown);
        let known = |id: &str| Zone { organization: Some(id.into()), ..alone.clone() };
        assert_eq!(judged(statement, &known("o-ours")).reasons, ["outsider"]);
        assert_eq!(judged(statement, &known("o-theirs")).status, Status::Pass);
    }

    #[test]
    fn the_accounts_own_organization_is_inside_in_a_scan_of_single_accounts_too() {
        // semantics 164
        let statement = r#"{"Effect":"Allow","Principal":"*","Action":"ecr:*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}"#;
        let of = |own: Answer<Option<Organization>>| {
            judged(statement, &with_own(Zone::of("111122223333", "aws"), own)).status
        };
        let own = |id: &str| {
            let own = json!({"Id": id, "Arn": "arn", "MasterAccountId": "999988887777", "FeatureSet": "ALL"});
            Ok(Arc::new(serde_json::from_value(own).unwrap()))
        };
        let gap = Gap::new("1", "global", "organizations:DescribeOrganization", GapKind::Denied, "no");
        assert_eq!(of(own("o-1")), Status::Pass);
        assert_eq!(of(own("o-2")), Status::Fail);
        assert_eq!(of(Ok(Arc::new(None))), Status::Fail, "an account of no organization");
        assert_eq!(of(Err(gap)), Status::Unknown);
    }

    #[test]
    fn a_service_is_judged_by_for_whom_it_acts() {
        // semantics 40
        let own = r#","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#;
        assert_eq!(of(r#"{"Service":"codebuild.amazonaws.com"}"#, own).0, Status::Pass);
        let anyone = of(r#"{"Service":"s3.amazonaws.com"}"#, "");
        assert_eq!(anyone, (Status::Fail, vec!["service"]));
        for theirs in [
            r#","Condition":{"StringEquals":{"aws:SourceAccount":"444455556666"}}"#,
            r#","Condition":{"StringLike":{"aws:SourceArn":"arn:aws:lambda:eu-west-1:444455556666:function:*"}}"#,
        ] {
            assert_eq!(
                of(r#"{"Service":"lambda.amazonaws.com"}"#, theirs),
                (Status::Fail, vec!["outsider"]),
                "{theirs}"
            );
        }
        let ours =
            r#","Condition":{"StringLike":{"aws:SourceArn":"arn:aws:lambda:eu-west-1:111122223333:function:*"}}"#;
        assert_eq!(of(r#"{"Service":"lambda.amazonaws.com"}"#, ours).0, Status::Pass);
        assert_eq!(of(r#"{"Service":"lambda.amazonaws.com"}"#, "").0, Status::Pass, "it need not send a key");
    }

    #[test]
    fn one_undecided_statement_does_not_hide_another_that_is_open() {
        let unsure = r#"{"Effect":"Allow","Principal":"*","Action":"ecr:*","Condition":{"StringEquals":{"aws:SomethingNew":"x"}}}"#;
        let open = r#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"ecr:*"}"#;
        assert_eq!(judged(&[unsure, open].join(","), &Zone::of("111122223333", "aws")).status, Status::Fail);
        assert_eq!(judge("x", "{", &Zone::of("111122223333", "aws"), &SLUGS).status, Status::Unknown);
    }
}
