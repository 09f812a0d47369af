//! `posture practices`: the pillar, how each practice is judged and by which checks, and its status in a scan.

use super::audience::Terminal;
use super::config::FileArgs;
use super::{Exit, layout, output, scan};
use crate::catalogue::Catalogue;
use crate::catalogue::{Check, Practice, pillar};
use crate::config::Config;
use crate::report::PracticeRow;
use crate::run::{Failure, OrBug, UserError, practices_of_tape};
use clap::{Args, ValueEnum};
use posture_estate::text::safe;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct PracticesArgs {
    /// Show the status of each in a recorded account
    #[arg(long, value_name = "DIR", conflicts_with = "report")]
    replay: Option<PathBuf>,
    /// Show the status of each in a JSON report
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    file: FileArgs,
    /// Statements by people, with --replay, in place of those of the configuration file
    #[arg(long, value_name = "FILE", conflicts_with = "report", requires = "replay", help_heading = "Configuration")]
    attestations: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, help_heading = "Output", default_value_t = TableFormat::Text)]
    output: TableFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TableFormat {
    Text,
    Json,
}

/// Status and reason, by practice id of this edition.
type States = BTreeMap<String, (String, String)>;

pub fn main(args: &PracticesArgs) -> Result<Exit, Failure> {
    if args.file.is_given() && args.replay.is_none() {
        let what = "--config and --no-config go with --replay, for nothing else is judged here";
        return Err(UserError::new(what, "leave them out, or name a recording").into());
    }
    let states = match (&args.replay, &args.report) {
        (Some(dir), _) => Some(replayed(dir, args.file.load(args.attestations.as_deref())?)?),
        (None, Some(file)) => Some(reported(file)?),
        (None, None) => None,
    };
    let text = match args.output {
        TableFormat::Text => table(Catalogue::this(), states.as_ref()),
        TableFormat::Json => {
            let row = |practice| row(Catalogue::this(), practice, states.as_ref());
            let rows = pillar().practices.iter().map(row).collect::<Vec<_>>();
            serde_json::to_string_pretty(&rows).or_bug("writing the practices as JSON")? + "\n"
        }
    };
    output::stdout(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn replayed(dir: &Path, config: Config) -> Result<States, Failure> {
    let runtime = scan::runtime()?;
    let results = runtime.block_on(practices_of_tape(dir, config, &Terminal))?;
    let state = |row: PracticeRow| (row.id, (row.status.as_str().to_owned(), row.reason));
    Ok(results.into_iter().map(state).collect())
}

/// Rows are found by slug, which outlives the number: a report may be of another edition.
fn reported(file: &Path) -> Result<States, Failure> {
    let (head, _) = crate::report::visit(file, |_| Ok(()))?;
    let mut states = States::new();
    for row in head.practices {
        if let Some(practice) = pillar().reported(&row.slug, &row.id) {
            states.insert(practice.id.clone(), (row.status.as_str().to_owned(), row.reason));
        }
    }
    Ok(states)
}

fn bearing(catalogue: &Catalogue, practice: &Practice) -> Vec<&'static str> {
    let bears = |check: &&Check| check.practices.contains(&practice.id);
    catalogue.checks.iter().filter(bears).map(|check| check.id).collect()
}

fn row(catalogue: &Catalogue, practice: &Practice, states: Option<&States>) -> Value {
    let mut row = json!({
        "id": practice.id,
        "slug": practice.slug,
        "edition": practice.edition,
        "title": practice.title,
        "question": practice.question,
        "area": practice.area,
        "risk": practice.risk,
        "judged": practice.automation,
        "why": practice.reason,
        "ask": practice.ask,
        "signals": practice.signals,
        "checks": bearing(catalogue, practice),
    });
    if let (Some(row), Some((status, reason))) =
        (row.as_object_mut(), states.and_then(|states| states.get(&practice.id)))
    {
        row.insert("status".into(), json!(status));
        row.insert("reason".into(), json!(reason));
    }
    row
}

fn table(catalogue: &Catalogue, states: Option<&States>) -> String {
    let pillar = &catalogue.pillar;
    let width = output::width();
    let mut out = format!("Security Pillar of the AWS Well-Architected Framework, {}\n", pillar.edition);
    let mut area = "";
    let (current, others): (Vec<&Practice>, Vec<_>) = pillar.practices.iter().partition(|one| one.is_current());
    let sections = current.iter().map(|one| (one.area.as_str(), *one));
    let others = others.iter().map(|one| ("Of other editions and documents", *one));
    for (section, practice) in sections.chain(others) {
        // Writing to a string does not fail.
        if section != area {
            let _ = writeln!(out, "\n{section}");
            area = section;
        }
        let state = states.map(|states| states.get(&practice.id));
        let status = match state {
            None => String::new(),
            Some(found) => format!("{:<18}", found.map_or("not in the report", |(status, _)| status.as_str())),
        };
        let (id, risk, judged) = (&practice.id, practice.risk.as_str(), practice.automation.as_str());
        let start = format!("  {id:<12}  {status}{risk:<6}  {judged:<9}  ");
        out.push_str(&layout::row(&start, &practice.title, 16, width));
        let detail = match state.flatten() {
            Some((_, reason)) if !reason.is_empty() => safe(reason).into_owned(),
            _ => match bearing(catalogue, practice).as_slice() {
                [] => "no check yet".to_owned(),
                checks => checks.join(", "),
            },
        };
        let indent = " ".repeat(16);
        for line in layout::wrapped(&detail, &indent, &indent, width) {
            let _ = writeln!(out, "{line}");
        }
    }
    let count = current.len();
    let _ = writeln!(out, "\n{count} practices; `posture explain ID` shows one whole");
    if let Some(states) = states {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (status, _) in current.iter().filter_map(|one| states.get(&one.id)) {
            *counts.entry(status).or_default() += 1;
        }
        let counts: Vec<String> = counts.iter().map(|(status, count)| format!("{count} {status}")).collect();
        let _ = writeln!(out, "{}", counts.join(", "));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_edition_is_listed_by_its_numbers() {
        let made_up = crate::catalogue::edition::made_up();
        let table = table(&made_up, None);
        assert!(table.starts_with("Security Pillar of the AWS Well-Architected Framework, May 2031\n"), "{table}");
        assert!(table.contains("\n8 practices; "), "{table}");
        let (current, others) = table.split_once("Of other editions and documents").unwrap();
        assert!(current.contains("\nForesight\n  SEC12-BP01  "), "{current}");
        assert!(others.contains("  sec_identities_secrets  ") && !others.contains("SEC05-BP"), "{others}");
        let root = row(&made_up, made_up.pillar.find("SEC01-BP01").unwrap(), None);
        assert_eq!((&root["edition"], &root["slug"]), (&json!("May 2031"), &json!("sec_securely_operate_aws_account")));
        assert!(root["checks"].as_array().unwrap().contains(&json!("iam_root_mfa_enabled")), "{root}");
    }
}
