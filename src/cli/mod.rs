//! Arguments in, exit code out. One file per subcommand.

mod accounts;
mod attest;
mod audience;
mod barrier;
mod config;
mod diff;
mod exit;
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
mod select;
mod stop;
mod upload;
mod words;

pub use exit::Exit;

use crate::run::Failure;
use clap::{CommandFactory, Parser, Subcommand};
use std::process::ExitCode;

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

/// The whole program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    log(cli.verbose);
    barrier::quiet();
    let result = barrier::within(|| run(cli.command));
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output::note(&format!("error: {failure}"));
            Exit::CannotScan.into()
        }
    }
}

fn run(command: Command) -> Result<Exit, Failure> {
    match command {
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
        Command::Completions(args) => manual::completions(&args, Cli::command()),
        Command::Man(args) => manual::man(&args, Cli::command()),
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
}
