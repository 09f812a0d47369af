//! `posture explain`: one check or one practice, whole.

use super::{Exit, UserError, output};
use crate::aws::actions::iam_action;
use crate::catalogue::{Check, Practice, checks, closest, find, pillar};
use clap::Args;
use std::collections::BTreeSet;
use std::fmt::Write as _;

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A check id (iam_root_mfa_enabled), a practice (SEC01-BP02, AWS's slug or its title), or what others call it (IAM.9)
    #[arg(value_name = "ID")]
    id: String,
}

pub fn main(args: &ExplainArgs) -> Result<Exit, UserError> {
    let text = text(&args.id)?;
    output::stdout(text.as_bytes()).map_err(|error| UserError(format!("cannot write stdout: {error}")))?;
    Ok(Exit::Clean)
}

fn text(id: &str) -> Result<String, UserError> {
    if let Some(check) = find(id) {
        return Ok(check_text(check));
    }
    match pillar().named(id).as_slice() {
        [practice] => return Ok(practice_text(practice)),
        [] => {}
        several => {
            let rows: Vec<String> = several.iter().map(|p| format!("  {}  {}", p.id, p.title)).collect();
            return Err(UserError(format!("{id:?} can mean several practices; name one:\n{}", rows.join("\n"))));
        }
    }
    match elsewhere(id).as_slice() {
        [] => {
            let names = checks().iter().map(|check| check.id).chain(pillar().practices.iter().map(|p| p.id.as_str()));
            let near = closest(id, names);
            Err(UserError(format!("no check or practice {id:?}{near}; `posture list` shows the checks")))
        }
        found => Ok(found.iter().map(|check| check_text(check)).collect::<Vec<_>>().join("\n\n")),
    }
}

/// Checks that go by this name in Security Hub, AWS Config, CIS or Prowler.
fn elsewhere(id: &str) -> Vec<&'static Check> {
    let known_as = |check: &&Check| {
        let e = &check.card.equivalents;
        [&e.security_hub, &e.cis, &e.config, &e.prowler].into_iter().flatten().any(|name| name.eq_ignore_ascii_case(id))
    };
    checks().iter().filter(known_as).collect()
}

fn check_text(check: &Check) -> String {
    let card = &check.card;
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(out, "{}  ({}, judged per {})\n", check.id, check.severity().as_str(), card.scope.as_str());
    out.push_str(card.prose().trim_end());
    out.push_str("\n\n## Facts\n\n");
    for id in &card.practices {
        let title = pillar().find(id).map_or("", |practice| practice.title.as_str());
        let _ = writeln!(out, "- practice {id}: {title}");
    }
    let _ = writeln!(out, "- calls: {}", card.calls.join(", "));
    let actions: BTreeSet<&str> = card.calls.iter().map(|call| iam_action(call)).collect();
    let _ = writeln!(out, "- IAM actions: {}", actions.into_iter().collect::<Vec<_>>().join(", "));
    let e = &card.equivalents;
    for (who, ids) in
        [("Security Hub", &e.security_hub), ("CIS", &e.cis), ("AWS Config", &e.config), ("Prowler", &e.prowler)]
    {
        if !ids.is_empty() {
            let _ = writeln!(out, "- {who}: {}", ids.join(", "));
        }
    }
    out
}

fn practice_text(practice: &Practice) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}  {}\n", practice.id, practice.title);
    let _ = writeln!(out, "{}: {}", practice.area, practice.question);
    let risk = serde_json::to_value(practice.risk).ok().and_then(|risk| risk.as_str().map(str::to_owned));
    let _ = writeln!(out, "risk if not established: {}", risk.unwrap_or_default());
    let _ = writeln!(out, "judged: {}. {}", practice.automation.as_str(), practice.reason);
    if practice.id.starts_with("SEC") && !practice.slug.is_empty() {
        let page = practice.slug.replace('-', "_");
        let _ = writeln!(out, "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/{page}.html");
    }
    let bears: Vec<&Check> = checks().iter().filter(|check| check.card.practices.contains(&practice.id)).collect();
    let _ = writeln!(out, "\nChecks:");
    if bears.is_empty() {
        let _ = writeln!(out, "  none yet");
    }
    for check in bears {
        let _ = writeln!(out, "  {:<8}  {}  {}", check.severity().as_str(), check.id, check.card.title);
    }
    if !practice.signals.is_empty() {
        let _ = writeln!(out, "\nWhat AWS can show:");
        for signal in &practice.signals {
            let _ = writeln!(out, "  - {signal}");
        }
    }
    out
}
