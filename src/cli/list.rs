//! `posture list`: the catalogue.

use super::{Exit, layout, output, select::SelectArgs};
use crate::catalogue::Check;
use crate::run::{Failure, OrBug};
use clap::{Args, ValueEnum};
use posture_estate::aws::service::Service;
use posture_estate::services::{SERVICES, of_call};
use posture_estate::settings::Declared;
use posture_estate::text::counted;
use serde_json::json;
use std::fmt::Write as _;

#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    select: SelectArgs,
    /// How to print it
    #[arg(long, value_enum, help_heading = "Output", default_value_t = ListFormat::Text)]
    output: ListFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ListFormat {
    Text,
    Json,
}

pub fn main(args: &ListArgs) -> Result<Exit, Failure> {
    let checks = args.select.selection().pick()?;
    let text = match args.output {
        ListFormat::Text => table(&checks, output::width()),
        ListFormat::Json => {
            let rows: Vec<_> = checks.iter().map(|check| row(check)).collect();
            serde_json::to_string_pretty(&rows).or_bug("writing the checks as JSON")? + "\n"
        }
    };
    output::stdout(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn table(checks: &[&Check], columns: usize) -> String {
    let width = checks.iter().map(|check| check.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    let mut service = "";
    for check in checks {
        if !service.is_empty() && service != check.service {
            out.push('\n');
        }
        service = check.service;
        let (severity, title) = (check.severity().as_str(), check.card.title);
        out.push_str(&layout::row(&format!("{severity:<8}  {:<width$}  ", check.id), title, 10, columns));
    }
    // Writing to a string does not fail.
    let _ = writeln!(out, "\n{}; `posture explain ID` shows one whole", counted(checks.len(), "check"));
    let asked = format!("asking {}", services(checks).join(", "));
    out.push_str(&layout::row("", &asked, 0, columns));
    out
}

/// What the checks ask, as people call it.
fn services(checks: &[&Check]) -> Vec<&'static str> {
    let asks = |service: &Service| {
        let calls = checks.iter().flat_map(|check| &check.card.calls);
        calls.filter_map(|call| of_call(call)).any(|(asked, _)| asked.name == service.name)
    };
    SERVICES.iter().filter(|service| asks(service)).map(|service| service.title).collect()
}

fn row(check: &Check) -> serde_json::Value {
    json!({
        "id": check.id,
        "title": check.card.title,
        "service": check.service,
        "severity": check.severity(),
        "scope": check.card.scope,
        "practices": check.practices,
        "calls": check.card.calls,
        "worsens_with": check.card.worsens_with,
        "reasons": check.card.reasons,
        "equivalents": check.card.equivalents,
        "settings": check.card.settings.iter().map(|(name, declared)| setting(name, declared)).collect::<Vec<_>>(),
    })
}

fn setting(name: &str, declared: &Declared) -> serde_json::Value {
    let mut row = json!({
        "name": name,
        "type": declared.kind,
        "default": declared.default.json(),
        "doc": declared.doc,
    });
    if let Some((min, max)) = declared.range {
        row["min"] = min.into();
        row["max"] = max.into();
    }
    if let Some(least) = declared.min_items {
        row["min_items"] = least.into();
    }
    if let Some(most) = declared.max_ports {
        row["max_ports"] = most.into();
    }
    row
}
