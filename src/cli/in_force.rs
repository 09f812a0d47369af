//! What a scan goes by: flags win over the file, the file over the defaults, key by key.

use super::UserError;
use super::scan::ScanArgs;
use crate::catalogue::{Check, Selection};
use crate::config::Config;
use crate::formats::Output;
use crate::gate::FailOn;
use posture_estate::finding::Severity;
use std::path::PathBuf;

/// Every key that has a flag and a place in the file, decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Empty means the SDK's credential chain.
    pub profiles: Vec<String>,
    pub regions: Vec<String>,
    pub selection: Selection,
    pub outputs: Vec<Output>,
    pub fail_on: FailOn,
    pub baseline: Option<PathBuf>,
    pub allow_unknown: bool,
    /// Only a flag; it wins over an `allow_unknown` of the file.
    pub fail_on_unknown: Option<Severity>,
}

impl InForce {
    /// `environment` says that the environment names a profile or holds credentials, which is more of this run than the
    /// file is.
    pub fn of(args: &ScanArgs, config: &Config, environment: bool) -> InForce {
        let file = &config.scan;
        let profiles = match args.targets.profiles.as_slice() {
            [] if !environment => file.profile.iter().cloned().collect(),
            given => given.to_vec(),
        };
        InForce {
            profiles,
            regions: list(&args.regions, file.regions.as_ref()),
            selection: selection(&args.select.selection(), config),
            outputs: if args.outputs.is_empty() {
                file.outputs.clone().unwrap_or_else(|| vec![Output::DEFAULT])
            } else {
                args.outputs.clone()
            },
            fail_on: args.fail_on.or(file.fail_on).unwrap_or_default(),
            baseline: args.baseline.clone().or_else(|| file.baseline.clone()),
            allow_unknown: args.fail_on_unknown.is_none() && args.allow_unknown.or(file.allow_unknown).unwrap_or(false),
            fail_on_unknown: args.fail_on_unknown,
        }
    }
}

/// Whether the environment says whose credentials to use.
pub fn environment_has_credentials() -> bool {
    let names = [
        "AWS_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ];
    names.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn list(flags: &[String], file: Option<&Vec<String>>) -> Vec<String> {
    if flags.is_empty() { file.cloned().unwrap_or_default() } else { flags.to_vec() }
}

/// The selection of flags and file.
pub fn selection(flags: &Selection, config: &Config) -> Selection {
    let file = &config.scan;
    Selection {
        checks: list(&flags.checks, file.checks.as_ref()),
        practices: list(&flags.practices, file.practices.as_ref()),
        services: list(&flags.services, file.services.as_ref()),
        severity: flags.severity.or(file.severity),
    }
}

/// The checks of a selection by the severities of the file.
pub fn pick(selection: &Selection, config: &Config) -> Result<Vec<&'static Check>, UserError> {
    selection.pick_by(|check| config.severities.of(check)).map_err(|error| match &config.source {
        Some(source) if !config.scan.selection().is_all() => {
            UserError(format!("{error}; {} selects too (--no-config leaves it out)", source.path))
        }
        _ => error.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ScanTable;
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
        InForce::of(&args, &config, environment)
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
        let default = InForce::of(&args, &Config::default(), false);
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
