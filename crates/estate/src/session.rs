//! Sessions: who asks, and the ways into the accounts of a scan.

use crate::arn::Arn;
use crate::arn::{account_of, partition_of};
use crate::aws::credentials::{SessionError, credentials_help, load};
use crate::aws::fault::Fault;
use crate::aws::mfa::Device;
use crate::aws::role::{AssumedRole, Request};
use crate::finding::{Gap, GapKind};
use crate::organization::OrganizationView;
use crate::place::{Account, Origin, Scene};
use crate::regions::{Chosen, choose_regions, guess_home, home_of, known_regions};
use crate::services::sts::Caller;
use crate::text::safe;
use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_credential_types::provider::SharedCredentialsProvider;
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
    /// Narrows the last session.
    pub policy: Option<String>,
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
        Account::new(Origin { id, partition, home: home(sdk), sdk: sdk.clone(), scene: scene.clone() })
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
    let account = Account::new(Origin { id, partition, home, sdk: sdk.clone(), scene: scene.clone() });
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
        let session = |arn: String, last: bool| Request {
            arn,
            session_name: way.session_name.clone(),
            external_id: way.external_id.clone().filter(|_| last),
            policy: way.policy.clone().filter(|_| last),
            mfa: None,
            seconds: None,
        };
        let arn = Arn::iam(&partition, id, &format!("role/{}", way.role)).to_string();
        let roles = way.via.iter().map(|arn| (arn.clone(), false)).chain([(arn, true)]);
        let mut at = self.account.clone();
        for (arn, last) in roles {
            let gap = |fault: Fault| fault.at(id, "global", "sts:AssumeRole");
            let role = AssumedRole::new(at.sts().client(), session(arn.clone(), last)).await.map_err(gap)?;
            let sdk = self
                .sdk
                .to_builder()
                .credentials_provider(SharedCredentialsProvider::new(role))
                .identity_cache(IdentityCache::lazy().build())
                .build();
            let own = account_of(&arn).unwrap_or(id);
            let (id, partition, home) = (own.to_owned(), partition.clone(), home.clone());
            at = Account::new(Origin { id, partition, home, sdk, scene: self.scene.clone() });
        }
        let known = known_regions(&at).await;
        // What is wrong with the names was told when the caller's own account was asked.
        let chosen = choose_regions(known, wanted, &partition, &home).map_err(|error| Lost::regions(id, &error))?;
        at.set_regions(chosen.regions);
        if let Some(view) = &self.organization {
            at.set_organization(view.clone());
        }
        Ok(Session { account: at, name: None, regions_gap: chosen.gap, not_enabled: chosen.not_enabled })
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
