//! Do groups start their instances from a versioned launch template, and are the instances renewed by a maximum lifetime or a refresh?

use super::renewal::{Renewal, or_unseen, renewal};
use crate::prelude::*;
use posture_estate::services::autoscaling::{GONE, Group};

/// A refresh that finished longer ago than this is too old.
const REFRESH_DAYS: Setting<i64> = setting!(fleet_from_current_template.refresh_days);

pub async fn probe(at: &Region) -> Outcome {
    let groups = at.autoscaling().groups().await?;
    if groups.is_empty() {
        return Ok(vec![Verdict::not_applicable("there is no Auto Scaling group").on(at.resource())]);
    }
    let days = *at.setting(REFRESH_DAYS);
    let each =
        groups.iter().map(|group| (at.autoscaling().group_resource(group), format!("group {}", group.name), group));
    Ok(per(each, GONE, async |group: &Group| Ok(judge(group, or_unseen(renewal(at, group, days).await)?, days))).await)
}

fn judge(group: &Group, renewal: Renewal, limit: i64) -> Verdict {
    let mut reasons = Reasons::new();
    let (source, renewed) = (judge_source(&mut reasons, group), judge_renewal(&mut reasons, renewal, limit));
    let verdict = reasons.or_pass(|| format!("launches from {source} and {renewed}"));
    Verdict { message: format!("group {}: {}", group.name, verdict.message), ..verdict }
}

/// What the group launches from.
fn judge_source(reasons: &mut Reasons, group: &Group) -> String {
    let template = group.template().map(|template| (template.label(), template.version()));
    match (template, group.launch_configuration()) {
        (_, Some(configuration)) => reasons.broken(
            "launch_configuration",
            format!("launches from launch configuration {configuration}, not from a launch template"),
        ),
        (Some((template, Some(version))), None) => return format!("version {version} of launch template {template}"),
        (Some((template, None)), None) => {
            reasons.doubt(format!("which version of launch template {template} it launches from is not said"));
        }
        (None, None) => reasons.doubt("what it launches from is not said"),
    }
    String::new()
}

fn judge_renewal(reasons: &mut Reasons, renewal: Renewal, limit: i64) -> String {
    let without = "has no maximum instance lifetime and finished no instance refresh";
    match renewal {
        Renewal::Lifetime(days) => return format!("replaces its instances after {days} days at the latest"),
        Renewal::Refreshed(ago) => return format!("finished an instance refresh {ago} days ago"),
        Renewal::None => reasons.broken("not_renewed", format!("{without} within {limit} days")),
        Renewal::Unseen(gap) => reasons.unseen(&gap),
        Renewal::Earlier => {
            reasons.doubt(format!("{without} in the six weeks that AWS shows; it may have before"));
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::super::renewal::renewal_of;
    use super::*;
    use aws_smithy_types::date_time::Format;
    use posture_estate::finding::GapKind;

    fn time(text: &str) -> DateTime {
        DateTime::from_str(&format!("{text}T00:00:00Z"), Format::DateTime).unwrap()
    }

    fn group(more: serde_json::Value) -> Group {
        let mut group = json!({ "AutoScalingGroupName": "web", "CreatedTime": "2025-01-01T00:00:00Z",
            "LaunchTemplate": { "LaunchTemplateName": "web", "Version": "3" } });
        for (key, value) in more.as_object().unwrap() {
            group[key] = value.clone();
        }
        serde_json::from_value(group).unwrap()
    }

    fn source(more: serde_json::Value) -> Verdict {
        judge(&group(more), Renewal::Lifetime(30), 90)
    }

    fn renewed(group: &Group, oldest: Result<Option<DateTime>, Gap>, limit: i64) -> Verdict {
        judge(group, renewal_of(group, oldest, limit, time("2026-11-22")), limit)
    }

    #[test]
    fn a_group_launches_from_a_version_of_a_template() {
        assert_eq!(source(json!({})).status, Status::Pass);
        let mixed = json!({ "LaunchTemplate": null, "MixedInstancesPolicy": { "LaunchTemplate":
            { "LaunchTemplateSpecification": { "LaunchTemplateId": "lt-1", "Version": "$Latest" } } } });
        assert_eq!(source(mixed).status, Status::Pass);
        let old = source(json!({ "LaunchTemplate": null, "LaunchConfigurationName": "web-2019" }));
        assert_eq!(old.reasons, ["launch_configuration"]);
        assert_eq!(source(json!({ "LaunchTemplate": null })).status, Status::Unknown);
        assert_eq!(source(json!({ "LaunchTemplate": { "LaunchTemplateName": "web" } })).status, Status::Unknown);
    }

    #[test]
    fn a_lifetime_or_a_refresh_renews() {
        let said = |renewal| judge(&group(json!({})), renewal, 90).message;
        assert_eq!(
            said(Renewal::Lifetime(30)),
            "group web: launches from version 3 of launch template web and replaces its instances after 30 days at the latest"
        );
        assert!(said(Renewal::Refreshed(5)).ends_with("finished an instance refresh 5 days ago"));
    }

    #[test]
    fn a_launch_configuration_fails_whether_refreshes_were_seen_or_not() {
        let old = group(json!({ "LaunchTemplate": null, "LaunchConfigurationName": "web-2019" }));
        let gap = Gap::new("1", "eu-west-1", "autoscaling:DescribeInstanceRefreshes", GapKind::Denied, "no");
        let verdict = |group| judge(group, or_unseen(Err(gap.clone())).unwrap(), 90);
        assert_eq!(verdict(&old).reasons, ["launch_configuration"]);
        assert_eq!(verdict(&group(json!({}))).status, Status::Unknown);
        assert!(or_unseen(Err(gap.clone().with_code(Some(GONE[0].to_owned())))).is_err(), "a group that is gone");
    }

    #[test]
    fn none_is_said_only_where_all_the_time_was_seen() {
        // semantics 157
        let old = group(json!({}));
        let young = group(json!({ "CreatedTime": "2026-11-01T00:00:00Z" }));
        assert_eq!(renewed(&young, Ok(None), 90).reasons, ["not_renewed"], "six weeks are all its life");
        assert_eq!(renewed(&old, Ok(Some(time("2026-01-01"))), 90).reasons, ["not_renewed"], "an instance is older");
        assert_eq!(renewed(&old, Ok(Some(time("2026-10-01"))), 90).status, Status::Unknown);
        assert_eq!(renewed(&old, Ok(None), 90).status, Status::Unknown);
        assert_eq!(renewed(&old, Ok(None), 42).reasons, ["not_renewed"], "the limit is within what AWS shows");
        let gap = Gap::new("1", "eu-west-1", "ec2:DescribeInstances", GapKind::Denied, "no");
        assert_eq!(renewed(&old, Err(gap), 90).status, Status::Unknown);
    }
}
