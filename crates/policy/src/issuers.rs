//! Web identity providers whose one issuer signs for many customers, and what in a token names the customer.
//!
//! AWS keeps the list, with the claim that a trust policy has to check for each:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html>. How a customer stands in that claim is
//! AWS's example per issuer
//! (<https://github.com/aws-samples/resource-control-policy-examples/tree/main/Limit-access-to-trusted-OIDC-identity-providers>) and the
//! issuer's own page, named beside each. An issuer with a customer in its URL is private and not here: GitHub's for one enterprise, a team's at
//! Vercel, CircleCI's and Bitbucket's per organization, a cluster's.

use super::pattern::Pattern;

/// The day as of which the table was drawn up from the pages above.
pub(super) const DATE: &str = "2026-11-26";

/// What in a token names the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenant {
    /// The subject, by one of the issuer's [`Issuer::names`].
    Subject,
    /// The audience, when it has this form; the subject does as well.
    Audience(Form),
    /// The owner's own app: all claims of one of these lists.
    App(&'static [&'static [&'static str]]),
    /// The name of the session (`sts:RoleSessionName`), which begins so.
    SessionName(&'static str),
}

/// What the audience of one customer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A bare name behind one of these.
    Name(&'static [&'static str]),
    /// A URL that begins so and goes on with the name.
    Url(&'static str),
}

/// How a subject names the customer: the text before the name, and what ends the name besides a colon or the end of the subject.
pub struct Name {
    pub before: &'static str,
    pub ends: &'static [char],
}

/// One shared issuer.
pub struct Issuer {
    /// The URLs without scheme and without a slash at the end.
    pub hosts: &'static [&'static str],
    pub tenant: Tenant,
    pub names: &'static [Name],
    /// The text before the name, where it does not say by itself whose the token is, and why.
    pub doubtful: &'static [(&'static str, &'static str)],
    /// Whether values in a subject cannot have a colon of their own, so that a name is one wherever it stands.
    pub escapes: bool,
    /// Whether a subject may be one of the issuer's own ids and nothing else.
    pub ids: bool,
}

const fn name(before: &'static str) -> Name {
    Name { before, ends: &[] }
}

const fn path(before: &'static str) -> Name {
    Name { before, ends: &['/'] }
}

const fn by_subject(hosts: &'static [&'static str], names: &'static [Name]) -> Issuer {
    Issuer { hosts, tenant: Tenant::Subject, names, doubtful: &[], escapes: false, ids: false }
}

const fn by(tenant: Tenant, hosts: &'static [&'static str], names: &'static [Name]) -> Issuer {
    Issuer { hosts, tenant, names, doubtful: &[], escapes: false, ids: false }
}

/// A reusable workflow that is public can be called from any repository, and whether it is public does not stand in the trust policy:
/// <https://docs.github.com/en/enterprise-cloud@latest/actions/reference/workflows-and-actions/reusing-workflow-configurations>.
pub const REUSABLE: (&str, &str) = (
    "job_workflow_ref:",
    "the workflow that job_workflow_ref names may be called from repositories of other owners if it is public",
);

const ISSUERS: &[Issuer] = &[
    // The subject is made of claims in any order, `:` in a value is `%3A`, and `@` stands between a name and its id:
    // <https://docs.github.com/en/actions/reference/security/oidc>.
    Issuer {
        hosts: &["token.actions.githubusercontent.com", "vstoken.actions.githubusercontent.com"],
        tenant: Tenant::Subject,
        names: &[
            Name { before: "repo:", ends: &['/', '@'] },
            Name { before: "repository:", ends: &['/', '@'] },
            name("repository_id:"),
            name("repository_owner:"),
            name("repository_owner_id:"),
            path("workflow_ref:"),
            name("enterprise:"),
            name("enterprise_id:"),
        ],
        doubtful: &[REUSABLE],
        escapes: true,
        ids: false,
    },
    // <https://docs.github.com/en/enterprise-cloud@latest/admin/monitoring-activity-in-your-enterprise/reviewing-audit-logs-for-your-enterprise/streaming-the-audit-log-for-your-enterprise>
    by_subject(&["oidc-configuration.audit-log.githubusercontent.com"], &[path("https://github.com/")]),
    // The first claim is always the path: <https://docs.gitlab.com/ci/secrets/id_token_authentication/>.
    by_subject(
        &["gitlab.com"],
        &[path("project_path:"), name("namespace_id:"), name("project_id:"), path("namespace_path:")],
    ),
    // <https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/aws-configuration>
    by_subject(&["app.terraform.io"], &[name("organization:")]),
    // <https://buildkite.com/docs/pipelines/security/oidc/aws>; with `--subject-claim` the subject is the id of a pipeline, a cluster or the
    // organization: <https://buildkite.com/docs/agent/cli/reference/oidc>.
    Issuer { ids: true, ..by_subject(&["agent.buildkite.com"], &[name("organization:")]) },
    // <https://codefresh.io/docs/docs/integrations/oidc-pipelines/>
    by_subject(&["oidc.codefresh.io"], &[name("account:")]),
    // <https://dvc.org/doc/studio/user-guide/openid-connect>, also the issuer's name of before.
    by_subject(&["studio.datachain.ai/api", "studio.iterative.ai/api"], &[path("credentials:")]),
    // <https://docs.scalr.io/docs/aws>
    by_subject(&["scalr.io"], &[name("account:")]),
    // <https://shisho.dev/docs/g/getting-started/integrate-apps/aws/>
    by_subject(&["tokens.cloud.shisho.dev"], &[name("job:")]),
    // <https://docs.upbound.io/manuals/packages/providers/authentication/>
    by_subject(&["proidc.upbound.io"], &[path("mcp:")]),
    // <https://www.ibm.com/support/pages/turbonomic-saas-iam-role-setup>: a customer has a namespace. AWS says that IBM changes these from
    // version to version; other paths of the same hosts are clusters of single owners.
    by_subject(
        &[
            "rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7",
            "rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr",
            "rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg",
            "rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26",
            "oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb",
            "oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu",
        ],
        &[name("system:serviceaccount:")],
    ),
    // <https://www.pulumi.com/docs/esc/guides/configuring-oidc/aws/>: the audience is the organization, the subject has it by either key.
    by(
        Tenant::Audience(Form::Name(&["aws:", ""])),
        &["api.pulumi.com/oidc"],
        &[name("org:"), name("pulumi.organization.login:")],
    ),
    // Any customer chooses the audience here: <https://www.pulumi.com/docs/esc/guides/configuring-oidc/custom-audience/>.
    by_subject(&["api.pulumi.com/oidc/v2"], &[name("org:"), name("pulumi.organization.login:")]),
    // <https://docs.sandboxes.cloud/docs/cloud-resources-setup>
    by(Tenant::Audience(Form::Name(&[""])), &["sandboxes.cloud"], &[]),
    // The issuer for all teams; the audience is a team's by default: <https://vercel.com/docs/oidc/reference>.
    by(Tenant::Audience(Form::Url("https://vercel.com/")), &["oidc.vercel.com"], &[name("owner:")]),
    // <https://learn.microsoft.com/en-us/azure/sentinel/connect-aws>: audience and subject are Microsoft's own.
    by(Tenant::SessionName("MicrosoftSentinel_"), &["sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d"], &[]),
    // Logins for apps: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html>. Of Cognito AWS asks `aud`, the
    // pool, and no more; `amr` says only whether a guest of that pool or a signed-in user comes. GovCloud and China have issuers of their own:
    // <https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-cog.html>.
    by(
        Tenant::App(&[&["aud"]]),
        &[
            "cognito-identity.amazonaws.com",
            "cognito-identity-us-gov.amazonaws.com",
            "cognito-identity.us-gov-east-1.amazonaws.com",
            "cognito-identity.cn-north-1.amazonaws.com.cn",
            "appleid.apple.com",
        ],
        &[],
    ),
    // `aud` is the app or service account (`azp`) where there is one, and `oaud` then the audience that it asked for; `sub` is one person's or
    // service account's: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>.
    by(Tenant::App(&[&["aud"], &["oaud", "sub"]]), &["accounts.google.com"], &[]),
    by(Tenant::App(&[&["app_id"]]), &["graph.facebook.com", "www.amazon.com"], &[]),
];

/// The row of a shared issuer, by its URL without scheme in lower case; `None` for an issuer of the owner's own.
pub fn shared(host: &str) -> Option<&'static Issuer> {
    ISSUERS.iter().find(|issuer| issuer.hosts.contains(&host))
}

/// Whether subjects begin so whosever they are, at whichever issuer: `system:serviceaccount:*` is all of a cluster's,
/// `system:serviceaccount:web:*` is not.
pub fn is_kind(prefix: &str) -> bool {
    let names = ISSUERS.iter().flat_map(|issuer| issuer.names).map(|name| name.before);
    names.chain(["project_path:", "org/"]).any(|kind| kind.starts_with(prefix))
}

/// What a subject pattern says of the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Customer {
    Named,
    Anyone,
    /// It depends, and on what.
    Doubtful(&'static str),
}

impl Issuer {
    /// Whose subjects the pattern matches.
    pub fn owner(&self, subject: &Pattern) -> Customer {
        if self.ids && subject.fixed().is_some_and(|text| is_uuid(&text)) {
            return Customer::Named;
        }
        let mut doubt = Customer::Anyone;
        for rest in self.rests(subject) {
            if self.names.iter().any(|name| complete(&rest, name.before, name.ends)) {
                return Customer::Named;
            }
            if let Some((_, why)) = self.doubtful.iter().find(|(before, _)| complete(&rest, before, &['/'])) {
                doubt = Customer::Doubtful(why);
            }
        }
        doubt
    }

    /// The pattern from each place on at which a claim may begin.
    fn rests(&self, subject: &Pattern) -> Vec<Pattern> {
        let mut rests = Vec::new();
        for count in 1..=subject.fields(usize::MAX).len() {
            let mut fields = subject.fields(count);
            let Some(rest) = fields.pop() else { break };
            // A wildcard may stand for colons too, so behind one only an issuer that escapes them is believed.
            if !self.escapes && fields.iter().any(|field| field.fixed().is_none()) {
                break;
            }
            rests.push(rest);
        }
        rests
    }

    /// Whether the audience is one customer's.
    pub fn names_by_audience(&self, audience: &Pattern) -> bool {
        let Tenant::Audience(form) = self.tenant else { return false };
        let Some(text) = audience.fixed() else { return false };
        match form {
            Form::Url(before) => text.strip_prefix(before).is_some_and(|rest| !rest.is_empty()),
            Form::Name(befores) => {
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                let is_name = |name: &str| !name.is_empty() && name.chars().all(plain);
                befores.iter().any(|before| text.strip_prefix(before).is_some_and(is_name))
            }
        }
    }
}

/// Whether a text is 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

/// Whether a name stands in the pattern behind `before`, complete before the first wildcard.
fn complete(pattern: &Pattern, before: &str, ends: &[char]) -> bool {
    let prefix = pattern.prefix();
    let Some(rest) = prefix.strip_prefix(before) else { return false };
    match rest.find(|c| c == ':' || ends.contains(&c)) {
        Some(end) => end > 0,
        None => !rest.is_empty() && pattern.fixed().is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_when_it_is_whole_before_the_first_wildcard() {
        for issuer in ISSUERS {
            for name in issuer.names {
                let of = |rest: &str| issuer.owner(&Pattern::wild(&format!("{}{rest}", name.before), true));
                for open in ["*", "acme*", "?cme:*", "", "acm?", "${aws:username}:*", ":acme", "*:acme"] {
                    assert_ne!(of(open), Customer::Named, "{:?} {}{open}", issuer.hosts, name.before);
                }
                for whole in ["acme", "acme:*", "acme:x"] {
                    assert_eq!(of(whole), Customer::Named, "{:?} {}{whole}", issuer.hosts, name.before);
                }
                for end in name.ends {
                    assert_eq!(of(&format!("acme{end}*")), Customer::Named, "{:?} {}", issuer.hosts, name.before);
                    assert_ne!(of(&format!("{end}*")), Customer::Named, "{:?} {}", issuer.hosts, name.before);
                }
            }
        }
    }

    #[test]
    fn a_host_has_one_row_and_is_written_as_it_is_looked_up() {
        let mut hosts: Vec<&str> = ISSUERS.iter().flat_map(|issuer| issuer.hosts).copied().collect();
        assert!(hosts.iter().all(|host| *host == host.to_ascii_lowercase() && !host.ends_with('/')));
        hosts.sort_unstable();
        let count = hosts.len();
        hosts.dedup();
        assert_eq!(hosts.len(), count);
    }
}
