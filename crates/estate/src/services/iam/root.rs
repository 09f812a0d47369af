//! What the root user has to sign in with, as far as AWS tells.

use super::Iam;
use std::collections::HashMap;

use aws_sdk_iam::types::SummaryKeyType;

use super::ReportUser;
use crate::aws::answer::required;
use crate::aws::fault::Fault;
use crate::finding::Gap;
use crate::place::Account;

/// The part of `GetAccountSummary` that concerns the root user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountSummary {
    /// An MFA device of any kind is assigned to the root user.
    pub root_mfa: bool,
    /// The root user has an access key, active or not.
    pub root_access_key: bool,
    /// The root user has a signing certificate, active or not.
    pub root_signing_certificate: bool,
    /// The root user has a password; `None` where AWS does not say.
    pub root_password: Option<bool>,
}

impl AccountSummary {
    pub(super) fn of(map: &HashMap<SummaryKeyType, i32>) -> Result<Self, Fault> {
        let flag = |name: &'static str, key| required(name, map.get(&key)).map(|count| *count > 0);
        Ok(Self {
            root_mfa: flag("AccountMFAEnabled", SummaryKeyType::AccountMfaEnabled)?,
            root_access_key: flag("AccountAccessKeysPresent", SummaryKeyType::AccountAccessKeysPresent)?,
            root_signing_certificate: flag(
                "AccountSigningCertificatesPresent",
                SummaryKeyType::AccountSigningCertificatesPresent,
            )?,
            root_password: map.get(&SummaryKeyType::AccountPasswordPresent).map(|count| *count > 0),
        })
    }
}

impl Iam<'_, Account> {
    /// Whether the root user's credentials were removed, as central root management of an organization does: no
    /// password, no MFA device, no key and no certificate.
    ///
    /// `iam:GetAccountSummary`, and the credential report unless the summary already shows a credential.
    pub async fn root_credentials_removed(self) -> Result<bool, Gap> {
        let summary = self.account_summary().await?;
        if !may_be_removed(&summary) {
            return Ok(false);
        }
        Ok(self.credential_report().await?.root().is_some_and(nothing_left))
    }
}

fn may_be_removed(summary: &AccountSummary) -> bool {
    let AccountSummary { root_mfa, root_access_key, root_signing_certificate, root_password } = *summary;
    !root_mfa && !root_access_key && !root_signing_certificate && root_password != Some(true)
}

/// `not_supported`, which older reports say of the root user's password, is not "no password".
fn nothing_left(root: &ReportUser) -> bool {
    root.password_enabled == super::Cell::Known(false)
        && !root.mfa_active
        && !root.may_have_active_key()
        && !root.certificates.iter().any(|certificate| certificate.active)
}

#[cfg(test)]
mod tests {
    use super::super::credential_report::fixtures::{key, root};
    use super::super::{Cell, ReportUser};
    use super::*;

    fn map(values: [i32; 3]) -> HashMap<SummaryKeyType, i32> {
        let keys = [
            SummaryKeyType::AccountMfaEnabled,
            SummaryKeyType::AccountAccessKeysPresent,
            SummaryKeyType::AccountSigningCertificatesPresent,
        ];
        keys.into_iter().zip(values).collect()
    }

    #[test]
    fn a_summary_without_a_root_member_is_malformed() {
        let whole = AccountSummary::of(&map([1, 0, 0])).unwrap();
        assert!(whole.root_mfa && !whole.root_access_key && whole.root_password.is_none());
        let mut cut = map([0, 0, 0]);
        cut.remove(&SummaryKeyType::AccountAccessKeysPresent);
        assert!(AccountSummary::of(&cut).unwrap_err().message.contains("AccountAccessKeysPresent"));
    }

    #[test]
    fn removed_means_nothing_is_left() {
        // semantics 16, 86
        let none = ReportUser { password_enabled: Cell::Known(false), ..root() };
        assert!(nothing_left(&none));
        assert!(!nothing_left(&root()));
        assert!(!nothing_left(&ReportUser { password_enabled: Cell::NotSupported, ..root() }));
        let mut with_key = none.clone();
        with_key.keys[1] = key(2, "2025-01-01T00:00:00Z", None);
        assert!(!nothing_left(&with_key));
        assert!(!nothing_left(&ReportUser { more_credentials: Some("1".into()), ..none.clone() }));
        assert!(!nothing_left(&ReportUser { mfa_active: true, ..none }));
    }

    #[test]
    fn what_the_summary_shows_needs_no_report() {
        let bare = AccountSummary {
            root_mfa: false,
            root_access_key: false,
            root_signing_certificate: false,
            root_password: None,
        };
        assert!(may_be_removed(&bare));
        assert!(may_be_removed(&AccountSummary { root_password: Some(false), ..bare }));
        assert!(!may_be_removed(&AccountSummary { root_password: Some(true), ..bare }));
        assert!(!may_be_removed(&AccountSummary { root_access_key: true, ..bare }));
    }
}
