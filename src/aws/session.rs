//! Who asks: credentials, the caller's identity, the regions that the account has, and the replay of all that.

use super::gap::{Fault, Gap, GapKind, REFUSED_HERE, causes};
use super::mfa::Device;
use super::organization::OrganizationView;
use super::role::{AssumedRole, Request, account_of};
use super::tape::{HeadAccount, Tape, TapeError};
use super::transport::Transport;
use crate::catalogue::CheckSettings;
use crate::estate::{Account, Origin};
use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::DateTime;
use globset::GlobBuilder;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// All attempts at one question, and the time that it waits for its turn behind thousands of others. A backstop: the
/// time of one attempt is the transport's.
const OPERATION: Duration = Duration::from_secs(3600);
const CONNECT: Duration = Duration::from_secs(4);
/// The first try and two more.
const ATTEMPTS: u32 = 3;

/// Why a scan cannot begin, in one sentence with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error("no profile {name:?} in the AWS configuration{known}")]
    Profile { name: String, known: String },
    #[error("the AWS configuration cannot be read: {0}")]
    Configuration(String),
    #[error("{0}")]
    Credentials(String),
    #[error("{0}")]
    Region(String),
    #[error(transparent)]
    Tape(#[from] TapeError),
}

/// The principal behind the credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    pub arn: String,
    pub account: String,
}

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
    transport: Transport,
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

/// Loads the SDK's whole credential chain for a profile (or the default one).
///
/// # Errors
/// [`SessionError::Profile`] when the profile does not exist.
pub async fn load(profile: Option<&str>) -> Result<SdkConfig, SessionError> {
    if let Some(name) = profile {
        require_profile(name).await?;
    }
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).operation_timeout(OPERATION).build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts)
        // It takes a request that waits for its turn for one that has stalled.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
    if let Ok(name) = AppName::new("posture") {
        loader = loader.app_name(name);
    }
    if let Some(name) = profile {
        loader = loader.profile_name(name);
    }
    Ok(loader.load().await)
}

/// The SDK's HTTP client with its rustls provider: one connection pool for the whole scan.
pub fn http_client() -> SharedHttpClient {
    use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
    aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https()
}

async fn require_profile(name: &str) -> Result<(), SessionError> {
    let (fs, env) = (aws_types::os_shim_internal::Fs::real(), aws_types::os_shim_internal::Env::real());
    let files = aws_runtime::env_config::file::EnvConfigFiles::default();
    let profiles = aws_config::profile::load(&fs, &env, &files, None)
        .await
        .map_err(|error| SessionError::Configuration(whole(&error)))?;
    if profiles.get_profile(name).is_some() {
        return Ok(());
    }
    let mut names: Vec<&str> = profiles.profiles().collect();
    names.sort_unstable();
    let known = if names.is_empty() { "; there is none".into() } else { format!("; there are {}", names.join(", ")) };
    Err(SessionError::Profile { name: name.to_owned(), known })
}

/// Asks who we are. `now` is the moment that ages are judged by; `wanted` hints at the partition when no region is configured.
///
/// # Errors
/// When the credentials do not work.
pub async fn base(
    profile: Option<&str>,
    transport: Transport,
    wanted: &[String],
    now: DateTime,
    settings: &Arc<CheckSettings>,
) -> Result<Base, SessionError> {
    let mut sdk = load(profile).await?;
    if let Some(device) = Device::of(profile).await {
        let source = load(Some(&device.source)).await?;
        let home = sdk.region().map(ToString::to_string).unwrap_or_else(|| guess_home(wanted));
        let role = device.assume(&account("-", "aws", &home, &now, &source, &transport, settings)).await?;
        sdk = sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(role)).build();
    }
    let home = sdk.region().map(ToString::to_string).unwrap_or_else(|| guess_home(wanted));
    let anonymous = account("-", "aws", &home, &now, &sdk, &transport, settings);
    let caller = match anonymous.caller().await {
        Ok(caller) => caller,
        Err(gap) => return Err(SessionError::Credentials(credentials_help(profile, &gap).await)),
    };
    let partition = caller.arn.split(':').nth(1).unwrap_or("aws").to_owned();
    let home = home_of(&partition, &home);
    let account = account(&caller.account, &partition, &home, &now, &sdk, &transport, settings);
    Ok(Base { caller: (*caller).clone(), account, organization: None, sdk, transport })
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
        let arn = format!("arn:{partition}:iam::{id}:role/{}", way.role);
        let roles = way.via.iter().map(|arn| (arn.clone(), false)).chain([(arn, true)]);
        let mut at = self.account.clone();
        for (arn, last) in roles {
            let gap = |fault| Gap::from_fault(id, "global", "sts:AssumeRole", fault);
            let role = AssumedRole::new(at.sts(), session(arn.clone(), last)).await.map_err(gap)?;
            let sdk = self
                .sdk
                .to_builder()
                .credentials_provider(SharedCredentialsProvider::new(role))
                .identity_cache(IdentityCache::lazy().build())
                .build();
            let own = account_of(&arn).unwrap_or(id);
            at = account(own, &partition, &home, self.account.now(), &sdk, &self.transport, self.account.settings());
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

/// The accounts of a tape: no network, no credentials, and the clock of the recording.
///
/// # Errors
/// When the tape does not hold who asked, or `wanted` names a region that it does not have.
pub async fn replay(
    tape: &Tape,
    transport: &Transport,
    wanted: &[String],
    settings: &Arc<CheckSettings>,
) -> Result<(Caller, Vec<Replayed>), SessionError> {
    if tape.head.accounts.is_empty() {
        return Err(SessionError::Credentials("the tape names no account; record again".into()));
    }
    // An account that nobody got into has none.
    let mut homes = tape.head.accounts.iter().map(|account| account.home_region.clone());
    let home_region = &homes.find(|home| !home.is_empty()).unwrap_or_else(|| guess_home(wanted));
    let now = tape.time()?;
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(home_region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "replay", "replay", None, None, "replay",
        )))
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .retry_config(RetryConfig::disabled())
        .build();
    let anonymous = account("-", "aws", home_region, &now, &sdk, transport, settings);
    let caller = anonymous.caller().await.map_err(|gap| {
        SessionError::Credentials(format!("the tape does not say who recorded it: {gap}; record again"))
    })?;
    let partition = caller.arn.split(':').nth(1).unwrap_or("aws").to_owned();
    let mut accounts = Vec::new();
    for head in &tape.head.accounts {
        let HeadAccount { id, name, home_region, regions, organization, suspended, lost } = head;
        let organization = *organization;
        if *suspended {
            let session = Err(Lost::unopened(id));
            accounts.push(Replayed { id: id.clone(), name: name.clone(), organization, session });
            continue;
        }
        if let Some(lost) = lost {
            let gap = Gap::new(id, "global", &lost.call, lost.kind, lost.message.clone());
            accounts.push(Replayed { id: id.clone(), name: name.clone(), organization, session: Err(Lost { gap }) });
            continue;
        }
        let known = Ok(regions.iter().map(|name| (name.clone(), true)).collect());
        let chosen = choose_regions(known, wanted, &partition, home_region)
            .map_err(|error| SessionError::Region(format!("{error}; the tape covers {}", regions.join(", "))))?;
        let account = account(id, &partition, home_region, &now, &sdk, transport, settings);
        if let Some(view) = &tape.head.organization {
            account.set_organization(Arc::new(view.clone()));
        }
        account.set_regions(chosen.regions.into_iter().filter(|region| regions.contains(region)).collect());
        // A recording whose list of regions was not readable says so again.
        let regions_gap = if wanted.is_empty() { known_regions(&account).await.err() } else { None };
        let session = Session { account, name: name.clone(), regions_gap, not_enabled: Vec::new() };
        accounts.push(Replayed { id: id.clone(), name: name.clone(), organization, session: Ok(session) });
    }
    Ok(((*caller).clone(), accounts))
}

/// An account of a tape.
#[derive(Debug)]
pub struct Replayed {
    pub id: String,
    pub name: Option<String>,
    /// Whether the checks of the organization ran here.
    pub organization: bool,
    pub session: Result<Session, Lost>,
}

fn account(
    id: &str,
    partition: &str,
    home: &str,
    now: &DateTime,
    sdk: &SdkConfig,
    transport: &Transport,
    settings: &Arc<CheckSettings>,
) -> Account {
    Account::new(Origin {
        id: id.to_owned(),
        partition: partition.to_owned(),
        home: home.to_owned(),
        now: *now,
        sdk: sdk.clone(),
        transport: transport.clone(),
        settings: settings.clone(),
    })
}

/// Without a configured region, the partition is told by the regions that were asked for.
fn guess_home(wanted: &[String]) -> String {
    let partition = match wanted.first() {
        Some(region) if region.starts_with("cn-") => "aws-cn",
        Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    home_of(partition, "")
}

/// Where a partition's global services are asked: IAM, Account Management and S3 Control's account settings work from
/// every region, and these are on in every account.
fn home_of(partition: &str, configured: &str) -> String {
    match partition {
        "aws-cn" => "cn-north-1".to_owned(),
        "aws-us-gov" => "us-gov-west-1".to_owned(),
        "aws" => "us-east-1".to_owned(),
        _ => configured.to_owned(),
    }
}

/// Every region of the partition and whether the account has it enabled.
async fn known_regions(account: &Account) -> Result<Vec<(String, bool)>, Gap> {
    let first = match account.list_regions().await {
        Ok(regions) => {
            use aws_sdk_account::types::RegionOptStatus::Disabled;
            let known = regions.iter().filter_map(|region| {
                // What is being switched on or off still answers for what is in it.
                let enabled = !matches!(region.region_opt_status()?, Disabled);
                Some((region.region_name()?.to_owned(), enabled))
            });
            let known: Vec<_> = known.collect();
            if known.iter().any(|(_, enabled)| *enabled) {
                return Ok(known);
            }
            account.malformed("global", "account:ListRegions", "the answer lists no enabled region")
        }
        Err(gap) => gap,
    };
    match account.describe_regions().await {
        Ok(regions) if !regions.is_empty() => Ok((*regions).clone()),
        _ => Err(first),
    }
}

/// Regions to scan.
#[derive(Debug, Default, PartialEq, Eq)]
struct Chosen {
    regions: Vec<String>,
    /// Why there may be more.
    gap: Option<Gap>,
    /// Asked for by name, and off.
    not_enabled: Vec<String>,
}

/// The regions to scan. When the list could not be read, those that were named literally (or the home region) are
/// scanned, and the gap says that there may be more.
fn choose_regions(
    known: Result<Vec<(String, bool)>, Gap>,
    wanted: &[String],
    partition: &str,
    home: &str,
) -> Result<Chosen, SessionError> {
    let (known, gap) = match known {
        Ok(known) => (known, None),
        Err(gap) => (Vec::new(), Some(gap)),
    };
    let (mut chosen, mut not_enabled): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for pattern in wanted {
        let glob = GlobBuilder::new(pattern)
            .build()
            .map_err(|error| SessionError::Region(format!("region {pattern:?}: {}", error.kind())))?
            .compile_matcher();
        let is_glob = pattern.contains(['*', '?', '[', '{']);
        if gap.is_some() {
            if is_glob || !looks_like_region(pattern) {
                return Err(SessionError::Region(format!(
                    "region {pattern:?} cannot be resolved, the regions of the account could not be listed; name regions in full, such as {home}"
                )));
            }
            chosen.push(pattern.clone());
            continue;
        }
        let matching: Vec<&(String, bool)> = known.iter().filter(|(name, _)| glob.is_match(name)).collect();
        let enabled: Vec<String> = matching.iter().filter(|(_, on)| *on).map(|(name, _)| name.clone()).collect();
        if matching.is_empty() {
            let near = crate::catalogue::closest(&pattern.to_lowercase(), known.iter().map(|(name, _)| name.as_str()));
            return Err(SessionError::Region(format!("no region {pattern:?} in partition {partition}{near}")));
        }
        if enabled.is_empty() {
            not_enabled.extend(matching.iter().map(|(name, _)| name.clone()));
        }
        chosen.extend(enabled);
    }
    if wanted.is_empty() {
        chosen = known.iter().filter(|(_, on)| *on).map(|(name, _)| name.clone()).collect();
        if chosen.is_empty() {
            chosen.push(home.to_owned());
        }
    }
    chosen.sort();
    chosen.dedup();
    // Regions that were named in full do not depend on the list.
    let gap = gap.filter(|_| wanted.is_empty());
    not_enabled.sort();
    not_enabled.dedup();
    Ok(Chosen { regions: chosen, gap, not_enabled })
}

/// Whether a name has the form of a region, `us-east-1`.
pub fn looks_like_region(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    parts.len() >= 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
        && parts.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()))
}

/// What to do about credentials that do not work.
async fn credentials_help(profile: Option<&str>, gap: &Gap) -> String {
    use aws_credential_types::provider::ProvideCredentials;
    const NONE: &str = "no AWS credentials were found; give --profile, set AWS_PROFILE or AWS_ACCESS_KEY_ID, or run `aws configure sso`";
    // Loaded anew: a provider tells its reason only once, and the call that failed has swallowed it.
    let Ok(sdk) = load(profile).await else { return NONE.into() };
    let Some(provider) = sdk.credentials_provider() else { return NONE.into() };
    let Err(error) = provider.provide_credentials().await else {
        if gap.message().starts_with(REFUSED_HERE) || gap.kind() == GapKind::Denied {
            return format!("AWS does not accept the credentials: {gap}");
        }
        return format!("AWS cannot be reached: {gap}; look at the network, the region and AWS_ENDPOINT_URL");
    };
    let text = whole(&error);
    let lower = text.to_ascii_lowercase();
    if lower.contains("no credentials found in chain")
        || lower.contains("no providers in chain")
        || lower.contains("imds")
    {
        return NONE.into();
    }
    let named = profile.map(str::to_owned).or_else(|| std::env::var("AWS_PROFILE").ok());
    let profile = named.map(|name| format!(" --profile {name}")).unwrap_or_default();
    if lower.contains("sso") {
        return format!("the SSO login is missing or has expired; run `aws sso login{profile}` ({text})");
    }
    if lower.contains("login session") || lower.contains("login token") {
        return format!("the login is missing or has expired; run `aws login{profile}` ({text})");
    }
    format!("the AWS credentials cannot be loaded: {text}")
}

/// An error with its causes on one line.
fn whole(error: &(dyn std::error::Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in causes(error) {
        let text = cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        if parts.last() != Some(&text) {
            parts.push(text);
        }
    }
    parts.join(": ")
}

impl Account {
    /// `sts:GetCallerIdentity`.
    async fn caller(&self) -> crate::estate::Answer<Caller> {
        self.ask("sts:GetCallerIdentity", "", async {
            let identity = self.sts().get_caller_identity().send().await?;
            match (identity.arn, identity.account) {
                (Some(arn), Some(account)) => Ok(Caller { arn, account }),
                _ => Err(Fault::malformed("the answer has no Arn or Account")),
            }
        })
        .await
    }

    /// `ec2:DescribeRegions`, those that are not enabled included.
    async fn describe_regions(&self) -> crate::estate::Answer<Vec<(String, bool)>> {
        self.ask("ec2:DescribeRegions", "", async {
            let answer = self.ec2_in(self.home()).describe_regions().all_regions(true).send().await?;
            let regions = crate::estate::required("Regions", answer.regions)?;
            let known = regions.into_iter().filter_map(|region| {
                let enabled = region.opt_in_status.as_deref() != Some("not-opted-in");
                Some((region.region_name?, enabled))
            });
            Ok(known.collect())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Result<Vec<(String, bool)>, Gap> {
        Ok([("us-east-1", true), ("eu-west-1", true), ("ap-east-1", false)].map(|(n, e)| (n.to_owned(), e)).to_vec())
    }

    fn choose(wanted: &[&str]) -> Result<Chosen, SessionError> {
        let wanted: Vec<String> = wanted.iter().map(|&name| name.to_owned()).collect();
        choose_regions(known(), &wanted, "aws", "us-east-1")
    }

    #[test]
    fn regions_are_chosen_by_glob_and_only_when_enabled() {
        assert_eq!(choose(&[]).unwrap().regions, ["eu-west-1", "us-east-1"]);
        assert_eq!(choose(&["eu-*"]).unwrap().regions, ["eu-west-1"]);
        assert!(choose(&["us-east-9"]).unwrap_err().to_string().contains("did you mean \"us-east-1\""));
        assert!(choose(&["US-EAST-1"]).unwrap_err().to_string().contains("did you mean \"us-east-1\""));
        let off = choose(&["ap-east-1"]).unwrap();
        assert_eq!((off.regions.len(), off.not_enabled), (0, vec!["ap-east-1".to_owned()]));
    }

    #[test]
    fn an_unreadable_list_of_regions_is_a_gap_unless_regions_are_named() {
        let gap = Gap::new("111122223333", "global", "account:ListRegions", GapKind::Denied, "no");
        let Chosen { regions, gap: left, .. } = choose_regions(Err(gap.clone()), &[], "aws", "us-east-1").unwrap();
        assert_eq!((regions, left), (vec!["us-east-1".to_owned()], Some(gap.clone())));
        let named = choose_regions(Err(gap.clone()), &["eu-west-1".into()], "aws", "us-east-1").unwrap();
        let Chosen { regions, gap: left, .. } = named;
        assert_eq!((regions, left), (vec!["eu-west-1".to_owned()], None));
        assert!(choose_regions(Err(gap), &["eu-*".into()], "aws", "us-east-1").is_err());
    }
}
