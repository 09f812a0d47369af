//! Four contacts, each whole, and three different teams behind the alternate ones. A contact that could not be read leaves the verdict
//! open unless another condition is broken already.

use super::security_contact_registered::{is_phone, missing};
use crate::prelude::*;
use posture_estate::services::account::{AlternateContact, ContactInformation, ContactType};

const KINDS: [(ContactType, &str); 3] =
    [(ContactType::Billing, "billing"), (ContactType::Operations, "operations"), (ContactType::Security, "security")];

pub async fn probe(at: &Account) -> Outcome {
    let mut reasons = Reasons::new();
    let alternates = join_all(
        KINDS.map(|(kind, name)| async move { (name, at.account_management().alternate_contact(kind).await) }),
    );
    let (primary, alternates) = join!(at.account_management().contact_information(), alternates);
    if let Some(primary) = reasons.add(primary) {
        judge_primary(primary.as_ref().as_ref(), &mut reasons);
    }
    let mut seen = Vec::new();
    for (name, answer) in alternates {
        if let Some(contact) = reasons.add(answer) {
            seen.push((name, contact));
        }
    }
    let seen: Vec<_> = seen.iter().map(|(name, contact)| (*name, contact.as_ref().as_ref())).collect();
    judge_alternates(&seen, &mut reasons);
    let verdict = reasons.or_pass(|| {
        "the primary contact is complete, and billing, operations and security have contacts of their own".into()
    });
    Ok(vec![verdict.on(at.resource())])
}

fn judge_primary(contact: Option<&ContactInformation>, reasons: &mut Reasons) {
    let Some(contact) = contact else {
        return reasons.broken("no_primary_contact", "the account has no primary contact");
    };
    let members = [
        ("full name", &contact.full_name),
        ("address", &contact.address_line1),
        ("city", &contact.city),
        ("postal code", &contact.postal_code),
        ("country", &contact.country_code),
    ];
    for (what, _) in members.iter().filter(|(_, value)| value.trim().is_empty()) {
        reasons.broken("primary_contact_incomplete", format!("the primary contact has no {what}"));
    }
    if !is_phone(&contact.phone_number) {
        reasons.broken("primary_contact_incomplete", "the primary contact has no usable phone number");
    }
}

fn judge_alternates(contacts: &[(&str, Option<&AlternateContact>)], reasons: &mut Reasons) {
    let fold = |value: Option<&str>| value.map(|value| value.trim().to_lowercase()).filter(|value| !value.is_empty());
    let mut known: Vec<(&str, &AlternateContact)> = Vec::new();
    for (kind, contact) in contacts {
        let Some(contact) = contact else {
            reasons.broken("alternate_contact_missing", format!("there is no {kind} contact"));
            continue;
        };
        for what in missing(contact) {
            reasons.broken("alternate_contact_incomplete", format!("the {kind} contact has no {what}"));
        }
        for (other_kind, other) in &known {
            let same = |get: fn(&AlternateContact) -> &Option<String>| {
                let (one, two) = (fold(get(contact).as_deref()), fold(get(other).as_deref()));
                one.is_some() && one == two
            };
            if same(|contact| &contact.email_address) {
                reasons.broken(
                    "contacts_not_distinct",
                    format!("the {other_kind} and the {kind} contact share an e-mail address"),
                );
            } else if same(|contact| &contact.name) && same(|contact| &contact.phone_number) {
                reasons
                    .broken("contacts_not_distinct", format!("the {other_kind} and the {kind} contact are one person"));
            }
        }
        known.push((kind, contact));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn primary() -> ContactInformation {
        ContactInformation {
            full_name: "Example Ltd".into(),
            address_line1: "1 High Street".into(),
            city: "London".into(),
            postal_code: "EC1A 1AA".into(),
            country_code: "GB".into(),
            phone_number: "+442079460000".into(),
        }
    }

    fn contact(name: &str, mail: &str) -> AlternateContact {
        AlternateContact {
            name: Some(name.into()),
            email_address: Some(mail.into()),
            phone_number: Some("+442079460001".into()),
        }
    }

    fn verdict(primary: Option<&ContactInformation>, contacts: [Option<&AlternateContact>; 3]) -> Verdict {
        let mut reasons = Reasons::new();
        judge_primary(primary, &mut reasons);
        let contacts: Vec<_> = ["billing", "operations", "security"].into_iter().zip(contacts).collect();
        judge_alternates(&contacts, &mut reasons);
        reasons.or_pass(|| "fine".into())
    }

    #[test]
    fn whole_and_distinct_passes() {
        let (b, o, s) =
            (contact("AP", "b@example.com"), contact("Ops", "o@example.com"), contact("SOC", "s@example.com"));
        let verdict = verdict(Some(&primary()), [Some(&b), Some(&o), Some(&s)]);
        assert_eq!(verdict.status, Status::Pass, "{}", verdict.message);
    }

    #[test]
    fn a_shared_mailbox_or_person_fails() {
        let (b, o, s) =
            (contact("AP", "b@example.com"), contact("Ops", "B@example.com"), contact("ops", "s@example.com"));
        let verdict = verdict(Some(&primary()), [Some(&b), Some(&o), Some(&s)]);
        assert_eq!((verdict.status, &verdict.reasons[..]), (Status::Fail, &["contacts_not_distinct"][..]));
        assert!(verdict.message.contains("billing and the operations contact share"), "{}", verdict.message);
        assert!(verdict.message.contains("operations and the security contact are one person"), "{}", verdict.message);
    }

    #[test]
    fn each_missing_part_is_named() {
        let mut bare = primary();
        bare.city = " ".into();
        bare.phone_number = "000000".into();
        let b = contact("AP", "b@example.com");
        let verdict = verdict(Some(&bare), [Some(&b), None, None]);
        assert_eq!(verdict.reasons, ["primary_contact_incomplete", "alternate_contact_missing"]);
        for what in ["no city", "phone number", "no operations contact", "no security contact"] {
            assert!(verdict.message.contains(what), "{}", verdict.message);
        }
        assert!(super::tests::verdict(None, [None, None, None]).message.contains("no primary contact"));
    }
}
