//! Whom a bus policy lets in from outside the account: accounts by name and one's own organization may send, nobody else.

use crate::prelude::*;
use posture_estate::services::organizations::Organization;
use posture_policy::{Grant, Grantee, Zone};

/// The organization that the account is in, as the scan or the account itself knows it.
pub(super) fn organization(
    zone: &Zone,
    own: Option<&Answer<Option<Organization>>>,
    reasons: &mut Reasons,
) -> Option<String> {
    let asked = match own {
        Some(Ok(own)) => own.there().map(|own| own.id.clone()),
        Some(Err(gap)) => {
            reasons.unseen(gap);
            None
        }
        None => None,
    };
    zone.organization.clone().or(asked)
}

pub(super) fn weigh(bus: &str, grant: &Grant, own: Option<&Answer<Option<Organization>>>, reasons: &mut Reasons) {
    let given = format!("statement {} of the policy of event bus {} lets in {}", grant.statement, bus, grant.principal);
    match grant.kind {
        Grantee::Account | Grantee::Federated | Grantee::Service => {}
        // Everyone without a limit is public already.
        Grantee::Everyone if grant.tied => {
            let by = grant.limited_by.join(", ");
            reasons.broken("sender_not_named", format!("{given}, limited by {by} but to no account or organization"));
        }
        Grantee::Everyone => {}
        Grantee::Organization if own.is_some_and(Result::is_err) => {
            reasons.doubt(format!("{given}, and whether that is this account's organization was not seen"));
        }
        Grantee::Organization => {
            reasons.broken("other_organization", format!("{given}, which is not the organization of this account"));
        }
        Grantee::Canonical => reasons.doubt(format!("{given}, which does not show its account")),
    }
}
