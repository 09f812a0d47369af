//! What the last scan for patches says of a node. What is not applicable to it is counted apart by AWS, and is not missing.

use crate::prelude::*;
use posture_estate::services::ssm::patches::{Baseline, PatchState};
use std::collections::HashMap;

/// By what scans are judged.
pub(super) struct Scans<'a> {
    /// By id.
    pub baselines: HashMap<&'a str, Answer<Baseline>>,
    /// Days after its release within which a patch has to be there.
    pub limit: i64,
    pub now: DateTime,
}

/// `None` is of a node that was never scanned.
pub(super) fn judge_patches(reasons: &mut Reasons, state: Option<&PatchState>, scans: &Scans<'_>) {
    let Some(state) = state else {
        return reasons.broken("never_scanned", "was never scanned for patches");
    };
    for (slug, count, what) in [
        ("patches_missing", state.missing_count, "patches are missing"),
        ("patches_failed", state.failed_count, "patches failed to install"),
    ] {
        match count {
            Some(0) => {}
            Some(some) if some > 0 => reasons.broken(slug, format!("{some} {what}")),
            _ => reasons.doubt(format!("how many {what} is not said")),
        }
    }
    if let Some(waiting) = state.installed_pending_reboot_count.filter(|count| *count > 0) {
        let found = format!("{waiting} patches are installed and wait for a reboot");
        match state.last_install_without_reboot.map(|when| days(&when, &scans.now)) {
            Some(age) if age <= scans.limit => {}
            Some(age) => reasons.broken("reboot_pending", format!("{found} since {age} days (limit {})", scans.limit)),
            None => reasons.doubt(format!("{found}, and since when is not said")),
        }
    }
    let age = days(&state.operation_end_time, &scans.now);
    if age > scans.limit {
        reasons.broken("scan_old", format!("was last scanned for patches {age} days ago (limit {})", scans.limit));
    }
    let baseline = &state.baseline_id;
    match scans.baselines.get(baseline.as_str()) {
        Some(Ok(rules)) => match rules.approves_after_days() {
            Some(late) if late > scans.limit => reasons.broken(
                "approved_late",
                format!("baseline {baseline} counts patches as missing only after {late} days (limit {})", scans.limit),
            ),
            _ => {}
        },
        Some(Err(gap)) => reasons.unseen(gap),
        None => reasons.doubt(format!("baseline {baseline} was not read")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::date_time::Format;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("1", "eu-west-1", "ssm:GetPatchBaseline", GapKind::Denied, "no")
    }

    fn rules(days: i64) -> Answer<Baseline> {
        let baseline = json!({ "ApprovalRules": { "PatchRules": [{ "ApproveAfterDays": days }] } });
        Ok(Arc::new(serde_json::from_value(baseline).unwrap()))
    }

    fn with(more: serde_json::Value, baselines: HashMap<&str, Answer<Baseline>>) -> Verdict {
        let mut state = json!({ "InstanceId": "i-1", "BaselineId": "pb-1", "MissingCount": 0, "FailedCount": 0,
            "NotApplicableCount": 900, "OperationEndTime": "2026-11-20T00:00:00Z" });
        for (key, value) in more.as_object().unwrap() {
            state[key] = value.clone();
        }
        let state: PatchState = serde_json::from_value(state).unwrap();
        let now = DateTime::from_str("2026-11-22T00:00:00Z", Format::DateTime).unwrap();
        let mut reasons = Reasons::new();
        judge_patches(&mut reasons, Some(&state), &Scans { baselines, limit: 30, now });
        reasons.or_pass(|| "fine".into())
    }

    fn of(more: serde_json::Value) -> Verdict {
        with(more, HashMap::from([("pb-1", rules(7))]))
    }

    #[test]
    fn patches_that_do_not_apply_are_not_missing() {
        // semantics 56
        assert_eq!(of(json!({})).status, Status::Pass);
        assert_eq!(of(json!({ "MissingCount": 2 })).reasons, ["patches_missing"]);
        assert_eq!(of(json!({ "FailedCount": 1 })).reasons, ["patches_failed"]);
        assert_eq!(of(json!({ "FailedCount": null })).status, Status::Unknown);
    }

    #[test]
    fn a_patch_that_waits_for_a_reboot_is_not_there() {
        // semantics 56
        let waits = |since: serde_json::Value| {
            of(json!({ "InstalledPendingRebootCount": 1, "LastNoRebootInstallOperationTime": since }))
        };
        assert_eq!(waits(json!("2026-10-01T00:00:00Z")).reasons, ["reboot_pending"]);
        assert_eq!(waits(json!("2026-11-10T00:00:00Z")).status, Status::Pass);
        assert_eq!(waits(json!(null)).status, Status::Unknown);
        assert_eq!(of(json!({ "InstalledPendingRebootCount": 0 })).status, Status::Pass);
    }

    #[test]
    fn none_missing_means_nothing_without_a_scan_of_late() {
        assert_eq!(of(json!({ "OperationEndTime": "2026-10-01T00:00:00Z" })).reasons, ["scan_old"]);
        assert_eq!(of(json!({ "OperationEndTime": "2026-10-24T00:00:00Z" })).status, Status::Pass);
    }

    #[test]
    fn a_baseline_that_approves_late_hides_what_is_missing() {
        // semantics 156
        let with = |baselines| with(json!({}), baselines);
        assert_eq!(with(HashMap::from([("pb-1", rules(90))])).reasons, ["approved_late"]);
        assert_eq!(with(HashMap::from([("pb-1", rules(30))])).status, Status::Pass);
        assert_eq!(with(HashMap::from([("pb-1", Err(gap()))])).status, Status::Unknown);
        assert_eq!(with(HashMap::new()).status, Status::Unknown);
    }
}
