//! Is what happens in sessions kept, encrypted, and so is what scripts of runbooks print?

use crate::prelude::*;
use posture_estate::services::ssm::{Content, SCRIPT_LOG};
use serde_json::Value;

pub async fn probe(at: &Region) -> Outcome {
    let (nodes, documents) = join!(at.ssm().nodes(), at.ssm().own_documents());
    let nodes = !nodes?.is_empty();
    if !nodes && !documents?.iter().any(|one| one.is_runbook()) {
        let nothing = format!("{} has neither managed nodes nor runbooks of the account", at.name());
        return Ok(vec![Verdict::not_applicable(nothing).on(at.resource())]);
    }
    let preferences = async {
        match nodes {
            true => Some(at.ssm().session_preferences().await),
            false => None,
        }
    };
    let (sessions, runs) = join!(preferences, at.ssm().service_setting(SCRIPT_LOG));
    let mut reasons = Reasons::new();
    let mut kept = Vec::new();
    kept.extend(sessions.map(|preferences| judge_sessions(&mut reasons, at.name(), preferences)));
    kept.push(judge_runs(&mut reasons, at.name(), runs));
    Ok(vec![reasons.or_pass(|| format!("in {} {}", at.name(), kept.join(", and "))).on(at.resource())])
}

fn judge_sessions(reasons: &mut Reasons, region: &str, preferences: Answer<Option<Content>>) -> String {
    let Some(preferences) = reasons.add(preferences) else { return String::new() };
    let Some(preferences) = preferences.there() else {
        reasons
            .broken("sessions_not_logged", format!("{region} has no preferences for sessions, so nothing logs them"));
        return String::new();
    };
    let read = serde_json::from_str::<Value>(&preferences.content).ok();
    let Some(inputs) = read.as_ref().and_then(|it| it.get("inputs")).filter(|it| it.is_object()) else {
        reasons.doubt(format!("the preferences for sessions in {region} cannot be read"));
        return String::new();
    };
    let text = |name: &str| inputs.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut places = Vec::new();
    for (what, place, encrypted) in [
        ("bucket", text("s3BucketName"), "s3EncryptionEnabled"),
        ("log group", text("cloudWatchLogGroupName"), "cloudWatchEncryptionEnabled"),
    ] {
        if place.is_empty() {
            continue;
        }
        match inputs.get(encrypted) {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) | None => reasons.broken(
                "sessions_not_encrypted",
                format!("logs of sessions in {region} go to {what} {place} without being required to be encrypted"),
            ),
            Some(other) => reasons.doubt(format!("{encrypted} of the session preferences in {region} is {other}")),
        }
        places.push(format!("{what} {place}"));
    }
    if places.is_empty() {
        let nowhere = format!("the preferences for sessions in {region} name neither a bucket nor a log group");
        reasons.broken("sessions_not_logged", nowhere);
    }
    format!("sessions are logged to {}, encrypted", places.join(" and "))
}

fn judge_runs(reasons: &mut Reasons, region: &str, setting: Answer<Option<String>>) -> String {
    let Some(setting) = reasons.add(setting) else { return String::new() };
    match setting.there().map(String::as_str) {
        Some("CloudWatch") => return "the output of scripts in runbooks goes to CloudWatch Logs".to_owned(),
        None | Some("" | "None" | "$None") => reasons
            .broken("automation_not_logged", format!("the output of scripts in runbooks in {region} is not logged")),
        Some(other) => {
            reasons.doubt(format!("where the output of scripts in runbooks in {region} goes is not known: {other:?}"));
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn sessions(content: Option<&str>) -> Verdict {
        let mut reasons = Reasons::new();
        let content = content.map(|text| Content { content: text.to_owned() });
        let said = judge_sessions(&mut reasons, "eu-west-1", Ok(Arc::new(content)));
        reasons.or_pass(|| said)
    }

    fn inputs(inputs: serde_json::Value) -> Verdict {
        sessions(Some(&json!({ "sessionType": "Standard_Stream", "inputs": inputs }).to_string()))
    }

    #[test]
    fn one_place_is_enough_and_each_has_to_be_encrypted() {
        assert_eq!(inputs(json!({ "s3BucketName": "logs", "s3EncryptionEnabled": true })).status, Status::Pass);
        let group =
            json!({ "s3BucketName": "", "cloudWatchLogGroupName": "/sessions", "cloudWatchEncryptionEnabled": true });
        assert_eq!(inputs(group).status, Status::Pass);
        let plain = inputs(json!({ "s3BucketName": "logs", "s3EncryptionEnabled": false }));
        assert_eq!(plain.reasons, ["sessions_not_encrypted"]);
        let half =
            json!({ "s3BucketName": "logs", "s3EncryptionEnabled": true, "cloudWatchLogGroupName": "/sessions" });
        assert_eq!(inputs(half).reasons, ["sessions_not_encrypted"]);
        assert_eq!(
            inputs(json!({ "s3BucketName": "logs", "s3EncryptionEnabled": "{{ on }}" })).status,
            Status::Unknown
        );
    }

    #[test]
    fn without_a_place_nothing_is_logged() {
        assert_eq!(inputs(json!({ "s3BucketName": "", "s3EncryptionEnabled": true })).reasons, ["sessions_not_logged"]);
        assert_eq!(sessions(None).reasons, ["sessions_not_logged"]);
        assert_eq!(sessions(Some("{")).status, Status::Unknown);
        assert_eq!(sessions(Some("{}")).status, Status::Unknown);
    }

    #[test]
    fn the_output_of_runbooks_goes_to_cloudwatch_or_nowhere() {
        let runs = |value: Answer<Option<String>>| {
            let mut reasons = Reasons::new();
            let said = judge_runs(&mut reasons, "eu-west-1", value);
            reasons.or_pass(|| said)
        };
        let set = |value: Option<&str>| runs(Ok(Arc::new(value.map(str::to_owned))));
        assert_eq!(set(Some("CloudWatch")).status, Status::Pass);
        assert_eq!(set(Some("None")).reasons, ["automation_not_logged"]);
        assert_eq!(set(None).reasons, ["automation_not_logged"]);
        assert_eq!(set(Some("Elsewhere")).status, Status::Unknown);
        let gap = Gap::new("1", "eu-west-1", "ssm:GetServiceSetting", GapKind::Denied, "no");
        assert_eq!(runs(Err(gap.clone())).status, Status::Unknown);
        let mut reasons = Reasons::new();
        judge_sessions(&mut reasons, "eu-west-1", Err(gap));
        assert_eq!(reasons.open().status, Status::Unknown);
    }
}
