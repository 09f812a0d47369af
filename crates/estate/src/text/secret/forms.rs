//! Credentials that have a form of their own, by the pages of those who issue them.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// A kind of credential and how it looks. Before one may stand a line break as languages escape it, `\\nAKIA…`.
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
    "aws_access_key": r"(?:\b|\\[nrt])(?P<it>(?:AKIA|ASIA)[A-Z0-9]{16}\b)",
    // https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html
    "bedrock_api_key": r"(?:\b|\\[nrt])(?P<it>(?:ABSK[A-Za-z0-9+/=]{60,}|bedrock-api-key-[A-Za-z0-9+/=]{20,}))",
    // RFC 7468: all of it, down to its last line, or as much as there is of it, with what a language puts between the lines.
    "private_key": r#"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----(?P<body>(?s:.)*?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|(?:(?:\s|\\[nrt]|["',])*[A-Za-z0-9+/]{16,})*(?:(?:\s|\\[nrt]|["',])*[A-Za-z0-9+/]*=+)?)"#,
    // https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
    "github_token": r"(?:\b|\\[nrt])(?P<it>(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b)",
    // https://docs.gitlab.com/security/tokens/
    "gitlab_token": r"(?:\b|\\[nrt])(?P<it>gl(?:pat|dt|rt|ptt|cbt|agent|soat)-[A-Za-z0-9_\-]{20,})",
    // https://docs.slack.dev/authentication/tokens
    "slack_token": r"(?:\b|\\[nrt])(?P<it>xox[abeoprs]-[A-Za-z0-9\-]{10,})",
    "slack_webhook": r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/]{20,}",
    // https://docs.stripe.com/keys
    "stripe_key": r"(?:\b|\\[nrt])(?P<it>[rs]k_live_[A-Za-z0-9]{16,})",
    // https://cloud.google.com/docs/authentication/api-keys
    "google_api_key": r"(?:\b|\\[nrt])(?P<it>AIza[A-Za-z0-9_\-]{35}\b)",
    // https://docs.npmjs.com/about-access-tokens
    "npm_token": r"(?:\b|\\[nrt])(?P<it>npm_[A-Za-z0-9]{36}\b)",
    // https://pypi.org/help/#apitoken
    "pypi_token": r"(?:\b|\\[nrt])(?P<it>pypi-[A-Za-z0-9_\-]{50,})",
    // https://platform.openai.com/docs/api-reference/authentication, https://docs.anthropic.com/en/api/overview
    "model_api_key": r"(?:\b|\\[nrt])(?P<it>sk-(?:ant|proj|svcacct|admin)-[A-Za-z0-9_\-]{20,})",
    // https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys
    "sendgrid_key": r"(?:\b|\\[nrt])(?P<it>SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,})",
    // https://developer.hashicorp.com/vault/docs/concepts/tokens
    "vault_token": r"(?:\b|\\[nrt])(?P<it>hv[bsr]\.[A-Za-z0-9_\-]{20,})",
    // RFC 7519
    "json_web_token": r"(?:\b|\\[nrt])(?P<it>eyJ[A-Za-z0-9_\-]{10,}\.eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,})",
    // RFC 3986, 3.2.1; references and masks are none.
    "password_in_url": r#"(?:\b|\\[nrt])[A-Za-z][A-Za-z0-9+.\-]{1,30}://[^\s/:@'"<>]{0,100}:(?P<it>[^\s/@'"<>$*{\[(][^\s/@'"<>]{2,200})@[A-Za-z0-9\[$]"#,
    // RFC 6750, 2.1; RFC 7617
    "authorization_header": r#"(?i)(?:\b|\\[nrt])authorization\\?["']?[ \t]{0,4}[:=][ \t]{0,4}\\?["']?(?:bearer|token|basic)[ \t]{1,4}(?P<it>[A-Za-z0-9+/=._~\-]{16,})"#,
    // What a command is given: chpasswd(8), docker login, mysql, sshpass, net user, ConvertTo-SecureString.
    "password_in_command": r#"(?:\b|\\[nrt])echo\s+(?:-\w+\s+)?["']?(?:[\w.\-]+:)?(?P<it>[^\s"'$|`:]{4,})["']?\s*\|\s*(?:sudo\s+)?(?:chpasswd|passwd\s+--stdin|docker\s+login\b[^\n|;]*--password-stdin)"#,
    "password_in_command": r#"(?:\b|\\[nrt])mysql(?:dump|admin)?\s(?:[^\n|;&]*\s)?-p(?P<it>[^\s"'$|;&]{4,})"#,
    "password_in_command": r#"(?:\b|\\[nrt])sshpass\s+-p\s*["']?(?P<it>[^\s"'$|;&]{4,})"#,
    "password_in_command": r#"(?im)(?:\b|\\[nrt])net1?\s+user\s+[^\s/"'$%]+\s+["']?(?P<it>[^\s/*%$"'][^\s%$"']{3,})["']?[ \t]*(?:/\w|\r?$)"#,
    "password_in_command": r#"(?i)(?:\b|\\[nrt])ConvertTo-SecureString\s+(?:-String\s+)?\\?["'](?P<it>[^"'$\n\\]{4,})\\?["']\s+-AsPlainText"#,
    // A token in place of a user, as providers of repositories take it; names are shorter.
    "token_in_url": r"(?:\b|\\[nrt])[A-Za-z][A-Za-z0-9+.\-]{1,30}://(?P<it>[A-Za-z0-9_\-]{32,255})@[A-Za-z0-9\[]",
}

static LINE_OF_A_KEY: LazyLock<Regex> = LazyLock::new(|| regex("[A-Za-z0-9+/=]{32}"));

impl Form {
    /// Where there are some. A group named `body` tells that there is more than the frame of a key, `${KEY}` or a search for it.
    pub fn found<'a>(&self, text: &'a str) -> impl Iterator<Item = Range<usize>> + use<'a> {
        let looks: &'static Regex = self.looks;
        let is_more =
            |one: &regex::Captures<'_>| one.name("body").is_none_or(|body| LINE_OF_A_KEY.is_match(body.as_str()));
        looks.captures_iter(text).filter(is_more).map(|one| one.name("it").unwrap_or_else(|| one.get_match()).range())
    }
}
