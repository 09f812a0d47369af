//! Are Lambda invocations, DynamoDB and Bedrock data events and refused calls through VPC endpoints recorded, wherever they happen? A
//! table shows that DynamoDB is used. Bedrock's models can be invoked without any resource in the account, so nothing shows that.

use super::by_place::judge;
use crate::prelude::*;
use posture_estate::services::cloudtrail::network_events::event_source;
use posture_estate::services::cloudtrail::selectors::{Access, Category, Events};
use posture_estate::services::cloudtrail::{Recorded, Trails};
use std::collections::BTreeSet;

const DATA: &str = "data_events_not_recorded";

/// The CloudTrail resource types of what the catalogue calls Bedrock.
const BEDROCK: &[&str] = &["AWS::Bedrock::AgentAlias", "AWS::Bedrock::KnowledgeBase", "AWS::Bedrock::Model"];

pub async fn probe(at: &Account) -> Outcome {
    let trails = at.cloudtrail().trails().await?;
    let (lambda, dynamodb, bedrock, network) =
        join!(lambda(at, &trails), dynamodb(at, &trails), bedrock(at, &trails), network(at, &trails));
    let all = [("lambda", lambda), ("dynamodb", dynamodb), ("bedrock", bedrock), ("network", network)];
    Ok(all.into_iter().map(|(sub, verdict)| verdict.sub(sub).on(at.resource())).collect())
}

/// An invocation is a write to CloudTrail, whatever the function does.
async fn lambda(at: &Account, trails: &Trails) -> Verdict {
    let types = ["AWS::Lambda::Function"];
    judge(DATA, &data(&types), by_region(at, trails, &types, &[Access::Write]).await, Reasons::new())
}

/// Tables are asked for only where their events are not recorded.
async fn dynamodb(at: &Account, trails: &Trails) -> Verdict {
    let types = ["AWS::DynamoDB::Table"];
    let asked = by_region(at, trails, &types, &Access::BOTH).await.into_iter().map(async |(region, recorded)| {
        let tables = match recorded {
            Recorded::By(_) => None,
            Recorded::No(_) | Recorded::Open(_) => Some(at.region(&region).dynamodb().tables().await),
        };
        (region, recorded, tables)
    });
    let (places, reasons) = where_used(join_all(asked).await);
    if places.is_empty() && reasons.is_empty() {
        return Verdict::not_applicable("no Region in scope has a DynamoDB table");
    }
    judge(DATA, &data(&types), places, reasons)
}

/// The tables of a Region, where they were asked for.
type Tables = Option<Answer<Vec<String>>>;

/// The Regions that have tables, or record them in case.
fn where_used(asked: Vec<(String, Recorded, Tables)>) -> (Vec<(String, Recorded)>, Reasons) {
    let mut reasons = Reasons::new();
    let used = asked.into_iter().filter_map(|(region, recorded, tables)| match tables {
        None => Some((region, recorded)),
        Some(tables) => reasons.add(tables).filter(|tables| !tables.is_empty()).map(|_| (region, recorded)),
    });
    (used.collect(), reasons)
}

async fn bedrock(at: &Account, trails: &Trails) -> Verdict {
    let recorded = by_region(at, trails, BEDROCK, &Access::BOTH).await;
    in_case(judge(DATA, &data(BEDROCK), recorded, Reasons::new()))
}

fn in_case(verdict: Verdict) -> Verdict {
    if verdict.status != Status::Fail {
        return verdict;
    }
    let message = format!("{}; whether models are invoked shows in no list of the account", verdict.message);
    Verdict { message, ..verdict.in_doubt() }
}

fn data(types: &[&str]) -> String {
    format!("data events of {}", types.join(", "))
}

async fn by_region(
    at: &Account,
    trails: &Trails,
    types: &[&'static str],
    accesses: &[Access],
) -> Vec<(String, Recorded)> {
    let of = |kind: &&'static str| accesses.iter().map(|access| Events::all(Category::Data(kind), *access));
    let events: Vec<Events<'_>> = types.iter().flat_map(of).collect();
    at.cloudtrail().recorded_in(trails, at.regions(), &events).await
}

async fn network(at: &Account, trails: &Trails) -> Verdict {
    let endpoints = at.regions().iter().map(async |region| (region, at.region(region).ec2().vpc_endpoints().await));
    let (mut used, mut reasons) = (BTreeSet::new(), Reasons::new());
    for (region, endpoints) in join_all(endpoints).await {
        if let Some(endpoints) = reasons.add(endpoints) {
            used.extend(endpoints.iter().filter_map(event_source).map(|source| (source, region.clone())));
        }
    }
    if used.is_empty() && reasons.is_empty() {
        return Verdict::not_applicable("no VPC endpoint leads to a service whose network activity CloudTrail records");
    }
    let asked = used.into_iter().map(async |(source, region)| {
        let events = [Events::all(Category::NetworkActivity(source), Access::Write)];
        let recorded = at.cloudtrail().recorded_in(trails, std::slice::from_ref(&region), &events).await;
        recorded.into_iter().map(|(region, recorded)| (format!("{region} of {source}"), recorded)).collect::<Vec<_>>()
    });
    let recorded = join_all(asked).await.into_iter().flatten().collect();
    judge("network_events_not_recorded", "network activity events", recorded, reasons)
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "us-east-1", "dynamodb:ListTables", GapKind::Denied, "no")
    }

    fn by() -> Recorded {
        Recorded::By(vec!["trail main".into()])
    }

    fn no() -> Recorded {
        Recorded::No(vec!["trail main is not logging".into()])
    }

    fn tables(asked: Vec<(Recorded, Tables)>) -> Option<Status> {
        let asked = asked.into_iter().enumerate().map(|(n, (recorded, tables))| (format!("r{n}"), recorded, tables));
        let (places, reasons) = where_used(asked.collect());
        let used = !places.is_empty() || !reasons.is_empty();
        used.then(|| judge(DATA, "data events", places, reasons).status)
    }

    #[test]
    fn dynamodb_is_needed_where_there_is_a_table() {
        // semantics 117
        let some = || Some(Ok(Arc::new(vec!["orders".to_owned()])));
        let none = || Some(Ok(Arc::new(Vec::new())));
        assert_eq!(tables(vec![(no(), none()), (no(), none())]), None, "not applicable");
        assert_eq!(tables(vec![(no(), none()), (no(), some())]), Some(Status::Fail));
        assert_eq!(tables(vec![(by(), None), (no(), none())]), Some(Status::Pass));
        assert_eq!(tables(vec![(no(), none()), (no(), Some(Err(gap())))]), Some(Status::Unknown));
        assert_eq!(tables(vec![(no(), some()), (no(), Some(Err(gap())))]), Some(Status::Fail));
        assert_eq!(tables(vec![(Recorded::Open(gap().into()), none())]), None, "nothing happens there");
        assert_eq!(tables(vec![(Recorded::Open(gap().into()), some())]), Some(Status::Unknown));
    }

    #[test]
    fn that_bedrock_is_not_used_cannot_be_told() {
        assert_eq!(in_case(Verdict::pass("recorded")).status, Status::Pass);
        let open = in_case(Verdict::fail(DATA, "not recorded"));
        assert_eq!((open.status, open.reasons.len()), (Status::Unknown, 0));
    }
}
