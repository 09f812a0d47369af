//! Which endpoint a client asks, and how often.

use super::*;
use crate::aws::model::Variant;
use crate::finding::GapKind;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use serde_json::json;

const MODEL: &str = r#"{"service":"things","id":"Some Things","protocol":"rest-json","version":"2020-01-01","signingName":"things",
"endpoints":[
{"operations":["Own"],"url":"https://own.{region}.{suffix}"},
{"region":"us-gov-east-1","url":"https://things-east.{region}.{suffix}"},
{"partition":"aws-cn","variant":"fips"},
{"url":"https://things.{globalRegion}.{suffix}","signingRegion":"{globalRegion}","signingName":"other"},
{"variant":"fips","url":"https://things-fips.{region}.{suffix}"},
{"variant":"dualStack","url":"https://things.{region}.{dualStackSuffix}"}],
"operations":{"List":{"method":"GET","uri":"/things","input":"In","output":"Out"}},
"shapes":{"In":{"type":"structure","members":{"AccountId":{"shape":"string","location":"header","locationName":"x-amz-account-id"}}},
"Out":{"type":"structure","members":{"Name":"string"}}}}"#;

fn by_account() -> String {
    MODEL.replace("https://things.{globalRegion}", "https://{account}.things.{region}")
}

/// Where a client of this configuration asks, and what it signs for.
async fn asked(
    model: &str,
    region: &str,
    set: impl Fn(aws_types::sdk_config::Builder) -> aws_types::sdk_config::Builder,
) -> (String, String) {
    let upstream = Upstream::of([ok("{}")]);
    let sdk = set(sdk(upstream.http()).to_builder()).build();
    let client = Client::builder(Arc::new(Model::parse(model).unwrap()), &sdk, region).build();
    if let Err(error) = client.call::<Value>("List", json!({ "AccountId": "111122223333" })).await {
        return (Fault::from(error).message, String::new());
    }
    let asked = upstream.asked.lock().unwrap();
    let signed = asked[0].headers().get("authorization").unwrap_or_default().to_owned();
    let scope = signed.split('/').skip(2).take(2).collect::<Vec<_>>().join("/");
    (asked[0].uri().to_owned(), scope)
}

#[tokio::test]
async fn the_first_rule_that_fits_is_taken() {
    for (region, fips, dual_stack, url, scope) in [
        ("eu-west-1", false, false, "https://things.us-east-1.amazonaws.com/things", "us-east-1/other"),
        ("cn-north-1", false, false, "https://things.cn-northwest-1.amazonaws.com.cn/things", "cn-northwest-1/other"),
        (
            "us-gov-east-1",
            false,
            false,
            "https://things-east.us-gov-east-1.amazonaws.com/things",
            "us-gov-east-1/things",
        ),
        (
            "us-gov-west-1",
            true,
            false,
            "https://things-fips.us-gov-west-1.amazonaws.com/things",
            "us-gov-west-1/things",
        ),
        ("eu-west-1", false, true, "https://things.eu-west-1.api.aws/things", "eu-west-1/things"),
        ("cn-north-1", true, false, "Some Things has no FIPS endpoint in cn-north-1", ""),
        ("eu-west-1", true, true, "Some Things has no dual-stack FIPS endpoint in eu-west-1", ""),
    ] {
        let asked = asked(MODEL, region, |sdk| sdk.use_fips(fips).use_dual_stack(dual_stack)).await;
        assert_eq!(asked, (url.to_owned(), scope.to_owned()));
    }
}

#[test]
fn an_operation_may_have_an_endpoint_of_its_own() {
    let model = Model::parse(MODEL).unwrap();
    let url = |operation| model.endpoint(operation, "eu-west-1", Variant::Plain).unwrap().url;
    assert_eq!(url("Own"), "https://own.eu-west-1.amazonaws.com");
    assert_eq!(url("List"), "https://things.us-east-1.amazonaws.com");
}

#[derive(Debug)]
struct Configured;

impl LoadServiceConfig for Configured {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let own =
            key.service_id() == "Some Things" && key.env() == "AWS_ENDPOINT_URL" && key.profile() == "endpoint_url";
        own.then(|| "http://own.example:5000".to_owned())
    }
}

#[tokio::test]
async fn an_endpoint_of_the_configuration_comes_first() {
    let general = |sdk: aws_types::sdk_config::Builder| sdk.endpoint_url("http://127.0.0.1:5000");
    let (url, scope) = asked(MODEL, "eu-west-1", general).await;
    assert_eq!((url.as_str(), scope.as_str()), ("http://127.0.0.1:5000/things", "eu-west-1/things"));
    let (url, _) = asked(MODEL, "cn-north-1", |sdk| general(sdk).service_config(Configured).use_fips(true)).await;
    assert_eq!(url, "http://own.example:5000/things");
}

#[tokio::test]
async fn the_account_is_before_the_host_where_the_rules_have_it_there() {
    let (url, _) = asked(&by_account(), "eu-west-1", |sdk| sdk).await;
    assert_eq!(url, "https://111122223333.things.eu-west-1.amazonaws.com/things");
    let (url, _) = asked(&by_account(), "eu-west-1", |sdk| sdk.endpoint_url("http://localhost:5000")).await;
    assert_eq!(url, "http://111122223333.localhost:5000/things");
    let upstream = Upstream::default();
    for input in [json!({}), json!({ "AccountId": "evil.example/" })] {
        let answer = client(&by_account(), &upstream).call::<Value>("List", input).await;
        assert!(Fault::from(answer.unwrap_err()).message.contains("no AccountId"));
    }
}

#[tokio::test]
async fn what_is_throttled_is_asked_three_times() {
    let throttled = || (400, vec![("x-amzn-errortype", "ThrottlingException")], "{}".to_owned());
    let ask = async |answers: Vec<Answer>| {
        let upstream = Upstream::of(answers);
        let retries = RetryConfig::standard().with_initial_backoff(std::time::Duration::from_millis(1));
        let sdk = sdk(upstream.http()).to_builder().retry_config(retries).build();
        let client =
            Client::builder(Arc::new(Model::parse(MODEL).unwrap()), &sdk, "eu-west-1").retry_partition("one").build();
        let answer = client.call::<Value>("List", json!({})).await.map_err(|error| Fault::from(error).kind);
        (answer, upstream.asked.lock().unwrap().len())
    };
    let (answer, asked) = ask(vec![throttled(), throttled(), ok(r#"{"Name":"a"}"#)]).await;
    assert_eq!((answer, asked), (Ok(json!({ "Name": "a" })), 3));
    let (answer, asked) = ask(vec![throttled(), throttled(), throttled()]).await;
    assert_eq!((answer, asked), (Err(GapKind::Throttled), 3));
}
