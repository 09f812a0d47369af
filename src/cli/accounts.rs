//! Which accounts to scan, on the command line.

use crate::run::Whom;
use clap::Args;
use std::path::PathBuf;

/// Which accounts.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Accounts")]
pub struct TargetArgs {
    /// The profile of the AWS configuration to scan with (several: each is an account to scan; default: the SDK's credential chain)
    #[arg(long = "profile", value_name = "NAME")]
    pub(super) profiles: Vec<String>,
    /// An account to scan by assuming --role-name in it (several); with --org: only these accounts
    #[arg(long = "account", value_name = "ID")]
    accounts: Vec<String>,
    /// Accounts to scan, one a line: its id and, if you like, its name; # begins a comment
    #[arg(long, value_name = "FILE")]
    accounts_file: Option<PathBuf>,
    /// Every account of the organization; needs credentials of its management account or of a delegated administrator
    #[arg(long, conflicts_with = "accounts_file")]
    org: bool,
    /// Only accounts of this organizational unit (ou-…) or below it (several)
    #[arg(long = "ou", value_name = "ID", requires = "org")]
    units: Vec<String>,
    /// Only accounts with this tag (several: all of them)
    #[arg(long = "account-tag", value_name = "KEY=VALUE", requires = "org")]
    tags: Vec<String>,
    /// Not this account (several)
    #[arg(long = "exclude-account", value_name = "ID")]
    exclude: Vec<String>,
    /// The role to assume in each account, with its path if it has one
    #[arg(long, value_name = "NAME")]
    role_name: Option<String>,
    /// A role to assume before that, from which the accounts' roles can be assumed (several: a chain)
    #[arg(long = "via-role", value_name = "ARN", requires = "role_name")]
    via: Vec<String>,
    /// The external id that the accounts' roles ask for
    #[arg(long, value_name = "ID", requires = "role_name")]
    external_id: Option<String>,
    /// The name of the sessions, as CloudTrail shows it
    #[arg(long, value_name = "NAME", default_value = "posture")]
    session_name: String,
    /// Do not narrow the sessions to what the scan asks
    #[arg(long, requires = "role_name")]
    no_session_policy: bool,
    /// How many accounts to scan at the same time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    accounts_at_once: u16,
}

impl TargetArgs {
    pub fn whom(&self) -> Whom {
        Whom {
            accounts: self.accounts.clone(),
            accounts_file: self.accounts_file.clone(),
            organization: self.org,
            units: self.units.clone(),
            tags: self.tags.clone(),
            exclude: self.exclude.clone(),
            role_name: self.role_name.clone(),
            via: self.via.clone(),
            external_id: self.external_id.clone(),
            session_name: self.session_name.clone(),
            session_policy: !self.no_session_policy,
            at_once: self.accounts_at_once,
        }
    }
}
