//! Are sensitive data in logs looked for and masked: everywhere by a policy of the account, or group by group?

use super::masked::{by_account, own};
use super::none;
use crate::prelude::*;
use posture_estate::services::logs::LogGroup;
use posture_estate::text::{counted, few};
use std::collections::BTreeSet;

/// Names of groups that hold nothing sensitive.
const HARMLESS: Setting<Patterns> = setting!(data_protection_policy.harmless);

/// Names in a message.
const NAMED: usize = 3;

pub async fn probe(at: &Region) -> Outcome {
    let groups = at.logs().log_groups().await?;
    if groups.is_empty() {
        return Ok(vec![none(at).on(at.resource())]);
    }
    let account = by_account(at.logs().account_masking().await);
    if let Ok(Some(protected)) = &account {
        return Ok(vec![everywhere(at.name(), &groups, protected).on(at.resource())]);
    }
    let harmless = at.setting(HARMLESS);
    let wanted: Vec<&LogGroup> =
        groups.iter().filter(|group| group.can_mask() && !harmless.matches(&group.name)).collect();
    let own = join_all(wanted.iter().map(async |group| (&*group.name, own(at, group).await))).await;
    Ok(vec![judge(at.name(), account.err(), own).on(at.resource())])
}

fn everywhere(region: &str, groups: &[LogGroup], protected: &BTreeSet<String>) -> Verdict {
    let outside = groups.iter().filter(|group| !group.can_mask()).count();
    let but = match outside {
        0 => String::new(),
        some => format!(", but for {} of a class that cannot", counted(some, "log group")),
    };
    let kinds = counted(protected.len(), "data identifier");
    Verdict::pass(format!("the account's policy audits and masks {kinds} in every log group of {region}{but}"))
        .evidence(json!({ "identifiers": protected }))
}

/// Of every group that has to be protected whether its own policy does; `account` says why the account's is not known.
fn judge(region: &str, account: Option<Verdict>, groups: Vec<(&str, Result<bool, Verdict>)>) -> Verdict {
    let all = groups.len();
    if all == 0 {
        return Verdict::not_applicable(format!("no log group in {region} can mask and may hold sensitive data"));
    }
    let mut reasons = Reasons::new();
    let mut open = Vec::new();
    for (name, protected) in groups {
        match protected {
            Ok(true) => {}
            Ok(false) => open.push(name),
            Err(why) => reasons.join(why),
        }
    }
    match (open.is_empty(), account) {
        (true, _) => {}
        // The account's policy would protect these too.
        (false, Some(why)) => reasons.join(why),
        (false, None) => reasons.broken(
            "not_masked",
            format!(
                "in {region} sensitive data are not masked in {} of {}: {}",
                open.len(),
                counted(all, "log group"),
                few(&open, NAMED)
            ),
        ),
    }
    reasons
        .or_pass(|| {
            format!("each of {} in {region} audits and masks by a policy of its own", counted(all, "log group"))
        })
        .evidence(json!({ "unprotected": open }))
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::logs::masking::MaskingPolicy;

    const PROTECTS: &str = r#"{"Statement":[{"DataIdentifier":["a/EmailAddress"],"Operation":{"Audit":{"FindingsDestination":{}}}},{"DataIdentifier":["a/EmailAddress"],"Operation":{"Deidentify":{"MaskConfig":{}}}}]}"#;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "logs:DescribeAccountPolicies", GapKind::Denied, "no")
    }

    fn account(document: &str) -> Result<Option<BTreeSet<String>>, Verdict> {
        by_account(Ok(Arc::new(vec![MaskingPolicy { policy_document: Some(document.to_owned()) }])))
    }

    #[test]
    fn a_policy_of_the_account_protects_every_group_that_can_be() {
        let protected = account(PROTECTS).unwrap().unwrap();
        let groups = [example(&json!({})), example(&json!({"logGroupClass": "INFREQUENT_ACCESS"}))];
        let verdict = everywhere("eu-west-1", &groups, &protected);
        assert_eq!(verdict.status, Status::Pass);
        assert!(verdict.message.contains("but for 1 log group"), "{}", verdict.message);
        assert!(account(r#"{"Statement":[]}"#).unwrap().is_none());
        assert_eq!(account("{").unwrap_err().status, Status::Unknown);
        assert_eq!(by_account(Err(gap())).unwrap_err().status, Status::Unknown);
        assert!(by_account(Ok(Arc::default())).unwrap().is_none());
    }

    #[test]
    fn without_one_each_group_needs_its_own() {
        let of = |groups: Vec<(&str, Result<bool, Verdict>)>| judge("eu-west-1", None, groups);
        assert_eq!(of(vec![("a", Ok(true)), ("b", Ok(true))]).status, Status::Pass);
        assert_eq!(of(vec![("a", Ok(true)), ("b", Ok(false))]).reasons, ["not_masked"]);
        assert_eq!(of(vec![("a", Ok(true)), ("b", Err(Verdict::undecided("x")))]).status, Status::Unknown);
        assert_eq!(of(vec![("a", Ok(false)), ("b", Err(Verdict::undecided("x")))]).status, Status::Fail);
        assert_eq!(of(vec![]).status, Status::NotApplicable);
    }

    #[test]
    fn a_refused_policy_of_the_account_may_protect_what_has_none_of_its_own() {
        let of = |groups| judge("eu-west-1", Some(Verdict::unseen(&gap())), groups).status;
        assert_eq!(of(vec![("a", Ok(false))]), Status::Unknown);
        assert_eq!(of(vec![("a", Ok(true))]), Status::Pass);
    }
}
