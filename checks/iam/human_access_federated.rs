//! Do people come in by an identity provider, with no password in this account but for emergencies?

use super::ways_in::Ways;
use crate::prelude::*;
use posture_estate::services::iam::{Cell, CredentialReport, ReportUser};

/// Users that may have a password.
const EMERGENCY_USERS: Setting<Patterns> = setting!(human_access_federated.emergency_users);

pub async fn probe(at: &Account) -> Outcome {
    let (report, saml, oidc, centers, whole) = join!(
        at.iam().credential_report(),
        at.iam().saml_providers(),
        at.iam().oidc_providers(),
        at.sso_admin().identity_centers(),
        at.account_management().in_scope_whole(),
    );
    let listed = at.setting(EMERGENCY_USERS);
    let seen = Ways { saml, oidc, centers, whole };
    let mut findings = vec![judge(&seen, &report).sub("federation").on(at.resource())];
    match &report {
        Ok(report) => findings.extend(report.users().filter_map(|user| {
            let verdict = judge_user(user, listed)?;
            Some(verdict.evidence(report.evidence(json!({}))).on(at.iam().iam_report_user(user)))
        })),
        Err(gap) => findings.push(Verdict::unseen(gap).sub("users").on(at.resource())),
    }
    Ok(findings)
}

fn judge(ways: &Ways, report: &Result<Arc<CredentialReport>, Gap>) -> Verdict {
    let found = ways.found();
    let evidence = json!({ "ways": found });
    if !found.is_empty() {
        return Verdict::pass(format!("people can come in by {}", found.join(", "))).evidence(evidence);
    }
    let mut reasons = Reasons::new();
    ways.unseen(&mut reasons);
    match report {
        Err(gap) => reasons.unseen(gap),
        Ok(report) => {
            let with = report.users().filter(|user| user.password_enabled == Cell::Known(true)).count();
            let silent = report.users().any(|user| user.password_enabled.known().is_none());
            match with {
                0 if silent => reasons.doubt("the credential report does not say which users have a password"),
                0 if reasons.is_empty() => {
                    let why = "nobody signs in to the account itself: no user has a password, and no provider is set up for people";
                    return Verdict::not_applicable(why);
                }
                0 => {}
                _ if reasons.is_empty() => reasons.broken(
                    "no_federation",
                    "users sign in with passwords, and there is no SAML provider, no OIDC provider for people and no IAM Identity Center",
                ),
                _ => {}
            }
        }
    }
    reasons.open().evidence(evidence)
}

/// `None` for a user without a password.
fn judge_user(user: &ReportUser, listed: &Patterns) -> Option<Verdict> {
    let name = &user.name;
    match user.password_enabled {
        Cell::Known(false) => None,
        Cell::Known(true) if listed.matches(name) => {
            Some(Verdict::pass(format!("user {name} has a console password and is listed for emergencies")))
        }
        Cell::Known(true) => Some(Verdict::fail(
            "console_password",
            format!("user {name} has a console password of this account and is not listed for emergencies"),
        )),
        _ => Some(Verdict::undecided(format!("the credential report does not say whether user {name} has a password"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::iam::credential_report::fixtures::{at, root, row};
    use posture_estate::services::sso_admin::{IdentityCenter, IdentityCenters};

    fn gap() -> Gap {
        Gap::new("111122223333", "global", "iam:ListSAMLProviders", GapKind::Denied, "no")
    }

    fn ways(saml: &[&str], oidc: &[&str], center: Option<&str>) -> Ways {
        let list = |all: &[&str]| Ok(Arc::new(all.iter().map(|&one| one.to_owned()).collect()));
        let center = center.map(|status| {
            let center = IdentityCenter {
                instance_arn: "arn:aws:sso:::instance/ssoins-1".into(),
                identity_store_id: "d-1".into(),
                owner_account_id: "999988887777".into(),
                status: status.into(),
                primary_region: None,
            };
            ("eu-west-1".to_owned(), center)
        });
        let centers = IdentityCenters { seen: center.into_iter().collect(), gaps: vec![] };
        Ways { saml: list(saml), oidc: list(oidc), centers, whole: true }
    }

    fn report(password: Option<bool>) -> Result<Arc<CredentialReport>, Gap> {
        let users = password.map(|known| ReportUser { password_enabled: Cell::Known(known), ..row("alice") });
        let rows = std::iter::once(root()).chain(users).collect();
        Ok(Arc::new(CredentialReport { generated: at("2026-01-01T00:00:00Z"), rows }))
    }

    #[test]
    fn each_way_for_people_is_one() {
        let with = |ways: Ways| judge(&ways, &report(Some(true))).status;
        assert_eq!(with(ways(&["arn:aws:iam::111122223333:saml-provider/idp"], &[], None)), Status::Pass);
        assert_eq!(with(ways(&[], &["acme.okta.com"], None)), Status::Pass);
        assert_eq!(with(ways(&[], &[], Some("ACTIVE"))), Status::Pass);
        assert_eq!(with(ways(&[], &["token.actions.githubusercontent.com"], None)), Status::Fail, "programs");
        assert_eq!(with(ways(&[], &[], None)), Status::Fail);
        assert_eq!(with(ways(&[], &[], Some("CREATE_IN_PROGRESS"))), Status::Unknown);
    }

    #[test]
    fn where_nobody_signs_in_there_is_nothing_to_federate() {
        assert_eq!(judge(&ways(&[], &[], None), &report(Some(false))).status, Status::NotApplicable);
        assert_eq!(judge(&ways(&[], &[], None), &report(None)).status, Status::NotApplicable);
    }

    #[test]
    fn what_was_not_seen_is_unknown_unless_another_way_is() {
        let hidden = |center| Ways { saml: Err(gap()), ..ways(&[], &[], center) };
        assert_eq!(judge(&hidden(None), &report(Some(true))).status, Status::Unknown);
        assert_eq!(judge(&hidden(None), &report(Some(false))).status, Status::Unknown);
        assert_eq!(judge(&hidden(Some("ACTIVE")), &report(Some(true))).status, Status::Pass);
        let part = Ways { whole: false, ..ways(&[], &[], None) };
        assert_eq!(judge(&part, &report(Some(true))).status, Status::Unknown);
        assert_eq!(judge(&ways(&[], &[], None), &Err(gap())).status, Status::Unknown);
        let centers = IdentityCenters { seen: vec![], gaps: vec![gap()] };
        assert_eq!(judge(&Ways { centers, ..ways(&[], &[], None) }, &report(Some(true))).status, Status::Unknown);
    }

    #[test]
    fn only_listed_users_may_have_a_password() {
        let of = |name: &str, password_enabled| {
            let user = ReportUser { password_enabled, ..row(name) };
            judge_user(&user, EMERGENCY_USERS.default_value()).map(|verdict| verdict.status)
        };
        assert_eq!(of("alice", Cell::Known(true)), Some(Status::Fail));
        assert_eq!(of("break-glass-1", Cell::Known(true)), Some(Status::Pass));
        assert_eq!(of("alice", Cell::Known(false)), None);
        assert_eq!(of("alice", Cell::NotSupported), Some(Status::Unknown));
    }
}
