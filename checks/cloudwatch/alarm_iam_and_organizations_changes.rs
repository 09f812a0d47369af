//! Does somebody hear of it when what principals may do is changed: by IAM policies, or in the organization?

use super::kinds::{Changes, Kind};
use super::{steps, telling};
use crate::prelude::*;
use posture_estate::services::organizations::Organization;

const IAM: Changes = Changes {
    key: "iam-policy-changes",
    what: "changes of IAM policies",
    source: "iam",
    names: &[
        "DeleteGroupPolicy",
        "DeleteRolePolicy",
        "DeleteUserPolicy",
        "PutGroupPolicy",
        "PutRolePolicy",
        "PutUserPolicy",
        "CreatePolicy",
        "DeletePolicy",
        "CreatePolicyVersion",
        "DeletePolicyVersion",
        "AttachRolePolicy",
        "DetachRolePolicy",
        "AttachUserPolicy",
        "DetachUserPolicy",
        "AttachGroupPolicy",
        "DetachGroupPolicy",
    ],
};

const ORGANIZATION: Changes = Changes {
    key: "organization-changes",
    what: "changes of the organization",
    source: "organizations",
    names: &[
        "AcceptHandshake",
        "AttachPolicy",
        "CreateAccount",
        "CreateOrganizationalUnit",
        "CreatePolicy",
        "DeclineHandshake",
        "DeleteOrganization",
        "DeleteOrganizationalUnit",
        "DeletePolicy",
        "DetachPolicy",
        "DisablePolicyType",
        "EnablePolicyType",
        "InviteAccountToOrganization",
        "LeaveOrganization",
        "MoveAccount",
        "RemoveAccountFromOrganization",
        "UpdatePolicy",
        "UpdateOrganizationalUnit",
    ],
};

pub async fn probe(at: &Account) -> Outcome {
    let kinds = [IAM, ORGANIZATION].map(|changes| changes.kind(at.regions()));
    let (told, organization) = join!(telling::told(at, &kinds), at.organizations().organization());
    let told = told?;
    let judged = kinds.iter().zip(told).map(|(kind, told)| {
        let verdict = steps::sum_up(kind, told);
        let verdict =
            if kind.key == ORGANIZATION.key { place(kind, verdict, &organization, at.account_id()) } else { verdict };
        verdict.sub(kind.key).on(at.resource())
    });
    Ok(judged.collect())
}

/// What is changed in the organization is recorded in its management account
/// (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html>).
fn place(kind: &Kind, verdict: Verdict, organization: &Answer<Option<Organization>>, account: &str) -> Verdict {
    match organization {
        _ if verdict.status == Status::Pass => verdict,
        Err(gap) => {
            let mut reasons = Reasons::new();
            reasons.unseen(gap);
            reasons.doubt(format!("whether the {} are recorded in this account was not seen", kind.what));
            reasons.open()
        }
        Ok(organization) => match organization.there() {
            None => Verdict::not_applicable("the account belongs to no organization"),
            Some(one) if one.management_account != account => Verdict::not_applicable(format!(
                "the {} are recorded in the management account {}",
                kind.what, one.management_account
            )),
            Some(_) => verdict,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn judged(verdict: Verdict, organization: &Answer<Option<Organization>>) -> Verdict {
        place(&ORGANIZATION.kind(&[]), verdict, organization, "111122223333")
    }

    fn of(management: &str) -> Answer<Option<Organization>> {
        let organization = json!({
            "Id": "o-1", "Arn": "arn", "MasterAccountId": management, "FeatureSet": "ALL", "MasterAccountArn": "arn"
        });
        Ok(Arc::new(Some(serde_json::from_value(organization).unwrap())))
    }

    #[test]
    fn changes_of_the_organization_are_the_management_accounts_affair() {
        let fail = || Verdict::fail("no_filter", "none");
        assert_eq!(judged(fail(), &of("111122223333")).status, Status::Fail);
        assert_eq!(judged(fail(), &of("444455556666")).status, Status::NotApplicable);
        assert_eq!(judged(fail(), &Ok(Arc::new(None))).status, Status::NotApplicable);
        let gap = Gap::new("111122223333", "global", "organizations:DescribeOrganization", GapKind::Denied, "no");
        assert_eq!(judged(fail(), &Err(gap.clone())).status, Status::Unknown);
        assert_eq!(judged(Verdict::pass("told"), &Err(gap)).status, Status::Pass);
    }
}
