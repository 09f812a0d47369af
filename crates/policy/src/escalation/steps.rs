//! Taking a way: each action where it is needed, with whatever the attacker may choose, within the permissions boundary.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use super::super::arn::Arn;
use super::super::attempt::{ATTACHING, Attempt, BOUNDED, OF_ROLES};
use super::super::decision::{Escalation, Identity};
use super::super::document::{Document, Set, Statement};
use super::super::identity::{Reach, reach};
use super::super::limits::{Lens, Question};
use super::super::managed;
use super::super::paths::{Need, Path, Step, WAYS};
use super::super::pattern::Pattern;
use super::super::reaches::is_for;
use super::super::targets::{Admits, Targets};
use super::walk::Walk;

/// One action, where, and what it is tried with.
#[derive(Clone, Copy)]
pub struct Move<'a> {
    pub action: &'a str,
    pub need: Need<'a>,
    pub service: Option<&'a str>,
    pub role: Option<&'a str>,
    /// The boundary that what it is on has.
    pub cap: Option<&'a str>,
    pub documents: &'static [&'static str],
}

impl<'a> Move<'a> {
    pub fn of(action: &'a str, need: Need<'a>) -> Self {
        Self { action, need, service: None, role: None, cap: None, documents: &[] }
    }

    pub fn passing(service: &'a str, need: Need<'a>) -> Self {
        Self { service: Some(service), ..Self::of("iam:PassRole", need) }
    }

    pub fn step(step: &Step) -> Self {
        Self { documents: step.documents, ..Self::of(step.action, step.need) }
    }

    /// On what has this boundary.
    pub fn capped(self, cap: Option<&'a str>) -> Self {
        Self { cap, ..self }
    }

    /// With the role that is in play.
    pub fn with(self, role: &'a str) -> Self {
        Self { role: Some(role), ..self }
    }
}

/// The identity's documents, and what to take a way with.
pub struct Steps<'a> {
    pub documents: &'a [&'a Document],
    pub boundary: &'a [&'a Document],
    pub identity: &'a Identity,
    pub targets: &'a Targets,
    choices: Choices,
    /// The Allow statements that speak of an action, by its name.
    allows: RefCell<BTreeMap<String, Vec<&'a Statement>>>,
    paths: OnceCell<Vec<&'static Path>>,
    passing: OnceCell<Vec<&'static Path>>,
}

impl<'a> Steps<'a> {
    pub fn new(
        documents: &'a [&'a Document],
        boundary: &'a [&'a Document],
        identity: &'a Identity,
        targets: &'a Targets,
    ) -> Self {
        Self {
            documents,
            boundary,
            identity,
            targets,
            choices: Choices::default(),
            allows: RefCell::default(),
            paths: OnceCell::new(),
            passing: OnceCell::new(),
        }
    }

    /// The paths of which every action is spoken of.
    pub fn paths(&self) -> &[&'static Path] {
        let spoken = |path: &&Path| path.needs.iter().all(|step| self.mentions(step.action));
        self.paths.get_or_init(|| WAYS.paths.iter().filter(spoken).collect())
    }

    /// Those by which a role is passed, and of which what else they need is not closed whichever role it is.
    pub fn passing(&self) -> &[&'static Path] {
        let hangs_on_role = OF_ROLES.iter().any(|key| asks(self, key));
        let rest = |path: &Path| path.needs.iter().all(|step| self.can(&Move::step(step)));
        let open = |path: &&&'static Path| !path.passes_to.is_empty() && (hangs_on_role || rest(path));
        self.passing.get_or_init(|| self.paths().iter().filter(open).copied().collect())
    }

    /// Whether the step is open, or it cannot be told.
    pub fn can(&self, step: &Move<'_>) -> bool {
        self.may(step) && !matches!(self.step(step), Reach::Not(_))
    }

    /// Whether an Allow speaks of the action where it is needed: most ways end here, before conditions and Denies are looked at.
    pub fn may(&self, step: &Move<'_>) -> bool {
        let mut known = self.allows.borrow_mut();
        if !known.contains_key(step.action) {
            let action = Pattern::action(step.action);
            let allows = self.documents.iter().flat_map(|d| d.allows()).filter(|allow| allow.actions.covers(&action));
            known.insert(step.action.to_owned(), allows.collect());
        }
        let allows = known.get(step.action).map_or(&[][..], Vec::as_slice);
        match step.need {
            Need::On(spellings) if step.documents.is_empty() => {
                let covers = |set: &Set| spellings.iter().any(|one| set.covers(one));
                allows.iter().any(|allow| allow.resources.as_ref().is_none_or(covers))
            }
            _ => !allows.is_empty(),
        }
    }

    pub fn take(&self, name: &'static str, moves: Vec<Move<'_>>) -> Walk {
        if !moves.iter().all(|step| self.may(step)) {
            return Walk::Closed;
        }
        let mut actions: Vec<String> = Vec::new();
        let mut via: Vec<String> = Vec::new();
        let mut unsure = None;
        for step in moves {
            match self.step(&step) {
                Reach::Not(_) => return Walk::Closed,
                Reach::Unsure(why) => unsure = Some(why),
                Reach::Allowed(by) => via.extend(by.into_iter().filter_map(|s| s.policy)),
            }
            if !actions.iter().any(|known| known == step.action) {
                actions.push(step.action.to_owned());
            }
        }
        if let Some(why) = unsure {
            return Walk::Unsure(why);
        }
        via.sort();
        via.dedup();
        Walk::Open(Escalation { path: name, on: None, actions, via })
    }

    /// One step, with the best of what may be chosen for it.
    pub fn step(&self, step: &Move<'_>) -> Reach {
        if !step.documents.is_empty() {
            return self.document(step);
        }
        let mut best = Reach::Not(String::new());
        for (policy, boundary) in self.attempts(step.action, step.cap) {
            let attempt = Attempt {
                service: step.service,
                policy: policy.as_deref(),
                boundary: boundary.as_deref(),
                role: step.role,
                thorough: self.targets.known(),
            };
            match self.reach(step, &attempt) {
                allowed @ Reach::Allowed(_) => return allowed,
                unsure @ Reach::Unsure(_) => best = unsure,
                Reach::Not(_) => {}
            }
        }
        best
    }

    fn reach(&self, step: &Move<'_>, attempt: &Attempt<'_>) -> Reach {
        let question = Question {
            action: step.action,
            need: step.need,
            lens: Lens::Escalation(attempt),
            one_kind: true,
            context: &self.identity.context,
        };
        let own = reach(self.documents, &question);
        if matches!(own, Reach::Not(_)) || self.boundary.is_empty() {
            return own;
        }
        // A Deny beside the boundary's Allow is in `reach`; the identity's own Denies were in the first call.
        match reach(self.boundary, &question) {
            Reach::Allowed(_) => own,
            Reach::Unsure(why) => Reach::Unsure(format!("permissions boundary: {why}")),
            not @ Reach::Not(_) => not,
        }
    }

    /// Whether the action, without anything to choose, is allowed on one ARN.
    pub fn allows(&self, action: &str, arn: &str) -> bool {
        let spellings = [Pattern::plain(arn, false)];
        matches!(self.reach(&Move::of(action, Need::On(&spellings)), &Attempt::default()), Reach::Allowed(_))
    }

    /// Whether any Allow speaks of the action.
    pub fn mentions(&self, action: &str) -> bool {
        self.may(&Move::of(action, Need::Any))
    }

    /// The policies and boundaries that a request for the action may be about.
    fn attempts(&self, action: &str, cap: Option<&str>) -> Vec<(Option<String>, Option<String>)> {
        let policies = if ATTACHING.contains(&action) {
            self.choices.policies(self).iter().cloned().map(Some).collect()
        } else {
            vec![None]
        };
        let caps = || self.choices.boundaries(self).iter().cloned().map(Some);
        let boundaries: Vec<Option<String>> = if action.ends_with("PermissionsBoundary") && action.contains("Put") {
            caps().collect()
        } else if action.ends_with("PermissionsBoundary") {
            vec![cap.map(str::to_owned).or_else(|| self.identity.boundary_arn.clone())]
        } else if BOUNDED.contains(&action) && asks(self, "iam:permissionsboundary") {
            std::iter::once(None).chain(caps()).chain(self.choices.undoable(self).iter().cloned().map(Some)).collect()
        } else {
            vec![None]
        };
        policies.iter().flat_map(|p| boundaries.iter().map(move |b| (p.clone(), b.clone()))).collect()
    }

    /// The resources of a kind that the statements for these actions leave: what an Allow names, of the identity's own policies or of its
    /// boundary, and what a Deny excepts.
    pub fn named(&self, kind: &str, actions: &[&str]) -> Vec<Pattern> {
        if !actions.iter().all(|action| self.mentions(action)) {
            return Vec::new();
        }
        let wanted: Vec<Pattern> = actions.iter().map(|a| Pattern::action(a)).collect();
        let kind = Pattern::wild(&format!("{kind}*"), false);
        let mut found: Vec<Pattern> = Vec::new();
        for statement in self.documents.iter().chain(self.boundary).flat_map(|d| d.statements()) {
            let names = statement.allow || matches!(statement.resources, Some(Set::Except(_)));
            if !names || !wanted.iter().any(|action| statement.actions.covers(action)) {
                continue;
            }
            for pattern in statement.resources.iter().flat_map(|set| set.patterns()) {
                let of_kind = match &pattern.fields(6)[..] {
                    [_, _, service, _, owner, resource] => {
                        let fits = |name: String| actions.iter().any(|action| is_for(action, &name));
                        let own = |id: &String| owner.fixed().is_none_or(|owner| owner.is_empty() || owner == *id);
                        let here = self.identity.context.account.as_ref().is_none_or(own);
                        here && service.fixed().is_none_or(fits) && resource.overlaps(&kind)
                    }
                    // `*:role/app-*`: fewer parts, the rest in a wildcard.
                    short => short.last().is_some_and(|last| !last.is_everything() && last.overlaps(&kind)),
                };
                if of_kind && !found.contains(pattern) {
                    found.push(pattern.clone());
                }
            }
        }
        found
    }

    /// A way on one role that the account has, if it lets the identity, or the service, take it on.
    pub fn if_usable(&self, walk: Walk, role: &Pattern, takes_on: bool, service: Option<&str>) -> Walk {
        let Some(known) = role.fixed().and_then(|arn| self.targets.get(&arn)) else { return walk };
        let by_service = service.map(|service| known.lets_in_service(service, &self.identity.context));
        let by_self = takes_on.then(|| known.lets_in(self.identity));
        match by_service.or(by_self) {
            Some(Admits::No) => Walk::Closed,
            Some(Admits::Unclear(why)) => walk.given(Some(why)),
            _ => walk,
        }
    }
}

/// The documents with what is known of the identity written out: `${aws:username}` is the name without the path
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>).
pub fn documents_of(documents: &[Document], identity: &Identity) -> Vec<Document> {
    let user = identity.own.iter().find_map(|arn| Some(arn.split_once(":user/")?.1.rsplit('/').next()?.to_owned()));
    let account = identity.context.account.clone();
    let known = |name: &str| match name {
        "aws:username" => user.clone(),
        "aws:principalaccount" | "aws:resourceaccount" => account.clone(),
        _ => None,
    };
    documents.iter().map(|document| document.resolved(&known)).collect()
}

/// The policies that an attacker may attach or set as a boundary: AWS's that give power, the account's, and those of one's own making.
/// Found when they are first asked for.
#[derive(Default)]
struct Choices {
    policies: OnceCell<Vec<String>>,
    boundaries: OnceCell<Vec<String>>,
    undoable: OnceCell<Vec<String>>,
}

impl Choices {
    /// What gives power when it is attached.
    fn policies(&self, steps: &Steps<'_>) -> &[String] {
        self.policies.get_or_init(|| all(steps, "iam:policyarn", managed::names()))
    }

    /// What caps nothing, or what can take itself off, when it is set as a boundary.
    fn boundaries(&self, steps: &Steps<'_>) -> &[String] {
        self.boundaries.get_or_init(|| all(steps, "iam:permissionsboundary", managed::administrators()))
    }

    /// What must be set as a boundary and can be undone again.
    fn undoable(&self, steps: &Steps<'_>) -> &[String] {
        self.undoable.get_or_init(|| steps.undoable())
    }
}

/// The partition that the identity is in.
pub fn partition(identity: &Identity) -> String {
    let own = identity.own.first().and_then(|arn| Arn::parse(arn)).map(|arn| arn.partition.to_owned());
    identity.context.partition.clone().or(own).unwrap_or_else(|| "aws".to_owned())
}

pub fn account(identity: &Identity) -> String {
    let own = identity.own.first().and_then(|arn| Arn::parse(arn)).map(|arn| arn.account.to_owned());
    identity.context.account.clone().or(own).unwrap_or_else(|| "000000000000".to_owned())
}

/// Whether a condition on the key is anywhere in the documents.
fn asks(steps: &Steps<'_>, key: &str) -> bool {
    let documents = steps.documents.iter().chain(steps.boundary);
    documents.flat_map(|d| d.statements()).any(|s| s.conditions.iter().any(|c| c.key == key))
}

fn all(steps: &Steps<'_>, key: &str, by_aws: impl Iterator<Item = &'static str>) -> Vec<String> {
    let partition = partition(steps.identity);
    let arn = |name: &str| Arn::iam(&partition, "aws", &format!("policy/{name}")).to_string();
    let mut by_aws = by_aws.map(arn);
    // Without a condition on it one stands for all.
    if !asks(steps, key) {
        return by_aws.next().into_iter().collect();
    }
    let all = by_aws.chain(steps.targets.powerful_policies().map(str::to_owned)).chain(steps.own_making(key));
    // Those that no condition tells apart are tried once.
    let statements = || steps.documents.iter().chain(steps.boundary).flat_map(|d| d.statements());
    let conditions: Vec<_> = statements().flat_map(|s| &s.conditions).filter(|c| c.key == key).collect();
    let mut seen = BTreeSet::new();
    all.filter(|arn| seen.insert(conditions.iter().map(|c| c.test(arn)).collect::<Vec<_>>())).collect()
}
