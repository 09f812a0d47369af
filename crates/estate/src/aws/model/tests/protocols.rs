//! Each protocol with answers that are good, errors, and malformed.

use super::super::Time;
use super::*;
use crate::finding::GapKind;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde::Deserialize;
use serde_json::json;

/// The same shapes in every protocol.
fn model(protocol: &str, wrapper: &str) -> String {
    format!(
        r#"{{"service":"things","id":"Things","protocol":"{protocol}","version":"2020-01-01","jsonVersion":"1.1",
"targetPrefix":"Things_2020","signingName":"things","headers":{{}},
"endpoints":[{{"url":"https://things.{{region}}.{{suffix}}"}}],
"operations":{{"List":{{"method":"POST","uri":"/things/{{owner}}","input":"ListRequest","output":"ListOutput"{wrapper}}},
"Bare":{{"method":"POST","uri":"/"}}}},
"shapes":{{
"ListRequest":{{"type":"structure","members":{{"Owner":{{"shape":"string","location":"uri","locationName":"owner"}},
"Kinds":{{"shape":"Kinds","locationName":"kinds"}},"Since":"timestamp","Max":"integer"}}}},
"ListOutput":{{"type":"structure","members":{{"Things":{{"shape":"Things","locationName":"things"}},"Names":"Names","Tags":"Tags","Next":"string"}}}},
"Things":{{"type":"list","member":{{"shape":"Thing","locationName":"Thing"}}}},
"Kinds":{{"type":"list","member":"string"}},
"Names":{{"type":"list","member":{{"shape":"string","locationName":"Name"}},"flattened":true}},
"Tags":{{"type":"map","key":{{"shape":"string","locationName":"Key"}},"value":{{"shape":"string","locationName":"Value"}}}},
"Thing":{{"type":"structure","members":{{"Id":"string","Size":"long","Share":"double","Made":"timestamp","Raw":"blob","On":"boolean","Inner":"Thing"}},"required":["Id"]}}
}}}}"#
    )
}

fn json_rpc() -> String {
    model("json", "")
}
fn rest_json() -> String {
    model("rest-json", "")
        .replace(r#""shape":"string","location":"uri","locationName":"owner""#, r#""shape":"string""#)
        .replace("/things/{owner}", "/things")
}
fn query() -> String {
    model("query", r#","resultWrapper":"ListResult""#)
}
fn rest_xml() -> String {
    rest_json().replace(r#""protocol":"rest-json""#, r#""protocol":"rest-xml""#)
}

fn in_query(body: &str) -> Answer {
    ok(&format!("<ListResponse xmlns=\"x\"><ListResult>{body}</ListResult><ResponseMetadata/></ListResponse>"))
}

fn in_xml(body: &str) -> Answer {
    ok(&format!("<ListOutput>{body}</ListOutput>"))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    things: Vec<Thing>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Thing {
    id: String,
    size: i64,
    share: f64,
    made: Time,
    raw: String,
    on: bool,
    inner: Option<Box<Thing>>,
}

#[tokio::test]
async fn values_are_exact_in_every_protocol() {
    let json = r#"{"NAME":[{"Id":"a","Size":9223372036854775807,"Share":0.1,"Made":1795340359.5,"Raw":"AQI=","On":true,
        "Inner":null,"Unknown":{"deep":[1]}}],"Next":null}"#;
    let xml = "<things><Thing><Id>a</Id><Size>9223372036854775807</Size><Share>0.1</Share>\
               <Made>2026-11-22T09:39:19.500Z</Made><Raw>AQI=</Raw><On>true</On><Unknown><Deep/></Unknown></Thing></things>";
    for (model, answer) in [
        (json_rpc(), ok(&json.replace("NAME", "Things"))),
        (rest_json(), ok(&json.replace("NAME", "things"))),
        (query(), in_query(xml)),
        (rest_xml(), in_xml(xml)),
    ] {
        let page: Page = client(&model, &Upstream::of([answer])).call("List", json!({})).await.unwrap();
        let [thing] = page.things.as_slice() else { panic!("one thing: {page:?}") };
        assert_eq!((thing.id.as_str(), thing.size, thing.share), ("a", i64::MAX, 0.1));
        assert_eq!((thing.made.secs(), thing.made.subsec_nanos()), (1_795_340_359, 500_000_000));
        assert_eq!((thing.raw.as_str(), thing.on, thing.inner.is_none()), ("AQI=", true, true));
    }
}

#[tokio::test]
async fn lists_and_maps_of_xml_are_read_whole() {
    let body = "<Names>one</Names><things/><Names>t&amp;wo</Names>\
                <Tags><entry><Key>k</Key><Value>v</Value></entry></Tags>";
    // A flattened list repeats under the name of its element.
    let body = body.replace("Names>", "Name>");
    let expected = json!({ "Names": ["one", "t&wo"], "Things": [], "Tags": { "k": "v" } });
    assert_eq!(read(&query(), in_query(&body)).await.unwrap(), expected);
    assert_eq!(read(&rest_xml(), in_xml(&body)).await.unwrap(), expected);
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_malformed() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let inner = deep(r#"{"Id":"a","Inner":"#, "}").replace(":}", ":1}");
    let json = [
        "[]",
        r#"{"NAME":{}}"#,
        r#"{"NAME":"a"}"#,
        r#"{"NAME":[{"Id":1}]}"#,
        r#"{"NAME":[{"Size":1}]}"#,
        r#"{"NAME":[{"Id":"a","Size":"1"}]}"#,
        r#"{"NAME":[{"Id":"a","Size":1.5}]}"#,
        r#"{"NAME":[{"Id":"a","Size":9223372036854775808}]}"#,
        r#"{"NAME":[{"Id":"a","On":"true"}]}"#,
        r#"{"NAME":[{"Id":"a","Made":"soon"}]}"#,
        r#"{"NAME":[{"Id":"a","Raw":"%"}]}"#,
        r#"{"NAME":[{"Id":"a","Id":"b"}]}"#,
        r#"{"NAME":[],"NAME":[]}"#,
        r#"{"NAME":["#,
        "<html><body>log in</body></html>",
        &format!(r#"{{"NAME":[{inner}]}}"#),
        &format!(r#"{{"Unknown":{}}}"#, deep("[", "]")),
    ];
    for (model, name) in [(json_rpc(), "Things"), (rest_json(), "things")] {
        for body in json {
            let fault = fault(&model, ok(&body.replace("NAME", name))).await;
            assert_eq!(fault.kind, GapKind::Malformed, "{}: {}", body.get(..80).unwrap_or(body), fault.message);
        }
    }
    let xml = [
        "<things><member><Id>a</Id></member></things>",
        "<things><Thing><Size>1</Size></Thing></things>",
        "<things><Thing><Id>a</Id><Size>many</Size></Thing></things>",
        "<things><Thing><Id>a</Id><On>yes</On></Thing></things>",
        "<things><Thing><Id>a</Id><Made>2026-11-22</Made></Thing></things>",
        "<things><Thing><Id>a</Id><Raw>%</Raw></Thing></things>",
        "<things><Thing><Id><b>a</b></Id></Thing></things>",
        "<things><Thing><Id>a</Id><Id>b</Id></Thing></things>",
        "<things>none</things>",
        "<things/><things/>",
        "none",
        "<Tags><Tag><Key>k</Key><Value>v</Value></Tag></Tags>",
        "<Tags><entry><Key>k</Key></entry></Tags>",
        "<Tags><entry><Key>k</Key><Value>v</Value></entry><entry><Key>k</Key><Value>w</Value></entry></Tags>",
        "<Next>&unknown;</Next>",
        &deep("<a>", "</a>"),
    ];
    for body in xml {
        for (model, answer) in [(query(), in_query(body)), (rest_xml(), in_xml(body))] {
            let fault = fault(&model, answer).await;
            assert_eq!(fault.kind, GapKind::Malformed, "{}: {}", body.get(..80).unwrap_or(body), fault.message);
        }
    }
    for body in [
        "<ListResponse/>",
        "<ListResponse><ResponseMetadata/></ListResponse>",
        "<ListResponse><ListResults/></ListResponse>",
        "<ListResponse><ListResult/><ListResult/></ListResponse>",
        "<OtherResponse><ListResult/></OtherResponse>",
        "<ListResult/>",
        "<html/>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><ListResponse><ListResult/></ListResponse>",
        "<ListResponse><ListResult/></ListResponse><b/>",
        "<ListResponse><ListResult>",
        "",
        "{}",
    ] {
        assert_eq!(fault(&query(), ok(body)).await.kind, GapKind::Malformed, "{body}");
        assert_eq!(fault(&rest_xml(), ok(body)).await.kind, GapKind::Malformed, "{body}");
    }
}

#[tokio::test]
async fn a_member_that_our_struct_needs_is_malformed_when_it_is_absent() {
    for (model, answer) in [
        (json_rpc(), ok("{}")),
        (json_rpc(), ok(r#"{"Things":null}"#)),
        // The wire's name in REST, the member's in RPC.
        (json_rpc(), ok(r#"{"things":[]}"#)),
        (rest_json(), ok(r#"{"Things":[]}"#)),
        (query(), in_query("<Things/>")),
        (rest_xml(), in_xml("<Next>a</Next>")),
    ] {
        let page = client(&model, &Upstream::of([answer])).call::<Page>("List", json!({})).await;
        let fault = Fault::from(page.unwrap_err());
        assert_eq!((fault.kind, fault.message.contains("Things")), (GapKind::Malformed, true), "{}", fault.message);
    }
}

#[tokio::test]
async fn errors_give_the_code_and_the_message_of_aws() {
    let xml = "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no &lt;way&gt;</Message></Error>";
    let typed = ("x-amzn-errortype", "AccessDenied:http://internal.amazon.com/coral/");
    for (model, headers, body) in [
        (json_rpc(), vec![], r#"{"__type":"com.amazon#AccessDenied","message":"no <way>"}"#.to_owned()),
        (
            json_rpc(),
            vec![("x-amzn-query-error", "AccessDenied;Sender")],
            r#"{"__type":"Other","Message":"no <way>"}"#.into(),
        ),
        (rest_json(), vec![typed], r#"{"message":"no <way>"}"#.to_owned()),
        (rest_json(), vec![], r#"{"code":"AccessDenied","errorMessage":"no <way>"}"#.to_owned()),
        (query(), vec![], format!("<ErrorResponse xmlns=\"x\">{xml}<RequestId>1</RequestId></ErrorResponse>")),
        (query(), vec![], format!("<Response><Errors>{xml}</Errors></Response>")),
        (rest_xml(), vec![], format!("<ErrorResponse>{xml}</ErrorResponse>")),
        (rest_xml(), vec![], xml.to_owned()),
    ] {
        let error = read(&model, (403, headers, body.clone())).await.unwrap_err();
        let error = error.as_service_error().unwrap_or_else(|| panic!("{body}: {error:?}"));
        assert_eq!((error.code(), error.message()), (Some("AccessDenied"), Some("no <way>")), "{body}");
    }
}

#[tokio::test]
async fn an_error_that_names_nothing_is_told_by_its_status() {
    for model in [json_rpc(), rest_json(), query(), rest_xml()] {
        for body in ["<html><p>Forbidden", "", "{", "[1]", "<a/>", "\u{0}"] {
            assert_eq!(fault(&model, (403, vec![], body.into())).await.kind, GapKind::Denied, "{body}");
            assert_eq!(fault(&model, (503, vec![], body.into())).await.kind, GapKind::Unavailable, "{body}");
        }
        let denied = fault(&model, (400, vec![("x-amzn-errortype", "a#AccessDeniedException")], "<html>".into())).await;
        assert_eq!((denied.kind, denied.message.as_str()), (GapKind::Denied, "AccessDeniedException"));
    }
}

#[tokio::test]
async fn questions_have_the_form_of_their_protocol() {
    let input = json!({ "Owner": "a/b", "Kinds": ["x", "y z"], "Since": "2026-11-22T09:39:19Z", "Max": null });
    for (model, body, expected, uri) in [
        (json_rpc(), "{}", r#"{"Owner":"a/b","Kinds":["x","y z"],"Since":1795340359}"#, "/"),
        (model("rest-json", ""), "{}", r#"{"kinds":["x","y z"],"Since":1795340359}"#, "/things/a%2Fb"),
        (
            query(),
            "<ListResponse><ListResult/></ListResponse>",
            "Action=List&Version=2020-01-01&Owner=a%2Fb&kinds.member.1=x&kinds.member.2=y%20z&Since=2026-11-22T09%3A39%3A19Z",
            "/",
        ),
    ] {
        let upstream = Upstream::of([ok(body)]);
        let _: Value = client(&model, &upstream).call("List", input.clone()).await.unwrap();
        let asked = upstream.asked.lock().unwrap();
        assert_eq!(std::str::from_utf8(asked[0].body().bytes().unwrap()).unwrap(), expected);
        assert_eq!(asked[0].uri(), format!("https://things.eu-west-1.amazonaws.com{uri}"));
        let header = |name| asked[0].headers().get(name).unwrap_or_default().to_owned();
        assert!(header("authorization").contains("/eu-west-1/things/aws4_request"), "{}", header("authorization"));
        for name in ["user-agent", "x-amz-user-agent", "amz-sdk-invocation-id", "amz-sdk-request"] {
            assert!(!header(name).is_empty(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_question_that_the_model_does_not_know_is_not_asked() {
    let client = client(&json_rpc(), &Upstream::default());
    for (operation, input) in [
        ("Delete", json!({})),
        ("List", json!({ "Ownr": "a" })),
        ("List", json!({ "Max": "1" })),
        ("Bare", json!({ "a": 1 })),
    ] {
        let error = client.call::<Value>(operation, input).await.unwrap_err();
        assert!(matches!(error, CallError::ConstructionFailure(_)), "{error:?}");
    }
}

#[tokio::test]
async fn an_operation_without_shapes_is_asked() {
    let bare = Upstream::of([ok("{}")]);
    let _: Value = client(&json_rpc(), &bare).call("Bare", json!({})).await.unwrap();
    assert_eq!(bare.asked.lock().unwrap()[0].headers().get("x-amz-target"), Some("Things_2020.Bare"));
}

#[test]
fn a_model_that_lacks_something_is_no_model() {
    assert!(Model::parse("{}").is_err());
    assert!(
        Model::parse(&json_rpc().replace(r#""Thing":{"type":"structure""#, r#""Thong":{"type":"structure""#)).is_err()
    );
    assert!(Model::parse(&json_rpc().replace("\"long\"", "\"lung\"")).is_err());
    let looped = json_rpc()
        .replace(r#""Kinds":{"type":"list","member":"string"}"#, r#""Kinds":{"type":"list","member":"Kinds"}"#);
    assert!(Model::parse(&looped).unwrap_err().to_string().contains("itself"));
}
