//! Are root users of member accounts managed from the centre? Only the management account and the delegated
//! administrator may ask; any other account has nothing to say about its organization.

use aws_sdk_iam::types::FeatureType;

use crate::prelude::*;
use posture_estate::services::iam::OrganizationsFeatures;

pub async fn probe(at: &Account) -> Outcome {
    Ok(vec![judge(at.iam().organizations_features().await?.as_ref()).on(at.resource())])
}

fn judge(features: &OrganizationsFeatures) -> Verdict {
    let enabled = match features {
        OrganizationsFeatures::Enabled(features) => features,
        OrganizationsFeatures::NotCentral => {
            let why = "only the management account and the delegated administrator for IAM can see the organization's setting";
            return Verdict::not_applicable(why);
        }
        OrganizationsFeatures::NoOrganization => {
            return Verdict::not_applicable("the account belongs to no organization");
        }
        OrganizationsFeatures::Impossible(why) => {
            return Verdict::fail("not_possible", format!("root users cannot be managed centrally: {why}"));
        }
    };
    let mut reasons = Reasons::new();
    if !enabled.contains(&FeatureType::RootCredentialsManagement) {
        reasons.broken("management_off", "central management of root credentials is off for the organization");
    }
    if !enabled.contains(&FeatureType::RootSessions) {
        reasons.broken("sessions_off", "privileged root sessions are off for the organization");
    }
    let mut names: Vec<&str> = enabled.iter().map(FeatureType::as_str).collect();
    names.sort_unstable();
    reasons
        .or_pass(|| "root credentials management and root sessions are on for the organization".into())
        .evidence(json!({ "enabled_features": names }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_features_are_needed() {
        let with = |features: &[FeatureType]| judge(&OrganizationsFeatures::Enabled(features.to_vec()));
        assert_eq!(with(&[FeatureType::RootSessions, FeatureType::RootCredentialsManagement]).status, Status::Pass);
        let one = with(&[FeatureType::RootCredentialsManagement]);
        assert_eq!(
            (one.status, one.message.as_str()),
            (Status::Fail, "privileged root sessions are off for the organization")
        );
        assert_eq!(with(&[]).status, Status::Fail);
    }

    #[test]
    fn only_central_accounts_are_judged() {
        assert_eq!(judge(&OrganizationsFeatures::NotCentral).status, Status::NotApplicable, "semantics 16");
        assert_eq!(judge(&OrganizationsFeatures::NoOrganization).status, Status::NotApplicable);
        assert_eq!(judge(&OrganizationsFeatures::Impossible("x is off".into())).status, Status::Fail);
    }
}
