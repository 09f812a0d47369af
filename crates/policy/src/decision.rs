//! What the evaluator is asked with and what it answers.

use std::fmt;

use super::arn::Arn;
use super::{Document, PolicyError};

/// A three-valued answer; the text explains it and is fit to be a finding's message
/// (lower case, no final period, names the statement).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes, and why.
    Yes(String),
    /// No, and why not.
    No(String),
    /// The document does not decide it, and what is in the way.
    CannotTell(String),
}

impl Decision {
    /// Whether the answer is a sure yes.
    pub fn is_yes(&self) -> bool {
        matches!(self, Self::Yes(_))
    }

    /// Whether the answer is a sure no.
    pub fn is_no(&self) -> bool {
        matches!(self, Self::No(_))
    }

    /// The explanation, whatever the answer.
    pub fn reason(&self) -> &str {
        match self {
            Self::Yes(why) | Self::No(why) | Self::CannotTell(why) => why,
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.reason())
    }
}

/// The zone of trust: who counts as one of us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// The account that owns the resource, 12 digits.
    pub account: String,
    /// Its partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// Other accounts that count as inside, 12 digits each.
    pub trusted_accounts: Vec<String>,
    /// The organization whose accounts count as inside, `o-…`.
    pub organization: Option<String>,
    /// The moment that grants with an end are judged by, in seconds since 1970: see [`Document::as_of`].
    pub now: Option<i64>,
}

impl Zone {
    /// The zone that holds one account only.
    pub fn of(account: impl Into<String>, partition: impl Into<String>) -> Self {
        Self {
            account: account.into(),
            partition: partition.into(),
            trusted_accounts: Vec::new(),
            organization: None,
            now: None,
        }
    }

    /// Whether an account, 12 digits, counts as inside.
    pub fn has(&self, account: &str) -> bool {
        self.account == account || self.trusted_accounts.iter().any(|trusted| trusted == account)
    }

    /// A document as it is in force now, where that is known.
    ///
    /// # Errors
    /// When the text is not a policy document that AWS would accept.
    pub fn parse(&self, text: &str) -> Result<Document, PolicyError> {
        in_force(text, self.now)
    }

    /// The zone with these accounts in it.
    #[must_use]
    pub fn trusting(mut self, accounts: &[String]) -> Self {
        self.trusted_accounts.extend_from_slice(accounts);
        self
    }
}

/// Where the policies of an identity are judged. What is not known decides nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The account that the identity is in, 12 digits; when it is not known, an account that an ARN names is taken for it.
    pub account: Option<String>,
    /// Its partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: Option<String>,
    /// The moment that grants with an end are judged by, in seconds since 1970: see [`Document::as_of`].
    pub now: Option<i64>,
}

impl Context {
    /// What a known account means.
    pub fn of(account: impl Into<String>, partition: impl Into<String>) -> Self {
        Self { account: Some(account.into()), partition: Some(partition.into()), now: None }
    }

    /// A document as it is in force here.
    ///
    /// # Errors
    /// When the text is not a policy document that AWS would accept.
    pub fn parse(&self, text: &str) -> Result<Document, PolicyError> {
        in_force(text, self.now)
    }
}

fn in_force(text: &str, now: Option<i64>) -> Result<Document, PolicyError> {
    let document = Document::parse(text)?;
    Ok(match now {
        Some(now) => document.as_of(now),
        None => document,
    })
}

/// What kind of principal a [`Grant`] goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grantee {
    /// Everyone, anonymous callers included (`*`), perhaps limited by a network or another condition.
    Everyone,
    /// An AWS account, or a user, role or session in it.
    Account,
    /// An organization or a part of it.
    Organization,
    /// An AWS service, or an account of AWS's own in what its service's page grants it.
    Service,
    /// A SAML or web identity provider.
    Federated,
    /// A canonical user id, or the unique id of a user or role (the document does not show whose it is).
    Canonical,
}

/// One grant to a principal outside the zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The statement's number, from 1.
    pub statement: usize,
    /// What kind of principal it is.
    pub kind: Grantee,
    /// The principal as the policy writes it; an account that only a condition names is its 12 digits, an organization its `o-…`.
    pub principal: String,
    /// The actions as the policy writes them (`not iam:*` for a NotAction), without those that a Deny takes away whole.
    pub actions: Vec<String>,
    /// The conditions that it comes with, as `key operator values`; not all of them limit who may call.
    pub limited_by: Vec<String>,
    /// Whether the conditions tie the caller to something fixed: an account, an organization, a source, a network.
    pub tied: bool,
}

/// The identity policies of one user, group or role, inline and attached together.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// Name and document of each policy (for a user also those of its groups).
    pub policies: Vec<(String, Document)>,
    /// The permissions boundary, where one is set.
    pub boundary: Option<Document>,
    /// The ARN of the permissions boundary.
    pub boundary_arn: Option<String>,
    /// The ARNs of what its rights hang on: itself, a user's groups, the customer's policies attached to either.
    pub own: Vec<String>,
    /// Where it is.
    pub context: Context,
}

/// One known way to more power that is open to an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// The name of the path: the actions it needs, joined by `+`, and on what where that is not every resource.
    pub path: &'static str,
    /// The ARN of the role, user, group or policy of the account that it is about, where the way is open to that one.
    pub on: Option<String>,
    /// The actions that open it.
    pub actions: Vec<String>,
    /// The names of the policies that allow them.
    pub via: Vec<String>,
}

impl Escalation {
    /// For a message: `sts:AssumeRole on role/Admin`.
    pub fn way(&self) -> String {
        match self.on.as_deref().and_then(|arn| Some(Arn::parse(arn)?.resource)) {
            Some(target) => format!("{} on {target}", self.path),
            None => self.path.to_owned(),
        }
    }
}
