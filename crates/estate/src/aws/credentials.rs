//! Credentials: the SDK's chain, and what to do about it where it does not work.

use super::fault::{REFUSED_HERE, causes};
use super::tape::TapeError;
use crate::finding::{Gap, GapKind};
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
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
    #[error("the AWS configuration cannot be read: {0}")]
    Configuration(String),
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

/// What to do about credentials that do not work.
pub async fn credentials_help(profile: Option<&str>, gap: &Gap) -> String {
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
