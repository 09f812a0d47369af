//! Days between moments.

use aws_smithy_types::DateTime;

/// Whole days from one moment to another; negative when `to` is earlier.
pub fn days(from: &DateTime, to: &DateTime) -> i64 {
    (to.secs() - from.secs()).div_euclid(86_400)
}
