//! From text to [`Document`](super::Document).
//!
//! Strict where AWS is strict: an element that the grammar does not know makes the document undecidable, because a
//! misread word may be the one that narrows it. Lenient where AWS is: one value or a list, keys without case.

use super::arn::is_account;
use super::condition::Condition;
use super::document::{Document, PolicyError, Principal, Principals, Set, Statement};
use super::json::Json;
use super::pattern::Pattern;

type Result<T> = std::result::Result<T, PolicyError>;

fn error<T>(text: impl Into<String>) -> Result<T> {
    Err(PolicyError(text.into()))
}

impl Document {
    /// Parses a document, percent-encoded (as IAM returns them) or not.
    ///
    /// # Errors
    /// When the text is not a policy document that AWS would accept; the error names the place.
    pub fn parse(text: &str) -> Result<Self> {
        document(text).map(Self::of)
    }
}

fn document(text: &str) -> Result<Vec<Statement>> {
    let decoded;
    let text = if text.trim_start().starts_with('%') {
        decoded = percent_encoding::percent_decode_str(text.trim())
            .decode_utf8()
            .map_err(|_| PolicyError("the policy's percent-encoding is not UTF-8".into()))?;
        decoded.as_ref()
    } else {
        text
    };
    let text = text.trim().trim_start_matches('\u{feff}');
    let json: Json = serde_json::from_str(text).map_err(|e| PolicyError(format!("the policy is not JSON: {e}")))?;
    let Json::Object(pairs) = json else {
        return error(format!("the policy is {}, not an object", json.kind()));
    };
    let [version, _id, statement] = pick(pairs, "the policy", ["Version", "Id", "Statement"])?;
    let variables = match version {
        None => false,
        Some(Json::Text(v)) if v == "2008-10-17" => false,
        Some(Json::Text(v)) if v == "2012-10-17" => true,
        Some(other) => {
            return error(format!(
                "the policy's Version {} is not one that AWS knows",
                other.scalar().unwrap_or_default()
            ));
        }
    };
    let statements = match statement {
        None => return error("the policy has no Statement"),
        Some(Json::List(list)) => list,
        Some(one @ Json::Object(_)) => vec![one],
        Some(other) => return error(format!("the policy's Statement is {}", other.kind())),
    };
    statements.into_iter().enumerate().map(|(index, json)| statement_of(index + 1, json, variables)).collect()
}

/// Sorts an object's values by wanted key (case does not count); an unknown or doubled key is an error.
fn pick<const N: usize>(pairs: Vec<(String, Json)>, place: &str, wanted: [&str; N]) -> Result<[Option<Json>; N]> {
    let mut found = [const { None }; N];
    for (key, value) in pairs {
        match wanted.iter().position(|w| w.eq_ignore_ascii_case(&key)) {
            Some(index) if found[index].is_none() => found[index] = Some(value),
            Some(_) => return error(format!("{place} has {key} twice")),
            None => return error(format!("{place} has an unknown element {key}")),
        }
    }
    Ok(found)
}

fn statement_of(number: usize, json: Json, variables: bool) -> Result<Statement> {
    let place = format!("statement {number}");
    let Json::Object(pairs) = json else {
        return error(format!("{place} is {}, not an object", json.kind()));
    };
    let names =
        ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
    let [sid, effect, principal, not_principal, action, not_action, resource, not_resource, condition] =
        pick(pairs, &place, names)?;
    let allow = match &effect {
        Some(Json::Text(text)) if text == "Allow" => true,
        Some(Json::Text(text)) if text == "Deny" => false,
        Some(other) => {
            return error(format!(
                "{place}: Effect is {}, neither Allow nor Deny",
                other.scalar().unwrap_or_else(|| other.kind().into())
            ));
        }
        None => return error(format!("{place} has no Effect")),
    };
    let principals = match (principal, not_principal) {
        (Some(_), Some(_)) => {
            return error(format!("{place} has both Principal and NotPrincipal"));
        }
        (Some(json), None) => Some(Principals::Only(principals_of(json, &place, "Principal")?)),
        (None, Some(json)) => Some(Principals::Except(principals_of(json, &place, "NotPrincipal")?)),
        (None, None) => None,
    };
    let actions = match (action, not_action) {
        (Some(_), Some(_)) => return error(format!("{place} has both Action and NotAction")),
        (Some(json), None) => Set::Only(actions_of(&json, &place, "Action")?),
        (None, Some(json)) => Set::Except(actions_of(&json, &place, "NotAction")?),
        (None, None) => return error(format!("{place} has neither Action nor NotAction")),
    };
    let resources = match (resource, not_resource) {
        (Some(_), Some(_)) => return error(format!("{place} has both Resource and NotResource")),
        (Some(json), None) => Some(Set::Only(resources_of(&json, &place, "Resource", variables)?)),
        (None, Some(json)) => Some(Set::Except(resources_of(&json, &place, "NotResource", variables)?)),
        (None, None) => None,
    };
    Ok(Statement {
        number,
        sid: sid.and_then(|s| s.scalar()),
        policy: None,
        allow,
        principals,
        actions,
        resources,
        conditions: conditions_of(condition, &place, variables)?,
    })
}

/// One string or a list of strings.
fn texts(json: &Json, place: &str, name: &str) -> Result<Vec<String>> {
    let one = |json: &Json| match json {
        Json::Text(text) => Ok(text.clone()),
        other => error(format!("{place}: {name} holds {}", other.kind())),
    };
    match json {
        Json::List(list) => list.iter().map(one).collect(),
        other => Ok(vec![one(other)?]),
    }
}

fn actions_of(json: &Json, place: &str, name: &str) -> Result<Vec<Pattern>> {
    texts(json, place, name)?
        .iter()
        .map(|text| {
            if text.contains(':') || (!text.is_empty() && text.chars().all(|c| c == '*')) {
                Ok(Pattern::action(text))
            } else {
                error(format!("{place}: {name} {text:?} is not an action"))
            }
        })
        .collect()
}

fn resources_of(json: &Json, place: &str, name: &str, variables: bool) -> Result<Vec<Pattern>> {
    texts(json, place, name)?
        .iter()
        .map(|text| {
            if text.is_empty() {
                return error(format!("{place}: {name} holds an empty text"));
            }
            Ok(Pattern::wild(text, variables))
        })
        .collect()
}

fn principals_of(json: Json, place: &str, name: &str) -> Result<Vec<Principal>> {
    let pairs = match json {
        Json::Text(text) if text == "*" => return Ok(vec![Principal::Everyone]),
        Json::Object(pairs) => pairs,
        Json::Text(text) => return error(format!("{place}: {name} {text:?} has no type")),
        other => return error(format!("{place}: {name} is {}", other.kind())),
    };
    let place = format!("{place}: {name}");
    let [aws, service, federated, canonical] = pick(pairs, &place, ["AWS", "Service", "Federated", "CanonicalUser"])?;
    let mut found = Vec::new();
    for text in listed(aws.as_ref(), &place, "AWS")? {
        found.push(aws_principal(text, &place)?);
    }
    let service = listed(service.as_ref(), &place, "Service")?;
    found.extend(service.into_iter().map(|s| Principal::Service(s.to_ascii_lowercase())));
    let federated = listed(federated.as_ref(), &place, "Federated")?;
    found.extend(federated.into_iter().map(Principal::Federated));
    let canonical = listed(canonical.as_ref(), &place, "CanonicalUser")?;
    found.extend(canonical.into_iter().map(
        |id| {
            if id == "*" { Principal::Everyone } else { Principal::Canonical(id) }
        },
    ));
    Ok(found)
}

fn listed(json: Option<&Json>, place: &str, name: &str) -> Result<Vec<String>> {
    json.map_or(Ok(Vec::new()), |json| texts(json, place, name))
}

fn aws_principal(text: String, place: &str) -> Result<Principal> {
    if text == "*" {
        return Ok(Principal::Everyone);
    }
    if is_account(&text) {
        return Ok(Principal::Account(text));
    }
    let kinds = ["AIDA", "AROA", "AGPA", "ANPA", "AIPA"];
    let unique_id = text.len() >= 16
        && kinds.iter().any(|k| text.starts_with(k))
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    if unique_id {
        return Ok(Principal::Deleted(text));
    }
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, _partition, service, _region, account, resource] = fields[..] else {
        return error(format!("{place} AWS {text:?} is no principal"));
    };
    if arn != "arn" || !(service == "iam" || service == "sts" || service.contains('*')) {
        return error(format!("{place} AWS {text:?} is no principal"));
    }
    if account == "cloudfront" {
        return Ok(Principal::OriginAccess(text));
    }
    // AWS refuses wildcards inside a principal's ARN; where one is stored all the same, it is read as what it says.
    if account.contains(['*', '?']) {
        return Ok(Principal::Everyone);
    }
    if resource == "root" || resource == "*" {
        return Ok(Principal::Account(account.to_owned()));
    }
    Ok(Principal::Arn(text))
}

fn conditions_of(json: Option<Json>, place: &str, variables: bool) -> Result<Vec<Condition>> {
    let operators = match json {
        None => return Ok(Vec::new()),
        Some(Json::Object(pairs)) => pairs,
        Some(other) => return error(format!("{place}: Condition is {}", other.kind())),
    };
    let mut conditions: Vec<Condition> = Vec::new();
    for (operator, keys) in operators {
        let Json::Object(keys) = keys else {
            return error(format!("{place}: Condition {operator} is {}", keys.kind()));
        };
        for (key, values) in keys {
            let values = match &values {
                Json::List(list) => list.iter().map(Json::scalar).collect::<Option<Vec<_>>>(),
                one => one.scalar().map(|text| vec![text]),
            };
            let Some(values) = values.filter(|v| !v.is_empty()) else {
                return error(format!("{place}: Condition {operator} {key} has no value"));
            };
            let condition = Condition::new(&operator, &key, &values, variables)
                .map_err(|why| PolicyError(format!("{place}: {why}")))?;
            let doubled = conditions.iter().any(|c| c.key == condition.key && c.operator == condition.operator);
            if doubled {
                return error(format!("{place}: Condition has {operator} {key} twice"));
            }
            conditions.push(condition);
        }
    }
    Ok(conditions)
}
