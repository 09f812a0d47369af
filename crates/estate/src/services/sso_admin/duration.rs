//! How long sessions last, as the service writes it.

/// How many seconds an ISO 8601 duration of weeks, days, hours, minutes and seconds is; `None` for anything else, months and years
/// included, which have no length of their own.
pub fn duration_seconds(text: &str) -> Option<u64> {
    let (date, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (text.strip_prefix('P')?, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let total = |part: &str, units: &[(char, u64)]| {
        let (mut total, mut digits, mut next) = (0_u64, String::new(), 0);
        for c in part.chars() {
            if c.is_ascii_digit() {
                digits.push(c);
                continue;
            }
            let place = units.iter().skip(next).position(|(unit, _)| *unit == c)?;
            next += place + 1;
            let count: u64 = std::mem::take(&mut digits).parse().ok()?;
            total = total.checked_add(count.checked_mul(units.get(next - 1)?.1)?)?;
        }
        digits.is_empty().then_some(total)
    };
    let days = total(date, &[('W', 604_800), ('D', 86_400)])?;
    days.checked_add(total(time, &[('H', 3_600), ('M', 60), ('S', 1)])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_iso_8601() {
        for (text, seconds) in [
            ("PT1H", Some(3_600)),
            ("PT12H", Some(43_200)),
            ("PT1H30M", Some(5_400)),
            ("PT90M", Some(5_400)),
            ("PT3600S", Some(3_600)),
            ("P1D", Some(86_400)),
            ("P1DT1H", Some(90_000)),
            ("P1W", Some(604_800)),
            ("P1M", None),
            ("P1Y", None),
            ("P", None),
            ("PT", None),
            ("P1DT", None),
            ("PTH", None),
            ("PT1", None),
            ("PT1M1H", None),
            ("-PT1H", None),
            ("3600", None),
            ("", None),
            ("PT99999999999999999999H", None),
        ] {
            assert_eq!(duration_seconds(text), seconds, "{text}");
        }
    }
}
