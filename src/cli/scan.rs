//! `posture scan`.

use super::config::{FileArgs, counted};
use super::gather::gather;
use super::in_force::{self, InForce};
use super::limits::LimitArgs;
use super::stop::{duration, interruptible, stopped};
use super::targets::{TargetArgs, Targets};
use super::{Exit, SelectArgs, UserError, central, output, progress};
use crate::catalogue::{self, Check};
use crate::config::Config;
use crate::formats::{Output, same_file};
use crate::gate::{self, Baseline, FailOn, Gate, Outcome, Rules};
use crate::record::{Findings, Shard, Stop};
use crate::report::{Head, Report, Summary, Tool, json};
use crate::scan::{Checkpoint, Progress, Recorded, Run};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format as TimeFormat;
use clap::Args;
use posture_estate::aws::tape::{Recorder, Tape};
use posture_estate::aws::transport::{Source, Transport};
use posture_estate::day::rfc3339;
use posture_estate::finding::PlacedGap;
use posture_estate::finding::Severity;
use posture_estate::place::Scene;
use posture_estate::settings::CheckSettings;
use posture_policy::stale_tables;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::watch;

/// Bytes of a worker's stack; unoptimised builds of the SDK nest deeper than the default 2 MiB.
const STACK: usize = 16 << 20;

#[derive(Debug, Args)]
pub struct ScanArgs {
    #[command(flatten)]
    pub(super) targets: TargetArgs,

    /// Only these regions; globs such as 'eu-*' work (several times; default: all that the account has enabled)
    #[arg(long = "region", value_name = "REGION")]
    pub(super) regions: Vec<String>,

    #[command(flatten)]
    pub(super) select: SelectArgs,

    #[command(flatten)]
    limits: LimitArgs,

    /// A report (several times; default: text), to stdout, to a file with =PATH or to S3 with =s3://BUCKET/PREFIX/; the formats:
    /// text, json, ndjson, ocsf, asff, sarif, junit, csv, markdown, github, html
    #[arg(long = "output", value_name = "FORMAT[=PATH]", help_heading = "Report")]
    pub(super) outputs: Vec<Output>,
    /// The severity from which failed findings make the exit code 1 (default: high)
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Gate")]
    pub(super) fail_on: Option<FailOn>,
    /// An earlier JSON report: only failed findings that are new or worse since then count
    #[arg(long, value_name = "FILE", help_heading = "Gate")]
    pub(super) baseline: Option<PathBuf>,
    /// Let unknown findings end with 0 instead of 3
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        help_heading = "Gate"
    )]
    pub(super) allow_unknown: Option<bool>,
    /// The severity from which unknown findings make the exit code 3 (default: that of --fail-on; without a value: info)
    #[arg(
        long,
        value_name = "SEVERITY",
        num_args = 0..=1,
        value_parser = super::severity(),
        default_missing_value = "info",
        conflicts_with = "allow_unknown",
        help_heading = "Gate"
    )]
    pub(super) fail_on_unknown: Option<Severity>,

    #[command(flatten)]
    file: FileArgs,
    /// Statements by people on practices, in place of those of the configuration file
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
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

pub fn main(args: &ScanArgs) -> Result<Exit, UserError> {
    let config = args.file.load(args.attestations.as_deref())?;
    let mut force = InForce::of(args, &config, in_force::environment_has_credentials());
    let tape = args.replay.as_deref().map(Tape::load).transpose()?.map(Arc::new);
    if let Some(selection) = tape.as_deref().map(Recorded::of).transpose()?.and_then(|recorded| recorded.selection)
        && force.selection.is_all()
    {
        output::note("judging what the recording was asked for; --check '*' judges everything");
        force.selection = selection;
    }
    let checks = in_force::pick(&force.selection, &config)?;
    output::check_writable(&force.outputs)?;
    if let Some(path) = &force.baseline
        && force.outputs.iter().filter_map(Output::path).any(|output| same_file(output, path))
    {
        let at = path.display();
        return Err(UserError(format!(
            "the baseline {at} is an output, too: it would accept what this scan finds; write elsewhere"
        )));
    }
    if args.shard.is_some() && !args.targets.members() {
        return Err(UserError(
            "--shard cuts a scan of many accounts: it goes with --org, --accounts-file or --account".into(),
        ));
    }
    let baseline = force.baseline.as_deref().map(Baseline::read).transpose()?;
    let runtime = runtime()?;
    let exit = runtime.block_on(scan(args, &force, tape, &checks, &config, baseline));
    // Connections that still wait for an answer must not hold the exit up.
    runtime.shutdown_background();
    exit
}

/// Threads for a scan.
pub(super) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build()
}

async fn scan(
    args: &ScanArgs,
    force: &InForce,
    tape: Option<Arc<Tape>>,
    checks: &[&'static Check],
    config: &Config,
    mut baseline: Option<Baseline>,
) -> Result<Exit, UserError> {
    let (mut started, clock) = (DateTime::from(SystemTime::now()), Instant::now());
    let mut id = scan_id()?;
    if let Some(earlier) =
        args.checkpoint.as_deref().map(|dir| Checkpoint::peek(dir, started.secs())).transpose()?.flatten()
    {
        // Ages are judged as of the first start: what is done and what is not yet belong to one scan.
        started = DateTime::from_str(&earlier.started_at, TimeFormat::DateTime)?;
        output::note(&format!("going on with the scan that began at {}", earlier.started_at));
        id = earlier.scan_id;
    }
    let shard = match args.shard {
        None if args.replay.is_none() => {
            Shard::of_job(|name| std::env::var(name).ok()).map_err(UserError)?.filter(|_| args.targets.members())
        }
        given => given,
    };
    let Some(connected) =
        interruptible(connect(args, force, tape, checks, started, Arc::new(config.checks.resolved()))).await
    else {
        return Ok(Exit::Interrupted);
    };
    let Connected { mut targets, transport, as_of, checks } = connected?;
    let checks = checks.as_slice();
    // Of the whole scan: shards of one have it in common.
    let plan = plan(force, checks, &targets, config)?;
    if let Some(shard) = shard {
        targets.all.retain(|target| shard.holds(&target.id));
    }
    introduce(&targets, checks, shard);
    for warning in old_tables(DateTime::from(SystemTime::now()).secs()) {
        output::note(&warning);
    }
    let checkpoint = match &args.checkpoint {
        Some(dir) => {
            let own = shard.map(|shard| format!("{plan} {shard}")).unwrap_or_else(|| plan.clone());
            Some(Checkpoint::open(dir, &own, &id, &rfc3339(started))?)
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
    let (caller, organization) = (targets.caller.clone(), targets.organization.clone());
    let mut gate = Gate::new(rules(force));
    let keep = |mut record| {
        if let Some(baseline) = &mut baseline {
            baseline.mark(&mut record);
        }
        gate.add(&record);
        findings.add(record)
    };
    let gathered = tokio::select! {
        gathered = gather(&run, targets, &transport, config, as_of, keep) => gathered?,
        () = stopped(&stopper, args.deadline) => unreachable!("it waits for ever once it has stopped the scan"),
        () = progress::show(&progress, &transport) => unreachable!("the progress line never ends"),
    };
    findings.seal();

    let finished = DateTime::from(SystemTime::now());
    let stopped = gathered.stopped();
    if let (Some(recorder), None) = (transport.recorder(), stopped) {
        let selection = Some(&force.selection).filter(|selection| !selection.is_all()).cloned();
        let recorded = Recorded { accounts: gathered.heads.clone(), organization, selection };
        recorder.finish(&rfc3339(started), recorded.about()?)?;
    }
    let regions: BTreeSet<&String> = gathered.heads.iter().flat_map(|head| &head.regions).collect();
    let mut head = Head {
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
            selection: force.selection.clone(),
            config: config.source.clone(),
            attestations: config.attestations_source.clone(),
            severities: config.severities.changes(checks.iter().copied()),
            settings: config.checks.changed_of(checks),
            checks: checks.iter().map(|check| check.id.to_owned()).collect(),
            calls: transport.stats().calls(),
            complete: stopped.is_none(),
            shard,
            plan: shard.map(|_| plan),
            unanswered: gathered.unanswered.values().map(PlacedGap::from).collect(),
            accounts: gathered.rows.clone(),
        },
        summary: Summary::of(&gathered.tally),
        practices: gathered.practices(checks, config, as_of),
        suppressions: gathered.suppressions.clone(),
        baseline: None,
    };
    head.baseline = baseline.as_ref().map(|baseline| baseline.note(&head));
    let report = Report { head, findings, gaps: gathered.tally.gaps() };
    let written = output::deliver_all(&force.outputs, &report, force.profiles.first().map(String::as_str)).await;
    let exit = verdict(args, force.allow_unknown, &report, &gate, stopped);
    written?;
    if let (Some(checkpoint), None) = (&checkpoint, stopped) {
        checkpoint.finish().map_err(|error| UserError(format!("cannot clear the checkpoint: {error}")))?;
    }
    Ok(exit)
}

/// What breaks the gate.
fn rules(force: &InForce) -> Rules {
    Rules::new(force.fail_on.severity(), force.baseline.is_some(), force.allow_unknown, force.fail_on_unknown)
}

/// A digest of all that decides what is asked and how it is judged.
fn plan(force: &InForce, checks: &[&'static Check], targets: &Targets, config: &Config) -> Result<String, UserError> {
    let parts = serde_json::json!({
        "tool": Tool::this(),
        "checks": checks.iter().map(|check| check.id).collect::<Vec<_>>(),
        "regions": force.regions,
        "accounts": targets.all.iter().map(|target| &target.id).collect::<Vec<_>>(),
        // Not its ARN: that holds the name of a session, another one in each job.
        "caller": targets.caller.account,
        "organization": targets.organization,
        "config": config.source,
        "attestations": config.attestations_source,
    });
    Ok(posture_estate::text::hex(&Sha256::digest(serde_json::to_vec(&parts)?)))
}

/// A scan that can begin.
struct Connected {
    targets: Targets,
    transport: Transport,
    /// The moment that ages are judged by.
    as_of: DateTime,
    /// Those of the selected checks that are part of it.
    checks: Vec<&'static Check>,
}

async fn connect(
    args: &ScanArgs,
    force: &InForce,
    tape: Option<Arc<Tape>>,
    checks: &[&'static Check],
    started: DateTime,
    settings: Arc<CheckSettings>,
) -> Result<Connected, UserError> {
    if let Some(tape) = tape {
        let reads = catalogue::reads(checks.iter().copied());
        let transport = Transport::new(Source::Tape(tape.clone()), None, reads);
        let scene = Scene { now: tape.time()?, transport: transport.clone(), settings };
        let targets = Targets::of_tape(&Recorded::of(&tape)?, &scene, &force.regions).await?;
        let checks = central::kept(checks, &force.selection, &targets)?;
        return Ok(Connected { targets, transport, as_of: tape.time()?, checks });
    }
    let checks = central::asked(checks, &force.selection, args.targets.is_of_organization())?;
    let mut reads = catalogue::reads(checks.iter().copied());
    reads.extend(args.targets.calls());
    let recorder = args.record.as_deref().map(Recorder::create).transpose()?;
    let source = Source::Network(posture_estate::aws::credentials::http_client());
    let transport = Transport::within(args.limits.limits(), source, recorder, reads);
    let scene = Scene { now: started, transport: transport.clone(), settings };
    let targets = args.targets.find(&scene, &force.profiles, &force.regions, &checks).await?;
    let checks = central::kept(&checks, &force.selection, &targets)?;
    Ok(Connected { targets, transport, as_of: started, checks })
}

/// The caller's identity first: the wrong account is the first thing that can go wrong.
fn introduce(targets: &Targets, checks: &[&'static Check], shard: Option<Shard>) {
    let arn = posture_estate::text::safe(&targets.caller.arn).into_owned();
    let checks = checks.len();
    let only = targets.only(|session| {
        let regions = session.account.regions();
        let places = match regions {
            [one] => one.clone(),
            few if few.len() <= 4 => few.join(", "),
            many => format!("{} regions", many.len()),
        };
        let mut lines =
            vec![format!("account {} as {arn}: {}, {places}", session.account.account_id(), counted(checks, "check"))];
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
        vec![format!("{}{part} as {arn}: {}", counted(targets.all.len(), "account"), counted(checks, "check"))]
    };
    only.unwrap_or_else(many).iter().for_each(|line| output::note(line));
}

/// A warning for each compiled-in table that has grown old by now, whenever the account was recorded.
fn old_tables(now: i64) -> Vec<String> {
    let warn = |stale: posture_policy::Stale| {
        format!(
            "warning: the table of {} is of {}, {} days ago, and newer ones are judged without it: install a newer release of posture",
            stale.what, stale.date, stale.days
        )
    };
    stale_tables(now).into_iter().map(warn).collect()
}

/// The exit code, and on stderr the reason for it.
fn verdict(args: &ScanArgs, allow_unknown: bool, report: &Report, gate: &Gate, stopped: Option<Stop>) -> Exit {
    for difference in report.head.baseline.iter().flat_map(|baseline| &baseline.differences) {
        output::note(&format!("warning: {difference}; what it lacks counts as new"));
    }
    let end = gate::outcome(gate.counts(), stopped, allow_unknown);
    if stopped == Some(Stop::OutOfTime) {
        output::note(
            "out of time: what had not been judged by the deadline is unknown, and the report is marked incomplete",
        );
    }
    if end == Outcome::Interrupted {
        output::note("interrupted: the report is marked incomplete");
        if args.record.is_some() {
            output::note("nothing was recorded: a tape holds a whole scan");
        }
    } else {
        gate.reason().iter().for_each(|line| output::note(line));
    }
    end.into()
}

/// A random UUID (version 4).
fn scan_id() -> Result<String, UserError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = posture_estate::text::hex(&bytes);
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_tables_are_told_with_the_remedy() {
        let date = posture_policy::actions::table_date();
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
