//! Policies of VPC endpoints, which differ from policies of resources: the resource is whatever the request asks for, anyone's, and
//! every request comes through one's own endpoint. So what ties a request is who calls or whose the resource is, not where it
//! comes from, and not that the one is of the same owner as the other.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>

use super::arn::Arn;
use super::caller::{Caller, Hit, hits};
use super::cells::{Target, cells};
use super::decision::Zone;
use super::document::{Document, Principal, Principals, Set, Statement};
use super::external::left;
use super::narrow::{Narrowing, Pin, Rule, narrow, owners};
use super::pattern::Pattern;
use super::remains::{Branch, Cell, remains};

/// Keys that say through which endpoint, from which network: in the policy of one's own endpoint true of every request.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-network-properties>
const DESCRIBES: [&str; 8] = [
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
];

/// Whose something is that a request is tied to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// Ours, or AWS's own.
    Ours,
    /// It cannot be told; why.
    Unknown(String),
    /// Somebody else's: who or what.
    Other(String),
}

/// What a statement leaves to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The statement's number, from 1.
    pub statement: usize,
    /// The actions as the policy writes them.
    pub actions: Vec<String>,
    /// To whom or what it is tied; `None` when to nothing, never [`Owner::Ours`].
    pub to: Option<Owner>,
}

/// What the policy of an endpoint lets through to others than one's own principals or resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    pub leaks: Vec<Leak>,
    /// Whom the policy names that is not surely of the zone, sorted.
    pub others: Vec<String>,
    /// What cannot be decided.
    pub doubts: Vec<String>,
}

/// See [`super::endpoint_passage`].
pub fn passage(document: &Document, zone: &Zone, buckets: &dyn Fn(&str) -> Owner) -> Passage {
    let mut question = Question { zone, buckets, passage: Passage::default() };
    for allow in document.allows() {
        let everyone = [Principal::Everyone];
        let list = match &allow.principals {
            None => {
                question.passage.doubts.push(format!("{allow} names no principal"));
                continue;
            }
            Some(Principals::Only(list)) => &list[..],
            Some(Principals::Except(_)) => &everyone,
        };
        for principal in list {
            question.look(document, allow, principal);
        }
    }
    let mut passage = question.passage;
    for list in [&mut passage.others, &mut passage.doubts] {
        list.sort();
        list.dedup();
    }
    passage
}

struct Question<'a> {
    zone: &'a Zone,
    buckets: &'a dyn Fn(&str) -> Owner,
    passage: Passage,
}

impl Question<'_> {
    fn look(&mut self, document: &Document, allow: &Statement, principal: &Principal) {
        let (caller, named) = match principal {
            Principal::Everyone => (Caller::Everyone, None),
            // No service and nobody who is gone calls through an endpoint.
            Principal::Service(_) | Principal::OriginAccess(_) | Principal::Deleted(_) => return,
            Principal::Canonical(_) => {
                (Caller::Named(principal), Some(Owner::Unknown("a canonical user id does not show its account".into())))
            }
            other => {
                let federated = match other {
                    Principal::Federated(name) => Arn::parse(name).map(|arn| arn.account),
                    _ => None,
                };
                let of = other.account().or(federated).map(|account| self.account(account));
                (Caller::Named(other), Some(of.unwrap_or_else(|| Owner::Other(other.to_string()))))
            }
        };
        if named == Some(Owner::Ours) {
            return;
        }
        if named.is_some() {
            self.passage.others.push(principal.to_string());
        }
        let mut found: Vec<(Option<Owner>, Pattern)> = Vec::new();
        for (document, cell) in pieces(document, allow) {
            let whose = cell.resource.as_ref().and_then(|resource| self.of_resource(resource));
            if whose == Some(Owner::Ours) {
                continue;
            }
            let branches = match remains(&document, allow, &cell, caller, &mut |_| false) {
                Ok(branches) => branches,
                Err(why) => {
                    self.passage.doubts.push(why);
                    continue;
                }
            };
            for branch in branches {
                let mut ties: Vec<Owner> = named.iter().chain(&whose).cloned().collect();
                ties.extend(self.ties(&branch));
                ties.sort();
                // One tie to what is ours is enough, and what cannot be told may be one.
                match ties.first() {
                    Some(Owner::Ours) => {}
                    to => found.push((to.cloned(), cell.action.clone())),
                }
            }
        }
        let mut kinds: Vec<Option<Owner>> = found.iter().map(|(to, _)| to.clone()).collect();
        kinds.sort();
        kinds.dedup();
        for to in kinds {
            let actions = left(allow, found.iter().filter(|(of, _)| *of == to).map(|(_, action)| action));
            let leak = Leak { statement: allow.number, actions, to };
            if !self.passage.leaks.contains(&leak) {
                self.passage.leaks.push(leak);
            }
        }
    }

    /// What the conditions of a branch tie requests to.
    fn ties(&mut self, branch: &Branch<'_>) -> Vec<Owner> {
        let mut ties: Vec<Owner> = Vec::new();
        for list in branch.listed() {
            ties.extend(self.all(&list));
        }
        for fact in &branch.facts {
            let literal = &fact.literal;
            let key = literal.condition.key.as_str();
            if DESCRIBES.contains(&key) {
                continue;
            }
            let present = branch.requires(key);
            if let Some(pins) = owners(literal) {
                match pins {
                    Some(pins) if literal.demands(present) => ties.extend(self.all(&pins)),
                    // Most services send it with every request
                    // (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceaccount>);
                    // the organization only where the owner is in one.
                    Some(_) if key.ends_with(":resourceaccount") => {
                        ties.push(Owner::Unknown(format!("whether every request has {}", literal.condition.name)));
                    }
                    _ => {}
                }
                continue;
            }
            match narrow(literal, present, Rule::Meaning) {
                Narrowing::Nobody => ties.push(Owner::Ours),
                Narrowing::To(pins) => ties.extend(self.all(&pins)),
                Narrowing::Unknown(why) => ties.push(Owner::Unknown(format!("it cannot be told {why}"))),
                Narrowing::Nothing(_) => {}
            }
        }
        ties
    }

    /// Whose the pins are together: ours when all are, else the first that is not; `None` when they tie to nothing fixed.
    fn all(&mut self, pins: &[Pin]) -> Option<Owner> {
        let mut worst = Owner::Ours;
        for pin in pins {
            let owner = match pin {
                // The owner of the resource is whoever the request asks for.
                Pin::Owner | Pin::Network(_) => return None,
                Pin::Account(id) => {
                    let owner = self.account(id);
                    if owner != Owner::Ours {
                        self.passage.others.push(id.clone());
                    }
                    owner
                }
                Pin::Organization(id) => self.organization(id),
                // Services have no endpoint of ours to come through.
                Pin::Service(_) | Pin::AnyService | Pin::Named(_) => Owner::Ours,
                Pin::Id(id) => Owner::Unknown(format!("{id} does not show its account")),
                Pin::Federated(name) => match Arn::parse(name) {
                    Some(arn) => self.account(arn.account),
                    None => Owner::Other(name.clone()),
                },
            };
            worst = worst.max(owner);
        }
        Some(worst)
    }

    fn account(&self, id: &str) -> Owner {
        match &self.zone.organization {
            _ if self.zone.has(id) => Owner::Ours,
            Some(_) => Owner::Other(format!("account {id}")),
            None => Owner::Unknown(format!("whether account {id} is of this account's organization was not seen")),
        }
    }

    /// Where the scan does not know the organization, one that a policy names is taken for it.
    fn organization(&mut self, id: &str) -> Owner {
        match &self.zone.organization {
            Some(ours) if ours == id => Owner::Ours,
            Some(_) => Owner::Other(format!("organization {id}")),
            None => {
                self.passage.others.push(id.to_owned());
                Owner::Ours
            }
        }
    }

    /// Whose a resource is, by the account in its ARN or the bucket's name; `None` where it is anyone's.
    fn of_resource(&mut self, resource: &Pattern) -> Option<Owner> {
        let fields = resource.fields(6);
        let [_, _, service, _, account, rest] = &fields[..] else { return None };
        if let Some(account) = account.fixed().filter(|account| !account.is_empty()) {
            return Some(self.account(&account));
        }
        // The name of a bucket is its owner's; its ARN has no account.
        let prefix = rest.prefix();
        let whole = prefix.contains('/') || rest.fixed().is_some();
        let name = prefix.split('/').next().filter(|name| !name.is_empty() && whole)?;
        (service.fixed().as_deref() == Some("s3")).then(|| (self.buckets)(name))
    }
}

/// The pieces of an Allow, each with the policy as it stands for it: a Deny of everything but some resources leaves those, and
/// for the rest is a Deny of everything.
fn pieces(document: &Document, allow: &Statement) -> Vec<(Document, Cell)> {
    let mut found = Vec::new();
    for cell in cells(document, allow, &Target::default(), None) {
        let spares = |deny: &&Statement| {
            matches!(&deny.resources, Some(Set::Except(_)))
                && deny.actions.covers(&cell.action)
                && !matches!(hits(deny, Caller::Everyone), Hit::Misses)
        };
        let Some(wanted) = &cell.resource else { continue };
        let spared: Vec<&Pattern> = document
            .denies()
            .filter(spares)
            .flat_map(|deny| deny.resources.as_ref().map_or(&[][..], Set::patterns))
            .filter(|pattern| pattern.overlaps(wanted))
            .collect();
        if spared.is_empty() || spared.iter().any(|pattern| pattern.covers(wanted)) {
            found.push((document.clone(), cell));
            continue;
        }
        for pattern in spared {
            found.push((document.clone(), Cell { resource: Some(pattern.clone()), ..cell.clone() }));
        }
        let rest = document.each(|statement| {
            if !statement.allow && matches!(&statement.resources, Some(Set::Except(_))) {
                statement.resources = Some(Set::Only(vec![Pattern::wild("*", false)]));
            }
            Some(())
        });
        found.push((rest, cell));
    }
    found
}
