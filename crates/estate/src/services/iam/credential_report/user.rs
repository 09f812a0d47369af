//! What a row of the report says of its user, and what it leaves open.

use super::{AccessKey, Cell, ROOT, ReportUser};
use aws_smithy_types::DateTime;

impl ReportUser {
    pub fn is_root(&self) -> bool {
        self.name == ROOT
    }

    /// Whether the user can sign in to the console with a password.
    pub fn has_password(&self) -> bool {
        self.password_enabled == Cell::Known(true)
    }

    /// Whether there is a console password, or may be one.
    pub fn may_have_password(&self) -> bool {
        self.password_enabled != Cell::Known(false)
    }

    pub fn active_keys(&self) -> impl Iterator<Item = &AccessKey> {
        self.keys.iter().filter(|key| key.active)
    }

    /// Whether there is an active access key, or may be one that the report has no column for.
    pub fn may_have_active_key(&self) -> bool {
        self.active_keys().next().is_some() || self.more_credentials.is_some()
    }

    /// The doubt that AWS's remark casts on every verdict on keys: it says how many more there are, not how they are.
    pub fn more_keys(&self) -> Option<String> {
        let more = self.more_credentials.as_deref()?;
        Some(format!("{} has more credentials than the report shows ({more})", self.label()))
    }

    fn label(&self) -> String {
        if self.is_root() { "the root user".into() } else { format!("user {}", self.name) }
    }

    /// The latest use of the password or of either key, whether active or not; `None` when AWS knows of no use.
    pub fn last_used(&self) -> Option<DateTime> {
        std::iter::once(&self.password_last_used)
            .chain(self.keys.iter().map(|key| &key.last_used))
            .filter_map(Cell::known)
            .copied()
            .max_by_key(|at| (at.secs(), at.subsec_nanos()))
    }
}
