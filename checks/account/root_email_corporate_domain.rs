//! Does mail to the root users of the organization's accounts go to a domain of its own? Whoever reads it resets their passwords.

use super::mailboxes::is_public;
use crate::prelude::*;
use posture_estate::services::organizations::{Member, State};

/// Domains of the organization; while none is listed, any that is no public mailbox provider's will do.
const DOMAINS: Setting<[String]> = setting!(root_email_corporate_domain.domains);

pub async fn probe(at: &Account) -> Outcome {
    let organization = at.organizations().organization().await?;
    let Some(organization) = organization.there() else {
        return Ok(vec![Verdict::not_applicable("the account belongs to no organization").on(at.resource())]);
    };
    let accounts = at.organizations().organization_accounts().await?;
    let domains = at.setting(DOMAINS);
    let judged = accounts.iter().filter(|account| account.state == State::Active);
    Ok(judged.map(|account| judge(account, domains).on(account.resource(organization))).collect())
}

fn judge(account: &Member, domains: &[String]) -> Verdict {
    let id = &account.id;
    let domain = account.email.as_deref().and_then(|email| email.rsplit_once('@')).map(|(_, domain)| domain);
    let Some(domain) = domain.map(|domain| domain.trim_end_matches('.').to_lowercase()).filter(|one| !one.is_empty())
    else {
        return Verdict::undecided(format!("the e-mail address of the root user of account {id} does not show"));
    };
    // A subdomain is the owner's of the domain.
    let below = |of: &str| domain == of || domain.strip_suffix(of).is_some_and(|rest| rest.ends_with('.'));
    let verdict = if is_public(&domain) {
        let why = format!("mail to the root user of account {id} goes to {domain}, a public mailbox provider");
        Verdict::fail("public_mailbox", why)
    } else if domains.is_empty() {
        Verdict::pass(format!("mail to the root user of account {id} goes to {domain}, no public mailbox provider"))
    } else if domains.iter().any(|one| below(&one.to_lowercase())) {
        Verdict::pass(format!("mail to the root user of account {id} goes to {domain}, a domain of the organization"))
    } else {
        let why =
            format!("mail to the root user of account {id} goes to {domain}, which is no domain of the organization");
        Verdict::fail("other_domain", why)
    };
    verdict.evidence(json!({ "account": id, "domain": domain }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(email: Option<&str>, domains: &[&str]) -> Verdict {
        let domains: Vec<String> = domains.iter().map(|&one| one.to_owned()).collect();
        let (id, email) = ("111122223333".into(), email.map(str::to_owned));
        judge(&Member { id, name: "a".into(), email, state: State::Active }, &domains)
    }

    #[test]
    fn a_public_mailbox_fails_whatever_is_listed() {
        assert_eq!(of(Some("acme.root@gmail.com"), &[]).reasons, ["public_mailbox"]);
        assert_eq!(of(Some("acme.root@GMail.com"), &["gmail.com"]).reasons, ["public_mailbox"]);
        assert_eq!(of(Some("root@notgmail.com"), &[]).status, Status::Pass);
        assert!(!of(Some("acme.root@gmail.com"), &[]).message.contains("acme.root"), "no address is told");
    }

    #[test]
    fn only_listed_domains_pass_once_there_are_some() {
        assert_eq!(of(Some("root@aws.acme.example"), &[]).status, Status::Pass);
        assert_eq!(of(Some("root@aws.acme.example"), &["acme.example"]).status, Status::Pass);
        assert_eq!(of(Some("root@ACME.example"), &["Acme.example"]).status, Status::Pass);
        assert_eq!(of(Some("root@notacme.example"), &["acme.example"]).reasons, ["other_domain"]);
    }

    #[test]
    fn an_address_that_does_not_show_is_unknown() {
        for email in [None, Some(""), Some("root"), Some("root@")] {
            assert_eq!(of(email, &[]).status, Status::Unknown, "{email:?}");
        }
    }
}
