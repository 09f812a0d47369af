//! Does every project keep logs, and is what it writes to S3 encrypted: logs, artifacts and the exports of its reports? What a
//! pipeline keeps in its artifact store is always encrypted.

use super::per_project;
use crate::prelude::*;
use posture_estate::services::codebuild::ReportGroup;
use posture_estate::services::codebuild::project::{BuildLogs, Project, ProjectArtifacts};

pub async fn probe(at: &Region) -> Outcome {
    let projects = at.codebuild().projects().await?;
    let mut findings = per_project(at, &projects, judge);
    // Reports come from builds.
    if !projects.is_empty() {
        match at.codebuild().report_groups().await {
            Ok(groups) => findings.extend(groups.iter().map(|group| export(group).on(group.resource()))),
            Err(gap) => findings.push(Verdict::unseen(&gap).sub("report-groups").on(at.resource())),
        }
    }
    Ok(findings)
}

fn judge(project: &Project) -> Verdict {
    let mut reasons = Reasons::new();
    let name = &project.name;
    let kept = logs(name, project.logs_config.as_ref(), &mut reasons);
    project.all_artifacts().for_each(|artifacts| encrypted(name, artifacts, &mut reasons));
    reasons.or_pass(|| format!("project {name} keeps logs in {kept} and writes nothing without encryption"))
}

/// Where logs are kept. CloudWatch Logs is on by default, S3 is not.
/// <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_LogsConfig.html>
fn logs(name: &str, config: Option<&BuildLogs>, reasons: &mut Reasons) -> String {
    let group = config.and_then(|config| config.cloud_watch_logs.as_ref()).map_or("ENABLED", |logs| &logs.status);
    let bucket = config.and_then(|config| config.s3_logs.as_ref());
    let mut kept = Vec::new();
    for (place, status) in [("CloudWatch Logs", group), ("S3", bucket.map_or("DISABLED", |logs| &logs.status))] {
        match status {
            "ENABLED" => kept.push(place),
            "DISABLED" => {}
            other => reasons.doubt(format!("project {name} has logs in {place} with the status {other:?}")),
        }
    }
    if kept.is_empty() && reasons.is_empty() {
        reasons.broken("no_logs", format!("project {name} keeps no logs of its builds"));
    }
    if let Some(logs) = bucket.filter(|logs| logs.status == "ENABLED" && logs.encryption_disabled == Some(true)) {
        let place = logs.location.as_deref().unwrap_or("a bucket");
        reasons.broken("logs_not_encrypted", format!("project {name} writes its logs to {place} without encryption"));
    }
    kept.join(" and ")
}

/// Only artifacts in S3 can be written without encryption.
/// <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html>
fn encrypted(name: &str, artifacts: &ProjectArtifacts, reasons: &mut Reasons) {
    match artifacts.kind.as_str() {
        "S3" if artifacts.encryption_disabled == Some(true) => {
            let place = artifacts.location.as_deref().unwrap_or("a bucket");
            let why = format!("project {name} writes its artifacts to {place} without encryption");
            reasons.broken("artifacts_not_encrypted", why);
        }
        "S3" | "CODEPIPELINE" | "NO_ARTIFACTS" => {}
        other => reasons.doubt(format!("project {name} has artifacts of the type {other:?}")),
    }
}

fn export(group: &ReportGroup) -> Verdict {
    let (name, export) = (&group.name, &group.export_config);
    match (export.export_config_type.as_str(), &export.s3_destination) {
        ("NO_EXPORT", _) => Verdict::pass(format!("report group {name} exports no reports")),
        ("S3", Some(to)) => {
            let bucket = to.bucket.as_deref().unwrap_or("a bucket");
            match to.encryption_disabled {
                Some(true) => Verdict::fail(
                    "reports_not_encrypted",
                    format!("report group {name} exports its reports to {bucket} without encryption"),
                ),
                Some(false) => Verdict::pass(format!("report group {name} exports its reports encrypted to {bucket}")),
                None => Verdict::undecided(format!("whether report group {name} encrypts its exports is not said")),
            }
        }
        (kind, _) => {
            Verdict::undecided(format!("report group {name} has an export of the type {kind:?} without a bucket"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(members: serde_json::Value) -> Verdict {
        judge(&crate::codebuild::fixtures::project(members))
    }

    #[test]
    fn logs_are_kept_by_default_and_in_either_place() {
        assert_eq!(project(json!({})).status, Status::Pass);
        let logs = |group: &str, bucket: &str| {
            project(
                json!({ "logsConfig": { "cloudWatchLogs": { "status": group }, "s3Logs": { "status": bucket, "location": "logs/x" } } }),
            )
        };
        assert_eq!(logs("ENABLED", "DISABLED").status, Status::Pass);
        assert_eq!(logs("DISABLED", "ENABLED").status, Status::Pass);
        assert_eq!(logs("DISABLED", "DISABLED").reasons, ["no_logs"]);
        assert_eq!(logs("DISABLED", "PAUSED").status, Status::Unknown);
        let bare = project(json!({ "logsConfig": { "cloudWatchLogs": { "status": "DISABLED" } } }));
        assert_eq!(bare.reasons, ["no_logs"]);
    }

    #[test]
    fn logs_in_s3_are_encrypted_unless_somebody_switched_it_off() {
        let logs = |status: &str, off: Option<bool>| {
            project(
                json!({ "logsConfig": { "s3Logs": { "status": status, "location": "logs/x", "encryptionDisabled": off } } }),
            )
        };
        assert_eq!(logs("ENABLED", Some(true)).reasons, ["logs_not_encrypted"]);
        assert_eq!(logs("ENABLED", Some(false)).status, Status::Pass);
        assert_eq!(logs("ENABLED", None).status, Status::Pass);
        assert_eq!(logs("DISABLED", Some(true)).status, Status::Pass);
    }

    #[test]
    fn every_artifact_counts_and_only_in_s3() {
        let artifacts = |kind: &str, off: bool| json!({ "type": kind, "location": "out", "encryptionDisabled": off });
        assert_eq!(project(json!({ "artifacts": artifacts("S3", true) })).reasons, ["artifacts_not_encrypted"]);
        assert_eq!(project(json!({ "artifacts": artifacts("S3", false) })).status, Status::Pass);
        assert_eq!(project(json!({ "artifacts": artifacts("CODEPIPELINE", true) })).status, Status::Pass);
        assert_eq!(project(json!({ "artifacts": artifacts("TAPE", true) })).status, Status::Unknown);
        let second = json!({ "secondaryArtifacts": [artifacts("S3", false), artifacts("S3", true)] });
        assert_eq!(project(second).reasons, ["artifacts_not_encrypted"]);
    }

    #[test]
    fn exports_of_reports_are_encrypted() {
        let group = |config: serde_json::Value| {
            let group = json!({ "arn": "arn:aws:codebuild:eu-west-1:111122223333:report-group/tests", "name": "tests", "exportConfig": config });
            export(&serde_json::from_value(group).unwrap())
        };
        let to = |off: Option<bool>| json!({ "exportConfigType": "S3", "s3Destination": { "bucket": "reports", "encryptionDisabled": off } });
        assert_eq!(group(json!({ "exportConfigType": "NO_EXPORT" })).status, Status::Pass);
        assert_eq!(group(to(Some(false))).status, Status::Pass);
        assert_eq!(group(to(Some(true))).reasons, ["reports_not_encrypted"]);
        assert_eq!(group(to(None)).status, Status::Unknown);
        assert_eq!(group(json!({ "exportConfigType": "FTP" })).status, Status::Unknown);
    }
}
