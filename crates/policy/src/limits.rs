//! What the conditions under which an identity is allowed something leave of it.

use super::attempt::{self, Attempt};
use super::condition::{Literal, Relation};
use super::decision::Context;
use super::keys::{self, Key};
use super::paths::Need;
use super::pattern::Pattern;
use super::remains::Branch;

/// What conditions mean for an identity.
#[derive(Clone, Copy)]
pub enum Lens<'a> {
    /// Is every resource reached?
    Everywhere,
    /// Is one resource reached, of which nothing but its ARN is known?
    Here,
    /// Can the action be used to gain power by this request?
    Escalation(&'a Attempt<'a>),
}

/// What is asked of one action (no wildcard).
#[derive(Clone, Copy)]
pub struct Question<'a> {
    pub action: &'a str,
    /// On which resources.
    pub need: Need<'a>,
    pub lens: Lens<'a>,
    /// Whether all of one kind will do where the action takes several.
    pub one_kind: bool,
    pub context: &'a Context,
}

pub(super) enum Limit {
    Free,
    Limited(String),
    Unsure(String),
}

pub(super) fn limits(branch: &Branch<'_>, question: &Question<'_>) -> Limit {
    let mut unsure = None;
    for fact in &branch.facts {
        let key = fact.literal.condition.key.as_str();
        let present = THERE.contains(&key) || branch.requires(key);
        let literal = Asked { literal: &fact.literal, present, question };
        match literal.limit() {
            Limit::Free => {}
            Limit::Limited(why) => return Limit::Limited(why),
            Limit::Unsure(why) => unsure = Some(why),
        }
    }
    unsure.map_or(Limit::Free, Limit::Unsure)
}

/// A literal, whether another of the same request requires its key, and the question.
struct Asked<'a> {
    literal: &'a Literal<'a>,
    present: bool,
    question: &'a Question<'a>,
}

/// Keys that every request of the actions has which know them.
const THERE: [&str; 3] = ["iam:passedtoservice", "iam:policyarn", "aws:resourceaccount"];

impl Asked<'_> {
    fn limited(&self) -> Limit {
        Limit::Limited(self.literal.describe())
    }

    fn doubt(&self) -> Limit {
        Limit::Unsure(format!("whether {} lets it through", self.literal.condition.name))
    }

    fn holds(&self, value: &str) -> bool {
        self.literal.condition.test(value) == Some(self.literal.holds)
    }

    fn limit(&self) -> Limit {
        let literal = self.literal;
        let key = literal.condition.key.as_str();
        if let Lens::Escalation(attempt) = self.question.lens
            && let Some(limit) = self.escalation(attempt)
        {
            return limit;
        }
        if attempt::lacks(self.question.action, key) {
            return if literal.allows_missing() { Limit::Free } else { self.limited() };
        }
        let demands = literal.demands(self.present);
        match keys::classify(key) {
            Key::IsService if self.holds("true") && !self.holds("false") => self.limited(),
            Key::IsService => Limit::Free,
            Key::Service if demands => self.limited(),
            Key::Owner => self.owner(key),
            Key::Organization | Key::OrganizationPath | Key::Network | Key::Address => Limit::Free,
            Key::Account if key == "kms:calleraccount" || key == "aws:principalaccount" => self.of_own_account(),
            Key::Account if demands => self.doubt(),
            Key::Account => Limit::Free,
            Key::Arn | Key::UserId if key == "aws:principalarn" || key == "aws:userid" => self.doubt(),
            Key::Arn | Key::Service | Key::AccessPoint | Key::Cipher | Key::MountTarget => {
                if literal.allows_missing() && !self.present { Limit::Free } else { self.doubt() }
            }
            Key::UserId | Key::Unknown => self.doubt(),
            Key::Idle(_) => self.idle(),
        }
    }

    /// What the attacker chooses decides, where the key is about it.
    fn escalation(&self, attempt: &Attempt<'_>) -> Option<Limit> {
        // What is there already, and of a sort: among some of a kind none with power is sure to be.
        let (key, relation) = (self.literal.condition.key.as_str(), self.literal.relation());
        let tag = key.contains("resourcetag/") && !self.question.action.eq_ignore_ascii_case("iam:PassRole");
        let sort = tag || key == "ec2:managedresourceoperator";
        let needs = relation == Relation::Match && (self.present || !self.literal.allows_missing());
        if sort && (needs || relation == Relation::There) {
            return Some(self.limited());
        }
        let said = attempt.says(self.question.action, self.literal.condition, self.question.context)?;
        Some(match attempt::passes(self.literal, &said) {
            Some(true) => Limit::Free,
            Some(false) => self.limited(),
            None => self.doubt(),
        })
    }

    /// Whether requests need the key with a value that is not any: what is true of all resources without a tag, or with one, limits to
    /// nothing.
    fn pins(&self) -> bool {
        let all = if self.literal.condition.key == "kms:resourcealiases" { "alias/?*" } else { "?*" };
        let all = Pattern::wild(all, false);
        let any = |value: &Pattern| value.covers(&all);
        self.literal.demands(self.present) && !self.literal.condition.values.iter().any(any)
    }

    /// The account that owns the resource, which is to be one of the identity's own.
    fn owner(&self, key: &str) -> Limit {
        match key {
            "aws:resourceaccount" | "s3:resourceaccount" => self.of_own_account(),
            _ => Limit::Free,
        }
    }

    fn of_own_account(&self) -> Limit {
        let own = self.question.context.account.as_deref();
        match own.and_then(|account| self.literal.condition.test(account)) {
            Some(truth) if truth != self.literal.holds => self.limited(),
            _ => Limit::Free,
        }
    }

    fn idle(&self) -> Limit {
        let key = self.literal.condition.key.as_str();
        let name = key.split_once(':').map_or(key, |(_, name)| name);
        let tag = name.starts_with("resourcetag") || name.starts_with("existingobjecttag");
        // "You cannot limit permissions to pass a role based on tags attached to that role":
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
        if tag && self.question.action.eq_ignore_ascii_case("iam:PassRole") {
            return if self.pins() { self.doubt() } else { Limit::Free };
        }
        if tag || name == "resourcealiases" || name.starts_with("encryptioncontext") {
            return match self.question.lens {
                _ if !self.pins() => Limit::Free,
                Lens::Here => self.doubt(),
                _ => self.limited(),
            };
        }
        let demands = self.literal.demands(self.present);
        match key {
            // It says how, not on which keys.
            "kms:viaservice" => Limit::Free,
            "aws:viaawsservice" => {
                let through = self.literal.relation() == Relation::Match && !self.holds("false");
                if through { self.doubt() } else { Limit::Free }
            }
            "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast" => {
                if demands {
                    self.doubt()
                } else {
                    Limit::Free
                }
            }
            _ if key.starts_with("aws:principaltag/") || key == "aws:username" || key == "aws:principaltype" => {
                self.doubt()
            }
            // Time, transport, second factor, region, request tags: they say when, not on what.
            _ if key.starts_with("aws:") => Limit::Free,
            // A service's own keys on its requests: an attacker picks what passes; for "everywhere" it is open.
            _ => match self.question.lens {
                Lens::Escalation(_) => Limit::Free,
                _ if demands => self.doubt(),
                _ => Limit::Free,
            },
        }
    }
}
