//! Do serious findings of a security service come to a person or a ticket queue, by a rule that is on?

use super::elsewhere::settled;
use super::routing::{Coverage, coverage, handled};
use crate::prelude::*;
use posture_estate::services::events::samples::{EventPlace, FindingSource};

/// ARNs of functions, workflows, queues, streams and buses that bring to people what they get.
const NOTIFIERS: Setting<Patterns> = setting!(routes_security_findings.notifiers);

/// Accounts whose rules route the findings of the organization.
const SECURITY_ACCOUNTS: Setting<[String]> = setting!(routes_security_findings.security_accounts);

/// The service whose findings are drawn together from several Regions.
const HUB: &str = "aws.securityhub";

pub async fn probe(at: &Region) -> Outcome {
    let here = in_region(at, |_| true).await?;
    let there = async |home: &Region| in_region(home, |source| source.source == HUB).await;
    Ok(vec![settled(at, here, there, at.setting(SECURITY_ACCOUNTS)).await.on(at.resource())])
}

async fn in_region(at: &Region, wanted: impl Fn(&FindingSource) -> bool) -> Result<Verdict, Gap> {
    let scene = EventPlace { account: at.account_id(), region: at.name() };
    let sources: Vec<FindingSource> = scene.findings().into_iter().filter(wanted).collect();
    let handled = handled(at, &sources, at.setting(NOTIFIERS)).await?;
    Ok(judge(at.name(), sources.iter().map(|source| (source.name, coverage(source, &handled))).collect()))
}

fn judge(region: &str, sources: Vec<(&'static str, Coverage)>) -> Verdict {
    let mut reasons = Reasons::new();
    let (mut routed, mut missed, mut evidence) = (Vec::new(), Vec::new(), json!({ "routed": {}, "missed": [] }));
    for (name, coverage) in sources {
        match coverage {
            Coverage::All(how) => {
                evidence["routed"][name] = how.clone().into();
                routed.push(format!("{name} to {how}"));
            }
            Coverage::Some(one) => missed.push(one),
            Coverage::Perhaps(why) => reasons.absorb(why),
            Coverage::None => {}
        }
    }
    evidence["missed"] = missed.clone().into();
    if !routed.is_empty() {
        return Verdict::pass(format!("serious findings in {region} come from {}", routed.join("; ")))
            .evidence(evidence);
    }
    if !reasons.is_empty() {
        return reasons.open().evidence(evidence);
    }
    match missed.first() {
        Some(one) => Verdict::fail(
            "only_some_findings",
            format!("rules in {region} bring only some serious findings to a person, and not {one}"),
        ),
        None => Verdict::fail(
            "not_routed",
            format!(
                "no rule in {region} that is on brings findings of a security service to a person or a ticket queue"
            ),
        ),
    }
    .evidence(evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubt() -> Coverage {
        let mut reasons = Reasons::new();
        reasons.doubt("a function gets it");
        Coverage::Perhaps(reasons)
    }

    fn of(sources: Vec<Coverage>) -> Verdict {
        judge("eu-west-1", sources.into_iter().map(|one| ("GuardDuty", one)).collect())
    }

    #[test]
    fn one_service_whose_findings_all_come_to_a_person_is_enough() {
        let all = || Coverage::All("topic alerts (email) by rule r".into());
        assert_eq!(of(vec![Coverage::None, all(), doubt()]).status, Status::Pass);
        assert_eq!(of(vec![Coverage::None, Coverage::None]).reasons, ["not_routed"]);
        assert_eq!(of(vec![Coverage::None, Coverage::Some("a critical one".into())]).reasons, ["only_some_findings"]);
        assert_eq!(of(vec![Coverage::Some("a critical one".into()), doubt()]).status, Status::Unknown);
        assert_eq!(of(vec![Coverage::None, doubt()]).status, Status::Unknown);
    }
}
