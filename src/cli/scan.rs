//! `posture scan`.

use super::config::FileArgs;
use super::in_force::{self, InForce};
use super::{Exit, SelectArgs, UserError, output, progress};
use crate::aws::session::{self, Session};
use crate::aws::tape::{HeadAccount, Recorder, Tape};
use crate::aws::transport::{Source, Transport};
use crate::catalogue::{self, Check};
use crate::config::Config;
use crate::finding::Status;
use crate::gate::{Date, FailOn};
use crate::policy::stale_tables;
use crate::report::{AccountRow, AccountStatus, Head, Output, PracticeRow, Report, Summary, Tool, json};
use crate::scan::{self, Findings, PracticeResult, Progress, Tally};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format as TimeFormat;
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

/// Bytes of a worker's stack; unoptimised builds of the SDK nest deeper than the default 2 MiB.
const STACK: usize = 16 << 20;

#[derive(Debug, Args)]
pub struct ScanArgs {
    /// The profile of the AWS configuration to scan with (default: the SDK's credential chain)
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// Only these regions; globs such as 'eu-*' work (several times; default: all that the account has enabled)
    #[arg(long = "region", value_name = "REGION")]
    pub(super) regions: Vec<String>,

    #[command(flatten)]
    pub(super) select: SelectArgs,

    /// A report: text, json or ndjson, to stdout or to a file with =PATH (several times; default: text)
    #[arg(long = "output", value_name = "FORMAT[=PATH]", help_heading = "Report")]
    pub(super) outputs: Vec<Output>,
    /// The severity from which failed findings make the exit code 1 (default: high)
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Report")]
    pub(super) fail_on: Option<FailOn>,
    /// Let unknown findings at or above --fail-on end with 0 instead of 3
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        help_heading = "Report"
    )]
    pub(super) allow_unknown: Option<bool>,

    #[command(flatten)]
    file: FileArgs,
    /// Statements by people on practices, in place of those of the configuration file
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    attestations: Option<PathBuf>,

    /// Keep every answer of AWS in a directory, to judge them again with --replay
    #[arg(long, value_name = "DIR", conflicts_with = "replay", help_heading = "Tapes")]
    record: Option<PathBuf>,
    /// Judge a recorded account instead of a live one; needs no credentials
    #[arg(long, value_name = "DIR", conflicts_with = "profile", help_heading = "Tapes")]
    replay: Option<PathBuf>,
}

pub fn main(args: &ScanArgs) -> Result<Exit, UserError> {
    let config = args.file.load(args.attestations.as_deref())?;
    let force = InForce::of(args, &config, in_force::environment_has_credentials());
    let checks = in_force::pick(&force.selection, &config)?;
    output::check_writable(&force.outputs)?;
    let runtime = runtime()?;
    let exit = runtime.block_on(scan(args, &force, &checks, &config));
    // Connections that still wait for an answer must not hold the exit up.
    runtime.shutdown_background();
    exit
}

/// Threads for a scan.
pub(super) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build()
}

/// This day, in UTC.
pub(super) fn today() -> Date {
    // Every time of this century can be formatted.
    Date::of(&rfc3339(DateTime::from(SystemTime::now()))).unwrap_or(Date { year: 2026, month: 1, day: 1 })
}

/// The practices after a scan, and on stderr what has run out.
fn practices(session: &Session, checks: &[&'static Check], tally: &Tally, config: &Config) -> Vec<PracticeResult> {
    let account = &session.account;
    // A tape is judged as of its recording, as everything else is: the same tape gives the same answer.
    let day = Date::of(&rfc3339(*account.now())).unwrap_or_else(today);
    let practices = scan::roll_up(&scan::Basis {
        tally,
        ran: checks,
        all: &catalogue::checks().iter().collect::<Vec<_>>(),
        gaps: &account.gaps(),
        attestations: &config.attestations,
        accounts: &[account.account_id()],
        today: day,
    });
    for one in practices.iter().flat_map(|result| &result.attestations).filter(|one| one.is_expired(day)) {
        let owner = crate::report::safe(&one.owner);
        output::note(&format!("expired: the attestation of {} by {owner}, on {}", one.practice.id, one.expires));
    }
    practices
}

/// The practices of a recorded account, all checks judged.
pub(super) async fn replayed(dir: &Path, config: &Config) -> Result<Vec<PracticeResult>, UserError> {
    let checks: Vec<&'static Check> = catalogue::checks().iter().collect();
    let tape = Arc::new(Tape::load(dir)?);
    let transport = Transport::new(Source::Tape(tape.clone()), None, catalogue::reads(checks.iter().copied()));
    let session = session::replay(&tape, transport, &[]).await?;
    let mut tally = Tally::default();
    let emit = |record| {
        tally.add(&record);
        Ok::<_, UserError>(())
    };
    scan::run(&session, &checks, &Progress::default(), std::future::pending(), emit).await?;
    Ok(practices(&session, &checks, &tally, config))
}

async fn scan(args: &ScanArgs, force: &InForce, checks: &[&'static Check], config: &Config) -> Result<Exit, UserError> {
    let (started, clock) = (SystemTime::now(), Instant::now());
    let Some(connected) = interruptible(connect(args, force, checks)).await else { return Ok(Exit::Interrupted) };
    let (session, transport) = connected?;
    introduce(&session, checks);
    for warning in old_tables(DateTime::from(started).secs()) {
        output::note(&warning);
    }

    let progress = Progress::default();
    let (mut tally, mut findings) = (Tally::default(), Findings::new());
    let emit = |mut record| {
        config.severities.apply(&mut record);
        tally.add(&record);
        findings.add(record).map_err(|error| UserError(format!("cannot keep findings in a temporary file: {error}")))
    };
    let complete = tokio::select! {
        complete = scan::run(&session, checks, &progress, asked_to_stop(), emit) => complete?,
        () = progress::show(&progress, &transport) => unreachable!("the progress line never ends"),
    };
    findings.seal();

    let finished = SystemTime::now();
    if let (Some(recorder), true) = (transport.recorder(), complete) {
        let account = HeadAccount {
            id: session.account.account_id().to_owned(),
            home_region: session.account.home().to_owned(),
            regions: session.account.regions().to_vec(),
        };
        recorder.finish(&rfc3339(DateTime::from(started)), vec![account])?;
    }
    let gaps = tally.gaps();
    let practices = practices(&session, checks, &tally, config);
    let status = match (complete, gaps.is_empty()) {
        (false, _) => AccountStatus::Interrupted,
        (true, true) => AccountStatus::Scanned,
        (true, false) => AccountStatus::Partly,
    };
    let head = Head {
        schema_version: json::SCHEMA_VERSION.to_owned(),
        tool: Tool::this(),
        scan: crate::report::Scan {
            id: scan_id()?,
            started_at: rfc3339(DateTime::from(started)),
            finished_at: rfc3339(DateTime::from(finished)),
            duration_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
            as_of: rfc3339(*session.account.now()),
            replayed: transport.is_replay(),
            caller: session.caller.clone(),
            accounts: vec![AccountRow { id: session.account.account_id().to_owned(), name: None, status }],
            regions: session.account.regions().to_vec(),
            selection: force.selection.clone(),
            config: config.source.clone(),
            attestations: config.attestations_source.clone(),
            severities: config.severities.changes(checks.iter().copied()),
            checks: checks.iter().map(|check| check.id.to_owned()).collect(),
            calls: transport.stats().calls(),
            complete,
        },
        summary: Summary::of(&tally),
        practices: practices.iter().map(PracticeRow::of).collect(),
    };
    let report = Report { head, findings, gaps };
    for output in &force.outputs {
        output::deliver(output, &report)?;
    }
    Ok(verdict(args, force, &report))
}

/// Ctrl-C, or the SIGTERM by which a CI system ends a job.
async fn asked_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

/// `None` when Ctrl-C came first.
async fn interruptible<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        () = asked_to_stop() => None,
    }
}

async fn connect(
    args: &ScanArgs,
    force: &InForce,
    checks: &[&'static Check],
) -> Result<(Session, Transport), UserError> {
    let reads = catalogue::reads(checks.iter().copied());
    if let Some(dir) = &args.replay {
        let tape = Arc::new(Tape::load(dir)?);
        let transport = Transport::new(Source::Tape(tape.clone()), None, reads);
        let session = session::replay(&tape, transport.clone(), &force.regions).await?;
        return Ok((session, transport));
    }
    let recorder = args.record.as_deref().map(Recorder::create).transpose()?;
    let transport = Transport::new(Source::Network(session::http_client()), recorder, reads);
    let session = session::connect(force.profile.as_deref(), transport.clone(), &force.regions).await?;
    Ok((session, transport))
}

/// The caller's identity first: the wrong account is the first thing that can go wrong.
fn introduce(session: &Session, checks: &[&'static Check]) {
    let regions = session.account.regions();
    let places = match regions {
        [one] => one.clone(),
        few if few.len() <= 4 => few.join(", "),
        many => format!("{} regions", many.len()),
    };
    let (account, arn) = (session.account.account_id(), crate::report::safe(&session.caller.arn).into_owned());
    output::note(&format!("account {account} as {arn}: {} checks, {places}", checks.len()));
    if let Some(gap) = &session.regions_gap {
        output::note(&format!("warning: the regions of the account could not be listed: {gap}"));
    }
}

/// A warning for each compiled-in table that has grown old by now, whenever the account was recorded.
fn old_tables(now: i64) -> Vec<String> {
    let warn = |stale: crate::policy::Stale| {
        format!(
            "warning: the table of {} is of {}, {} days ago, and newer ones are judged without it: install a newer release of posture",
            stale.what, stale.date, stale.days
        )
    };
    stale_tables(now).into_iter().map(warn).collect()
}

/// The exit code, and on stderr the reason for one that is not 0.
fn verdict(args: &ScanArgs, force: &InForce, report: &Report) -> Exit {
    if !report.head.scan.complete {
        output::note("interrupted: the report is marked incomplete");
        if args.record.is_some() {
            output::note("nothing was recorded: a tape holds a whole scan");
        }
        return Exit::Interrupted;
    }
    let Some(severity) = force.fail_on.severity() else { return Exit::Clean };
    let name = severity.as_str();
    let failed = report.head.summary.at_least(Status::Fail, severity);
    if failed > 0 {
        output::note(&format!("exit 1: {failed} failed findings at or above {name} (--fail-on)"));
        return Exit::Failed;
    }
    let unknown = report.head.summary.at_least(Status::Unknown, severity);
    if unknown > 0 && !force.allow_unknown {
        output::note(&format!(
            "exit 3: nothing failed at or above {name}, but {unknown} findings there are unknown (--allow-unknown lifts this)"
        ));
        return Exit::Unknown;
    }
    Exit::Clean
}

/// A random UUID (version 4).
fn scan_id() -> Result<String, UserError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = crate::aws::tape::hex(&bytes);
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

fn rfc3339(time: DateTime) -> String {
    // Every time of this century can be formatted.
    DateTime::from_secs(time.secs()).fmt(TimeFormat::DateTime).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_tables_are_told_with_the_remedy() {
        let date = crate::policy::actions::table_date();
        let drawn_up = DateTime::from_str(&format!("{date}T00:00:00Z"), TimeFormat::DateTime).unwrap().secs();
        let after = |days: i64| old_tables(drawn_up + days * 86_400);
        assert!(after(0).is_empty() && !after(180).iter().any(|w| w.contains(date)));
        let warnings = after(181);
        assert_eq!(
            warnings[0],
            format!(
                "warning: the table of AWS actions and access levels is of {date}, 181 days ago, and newer ones are judged \
                 without it: install a newer release of posture"
            )
        );
    }
}
