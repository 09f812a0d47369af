//! Services that can be used on behalf of anyone (the confused deputy problem).
//!
//! Only services that AWS documents to send `aws:SourceArn` or `aws:SourceAccount` ([`super::services`]) are judged: a condition on keys that a
//! service does not send would lock it out.

use super::arn::is_account;
use super::assume::assuming;
use super::caller::Caller;
use super::cells::{Target, cells};
use super::condition::{Literal, Relation};
use super::decision::{Decision, Zone};
use super::document::{Document, Principal, Principals, Statement};
use super::narrow::{Narrowing, Pin, Rule, narrow};
use super::pattern::Pattern;
use super::remains::{Branch, remains};
use super::services::{IN_RESOURCE_POLICIES, IN_TRUST_POLICIES, short};

fn sends_keys(principal: &str, allow: &Statement) -> bool {
    let list = if trusts(allow) { IN_TRUST_POLICIES } else { IN_RESOURCE_POLICIES };
    list.contains(&short(principal).as_str())
}

/// Whether the statement is one of a trust policy.
fn trusts(allow: &Statement) -> bool {
    allow.actions.patterns().iter().any(|p| p.prefix().starts_with("sts:"))
}

/// One decision for each service principal that the policy lets in and that sends the keys.
pub fn confused_deputy(document: &Document, _zone: &Zone) -> Vec<(String, Decision)> {
    let assuming = document.allows().any(trusts).then(|| assuming(document));
    let document = assuming.as_ref().unwrap_or(document);
    let target = Target::guess(document).unwrap_or_default();
    let mut found: Vec<(String, Decision)> = Vec::new();
    for allow in document.allows() {
        let Some(Principals::Only(list)) = &allow.principals else {
            continue;
        };
        for principal in list {
            let Principal::Service(name) = principal else {
                continue;
            };
            if !sends_keys(name, allow) {
                continue;
            }
            let decision = judge(document, allow, principal, &target);
            match found.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) if rank(&decision) > rank(known) => *known = decision,
                Some(_) => {}
                None => found.push((name.clone(), decision)),
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn rank(decision: &Decision) -> u8 {
    match decision {
        Decision::No(_) => 0,
        Decision::CannotTell(_) => 1,
        Decision::Yes(_) => 2,
    }
}

fn judge(document: &Document, allow: &Statement, principal: &Principal, target: &Target) -> Decision {
    let caller = Caller::Named(principal);
    let mut limit = None;
    let mut unsure = None;
    for cell in cells(document, allow, target, None) {
        let mut settled = |branch: &Branch<'_>| match source(branch, principal) {
            Source::Fixed(text) => {
                limit = Some(text);
                true
            }
            _ => false,
        };
        let branches = match remains(document, allow, &cell, caller, &mut settled) {
            Ok(branches) => branches,
            Err(why) => return Decision::CannotTell(why),
        };
        for branch in &branches {
            match source(branch, principal) {
                Source::Open(notes) => {
                    let actions = allow.actions().join(", ");
                    let mut text = format!("{allow} lets {principal} call {actions} on behalf of any account");
                    for note in notes {
                        text.push_str("; ");
                        text.push_str(&note);
                    }
                    return Decision::Yes(text);
                }
                Source::Unsure(why) => unsure = Some(why),
                Source::Fixed(_) => {}
            }
        }
    }
    if let Some(why) = unsure {
        return Decision::CannotTell(format!("{allow} for {principal}: {why}"));
    }
    Decision::No(match limit {
        Some(limit) => format!("{allow} lets {principal} in only for {limit}"),
        None => format!("what {allow} allows {principal} is denied by another statement"),
    })
}

enum Source {
    Fixed(String),
    Open(Vec<String>),
    Unsure(String),
}

/// Conditions that some services are told to use instead: an encryption context that holds the resource's ARN, an
/// external id. Firehose sets the external id to the account that it works for, Redshift to the ARN of the database user
/// (<https://docs.aws.amazon.com/redshift/latest/mgmt/authorizing-redshift-service-database-users.html>).
fn context(literal: &Literal<'_>, principal: &Principal) -> Option<Source> {
    let condition = literal.condition;
    let asked = literal.relation() == Relation::Match && !literal.allows_missing();
    let is_context = condition.key.starts_with("kms:encryptioncontext:");
    if !asked || !(is_context || condition.key == "sts:externalid") {
        return None;
    }
    let account = |v: &Pattern| {
        let fields = v.fields(6);
        let account = fields.get(4).and_then(Pattern::fixed);
        account.is_some_and(|a| is_account(&a))
    };
    let service = match principal {
        Principal::Service(name) => short(name),
        _ => String::new(),
    };
    let is_firehose = service == "firehose";
    let by_user = service.starts_with("redshift") && !is_context;
    let is_number = |v: &Pattern| v.fixed().is_some_and(|id| is_account(&id));
    if is_firehose && !is_context && !condition.values.is_empty() && condition.values.iter().all(is_number) {
        return Some(Source::Fixed(literal.describe()));
    }
    if (is_context || by_user) && !condition.values.is_empty() && condition.values.iter().all(account) {
        return Some(Source::Fixed(literal.describe()));
    }
    Some(Source::Unsure(format!("it cannot be told whether {} says for whom the service calls", condition.name)))
}

/// Keys that say for whom a service calls.
const SOURCE_KEYS: [&str; 5] =
    ["aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths"];

fn source(branch: &Branch<'_>, principal: &Principal) -> Source {
    let mut notes = Vec::new();
    let mut unsure = None;
    for fact in &branch.facts {
        let literal = &fact.literal;
        let key = literal.condition.key.as_str();
        if let Some(found) = context(literal, principal) {
            match found {
                Source::Unsure(why) => unsure = Some(why),
                fixed => return fixed,
            }
            continue;
        }
        if !SOURCE_KEYS.contains(&key) {
            match narrow(literal, branch.requires(key), Rule::Meaning) {
                Narrowing::Nobody => return Source::Fixed("nobody".into()),
                // Another key that pins an account, as `s3:DataAccessPointAccount` does.
                Narrowing::To(pins) if pins.iter().all(|p| matches!(p, Pin::Account(_) | Pin::Owner)) => {
                    return Source::Fixed(literal.describe());
                }
                Narrowing::Unknown(_) => {
                    unsure = Some(format!("whether {} says for whom the service calls", literal.condition.name));
                }
                _ => {}
            }
            continue;
        }
        match narrow(literal, branch.requires(key), Rule::Meaning) {
            Narrowing::Nobody | Narrowing::To(_) => return Source::Fixed(literal.describe()),
            // Where an absent key passes, it depends on whether the service sends this key with this call.
            Narrowing::Nothing(_)
                if literal.relation() == Relation::Absent
                    || literal.allows_missing()
                        && matches!(narrow(literal, true, Rule::Meaning), Narrowing::To(_) | Narrowing::Nobody) =>
            {
                unsure = Some(format!("{} counts only when the service sends it", literal.condition.name));
            }
            Narrowing::Nothing(note) => notes.extend(note),
            Narrowing::Unknown(why) => unsure = Some(format!("it cannot be told {why}")),
        }
    }
    match unsure {
        Some(why) => Source::Unsure(why),
        None => Source::Open(notes),
    }
}
