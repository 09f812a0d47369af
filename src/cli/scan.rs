//! `posture scan`.

use super::output::Output;
use super::targets::{TargetArgs, Targets};
use super::{Exit, SelectArgs, UserError, output, progress};
use crate::aws::gap::{Gap, PlacedGap};
use crate::aws::session;
use crate::aws::tape::{HeadAccount, HeadLost, Recorder, Tape};
use crate::aws::transport::{Source, Transport};
use crate::catalogue::{self, Check, Selection};
use crate::finding::{Severity, Status};
use crate::gate::{self, Date, Settings};
use crate::policy::stale_tables;
use crate::report::{Format, Head, PracticeRow, Report, Summary, Tool, json};
use crate::scan::{
    self, AccountRow, AccountStatus, Checkpoint, Ended, Findings, Progress, Record, Run, Shard, Stop, Tally,
};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format as TimeFormat;
use clap::{Args, ValueEnum};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::watch;

/// Bytes of a worker's stack; unoptimised builds of the SDK nest deeper than the default 2 MiB.
const STACK: usize = 16 << 20;

#[derive(Debug, Args)]
pub struct ScanArgs {
    #[command(flatten)]
    targets: TargetArgs,

    /// Only these regions; globs such as 'eu-*' work (several times; default: all that the account has enabled)
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<String>,

    #[command(flatten)]
    select: SelectArgs,

    /// A report: text, json or ndjson, to stdout or to a file with =PATH (several times; default: text)
    #[arg(long = "output", value_name = "FORMAT[=PATH]", help_heading = "Report")]
    outputs: Vec<Output>,
    /// The severity from which failed findings make the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::High, help_heading = "Report")]
    fail_on: FailOn,
    /// Let unknown findings at or above --fail-on end with 0 instead of 3
    #[arg(long, help_heading = "Report")]
    allow_unknown: bool,

    /// Statements by people on practices (default: posture.toml here or in a directory above)
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    attestations: Option<PathBuf>,

    /// End after this time (90s, 8m, 1h30m), the riskiest checks first; what was not judged by then is unknown
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "Large scans")]
    deadline: Option<Duration>,
    /// Keep what is done in a directory; the same command goes on there after it was killed
    #[arg(long, value_name = "DIR", conflicts_with_all = ["record", "replay"], help_heading = "Large scans")]
    checkpoint: Option<PathBuf>,
    /// Only the Ith of N parts of the accounts, to be joined with `posture merge` (default: what a Kubernetes Indexed Job or an AWS
    /// Batch array job says)
    #[arg(long, value_name = "I/N", help_heading = "Large scans")]
    shard: Option<Shard>,

    /// Keep every answer of AWS in a directory, to judge them again with --replay
    #[arg(long, value_name = "DIR", conflicts_with = "replay", help_heading = "Tapes")]
    record: Option<PathBuf>,
    /// Judge a recorded account instead of a live one; needs no credentials
    #[arg(long, value_name = "DIR", conflicts_with_all = ["profiles", "accounts", "accounts_file", "org", "shard"], help_heading = "Tapes")]
    replay: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Critical,
    High,
    Medium,
    Low,
    Info,
    Never,
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
        Some(match self {
            FailOn::Critical => Severity::Critical,
            FailOn::High => Severity::High,
            FailOn::Medium => Severity::Medium,
            FailOn::Low => Severity::Low,
            FailOn::Info => Severity::Info,
            FailOn::Never => return None,
        })
    }
}

pub fn main(args: &ScanArgs) -> Result<Exit, UserError> {
    let selection = args.select.selection();
    let checks = selection.pick()?;
    let outputs =
        if args.outputs.is_empty() { vec![Output { format: Format::Text, path: None }] } else { args.outputs.clone() };
    output::check_writable(&outputs)?;
    let settings = settings(args.attestations.as_deref())?;
    let runtime = runtime()?;
    let exit = runtime.block_on(scan(args, &selection, &checks, &outputs, &settings));
    // Connections that still wait for an answer must not hold the exit up.
    runtime.shutdown_background();
    exit
}

/// Threads for a scan.
pub(super) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build()
}

/// What people said: the file that is named, or the nearest `posture.toml`.
pub(super) fn settings(named: Option<&Path>) -> Result<Settings, UserError> {
    let found = || std::env::current_dir().ok().and_then(|dir| gate::find(&dir));
    let Some(path) = named.map(Path::to_path_buf).or_else(found) else { return Ok(Settings::default()) };
    let settings = Settings::read(&path, today())?;
    if named.is_none() {
        output::note(&format!("{} attestations from {}", settings.attestations.len(), path.display()));
    }
    Ok(settings)
}

/// This day, in UTC.
pub(super) fn today() -> Date {
    // Every time of this century can be formatted.
    Date::of(&rfc3339(DateTime::from(SystemTime::now()))).unwrap_or(Date { year: 2026, month: 1, day: 1 })
}

/// The practices of a recorded account, all checks judged.
pub(super) async fn replayed(dir: &Path, settings: &Settings) -> Result<Vec<PracticeRow>, UserError> {
    let checks: Vec<&'static Check> = catalogue::checks().iter().collect();
    let tape = Tape::load(dir)?;
    let as_of = tape.time()?;
    let tape = Arc::new(tape);
    let transport = Transport::new(Source::Tape(tape.clone()), None, catalogue::reads(checks.iter().copied()));
    let targets = Targets::of_tape(&tape, &transport, &[]).await?;
    let (_never, stop) = watch::channel(None);
    let run = Run {
        partition: &targets.partition.clone(),
        checks: &checks,
        at_once: 1,
        progress: &Progress::default(),
        stop,
        checkpoint: None,
    };
    let gathered = gather(&run, targets, &transport, |_| Ok(())).await?;
    Ok(gathered.practices(&checks, settings, as_of))
}

/// What the accounts came to.
#[derive(Debug, Default)]
struct Gathered {
    tally: Tally,
    rows: Vec<AccountRow>,
    heads: Vec<HeadAccount>,
    /// For each call that was answered nowhere in some account the first such gap.
    unanswered: BTreeMap<String, Gap>,
}

impl Gathered {
    fn ended(&mut self, ended: Ended) {
        for gap in ended.gaps {
            match self.unanswered.get_mut(gap.call()) {
                Some(first) if *first <= gap => {}
                Some(first) => *first = gap,
                None => drop(self.unanswered.insert(gap.call().to_owned(), gap)),
            }
        }
        let lost = ended.lost.map(|gap| HeadLost {
            call: gap.call().to_owned(),
            kind: gap.kind(),
            message: gap.message().to_owned(),
        });
        if ended.row.status != AccountStatus::Suspended {
            self.heads.push(HeadAccount {
                id: ended.row.id.clone(),
                name: ended.row.name.clone(),
                home_region: ended.home,
                regions: ended.regions,
                lost,
            });
        }
        self.rows.push(ended.row);
    }

    fn stopped(&self) -> Option<Stop> {
        let of = |status| self.rows.iter().any(|row| row.status == status);
        match (of(AccountStatus::Interrupted), of(AccountStatus::OutOfTime)) {
            (true, _) => Some(Stop::Interrupted),
            (false, true) => Some(Stop::OutOfTime),
            (false, false) => None,
        }
    }

    /// The practices, and on stderr what has run out.
    fn practices(&self, checks: &[&'static Check], settings: &Settings, as_of: DateTime) -> Vec<PracticeRow> {
        // A tape is judged as of its recording, as everything else is: the same tape gives the same answer.
        let day = Date::of(&rfc3339(as_of)).unwrap_or_else(today);
        let in_reach = self.rows.iter().filter(|row| row.status != AccountStatus::Suspended);
        let practices = scan::roll_up(&scan::Basis {
            tally: &self.tally,
            ran: checks,
            all: &catalogue::checks().iter().collect::<Vec<_>>(),
            gaps: &self.unanswered.values().cloned().collect(),
            attestations: &settings.attestations,
            accounts: &in_reach.map(|row| row.id.as_str()).collect::<Vec<_>>(),
            today: day,
        });
        for one in practices.iter().flat_map(|result| &result.attestations).filter(|one| one.is_expired(day)) {
            let owner = crate::report::safe(&one.owner);
            output::note(&format!("expired: the attestation of {} by {owner}, on {}", one.practice.id, one.expires));
        }
        practices.iter().map(PracticeRow::of).collect()
    }
}

/// Runs the checks in all accounts.
async fn gather(
    run: &Run<'_>,
    targets: Targets,
    transport: &Transport,
    mut keep: impl FnMut(Record) -> io::Result<()>,
) -> Result<Gathered, UserError> {
    let gathered = RefCell::new(Gathered::default());
    let tell = |record: Record| {
        gathered.borrow_mut().tally.add(&record);
        keep(record)
    };
    let ended = |ended: Ended| {
        transport.forget(&ended.row.id);
        gathered.borrow_mut().ended(ended);
        Ok(())
    };
    let done = scan::run_all(run, targets.all.clone(), async |target| targets.open(target).await, tell, ended).await;
    done.map_err(|error| UserError(format!("cannot keep what was found: {error}")))?;
    let mut gathered = gathered.into_inner();
    gathered.rows.sort_by(|a, b| a.id.cmp(&b.id));
    gathered.heads.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(gathered)
}

async fn scan(
    args: &ScanArgs,
    selection: &Selection,
    checks: &[&'static Check],
    outputs: &[Output],
    settings: &Settings,
) -> Result<Exit, UserError> {
    let (mut started, clock) = (DateTime::from(SystemTime::now()), Instant::now());
    let mut id = scan_id()?;
    if let Some(earlier) = args.checkpoint.as_deref().map(Checkpoint::peek).transpose()?.flatten() {
        // Ages are judged as of the first start: what is done and what is not yet belong to one scan.
        started = DateTime::from_str(&earlier.started_at, TimeFormat::DateTime)?;
        id = earlier.scan_id;
    }
    let shard = match args.shard {
        None if args.replay.is_none() => {
            Shard::of_job(|name| std::env::var(name).ok()).map_err(UserError)?.filter(|_| args.targets.members())
        }
        given => given,
    };
    let Some(connected) = interruptible(connect(args, checks, started)).await else { return Ok(Exit::Interrupted) };
    let (mut targets, transport, as_of) = connected?;
    if let Some(shard) = shard {
        targets.all.retain(|target| shard.holds(&target.id));
    }
    introduce(&targets, checks, shard);
    for warning in old_tables(DateTime::from(SystemTime::now()).secs()) {
        output::note(&warning);
    }
    let checkpoint = match &args.checkpoint {
        Some(dir) => {
            let plan = plan(args, checks, &targets, settings)?;
            Some(Checkpoint::open(dir, &plan, &id, &rfc3339(started))?)
        }
        None => None,
    };

    let progress = Progress::default();
    let mut findings = Findings::new();
    let (stopper, stop) = watch::channel(None);
    let run = Run {
        partition: &targets.partition.clone(),
        checks,
        at_once: usize::from(args.targets.accounts_at_once),
        progress: &progress,
        stop,
        checkpoint: checkpoint.as_ref(),
    };
    let caller = targets.caller.clone();
    let gathered = tokio::select! {
        gathered = gather(&run, targets, &transport, |record| findings.add(record)) => gathered?,
        () = stopped(&stopper, args.deadline) => unreachable!("it waits for ever once it has stopped the scan"),
        () = progress::show(&progress, &transport) => unreachable!("the progress line never ends"),
    };
    findings.seal();

    let finished = DateTime::from(SystemTime::now());
    let stopped = gathered.stopped();
    if let (Some(recorder), None) = (transport.recorder(), stopped) {
        recorder.finish(&rfc3339(started), gathered.heads.clone())?;
    }
    let regions: BTreeSet<&String> = gathered.heads.iter().flat_map(|head| &head.regions).collect();
    let head = Head {
        schema_version: json::SCHEMA_VERSION.to_owned(),
        tool: Tool::this(),
        scan: crate::report::Scan {
            id,
            started_at: rfc3339(started),
            finished_at: rfc3339(finished),
            duration_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
            as_of: rfc3339(as_of),
            replayed: transport.is_replay(),
            caller,
            regions: regions.into_iter().cloned().collect(),
            selection: selection.clone(),
            checks: checks.iter().map(|check| check.id.to_owned()).collect(),
            calls: transport.stats().calls(),
            complete: stopped.is_none(),
            shard,
            unanswered: gathered.unanswered.values().map(PlacedGap::from).collect(),
            accounts: gathered.rows.clone(),
        },
        summary: Summary::of(&gathered.tally),
        practices: gathered.practices(checks, settings, as_of),
    };
    let report = Report { head, findings, gaps: gathered.tally.gaps() };
    for output in outputs {
        output::deliver(output, &report)?;
    }
    if let (Some(checkpoint), None) = (&checkpoint, stopped) {
        checkpoint.finish().map_err(|error| UserError(format!("cannot clear the checkpoint: {error}")))?;
    }
    Ok(verdict(args, &report, stopped))
}

/// A digest of all that decides what is asked and how it is judged.
fn plan(
    args: &ScanArgs,
    checks: &[&'static Check],
    targets: &Targets,
    settings: &Settings,
) -> Result<String, UserError> {
    let parts = serde_json::json!({
        "tool": Tool::this(),
        "checks": checks.iter().map(|check| check.id).collect::<Vec<_>>(),
        "regions": args.regions,
        "accounts": targets.all.iter().map(|target| &target.id).collect::<Vec<_>>(),
        "caller": targets.caller,
        "attestations": settings.attestations,
    });
    Ok(crate::aws::tape::hex(&Sha256::digest(serde_json::to_vec(&parts)?)))
}

/// Tells the scan to end, when it is asked to or its time is over.
async fn stopped(stopper: &watch::Sender<Option<Stop>>, deadline: Option<Duration>) {
    let over = async {
        match deadline {
            Some(deadline) => tokio::time::sleep(deadline).await,
            None => std::future::pending().await,
        }
    };
    let why = tokio::select! {
        () = asked_to_stop() => Stop::Interrupted,
        () = over => Stop::OutOfTime,
    };
    stopper.send_replace(Some(why));
    std::future::pending().await
}

/// `90s`, `8m`, `1h30m`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a time such as 90s, 8m or 1h30m");
    let (mut seconds, mut rest) = (0_u64, text);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        let unit = match rest[digits..].chars().next() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3600,
            _ => return Err(wrong()),
        };
        seconds = number.checked_mul(unit).and_then(|more| seconds.checked_add(more)).ok_or_else(wrong)?;
        rest = &rest[digits + 1..];
    }
    if seconds == 0 { Err(wrong()) } else { Ok(Duration::from_secs(seconds)) }
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
    checks: &[&'static Check],
    started: DateTime,
) -> Result<(Targets, Transport, DateTime), UserError> {
    let mut reads = catalogue::reads(checks.iter().copied());
    if let Some(dir) = &args.replay {
        let tape = Arc::new(Tape::load(dir)?);
        let transport = Transport::new(Source::Tape(tape.clone()), None, reads);
        let targets = Targets::of_tape(&tape, &transport, &args.regions).await?;
        return Ok((targets, transport, tape.time()?));
    }
    reads.extend(args.targets.calls());
    let recorder = args.record.as_deref().map(Recorder::create).transpose()?;
    let transport = Transport::new(Source::Network(session::http_client()), recorder, reads);
    let targets = args.targets.find(&transport, &args.regions, checks, started).await?;
    Ok((targets, transport, started))
}

/// The caller's identity first: the wrong account is the first thing that can go wrong.
fn introduce(targets: &Targets, checks: &[&'static Check], shard: Option<Shard>) {
    let arn = crate::report::safe(&targets.caller.arn).into_owned();
    let checks = checks.len();
    let only = targets.only(|session| {
        let regions = session.account.regions();
        let places = match regions {
            [one] => one.clone(),
            few if few.len() <= 4 => few.join(", "),
            many => format!("{} regions", many.len()),
        };
        let mut lines = vec![format!("account {} as {arn}: {checks} checks, {places}", session.account.account_id())];
        lines.extend(
            session
                .regions_gap
                .as_ref()
                .map(|gap| format!("warning: the regions of the account could not be listed: {gap}")),
        );
        lines
    });
    let many = || {
        let part = shard.map(|shard| format!(" of shard {shard}")).unwrap_or_default();
        vec![format!("{} accounts{part} as {arn}: {checks} checks", targets.all.len())]
    };
    only.unwrap_or_else(many).iter().for_each(|line| output::note(line));
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
fn verdict(args: &ScanArgs, report: &Report, stopped: Option<Stop>) -> Exit {
    if stopped == Some(Stop::Interrupted) {
        output::note("interrupted: the report is marked incomplete");
        if args.record.is_some() {
            output::note("nothing was recorded: a tape holds a whole scan");
        }
        return Exit::Interrupted;
    }
    let Some(severity) = args.fail_on.severity() else { return Exit::Clean };
    let name = severity.as_str();
    let failed = report.head.summary.at_least(Status::Fail, severity);
    if failed > 0 {
        output::note(&format!("exit 1: {failed} failed findings at or above {name} (--fail-on)"));
        return Exit::Failed;
    }
    let unknown = report.head.summary.at_least(Status::Unknown, severity);
    if unknown > 0 && !args.allow_unknown {
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
