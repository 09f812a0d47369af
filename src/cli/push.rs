//! `posture push`: a report to where others keep findings.

use super::{Exit, output, scan};
use crate::catalogue;
use crate::push::{self, Hub, Scope, Sent};
use crate::report::{self, Report};
use crate::run::{Failure, OrBug, UserError};
use aws_smithy_types::DateTime;
use clap::{Args, Subcommand, ValueEnum};
use globset::{Glob, GlobSetBuilder};
use posture_estate::aws::transport::{Source, Transport};
use posture_estate::place::Scene;
use posture_estate::session;
use posture_estate::text::counted;
use posture_estate::text::safe;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Args)]
pub struct PushArgs {
    #[command(subcommand)]
    to: To,
}

#[derive(Debug, Subcommand)]
enum To {
    /// Import findings into AWS Security Hub, and archive there what is fixed
    #[command(after_help = HELP)]
    SecurityHub(HubArgs),
}

const HELP: &str = "\
Failed and unknown findings of the caller's own account go to the Security Hub of their region, those of global services to
us-east-1 (cn-north-1, us-gov-west-1). Then the findings that posture imported before and that this report shows to be fixed
are archived; what is unknown now is never archived. A suppression reaches Security Hub only with a new finding: later
the workflow status belongs to its users.

Needs the IAM actions securityhub:BatchImportFindings and securityhub:GetFindings, and writes nothing else.

Exit codes:
    0  all of it is there
    2  some of it is not: each region or finding is named on stderr";

#[derive(Debug, Args)]
pub struct HubArgs {
    /// A JSON report of a scan
    #[arg(value_name = "REPORT")]
    report: PathBuf,
    /// The profile of the AWS configuration to write with (default: the SDK's credential chain)
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Only to these regions; globs such as 'eu-*' work (several times; default: all of the report)
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<String>,
    /// Import passed findings too; else those that were imported before are archived
    #[arg(long, value_enum, value_name = "STATUS")]
    include: Option<Include>,
    /// Write nothing; only say what would be imported and archived
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Include {
    Pass,
}

/// Refused findings that are named one by one.
const NAMED: usize = 20;

pub fn main(args: &PushArgs) -> Result<Exit, Failure> {
    let To::SecurityHub(args) = &args.to;
    let report = report::read(&args.report)?;
    let runtime = scan::runtime()?;
    let exit = runtime.block_on(security_hub(args, &report));
    runtime.shutdown_background();
    exit
}

async fn security_hub(args: &HubArgs, report: &Report) -> Result<Exit, Failure> {
    let mut globs = GlobSetBuilder::new();
    for pattern in &args.regions {
        let glob = Glob::new(pattern).map_err(|error| {
            UserError::new(format!("--region {pattern:?}: {}", error.kind()), "give a region or a glob such as 'eu-*'")
        })?;
        globs.add(glob);
    }
    let globs = globs.build().or_bug("joining the globs of --region")?;
    let http = posture_estate::aws::credentials::http_client(args.profile.as_slice()).await?;
    let asking = Transport::new(Source::Network(http.clone()), None, catalogue::reads([]));
    let now = DateTime::from(std::time::SystemTime::now());
    let scene = Scene { now, transport: asking, settings: Arc::default() };
    let base = session::base(args.profile.as_deref(), &scene, &[]).await?;
    let account = base.caller.account.as_str();
    let wanted = |region: &str| args.regions.is_empty() || globs.is_match(region);
    let scope = Scope::of(report, account, args.include == Some(Include::Pass), wanted)
        .map_err(|error| UserError::read(&args.report, &error))?;
    check(args, report, &scope, account)?;
    let hubs = scope.regions().map(|region| Hub::new(base.sdk(), &http, region)).collect::<Result<_, _>>();
    let sent = push::run(report, &scope, hubs.or_bug("opening Security Hub")?, args.dry_run)
        .await
        .map_err(|error| UserError::read(&args.report, &error))?;
    tell(&sent, args.dry_run)
}

/// What the report has for the caller; notes on what stays out.
fn check(args: &HubArgs, report: &Report, scope: &Scope, account: &str) -> Result<(), UserError> {
    if !report.head.scan.accounts.iter().any(|row| row.id == account) {
        let has: Vec<&str> = report.head.scan.accounts.iter().map(|row| row.id.as_str()).collect();
        let what = format!(
            "{} is about {}, and the credentials are of {account}: Security Hub takes findings from the account itself",
            args.report.display(),
            safe(&has.join(", "))
        );
        return Err(UserError::new(what, "give credentials of it"));
    }
    if scope.regions().next().is_none() {
        return Err(UserError::new(
            format!("--region {} matches no region of the report", args.regions.join(", ")),
            format_args!("there are {}", safe(&report.head.scan.regions.join(", "))),
        ));
    }
    for (other, count) in scope.others() {
        let other = safe(other);
        output::note(&format!(
            "account {other}: {} not sent, Security Hub takes findings from the account itself; push again \
             with credentials of {other}",
            findings(*count)
        ));
    }
    if !scope.complete() {
        output::note("the scan of the report was not complete: nothing is archived");
    }
    Ok(())
}

/// `1 finding is`, `2 findings are`.
fn findings(count: u64) -> String {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    format!("{} {}", counted(count, "finding"), if count == 1 { "is" } else { "are" })
}

/// A line a region, and what did not work.
fn tell(sent: &BTreeMap<String, Sent>, dry: bool) -> Result<Exit, Failure> {
    let (mut text, mut whole) = (String::new(), true);
    let would = if dry { "would be " } else { "" };
    for (region, sent) in sent {
        let Sent { imported, archived, newer, unsuppressed, refused, errors } = sent;
        whole &= refused.is_empty() && errors.is_empty();
        let region = safe(region);
        if *imported + *archived > 0 {
            text.push_str(&format!("{region}: {imported} {would}imported, {archived} {would}archived\n"));
        }
        if *newer > 0 {
            output::note(&format!("{region}: {} left unchanged: a newer scan has reported since", findings(*newer)));
        }
        if *unsuppressed > 0 {
            output::note(&format!(
                "{region}: {} suppressed here but already in Security Hub: set the workflow status there",
                findings(*unsuppressed)
            ));
        }
        for error in errors {
            output::note(&format!("error: {}", safe(error)));
        }
        for one in refused.iter().take(NAMED) {
            output::note(&format!(
                "error: {region}: {} was refused: {}: {}",
                safe(&one.id),
                safe(&one.code),
                safe(&one.message)
            ));
        }
        if refused.len() > NAMED {
            output::note(&format!("error: {region}: and {} more were refused", refused.len() - NAMED));
        }
    }
    if text.is_empty() && whole {
        text.push_str("there is nothing to import or to archive\n");
    }
    output::stdout(text.as_bytes())?;
    Ok(if whole { Exit::Clean } else { Exit::CannotScan })
}
