//! IAM policy documents: what they say, and what follows from it.
//!
//! Half of all high-severity verdicts hang on this module, so it is self-contained: it knows nothing of the SDK, of an
//! account or of a check. A [`Document`] comes in as text, a question is asked, and a three-valued [`Decision`] goes out
//! whose text is the finding's message. What AWS's documentation does not decide is `CannotTell`, never "not public".
//!
//! The questions: [`public`] (and [`public_bucket`], [`public_write`], [`public_access_point`], [`public_through`]), [`external`]
//! (and [`external_and_doubts`], [`external_of`]), [`endpoint_passage`], [`denies_http`], [`confused_deputy`], [`wildcard_trust`],
//! [`oidc_trust`], [`assumers`], [`refuses`], [`allows_everywhere`], [`is_admin`], [`escalations`], [`powers`], [`handing_on`], [`allows_on`];
//! and what a policy insists on: [`allows_anywhere`], [`requires_boundary`], [`requires_mfa`].

mod access_point;
pub mod actions;
mod age;
mod arn;
mod assume;
mod attempt;
mod attributes;
mod aws_owned;
mod caller;
mod cells;
mod cidr;
mod clock;
mod condition;
mod decision;
mod deputy;
mod document;
mod endpoint;
mod escalation;
mod external;
mod external_id;
mod guardrail;
mod handing_on;
mod https;
mod identity;
mod issuers;
mod json;
mod keys;
mod limits;
mod managed;
mod narrow;
mod parse;
mod paths;
mod pattern;
mod powers;
mod public;
mod reaches;
mod remains;
mod request;
mod requires;
mod services;
mod targets;
mod trust;

#[cfg(test)]
mod tests;

use cells::Target;
use narrow::Rule;
pub use pattern::Pattern;

pub use access_point::{everyone_under_conditions, mentions_access_points};
pub use age::{Stale, stale_among, stale_tables};
pub use arn::{Arn, is_account};
pub use attributes::principal_tags;
pub use cidr::too_broad;
pub use decision::{Context, Decision, Escalation, Grant, Grantee, Identity, Zone};
pub use document::{Document, PolicyError, Statement};
pub use endpoint::{Leak, Owner, Passage};
pub use external_id::requires_external_id;
pub use guardrail::Level;
pub use powers::{Party, Powers};
pub use request::{Request, Value};
pub use requires::{GIVING, allows_anywhere, requires_boundary, requires_mfa, undoes_boundaries};
pub use targets::{Managed, Member, Targets};

/// The dated tables that answers rest on: what each holds and the day (`YYYY-MM-DD`) as of which it was drawn up.
/// New actions and services are not in an old one, so a table over 180 days old is worth a warning.
pub fn tables() -> [(&'static str, &'static str); 6] {
    [
        ("AWS actions and access levels", actions::table_date()),
        ("AWS's own accounts", aws_owned::DATE),
        ("privilege escalation paths", paths::date()),
        ("AWS managed policies that give power", managed::date()),
        ("services that send aws:SourceArn or aws:SourceAccount", services::DATE),
        ("web identity providers with many customers", issuers::DATE),
    ]
}

/// Does a resource policy let everyone in? AWS's meaning of public where the policy is about S3
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status>),
/// Access Analyzer's notion elsewhere. Deny statements are considered. Yes = public.
pub fn public(document: &Document, zone: &Zone) -> Decision {
    let _ = zone;
    match Target::guess(document) {
        Some(target) => public::public(document, &target, Rule::Fixed, None),
        None => public::public(document, &Target::default(), Rule::Meaning, None),
    }
}

/// What a policy that is [`public`] leaves open to everyone, as a list that grows when the policy opens more.
pub fn opened(document: &Document) -> Vec<String> {
    match Target::guess(document) {
        Some(target) => public::opened(document, &target, Rule::Fixed),
        None => public::opened(document, &Target::default(), Rule::Meaning),
    }
}

/// [`opened`] for the policy of the bucket `arn`; what it grants to everyone under conditions where only S3 calls it public.
pub fn opened_bucket(document: &Document, arn: &str) -> Vec<String> {
    match public::opened(document, &Target::bucket(arn), Rule::Fixed) {
        none if none.is_empty() => public::granted(document),
        opened => opened,
    }
}

/// [`opened`] for the own policy of the access point `arn`.
pub fn opened_access_point(document: &Document, arn: &str) -> Vec<String> {
    access_point::opened_by_own(document, arn)
}

/// [`public`] for the policy of the bucket or access point `arn`, always by S3's meaning. Yes = public.
pub fn public_bucket(document: &Document, zone: &Zone, arn: &str) -> Decision {
    let _ = zone;
    public::public(document, &Target::bucket(arn), Rule::Fixed, None)
}

/// Is the own policy of the access point `arn` public? S3's meaning, with its exception: a grant to a set of access points by
/// `s3:DataAccessPointArn` is public here. Yes = public. (With a VPC as network origin it never is: do not ask.)
pub fn public_access_point(document: &Document, arn: &str) -> Decision {
    access_point::own_policy(document, arn)
}

/// Does everyone get into the bucket `bucket_arn` through the access point `arn`, whose policy is `own`? Both policies must
/// let them, for the same action. Yes = everyone gets in.
pub fn public_through(bucket: &Document, bucket_arn: &str, own: &Document, arn: &str) -> Decision {
    access_point::through(bucket, bucket_arn, own, arn)
}

/// Does the policy of the bucket `arn` let everyone change objects, settings, tags or permissions
/// (write, tagging and permissions-management actions)? Yes = publicly writable.
pub fn public_write(document: &Document, zone: &Zone, arn: &str) -> Decision {
    let _ = zone;
    use actions::AccessLevel::{Permissions, Tagging, Write};
    let levels = [Write, Permissions, Tagging];
    public::public(document, &Target::bucket(arn), Rule::Fixed, Some(&levels))
}

/// Do the policies of an organization, step by step from its root to an account, refuse a request there, whatever the account's own
/// policies allow? A request that stands for several is refused when each of them is. Yes = refused.
pub fn refuses(levels: &[Level<'_>], request: &Request) -> Decision {
    guardrail::refuses(levels, request)
}

/// What the policy grants to principals outside the zone: accounts, organizations, services, federated users, everyone.
///
/// # Errors
/// Why it cannot be told, ready for a message.
pub fn external(document: &Document, zone: &Zone) -> Result<Vec<Grant>, String> {
    match external::external(document, zone, None) {
        (grants, doubts) if doubts.is_empty() => Ok(grants),
        (_, doubts) => Err(doubts.join("; ")),
    }
}

/// [`external`] in two parts: what the policy surely grants, and what cannot be told beside it. One undecided statement does
/// not hide another that lets a stranger in.
pub fn external_and_doubts(document: &Document, zone: &Zone) -> (Vec<Grant>, Vec<String>) {
    external::external(document, zone, None)
}

/// [`external_and_doubts`] of the single actions that pass `wanted` (`s3:GetObject`): those of the table, and those that the policy
/// names and the table does not know.
pub fn external_of(document: &Document, zone: &Zone, wanted: &dyn Fn(&str) -> bool) -> (Vec<Grant>, Vec<String>) {
    external::external(document, zone, Some(wanted))
}

/// What the policy of a VPC endpoint lets through to others than the zone's principals or resources; `buckets` says whose a bucket is.
/// An organization that it names is taken for the zone's where that is not known.
pub fn endpoint_passage(document: &Document, zone: &Zone, buckets: &dyn Fn(&str) -> Owner) -> Passage {
    endpoint::passage(document, zone, buckets)
}

/// Whether a bucket is one of AWS's own that instances in the Region (`eu-west-1`) are told to read: repositories, image layers,
/// agents.
pub fn is_aws_bucket(name: &str, region: &str) -> bool {
    aws_owned::is_bucket(name, region)
}

/// Does the policy of the bucket refuse plain HTTP: for all principals, all actions, the bucket and its objects? Yes = it refuses.
pub fn denies_http(document: &Document, bucket_arn: &str) -> Decision {
    https::denies_http(document, bucket_arn)
}

/// For each service principal that the policy lets in and that is known to send `aws:SourceArn` or `aws:SourceAccount`:
/// can it be used on behalf of anyone? Yes = exposed to the confused deputy problem.
pub fn confused_deputy(document: &Document, zone: &Zone) -> Vec<(String, Decision)> {
    deputy::confused_deputy(document, zone)
}

/// Does a role's trust policy admit everyone, or any account, without a condition that fixes the caller's organization or identity?
/// Yes = it does.
pub fn wildcard_trust(document: &Document, zone: &Zone) -> Decision {
    let _ = zone;
    public::public(&assume::assuming(document), &Target::role(), Rule::Identity, None)
}

/// [`opened`] for a role's trust policy.
pub fn opened_trust(document: &Document) -> Vec<String> {
    public::opened(&assume::assuming(document), &Target::role(), Rule::Identity)
}

/// [`external_and_doubts`] of a role's trust policy: who may assume the role. A principal that may only tag a session, or only by a way
/// that it cannot come, is not among them.
pub fn assumers(document: &Document, zone: &Zone) -> (Vec<Grant>, Vec<String>) {
    let (grants, doubts) = external_and_doubts(&assume::assuming(document), zone);
    (grants.into_iter().filter(assume::comes_in).collect(), doubts)
}

/// Does the statement of a trust policy with this number let in only roles below a path (`aws-reserved/sso.amazonaws.com/`), whoever else its
/// principal may stand for?
pub fn only_roles_below(document: &Document, statement: usize, path: &str) -> bool {
    assume::only_roles_below(document, statement, path)
}

/// For each web identity provider that a role trusts: can identities that are not the owner's assume it? Yes = too open
/// (the audience, or what names the owner in a token of this provider, is not fixed).
pub fn oidc_trust(document: &Document) -> Vec<(String, Decision)> {
    trust::oidc_trust(document)
}

/// Whether a web identity provider, given by its URL without scheme, signs for other customers with the same issuer.
pub fn shared_issuer(provider: &str) -> bool {
    trust::is_shared(provider)
}

/// What a role's trust in the provider leaves open, where [`oidc_trust`] calls it too open, as a list that grows when it opens more.
pub fn opened_oidc_trust(document: &Document, provider: &str) -> Vec<String> {
    trust::opened(document, provider)
}

/// Do identity policies together allow `action` on every resource (`"*"` or what amounts to it), Denies considered?
/// `action` is one action, `"kms:*"` for all actions of a service, or `"*"` for an administrator. "Every resource" is every one of the
/// account's, of the kinds that the action takes. Yes = they do.
pub fn allows_everywhere(documents: &[&Document], action: &str, context: &Context) -> Decision {
    identity::allows_everywhere(documents, action, context)
}

/// The known ways by which the identity can give itself more permissions than it has, where nothing is known of the account's others.
///
/// # Errors
/// Why it cannot be told, ready for a message.
pub fn escalations(identity: &Identity) -> Result<Vec<Escalation>, String> {
    escalation::escalations(identity, &Targets::default())
}

/// Weighs the account: who is an administrator, who can become one alone, and who can by way of those.
pub fn weighed(members: &[Member], policies: &[Managed]) -> Targets {
    escalation::weighed(members, policies)
}

/// [`escalations`], by way of the account's other roles, users, groups and policies too.
///
/// # Errors
/// Why it cannot be told, ready for a message.
pub fn escalations_among(identity: &Identity, targets: &Targets) -> Result<Vec<Escalation>, String> {
    escalation::escalations(identity, targets)
}

/// The ways by which the identity can take its permissions boundary off, replace it or rewrite it, whatever it then may do.
///
/// # Errors
/// Why it cannot be told, ready for a message.
pub fn sheds_boundary(identity: &Identity, targets: &Targets) -> Result<Vec<Escalation>, String> {
    escalation::sheds_boundary(identity, targets)
}

/// Which of the single `actions` (no wildcards) a resource policy leaves to whom, under whatever conditions, Denies considered: to the
/// accounts, users and roles that it names, and to those to whom conditions narrow everyone. Services are left out, and so are grants
/// of KMS that only a service may make on the caller's behalf.
pub fn powers<'a>(document: &Document, actions: &[&'a str], zone: &Zone) -> Powers<'a> {
    powers::powers(document, actions, zone)
}

/// The identity without statements that let it make grants of KMS only for services or for what gives nothing away.
pub fn handing_on(identity: &Identity, zone: &Zone) -> Identity {
    handing_on::handing_on(identity, zone)
}

/// Do an identity's own policies allow the single `action` on the resource with this ARN, boundary and Denies considered? Yes = they do.
pub fn allows_on(identity: &Identity, action: &str, arn: &str) -> Decision {
    identity::allows_on(identity, action, arn)
}

/// Does the identity have administrator power, boundary and Denies considered? Yes = it does.
pub fn is_admin(identity: &Identity) -> Decision {
    identity::is_admin(identity)
}

/// Whether the AWS managed policy with this name makes an administrator of whoever has it, as far as the table of such policies knows.
pub fn is_administrators(name: &str) -> bool {
    managed::administrators().any(|known| known == name)
}

/// Whether IAM has an action of exactly this name (`s3:GetObject`).
pub fn knows_action(action: &str) -> bool {
    actions::expand(action) == [action]
}
