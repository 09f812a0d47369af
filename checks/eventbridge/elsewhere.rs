//! Where else the findings of a Region may be dealt with: in the Region into which Security Hub draws them, or by the account that
//! administers the organization's security.
//! <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-integration-types.html>

use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::finding::GapKind;
use posture_estate::services::organizations::Organization;
use posture_estate::services::securityhub::Aggregator;

/// What becomes of a failure here, where `there` judges Security Hub's findings in the Region that draws them in.
pub(super) async fn settled(
    at: &Region,
    here: Verdict,
    there: impl AsyncFnOnce(&Region) -> Result<Verdict, Gap>,
    security_accounts: &[String],
) -> Verdict {
    if here.status != Status::Fail {
        return here;
    }
    let verdict = match home(at).await {
        Ok(None) => here,
        Ok(Some(home)) => {
            let drawn = there(&at.account().region(&home)).await;
            drawn_into(at.name(), &home, here, drawn.unwrap_or_else(|gap| Verdict::unseen(&gap)))
        }
        Err(why) => in_doubt(here, why),
    };
    match verdict.status {
        Status::Fail => or_another_account(at, verdict, security_accounts).await,
        _ => verdict,
    }
}

/// The Region that Security Hub draws the findings of this one into, if it is another.
///
/// # Errors
/// What was not seen of it.
async fn home(at: &Region) -> Result<Option<String>, Verdict> {
    let found = at.securityhub().finding_aggregator().await;
    let Some(arn) = aggregator(found.as_deref())? else { return Ok(None) };
    let home = Arn::parse(arn).map(|arn| arn.region.to_owned()).filter(|home| home != at.name());
    let Some(home) = home else { return Ok(None) };
    let there = at.account().region(&home);
    let aggregation = there.securityhub().aggregation(arn).await.map_err(|gap| Verdict::unseen(&gap))?;
    match aggregation.links(at.name()) {
        Some(true) => Ok(Some(home)),
        Some(false) => Ok(None),
        None => Err(Verdict::undecided(format!(
            "whether Security Hub draws the findings of {} into {home} is not known: the mode is {}",
            at.name(),
            aggregation.region_linking_mode
        ))),
    }
}

/// The aggregator, if there is one. Where AWS does not offer aggregation nothing draws the findings of the Region in.
fn aggregator<'a>(found: Result<&'a Aggregator, &Gap>) -> Result<Option<&'a str>, Verdict> {
    match found {
        Ok(Aggregator::Shown(arn)) => Ok(Some(arn)),
        Ok(Aggregator::Absent | Aggregator::Off) => Ok(None),
        Err(gap) if gap.kind() == GapKind::Unsupported => Ok(None),
        Err(gap) => Err(Verdict::unseen(gap)),
    }
}

/// A failure here, where Security Hub draws the findings into another Region and this is how it is there.
fn drawn_into(region: &str, home: &str, here: Verdict, there: Verdict) -> Verdict {
    match there.status {
        Status::Pass => {
            let message = format!("Security Hub draws the findings of {region} into {home}: {}", there.message);
            Verdict { message, ..there }
        }
        Status::Unknown => in_doubt(here, there),
        Status::Fail | Status::NotApplicable => here,
    }
}

/// A failure that may be none, for the reason of another verdict.
fn in_doubt(here: Verdict, why: Verdict) -> Verdict {
    let mut reasons = Reasons::new();
    reasons.doubt(here.message);
    reasons.join(why);
    reasons.open().evidence(here.evidence)
}

/// What becomes of a failure in an account that may not be the one to deal with findings: it stays where the account is in no
/// organization, or is one of `security_accounts`.
async fn or_another_account(at: &Region, failure: Verdict, security_accounts: &[String]) -> Verdict {
    if security_accounts.is_empty() {
        return unless_in_organization(at.account().organizations().organization().await, failure);
    }
    by_security_accounts(at.account_id(), failure, security_accounts)
}

fn by_security_accounts(account: &str, failure: Verdict, security_accounts: &[String]) -> Verdict {
    if security_accounts.iter().any(|one| one == account) {
        return failure;
    }
    let them = security_accounts.join(", ");
    Verdict::not_applicable(format!("the findings of account {account} are dealt with in account {them}"))
}

fn unless_in_organization(organization: Answer<Option<Organization>>, failure: Verdict) -> Verdict {
    let mut reasons = Reasons::new();
    match organization {
        Ok(none) if none.is_none() => return failure,
        Ok(_) => reasons.doubt(format!(
            "{}; whether the account that administers security for the organization does it shows only there",
            failure.message
        )),
        Err(gap) => {
            reasons.doubt(failure.message.clone());
            reasons.unseen(&gap);
        }
    }
    reasons.open().evidence(failure.evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure() -> Verdict {
        Verdict::fail("not_routed", "nothing is routed")
    }

    #[test]
    fn another_account_of_the_organization_may_deal_with_findings() {
        // semantics 163
        let organization = json!({"Id": "o-1", "Arn": "arn", "MasterAccountId": "999988887777", "FeatureSet": "ALL"});
        let organization: Organization = serde_json::from_value(organization).unwrap();
        let gap = Gap::new("1", "global", "organizations:DescribeOrganization", GapKind::Denied, "no");
        assert_eq!(unless_in_organization(Ok(Arc::new(None)), failure()), failure());
        assert_eq!(unless_in_organization(Ok(Arc::new(Some(organization))), failure()).status, Status::Unknown);
        assert_eq!(unless_in_organization(Err(gap), failure()).status, Status::Unknown);
    }

    #[test]
    fn where_aggregation_is_not_offered_nothing_draws_findings_in() {
        let gap = |kind| Gap::new("1", "eu-west-1", "securityhub:ListFindingAggregators", kind, "no");
        assert_eq!(aggregator(Err(&gap(GapKind::Unsupported))), Ok(None));
        assert_eq!(aggregator(Err(&gap(GapKind::Denied))).unwrap_err().status, Status::Unknown);
        assert_eq!(aggregator(Ok(&Aggregator::Off)), Ok(None));
        assert_eq!(aggregator(Ok(&Aggregator::Shown("arn".into()))), Ok(Some("arn")));
    }

    #[test]
    fn findings_that_another_region_draws_in_are_dealt_with_there() {
        let into = |there: Verdict| drawn_into("eu-west-1", "us-east-1", failure(), there);
        let passed = into(Verdict::pass("all come"));
        assert_eq!(passed.status, Status::Pass);
        assert!(passed.message.contains("into us-east-1: all come"), "{}", passed.message);
        assert_eq!(into(Verdict::fail("not_routed", "nothing there")).reasons, ["not_routed"]);
        assert_eq!(into(Verdict::undecided("a function gets it")).status, Status::Unknown);
    }

    #[test]
    fn the_accounts_that_deal_with_findings_are_judged() {
        let by = |accounts: &[&str]| {
            let accounts: Vec<String> = accounts.iter().map(|&one| one.to_owned()).collect();
            by_security_accounts("111122223333", failure(), &accounts).status
        };
        assert_eq!(by(&["111122223333"]), Status::Fail);
        assert_eq!(by(&["444455556666"]), Status::NotApplicable);
    }
}
