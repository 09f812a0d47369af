//! Arguments in, exit code out. One file per subcommand; the exit codes live here.

mod accounts;
mod attest;
mod audience;
mod config;
mod diff;
mod explain;
mod layout;
mod limits;
mod list;
mod manual;
mod merge;
mod output;
mod policy;
mod practices;
mod progress;
mod push;
mod scan;
mod scan_args;
mod stop;
mod upload;
mod words;

use crate::catalogue::{self, Selection};
use crate::gate::Ending;
use clap::{Args, Parser, Subcommand};
use posture_estate::finding::Severity;
use std::process::ExitCode;

/// What the exit code of `posture` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The scan is complete and nothing reaches `--fail-on`.
    Clean = 0,
    /// A failed finding at or above `--fail-on`, not suppressed and not in the baseline.
    Failed = 1,
    /// Could not scan: usage, configuration, credentials, a file that cannot be read or written.
    CannotScan = 2,
    /// Nothing reached `--fail-on`, but a check at or above it, or at `--fail-on-unknown`, is unknown somewhere.
    Unknown = 3,
    /// Interrupted; what was found is written and marked incomplete.
    Interrupted = 130,
}

impl From<Ending> for Exit {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Clean => Exit::Clean,
            Ending::Failed => Exit::Failed,
            Ending::Unknown => Exit::Unknown,
            Ending::Interrupted => Exit::Interrupted,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Scan AWS accounts against the Security Pillar of the AWS Well-Architected Framework.
#[derive(Debug, Parser)]
#[command(name = "posture", version, max_term_width = 110, after_help = AFTER_HELP)]
struct Cli {
    /// Say more on stderr about what is asked and answered; twice for the SDK's own words
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,

    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Exit codes of scan:
    0  complete, and nothing reaches --fail-on
    1  at least one failed finding at or above --fail-on that is neither suppressed nor in the --baseline
    2  could not scan: usage, configuration, credentials, a file that cannot be read or written
    3  nothing reached --fail-on, but a check at or above it (or at --fail-on-unknown) is unknown somewhere
  130  interrupted; what was found so far is written and marked incomplete";

#[derive(Debug, Subcommand)]
enum Command {
    /// Scan an account, or judge a recorded one again
    Scan(Box<scan_args::ScanArgs>),
    /// What changed between two JSON reports: new, reopened, worsened, fixed, gone, became unknown
    Diff(diff::DiffArgs),
    /// List the checks
    List(list::ListArgs),
    /// Join the reports of shards, or write a report in other formats
    Merge(merge::MergeArgs),
    /// Explain a check or a practice: why it matters, what passes, how to fix
    Explain(explain::ExplainArgs),
    /// The practices of the Security Pillar: how each is judged, by which checks, and its status in a scan
    Practices(practices::PracticesArgs),
    /// Print the least-privilege IAM policy that a selection of checks needs
    Policy(policy::PolicyArgs),
    /// Check the configuration file, or print a template of it
    Config(config::ConfigArgs),
    /// Statements by people on practices that no API shows
    Attest(attest::AttestArgs),
    /// Send a report to where others keep findings: AWS Security Hub
    Push(push::PushArgs),
    /// Print a completion script for a shell
    Completions(manual::CompletionsArgs),
    /// Print the manual page, or write those of all subcommands
    Man(manual::ManArgs),
}

/// Which checks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
struct SelectArgs {
    /// Only checks whose id matches, such as 's3_*' (may be given several times)
    #[arg(long = "check", value_name = "GLOB")]
    checks: Vec<String>,
    /// Only checks that bear on a practice, such as SEC01-BP02 (several times)
    #[arg(long = "practice", value_name = "ID")]
    practices: Vec<String>,
    /// Only checks of a service, such as iam (several times)
    #[arg(long = "service", value_name = "SERVICE")]
    services: Vec<String>,
    /// Only checks of this severity and worse
    #[arg(long, value_parser = words::severity(), value_name = "MIN")]
    severity: Option<Severity>,
}

impl SelectArgs {
    fn selection(&self) -> Selection {
        Selection {
            checks: self.checks.clone(),
            practices: self.practices.clone(),
            services: self.services.iter().map(|name| known(name)).collect(),
            severity: self.severity,
        }
    }
}

/// The service as the catalogue spells it; one that it does not know is refused where checks are picked.
fn known(service: &str) -> String {
    catalogue::service(service).unwrap_or(service).to_owned()
}

/// The whole program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    log(cli.verbose);
    let result = match cli.command {
        Command::Scan(args) => scan::main(&args),
        Command::Diff(args) => diff::main(&args),
        Command::List(args) => list::main(&args),
        Command::Merge(args) => merge::main(&args),
        Command::Explain(args) => explain::main(&args),
        Command::Practices(args) => practices::main(&args),
        Command::Policy(args) => policy::main(&args),
        Command::Config(args) => config::main(&args),
        Command::Attest(args) => attest::main(&args),
        Command::Push(args) => push::main(&args),
        Command::Completions(args) => manual::completions(&args),
        Command::Man(args) => manual::man(&args),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output::note(&format!("error: {failure}"));
            Exit::CannotScan.into()
        }
    }
}

/// Log lines go to stderr. `POSTURE_LOG` takes the filters of `tracing-subscriber`.
fn log(verbose: u8) {
    use tracing_subscriber::EnvFilter;
    let default = match verbose {
        0 => "off",
        1 => "aws_posture=debug",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_env("POSTURE_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .without_time()
        .init();
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn services_are_compared_without_case() {
        let (checks, practices) = (Vec::new(), Vec::new());
        let services = ["S3", "iam", "SQS"].map(str::to_owned).to_vec();
        let selection = super::SelectArgs { checks, practices, services, severity: None }.selection();
        assert_eq!(selection.services, ["s3", "iam", "SQS"]);
    }
}
