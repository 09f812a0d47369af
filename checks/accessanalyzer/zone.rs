//! Which other accounts may have analyzers of the organization: what stands in the management account does not show in the delegated
//! administrator's, nor the other way round, and a member sees neither.

use crate::prelude::*;
use posture_estate::services::organizations::Organization;

const SERVICE: &str = "access-analyzer.amazonaws.com";

/// Whose analyzers may watch the account besides its own.
pub(super) enum Zone {
    /// It belongs to no organization.
    Alone,
    /// These accounts may have analyzers of its organization, as far as that is told.
    Within(Result<Vec<String>, Gap>),
    /// Whether it belongs to one was not seen.
    Untold(Gap),
}

impl Zone {
    pub(super) async fn of(at: &Account) -> Zone {
        match at.organizations().organization().await {
            Err(gap) => Zone::Untold(gap),
            Ok(organization) => match organization.as_ref() {
                None => Zone::Alone,
                Some(organization) => Zone::Within(others(at, organization).await),
            },
        }
    }

    /// What is missing here: broken where nobody else can have it.
    pub(super) fn missing(&self, slug: &'static str, what: &str) -> Verdict {
        match self {
            Zone::Alone => Verdict::fail(slug, what),
            Zone::Within(Ok(others)) if others.is_empty() => Verdict::fail(slug, what),
            Zone::Within(Ok(others)) => {
                let others = others.join(", ");
                Verdict::undecided(format!("{what}, and whether account {others} has one shows only there"))
            }
            Zone::Within(Err(gap)) | Zone::Untold(gap) => Verdict::unseen(gap),
        }
    }
}

/// The accounts besides this one that may have analyzers of the organization.
pub(super) async fn others(at: &Account, organization: &Organization) -> Result<Vec<String>, Gap> {
    let mut all = at.organizations().delegates_for(SERVICE).await?;
    all.push(organization.management_account.clone());
    all.retain(|account| account != at.account_id());
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    #[test]
    fn it_is_broken_only_where_nobody_else_can_have_it() {
        // semantics 39
        let gap =
            || Gap::new("111122223333", "global", "organizations:ListDelegatedAdministrators", GapKind::Denied, "no");
        let missing = |zone: Zone| zone.missing("no_analyzer", "none is here");
        assert_eq!(missing(Zone::Alone).reasons, ["no_analyzer"]);
        assert_eq!(missing(Zone::Within(Ok(vec![]))).reasons, ["no_analyzer"]);
        let elsewhere = missing(Zone::Within(Ok(vec!["444455556666".into()])));
        assert_eq!(elsewhere.status, Status::Unknown);
        assert!(elsewhere.message.contains("444455556666"));
        assert_eq!(missing(Zone::Within(Err(gap()))).status, Status::Unknown);
        assert_eq!(missing(Zone::Untold(gap())).status, Status::Unknown);
    }
}
