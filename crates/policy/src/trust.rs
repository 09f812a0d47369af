//! Web identity providers that a role trusts: is the trust tied to an audience and to the owner?
//!
//! A token's audience says for whom it was made, and one claim of it, per issuer, whose it is ([`super::issuers`]). References:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html>.

use super::caller::Caller;
use super::condition::{Condition, Literal, Quantifier, Relation};
use super::decision::Decision;
use super::document::{Document, Principal, Principals, Statement};
use super::issuers::{self, Customer, Issuer, REUSABLE, Tenant};
use super::pattern::Pattern;
use super::remains::{Branch, Cell, remains};
use std::collections::BTreeSet;

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// Other claims that AWS lets a trust policy check, and that name the owner as well as a subject does; whether a path, of which the first part
/// is the owner: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>.
const CLAIMS: &[(&str, bool)] = &[
    ("repository", true),
    ("repository_id", false),
    ("repository_owner", false),
    ("repository_owner_id", false),
    ("workflow_ref", true),
    ("enterprise", false),
    ("enterprise_id", false),
    ("namespace_id", false),
    ("namespace_path", true),
    ("project_id", false),
    ("project_path", true),
    ("organization_id", false),
    ("organization_slug", false),
    ("terraform_organization_id", false),
    ("terraform_organization_name", false),
    ("terraform_workspace_id", false),
];

/// One decision for each web identity provider that a trust policy lets in.
pub fn oidc_trust(document: &Document) -> Vec<(String, Decision)> {
    let mut found: Vec<(String, Decision)> = Vec::new();
    for (allow, principal, provider) in providers(document) {
        let decision = judge(document, allow, principal, provider);
        match found.iter_mut().find(|(known, _)| known == provider) {
            Some((_, known)) if rank(&decision) > rank(known) => *known = decision,
            Some(_) => {}
            None => found.push((provider.to_owned(), decision)),
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn rank(decision: &Decision) -> u8 {
    match decision {
        Decision::No(_) => 0,
        Decision::CannotTell(_) => 1,
        Decision::Yes(_) => 2,
    }
}

/// The statements that let a web identity provider in, with its principal and its URL.
fn providers(document: &Document) -> impl Iterator<Item = (&Statement, &Principal, &str)> {
    let action = Pattern::action(ACTION);
    document.allows().filter(move |allow| allow.actions.overlaps(&action)).flat_map(|allow| {
        let list = match &allow.principals {
            Some(Principals::Only(list)) => &list[..],
            _ => &[],
        };
        list.iter().filter_map(move |principal| match principal {
            Principal::Federated(name) if !name.contains(":saml-provider/") => Some((allow, principal, url(name))),
            _ => None,
        })
    })
}

/// The provider's URL without scheme, as its condition keys begin; the slash that some end with is in both or in neither.
fn url(principal: &str) -> &str {
    principal.split_once(":oidc-provider/").map_or(principal, |(_, url)| url).trim_end_matches('/')
}

/// Whether other customers of the provider have tokens of the same issuer.
pub fn is_shared(provider: &str) -> bool {
    provider.contains(['*', '?']) || issuers::shared(&provider.to_ascii_lowercase()).is_some()
}

/// What is not fixed of the tokens of one provider that a trust policy lets in.
pub fn opened(document: &Document, provider: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (allow, principal, _) in providers(document).filter(|(_, _, of)| *of == provider) {
        if !judge(document, allow, principal, provider).is_yes() {
            continue;
        }
        let literals: Vec<Literal<'_>> =
            allow.conditions.iter().map(|condition| Literal { condition, holds: true }).collect();
        let token = Token::of(provider, literals.iter().map(|literal| (literal, false)).collect());
        for claim in token.open() {
            let checked: Vec<&Condition> = token.about(claim).map(|(literal, _)| literal.condition).collect();
            if checked.is_empty() {
                found.insert(format!("any {claim}"));
            }
            for condition in checked {
                found.extend(condition.values.iter().map(|value| format!("{} {}", condition.name, value.text())));
            }
        }
    }
    found.into_iter().collect()
}

fn judge(document: &Document, allow: &Statement, principal: &Principal, provider: &str) -> Decision {
    if provider.contains(['*', '?']) {
        return Decision::Yes(format!("{allow} trusts every identity provider"));
    }
    let cell = Cell { action: Pattern::action(ACTION), resource: None };
    let mut fixed = None;
    let mut settled = |branch: &Branch<'_>| {
        let token = Token::in_branch(provider, branch);
        let closed = token.open().is_empty();
        if closed && fixed.is_none() {
            fixed = Some(token.fixed());
        }
        closed
    };
    let branches = match remains(document, allow, &cell, Caller::Named(principal), &mut settled) {
        Ok(branches) => branches,
        Err(why) => return Decision::CannotTell(why),
    };
    let mut doubt = None;
    for branch in &branches {
        let token = Token::in_branch(provider, branch);
        match token.doubt() {
            Some(why) => doubt = Some(why),
            None => return Decision::Yes(format!("{allow} trusts {provider} but {}", token.faults().join(" and "))),
        }
    }
    match (doubt, fixed) {
        (Some(why), _) => Decision::CannotTell(format!("{allow}: {why}")),
        (None, Some(fixed)) => Decision::No(format!("{allow} trusts {provider} for a fixed {fixed}")),
        (None, None) => Decision::No(format!("what {allow} allows is denied by another statement")),
    }
}

/// What is known of the tokens of a provider that get in.
struct Token<'a> {
    host: String,
    issuer: Option<&'static Issuer>,
    /// What each condition says, and whether another asks that its claim is there.
    literals: Vec<(&'a Literal<'a>, bool)>,
}

impl<'a> Token<'a> {
    fn of(provider: &str, literals: Vec<(&'a Literal<'a>, bool)>) -> Self {
        let host = provider.to_ascii_lowercase();
        let issuer = issuers::shared(&host);
        Self { host, issuer, literals }
    }

    fn in_branch(provider: &str, branch: &'a Branch<'_>) -> Self {
        let facts = branch.facts.iter();
        Self::of(provider, facts.map(|fact| (&fact.literal, branch.requires(&fact.literal.condition.key))).collect())
    }

    /// What is said of a claim, or of the request's own key.
    fn about(&self, claim: &str) -> impl Iterator<Item = &(&'a Literal<'a>, bool)> {
        self.literals.iter().filter(move |(literal, _)| {
            let key = literal.condition.key.as_str();
            let of_token = key.rsplit_once(':').is_some_and(|(host, name)| {
                name.eq_ignore_ascii_case(claim) && host.trim_end_matches('/') == self.host
            });
            of_token || key.eq_ignore_ascii_case(claim)
        })
    }

    /// Whether every token that gets in has the claim with a value that passes; the values of one condition are alternatives.
    fn fixes(&self, claim: &str, pass: impl Fn(&Pattern) -> bool) -> bool {
        self.about(claim).any(|(literal, present)| {
            literal.relation() == Relation::Match
                && (!literal.allows_missing() || *present)
                && literal.condition.values.iter().all(&pass)
        })
    }

    /// The claims that would have to be fixed and are not.
    fn open(&self) -> Vec<&'static str> {
        let mut open = Vec::new();
        let tenant = self.issuer.map_or(Tenant::Subject, |issuer| issuer.tenant);
        if let Tenant::App(ways) = tenant {
            let closed = ways.iter().any(|claims| claims.iter().all(|claim| self.fixes(claim, is_fixed)));
            return if closed { open } else { ways.first().map_or_else(Vec::new, |claims| claims.to_vec()) };
        }
        if !["aud", "oaud"].iter().any(|claim| self.fixes(claim, is_fixed)) {
            open.push("aud");
        }
        let named = match (tenant, self.issuer) {
            (Tenant::SessionName(_), _) => {
                if !self.names_session() {
                    open.push(SESSION);
                }
                return open;
            }
            (Tenant::Audience(_), Some(issuer)) => self.fixes("aud", |value| issuer.names_by_audience(value)),
            _ => false,
        };
        if !named && !self.owns() {
            open.push("sub");
        }
        open
    }

    /// Whether the subject or a claim beside it names the owner.
    fn owns(&self) -> bool {
        let by_subject = self.fixes("sub", |value| match self.issuer {
            Some(issuer) => issuer.owner(value) == Customer::Named,
            None => private(value),
        });
        let by_claim = || CLAIMS.iter().any(|(name, is_path)| self.fixes(name, |value| names_owner(value, *is_path)));
        // Nobody but the owner calls a workflow in an enterprise of the owner's own.
        by_subject || by_claim() || self.issuer.is_none() && self.names_workflow()
    }

    fn names_workflow(&self) -> bool {
        self.fixes(REUSABLE.0.trim_end_matches(':'), |value| names_owner(value, true))
    }

    fn names_session(&self) -> bool {
        let Some(Tenant::SessionName(begin)) = self.issuer.map(|issuer| issuer.tenant) else { return false };
        self.fixes(SESSION, |value| {
            value.fixed().is_some_and(|text| {
                text.get(..begin.len()).is_some_and(|head| head.eq_ignore_ascii_case(begin)) && text.len() > begin.len()
            })
        })
    }

    /// What of the tokens is fixed, for a message.
    fn fixed(&self) -> String {
        match self.issuer.map(|issuer| issuer.tenant) {
            Some(Tenant::App(ways)) => {
                let way = ways.iter().find(|claims| claims.iter().all(|claim| self.fixes(claim, is_fixed)));
                way.map_or_else(String::new, |claims| claims.join(" and "))
            }
            Some(Tenant::SessionName(_)) => "audience and session name".into(),
            Some(Tenant::Audience(_)) if !self.owns() => "audience, which names the customer".into(),
            _ => "audience and subject".into(),
        }
    }

    /// Why it cannot be told whose tokens get in, where all the rest is fixed.
    fn doubt(&self) -> Option<&'static str> {
        if self.open() != ["sub"] {
            return None;
        }
        let issuer = self.issuer?;
        let doubtful = issuer.doubtful.contains(&REUSABLE)
            && (self.fixes("sub", |value| issuer.owner(value) != Customer::Anyone) || self.names_workflow());
        doubtful.then_some(REUSABLE.1)
    }

    fn faults(&self) -> Vec<String> {
        self.open().into_iter().map(|claim| self.fault(claim)).collect()
    }

    fn fault(&self, claim: &str) -> String {
        let Some((literal, _)) = self.about(claim).next() else {
            return format!("does not check {claim}");
        };
        let condition = literal.condition;
        if literal.relation() != Relation::Match {
            return format!("{} is no limit on {claim}", literal.describe());
        }
        if literal.allows_missing() {
            return match condition.operator.quantifier {
                Quantifier::All => format!("checks {claim} with ForAllValues, which tokens without it pass"),
                _ => format!("checks {claim} only where a token has it"),
            };
        }
        match self.issuer {
            Some(_) => format!("{claim} {} ties it to nobody", condition.texts()),
            None => format!("{claim} {} leaves it open", condition.texts()),
        }
    }
}

const SESSION: &str = "sts:RoleSessionName";

fn is_fixed(value: &Pattern) -> bool {
    value.fixed().is_some_and(|text| !text.is_empty())
}

/// Whether a claim is fixed up to the owner's name.
fn names_owner(value: &Pattern, is_path: bool) -> bool {
    is_fixed(value) || is_path && value.prefix().split_once('/').is_some_and(|(owner, _)| !owner.is_empty())
}

/// Whether a subject of an issuer of the owner's own says more than of which kind it is.
fn private(value: &Pattern) -> bool {
    let prefix = value.prefix();
    is_fixed(value) || !prefix.is_empty() && !issuers::is_kind(&prefix)
}
