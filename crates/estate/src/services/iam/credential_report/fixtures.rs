//! Rows for the unit tests of the checks that read the report.

use super::{AccessKey, Cell, DateTime, ROOT, ReportUser, SigningCertificate, date};

pub fn at(text: &str) -> DateTime {
    date(text).unwrap()
}

/// A user without any credential, created 2024-01-01.
pub fn row(name: &str) -> ReportUser {
    let key = |number| AccessKey {
        number,
        active: false,
        last_rotated: Cell::NotApplicable,
        last_used: Cell::NotApplicable,
        last_used_service: Cell::NotApplicable,
    };
    let certificate = SigningCertificate { active: false, last_rotated: Cell::NotApplicable };
    ReportUser {
        name: name.to_owned(),
        arn: format!("arn:aws:iam::111122223333:user/{name}"),
        created: at("2024-01-01T00:00:00+00:00"),
        password_enabled: Cell::Known(false),
        password_last_used: Cell::NotApplicable,
        password_last_changed: Cell::NotApplicable,
        password_next_rotation: Cell::NotApplicable,
        mfa_active: false,
        keys: [key(1), key(2)],
        certificates: [certificate.clone(), certificate],
        more_credentials: None,
    }
}

/// The root user with a password and nothing else.
pub fn root() -> ReportUser {
    ReportUser { arn: "arn:aws:iam::111122223333:root".into(), password_enabled: Cell::Known(true), ..row(ROOT) }
}

/// An active key, created at `created` and last used at `used`.
pub fn key(number: u8, created: &str, used: Option<(&str, &str)>) -> AccessKey {
    AccessKey {
        number,
        active: true,
        last_rotated: Cell::Known(at(created)),
        last_used: used.map_or(Cell::NotApplicable, |(date, _)| Cell::Known(at(date))),
        last_used_service: used.map_or(Cell::NotApplicable, |(_, service)| Cell::Known(service.to_owned())),
    }
}

/// User ci, whose one key was made on 2025-06-01 and last used on 2026-01-01 for `service`.
pub fn caller_of(service: &str) -> ReportUser {
    let mut user = row("ci");
    user.keys[0] = key(1, "2025-06-01T00:00:00Z", Some(("2026-01-01T00:00:00Z", service)));
    user
}
