//! Is the use of emergency access recorded, and does an emergency user have a second factor?

use crate::prelude::*;
use aws_sdk_iam::types::{RoleDetail, Tag};
use posture_estate::day::rfc3339;
use posture_estate::services::iam::credential_report::{Cell, CredentialReport, ReportUser};

/// What counts as a use that needs a record.
pub(super) struct Recorded<'a> {
    pub now: &'a DateTime,
    pub within: i64,
    pub tag: &'a str,
}

impl Recorded<'_> {
    /// `tags`: none where nobody can set any.
    pub fn recorded(&self, name: &str, used: Option<DateTime>, tags: Option<&[Tag]>, reasons: &mut Reasons) {
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

pub(super) fn of_role(role: &RoleDetail) -> Option<DateTime> {
    role.role_last_used().and_then(|used| used.last_used_date().copied())
}

pub(super) fn of_user(name: &str, report: &CredentialReport, tags: &[Tag], rule: &Recorded<'_>, reasons: &mut Reasons) {
    let Some(user) = report.user(name) else {
        return reasons.doubt(format!("user {name} is not in the credential report, which can be four hours old"));
    };
    if !user.mfa_active {
        reasons.broken("no_mfa", format!("user {name} has no MFA device"));
    }
    if user.keys.iter().any(|key| key.active) {
        reasons.doubt(format!(
            "user {name} has an access key; whether its policies refuse it without MFA is not looked at"
        ));
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

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::date_time::Format;

    fn moment(day: &str) -> DateTime {
        DateTime::from_str(&format!("{day}T00:00:00Z"), Format::DateTime).unwrap()
    }

    fn status(add: impl FnOnce(&Recorded<'_>, &mut Reasons)) -> Verdict {
        let mut reasons = Reasons::new();
        add(&Recorded { now: &moment("2026-11-27"), within: 90, tag: "break-glass-use" }, &mut reasons);
        reasons.or_pass(|| "recorded".into())
    }

    #[test]
    fn a_use_within_the_days_needs_a_record() {
        let tag = [Tag::builder().key("Break-Glass-Use").value("INC-1").build().unwrap()];
        let of = |used: Option<&str>, tags: Option<&[Tag]>| {
            status(|rule, reasons| rule.recorded("r", used.map(moment), tags, reasons))
        };
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
}
