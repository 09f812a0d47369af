//! Which of the known paths to more power are open to an identity.
//!
//! Three kinds: actions on every resource of a kind (among which one with more power is found), several actions on one and the
//! same resource (which the attacker fills with power and takes on), and actions on what the identity's own rights hang on.

use super::arn::Arn;
use super::decision::{Context, Escalation, Identity};
use super::document::Document;
use super::identity::{Question, Reach, labelled, reach};
use super::limits::Lens;
use super::paths::{Need, OWN, Own, PASSED, PATHS, Path, SAME, Same};
use super::pattern::Pattern;

/// See [`super::escalations`].
pub fn escalations(identity: &Identity) -> Result<Vec<Escalation>, String> {
    let documents = labelled(identity);
    let documents: Vec<&Document> = documents.iter().collect();
    let boundary: Vec<&Document> = identity.boundary.iter().collect();
    let mut open = Vec::new();
    let mut doubt = None;
    let steps = Steps { documents: &documents, boundary: &boundary, context: &identity.context };
    let everywhere = PATHS.iter().map(|path| (path.name, walk(path, &steps)));
    let own = OWN.iter().map(|(name, action, own)| (*name, walk_own(name, action, *own, &identity.own, &steps)));
    let same = SAME.iter().map(|same| (same.name, walk_same(same, None, &steps)));
    let passed = PASSED.iter().map(|same| (same.name, walk_passed(same, &steps)));
    for (name, walk) in everywhere.chain(own).chain(same).chain(passed) {
        match walk {
            // What a part of the actions opens needs no second name.
            Walk::Open(more) if open.iter().any(|known: &Escalation| known.opens(&more)) => {}
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

enum Walk {
    Open(Escalation),
    Unsure(String),
    Closed,
}

impl Escalation {
    fn opens(&self, other: &Self) -> bool {
        self.actions.iter().all(|action| other.actions.contains(action))
    }
}

/// The way taken so far, and what to take it with.
#[derive(Clone, Copy)]
struct Steps<'a> {
    documents: &'a [&'a Document],
    boundary: &'a [&'a Document],
    context: &'a Context,
}

/// One step: an action, where, and the service that a role is passed to.
type Step<'a> = (&'static str, Need<'a>, Option<&'static str>);

impl Steps<'_> {
    fn take<'a>(&self, name: &'static str, steps: impl IntoIterator<Item = Step<'a>>) -> Walk {
        let mut actions = Vec::new();
        let mut via: Vec<String> = Vec::new();
        let mut unsure = None;
        for (action, need, service) in steps {
            let lens = Lens::Escalation(service);
            let question = Question { action, need, lens, one_kind: true, context: self.context };
            match reach(self.documents, &question) {
                Reach::Not(_) => return Walk::Closed,
                Reach::Unsure(why) => unsure = Some(why),
                Reach::Allowed(by) => via.extend(by.into_iter().filter_map(|s| s.policy)),
            }
            if !self.boundary.is_empty() {
                match reach(self.boundary, &question) {
                    Reach::Not(_) => return Walk::Closed,
                    Reach::Unsure(why) => unsure = Some(format!("permissions boundary: {why}")),
                    Reach::Allowed(_) => {}
                }
                // A Deny beside the boundary's Allow is in `reach`; the identity's own Denies were in the first call.
            }
            actions.push(action.to_owned());
        }
        if let Some(why) = unsure {
            return Walk::Unsure(why);
        }
        via.sort();
        via.dedup();
        Walk::Open(Escalation { path: name, actions, via })
    }

    /// The resources of a kind that the Allow statements for these actions name, without those that mean all of the kind.
    fn named(&self, kind: &str, actions: &[&str]) -> Vec<Pattern> {
        let wanted: Vec<Pattern> = actions.iter().map(|a| Pattern::action(a)).collect();
        let kind = Pattern::wild(&format!("{kind}*"), false);
        let iam = Pattern::wild("iam", false);
        let mut found: Vec<Pattern> = Vec::new();
        for allow in self.documents.iter().flat_map(|d| d.allows()) {
            if !wanted.iter().any(|action| allow.actions.covers(action)) {
                continue;
            }
            for pattern in allow.resources.iter().flat_map(|set| set.patterns()) {
                let of_kind = match &pattern.fields(6)[..] {
                    [_, _, service, _, _, resource] => service.overlaps(&iam) && resource.overlaps(&kind),
                    _ => false,
                };
                if of_kind && !found.contains(pattern) {
                    found.push(pattern.clone());
                }
            }
        }
        found
    }
}

/// The first way that is open, else the first that is in doubt.
fn first(walks: impl Iterator<Item = Walk>) -> Walk {
    let mut doubt = None;
    for walk in walks {
        match walk {
            Walk::Open(_) => return walk,
            Walk::Unsure(_) => {
                doubt.get_or_insert(walk);
            }
            Walk::Closed => {}
        }
    }
    doubt.unwrap_or(Walk::Closed)
}

fn walk(path: &Path, steps: &Steps<'_>) -> Walk {
    let pass = path.passes_to.map(|_| ("iam:PassRole", Need::All("role/")));
    steps.take(path.name, pass.into_iter().chain(path.needs.iter().copied()).map(|(a, n)| (a, n, path.passes_to)))
}

fn walk_same(same: &Same, pass: Option<&Path>, steps: &Steps<'_>) -> Walk {
    let service = pass.and_then(|path| path.passes_to);
    first(steps.named(same.kind, same.actions).into_iter().map(|pattern| {
        let spellings = [pattern];
        let here = same.actions.iter().map(|action| (*action, Need::On(&spellings), service));
        let needs = pass.map_or(&[][..], |path| path.needs).iter();
        steps.take(same.name, here.chain(needs.map(|(action, need)| (*action, *need, service))))
    }))
}

fn walk_passed(same: &Same, steps: &Steps<'_>) -> Walk {
    first(PATHS.iter().filter(|path| path.passes_to.is_some()).map(|path| walk_same(same, Some(path), steps)))
}

fn walk_own(name: &'static str, action: &'static str, own: Own, arns: &[String], steps: &Steps<'_>) -> Walk {
    let kind = match own {
        Own::User => "user/",
        Own::Role => "role/",
        Own::Group => "group/",
        Own::Policy => "policy/",
    };
    let mine = arns.iter().filter_map(|arn| Some((arn, Arn::parse(arn)?.resource.strip_prefix(kind)?)));
    first(mine.map(|(arn, rest)| {
        let mut spellings = vec![Pattern::plain(arn, false)];
        // A user without a path is also what `${aws:username}` stands for.
        if own == Own::User && !rest.contains('/') {
            let before = arn.strip_suffix(rest).unwrap_or(arn);
            spellings.push(Pattern::wild(&format!("{before}${{aws:username}}"), true));
        }
        steps.take(name, [(action, Need::On(&spellings), None)])
    }))
}
