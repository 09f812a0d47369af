//! The accounts of a scan when they are known, and a session in each.

use super::{Failure, UserError};
use crate::catalogue::Check;
use crate::scan::{Recorded, Replayed, replay};
use crate::scan::{Target, TargetState};
use posture_estate::arn::partition_of;
use posture_estate::organization::OrganizationView;
use posture_estate::place::Scene;
use posture_estate::services::sts::Caller;
use posture_estate::session::{self, Base, Lost, Session, Way};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What finding the accounts needs to know of the scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search<'a> {
    pub profiles: &'a [String],
    /// Region globs.
    pub regions: &'a [String],
    pub checks: &'a [&'static Check],
    pub scene: &'a Scene,
}

/// The accounts of a scan and how to get into them.
#[derive(Debug)]
pub(super) struct Targets {
    pub caller: Caller,
    pub partition: String,
    pub all: Vec<Target>,
    /// The organization that the scan is of.
    pub organization: Option<OrganizationView>,
    /// The account of it that can see it, whether or not it is scanned: the caller's.
    pub central: Option<String>,
    pub(super) opening: Opening,
}

#[derive(Debug)]
pub(super) enum Opening {
    /// Each was opened before the scan: a profile, or an account of a tape.
    Ready(RefCell<BTreeMap<String, Result<Session, Lost>>>),
    Members {
        base: Box<Base>,
        way: Way,
        wanted: Vec<String>,
    },
}

impl Targets {
    /// The accounts of a tape.
    ///
    /// # Errors
    /// When the tape does not say who recorded it, or has not these regions.
    pub async fn of_tape(recorded: &Recorded, scene: &Scene, wanted: &[String]) -> Result<Targets, Failure> {
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
        let partition = partition_of(&caller.arn).unwrap_or("aws").to_owned();
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
pub(super) async fn own_accounts(search: Search<'_>) -> Result<Targets, Failure> {
    let names: Vec<Option<&str>> = match search.profiles {
        [] => vec![None],
        names => names.iter().map(|name| Some(name.as_str())).collect(),
    };
    let mut ready: BTreeMap<String, Result<Session, Lost>> = BTreeMap::new();
    let (mut first, mut all) = (None, Vec::new());
    for name in names {
        let base = session::base(name, search.scene, search.regions).await?;
        let session = base.own(search.regions).await?;
        if session.account.regions().is_empty() {
            let off = session.not_enabled.join(", ");
            let what = format!("region {off} is not enabled for account {}", base.caller.account);
            return Err(UserError::new(what, "enable it or leave it out").into());
        }
        let id = base.caller.account.clone();
        if ready.insert(id.clone(), Ok(session)).is_some() {
            let name = name.unwrap_or_default();
            let what = format!("profile {name} leads to account {id}, as another one does");
            return Err(UserError::new(what, "leave one out").into());
        }
        all.push(Target::alone(id, None));
        first.get_or_insert(base);
    }
    let Some(base) = first else {
        return Err(UserError::new("there is no profile to scan with", "name one with --profile").into());
    };
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let partition = base.account.partition().to_owned();
    let opening = Opening::Ready(RefCell::new(ready));
    Ok(Targets { caller: base.caller, partition, all, organization: None, central: None, opening })
}
