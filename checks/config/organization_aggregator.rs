//! Does an aggregator draw what Config knows of all accounts and Regions together, and is there an account that the organization named for
//! it? The management account sees whom it named and its own aggregators, the named account sees its own.

use super::aggregators::judge;
use crate::prelude::*;
use posture_estate::services::organizations::{Organization, Seat};

const SERVICE: &str = "config.amazonaws.com";

pub async fn probe(at: &Account) -> Outcome {
    let organization = at.organizations().organization().await?;
    let Some(organization) = organization.as_ref() else {
        return Ok(vec![Verdict::not_applicable("the account belongs to no organization").on(at.resource())]);
    };
    let findings = match at.organizations().seat(organization, SERVICE).await {
        Seat::Administrator => vec![aggregates(at, Reasons::new()).await],
        Seat::Management => {
            let administrators = at.organizations().delegates_for(SERVICE).await;
            let elsewhere = elsewhere(&administrators);
            vec![named(organization, administrators), aggregates(at, elsewhere).await]
        }
        seat => {
            let mut reasons = Reasons::new();
            seat.doubt(at.account_id(), "AWS Config", &mut reasons);
            vec![reasons.open().sub("aggregation")]
        }
    };
    Ok(findings.into_iter().map(|verdict| verdict.on(organization.resource())).collect())
}

/// Whom the management account named.
fn named(organization: &Organization, administrators: Result<Vec<String>, Gap>) -> Verdict {
    let id = &organization.id;
    match administrators {
        Err(gap) => Verdict::unseen(&gap),
        Ok(all) if all.is_empty() => {
            let none = format!("organization {id} delegates AWS Config to no account that could aggregate it");
            Verdict::fail("no_administrator", none)
        }
        Ok(all) => Verdict::pass(format!("organization {id} delegates AWS Config to account {}", all.join(", "))),
    }
    .sub("administration")
}

/// Why there may be an aggregator that the management account does not see.
fn elsewhere(administrators: &Result<Vec<String>, Gap>) -> Reasons {
    let mut reasons = Reasons::new();
    match administrators {
        Ok(all) if all.is_empty() => {}
        Ok(all) => reasons.doubt(format!(
            "account {} administers AWS Config of the organization; its aggregators show only there",
            all.join(", ")
        )),
        Err(gap) => reasons.unseen(gap),
    }
    reasons
}

/// An aggregator of the organization in any Region is enough, so that a Region that was not seen matters only without one.
async fn aggregates(at: &Account, mut reasons: Reasons) -> Verdict {
    let ask = at.regions().iter().map(async |name| (name.as_str(), at.region(name).config().aggregators().await));
    let (asked, enabled, whole) =
        join!(join_all(ask), at.account_management().enabled_regions(), at.account_management().in_scope_whole());
    let mut seen = Vec::new();
    for (region, aggregators) in asked {
        let Some(aggregators) = reasons.add(aggregators) else { continue };
        seen.extend(aggregators.iter().map(|one| (region.to_owned(), one.clone())));
    }
    judge(&seen, enabled, whole, reasons).sub("aggregation")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_config::types::{AccountAggregationSource, ConfigurationAggregator, OrganizationAggregationSource};
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
        let of = |administrators| named(&organization, administrators);
        assert_eq!(of(Ok(vec![])).reasons, ["no_administrator"]);
        assert_eq!(of(Ok(vec!["444455556666".into()])).status, Status::Pass);
        assert_eq!(of(Err(gap())).status, Status::Unknown);
    }

    #[test]
    fn what_another_account_may_have_is_unknown_unless_this_one_has_it() {
        let with = |aggregators: &[(String, ConfigurationAggregator)], administrators: Result<Vec<String>, Gap>| {
            judge(aggregators, Ok(vec!["eu-west-1".into(), "us-east-1".into()]), true, elsewhere(&administrators))
                .status
        };
        let another = || Ok(vec!["444455556666".to_owned()]);
        assert_eq!(with(&[], Ok(vec![])), Status::Fail, "nobody else can have one");
        assert_eq!(with(&[], another()), Status::Unknown);
        assert_eq!(with(&[], Err(gap())), Status::Unknown);
        assert_eq!(with(&[of_organization(false, &["eu-west-1"])], another()), Status::Unknown);
        assert_eq!(with(&[of_organization(true, &[])], another()), Status::Pass);
    }
}
