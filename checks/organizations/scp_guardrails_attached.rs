//! Do service control policies keep member accounts from switching off what watches them, from working as root and from leaving?
//! Each guardrail is a request that must be refused to an ordinary role, whatever the account's own policies allow.

use super::{Bound, per_place};
use crate::prelude::*;
use posture_estate::services::organizations::PolicyType;
use std::collections::BTreeSet;

struct Guardrail {
    /// What it keeps accounts from.
    from: &'static str,
    actions: &'static [&'static str],
    root: bool,
}

/// `root`: any work will do; what only root can do stays open to it.
const GUARDRAILS: [Guardrail; 6] = [
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

pub async fn probe(at: &Account) -> Outcome {
    per_place(at, PolicyType::ServiceControl, "service control policies", judge).await
}

fn judge(bound: Bound<'_>) -> Verdict {
    let label = bound.place.label();
    let mut reasons = Reasons::new();
    let mut missing = BTreeSet::new();
    for Guardrail { from, actions, root } in &GUARDRAILS {
        let (mut let_through, mut open) = (BTreeSet::new(), BTreeSet::new());
        // A policy on Regions must not pass for a guardrail: it has to be refused in each.
        for region in bound.regions {
            let request = |account: &_| if *root { bound.root(account, region) } else { bound.role(account, region) };
            let answers = bound.refused(actions, request);
            let_through.extend(answers.let_through);
            open.extend(answers.open);
        }
        if !let_through.is_empty() {
            let actions: Vec<&str> = let_through.into_iter().collect();
            missing.insert(format!("{from} ({})", actions.join(", ")));
        } else {
            open.into_iter().for_each(|why| reasons.doubt(why));
        }
    }
    let bare = bound.accounts.iter().filter(|one| bound.policies.own_names(&bound.place.path, &one.id).is_empty());
    let bare = bare.count();
    let mut unread = Reasons::new();
    bound.doubts(&mut unread);
    if !unread.is_empty() && (bare > 0 || !missing.is_empty()) {
        // What was not read may be what is missing.
        reasons.absorb(unread);
        return reasons.open();
    }
    if bare > 0 {
        reasons.broken(
            "no_own_policy",
            format!("{bare} accounts in {label} have no service control policy besides AWS's own"),
        );
    }
    if !missing.is_empty() {
        let missing: Vec<String> = missing.into_iter().collect();
        reasons.broken("guardrail_missing", format!("nothing keeps accounts in {label} from {}", missing.join(", ")));
    }
    reasons.or_pass(|| {
        format!(
            "accounts in {label} are kept from leaving, from working as root and from switching off what watches them"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::example::judged;
    use super::*;

    fn of(policies: &[&str]) -> Verdict {
        judged(policies, judge)
    }

    fn policy(statements: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
    }

    const ROOT: &str = r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}}"#;

    fn services(more: &str) -> String {
        let actions = r#"["cloudtrail:StopLogging","cloudtrail:DeleteTrail","config:*Recorder","guardduty:*","securityhub:Disable*","organizations:Leave*"]"#;
        format!(r#"{{"Effect":"Deny","Action":{actions},"Resource":"*"{more}}}"#)
    }

    #[test]
    fn every_guardrail_is_needed() {
        let whole = policy(&format!("{ROOT},{}", services("")));
        assert_eq!(of(&[&whole]).status, Status::Pass, "{}", of(&[&whole]).message);
        let none = of(&[]);
        assert_eq!(none.status, Status::Fail);
        assert!(
            none.message.contains("no service control policy") && none.message.contains("leaving"),
            "{}",
            none.message
        );
        let without_root = of(&[&policy(&services(""))]);
        assert_eq!(
            without_root.message,
            "nothing keeps accounts in ou-ab12-cdef3456 (Workloads) from working as root (ec2:RunInstances, iam:CreateAccessKey, s3:PutObject)"
        );
    }

    #[test]
    fn an_exception_for_a_named_role_is_a_guardrail_and_one_for_all_is_none() {
        let except = |arn: &str| {
            let condition = format!(r#","Condition":{{"ArnNotLike":{{"aws:PrincipalARN":"{arn}"}}}}"#);
            of(&[&policy(&format!("{ROOT},{}", services(&condition)))]).status
        };
        assert_eq!(except("arn:aws:iam::*:role/security"), Status::Pass);
        assert_eq!(except("arn:aws:iam::*:role/*"), Status::Fail);
    }

    #[test]
    fn a_policy_on_regions_is_none() {
        let condition = r#","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}"#;
        assert_eq!(of(&[&policy(&format!("{ROOT},{}", services(condition)))]).status, Status::Fail);
    }

    #[test]
    fn what_is_open_is_unknown() {
        let tag = r#","Condition":{"StringNotEquals":{"aws:PrincipalTag/team":"security"}}"#;
        let verdict = of(&[&policy(&format!("{ROOT},{}", services(tag)))]);
        assert_eq!(verdict.status, Status::Unknown);
        assert!(verdict.message.contains("aws:PrincipalTag/team not security"), "{}", verdict.message);
        assert_eq!(of(&[&policy(&format!("{ROOT},{}", services(""))), "{"]).status, Status::Pass, "enough is readable");
        assert_eq!(of(&["{"]).status, Status::Unknown);
    }
}
