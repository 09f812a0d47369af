//! Which accounts a scan is about, as it is asked for, and how they are found.

use super::targets::{Opening, Search, Targets, own_accounts};
use super::{Audience, Failure, UserError, accounts_file};
use crate::catalogue::{self, Check};
use crate::catalogue::{grant, session_policy::session_policies};
use crate::scan::{Target, TargetState};
use posture_estate::arn::{account_of, is_account};
use posture_estate::organizations::{self as organization, Filter};
use posture_estate::services::organizations::State;
use posture_estate::session;
use posture_estate::session::{Base, Way};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// Which accounts, and the way into them. Nothing at all is the caller's own.
#[derive(Clone, Debug)]
pub struct Whom {
    /// Account numbers; with `organization` only these of it.
    pub accounts: Vec<String>,
    /// A file with more of them.
    pub accounts_file: Option<PathBuf>,
    /// Every account of the organization.
    pub organization: bool,
    /// Only those below one of these organizational units.
    pub units: Vec<String>,
    /// Only those with all of these tags, each `KEY=VALUE`.
    pub tags: Vec<String>,
    /// Not these.
    pub exclude: Vec<String>,
    /// The role to assume in each account, with its path if it has one.
    pub role_name: Option<String>,
    /// Roles to assume before that, one from the other.
    pub via: Vec<String>,
    pub external_id: Option<String>,
    pub session_name: String,
    /// Whether the sessions are narrowed to what the scan asks.
    pub session_policy: bool,
    /// How many accounts at the same time.
    pub at_once: u16,
}

impl Default for Whom {
    fn default() -> Self {
        Whom {
            accounts: Vec::new(),
            accounts_file: None,
            organization: false,
            units: Vec::new(),
            tags: Vec::new(),
            exclude: Vec::new(),
            role_name: None,
            via: Vec::new(),
            external_id: None,
            session_name: "posture".to_owned(),
            session_policy: true,
            at_once: 8,
        }
    }
}

impl Whom {
    /// Whether roles in other accounts are assumed.
    pub fn members(&self) -> bool {
        self.organization || self.accounts_file.is_some() || !self.accounts.is_empty()
    }

    /// The calls that finding the accounts and getting into them takes.
    pub(super) fn calls(&self) -> BTreeSet<String> {
        // Also for a profile whose role asks for an MFA code.
        let mut calls = BTreeSet::from(["sts:AssumeRole".to_owned()]);
        if self.organization {
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
    pub(super) async fn find(&self, search: Search<'_>, audience: &impl Audience) -> Result<Targets, Failure> {
        if !self.members() {
            self.alone()?;
            return own_accounts(search).await;
        }
        let ([] | [_]) = search.profiles else {
            let what = "several --profile are several accounts, and --account, --accounts-file and --org name theirs";
            return Err(UserError::new(what, "give one --profile at most with them").into());
        };
        let way = self.way(search.checks)?;
        let exclude = ids("--exclude-account", &self.exclude)?;
        let listed = self.listed()?;
        let profile = search.profiles.first().map(String::as_str);
        let mut base = session::base(profile, search.scene, search.regions).await?;
        base.check_regions(search.regions).await?;
        let mut all =
            if self.organization { self.discover(&mut base, listed, &exclude, audience).await? } else { listed };
        all.retain(|target| !exclude.contains(&target.id));
        some_open(&all)?;
        let partition = base.account.partition().to_owned();
        let opening = Opening::Members { base: Box::new(base.clone()), way, wanted: search.regions.to_vec() };
        let central = self.organization.then(|| base.caller.account.clone());
        let organization = base.organization().cloned();
        Ok(Targets { caller: base.caller, partition, all, organization, central, opening })
    }

    /// Refuses what means something for many accounts only.
    fn alone(&self) -> Result<(), UserError> {
        if !self.exclude.is_empty() {
            let what = "--exclude-account leaves out some of many accounts";
            return Err(UserError::new(what, "it goes with --org or --accounts-file"));
        }
        if self.role_name.is_some() {
            let what = "--role-name needs accounts to assume the role in";
            return Err(UserError::new(what, "give --account, --accounts-file or --org"));
        }
        Ok(())
    }

    /// The way into each account.
    fn way(&self, checks: &[&'static Check]) -> Result<Way, UserError> {
        let role = self.role_name.as_deref().ok_or_else(|| {
            UserError::new(
                "--account, --accounts-file and --org need a role to assume in each account",
                "name it with --role-name",
            )
        })?;
        if role.starts_with("arn:") || role.is_empty() {
            return Err(UserError::new(
                format!("--role-name {role:?} is no name of a role"),
                "each account has a role of its own, such as audit or path/audit",
            ));
        }
        if let Some(arn) = self.via.iter().find(|arn| account_of(arn).is_none() || !arn.contains(":role/")) {
            return Err(UserError::new(
                format!("--via-role {arn:?} is no ARN of a role"),
                "give one such as arn:aws:iam::111122223333:role/hub",
            ));
        }
        let named = |c: char| c.is_ascii_alphanumeric() || "=,.@-_".contains(c);
        if !(2..=64).contains(&self.session_name.len()) || !self.session_name.chars().all(named) {
            return Err(UserError::new(
                format!("--session-name {:?} is no name of a session", self.session_name),
                "give 2 to 64 of the characters A-Z a-z 0-9 = , . @ - _",
            ));
        }
        // Those of the organization run in the caller's own session, which is none of these.
        let here = checks.iter().copied().filter(|check| !self.organization || !check.is_of_organization());
        let calls = catalogue::reads(here);
        let narrowed = match self.session_policy {
            true => session_policies(&grant::actions(calls.iter().map(String::as_str))),
            false => Vec::new(),
        };
        Ok(Way {
            via: self.via.clone(),
            role: role.trim_start_matches('/').to_owned(),
            external_id: self.external_id.clone(),
            session_name: self.session_name.clone(),
            narrowed,
        })
    }

    /// The accounts that are named, sorted.
    fn listed(&self) -> Result<Vec<Target>, UserError> {
        let mut all: BTreeMap<String, Option<String>> = BTreeMap::new();
        for id in ids("--account", &self.accounts)? {
            all.insert(id, None);
        }
        if let Some(path) = &self.accounts_file {
            all.extend(accounts_file::read(path)?);
        }
        Ok(all.into_iter().map(|(id, name)| Target::alone(id, name)).collect())
    }

    /// The accounts of the organization that are left by all filters.
    async fn discover(
        &self,
        base: &mut Base,
        listed: Vec<Target>,
        exclude: &[String],
        audience: &impl Audience,
    ) -> Result<Vec<Target>, UserError> {
        let filter = self.filter(listed, exclude)?;
        let members = organization::members(&base.account, &filter).await.map_err(|gap| {
            UserError::new(
                format!("the organization's accounts could not be listed: {gap}"),
                "--org needs the management account or a delegated administrator",
            )
        })?;
        let there = |id: &str| members.iter().any(|member| member.id == id) || exclude.iter().any(|own| own == id);
        let strays: Vec<&str> = filter.include.iter().map(String::as_str).filter(|id| !there(id)).collect();
        if !strays.is_empty() {
            return Err(UserError::new(
                format!(
                    "--account {} is not among the organization's accounts that --ou and --account-tag leave",
                    strays.join(", ")
                ),
                "leave it out, or loosen --ou and --account-tag",
            ));
        }
        match organization::view(&base.account).await {
            Ok(Some(view)) => base.set_organization(Arc::new(view)),
            Ok(None) => {}
            Err(gap) => audience.note(&format!(
                "warning: the organization could not be read, and its accounts count as strangers to each other: {gap}"
            )),
        }
        let central = base.caller.account.clone();
        let target = |member: posture_estate::services::organizations::Member| Target {
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

    fn filter(&self, listed: Vec<Target>, exclude: &[String]) -> Result<Filter, UserError> {
        if let Some(unit) = self.units.iter().find(|id| !(id.starts_with("ou-") || id.starts_with("r-"))) {
            let what = format!("--ou {unit:?} is no id of an organizational unit");
            return Err(UserError::new(what, "give one such as ou-ab12-cdef3456"));
        }
        let tags = self.tags.iter().map(|tag| match tag.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
            _ => Err(UserError::new(format!("--account-tag {tag:?} is not KEY=VALUE"), "give one such as stage=prod")),
        });
        Ok(Filter {
            units: self.units.clone(),
            tags: tags.collect::<Result<_, UserError>>()?,
            include: listed.into_iter().map(|target| target.id).collect(),
            exclude: exclude.to_vec(),
        })
    }
}

/// Refuses a scan of no account that anybody could get into.
fn some_open(all: &[Target]) -> Result<(), UserError> {
    if all.is_empty() {
        let remedy = "loosen --ou, --account-tag, --account or --exclude-account";
        return Err(UserError::new("no account is left to scan", remedy));
    }
    if all.iter().all(|target| target.state == TargetState::Suspended) {
        let what = "every account that was chosen is suspended or being closed: there is nothing to scan";
        return Err(UserError::new(what, "choose others with --account, --ou or --account-tag"));
    }
    Ok(())
}

fn ids(flag: &str, given: &[String]) -> Result<Vec<String>, UserError> {
    match given.iter().find(|id| !is_account(id)) {
        Some(wrong) => {
            let what = format!("{flag} {wrong:?} is not an account number of twelve digits");
            Err(UserError::new(what, "give one such as 111122223333"))
        }
        None => Ok(given.to_vec()),
    }
}
