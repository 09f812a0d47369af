//! IAM Identity Center of the organization, from the account that administers it.

mod administrators;
mod attributes;
mod durations;
mod power;
mod roles;

checks! { identitycenter;
    organization external_directory_in_use,
    organization groups_and_attributes,
    organization permission_sets_least_privilege,
    organization session_duration_limited,
}

use crate::prelude::*;
use posture_estate::services::organizations::{Organization, Seat};
use posture_estate::services::sso_admin::{IdentityCenter, IdentityCenters, PRINCIPAL};

/// The organization's instance, where this account may ask it.
struct Center {
    region: Arc<Region>,
    instance: IdentityCenter,
}

/// The organization's instance, or what there is to say instead: `absent` where there is surely none.
async fn center(at: &Account, absent: Verdict) -> Result<Result<Center, Box<Finding>>, Gap> {
    let organization = at.organizations().organization().await?;
    let Some(organization) = organization.there() else {
        let verdict = Verdict::not_applicable("the account belongs to no organization");
        return Ok(Err(Box::new(verdict.on(at.resource()))));
    };
    let (centers, seat, whole) = join!(
        at.sso_admin().identity_centers(),
        at.organizations().seat(organization, PRINCIPAL),
        at.account_management().in_scope_whole(),
    );
    Ok(match choose(&centers, organization, &seat, whole, (at.account_id(), absent)) {
        Ok((region, instance)) => Ok(Center { region: at.region(region), instance: instance.clone() }),
        Err(verdict) => {
            let instance = centers.owned_by(&organization.management_account);
            let resource = instance.map_or_else(|| organization.resource(), |(_, one)| one.resource());
            Err(Box::new(verdict.on(resource)))
        }
    })
}

/// `whole`: whether the scan looks at every Region; `own`: the account that asks, and what there is to say where there is no instance.
fn choose<'a>(
    centers: &'a IdentityCenters,
    organization: &Organization,
    seat: &Seat,
    whole: bool,
    (own, absent): (&str, Verdict),
) -> Result<(&'a str, &'a IdentityCenter), Verdict> {
    let mut reasons = Reasons::new();
    let sees = matches!(seat, Seat::Management | Seat::Administrator);
    if !sees {
        seat.doubt(own, "IAM Identity Center", &mut reasons);
    }
    match centers.owned_by(&organization.management_account) {
        Some((_, instance)) if !instance.is_active() => {
            reasons.doubt(format!("the organization's instance {} is {}", instance.id(), instance.status));
        }
        Some(found) if sees => return Ok(found),
        Some(_) => {}
        None => {
            centers.gaps.iter().for_each(|gap| reasons.unseen(gap));
            if !whole {
                reasons.doubt("the organization's instance may be in a Region that the scan does not look at");
            }
            if reasons.is_empty() {
                return Err(absent);
            }
        }
    }
    Err(reasons.open())
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    const MANAGEMENT: &str = "111122223333";

    fn of(center: Option<(&str, &str)>, gaps: Vec<Gap>, seat: &Seat, whole: bool) -> Result<String, Status> {
        let organization = Organization {
            id: "o-exampleorgid".into(),
            arn: "arn".into(),
            management_account: MANAGEMENT.into(),
            management_email: None,
            feature_set: "ALL".into(),
        };
        let center = center.map(|(owner, status)| {
            let instance = IdentityCenter {
                instance_arn: "arn:aws:sso:::instance/ssoins-1".into(),
                identity_store_id: "d-1".into(),
                owner_account_id: owner.into(),
                status: status.into(),
                primary_region: None,
            };
            ("eu-west-1".to_owned(), instance)
        });
        let centers = IdentityCenters { seen: center.into_iter().collect(), gaps };
        let absent = Verdict::fail("no_instance", "none");
        let found = choose(&centers, &organization, seat, whole, ("1", absent));
        found.map(|(region, _)| region.to_owned()).map_err(|verdict| verdict.status)
    }

    #[test]
    fn the_organizations_instance_is_the_management_accounts() {
        let active = |owner| Some((owner, "ACTIVE"));
        let seat = &Seat::Management;
        assert_eq!(of(active(MANAGEMENT), vec![], seat, true), Ok("eu-west-1".into()));
        assert_eq!(of(active(MANAGEMENT), vec![], &Seat::Administrator, false), Ok("eu-west-1".into()));
        assert_eq!(of(active("444455556666"), vec![], seat, true), Err(Status::Fail), "an account's own");
        assert_eq!(of(Some((MANAGEMENT, "CREATE_FAILED")), vec![], seat, true), Err(Status::Unknown));
    }

    #[test]
    fn there_is_none_only_if_every_region_says_so_to_who_would_see_it() {
        let gap = || Gap::new(MANAGEMENT, "us-east-1", "sso-admin:ListInstances", GapKind::Denied, "no");
        assert_eq!(of(None, vec![], &Seat::Management, true), Err(Status::Fail));
        assert_eq!(of(None, vec![], &Seat::Management, false), Err(Status::Unknown));
        assert_eq!(of(None, vec![gap()], &Seat::Management, true), Err(Status::Unknown));
        assert_eq!(of(None, vec![], &Seat::Other(vec![]), true), Err(Status::Unknown));
        assert_eq!(of(Some((MANAGEMENT, "ACTIVE")), vec![], &Seat::Untold(gap()), true), Err(Status::Unknown));
    }
}
