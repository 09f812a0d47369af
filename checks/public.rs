//! Whether a policy lets everyone in, told alike wherever a check asks that of it.

use crate::prelude::*;
use posture_policy::{self as policy, Decision, Document, PolicyError, Zone};

/// A policy, or why it is none.
pub(super) type Parsed = Result<Document, PolicyError>;

/// Judges `whose` (`the policy of key k`) by its text, where nothing else is asked of it.
pub(super) fn judge(whose: &str, text: &str, zone: &Zone) -> Verdict {
    let (document, mut reasons) = (zone.parse(text), Reasons::new());
    let seen = weigh(whose, &document, zone, &mut reasons);
    let verdict = reasons.or_pass(|| seen);
    match verdict.status {
        Status::Fail => verdict.evidence(json!({ "open": opened(&document) })),
        _ => verdict,
    }
}

/// The condition that the policy is not public; what was seen, where it holds.
pub(super) fn weigh(whose: &str, document: &Parsed, zone: &Zone, reasons: &mut Reasons) -> String {
    let decision = match document {
        Ok(document) => policy::public(document, zone),
        Err(error) => Decision::CannotTell(error.to_string()),
    };
    match decision {
        Decision::Yes(why) => reasons.broken("public", format!("{whose} is public: {why}")),
        Decision::No(why) => return format!("{whose} is not public: {why}"),
        Decision::CannotTell(why) => reasons.doubt(format!("whether {whose} is public cannot be decided: {why}")),
    }
    String::new()
}

/// What the policy leaves open to everyone.
pub(super) fn opened(document: &Parsed) -> Vec<String> {
    document.as_ref().map(policy::opened).unwrap_or_default()
}
