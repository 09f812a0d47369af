//! Web identity providers that a role trusts: is the trust tied to an audience and a subject?
//!
//! References: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html>,
//! <https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws>,
//! <https://docs.gitlab.com/ci/cloud_services/aws/>,
//! <https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/aws-configuration>.

use super::condition::{Condition, Literal, Quantifier, Relation};
use super::decision::Decision;
use super::document::{Document, Principal, Principals, Statement};
use super::pattern::Pattern;
use super::remains::{Cell, denies};
use std::collections::BTreeSet;

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// Providers of logins for apps: the audience is the owner's own app, and subjects are its users.
const APPS: &[(&str, &str)] = &[
    ("accounts.google.com", "aud"),
    ("cognito-identity.amazonaws.com", "aud"),
    ("graph.facebook.com", "app_id"),
    ("www.amazon.com", "app_id"),
    ("appleid.apple.com", "aud"),
];

/// Providers whose tokens are for any customer of theirs, and what a subject must begin with up to the customer's name:
/// the text before it and the character after it.
const SHARED: &[(&str, &[(&str, char)])] = &[
    (
        "token.actions.githubusercontent.com",
        &[
            ("repo:", '/'),
            ("repository_owner:", '\0'),
            ("repository_owner_id:", '\0'),
            ("repository_id:", '\0'),
            ("repository:", '/'),
            ("job_workflow_ref:", '/'),
            ("enterprise_id:", '\0'),
            ("enterprise:", '\0'),
        ],
    ),
    ("gitlab.com", &[("project_path:", '/'), ("namespace_id:", '\0'), ("project_id:", '\0')]),
    ("app.terraform.io", &[("organization:", ':')]),
    ("agent.buildkite.com", &[("organization:", ':')]),
    ("api.pulumi.com/oidc", &[("pulumi:deploy:org:", ':'), ("pulumi:environments:org:", ':')]),
    ("oidc.vercel.com", &[("owner:", ':')]),
];

/// Other claims that AWS lets a trust policy check, and that name the customer as well as a subject does.
const CLAIMS: &[&str] = &[
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "job_workflow_ref",
    "enterprise_id",
    "namespace_id",
    "namespace_path",
    "project_id",
    "project_path",
    "organization_id",
    "organization_slug",
    "terraform_organization_id",
    "terraform_organization_name",
    "terraform_workspace_id",
];

/// One decision for each web identity provider that a trust policy lets in.
pub fn oidc_trust(document: &Document) -> Vec<(String, Decision)> {
    let mut found: Vec<(String, Decision)> = Vec::new();
    for allow in document.allows() {
        if !allow.actions.overlaps(&Pattern::action(ACTION)) {
            continue;
        }
        let Some(Principals::Only(list)) = &allow.principals else {
            continue;
        };
        for principal in list {
            let Principal::Federated(name) = principal else {
                continue;
            };
            if name.contains(":saml-provider/") {
                continue;
            }
            let provider = provider(name);
            let decision = judge(document, allow, provider);
            match found.iter_mut().find(|(known, _)| known == provider) {
                Some((_, known)) if decision.is_yes() || known.is_no() => *known = decision,
                Some(_) => {}
                None => found.push((provider.to_owned(), decision)),
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// What is not fixed of the tokens of one provider that a trust policy lets in.
pub fn opened(document: &Document, provider: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    let action = Pattern::action(ACTION);
    for allow in document.allows().filter(|allow| allow.actions.overlaps(&action)) {
        let Some(Principals::Only(list)) = &allow.principals else { continue };
        let trusted = list.iter().any(|p| matches!(p, Principal::Federated(name) if self::provider(name) == provider));
        if !trusted || !judge(document, allow, provider).is_yes() {
            continue;
        }
        let lower = provider.to_ascii_lowercase();
        let claim = APPS.iter().find(|(name, _)| *name == lower).map(|(_, claim)| *claim);
        for claim in claim.map_or_else(|| vec!["aud", "sub"], |claim| vec![claim]) {
            let conditions = |name: &str| {
                let key = format!("{lower}:{name}");
                allow.conditions.iter().filter(move |c| c.key == key)
            };
            let fixes = |name: &str, fixed: &dyn Fn(&Pattern) -> bool| {
                conditions(name).any(|condition| {
                    let literal = Literal { condition, holds: true };
                    literal.relation() == Relation::Match && !literal.allows_missing() && all(condition, fixed)
                })
            };
            let fixed = match claim {
                "sub" => {
                    fixes(claim, &|v| subject_fixed(&lower, v))
                        || CLAIMS.iter().any(|name| fixes(name, &|v| claim_fixed(name, v)))
                }
                _ => fixes(claim, &|v| v.fixed().is_some_and(|text| !text.is_empty())),
            };
            let checked: Vec<&Condition> = conditions(claim).collect();
            if fixed {
                continue;
            }
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

/// The provider's URL without scheme, which is the prefix of its condition keys.
fn provider(principal: &str) -> &str {
    principal.split_once(":oidc-provider/").map_or(principal, |(_, url)| url).trim_end_matches('/')
}

fn judge(document: &Document, allow: &Statement, provider: &str) -> Decision {
    if provider.contains(['*', '?']) {
        return Decision::Yes(format!("{allow} trusts every identity provider"));
    }
    let mut literals: Vec<Literal<'_>> =
        allow.conditions.iter().map(|condition| Literal { condition, holds: true }).collect();
    let cell = Cell { action: Pattern::action(ACTION), resource: None };
    for deny in document.denies().filter(|d| denies(d, &cell)) {
        let here = match &deny.principals {
            Some(Principals::Only(list)) => list.iter().any(|p| match p {
                Principal::Everyone => true,
                Principal::Federated(name) => name == "*" || self::provider(name) == provider,
                _ => false,
            }),
            _ => false,
        };
        match &deny.conditions[..] {
            [] if here => return Decision::No(format!("{deny} denies what {allow} allows")),
            [condition] if here => literals.push(Literal { condition, holds: false }),
            _ => {}
        }
    }
    let lower = provider.to_ascii_lowercase();
    let claims = |name: &str| -> Vec<&Literal<'_>> {
        let key = format!("{lower}:{name}");
        literals.iter().filter(|l| l.condition.key == key).collect()
    };
    let present = |l: &Literal<'_>| literals.iter().any(|o| o.condition.key == l.condition.key && !o.allows_missing());
    let asks = |l: &&Literal<'_>| l.relation() == Relation::Match && (!l.allows_missing() || present(l));

    if let Some((_, claim)) = APPS.iter().find(|(name, _)| *name == lower) {
        let fixed = claims(claim)
            .into_iter()
            .filter(asks)
            .any(|l| all(l.condition, |v| v.fixed().is_some_and(|t| !t.is_empty())));
        return if fixed {
            Decision::No(format!("{allow} trusts {provider} for a fixed {claim}"))
        } else {
            Decision::Yes(format!("{allow} trusts {provider} without a fixed {claim}, so tokens for any app open it"))
        };
    }

    let mut faults = Vec::new();
    let audience = claims("aud");
    if !audience.iter().copied().filter(asks).any(|l| all(l.condition, |v| v.fixed().is_some_and(|t| !t.is_empty()))) {
        faults.push(fault("aud", &audience));
    }
    let subject = claims("sub");
    let tied = subject.iter().copied().filter(asks).any(|l| all(l.condition, |v| subject_fixed(&lower, v)));
    let claimed = CLAIMS
        .iter()
        .any(|name| claims(name).into_iter().filter(asks).any(|l| all(l.condition, |v| claim_fixed(name, v))));
    if !tied && !claimed {
        faults.push(fault("sub", &subject));
    }
    if faults.is_empty() {
        Decision::No(format!("{allow} trusts {provider} for a fixed audience and subject"))
    } else {
        Decision::Yes(format!("{allow} trusts {provider} but {}", faults.join(" and ")))
    }
}

fn fault(claim: &str, literals: &[&Literal<'_>]) -> String {
    match literals.first() {
        None => format!("does not check {claim}"),
        Some(literal) => {
            let values = literal.condition.texts();
            match literal.condition.operator.quantifier {
                Quantifier::All if literal.allows_missing() => {
                    format!("checks {claim} with ForAllValues, which tokens without it pass")
                }
                _ => format!("{claim} {values} ties it to nobody"),
            }
        }
    }
}

/// Whether all values of a condition (any of which may match) pass the test.
fn all(condition: &Condition, test: impl Fn(&Pattern) -> bool) -> bool {
    condition.values.iter().all(test)
}

/// Whether a subject pattern is tied to one customer of the provider.
fn subject_fixed(provider: &str, value: &Pattern) -> bool {
    let fixed = value.fixed().is_some();
    let prefix = value.prefix();
    let host = |name: &str| provider == name || provider.starts_with(&format!("{name}/"));
    if let Some((_, forms)) = SHARED.iter().find(|(name, _)| host(name)) {
        return forms.iter().any(|(before, after)| {
            let Some(rest) = prefix.strip_prefix(before) else {
                return false;
            };
            // The customer's name must be complete before the first wildcard.
            match rest.split_once(if *after == '\0' { ':' } else { *after }) {
                Some((name, _)) => !name.is_empty(),
                None => fixed && *after == '\0' && !rest.is_empty(),
            }
        });
    }
    // A provider of the owner's own (a cluster, a tenant): what comes before the wildcard must say more than the kind of
    // subject, so `system:serviceaccount:*` is all of them and `system:serviceaccount:web:*` is not.
    let kind = ["system:serviceaccount:", "system:", "repo:", "project_path:", "organization:", "org/"];
    !prefix.is_empty() && (fixed || !kind.contains(&prefix.as_str()))
}

/// Whether a claim other than the subject is fixed up to the customer's name.
fn claim_fixed(name: &str, value: &Pattern) -> bool {
    if value.fixed().is_some_and(|text| !text.is_empty()) {
        return true;
    }
    let by_path = matches!(name, "repository" | "job_workflow_ref" | "project_path" | "namespace_path");
    by_path && value.prefix().split_once('/').is_some_and(|(owner, _)| !owner.is_empty())
}
