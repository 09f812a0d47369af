//! Is some Region closed to the accounts of each unit by service control policies, for all that one would run there?

use super::callers::BY_SERVICE;
use super::{Bound, per_place};
use crate::prelude::*;
use posture_estate::services::organizations::PolicyType;
use std::collections::{BTreeMap, BTreeSet};

/// What one would do in a Region where nobody looks.
const WORK: &[&str] = &["ec2:RunInstances", "lambda:CreateFunction", "s3:CreateBucket"];

pub async fn probe(at: &Account) -> Outcome {
    let known = at.account_management().list_regions().await?;
    let regions: Vec<&str> = known.iter().map(|region| region.region_name.as_str()).collect();
    per_place(at, PolicyType::ServiceControl, "service control policies", |bound| judge(bound, &regions)).await
}

fn judge(bound: Bound<'_>, regions: &[&str]) -> Verdict {
    let label = bound.place.label();
    let (mut open, mut unsure, mut doubts) = (Vec::new(), 0, BTreeSet::new());
    // Of each piece of work, with who may do it: where it is not refused.
    let mut still: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for region in regions {
        // Who calls by way of a service has called that service there first.
        let answers = bound.refused(WORK, Some(&[*region]), |account| {
            let mut callers = bound.callers(account);
            callers.retain(|caller| caller.sort != BY_SERVICE);
            callers
        });
        if !answers.let_through.is_empty() {
            open.push(*region);
            answers.told().into_iter().for_each(|work| still.entry(work).or_default().push(region));
        } else if !answers.open.is_empty() {
            unsure += 1;
            doubts.extend(answers.open);
        }
    }
    let closed = regions.len() - open.len() - unsure;
    let mut reasons = Reasons::new();
    if closed == 0 {
        bound.doubts(&mut reasons);
        doubts.into_iter().for_each(|why| reasons.doubt(why));
        if reasons.is_empty() {
            reasons.broken(
                "no_region_closed",
                format!("accounts in {label} may work in every Region ({})", where_open(&still, regions.len())),
            );
        }
    }
    let open = if open.is_empty() { "none".to_owned() } else { open.join(", ") };
    reasons.or_pass(|| format!("{closed} of {} Regions are closed to accounts in {label}; open: {open}", regions.len()))
}

/// `s3:CreateBucket in all 3; ec2:RunInstances, lambda:CreateFunction in eu-west-1`: each piece of work with the Regions where it is open.
fn where_open(still: &BTreeMap<String, Vec<&str>>, all: usize) -> String {
    let mut alike: Vec<(&[&str], Vec<&str>)> = Vec::new();
    for (work, regions) in still {
        match alike.iter_mut().find(|(same, _)| same == regions) {
            Some((_, works)) => works.push(work),
            None => alike.push((regions, vec![work])),
        }
    }
    alike.sort_by_key(|(regions, _)| std::cmp::Reverse(regions.len()));
    let told = alike.iter().map(|(regions, works)| match regions.len() {
        some if some == all => format!("{} in all {all}", works.join(", ")),
        _ => format!("{} in {}", works.join(", "), regions.join(", ")),
    });
    told.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::super::example::judged;
    use super::*;

    fn of(statement: &str) -> Verdict {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        judged(&[&text], |bound| judge(bound, &["ap-south-1", "eu-west-1", "us-east-1"]))
    }

    fn deny(what: &str, condition: &str) -> Verdict {
        of(&format!(r#"{{"Effect":"Deny",{what},"Resource":"*","Condition":{{{condition}}}}}"#))
    }

    const ABROAD: &str = r#""StringNotEquals":{"aws:RequestedRegion":["eu-west-1","us-east-1"]}"#;

    #[test]
    fn regions_are_closed_by_the_usual_policy() {
        // semantics 58
        let verdict = deny(r#""NotAction":["iam:*","sts:*","route53:*"]"#, ABROAD);
        assert_eq!(
            (verdict.status, verdict.message.as_str()),
            (
                Status::Pass,
                "1 of 3 Regions are closed to accounts in ou-ab12-cdef3456 (Workloads); open: eu-west-1, us-east-1"
            )
        );
        let exempt = format!(r#"{ABROAD},"ArnNotLike":{{"aws:PrincipalARN":"arn:aws:iam::*:role/platform"}}"#);
        assert_eq!(deny(r#""Action":"*""#, &exempt).status, Status::Pass);
        let listed = r#""StringEquals":{"aws:RequestedRegion":"ap-south-1"}"#;
        assert_eq!(deny(r#""Action":"*""#, listed).status, Status::Pass);
    }

    #[test]
    fn a_part_of_the_work_is_not_enough() {
        let verdict = deny(r#""Action":"ec2:*""#, ABROAD);
        assert_eq!(verdict.status, Status::Fail);
        assert!(
            verdict.message.ends_with(
                "(lambda:CreateFunction, s3:CreateBucket in all 3; ec2:RunInstances in eu-west-1, us-east-1)"
            ),
            "{}",
            verdict.message
        );
        let all = of(r#"{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#);
        assert!(
            all.message.ends_with("(ec2:RunInstances, lambda:CreateFunction, s3:CreateBucket in all 3)"),
            "{}",
            all.message
        );
        let but = deny(r#""NotAction":["iam:*","s3:*"]"#, ABROAD);
        assert!(
            but.message.ends_with(
                "(s3:CreateBucket in all 3; ec2:RunInstances, lambda:CreateFunction in eu-west-1, us-east-1)"
            ),
            "{}",
            but.message
        );
        assert_eq!(of(r#"{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#).status, Status::Fail);
    }

    #[test]
    fn a_region_is_closed_to_every_sort_of_caller() {
        // semantics 96
        let by = |condition: &str| deny(r#""Action":"*""#, &format!("{ABROAD},{condition}"));
        let users = by(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}"#);
        assert_eq!(users.status, Status::Fail);
        assert!(users.message.contains("s3:CreateBucket for IAM users"), "{}", users.message);
        assert_eq!(by(r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}"#).status, Status::Fail);
        assert_eq!(by(r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#).status, Status::Fail);
        assert_eq!(by(r#""BoolIfExists":{"aws:ViaAWSService":"false"}"#).status, Status::Pass);
    }

    #[test]
    fn what_hangs_on_something_else_is_unknown() {
        let tagged = format!(r#"{ABROAD},"StringNotEquals":{{"aws:PrincipalTag/team":"platform"}}"#);
        assert_eq!(deny(r#""Action":"*""#, &tagged).status, Status::Unknown, "the third may be closed");
    }
}
