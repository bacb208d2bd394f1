//! Numbers as Go reads and writes them: Compose passes what users write to Go's own readers.

/// Reads a decimal whole number with an optional sign, as Go's `ParseInt` does in that base (8 or 10).
#[must_use]
pub fn parse_int(text: &str, base: u32) -> Option<i64> {
    // Rust takes the same form; it has no underscores and no prefixes either.
    i64::from_str_radix(text, base).ok()
}

/// Reads a number as Go's `ParseFloat` does: also `inf`, `nan`, underscores between digits, and hexadecimal digits with
/// a binary exponent. What exceeds the largest number is none.
#[must_use]
pub fn parse_float(text: &str) -> Option<f64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let magnitude = match lower.as_str() {
        "inf" | "infinity" => f64::INFINITY,
        "nan" if digits.len() == text.len() => return Some(f64::NAN),
        _ => {
            if !underscores_separate_digits(&lower) {
                return None;
            }
            let plain = lower.replace('_', "");
            match lower.strip_prefix("0x") {
                Some(_) => parse_hexadecimal(plain.strip_prefix("0x")?)?,
                None => parse_decimal(&plain)?,
            }
        }
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// A number cut to a whole one as Go does it on x86-64: what does not fit is the smallest.
#[must_use]
pub fn truncate(value: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&value) {
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked; the fraction is to go")]
        return value as i64;
    }
    i64::MIN
}

/// A number as Go's JSON writer prints a `float32`: the shortest digits, an exponent below 1e-6 and from 1e21 on.
#[must_use]
pub fn go_float32(value: f32) -> String {
    let magnitude = value.abs();
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    let shortest = format!("{value:e}");
    let digits = shortest.split('e').next().unwrap_or(&shortest).bytes().filter(u8::is_ascii_digit).count();
    // Of two shortest forms that are equally near, Go takes the even one and Rust the upper one.
    let even = format!("{value:.*e}", digits - 1);
    let text = if even.parse() == Ok(value) { even } else { shortest };
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        return if text.contains("e-") { text } else { text.replace('e', "e+") };
    }
    positional(&text)
}

/// `d.ddde±n` without its exponent.
fn positional(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |mantissa| ("-", mantissa));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let point = exponent.parse::<isize>().unwrap_or(0) + 1;
    let whole = usize::try_from(point).unwrap_or(0);
    if digits.is_empty() {
        format!("{sign}0")
    } else if whole >= digits.len() {
        format!("{sign}{digits:0<whole$}")
    } else if whole > 0 {
        format!("{sign}{}.{}", &digits[..whole], &digits[whole..])
    } else {
        format!("{sign}0.{}{digits}", "0".repeat(point.unsigned_abs()))
    }
}

/// Whether every underscore stands between digits; the prefix `0x` counts as one.
fn underscores_separate_digits(text: &str) -> bool {
    let (hexadecimal, rest) = match text.strip_prefix("0x") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let is_digit = |byte: u8| if hexadecimal { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
    let bytes = rest.as_bytes();
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_').all(|(at, _)| {
        let before = if at == 0 { hexadecimal } else { is_digit(bytes[at - 1]) };
        before && bytes.get(at + 1).is_some_and(|next| is_digit(*next))
    })
}

fn parse_decimal(text: &str) -> Option<f64> {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'+' | b'-')) {
        return None;
    }
    // A sign was taken off before; a second one is none of ours.
    if text.starts_with(['+', '-']) {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Reads `hhh.hhhp±ddd`; the exponent must be there.
fn parse_hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    let exponent = {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // Far outside of every float, and far inside of the arithmetic here.
        let size = digits.parse().unwrap_or(1_000_000_i64).min(1_000_000);
        if exponent.starts_with('-') { -size } else { size }
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut bits = 0_u64;
    let mut power = exponent;
    let mut lost = false;
    for (in_fraction, digit) in
        whole.chars().map(|digit| (false, digit)).chain(fraction.chars().map(|digit| (true, digit)))
    {
        let digit = u64::from(digit.to_digit(16)?);
        if bits >> 60 == 0 {
            bits = bits << 4 | digit;
            power -= if in_fraction { 4 } else { 0 };
        } else {
            lost |= digit != 0;
            power += if in_fraction { 0 } else { 4 };
        }
    }
    scaled(bits, power, lost)
}

/// `bits` × 2^`power`, rounded to the nearest even float; `lost` says that lower bits were cut off.
fn scaled(bits: u64, power: i64, lost: bool) -> Option<f64> {
    if bits == 0 {
        return Some(0.0);
    }
    let top = 63 - i64::from(bits.leading_zeros()) + power;
    if top > 1023 {
        return None;
    }
    let lowest = (top - 52).max(-1074);
    let drop = lowest - power;
    let (kept, unit) = if drop <= 0 {
        (bits, power)
    } else if drop > 64 {
        (0, lowest)
    } else {
        let wide = u128::from(bits);
        let kept = wide >> drop;
        let rest = wide & ((1_u128 << drop) - 1);
        let half = 1_u128 << (drop - 1);
        let up = rest > half || (rest == half && (lost || kept & 1 == 1));
        (u64::try_from(kept).unwrap_or(u64::MAX) + u64::from(up), lowest)
    };
    let scale = match u64::try_from(unit + 1022) {
        Ok(above) => f64::from_bits((above + 1) << 52),
        Err(_) => f64::from_bits(1 << (unit + 1074)),
    };
    #[expect(clippy::cast_precision_loss, reason = "at most 53 bits are left")]
    let value = kept as f64 * scale;
    value.is_finite().then_some(value)
}
