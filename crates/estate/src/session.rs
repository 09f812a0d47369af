//! Sessions: who asks, and the ways into the accounts of a scan.

use crate::arn::Arn;
use crate::arn::{account_of, partition_of};
use crate::aws::credentials::{SessionError, credentials_help, load};
use crate::aws::fault::Fault;
use crate::aws::mfa::Device;
use crate::aws::role::{AssumedRole, Request};
use crate::finding::{Gap, GapKind};
use crate::organization::OrganizationView;
use crate::place::{Account, Narrow, Origin, Scene};
use crate::regions::{Chosen, choose_regions, guess_home, home_of, known_regions};
use crate::services::sts::Caller;
use crate::text::safe;
use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_credential_types::provider::SharedCredentialsProvider;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Everything that is known before the first check runs in an account.
#[derive(Debug)]
pub struct Session {
    pub account: Account,
    /// The account's name in its organization.
    pub name: Option<String>,
    /// Why the list of regions may not be complete.
    pub regions_gap: Option<Gap>,
    /// Regions that were asked for by name and that the account has not enabled.
    pub not_enabled: Vec<String>,
}

/// The credentials that a scan starts from.
#[derive(Clone, Debug)]
pub struct Base {
    pub caller: Caller,
    /// The caller's own account; no regions are set.
    pub account: Account,
    organization: Option<Arc<OrganizationView>>,
    sdk: SdkConfig,
    scene: Scene,
}

/// An account that nobody got into.
#[derive(Clone, Debug)]
pub struct Lost {
    pub gap: Gap,
}

impl Lost {
    /// The names of regions do not fit the account.
    pub fn regions(account: &str, error: &SessionError) -> Lost {
        Gap::new(account, "global", "account:ListRegions", GapKind::Malformed, error.to_string()).into()
    }

    /// It was opened before.
    pub fn unopened(account: &str) -> Lost {
        Gap::new(account, "global", "sts:GetCallerIdentity", GapKind::Unavailable, "no session was opened").into()
    }
}

impl From<Gap> for Lost {
    fn from(gap: Gap) -> Self {
        Lost { gap }
    }
}

/// A way into another account: roles to assume one after the other, the last one in the account itself.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// ARNs of roles on the way.
    pub via: Vec<String>,
    /// The role in the account: its name, with its path if it has one.
    pub role: String,
    pub external_id: Option<String>,
    pub session_name: String,
    /// What the sessions in the account are narrowed to, one for each; the first also finds out about the account. None: one session
    /// that may all that the role may.
    pub narrowed: Vec<Narrowed>,
}

/// What a session is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowed {
    /// The services that it may ask, as IAM names them.
    pub services: BTreeSet<String>,
    /// The session policy, as JSON.
    pub policy: String,
}

/// Asks who we are. `wanted` hints at the partition when no region is configured.
///
/// # Errors
/// When the credentials do not work.
pub async fn base(profile: Option<&str>, scene: &Scene, wanted: &[String]) -> Result<Base, SessionError> {
    let mut sdk = load(profile).await?;
    let home = |sdk: &SdkConfig| sdk.region().map_or_else(|| guess_home(wanted), ToString::to_string);
    let anonymous = |sdk: &SdkConfig| {
        let (id, partition) = ("-".to_owned(), "aws".to_owned());
        Account::new(Origin {
            id,
            partition,
            home: home(sdk),
            sdk: sdk.clone(),
            sessions: Vec::new(),
            scene: scene.clone(),
        })
    };
    if let Some(device) = Device::of(profile).await {
        let source = load(Some(&device.source)).await?;
        let role = device.assume(anonymous(&source).sts().client()).await?;
        sdk = sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(role)).build();
    }
    let caller = match anonymous(&sdk).sts().caller().await {
        Ok(caller) => caller,
        Err(gap) => {
            // A program that gives credentials may say anything.
            let help = credentials_help(profile, &home(&sdk), &gap).await;
            return Err(SessionError::Credentials(safe(&help).into_owned()));
        }
    };
    let partition = partition_of(&caller.arn).unwrap_or("aws").to_owned();
    let home = home_of(&partition, &home(&sdk));
    let id = caller.account.clone();
    let account =
        Account::new(Origin { id, partition, home, sdk: sdk.clone(), sessions: Vec::new(), scene: scene.clone() });
    Ok(Base { caller: (*caller).clone(), account, organization: None, sdk, scene: scene.clone() })
}

impl Base {
    /// The configuration of clients for what is no scan.
    pub fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// From now on every account that is entered knows the organization that it is of.
    pub fn set_organization(&mut self, view: Arc<OrganizationView>) {
        self.account.set_organization(view.clone());
        self.organization = Some(view);
    }

    pub fn organization(&self) -> Option<&OrganizationView> {
        self.organization.as_deref()
    }

    /// The caller's own account as the one to scan. `wanted` are region globs; empty means every enabled region.
    ///
    /// # Errors
    /// When `wanted` names a region that does not exist or is not enabled.
    pub async fn own(&self, wanted: &[String]) -> Result<Session, SessionError> {
        let known = known_regions(&self.account).await;
        let Chosen { regions, gap, not_enabled } =
            choose_regions(known, wanted, self.account.partition(), self.account.home())?;
        // The same account, so that what was asked here is not asked again by a check.
        self.account.set_regions(regions);
        Ok(Session { account: self.account.clone(), name: None, regions_gap: gap, not_enabled })
    }

    /// Another account, entered by a role.
    ///
    /// # Errors
    /// [`Lost`] when it cannot be entered; that is the end of this account's scan, not of the run.
    pub async fn member(&self, id: &str, way: &Way, wanted: &[String]) -> Result<Session, Lost> {
        let (partition, home) = (self.account.partition().to_owned(), self.account.home().to_owned());
        let gap = |fault: Fault| fault.at(id, "global", "sts:AssumeRole");
        let mut at = self.account.clone();
        for arn in &way.via {
            let sdk = self.enter(&at, Request { session_name: way.session_name.clone(), ..Request::of(arn) });
            let (sdk, own) = (sdk.await.map_err(gap)?, account_of(arn).unwrap_or(id));
            at = self.account_in(own, sdk, Vec::new());
        }
        let arn = Arn::iam(&partition, id, &format!("role/{}", way.role)).to_string();
        let request = |policy: Option<&Narrowed>| Request {
            session_name: way.session_name.clone(),
            external_id: way.external_id.clone(),
            policy: policy.map(|narrowed| narrowed.policy.clone()),
            ..Request::of(&arn)
        };
        let (first, others) = match way.narrowed.split_first() {
            Some((first, others)) => (Some(first), others),
            None => (None, &[][..]),
        };
        let others = others.iter().map(async |narrowed| {
            let services = narrowed.services.clone();
            self.enter(&at, request(Some(narrowed))).await.map(|sdk| Narrow { services, sdk })
        });
        let (sdk, sessions) =
            tokio::try_join!(self.enter(&at, request(first)), futures_util::future::try_join_all(others))
                .map_err(gap)?;
        let at = self.account_in(id, sdk, sessions);
        let known = known_regions(&at).await;
        // What is wrong with the names was told when the caller's own account was asked.
        let chosen = choose_regions(known, wanted, &partition, &home).map_err(|error| Lost::regions(id, &error))?;
        at.set_regions(chosen.regions);
        if let Some(view) = &self.organization {
            at.set_organization(view.clone());
        }
        Ok(Session { account: at, name: None, regions_gap: chosen.gap, not_enabled: chosen.not_enabled })
    }

    /// Assumes a role from an account.
    async fn enter(&self, from: &Account, request: Request) -> Result<SdkConfig, Fault> {
        let role = AssumedRole::new(from.sts().client(), request).await?;
        let credentials = SharedCredentialsProvider::new(role);
        let cache = IdentityCache::lazy().build();
        Ok(self.sdk.to_builder().credentials_provider(credentials).identity_cache(cache).build())
    }

    fn account_in(&self, id: &str, sdk: SdkConfig, sessions: Vec<Narrow>) -> Account {
        let (partition, home) = (self.account.partition().to_owned(), self.account.home().to_owned());
        Account::new(Origin { id: id.to_owned(), partition, home, sdk, sessions, scene: self.scene.clone() })
    }

    /// Whether `wanted` names regions that there are, asked of the caller's own account.
    ///
    /// # Errors
    /// When it does not.
    pub async fn check_regions(&self, wanted: &[String]) -> Result<(), SessionError> {
        if wanted.is_empty() {
            return Ok(());
        }
        let known = known_regions(&self.account).await;
        choose_regions(known, wanted, self.account.partition(), self.account.home()).map(drop)
    }
}
