//! Whole services, any role, any purchase: in policies that the customer wrote. Each is judged as it stands, attached or not.

use crate::prelude::*;
use posture_estate::identities::{Written, written};
use posture_policy::{Decision, allows_everywhere};

/// What nobody needs on every resource: all actions of the sensitive services, and two single ones.
const SENSITIVE: &[&str] = &[
    "cloudtrail:*",
    "iam:*",
    "kms:*",
    "organizations:*",
    "s3:*",
    "secretsmanager:*",
    "sts:AssumeRole",
    "aws-marketplace:Subscribe",
];

/// Services whose actions nobody needs on every resource either.
const MORE_SERVICES: Setting<[String]> = setting!(no_service_wildcards.more_services);

pub async fn probe(at: &Account) -> Outcome {
    let sensitive = sensitive(at.setting(MORE_SERVICES));
    let details = at.iam().authorization_details().await?;
    Ok(written(&details)
        .iter()
        .filter(|policy| policy.is_own())
        .map(|policy| policy.finding(at, judge(policy, &sensitive)))
        .collect())
}

fn sensitive(more: &[String]) -> Vec<String> {
    let more = more.iter().map(|service| format!("{}:*", service.to_ascii_lowercase()));
    SENSITIVE.iter().map(|action| (*action).to_owned()).chain(more).collect()
}

fn judge(policy: &Written<'_>, sensitive: &[String]) -> Verdict {
    let label = policy.label();
    policy.judged(|document| {
        let (mut open, mut doubts) = (Vec::new(), Vec::new());
        for action in sensitive {
            match allows_everywhere(&[document], action, policy.context) {
                Decision::Yes(_) => open.push(action.as_str()),
                Decision::CannotTell(why) => doubts.push(format!("{action}: {why}")),
                Decision::No(_) => {}
            }
        }
        if !open.is_empty() {
            return Verdict::fail("whole_service_allowed", format!("{label} allows {} on every resource", open.join(", "))).evidence(json!({ "actions": open }));
        }
        if !doubts.is_empty() {
            return Verdict::undecided(format!("{label} may allow, on every resource, {}", doubts.join("; ")));
        }
        Verdict::pass(format!("{label} allows no whole sensitive service, no assuming of any role and no marketplace subscription on every resource"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::identities::fixtures::{allowing, role};
    use posture_estate::services::iam::AuthorizationDetails;

    fn verdict(document: &str) -> Verdict {
        with(document, &[])
    }

    fn with(document: &str, more: &[&str]) -> Verdict {
        let more: Vec<String> = more.iter().map(|service| (*service).to_owned()).collect();
        let details = AuthorizationDetails { roles: vec![role("app", document)], ..Default::default() };
        judge(&written(&details)[0], &sensitive(&more))
    }

    #[test]
    fn a_bucket_passes_a_service_fails() {
        assert_eq!(verdict(&allowing("s3:*", "arn:aws:s3:::app/*")).status, Status::Pass);
        assert_eq!(verdict(&allowing("s3:GetObject ec2:*", "*")).status, Status::Pass);
        let open = verdict(&allowing("s3:* kms:Decrypt", "*"));
        assert_eq!((open.status, open.evidence), (Status::Fail, json!({ "actions": ["s3:*"] })));
    }

    #[test]
    fn any_role_and_any_purchase_fail() {
        let role = "arn:aws:iam::444455556666:role/reader";
        assert_eq!(verdict(&allowing("sts:AssumeRole", role)).status, Status::Pass);
        assert_eq!(verdict(&allowing("sts:AssumeRole", "*")).status, Status::Fail);
        assert_eq!(verdict(&allowing("aws-marketplace:subscribe", "*")).status, Status::Fail);
        let all = verdict(&allowing("*", "*"));
        assert!(SENSITIVE.iter().all(|action| all.message.contains(action)), "{}", all.message);
    }

    #[test]
    fn services_that_are_configured_are_judged_besides_the_catalogues() {
        // semantics 129
        let shell = allowing("cloudshell:*", "*");
        assert_eq!(verdict(&shell).status, Status::Pass);
        assert_eq!(with(&shell, &["CloudShell"]).evidence, json!({ "actions": ["cloudshell:*"] }));
        assert_eq!(with(&allowing("s3:*", "*"), &["cloudshell"]).status, Status::Fail, "those of the catalogue stay");
        assert_eq!(with(&allowing("s3:GetObject", "*"), &["cloudshell"]).status, Status::Pass);
        assert_eq!(
            with(&allowing("newer:*", "*"), &["newer"]).status,
            Status::Fail,
            "younger than our table of actions"
        );
    }

    #[test]
    fn an_unreadable_document_is_unknown() {
        assert_eq!(verdict("{").status, Status::Unknown);
    }
}
