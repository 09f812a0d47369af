//! Does a resource policy let everyone in, and to what?

use super::actions::{self, AccessLevel};
use super::caller::Caller;
use super::cells::{Target, Wanted, cells};
use super::decision::Decision;
use super::document::{Document, Principal, Principals, Set, Statement};
use super::narrow::{Narrowing, Pin, Rule, narrow};
use super::pattern::Pattern;
use super::remains::{Branch, Cell, remains};
use std::collections::{BTreeMap, BTreeSet};

/// How a statement's grant to everyone ends.
#[derive(Default)]
struct Verdict {
    open: Option<Vec<String>>,
    unsure: Option<String>,
    limits: Vec<String>,
    /// The grant to everyone, as the message words it.
    who: String,
    actions: Vec<String>,
    /// For each piece of the grant: whether it is open to everyone (`None` when not), and if so whether without any limit.
    pieces: Vec<(Cell, Option<bool>)>,
}

/// The question, asked of the grants whose actions pass `wanted` (`None`: of all).
pub fn public(document: &Document, target: &Target, rule: Rule, wanted: Option<&[AccessLevel]>) -> Decision {
    let mut unsure = Vec::new();
    let mut limits = Vec::new();
    let mut open = Vec::new();
    for allow in document.allows() {
        let Some(who) = everyone(allow) else {
            if allow.principals.is_none() {
                unsure.push(format!("{allow} names no principal"));
            }
            continue;
        };
        let verdict = judge(document, allow, target, rule, wanted, who);
        if let Some(notes) = verdict.open {
            let mut text = format!("{allow} lets {} call {}", verdict.who, verdict.actions.join(", "));
            for note in notes {
                text.push_str("; ");
                text.push_str(&note);
            }
            open.push(text);
        } else if let Some(why) = verdict.unsure {
            unsure.push(why);
        } else {
            limits.extend(verdict.limits);
        }
    }
    if !open.is_empty() {
        return Decision::Yes(open.join("; "));
    }
    if !unsure.is_empty() {
        return Decision::CannotTell(unsure.join("; "));
    }
    if limits.is_empty() {
        return Decision::No("no statement lets everyone in".into());
    }
    limits.dedup();
    Decision::No(limits.join("; "))
}

/// What the policy leaves open to everyone, as a list that grows when the policy opens more: the actions and resources as the
/// policy writes them, and once more for those that neither a condition nor a Deny limits. Statements are not numbered, since
/// their order says nothing.
pub fn opened(document: &Document, target: &Target, rule: Rule) -> Vec<String> {
    let mut all = BTreeSet::new();
    for allow in document.allows() {
        let Some(who) = everyone(allow) else { continue };
        let Verdict { who, pieces, .. } = judge(document, allow, target, rule, None, who);
        for (action, is_meant) in written(&allow.actions) {
            let mut resources: BTreeMap<&str, Vec<Option<bool>>> = BTreeMap::new();
            for (cell, open) in pieces.iter().filter(|(cell, _)| is_meant(&cell.action)) {
                resources.entry(cell.resource.as_ref().map_or("", Pattern::text)).or_default().push(*open);
            }
            for (resource, open) in resources {
                let on = if resource.is_empty() { String::new() } else { format!(" on {resource}") };
                if open.iter().any(Option::is_some) {
                    all.insert(format!("{who}: {action}{on}"));
                }
                if open.iter().all(|open| *open == Some(true)) {
                    all.insert(format!("{who}: {action}{on}, without a limit"));
                }
            }
        }
    }
    all.into_iter().collect()
}

/// What statements grant to everyone under whatever conditions, in the same form: for policies that only AWS calls public.
pub fn granted(document: &Document) -> Vec<String> {
    let mut all = BTreeSet::new();
    for allow in document.allows() {
        let Some(who) = everyone(allow) else { continue };
        let resources = allow.resources.as_ref().map_or_else(Vec::new, Set::texts);
        for action in allow.actions.texts() {
            let limit = if allow.conditions.is_empty() { "without a condition" } else { "under conditions" };
            all.extend(resources.iter().map(|resource| format!("{who}: {action} on {resource}, {limit}")));
        }
    }
    all.into_iter().collect()
}

type IsMeant<'a> = Box<dyn Fn(&Pattern) -> bool + 'a>;

/// The actions as the policy writes them, and which pieces of the grant each stands for.
fn written(set: &Set) -> Vec<(String, IsMeant<'_>)> {
    match set {
        Set::Only(patterns) => {
            let one =
                |p| -> (String, IsMeant<'_>) { (Pattern::text(p).to_owned(), Box::new(|action| p.overlaps(action))) };
            patterns.iter().map(one).collect()
        }
        Set::Except(patterns) => {
            let texts: Vec<&str> = patterns.iter().map(Pattern::text).collect();
            vec![(format!("everything but {}", texts.join(", ")), Box::new(|_| true))]
        }
    }
}

/// How a message words everyone, if a statement lets everyone in before its conditions are looked at.
fn everyone(allow: &Statement) -> Option<String> {
    match allow.principals.as_ref()? {
        Principals::Only(list) => {
            let any_provider = |p: &Principal| match p {
                Principal::Federated(name) | Principal::Service(name) => name.contains(['*', '?']),
                _ => false,
            };
            if list.contains(&Principal::Everyone) {
                Some("everyone".into())
            } else if list.iter().any(any_provider) {
                Some("any service or identity provider".into())
            } else {
                None
            }
        }
        Principals::Except(list) => {
            let names: Vec<String> = list.iter().map(ToString::to_string).collect();
            Some(format!("everyone but {}", names.join(", ")))
        }
    }
}

fn judge(
    document: &Document,
    allow: &Statement,
    target: &Target,
    rule: Rule,
    wanted: Option<&[AccessLevel]>,
    who: String,
) -> Verdict {
    let mut verdict = Verdict { who, ..Verdict::default() };
    let mut called = Vec::new();
    let of_levels =
        |action: &str| wanted.is_none_or(|levels| actions::level(action).is_some_and(|level| levels.contains(&level)));
    for cell in cells(document, allow, target, wanted.map(|_| &of_levels as Wanted<'_>)) {
        let mut limits = Vec::new();
        let mut settled = |branch: &Branch<'_>| match weigh(branch, rule) {
            Weight::Closed(limit) => {
                limits.push(limit);
                true
            }
            _ => false,
        };
        match remains(document, allow, &cell, Caller::Everyone, &mut settled) {
            Err(why) => {
                verdict.unsure = Some(why);
                verdict.pieces.push((cell, None));
            }
            Ok(branches) if branches.is_empty() => {
                let text = match limits.first() {
                    Some(limit) => format!("{allow} is limited to {limit}"),
                    None => format!("what {allow} allows is denied by another statement"),
                };
                if !verdict.limits.contains(&text) {
                    verdict.limits.push(text);
                }
                verdict.pieces.push((cell, None));
            }
            Ok(branches) => {
                let mut open = None;
                for branch in &branches {
                    match weigh(branch, rule) {
                        Weight::Open(notes) => {
                            called.push(cell.action.clone());
                            verdict.open.get_or_insert(notes);
                            let free = branch.facts.is_empty() && branch.among.is_empty();
                            open = Some(free || open == Some(true));
                        }
                        Weight::Unsure(why) => {
                            verdict.unsure = Some(format!("{allow}: it cannot be told {why}"));
                        }
                        Weight::Closed(_) => {}
                    }
                }
                verdict.pieces.push((cell, open));
            }
        }
    }
    verdict.actions = match &allow.actions {
        Set::Only(patterns) => {
            patterns.iter().filter(|p| called.iter().any(|c| p.overlaps(c))).map(|p| p.text().to_owned()).collect()
        }
        Set::Except(patterns) => {
            let texts: Vec<&str> = patterns.iter().map(Pattern::text).collect();
            vec![format!("everything but {}", texts.join(", "))]
        }
    };
    verdict
}

/// What the facts of a branch come to.
pub enum Weight {
    /// Everyone, with what was found not to narrow.
    Open(Vec<String>),
    /// Tied to this.
    Closed(String),
    Unsure(String),
}

/// Adds up what the facts of a branch say about who calls.
pub fn weigh(branch: &Branch<'_>, rule: Rule) -> Weight {
    if let Some(list) = branch.among.first() {
        let names: Vec<String> = list.iter().map(ToString::to_string).collect();
        return Weight::Closed(names.join(", "));
    }
    let mut notes = Vec::new();
    let mut unsure = None;
    for fact in &branch.facts {
        let literal = &fact.literal;
        let rule = if fact.from_deny && rule == Rule::Fixed { Rule::Meaning } else { rule };
        match narrow(literal, branch.requires(&literal.condition.key), rule) {
            Narrowing::Nobody => {
                return Weight::Closed(format!("nobody ({})", literal.describe()));
            }
            // As an exception of a Deny services are no strangers; granted to, they act for anyone.
            Narrowing::To(pins) if pins == [Pin::AnyService] && !fact.from_deny => {
                notes.push(format!("{} admits every service, on behalf of anyone", literal.condition.name));
            }
            Narrowing::To(_) => return Weight::Closed(literal.describe()),
            Narrowing::Nothing(note) => notes.extend(note),
            Narrowing::Unknown(why) => unsure = Some(why),
        }
    }
    match unsure {
        Some(why) => Weight::Unsure(why),
        None => Weight::Open(notes),
    }
}
