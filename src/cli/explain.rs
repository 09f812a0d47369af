//! `posture explain`: one check or one practice, whole.

use super::{Exit, layout, output};
use crate::catalogue::{Catalogue, Check, Meaning, Pillar, grant};
use crate::run::{Failure, UserError};
use clap::Args;
use posture_estate::text::closest;
use std::fmt::Write as _;

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A check id (iam_root_mfa_enabled), what others call it (IAM.9), or a practice: SEC01-BP02, AWS's slug, its title, or its
    /// name in another edition ("Oct 2022: SEC01-BP05")
    #[arg(value_name = "ID")]
    id: String,
}

pub fn main(args: &ExplainArgs) -> Result<Exit, Failure> {
    let (width, colour) = (output::width(), output::colour_on_stdout());
    let text = match explained(Catalogue::this(), &args.id)? {
        Explained::Checks(text) => layout::markdown(&text, width, colour),
        Explained::Practices(text) => layout::lines(&text, width),
    };
    output::stdout(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// What there is to say, before it is laid out.
#[derive(Debug)]
enum Explained {
    /// Markdown, as the cards are.
    Checks(String),
    /// Lines.
    Practices(String),
}

fn explained(catalogue: &Catalogue, id: &str) -> Result<Explained, UserError> {
    let Catalogue { pillar, checks } = catalogue;
    if let Some(check) = checks.iter().find(|check| check.id == id) {
        return Ok(Explained::Checks(check_text(pillar, check)));
    }
    match pillar.meanings(id).as_slice() {
        [one] => return Ok(Explained::Practices(practice_text(catalogue, one))),
        [] => {}
        several => return Ok(Explained::Practices(ambiguous(id, several))),
    }
    let begins = beginning(catalogue, id);
    match elsewhere(checks, id).as_slice() {
        [] if begins.len() > 1 => Ok(Explained::Practices(several(id, &begins))),
        [] => {
            let names = checks.iter().map(|check| check.id).chain(pillar.practices.iter().map(|p| p.id.as_str()));
            let near = closest(id, names);
            Err(UserError::new(format!("no check or practice {id:?}{near}"), "`posture list` shows the checks"))
        }
        found => {
            let texts: Vec<String> = found.iter().map(|check| check_text(pillar, check)).collect();
            Ok(Explained::Checks(texts.join("\n\n")))
        }
    }
}

/// Checks that go by this name in Security Hub, AWS Config, CIS or Prowler.
fn elsewhere<'a>(checks: &'a [Check], id: &str) -> Vec<&'a Check> {
    let known_as = |check: &&Check| {
        let e = &check.card.equivalents;
        [&e.security_hub, &e.cis, &e.config, &e.prowler].into_iter().flatten().any(|name| name.eq_ignore_ascii_case(id))
    };
    checks.iter().filter(known_as).collect()
}

/// Checks and practices whose ids begin so, with their titles.
fn beginning<'a>(catalogue: &'a Catalogue, id: &str) -> Vec<(&'a str, &'a str)> {
    let begins = |(own, _): &(&str, &str)| {
        !id.is_empty() && own.get(..id.len()).is_some_and(|start| start.eq_ignore_ascii_case(id))
    };
    let of_checks = catalogue.checks.iter().map(|check| (check.id, check.card.title));
    let of_practices =
        catalogue.pillar.practices.iter().map(|practice| (practice.id.as_str(), practice.title.as_str()));
    of_checks.chain(of_practices).filter(begins).collect()
}

fn several(id: &str, found: &[(&str, &str)]) -> String {
    let mut out = format!("{} ids begin with {id:?}; `posture explain ID` shows one whole\n\n", found.len());
    for (id, title) in found {
        let _ = writeln!(out, "{id}  {title}");
    }
    out
}

fn check_text(pillar: &Pillar, check: &Check) -> String {
    let card = &check.card;
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(out, "{}  ({}, judged per {})\n", check.id, check.severity().as_str(), card.scope.as_str());
    out.push_str(card.prose().trim_end());
    out.push_str("\n\n");
    settings(&mut out, check);
    reasons(&mut out, check);
    out.push_str("## Facts\n\n");
    for id in &check.practices {
        let title = pillar.find(id).map_or("", |practice| practice.title.as_str());
        let _ = writeln!(out, "- practice {id}: {title}");
    }
    let _ = writeln!(out, "- calls: {}", card.calls.join(", "));
    let actions = grant::actions(card.calls.iter().map(String::as_str));
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

/// What a failed finding can name as broken.
fn reasons(out: &mut String, check: &Check) {
    out.push_str("## Reasons\n\nA failed finding names what is broken under `reasons`; a suppression can be limited to some of them under `conditions`:\n\n");
    for (slug, what) in &check.card.reasons {
        let _ = writeln!(out, "- {slug}: {what}");
    }
    out.push('\n');
}

/// What `posture.toml` can set.
fn settings(out: &mut String, check: &Check) {
    if check.card.settings.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "## Settings\n\nIn posture.toml, below [check.{}]; a list there replaces the default:\n",
        check.id
    );
    for (name, declared) in &check.card.settings {
        let mut range = declared.range.map(|(min, max)| format!(" from {min} to {max}")).unwrap_or_default();
        if let Some(least) = declared.min_items {
            let _ = write!(range, ", at least {least}");
        }
        if let Some(most) = declared.max_ports {
            let _ = write!(range, ", at most {most} of them");
        }
        let default = match declared.default.json() {
            serde_json::Value::Null => "none".to_owned(),
            value => value.to_string(),
        };
        let _ = writeln!(out, "- {name}, {}{range}, default {default}: {}", declared.kind.form(), declared.doc);
    }
    out.push('\n');
}

/// A name that several practices had: all of them, each with the name that it was found by.
fn ambiguous(id: &str, meanings: &[Meaning<'_>]) -> String {
    let mut out = format!("{id:?} can mean {} practices; `posture explain ID` shows one whole\n\n", meanings.len());
    for Meaning { practice, by } in meanings {
        let _ = writeln!(out, "{:<12}  {}", practice.id, practice.title);
        if *by != practice.id {
            let _ = writeln!(out, "{:<12}  as {by:?}", "");
        }
    }
    out
}

fn practice_text(catalogue: &Catalogue, meaning: &Meaning<'_>) -> String {
    let Catalogue { pillar, checks } = catalogue;
    let Meaning { practice, by } = meaning;
    let mut out = String::new();
    let _ = writeln!(out, "{}  {}\n", practice.id, practice.title);
    if *by != practice.id && *by != practice.title {
        let _ = writeln!(out, "found as: {by}");
    }
    let edition = match practice.edition.as_str() {
        current if practice.is_current() => format!("{current} (current list)"),
        "none" => format!("none: not a practice of the pillar ({})", pillar.edition),
        other => format!("{other}; not in the list of {}", pillar.edition),
    };
    let _ = writeln!(out, "edition: {edition}");
    let _ = writeln!(out, "{}: {}", practice.area, practice.question);
    let _ = writeln!(out, "risk if not established: {}", practice.risk.as_str());
    let _ = writeln!(out, "judged: {}. {}", practice.automation.as_str(), practice.reason);
    if let Some(ask) = &practice.ask {
        let _ = writeln!(out, "a person answers: {ask}");
    }
    if let Some(page) = practice.page() {
        let _ = writeln!(out, "{page}");
    }
    let bears: Vec<&Check> = checks.iter().filter(|check| check.practices.contains(&practice.id)).collect();
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
    if !practice.aliases.is_empty() {
        let _ = writeln!(out, "\nAlso known as:");
        for alias in &practice.aliases {
            let _ = writeln!(out, "  - {alias}");
        }
    }
    let elsewhere = pillar.elsewhere(practice);
    if !elsewhere.is_empty() {
        let _ = writeln!(out, "\nThe number {} elsewhere:", practice.id);
        for Meaning { practice, by } in elsewhere {
            let _ = writeln!(out, "  - {by}: today {}", practice.id);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(id: &str) -> Result<String, UserError> {
        explained(Catalogue::this(), id).map(|explained| match explained {
            Explained::Checks(text) | Explained::Practices(text) => text,
        })
    }

    #[test]
    fn every_row_of_the_source_documents_is_explained() {
        let refs = include_str!("../../tests/it/source-refs.txt");
        let rows: Vec<_> = refs.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(rows.len(), 242);
        for row in rows {
            let (name, ids) = row.split_once('\t').unwrap();
            let text = text(name).unwrap_or_else(|error| panic!("{name}: {error:?}"));
            assert!(ids.split(' ').all(|id| text.contains(id)), "{name}: {text}");
        }
    }

    #[test]
    fn a_prefix_lists_what_begins_with_it() {
        let iam = text("IAM_").unwrap();
        let ids: Vec<&str> =
            Catalogue::this().checks.iter().map(|check| check.id).filter(|id| id.starts_with("iam_")).collect();
        assert!(iam.starts_with(&format!("{} ids begin with \"IAM_\"", ids.len())), "{iam}");
        assert!(ids.iter().all(|id| iam.contains(&format!("\n{id}  "))), "{iam}");
        assert!(text("SEC01-").unwrap().contains("\nSEC01-BP02  "));
        for none in ["iam_root_mfa", "", "iam_é", "zzz"] {
            assert!(text(none).is_err(), "{none}");
        }
    }

    #[test]
    fn a_number_that_moved_says_so() {
        let today = text("SEC01-BP05").unwrap();
        let edition = &Catalogue::this().pillar.edition;
        assert!(today.contains(&format!("edition: {edition} (")) && today.contains("today SEC01-BP04"), "{today}");
        assert!(text("Oct 2022: SEC01-BP05").unwrap().contains("SEC01-BP04  Stay up to date"));
        assert!(text("SEC 4").unwrap().contains("can mean"));
        assert!(text("X-KPA").unwrap().contains(&format!("not in the list of {edition}")));
    }

    #[test]
    fn a_new_edition_is_explained_by_its_numbers() {
        let made_up = crate::catalogue::edition::made_up();
        let text = |id: &str| match explained(&made_up, id).unwrap() {
            Explained::Checks(text) | Explained::Practices(text) => text,
        };
        let layered = text("SEC05-BP03");
        assert!(layered.contains("edition: May 2031 (current list)"), "{layered}");
        assert!(layered.contains("  - November 2024: SEC05-BP02 Control traffic"), "{layered}");
        assert!(layered.contains("today SEC05-BP02"), "{layered}");
        let check = made_up.checks.iter().find(|check| check.practices.iter().any(|id| id == "SEC05-BP03")).unwrap();
        assert!(layered.contains(check.id) && text(check.id).contains("- practice SEC05-BP03: Control traffic"));
        assert!(text("Nov 2024: SEC02-BP03").contains("edition: November 2024; not in the list of May 2031"));
        assert!(text("SEC12-BP01").contains("Expect another edition"));
    }
}
