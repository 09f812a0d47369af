//! Is the account in an organization that can do more than share its billing?

use crate::prelude::*;
use posture_estate::services::organizations::Organization;

pub async fn probe(at: &Account) -> Outcome {
    let organization = at.organizations().organization().await?;
    Ok(vec![judge(at.account_id(), organization.there()).on(at.resource())])
}

fn judge(account: &str, organization: Option<&Organization>) -> Verdict {
    let Some(organization) = organization else {
        return Verdict::fail("no_organization", format!("account {account} belongs to no organization"));
    };
    let id = &organization.id;
    let verdict = match organization.feature_set.as_str() {
        "ALL" => Verdict::pass(format!("account {account} belongs to organization {id}, which has all features")),
        "CONSOLIDATED_BILLING" => {
            let why = format!("account {account} belongs to organization {id}, which only shares its billing");
            Verdict::fail("all_features_off", why)
        }
        other => Verdict::undecided(format!("the features of organization {id} are {other}, which is not known")),
    };
    verdict.evidence(json!({ "organization": id, "feature_set": organization.feature_set }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(features: &str) -> Verdict {
        let organization = Organization {
            id: "o-exampleorgid".into(),
            arn: "arn".into(),
            management_account: "111122223333".into(),
            management_email: None,
            feature_set: features.into(),
        };
        judge("444455556666", Some(&organization))
    }

    #[test]
    fn an_organization_with_all_features_passes() {
        assert_eq!(of("ALL").status, Status::Pass);
        assert_eq!(of("CONSOLIDATED_BILLING").reasons, ["all_features_off"]);
        assert_eq!(judge("444455556666", None).reasons, ["no_organization"]);
        assert_eq!(of("SOME").status, Status::Unknown);
    }
}
