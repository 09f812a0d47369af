//! The arguments of `posture scan`.

use super::accounts::TargetArgs;
use super::config::FileArgs;
use super::limits::LimitArgs;
use super::select::SelectArgs;
use super::stop::duration;
use super::words;
use crate::formats::{Format, Output};
use crate::gate::FailOn;
use crate::record::Shard;
use crate::run::Flags;
use clap::Args;
use posture_estate::finding::Severity;
use std::path::PathBuf;
use std::time::Duration;

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
    pub(super) limits: LimitArgs,

    #[arg(long = "output", value_name = "FORMAT[=PATH]", help_heading = "Report", help = outputs())]
    pub(super) outputs: Vec<Output>,
    /// The severity from which failed findings make the exit code 1 (default: high)
    #[arg(long, value_parser = words::fail_on(), value_name = "SEVERITY", help_heading = "Gate")]
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
        value_parser = words::severity(),
        value_name = "SEVERITY",
        num_args = 0..=1,
        default_missing_value = "info",
        conflicts_with = "allow_unknown",
        help_heading = "Gate"
    )]
    pub(super) fail_on_unknown: Option<Severity>,

    #[command(flatten)]
    pub(super) file: FileArgs,
    /// Statements by people on practices, in place of those of the configuration file
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    pub(super) attestations: Option<PathBuf>,

    /// End after this time (90s, 8m, 1h30m), the riskiest checks first; what was not judged by then is unknown
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "Large scans")]
    pub(super) deadline: Option<Duration>,
    /// Keep what is done in a directory; the same command goes on there after it was killed
    #[arg(long, value_name = "DIR", conflicts_with_all = ["record", "replay"], help_heading = "Large scans")]
    pub(super) checkpoint: Option<PathBuf>,
    /// Only the Ith of N parts of the accounts, to be joined with `posture merge` (default: what a Kubernetes Indexed Job or an AWS
    /// Batch array job says)
    #[arg(long, value_name = "I/N", help_heading = "Large scans")]
    pub(super) shard: Option<Shard>,

    /// Keep every answer of AWS in a directory, to judge them again with --replay
    #[arg(long, value_name = "DIR", conflicts_with = "replay", help_heading = "Tapes")]
    pub(super) record: Option<PathBuf>,
    /// Judge a recorded account instead of a live one; needs no credentials
    #[arg(long, value_name = "DIR", conflicts_with_all = ["profiles", "accounts", "accounts_file", "org", "shard"], help_heading = "Tapes")]
    pub(super) replay: Option<PathBuf>,
}

/// The help of `--output`.
fn outputs() -> String {
    let formats: Vec<&str> = Format::ALL.iter().map(|(name, _)| *name).collect();
    format!(
        "A report (several times; default: text), to stdout, to a file with =PATH or to S3 with =s3://BUCKET/PREFIX/; the formats: {}",
        formats.join(", ")
    )
}

impl ScanArgs {
    /// What has a place in the configuration file too.
    pub(super) fn flags(&self) -> Flags {
        Flags {
            profiles: self.targets.profiles.clone(),
            regions: self.regions.clone(),
            selection: self.select.selection(),
            outputs: self.outputs.clone(),
            fail_on: self.fail_on,
            baseline: self.baseline.clone(),
            allow_unknown: self.allow_unknown,
            fail_on_unknown: self.fail_on_unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Selection;
    use crate::config::{Config, ScanTable};
    use crate::run::InForce;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: ScanArgs,
    }

    fn of(flags: &[&str], environment: bool) -> InForce {
        let words = |word: &str| Some(vec![word.to_owned()]);
        let scan = ScanTable {
            profile: Some("file".into()),
            regions: words("eu-*"),
            checks: words("s3_*"),
            practices: words("SEC08-BP02"),
            services: words("s3"),
            severity: Some(Severity::Low),
            fail_on: Some(FailOn::Medium),
            allow_unknown: Some(true),
            baseline: Some("file/base.json".into()),
            outputs: Some(vec!["json=file.json".parse().unwrap()]),
        };
        let config = Config { scan, ..Config::default() };
        let args = Line::parse_from(std::iter::once(&"scan").chain(flags)).args;
        InForce::of(args.flags(), &config, environment)
    }

    #[test]
    fn the_file_wins_over_the_defaults() {
        let force = of(&[], false);
        assert_eq!(
            (force.profiles.as_slice(), force.regions.as_slice()),
            (&["file".to_owned()][..], &["eu-*".to_owned()][..])
        );
        assert_eq!((force.fail_on, force.allow_unknown), (FailOn::Medium, true));
        assert_eq!(force.outputs[0].spec(), "json=file.json");
        assert_eq!(force.baseline.as_deref(), Some(std::path::Path::new("file/base.json")));
        assert_eq!((force.selection.checks.len(), force.selection.severity), (1, Some(Severity::Low)));
        let args = Line::parse_from(["scan"]).args;
        let default = InForce::of(args.flags(), &Config::default(), false);
        assert_eq!((default.fail_on, default.allow_unknown), (FailOn::High, false));
        assert!(default.selection.is_all() && default.outputs == [Output::DEFAULT] && default.regions.is_empty());
    }

    #[test]
    fn each_flag_wins_over_its_key_and_leaves_the_others() {
        let all = of(&[], false);
        for (flags, changed) in [
            (&["--profile", "flag"][..], InForce { profiles: vec!["flag".into()], ..all.clone() }),
            (&["--region", "us-east-1"], InForce { regions: vec!["us-east-1".into()], ..all.clone() }),
            (&["--fail-on", "never"], InForce { fail_on: FailOn::Never, ..all.clone() }),
            (&["--allow-unknown=false"], InForce { allow_unknown: false, ..all.clone() }),
            (&["--allow-unknown"], all.clone()),
            (&["--baseline", "flag.json"], InForce { baseline: Some("flag.json".into()), ..all.clone() }),
            (
                &["--fail-on-unknown"],
                InForce { allow_unknown: false, fail_on_unknown: Some(Severity::Info), ..all.clone() },
            ),
            (&["--output", "text"], InForce { outputs: vec![Output::DEFAULT], ..all.clone() }),
        ] {
            assert_eq!(of(flags, false), changed, "{flags:?}");
        }
        let selection = |flags: &[&str]| of(flags, false).selection;
        let file = all.selection;
        for (flags, changed) in [
            (&["--check", "iam_*"][..], Selection { checks: vec!["iam_*".into()], ..file.clone() }),
            (&["--practice", "SEC01-BP01"], Selection { practices: vec!["SEC01-BP01".into()], ..file.clone() }),
            (&["--service", "iam"], Selection { services: vec!["iam".into()], ..file.clone() }),
            (&["--severity", "high"], Selection { severity: Some(Severity::High), ..file.clone() }),
        ] {
            assert_eq!(selection(flags), changed, "{flags:?}");
        }
    }

    #[test]
    fn the_environment_wins_over_the_profile_of_the_file() {
        assert!(of(&[], true).profiles.is_empty());
        assert_eq!(of(&["--profile", "flag"], true).profiles, ["flag"]);
    }
}
