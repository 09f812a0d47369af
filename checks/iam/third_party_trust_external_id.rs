//! Roles that accounts outside the organization may assume: each asks for an external id, is known with its vendor, and reads no data at large.

use super::data_reads::broad_reads;
use super::outsiders::{Known, Organization, Outsider, outsiders, trusts_others, vendor};
use crate::prelude::*;
use aws_sdk_iam::types::RoleDetail;
use posture_estate::identities::trust;
use posture_estate::services::iam::AuthorizationDetails;
use posture_estate::services::iam::details::{is_service_linked, role_name};
use posture_policy::{Document, requires_external_id};

/// Accounts of vendors.
const VENDOR_ACCOUNTS: Setting<[String]> = setting!(third_party_trust_external_id.vendor_accounts);

/// Tags of a role that name its vendor.
const VENDOR_TAGS: Setting<[String]> = setting!(third_party_trust_external_id.vendor_tags);

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    let alone = Organization::unasked(at);
    let roles = details.roles.iter().filter(|role| !is_service_linked(role));
    let trusting: Vec<_> = roles
        .map(|role| (role, trust(role, at.now().secs())))
        // Whoever trusts nobody but this account needs no word on the organization.
        .filter(|(_, document)| document.as_ref().map_or(true, |document| trusts_others(document, &alone)))
        .collect();
    if trusting.is_empty() {
        return Ok(vec![Verdict::not_applicable("no role trusts another account").on(at.resource())]);
    }
    let organization = Organization::ask(at).await;
    let known = Known { accounts: at.setting(VENDOR_ACCOUNTS), tags: at.setting(VENDOR_TAGS) };
    let judged = trusting.into_iter().filter_map(|(role, document)| {
        let verdict = judge(&details, role, document, &organization, known)?;
        Some(verdict.on(at.iam().iam_role(role)))
    });
    let findings: Vec<Finding> = judged.collect();
    if findings.is_empty() {
        let why = "no role trusts an account outside the organization";
        return Ok(vec![Verdict::not_applicable(why).on(at.resource())]);
    }
    Ok(findings)
}

/// `None` for a role that trusts nobody outside the organization.
fn judge(
    details: &AuthorizationDetails,
    role: &RoleDetail,
    document: Result<Document, String>,
    organization: &Organization,
    known: Known<'_>,
) -> Option<Verdict> {
    let name = role_name(role);
    let document = match document {
        Ok(document) => document,
        Err(why) => return Some(Verdict::undecided(why)),
    };
    let (trusted, doubts) = outsiders(&document, organization);
    if trusted.is_empty() && doubts.is_empty() {
        return None;
    }
    let mut reasons = Reasons::new();
    doubts.into_iter().for_each(|why| reasons.doubt(format!("whom role {name} trusts is not known: {why}")));
    let vendor = vendor(role, known.tags);
    for Outsider { who, account, statement, sure } in &trusted {
        let listed = account.as_ref().is_some_and(|account| known.accounts.contains(account));
        // A listed vendor is one, whatever is known of the organization.
        let mut say = |slug: &'static str, what: String| match sure {
            Ok(()) => reasons.broken(slug, what),
            Err(_) if listed => reasons.broken(slug, what),
            Err(why) => {
                why.iter().for_each(|gap| reasons.unseen(gap));
                reasons.doubt(format!("{what}, and whether that is outside the organization was not seen"));
            }
        };
        if !requires_external_id(&document, *statement) {
            say("no_external_id", format!("role {name} trusts {who} without an external id"));
        }
        if !listed && vendor.is_none() {
            say("vendor_not_listed", format!("role {name} trusts {who}, which is listed with no vendor"));
        }
        match broad_reads(details, role) {
            Ok(reads) if !reads.is_empty() => {
                let what = reads.join(", ");
                say("broad_read", format!("role {name} lets {who} read data at large ({what})"));
            }
            Ok(_) => {}
            Err(why) => reasons.doubt(format!("what role {name} lets {who} read is not known: {why}")),
        }
    }
    let who: Vec<&str> = trusted.iter().map(|one| one.who.as_str()).collect();
    let listed = vendor.unwrap_or("a listed account");
    let seen = json!({ "outside": who, "vendor": vendor });
    let pass =
        || format!("role {name} trusts {} ({listed}) with an external id and reads no data at large", who.join(", "));
    Some(reasons.or_pass(pass).evidence(seen))
}

#[cfg(test)]
mod tests {
    use super::super::data_reads::everywhere;
    use super::*;
    use aws_sdk_iam::types::Tag;
    use posture_estate::finding::GapKind;
    use posture_estate::identities::fixtures::{allowing, role, trusting};
    use posture_policy::Identity;

    const VENDOR: &str = "999988887777";
    const INSIDE: &str = "222233334444";
    const ID: &str = r#","Condition":{"StringEquals":{"sts:ExternalId":"acme-1"}}"#;

    fn by(principal: &str, condition: &str) -> String {
        trusting(&format!(r#""Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"{condition}"#))
    }

    fn of_in(trust: &str, policy: &str, listed: &[&str], organization: &Organization) -> Option<Verdict> {
        let accounts: Vec<String> = listed.iter().map(|&one| one.to_owned()).collect();
        let mut own = role("vendor", policy);
        own.assume_role_policy_document = Some(trust.to_owned());
        let details = AuthorizationDetails { roles: vec![own], ..Default::default() };
        let known = Known { accounts: &accounts, tags: VENDOR_TAGS.default_value() };
        let document = posture_estate::identities::trust(&details.roles[0], 1_790_000_000);
        judge(&details, &details.roles[0], document, organization, known)
    }

    fn organization() -> Organization {
        Organization::example("111122223333", Ok(&[INSIDE]))
    }

    fn of(trust: &str, policy: &str, listed: &[&str]) -> Vec<&'static str> {
        of_in(trust, policy, listed, &organization()).map(|verdict| verdict.reasons).unwrap_or_default()
    }

    #[test]
    fn each_condition_stands_alone() {
        let (narrow, wide) = (allowing("s3:GetObject", "arn:aws:s3:::b/*"), allowing("s3:Get*", "*"));
        let good = of_in(&by(VENDOR, ID), &narrow, &[VENDOR], &organization());
        assert_eq!(good.map(|verdict| verdict.status), Some(Status::Pass));
        assert_eq!(of(&by(VENDOR, ""), &narrow, &[VENDOR]), ["no_external_id"]);
        assert_eq!(of(&by(VENDOR, ID), &narrow, &[]), ["vendor_not_listed"]);
        assert_eq!(of(&by(VENDOR, ID), &wide, &[VENDOR]), ["broad_read"]);
        assert_eq!(of(&by(VENDOR, ""), &wide, &[]), ["no_external_id", "vendor_not_listed", "broad_read"]);
    }

    #[test]
    fn every_statement_asks_for_the_id() {
        let one = |principal: &str, condition: &str| {
            format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"{condition}}}"#)
        };
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{},{}]}}"#,
            one(VENDOR, ID),
            one(&format!("arn:aws:iam::{VENDOR}:role/scan"), "")
        );
        assert_eq!(of(&text, &allowing("s3:ListAllMyBuckets", "*"), &[VENDOR]), ["no_external_id"]);
    }

    #[test]
    fn a_tag_names_the_vendor() {
        let mut own = role("vendor", &allowing("s3:ListAllMyBuckets", "*"));
        assert_eq!(vendor(&own, VENDOR_TAGS.default_value()), None);
        own.tags = Some(vec![Tag::builder().key("Vendor").value("Example Inc").build().unwrap()]);
        assert_eq!(vendor(&own, VENDOR_TAGS.default_value()), Some("Example Inc"));
    }

    #[test]
    fn a_boundary_keeps_reading_small() {
        let identity = |boundary: Option<&str>| Identity {
            policies: vec![("p".into(), Document::parse(&allowing("s3:*", "*")).unwrap())],
            boundary: boundary.map(|text| Document::parse(text).unwrap()),
            ..Identity::default()
        };
        assert!(everywhere(&identity(None), "s3:GetObject").is_yes());
        assert!(everywhere(&identity(Some(&allowing("s3:*", "arn:aws:s3:::b/*"))), "s3:GetObject").is_no());
        assert!(everywhere(&identity(Some(&allowing("s3:*", "*"))), "s3:GetObject").is_yes());
    }

    #[test]
    fn accounts_of_the_organization_services_and_providers_are_no_third_parties() {
        let policy = allowing("s3:*", "*");
        for inside in [INSIDE, "arn:aws:iam::111122223333:root"] {
            assert_eq!(of_in(&by(inside, ""), &policy, &[], &organization()), None, "{inside}");
        }
        let service = trusting(r#""Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole""#);
        assert_eq!(of_in(&service, &policy, &[], &organization()), None);
        let saml = r#""Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/idp"},"Action":"sts:AssumeRoleWithSAML""#;
        assert_eq!(of_in(&trusting(saml), &policy, &[], &organization()), None);
    }

    #[test]
    fn without_the_organization_only_a_listed_vendor_is_surely_outside() {
        let gap = Gap::new("111122223333", "global", "organizations:ListAccounts", GapKind::Denied, "no");
        let hidden = Organization::example("111122223333", Err(gap));
        let status = |condition: &str, listed: &[&str]| {
            let policy = allowing("s3:ListAllMyBuckets", "*");
            of_in(&by(VENDOR, condition), &policy, listed, &hidden).map(|verdict| verdict.status)
        };
        assert_eq!(status("", &[]), Some(Status::Unknown));
        assert_eq!(status("", &[VENDOR]), Some(Status::Fail));
        assert_eq!(status(ID, &[VENDOR]), Some(Status::Pass));
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        let of =
            |trust: &str, policy: &str| of_in(trust, policy, &[VENDOR], &organization()).map(|verdict| verdict.status);
        assert_eq!(of("{", &allowing("s3:*", "*")), Some(Status::Unknown));
        assert_eq!(of(&by(VENDOR, ID), "{"), Some(Status::Unknown));
        assert_eq!(
            of(&by("AROAEXAMPLEEXAMPLE12", ""), &allowing("s3:*", "*")),
            None,
            "whoever was deleted comes no more"
        );
    }
}
