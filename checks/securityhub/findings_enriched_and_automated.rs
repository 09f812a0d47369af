//! Do the findings of AWS's detective services come together in Security Hub, does something act on them, and does somebody receive them?

use super::automated::{Means, means_of, or_elsewhere};
use super::home::{Home, home_of};
use crate::prelude::*;

/// The services whose findings have to come in: how their subscription ends, and what they are called.
const SOURCES: &[(&str, &str)] = &[
    ("/aws/guardduty", "GuardDuty"),
    ("/aws/inspector", "Inspector"),
    ("/aws/macie", "Macie"),
    ("/aws/access-analyzer", "IAM Access Analyzer"),
    ("/aws/config", "Config"),
];

/// What brings findings into a queue or a ticketing system.
const RECEIVERS: Setting<Patterns> = setting!(findings_enriched_and_automated.receivers);

pub async fn probe(at: &Region) -> Outcome {
    let hub = at.securityhub().hub().await?;
    if hub.is_none() {
        let off = format!("{} has no Security Hub CSPM, so that no findings come together", at.name());
        return Ok(vec![Verdict::not_applicable(off).on(at.resource())]);
    }
    let receivers = at.setting(RECEIVERS);
    let (products, mut means) = join!(at.securityhub().imported_products(), means_of(at, receivers));
    if !means.is_complete() {
        match home_of(at).await {
            Ok(Home::Elsewhere(home)) => means.absorb(means_of(&home, receivers).await),
            Ok(Home::Untold(home)) => {
                means.leave_open(&format!("whether findings of {} go on to {home} is not said", at.name()))
            }
            Ok(Home::Here) => {}
            Err(gap) => means.leave_unseen(&gap),
        }
    }
    if !means.is_complete() {
        or_elsewhere(at, &mut means).await;
    }
    Ok(vec![judge(at.name(), products, means).on(at.resource())])
}

fn judge(region: &str, products: Answer<Vec<String>>, means: Means) -> Verdict {
    let mut reasons = Reasons::new();
    let mut missing = Vec::new();
    if let Some(products) = reasons.add(products) {
        let comes = |suffix: &str| products.iter().any(|product| product.ends_with(suffix));
        missing = SOURCES.iter().filter(|(suffix, _)| !comes(suffix)).map(|(_, name)| *name).collect();
        if !missing.is_empty() {
            let names = missing.join(", ");
            reasons.broken(
                "integration_missing",
                format!("findings of {names} do not come into Security Hub in {region}"),
            );
        }
    }
    let (automated, received) = (means.automated.clone(), means.received.clone());
    if automated.is_none() {
        if means.unseen_automation.is_empty() {
            let none = format!("no automation rule and no custom action acts on findings in {region}");
            reasons.broken("not_automated", none);
        }
        reasons.absorb(means.unseen_automation);
    }
    if received.is_none() {
        if means.unseen_receivers.is_empty() {
            let none = format!(
                "no connector and no rule of EventBridge sends serious findings of {region} to a ticketing system or a queue"
            );
            reasons.broken("nobody_receives", none);
        }
        reasons.absorb(means.unseen_receivers);
    }
    let said = automated.zip(received).map(|(acts, receives)| format!("{acts}, and {receives}"));
    reasons
        .or_pass(|| said.map_or_else(String::new, |said| format!("all findings come in in {region}: {said}")))
        .evidence(json!({ "not_taken_in": missing }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "securityhub:ListAutomationRules", GapKind::Denied, "no")
    }

    fn products(of: &[&str]) -> Answer<Vec<String>> {
        let arn =
            |product: &&str| format!("arn:aws:securityhub:eu-west-1:111122223333:product-subscription/aws/{product}");
        Ok(Arc::new(of.iter().map(arn).collect()))
    }

    const ALL: &[&str] = &["guardduty", "inspector", "macie", "access-analyzer", "config", "health"];

    fn means() -> Means {
        Means { automated: Some("a rule acts".into()), received: Some("Jira receives".into()), ..Means::default() }
    }

    fn of(products: Answer<Vec<String>>, means: Means) -> Verdict {
        judge("eu-west-1", products, means)
    }

    #[test]
    fn the_findings_of_each_service_come_in() {
        assert_eq!(of(products(ALL), means()).status, Status::Pass);
        for left_out in &ALL[..5] {
            let others: Vec<&str> = ALL.iter().filter(|one| *one != left_out).copied().collect();
            assert_eq!(of(products(&others), means()).reasons, ["integration_missing"], "{left_out}");
        }
        assert_eq!(of(products(&[]), means()).reasons, ["integration_missing"]);
        assert_eq!(of(Err(gap()), means()).status, Status::Unknown);
    }

    #[test]
    fn something_acts_on_them() {
        let idle = || Means { automated: None, ..means() };
        assert_eq!(of(products(ALL), idle()).reasons, ["not_automated"]);
        let mut unseen = idle();
        unseen.leave_unseen(&gap());
        assert_eq!(of(products(ALL), unseen).status, Status::Unknown);
    }

    #[test]
    fn somebody_receives_them() {
        let alone = || Means { received: None, ..means() };
        assert_eq!(of(products(ALL), alone()).reasons, ["nobody_receives"]);
        let mut open = alone();
        open.leave_open("whether findings go on is not said");
        assert_eq!(of(products(ALL), open).status, Status::Unknown);
    }
}
