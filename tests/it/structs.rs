//! What our structs need of each answer that the model client reads.
//!
//! A member that AWS always sends is no `Option`, so that its absence is malformed by itself. Which those are is the snapshot; and each
//! of them is asked for under another name on the wire, and with a value of another type: both are malformed.

use crate::support::repo;
use crate::synthesis::{Synthesis, needed_by, untagged};
use posture_estate::aws::model::Model;
use posture_estate::finding::GapKind;
use posture_estate::services::organizations::shapes;
use posture_estate::services::{access_analyzer, account, guardduty, s3, s3control, securityhub};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Reads an answer as the service's file does.
type Read = fn(&Value) -> Result<(), String>;

const READS: &[(&str, Read)] = &[
    ("access-analyzer:ListAnalyzers", |v| items::<access_analyzer::Analyzer>(v, "/analyzers")),
    ("account:GetAlternateContact", |v| member::<account::AlternateContact>(v, "/AlternateContact")),
    ("account:GetContactInformation", |v| member::<account::ContactInformation>(v, "/ContactInformation")),
    ("account:ListRegions", |v| items::<account::ListedRegion>(v, "/Regions")),
    ("guardduty:DescribeOrganizationConfiguration", whole::<guardduty::GuardDutyOrganization>),
    ("guardduty:ListDetectors", |v| items::<String>(v, "/DetectorIds")),
    ("guardduty:ListOrganizationAdminAccounts", |v| items::<guardduty::GuardDutyAdmin>(v, "/AdminAccounts")),
    ("guardduty:ListPublishingDestinations", |v| items::<guardduty::Destination>(v, "/Destinations")),
    ("organizations:DescribeOrganization", |v| member::<shapes::Organization>(v, "/Organization")),
    ("organizations:DescribePolicy", |v| member::<String>(v, "/Policy/Content")),
    ("organizations:DescribeResourcePolicy", |v| member::<String>(v, "/ResourcePolicy/Content")),
    ("organizations:ListAWSServiceAccessForOrganization", |v| {
        items::<shapes::Principal>(v, "/EnabledServicePrincipals")
    }),
    ("organizations:ListAccounts", |v| items::<shapes::Member>(&active(v), "/Accounts")),
    ("organizations:ListAccountsForParent", |v| items::<shapes::Member>(&active(v), "/Accounts")),
    ("organizations:ListDelegatedAdministrators", |v| {
        items::<shapes::DelegatedAdministrator>(v, "/DelegatedAdministrators")
    }),
    ("organizations:ListDelegatedServicesForAccount", |v| items::<shapes::Principal>(v, "/DelegatedServices")),
    ("organizations:ListOrganizationalUnitsForParent", |v| items::<shapes::Unit>(v, "/OrganizationalUnits")),
    ("organizations:ListPolicies", |v| items::<shapes::PolicySummary>(v, "/Policies")),
    ("organizations:ListRoots", |v| items::<shapes::Root>(v, "/Roots")),
    ("organizations:ListTagsForResource", |v| items::<shapes::Tag>(v, "/Tags")),
    ("organizations:ListTargetsForPolicy", |v| items::<shapes::Target>(v, "/Targets")),
    ("s3control:GetAccessPoint", whole::<s3control::AccessPointDetails>),
    ("s3control:GetAccessPointPolicy", |v| member::<String>(v, "/Policy")),
    ("s3control:GetMultiRegionAccessPointPolicy", |v| member::<s3control::MultiRegionPolicy>(v, "/Policy")),
    ("s3control:GetPublicAccessBlock", |v| member::<s3::PublicAccessBlock>(v, "/PublicAccessBlockConfiguration")),
    ("s3control:ListAccessPoints", whole::<s3control::AccessPoints>),
    ("s3control:ListMultiRegionAccessPoints", whole::<s3control::MultiRegionAccessPoints>),
    ("securityhub:DescribeOrganizationConfiguration", whole::<securityhub::SecurityHubOrganization>),
    ("securityhub:GetFindingAggregator", whole::<securityhub::Aggregation>),
    ("securityhub:ListEnabledProductsForImport", |v| items::<String>(v, "/ProductSubscriptions")),
    ("securityhub:ListFindingAggregators", |v| items::<securityhub::FindingAggregator>(v, "/FindingAggregators")),
    ("securityhub:ListOrganizationAdminAccounts", |v| items::<securityhub::SecurityHubAdmin>(v, "/AdminAccounts")),
];

/// The member that is the body itself; `models_proof` renames the roots of bodies.
const PAYLOAD: &str = "PublicAccessBlockConfiguration";

/// As `Client::call`.
fn whole<T: DeserializeOwned>(answer: &Value) -> Result<(), String> {
    T::deserialize(answer).map(drop).map_err(|error| error.to_string())
}

/// As `Client::member`.
fn member<T: DeserializeOwned>(answer: &Value, path: &str) -> Result<(), String> {
    whole::<T>(answer.pointer(path).ok_or("no such member")?)
}

/// As `Client::items`.
fn items<T: DeserializeOwned>(answer: &Value, path: &str) -> Result<(), String> {
    member::<Vec<T>>(answer, path)
}

/// Only known states of accounts are read, and those of made-up answers are made up.
fn active(answer: &Value) -> Value {
    let mut answer = answer.clone();
    for account in answer["Accounts"].as_array_mut().into_iter().flatten() {
        if let Some(state) = account.get_mut("State") {
            *state = "ACTIVE".into();
        }
    }
    answer
}

#[test]
fn every_operation_of_a_model_is_here() {
    let mut all = BTreeSet::new();
    for entry in std::fs::read_dir(repo("crates/estate/models")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let model = Model::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
            all.extend(model.operations().map(|operation| format!("{}:{operation}", model.service())));
        }
    }
    assert_eq!(READS.iter().map(|(call, _)| (*call).to_owned()).collect::<BTreeSet<_>>(), all);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_aws_always_sends_is_needed_and_its_absence_on_the_wire_malformed() {
    let Some(synthesis) = tokio::task::spawn_blocking(Synthesis::start).await.unwrap() else { return };
    let (mut snapshot, mut wrong, mut asked) = (String::new(), Vec::new(), 0);
    for (call, read) in READS {
        let told = tokio::task::spawn_blocking(|| synthesis.told(call)).await.unwrap();
        let needed = needed_by(&untagged(told.plain()), read);
        writeln!(snapshot, "{call}: {}", needed.iter().map(String::as_str).collect::<Vec<_>>().join(", ")).unwrap();
        let input = told.inputs().swap_remove(0);
        let mut missed = needed.clone();
        for (member, cases) in told.members().filter(|(member, _)| needed.contains(member)) {
            missed.remove(&member);
            for case in cases {
                asked += 1;
                match synthesis.ask::<Value>(call, &case, input.clone()).await {
                    Ok(value) if read(&value).is_ok() => wrong.push(format!("{call}: {member}, {case}, was read")),
                    Err(fault) if fault.kind != GapKind::Malformed => {
                        wrong.push(format!("{call}: {member}: {fault:?}"))
                    }
                    _ => {}
                }
            }
        }
        missed.remove(PAYLOAD);
        wrong.extend(missed.iter().map(|member| format!("{call}: {member} is not on the wire")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(asked > 150, "{asked}");
    insta::assert_snapshot!("needed", snapshot);
}
