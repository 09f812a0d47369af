//! Does a bucket policy refuse plain HTTP, for everyone and everything?
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html>. What plain HTTP has for a version
//! of TLS, <https://repost.aws/knowledge-center/s3-enforce-modern-tls> says: a Deny below 1.2 alone enforces HTTPS, and who needs
//! HTTP has to add `aws:SecureTransport` true. So such requests meet `s3:TlsVersion` below 1.2, alone and beside other conditions.

use super::actions;
use super::cells::Target;
use super::condition::{Condition, Family, Order, Quantifier};
use super::decision::Decision;
use super::document::{Document, Principal, Principals, Set, Statement};
use super::pattern::Pattern;

/// Plain HTTP counts as a version of TLS below this one.
const TLS: f64 = 1.2;

/// Whether every plain HTTP request for the bucket and its objects is denied. Several statements may together do it.
pub fn denies_http(document: &Document, bucket_arn: &str) -> Decision {
    let target = Target::bucket(bucket_arn);
    let mut refusing = Vec::new();
    let mut short = Vec::new();
    for deny in document.denies() {
        match refuses(deny) {
            Ok(()) => refusing.push(deny),
            Err(Some(why)) => short.push(why),
            Err(None) => {}
        }
    }
    if refusing.is_empty() {
        return Decision::No(if short.is_empty() {
            "no statement denies requests without TLS".into()
        } else {
            short.join("; ")
        });
    }
    let mut missing = Vec::new();
    for (part, name) in target.parts.iter().zip(["the bucket", "its objects"]) {
        let here: Vec<&&Statement> = refusing.iter().filter(|d| on(d, part)).collect();
        if here.is_empty() {
            missing.push(name.to_owned());
        } else if !all_actions(&here) {
            missing.push(format!("some actions on {name}"));
        }
    }
    let names: Vec<String> = refusing.iter().map(ToString::to_string).collect();
    let names = names.join(", ");
    if missing.is_empty() {
        Decision::Yes(format!("{names} refuses plain HTTP"))
    } else {
        short.insert(0, format!("{names} leaves {} open to plain HTTP", missing.join(" and ")));
        Decision::No(short.join("; "))
    }
}

fn on(deny: &Statement, part: &Pattern) -> bool {
    deny.resources.as_ref().is_some_and(|set| set.covers(part))
}

/// Whether the statements together deny every S3 action.
fn all_actions(denies: &[&&Statement]) -> bool {
    let all = Pattern::action("s3:*");
    denies.iter().any(|d| d.actions.covers(&all))
        || actions::matching(&all).into_iter().all(|a| denies.iter().any(|d| d.actions.covers(a)))
}

/// Whether a Deny hits every plain HTTP request for what it is about; `Err(None)` when it is about something else.
fn refuses(deny: &Statement) -> Result<(), Option<String>> {
    let about_http = deny.conditions.is_empty() || deny.conditions.iter().any(hits_http);
    if !about_http {
        let near = deny.conditions.iter().find(|c| c.key == "aws:securetransport" || c.key == "s3:tlsversion");
        return Err(near.map(|c| {
            format!("{deny} does not deny requests without TLS ({} {} {})", c.operator.name, c.name, c.texts())
        }));
    }
    // A Deny without conditions is no refusal of HTTP in itself: it counts where it hits, and is not worth a word elsewhere.
    let unconditional = deny.conditions.is_empty();
    let everyone = match &deny.principals {
        Some(Principals::Only(list)) => list.contains(&Principal::Everyone),
        Some(Principals::Except(list)) => list.is_empty(),
        None => false,
    };
    if !everyone {
        let why = format!("{deny} does not deny everyone");
        return Err((!unconditional).then_some(why));
    }
    if let Some(other) = deny.conditions.iter().find(|c| !hits_http(c)) {
        return Err(Some(format!(
            "{deny} denies plain HTTP only under the condition {} {}",
            other.operator.name, other.name
        )));
    }
    if let Set::Only(patterns) = &deny.actions
        && patterns.is_empty()
    {
        return Err(None);
    }
    Ok(())
}

/// Whether every plain HTTP request meets the condition.
fn hits_http(condition: &Condition) -> bool {
    let operator = &condition.operator;
    match (condition.key.as_str(), operator.family) {
        ("aws:securetransport", Family::Bool | Family::Text | Family::TextLike | Family::TextWithoutCase) => {
            condition.test("false") == Some(true)
        }
        ("s3:tlsversion", Family::Number(order)) if condition.operator.quantifier == Quantifier::One => {
            let mut bounds = condition.values.iter().map(|v| v.text().trim().parse::<f64>());
            let above = |bound: Result<f64, _>| bound.is_ok_and(|bound| bound >= TLS);
            match (order, operator.negated) {
                (Order::Less | Order::LessOrEqual, false) => bounds.any(above),
                // Other than 1.2 or 1.3.
                (Order::Equal, true) => bounds.all(above),
                _ => false,
            }
        }
        _ => false,
    }
}
