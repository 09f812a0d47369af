//! What the time of the scan settles: a grant that has expired grants nothing, a Deny since a day that is past stands for good.
//!
//! Only the past decides. An Allow counts when its dates can still hold, now or later; a Deny counts when its dates hold from now on
//! for ever. `aws:CurrentTime` and `aws:EpochTime` are in every request
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-currenttime>);
//! `aws:TokenIssueTime` is about the session and stays open.

use super::condition::{Condition, Family, Order};
use super::document::Document;

impl Document {
    /// The document as it is in force at `now`, seconds since 1970, and after.
    #[must_use]
    pub fn as_of(&self, now: i64) -> Self {
        self.each(|statement| {
            let mut dead = false;
            statement.conditions.retain(|condition| match from_now_on(condition, now) {
                Some(Course::Always) => false,
                Some(Course::Never) => {
                    dead = true;
                    true
                }
                // A day of the future does not change what is granted, only how long.
                Some(Course::Changes) | None => true,
            });
            (!dead).then_some(())
        })
    }
}

/// How a condition on the time goes from now on.
#[derive(Debug, PartialEq, Eq)]
enum Course {
    Always,
    Never,
    Changes,
}

fn from_now_on(condition: &Condition, now: i64) -> Option<Course> {
    if !matches!(condition.key.as_str(), "aws:currenttime" | "aws:epochtime") {
        return None;
    }
    let operator = &condition.operator;
    let order = match operator.family {
        Family::Date(order) | Family::Number(order) => order,
        _ => return None,
    };
    let times: Option<Vec<f64>> = condition.values.iter().map(|value| seconds(&value.fixed()?)).collect();
    let now = now as f64;
    // One of several values is enough.
    let one = |time: f64| match order {
        Order::Less | Order::LessOrEqual | Order::Equal if time < now => Course::Never,
        Order::Greater if time < now => Course::Always,
        Order::GreaterOrEqual if time <= now => Course::Always,
        _ => Course::Changes,
    };
    let courses: Vec<Course> = times?.into_iter().map(one).collect();
    let any = match () {
        () if courses.contains(&Course::Always) => Course::Always,
        () if courses.contains(&Course::Changes) => Course::Changes,
        () => Course::Never,
    };
    Some(match (any, operator.negated) {
        (Course::Always, true) => Course::Never,
        (Course::Never, true) => Course::Always,
        (course, _) => course,
    })
}

/// ISO 8601 as policies write it (`2024-01-01T00:00:00Z`, with an offset, a fraction, or a day alone), or seconds since 1970.
fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    // W3C's profile of ISO 8601: a year alone is its first moment, so is a month.
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(text, 4) {
        return seconds(&format!("{text}-01-01"));
    }
    if let Some((year, month)) = text.split_once('-')
        && digits(year, 4)
        && digits(month, 2)
    {
        return seconds(&format!("{text}-01"));
    }
    if let Ok(number) = text.parse::<f64>() {
        return Some(number);
    }
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, time),
        None => (text, "00:00:00Z"),
    };
    let days = super::age::day(date)?;
    let (clock, offset) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => (&time[..at], &time[at..]),
        None => (time, "Z"),
    };
    let mut parts = clock.split(':').map(|part| part.parse::<f64>().ok());
    let hours = parts.next()??;
    let minutes = parts.next().unwrap_or(Some(0.0))?;
    let rest = parts.next().unwrap_or(Some(0.0))?;
    let shift = match offset.strip_prefix(['+', '-']) {
        None => 0.0,
        Some(digits) => {
            let digits = digits.replace(':', "");
            let (h, m) = digits.split_at_checked(2)?;
            let minutes = h.parse::<f64>().ok()? * 60.0 + if m.is_empty() { 0.0 } else { m.parse::<f64>().ok()? };
            minutes * if offset.starts_with('-') { -60.0 } else { 60.0 }
        }
    };
    Some(days as f64 * 86_400.0 + hours * 3_600.0 + minutes * 60.0 + rest - shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22T00:00:00Z.
    const NOW: i64 = 20_779 * 86_400;

    fn left(effect: &str, condition: &str) -> Option<usize> {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"*","Resource":"*","Condition":{condition}}}}}"#
        );
        let document = Document::parse(&text).unwrap().as_of(NOW);
        document.statements().first().map(|statement| statement.conditions.len())
    }

    #[test]
    fn a_date_is_read_in_each_of_its_forms() {
        for text in [
            "2026-11-22T00:00:00Z",
            "2026-11-22",
            "2026-11-22T01:30:00+01:30",
            "2026-11-21T19:00:00.000-0500",
            "1795305600",
        ] {
            assert_eq!(seconds(text), Some(NOW as f64), "{text}");
        }
        assert_eq!(seconds("2030"), seconds("2030-01-01T00:00:00Z"), "a year, no second of 1970");
        assert_eq!(seconds("2024-06"), seconds("2024-06-01"));
        assert_eq!((seconds("soon"), seconds("2026-11-22Tnoon")), (None, None));
    }

    #[test]
    fn the_past_decides_and_the_future_does_not() {
        // semantics 72
        let rows = [
            // Condition, conditions left of an Allow (None: it is gone), of a Deny.
            (r#"{"DateLessThan":{"aws:CurrentTime":"2024-01-01T00:00:00Z"}}"#, None, None),
            (r#"{"DateLessThanEqualsIfExists":{"aws:CurrentTime":"2024-01-01"}}"#, None, None),
            (r#"{"NumericLessThan":{"aws:EpochTime":"1700000000"}}"#, None, None),
            (r#"{"DateEquals":{"aws:CurrentTime":"2024-01-01T00:00:00Z"}}"#, None, None),
            (r#"{"DateGreaterThan":{"aws:CurrentTime":"2024-01-01T00:00:00Z"}}"#, Some(0), Some(0)),
            (r#"{"DateNotEquals":{"aws:CurrentTime":"2024-01-01T00:00:00Z"}}"#, Some(0), Some(0)),
            (r#"{"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}"#, Some(1), Some(1)),
            (r#"{"DateGreaterThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}"#, Some(1), Some(1)),
            (
                r#"{"DateLessThan":{"aws:CurrentTime":["2024-01-01T00:00:00Z","2030-01-01T00:00:00Z"]}}"#,
                Some(1),
                Some(1),
            ),
            (r#"{"DateLessThan":{"aws:TokenIssueTime":"2024-01-01T00:00:00Z"}}"#, Some(1), Some(1)),
            (r#"{"DateLessThan":{"aws:CurrentTime":"${aws:PrincipalTag/until}"}}"#, Some(1), Some(1)),
        ];
        for (condition, allow, deny) in rows {
            assert_eq!((left("Allow", condition), left("Deny", condition)), (allow, deny), "{condition}");
        }
    }
}
