//! Which actions of KMS administer a key and which use it: drawn from AWS's table of access levels, so that a new one counts.

use posture_policy::actions::{self, AccessLevel};
use std::sync::LazyLock;

/// Cryptographic operations: <https://docs.aws.amazon.com/kms/latest/developerguide/kms-cryptography.html#cryptographic-operations>.
/// AWS's table calls them writes, like the administration of keys.
pub const USE: &[&str] = &[
    "kms:Decrypt",
    "kms:DeriveSharedSecret",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateMac",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:Sign",
    "kms:Verify",
    "kms:VerifyMac",
];

/// Writes and permissions management that decide neither who may use a key nor whether anybody can: of other resources, of names and
/// ages, and giving up a grant.
const NEITHER: &[&str] = &[
    "kms:ConnectCustomKeyStore",
    "kms:CreateAlias",
    "kms:CreateCustomKeyStore",
    "kms:CreateKey",
    "kms:DeleteAlias",
    "kms:DeleteCustomKeyStore",
    "kms:DisconnectCustomKeyStore",
    "kms:EnableKeyRotation",
    "kms:GenerateRandom",
    "kms:RetireGrant",
    "kms:RotateKeyOnDemand",
    "kms:SynchronizeMultiRegionKey",
    "kms:UpdateAlias",
    "kms:UpdateCustomKeyStore",
    "kms:UpdateKeyDescription",
];

static CHANGES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut all = actions::expand("kms:*");
    all.retain(|action| matches!(actions::level(action), Some(AccessLevel::Write | AccessLevel::Permissions)));
    all
});

/// Actions that change who may use the key, or whether anybody can: what AWS's table calls permissions management or writing, without
/// the use of keys and without what changes neither.
pub static ADMINISTRATION: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let all = CHANGES.iter().map(String::as_str);
    all.filter(|action| !USE.contains(action) && !NEITHER.contains(action)).collect()
});

/// Those of them that hand the key on by a grant.
pub const BY_GRANT: [&str; 2] = ["kms:CreateGrant", "kms:RevokeGrant"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_of_the_table_is_administration_use_or_neither() {
        // semantics 99
        for action in USE.iter().chain(NEITHER) {
            assert!(CHANGES.iter().any(|known| known == action), "{action} is no change of the table");
        }
        assert!(USE.iter().all(|action| !NEITHER.contains(action)));
        for action in actions::expand("kms:*") {
            let permits = actions::level(&action) == Some(AccessLevel::Permissions) && action != "kms:RetireGrant";
            assert!(!permits || ADMINISTRATION.contains(&action.as_str()), "{action}");
        }
        assert!(ADMINISTRATION.contains(&"kms:ReplicateKey"), "with a key policy of the caller's choice");
    }
}
