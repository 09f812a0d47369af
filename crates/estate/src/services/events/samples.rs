//! What is certain of the events that security looks for: samples to ask rules by.
//!
//! The findings are those of high and critical severity, of several types, so that a rule which picks some of them does not look as if it
//! took all. Of calls, CloudTrail's management events reach EventBridge where a trail records them.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>

use super::pattern::{EventSample, PatternMatch, matches};
use serde_json::{Value, json};

/// A service whose findings come as events.
#[derive(Clone, Debug)]
pub struct FindingSource {
    /// As a person calls it.
    pub name: &'static str,
    /// As events call it, `aws.guardduty`.
    pub source: &'static str,
    /// Findings that nobody should miss.
    pub samples: Vec<EventSample>,
}

/// A service to whose events programs answer.
#[derive(Clone, Copy, Debug)]
pub struct EventSource {
    /// As a person calls it.
    pub name: &'static str,
    source: &'static str,
    /// The kinds of its events that tell of something found.
    kinds: &'static [&'static str],
}

/// The services whose events tell of something that a program may put right.
pub const ANSWERABLE: [EventSource; 4] = [
    EventSource {
        name: "Security Hub",
        source: "aws.securityhub",
        kinds: &["Security Hub Findings - Imported", "Security Hub Findings - Custom Action", "Findings Imported V2"],
    },
    EventSource { name: "GuardDuty", source: "aws.guardduty", kinds: &["GuardDuty Finding"] },
    EventSource { name: "Inspector", source: "aws.inspector2", kinds: &["Inspector2 Finding"] },
    EventSource {
        name: "Config",
        source: "aws.config",
        kinds: &["Config Rules Compliance Change", "Config Configuration Item Change"],
    },
];

impl EventSource {
    /// Whether the events are those that Security Hub draws together from several Regions.
    pub fn is_security_hub(&self) -> bool {
        self.source == "aws.securityhub"
    }

    /// Whether a pattern names the service or a kind of its events, and takes some of them.
    pub fn is_named_in(&self, pattern: &str, scene: EventPlace<'_>) -> bool {
        let Ok(Value::Object(mut pattern)) = serde_json::from_str(pattern) else { return false };
        // Which of its events is of no account.
        ["detail", "id", "resources", "time", "version"].iter().for_each(|key| drop(pattern.remove(*key)));
        let text = Value::Object(pattern).to_string();
        (text.contains("\"source\"") || text.contains("\"detail-type\""))
            && self.kinds.iter().any(|kind| {
                matches(&text, &scene.event(self.name, self.source, kind, &json!({}))) == PatternMatch::Yes
            })
    }
}

/// Where events happen.
#[derive(Clone, Copy, Debug)]
pub struct EventPlace<'a> {
    pub account: &'a str,
    pub region: &'a str,
}

impl EventPlace<'_> {
    fn event(self, what: &str, source: &str, kind: &str, detail: &Value) -> EventSample {
        let EventPlace { account, region } = self;
        let event = json!({
            "version": "0", "source": source, "detail-type": kind, "account": account, "region": region, "detail": detail
        });
        EventSample::new(what, event)
    }

    /// The services whose findings tell of attacks, weaknesses and exposure.
    pub fn findings(self) -> Vec<FindingSource> {
        let source = |name, source, samples| FindingSource { name, source, samples };
        vec![
            source("Security Hub", "aws.securityhub", self.security_hub()),
            source("Security Hub (OCSF)", "aws.securityhub", self.security_hub_ocsf()),
            source("GuardDuty", "aws.guardduty", self.guardduty()),
            source("Inspector", "aws.inspector2", self.inspector()),
            source("Macie", "aws.macie", self.macie()),
            source("IAM Access Analyzer", "aws.access-analyzer", self.access_analyzer()),
        ]
    }

    /// High is 7.0 to 8.9, critical 9.0 and above.
    /// <https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html>
    fn guardduty(self) -> Vec<EventSample> {
        let all = [
            (7.0, "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom"),
            (8.0, "CryptoCurrency:EC2/BitcoinTool.B!DNS"),
            (8.0, "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"),
            (8.5, "Exfiltration:S3/AnomalousBehavior"),
            (9.0, "AttackSequence:IAM/CompromisedCredentials"),
        ];
        let sample = |(severity, kind): (f64, &str)| {
            let detail = json!({
                "schemaVersion": "2.0", "accountId": self.account, "region": self.region, "partition": "aws",
                "severity": severity, "type": kind
            });
            let what = format!("a finding of GuardDuty with severity {severity}");
            self.event(&what, "aws.guardduty", "GuardDuty Finding", &detail)
        };
        all.into_iter().map(sample).collect()
    }

    /// <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html>
    fn security_hub(self) -> Vec<EventSample> {
        let all = [("HIGH", 70, "Security Hub"), ("CRITICAL", 90, "Security Hub"), ("HIGH", 70, "GuardDuty")];
        let sample = |(label, normalized, product): (&str, u32, &str)| {
            let mut finding = json!({
                "AwsAccountId": self.account, "RecordState": "ACTIVE", "Workflow": {"Status": "NEW"}, "WorkflowState": "NEW",
                "Severity": {"Label": label, "Normalized": normalized}, "ProductName": product, "CompanyName": "AWS",
                "FindingProviderFields": {"Severity": {"Label": label}}
            });
            if product == "Security Hub" {
                finding["Compliance"] = json!({"Status": "FAILED"});
            }
            let what = format!("a finding of {product} in Security Hub with severity {label}");
            let kind = "Security Hub Findings - Imported";
            let absent: &[&str] = if product == "Security Hub" { &[] } else { &["detail.findings.Compliance"] };
            self.event(&what, "aws.securityhub", kind, &json!({ "findings": [finding] })).without(absent)
        };
        all.into_iter().map(sample).collect()
    }

    /// What Security Hub sends: serious findings as they come in, those that somebody sends on by one of the custom actions, and where the
    /// newer Security Hub is on, its own.
    /// <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-integration-types.html>
    pub fn hub_events(self, actions: &[String], newer: bool) -> Vec<EventSample> {
        let sent = |action: &String| {
            let event = json!({
                "version": "0", "source": "aws.securityhub", "detail-type": "Security Hub Findings - Custom Action",
                "account": self.account, "region": self.region, "resources": [action], "detail": {}
            });
            EventSample::new(format!("a finding that custom action {action} sends on"), event)
        };
        let mut all = self.security_hub();
        all.extend(actions.iter().map(sent));
        if newer {
            all.extend(self.security_hub_ocsf());
        }
        all
    }

    /// Findings as the Security Hub of 2025 sends them, of whichever service they are.
    /// <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-v2-cloudwatch-events.html>
    fn security_hub_ocsf(self) -> Vec<EventSample> {
        let sample = |(severity, id): (&str, u32)| {
            let finding = json!({ "severity": severity, "severity_id": id, "status": "New", "status_id": 1 });
            let what = format!("a finding of Security Hub with severity {severity}");
            self.event(&what, "aws.securityhub", "Findings Imported V2", &json!({ "findings": [finding] }))
        };
        [("High", 4), ("Critical", 5)].into_iter().map(sample).collect()
    }

    /// <https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html>
    fn inspector(self) -> Vec<EventSample> {
        let all = [("HIGH", "PACKAGE_VULNERABILITY"), ("CRITICAL", "PACKAGE_VULNERABILITY"), ("HIGH", "NETWORK_REACHABILITY")];
        let sample = |(severity, kind): (&str, &str)| {
            let detail = json!({ "awsAccountId": self.account, "severity": severity, "type": kind, "status": "ACTIVE" });
            let what = format!("a finding of Inspector with severity {severity}");
            self.event(&what, "aws.inspector2", "Inspector2 Finding", &detail)
        };
        all.into_iter().map(sample).collect()
    }

    /// <https://docs.aws.amazon.com/macie/latest/user/findings-publish-event-schemas.html>
    fn macie(self) -> Vec<EventSample> {
        let all = [("POLICY", "Policy:IAMUser/S3BucketPublic"), ("CLASSIFICATION", "SensitiveData:S3Object/Credentials")];
        let sample = |(category, kind): (&str, &str)| {
            let detail = json!({
                "accountId": self.account, "region": self.region, "category": category, "type": kind, "archived": false,
                "severity": {"description": "High", "score": 3}
            });
            self.event("a high finding of Macie", "aws.macie", "Macie Finding", &detail)
        };
        all.into_iter().map(sample).collect()
    }

    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html>
    fn access_analyzer(self) -> Vec<EventSample> {
        let sample = |public: bool| {
            let detail = json!({ "accountId": self.account, "region": self.region, "status": "ACTIVE", "isPublic": public });
            self.event("a finding of IAM Access Analyzer", "aws.access-analyzer", "Access Analyzer Finding", &detail)
        };
        vec![sample(true), sample(false)]
    }

    /// A call that succeeds, by CloudTrail.
    pub fn call(self, what: &str, service: &str, operation: &str, mut detail: Value) -> EventSample {
        let source = ["aws", service.split('.').next().unwrap_or(service)].join(".");
        detail["eventSource"] = service.into();
        detail["eventName"] = operation.into();
        detail["awsRegion"] = self.region.into();
        detail["eventType"] = "AwsApiCall".into();
        let absent = &["detail.errorCode", "detail.errorMessage"];
        self.event(what, &source, "AWS API Call via CloudTrail", &detail).without(absent)
    }

    /// Somebody assumes the role, by `sts:AssumeRole` or another way in.
    pub fn assumption(self, role: &str, by: &str) -> EventSample {
        let resources = json!([{ "ARN": role, "accountId": self.account, "type": "AWS::IAM::Role" }]);
        let detail = json!({ "requestParameters": { "roleArn": role }, "resources": resources });
        self.call(&format!("{by} of {role}"), "sts.amazonaws.com", by, detail)
    }

    /// Somebody changes a pipeline.
    pub fn pipeline_change(self) -> EventSample {
        self.call("a change of a pipeline", "codepipeline.amazonaws.com", "UpdatePipeline", json!({}))
    }

    /// Somebody changes a build project.
    pub fn project_change(self) -> EventSample {
        self.call("a change of a build project", "codebuild.amazonaws.com", "UpdateProject", json!({}))
    }

    /// Somebody changes what a role may do or who may assume it; such events come in one Region only (see [`EventPlace::has_iam_events`]).
    pub fn role_changes(self, role: &str) -> Vec<EventSample> {
        let change = |operation: &&str| {
            let detail = json!({ "requestParameters": { "roleName": role } });
            self.call(&format!("{operation} on role {role}"), "iam.amazonaws.com", operation, detail)
        };
        ["AttachRolePolicy", "PutRolePolicy", "UpdateAssumeRolePolicy"].iter().map(change).collect()
    }

    /// Whether events of IAM, which lies in no Region, come to the Region.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>
    pub fn has_iam_events(self) -> bool {
        ["us-east-1", "us-gov-west-1", "cn-north-1"].contains(&self.region)
    }

    /// An IAM user signs in to the console.
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html>
    pub fn sign_in(self, user: &str, arn: &str) -> EventSample {
        let detail = json!({
            "userIdentity": { "type": "IAMUser", "accountId": self.account, "arn": arn, "userName": user },
            "eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "awsRegion": self.region,
            "eventType": "AwsConsoleSignIn", "responseElements": { "ConsoleLogin": "Success" }
        });
        self.event(&format!("a sign-in of user {user}"), "aws.signin", "AWS Console Sign In via CloudTrail", &detail)
            .without(&["detail.errorCode", "detail.errorMessage"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCENE: EventPlace<'static> = EventPlace { account: "111122223333", region: "eu-west-1" };

    /// Of the first source of that name.
    fn caught(source: &str, pattern: &Value) -> Vec<bool> {
        let all = SCENE.findings();
        let samples = &all.iter().find(|one| one.source == source).unwrap().samples;
        samples.iter().map(|sample| matches(&pattern.to_string(), sample) == PatternMatch::Yes).collect()
    }

    #[test]
    fn high_is_seven_and_above_and_critical_is_high_too() {
        // semantics 36
        let of = |severity: Value| caught("aws.guardduty", &json!({"source": ["aws.guardduty"], "detail": {"severity": severity}}));
        assert!(of(json!([{"numeric": [">=", 7]}])).iter().all(|caught| *caught));
        assert!(!of(json!([8, 8.0])).iter().all(|caught| *caught));
        assert!(!of(json!([{"numeric": [">=", 7, "<", 9]}])).iter().all(|caught| *caught), "critical is missed");
    }

    #[test]
    fn a_rule_of_one_type_does_not_take_all() {
        let of = |kind: Value| caught("aws.guardduty", &json!({"detail": {"type": kind}}));
        assert!(of(json!([{"anything-but": {"prefix": "Recon:"}}])).iter().all(|caught| *caught));
        assert_eq!(of(json!([{"prefix": "CryptoCurrency:"}])).iter().filter(|caught| **caught).count(), 1);
    }

    #[test]
    fn the_usual_patterns_of_each_service_take_all_its_findings() {
        for (source, pattern) in [
            ("aws.securityhub", json!({"source": ["aws.securityhub"], "detail-type": ["Security Hub Findings - Imported"], "detail": {"findings": {"Severity": {"Label": ["CRITICAL", "HIGH"]}, "Workflow": {"Status": ["NEW"]}, "RecordState": ["ACTIVE"]}}})),
            ("aws.inspector2", json!({"source": ["aws.inspector2"], "detail-type": ["Inspector2 Finding"], "detail": {"severity": ["HIGH", "CRITICAL"], "status": ["ACTIVE"]}})),
            ("aws.macie", json!({"source": ["aws.macie"], "detail-type": ["Macie Finding"], "detail": {"severity": {"description": ["High"]}}})),
            ("aws.access-analyzer", json!({"source": ["aws.access-analyzer"], "detail-type": ["Access Analyzer Finding"], "detail": {"status": ["ACTIVE"]}})),
        ] {
            assert!(caught(source, &pattern).iter().all(|caught| *caught), "{source}");
        }
        let ocsf = SCENE.findings().into_iter().find(|one| one.name == "Security Hub (OCSF)").unwrap().samples;
        let serious = json!({"source": ["aws.securityhub"], "detail-type": ["Findings Imported V2"], "detail": {"findings": {"severity": ["High", "Critical", "Fatal"]}}});
        assert!(ocsf.iter().all(|sample| matches(&serious.to_string(), sample) == PatternMatch::Yes));
        let failed = json!({"detail": {"findings": {"Compliance": {"Status": ["FAILED"]}}}});
        assert_eq!(caught("aws.securityhub", &failed), [true, true, false], "a finding of GuardDuty has no compliance");
    }

    #[test]
    fn a_service_is_named_by_its_source_or_the_kind_of_its_events() {
        let of = |pattern: &Value| -> Vec<&str> {
            ANSWERABLE.iter().filter(|one| one.is_named_in(&pattern.to_string(), SCENE)).map(|one| one.name).collect()
        };
        assert_eq!(of(&json!({"source": ["aws.config"], "detail": {"x": ["y"]}})), ["Config"]);
        assert_eq!(of(&json!({"source": ["aws.guardduty"], "resources": [{"prefix": "arn:"}]})), ["GuardDuty"]);
        assert_eq!(of(&json!({"detail-type": ["GuardDuty Finding", "Inspector2 Finding"]})), ["GuardDuty", "Inspector"]);
        assert_eq!(of(&json!({"$or": [{"source": ["aws.guardduty"]}, {"source": ["aws.ec2"]}]})), ["GuardDuty"]);
        assert!(of(&json!({"source": ["aws.ec2"]})).is_empty());
        assert!(of(&json!({"detail": {"eventName": ["RunInstances"]}})).is_empty());
        assert!(of(&json!({"account": ["111122223333"]})).is_empty(), "names no service");
        assert!(of(&json!({"source": ["aws.guardduty"], "account": ["444455556666"]})).is_empty());
    }

    #[test]
    fn calls_and_sign_ins_look_as_cloudtrail_writes_them() {
        let role = "arn:aws:iam::111122223333:role/break-glass";
        let of = |pattern: &Value| matches(&pattern.to_string(), &SCENE.assumption(role, "AssumeRole"));
        let ours = json!({"source": ["aws.sts"], "detail": {"eventName": ["AssumeRole"], "requestParameters": {"roleArn": [{"suffix": ":role/break-glass"}]}}});
        assert_eq!(of(&ours), PatternMatch::Yes);
        let other = json!({"detail": {"requestParameters": {"roleArn": ["arn:aws:iam::111122223333:role/app"]}}});
        assert_eq!(of(&other), PatternMatch::No);
        let failed = json!({"source": ["aws.sts"], "detail": {"errorCode": [{"exists": true}]}});
        assert_eq!(of(&failed), PatternMatch::No);
        let update = json!({"source": ["aws.codepipeline"], "detail": {"eventName": ["UpdatePipeline"]}});
        assert_eq!(matches(&update.to_string(), &SCENE.pipeline_change()), PatternMatch::Yes);
        assert_eq!(matches(&update.to_string(), &SCENE.project_change()), PatternMatch::No);
        let role = json!({"source": ["aws.iam"], "detail": {"requestParameters": {"roleName": ["deploy"]}}});
        assert!(SCENE.role_changes("deploy").iter().all(|one| matches(&role.to_string(), one) == PatternMatch::Yes));
        assert!(SCENE.role_changes("app").iter().all(|one| matches(&role.to_string(), one) == PatternMatch::No));
        assert!(!SCENE.has_iam_events() && EventPlace { region: "us-east-1", ..SCENE }.has_iam_events());
        let user = SCENE.sign_in("rescue", "arn:aws:iam::111122223333:user/rescue");
        let sign_in = json!({"detail-type": ["AWS Console Sign In via CloudTrail"], "detail": {"userIdentity": {"userName": ["rescue"]}}});
        assert_eq!(matches(&sign_in.to_string(), &user), PatternMatch::Yes);
    }
}
