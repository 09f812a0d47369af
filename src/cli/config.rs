//! Which configuration file, and `posture config`: is it valid, what is in force, and a template.

use super::{Exit, output};
use crate::catalogue::checks;
use crate::config::{self, Config, NAME, TEMPLATE};
use crate::formats::Output;
use crate::gate::FailOn;
use crate::record::{Attestation, Override, SuppressionRule};
use crate::run::{Failure, OrBug, UserError};
use posture_estate::day::today;
use posture_estate::finding::Severity;
use posture_estate::text::counted;
use posture_estate::text::safe;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Which configuration file.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Configuration")]
pub struct FileArgs {
    /// The configuration file (default: posture.toml here or in a directory above)
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Use no configuration file, not even one that lies here
    #[arg(long)]
    no_config: bool,
}

impl FileArgs {
    /// Whether anything was said about it.
    pub fn is_given(&self) -> bool {
        self.config.is_some() || self.no_config
    }

    /// The file that is named, or the nearest `posture.toml`, or nothing; said on stderr. Attestations are those of their
    /// own file where one is named.
    pub fn load(&self, attestations: Option<&Path>) -> Result<Config, Failure> {
        let today = today();
        let path = self.config.clone().or_else(|| if self.no_config { None } else { nearest() });
        let mut config = match &path {
            Some(path) => Config::read(path, today)?,
            None => Config::default(),
        };
        if let Some(path) = &path {
            output::note(&format!("configuration of {}: {}", safe(&path.display().to_string()), contents(&config)));
        }
        if let Some(path) = attestations {
            let own = Config::read(path, today)?;
            config.attestations = own.attestations;
            config.attestations_source = own.source;
            output::note(&format!(
                "{} from {}",
                counted(config.attestations.len(), "attestation"),
                safe(&path.display().to_string())
            ));
        }
        Ok(config)
    }
}

fn nearest() -> Option<PathBuf> {
    std::env::current_dir().ok().and_then(|dir| config::find(&dir))
}

/// What a file says, in a clause.
fn contents(config: &Config) -> String {
    let keys = rows(config).into_iter().filter(|row| row.set).map(|row| row.key.to_owned());
    let changes = config.severities.changes(checks()).len();
    let severities = (changes > 0).then(|| counted(changes, "severity"));
    let set: usize = config.checks.changed().values().map(BTreeMap::len).sum();
    let settings = (set > 0).then(|| format!("{} of checks", counted(set, "setting")));
    let count = config.attestations.len();
    let attestations = (count > 0).then(|| counted(count, "attestation"));
    let count = config.suppressions.len();
    let suppressions = (count > 0).then(|| counted(count, "suppression"));
    let all: Vec<String> = keys.chain(severities).chain(settings).chain(attestations).chain(suppressions).collect();
    if all.is_empty() { "it sets nothing".to_owned() } else { all.join(", ") }
}

#[derive(Debug, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Validate a configuration file and print what is in force with it; exit 2 when it cannot be used
    Check {
        /// The file (default: posture.toml here or in a directory above)
        #[arg(conflicts_with = "config")]
        file: Option<PathBuf>,
        /// The same, as the other subcommands take it
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// How to print it
        #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
        output: CheckFormat,
    },
    /// Print a posture.toml with every key, commented out
    Init,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum CheckFormat {
    Text,
    Json,
}

pub fn main(args: &ConfigArgs) -> Result<Exit, Failure> {
    let text = match &args.command {
        ConfigCommand::Init => TEMPLATE.to_owned(),
        ConfigCommand::Check { file, config, output } => {
            let none = || {
                UserError::new(
                    format!("there is no {NAME} here or in a directory above"),
                    "`posture config init` prints one",
                )
            };
            let path = file.clone().or_else(|| config.clone()).or_else(nearest).ok_or_else(none)?;
            let config = Config::read(&path, today())?;
            match output {
                CheckFormat::Text => table(&config),
                CheckFormat::Json => {
                    serde_json::to_string_pretty(&document(&config)?).or_bug("writing the configuration as JSON")?
                        + "\n"
                }
            }
        }
    };
    output::stdout(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// A key of `[scan]` and what is in force.
struct Row {
    key: &'static str,
    value: Value,
    /// By the file; else it is the default.
    set: bool,
    /// What the default means, where the value alone does not say it.
    default: &'static str,
}

fn rows(config: &Config) -> Vec<Row> {
    let scan = &config.scan;
    let row = |key, value: Option<Value>, default: Value, means| Row {
        key,
        set: value.is_some(),
        value: value.unwrap_or(default),
        default: means,
    };
    let specs = |outputs: &[Output]| json!(outputs.iter().map(Output::spec).collect::<Vec<_>>());
    let word = |severity: Severity| json!(severity);
    vec![
        row("profile", scan.profile.as_ref().map(|name| json!(name)), Value::Null, "the SDK's credential chain"),
        row("regions", scan.regions.as_ref().map(|list| json!(list)), Value::Null, "all that the account has enabled"),
        row("checks", scan.checks.as_ref().map(|list| json!(list)), Value::Null, "all"),
        row("practices", scan.practices.as_ref().map(|list| json!(list)), Value::Null, "all"),
        row("services", scan.services.as_ref().map(|list| json!(list)), Value::Null, "all"),
        row("severity", scan.severity.map(word), Value::Null, "all"),
        row("fail_on", scan.fail_on.map(|fail_on| json!(fail_on)), json!(FailOn::default()), ""),
        row("allow_unknown", scan.allow_unknown.map(|allow| json!(allow)), json!(false), ""),
        row("baseline", scan.baseline.as_ref().map(|path| json!(path)), Value::Null, "none"),
        row("outputs", scan.outputs.as_deref().map(specs), specs(&[Output::DEFAULT]), ""),
    ]
}

fn document(config: &Config) -> Result<Value, Failure> {
    let (ids, severities) = selected(config)?;
    let source = |set| if set { "file" } else { "default" };
    let scan: Map<String, Value> = rows(config)
        .into_iter()
        .map(|row| (row.key.to_owned(), json!({ "value": row.value, "source": source(row.set) })))
        .collect();
    let today = today();
    let statement = |one: &Attestation| {
        let mut value = json!(one);
        value["expired"] = json!(one.is_expired(today));
        value
    };
    let accepted = |rule: &SuppressionRule| {
        let mut value = json!(rule);
        value["expired"] = json!(rule.is_expired(today));
        value
    };
    Ok(json!({
        "file": config.source,
        "scan": scan,
        "selected": ids,
        "severity": severities,
        "check": config.checks.changed(),
        "attestations": config.attestations.iter().map(statement).collect::<Vec<_>>(),
        "suppressions": config.suppressions.iter().map(accepted).collect::<Vec<_>>(),
    }))
}

/// The ids of the checks that the file selects, and the severities that it changes in the catalogue.
fn selected(config: &Config) -> Result<(Vec<&'static str>, BTreeMap<String, Override>), Failure> {
    let picked = config.scan.selection().pick_by(|check| config.severities.of(check))?;
    let changes = config.severities.changes(checks());
    Ok((picked.into_iter().map(|check| check.id).collect(), changes))
}

fn table(config: &Config) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    if let Some(source) = &config.source {
        let _ = writeln!(out, "{} is valid\n  sha256         {}\n", safe(&source.path), source.sha256);
    }
    let _ = writeln!(out, "scan");
    for row in rows(config) {
        let words = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let text = match &row.value {
            Value::Array(all) => all.iter().map(words).collect::<Vec<_>>().join(", "),
            Value::Null => row.default.to_owned(),
            one => words(one),
        };
        let mark = if row.set { "" } else { " (default)" };
        let _ = writeln!(out, "  {:<13}  {}{mark}", row.key, safe(&text));
    }
    if let Ok((ids, changes)) = selected(config) {
        let are = if ids.len() == 1 { "is" } else { "are" };
        let _ = writeln!(out, "  {} of {} {are} selected", ids.len(), counted(checks().len(), "check"));
        if !changes.is_empty() {
            let _ = writeln!(out, "\nseverity");
        }
        for (id, change) in changes {
            let _ = writeln!(out, "  {id}  {} in place of {}", change.to.as_str(), change.from.as_str());
        }
    }
    for (id, values) in config.checks.changed() {
        let _ = writeln!(out, "\ncheck.{id}");
        for (name, value) in values {
            let _ = writeln!(out, "  {name}  {}", safe(&value.to_string()));
        }
    }
    if !config.attestations.is_empty() {
        let _ = writeln!(out, "\nattestation");
    }
    for one in &config.attestations {
        let accounts = if one.accounts.is_empty() { "all accounts".to_owned() } else { one.accounts.join(", ") };
        let until = if one.is_expired(today()) { "EXPIRED on" } else { "until" };
        let by = safe(&one.owner);
        let _ = writeln!(out, "  {}  {accounts}, by {by}, {until} {}", one.practice.id, one.expires);
    }
    if !config.suppressions.is_empty() {
        let _ = writeln!(out, "\nsuppression");
    }
    for one in &config.suppressions {
        let until = if one.is_expired(today()) { "EXPIRED on" } else { "until" };
        let (place, who) = (one.conditions.place(), &one.suppression);
        let place = if place.is_empty() { "everywhere" } else { &place };
        let by = safe(&who.owner);
        let _ = writeln!(out, "  {}  {}, by {by}, {until} {}", one.conditions.check, safe(place), who.expires);
    }
    out
}
