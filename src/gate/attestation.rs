//! Attestations: a person states that a practice is established, for these accounts and until a day.

use crate::catalogue::Practice;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A day of the calendar, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

impl Date {
    /// The day of a time in RFC 3339, `2026-11-22T07:00:00Z`.
    pub fn of(time: &str) -> Option<Date> {
        time.get(..10)?.parse().ok()
    }

    /// The same day a year later.
    #[must_use]
    pub fn next_year(self) -> Date {
        let day = if (self.month, self.day) == (2, 29) { 28 } else { self.day };
        Date { year: self.year + 1, month: self.month, day }
    }

    /// How many days later another day is; negative when it is earlier.
    pub fn days_until(self, other: Date) -> i64 {
        other.number() - self.number()
    }

    /// Days since 1 March of the year 0: years begin with March, so that a leap day ends one.
    fn number(self) -> i64 {
        let month = (i64::from(self.month) + 9) % 12;
        let year = i64::from(self.year) - i64::from(self.month < 3);
        365 * year + year.div_euclid(4) - year.div_euclid(100)
            + year.div_euclid(400)
            + (153 * month + 2) / 5
            + i64::from(self.day)
            - 1
    }
}

impl FromStr for Date {
    type Err = String;

    /// TOML's own notion of a date, so that strings and dates of a file mean the same.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a date such as 2026-03-31");
        let value: toml::value::Datetime = text.parse().map_err(|_| wrong())?;
        match value {
            toml::value::Datetime { date: Some(date), time: None, offset: None } => {
                Ok(Date { year: date.year, month: date.month, day: date.day })
            }
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attestation {
    #[serde(serialize_with = "id")]
    pub practice: &'static Practice,
    /// Account numbers; empty means every account.
    pub accounts: Vec<String>,
    pub statement: String,
    pub owner: String,
    /// The day that the statement was made.
    pub date: Date,
    /// The last day that it holds.
    pub expires: Date,
    /// A link to what proves it.
    pub evidence: String,
}

fn id<S: Serializer>(practice: &&'static Practice, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&practice.id)
}

impl Attestation {
    /// Whether it speaks about the account.
    pub fn covers(&self, account: &str) -> bool {
        self.accounts.is_empty() || self.accounts.iter().any(|own| own == account)
    }

    pub fn is_expired(&self, today: Date) -> bool {
        self.expires < today
    }
}

/// What people have said about one practice in the accounts of a scan.
#[derive(Clone, Debug, Default)]
pub struct Given<'a> {
    /// Attestations in force that are about one of the accounts.
    pub valid: Vec<&'a Attestation>,
    /// Those that have run out.
    pub expired: Vec<&'a Attestation>,
    /// Accounts that no attestation in force is about.
    pub uncovered: Vec<&'a str>,
}

impl<'a> Given<'a> {
    /// The statements on a practice.
    pub fn on(practice: &Practice, all: &'a [Attestation], accounts: &[&'a str], today: Date) -> Given<'a> {
        let about =
            |one: &&Attestation| one.practice.id == practice.id && accounts.iter().any(|account| one.covers(account));
        let mut all: Vec<&Attestation> = all.iter().filter(about).collect();
        // In an order of their own, so that a single scan and one cut into shards list them alike.
        all.sort_by_key(|one| (one.date, one.expires, one.owner.clone(), one.accounts.clone()));
        let (expired, valid): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.is_expired(today));
        let open = |account: &&&str| !valid.iter().any(|one: &&Attestation| one.covers(account));
        let uncovered = accounts.iter().filter(open).copied().collect();
        Given { valid, expired, uncovered }
    }

    /// Whether someone vouches for every account.
    pub fn complete(&self) -> bool {
        !self.valid.is_empty() && self.uncovered.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::pillar;

    fn one(accounts: &[&str], expires: &str) -> Attestation {
        Attestation {
            practice: pillar().find("SEC10-BP02").unwrap(),
            accounts: accounts.iter().map(|account| (*account).to_owned()).collect(),
            statement: "the plan is exercised".into(),
            owner: "ana@example.com".into(),
            date: "2026-01-01".parse().unwrap(),
            expires: expires.parse().unwrap(),
            evidence: "https://wiki.example.com/ir".into(),
        }
    }

    #[test]
    fn an_attestation_holds_to_the_end_of_its_last_day() {
        let today = Date::of("2026-11-22T23:59:59Z").unwrap();
        assert!(!one(&[], "2026-11-22").is_expired(today));
        assert!(one(&[], "2026-11-21").is_expired(today));
    }

    #[test]
    fn every_account_needs_one_in_force() {
        let practice = pillar().find("SEC10-BP02").unwrap();
        let today = "2026-11-22".parse().unwrap();
        let (a, b) = ("111122223333", "444455556666");
        let all = [one(&[a], "2027-01-01"), one(&[b], "2026-01-01")];
        let given = Given::on(practice, &all, &[a, b], today);
        assert_eq!((given.valid.len(), given.expired.len(), given.uncovered.as_slice()), (1, 1, &[b][..]));
        assert!(!given.complete());
        assert!(Given::on(practice, &all, &[a], today).complete());
        assert!(Given::on(practice, &[one(&[], "2027-01-01")], &[a, b], today).complete());
        assert!(!Given::on(pillar().find("SEC10-BP04").unwrap(), &all, &[a], today).complete());
    }

    #[test]
    fn dates_are_of_the_calendar() {
        assert!("2026-02-30".parse::<Date>().is_err() && "2026-13-01".parse::<Date>().is_err());
        assert!("2026-1-1".parse::<Date>().is_err() && "2026-01-01T00:00:00Z".parse::<Date>().is_err());
        assert_eq!("2028-02-29".parse::<Date>().unwrap().next_year().to_string(), "2029-02-28");
    }

    #[test]
    fn days_are_counted_over_months_and_leap_years() {
        let days = |a: &str, b: &str| a.parse::<Date>().unwrap().days_until(b.parse().unwrap());
        assert_eq!(days("2026-11-22", "2026-11-22"), 0);
        assert_eq!(days("2026-12-31", "2027-01-01"), 1);
        assert_eq!((days("2028-02-28", "2028-03-01"), days("2026-02-28", "2026-03-01")), (2, 1));
        assert_eq!((days("2000-01-01", "2001-01-01"), days("1900-01-01", "1901-01-01")), (366, 365));
        assert_eq!(days("2027-01-10", "2026-12-31"), -10);
        assert_eq!(days("1970-01-01", "2026-11-22"), 20_779);
    }
}
