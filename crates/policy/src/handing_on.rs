//! Permissions of KMS to make grants, and the conditions under which they hand nothing on to others.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/grant-authorization.html>, and the statement for key users in
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-users-grants>.

use super::condition::{Literal, Quantifier, Relation};
use super::decision::{Identity, Zone};
use super::document::Document;
use super::narrow::{Narrowing, Pin, Rule, narrow};

/// The actions on grants, in lower case.
const ON_GRANTS: [&str; 4] = ["kms:creategrant", "kms:listgrants", "kms:retiregrant", "kms:revokegrant"];

/// Grant operations that are worth nothing to whom they are handed: the rest is cryptography, or hands on in turn.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations>
const HARMLESS: [&str; 3] = ["DescribeKey", "GetPublicKey", "RetireGrant"];

/// Whether the conditions leave an action on grants only to services on the caller's behalf, or to grants that give nothing away.
pub fn only_for_services<'l, 'c: 'l>(
    action: &str,
    mut conditions: impl Iterator<Item = &'l Literal<'c>>,
    zone: &Zone,
) -> bool {
    ON_GRANTS.contains(&action.to_ascii_lowercase().as_str()) && conditions.any(|literal| tames(literal, zone))
}

fn tames(literal: &Literal<'_>, zone: &Zone) -> bool {
    let condition = literal.condition;
    let matches = literal.relation() == Relation::Match;
    let there = !literal.allows_missing();
    let holds = |value: &str| condition.test(value) == Some(literal.holds);
    match condition.key.as_str() {
        "kms:grantisforawsresource" | "aws:viaawsservice" => {
            // Every request for a grant has it, `false` when no service makes it: AWS's own policies deny that with `Bool`. In an Allow
            // `…IfExists` says that its author knew of requests without it.
            let present = there || !literal.holds && condition.operator.quantifier == Quantifier::One;
            present && holds("true") && !holds("false")
        }
        // There only when a service calls.
        "kms:viaservice" | "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast" => {
            literal.demands(false) || literal.relation() == Relation::There
        }
        "kms:granteeserviceprincipal" => literal.demands(false),
        // The operations are in every request for a grant, so an empty set is none.
        "kms:grantoperations" => {
            let worthless = |text: String| HARMLESS.iter().any(|one| one.eq_ignore_ascii_case(&text));
            let all = match condition.operator.quantifier {
                Quantifier::All => literal.holds,
                Quantifier::Any => !literal.holds,
                Quantifier::One => false,
            };
            matches && all && condition.values.iter().all(|value| value.fixed().is_some_and(worthless))
        }
        // To named principals of one's own; `role/*` leaves the choice to the caller.
        "kms:granteeprincipal" => {
            let account = |text: &str| super::arn::Arn::parse(text).is_some_and(|arn| zone.has(arn.account));
            literal.demands(false)
                && condition.values.iter().all(|value| value.fixed().is_some_and(|text| account(&text)))
        }
        // Nobody, or services only.
        "aws:principalisawsservice" => match narrow(literal, there, Rule::Meaning) {
            Narrowing::Nobody => true,
            Narrowing::To(pins) => pins == [Pin::AnyService],
            _ => false,
        },
        _ => false,
    }
}

/// The identity as it stands for requests that hand the key on: an Allow of the rest only is left out, and a Deny of all but the rest
/// is a Deny.
pub fn handing_on(identity: &Identity, zone: &Zone) -> Identity {
    let kept = |document: &Document| {
        document.each(|statement| {
            let holds = statement.allow;
            let before = statement.conditions.len();
            statement.conditions.retain(|condition| !tames(&Literal { condition, holds }, zone));
            (!statement.allow || statement.conditions.len() == before).then_some(())
        })
    };
    Identity {
        policies: identity.policies.iter().map(|(name, document)| (name.clone(), kept(document))).collect(),
        boundary: identity.boundary.as_ref().map(kept),
        ..identity.clone()
    }
}
