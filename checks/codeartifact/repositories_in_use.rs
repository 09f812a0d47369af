//! Does a domain hand out packages from one place, drawn from upstream, to nobody outside? A domain of another account is judged by what
//! this account has in it.

use super::domains::judge_domain;
use super::outsiders::closed;
use crate::prelude::*;
use crate::strangers;
use posture_estate::services::codeartifact::PackageRepository;
use std::collections::BTreeMap;

/// Accounts that are no strangers.
const TRUSTED_ACCOUNTS: Setting<[String]> = setting!(repositories_in_use.trusted_accounts);

pub async fn probe(at: &Region) -> Outcome {
    let repositories = at.codeartifact().repositories().await?;
    if repositories.is_empty() {
        let none = format!(
            "the account has no CodeArtifact repository in {}; whether its builds use one that another account shares is not visible here",
            at.name()
        );
        return Ok(vec![Verdict::not_applicable(none).on(at.resource())]);
    }
    let zone = &strangers::zone(at, at.setting(TRUSTED_ACCOUNTS)).await;
    let mut domains: BTreeMap<(&str, &str), Vec<&PackageRepository>> = BTreeMap::new();
    for repository in repositories.iter() {
        domains.entry((&repository.domain_owner, &repository.domain_name)).or_default().push(repository);
    }
    let mut findings = each(domains, async |((owner, domain), inside)| {
        let own = owner == at.account_id();
        let sources = join_all(inside.iter().map(async |one| at.codeartifact().repository_sources(one).await));
        let (sources, text) = join!(sources, async {
            match own {
                true => at.codeartifact().domain_policy(domain).await.map(Some),
                false => Ok(None),
            }
        });
        let text = text.map(|text| text.and_then(|text| text.there().cloned()));
        let arn = inside.first().map(|one| one.arn.replace(":repository/", ":domain/"));
        let arn = arn.and_then(|arn| Some(arn.rsplit_once('/')?.0.to_owned())).unwrap_or_default();
        judge_domain(domain, &sources, text, zone).on(Resource::new(arn, "AWS::CodeArtifact::Domain", domain))
    })
    .await;
    findings.extend(
        each(repositories.iter(), async |repository| {
            let what = format!("repository {}", repository.label());
            let mut reasons = Reasons::new();
            if let Some(text) = reasons.add(at.codeartifact().repository_policy(repository).await) {
                closed(&what, text.there().map(String::as_str), zone, &mut reasons);
            }
            reasons.or_pass(|| format!("{what} is open to nobody outside")).on(repository.resource())
        })
        .await,
    );
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::codeartifact::RepositorySources;
    use posture_policy::Zone;

    fn zone() -> Zone {
        Zone::of("111122223333", "aws")
    }

    fn sources(upstream: usize, external: usize) -> Answer<Option<RepositorySources>> {
        let upstreams = vec![json!({ "repositoryName": "store" }); upstream];
        let connections = vec![json!({ "externalConnectionName": "public:npmjs" }); external];
        let sources = json!({ "upstreams": upstreams, "externalConnections": connections });
        Ok(Arc::new(Some(serde_json::from_value(sources).unwrap())))
    }

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "codeartifact:DescribeRepository", GapKind::Denied, "no")
    }

    fn policy(statement: &str) -> Verdict {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"codeartifact:ReadFromRepository","Resource":"*",{statement}}}]}}"#
        );
        judge_domain("acme", &[sources(1, 0)], Ok(Some(text)), &zone())
    }

    #[test]
    fn a_domain_draws_from_upstream() {
        let of = |all: &[Answer<Option<RepositorySources>>]| judge_domain("acme", all, Ok(None), &zone());
        assert_eq!(of(&[sources(1, 0)]).status, Status::Pass);
        assert_eq!(of(&[sources(0, 0), sources(0, 1)]).status, Status::Pass);
        assert_eq!(of(&[sources(0, 0)]).reasons, ["no_upstream"]);
        assert_eq!(of(&[sources(0, 0), Err(gap())]).status, Status::Unknown);
        assert_eq!(of(&[sources(0, 1), Err(gap())]).status, Status::Pass);
    }

    #[test]
    fn a_domain_whose_repositories_went_meanwhile_is_unknown() {
        let gone = Ok(Arc::new(None));
        assert_eq!(judge_domain("acme", &[gone], Ok(None), &zone()).status, Status::Unknown);
    }

    #[test]
    fn policies_let_in_nobody_outside() {
        assert_eq!(policy(r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#).status, Status::Pass);
        assert_eq!(policy(r#""Principal":{"AWS":"arn:aws:iam::444455556666:root"}"#).reasons, ["open_outside"]);
        assert_eq!(policy(r#""Principal":"*""#).reasons, ["open_outside"]);
        let organization = r#""Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-aaaabbbbcc"}}"#;
        assert_eq!(policy(organization).status, Status::Unknown);
        let known = Zone { organization: Some("o-aaaabbbbcc".into()), ..zone() };
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"codeartifact:ReadFromRepository","Resource":"*",{organization}}}]}}"#
        );
        assert_eq!(judge_domain("acme", &[sources(1, 0)], Ok(Some(text)), &known).status, Status::Pass);
    }

    #[test]
    fn a_policy_that_was_not_read_is_unknown() {
        assert_eq!(judge_domain("acme", &[sources(1, 0)], Err(gap()), &zone()).status, Status::Unknown);
        assert_eq!(judge_domain("acme", &[sources(1, 0)], Ok(Some("{".into())), &zone()).status, Status::Unknown);
    }
}
