//! Does each Region have an active external access analyzer with the organization as its zone of trust? It stands in the management
//! account or in the delegated administrator's; what stands in the one does not show in the other.

use super::zone::Zone;
use crate::prelude::*;
use posture_estate::services::access_analyzer::Analyzer;

pub async fn probe(at: &Account) -> Outcome {
    let zone = match Zone::of(at).await {
        Zone::Alone => {
            return Ok(vec![Verdict::not_applicable("the account belongs to no organization").on(at.resource())]);
        }
        Zone::Untold(gap) => return Err(gap),
        zone @ Zone::Within(_) => zone,
    };
    Ok(each(at.regions(), async |name| {
        let region = at.region(name);
        judge(name, region.access_analyzer().analyzers().await, &zone).on(at.resource().region(name))
    })
    .await)
}

fn judge(region: &str, analyzers: Answer<Vec<Analyzer>>, zone: &Zone) -> Verdict {
    let analyzers = match analyzers {
        Ok(analyzers) => analyzers,
        Err(gap) => return Verdict::unseen(&gap),
    };
    let of_organization: Vec<&Analyzer> = analyzers.iter().filter(|one| one.kind == "ORGANIZATION").collect();
    if let Some(active) = of_organization.iter().find(|one| one.is_active()) {
        return Verdict::pass(format!(
            "analyzer {} watches {region} for access from outside the organization",
            active.name
        ))
        .evidence(json!({ "analyzer": active.arn }));
    }
    let idle: Vec<String> =
        of_organization.iter().map(|one| format!("analyzer {} is {}", one.name, one.status)).collect();
    let (slug, none) = if idle.is_empty() {
        ("no_analyzer", "no external access analyzer of the organization is here".to_owned())
    } else {
        ("analyzer_not_active", idle.join(", "))
    };
    zone.missing(slug, &format!("{region}: {none}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn of(analyzers: &[(&str, &str)], others: &[&str]) -> Status {
        let analyzer = |(kind, status): &(&str, &str)| Analyzer {
            arn: "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/a".into(),
            name: "a".into(),
            kind: (*kind).into(),
            status: (*status).into(),
            configuration: None,
        };
        let analyzers = Ok(Arc::new(analyzers.iter().map(analyzer).collect()));
        let others = others.iter().map(|&id| id.to_owned()).collect();
        judge("eu-west-1", analyzers, &Zone::Within(Ok(others))).status
    }

    #[test]
    fn an_active_external_access_analyzer_of_the_organization_counts() {
        assert_eq!(of(&[("ORGANIZATION", "ACTIVE")], &["444455556666"]), Status::Pass);
        for other in [("ACCOUNT", "ACTIVE"), ("ORGANIZATION_UNUSED_ACCESS", "ACTIVE"), ("ORGANIZATION", "DISABLED")] {
            assert_eq!(of(&[other], &[]), Status::Fail);
        }
    }

    #[test]
    fn another_account_may_have_one() {
        // semantics 39
        assert_eq!(of(&[], &[]), Status::Fail);
        assert_eq!(of(&[], &["444455556666"]), Status::Unknown);
        let gap = Gap::new("111122223333", "eu-west-1", "access-analyzer:ListAnalyzers", GapKind::Denied, "no");
        assert_eq!(judge("eu-west-1", Err(gap.clone()), &Zone::Within(Ok(vec![]))).status, Status::Unknown);
        assert_eq!(judge("eu-west-1", Ok(Arc::new(vec![])), &Zone::Within(Err(gap))).status, Status::Unknown);
    }
}
