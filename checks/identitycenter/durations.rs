//! How long a session may last: for administrators, and for anybody.

use super::power::Power;
use crate::prelude::*;
use posture_estate::text::plural;

/// Both as they are set, in seconds.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub privileged: u64,
    pub other: u64,
}

/// `power`: what it makes of people, where that was asked.
pub(super) fn judge(label: &str, seconds: u64, limits: Limits, power: Option<Power>) -> Verdict {
    let lasts = format!("sessions of {label} last {}", told(seconds));
    let too_long = |most: u64, who: &str| {
        Verdict::fail("session_too_long", format!("{lasts}, longer than the {} for {who}", told(most)))
    };
    let verdict = match power {
        _ if seconds <= limits.privileged => Verdict::pass(lasts),
        _ if seconds > limits.other => too_long(limits.other, "anybody"),
        Some(Power::Administrator(_)) => too_long(limits.privileged, "administrators"),
        Some(Power::Less) => Verdict::pass(format!("{lasts}, and it makes no administrator")),
        Some(Power::Unknown(open)) => {
            let mut reasons = Reasons::new();
            reasons.doubt(format!("{lasts}, too long for administrators, and whether it makes one is not known"));
            reasons.absorb(open);
            reasons.open()
        }
        None => Verdict::undecided(format!("{lasts}, and what it is for was not looked at")),
    };
    verdict.evidence(json!({ "seconds": seconds }))
}

/// `90 minutes`, `8 hours`.
pub(super) fn told(seconds: u64) -> String {
    let (count, unit) = match (seconds % 3_600, seconds % 60) {
        (0, _) => (seconds / 3_600, "hour"),
        (_, 0) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    format!("{count} {}", plural(count, unit))
}
