//! All the ways, walked.

use std::collections::BTreeSet;

use super::super::decision::{Decision, Escalation, Identity};
use super::super::document::Document;
use super::super::identity::{is_admin, labelled};
use super::super::paths::{Need, Path, Same, WAYS};
use super::super::targets::{Power, Targets};
use super::steps::{Move, Steps, documents_of};
use super::walk::{Walk, first};
use super::{named, own};

/// See [`super::super::escalations`].
pub fn escalations(identity: &Identity, targets: &Targets) -> Result<Vec<Escalation>, String> {
    asked(identity, targets, |steps| {
        let everywhere: Vec<_> = steps.paths().iter().map(|path| (path.name.as_str(), walk(path, steps))).collect();
        // What is open on every role needs no look at each.
        let open = |way: &(&'static str, Walk)| matches!(way.1, Walk::Open(_)).then_some(way.0);
        let open: BTreeSet<&str> = everywhere.iter().filter_map(open).collect();
        let own = own::walks(identity, steps);
        let same = WAYS.same.iter().map(|same| (same.name.as_str(), walk_same(same, None, steps)));
        let passed = WAYS.passed.iter().map(|same| (same.name.as_str(), walk_passed(same, steps)));
        let all =
            everywhere
                .into_iter()
                .chain(own)
                .chain(same)
                .chain(passed)
                .chain(own::freed(identity, steps, || without_boundary(identity, targets)));
        collect(all.chain(named::walks(identity, targets, steps, open)))
    })
}

/// See [`super::super::sheds_boundary`].
pub fn sheds_boundary(identity: &Identity, targets: &Targets) -> Result<Vec<Escalation>, String> {
    asked(identity, targets, |steps| collect(own::shed(identity, steps)))
}

fn asked<T>(identity: &Identity, targets: &Targets, ask: impl FnOnce(&Steps<'_>) -> T) -> T {
    let mut documents = documents_of(&labelled(identity), identity);
    let mut boundary = documents_of(identity.boundary.as_slice(), identity);
    let by_trust = targets.by_trust(identity);
    // What a resource's policy gives a user's ARN its boundary does not limit, other than a role's:
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic
    if !boundary.is_empty() && identity.own.first().is_some_and(|arn| arn.contains(":user/")) {
        boundary.extend(by_trust.iter().cloned());
    }
    documents.extend(by_trust);
    let documents: Vec<&Document> = documents.iter().collect();
    let boundary: Vec<&Document> = boundary.iter().collect();
    ask(&Steps::new(&documents, &boundary, identity, targets))
}

fn collect(walks: impl Iterator<Item = (&'static str, Walk)>) -> Result<Vec<Escalation>, String> {
    let mut open: Vec<Escalation> = Vec::new();
    let mut doubt = None;
    for (name, walk) in walks {
        match walk {
            // What a part of the actions opens needs no second name.
            Walk::Open(more) if open.iter().any(|known| known.opens(&more)) => {}
            Walk::Open(escalation) => open.push(escalation),
            Walk::Unsure(why) => {
                doubt.get_or_insert(format!("{name}: {why}"));
            }
            Walk::Closed => {}
        }
    }
    match doubt {
        Some(why) if open.is_empty() => Err(why),
        _ => Ok(open),
    }
}

/// The moves of a path, for each service that a role may be passed to.
fn moves(path: &'static Path) -> impl Iterator<Item = Vec<Move<'static>>> {
    let services = path.passes_to.iter().map(|service| Some(*service));
    let services = services.chain(path.passes_to.is_empty().then_some(None));
    services.map(|service| {
        let pass = service.map(|service| Move::passing(service, Need::All("role/")));
        pass.into_iter().chain(path.needs.iter().map(Move::step)).collect()
    })
}

fn walk(path: &'static Path, steps: &Steps<'_>) -> Walk {
    first(moves(path).map(|moves| steps.take(&path.name, moves)))
}

fn walk_same(same: &'static Same, pass: Option<(&'static Path, &'static str)>, steps: &Steps<'_>) -> Walk {
    first(steps.named(same.kind, &same.actions).into_iter().map(|pattern| {
        let spellings = [pattern];
        let here = same.actions.iter().map(|action| match (*action, pass) {
            ("iam:PassRole", Some((_, service))) => Move::passing(service, Need::On(&spellings)),
            (action, _) => Move::of(action, Need::On(&spellings)),
        });
        let then = pass.map_or(&[][..], |(path, _)| &path.needs);
        let then = then.iter().map(Move::step);
        let walk = steps.take(&same.name, here.chain(then).collect());
        let takes_on = same.actions.contains(&"sts:AssumeRole");
        steps.if_usable(walk, &spellings[0], takes_on, pass.map(|(_, service)| service))
    }))
}

fn walk_passed(same: &'static Same, steps: &Steps<'_>) -> Walk {
    let ways =
        steps.paths().iter().copied().flat_map(|path| path.passes_to.iter().map(move |service| (path, *service)));
    first(ways.map(|way| walk_same(same, Some(way), steps)))
}

/// The power of the identity if it had no boundary.
pub fn without_boundary(identity: &Identity, targets: &Targets) -> Power {
    power(&Identity { boundary: None, boundary_arn: None, ..identity.clone() }, targets)
}

/// Whether the identity has power by way of one of those `fresh` (all, where none are given), if it has none of its own.
pub fn by_way_of(identity: &Identity, targets: &Targets, fresh: Option<&BTreeSet<String>>) -> bool {
    asked(identity, targets, |steps| named::into_power(identity, targets, steps, fresh))
}

/// The power of the identity, boundary considered.
pub fn power(identity: &Identity, targets: &Targets) -> Power {
    match (is_admin(identity), escalations(identity, targets)) {
        (Decision::Yes(_), _) => Power::Sure,
        (_, Ok(paths)) if !paths.is_empty() => Power::Sure,
        (Decision::CannotTell(why), _) | (_, Err(why)) => Power::Unclear(why),
        _ => Power::None,
    }
}
