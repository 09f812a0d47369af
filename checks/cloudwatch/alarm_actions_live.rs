//! Does every alarm do something when it goes off? An alarm without actions, or with disabled ones, changes its colour on a page.

use crate::prelude::*;
use posture_estate::services::cloudwatch::{Acting, Alarms};
use posture_estate::text::counted;

/// Alarms that may do nothing.
const MAY_BE_SILENT: Setting<Resources> = setting!(alarm_actions_live.may_be_silent);

pub async fn probe(at: &Region) -> Outcome {
    let alarms = at.cloudwatch().alarms().await?;
    if alarms.is_empty() {
        let none = format!("there is no CloudWatch alarm in {}", at.name());
        return Ok(vec![Verdict::not_applicable(none).on(at.resource())]);
    }
    let listed = at.setting(MAY_BE_SILENT);
    let judged = alarms.acting().map(|alarm| {
        let resource = alarm.resource();
        judge(&alarm, &alarms, listed.has(&resource)).on(resource)
    });
    Ok(judged.collect())
}

fn judge(alarm: &Acting<'_>, alarms: &Alarms, listed: bool) -> Verdict {
    let name = alarm.name;
    if alarm.is_live() {
        let actions = counted(alarm.actions.len(), "action");
        return Verdict::pass(format!("alarm {name} has {actions} for the ALARM state, and actions are enabled"));
    }
    if listed {
        return Verdict::pass(format!("alarm {name} does nothing when it goes off, as listed"));
    }
    // That of a composite alarm is the one to act where several are drawn together.
    let mut followers = alarms.with(*alarm).into_iter().skip(1);
    if let Some((follower, _)) = followers.find(|(follower, doubt)| doubt.is_none() && follower.is_live()) {
        return Verdict::pass(format!("composite alarm {} goes off with alarm {name} and acts", follower.name));
    }
    let mut reasons = Reasons::new();
    if !alarm.enabled {
        reasons.broken("actions_disabled", format!("the actions of alarm {name} are disabled"));
    }
    if alarm.actions.is_empty() {
        reasons.broken("no_action", format!("alarm {name} has no action for the ALARM state"));
    }
    reasons.open()
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::cloudwatch::CompositeAlarm;

    fn alarm(enabled: bool, actions: &[String]) -> Acting<'_> {
        Acting { name: "errors", arn: "arn:errors", enabled, actions }
    }

    fn together(rule: &str, enabled: bool) -> Alarms {
        let composite: CompositeAlarm = serde_json::from_value(json!({
            "AlarmName": "all", "AlarmArn": "arn:all", "ActionsEnabled": enabled, "AlarmActions": ["arn:aws:sns:x:1:t"], "AlarmRule": rule
        }))
        .unwrap();
        Alarms { composite: vec![composite], ..Alarms::default() }
    }

    #[test]
    fn an_alarm_needs_an_action_and_has_to_be_let_act() {
        let topic = ["arn:aws:sns:eu-west-1:111122223333:alerts".to_owned()];
        let judged = |enabled, actions| judge(&alarm(enabled, actions), &Alarms::default(), false);
        assert_eq!(judged(true, &topic).status, Status::Pass);
        assert_eq!(judged(false, &topic).reasons, ["actions_disabled"]);
        assert_eq!(judged(true, &[]).reasons, ["no_action"]);
        assert_eq!(judged(false, &[]).reasons, ["actions_disabled", "no_action"]);
        assert_eq!(judge(&alarm(true, &[]), &Alarms::default(), true).status, Status::Pass, "listed");
    }

    #[test]
    fn a_composite_alarm_may_act_for_it() {
        // semantics 148
        let judged = |alarms: &Alarms| judge(&alarm(true, &[]), alarms, false).status;
        assert_eq!(judged(&together("ALARM(errors) OR ALARM(x)", true)), Status::Pass);
        assert_eq!(judged(&together("ALARM(errors) OR ALARM(x)", false)), Status::Fail);
        assert_eq!(judged(&together("ALARM(errors) AND ALARM(x)", true)), Status::Fail);
        assert_eq!(judged(&together("ALARM(other)", true)), Status::Fail);
    }
}
