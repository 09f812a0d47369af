//! Roles in other accounts: how a scan of many accounts gets into each of them.
//!
//! Temporary credentials come from `sts:AssumeRole` through the scan's own transport, so that it is counted and guarded like every
//! other call, and are renewed before they run out. The session is narrowed to what the scan asks (a session policy), whatever else
//! the role allows. <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use super::answer::required;
use super::fault::Fault;
use crate::arn::account_of;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result as Provided, future};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// What is said when a role is assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub arn: String,
    pub session_name: String,
    pub external_id: Option<String>,
    /// The session policy, as JSON.
    pub policy: Option<String>,
    /// The MFA device and the code that it shows.
    pub mfa: Option<(String, String)>,
    /// Seconds that the session lasts; AWS's default is an hour.
    pub seconds: Option<i32>,
}

impl Request {
    /// The role with this ARN, with nothing more to say.
    pub fn of(arn: &str) -> Request {
        Request {
            arn: arn.to_owned(),
            session_name: String::new(),
            external_id: None,
            policy: None,
            mfa: None,
            seconds: None,
        }
    }
}

/// Credentials of an assumed role, asked again when they run out.
#[derive(Debug)]
pub struct AssumedRole {
    sts: aws_sdk_sts::Client,
    request: Request,
    /// Of the first call, which proved that the role can be assumed at all.
    first: Mutex<Option<Credentials>>,
}

impl AssumedRole {
    /// Assumes the role for the first time.
    ///
    /// # Errors
    /// When AWS refuses, or answers for another account than the one that was meant.
    pub async fn new(sts: aws_sdk_sts::Client, request: Request) -> Result<AssumedRole, Fault> {
        let role = AssumedRole { sts, request, first: Mutex::default() };
        let first = role.assume().await?;
        *role.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(first);
        Ok(role)
    }

    async fn assume(&self) -> Result<Credentials, Fault> {
        let Request { arn, session_name, external_id, policy, mfa, seconds } = &self.request;
        let (serial, code) = mfa.clone().unzip();
        let answer = self
            .sts
            .assume_role()
            .role_arn(arn)
            .role_session_name(session_name)
            .set_external_id(external_id.clone())
            .set_policy(policy.clone())
            .set_serial_number(serial)
            .set_token_code(code)
            .set_duration_seconds(*seconds)
            .send()
            .await?;
        let assumed = answer.assumed_role_user.map(|user| user.arn).unwrap_or_default();
        if account_of(&assumed) != account_of(arn) {
            return Err(Fault::malformed(format!("asked for {arn}, AWS answered with a session of {assumed:?}")));
        }
        let given = required("Credentials", answer.credentials)?;
        let expires = SystemTime::try_from(given.expiration)
            .map_err(|error| Fault::malformed(format!("the expiration is no time: {error}")))?;
        let (key, secret, token) = (given.access_key_id, given.secret_access_key, given.session_token);
        Ok(Credentials::new(key, secret, Some(token), Some(expires), "assumed role"))
    }

    async fn provide(&self) -> Provided {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        match first {
            Some(credentials) => Ok(credentials),
            // A code is good for one session.
            None if self.request.mfa.is_some() => {
                Err(CredentialsError::provider_error("the session that the MFA code opened has run out"))
            }
            None => self.assume().await.map_err(|fault| {
                let arn = &self.request.arn;
                CredentialsError::provider_error(format!("{arn} could not be assumed again: {}", fault.message))
            }),
        }
    }
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provide())
    }
}
