//! Does Security Hub draw the Regions together, and does its administrator configure the whole organization centrally? The management
//! account sees who administers it, only the administrator sees the rest.

use super::administration::administers;
use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::organizations::Seat;
use posture_estate::services::securityhub::{Aggregation, Aggregator, SecurityHubOrganization};

const SERVICE: &str = "securityhub.amazonaws.com";

pub async fn probe(at: &Account) -> Outcome {
    let organization = at.organizations().organization().await?;
    let Some(organization) = organization.as_ref() else {
        return Ok(vec![Verdict::not_applicable("the account belongs to no organization").on(at.resource())]);
    };
    let on = |verdict: Verdict, part: &str| verdict.sub(part).on(organization.resource());
    let seat = at.organizations().seat(organization, SERVICE).await;
    if seat == Seat::Management {
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
    let arn = match &found {
        Ok(Aggregator::Shown(arn)) => Arn::parse(arn),
        _ => None,
    };
    let home = arn.map(|arn| arn.region).or(at.regions().first().map(String::as_str));
    let Some(home) = home else { return Ok(vec![]) };
    let region = at.region(home);
    let configuration = region.securityhub().securityhub_organization().await;
    if let Some(verdict) = not_administrator(at.account_id(), &seat, &configuration) {
        return Ok(vec![on(verdict, "administration")]);
    }
    let mut links = Reasons::new();
    match &found {
        Ok(Aggregator::Shown(arn)) => {
            let (aggregation, enabled) =
                join!(region.securityhub().aggregation(arn), at.account_management().enabled_regions());
            linked(aggregation, home, at.regions(), enabled, &mut links);
        }
        Ok(Aggregator::Off) if !at.account_management().in_scope_whole().await => {
            links.doubt("Security Hub is off in the Regions of the scan; whether another has a finding aggregator was not looked at");
        }
        Ok(Aggregator::Absent | Aggregator::Off) => {
            links.broken("no_aggregator", "no finding aggregator links the Regions");
        }
        Err(gaps) => gaps.iter().for_each(|gap| links.unseen(gap)),
    }
    let mut coverage = Reasons::new();
    covered(configuration, home, &mut coverage);
    Ok(vec![
        on(links.or_pass(|| format!("findings of all Regions of the account come together in {home}")), "aggregation"),
        on(coverage.or_pass(|| "the organization is configured centrally".into()), "configuration"),
    ])
}

/// What there is to say where nothing shows that the account is the administrator: AWS answers for the organization's configuration to
/// the administrator alone, and an aggregator that shows to a member says nothing of the organization's
/// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeOrganizationConfiguration.html>).
fn not_administrator(account: &str, seat: &Seat, configuration: &Answer<SecurityHubOrganization>) -> Option<Verdict> {
    let (Seat::Other(_) | Seat::Untold(_), Err(gap)) = (seat, configuration) else { return None };
    let mut reasons = Reasons::new();
    seat.doubt(account, "Security Hub", &mut reasons);
    reasons.unseen(gap);
    Some(reasons.open())
}

/// Whether the aggregator takes in all Regions of the scan.
fn linked(
    answer: Answer<Aggregation>,
    home: &str,
    in_scope: &[String],
    enabled: Result<Vec<String>, Gap>,
    reasons: &mut Reasons,
) {
    let Some(aggregator) = reasons.add(answer) else { return };
    let (mut apart, mut unsure) = (Vec::new(), false);
    // It is about the organization, whichever Regions the scan looks at.
    let mut regions = in_scope.to_vec();
    match enabled {
        Ok(enabled) => regions.extend(enabled.into_iter().filter(|region| !in_scope.contains(region))),
        Err(_) if aggregator.links_every_region() => {}
        Err(gap) => reasons.unseen(&gap),
    }
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
    if answer.member_account_limit_reached == Some(true) {
        reasons.broken(
            "member_limit_reached",
            "the administrator has as many members as it may have: new accounts are not covered",
        );
    }
    let configuration = answer.organization_configuration.clone().unwrap_or_default();
    match configuration.configuration_type.as_deref() {
        Some("CENTRAL") => match configuration.status.as_deref() {
            Some("ENABLED") => {}
            Some("FAILED") => reasons.broken("central_configuration_failed", "central configuration has failed"),
            Some("DISABLED") => reasons.doubt("central configuration is off: policies of AWS Organizations manage Security Hub, and they are not looked at"),
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

    fn links_of(mode: &str, listed: &[&str], in_scope: usize, enabled: Result<Vec<String>, Gap>) -> Status {
        let listed = listed.iter().map(|&one| one.to_owned()).collect();
        let answer = Aggregation { region_linking_mode: mode.into(), regions: listed };
        let mut reasons = Reasons::new();
        linked(Ok(Arc::new(answer)), "eu-west-1", &regions()[..in_scope], enabled, &mut reasons);
        reasons.or_pass(|| "linked".into()).status
    }

    fn links(mode: &str, listed: &[&str]) -> Status {
        links_of(mode, listed, 2, Ok(regions()))
    }

    fn gap() -> Gap {
        let (call, kind) = ("account:ListRegions", posture_estate::finding::GapKind::Denied);
        Gap::new("111122223333", "global", call, kind, "no")
    }

    #[test]
    fn every_enabled_region_is_linked_whichever_the_scan_looks_at() {
        for in_scope in [1, 2] {
            assert_eq!(links_of("NO_REGIONS", &[], in_scope, Ok(regions())), Status::Fail);
            assert_eq!(links_of("SPECIFIED_REGIONS", &["us-west-2"], in_scope, Ok(regions())), Status::Fail);
            assert_eq!(links_of("SPECIFIED_REGIONS", &["us-east-1"], in_scope, Ok(regions())), Status::Pass);
        }
        assert_eq!(links_of("SPECIFIED_REGIONS", &["us-east-1"], 2, Err(gap())), Status::Unknown);
        assert_eq!(links_of("ALL_REGIONS", &[], 1, Err(gap())), Status::Pass);
        assert_eq!(links("ALL_REGIONS", &[]), Status::Pass);
        assert_eq!(links("SPECIFIED_REGIONS", &["us-east-1"]), Status::Pass);
        assert_eq!(links("SPECIFIED_REGIONS", &["us-west-2"]), Status::Fail);
        assert_eq!(links("ALL_REGIONS_EXCEPT_SPECIFIED", &["us-east-1"]), Status::Fail);
        assert_eq!(links("NO_REGIONS", &[]), Status::Fail);
        assert_eq!(links("SOME", &[]), Status::Unknown);
    }

    #[test]
    fn of_an_account_that_is_not_known_to_administer_nothing_is_said() {
        let (told, untold) = (Ok(Arc::new(SecurityHubOrganization::default())), Err(gap()));
        for seat in [Seat::Other(vec!["444455556666".into()]), Seat::Other(vec![]), Seat::Untold(gap())] {
            let verdict = not_administrator("111122223333", &seat, &untold);
            assert_eq!(verdict.map(|verdict| verdict.status), Some(Status::Unknown), "{seat:?}");
            assert_eq!(not_administrator("111122223333", &seat, &told), None, "{seat:?}");
        }
        for seat in [Seat::Management, Seat::Administrator] {
            assert_eq!(not_administrator("111122223333", &seat, &untold), None, "{seat:?}");
        }
    }

    #[test]
    fn one_configuration_covers_the_organization() {
        let of = |kind: Option<&str>, status: Option<&str>| {
            let (configuration_type, status) = (kind.map(str::to_owned), status.map(str::to_owned));
            let central = Some(Central { configuration_type, status });
            let answer = SecurityHubOrganization { organization_configuration: central, ..Default::default() };
            let mut reasons = Reasons::new();
            covered(Ok(Arc::new(answer)), "eu-west-1", &mut reasons);
            reasons.or_pass(|| "covered".into()).status
        };
        assert_eq!(of(Some("CENTRAL"), Some("ENABLED")), Status::Pass);
        assert_eq!(of(Some("CENTRAL"), Some("FAILED")), Status::Fail);
        assert_eq!(of(Some("CENTRAL"), Some("PENDING")), Status::Unknown);
        assert_eq!(of(Some("CENTRAL"), Some("DISABLED")), Status::Unknown);
        assert_eq!(of(Some("LOCAL"), None), Status::Fail);
        assert_eq!(of(None, None), Status::Unknown);
    }
}
