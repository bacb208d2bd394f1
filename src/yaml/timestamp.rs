//! Dates and times that plain text may stand for, and how Go prints them.

use crate::source::Text;

/// The date that go-yaml takes the text for, as Go's `fmt.Sprint` writes it where the local time is UTC.
///
/// The forms are `2006-1-2`, `2006-1-2 15:4:5.9` and, with `T` or `t` and a zone, `2006-1-2T15:4:5.9Z07:00`.
pub(super) fn parse(text: &str) -> Option<Text> {
    let bytes = text.as_bytes();
    // Most numbers are no dates; leave early.
    if bytes.get(4) != Some(&b'-') || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut rest = Rest(&bytes[5..]);
    let year = bytes[..4].iter().fold(0, |year, digit| year * 10 + u32::from(digit - b'0'));
    let month = rest.number(1..=12)?;
    rest.literal(b'-')?;
    let day = rest.number(1..=days(year, month))?;
    let date = format!("{year:04}-{month:02}-{day:02}");
    let (time, offset) = match rest.0.first() {
        None => ("00:00:00".to_owned(), 0),
        Some(b'T' | b't') => {
            rest.0 = &rest.0[1..];
            let time = rest.time()?;
            (time, rest.zone()?)
        }
        Some(b' ') => {
            let blanks = rest.0.iter().take_while(|byte| **byte == b' ').count();
            rest.0 = &rest.0[blanks..];
            (rest.time()?, 0)
        }
        Some(_) => return None,
    };
    if !rest.0.is_empty() {
        return None;
    }
    let (sign, minutes) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
    let zone = format!("{sign}{:02}{:02}", minutes / 60, minutes % 60);
    let name = if offset == 0 { "UTC" } else { &zone };
    Some(smol_str::format_smolstr!("{date} {time} {zone} {name}"))
}

/// What is still to be read.
struct Rest<'t>(&'t [u8]);

impl Rest<'_> {
    fn literal(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    /// One or two digits.
    fn number(&mut self, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let digit =
            |byte: Option<&u8>| byte.filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0'));
        let first = digit(self.0.first())?;
        let (number, length) = match digit(self.0.get(1)) {
            Some(second) => (first * 10 + second, 2),
            None => (first, 1),
        };
        self.0 = &self.0[length..];
        range.contains(&number).then_some(number)
    }

    fn time(&mut self) -> Option<String> {
        let hour = self.number(0..=23)?;
        self.literal(b':')?;
        let minute = self.number(0..=59)?;
        self.literal(b':')?;
        let second = self.number(0..=59)?;
        let mut time = format!("{hour:02}:{minute:02}:{second:02}");
        if let [b'.' | b',', b'0'..=b'9', ..] = self.0 {
            let digits = self.0[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let kept = self.0[1..=digits.min(9)].iter().map(|digit| char::from(*digit));
            time.push('.');
            time.extend(kept);
            time.truncate(time.trim_end_matches('0').trim_end_matches('.').len());
            self.0 = &self.0[1 + digits..];
        }
        Some(time)
    }

    /// `Z`, or an offset in minutes.
    fn zone(&mut self) -> Option<i32> {
        if self.literal(b'Z').is_some() {
            return Some(0);
        }
        let [sign @ (b'+' | b'-'), hours @ .., _, _, _] = self.0.get(..6)? else { return None };
        let two = |digits: &[u8]| match digits {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
                Some(i32::from(tens - b'0') * 10 + i32::from(ones - b'0'))
            }
            _ => None,
        };
        // Go lets offsets of 24 hours and of 60 minutes pass.
        let hours = two(hours).filter(|hours| *hours <= 24)?;
        let minutes = two(&self.0[4..6]).filter(|minutes| *minutes <= 60)?;
        if self.0[3] != b':' {
            return None;
        }
        self.0 = &self.0[6..];
        let offset = hours * 60 + minutes;
        Some(if *sign == b'-' { -offset } else { offset })
    }
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_go_prints_them() {
        let written =
            ["2024-01-02", "2024-1-2 3:4:5.120", "2024-01-02T03:04:05Z", "2024-01-02t03:04:05,5+02:30"]
                .map(parse);
        let expected = [
            "2024-01-02 00:00:00 +0000 UTC",
            "2024-01-02 03:04:05.12 +0000 UTC",
            "2024-01-02 03:04:05 +0000 UTC",
            "2024-01-02 03:04:05.5 +0230 +0230",
        ];
        assert_eq!(written, expected.map(|text| Some(Text::new(text))));
    }

    #[test]
    fn what_only_looks_like_a_date_is_none() {
        let none = [
            "2024-13-01",
            "2023-02-29",
            "24-01-02",
            "2024-01-02T03:04:05",
            "2024-01-02 25:00:00",
            "2024-01-02x",
        ];
        assert_eq!(none.map(parse), [const { None }; 6]);
    }
}
