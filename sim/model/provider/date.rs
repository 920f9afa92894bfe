//! Dates as HTTP headers write them. Knows no clock: two dates make a span.

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// Of the first days of 1970, which began with a Thursday.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// A day and a time of day, by the Gregorian calendar and in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Date {
    year: u64,
    /// From 0.
    month: usize,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
}

impl Date {
    /// The date so many seconds after the start of 1970.
    fn of(seconds: u64) -> Date {
        let (days, rest) = (seconds / 86_400 + days_before(1970, 0), seconds % 86_400);
        // No year is longer than 366 days, so the first guess is at or before the right one.
        let mut year = days / 366 + 1;
        while days_before(year + 1, 0) <= days {
            year += 1;
        }
        let month = (0..12).rev().find(|month| days_before(year, *month) <= days).unwrap_or(0);
        let day = days - days_before(year, month) + 1;
        Date { year, month, day, hour: rest / 3_600, minute: rest / 60 % 60, second: rest % 60 }
    }

    /// Seconds from the start of 1970. `None` for a day that there never was, or one before 1970.
    fn seconds(self) -> Option<u64> {
        let Date { year, month, day, hour, minute, second } = self;
        let days_in_month = days_before(year, month + 1).checked_sub(days_before(year, month))?;
        // A leap second may make it 60.
        if year < 1970 || !(1..=days_in_month).contains(&day) || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let days = days_before(year, month) + day - 1 - days_before(1970, 0);
        Some(((days * 24 + hour) * 60 + minute) * 60 + second)
    }
}

/// Seconds from the start of 1970 to a date such as `Wed, 21 Oct 2015 07:28:00 GMT`, the one form that servers may
/// write (RFC 9110, section 5.6.7). `None` for any other text; the weekday is not checked.
pub(super) fn seconds_of(text: &str) -> Option<u64> {
    let (_, rest) = text.trim().split_once(", ")?;
    let words: Vec<&str> = rest.split(' ').collect();
    let [day, month, year, clock, "GMT"] = words[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)?;
    dated(number(year, 4)?, month, number(day, 2)?, clock)
}

/// Seconds from the start of 1970 to a time such as `2015-10-21T07:28:00Z`, with or without a fraction, which is cut
/// off (RFC 3339, section 5.6). `None` for any other text, an offset from UTC among them.
pub(super) fn seconds_of_stamp(text: &str) -> Option<u64> {
    let (day, clock) = text.trim().strip_suffix('Z')?.split_once('T')?;
    let parts: Vec<&str> = day.split('-').collect();
    let [year, month, day] = parts[..] else { return None };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let month = number(month, 2).filter(|month| (1..=12).contains(month))? - 1;
    number(fraction, fraction.len().max(1))?;
    dated(number(year, 4)?, usize::try_from(month).ok()?, number(day, 2)?, clock)
}

fn dated(year: u64, month: usize, day: u64, clock: &str) -> Option<u64> {
    let parts: Vec<&str> = clock.split(':').collect();
    let [hour, minute, second] = parts[..] else { return None };
    let (hour, minute, second) = (number(hour, 2)?, number(minute, 2)?, number(second, 2)?);
    Date { year, month, day, hour, minute, second }.seconds()
}

/// So many seconds after the start of 1970, as HTTP writes it.
pub(super) fn http(seconds: u64) -> String {
    let Date { year, month, day, hour, minute, second } = Date::of(seconds);
    let weekday = WEEKDAYS[usize::try_from(seconds / 86_400 % 7).unwrap_or(0)];
    format!("{weekday}, {day:02} {} {year:04} {hour:02}:{minute:02}:{second:02} GMT", MONTHS[month])
}

/// So many seconds after the start of 1970, as RFC 3339 writes it.
pub(super) fn stamp(seconds: u64) -> String {
    let Date { year, month, day, hour, minute, second } = Date::of(seconds);
    format!("{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", month + 1)
}

fn number(text: &str, digits: usize) -> Option<u64> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Days from the start of year 1 to the start of a month, counted from 0; month 12 is the next year's first.
fn days_before(year: u64, month: usize) -> u64 {
    const BEFORE: [u64; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
    let past = year.saturating_sub(1);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    past * 365 + past / 4 - past / 100 + past / 400 + BEFORE[month] + u64::from(leap && month > 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_count_from_1970_through_leap_years() {
        assert_eq!(seconds_of("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(seconds_of("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds_of("Tue, 29 Feb 2000 00:00:00 GMT"), Some(951_782_400));
        assert_eq!(seconds_of("Wed, 21 Oct 2015 07:28:00 GMT"), Some(1_445_412_480));
        assert_eq!(seconds_of_stamp("2015-10-21T07:28:00Z"), Some(1_445_412_480));
        assert_eq!(seconds_of_stamp("2015-10-21T07:28:00.25Z"), Some(1_445_412_480));
    }

    #[test]
    fn what_is_no_date_is_none() {
        let texts = [
            "",
            "soon",
            "Thu, 29 Feb 2001 00:00:00 GMT",
            "Thu, 01 Jan 1970 24:00:00 GMT",
            "Thu, 01 Jan 1970 00:00:00 CET",
        ];
        for text in texts {
            assert_eq!(seconds_of(text), None, "{text}");
        }
        for text in ["", "2015-10-21", "2015-13-21T07:28:00Z", "2015-00-21T07:28:00Z", "2015-10-21T07:28:00+01:00"] {
            assert_eq!(seconds_of_stamp(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_written_with_their_weekday() {
        assert_eq!(http(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http(951_782_400), "Tue, 29 Feb 2000 00:00:00 GMT");
        assert_eq!(stamp(1_445_412_480), "2015-10-21T07:28:00Z");
    }

    proptest! {
        #[test]
        fn every_second_of_four_digit_years_comes_back(seconds in 0u64..253_402_300_800) {
            prop_assert_eq!(seconds_of(&http(seconds)), Some(seconds));
            prop_assert_eq!(seconds_of_stamp(&stamp(seconds)), Some(seconds));
        }
    }
}
