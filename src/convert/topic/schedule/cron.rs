//! Schedules as the CronJob controller reads them.

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

/// Whether an API server takes the name of a time zone, as far as its letters tell.
#[must_use]
pub fn is_zone(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'+');
    !name.is_empty()
        && name.bytes().all(letter)
        && !name.eq_ignore_ascii_case("local")
        && !name.starts_with('/')
}

/// Whether the controller can read a schedule.
///
/// # Errors
/// Why it cannot, in words.
pub fn check(schedule: &str) -> Result<(), String> {
    if let Some(word) = schedule.strip_prefix('@') {
        let known = ["yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"];
        if known.contains(&word) {
            return Ok(());
        }
        let every =
            word.strip_prefix("every ").and_then(|time| crate::compose::units::Duration::parse(time).ok());
        return every.map(|_| ()).ok_or_else(|| format!("nobody knows `@{word}`"));
    }
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    if fields.len() != LIMITS.len() {
        return Err(format!("it has {} fields and not 5", fields.len()));
    }
    for (field, limit) in fields.iter().zip(LIMITS) {
        if !field.split(',').all(|part| limit.takes(part)) {
            return Err(format!("`{field}` is no {}", limit.what));
        }
    }
    Ok(())
}

/// What a field of a schedule can say.
struct Limit {
    what: &'static str,
    first: u32,
    last: u32,
    names: &'static [&'static str],
}

const LIMITS: [Limit; 5] = [
    Limit { what: "minute", first: 0, last: 59, names: &[] },
    Limit { what: "hour", first: 0, last: 23, names: &[] },
    Limit { what: "day of the month", first: 1, last: 31, names: &[] },
    Limit {
        what: "month",
        first: 1,
        last: 12,
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    Limit {
        what: "day of the week",
        first: 0,
        last: 6,
        names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    },
];

impl Limit {
    fn takes(&self, part: &str) -> bool {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        if step.is_some_and(|step| !step.parse::<u32>().is_ok_and(|step| step > 0)) {
            return false;
        }
        if matches!(range, "*" | "?") {
            return true;
        }
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        matches!((self.number(first), self.number(last)), (Some(first), Some(last)) if first <= last)
    }

    fn number(&self, word: &str) -> Option<u32> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(word));
        let number = match named {
            Some(at) => u32::try_from(at).ok()? + self.first,
            None => word.parse().ok()?,
        };
        (self.first..=self.last).contains(&number).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_read_as_the_controller_reads_them() {
        for good in ["0 3 * * *", "*/5 0-6/2 1,15 jan-MAR sun", "@daily", "@every 1h30m", "0 0 31 2 ?"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "* * * *",
            "0 0 3 * * *",
            "60 * * * *",
            "0 0 0 * *",
            "0 0 * * 7",
            "*/0 * * * *",
            "@reboot",
            "5-1 * * * *",
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
