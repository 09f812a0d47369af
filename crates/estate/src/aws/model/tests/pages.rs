//! Pages, and tokens that lead nowhere.

use super::*;
use crate::finding::GapKind;
use serde::Deserialize;
use serde_json::json;

const MODEL: &str = r#"{"service":"things","id":"Things","protocol":"json","version":"2020-01-01","jsonVersion":"1.0",
"targetPrefix":"Things","signingName":"things","endpoints":[{"url":"https://things.{region}.{suffix}"}],
"operations":{
"List":{"method":"POST","uri":"/","input":"In","output":"Out","pages":{"input":["Marker"],"output":["Page.Next"],"items":["Page.Items"]}},
"Walk":{"method":"POST","uri":"/","input":"In","output":"Out","pages":{"input":["Marker"],"output":["Page.Next"],"items":["Page.Items"],"more":"More"}},
"Get":{"method":"POST","uri":"/","input":"In","output":"Out"}},
"shapes":{"In":{"type":"structure","members":{"Marker":"string","Kind":"string"}},
"Out":{"type":"structure","members":{"Page":"Page","More":"boolean"}},
"Page":{"type":"structure","members":{"Next":"string","Items":"Items"}},
"Items":{"type":"list","member":"string"}}}"#;

fn page(items: &[&str], next: &str) -> Answer {
    ok(&json!({ "Page": { "Items": items, "Next": next } }).to_string())
}

async fn items(operation: &str, answers: Vec<Answer>) -> Result<Vec<String>, GapKind> {
    let client = client(MODEL, &Upstream::of(answers));
    client.items(operation, json!({}), "Page.Items").await.map_err(|error| Fault::from(error).kind)
}

#[tokio::test]
async fn every_page_is_asked_with_the_token_of_the_last() {
    let upstream = Upstream::of([page(&["a", "b"], "1"), page(&[], "2"), page(&["c"], "")]);
    let got: Vec<String> = client(MODEL, &upstream).items("List", json!({ "Kind": "k" }), "Page.Items").await.unwrap();
    assert_eq!(got, ["a", "b", "c"]);
    let asked = upstream.asked.lock().unwrap();
    let bodies: Vec<&str> = asked.iter().map(|ask| std::str::from_utf8(ask.body().bytes().unwrap()).unwrap()).collect();
    assert_eq!(bodies, [r#"{"Kind":"k"}"#, r#"{"Marker":"1","Kind":"k"}"#, r#"{"Marker":"2","Kind":"k"}"#]);
}

#[tokio::test]
async fn a_token_that_comes_again_is_malformed() {
    let again = vec![page(&["a"], "1"), page(&["b"], "2"), page(&["c"], "1")];
    assert_eq!(items("List", again).await, Err(GapKind::Malformed));
}

#[tokio::test]
async fn a_page_without_the_list_is_malformed() {
    for body in ["{}", r#"{"Page":{}}"#, r#"{"Page":null}"#, r#"{"Page":{"Items":[null]}}"#] {
        assert_eq!(items("List", vec![ok(body)]).await, Err(GapKind::Malformed), "{body}");
    }
}

#[tokio::test]
async fn a_member_that_is_not_there_is_malformed() {
    let member = async |body: &str| {
        let client = client(MODEL, &Upstream::of([ok(body)]));
        client.member::<String>("Get", json!({}), "Page.Next").await.map_err(|error| Fault::from(error).kind)
    };
    assert_eq!(member(r#"{"Page":{"Next":"a"}}"#).await.as_deref(), Ok("a"));
    for body in ["{}", r#"{"Page":{}}"#, r#"{"Page":{"Next":null}}"#, r#"{"Page":{"Next":7}}"#] {
        assert_eq!(member(body).await, Err(GapKind::Malformed), "{body}");
    }
}

#[tokio::test]
async fn a_list_that_the_operation_does_not_page_is_not_asked_for() {
    let asked = client(MODEL, &Upstream::default()).items::<String>("List", json!({}), "Items").await;
    assert!(matches!(asked, Err(CallError::ConstructionFailure(_))));
}

#[tokio::test]
async fn more_is_as_the_answer_says() {
    let answer =
        |more: bool, next: &str| ok(&json!({ "Page": { "Items": ["a"], "Next": next }, "More": more }).to_string());
    assert_eq!(items("Walk", vec![answer(true, "1"), answer(false, "2")]).await.unwrap().len(), 2);
    assert_eq!(items("Walk", vec![answer(true, "")]).await, Err(GapKind::Malformed), "more, but where?");
    assert_eq!(items("Walk", vec![page(&["a"], "1"), page(&["b"], "")]).await.unwrap(), ["a", "b"], "not said");
}

#[tokio::test]
async fn pages_are_read_into_a_struct() {
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Out {
        page: Page,
    }
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Page {
        items: Vec<String>,
    }
    let upstream = Upstream::of([page(&["a"], "1"), page(&["b"], "")]);
    let pages: Vec<Out> = client(MODEL, &upstream).pages("List", json!({})).await.unwrap();
    assert_eq!(pages.iter().flat_map(|out| &out.page.items).collect::<Vec<_>>(), ["a", "b"]);
    let lacks = client(MODEL, &Upstream::of([ok(r#"{"Page":{}}"#)])).pages::<Out>("List", json!({})).await;
    assert_eq!(Fault::from(lacks.unwrap_err()).kind, GapKind::Malformed);
    let unpaged = client(MODEL, &Upstream::default()).pages::<Out>("Get", json!({})).await;
    assert!(unpaged.is_err());
}
