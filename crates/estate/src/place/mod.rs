//! The estate: the view of an account that a probe sees.
//!
//! One method per AWS operation, typed, in a file per service. Each answer is asked for once per scan, by whoever comes
//! first (others wait for the same answer), and errors are kept like answers: a denied call is denied once for all.
//! "There is none" answers (`NoSuchBucketPolicy`, …) become `Ok(None)` here, never in a probe.

mod answer;
mod asking;
mod clients;
mod each;
mod memo;

pub(crate) use answer::Asking;
pub use answer::{Answer, Outcome, Perhaps};
pub use asking::AccountOrRegion;
pub(crate) use asking::{ask_at_account, malformed, service};
pub use each::{IntoFindings, each, per};

use crate::arn::Arn;
use crate::aws::service::Service;
use crate::aws::transport::{Tagger, Transport};
use crate::finding::{Gap, Resource};
use crate::lock::lock;
use crate::organization::OrganizationView;
use crate::settings::{CheckSettings, Setting, SettingType};
use aws_smithy_types::DateTime;
use aws_types::SdkConfig;
use memo::Memo;
use posture_policy::{Context, Zone};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock};

/// What an account and its regions share.
#[derive(Debug)]
struct Core {
    id: String,
    partition: String,
    home: String,
    now: DateTime,
    sdk: SdkConfig,
    sessions: Vec<Narrow>,
    transport: Transport,
    settings: Arc<CheckSettings>,
    clients: clients::Clients,
    /// Set once, when the scan is of an organization.
    organization: OnceLock<Arc<OrganizationView>>,
    /// Set once, by asking the account itself.
    regions: OnceLock<Vec<String>>,
    memo: Memo,
    by_name: Mutex<HashMap<String, Arc<Region>>>,
    /// Every question without an answer so far, and the calls that had one somewhere.
    gaps: Mutex<BTreeSet<Gap>>,
    answered: Mutex<BTreeSet<Cow<'static, str>>>,
}

/// An account as account-wide checks see it; a handle, cheap to clone.
#[derive(Clone, Debug)]
pub struct Account {
    core: Arc<Core>,
}

/// One region of an account.
#[derive(Debug)]
pub struct Region {
    account: Account,
    name: String,
    memo: Memo,
}

/// What all accounts of a scan have in common.
#[derive(Clone, Debug)]
pub struct Scene {
    /// "Now", for ages: the time of a tape when it is replayed.
    pub now: DateTime,
    pub transport: Transport,
    /// What the checks are set to.
    pub settings: Arc<CheckSettings>,
}

/// What is needed to look at an account.
#[derive(Debug)]
pub struct Origin {
    pub id: String,
    pub partition: String,
    /// The region that global questions go to.
    pub home: String,
    pub sdk: SdkConfig,
    /// Other sessions in it, for the services that `sdk` may not ask.
    pub sessions: Vec<Narrow>,
    pub scene: Scene,
}

/// A session that is narrowed to some services.
#[derive(Clone, Debug)]
pub struct Narrow {
    /// As IAM names them, `s3`.
    pub services: BTreeSet<String>,
    pub sdk: SdkConfig,
}

impl Account {
    pub fn new(origin: Origin) -> Account {
        let Origin { id, partition, home, sdk, sessions, scene } = origin;
        let Scene { now, transport, settings } = scene;
        let clients = clients::Clients::default();
        let core = Core {
            id,
            partition,
            home,
            now,
            sdk,
            sessions,
            transport,
            settings,
            clients,
            organization: OnceLock::new(),
            regions: OnceLock::new(),
            memo: Memo::default(),
            by_name: Mutex::default(),
            gaps: Mutex::default(),
            answered: Mutex::default(),
        };
        Account { core: Arc::new(core) }
    }

    /// Sets the regions in scope, once; they are found out by asking this very account.
    pub fn set_regions(&self, regions: Vec<String>) {
        if self.core.regions.set(regions).is_err() {
            tracing::error!("the regions of an account are set once");
        }
    }

    /// Says which organization the account is of, once.
    pub fn set_organization(&self, view: Arc<OrganizationView>) {
        if self.core.organization.set(view).is_err() {
            tracing::error!("the organization of an account is set once");
        }
    }

    /// The organization that the scan is of; `None` in a scan of single accounts, whatever they belong to.
    pub fn organization_view(&self) -> Option<&OrganizationView> {
        self.core.organization.get().map(Arc::as_ref)
    }

    /// Who counts as one of us: the account, and the organization where the scan knows it.
    pub fn zone(&self) -> Zone {
        let mut zone = Zone { now: Some(self.now().secs()), ..Zone::of(self.account_id(), self.partition()) };
        if let Some(view) = self.organization_view() {
            zone.organization = Some(view.id.clone());
            zone.trusted_accounts.clone_from(&view.accounts);
        }
        zone
    }

    /// Where and when the policies of its identities are judged.
    pub fn context(&self) -> Context {
        Context { now: Some(self.now().secs()), ..Context::of(self.account_id(), self.partition()) }
    }

    /// The twelve digits.
    pub fn account_id(&self) -> &str {
        &self.core.id
    }

    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub fn partition(&self) -> &str {
        &self.core.partition
    }

    /// The region that global questions are asked in.
    pub fn home(&self) -> &str {
        &self.core.home
    }

    /// The moment that ages are judged by: now, or that of the recording.
    pub fn now(&self) -> &DateTime {
        &self.core.now
    }

    /// What the checks are set to.
    pub fn settings(&self) -> &Arc<CheckSettings> {
        &self.core.settings
    }

    /// The value of a setting of the check that asks.
    pub fn setting<T: SettingType + ?Sized>(&self, setting: Setting<T>) -> &T {
        self.core.settings.get(setting)
    }

    /// The gaps of every call that was answered nowhere, also where a check could decide without it. A call that is refused for
    /// one bucket only (that of someone else, say) is the affair of the check that asked.
    pub fn gaps(&self) -> BTreeSet<Gap> {
        let answered = lock(&self.core.answered);
        let open = |gap: &&Gap| !answered.contains(gap.call());
        lock(&self.core.gaps).iter().filter(open).cloned().collect()
    }

    /// The questions without an answer so far, and the calls that had one somewhere: what [`Account::gaps`] rests on.
    pub fn answers(&self) -> (BTreeSet<Gap>, BTreeSet<Cow<'static, str>>) {
        (lock(&self.core.gaps).clone(), lock(&self.core.answered).clone())
    }

    /// Adds what an interrupted scan of the account had learnt.
    pub fn recall(&self, gaps: impl IntoIterator<Item = Gap>, answered: impl IntoIterator<Item = String>) {
        lock(&self.core.gaps).extend(gaps);
        lock(&self.core.answered).extend(answered.into_iter().map(Cow::Owned));
    }

    /// The regions in scope, sorted.
    pub fn regions(&self) -> &[String] {
        self.core.regions.get().map_or(&[], Vec::as_slice)
    }

    /// Whether findings on something in `region` belong into this scan.
    pub fn in_scope(&self, region: &str) -> bool {
        self.regions().iter().any(|name| name == region)
    }

    /// The estate of a region, in scope or not; the same one that region-wide checks see.
    pub fn region(&self, name: &str) -> Arc<Region> {
        let new = || Arc::new(Region { account: self.clone(), name: name.to_owned(), memo: Memo::default() });
        lock(&self.core.by_name).entry(name.to_owned()).or_insert_with(new).clone()
    }

    /// Lets go of a region's answers.
    pub fn forget(&self, region: &str) {
        lock(&self.core.by_name).remove(region);
    }

    /// `arn:aws:iam::111122223333:user/alice`, without a region.
    pub fn arn(&self, service: &str, rest: &str) -> String {
        self.core.arn(service, "", rest)
    }

    /// The account itself, for settings that belong to no resource.
    pub fn resource(&self) -> Resource {
        self.core.resource()
    }
}

impl Region {
    pub fn account_id(&self) -> &str {
        &self.account.core.id
    }

    pub fn partition(&self) -> &str {
        &self.account.core.partition
    }

    /// The account that the region belongs to.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// `eu-west-1`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The moment that ages are judged by.
    pub fn now(&self) -> &DateTime {
        &self.account.core.now
    }

    /// The value of a setting of the check that asks.
    pub fn setting<T: SettingType + ?Sized>(&self, setting: Setting<T>) -> &T {
        self.account.setting(setting)
    }

    /// `arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1`.
    pub fn arn(&self, service: &str, rest: &str) -> String {
        self.account.core.arn(service, &self.name, rest)
    }

    /// The account, for settings of a region that belong to no resource.
    pub fn resource(&self) -> Resource {
        self.account.core.resource()
    }
}

/// The client of an account for a service in a region. The retry token bucket of the SDK is shared by process and region, so
/// that one throttled account would starve the others: each client gets a partition of its own.
pub(crate) fn client_of<C: Clone + Send + Sync + 'static>(
    account: &Account,
    service: &'static Service,
    region: &str,
    build: impl FnOnce(&SdkConfig, Transport, String, Tagger) -> C,
) -> C {
    let core = &account.core;
    core.clients.get(service, region, || {
        let partition = format!("{}-{}-{region}", core.id, service.name);
        let tagger = Tagger { account: core.id.as_str().into(), region: region.into(), service };
        let own = core.sessions.iter().find(|session| session.services.contains(service.iam_prefix));
        build(own.map_or(&core.sdk, |session| &session.sdk), core.transport.clone(), partition, tagger)
    })
}

impl Core {
    fn arn(&self, service: &str, region: &str, rest: &str) -> String {
        Arn { partition: &self.partition, service, region, account: &self.id, resource: rest }.to_string()
    }

    fn resource(&self) -> Resource {
        Resource::new(self.arn("iam", "", "root"), "AWS::::Account", self.id.clone())
    }
}
