//! Credentials that have a form of their own, by the pages of those who issue them.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// A kind of credential and how it looks.
pub struct Form {
    pub kind: &'static str,
    looks: &'static LazyLock<Regex>,
}

/// A pattern of this program.
pub fn regex(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "patterns of this file, each used by a test")]
    Regex::new(pattern).expect("a pattern")
}

macro_rules! forms {
    ($($kind:literal: $pattern:literal,)+) => {
        /// Every kind. A group named `it` is the credential where the pattern needs more to know it.
        pub static FORMS: &[Form] = &[$(Form {
            kind: $kind,
            looks: {
                static LOOKS: LazyLock<Regex> = LazyLock::new(|| regex($pattern));
                &LOOKS
            },
        }),+];
    };
}

forms! {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    "aws_access_key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    // https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html
    "bedrock_api_key": r"\b(?:ABSK[A-Za-z0-9+/=]{60,}|bedrock-api-key-[A-Za-z0-9+/=]{20,})",
    // RFC 7468
    "private_key": r"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----",
    // https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
    "github_token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b",
    // https://docs.gitlab.com/security/tokens/
    "gitlab_token": r"\bgl(?:pat|dt|rt|ptt|cbt|agent|soat)-[A-Za-z0-9_\-]{20,}",
    // https://docs.slack.dev/authentication/tokens
    "slack_token": r"\bxox[abeoprs]-[A-Za-z0-9\-]{10,}",
    "slack_webhook": r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/]{20,}",
    // https://docs.stripe.com/keys
    "stripe_key": r"\b[rs]k_live_[A-Za-z0-9]{16,}",
    // https://cloud.google.com/docs/authentication/api-keys
    "google_api_key": r"\bAIza[A-Za-z0-9_\-]{35}\b",
    // https://docs.npmjs.com/about-access-tokens
    "npm_token": r"\bnpm_[A-Za-z0-9]{36}\b",
    // https://pypi.org/help/#apitoken
    "pypi_token": r"\bpypi-[A-Za-z0-9_\-]{50,}",
    // https://platform.openai.com/docs/api-reference/authentication, https://docs.anthropic.com/en/api/overview
    "model_api_key": r"\bsk-(?:ant|proj|svcacct|admin)-[A-Za-z0-9_\-]{20,}",
    // https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys
    "sendgrid_key": r"\bSG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}",
    // https://developer.hashicorp.com/vault/docs/concepts/tokens
    "vault_token": r"\bhv[bsr]\.[A-Za-z0-9_\-]{20,}",
    // RFC 7519
    "json_web_token": r"\beyJ[A-Za-z0-9_\-]{10,}\.eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}",
    // RFC 3986, 3.2.1; references and masks are none.
    "password_in_url": r#"\b[A-Za-z][A-Za-z0-9+.\-]{1,30}://[^\s/:@'"<>]{0,100}:(?P<it>[^\s/@'"<>$*{\[(][^\s/@'"<>]{2,200})@[A-Za-z0-9\[$]"#,
}

impl Form {
    /// Where there are some.
    pub fn found<'a>(&self, text: &'a str) -> impl Iterator<Item = Range<usize>> + use<'a> {
        let looks: &'static Regex = self.looks;
        looks.captures_iter(text).map(|one| one.name("it").unwrap_or_else(|| one.get_match()).range())
    }
}
