//! The other roles, users, groups and policies of the account, as what they are to somebody who wants more: what each is worth, and whom it
//! lets in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::arn::Arn;
use super::attempt::is_principal_of;
use super::condition::{Condition, Literal};
use super::decision::{Context, Identity};
use super::document::{Document, Principal, Principals, Set, Statement};
use super::pattern::Pattern;

/// A role, user or group of the account.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its ARN.
    pub arn: String,
    /// What it may do, or why that is not known.
    pub identity: Result<Identity, String>,
    /// A role's trust policy, or why that is not known.
    pub trust: Option<Result<Document, String>>,
}

/// A managed policy of the account's own.
#[derive(Clone, Debug)]
pub struct Managed {
    /// Its ARN.
    pub arn: String,
    /// The version in force, or why it is not known.
    pub document: Result<Document, String>,
    /// How many versions it has.
    pub versions: usize,
}

/// What an identity is worth to whoever has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Power {
    /// It is an administrator, or can make itself one.
    Sure,
    Unclear(String),
    None,
}

/// One of them, weighed.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub arn: String,
    pub power: Power,
    /// What it would be worth without its permissions boundary, where it has one that makes a difference.
    pub uncapped: Power,
    /// The ARN of that boundary.
    pub boundary_arn: Option<String>,
    /// The customer's policies that are attached to it.
    pub policies: Vec<String>,
    pub trust: Option<Result<Document, String>>,
}

/// What is known of the account besides an identity; by default nothing.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    pub(super) known: bool,
    pub(super) members: BTreeMap<String, Target>,
    /// The account's policies that give power.
    pub(super) powerful: Vec<String>,
    /// Those with one version.
    pub(super) single: BTreeSet<String>,
    /// All the account's policies, where they are known.
    pub(super) managed: Option<BTreeSet<String>>,
    /// The roles whose trust policies name a principal, by its ARN; `*` names all.
    pub(super) naming: OnceLock<BTreeMap<String, Vec<String>>>,
}

/// Whether a trust policy lets somebody in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Admits {
    Yes,
    Unclear(String),
    No,
}

impl Targets {
    /// Nobody yet, and these policies.
    pub(super) fn with(policies: &[Managed]) -> Self {
        let single = policies.iter().filter(|policy| policy.versions == 1).map(|policy| policy.arn.clone());
        let managed = policies.iter().map(|policy| policy.arn.clone());
        Self { single: single.collect(), managed: Some(managed.collect()), ..Self::default() }
    }

    /// The account's policies, as far as they are known.
    pub(super) fn policies(&self) -> impl Iterator<Item = &str> {
        self.managed.iter().flatten().map(String::as_str)
    }

    pub(super) fn knows_policies(&self) -> bool {
        self.managed.is_some()
    }

    /// The roles that the identity may assume without a policy of its own that says so: "add the user as a principal directly in the role's
    /// trust policy" (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>). Its trust policy as what it grants.
    pub(super) fn by_trust(&self, identity: &Identity) -> Vec<Document> {
        let Some(own) = identity.own.first().filter(|arn| arn.contains(":user/") || arn.contains(":role/")) else {
            return Vec::new();
        };
        let naming = self.naming.get_or_init(|| self.index());
        let roles = [own.as_str(), "*"].into_iter().filter_map(|name| naming.get(name)).flatten();
        let roles = roles.filter_map(|arn| self.members.get(arn)).filter(|role| role.lets_in(identity) != Admits::No);
        roles.map(Target::granted).collect()
    }

    fn index(&self) -> BTreeMap<String, Vec<String>> {
        let mut naming: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let assume = Pattern::action("sts:AssumeRole");
        for (arn, target) in &self.members {
            let Some(Ok(trust)) = &target.trust else { continue };
            for allow in trust.allows().filter(|allow| allow.actions.covers(&assume)) {
                let Some(Principals::Only(list)) = &allow.principals else { continue };
                for principal in list {
                    match principal {
                        Principal::Everyone => naming.entry("*".to_owned()).or_default().push(arn.clone()),
                        Principal::Arn(named) => naming.entry(named.clone()).or_default().push(arn.clone()),
                        _ => {}
                    }
                }
            }
        }
        naming
    }

    pub(super) fn known(&self) -> bool {
        self.known
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Target> {
        self.members.values()
    }

    pub(super) fn get(&self, arn: &str) -> Option<&Target> {
        self.members.get(arn)
    }

    /// The account's policies that give power.
    pub(super) fn powerful_policies(&self) -> impl Iterator<Item = &str> {
        self.powerful.iter().map(String::as_str)
    }

    /// Whether the policy may have more versions than the one in force.
    pub(super) fn may_have_versions(&self, arn: &str) -> bool {
        !self.single.contains(arn)
    }
}

/// Whom a trust policy is asked about.
enum Who<'a> {
    Identity(&'a Identity),
    Service(&'a str),
}

impl Target {
    /// `role`, `user` or `group`.
    pub fn kind(&self) -> &str {
        let resource = Arn::parse(&self.arn).map_or("", |arn| arn.resource);
        resource.split('/').next().unwrap_or_default()
    }

    /// That it may be assumed, as a statement of whom it names.
    fn granted(&self) -> Document {
        let allow = Statement {
            allow: true,
            actions: Set::Only(vec![Pattern::action("sts:AssumeRole")]),
            resources: Some(Set::Only(vec![Pattern::plain(&self.arn, false)])),
            number: 1,
            sid: None,
            policy: None,
            principals: None,
            conditions: Vec::new(),
        };
        let name = Arn::parse(&self.arn).map_or(self.arn.as_str(), |arn| arn.resource);
        Document::of(vec![allow]).called(&format!("the trust policy of {name}"))
    }

    /// Whether the identity can assume the role, if its own policies let it.
    pub fn lets_in(&self, identity: &Identity) -> Admits {
        self.admits(&Who::Identity(identity), &identity.context)
    }

    /// Whether the service can be given the role.
    pub fn lets_in_service(&self, service: &str, context: &Context) -> Admits {
        self.admits(&Who::Service(service), context)
    }

    fn admits(&self, who: &Who<'_>, context: &Context) -> Admits {
        let trust = match &self.trust {
            Some(Ok(trust)) => trust,
            Some(Err(why)) => return Admits::Unclear(why.clone()),
            None => return Admits::Unclear(format!("the trust policy of {} is not known", self.arn)),
        };
        let assume = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"].map(Pattern::action);
        let about = |s: &Statement| assume.iter().any(|action| s.actions.covers(action)) && who.is_in(s, context);
        if trust.denies().any(|s| s.conditions.is_empty() && about(s)) {
            return Admits::No;
        }
        let mut found = Admits::No;
        for allow in trust.allows().filter(|s| about(s)) {
            match who.meets(allow, context) {
                Some(true) => return Admits::Yes,
                Some(false) => {}
                None => found = Admits::Unclear(format!("whether the trust policy of {} lets it in", self.arn)),
            }
        }
        found
    }
}

impl Who<'_> {
    fn is_in(&self, statement: &Statement, context: &Context) -> bool {
        match &statement.principals {
            None => false,
            Some(Principals::Only(list)) => list.iter().any(|principal| self.is(principal, context)),
            Some(Principals::Except(list)) => !list.iter().any(|principal| self.is(principal, context)),
        }
    }

    fn is(&self, principal: &Principal, context: &Context) -> bool {
        match (self, principal) {
            (_, Principal::Everyone) => true,
            (Self::Service(service), Principal::Service(name)) => {
                name == "*" || is_principal_of(name, service, context)
            }
            // An identity pool's roles trust it as a provider.
            (Self::Service(service), Principal::Federated(name)) => is_principal_of(name, service, context),
            (Self::Identity(identity), Principal::Arn(arn)) => identity.own.contains(arn),
            (Self::Identity(identity), Principal::Account(id)) => {
                let own = identity.own.first().and_then(|arn| Some(Arn::parse(arn)?.account));
                context.account.as_deref().or(own) == Some(id.as_str())
            }
            _ => false,
        }
    }

    /// Whether the caller meets all conditions; `None`: it cannot be told.
    fn meets(&self, allow: &Statement, context: &Context) -> Option<bool> {
        let mut sure = Some(true);
        for condition in &allow.conditions {
            match self.meets_one(condition, context) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => sure = None,
            }
        }
        sure
    }

    fn meets_one(&self, condition: &Condition, context: &Context) -> Option<bool> {
        let key = condition.key.as_str();
        // What the caller says, how and when it calls: an attacker sees to it.
        let free =
            ["sts:externalid", "sts:rolesessionname", "sts:sourceidentity", "sts:transitivetagkeys", "aws:tagkeys"];
        let free = free.contains(&key)
            || ["aws:multifactorauth", "aws:requesttag/", "aws:principalorg", "aws:sourceip", "aws:sourcevpc"]
                .iter()
                .any(|start| key.starts_with(start))
            || ["aws:securetransport", "aws:requestedregion"].contains(&key);
        if free {
            return Some(true);
        }
        let literal = Literal { condition, holds: true };
        match (self, key) {
            (_, "aws:sourcearn") => Some(true),
            (_, "aws:sourceaccount") | (Self::Identity(_), "aws:principalaccount") => {
                context.account.as_deref().map_or(Some(true), |account| condition.test(account))
            }
            (Self::Identity(identity), "aws:principalarn") => identity.own.first().and_then(|arn| condition.test(arn)),
            (Self::Identity(_), "aws:principaltype") => None,
            (Self::Service(_), _) if literal.allows_missing() => Some(true),
            _ => None,
        }
    }
}
