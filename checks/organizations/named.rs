//! How an account is told in a message.

use posture_estate::services::organizations::Member;

/// `111122223333 (Log archive)`.
pub(super) fn told(account: &Member) -> String {
    format!("{} ({})", account.id, account.name)
}
