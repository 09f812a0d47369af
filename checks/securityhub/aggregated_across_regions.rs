//! Does Security Hub draw the Regions together, and does its administrator configure the whole organization centrally? The management
//! account sees who administers it, only the administrator sees the rest.

use super::administration::administers;
use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::securityhub::{Aggregation, SecurityHubOrganization};

pub async fn probe(at: &Account) -> Outcome {
    let organization = at.organizations().organization().await?;
    let Some(organization) = organization.as_ref() else {
        return Ok(vec![Verdict::not_applicable("the account belongs to no organization").on(at.resource())]);
    };
    let on = |verdict: Verdict, part: &str| verdict.sub(part).on(organization.resource());
    if organization.management_account == at.account_id() {
        let ask = at
            .regions()
            .iter()
            .map(async |name| (name.as_str(), at.region(name).securityhub().securityhub_admins().await));
        let mut reasons = Reasons::new();
        if !administers(join_all(ask).await, at.account_id(), &mut reasons) || !reasons.is_empty() {
            return Ok(vec![on(reasons.open(), "administration")]);
        }
    }
    let found = at.securityhub().aggregator_of_any_region().await;
    let arn = found.as_ref().ok().and_then(Option::as_deref).and_then(Arn::parse);
    let home = arn.map(|arn| arn.region).or(at.regions().first().map(String::as_str));
    let Some(home) = home else { return Ok(vec![]) };
    let region = at.region(home);
    let mut links = Reasons::new();
    match &found {
        Ok(Some(arn)) => linked(region.securityhub().aggregation(arn).await, home, at.regions(), &mut links),
        Ok(None) => links.broken("no_aggregator", "no finding aggregator links the Regions"),
        Err(gaps) => gaps.iter().for_each(|gap| links.unseen(gap)),
    }
    let mut coverage = Reasons::new();
    covered(region.securityhub().securityhub_organization().await, home, &mut coverage);
    Ok(vec![
        on(links.or_pass(|| format!("findings of all Regions of the scan come together in {home}")), "aggregation"),
        on(coverage.or_pass(|| "the organization is configured centrally".into()), "configuration"),
    ])
}

/// Whether the aggregator takes in all Regions of the scan.
fn linked(answer: Answer<Aggregation>, home: &str, regions: &[String], reasons: &mut Reasons) {
    let Some(aggregator) = reasons.add(answer) else { return };
    let (mut apart, mut unsure) = (Vec::new(), false);
    for region in regions.iter().filter(|region| *region != home) {
        match aggregator.links(region) {
            Some(true) => {}
            Some(false) => apart.push(region.as_str()),
            None => unsure = true,
        }
    }
    if !apart.is_empty() {
        reasons.broken("regions_left_out", format!("the finding aggregator in {home} leaves out {}", apart.join(", ")));
    }
    if unsure {
        reasons.doubt(format!("which Regions the finding aggregator in {home} links is not said"));
    }
}

/// Whether one configuration covers the organization.
fn covered(answer: Answer<SecurityHubOrganization>, home: &str, reasons: &mut Reasons) {
    let Some(answer) = reasons.add(answer) else { return };
    let configuration = answer.organization_configuration.clone().unwrap_or_default();
    match configuration.configuration_type.as_deref() {
        Some("CENTRAL") => match configuration.status.as_deref() {
            Some("ENABLED") => {}
            Some("FAILED") => reasons.broken("central_configuration_failed", "central configuration has failed"),
            _ => reasons.doubt("central configuration is not in force yet"),
        },
        Some("LOCAL") => {
            let new = if answer.auto_enable == Some(true) {
                "new accounts are enabled there only"
            } else {
                "new accounts are not enabled"
            };
            reasons.broken(
                "configured_locally",
                format!("each account and Region is configured by itself; in {home} {new}"),
            );
        }
        _ => reasons.doubt("how Security Hub is configured for the organization is not said"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::securityhub::Central;

    fn regions() -> Vec<String> {
        ["eu-west-1", "us-east-1"].map(str::to_owned).to_vec()
    }

    fn links(mode: &str, listed: &[&str]) -> Status {
        let listed = listed.iter().map(|&one| one.to_owned()).collect();
        let answer = Aggregation { region_linking_mode: mode.into(), regions: listed };
        let mut reasons = Reasons::new();
        linked(Ok(Arc::new(answer)), "eu-west-1", &regions(), &mut reasons);
        reasons.or_pass(|| "linked".into()).status
    }

    #[test]
    fn every_region_of_the_scan_is_linked() {
        assert_eq!(links("ALL_REGIONS", &[]), Status::Pass);
        assert_eq!(links("SPECIFIED_REGIONS", &["us-east-1"]), Status::Pass);
        assert_eq!(links("SPECIFIED_REGIONS", &["us-west-2"]), Status::Fail);
        assert_eq!(links("ALL_REGIONS_EXCEPT_SPECIFIED", &["us-east-1"]), Status::Fail);
        assert_eq!(links("NO_REGIONS", &[]), Status::Fail);
        assert_eq!(links("SOME", &[]), Status::Unknown);
    }

    #[test]
    fn one_configuration_covers_the_organization() {
        let of = |kind: Option<&str>, status: Option<&str>| {
            let (configuration_type, status) = (kind.map(str::to_owned), status.map(str::to_owned));
            let central = Some(Central { configuration_type, status });
            let answer = SecurityHubOrganization { organization_configuration: central, auto_enable: None };
            let mut reasons = Reasons::new();
            covered(Ok(Arc::new(answer)), "eu-west-1", &mut reasons);
            reasons.or_pass(|| "covered".into()).status
        };
        assert_eq!(of(Some("CENTRAL"), Some("ENABLED")), Status::Pass);
        assert_eq!(of(Some("CENTRAL"), Some("FAILED")), Status::Fail);
        assert_eq!(of(Some("CENTRAL"), Some("PENDING")), Status::Unknown);
        assert_eq!(of(Some("LOCAL"), None), Status::Fail);
        assert_eq!(of(None, None), Status::Unknown);
    }
}
