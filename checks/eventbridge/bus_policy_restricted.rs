//! Who may send events to a bus, or make rules on it? Everyone may not, and whoever is of another account is named or of the organization.

use super::senders::{organization, weigh};
use crate::prelude::*;
use crate::public;
use posture_estate::services::events::EventBus;
use posture_estate::services::organizations::Organization;
use posture_policy::{self as policy, Grantee, Zone};

pub async fn probe(at: &Region) -> Outcome {
    let buses = at.events().buses().await?;
    let zone = &at.account().zone();
    Ok(each(buses.iter(), async |bus| {
        let verdict = match judge(bus, zone, None) {
            // Only who wonders which organization is meant asks for one's own.
            Judged::NeedsOrganization => {
                let own = at.account().organizations().organization().await;
                match judge(bus, zone, Some(&own)) {
                    Judged::Verdict(verdict) => *verdict,
                    Judged::NeedsOrganization => {
                        Verdict::undecided("which organization the account is in is not known")
                    }
                }
            }
            Judged::Verdict(verdict) => *verdict,
        };
        verdict.on(bus.resource())
    })
    .await)
}

enum Judged {
    Verdict(Box<Verdict>),
    NeedsOrganization,
}

fn judge(bus: &EventBus, zone: &Zone, own: Option<&Answer<Option<Organization>>>) -> Judged {
    let name = &bus.name;
    let said = |verdict: Verdict| Judged::Verdict(Box::new(verdict));
    let Some(text) = &bus.policy else {
        return said(Verdict::pass(format!("event bus {name} has no policy, so no other account may send to it")));
    };
    let mut reasons = Reasons::new();
    let parsed = zone.parse(text);
    public::weigh(&format!("the policy of event bus {name}"), &parsed, zone, &mut reasons);
    let document = match parsed {
        Ok(document) => document,
        Err(error) => {
            return said(Verdict::undecided(format!("the policy of event bus {name} cannot be read: {error}")));
        }
    };
    let known = organization(zone, own, &mut reasons);
    let zone = &Zone { organization: known, ..zone.clone() };
    let (grants, doubts) = policy::external_and_doubts(&document, zone);
    let organizations = grants.iter().any(|grant| grant.kind == Grantee::Organization);
    if organizations && zone.organization.is_none() && own.is_none() {
        return Judged::NeedsOrganization;
    }
    for why in doubts {
        reasons.doubt(format!("who the policy of event bus {name} lets in cannot be decided: {why}"));
    }
    grants.iter().for_each(|grant| weigh(&bus.name, grant, own, &mut reasons));
    let senders: Vec<&String> =
        grants.iter().filter(|grant| grant.kind != Grantee::Service).map(|grant| &grant.principal).collect();
    let open = policy::opened(&document);
    said(
        reasons
            .or_pass(|| match senders.as_slice() {
                [] => format!("the policy of event bus {name} lets in nobody outside the account and its organization"),
                some => format!(
                    "the policy of event bus {name} lets in named accounts only: {}",
                    some.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ")
                ),
            })
            .evidence(json!({ "outside": senders, "open": open })),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn bus(principal: &str, condition: &str) -> EventBus {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"events:PutEvents","Resource":"arn:aws:events:eu-west-1:111122223333:event-bus/b"{condition}}}]}}"#
        );
        EventBus { name: "b".into(), arn: "arn".into(), policy: Some(policy) }
    }

    fn verdict(bus: &EventBus, own: Option<&Answer<Option<Organization>>>) -> Option<Verdict> {
        match judge(bus, &Zone::of("111122223333", "aws"), own) {
            Judged::Verdict(verdict) => Some(*verdict),
            Judged::NeedsOrganization => None,
        }
    }

    fn of(principal: &str, condition: &str) -> Verdict {
        verdict(&bus(principal, condition), None).unwrap()
    }

    #[test]
    fn everyone_may_not_send() {
        assert_eq!(of(r#""*""#, "").reasons, ["public"]);
        assert_eq!(
            of(r#"{"AWS":"*"}"#, r#","Condition":{"StringEquals":{"events:source":"app"}}"#).status,
            Status::Fail
        );
        let none = EventBus { policy: None, ..bus("", "") };
        assert_eq!(verdict(&none, None).unwrap().status, Status::Pass);
    }

    #[test]
    fn a_sender_of_another_account_is_named() {
        let named = of(r#"{"AWS":"arn:aws:iam::444455556666:root"}"#, "");
        assert_eq!(named.status, Status::Pass);
        assert!(named.message.contains("444455556666"), "{}", named.message);
        assert_eq!(of(r#"{"AWS":"111122223333"}"#, "").status, Status::Pass);
        assert_eq!(of(r#"{"Service":"events.amazonaws.com"}"#, "").status, Status::Pass);
        let network = r#","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#;
        assert_eq!(of(r#""*""#, network).reasons, ["sender_not_named"]);
        assert_eq!(of(r#"{"CanonicalUser":"79a5"}"#, "").status, Status::Unknown);
    }

    #[test]
    fn an_organization_has_to_be_ones_own() {
        let by = bus(r#""*""#, r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-ours"}}"#);
        assert!(verdict(&by, None).is_none(), "the account is asked first");
        let own = |id: &str| -> Answer<Option<Organization>> {
            let own = json!({"Id": id, "Arn": "arn", "MasterAccountId": "999988887777", "FeatureSet": "ALL"});
            Ok(Arc::new(serde_json::from_value(own).unwrap()))
        };
        assert_eq!(verdict(&by, Some(&own("o-ours"))).unwrap().status, Status::Pass);
        assert_eq!(verdict(&by, Some(&own("o-theirs"))).unwrap().reasons, ["other_organization"]);
        assert_eq!(verdict(&by, Some(&Ok(Arc::new(None)))).unwrap().reasons, ["other_organization"]);
        let gap = Gap::new("1", "global", "organizations:DescribeOrganization", GapKind::Denied, "no");
        assert_eq!(verdict(&by, Some(&Err(gap))).unwrap().status, Status::Unknown);
    }

    #[test]
    fn what_cannot_be_read_or_decided_is_unknown() {
        let broken = EventBus { policy: Some("{".into()), ..bus("", "") };
        assert_eq!(verdict(&broken, None).unwrap().status, Status::Unknown);
        assert_eq!(of(r#""*""#, r#","Condition":{"StringEquals":{"aws:SomethingNew":"x"}}"#).status, Status::Unknown);
    }
}
