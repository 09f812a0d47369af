//! Does Security Hub draw the Regions together, and does its administrator configure the whole organization centrally? The management
//! account sees who administers it, only the administrator sees the rest.

use super::administration::{administers, not_administrator};
use super::aggregation::{covered, linked};
use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::organizations::Seat;
use posture_estate::services::securityhub::Aggregator;

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
