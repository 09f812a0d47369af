//! CloudWatch: does somebody hear of it when what matters happens, and do alarms do anything at all?

pub(crate) mod kinds;
mod root_rules;
mod steps;
pub(crate) mod telling;
mod way;

checks! { cloudwatch;
    region alarm_actions_live,
    account alarm_audit_config_changes,
    account alarm_iam_and_organizations_changes,
    account alarm_key_and_bucket_policy_changes,
    account alarm_network_changes,
    account alarm_root_usage,
    account alarm_signin_and_unauthorized_calls,
}
