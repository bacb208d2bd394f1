//! Schedules as the CronJob controller reads them.

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The fields: what it is called, its least and most value, and the names of its values from the least on.
const FIELDS: &[(&str, u32, u32, &[&str])] = &[
    ("minute", 0, 59, &[]),
    ("hour", 0, 23, &[]),
    ("day", 1, 31, &[]),
    ("month", 1, 12, MONTHS),
    ("weekday", 0, 6, DAYS),
];

/// The time zone before a schedule, and the schedule behind it.
#[must_use]
pub fn split(text: &str) -> (Option<&str>, &str) {
    let text = text.trim();
    let named = text.strip_prefix("TZ=").or_else(|| text.strip_prefix("CRON_TZ="));
    match named.and_then(|rest| rest.split_once(char::is_whitespace)) {
        Some((zone, times)) => (Some(zone), times.trim()),
        None => (None, text),
    }
}

/// Whether the controller can read a schedule.
///
/// # Errors
/// What it has to be, in words.
pub fn check(schedule: &str) -> Result<(), String> {
    if schedule.contains("TZ") {
        return Err("must not name a time zone: `timeZone` does".to_owned());
    }
    if let Some(word) = schedule.strip_prefix('@') {
        let is_known =
            matches!(word, "yearly" | "annually" | "monthly" | "weekly" | "daily" | "midnight" | "hourly");
        let is_every = word.strip_prefix("every ").is_some_and(is_duration);
        return if is_known || is_every {
            Ok(())
        } else {
            Err("must be `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly` or `@every` with a duration"
                .to_owned())
        };
    }
    let parts: Vec<&str> = schedule.split_whitespace().collect();
    if parts.len() != FIELDS.len() {
        return Err(format!("must have 5 fields, not {}: minute, hour, day, month, weekday", parts.len()));
    }
    for (part, (name, least, most, names)) in parts.iter().zip(FIELDS) {
        if !part
            .split(',')
            .filter(|range| !range.is_empty())
            .all(|range| is_range(range, *least, *most, names))
        {
            return Err(format!(
                "the {name} must be from {least} to {most}, a range, a step, a list of these or `*`"
            ));
        }
    }
    Ok(())
}

fn is_range(text: &str, least: u32, most: u32, names: &[&str]) -> bool {
    let (range, step) = text.split_once('/').map_or((text, None), |(range, step)| (range, Some(step)));
    let is_step = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0));
    let value = |text: &str| -> Option<u32> {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
        named.and_then(|at| u32::try_from(at).ok()).map(|at| at + least).or_else(|| text.parse().ok())
    };
    let ends = match range.split_once('-') {
        _ if range == "*" || range == "?" => Some((least, most)),
        Some((first, last)) => value(first).zip(value(last)),
        None => value(range).map(|one| (one, one)),
    };
    is_step && ends.is_some_and(|(first, last)| least <= first && first <= last && last <= most)
}

/// A duration as Go writes it: `1h30m`.
fn is_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let (number, unit) = rest.split_at(digits);
        let known = ["ns", "us", "µs", "ms", "s", "m", "h"];
        // `ms` before `m`: the longest unit that fits.
        let unit_of = known.iter().filter(|known| unit.starts_with(**known)).max_by_key(|known| known.len());
        let (Ok(_), Some(found)) = (number.parse::<f64>(), unit_of) else { return false };
        rest = &unit[found.len()..];
    }
    !text.is_empty()
}

/// The form of a time zone's name; whether there is such a zone, the cluster knows.
#[must_use]
pub fn is_zone(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'+');
    !text.is_empty()
        && text.bytes().all(inner)
        && !text.starts_with('/')
        && !text.eq_ignore_ascii_case("local")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_read_as_the_controller_reads_them() {
        for good in [
            "* * * * *",
            "*/5 0-12/2 1,15 JAN-mar MON-fri",
            "0 3 ? * 0",
            "@daily",
            "@every 1h30m",
            "5/15 * * * *",
            "0 0 31 2 ?",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "0 0 3 * * *",
            "61 * * * *",
            "@often",
            "*/0 * * * *",
            "5-1 * * * *",
            "* * * * 7",
            "@every soon",
            "* * 0 * *",
            "@every 1d",
            "* * * *",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
    #[test]
    fn the_zone_before_a_schedule_is_taken_off() {
        assert_eq!(split("TZ=Europe/Berlin 0 3 * * *"), (Some("Europe/Berlin"), "0 3 * * *"));
        assert_eq!(split(" @daily "), (None, "@daily"));
        assert!(is_zone("Etc/GMT+3") && !is_zone("Local") && !is_zone("") && !is_zone("a b"));
    }
}
