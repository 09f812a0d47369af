//! Days and moments as they are written: a day of the calendar in files and reports, a moment in RFC 3339.

use crate::text::counted;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

/// A moment in RFC 3339, to the second.
pub fn rfc3339(time: DateTime) -> String {
    // Every time of this century can be formatted.
    DateTime::from_secs(time.secs()).fmt(Format::DateTime).unwrap_or_default()
}

/// This day, in UTC.
pub fn today() -> Date {
    // Every time of this century can be formatted.
    Date::of(&rfc3339(DateTime::from(SystemTime::now()))).unwrap_or(Date { year: 2026, month: 1, day: 1 })
}

/// Whole days from one moment to another; negative when `to` is earlier.
pub fn days(from: &DateTime, to: &DateTime) -> i64 {
    (to.secs() - from.secs()).div_euclid(86_400)
}

/// So many whole days in words, `1 day`; none where there are less than none.
pub fn span(days: i64) -> String {
    counted(usize::try_from(days).unwrap_or(0), "day")
}

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

#[cfg(test)]
mod tests {
    use super::*;

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
