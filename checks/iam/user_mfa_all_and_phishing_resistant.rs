//! MFA for every user who can authenticate at all, and for the powerful a device that cannot be phished. The report
//! says who has MFA; only for administrators whose device list includes a virtual one is the full list asked.

use aws_sdk_iam::types::{MfaDevice, VirtualMfaDevice};

use crate::prelude::*;
use posture_estate::services::iam::{AuthorizationDetails, ReportUser};
use posture_policy::{self as policy, Decision};

pub async fn probe(at: &Account) -> Outcome {
    let report = at.iam().credential_report().await?;
    let details = at.iam().authorization_details().await;
    let details = details.as_ref().map(AsRef::as_ref);
    Ok(each(report.users(), |user| async {
        let verdict = match first_factor(user) {
            Some(verdict) => verdict,
            None => second_factor(at, user, details).await,
        };
        verdict.evidence(report.evidence(json!({ "mfa_active": user.mfa_active }))).on(at.iam().iam_report_user(user))
    })
    .await)
}

/// What the report decides; `None` for a user with MFA, whose kind may matter.
fn first_factor(user: &ReportUser) -> Option<Verdict> {
    let name = &user.name;
    let has_credentials =
        user.may_have_password() || user.active_keys().next().is_some() || user.more_credentials.is_some();
    match (user.mfa_active, has_credentials) {
        (true, _) => None,
        (false, true) => Some(Verdict::fail("no_mfa", format!("user {name} has no MFA"))),
        (false, false) => {
            Some(Verdict::not_applicable(format!("user {name} has neither a password nor an active key to protect")))
        }
    }
}

async fn second_factor(at: &Account, user: &ReportUser, details: Result<&AuthorizationDetails, &Gap>) -> Verdict {
    let name = &user.name;
    let why = match details.map(|details| privilege(details, name)) {
        Err(gap) => return Verdict::unseen(gap),
        Ok(Err(why)) => {
            return Verdict::undecided(format!(
                "user {name} has MFA; whether it must resist phishing is unclear: {why}"
            ));
        }
        Ok(Ok(None)) => return Verdict::pass(format!("user {name} has MFA and is not privileged")),
        Ok(Ok(Some(why))) => why,
    };
    match at.iam().virtual_mfa_devices().await {
        Err(gap) => Verdict::unseen(&gap),
        Ok(devices) if !has_virtual(&devices, user) => {
            Verdict::pass(format!("user {name} is privileged ({why}) and its MFA device is not a virtual one"))
        }
        Ok(_) => match at.iam().mfa_devices(name).await {
            Err(gap) => Verdict::unseen(&gap),
            Ok(devices) => judge(name, &why, &devices),
        },
    }
}

/// Why the user counts as privileged: an administrator, or on the way to become one. The error says what cannot be
/// decided.
fn privilege(details: &AuthorizationDetails, name: &str) -> Result<Option<String>, String> {
    let user = details.users.iter().find(|user| user.user_name() == Some(name));
    let user = user.ok_or_else(|| format!("user {name} is in the credential report only"))?;
    let identity = details.identity_of_user(user)?;
    let doubt = match policy::is_admin(&identity) {
        Decision::Yes(_) => return Ok(Some("administrator".into())),
        Decision::CannotTell(why) => Err(why),
        Decision::No(_) => Ok(()),
    };
    // A sure path decides, whatever else cannot be told.
    let paths = policy::escalations_among(&identity, details.targets());
    if let Some(escalation) = paths.as_ref().ok().and_then(|paths| paths.first()) {
        return Ok(Some(format!("can become administrator: {}", escalation.way())));
    }
    doubt.and(paths.map(|_| None))
}

fn has_virtual(devices: &[VirtualMfaDevice], user: &ReportUser) -> bool {
    devices.iter().any(|device| device.user().is_some_and(|of| of.arn() == user.arn))
}

/// FIDO devices have a `u2f` ARN, hardware tokens a bare serial number, virtual devices an `mfa` ARN.
fn judge(name: &str, why: &str, devices: &[MfaDevice]) -> Verdict {
    let resists =
        |device: &&MfaDevice| device.serial_number().contains(":u2f/") || !device.serial_number().starts_with("arn:");
    match devices.iter().find(resists) {
        Some(device) => {
            Verdict::pass(format!("user {name} is privileged ({why}) and has the device {}", device.serial_number()))
        }
        None => {
            Verdict::fail("only_virtual_mfa", format!("user {name} is privileged ({why}) and has only virtual MFA"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::{PolicyDetail, User, UserDetail};
    use posture_estate::services::iam::credential_report::fixtures::{key, row};

    #[test]
    fn users_with_credentials_need_mfa() {
        let status = |user: &ReportUser| first_factor(user).map(|verdict| verdict.status);
        let mut user = row("ci");
        assert_eq!(status(&user), Some(Status::NotApplicable));
        user.keys[0] = key(1, "2025-01-01T00:00:00Z", None);
        assert_eq!(status(&user), Some(Status::Fail), "keys can be protected by a condition on MFA, too");
        user.mfa_active = true;
        assert_eq!(status(&user), None);
    }

    #[test]
    fn administrators_are_privileged() {
        // semantics 73
        let with = |document: &str| {
            let policy = PolicyDetail::builder().policy_name("p").policy_document(document).build();
            let alice = UserDetail::builder().user_name("alice").user_policy_list(policy).build();
            privilege(&AuthorizationDetails { users: vec![alice], ..AuthorizationDetails::default() }, "alice")
        };
        let admin = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        assert_eq!(with(admin).unwrap().as_deref(), Some("administrator"));
        let reader =
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}"#;
        assert_eq!(with(reader).unwrap(), None);
        let tagged = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/admin":"true"}}}"#;
        let keys = r#"{"Effect":"Allow","Action":"iam:CreateAccessKey","Resource":"*"}"#;
        let both = |list: &str| with(&format!(r#"{{"Version":"2012-10-17","Statement":[{list}]}}"#));
        assert!(both(tagged).is_err(), "its tags are not read");
        assert!(
            both(&format!("{tagged},{keys}")).unwrap().is_some(),
            "the second makes it privileged, whatever the first does"
        );
        assert!(with("{").is_err());
        assert!(privilege(&AuthorizationDetails::default(), "alice").is_err());
    }

    #[test]
    fn only_virtual_devices_fail_the_privileged() {
        let device = |serial: &str| {
            MfaDevice::builder()
                .user_name("alice")
                .serial_number(serial)
                .enable_date(DateTime::from_secs(0))
                .build()
                .unwrap()
        };
        let virtual_one = device("arn:aws:iam::111122223333:mfa/alice");
        assert_eq!(judge("alice", "administrator", std::slice::from_ref(&virtual_one)).status, Status::Fail);
        let fido = device("arn:aws:iam::111122223333:u2f/user/alice/key-AAAA");
        assert_eq!(judge("alice", "administrator", &[virtual_one.clone(), fido]).status, Status::Pass);
        assert_eq!(judge("alice", "administrator", &[virtual_one, device("GAHT12345678")]).status, Status::Pass);
    }

    #[test]
    fn virtual_devices_belong_by_arn() {
        let alice = row("alice");
        let of = |arn: &str| {
            let user = User::builder()
                .path("/")
                .user_name("x")
                .user_id("A")
                .arn(arn)
                .create_date(DateTime::from_secs(0))
                .build()
                .unwrap();
            VirtualMfaDevice::builder().serial_number("arn:aws:iam::111122223333:mfa/x").user(user).build().unwrap()
        };
        assert!(has_virtual(&[of(&alice.arn)], &alice));
        assert!(!has_virtual(&[of("arn:aws:iam::111122223333:user/al")], &alice));
    }
}
