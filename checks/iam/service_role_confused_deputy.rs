//! Services that act for whoever names a role must be told for whom they may. Only the services that send the condition keys are
//! judged: for the others the condition would lock the service out.

use crate::prelude::*;
use aws_sdk_iam::types::RoleDetail;
use posture_estate::identities::trust;
use posture_estate::services::iam::details::{is_service_linked, role_name};
use posture_policy::{Decision, Zone, confused_deputy};

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    let zone = Zone::of(at.account_id(), at.partition());
    let roles = details.roles.iter().filter(|role| !is_service_linked(role));
    Ok(roles
        .filter_map(|role| judge(role, &zone, at.now().secs()).map(|verdict| verdict.on(at.iam().iam_role(role))))
        .collect())
}

/// `None` for a role that trusts no service which sends the keys at `now`, seconds since 1970.
fn judge(role: &RoleDetail, zone: &Zone, now: i64) -> Option<Verdict> {
    let name = role_name(role);
    let document = match trust(role, now) {
        Ok(document) => document,
        Err(why) => return Some(Verdict::undecided(why)),
    };
    let services = confused_deputy(&document, zone);
    if services.is_empty() {
        return None;
    }
    let mut reasons = Reasons::new();
    let mut limits = Vec::new();
    for (service, decision) in &services {
        match decision {
            Decision::Yes(why) => {
                reasons.broken("acts_for_anyone", format!("role {name} lets {service} act for anyone: {why}"))
            }
            Decision::CannotTell(why) => {
                reasons.doubt(format!("for whom {service} may act with role {name} is not known: {why}"))
            }
            Decision::No(why) => limits.push(why.as_str()),
        }
    }
    let services: Vec<&str> = services.iter().map(|(service, _)| service.as_str()).collect();
    let verdict = reasons.or_pass(|| {
        format!(
            "role {name} lets services act only for named accounts, resources or organizations: {}",
            limits.join("; ")
        )
    });
    Some(verdict.evidence(json!({ "services": services })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::identities::fixtures::{trusted, trusting};

    const NOW: i64 = 1_790_000_000;

    fn status(service: &str, condition: &str) -> Option<Status> {
        let members = format!(r#""Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"{condition}"#);
        judge(&trusted("app", &trusting(&members)), &Zone::of("111122223333", "aws"), NOW).map(|verdict| verdict.status)
    }

    #[test]
    fn a_service_that_acts_for_anyone_fails() {
        assert_eq!(status("vpc-flow-logs.amazonaws.com", ""), Some(Status::Fail));
        let arn = r#","Condition":{"ArnLike":{"aws:SourceArn":"*"}}"#;
        assert_eq!(status("vpc-flow-logs.amazonaws.com", arn), Some(Status::Fail));
    }

    #[test]
    fn a_named_account_passes() {
        let account = r#","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#;
        assert_eq!(status("vpc-flow-logs.amazonaws.com", account), Some(Status::Pass));
        let arn = r#","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:ec2:*:111122223333:vpc-flow-log/*"}}"#;
        assert_eq!(status("vpc-flow-logs.amazonaws.com", arn), Some(Status::Pass));
    }

    #[test]
    fn services_without_the_keys_have_no_finding() {
        // semantics 41
        assert_eq!(status("ec2.amazonaws.com", ""), None);
        let other = trusting(r#""Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"sts:AssumeRole""#);
        assert!(judge(&trusted("app", &other), &Zone::of("111122223333", "aws"), NOW).is_none());
    }

    #[test]
    fn cloudtrail_sends_no_key_for_its_role_and_batch_does() {
        // semantics 81
        assert_eq!(status("cloudtrail.amazonaws.com", ""), None);
        assert_eq!(status("batch.amazonaws.com", ""), Some(Status::Fail));
        assert_eq!(status("states.amazonaws.com.cn", ""), Some(Status::Fail));
    }

    #[test]
    fn an_unreadable_trust_policy_is_unknown() {
        assert_eq!(judge(&trusted("app", "{"), &Zone::of("111122223333", "aws"), NOW).unwrap().status, Status::Unknown);
    }
}
