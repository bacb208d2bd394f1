//! The day that it is: the only reader of the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use super::error::Error;
use crate::diag::date::Date;

/// The variable that says what time it is, for output that can be made again.
const EPOCH: &str = "SOURCE_DATE_EPOCH";

/// The day, in universal time: that of `SOURCE_DATE_EPOCH`, or of the clock.
///
/// # Errors
/// When the variable holds no number of seconds.
pub fn today() -> Result<Date, Error> {
    if let Some(given) = std::env::var_os(EPOCH).filter(|given| !given.is_empty()) {
        let given = given.to_string_lossy().into_owned();
        return given.parse().map(Date::of_seconds).map_err(|_| Error::Epoch(given));
    }
    // A clock that is before 1970 has not been set: nothing is past then.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Date::of_seconds(since.as_secs()))
}
