//! What the conditions under which an identity is allowed something leave of it.

use super::condition::{Literal, Relation};
use super::keys::{self, Key};
use super::remains::Branch;

/// What an attacker attaches, as a policy or as a boundary that caps nothing.
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// What conditions mean for an identity.
#[derive(Clone, Copy)]
pub enum Lens {
    /// Is every resource reached?
    Everywhere,
    /// Is one resource reached, of which nothing but its ARN is known?
    Here,
    /// Can the action be used to gain power, when a role is passed to this service?
    Escalation(Option<&'static str>),
}

pub(super) enum Limit {
    Free,
    Limited(String),
    Unsure(String),
}

pub(super) fn limits(branch: &Branch<'_>, lens: Lens) -> Limit {
    let mut unsure = None;
    for fact in &branch.facts {
        match limit(&fact.literal, lens) {
            Limit::Free => {}
            Limit::Limited(why) => return Limit::Limited(why),
            Limit::Unsure(why) => unsure = Some(why),
        }
    }
    unsure.map_or(Limit::Free, Limit::Unsure)
}

fn limit(literal: &Literal<'_>, lens: Lens) -> Limit {
    let condition = literal.condition;
    let key = condition.key.as_str();
    let holds = |value: &str| condition.test(value) == Some(literal.holds);
    let limited = || Limit::Limited(literal.describe());
    let doubt = || Limit::Unsure(format!("whether {} lets it through", condition.name));
    if let Lens::Escalation(service) = lens {
        match key {
            "iam:passedtoservice" => {
                return match service {
                    Some(service) if literal.relation() == Relation::There || holds(service) => Limit::Free,
                    Some(_) => limited(),
                    None => Limit::Free,
                };
            }
            // A boundary that the attacker may choose is none.
            "iam:permissionsboundary" => {
                let fixed = !literal.allows_missing() && literal.relation() == Relation::Match && !holds(ADMINISTRATOR);
                return if fixed { limited() } else { Limit::Free };
            }
            "iam:policyarn" => {
                return if literal.relation() == Relation::There || holds(ADMINISTRATOR) {
                    Limit::Free
                } else {
                    limited()
                };
            }
            "iam:associatedresourcearn" => return doubt(),
            _ => {}
        }
    }
    let matches = literal.relation() == Relation::Match;
    match keys::classify(key) {
        Key::IsService if holds("true") && !holds("false") => limited(),
        Key::IsService => Limit::Free,
        Key::Service if matches => limited(),
        Key::Owner | Key::Organization | Key::OrganizationPath | Key::Network | Key::Address => Limit::Free,
        Key::Account if key != "kms:calleraccount" && key != "aws:principalaccount" && matches => doubt(),
        Key::Account => Limit::Free,
        Key::Arn | Key::UserId | Key::Service | Key::AccessPoint | Key::Cipher | Key::MountTarget => doubt(),
        Key::Unknown => doubt(),
        Key::Idle(_) => idle(literal, lens),
    }
}

fn idle(literal: &Literal<'_>, lens: Lens) -> Limit {
    let key = literal.condition.key.as_str();
    let matches = literal.relation() == Relation::Match;
    let name = key.split_once(':').map_or(key, |(_, name)| name);
    let doubt = || Limit::Unsure(format!("whether {} lets it through", literal.condition.name));
    let on_resource = name.starts_with("resourcetag")
        || name.starts_with("existingobjecttag")
        || name == "resourcealiases"
        || name.starts_with("encryptioncontext");
    if on_resource {
        return if matches && matches!(lens, Lens::Here) {
            doubt()
        } else if matches {
            Limit::Limited(literal.describe())
        } else {
            Limit::Free
        };
    }
    match key {
        // It says how, not on which keys.
        "kms:viaservice" => Limit::Free,
        "aws:viaawsservice" | "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast" => {
            let through = matches && literal.condition.test("false") != Some(literal.holds);
            if through { doubt() } else { Limit::Free }
        }
        _ if key.starts_with("aws:principaltag/") || key == "aws:username" || key == "aws:principaltype" => doubt(),
        // Time, transport, second factor, region, request tags: they say when, not on what.
        _ if key.starts_with("aws:") => Limit::Free,
        // A service's own keys on its requests: an attacker picks what passes; for "everywhere" it is open.
        _ => match lens {
            Lens::Escalation(_) => Limit::Free,
            _ if matches => doubt(),
            _ => Limit::Free,
        },
    }
}
