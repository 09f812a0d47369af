//! Credentials: the SDK's chain, and what to do about it where it does not work.

use super::checked::Checked;
use super::fault::{REFUSED_HERE, causes, whole};
use super::http::{self, ProfileBundle, Unreached};
use super::tape::TapeError;
use super::{environment, profiles};
use crate::finding::{Gap, GapKind};
use crate::text::safe;
use aws_config::profile::ProfileSet;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
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
    /// A variable or a file, what is wrong with it, and the remedy.
    #[error("{0}")]
    Environment(String),
    #[error("{0}")]
    Credentials(String),
    #[error("{0}")]
    Region(String),
    #[error(transparent)]
    Tape(#[from] TapeError),
}

/// Loads the SDK's whole credential chain for a profile (or the default one).
///
/// # Errors
/// When the profile does not exist, or the environment or a file holds what cannot be used.
pub async fn load(profile: Option<&str>) -> Result<SdkConfig, SessionError> {
    let all = known_profiles(profile).await?;
    profiles::check(&all, &profiles::in_force(profile)).map_err(unusable)?;
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).operation_timeout(OPERATION).build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(client_of(&all, &[profile])?)
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
    let sdk = loader.load().await;
    let Some(provider) = sdk.credentials_provider() else { return Ok(sdk) };
    Ok(sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(Checked(provider))).build())
}

/// One HTTP client for the whole scan, with the proxies and authorities of the environment and of the profiles; none given is the
/// default one.
///
/// # Errors
/// As [`load`].
pub async fn http_client(names: &[String]) -> Result<SharedHttpClient, SessionError> {
    let names: Vec<Option<&str>> =
        if names.is_empty() { vec![None] } else { names.iter().map(|name| Some(name.as_str())).collect() };
    let mut all = ProfileSet::default();
    for name in &names {
        all = known_profiles(*name).await?;
    }
    client_of(&all, &names)
}

fn client_of(all: &ProfileSet, names: &[Option<&str>]) -> Result<SharedHttpClient, SessionError> {
    let bundle = |name: &Option<&str>| {
        let profile = profiles::in_force(*name);
        let path = all.get_profile(&profile).and_then(|found| found.get("ca_bundle")).map(str::to_owned);
        ProfileBundle { profile, path }
    };
    let bundles: Vec<ProfileBundle> = names.iter().map(bundle).collect();
    http::client(&bundles).map_err(unusable)
}

/// A sentence of one line, whatever the values in it hold.
fn unusable(sentence: String) -> SessionError {
    SessionError::Environment(safe(&sentence).into_owned())
}

/// All profiles, with this one among them.
async fn known_profiles(name: Option<&str>) -> Result<ProfileSet, SessionError> {
    environment::check(std::env::vars_os()).map_err(unusable)?;
    let profiles = profiles::all().await.map_err(unusable)?;
    let Some(name) = name.filter(|name| profiles.get_profile(name).is_none()) else { return Ok(profiles) };
    let mut names: Vec<&str> = profiles.profiles().collect();
    names.sort_unstable();
    let known = if names.is_empty() { "; there is none".into() } else { format!("; there are {}", names.join(", ")) };
    Err(SessionError::Profile { name: name.to_owned(), known })
}

/// What to do about credentials that do not work. `region` is the one that was asked.
pub async fn credentials_help(profile: Option<&str>, region: &str, gap: &Gap) -> String {
    use aws_credential_types::provider::ProvideCredentials;
    const NONE: &str = "no AWS credentials were found; give --profile, set AWS_PROFILE or AWS_ACCESS_KEY_ID, or run `aws configure sso`";
    const REMEDY: &str = "look at the network, the region and AWS_ENDPOINT_URL";
    // Loaded anew: a provider tells its reason only once, and the call that failed has swallowed it.
    let sdk = match load(profile).await {
        Ok(sdk) => sdk,
        Err(error) => return error.to_string(),
    };
    let Some(provider) = sdk.credentials_provider() else { return NONE.into() };
    let by = match sdk.region() {
        Some(_) => profiles::named_by("region", &["AWS_REGION", "AWS_DEFAULT_REGION"], profile),
        None => "none is set".to_owned(),
    };
    let region = format!("{region} ({by})");
    let Err(error) = provider.provide_credentials().await else {
        if gap.message().starts_with(REFUSED_HERE) || gap.kind() == GapKind::Denied {
            return format!("AWS does not accept the credentials: {gap}");
        }
        if gap.message().contains(http::NOT_TRUSTED) {
            return format!("AWS cannot be reached in region {region}: {}", gap.message());
        }
        return format!("AWS cannot be reached in region {region}: {gap}; {REMEDY}");
    };
    let text = whole(&error);
    let lower = text.to_ascii_lowercase();
    if lower.contains("no credentials found in chain")
        || lower.contains("no providers in chain")
        || lower.contains("imds")
    {
        return format!("{NONE}{}", profiles::missing(SOURCES).await.map(|why| format!("; {why}")).unwrap_or_default());
    }
    if let Some(unreached) = causes(&error).find_map(|cause| cause.downcast_ref::<Unreached>()) {
        let remedy =
            if unreached.to_string().contains(http::NOT_TRUSTED) { "" } else { "; look at the network and the region" };
        return format!("the AWS credentials cannot be loaded in region {region}: {unreached}{remedy}");
    }
    let named = profile.map(str::to_owned).or_else(|| std::env::var("AWS_PROFILE").ok());
    let option = named.map(|name| format!(" --profile {name}")).unwrap_or_default();
    if lower.contains("sso") {
        return format!("the SSO login is missing or has expired; run `aws sso login{option}` ({text})");
    }
    if lower.contains("login session") || lower.contains("login token") || lower.contains("/login/cache/") {
        return format!("the login is missing or has expired; run `aws login{option}` ({text})");
    }
    format!(
        "the AWS credentials cannot be loaded: {text}; look at {}",
        profiles::named_by("credentials", SOURCES, profile)
    )
}

/// Variables that say where credentials come from.
const SOURCES: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
];
