//! Which accounts a scan is about, and the way into each.

use super::{UserError, output};
use crate::catalogue::{self, Check};
use crate::catalogue::{grant, session_policy::session_policy};
use crate::scan::{Recorded, Replayed, replay};
use crate::scan::{Target, TargetState};
use clap::Args;
use posture_estate::arn::{account_of, is_account};
use posture_estate::organization::OrganizationView;
use posture_estate::organizations::{self as organization, Filter};
use posture_estate::place::Scene;
use posture_estate::services::organizations::{Member, State};
use posture_estate::services::sts::Caller;
use posture_estate::session::{self, Base, Lost, Session, Way};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Which accounts.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Accounts")]
pub struct TargetArgs {
    /// The profile of the AWS configuration to scan with (several: each is an account to scan; default: the SDK's credential chain)
    #[arg(long = "profile", value_name = "NAME")]
    pub profiles: Vec<String>,
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
    pub accounts_at_once: u16,
}

/// The accounts of a scan and how to get into them.
#[derive(Debug)]
pub struct Targets {
    pub caller: Caller,
    pub partition: String,
    pub all: Vec<Target>,
    /// The organization that the scan is of.
    pub organization: Option<OrganizationView>,
    /// The account of it that can see it, whether or not it is scanned: the caller's.
    pub central: Option<String>,
    opening: Opening,
}

#[derive(Debug)]
enum Opening {
    /// Each was opened before the scan: a profile, or an account of a tape.
    Ready(RefCell<BTreeMap<String, Result<Session, Lost>>>),
    Members {
        base: Box<Base>,
        way: Way,
        wanted: Vec<String>,
    },
}

impl TargetArgs {
    /// Whether the scan is of an organization.
    pub fn is_of_organization(&self) -> bool {
        self.org
    }

    /// Whether roles in other accounts are assumed.
    pub fn members(&self) -> bool {
        self.org || self.accounts_file.is_some() || !self.accounts.is_empty()
    }

    /// The calls that finding the accounts and getting into them takes.
    pub fn calls(&self) -> BTreeSet<String> {
        // Also for a profile whose role asks for an MFA code.
        let mut calls = BTreeSet::from(["sts:AssumeRole".to_owned()]);
        if self.org {
            calls.extend(organization::CALLS.iter().map(|&call| call.to_owned()));
        }
        if !self.tags.is_empty() {
            calls.insert(organization::TAGS.to_owned());
        }
        calls
    }

    /// Finds the accounts.
    ///
    /// # Errors
    /// When the credentials do not work, an argument is wrong, or the organization cannot be read.
    pub async fn find(
        &self,
        scene: &Scene,
        profiles: &[String],
        wanted: &[String],
        checks: &[&'static Check],
    ) -> Result<Targets, UserError> {
        if !self.members() {
            if !self.exclude.is_empty() {
                return Err(UserError(
                    "--exclude-account leaves out some of many accounts: it goes with --org or --accounts-file".into(),
                ));
            }
            if self.role_name.is_some() {
                return Err(UserError("--role-name needs accounts: --account, --accounts-file or --org".into()));
            }
            return own_accounts(scene, profiles, wanted).await;
        }
        let role = self.role_name.as_deref().ok_or_else(|| {
            UserError(
                "--account, --accounts-file and --org need --role-name, the role to assume in each account".into(),
            )
        })?;
        let ([] | [_]) = profiles else {
            return Err(UserError("one --profile at most goes with --account, --accounts-file and --org".into()));
        };
        let way = self.way(role, checks)?;
        let exclude = ids("--exclude-account", &self.exclude)?;
        let listed = self.listed()?;
        let profile = profiles.first().map(String::as_str);
        let mut base = session::base(profile, scene, wanted).await?;
        base.check_regions(wanted).await?;
        let mut all = if self.org { self.discover(&mut base, listed, &exclude).await? } else { listed };
        all.retain(|target| !exclude.contains(&target.id));
        if !all.is_empty() && all.iter().all(|target| target.state == TargetState::Suspended) {
            return Err(UserError(
                "every account that was chosen is suspended or being closed: there is nothing to scan".into(),
            ));
        }
        if all.is_empty() {
            return Err(UserError(
                "no account is left to scan; loosen --ou, --account-tag, --account or --exclude-account".into(),
            ));
        }
        let partition = base.account.partition().to_owned();
        let opening = Opening::Members { base: Box::new(base.clone()), way, wanted: wanted.to_vec() };
        let central = self.org.then(|| base.caller.account.clone());
        let organization = base.organization().cloned();
        Ok(Targets { caller: base.caller, partition, all, organization, central, opening })
    }

    fn way(&self, role: &str, checks: &[&'static Check]) -> Result<Way, UserError> {
        if role.starts_with("arn:") || role.is_empty() {
            return Err(UserError(format!(
                "--role-name {role:?} is no name of a role; each account has a role of its own, such as audit or path/audit"
            )));
        }
        if let Some(arn) = self.via.iter().find(|arn| account_of(arn).is_none() || !arn.contains(":role/")) {
            return Err(UserError(format!(
                "--via-role {arn:?} is no ARN of a role such as arn:aws:iam::111122223333:role/hub"
            )));
        }
        let named = |c: char| c.is_ascii_alphanumeric() || "=,.@-_".contains(c);
        if !(2..=64).contains(&self.session_name.len()) || !self.session_name.chars().all(named) {
            return Err(UserError(format!(
                "--session-name {:?} is not 2 to 64 of the characters A-Z a-z 0-9 = , . @ - _",
                self.session_name
            )));
        }
        // Those of the organization run in the caller's own session, which is none of these.
        let here = checks.iter().copied().filter(|check| !self.org || !check.is_of_organization());
        let calls = catalogue::reads(here);
        let policy = session_policy(&grant::actions(calls.iter().map(String::as_str)));
        Ok(Way {
            via: self.via.clone(),
            role: role.trim_start_matches('/').to_owned(),
            external_id: self.external_id.clone(),
            session_name: self.session_name.clone(),
            policy: (!self.no_session_policy).then_some(policy),
        })
    }

    /// The accounts that are named, sorted.
    fn listed(&self) -> Result<Vec<Target>, UserError> {
        let mut all: BTreeMap<String, Option<String>> = BTreeMap::new();
        for id in ids("--account", &self.accounts)? {
            all.insert(id, None);
        }
        if let Some(path) = &self.accounts_file {
            for (id, name) in accounts_file(path)? {
                all.insert(id, name);
            }
        }
        Ok(all.into_iter().map(|(id, name)| Target::alone(id, name)).collect())
    }

    async fn discover(
        &self,
        base: &mut Base,
        listed: Vec<Target>,
        exclude: &[String],
    ) -> Result<Vec<Target>, UserError> {
        if let Some(unit) = self.units.iter().find(|id| !(id.starts_with("ou-") || id.starts_with("r-"))) {
            return Err(UserError(format!(
                "--ou {unit:?} is no id of an organizational unit such as ou-ab12-cdef3456"
            )));
        }
        let tags = self.tags.iter().map(|tag| {
            let (key, value) = tag
                .split_once('=')
                .filter(|(key, _)| !key.is_empty())
                .ok_or_else(|| UserError(format!("--account-tag {tag:?} is not KEY=VALUE")))?;
            Ok((key.to_owned(), value.to_owned()))
        });
        let filter = Filter {
            units: self.units.clone(),
            tags: tags.collect::<Result<_, UserError>>()?,
            include: listed.into_iter().map(|target| target.id).collect(),
            exclude: exclude.to_vec(),
        };
        let members = organization::members(&base.account, &filter).await.map_err(|gap| {
            UserError(format!("the organization's accounts could not be listed: {gap}; --org needs the management account or a delegated administrator"))
        })?;
        let strays: Vec<&str> = filter.include.iter().map(String::as_str).collect();
        let strays: Vec<&str> = strays
            .into_iter()
            .filter(|id| !members.iter().any(|member| member.id == *id) && !exclude.iter().any(|own| own == id))
            .collect();
        if !strays.is_empty() {
            return Err(UserError(format!(
                "--account {} is not among the organization's accounts that --ou and --account-tag leave",
                strays.join(", ")
            )));
        }
        match organization::view(&base.account).await {
            Ok(Some(view)) => base.set_organization(Arc::new(view)),
            Ok(None) => {}
            Err(gap) => output::note(&format!(
                "warning: the organization could not be read, and its accounts count as strangers to each other: {gap}"
            )),
        }
        let central = base.caller.account.clone();
        let target = |member: Member| Target {
            organization: member.id == central,
            id: member.id,
            name: Some(member.name),
            state: match member.state {
                State::Active => TargetState::Open,
                State::Suspended => TargetState::Suspended,
                State::Pending => TargetState::Pending,
            },
        };
        Ok(members.into_iter().map(target).collect())
    }
}

impl Targets {
    /// The accounts of a tape.
    ///
    /// # Errors
    /// When the tape does not say who recorded it, or has not these regions.
    pub async fn of_tape(recorded: &Recorded, scene: &Scene, wanted: &[String]) -> Result<Targets, UserError> {
        let (caller, accounts) = replay(recorded, scene, wanted).await?;
        let (mut ready, mut all) = (BTreeMap::new(), Vec::new());
        let central = accounts.iter().find(|account| account.organization).map(|account| account.id.clone());
        let whole = central.is_some() || recorded.organization.is_some();
        for Replayed { id, name, organization, session } in accounts {
            let suspended = recorded.accounts.iter().any(|head| head.id == id && head.suspended);
            let state = if suspended { TargetState::Suspended } else { TargetState::Open };
            all.push(Target { id: id.clone(), name, state, organization: organization || !whole });
            ready.insert(id, session);
        }
        all.sort_by(|a, b| a.id.cmp(&b.id));
        let partition = caller.arn.split(':').nth(1).unwrap_or("aws").to_owned();
        let organization = recorded.organization.clone();
        // Without the account that can see the organization, its checks were no part of the scan that recorded.
        let central = central.or_else(|| whole.then(|| caller.account.clone()));
        Ok(Targets { caller, partition, all, organization, central, opening: Opening::Ready(RefCell::new(ready)) })
    }

    /// A session in one of the accounts.
    ///
    /// # Errors
    /// [`Lost`] when nobody gets in.
    pub async fn open(&self, target: &Target) -> Result<Session, Lost> {
        match &self.opening {
            Opening::Ready(ready) => {
                let session = ready.borrow_mut().remove(&target.id);
                session.unwrap_or_else(|| Err(Lost::unopened(&target.id)))
            }
            Opening::Members { base, wanted, .. } if base.caller.account == target.id => {
                base.own(wanted).await.map_err(|error| Lost::regions(&target.id, &error))
            }
            Opening::Members { base, way, wanted } => base.member(&target.id, way, wanted).await,
        }
    }

    /// The only session, when the accounts were opened before the scan and there is one.
    pub fn only<T>(&self, of: impl FnOnce(&Session) -> T) -> Option<T> {
        let Opening::Ready(ready) = &self.opening else { return None };
        let ready = ready.borrow();
        let (Some(Ok(session)), 1) = (ready.values().next(), ready.len()) else { return None };
        Some(of(session))
    }
}

/// The accounts behind the profiles.
async fn own_accounts(scene: &Scene, profiles: &[String], wanted: &[String]) -> Result<Targets, UserError> {
    let names: Vec<Option<&str>> = match profiles {
        [] => vec![None],
        names => names.iter().map(|name| Some(name.as_str())).collect(),
    };
    let mut ready: BTreeMap<String, Result<Session, Lost>> = BTreeMap::new();
    let (mut first, mut all) = (None, Vec::new());
    for name in names {
        let base = session::base(name, scene, wanted).await?;
        let session = base.own(wanted).await?;
        if session.account.regions().is_empty() {
            let off = session.not_enabled.join(", ");
            return Err(UserError(format!("region {off} is not enabled for this account; enable it or leave it out")));
        }
        let id = base.caller.account.clone();
        if ready.insert(id.clone(), Ok(session)).is_some() {
            let name = name.unwrap_or_default();
            return Err(UserError(format!("profile {name} leads to account {id}, as another one does; leave one out")));
        }
        all.push(Target::alone(id, None));
        first.get_or_insert(base);
    }
    let Some(base) = first else { return Err(UserError("there is no profile to scan with".into())) };
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let partition = base.account.partition().to_owned();
    let opening = Opening::Ready(RefCell::new(ready));
    Ok(Targets { caller: base.caller, partition, all, organization: None, central: None, opening })
}

fn ids(flag: &str, given: &[String]) -> Result<Vec<String>, UserError> {
    match given.iter().find(|id| !is_account(id)) {
        Some(wrong) => Err(UserError(format!("{flag} {wrong:?} is not an account number of twelve digits"))),
        None => Ok(given.to_vec()),
    }
}

/// Ids with their names, if they have one.
fn accounts_file(path: &Path) -> Result<Vec<(String, Option<String>)>, UserError> {
    let at = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| UserError(format!("cannot read {at}: {error}")))?;
    let mut accounts: Vec<(String, Option<String>)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let (id, name) = line.split_once([',', ' ', '\t']).unwrap_or((line, ""));
        let wrong = |what: &str| UserError(format!("{at}:{}: {what}", index + 1));
        if !is_account(id) {
            return Err(wrong(&format!("{id:?} is not an account number of twelve digits")));
        }
        if accounts.iter().any(|(other, _)| other == id) {
            return Err(wrong(&format!("account {id} is there twice")));
        }
        accounts.push((id.to_owned(), Some(name.trim().to_owned()).filter(|name| !name.is_empty())));
    }
    if accounts.is_empty() {
        return Err(UserError(format!("{at} names no account")));
    }
    Ok(accounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, Option<String>)>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("accounts");
        std::fs::write(&path, text).unwrap();
        accounts_file(&path).map_err(|UserError(message)| message.rsplit('/').next().unwrap().to_owned())
    }

    #[test]
    fn a_file_of_accounts_is_read_line_by_line() {
        let accounts =
            read("# ours\n111122223333, production\n\n444455556666 # later\n777788889999 test bed\n").unwrap();
        let names: Vec<_> = accounts.iter().map(|(id, name)| (id.as_str(), name.as_deref())).collect();
        assert_eq!(
            names,
            [("111122223333", Some("production")), ("444455556666", None), ("777788889999", Some("test bed"))]
        );
        assert_eq!(
            read("111122223333\n1234\n").unwrap_err(),
            "accounts:2: \"1234\" is not an account number of twelve digits"
        );
        assert_eq!(
            read("111122223333\n111122223333\n").unwrap_err(),
            "accounts:2: account 111122223333 is there twice"
        );
        assert!(read("# none\n").unwrap_err().contains("names no account"));
    }
}
