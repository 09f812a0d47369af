//! What service control policies are to keep accounts from.

/// Something that accounts are kept from, and the requests that show it.
pub(super) struct Guardrail {
    /// What it keeps accounts from.
    pub from: &'static str,
    pub actions: &'static [&'static str],
    /// Asked of the root user alone.
    pub root: bool,
}

/// `root`: any work will do; what only root can do stays open to it.
pub(super) const GUARDRAILS: [Guardrail; 6] = [
    Guardrail { from: "stopping trails", actions: &["cloudtrail:DeleteTrail", "cloudtrail:StopLogging"], root: false },
    Guardrail {
        from: "stopping the configuration recorder",
        actions: &["config:DeleteConfigurationRecorder", "config:StopConfigurationRecorder"],
        root: false,
    },
    Guardrail {
        from: "switching GuardDuty off",
        actions: &["guardduty:DeleteDetector", "guardduty:UpdateDetector"],
        root: false,
    },
    Guardrail { from: "switching Security Hub off", actions: &["securityhub:DisableSecurityHub"], root: false },
    Guardrail {
        from: "working as root",
        actions: &["ec2:RunInstances", "iam:CreateAccessKey", "s3:PutObject"],
        root: true,
    },
    Guardrail { from: "leaving the organization", actions: &["organizations:LeaveOrganization"], root: false },
];

/// What leaves it there and makes it see less: said, not judged. Of an organization's member the delivery channel cannot be deleted while
/// the recorder runs (<https://docs.aws.amazon.com/config/latest/APIReference/API_DeleteDeliveryChannel.html>), and Security Hub lets none
/// leave its administrator (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DisassociateFromAdministratorAccount.html>).
pub(super) const CHANGES: &[&str] = &[
    "cloudtrail:PutEventSelectors",
    "cloudtrail:UpdateTrail",
    "config:PutConfigurationRecorder",
    "config:PutDeliveryChannel",
    "guardduty:DisassociateFromAdministratorAccount",
];
