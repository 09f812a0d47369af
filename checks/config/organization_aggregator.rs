//! Does an aggregator draw what Config knows of all accounts and Regions together, in an account that the organization named for it? The
//! management account sees whom it named, only that account sees its aggregator.

use crate::prelude::*;
use aws_sdk_config::types::ConfigurationAggregator;
use posture_estate::services::organizations::{Organization, Seat};

const SERVICE: &str = "config.amazonaws.com";

pub async fn probe(at: &Account) -> Outcome {
    let organization = at.organizations().organization().await?;
    let Some(organization) = organization.as_ref() else {
        return Ok(vec![Verdict::not_applicable("the account belongs to no organization").on(at.resource())]);
    };
    let findings = match at.organizations().seat(organization, SERVICE).await {
        Seat::Administrator => vec![aggregates(at).await.sub("aggregation")],
        Seat::Management => named(organization, at.organizations().delegates_for(SERVICE).await),
        seat => {
            let mut reasons = Reasons::new();
            seat.doubt(at.account_id(), "AWS Config", &mut reasons);
            vec![reasons.open().sub("aggregation")]
        }
    };
    Ok(findings.into_iter().map(|verdict| verdict.on(organization.resource())).collect())
}

/// What the management account sees: whom it named, and no aggregator of theirs.
fn named(organization: &Organization, administrators: Result<Vec<String>, Gap>) -> Vec<Verdict> {
    let part = |verdict: Verdict| verdict.sub("administration");
    let id = &organization.id;
    match administrators {
        Err(gap) => vec![part(Verdict::unseen(&gap))],
        Ok(all) if all.is_empty() => {
            let none = format!("organization {id} delegates AWS Config to no account that could aggregate it");
            vec![part(Verdict::fail("no_administrator", none))]
        }
        Ok(all) => {
            let all = all.join(", ");
            let there =
                format!("account {all} administers AWS Config of the organization; its aggregators show only there");
            vec![
                part(Verdict::pass(format!("organization {id} delegates AWS Config to account {all}"))),
                Verdict::undecided(there).sub("aggregation"),
            ]
        }
    }
}

/// An aggregator of the organization in any Region is enough, so that a Region that was not seen matters only without one.
async fn aggregates(at: &Account) -> Verdict {
    let ask = at.regions().iter().map(async |name| (name.as_str(), at.region(name).config().aggregators().await));
    let (asked, enabled, whole) =
        join!(join_all(ask), at.account_management().enabled_regions(), at.account_management().in_scope_whole());
    let mut reasons = Reasons::new();
    let mut seen = Vec::new();
    for (region, aggregators) in asked {
        let Some(aggregators) = reasons.add(aggregators) else { continue };
        seen.extend(aggregators.iter().map(|one| (region.to_owned(), one.clone())));
    }
    judge(&seen, enabled, whole, reasons)
}

fn judge(
    aggregators: &[(String, ConfigurationAggregator)],
    enabled: Result<Vec<String>, Gap>,
    whole: bool,
    mut reasons: Reasons,
) -> Verdict {
    let mut partial = Vec::new();
    for (region, aggregator) in aggregators {
        let Some(source) = aggregator.organization_aggregation_source() else { continue };
        let name = aggregator.configuration_aggregator_name().unwrap_or("without a name");
        if source.all_aws_regions() {
            return Verdict::pass(format!("aggregator {name} in {region} takes in the organization and all Regions"));
        }
        partial.push((region, name, source.aws_regions()));
    }
    for (region, name, listed) in &partial {
        let left_out: Vec<&String> = match &enabled {
            Ok(enabled) => enabled.iter().filter(|one| !listed.contains(one)).collect(),
            Err(gap) => {
                reasons.unseen(gap);
                continue;
            }
        };
        if left_out.is_empty() {
            let all =
                format!("aggregator {name} in {region} takes in the organization and every enabled Region by name");
            return Verdict::pass(all);
        }
        let left_out: Vec<&str> = left_out.into_iter().map(String::as_str).collect();
        let left_out = left_out.join(", ");
        if whole && reasons.is_empty() {
            let what = format!("aggregator {name} in {region} leaves out {left_out}");
            reasons.broken("regions_left_out", what);
        }
    }
    if !whole {
        reasons.doubt("no aggregator of the organization is whole in the Regions of the scan; whether one is in another was not looked at");
    }
    if reasons.is_empty() {
        reasons.broken("no_organization_aggregator", "no Region has a Config aggregator of the organization");
    }
    reasons.open()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_config::types::{AccountAggregationSource, OrganizationAggregationSource};
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "config:DescribeConfigurationAggregators", GapKind::Denied, "no")
    }

    fn of_organization(all: bool, regions: &[&str]) -> (String, ConfigurationAggregator) {
        let source = OrganizationAggregationSource::builder()
            .role_arn("arn:aws:iam::111122223333:role/aggregator")
            .all_aws_regions(all)
            .set_aws_regions((!regions.is_empty()).then(|| regions.iter().map(|&one| one.to_owned()).collect()))
            .build()
            .unwrap();
        let builder = ConfigurationAggregator::builder().configuration_aggregator_name("org");
        ("eu-west-1".into(), builder.organization_aggregation_source(source).build())
    }

    fn of_accounts() -> (String, ConfigurationAggregator) {
        let source =
            AccountAggregationSource::builder().account_ids("111122223333").all_aws_regions(true).build().unwrap();
        ("eu-west-1".into(), ConfigurationAggregator::builder().account_aggregation_sources(source).build())
    }

    fn of(aggregators: &[(String, ConfigurationAggregator)], whole: bool) -> Verdict {
        let enabled = ["eu-west-1", "us-east-1"].map(str::to_owned).to_vec();
        judge(aggregators, Ok(enabled), whole, Reasons::new())
    }

    #[test]
    fn an_aggregator_takes_in_the_organization_and_all_regions() {
        assert_eq!(of(&[of_accounts(), of_organization(true, &[])], true).status, Status::Pass);
        assert_eq!(of(&[of_organization(true, &[])], false).status, Status::Pass, "one is enough");
        assert_eq!(of(&[of_accounts()], true).reasons, ["no_organization_aggregator"]);
        assert_eq!(of(&[], true).reasons, ["no_organization_aggregator"]);
        assert_eq!(of(&[of_organization(false, &["eu-west-1"])], true).reasons, ["regions_left_out"]);
        assert_eq!(of(&[of_organization(false, &["us-east-1", "eu-west-1"])], true).status, Status::Pass);
    }

    #[test]
    fn what_was_not_looked_at_is_unknown() {
        assert_eq!(of(&[], false).status, Status::Unknown, "a narrowed scan");
        assert_eq!(of(&[of_organization(false, &["eu-west-1"])], false).status, Status::Unknown);
        let mut reasons = Reasons::new();
        reasons.unseen(&gap());
        assert_eq!(judge(&[], Ok(vec![]), true, reasons).status, Status::Unknown);
        let some = [of_organization(false, &["eu-west-1"])];
        assert_eq!(judge(&some, Err(gap()), true, Reasons::new()).status, Status::Unknown);
    }

    #[test]
    fn the_management_account_sees_whom_it_named() {
        // semantics 94
        let organization = json!({ "Id": "o-1", "Arn": "arn", "MasterAccountId": "111122223333", "FeatureSet": "ALL" });
        let organization: Organization = serde_json::from_value(organization).unwrap();
        let of = |administrators| -> Vec<Status> {
            named(&organization, administrators).iter().map(|verdict| verdict.status).collect()
        };
        assert_eq!(of(Ok(vec![])), [Status::Fail]);
        assert_eq!(of(Ok(vec!["444455556666".into()])), [Status::Pass, Status::Unknown]);
        assert_eq!(of(Err(gap())), [Status::Unknown]);
    }
}
