//! Checks on AWS Organizations, from the account of the organization that can see it.

mod callers;
mod delegates;
mod delegation;
mod ec2_defaults;
mod environments;
mod guardrails;
mod words;

checks! { organizations;
    organization ai_opt_out_policy,
    organization backup_policies_attached,
    organization declarative_policies,
    organization delegated_admins_trusted,
    account member_with_all_features,
    organization ous_separate_environments,
    organization resource_control_policies,
    organization scp_denies_unused_regions,
    organization scp_guardrails_attached,
    organization security_log_forensics_accounts_exist,
    organization tag_policies_attached,
}

use crate::prelude::*;
use callers::{Caller, Home, ROLE};
use posture_estate::services::organizations::attached::Attached;
use posture_estate::services::organizations::tree::{Place, is_enabled};
use posture_estate::services::organizations::{Member, Organization, PolicyType};
use posture_policy::{Decision, Level, Value, refuses};
use std::collections::{BTreeMap, BTreeSet};

/// A root or unit whose accounts inherit policies of one type.
#[derive(Clone, Copy)]
struct Bound<'a> {
    partition: &'a str,
    organization: &'a Organization,
    place: &'a Place,
    /// Active, and not the management account.
    accounts: &'a [&'a Member],
    policies: &'a Attached,
}

/// Judges each root and unit that has accounts directly in it, by policies that IAM evaluates.
async fn per_place(at: &Account, kind: PolicyType, what: &str, judge: impl Fn(Bound<'_>) -> Verdict) -> Outcome {
    let organization = match with_policies(at, kind, what).await? {
        Ok(organization) => organization,
        Err(finding) => return Ok(vec![*finding]),
    };
    let (tree, policies) =
        tokio::join!(at.organizations().organization_tree(), at.organizations().attached_policies(kind));
    let (tree, policies) = (tree?, &policies?);
    Ok(over_places(&organization, &tree, what, |place, accounts| {
        let seen = json!({
            "accounts": accounts.len(),
            "policies": accounts.first().map(|one| policies.own_names(&place.path, &one.id)),
        });
        let partition = at.partition();
        judge(Bound { partition, organization: &organization, place, accounts, policies }).evidence(seen)
    }))
}

/// The organization, where policies of the type work in it; else what there is to say.
async fn with_policies(at: &Account, kind: PolicyType, what: &str) -> Result<Result<Organization, Box<Finding>>, Gap> {
    let organization = at.organizations().organization().await?;
    let Some(organization) = organization.as_ref() else { return Ok(Err(Box::new(no_organization(at)))) };
    let fails = |verdict: Verdict| Ok(Err(Box::new(verdict.on(organization.resource()))));
    if !organization.has_all_features() {
        let why = format!("the organization only shares its billing: it has no {what}");
        return fails(Verdict::fail("all_features_off", why));
    }
    if at.organizations().organization_roots().await?.iter().any(|root| !is_enabled(root, kind)) {
        let why = format!("{what} are not enabled for the organization");
        return fails(Verdict::fail("policies_not_enabled", why));
    }
    Ok(Ok(organization.clone()))
}

/// Judges each root and unit that has active accounts directly in it, the management account left out.
fn over_places(
    organization: &Organization,
    tree: &[Place],
    what: &str,
    judge: impl Fn(&Place, &[&Member]) -> Verdict,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for place in tree {
        match place.bound(&organization.management_account) {
            Ok(accounts) if accounts.is_empty() => {}
            Ok(accounts) => findings.push(judge(place, &accounts).on(place.unit.resource())),
            Err(gap) => findings.push(Verdict::unseen(gap).on(place.unit.resource())),
        }
        if let Some(gap) = &place.below {
            findings.push(Verdict::unseen(gap).sub("below").on(place.unit.resource()));
        }
    }
    if findings.is_empty() {
        let why = format!(
            "the organization has no active account that {what} are judged for: its management account is left out"
        );
        findings.push(Verdict::not_applicable(why).on(organization.resource()));
    }
    findings
}

fn no_organization(at: &Account) -> Finding {
    Verdict::not_applicable("the account belongs to no organization").on(at.resource())
}

/// What all accounts of a place say to a question together.
#[derive(Debug, Default)]
struct Answers {
    /// What is let through in some account, and which sorts of callers with it.
    let_through: BTreeMap<&'static str, Through>,
    open: BTreeSet<String>,
}

/// Who gets through with an action, and where.
#[derive(Debug, Default)]
struct Through {
    sorts: BTreeSet<&'static str>,
    regions: BTreeSet<String>,
    /// Whether that is every Region that was asked about.
    everywhere: bool,
}

impl Through {
    /// More Regions than this are counted, not listed.
    const LISTED: usize = 4;

    /// ` for IAM users in eu-west-1`; where an ordinary role gets through, nobody else needs to be named.
    fn told(&self) -> String {
        let sorts: Vec<&str> = self.sorts.iter().copied().collect();
        let who = if sorts.contains(&ROLE) { String::new() } else { format!(" for {}", sorts.join(" and ")) };
        let regions: Vec<&str> = self.regions.iter().map(String::as_str).collect();
        match regions.len() {
            _ if self.everywhere => who,
            0..=Self::LISTED => format!("{who} in {}", regions.join(", ")),
            many => format!("{who} in {many} Regions"),
        }
    }
}

impl Answers {
    /// `s3:GetObject`, `s3:PutObject for IAM users in eu-west-1`.
    fn told(&self) -> Vec<String> {
        self.let_through.iter().map(|(action, through)| format!("{action}{}", through.told())).collect()
    }

    fn absorb(&mut self, other: Answers) {
        for (action, Through { sorts, regions, everywhere }) in other.let_through {
            let own = self.let_through.entry(action).or_default();
            own.sorts.extend(sorts);
            own.regions.extend(regions);
            own.everywhere |= everywhere;
        }
        self.open.extend(other.open);
    }
}

impl Bound<'_> {
    /// Whether each of the actions is refused in every account to all callers that `callers` gives, in every one of these Regions;
    /// without them, what hangs on the Region is not decided.
    fn refused(
        &self,
        actions: &[&'static str],
        regions: Option<&[&str]>,
        callers: impl Fn(&Member) -> Vec<Caller>,
    ) -> Answers {
        let mut answers = Answers::default();
        for account in self.accounts {
            let levels = self.policies.levels(&self.place.path, &account.id);
            for caller in callers(account) {
                for &action in actions {
                    let only = callers::only_region(action, self.partition).map(|region| [region]);
                    let regions = only.as_ref().map(|one| &one[..]).or(regions);
                    match refuses(&levels, &caller.request(action, regions)) {
                        Decision::Yes(_) => {}
                        Decision::No(_) => {
                            let through = answers.let_through.entry(action).or_default();
                            through.sorts.insert(caller.sort);
                            where_through(&levels, &caller, action, regions, through);
                        }
                        Decision::CannotTell(why) => drop(answers.open.insert(why)),
                    }
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

    /// All sorts of callers of a member account, on resources of its own.
    fn callers(&self, account: &Member) -> Vec<Caller> {
        let path = format!("{}/{}/", self.organization.id, self.place.path.join("/"));
        let home = Home {
            partition: self.partition,
            account: &account.id,
            organization: Some((&self.organization.id, &path)),
        };
        let mut all = callers::of(&home);
        for caller in &mut all {
            caller.keys.extend(self.owner(account));
        }
        all
    }

    /// What is known of the resources of a member account.
    fn owner(&self, account: &Member) -> [(&'static str, Vec<Value>); 2] {
        [
            ("aws:resourceaccount", vec![Value::Is(account.id.clone())]),
            ("aws:resourceorgid", vec![Value::Is(self.organization.id.clone())]),
        ]
    }
}

/// Adds the Regions in which the caller gets through.
fn where_through(levels: &[Level<'_>], caller: &Caller, action: &str, regions: Option<&[&str]>, through: &mut Through) {
    let Some(regions) = regions.filter(|regions| regions.len() > 1 && !through.everywhere) else {
        through.everywhere = true;
        return;
    };
    let open = regions.iter().filter(|region| refuses(levels, &caller.request(action, Some(&[**region]))).is_no());
    through.regions.extend(open.map(|region| (*region).to_owned()));
    through.everywhere = through.regions.len() == regions.len();
}

/// An organization of one unit with one account in it, for the tests of the checks.
#[cfg(test)]
mod example {
    use super::*;
    use posture_estate::services::organizations::State;
    use posture_estate::services::organizations::Unit;

    pub const MANAGEMENT: &str = "111122223333";
    pub const MEMBER: &str = "444455556666";

    /// A unit without accounts of its own, and an account that inherits its policies.
    pub fn unit_and_account() -> (Place, Member) {
        let unit = Unit { id: "ou-1".into(), arn: "arn".into(), name: "Workloads".into() };
        let path = vec!["r-1".into(), "ou-1".into()];
        let account = Member { id: "111111111111".into(), name: "a".into(), email: None, state: State::Active };
        (Place { unit, path, accounts: Ok(Arc::default()), below: None }, account)
    }

    /// What `judge` says where the unit has these policies; `FullAWSAccess` is everywhere.
    pub fn judged(policies: &[&str], judge: impl Fn(Bound<'_>) -> Verdict) -> Verdict {
        let organization = Organization {
            id: "o-exampleorgid".into(),
            arn: format!("arn:aws:organizations::{MANAGEMENT}:organization/o-exampleorgid"),
            management_account: MANAGEMENT.into(),
            management_email: None,
            feature_set: "ALL".into(),
        };
        let member = Member { id: MEMBER.into(), name: "member".into(), email: None, state: State::Active };
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
        judge(Bound { partition: "aws", organization: &organization, place: &place, accounts, policies: &attached })
    }
}
