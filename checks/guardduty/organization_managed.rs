//! Is GuardDuty run for the organization in each Region: by an administrator account, with new accounts enabled by themselves and
//! findings that are kept? The management account sees who administers it, only the administrator sees the rest.

use super::administration::{administers, without_detector};
use crate::prelude::*;
use posture_estate::services::guardduty::{GuardDutyOrganization, Kept};
use posture_estate::services::organizations::Seat;

const SERVICE: &str = "guardduty.amazonaws.com";

pub async fn probe(at: &Account) -> Outcome {
    let organization = at.organizations().organization().await?;
    let Some(organization) = organization.as_ref() else {
        return Ok(vec![Verdict::not_applicable("the account belongs to no organization").on(at.resource())]);
    };
    let seat = at.organizations().seat(organization, SERVICE).await;
    Ok(each(at.regions(), async |name| {
        let region = at.region(name);
        in_region(&region, &seat).await.on(at.resource().region(name))
    })
    .await)
}

async fn in_region(at: &Region, seat: &Seat) -> Verdict {
    let mut reasons = Reasons::new();
    if *seat == Seat::Management
        && !administers(at.guardduty().guardduty_admins().await, at.name(), at.account_id(), &mut reasons)
    {
        return reasons.open();
    }
    let Some(detector) = reasons.add(at.guardduty().detector().await) else { return reasons.open() };
    let Some(detector) = detector.as_ref() else { return without_detector(at.name(), at.account_id(), seat) };
    let (members, kept) =
        join!(at.guardduty().guardduty_organization(detector), at.guardduty().findings_kept(detector));
    judge((at.name(), at.account_id()), seat, members, kept, reasons)
}

fn judge(
    (region, account): (&str, &str),
    seat: &Seat,
    members: Answer<GuardDutyOrganization>,
    kept: Result<Kept, Vec<Gap>>,
    mut reasons: Reasons,
) -> Verdict {
    if let (Seat::Other(_) | Seat::Untold(_), Err(gap)) = (seat, &members) {
        // AWS answers it to the administrator alone; of a member's own detector the rest says nothing.
        seat.doubt(account, "GuardDuty", &mut reasons);
        reasons.unseen(gap);
        return reasons.open();
    }
    let mut covers = "";
    if let Some(members) = reasons.add(members) {
        match members.auto_enable_organization_members.as_deref() {
            Some("ALL") => covers = "all accounts",
            Some("NEW") => covers = "new accounts",
            Some("NONE") => {
                reasons.broken(
                    "members_not_enabled",
                    format!("accounts of the organization are not enabled by themselves in {region}"),
                );
            }
            _ => reasons.doubt(format!("whether new accounts get GuardDuty in {region} is not said")),
        }
        if members.member_account_limit_reached == Some(true) {
            reasons.broken(
                "members_not_enabled",
                format!(
                    "the administrator has as many members in {region} as it may have: new accounts are not enabled"
                ),
            );
        }
    }
    let mut where_to = "";
    match kept {
        Ok(Kept::Published) => where_to = "its findings are exported",
        Ok(Kept::Imported) => where_to = "its findings go to Security Hub, for 90 days after their last update",
        Ok(Kept::Nowhere) => reasons.broken("findings_not_kept", format!(
            "findings in {region} are kept nowhere besides GuardDuty: no destination is publishing and Security Hub does not import them"
        )),
        Err(gaps) => gaps.iter().for_each(|gap| reasons.unseen(gap)),
    }
    reasons.or_pass(|| format!("{covers} of the organization get GuardDuty in {region}, and {where_to}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "guardduty:DescribeOrganizationConfiguration", GapKind::Denied, "no")
    }

    const HERE: (&str, &str) = ("eu-west-1", "111122223333");

    fn organization(members: &str) -> Answer<GuardDutyOrganization> {
        let auto_enable_organization_members = Some(members.to_owned());
        Ok(Arc::new(GuardDutyOrganization {
            auto_enable_organization_members,
            member_account_limit_reached: Some(false),
        }))
    }

    fn by(seat: &Seat, members: Answer<GuardDutyOrganization>, kept: Result<Kept, Vec<Gap>>) -> Verdict {
        judge(HERE, seat, members, kept, Reasons::new())
    }

    fn of(members: &str, kept: Result<Kept, Vec<Gap>>) -> Status {
        by(&Seat::Administrator, organization(members), kept).status
    }

    #[test]
    fn accounts_are_enabled_and_findings_kept() {
        assert_eq!(of("ALL", Ok(Kept::Published)), Status::Pass);
        assert_eq!(of("NEW", Ok(Kept::Published)), Status::Pass);
        assert_eq!(of("NONE", Ok(Kept::Published)), Status::Fail);
        assert_eq!(of("ALL", Ok(Kept::Nowhere)), Status::Fail);
        assert_eq!(of("ALL", Err(vec![gap()])), Status::Unknown);
        assert_eq!(of("SOME", Ok(Kept::Published)), Status::Unknown);
        assert_eq!(by(&Seat::Management, Err(gap()), Ok(Kept::Published)).status, Status::Unknown);
        assert_eq!(by(&Seat::Management, Err(gap()), Ok(Kept::Nowhere)).status, Status::Fail);
    }

    #[test]
    fn an_administrator_that_may_have_no_more_members_enables_none() {
        let full = GuardDutyOrganization {
            auto_enable_organization_members: Some("ALL".into()),
            member_account_limit_reached: Some(true),
        };
        assert_eq!(by(&Seat::Administrator, Ok(Arc::new(full)), Ok(Kept::Published)).reasons, ["members_not_enabled"]);
    }

    #[test]
    fn no_more_is_said_of_where_findings_are_kept_than_is_so() {
        // semantics 95
        let kept = |kept| by(&Seat::Administrator, organization("ALL"), Ok(kept)).message;
        assert!(kept(Kept::Published).ends_with("its findings are exported"));
        assert!(kept(Kept::Imported).ends_with("go to Security Hub, for 90 days after their last update"));
        assert!(!kept(Kept::Nowhere).contains("90 days"), "{}", kept(Kept::Nowhere));
    }

    #[test]
    fn of_an_account_that_is_not_known_to_administer_nothing_is_said() {
        // semantics 94
        let others = [Seat::Other(vec!["444455556666".into()]), Seat::Other(vec![]), Seat::Untold(gap())];
        for seat in &others {
            assert_eq!(without_detector(HERE.0, HERE.1, seat).status, Status::Unknown, "{seat:?}");
            for kept in [Kept::Nowhere, Kept::Published] {
                assert_eq!(by(seat, Err(gap()), Ok(kept)).status, Status::Unknown, "{seat:?}");
            }
            // AWS answers this to the administrator alone.
            assert_eq!(by(seat, organization("ALL"), Ok(Kept::Published)).status, Status::Pass, "{seat:?}");
            assert_eq!(by(seat, organization("NONE"), Ok(Kept::Published)).status, Status::Fail, "{seat:?}");
        }
        for seat in [Seat::Management, Seat::Administrator] {
            assert_eq!(without_detector(HERE.0, HERE.1, &seat).reasons, ["no_detector"], "{seat:?}");
        }
    }
}
