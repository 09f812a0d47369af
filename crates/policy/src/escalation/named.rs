//! The ways that lead to one identity of the account: the policy names a role, a user, a group or a policy, and the account's own answer says
//! what that one may do and who may take it on.

use std::collections::BTreeSet;

use super::super::arn::Arn;
use super::super::decision::Identity;
use super::super::paths::{Need, Path, Step};
use super::super::pattern::Pattern;
use super::super::targets::{Admits, Power, Target, Targets};
use super::steps::{Move, Steps};
use super::walk::{Walk, first};

const INTO_USER: [&str; 3] = ["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"];
const ONE_ROLE: &str = "iam:PassRole";
const REWRITE: &str = "iam:CreatePolicyVersion";

/// What takes a boundary off, or puts another in its place: name, action, kind.
const UNCAP: [(&str, &str, &str); 4] = [
    ("iam:DeleteRolePermissionsBoundary of another", "iam:DeleteRolePermissionsBoundary", "role"),
    ("iam:PutRolePermissionsBoundary of another", "iam:PutRolePermissionsBoundary", "role"),
    ("iam:DeleteUserPermissionsBoundary of another", "iam:DeleteUserPermissionsBoundary", "user"),
    ("iam:PutUserPermissionsBoundary of another", "iam:PutUserPermissionsBoundary", "user"),
];

/// Of so many others the ways into them are told.
const MOST: usize = 20;

pub fn walks<'a>(
    identity: &'a Identity,
    targets: &'a Targets,
    steps: &'a Steps<'_>,
    open: BTreeSet<&'static str>,
) -> impl Iterator<Item = (&'static str, Walk)> {
    let others = || targets.all().filter(|target| !identity.own.contains(&target.arn));
    // Where many are open, some say enough.
    let mut to = Vec::new();
    let mut taken = 0;
    for target in others().filter(|t| t.power != Power::None) {
        if taken == MOST {
            break;
        }
        let ways = into(target, identity, steps, &open);
        taken += usize::from(ways.iter().any(|(_, walk)| matches!(walk, Walk::Open(_))));
        to.extend(ways);
    }
    let to = to.into_iter();
    let freed = others().filter(|t| t.uncapped != Power::None);
    let freed = freed.flat_map(move |target| uncapped(target, identity, steps));
    let foreign = others().flat_map(|target| &target.policies).filter(|policy| !identity.own.contains(policy));
    let foreign: BTreeSet<&String> = foreign.collect();
    let can = |policy: &&String| steps.can(&Move::of(REWRITE, Need::On(&[Pattern::plain(policy, false)])));
    let written: BTreeSet<&String> = foreign.into_iter().filter(can).collect();
    let filled = others().flat_map(move |target| target.policies.iter().map(move |p| (target, p)));
    let filled = filled
        .filter(move |(_, policy)| written.contains(policy))
        .map(move |(target, policy)| rewritten(target, policy, identity, steps));
    let running = steps.paths().iter().filter(|path| !path.runs_in.is_empty() && targets.known());
    let running = running.map(move |path| (path.name.as_str(), run(path, targets, steps)));
    to.chain(some(freed)).chain(some(filled)).chain(running)
}

/// The ways until enough of them are open.
fn some(ways: impl Iterator<Item = (&'static str, Walk)>) -> impl Iterator<Item = (&'static str, Walk)> {
    let mut left = MOST;
    ways.map_while(move |way| {
        let more = left > 0;
        left -= usize::from(more && matches!(way.1, Walk::Open(_)));
        more.then_some(way)
    })
}

/// Whether a way into one of those with power is surely open: into those `fresh`, or all.
pub fn into_power(identity: &Identity, targets: &Targets, steps: &Steps<'_>, fresh: Option<&BTreeSet<String>>) -> bool {
    let sure = |walks: Vec<(&'static str, Walk)>| walks.iter().any(|(_, walk)| matches!(walk, Walk::Open(_)));
    let none = BTreeSet::new();
    let others = targets.all().filter(|target| !identity.own.contains(&target.arn));
    let new = |target: &&Target| fresh.is_none_or(|fresh| fresh.contains(&target.arn));
    let mut with_power = others.filter(|t| t.power == Power::Sure).filter(new);
    // What does not hang on the power of the other is asked once.
    with_power.any(|target| sure(into(target, identity, steps, &none)))
        || fresh.is_none()
            && walks(identity, targets, steps, BTreeSet::new()).any(|(_, walk)| matches!(walk, Walk::Open(_)))
}

fn doubt(power: &Power) -> Option<String> {
    match power {
        Power::Unclear(why) => Some(why.clone()),
        _ => None,
    }
}

fn usable(walk: Walk, admits: Admits) -> Walk {
    match admits {
        Admits::Yes => walk,
        Admits::Unclear(why) => walk.given(Some(why)),
        Admits::No => Walk::Closed,
    }
}

fn takes(name: &'static str, target: &Target, actions: &[&str], steps: &Steps<'_>) -> Walk {
    if !actions.iter().all(|action| steps.mentions(action)) {
        return Walk::Closed;
    }
    let arn = [Pattern::plain(&target.arn, false)];
    steps.take(name, actions.iter().map(|action| Move::of(action, Need::On(&arn)).with(&target.arn)).collect())
}

/// The ways into an identity with power.
fn into(
    target: &Target,
    identity: &Identity,
    steps: &Steps<'_>,
    open: &BTreeSet<&'static str>,
) -> Vec<(&'static str, Walk)> {
    let found = take_on(target, identity, steps).into_iter().chain(passed(target, steps, open));
    let known = |(name, walk): (&'static str, Walk)| (name, walk.given(doubt(&target.power)).on(&target.arn));
    found.map(known).collect()
}

/// The ways to have a service act as another role, whatever that may do.
fn passed<'a>(
    target: &'a Target,
    steps: &'a Steps<'_>,
    open: &'a BTreeSet<&'static str>,
) -> impl Iterator<Item = (&'static str, Walk)> {
    let arn = [Pattern::plain(&target.arn, false)];
    let may = target.kind() == "role" && steps.may(&Move::of(ONE_ROLE, Need::On(&arn)));
    let paths = if may { steps.passing() } else { &[] };
    let paths = paths.iter().filter(|path| !open.contains(path.name.as_str()));
    let mut closed: BTreeSet<&str> = BTreeSet::new();
    paths.map(move |path| {
        let services = path.passes_to.iter().filter_map(|service| {
            // That the role cannot be passed to a service is found once.
            if closed.contains(service) {
                return None;
            }
            let walk = pass(path, service, target, steps);
            if matches!(walk, Walk::Closed) && !steps.can(&Move::passing(service, Need::On(&arn)).with(&target.arn)) {
                closed.insert(service);
            }
            Some(walk)
        });
        (path.name.as_str(), first(services))
    })
}

/// The ways to act as another identity, whatever it may do.
fn take_on(target: &Target, identity: &Identity, steps: &Steps<'_>) -> Vec<(&'static str, Walk)> {
    let one = |action: &'static str| (action, takes(action, target, &[action], steps));
    match target.kind() {
        "user" => INTO_USER.into_iter().map(one).collect(),
        "group" => vec![one("iam:AddUserToGroup")],
        _ => {
            let (name, walk) = one("sts:AssumeRole");
            let walk = if matches!(walk, Walk::Closed) { walk } else { usable(walk, target.lets_in(identity)) };
            vec![one("iam:UpdateAssumeRolePolicy"), (name, walk)]
        }
    }
}

fn pass(path: &'static Path, service: &'static str, target: &Target, steps: &Steps<'_>) -> Walk {
    let admits = target.lets_in_service(service, &steps.identity.context);
    if admits == Admits::No {
        return Walk::Closed;
    }
    let arn = [Pattern::plain(&target.arn, false)];
    let pass = Move::passing(service, Need::On(&arn)).with(&target.arn);
    let then = path.needs.iter().map(|step| Move::step(step).with(&target.arn));
    usable(steps.take(&path.name, std::iter::once(pass).chain(then).collect()), admits)
}

/// Rights written into a policy of another identity, which then is taken on.
fn rewritten(target: &Target, policy: &str, identity: &Identity, steps: &Steps<'_>) -> (&'static str, Walk) {
    let name = "iam:CreatePolicyVersion of another's policy";
    (name, after(name, Move::of(REWRITE, Need::Any), policy, target, identity, steps))
}

/// The ways to have an identity that would have power without its permissions boundary, once that is off, another, or rewritten.
fn uncapped(target: &Target, identity: &Identity, steps: &Steps<'_>) -> Vec<(&'static str, Walk)> {
    let cap = target.boundary_arn.as_deref();
    let on_it = UNCAP.iter().filter(|(_, _, kind)| *kind == target.kind());
    let on_it = on_it.map(|(name, action, _)| (*name, Move::of(action, Need::Any).capped(cap), target.arn.as_str()));
    let own = cap.filter(|cap| Arn::parse(cap).is_some_and(|arn| arn.account != "aws"));
    let of_cap = own.into_iter().flat_map(|arn| {
        let versions = ("iam:SetDefaultPolicyVersion of another's permissions boundary", "iam:SetDefaultPolicyVersion");
        let other = steps.targets.may_have_versions(arn).then_some(versions);
        let ways = std::iter::once(("iam:CreatePolicyVersion of another's permissions boundary", REWRITE)).chain(other);
        ways.map(move |(name, action)| (name, Move::of(action, Need::Any), arn))
    });
    let walk =
        |(name, first, on)| (name, after(name, first, on, target, identity, steps).given(doubt(&target.uncapped)));
    on_it.chain(of_cap).map(walk).collect()
}

/// A way to have the target after one more action.
fn after(
    name: &'static str,
    action: Move<'_>,
    on: &str,
    target: &Target,
    identity: &Identity,
    steps: &Steps<'_>,
) -> Walk {
    if !steps.mentions(action.action) {
        return Walk::Closed;
    }
    let before = steps.take(name, vec![Move { need: Need::On(&[Pattern::plain(on, false)]), ..action }]);
    if matches!(before, Walk::Closed) {
        return before;
    }
    let none = BTreeSet::new();
    let ways = take_on(target, identity, steps).into_iter().chain(passed(target, steps, &none));
    before.then(first(ways.map(|(_, walk)| walk))).on(&target.arn)
}

/// What runs with a role already, where the policy names it: which role that is, is not asked; whether it can be one with power, is known.
fn run(path: &'static Path, targets: &Targets, steps: &Steps<'_>) -> Walk {
    let context = &steps.identity.context;
    let runs = |target: &&Target| {
        target.power != Power::None && path.runs_in.iter().any(|s| target.lets_in_service(s, context) != Admits::No)
    };
    let Some(role) = targets.all().filter(|target| target.kind() == "role").find(runs) else { return Walk::Closed };
    let named: Vec<(&Step, Vec<Pattern>)> = path.needs.iter().map(|step| (step, among(step, steps))).collect();
    let why = format!("whether what the policy names runs as {} is not asked", role.arn);
    let most = named.iter().map(|(_, patterns)| patterns.len()).max().unwrap_or_default();
    let tries = (0..most).map(|at| {
        let moves = named.iter().map(|(step, patterns)| match patterns.get(at).or(patterns.last()) {
            Some(pattern) => Move::of(step.action, Need::On(std::slice::from_ref(pattern))),
            None => Move::step(step),
        });
        steps.take(&path.name, moves.collect())
    });
    first(tries).given(Some(why))
}

fn among(step: &Step, steps: &Steps<'_>) -> Vec<Pattern> {
    match step.need {
        Need::All(kind) => steps.named(kind, &[step.action]),
        _ => Vec::new(),
    }
}
