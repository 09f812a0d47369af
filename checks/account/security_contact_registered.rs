//! AWS writes to the security contact first. A contact counts only when it can be reached: name, e-mail and phone.

use crate::prelude::*;
use posture_estate::services::account::{AlternateContact, ContactType};

/// Fewer digits than this are no phone number that can be called.
const PHONE_DIGITS: usize = 6;

pub async fn probe(at: &Account) -> Outcome {
    let contact = at.account_management().alternate_contact(ContactType::Security).await?;
    Ok(vec![judge(contact.as_ref().as_ref()).on(at.resource())])
}

fn judge(contact: Option<&AlternateContact>) -> Verdict {
    let Some(contact) = contact else {
        return Verdict::fail("no_security_contact", "the account has no security contact");
    };
    let mut reasons = Reasons::new();
    for what in missing(contact) {
        reasons.broken("security_contact_incomplete", format!("the security contact has no {what}"));
    }
    reasons.or_pass(|| "the account has a security contact with name, e-mail address and phone number".into())
}

/// What an alternate contact lacks to be reachable.
pub(super) fn missing(contact: &AlternateContact) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if contact.name.as_deref().is_none_or(|name| name.trim().is_empty()) {
        missing.push("name");
    }
    if !contact
        .email_address
        .as_deref()
        .is_some_and(|mail| mail.trim().split_once('@').is_some_and(|(who, at)| !who.is_empty() && !at.is_empty()))
    {
        missing.push("usable e-mail address");
    }
    if !contact.phone_number.as_deref().is_some_and(is_phone) {
        missing.push("usable phone number");
    }
    missing
}

/// Whether a text can be called; `000000` and the like are placeholders.
pub(super) fn is_phone(text: &str) -> bool {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    digits.len() >= PHONE_DIGITS && digits.iter().any(|digit| *digit != digits[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(name: &str, mail: &str, phone: &str) -> AlternateContact {
        AlternateContact { name: Some(name.into()), email_address: Some(mail.into()), phone_number: Some(phone.into()) }
    }

    #[test]
    fn a_whole_contact_passes() {
        let verdict = judge(Some(&contact("SOC", "soc@example.com", "+44 20 7946 0000")));
        assert_eq!(verdict.status, Status::Pass, "{}", verdict.message);
    }

    #[test]
    fn no_contact_fails() {
        assert_eq!(judge(None).status, Status::Fail);
    }

    #[test]
    fn each_missing_value_is_named() {
        let verdict = judge(Some(&contact(" ", "nobody", "n/a")));
        assert_eq!(verdict.status, Status::Fail);
        for what in ["name", "e-mail", "phone"] {
            assert!(verdict.message.contains(what), "{}", verdict.message);
        }
        assert_eq!(judge(Some(&AlternateContact::default())).status, Status::Fail);
        assert!(!is_phone("000-0000"));
        assert!(is_phone("555-0100"));
    }
}
