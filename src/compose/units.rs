//! Amounts with units: bytes, durations, file modes.

use std::fmt;

use super::numbers::{parse_float, parse_int, truncate};

/// A number of bytes; −1 stands for "no limit" where Compose knows one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub i64);

/// A span of time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub i64);

/// The permission bits of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileMode(pub i64);

impl Bytes {
    /// Reads a whole number, or a number with a unit: powers of 1024, whatever their letter case.
    ///
    /// # Errors
    /// What would be valid.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(bytes) = parse_int(text, 10) {
            return Ok(Self(bytes));
        }
        Self::with_unit(text).ok_or_else(|| {
            format!("`{text}` is not a size; write a number and `b`, `k`, `m`, `g`, `t` or `p`, as in `512m`")
        })
    }

    fn with_unit(text: &str) -> Option<Self> {
        let last = text.rfind(|letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ' '))?;
        let unit = &text[last + 1..];
        // One blank may stand before the unit.
        let number = &text[..if text.as_bytes()[last] == b' ' { last } else { last + 1 }];
        let size = parse_float(number).filter(|size| size.is_nan() || *size >= 0.0)?;
        if unit.len() > 3 {
            return None;
        }
        let factor = match unit.to_lowercase().as_str() {
            "" | "b" => 0,
            "k" | "kb" | "kib" => 1,
            "m" | "mb" | "mib" => 2,
            "g" | "gb" | "gib" => 3,
            "t" | "tb" | "tib" => 4,
            "p" | "pb" | "pib" => 5,
            _ => return None,
        };
        Some(Self(truncate(size * 1024_f64.powi(factor))))
    }
}

impl Duration {
    /// Reads a signed sequence of numbers with units, as `1h30m`; beside Go's units there are `d` and `w`.
    ///
    /// # Errors
    /// What would be valid.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (negative, rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        if rest == "0" {
            return Ok(Self(0));
        }
        let total = Self::sum(rest).ok_or_else(|| {
            format!("`{text}` is not a duration; write numbers with `ns`, `us`, `ms`, `s`, `m`, `h`, `d` or `w`, as in `1m30s`")
        })?;
        Ok(Self(if negative { -total } else { total }))
    }

    fn sum(text: &str) -> Option<i64> {
        let mut rest = text;
        let mut total = 0_i64;
        while !rest.is_empty() {
            let (amount, behind) = Self::term(rest)?;
            total = total.checked_add(amount)?;
            rest = behind;
        }
        (!text.is_empty()).then_some(total)
    }

    /// Reads one number and its unit; gives the rest too.
    fn term(text: &str) -> Option<(i64, &str)> {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (whole, rest) = text.split_at(digits(text));
        let (fraction, rest) = match rest.strip_prefix('.') {
            Some(rest) => rest.split_at(digits(rest)),
            None => ("", rest),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let end = rest.find(|letter: char| letter == '.' || letter.is_ascii_digit()).unwrap_or(rest.len());
        let (unit, rest) = rest.split_at(end);
        let unit = unit_length(unit)?;
        let whole = if whole.is_empty() { 0 } else { whole.parse::<i64>().ok()? };
        let amount = whole.checked_mul(unit)?;
        Some((amount.checked_add(fraction_of(fraction, unit))?, rest))
    }
}

fn unit_length(unit: &str) -> Option<i64> {
    const SECOND: i64 = 1_000_000_000;
    Some(match unit {
        "ns" => 1,
        // The micro sign and the Greek letter.
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => SECOND,
        "m" => 60 * SECOND,
        "h" => 3_600 * SECOND,
        "d" => 24 * 3_600 * SECOND,
        "w" => 7 * 24 * 3_600 * SECOND,
        _ => return None,
    })
}

/// The digits behind a point as a part of the unit; digits beyond what an `i64` holds do not count.
#[expect(clippy::cast_precision_loss, reason = "the original calculates in this precision")]
fn fraction_of(digits: &str, unit: i64) -> i64 {
    let mut value = 0_i64;
    let mut scale = 1.0_f64;
    for digit in digits.bytes() {
        let next = value.checked_mul(10).and_then(|value| value.checked_add(i64::from(digit - b'0')));
        let Some(next) = next else { break };
        value = next;
        scale *= 10.0;
    }
    truncate(value as f64 * (unit as f64 / scale))
}

impl fmt::Display for Duration {
    /// As Go prints one: `1h0m5s`, `1.5s`, `20ms`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanoseconds = self.0.unsigned_abs();
        if self.0 < 0 {
            write!(out, "-")?;
        }
        match nanoseconds {
            0 => write!(out, "0s"),
            1..1_000 => write!(out, "{nanoseconds}ns"),
            1_000..1_000_000 => write!(out, "{}\u{b5}s", decimal(nanoseconds, 1_000)),
            1_000_000..1_000_000_000 => write!(out, "{}ms", decimal(nanoseconds, 1_000_000)),
            _ => {
                let minutes = nanoseconds / 60_000_000_000;
                if minutes >= 60 {
                    write!(out, "{}h", minutes / 60)?;
                }
                if minutes > 0 {
                    write!(out, "{}m", minutes % 60)?;
                }
                write!(out, "{}s", decimal(nanoseconds % 60_000_000_000, 1_000_000_000))
            }
        }
    }
}

/// `value / unit` (a power of ten) with as many decimals as it takes.
fn decimal(value: u64, unit: u64) -> String {
    let width = usize::try_from(unit.ilog10()).unwrap_or(0);
    let fraction = format!("{:0width$}", value % unit);
    let fraction = fraction.trim_end_matches('0');
    let whole = value / unit;
    if fraction.is_empty() { whole.to_string() } else { format!("{whole}.{fraction}") }
}

impl FileMode {
    /// Reads octal digits; a number that YAML typed is taken as it is.
    ///
    /// # Errors
    /// What would be valid.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse_int(text, 8)
            .map(Self)
            .ok_or_else(|| format!("`{text}` is not a file mode; write octal digits, as in `0440`"))
    }
}

impl fmt::Display for FileMode {
    /// As Compose prints one: a zero and octal digits.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(out, "0{sign}{:o}", self.0.unsigned_abs())
    }
}
