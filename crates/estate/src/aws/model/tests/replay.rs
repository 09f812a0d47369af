//! The recorded accounts through this client: its questions are those that the SDK's crates asked, byte for byte.

use super::*;
use crate::aws::model::Embedded;
use crate::aws::tape::{Question, Reply, Tape};
use crate::aws::transport::{Source, Tagger, Transport};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

macro_rules! model {
    ($service:literal) => {
        ($service, Embedded::new(include_str!(concat!("../../../../models/", $service, ".json"))))
    };
}

/// The questions of these services that take nothing; `models_proof` holds what goes into the others.
const EMPTY: &[(&str, &str)] = &[
    ("access-analyzer", "ListAnalyzers"),
    ("guardduty", "ListDetectors"),
    ("guardduty", "ListOrganizationAdminAccounts"),
    ("securityhub", "DescribeOrganizationConfiguration"),
    ("securityhub", "ListEnabledProductsForImport"),
    ("securityhub", "ListFindingAggregators"),
    ("securityhub", "ListOrganizationAdminAccounts"),
];

/// Whether [`input`] knows what was asked.
fn is_known(question: &Question) -> bool {
    let asked = (question.service.as_str(), question.operation.as_str());
    let by_path = [
        ("guardduty", "DescribeOrganizationConfiguration"),
        ("guardduty", "ListPublishingDestinations"),
        ("securityhub", "GetFindingAggregator"),
    ];
    ["account", "organizations", "s3control"].contains(&asked.0) || by_path.contains(&asked) || EMPTY.contains(&asked)
}

/// What was asked, in the words of the model.
fn input(question: &Question) -> Value {
    let params = question.params.as_str();
    let between = |before: &str, after: &str| {
        let name = params.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).unwrap();
        percent_encoding::percent_decode_str(name).decode_utf8().unwrap().into_owned()
    };
    match (question.service.as_str(), question.operation.as_str()) {
        ("account" | "organizations", _) => {
            params.find('{').map_or(json!({}), |at| serde_json::from_str(&params[at..]).unwrap())
        }
        ("guardduty", "DescribeOrganizationConfiguration") => json!({ "DetectorId": between("detector/", "/admin") }),
        ("guardduty", "ListPublishingDestinations") => {
            json!({ "DetectorId": between("detector/", "/publishingDestination") })
        }
        ("securityhub", "GetFindingAggregator") => {
            json!({ "FindingAggregatorArn": between("findingAggregator/get/", "") })
        }
        ("s3control", operation) => {
            let mut input = json!({ "AccountId": question.account });
            match operation {
                "GetAccessPoint" => input["Name"] = between("v20180820/accesspoint/", "").into(),
                "GetAccessPointPolicy" => input["Name"] = between("v20180820/accesspoint/", "/policy").into(),
                "GetMultiRegionAccessPointPolicy" => {
                    input["Name"] = between("v20180820/mrap/instances/", "/policy").into();
                }
                _ => {}
            }
            input
        }
        _ => json!({}),
    }
}

#[tokio::test]
async fn every_recorded_answer_replays() {
    let models: BTreeMap<&'static str, Embedded> = BTreeMap::from([
        model!("access-analyzer"),
        model!("account"),
        model!("guardduty"),
        model!("organizations"),
        model!("s3control"),
        model!("securityhub"),
    ]);
    let (mut answers, mut errors) = (0, 0);
    for name in ["acme", "hardened", "organization"] {
        let tape = Tape::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)).unwrap();
        let tape = Arc::new(tape);
        let reads: BTreeSet<String> = tape.questions().map(Question::call).collect();
        let transport = Transport::new(Source::Tape(tape.clone()), None, reads);
        for question in tape.questions().filter(|question| is_known(question)) {
            let Some((service, model)) = models.get_key_value(question.service.as_str()) else { continue };
            let tagger = Tagger {
                account: question.account.as_str().into(),
                region: question.region.as_str().into(),
                service: crate::services::named(service).unwrap(),
            };
            let client =
                Client::builder(model.get().unwrap(), &sdk(SharedHttpClient::new(transport.clone())), &question.region)
                    .interceptor(tagger)
                    .build();
            let got = client.call::<Value>(&question.operation, input(question)).await;
            match (tape.answer(question).unwrap(), got) {
                (Reply::Http { status: 200, body, .. }, Ok(value)) => {
                    answers += 1;
                    assert!(value.as_object().is_some_and(|members| !members.is_empty()), "{question:?}: {value}");
                    // JSON under the members' own names is the answer itself, but for times and what is null.
                    if let (Ok(Value::Object(sent)), "organizations") = (serde_json::from_str(body), *service) {
                        let sent: Vec<_> =
                            sent.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name).collect();
                        assert_eq!(value.as_object().unwrap().keys().collect::<Vec<_>>(), sent, "{question:?}");
                    }
                }
                (Reply::Http { status, body, .. }, Err(error)) if *status >= 400 => {
                    errors += 1;
                    let code = error.as_service_error().and_then(|error| error.code().map(str::to_owned));
                    assert!(code.is_some_and(|code| body.contains(&code)), "{question:?}: {error:?}");
                }
                (reply, got) => panic!("{question:?}\nrecorded: {reply:?}\nread: {got:?}"),
            }
        }
    }
    assert!(answers >= 70 && errors >= 10, "{answers} answers, {errors} errors");
}
