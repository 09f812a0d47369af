//! How people and programs get in without a user of the account: identity providers, and roles with how long their sessions last.

use super::Iam;
use crate::arn::Arn;
use crate::aws::answer::{collect, required};
use crate::place::{Account, Answer};
use aws_sdk_iam::types::Role;
use posture_policy::{Document, Grantee, Zone, assumers, requires_mfa};

/// Issuers of tokens for programs besides those that sign for many customers: clusters, pipelines, virtual machines.
/// <https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html>
const OF_PROGRAMS: &[&str] = &[
    "api.bitbucket.org/",
    "container.googleapis.com/",
    "kubernetes.default.svc",
    "oidc.circleci.com/",
    "oidc.eks.",
    "oidc.op1.openshiftapps.com/",
    "oidc.vercel.com/",
    "rh-oidc.s3.",
    "token.actions.githubusercontent.com",
    "vstoken.dev.azure.com/",
];

/// Whether a web identity provider, given by its URL without scheme, is known to sign for programs and not for people.
pub fn signs_for_programs(url: &str) -> bool {
    let url = url.to_lowercase();
    posture_policy::shared_issuer(&url) || OF_PROGRAMS.iter().any(|known| url.starts_with(known))
}

impl Iam<'_, Account> {
    /// `iam:ListSAMLProviders`: their ARNs.
    pub async fn saml_providers(self) -> Answer<Vec<String>> {
        self.ask("ListSAMLProviders", "", async move {
            let listed = self.client().list_saml_providers().send().await?.saml_provider_list;
            let listed = required("SAMLProviderList", listed)?;
            listed.into_iter().map(|one| required("Arn", one.arn)).collect()
        })
        .await
    }

    /// `iam:ListOpenIDConnectProviders`: their URLs without scheme, as the ARNs have them.
    pub async fn oidc_providers(self) -> Answer<Vec<String>> {
        self.ask("ListOpenIDConnectProviders", "", async move {
            let listed = self.client().list_open_id_connect_providers().send().await?.open_id_connect_provider_list;
            let listed = required("OpenIDConnectProviderList", listed)?;
            let url = |arn: String| {
                let url = Arn::parse(&arn).and_then(|arn| arn.resource.strip_prefix("oidc-provider/").map(str::to_owned));
                required("URL in the Arn", url)
            };
            listed.into_iter().map(|one| required("Arn", one.arn).and_then(url)).collect()
        })
        .await
    }

    /// `iam:ListRoles`, every page: unlike the authorization details it says how long sessions may last.
    pub async fn roles(self) -> Answer<Vec<Role>> {
        self.ask("ListRoles", "", async move {
            collect(self.client().list_roles().max_items(1_000).into_paginator().items().send()).await
        })
        .await
    }
}

/// The trust policy of a role as it is in force at `now`, seconds since 1970.
///
/// # Errors
/// That it is missing or does not parse, ready for a message.
pub fn trust_of(role: &Role, now: i64) -> Result<Document, String> {
    let name = role.role_name();
    let text = role.assume_role_policy_document();
    let text = text.ok_or_else(|| format!("the trust policy of role {name} is not in the answer"))?;
    let document =
        Document::parse(text).map_err(|why| format!("the trust policy of role {name} cannot be read: {why}"))?;
    Ok(document.as_of(now))
}

/// Whether the trust policy lets people in: by an identity provider of theirs, as users of IAM, or with a second factor. Roles that AWS
/// services and Identity Center keep are none: their sessions are set elsewhere.
pub fn is_for_people(role: &Role, trust: &Document) -> bool {
    const KEPT: [&str; 2] = ["/aws-service-role/", "/aws-reserved/"];
    if KEPT.iter().any(|path| role.path().starts_with(path)) {
        return false;
    }
    // Nobody's zone: grants to principals of the role's own account are listed too.
    let (grants, _) = assumers(trust, &Zone::of("", "aws"));
    grants.iter().any(|grant| match grant.kind {
        Grantee::Federated => {
            let provider = grant.principal.split_once(":oidc-provider/");
            match provider {
                Some((_, url)) => !signs_for_programs(url),
                None => grant.principal.contains(":saml-provider/"),
            }
        }
        Grantee::Account => {
            let user = Arn::parse(&grant.principal).is_some_and(|arn| arn.resource.starts_with("user/"));
            user || requires_mfa(trust, grant.statement)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_come_by_their_provider_as_users_or_with_a_second_factor() {
        let of = |path: &str, principal: &str, action: &str, condition: &str| {
            let role = Role::builder().path(path).role_name("r").role_id("A").arn("arn");
            let role = role.create_date(aws_smithy_types::DateTime::from_secs(0)).build().unwrap();
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":"sts:{action}"{condition}}}}}"#
            );
            is_for_people(&role, &Document::parse(&text).unwrap())
        };
        let saml = r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/idp"}"#;
        assert!(of("/", saml, "AssumeRoleWithSAML", ""));
        assert!(!of("/aws-reserved/sso.amazonaws.com/", saml, "AssumeRoleWithSAML", ""));
        let oidc = |url: &str| format!(r#"{{"Federated":"arn:aws:iam::111122223333:oidc-provider/{url}"}}"#);
        assert!(of("/", &oidc("acme.okta.com"), "AssumeRoleWithWebIdentity", ""));
        assert!(!of("/", &oidc("token.actions.githubusercontent.com"), "AssumeRoleWithWebIdentity", ""));
        assert!(of("/", r#"{"AWS":"arn:aws:iam::111122223333:user/ann"}"#, "AssumeRole", ""));
        let root = r#"{"AWS":"arn:aws:iam::111122223333:root"}"#;
        assert!(!of("/", root, "AssumeRole", ""));
        assert!(of("/", root, "AssumeRole", r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#));
        assert!(!of("/", r#"{"Service":"ec2.amazonaws.com"}"#, "AssumeRole", ""));
    }

    #[test]
    fn pipelines_and_clusters_are_programs() {
        for url in [
            "token.actions.githubusercontent.com",
            "token.actions.githubusercontent.com/acme",
            "oidc.eks.eu-west-1.amazonaws.com/id/A",
            "gitlab.com",
            "oidc.circleci.com/org/1",
        ] {
            assert!(signs_for_programs(url), "{url}");
        }
        for url in ["login.microsoftonline.com/tenant/v2.0", "acme.okta.com", "idp.acme.example"] {
            assert!(!signs_for_programs(url), "{url}");
        }
    }
}
