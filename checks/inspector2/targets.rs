//! When a CIS scan runs, and which instances it looks at.

use aws_sdk_ec2::types::Instance;
use posture_estate::services::inspector2::CisScan;
use std::collections::BTreeMap;

/// Whether it runs again and again; `None` where the schedule is not a known one.
pub(super) fn repeats(scan: &CisScan) -> Option<bool> {
    let kinds: Vec<&str> = scan.schedule.as_ref()?.keys().map(String::as_str).collect();
    match kinds[..] {
        ["daily" | "weekly" | "monthly"] => Some(true),
        ["oneTime"] => Some(false),
        _ => None,
    }
}

/// How many of the tags that a scan names an instance has, each with one of the values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Carries {
    All,
    Some,
    None,
}

pub(super) fn carries(wanted: &BTreeMap<String, Vec<String>>, instance: &Instance) -> Carries {
    let has = |key: &str, values: &[String]| {
        let tags = instance.tags().iter();
        tags.filter(|tag| tag.key() == Some(key)).any(|tag| values.iter().any(|one| tag.value() == Some(one)))
    };
    match wanted.iter().filter(|(key, values)| has(key, values)).count() {
        0 => Carries::None,
        count if count == wanted.len() => Carries::All,
        _ => Carries::Some,
    }
}
