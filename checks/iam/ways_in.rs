//! The ways by which people come into an account without a user of it.

use crate::prelude::*;
use posture_estate::services::iam::federation::signs_for_programs;
use posture_estate::services::sso_admin::IdentityCenters;

/// The ways by which people may come in without a user of the account.
pub(super) struct Ways {
    pub saml: Answer<Vec<String>>,
    pub oidc: Answer<Vec<String>>,
    pub centers: IdentityCenters,
    /// Whether an instance of Identity Center would show in the Regions of the scan.
    pub whole: bool,
}

impl Ways {
    /// Those that are there.
    pub(super) fn found(&self) -> Vec<String> {
        let centers = self.centers.seen.iter().filter(|(_, center)| center.is_active());
        let centers = centers.map(|(_, center)| format!("IAM Identity Center ({})", center.id()));
        let saml = self.saml.iter().flat_map(|all| all.iter());
        let saml = saml.map(|arn| format!("SAML provider {}", arn.rsplit('/').next().unwrap_or(arn)));
        let oidc = self.oidc.iter().flat_map(|all| all.iter()).filter(|url| !signs_for_programs(url));
        centers.chain(saml).chain(oidc.map(|url| format!("OIDC provider {url}"))).collect()
    }

    /// Why there may be others.
    pub(super) fn unseen(&self, reasons: &mut Reasons) {
        [self.saml.as_ref().err(), self.oidc.as_ref().err()].into_iter().flatten().for_each(|gap| reasons.unseen(gap));
        self.centers.gaps.iter().for_each(|gap| reasons.unseen(gap));
        if !self.whole && self.centers.seen.is_empty() {
            reasons.doubt("an instance of IAM Identity Center may be in a Region that the scan does not look at");
        }
        for (_, center) in self.centers.seen.iter().filter(|(_, center)| !center.is_active()) {
            reasons.doubt(format!("IAM Identity Center ({}) is {}", center.id(), center.status));
        }
    }
}
