//! Are Lambda invocations, DynamoDB and Bedrock data events and refused calls through VPC endpoints recorded? Whether
//! DynamoDB and Bedrock are used at all is not asked here, so their absence from the selectors does not decide.

use crate::prelude::*;
use posture_estate::services::cloudtrail::network_events::event_source;
use posture_estate::services::cloudtrail::selectors::{Access, Category, Events};
use posture_estate::services::cloudtrail::{Recorded, Trails};
use std::collections::BTreeSet;

/// Kinds of data events: sub-key, CloudTrail resource types, what counts, and whether their absence is a fault.
const KINDS: &[(&str, &[&str], &[Access], bool)] = &[
    // An invocation is a write to CloudTrail, whatever the function does.
    ("lambda", &["AWS::Lambda::Function"], &[Access::Write], true),
    ("dynamodb", &["AWS::DynamoDB::Table"], &Access::BOTH, false),
    (
        "bedrock",
        &["AWS::Bedrock::AgentAlias", "AWS::Bedrock::KnowledgeBase", "AWS::Bedrock::Model"],
        &Access::BOTH,
        false,
    ),
];

pub async fn probe(at: &Account) -> Outcome {
    let trails = at.cloudtrail().trails().await?;
    let data = each(KINDS, async |(sub, types, accesses, needed): &(&str, &[&'static str], &[Access], bool)| {
        let of = |kind: &&'static str| accesses.iter().map(|access| Events::all(Category::Data(kind), *access));
        let events: Vec<Events<'_>> = types.iter().flat_map(of).collect();
        let recorded = at.cloudtrail().recorded(&trails, None, &events).await;
        data(&types.join(", "), recorded, *needed).sub(*sub).on(at.resource())
    });
    let (mut findings, network) = join!(data, network(at, &trails));
    findings.push(network.sub("network").on(at.resource()));
    Ok(findings)
}

fn data(types: &str, recorded: Recorded, needed: bool) -> Verdict {
    match recorded {
        Recorded::By(trail) => Verdict::pass(format!("trail {trail} records the data events of {types}")),
        Recorded::Unseen(gaps) => {
            let mut reasons = Reasons::new();
            gaps.iter().for_each(|gap| reasons.unseen(gap));
            reasons.open()
        }
        Recorded::No(near) if needed => {
            let near = if near.is_empty() { String::new() } else { format!(": {}", near.join("; ")) };
            Verdict::fail(
                "data_events_not_recorded",
                format!("no multi-Region trail records all data events of {types}{near}"),
            )
        }
        Recorded::No(_) => Verdict::undecided(format!(
            "no multi-Region trail records all data events of {types}; whether the account uses them was not asked"
        )),
    }
}

async fn network(at: &Account, trails: &Trails) -> Verdict {
    let mut reasons = Reasons::new();
    let mut used = BTreeSet::new();
    let regions = at.regions().iter().map(async |region| at.region(region).ec2().vpc_endpoints().await);
    for answer in join_all(regions).await {
        if let Some(endpoints) = reasons.add(answer) {
            used.extend(endpoints.iter().filter_map(event_source));
        }
    }
    if used.is_empty() && reasons.is_empty() {
        return Verdict::not_applicable("no VPC endpoint leads to a service whose network activity CloudTrail records");
    }
    let (mut kept, mut lost) = (Vec::new(), Vec::new());
    for source in used {
        match at
            .cloudtrail()
            .recorded(trails, None, &[Events::all(Category::NetworkActivity(source), Access::Write)])
            .await
        {
            Recorded::By(_) => kept.push(source),
            Recorded::No(_) => lost.push(source),
            Recorded::Unseen(gaps) => gaps.iter().for_each(|gap| reasons.unseen(gap)),
        }
    }
    if !lost.is_empty() {
        reasons.broken(
            "network_events_not_recorded",
            format!("no multi-Region trail records the network activity of {}", lost.join(", ")),
        );
    }
    reasons.or_pass(|| format!("trails record the network activity of {}", kept.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    #[test]
    fn lambda_is_needed_and_the_rest_only_where_used() {
        let judge = |recorded, needed| data("AWS::Lambda::Function", recorded, needed).status;
        assert_eq!(judge(Recorded::By("main".into()), true), Status::Pass);
        assert_eq!(judge(Recorded::No(vec![]), true), Status::Fail);
        assert_eq!(judge(Recorded::No(vec![]), false), Status::Unknown);
        let gap = Gap::new("111122223333", "us-east-1", "cloudtrail:GetEventSelectors", GapKind::Denied, "no");
        assert_eq!(judge(Recorded::Unseen(vec![gap]), true), Status::Unknown);
    }
}
