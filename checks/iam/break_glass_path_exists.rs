//! Is there a way in for emergencies that can be found, asks for a second factor, is not used without a record, and alarms when it is?

use super::emergency_alarm::alarmed;
use crate::prelude::*;
use aws_sdk_iam::types::{RoleDetail, Tag, UserDetail};
use posture_estate::day::rfc3339;
use posture_estate::emergency::{EmergencyRole, SecondFactor, emergency_roles, emergency_users, plain};
use posture_estate::services::iam::credential_report::{Cell, CredentialReport, ReportUser};
use posture_estate::services::iam::details::{role_name, user_name};

/// Names, parts of paths, and tags of emergency access, in lower case and without separators.
const NAMES: Setting<Patterns> = setting!(break_glass_path_exists.names);

/// Days within which a use needs a record.
const USED_WITHIN_DAYS: Setting<i64> = setting!(break_glass_path_exists.used_within_days);

/// The tag, with any value, that records a use.
const RECORD_TAG: Setting<str> = setting!(break_glass_path_exists.record_tag);

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    let names = at.setting(NAMES);
    let roles = emergency_roles(&details, names, at.partition(), at.now().secs());
    let users = emergency_users(&details, names);
    let rule = &Rule { now: at.now(), within: *at.setting(USED_WITHIN_DAYS), tag: at.setting(RECORD_TAG) };
    let by_role = each(&roles, async |one: &EmergencyRole<'_>| {
        let (name, mut reasons) = (role_name(one.role), Reasons::new());
        let tags = (!one.is_of_identity_center()).then(|| one.role.tags());
        asked_for(one.second_factor(), &mut reasons);
        rule.recorded(name, of_role(one.role), tags, &mut reasons);
        let alarms = alarmed(at, |scene| one.uses(scene), &mut reasons).await;
        conclude(&format!("emergency role {name}"), reasons, &alarms).on(at.iam().iam_role(one.role))
    });
    let by_user = each(&users, async |user: &&UserDetail| {
        let (name, arn, mut reasons) = (user_name(user), user.arn().unwrap_or_default(), Reasons::new());
        if let Some(report) = reasons.add(at.iam().credential_report().await) {
            of_user(name, &report, user.tags(), rule, &mut reasons);
        }
        let alarms = alarmed(at, |scene| vec![scene.sign_in(name, arn)], &mut reasons).await;
        conclude(&format!("emergency user {name}"), reasons, &alarms).on(at.iam().iam_user(user))
    });
    let (mut findings, more) = join!(by_role, by_user);
    findings.extend(more);
    if findings.is_empty() {
        findings.push(elsewhere(at, names).await.on(at.resource()));
    }
    Ok(findings)
}

fn conclude(what: &str, reasons: Reasons, alarms: &[String]) -> Verdict {
    let by = alarms.join("; ");
    reasons
        .or_pass(|| format!("{what} asks for MFA, is not used without a record, and its use alarms: {by}"))
        .evidence(json!({ "alarms": alarms }))
}

/// What counts as a use that needs a record.
struct Rule<'a> {
    now: &'a DateTime,
    within: i64,
    tag: &'a str,
}

impl Rule<'_> {
    /// `tags`: none where nobody can set any.
    fn recorded(&self, name: &str, used: Option<DateTime>, tags: Option<&[Tag]>, reasons: &mut Reasons) {
        let Some(used) = used.filter(|used| days(used, self.now) <= self.within) else { return };
        let when = rfc3339(used);
        let day = when.get(..10).unwrap_or(&when);
        match tags {
            Some(tags) if tags.iter().any(|tag| tag.key().eq_ignore_ascii_case(self.tag)) => {}
            Some(_) => reasons.broken(
                "used_without_record",
                format!("{name} was used on {day}, and no tag {} records why", self.tag),
            ),
            None => reasons.doubt(format!("{name} was used on {day}; AWS lets nobody tag it with a record")),
        }
    }
}

fn asked_for(found: SecondFactor, reasons: &mut Reasons) {
    found.missing.into_iter().for_each(|what| reasons.broken("no_mfa", what));
    found.doubts.into_iter().for_each(|why| reasons.doubt(why));
}

fn of_role(role: &RoleDetail) -> Option<DateTime> {
    role.role_last_used().and_then(|used| used.last_used_date().copied())
}

fn of_user(name: &str, report: &CredentialReport, tags: &[Tag], rule: &Rule<'_>, reasons: &mut Reasons) {
    let Some(user) = report.user(name) else {
        return reasons.doubt(format!("user {name} is not in the credential report, which can be four hours old"));
    };
    if !user.mfa_active {
        reasons.broken("no_mfa", format!("user {name} has no MFA device"));
    }
    if user.keys.iter().any(|key| key.active) {
        reasons.doubt(format!("user {name} has an access key; whether its policies refuse it without MFA is not looked at"));
    }
    rule.recorded(name, last_used(user), Some(tags), reasons);
    if matches!(user.password_last_used, Cell::NotSupported) {
        reasons.doubt(format!("AWS does not report when the password of user {name} was used"));
    }
}

fn last_used(user: &ReportUser) -> Option<DateTime> {
    let keys = user.keys.iter().filter_map(|key| key.last_used.known());
    keys.chain(user.password_last_used.known()).max_by_key(|used| used.secs()).copied()
}

/// Permission sets are the last place to look: only the owner of IAM Identity Center sees them, and nobody sees how they ask for MFA.
async fn elsewhere(at: &Account, names: &Patterns) -> Verdict {
    let mut reasons = Reasons::new();
    let centers = at.sso_admin().identity_centers().await;
    centers.gaps.iter().for_each(|gap| reasons.unseen(gap));
    if let Some((region, center)) = centers.owned_by(at.account_id()) {
        let sets = at.region(region).sso_admin().permission_sets(&center.instance_arn).await;
        for (_, set) in reasons.add(sets).unwrap_or_default() {
            let Some(set) = reasons.add(set) else { continue };
            if names.matches(&plain(&set.name)) {
                reasons.doubt(format!(
                    "permission set {} is for emergencies; whether people show a second factor and its use alarms shows only where it is assigned",
                    set.name
                ));
            }
        }
    }
    absent(reasons)
}

fn absent(reasons: Reasons) -> Verdict {
    if !reasons.is_empty() {
        return reasons.open();
    }
    Verdict::fail("no_emergency_path", "no role, user or permission set is for emergencies by its name, path or tags")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::date_time::Format;
    use posture_estate::finding::GapKind;

    fn moment(day: &str) -> DateTime {
        DateTime::from_str(&format!("{day}T00:00:00Z"), Format::DateTime).unwrap()
    }

    fn status(add: impl FnOnce(&Rule<'_>, &mut Reasons)) -> Verdict {
        let mut reasons = Reasons::new();
        add(&Rule { now: &moment("2026-11-27"), within: 90, tag: "break-glass-use" }, &mut reasons);
        conclude("emergency role r", reasons, &["rule r hands it to topic a".into()])
    }

    #[test]
    fn a_role_that_lets_somebody_in_without_mfa_fails() {
        let of = |missing: &[&str], doubts: &[&str]| {
            let texts = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect();
            status(|_, reasons| asked_for(SecondFactor { missing: texts(missing), doubts: texts(doubts) }, reasons))
        };
        assert_eq!(of(&[], &[]).status, Status::Pass);
        assert_eq!(of(&["role r lets everyone in"], &["x"]).reasons, ["no_mfa"]);
        assert_eq!(of(&[], &["a provider"]).status, Status::Unknown);
    }

    #[test]
    fn a_use_within_the_days_needs_a_record() {
        let tag = [Tag::builder().key("Break-Glass-Use").value("INC-1").build().unwrap()];
        let of = |used: Option<&str>, tags: Option<&[Tag]>| status(|rule, reasons| rule.recorded("r", used.map(moment), tags, reasons));
        assert_eq!(of(None, Some(&[])).status, Status::Pass);
        assert_eq!(of(Some("2026-08-28"), Some(&[])).status, Status::Pass);
        assert_eq!(of(Some("2026-08-29"), Some(&[])).reasons, ["used_without_record"]);
        assert_eq!(of(Some("2026-11-01"), Some(&tag)).status, Status::Pass);
        assert_eq!(of(Some("2026-11-01"), None).status, Status::Unknown);
    }

    fn report(password: &str, mfa: &str, key: &str) -> String {
        let made = "2025-01-01T00:00:00+00:00";
        let mut cells = vec![
            ("user", "rescue"),
            ("arn", "arn:aws:iam::111122223333:user/rescue"),
            ("user_creation_time", made),
            ("password_enabled", "true"),
            ("password_last_used", password),
            ("password_last_changed", made),
            ("password_next_rotation", "N/A"),
            ("mfa_active", mfa),
        ];
        cells.extend([("access_key_1_active", key), ("access_key_1_last_rotated", made)]);
        cells.extend([("access_key_1_last_used_date", "N/A"), ("access_key_1_last_used_region", "N/A")]);
        cells.extend([("access_key_1_last_used_service", "N/A"), ("access_key_2_active", "false")]);
        cells.extend([("access_key_2_last_rotated", "N/A"), ("access_key_2_last_used_date", "N/A")]);
        cells.extend([("access_key_2_last_used_region", "N/A"), ("access_key_2_last_used_service", "N/A")]);
        cells.extend([("cert_1_active", "false"), ("cert_1_last_rotated", "N/A")]);
        cells.extend([("cert_2_active", "false"), ("cert_2_last_rotated", "N/A")]);
        cells.push(("additional_credentials_info", ""));
        let (head, row): (Vec<&str>, Vec<&str>) = cells.into_iter().unzip();
        [head.join(","), row.join(",")].join("\n")
    }

    #[test]
    fn a_user_has_mfa_and_its_last_use_is_known() {
        let of = |password: &str, mfa: &str, key: &str| {
            let report = CredentialReport::parse(moment("2026-11-27"), report(password, mfa, key).as_bytes()).unwrap();
            status(|rule, reasons| of_user("rescue", &report, &[], rule, reasons))
        };
        assert_eq!(of("no_information", "true", "false").status, Status::Pass);
        assert_eq!(of("no_information", "false", "false").reasons, ["no_mfa"]);
        assert_eq!(of("2026-11-20T00:00:00+00:00", "true", "false").reasons, ["used_without_record"]);
        assert_eq!(of("not_supported", "true", "false").status, Status::Unknown);
        assert_eq!(of("no_information", "true", "true").status, Status::Unknown);
    }

    #[test]
    fn nothing_for_emergencies_fails_unless_something_was_not_seen() {
        assert_eq!(absent(Reasons::new()).reasons, ["no_emergency_path"]);
        let mut reasons = Reasons::new();
        reasons.unseen(&Gap::new("1", "us-east-1", "sso-admin:ListInstances", GapKind::Denied, "no"));
        assert_eq!(absent(reasons).status, Status::Unknown);
    }
}
