//! Does a trust policy insist on an external id? A third party that works for many customers sends each one's own, so that nobody reaches a
//! customer's role by way of the third party: <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>.

use super::condition::{Condition, Literal};
use super::document::Document;
use super::requires::asked_of_all;

const EXTERNAL_ID: &str = "sts:externalid";

/// One that nobody agreed on: a condition that accepts it accepts what the caller likes.
const STRANGE: &str = "0f6f2c1e-anything-at-all";

/// Does the statement of a trust policy with this number let in only who sends an external id of the policy's choice, by its own condition
/// or by a Deny of every other and of none?
pub fn requires_external_id(document: &Document, statement: usize) -> bool {
    asked_of_all(document, statement, asks, refuses)
}

fn literal(condition: &Condition) -> Literal<'_> {
    Literal { condition, holds: true }
}

fn asks(condition: &Condition) -> bool {
    condition.key == EXTERNAL_ID && !literal(condition).allows_missing() && condition.test(STRANGE) == Some(false)
}

fn refuses(condition: &Condition) -> bool {
    condition.key == EXTERNAL_ID && literal(condition).allows_missing() && condition.test(STRANGE) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(condition: &str, more: &str) -> bool {
        let allow = format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"222233334444"}},"Action":"sts:AssumeRole"{condition}}}{more}"#
        );
        let document = Document::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{allow}]}}"#)).unwrap();
        requires_external_id(&document, 1)
    }

    fn own(condition: &str) -> bool {
        of(&format!(r#","Condition":{condition}"#), "")
    }

    #[test]
    fn an_external_id_of_the_owners_choice_is_asked_for() {
        // semantics 160
        assert!(own(r#"{"StringEquals":{"sts:ExternalId":"acme-1234"}}"#));
        assert!(own(r#"{"StringEquals":{"sts:externalid":["a","b"]}}"#));
        assert!(own(r#"{"StringLike":{"sts:ExternalId":"acme-*"}}"#));
        assert!(!of("", ""));
        for open in [
            r#"{"StringLike":{"sts:ExternalId":"*"}}"#,
            r#"{"StringLike":{"sts:ExternalId":"?*"}}"#,
            r#"{"StringEqualsIfExists":{"sts:ExternalId":"acme-1234"}}"#,
            r#"{"StringNotEquals":{"sts:ExternalId":"acme-1234"}}"#,
            r#"{"Null":{"sts:ExternalId":"false"}}"#,
            r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
        ] {
            assert!(!own(open), "{open}");
        }
    }

    #[test]
    fn a_deny_of_every_other_asks_for_it_too() {
        let deny = |condition: &str| {
            of(
                "",
                &format!(r#",{{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Condition":{condition}}}"#),
            )
        };
        assert!(deny(r#"{"StringNotEquals":{"sts:ExternalId":"acme-1234"}}"#));
        assert!(!deny(r#"{"Null":{"sts:ExternalId":"true"}}"#), "any would do");
        assert!(!deny(r#"{"StringEquals":{"sts:ExternalId":"old"}}"#));
    }
}
