//! Whom the policy of a vault lets in from outside the organization.

use super::deletion;
use crate::prelude::*;
use crate::strangers::given;
use posture_policy::{self as policy, Decision, Grant, Grantee, Zone};

/// Whom the policy lets in; gives whether it refuses deleting.
pub(super) fn read(name: &str, text: &str, zone: &Zone, reasons: &mut Reasons) -> Decision {
    let document = match zone.parse(text) {
        Ok(document) => document,
        Err(error) => {
            reasons.doubt(format!("the policy of vault {name} cannot be read: {error}"));
            return Decision::CannotTell(error.to_string());
        }
    };
    let (grants, doubts) = policy::external_and_doubts(&document, zone);
    for why in doubts {
        reasons.doubt(format!("whom the policy of vault {name} lets in cannot be decided: {why}"));
    }
    for grant in &grants {
        let given = given(&format!("the policy of vault {name}"), grant);
        match outside(grant, zone) {
            Some(true) => reasons.broken("outsider_let_in", given),
            Some(false) => {}
            None => reasons.doubt(format!("{given}, and whether that is outside the organization was not seen")),
        }
    }
    deletion::refused(&document, zone)
}

/// Whether a grant goes out of the organization; `None` where that does not show.
fn outside(grant: &Grant, zone: &Zone) -> Option<bool> {
    match grant.kind {
        Grantee::Account | Grantee::Federated => Some(true),
        Grantee::Everyone => Some(!grant.tied),
        Grantee::Service => Some(false),
        // The own organization is inside the zone where it is known.
        Grantee::Organization => zone.organization.is_some().then_some(true),
        Grantee::Canonical => None,
    }
}
