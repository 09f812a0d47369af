//! How old the compiled-in tables are. AWS adds actions and services every week, and a policy is judged by what the tables
//! know, so an old program should say that it is old.

use super::tables;

/// Days after which a table is worth a warning.
const DAYS: i64 = 180;

/// A table that is too old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// What the table holds.
    pub what: &'static str,
    /// The day it was drawn up, `YYYY-MM-DD`.
    pub date: &'static str,
    /// Its age in days.
    pub days: i64,
}

/// The tables that are over 180 days old at `now`, in seconds since 1970. Take the time of the scan, not that of a tape: the
/// question is how old the program is.
pub fn stale_tables(now: i64) -> Vec<Stale> {
    stale_among(tables(), now)
}

/// The same of tables that others keep: what each holds and its day.
pub fn stale_among(tables: impl IntoIterator<Item = (&'static str, &'static str)>, now: i64) -> Vec<Stale> {
    let today = now.div_euclid(86_400);
    tables
        .into_iter()
        .filter_map(|(what, date)| Some(Stale { what, date, days: today - day(date)? }))
        .filter(|stale| stale.days > DAYS)
        .collect()
}

/// The day as a number, 1970-01-01 being 0. The calendar repeats every 400 years of 146,097 days; counting years from March puts the
/// leap day last.
pub(super) fn day(date: &str) -> Option<i64> {
    let mut fields = date.splitn(3, '-').map(|field| field.parse::<i64>().ok());
    let (year, month, day) = (fields.next()??, fields.next()??, fields.next()??);
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let in_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + year * 365 + year / 4 - year / 100 + in_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted() {
        assert_eq!(day("1970-01-01"), Some(0));
        assert_eq!(day("2000-02-29"), Some(11_016));
        assert_eq!(day("2000-03-01"), Some(11_017));
        assert_eq!(day("2026-11-22"), Some(20_779));
        assert_eq!(day("soon"), None);
    }

    #[test]
    fn every_table_has_a_day() {
        for (what, date) in tables() {
            assert!(day(date).is_some_and(|day| day > 20_000), "{what}: {date}");
        }
    }

    #[test]
    fn a_table_is_stale_after_180_days() {
        let (what, date) = tables()[0];
        let at = |days: i64| stale_tables((day(date).unwrap() + days) * 86_400 + 80_000);
        let names = |days| at(days).into_iter().any(|stale| stale.what == what);
        assert!(!names(0) && !names(180) && names(181));
        assert_eq!(at(200).into_iter().find(|s| s.what == what), Some(Stale { what, date, days: 200 }));
    }
}
