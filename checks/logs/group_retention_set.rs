//! Does each log group keep its data for long enough? What decides is the retention in force, which may be the account's.

use super::per_group;
use crate::prelude::*;
use posture_estate::services::logs::LogGroup;

/// Days that a group keeps its data at least.
const MIN_DAYS: Setting<i64> = setting!(group_retention_set.min_days);

/// Whether (1) or not (0) a group may keep its data for ever.
const NEVER_EXPIRES_ALLOWED: Setting<i64> = setting!(group_retention_set.never_expires_allowed);

/// Names of groups that may keep their data for less.
const SHORT_LIVED: Setting<Patterns> = setting!(group_retention_set.short_lived);

struct Wanted<'a> {
    min_days: i64,
    never_expires: bool,
    short_lived: &'a Patterns,
}

pub async fn probe(at: &Region) -> Outcome {
    let wanted = &Wanted {
        min_days: *at.setting(MIN_DAYS),
        never_expires: *at.setting(NEVER_EXPIRES_ALLOWED) == 1,
        short_lived: at.setting(SHORT_LIVED),
    };
    per_group(at, |group| async move { judge(&group, wanted) }).await
}

fn judge(group: &LogGroup, wanted: &Wanted<'_>) -> Verdict {
    let (name, min) = (&group.name, wanted.min_days);
    if group.only_delivers() {
        return Verdict::not_applicable(format!("log group {name} only delivers: AWS keeps its data for one day"));
    }
    let by = group.retention_policy_name.as_deref();
    let by = by.map(|policy| format!(" by the account's policy {policy}")).unwrap_or_default();
    match group.retention_in_days {
        None if wanted.never_expires => Verdict::pass(format!("log group {name} keeps its data for ever{by}")),
        None => Verdict::fail("never_expires", format!("log group {name} keeps its data for ever{by}")),
        Some(days) if days >= min => Verdict::pass(format!("log group {name} keeps its data for {days} days{by}")),
        Some(days) if wanted.short_lived.matches(name) => {
            Verdict::pass(format!("log group {name} keeps its data for {days} days{by}, which is enough for it"))
        }
        Some(days) => {
            Verdict::fail("too_short", format!("log group {name} keeps its data for {days} days{by}, less than {min}"))
        }
    }
    .evidence(json!({ "retention_days": group.retention_in_days, "account_policy": group.retention_policy_name }))
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    fn of(group: serde_json::Value, never_expires: bool, short_lived: &[&str]) -> Verdict {
        let short_lived = &Patterns::parse(short_lived).unwrap();
        judge(&example(&group), &Wanted { min_days: 365, never_expires, short_lived })
    }

    #[test]
    fn data_are_kept_for_the_days_that_are_wanted() {
        assert_eq!(of(json!({"retentionInDays": 365}), true, &[]).status, Status::Pass);
        assert_eq!(of(json!({"retentionInDays": 364}), true, &[]).reasons, ["too_short"]);
        assert_eq!(of(json!({"retentionInDays": 3653}), false, &[]).status, Status::Pass);
    }

    #[test]
    fn for_ever_is_long_enough_where_it_is_allowed() {
        assert_eq!(of(json!({}), true, &[]).status, Status::Pass);
        assert_eq!(of(json!({}), false, &[]).reasons, ["never_expires"]);
        assert_eq!(of(json!({}), false, &["/app/a"]).reasons, ["never_expires"], "less is not for ever");
    }

    #[test]
    fn a_group_that_may_keep_less_passes_and_one_that_only_delivers_is_not_judged() {
        assert_eq!(of(json!({"retentionInDays": 1}), true, &["/app/*"]).status, Status::Pass);
        assert_eq!(of(json!({"retentionInDays": 1}), true, &["/other/*"]).status, Status::Fail);
        let delivery = json!({"retentionInDays": 1, "logGroupClass": "DELIVERY"});
        assert_eq!(of(delivery, true, &[]).status, Status::NotApplicable);
    }

    #[test]
    fn the_policy_of_the_account_is_told() {
        let verdict = of(json!({"retentionInDays": 90, "retentionPolicyName": "baseline"}), true, &[]);
        assert_eq!(verdict.reasons, ["too_short"]);
        assert!(verdict.message.contains("by the account's policy baseline"), "{}", verdict.message);
    }
}
