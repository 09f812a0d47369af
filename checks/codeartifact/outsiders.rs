//! Whom the policy of a domain or a repository lets in that is not one of us.

use crate::prelude::*;
use crate::strangers::given;
use posture_policy::{self as policy, Grantee, Zone};

/// What the policy gives to outsiders, and what of it cannot be told, goes to `reasons`.
pub(super) fn closed(what: &str, text: Option<&str>, zone: &Zone, reasons: &mut Reasons) {
    let Some(text) = text else { return };
    let document = match zone.parse(text) {
        Ok(document) => document,
        Err(error) => return reasons.doubt(format!("the policy of {what} cannot be read: {error}")),
    };
    let (grants, doubts) = policy::external_and_doubts(&document, zone);
    doubts.iter().for_each(|why| reasons.doubt(format!("whom the policy of {what} lets in cannot be decided: {why}")));
    for grant in &grants {
        let given = given(&format!("the policy of {what}"), grant);
        match grant.kind {
            Grantee::Service => {}
            Grantee::Organization if zone.organization.is_none() => {
                reasons.doubt(format!("{given}, and whether that is this account's organization was not seen"));
            }
            Grantee::Canonical => reasons.doubt(format!("{given}, and that id does not show its account")),
            Grantee::Everyone if grant.tied => reasons.doubt(format!("{given}, under conditions that name no account")),
            Grantee::Everyone | Grantee::Account | Grantee::Federated | Grantee::Organization => {
                reasons.broken("open_outside", given);
            }
        }
    }
}
