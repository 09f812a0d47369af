//! Checks on AWS Organizations, from the account of the organization that can see it.

mod delegation;

checks! { organizations;
    organization delegated_admins_trusted,
    organization resource_control_policies,
    organization scp_denies_unused_regions,
    organization scp_guardrails_attached,
}

use crate::prelude::*;
use posture_estate::services::organizations::attached::Attached;
use posture_estate::services::organizations::tree::{Place, is_enabled};
use posture_estate::services::organizations::{Member, Organization, PolicyType};
use posture_policy::{Decision, Request, refuses};
use std::collections::BTreeSet;

/// A root or unit whose accounts inherit policies of one type.
#[derive(Clone, Copy)]
struct Bound<'a> {
    partition: &'a str,
    /// The Regions of the scan.
    regions: &'a [String],
    organization: &'a Organization,
    place: &'a Place,
    /// Active, and not the management account.
    accounts: &'a [&'a Member],
    policies: &'a Attached,
}

/// Judges each root and unit that has accounts directly in it.
async fn per_place(at: &Account, kind: PolicyType, what: &str, judge: impl Fn(Bound<'_>) -> Verdict) -> Outcome {
    let organization = at.organizations().organization().await?;
    let Some(organization) = organization.as_ref() else { return Ok(vec![no_organization(at)]) };
    if !organization.has_all_features() {
        let why = format!("the organization only shares its billing: it has no {what}");
        return Ok(vec![Verdict::fail("all_features_off", why).on(organization.resource())]);
    }
    if at.organizations().organization_roots().await?.iter().any(|root| !is_enabled(root, kind)) {
        return Ok(vec![
            Verdict::fail("policies_not_enabled", format!("{what} are not enabled for the organization"))
                .on(organization.resource()),
        ]);
    }
    let (tree, policies) =
        tokio::join!(at.organizations().organization_tree(), at.organizations().attached_policies(kind));
    let (tree, policies) = (tree?, &policies?);
    let mut findings = Vec::new();
    for place in &tree {
        match place.bound(&organization.management_account) {
            Ok(accounts) if accounts.is_empty() => {}
            Ok(accounts) => {
                let (partition, regions) = (at.partition(), at.regions());
                let bound = Bound { partition, regions, organization, place, accounts: &accounts, policies };
                let seen = json!({
                    "accounts": accounts.len(),
                    "policies": accounts.first().map(|one| policies.own_names(&place.path, &one.id)),
                });
                findings.push(judge(bound).evidence(seen).on(place.unit.resource()));
            }
            Err(gap) => findings.push(Verdict::unseen(gap).on(place.unit.resource())),
        }
        if let Some(gap) = &place.below {
            findings.push(Verdict::unseen(gap).sub("below").on(place.unit.resource()));
        }
    }
    if findings.is_empty() {
        let why =
            format!("the organization has no active account besides its management account, which {what} do not bind");
        findings.push(Verdict::not_applicable(why).on(organization.resource()));
    }
    Ok(findings)
}

fn no_organization(at: &Account) -> Finding {
    Verdict::not_applicable("the account belongs to no organization").on(at.resource())
}

/// What all accounts of a place say to a question together.
#[derive(Debug, Default)]
struct Answers {
    /// What is refused in some account is not in here unless it is let through in another.
    let_through: BTreeSet<&'static str>,
    open: BTreeSet<String>,
}

impl Bound<'_> {
    /// Whether each of the actions is refused in every account to the caller that `request` makes.
    fn refused(&self, actions: &[&'static str], request: impl Fn(&Member) -> Request) -> Answers {
        let mut answers = Answers::default();
        for account in self.accounts {
            let levels = self.policies.levels(&self.place.path, &account.id);
            let mut request = request(account);
            for &action in actions {
                action.clone_into(&mut request.action);
                match refuses(&levels, &request) {
                    Decision::Yes(_) => {}
                    Decision::No(_) => drop(answers.let_through.insert(action)),
                    Decision::CannotTell(why) => drop(answers.open.insert(why)),
                }
            }
        }
        answers
    }

    /// What keeps "nothing refuses it" from being certain.
    fn doubts(&self, reasons: &mut Reasons) {
        let mut doubts = Reasons::new();
        for account in self.accounts {
            self.policies.doubts(&self.place.path, &account.id, &mut doubts);
        }
        reasons.absorb(doubts);
    }

    /// An ordinary role of a member account, at work in a Region.
    fn role(&self, account: &Member, region: &str) -> Request {
        let arn = posture_estate::arn::Arn::iam(self.partition, &account.id, "role/any-role").to_string();
        self.caller(account, arn, "AssumedRole", region)
    }

    /// The root user of a member account.
    fn root(&self, account: &Member, region: &str) -> Request {
        let arn = posture_estate::arn::Arn::iam(self.partition, &account.id, "root").to_string();
        self.caller(account, arn, "Account", region)
    }

    fn caller(&self, account: &Member, arn: String, kind: &str, region: &str) -> Request {
        let keys = [
            ("aws:principalarn", arn),
            ("aws:principalaccount", account.id.clone()),
            ("aws:principalorgid", self.organization.id.clone()),
            ("aws:principaltype", kind.to_owned()),
            ("aws:principalisawsservice", "false".to_owned()),
            ("aws:viaawsservice", "false".to_owned()),
            ("aws:securetransport", "true".to_owned()),
            ("aws:requestedregion", region.to_owned()),
        ];
        Request { action: String::new(), keys: keys.into(), absent: NOT_OF_A_PERSON }
    }
}

/// Keys that come only with a service that calls on its own, or with a privileged root session.
const NOT_OF_A_PERSON: &[&str] = &[
    "aws:assumedroot",
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

/// An organization of one unit with one account in it, for the tests of the checks.
#[cfg(test)]
mod example {
    use super::*;
    use posture_estate::services::organizations::State;
    use posture_estate::services::organizations::Unit;

    pub const MANAGEMENT: &str = "111122223333";
    pub const MEMBER: &str = "444455556666";

    /// What `judge` says where the unit has these policies; `FullAWSAccess` is everywhere.
    pub fn judged(policies: &[&str], judge: impl Fn(Bound<'_>) -> Verdict) -> Verdict {
        let regions = ["eu-west-1".to_owned(), "us-east-1".to_owned()];
        let organization = Organization {
            id: "o-exampleorgid".into(),
            arn: format!("arn:aws:organizations::{MANAGEMENT}:organization/o-exampleorgid"),
            management_account: MANAGEMENT.into(),
            feature_set: "ALL".into(),
        };
        let member = Member { id: MEMBER.into(), name: "member".into(), state: State::Active };
        let place = Place {
            unit: Unit { id: "ou-ab12-cdef3456".into(), arn: "arn".into(), name: "Workloads".into() },
            path: vec!["r-ab12".into(), "ou-ab12-cdef3456".into()],
            accounts: Ok(Arc::new(vec![member.clone()])),
            below: None,
        };
        let full =
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
        let steps = ["r-ab12", "ou-ab12-cdef3456", MEMBER];
        let everywhere = steps.iter().map(|step| (*step, "FullAWSAccess", full));
        let own = policies.iter().map(|text| ("ou-ab12-cdef3456", "own", *text));
        let attached = Attached::example(everywhere.chain(own));
        let accounts = &[&member];
        judge(Bound {
            partition: "aws",
            regions: &regions,
            organization: &organization,
            place: &place,
            accounts,
            policies: &attached,
        })
    }
}
