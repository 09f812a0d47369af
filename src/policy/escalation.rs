//! Which of the known paths to more power are open to an identity.

use super::decision::{Escalation, Identity};
use super::document::Document;
use super::identity::{Lens, Reach, labelled, reach};
use super::paths::{Need, PATHS, Path};

/// See [`super::escalations`].
pub fn escalations(identity: &Identity) -> Result<Vec<Escalation>, String> {
    let documents = labelled(identity);
    let documents: Vec<&Document> = documents.iter().collect();
    let boundary: Vec<&Document> = identity.boundary.iter().collect();
    let mut open = Vec::new();
    let mut doubt = None;
    for path in PATHS {
        match walk(path, &documents, &boundary) {
            Walk::Open(escalation) => open.push(escalation),
            Walk::Unsure(why) => {
                doubt.get_or_insert(format!("{}: {why}", path.name));
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

fn walk(path: &Path, documents: &[&Document], boundary: &[&Document]) -> Walk {
    let lens = Lens::Escalation(path.passes_to);
    let pass = path.passes_to.map(|_| ("iam:PassRole", Need::All("role/")));
    let mut actions = Vec::new();
    let mut via: Vec<String> = Vec::new();
    let mut unsure = None;
    for (action, need) in pass.into_iter().chain(path.needs.iter().copied()) {
        match reach(documents, action, need, lens) {
            Reach::Not(_) => return Walk::Closed,
            Reach::Unsure(why) => unsure = Some(why),
            Reach::Allowed(by) => via.extend(by.into_iter().filter_map(|s| s.policy)),
        }
        if !boundary.is_empty() {
            match reach(boundary, action, need, lens) {
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
    Walk::Open(Escalation { path: path.name, actions, via })
}
