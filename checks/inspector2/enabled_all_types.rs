//! Does Inspector scan machines, images and functions, and does the administrator see to it that new accounts get the same? What the
//! organization gets shows only to its administrator, so that a member is judged by what it has itself.

use super::members::judge_organization;
use crate::prelude::*;
use posture_estate::services::inspector2::{AccountState, CODE_REGIONS};
use posture_estate::services::organizations::Seat;

const SERVICE: &str = "inspector2.amazonaws.com";

pub async fn probe(at: &Region) -> Outcome {
    let state = at.inspector2().account_state().await?;
    let own = judge_account(at.name(), &state);
    let mut findings = vec![own.on(at.resource())];
    if state.is_on() == Some(false) {
        return Ok(findings);
    }
    match seat(at).await {
        Ok(None) => {}
        Ok(Some(seat)) => {
            let answer = at.inspector2().inspector_organization().await;
            findings.extend(
                judge_organization(at.name(), at.account_id(), &seat, answer)
                    .map(|verdict| verdict.sub("organization").on(at.resource())),
            );
        }
        Err(gap) => findings.push(Verdict::unseen(&gap).sub("organization").on(at.resource())),
    }
    Ok(findings)
}

/// What the account is to Inspector in its organization; `None` where it belongs to none.
async fn seat(at: &Region) -> Result<Option<Seat>, Gap> {
    let organizations = at.account().organizations();
    let organization = organizations.organization().await?;
    match organization.as_ref() {
        Some(organization) => Ok(Some(organizations.seat(organization, SERVICE).await)),
        None => Ok(None),
    }
}

fn judge_account(region: &str, state: &AccountState) -> Verdict {
    let states = &state.resource_state;
    let offers_code = CODE_REGIONS.contains(&region);
    let kinds = [
        ("EC2", Some(&states.ec2)),
        ("ECR", Some(&states.ecr)),
        ("Lambda", states.lambda.as_ref()),
        ("Lambda code", states.lambda_code.as_ref()),
    ];
    let (mut reasons, mut on, mut off) = (Reasons::new(), Vec::new(), Vec::new());
    for (kind, state) in kinds {
        match state.map(|state| state.status.as_str()) {
            Some("ENABLED") => on.push(kind),
            _ if kind == "Lambda code" && !offers_code => {}
            Some("DISABLED" | "DISABLING" | "SUSPENDED" | "SUSPENDING") => off.push(kind),
            Some(status) => reasons.doubt(format!("scanning of {kind} by Inspector in {region} is {status}")),
            None => reasons.doubt(format!("scanning of {kind} by Inspector in {region} is not told")),
        }
    }
    if !off.is_empty() {
        let (slug, what) = match on.is_empty() && off.len() > 1 {
            true => ("not_enabled", format!("Amazon Inspector is off in {region}")),
            false => ("type_not_enabled", format!("Amazon Inspector in {region} does not scan {}", off.join(", "))),
        };
        reasons.broken(slug, what);
    }
    let without =
        if offers_code || on.contains(&"Lambda code") { "" } else { "; AWS does not offer Lambda code scanning there" };
    reasons
        .or_pass(|| format!("Amazon Inspector in {region} scans {}{without}", on.join(", ")))
        .evidence(json!({ "enabled": on, "not_enabled": off }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::inspector2::InspectorOrganization;

    fn state(kinds: [Option<&str>; 4]) -> AccountState {
        let mut states = json!({});
        for (name, status) in ["ec2", "ecr", "lambda", "lambdaCode"].into_iter().zip(kinds) {
            if let Some(status) = status {
                states[name] = json!({ "status": status });
            }
        }
        let state = json!({ "accountId": "111122223333", "state": { "status": "ENABLED" }, "resourceState": states });
        serde_json::from_value(state).unwrap()
    }

    const ON: Option<&str> = Some("ENABLED");

    fn of(kinds: [Option<&str>; 4]) -> Verdict {
        judge_account("eu-west-1", &state(kinds))
    }

    #[test]
    fn each_type_is_scanned() {
        assert_eq!(of([ON; 4]).status, Status::Pass);
        for off in ["DISABLED", "DISABLING", "SUSPENDED", "SUSPENDING"] {
            for kind in 0..4 {
                let mut kinds = [ON; 4];
                kinds[kind] = Some(off);
                assert_eq!(of(kinds).reasons, ["type_not_enabled"], "{kind} {off}");
            }
            assert_eq!(of([Some(off); 4]).reasons, ["not_enabled"]);
        }
    }

    #[test]
    fn what_is_on_its_way_or_not_told_is_unknown() {
        assert_eq!(of([Some("ENABLING"), ON, ON, ON]).status, Status::Unknown);
        assert_eq!(of([ON, ON, ON, Some("RESTING")]).status, Status::Unknown, "a word that is not known");
        assert_eq!(of([ON, ON, None, ON]).status, Status::Unknown);
        assert_eq!(of([ON, ON, ON, None]).status, Status::Unknown);
        assert_eq!(of([Some("ENABLING"), Some("DISABLED"), ON, ON]).status, Status::Fail);
    }

    #[test]
    fn code_is_scanned_where_aws_offers_it() {
        let there = |code| judge_account("af-south-1", &state([ON, ON, ON, code])).status;
        assert_eq!((there(Some("DISABLED")), there(None), there(ON)), (Status::Pass, Status::Pass, Status::Pass));
        let off = judge_account("af-south-1", &state([Some("DISABLED"), Some("DISABLED"), Some("DISABLED"), None]));
        assert_eq!(off.reasons, ["not_enabled"]);
    }

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "inspector2:DescribeOrganizationConfiguration", GapKind::Denied, "no")
    }

    fn organization(auto: serde_json::Value, full: bool) -> Answer<InspectorOrganization> {
        Ok(Arc::new(serde_json::from_value(json!({ "autoEnable": auto, "maxAccountLimitReached": full })).unwrap()))
    }

    fn for_new(region: &str, auto: serde_json::Value, full: bool) -> Verdict {
        judge_organization(region, "111122223333", &Seat::Administrator, organization(auto, full)).unwrap()
    }

    #[test]
    fn new_accounts_get_every_type() {
        let all = || json!({ "ec2": true, "ecr": true, "lambda": true, "lambdaCode": true });
        assert_eq!(for_new("eu-west-1", all(), false).status, Status::Pass);
        assert_eq!(for_new("eu-west-1", all(), true).reasons, ["members_not_enabled"]);
        for kind in ["ec2", "ecr", "lambda", "lambdaCode"] {
            let mut auto = all();
            auto[kind] = json!(false);
            assert_eq!(for_new("eu-west-1", auto, false).reasons, ["members_not_enabled"], "{kind}");
        }
        let untold = json!({ "ec2": true, "ecr": true, "lambda": true });
        assert_eq!(for_new("eu-west-1", untold.clone(), false).status, Status::Unknown);
        assert_eq!(for_new("af-south-1", untold, false).status, Status::Pass, "AWS offers no code scanning there");
        assert_eq!(for_new("eu-west-1", serde_json::Value::Null, false).status, Status::Unknown);
    }

    #[test]
    fn a_member_is_not_asked_for_what_only_the_administrator_sees() {
        // semantics 94, 163
        let status = |seat: &Seat| {
            judge_organization("eu-west-1", "111122223333", seat, Err(gap())).map(|verdict| verdict.status)
        };
        assert_eq!(status(&Seat::Other(vec!["444455556666".into()])), None);
        assert_eq!(status(&Seat::Untold(gap())), None);
        assert_eq!(status(&Seat::Management), Some(Status::Unknown));
        assert_eq!(status(&Seat::Administrator), Some(Status::Unknown));
    }
}
