//! Credentials from wherever they came (a process, an agent, a cache), looked at before they sign anything: a line break in a key makes
//! the SDK panic when it writes the header.

use super::environment::Form;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result as Provided, SharedCredentialsProvider, future};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;

/// A provider whose credentials can be used.
#[derive(Debug)]
pub(super) struct Checked(pub(super) SharedCredentialsProvider);

impl Checked {
    async fn provide(&self) -> Provided {
        // Roles that the SDK assumes by itself it signs with credentials that nobody has looked at.
        match AssertUnwindSafe(self.0.provide_credentials()).catch_unwind().await {
            Ok(provided) => check(provided?),
            Err(_) => Err(CredentialsError::provider_error(
                "a source gives credentials that cannot sign a request: they have a line break or a control character in them",
            )),
        }
    }
}

fn check(credentials: Credentials) -> Provided {
    let parts = [
        ("access key id", Some(credentials.access_key_id())),
        ("secret access key", Some(credentials.secret_access_key())),
        ("session token", credentials.session_token()),
    ];
    for (part, value) in parts {
        if let Some(Err(wrong)) = value.map(|value| Form::Key.judge(value)) {
            return Err(CredentialsError::provider_error(format!("the {part} that was given {wrong}")));
        }
    }
    Ok(credentials)
}

impl ProvideCredentials for Checked {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provide())
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.0.fallback_on_interrupt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(key: &str, token: Option<&str>) -> Provided {
        check(Credentials::new(key, "secret", token.map(str::to_owned), None, "test"))
    }

    #[test]
    fn credentials_that_cannot_sign_are_an_error_that_names_the_part() {
        assert!(given("AKIAIOSFODNN7EXAMPLE", Some("Fwo//+=")).is_ok());
        let told = |provided: Provided| std::error::Error::source(&provided.unwrap_err()).unwrap().to_string();
        assert!(told(given("AKIA\n", None)).starts_with("the access key id that was given has a line break"));
        assert!(told(given("AKIA", Some("é"))).starts_with("the session token that was given has a character outside"));
    }
}
