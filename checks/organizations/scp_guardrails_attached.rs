//! Do service control policies keep member accounts from switching off what watches them, from working as root and from leaving?
//! Each guardrail is a request that must be refused to every sort of caller, whatever the account's own policies allow.

use super::callers::ROOT;
use super::guardrails::{CHANGES, GUARDRAILS, Guardrail};
use super::{Bound, per_place};
use crate::prelude::*;
use posture_estate::services::organizations::PolicyType;
use std::collections::BTreeSet;

pub async fn probe(at: &Account) -> Outcome {
    let known = at.account_management().list_regions().await;
    let regions = known.map(|all| all.iter().map(|region| region.region_name.clone()).collect());
    per_place(at, PolicyType::ServiceControl, "service control policies", |bound| judge(bound, &regions)).await
}

/// A policy on Regions must not pass for a guardrail: each is asked for, whichever the scan looks at.
fn judge(bound: Bound<'_>, known: &Result<Vec<String>, Gap>) -> Verdict {
    let label = bound.place.label();
    let regions = known.as_ref().ok().map(|all| all.iter().map(String::as_str).collect::<Vec<_>>());
    let regions = regions.as_deref();
    let mut reasons = Reasons::new();
    let mut missing = BTreeSet::new();
    for Guardrail { from, actions, root } in &GUARDRAILS {
        let answers = bound.refused(actions, regions, |account| {
            let mut callers = bound.callers(account);
            callers.retain(|caller| !*root || caller.sort == ROOT);
            callers
        });
        if !answers.let_through.is_empty() {
            let bare = || answers.let_through.keys().map(|action| (*action).to_owned()).collect();
            let through = if *root { bare() } else { answers.told() };
            missing.insert(format!("{from} ({})", through.join(", ")));
        } else if !answers.open.is_empty() {
            answers.open.into_iter().for_each(|why| reasons.doubt(why));
            if let Err(gap) = known {
                reasons.unseen(gap);
            }
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
        let kept = format!(
            "accounts in {label} are kept from leaving, from working as root and from stopping or deleting trails, the configuration recorder, GuardDuty and Security Hub"
        );
        let changes = bound.refused(CHANGES, regions, |account| bound.callers(account));
        let open: Vec<&str> = changes.let_through.keys().copied().collect();
        if open.is_empty() { kept } else { format!("{kept}, not from changing them ({})", open.join(", ")) }
    })
}

#[cfg(test)]
mod tests {
    use super::super::callers::{self, Home};
    use super::super::example::{MEMBER, judged};
    use super::*;
    use posture_policy::Value;

    fn of(policies: &[&str]) -> Verdict {
        let regions = Ok(["eu-west-1", "us-east-1"].map(str::to_owned).to_vec());
        judged(policies, |bound| judge(bound, &regions))
    }

    /// The guardrails with a condition on all but root's, which keeps root from no more than it must.
    fn under(condition: &str) -> Verdict {
        let work = ROOT.replace(r#""*","Resource""#, r#"["ec2:*","iam:CreateAccessKey","s3:PutObject"],"Resource""#);
        of(&[&policy(&format!("{work},{}", services(&format!(r#","Condition":{{{condition}}}"#))))])
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
    fn each_sort_of_caller_is_refused() {
        // semantics 92
        // (condition of the Deny, who is let through)
        for (condition, who) in [
            (r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}"#, "IAM users"),
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}"#, "IAM users"),
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*/*"}"#, "IAM users with a path"),
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}"#, "the root user"),
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*/*"}"#, "roles with a path"),
            (
                r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*"}"#,
                "Identity Center",
            ),
            (r#""StringNotLike":{"aws:PrincipalArn":"arn:aws:sts::*:federated-user/*"}"#, "federated users"),
            (r#""StringNotEquals":{"aws:PrincipalType":"User"}"#, "IAM users"),
            (r#""StringEquals":{"aws:PrincipalType":["AssumedRole","User"]}"#, "federated users"),
            (r#""StringNotLike":{"aws:userid":"AIDA*"}"#, "IAM users"),
            (r#""StringLike":{"aws:username":"*"}"#, "DeleteTrail"),
            (r#""Null":{"aws:username":"true"}"#, "IAM users"),
            (r#""BoolIfExists":{"aws:ViaAWSService":"false"}"#, "CloudFormation"),
            (r#""Bool":{"aws:MultiFactorAuthPresent":"false"}"#, "DeleteTrail"),
            (r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#, "DeleteTrail"),
            (r#""StringEquals":{"aws:PrincipalTag/team":"dev"}"#, "DeleteTrail"),
            (r#""StringEqualsIfExists":{"aws:PrincipalTag/team":"dev"}"#, "DeleteTrail"),
            (r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#, "DeleteTrail"),
            (r#""StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}"#, "DeleteTrail"),
            (r#""StringNotEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}"#, "DeleteTrail"),
            (r#""Bool":{"aws:PrincipalIsAWSService":"true"}"#, "DeleteTrail"),
        ] {
            let verdict = under(condition);
            assert_eq!(verdict.reasons, ["guardrail_missing"], "{condition}: {}", verdict.message);
            assert!(verdict.message.contains(who), "{condition}: {}", verdict.message);
        }
    }

    #[test]
    fn a_deny_that_leaves_out_any_one_sort_of_caller_is_no_guardrail() {
        let home = Home { partition: "aws", account: MEMBER, organization: None };
        for caller in callers::of(&home) {
            let Some([Value::Is(arn)]) = caller.keys.get("aws:principalarn").map(Vec::as_slice) else { unreachable!() };
            let verdict = under(&format!(r#""ArnNotEquals":{{"aws:PrincipalArn":"{arn}"}}"#));
            assert_eq!(verdict.status, Status::Fail, "{arn}: {}", verdict.message);
        }
    }

    #[test]
    fn conditions_of_a_perimeter_beside_do_not_hide_a_guardrail_nor_take_long() {
        let beside = r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"},
            "StringNotEqualsIfExists":{"aws:SourceVpc":"vpc-1","aws:SourceVpce":"vpce-1","aws:PrincipalTag/a":"1","aws:PrincipalTag/b":"1",
            "aws:PrincipalTag/c":"1","aws:PrincipalTag/d":"1","aws:SourceIdentity":"x","aws:UserAgent":"x","aws:Referer":"x",
            "aws:RequestedRegion":"eu-west-1"},"BoolIfExists":{"aws:ViaAWSService":"false","aws:MultiFactorAuthPresent":"false"}}}"#;
        let whole = of(&[&policy(&format!("{beside},{ROOT},{}", services("")))]);
        assert_eq!(whole.status, Status::Pass, "{}", whole.message);
        let alone = of(&[&policy(&format!("{beside},{ROOT}"))]);
        assert_eq!(alone.status, Status::Fail, "{}", alone.message);
    }

    #[test]
    fn what_exempts_named_roles_or_services_or_nobody_is_a_guardrail() {
        for condition in [
            r#""ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/security","arn:aws:iam::*:role/AWSControlTower*"]}"#,
            r#""StringNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Security_*"}"#,
            r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/aws-service-role/*"}"#,
            r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::${aws:PrincipalAccount}:role/security"}"#,
            r#""StringNotLike":{"aws:userid":"AROAEXAMPLESECURITY00:*"}"#,
            r#""StringNotEquals":{"aws:username":"break-glass"}"#,
            r#""BoolIfExists":{"aws:PrincipalIsAWSService":"false"}"#,
            r#""StringEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}"#,
            r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-exampleorgid/r-ab12/*"}"#,
            r#""StringEquals":{"aws:PrincipalAccount":"444455556666"}"#,
            r#""Null":{"aws:AssumedRoot":"true"}"#,
        ] {
            let verdict = under(condition);
            assert_eq!(verdict.status, Status::Pass, "{condition}: {}", verdict.message);
        }
    }

    #[test]
    fn a_policy_on_regions_is_none_whichever_the_scan_looks_at() {
        // semantics 93
        let verdict = under(r#""StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}"#);
        assert_eq!(verdict.status, Status::Fail);
        // The organization is asked in one Region, which is closed here, as is the other in which it can be asked nothing.
        assert!(!verdict.message.contains("leaving"), "{}", verdict.message);
        assert!(
            verdict.message.contains("(cloudtrail:DeleteTrail in eu-west-1, cloudtrail:StopLogging in eu-west-1)"),
            "{}",
            verdict.message
        );
        let closed = r#"{"Effect":"Deny","NotAction":["iam:*","organizations:*","sts:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}}"#;
        let stay = r#"{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}"#;
        let policies = [policy(closed), policy(&format!("{stay},{ROOT}"))];
        let verdict = of(&[&policies[0], &policies[1]]);
        assert_eq!(verdict.status, Status::Fail, "{}", verdict.message);
        for guardrail in ["stopping trails", "configuration recorder", "GuardDuty", "Security Hub"] {
            assert!(verdict.message.contains(guardrail), "{}", verdict.message);
        }
    }

    #[test]
    fn without_the_list_of_regions_only_what_hangs_on_them_is_unknown() {
        let gap =
            Gap::new("111122223333", "global", "account:ListRegions", posture_estate::finding::GapKind::Denied, "no");
        let of = |condition: &str| {
            let text = policy(&format!("{ROOT},{}", services(condition)));
            judged(&[&text], |bound| judge(bound, &Err(gap.clone())))
        };
        assert_eq!(of("").status, Status::Pass);
        let abroad = of(r#","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}"#);
        assert_eq!((abroad.status, abroad.gaps), (Status::Unknown, vec![gap.clone()]));
    }

    #[test]
    fn a_pass_says_what_may_still_be_changed() {
        let whole = of(&[&policy(&format!("{ROOT},{}", services("")))]);
        assert!(whole.message.contains("not from changing them (cloudtrail:PutEventSelectors, "), "{}", whole.message);
        let more = r#"{"Effect":"Deny","Action":["cloudtrail:*","config:*"],"Resource":"*"}"#;
        let more = of(&[&policy(&format!("{ROOT},{},{more}", services("")))]);
        assert!(!more.message.contains("changing"), "{}", more.message);
    }

    #[test]
    fn what_is_open_is_unknown() {
        let tag = r#","Condition":{"StringNotEquals":{"aws:PrincipalTag/team":"security"}}"#;
        let verdict = of(&[&policy(&format!("{ROOT},{}", services(tag)))]);
        assert_eq!(verdict.status, Status::Unknown);
        assert!(verdict.message.contains("aws:PrincipalTag/team not security"), "{}", verdict.message);
        assert_eq!(under(r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#).status, Status::Unknown);
        assert_eq!(of(&[&policy(&format!("{ROOT},{}", services(""))), "{"]).status, Status::Pass, "enough is readable");
        assert_eq!(of(&["{"]).status, Status::Unknown);
    }
}
