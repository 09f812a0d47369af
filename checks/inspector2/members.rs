//! What accounts that join the organization get of Inspector, as its administrator sees it.

use crate::prelude::*;
use posture_estate::services::inspector2::{CODE_REGIONS, InspectorOrganization};
use posture_estate::services::organizations::Seat;

/// `None` for a member, to which AWS does not answer.
pub(super) fn judge_organization(
    region: &str,
    account: &str,
    seat: &Seat,
    answer: Answer<InspectorOrganization>,
) -> Option<Verdict> {
    let mut reasons = Reasons::new();
    let organization = match (answer, seat) {
        (Ok(organization), _) => organization,
        (Err(_), Seat::Other(_) | Seat::Untold(_)) => return None,
        (Err(gap), Seat::Management) => {
            reasons.doubt(format!(
                "account {account} manages the organization and does not administer Inspector; what new accounts get shows only to the account that does"
            ));
            reasons.unseen(&gap);
            return Some(reasons.open());
        }
        (Err(gap), Seat::Administrator) => return Some(Verdict::unseen(&gap)),
    };
    let offers_code = CODE_REGIONS.contains(&region);
    let mut off = Vec::new();
    match &organization.auto_enable {
        Some(auto) => {
            let code = if offers_code { auto.lambda_code } else { Some(true) };
            let kinds =
                [("EC2", Some(auto.ec2)), ("ECR", Some(auto.ecr)), ("Lambda", auto.lambda), ("Lambda code", code)];
            for (kind, on) in kinds {
                match on {
                    Some(true) => {}
                    Some(false) => off.push(kind),
                    None => reasons.doubt(format!("whether new accounts get {kind} scanning in {region} is not told")),
                }
            }
        }
        None => reasons.doubt(format!("what new accounts get of Inspector in {region} is not told")),
    }
    if !off.is_empty() {
        let off = off.join(", ");
        reasons.broken(
            "members_not_enabled",
            format!("new accounts of the organization do not get {off} scanning in {region}"),
        );
    }
    if organization.max_account_limit_reached == Some(true) {
        reasons.broken(
            "members_not_enabled",
            format!("the administrator of Inspector has as many members in {region} as it may have: new accounts are not enabled"),
        );
    }
    Some(reasons.or_pass(|| format!("new accounts of the organization get every type of scan in {region}")))
}
