//! Does the delegation policy, the resource policy of the organization, let in nobody but accounts of the organization?

use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::organizations::State;
use posture_policy::{self as policy, Grantee, Zone};
use std::collections::BTreeMap;

/// The resource policy of the organization delegates the management of policies, to accounts that it names.
pub(super) fn judge_policy(
    text: Result<Option<String>, Gap>,
    accounts: &Result<BTreeMap<String, State>, Gap>,
    trusted: &[String],
    zone: &Zone,
) -> Verdict {
    let text = match text {
        Ok(Some(text)) => text,
        Ok(None) => return Verdict::not_applicable("the organization delegates the management of policies to nobody"),
        Err(gap) => return Verdict::unseen(&gap),
    };
    let accounts = match accounts {
        Ok(accounts) => accounts,
        Err(gap) => return Verdict::unseen(gap),
    };
    let undecided =
        |why: &str| format!("whom the delegation policy of the organization lets in cannot be decided: {why}");
    let document = match zone.parse(&text) {
        Ok(document) => document,
        Err(error) => return Verdict::undecided(undecided(&error.to_string())),
    };
    let (grants, doubts) = policy::external_and_doubts(&document, zone);
    let mut reasons = Reasons::new();
    doubts.iter().for_each(|why| reasons.doubt(undecided(why)));
    let mut to = Vec::new();
    for grant in &grants {
        let account = Arn::parse(&grant.principal).map_or(grant.principal.as_str(), |arn| arn.account);
        let (number, principal, actions) = (grant.statement, &grant.principal, grant.actions.join(", "));
        match accounts.get(account) {
            Some(State::Active) if trusted.is_empty() || trusted.iter().any(|one| one == account) => to.push(account.to_owned()),
            Some(State::Active) => reasons.broken("administrator_not_trusted", format!("statement {number} of the delegation policy gives {actions} to account {account}, which is not among the trusted accounts")),
            Some(_) => reasons.broken("delegated_to_inactive", format!("statement {number} of the delegation policy gives {actions} to account {account}, which is not active")),
            None if grant.kind == Grantee::Canonical => reasons.doubt(undecided(&format!("statement {number} names {principal}, whose account does not show"))),
            None => reasons.broken("delegated_outside", format!("statement {number} of the delegation policy gives {actions} to {principal}, which names no account of the organization")),
        }
    }
    to.dedup();
    reasons
        .or_pass(|| {
            format!(
                "the delegation policy names accounts of the organization only: {}",
                if to.is_empty() { "none".into() } else { to.join(", ") }
            )
        })
        .evidence(json!({ "delegated_to": to }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    const MANAGEMENT: &str = "111122223333";

    fn accounts() -> Result<BTreeMap<String, State>, Gap> {
        Ok(["111122223333", "444455556666"].map(|id| (id.to_owned(), State::Active)).into())
    }

    fn zone() -> Zone {
        Zone { organization: Some("o-ours".into()), now: Some(1_790_000_000), ..Zone::of(MANAGEMENT, "aws") }
    }

    fn gap() -> Gap {
        Gap::new(MANAGEMENT, "global", "organizations:DescribeResourcePolicy", GapKind::Denied, "no")
    }

    fn delegation_to(principal: &str, condition: &str, trusted: &[String]) -> Verdict {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"organizations:ListPolicies","Resource":"*"{condition}}}]}}"#
        );
        judge_policy(Ok(Some(text)), &accounts(), trusted, &zone())
    }

    fn delegation(principal: &str, condition: &str) -> Verdict {
        delegation_to(principal, condition, &[])
    }

    #[test]
    fn it_names_trusted_accounts_where_some_are_listed() {
        let to = |trusted: &str| delegation_to("444455556666", "", &[trusted.to_owned()]);
        assert_eq!(to("444455556666").status, Status::Pass);
        assert_eq!(to("777788889999").reasons, ["administrator_not_trusted"]);
    }

    #[test]
    fn the_delegation_policy_names_accounts_of_the_organization() {
        assert_eq!(delegation("arn:aws:iam::444455556666:root", "").status, Status::Pass);
        assert_eq!(delegation("444455556666", "").status, Status::Pass);
        let stranger = delegation("777788889999", "");
        assert_eq!(stranger.status, Status::Fail);
        assert!(stranger.message.contains("777788889999"), "{}", stranger.message);
        assert_eq!(delegation("*", "").status, Status::Fail);
        let under = |principal: &str, condition: &str| {
            delegation(principal, &format!(r#","Condition":{{{condition}}}"#)).status
        };
        let expired = r#""DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}"#;
        assert_eq!(under("777788889999", expired), Status::Pass, "nobody is let in any more");
        assert_eq!(under("*", r#""StringEquals":{"aws:PrincipalOrgID":"o-ours"}"#), Status::Pass);
        assert_eq!(under("*", r#""StringEquals":{"aws:PrincipalOrgID":"o-other"}"#), Status::Fail);
        let id = r#""StringLike":{"aws:userid":"AROAEXTERNALROLE12345:*"}"#;
        assert_eq!(under("*", id), Status::Unknown, "a unique id does not show its account");
        assert_eq!(judge_policy(Ok(None), &accounts(), &[], &zone()).status, Status::NotApplicable);
        assert_eq!(judge_policy(Ok(Some("{".into())), &accounts(), &[], &zone()).status, Status::Unknown);
        assert_eq!(judge_policy(Err(gap()), &accounts(), &[], &zone()).status, Status::Unknown);
    }
}
