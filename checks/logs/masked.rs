//! What data protection policies protect: the account's, and a group's own.

use crate::prelude::*;
use posture_estate::services::logs::LogGroup;
use posture_estate::services::logs::masking::MaskingPolicy;
use std::collections::BTreeSet;

/// What the policy of the account protects, if it protects anything.
pub(super) fn by_account(policies: Answer<Vec<MaskingPolicy>>) -> Result<Option<BTreeSet<String>>, Verdict> {
    let policies = policies.map_err(|gap| Verdict::unseen(&gap))?;
    let mut protected = BTreeSet::new();
    for policy in policies.iter() {
        protected.extend(policy.protected().map_err(|error| {
            Verdict::undecided(format!("the account's data protection policy cannot be read: {error}"))
        })?);
    }
    Ok((!protected.is_empty()).then_some(protected))
}

/// Whether a policy of its own protects the group; the error is why that is not known.
pub(super) async fn own(at: &Region, group: &LogGroup) -> Result<bool, Verdict> {
    if !has_own(group)? {
        return Ok(false);
    }
    let policy = at.logs().group_masking(&group.name).await.map_err(|gap| Verdict::unseen(&gap))?;
    let protected = policy.protected().map_err(|error| {
        let name = &group.name;
        Verdict::undecided(format!("the data protection policy of log group {name} cannot be read: {error}"))
    })?;
    Ok(!protected.is_empty())
}

fn has_own(group: &LogGroup) -> Result<bool, Verdict> {
    match group.data_protection_status.as_deref() {
        None | Some("DELETED" | "ARCHIVED" | "DISABLED") => Ok(false),
        Some("ACTIVATED") => Ok(true),
        Some(other) => {
            Err(Verdict::undecided(format!("the data protection of log group {} has the status {other}", group.name)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn only_an_active_policy_counts() {
        let of = |status: &str| has_own(&example(&json!({ "dataProtectionStatus": status })));
        assert!(of("ACTIVATED").unwrap());
        for off in ["DELETED", "ARCHIVED", "DISABLED"] {
            assert!(!of(off).unwrap(), "{off}");
        }
        assert_eq!(of("PENDING").unwrap_err().status, Status::Unknown);
        assert!(!has_own(&example(&json!({}))).unwrap());
    }
}
