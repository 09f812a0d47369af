//! Does each Region have an active external access analyzer, and inside an organization one that knows it for its zone of trust?

use super::zone::Zone;
use crate::prelude::*;
use posture_estate::services::access_analyzer::Analyzer;

pub async fn probe(at: &Region) -> Outcome {
    let analyzers = at.access_analyzer().analyzers().await?;
    let verdict = match of_organization(at.name(), &analyzers) {
        Some(watched) => watched,
        None => judge(at.name(), &analyzers, &Zone::of(at.account()).await),
    };
    Ok(vec![verdict.on(at.resource())])
}

/// Nothing else matters where there is one of the organization.
fn of_organization(region: &str, analyzers: &[Analyzer]) -> Option<Verdict> {
    let one = analyzers.iter().find(|one| one.kind == "ORGANIZATION" && one.is_active())?;
    let watches = format!("analyzer {} watches {region} for access from outside the organization", one.name);
    Some(Verdict::pass(watches).evidence(json!({ "analyzer": one.arn })))
}

fn judge(region: &str, analyzers: &[Analyzer], zone: &Zone) -> Verdict {
    let external = || analyzers.iter().filter(|one| one.looks_outside());
    if let Some(one) = external().find(|one| one.is_active()) {
        let watches = format!("analyzer {} watches {region} for access from outside the account", one.name);
        let verdict = match zone {
            Zone::Alone => Verdict::pass(watches),
            _ => zone.missing(
                "no_organization_analyzer",
                &format!("{watches}; no active analyzer here has the organization as its zone of trust"),
            ),
        };
        return verdict.evidence(json!({ "analyzer": one.arn }));
    }
    let idle: Vec<String> = external().map(|one| format!("analyzer {} is {}", one.name, one.status)).collect();
    match idle.is_empty() {
        true => zone.missing("no_analyzer", &format!("{region} has no external access analyzer")),
        false => zone.missing("analyzer_not_active", &format!("{region}: {}", idle.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn of(analyzers: &[(&str, &str)], zone: &Zone) -> Verdict {
        let analyzers: Vec<Analyzer> = analyzers
            .iter()
            .map(|(kind, status)| Analyzer {
                arn: "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/a".into(),
                name: "a".into(),
                kind: (*kind).into(),
                status: (*status).into(),
                configuration: None,
            })
            .collect();
        of_organization("eu-west-1", &analyzers).unwrap_or_else(|| judge("eu-west-1", &analyzers, zone))
    }

    #[test]
    fn outside_an_organization_one_of_the_account_suffices() {
        assert_eq!(of(&[("ACCOUNT", "ACTIVE")], &Zone::Alone).status, Status::Pass);
        assert_eq!(of(&[("ACCOUNT", "DISABLED"), ("ACCOUNT", "ACTIVE")], &Zone::Alone).status, Status::Pass);
        for idle in ["CREATING", "DISABLED", "FAILED", "SOMETHING_NEW"] {
            assert_eq!(of(&[("ACCOUNT", idle)], &Zone::Alone).reasons, ["analyzer_not_active"]);
        }
        assert_eq!(of(&[], &Zone::Alone).reasons, ["no_analyzer"]);
        for other in ["ACCOUNT_UNUSED_ACCESS", "ACCOUNT_INTERNAL_ACCESS", "SOMETHING_NEW"] {
            assert_eq!(of(&[(other, "ACTIVE")], &Zone::Alone).reasons, ["no_analyzer"], "{other}");
        }
    }

    #[test]
    fn inside_an_organization_one_of_the_organization_is_wanted() {
        let nobody_else = Zone::Within(Ok(vec![]));
        assert_eq!(of(&[("ORGANIZATION", "ACTIVE")], &nobody_else).status, Status::Pass);
        assert_eq!(of(&[("ACCOUNT", "ACTIVE")], &nobody_else).reasons, ["no_organization_analyzer"]);
        assert_eq!(of(&[("ORGANIZATION", "FAILED")], &nobody_else).reasons, ["analyzer_not_active"]);
        assert_eq!(of(&[], &nobody_else).reasons, ["no_analyzer"]);
    }

    #[test]
    fn a_member_does_not_see_what_another_account_has() {
        // semantics 39
        let other = Zone::Within(Ok(vec!["444455556666".into()]));
        let gap = Gap::new("111122223333", "global", "organizations:DescribeOrganization", GapKind::Denied, "no");
        for zone in [other, Zone::Within(Err(gap.clone())), Zone::Untold(gap)] {
            assert_eq!(of(&[("ACCOUNT", "ACTIVE")], &zone).status, Status::Unknown);
            assert_eq!(of(&[], &zone).status, Status::Unknown);
            assert_eq!(of(&[("ORGANIZATION", "ACTIVE")], &zone).status, Status::Pass);
        }
    }
}
