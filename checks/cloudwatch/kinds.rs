//! What alarms have to tell of: the events that Security Hub's controls and the CIS benchmark list, each as a sample of what CloudTrail
//! writes. <https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html>,
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use crate::prelude::*;
use posture_estate::services::logs::filter_pattern::LogSample;
use serde_json::Value;

/// Something that an alarm has to tell of.
pub(crate) struct Kind {
    /// The sub-key of its finding.
    pub key: &'static str,
    /// As messages call it.
    pub what: &'static str,
    /// One of each event, and more than one where a filter might tell them apart.
    pub samples: Vec<LogSample>,
    /// Whether reading is among it too.
    pub reads: bool,
    /// Whether every single event matters; else their number does.
    pub each: bool,
}

/// Changes that are calls of one service.
pub(super) struct Changes {
    pub key: &'static str,
    pub what: &'static str,
    /// Without its `.amazonaws.com`.
    pub source: &'static str,
    pub names: &'static [&'static str],
}

/// What a person of each of these types may be, so that a filter for one of them alone is not enough.
const BY: [&str; 2] = ["AssumedRole", "IAMUser"];

/// A record of a call that succeeded, from addresses of the documentation's networks: people's, and no service's.
fn call(by: &str, source: &str, name: &str) -> Value {
    json!({
        "userIdentity": { "type": by },
        "sourceIPAddress": if by == "AssumedRole" { "198.51.100.7" } else { "203.0.113.7" },
        "eventSource": format!("{source}.amazonaws.com"),
        "eventName": name,
        "eventType": "AwsApiCall",
        "eventCategory": "Management",
        "managementEvent": true,
    })
}

/// A record of a sign-in to the console.
fn sign_in(by: &str, result: &str) -> Value {
    let mut record = call(by, "signin", "ConsoleLogin");
    record["eventType"] = "AwsConsoleSignIn".into();
    record["readOnly"] = false.into();
    record["responseElements"] = json!({ "ConsoleLogin": result });
    record
}

const SUCCEEDED: &[&str] = &["errorCode", "errorMessage"];

impl Changes {
    /// `regions` are those in scope: a filter for one of them alone is not enough.
    pub(super) fn kind(&self, regions: &[String]) -> Kind {
        let ends = [regions.first(), regions.last()];
        let sample = |name: &str, by: &str, region: Option<&String>| {
            let mut record = call(by, self.source, name);
            record["readOnly"] = false.into();
            // What services of one Region record has that Region.
            if let Some(region) = region.filter(|_| !GLOBAL.contains(&self.source)) {
                record["awsRegion"] = region.as_str().into();
            }
            LogSample::new(name, record, SUCCEEDED)
        };
        let samples = self.names.iter().flat_map(|name| BY.iter().zip(ends).map(|(by, end)| sample(name, by, end)));
        Kind { key: self.key, what: self.what, samples: samples.collect(), reads: false, each: true }
    }
}

/// Services that record what happens in one Region, whichever that is in the partition.
const GLOBAL: [&str; 2] = ["iam", "organizations"];

/// Calls that were refused, in the words of the services.
pub(super) fn unauthorized_calls() -> Kind {
    let refused = |code: &str, source: &str, name: &str, read: bool| {
        BY.map(|by| {
            let mut record = call(by, source, name);
            record["errorCode"] = code.into();
            record["readOnly"] = read.into();
            LogSample::new(format!("{name} refused with {code}"), record, &[])
        })
    };
    let samples = [
        refused("AccessDenied", "iam", "CreateUser", false),
        refused("AccessDeniedException", "kms", "ListKeys", true),
        refused("Client.UnauthorizedOperation", "ec2", "DescribeInstances", true),
        refused("Client.UnauthorizedOperation", "ec2", "RunInstances", false),
    ];
    let samples = samples.into_iter().flatten().collect();
    Kind { key: "unauthorized-calls", what: "unauthorized API calls", samples, reads: true, each: false }
}

pub(super) fn sign_in_without_mfa() -> Kind {
    let mut record = sign_in("IAMUser", "Success");
    record["additionalEventData"] = json!({ "MFAUsed": "No" });
    let samples = vec![LogSample::new("ConsoleLogin of a user without MFA", record, SUCCEEDED)];
    Kind { key: "sign-in-without-mfa", what: "console sign-ins without MFA", samples, reads: false, each: true }
}

pub(super) fn failed_sign_ins() -> Kind {
    let mut record = sign_in("IAMUser", "Failure");
    record["errorMessage"] = "Failed authentication".into();
    let samples = vec![LogSample::new("ConsoleLogin with a wrong password", record, &["errorCode"])];
    Kind { key: "failed-sign-ins", what: "failed console sign-ins", samples, reads: false, each: false }
}

/// A sign-in of root, and calls by root that change something.
pub(super) fn root_usage() -> Kind {
    let absent: &[&str] = &["userIdentity.invokedBy", "errorCode", "errorMessage"];
    let change = |source: &str, name: &str| {
        let mut record = call("Root", source, name);
        record["readOnly"] = false.into();
        LogSample::new(ROOT_CALL, record, absent)
    };
    // Two of many, so that a filter for one service or some calls is none for all.
    let samples = vec![
        LogSample::new(ROOT_SIGN_IN, sign_in("Root", "Success"), absent),
        change("iam", "CreateAccessKey"),
        change("ec2", "RunInstances"),
    ];
    Kind { key: "root-usage", what: "use of the root user", samples, reads: false, each: true }
}

pub(super) const ROOT_SIGN_IN: &str = "ConsoleLogin of the root user";
pub(super) const ROOT_CALL: &str = "a call of the root user";

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::logs::filter_pattern::{FilterMatch, matches};

    fn all(kind: &Kind, pattern: &str) -> bool {
        kind.samples.iter().all(|sample| matches(pattern, sample) == FilterMatch::Yes)
    }

    #[test]
    fn the_patterns_of_aws_cover_their_kinds() {
        // semantics 35
        let root =
            r#"{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}"#;
        assert!(all(&root_usage(), root));
        // As CIS has it since 1.5: without what AWS itself and browsers ask in passing.
        let people = r#"{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }"#;
        assert!(all(&unauthorized_calls(), people));
        let refused = r#"{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}"#;
        assert!(all(&unauthorized_calls(), refused));
        let mfa = r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }"#;
        assert!(all(&sign_in_without_mfa(), mfa));
        let failed = r#"{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}"#;
        assert!(all(&failed_sign_ins(), failed));
    }

    #[test]
    fn a_part_of_a_kind_is_not_the_kind() {
        assert!(!all(&root_usage(), r#"{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }"#));
        assert!(!all(&root_usage(), r#"{ $.userIdentity.type = "Root" && $.eventName = %ConsoleLogin|AccessKey% }"#));
        assert!(!all(&unauthorized_calls(), r#"{ $.errorCode = "AccessDenied" }"#));
        assert!(!all(
            &failed_sign_ins(),
            r#"{ $.errorMessage = "Failed authentication" && $.sourceIPAddress != 203.0.* }"#
        ));
        assert!(!all(&sign_in_without_mfa(), r#"{ $.eventName = "ConsoleLogin" && $.userIdentity.type = "Root" }"#));
        let changes = Changes { key: "k", what: "w", source: "ec2", names: &["CreateVpc"] };
        let kind = changes.kind(&["eu-west-1".into(), "us-east-1".into()]);
        assert!(all(&kind, "{ $.eventName = CreateVpc }"));
        assert!(!all(&kind, r#"{ $.eventName = CreateVpc && $.userIdentity.type = "IAMUser" }"#));
        assert!(!all(&kind, r#"{ $.eventName = CreateVpc && $.awsRegion = "us-east-1" }"#));
    }
}
