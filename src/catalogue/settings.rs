//! The settings of a scan: what the tables `[check.ID]` of `posture.toml` change, on top of what the cards declare.

use super::{Check, checks, find};
use posture_estate::settings::{CheckSettings, Value};
use posture_estate::text::closest;
use std::borrow::Cow;
use std::collections::BTreeMap;
use toml::Spanned;

/// The tables `[check.ID]`, with the places of what they say.
pub type Tables = BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<toml::Value>>>;

/// Values that differ from the defaults, by check id and name, as reports have them.
pub type Changed = BTreeMap<String, BTreeMap<String, serde_json::Value>>;

/// What checks are set to where that is not what their cards say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangedSettings {
    changed: BTreeMap<&'static str, BTreeMap<&'static str, Value>>,
}

impl ChangedSettings {
    /// Reads the tables of a file.
    ///
    /// # Errors
    /// The byte offset and the reason of the first thing that is wrong: an unknown check or setting, a value of another
    /// type or out of range.
    pub fn parse(tables: Tables) -> Result<ChangedSettings, (usize, String)> {
        let mut settings = ChangedSettings::default();
        let mut wrong: Vec<(usize, String)> = Vec::new();
        for (id, values) in tables {
            let Some(check) = find(id.get_ref()) else {
                wrong.push((id.span().start, unknown_check(id.get_ref())));
                continue;
            };
            for (name, value) in values {
                let Some((known, declared)) = check.card.settings.get_key_value(name.get_ref()) else {
                    wrong.push((name.span().start, unknown_setting(check, name.get_ref())));
                    continue;
                };
                match declared.read(value.get_ref()) {
                    Ok(value) if value == declared.default => {}
                    Ok(value) => {
                        settings.changed.entry(check.id).or_default().insert(known, value);
                    }
                    Err(why) => wrong.push((value.span().start, format!("{known} of {} {why}", check.id))),
                }
            }
        }
        match wrong.into_iter().min_by_key(|(at, _)| *at) {
            Some(first) => Err(first),
            None => Ok(settings),
        }
    }

    /// Every setting of every check, as it is in force.
    pub fn resolved(&self) -> CheckSettings {
        let mut settings = CheckSettings::default();
        for check in checks() {
            let name_of_check = check.id.strip_prefix(check.service).and_then(|rest| rest.strip_prefix('_'));
            let changed = self.changed.get(check.id);
            for (name, declared) in &check.card.settings {
                let value = changed.and_then(|changed| changed.get(name.as_str())).unwrap_or(&declared.default);
                settings.set(check.service, name_of_check.unwrap_or(check.id), name, value.clone());
            }
        }
        settings
    }

    /// What differs from the cards.
    pub fn changed(&self) -> Changed {
        let of_check = |values: &BTreeMap<&'static str, Value>| {
            values.iter().map(|(name, value)| ((*name).to_owned(), value.json())).collect()
        };
        self.changed.iter().map(|(id, values)| ((*id).to_owned(), of_check(values))).collect()
    }

    /// The same, of these checks only.
    pub fn changed_of(&self, checks: &[&'static Check]) -> Changed {
        let mut changed = self.changed();
        changed.retain(|id, _| checks.iter().any(|check| check.id == id));
        changed
    }

    /// The title of a check, with the number that it is set to in place of the one on its card.
    pub fn title(&self, check: &'static Check) -> Cow<'static, str> {
        let mut title = Cow::Borrowed(check.card.title);
        for (name, value) in self.changed.get(check.id).into_iter().flatten() {
            if let (Value::Integer(now), Some(Value::Integer(card))) = (value, default(check.id, name)) {
                let card = card.to_string();
                let words = title.split(' ').map(|word| if word == card { now.to_string() } else { word.to_owned() });
                title = Cow::Owned(words.collect::<Vec<_>>().join(" "));
            }
        }
        title
    }
}

fn default(id: &str, name: &str) -> Option<&'static Value> {
    find(id)?.card.settings.get(name).map(|declared| &declared.default)
}

fn unknown_check(id: &str) -> String {
    let with = checks().iter().filter(|check| !check.card.settings.is_empty()).map(|check| check.id);
    let near = match closest(id, with) {
        near if near.is_empty() => closest(id, checks().iter().map(|check| check.id)),
        near => near,
    };
    format!("no check {id:?}{near}; `posture list` shows them all")
}

fn unknown_setting(check: &Check, name: &str) -> String {
    let known: Vec<&str> = check.card.settings.keys().map(String::as_str).collect();
    if known.is_empty() {
        return format!("{} has no settings", check.id);
    }
    let near = closest(name, known.iter().copied());
    format!("{} has no setting {name:?}{near}; it has {}", check.id, known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::Resource;
    use posture_estate::settings::{SettingType, Span};

    #[derive(serde::Deserialize)]
    struct File {
        check: Tables,
    }

    fn parsed(text: &str) -> Result<ChangedSettings, (usize, String)> {
        ChangedSettings::parse(toml::from_str::<File>(text).unwrap().check)
    }

    fn wrong(table: &str, line: &str) -> String {
        let text = format!("[check.{table}]\n{line}\n");
        let (at, message) = parsed(&text).unwrap_err();
        let place = text[..at].matches('\n').count() + 1;
        format!("{place}: {message}")
    }

    fn changed(text: &str) -> serde_json::Value {
        serde_json::to_value(parsed(text).unwrap().changed()).unwrap()
    }

    #[test]
    fn only_what_differs_from_the_card_is_kept() {
        let text = "[check.iam_access_keys_rotated]\nmax_age_days = 90\n\
                    [check.iam_password_policy_strong]\nmin_length = 16\nmin_remembered = 24\n";
        assert_eq!(changed(text), serde_json::json!({ "iam_password_policy_strong": { "min_length": 16 } }));
        let ports = "[check.ec2_sg_open_only_on_authorized_ports]\ntcp_ports = [443, \"8000-8010\", 80]\n";
        assert_eq!(
            changed(ports),
            serde_json::json!({ "ec2_sg_open_only_on_authorized_ports": { "tcp_ports": [80, 443, "8000-8010"] } })
        );
        let date = "[check.ec2_allowed_amis_enforced]\naudit_until = 2026-12-31\n";
        assert_eq!(changed(date), serde_json::json!({ "ec2_allowed_amis_enforced": { "audit_until": "2026-12-31" } }));
    }

    #[test]
    fn what_a_report_says_can_be_written_into_a_file_again() {
        let text = "[check.ec2_sg_open_only_on_authorized_ports]\ntcp_ports = [443, \"8000-8010\"]\n\
                    [check.ec2_instance_no_public_ip]\nmay_be_public = [\"i-1\", \"tag:role=bastion*\"]\n\
                    [check.ec2_allowed_amis_enforced]\naudit_until = \"2026-12-31\"\n";
        let first = parsed(text).unwrap();
        let check: toml::Value = toml::Value::try_from(first.changed()).unwrap();
        let again = toml::to_string(&toml::Table::from_iter([("check".to_owned(), check)])).unwrap();
        assert_eq!(parsed(&again).unwrap(), first, "{again}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_the_nearest_name() {
        for (table, line, words) in [
            (
                "iam_acces_keys_rotated",
                "max_age_days = 1",
                "1: no check \"iam_acces_keys_rotated\" (did you mean \"iam_access_keys_rotated\"?)",
            ),
            (
                "iam_access_keys_rotated",
                "max_age = 1",
                "2: iam_access_keys_rotated has no setting \"max_age\" (did you mean \"max_age_days\"?)",
            ),
            ("iam_root_mfa_enabled", "max_age = 1", "2: iam_root_mfa_enabled has no settings"),
            (
                "iam_access_keys_rotated",
                "max_age_days = \"90\"",
                "2: max_age_days of iam_access_keys_rotated is \"90\", not a whole number",
            ),
            ("iam_access_keys_rotated", "max_age_days = 90.5", "not a whole number"),
            ("iam_access_keys_rotated", "max_age_days = 0", "is 0; it can be from 1 to "),
            ("iam_access_keys_rotated", "max_age_days = 9223372036854775807", "it can be from 1 to "),
            ("ec2_instance_no_public_ip", "may_be_public = \"i-1\"", "not a list of ids"),
            ("ec2_instance_no_public_ip", "may_be_public = [\"*\"]", "matches everything"),
            ("ec2_instance_no_public_ip", "may_be_public = [\"i-*\"]", "matches everything"),
            ("ec2_instance_no_public_ip", "may_be_public = [\"arn:aws:*\"]", "matches everything"),
            ("ec2_instance_no_public_ip", "may_be_public = [\"tag:Name=*\"]", "matches everything"),
            ("s3_bucket_versioning_enabled", "scratch_buckets = [\"*-*\"]", "matches everything"),
            ("account_optin_regions_justified", "allowed_regions = [\"*-*\"]", "matches everything"),
            ("ec2_sg_no_open_high_risk_ports", "tcp_ports = []", "names 0 of at least 1"),
            ("ec2_sg_no_open_high_risk_ports", "udp_ports = []", "names 0 of at least 1"),
            ("ec2_instance_no_internet_reachable_risk_port", "tcp_ports = []", "names 0 of at least 1"),
            ("ec2_instance_no_internet_reachable_risk_port", "udp_ports = []", "names 0 of at least 1"),
            ("ec2_sg_open_only_on_authorized_ports", "tcp_ports = [\"0-65535\"]", "names 65536 ports"),
            ("ec2_sg_open_only_on_authorized_ports", "udp_ports = [\"1-30000\", \"30002-65535\"]", "ports at most"),
            ("ec2_instance_no_public_ip", "may_be_public = [\"\"]", "empty"),
            ("ec2_instance_no_public_ip", "may_be_public = [\"tag:x\"]", "not tag:KEY=VALUE"),
            ("ec2_instance_no_public_ip", "may_be_public = [\"tag:*=x\"]", "with a whole key"),
            ("ec2_sg_open_only_on_authorized_ports", "tcp_ports = [70000]", "not a list of ports"),
            ("ec2_sg_open_only_on_authorized_ports", "tcp_ports = [\"90-80\"]", "not a list of ports"),
            ("ec2_sg_open_only_on_authorized_ports", "tcp_ports = [80, \"79-81\"]", "names port 80 twice"),
            ("iam_incident_responder_role_exists", "security_accounts = [111122223333]", "account numbers in quotes"),
            ("iam_incident_responder_role_exists", "security_accounts = [\"1111\"]", "twelve digits"),
            ("account_optin_regions_justified", "allowed_regions = [\"Ireland\"]", "no region such as"),
            ("account_optin_regions_justified", "allowed_regions = [\"*\"]", "matches everything"),
            ("ec2_allowed_amis_enforced", "audit_until = 2026-12-31T10:00:00Z", "not a date"),
            ("ec2_allowed_amis_enforced", "audit_until = \"2026-02-30\"", "not a date"),
        ] {
            let error = wrong(table, line);
            assert!(error.contains(words) && !error.contains('\n'), "{line}: {error}");
        }
        let two =
            "[check.s3_bucket_versioning_enabled]\nscratch_bucket = []\n[check.iam_access_keys_rotated]\nmax = 1\n";
        assert!(parsed(two).unwrap_err().1.contains("scratch_buckets"), "the first in the file");
    }

    #[test]
    fn values_are_read_by_type() {
        let text = "[check.ec2_sg_open_only_on_authorized_ports]\nudp_ports = [443]\n";
        let settings = parsed(text).unwrap();
        let value = settings.changed["ec2_sg_open_only_on_authorized_ports"].get("udp_ports");
        assert_eq!(value.and_then(<[Span]>::of), Some(&[Span::one(443)][..]));
        assert_eq!(value.and_then(i64::of), None);
    }

    #[test]
    fn exceptions_match_from_end_to_end() {
        use posture_estate::settings::Resources;
        let named = |text: &str| {
            let resource =
                Resource::new("arn:aws:ec2:eu-west-1:111122223333:instance/i-12", "AWS::EC2::Instance", "i-12")
                    .tags([("role", "bastion-1")]);
            Resources::parse(&[text]).unwrap().has(&resource)
        };
        for text in ["i-12", "i-1?", "arn:aws:ec2:*:111122223333:instance/i-12", "tag:role=bastion*", "tag:role=*"] {
            assert!(named(text), "{text}");
        }
        for text in ["i-1", "-12", "12", "I-12", "arn:aws:ec2", "tag:role=bastion", "tag:ROLE=bastion-1", "i-1[2]"] {
            assert!(!named(text), "{text}");
        }
    }

    #[test]
    fn titles_tell_what_holds() {
        let settings = parsed("[check.iam_access_keys_rotated]\nmax_age_days = 180\n").unwrap();
        let check = find("iam_access_keys_rotated").unwrap();
        assert_eq!(settings.title(check), "Active access keys are at most 180 days old");
        assert_eq!(ChangedSettings::default().title(check), check.card.title);
    }

    proptest::proptest! {
        #[test]
        fn no_value_makes_it_panic(name in "[a-z_]{1,12}", value in "\\PC{0,20}") {
            let text = format!("[check.iam_password_policy_strong]\n{name} = {value}\n");
            if let Ok(file) = toml::from_str::<File>(&text) {
                let _ = ChangedSettings::parse(file.check);
            }
        }
    }
}
