//! A day of the calendar, as an exception names the last one on which it holds.

use std::fmt;

/// A day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day that is written as `2027-01-31`; nothing when there is no such day.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let [year, month, day] = text.split('-').collect::<Vec<&str>>()[..] else { return None };
        let digits = |part: &str, width: usize| {
            (part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit())).then_some(())?;
            part.parse::<u16>().ok()
        };
        let (year, month, day) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
        let date = Self { year, month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()? };
        (date.day >= 1 && date.day <= length(date.year, date.month)?).then_some(date)
    }

    /// The day, in universal time, of a number of seconds since the beginning of 1970.
    #[must_use]
    pub fn of_seconds(seconds: u64) -> Self {
        let mut days = seconds / 86_400;
        let mut date = Self { year: 1970, month: 1, day: 1 };
        // A year that nobody can write ends the count.
        while date.year < 9999 {
            let year = if is_leap(date.year) { 366 } else { 365 };
            if days < year {
                break;
            }
            days -= year;
            date.year += 1;
        }
        while let Some(month) = length(date.year, date.month).map(u64::from) {
            if days < month || date.month == 12 {
                break;
            }
            days -= month;
            date.month += 1;
        }
        date.day = u8::try_from(days.min(30) + 1).unwrap_or(31);
        date
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// How many days a month has.
fn length(year: u16, month: u8) -> Option<u8> {
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_read() {
        let shown = |text| Date::read(text).map(|date| date.to_string());
        for day in ["2027-01-31", "2028-02-29", "2000-02-29"] {
            assert_eq!(shown(day).as_deref(), Some(day));
        }
        for none in [
            "2027-02-29",
            "1900-02-29",
            "2027-13-01",
            "2027-00-01",
            "2027-01-00",
            "27-01-01",
            "2027-1-1",
            "x",
        ] {
            assert_eq!(shown(none), None, "{none}");
        }
    }

    #[test]
    fn seconds_are_days_of_the_calendar() {
        let day = |seconds| Date::of_seconds(seconds).to_string();
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(951_782_400), "2000-02-29");
        assert_eq!(day(1_798_761_599), "2026-12-31");
        assert_eq!(day(1_798_761_600), "2027-01-01");
        assert_eq!(day(u64::MAX), "9999-12-31");
    }
}
