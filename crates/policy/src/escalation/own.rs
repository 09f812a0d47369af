//! What an identity may do to its own rights, and to the permissions boundary that caps them.
//!
//! A boundary caps only as long as it stands: AWS's example denies its principals the removal and the change of it
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate>).

use super::super::arn::Arn;
use super::super::decision::Identity;
use super::super::paths::{CAP, Need, OWN, Own};
use super::super::pattern::Pattern;
use super::super::targets::Power;
use super::steps::{Move, Steps};
use super::walk::{Walk, first};

/// Rights that the identity gives itself.
pub fn walks(identity: &Identity, steps: &Steps<'_>) -> impl Iterator<Item = (&'static str, Walk)> {
    OWN.iter().map(|(name, action, own)| (*name, walk(name, action, *own, &identity.own, steps)))
}

/// The ways to get rid of the boundary.
pub fn shed(identity: &Identity, steps: &Steps<'_>) -> impl Iterator<Item = (&'static str, Walk)> {
    let caps = CAP.iter().filter(|_| identity.boundary.is_some());
    caps.map(|(name, action, own)| {
        let arns = match own {
            Own::Policy => identity.boundary_arn.as_slice(),
            _ => &identity.own,
        };
        (*name, walk(name, action, *own, arns, steps))
    })
}

/// The same, where there is power without the boundary.
pub fn freed(
    identity: &Identity,
    steps: &Steps<'_>,
    without: impl FnOnce() -> Power,
) -> impl Iterator<Item = (&'static str, Walk)> {
    let open: Vec<_> = shed(identity, steps).filter(|(_, walk)| !matches!(walk, Walk::Closed)).collect();
    let power = if open.is_empty() { Power::None } else { without() };
    open.into_iter().map(move |(name, walk)| match &power {
        Power::Sure => (name, walk),
        Power::Unclear(why) => (name, walk.given(Some(format!("without its permissions boundary: {why}")))),
        Power::None => (name, Walk::Closed),
    })
}

fn walk(name: &'static str, action: &'static str, own: Own, arns: &[String], steps: &Steps<'_>) -> Walk {
    let kind = match own {
        Own::User => "user/",
        Own::Role => "role/",
        Own::Group => "group/",
        Own::Policy => "policy/",
    };
    let mine = arns.iter().filter(|arn| {
        let parsed = Arn::parse(arn);
        parsed.is_some_and(|arn| arn.resource.starts_with(kind) && arn.account != "aws")
    });
    // A policy with one version has no other to fall back on.
    let mine = mine.filter(|arn| action != "iam:SetDefaultPolicyVersion" || steps.targets.may_have_versions(arn));
    first(mine.map(|arn| steps.take(name, vec![Move::of(action, Need::On(&[Pattern::plain(arn, false)]))])))
}
