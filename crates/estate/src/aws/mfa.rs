//! Profiles whose role asks for an MFA code (`mfa_serial`), which the SDK does not do: the code is asked for on a terminal, and only
//! there. <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>

use super::credentials::SessionError;
use super::role::{AssumedRole, Request};
use crate::text::safe;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

/// What a profile says of its MFA device and its role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Device {
    serial: String,
    role: String,
    /// The profile whose credentials assume the role.
    pub(crate) source: String,
    external_id: Option<String>,
    session_name: Option<String>,
    seconds: Option<i32>,
}

impl Device {
    /// The device of a profile, or of the one that the environment names.
    pub(crate) async fn of(profile: Option<&str>) -> Option<Device> {
        let (fs, env) = (aws_types::os_shim_internal::Fs::real(), aws_types::os_shim_internal::Env::real());
        let files = aws_runtime::env_config::file::EnvConfigFiles::default();
        let profiles = aws_config::profile::load(&fs, &env, &files, None).await.ok()?;
        let from_environment = || std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
        // Keys of the environment come before the default profile.
        let keys = std::env::var_os("AWS_ACCESS_KEY_ID").is_some();
        let name = profile.map(str::to_owned).or_else(from_environment);
        let name = name.or_else(|| (!keys).then(|| "default".to_owned()))?;
        let profile = profiles.get_profile(&name)?;
        let text = |key: &str| profile.get(key).map(str::to_owned);
        Some(Device {
            serial: text("mfa_serial")?,
            role: text("role_arn")?,
            source: text("source_profile")?,
            external_id: text("external_id"),
            session_name: text("role_session_name"),
            seconds: text("duration_seconds").and_then(|seconds| seconds.parse().ok()),
        })
    }

    /// Asks for the code and assumes the role.
    pub(crate) async fn assume(self, sts: aws_sdk_sts::Client) -> Result<AssumedRole, SessionError> {
        let serial = self.serial.clone();
        let code = tokio::task::spawn_blocking(move || ask(&serial)).await;
        let code = code.map_err(|error| SessionError::Credentials(error.to_string()))??;
        let request = Request {
            arn: self.role.clone(),
            session_name: self.session_name.unwrap_or_else(|| "posture".to_owned()),
            external_id: self.external_id,
            policy: None,
            mfa: Some((self.serial, code)),
            seconds: self.seconds,
        };
        let role = self.role;
        AssumedRole::new(sts, request)
            .await
            .map_err(|fault| SessionError::Credentials(format!("{role} could not be assumed: {}", fault.message)))
    }
}

fn ask(serial: &str) -> Result<String, SessionError> {
    let error = |text: String| SessionError::Credentials(text);
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(error(format!(
            "the profile asks for an MFA code of {serial} and there is no terminal to ask on; use credentials that need none, such as those of `aws sts get-session-token` in the environment"
        )));
    }
    let mut err = io::stderr().lock();
    let asked = write!(err, "MFA code of {}: ", safe(serial)).and_then(|()| err.flush());
    let mut line = String::new();
    asked.and_then(|()| io::stdin().lock().read_line(&mut line)).map_err(|failed| error(failed.to_string()))?;
    let code = line.trim().to_owned();
    match code.len() {
        6 if code.bytes().all(|byte| byte.is_ascii_digit()) => Ok(code),
        _ => Err(error("an MFA code has six digits; run the scan again".to_owned())),
    }
}
