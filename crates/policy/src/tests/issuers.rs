//! Issuers with many customers: what in a token names one, and the forms of subjects that they document.

use super::Answer::{No, Unsure, Yes};
use super::*;

const HUB: &str = "token.actions.githubusercontent.com";

/// A trust in the provider under these conditions, in which `@` stands for its URL.
fn trust(provider: &str, conditions: &str) -> Document {
    let arn = if provider.starts_with("cognito") || provider.contains("google") || provider.contains("www.") || provider.contains("facebook") { provider.to_owned() } else { format!("arn:aws:iam::111122223333:oidc-provider/{provider}") };
    let conditions = conditions.replace('@', provider).replace('\u{1}', "@");
    document(&format!(r#"{{"Effect":"Allow","Principal":{{"Federated":"{arn}"}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{{{conditions}}}}}"#))
}

fn of(provider: &str, conditions: &str) -> Answer {
    let found = oidc_trust(&trust(provider, conditions));
    assert_eq!(found.len(), 1, "{provider}");
    answer(&found[0].1)
}

/// The answer for a subject, the audience fixed to one that says nothing.
fn subject(provider: &str, subject: &str) -> Answer {
    let subject = subject.replace('@', "\u{1}");
    of(provider, &format!(r#""StringEquals":{{"@:aud":"sts.amazonaws.com"}},"StringLike":{{"@:sub":"{subject}"}}"#))
}

/// Each row of AWS's page of shared issuers, <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html>,
/// and with it the condition that AWS asks for.
const PAGE: &[(&str, &str)] = &[
    ("cognito-identity.amazonaws.com", r#""StringEquals":{"@:aud":"us-east-1:12345678-abcd"}"#),
    ("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", r#""StringEquals":{"@:aud":"api://app","sts:RoleSessionName":"MicrosoftSentinel_11111111-2222"}"#),
    ("agent.buildkite.com", r#""StringEquals":{"@:aud":"sts.amazonaws.com"},"StringLike":{"@:sub":"organization:acme:pipeline:*"}"#),
    ("oidc.codefresh.io", r#""StringEquals":{"@:aud":"https://g.codefresh.io"},"StringLike":{"@:sub":"account:64f0:pipeline:*"}"#),
    ("studio.datachain.ai/api", r#""StringEquals":{"@:aud":"sts.amazonaws.com","@:sub":"credentials:acme/deploy"}"#),
    ("token.actions.githubusercontent.com", r#""StringEquals":{"@:aud":"sts.amazonaws.com"},"StringLike":{"@:sub":"repo:acme/*"}"#),
    ("oidc-configuration.audit-log.githubusercontent.com", r#""StringEquals":{"@:aud":"sts.amazonaws.com","@:sub":"https://github.com/acme"}"#),
    ("vstoken.actions.githubusercontent.com", r#""StringEquals":{"@:aud":"sts.amazonaws.com"},"StringLike":{"@:sub":"repo:acme/*"}"#),
    ("gitlab.com", r#""StringEquals":{"@:aud":"https://gitlab.com"},"StringLike":{"@:sub":"project_path:acme/*"}"#),
    ("rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7", r#""StringEquals":{"@:aud":"sts.amazonaws.com"},"StringLike":{"@:sub":"system:serviceaccount:tenant-1:*"}"#),
    ("oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu", r#""StringEquals":{"@:aud":"sts.amazonaws.com"},"StringLike":{"@:sub":"system:serviceaccount:tenant-1:*"}"#),
    ("api.pulumi.com/oidc", r#""StringEquals":{"@:aud":"aws:acme"}"#),
    ("sandboxes.cloud", r#""StringEquals":{"@:aud":"acme"}"#),
    ("scalr.io", r#""StringEquals":{"@:aud":"aws.scalr-run-workload"},"StringLike":{"@:sub":"account:acme:environment:*"}"#),
    ("tokens.cloud.shisho.dev", r#""StringEquals":{"@:aud":"sts.amazonaws.com"},"StringLike":{"@:sub":"job:acme:*"}"#),
    ("app.terraform.io", r#""StringEquals":{"@:aud":"aws.workload.identity"},"StringLike":{"@:sub":"organization:acme:project:*"}"#),
    ("proidc.upbound.io", r#""StringEquals":{"@:aud":"sts.amazonaws.com"},"StringLike":{"@:sub":"mcp:acme/*"}"#),
    ("oidc.vercel.com", r#""StringEquals":{"@:aud":"https://vercel.com/acme"}"#),
];

#[test]
fn every_issuer_of_the_page_is_shared_and_asks_for_the_claim_that_names_the_customer() {
    // semantics 74
    for (provider, conditions) in PAGE {
        assert!(shared_issuer(provider), "{provider}");
        assert_eq!(of(provider, conditions), No, "{provider}");
        // The same with the customer left open, or not asked for at all.
        let open = conditions.replace("StringEquals", "StringLike");
        let open = open.replace("acme", "*").replace("tenant-1", "*").replace("64f0", "*").replace("us-east-1:12345678-abcd", "*").replace("11111111-2222", "*");
        assert_eq!(of(provider, &open), Yes, "{provider} {open}");
        assert_eq!(of(provider, ""), Yes, "{provider}");
        assert_eq!(of(provider, r#""Null":{"@:sub":"false","@:aud":"false"}"#), Yes, "{provider}");
        // An operator that a token without the claim passes, and one that only rules values out.
        for (set, end) in [("ForAllValues:", ""), ("", "IfExists"), ("ForAnyValue:", "IfExists")] {
            let absent = conditions.replace("\"StringEquals\"", &format!("\"{set}StringEquals{end}\"")).replace("\"StringLike\"", &format!("\"{set}StringLike{end}\""));
            assert_eq!(of(provider, &absent), Yes, "{provider} {absent}");
        }
        assert_eq!(of(provider, &conditions.replace("StringEquals", "StringNotEquals").replace("StringLike", "StringNotLike")), Yes, "{provider}");
        assert_eq!(of(provider, &conditions.replace("\"StringEquals\"", "\"ForAnyValue:StringEquals\"")), No, "{provider}");
    }
}

#[test]
fn a_prefix_that_another_customer_can_register_names_nobody() {
    // semantics 74
    for (provider, text) in [
        ("scalr.io", "account:*"),
        ("scalr.io", "account:acme*"),
        ("oidc.codefresh.io", "account:*"),
        ("studio.datachain.ai/api", "project:*"),
        ("studio.datachain.ai/api", "credentials:acme*"),
        ("proidc.upbound.io", "mcp:*"),
        ("proidc.upbound.io", "mcp:acme*"),
        ("vstoken.actions.githubusercontent.com", "repo:my-org*"),
        ("app.terraform.io", "organization:acme*"),
        ("agent.buildkite.com", "organization:*:pipeline:deploy:*"),
        ("agent.buildkite.com", "0184990a-477b-4fa8-9968-*"),
        ("gitlab.com", "0184990a-477b-4fa8-9968-496074483cee"),
        ("gitlab.com", "project_path:acme*"),
        ("gitlab.com", "*:ref:main"),
        ("oidc-configuration.audit-log.githubusercontent.com", "https://github.com/acme*"),
        ("oidc.vercel.com", "owner:acme*"),
        ("api.pulumi.com/oidc", "pulumi:deploy:org:*"),
        ("api.pulumi.com/oidc", "pulumi:environments:pulumi.organization.login:acme*"),
        ("api.pulumi.com/oidc", "pulumi:environments:pulumi.organization.login:*"),
        ("api.pulumi.com/oidc/v2", "pulumi:org:*"),
    ] {
        assert_eq!(subject(provider, text), Yes, "{provider} {text}");
    }
}

#[test]
fn the_documented_subjects_name_their_customer() {
    // semantics 75
    for (provider, text) in [
        ("scalr.io", "account:acme:environment:prod:workspace:*"),
        ("proidc.upbound.io", "mcp:acme/prod:provider:provider-aws"),
        ("gitlab.com", "project_path:acme/infra:ref_type:branch:ref:*"),
        ("app.terraform.io", "organization:acme:project:p:workspace:w:run_phase:apply"),
        ("agent.buildkite.com", "organization:acme:pipeline:deploy:ref:refs/heads/main:commit:*:step:*"),
        ("agent.buildkite.com", "0184990a-477b-4fa8-9968-496074483cee"),
        ("oidc.vercel.com", "owner:acme:project:web:environment:production"),
        ("api.pulumi.com/oidc", "pulumi:environments:pulumi.organization.login:acme:currentEnvironment.name:prod"),
        ("api.pulumi.com/oidc", "pulumi:deploy:org:acme:project:Core:*"),
        ("api.pulumi.com/oidc", "pulumi:cmk:pulumi.organization.login:acme"),
        ("api.pulumi.com/oidc/v2", "pulumi:org:11111111:env:22222222"),
    ] {
        assert_eq!(subject(provider, text), No, "{provider} {text}");
    }
}

#[test]
fn github_names_the_owner_at_any_place_of_the_subject() {
    // semantics 75, 84
    for (text, expected) in [
        ("environment:production%3Aeastus:repository_owner:octo-org", No),
        ("workflow_ref:octo-org/octo-repo/.github/workflows/main.yml@refs/heads/main", No),
        ("repository_owner:monalisa:repository_visibility:private", No),
        ("repository_visibility:private:repository_owner:monalisa", No),
        ("environment:*:repository_owner:octo-org", No),
        ("ref:refs/heads/main:repository_id:1234", No),
        ("repo:octo-org/octo-repo:environment:prod:job_workflow_ref:octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main", No),
        ("job_workflow_ref:octo-org/ci/.github/workflows/oidc.yml@refs/heads/main:repository_owner_id:1234", No),
        ("repo:octo-org@123456/octo-repo@456789:ref:refs/heads/main", No),
        ("repo:acme@*/shop@*:ref:refs/heads/main", No),
        ("repo:acme@123/*", No),
        ("repo:acme/*", No),
        ("enterprise:acme:*", No),
        ("job_workflow_ref:octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main", Unsure),
        ("repository_owner:*", Yes),
        ("repository_owner:octo-org*", Yes),
        ("environment:production:repository_owner:octo-org*", Yes),
        ("environment:production:repository_owner:*", Yes),
        ("workflow_ref:*/octo-repo/.github/workflows/main.yml@refs/heads/main", Yes),
        ("job_workflow_ref:*", Yes),
        ("environment:prod", Yes),
        ("ref:refs/heads/main", Yes),
        ("repository_visibility:private", Yes),
        ("actor:octocat", Yes),
        ("repo:my-org*", Yes),
        ("repo:*@123456/octo-repo@456789:*", Yes),
        ("repo:/octo-repo:*", Yes),
        ("*repository_owner:octo-org", Yes),
        ("repository_owner:octo-or?", Yes),
        ("repository_id:12*", Yes),
    ] {
        assert_eq!(subject(HUB, text), expected, "{text}");
    }
}

#[test]
fn where_the_audience_names_the_customer_it_has_to_look_like_one() {
    // semantics 83
    for (provider, audience, expected) in [
        ("api.pulumi.com/oidc", "acme", No),
        ("api.pulumi.com/oidc", "aws:acme", No),
        ("api.pulumi.com/oidc", "sts.amazonaws.com", Yes),
        ("api.pulumi.com/oidc", "aws:", Yes),
        ("sandboxes.cloud", "sts.amazonaws.com", Yes),
        ("oidc.vercel.com", "sts.amazonaws.com", Yes),
        ("oidc.vercel.com", "https://vercel.com/", Yes),
    ] {
        assert_eq!(of(provider, &format!(r#""StringEquals":{{"@:aud":"{audience}"}}"#)), expected, "{provider} {audience}");
    }
    let sub = r#""StringEquals":{"@:sub":"pulumi:deploy:org:acme:project:p:stack:s"}"#;
    assert_eq!(of("api.pulumi.com/oidc", sub), Yes, "no audience");
    let microsoft = "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d";
    assert_eq!(of(microsoft, r#""StringEquals":{"@:aud":"api://app","@:sub":"1234"}"#), Yes, "the subject is Microsoft's own");
    assert_eq!(of(microsoft, r#""StringLike":{"@:aud":"api://app","sts:RoleSessionName":"MicrosoftSentinel_*"}"#), Yes, "any workspace");
    assert_eq!(of(microsoft, r#""StringEquals":{"@:aud":"api://app","sts:RoleSessionName":"other"}"#), Yes, "not a workspace");
    assert_eq!(of("sts.windows.net/99999999-4d64-4f8c-a055-5bdaffd5e33d", r#""StringEquals":{"@:aud":"api://app","@:sub":"1234"}"#), No, "a tenant of one's own");
}

#[test]
fn logins_for_apps_are_tied_to_the_app_in_every_partition() {
    for pool in ["cognito-identity.amazonaws.com", "cognito-identity-us-gov.amazonaws.com", "cognito-identity.us-gov-east-1.amazonaws.com", "cognito-identity.cn-north-1.amazonaws.com.cn"] {
        assert!(shared_issuer(pool));
        assert_eq!(of(pool, r#""StringEquals":{"@:aud":"us-east-1:pool"}"#), No, "{pool}: AWS asks for the pool");
        assert_eq!(of(pool, r#""ForAnyValue:StringLike":{"@:amr":"authenticated"}"#), Yes, "{pool}: any pool has users");
    }
    let google = "accounts.google.com";
    assert_eq!(of(google, r#""StringEquals":{"@:aud":"1234.apps.googleusercontent.com"}"#), No);
    assert_eq!(of(google, r#""StringEquals":{"@:oaud":"sts.amazonaws.com","@:sub":"1098765"}"#), No, "one identity, and the audience that it asked for");
    assert_eq!(of(google, r#""StringEquals":{"@:oaud":"sts.amazonaws.com"}"#), Yes, "anybody asks for any audience");
    assert_eq!(of(google, r#""StringEquals":{"@:sub":"1098765"}"#), Yes, "made for whichever site");
    assert_eq!(of("www.amazon.com", r#""StringEquals":{"@:app_id":"amzn1.application"}"#), No);
    assert_eq!(of("graph.facebook.com", r#""StringEquals":{"@:aud":"1"}"#), Yes);
}

#[test]
fn a_slash_at_the_end_of_the_url_is_in_the_keys_too() {
    // semantics 82
    let fixed = r#""StringEquals":{"@:aud":"app","@:sub":"auth0|1"}"#;
    for provider in ["acme.eu.auth0.com/", "sts.windows.net/11111111-2222-3333-4444-555555555555/", "acme.eu.auth0.com"] {
        assert_eq!(of(provider, fixed), No, "{provider}");
        assert_eq!(of(provider, ""), Yes, "{provider}");
    }
    assert_eq!(of("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/", r#""StringEquals":{"@:aud":"a","sts:RoleSessionName":"MicrosoftSentinel_1"}"#), No);
    assert_eq!(of("scalr.io/", r#""StringEquals":{"@:aud":"a"},"StringLike":{"@:sub":"account:*"}"#), Yes);
}

#[test]
fn an_issuer_with_its_owner_in_the_url_is_private() {
    // semantics 76
    for provider in ["oidc.vercel.com/acme", "token.actions.githubusercontent.com/octocat-inc", "oidc.circleci.com/org/11111111", "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc", "oidc.eks.us-east-1.amazonaws.com/id/ABC", "acme.app.spacelift.io", "rh-oidc.s3.us-east-1.amazonaws.com/1111", "gitlab.example.com"] {
        assert!(!shared_issuer(provider), "{provider}");
        assert_eq!(subject(provider, "some:fixed/subject"), No, "{provider}");
        assert_eq!(subject(provider, "*"), Yes, "{provider}");
        assert_eq!(subject(provider, "s*"), Yes, "{provider}: the beginning of a kind is less than a kind");
        assert_eq!(of(provider, r#""StringEquals":{"@:aud":"x"}"#), Yes, "{provider}: the card asks for both");
    }
    assert_eq!(subject("oidc.circleci.com/org/11111111", "org/11111111/project/22/user/*"), No);
    assert_eq!(subject("api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc", "{11}:*"), No);
    assert_eq!(subject("token.actions.githubusercontent.com/octocat-inc", "repo:*"), Yes);
    assert_eq!(subject("oidc.vercel.com/acme", "owner:*"), Yes);
    let workflow = r#""StringEquals":{"@:aud":"x","@:job_workflow_ref":"acme/ci/.github/workflows/a.yml"}"#;
    for (provider, expected) in [("token.actions.githubusercontent.com/octocat-inc", No), (HUB, Unsure)] {
        assert_eq!(of(provider, workflow), expected, "{provider}");
    }
}
