//! What a request asks, in a form that does not depend on how it was sent.

use std::collections::BTreeMap;

/// The header that is part of a question: another owner gives another answer.
pub const EXPECTED_OWNER: &str = "x-amz-expected-bucket-owner";

/// Path, query and body in a canonical order, without what names the operation or the version of the protocol.
pub fn params(path_and_query: &str, body: &str, expected_owner: Option<&str>) -> String {
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let mut pairs: Vec<&str> = query.split('&').collect();
    let mut params = path.to_owned();
    if body.starts_with('{') {
        params.push_str(&canonical_json(body));
    } else {
        pairs.extend(body.split('&'));
    }
    pairs.retain(|pair| {
        !pair.is_empty() && !["Action=", "Version=", "x-id="].iter().any(|noise| pair.starts_with(noise))
    });
    pairs.sort_unstable();
    if !pairs.is_empty() {
        params.push('?');
        params.push_str(&pairs.join("&"));
    }
    if let Some(owner) = expected_owner {
        params.push_str(&format!(" {EXPECTED_OWNER}={owner}"));
    }
    params.trim_start_matches('/').to_owned()
}

/// Object keys in order; the SDK's own order is not promised.
fn canonical_json(text: &str) -> String {
    match serde_json::from_str::<BTreeMap<String, serde_json::Value>>(text) {
        Ok(map) if map.is_empty() => String::new(),
        Ok(map) => serde_json::to_string(&map).unwrap_or_else(|_| text.to_owned()),
        Err(_) => text.to_owned(),
    }
}
