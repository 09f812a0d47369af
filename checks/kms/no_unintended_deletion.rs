//! Is a key about to be lost, or already forgotten? Pending deletion, disabled, or without cryptographic work for half a year:
//! each needs a record, a tag that says who looked. Last use is asked only of keys old enough to be idle.

use super::{name, per_key};
use crate::prelude::*;
use aws_sdk_kms::operation::get_key_last_usage::GetKeyLastUsageOutput;
use aws_sdk_kms::types::{KeyMetadata, KeyState};
use posture_estate::services::kms::is_usable;

/// A key without cryptographic use for this long is idle.
const IDLE_DAYS: Setting<i64> = setting!(no_unintended_deletion.idle_days);

/// The tag, with any value, that records that somebody decided on the key's state.
const RECORD_TAG: Setting<str> = setting!(no_unintended_deletion.record_tag);

pub async fn probe(at: &Region) -> Outcome {
    let (limit, tag) = (*at.setting(IDLE_DAYS), at.setting(RECORD_TAG));
    per_key(at, |arn, key| async move {
        let usage = if asks_usage(&key, limit, at.now()) { Some(at.kms().key_last_usage(&arn).await?) } else { None };
        let state = state(&key, usage.as_deref(), limit, at.now());
        let record = match state {
            State::Ending(..) => record(&at.kms().key_tags(&arn).await?, tag),
            _ => None,
        };
        Ok(judge(&key, state, record, tag))
    })
    .await
}

enum State {
    /// In use, or too young to tell.
    Sound(String),
    /// On its way out or forgotten, and its slug: needs a record.
    Ending(&'static str, String),
    Unknown(String),
    /// Without key material: there is nothing to lose yet.
    Empty(String),
}

fn asks_usage(key: &KeyMetadata, limit: i64, now: &DateTime) -> bool {
    is_usable(key) && key.creation_date().is_none_or(|created| days(created, now) >= limit)
}

fn state(key: &KeyMetadata, usage: Option<&GetKeyLastUsageOutput>, limit: i64, now: &DateTime) -> State {
    match key.key_state() {
        None => return State::Unknown("has no known state".into()),
        Some(state @ (KeyState::PendingDeletion | KeyState::PendingReplicaDeletion)) => {
            let when = key.deletion_date().and_then(|d| d.fmt(aws_smithy_types::date_time::Format::DateTime).ok());
            let when = when.map(|w| format!(", due {w}")).unwrap_or_default();
            return State::Ending("pending_deletion", format!("is pending deletion ({}{when})", state.as_str()));
        }
        Some(KeyState::Disabled) => return State::Ending("disabled", "is disabled".into()),
        Some(state @ (KeyState::PendingImport | KeyState::Creating)) => {
            return State::Empty(format!("has no key material yet ({})", state.as_str()));
        }
        Some(_) => {}
    }
    let Some(usage) = usage else {
        return State::Sound(format!("is enabled and younger than {limit} days"));
    };
    if let Some(last) = usage.key_last_usage().and_then(|u| u.timestamp()) {
        return match days(last, now) {
            idle if idle >= limit => State::Ending("idle", format!("was last used {idle} days ago")),
            idle => State::Sound(format!("was used {idle} days ago")),
        };
    }
    match usage.tracking_start_date().map(|start| days(start, now)) {
        Some(watched) if watched >= limit => {
            State::Ending("idle", format!("was not used in the {watched} days on record"))
        }
        Some(watched) => {
            State::Unknown(format!("was not used in the {watched} days on record, which is less than {limit}"))
        }
        None => State::Unknown("has no record of use, and KMS does not say since when".into()),
    }
}

fn record(tags: &[(String, String)], tag: &str) -> Option<String> {
    let (_, value) = tags.iter().find(|(key, value)| key.eq_ignore_ascii_case(tag) && !value.trim().is_empty())?;
    Some(value.clone())
}

fn judge(key: &KeyMetadata, state: State, record: Option<String>, tag: &str) -> Verdict {
    let id = name(key);
    match (state, record) {
        (State::Sound(what), _) => Verdict::pass(format!("key {id} {what}")),
        (State::Ending(_, what), Some(record)) => Verdict::pass(format!("key {id} {what}; on record as {record}")),
        (State::Ending(slug, what), None) => {
            Verdict::fail(slug, format!("key {id} {what}, and no {tag} tag records why"))
        }
        (State::Unknown(what), _) => Verdict::undecided(format!("key {id} {what}")),
        (State::Empty(what), _) => Verdict::not_applicable(format!("key {id} {what}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_kms::types::KeyLastUsageData;

    const DAY: i64 = 86_400;

    fn day(n: i64) -> DateTime {
        DateTime::from_secs(n * DAY)
    }

    fn key(state: KeyState) -> KeyMetadata {
        KeyMetadata::builder().key_id("k").key_state(state).creation_date(day(0)).build().unwrap()
    }

    fn of(state_of_key: KeyState, usage: Option<GetKeyLastUsageOutput>, record: Option<&str>) -> Verdict {
        let key = key(state_of_key);
        judge(&key, state(&key, usage.as_ref(), 180, &day(1_000)), record.map(str::to_owned), "key-review")
    }

    fn used(on: i64) -> GetKeyLastUsageOutput {
        let data = KeyLastUsageData::builder().timestamp(day(on)).build();
        GetKeyLastUsageOutput::builder().key_last_usage(data).tracking_start_date(day(0)).build()
    }

    fn unused_since(start: i64) -> GetKeyLastUsageOutput {
        let none = KeyLastUsageData::builder().build();
        GetKeyLastUsageOutput::builder().key_last_usage(none).tracking_start_date(day(start)).build()
    }

    #[test]
    fn a_key_on_its_way_out_needs_a_record() {
        for (state, slug) in [
            (KeyState::PendingDeletion, "pending_deletion"),
            (KeyState::PendingReplicaDeletion, "pending_deletion"),
            (KeyState::Disabled, "disabled"),
        ] {
            assert_eq!(of(state.clone(), None, None).reasons, [slug]);
            assert_eq!(of(state, None, Some("CHG-7")).status, Status::Pass);
        }
    }

    #[test]
    fn use_within_half_a_year_passes() {
        assert_eq!(of(KeyState::Enabled, Some(used(1_000 - 179)), None).status, Status::Pass);
        assert_eq!(of(KeyState::Enabled, Some(used(1_000 - 180)), None).reasons, ["idle"]);
        assert_eq!(of(KeyState::Enabled, Some(used(1_000 - 180)), Some("kept for restores")).status, Status::Pass);
    }

    #[test]
    fn silence_counts_only_as_far_as_it_was_watched() {
        assert_eq!(of(KeyState::Enabled, Some(unused_since(0)), None).status, Status::Fail);
        assert_eq!(of(KeyState::Enabled, Some(unused_since(900)), None).status, Status::Unknown);
    }

    #[test]
    fn young_keys_and_keys_without_material_are_not_asked() {
        assert!(!asks_usage(&key(KeyState::Enabled), 180, &day(179)));
        assert!(asks_usage(&key(KeyState::Enabled), 180, &day(180)));
        assert!(!asks_usage(&key(KeyState::PendingImport), 180, &day(1_000)));
        assert_eq!(of(KeyState::PendingImport, None, None).status, Status::NotApplicable);
        assert_eq!(of(KeyState::Enabled, None, None).status, Status::Pass);
    }

    #[test]
    fn an_empty_tag_records_nothing() {
        let tag = |k: &str, v: &str| vec![(k.to_owned(), v.to_owned())];
        assert_eq!(record(&tag("Key-Review", "CHG-7"), "key-review").as_deref(), Some("CHG-7"));
        assert_eq!(record(&tag("key-review", " "), "key-review"), None);
        assert_eq!(record(&tag("owner", "me"), "key-review"), None);
    }
}
