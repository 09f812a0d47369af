//! Permission sets that make administrators: how many there are, and how many get one.

use super::power::Held;
use crate::prelude::*;
use posture_estate::services::sso_admin::Assignment;
use posture_estate::text::{counted, few};
use posture_policy::{Context, Decision, allows_everywhere};
use std::collections::BTreeSet;

/// The groups and users that get it somewhere, and what was not seen.
pub(super) fn assignees(assigned: Result<Vec<Answer<Vec<Assignment>>>, Gap>) -> (BTreeSet<String>, Reasons) {
    let (mut hidden, mut to) = (Reasons::new(), BTreeSet::new());
    for answer in hidden.add(assigned).into_iter().flatten() {
        if let Some(assignments) = hidden.add(answer) {
            to.extend(assignments.iter().map(|one| one.principal_id.clone()));
        }
    }
    (to, hidden)
}

/// Whether the sets that make administrators are few.
pub(super) fn count(administrators: &[String], open: Reasons, most: &i64) -> Verdict {
    let all = administrators.len();
    let names = few(administrators, 10);
    let mut reasons = Reasons::new();
    if i64::try_from(all).unwrap_or(i64::MAX) > *most {
        let what = counted(all, "permission set");
        reasons.broken("administrator_sets_many", format!("{what} make administrators, more than {most}: {names}"));
    }
    reasons.absorb(open);
    let pass = || match all {
        0 => "no permission set makes administrators".to_owned(),
        _ => format!("{} of {most} permission sets at most make administrators: {names}", all),
    };
    reasons.or_pass(pass).evidence(json!({ "administrators": administrators }))
}

/// Whether the inline policy of a permission set allows everything.
pub(super) fn inline(name: &str, held: &Held, context: &Context, reasons: &mut Reasons) {
    match held.inline_document(context) {
        Ok(None) => {}
        Ok(Some(document)) => match allows_everywhere(&[&document], "*", context) {
            Decision::Yes(why) => reasons.broken(
                "inline_star",
                format!("the inline policy of permission set {name} allows every action on every resource: {why}"),
            ),
            Decision::No(_) => {}
            Decision::CannotTell(why) => reasons.doubt(format!(
                "the inline policy of permission set {name} may allow every action on every resource: {why}"
            )),
        },
        Err(verdict) => reasons.join(*verdict),
    }
}
