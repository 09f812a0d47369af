//! The IAM credential report: one row of typed cells for the root user and for every IAM user.
//!
//! The report is a CSV with four spellings for "nothing here", and they do not mean the same thing: an active key
//! whose last use is `N/A` was never used, while `not_supported` says that AWS does not answer for this user. A cell
//! that reads as anything else makes the whole report malformed and names its column: a date taken for "never" would
//! turn into a wrong verdict.
//!
//! Columns: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>

#[doc(hidden)]
#[expect(clippy::unwrap_used, reason = "for tests, those of the checks too")]
pub mod fixtures;
mod user;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use std::collections::HashMap;

/// The user name that the report gives to the root user.
const ROOT: &str = "<root_account>";

/// What one cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<T> {
    Known(T),
    /// `N/A`: there is no such credential, or it was never used.
    NotApplicable,
    /// `no_information`: never used, or not since AWS began to track this.
    NoInformation,
    /// `not_supported`: AWS does not report this for the user.
    NotSupported,
}

impl<T> Cell<T> {
    pub fn known(&self) -> Option<&T> {
        match self {
            Cell::Known(value) => Some(value),
            _ => None,
        }
    }
}

/// One of the two access keys of a user. The report does not name the key id.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessKey {
    /// 1 or 2, as in the report's column names.
    pub number: u8,
    pub active: bool,
    /// When the key was created or last activated.
    pub last_rotated: Cell<DateTime>,
    pub last_used: Cell<DateTime>,
    /// The namespace of the service that the key called last, such as `s3`.
    pub last_used_service: Cell<String>,
}

/// One of the two X.509 signing certificates of a user.
#[derive(Debug, Clone, PartialEq)]
pub struct SigningCertificate {
    pub active: bool,
    pub last_rotated: Cell<DateTime>,
}

/// A row of the report.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportUser {
    pub name: String,
    pub arn: String,
    pub created: DateTime,
    pub password_enabled: Cell<bool>,
    pub password_last_used: Cell<DateTime>,
    pub password_last_changed: Cell<DateTime>,
    pub password_next_rotation: Cell<DateTime>,
    pub mfa_active: bool,
    pub keys: [AccessKey; 2],
    pub certificates: [SigningCertificate; 2],
    /// AWS's remark when the user has more keys or certificates than the report has columns for.
    pub more_credentials: Option<String>,
}

/// The report as AWS made it: it can be up to four hours old.
#[derive(Debug, Clone, PartialEq)]
pub struct CredentialReport {
    /// When AWS generated the report.
    pub generated: DateTime,
    /// The root user, when the report lists it, and every IAM user.
    pub rows: Vec<ReportUser>,
}

impl CredentialReport {
    /// Parses the CSV; the error says which column cannot be read.
    pub fn parse(generated: DateTime, csv: &[u8]) -> Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(csv);
        let header = reader.headers().map_err(|e| e.to_string())?;
        let columns: HashMap<String, usize> =
            header.iter().enumerate().map(|(i, name)| (name.trim().to_owned(), i)).collect();
        if columns.is_empty() {
            return Err("the credential report is empty".into());
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = whole_names(record.map_err(|e| e.to_string())?, columns.len());
            if record.len() != columns.len() {
                let line = record.position().map_or(0, csv::Position::line);
                return Err(format!(
                    "line {line} of the credential report has {} columns of {}",
                    record.len(),
                    columns.len()
                ));
            }
            rows.push(Row { columns: &columns, record: &record }.user()?);
        }
        Ok(Self { generated, rows })
    }

    /// `evidence` with the age of the report, which can be four hours behind the account.
    pub fn evidence(&self, mut evidence: serde_json::Value) -> serde_json::Value {
        evidence["report_generated"] = self.generated.to_string().into();
        evidence
    }

    /// The root user's row.
    pub fn root(&self) -> Option<&ReportUser> {
        self.rows.iter().find(|row| row.is_root())
    }

    /// The IAM users: every row but the root user's.
    pub fn users(&self) -> impl Iterator<Item = &ReportUser> {
        self.rows.iter().filter(|row| !row.is_root())
    }

    /// The row of the user with this name.
    pub fn user(&self, name: &str) -> Option<&ReportUser> {
        self.users().find(|row| row.name == name)
    }
}

/// A user name may hold commas, and so does its ARN then: the first two columns take up what is too many.
fn whole_names(record: csv::StringRecord, columns: usize) -> csv::StringRecord {
    let extra = record.len().saturating_sub(columns);
    if extra == 0 || !extra.is_multiple_of(2) {
        return record;
    }
    let fields: Vec<&str> = record.iter().collect();
    let (name, rest) = fields.split_at(1 + extra / 2);
    let (arn, rest) = rest.split_at(1 + extra / 2);
    let mut whole = csv::StringRecord::from(vec![name.join(","), arn.join(",")]);
    whole.extend(rest);
    whole.set_position(record.position().cloned());
    whole
}

struct Row<'a> {
    columns: &'a HashMap<String, usize>,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    fn user(&self) -> Result<ReportUser, String> {
        Ok(ReportUser {
            name: self.text("user")?.to_owned(),
            arn: self.text("arn")?.to_owned(),
            created: date(self.text("user_creation_time")?).ok_or_else(|| self.broken("user_creation_time"))?,
            password_enabled: self.cell("password_enabled", boolean)?,
            password_last_used: self.cell("password_last_used", date)?,
            password_last_changed: self.cell("password_last_changed", date)?,
            password_next_rotation: self.cell("password_next_rotation", date)?,
            mfa_active: self.flag("mfa_active")?,
            keys: [self.key(1)?, self.key(2)?],
            certificates: [self.certificate(1)?, self.certificate(2)?],
            more_credentials: self
                .columns
                .get("additional_credentials_info")
                .and_then(|&i| self.record.get(i))
                .and_then(remark),
        })
    }

    fn key(&self, number: u8) -> Result<AccessKey, String> {
        Ok(AccessKey {
            number,
            active: self.flag(&format!("access_key_{number}_active"))?,
            last_rotated: self.cell(&format!("access_key_{number}_last_rotated"), date)?,
            last_used: self.cell(&format!("access_key_{number}_last_used_date"), date)?,
            last_used_service: self
                .cell(&format!("access_key_{number}_last_used_service"), |text| Some(text.to_owned()))?,
        })
    }

    fn certificate(&self, number: u8) -> Result<SigningCertificate, String> {
        Ok(SigningCertificate {
            active: self.flag(&format!("cert_{number}_active"))?,
            last_rotated: self.cell(&format!("cert_{number}_last_rotated"), date)?,
        })
    }

    fn text(&self, column: &str) -> Result<&str, String> {
        let index = self.columns.get(column).ok_or_else(|| format!("the credential report has no column {column}"))?;
        match self.record.get(*index).map(str::trim) {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(self.broken(column)),
        }
    }

    fn flag(&self, column: &str) -> Result<bool, String> {
        boolean(self.text(column)?).ok_or_else(|| self.broken(column))
    }

    fn cell<T>(&self, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Cell<T>, String> {
        match self.text(column)? {
            "N/A" => Ok(Cell::NotApplicable),
            "no_information" => Ok(Cell::NoInformation),
            "not_supported" => Ok(Cell::NotSupported),
            text => parse(text).map(Cell::Known).ok_or_else(|| self.broken(column)),
        }
    }

    /// The cell itself is not quoted: it may be anything.
    fn broken(&self, column: &str) -> String {
        let line = self.record.position().map_or(0, csv::Position::line);
        format!("column {column} of the credential report, line {line}, cannot be read")
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn date(text: &str) -> Option<DateTime> {
    DateTime::from_str(text, Format::DateTimeWithOffset).ok()
}

fn remark(text: &str) -> Option<String> {
    let text = text.trim();
    (!matches!(text, "" | "N/A" | "no_information" | "not_supported")).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,\
        mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,\
        access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,\
        access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
    const ROOT_ROW: &str = "<root_account>,arn:aws:iam::111122223333:root,2019-02-01T10:00:00+00:00,not_supported,2026-01-05T08:30:00+00:00,\
        not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,true,2020-01-01T00:00:00+00:00,2026-02-01T00:00:00+00:00,us-east-1,s3,\
        false,N/A,false,N/A";

    fn parse(rows: &[&str]) -> Result<CredentialReport, String> {
        let text = format!("{HEADER}\n{}\n", rows.join("\n"));
        CredentialReport::parse(fixtures::at("2026-02-02T00:00:00Z"), text.as_bytes())
    }

    #[test]
    fn cells_are_typed() {
        let alice = "alice,arn:aws:iam::111122223333:user/alice,2025-02-01T10:00:00Z,TRUE,no_information,2025-02-01T10:00:00+00:00,N/A,\
            false,true,2025-03-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A";
        let report = parse(&[ROOT_ROW, alice]).unwrap();
        let root = report.root().unwrap();
        assert_eq!(root.password_enabled, Cell::NotSupported);
        assert!(root.mfa_active);
        assert_eq!(root.keys[1].last_used_service, Cell::Known("s3".into()));
        assert_eq!(report.users().count(), 1);
        let alice = report.user("alice").unwrap();
        assert!(alice.has_password());
        assert_eq!(alice.password_last_used, Cell::NoInformation);
        assert_eq!(alice.active_keys().count(), 1);
        assert_eq!(alice.last_used(), None);
    }

    #[test]
    fn the_latest_of_all_three_uses_counts() {
        // semantics 18
        let report = parse(&[ROOT_ROW]).unwrap();
        assert_eq!(report.root().unwrap().last_used(), Some(fixtures::at("2026-02-01T00:00:00Z")));
    }

    #[test]
    fn a_cell_that_cannot_be_read_names_its_column() {
        let garbled = ROOT_ROW.replace("2026-01-05T08:30:00+00:00", "yesterday");
        assert_eq!(
            parse(&[&garbled]).unwrap_err(),
            "column password_last_used of the credential report, line 2, cannot be read"
        );
        let empty = ROOT_ROW.replace("2026-01-05T08:30:00+00:00", "");
        assert!(parse(&[&empty]).unwrap_err().contains("password_last_used"));
        let neither = ROOT_ROW.replace(",true,false,N/A,N/A", ",perhaps,false,N/A,N/A");
        assert!(parse(&[&neither]).unwrap_err().contains("mfa_active"));
    }

    #[test]
    fn a_report_cut_short_is_no_report() {
        assert!(parse(&[&ROOT_ROW[..ROOT_ROW.len() / 2]]).is_err());
        assert!(parse(&[&format!("{ROOT_ROW},more")]).is_err());
        assert!(CredentialReport::parse(fixtures::at("2026-02-02T00:00:00Z"), b"").is_err());
        let without = HEADER.replace(",mfa_active", "");
        let text = format!("{without}\n{}\n", ROOT_ROW.replacen(",true", "", 1));
        let error = CredentialReport::parse(fixtures::at("2026-02-02T00:00:00Z"), text.as_bytes()).unwrap_err();
        assert_eq!(error, "the credential report has no column mfa_active");
    }

    #[test]
    fn a_comma_in_a_user_name_moves_no_column() {
        let row = ROOT_ROW.replace("<root_account>", "a,b").replace(":root", ":user/a,b");
        let report = parse(&[ROOT_ROW, &row]).unwrap();
        let user = report.user("a,b").unwrap();
        assert_eq!((user.arn.as_str(), user.mfa_active), ("arn:aws:iam::111122223333:user/a,b", true));
    }

    #[test]
    fn more_credentials_than_columns_are_remembered() {
        let text = format!("{HEADER},additional_credentials_info\n{ROOT_ROW},Additional access keys: 1\n");
        let report = CredentialReport::parse(fixtures::at("2026-02-02T00:00:00Z"), text.as_bytes()).unwrap();
        assert_eq!(report.root().unwrap().more_credentials.as_deref(), Some("Additional access keys: 1"));
    }
}
