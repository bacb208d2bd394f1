//! The HEALTHCHECK instruction.

use super::flags::{Takes, options, value};
use super::instruction::{Form, form};
use super::words::Parts;
use crate::compose::image_facts::{ImageHealthcheck, ImageTest};
use crate::compose::units::Duration;
use crate::source::Text;

const OPTIONS: Takes = Takes::Values(&["interval", "timeout", "start-period", "start-interval", "retries"]);

/// Reads a HEALTHCHECK; nothing is `NONE`.
pub(super) fn read(parts: &Parts<'_>) -> Result<Option<ImageHealthcheck>, String> {
    let (kind, test) = parts.arguments.split_once(char::is_whitespace).unwrap_or((parts.arguments, ""));
    let test = test.trim_start();
    match kind.to_ascii_uppercase().as_str() {
        // Docker looks at no option here.
        "NONE" if test.is_empty() => return Ok(None),
        "NONE" => return Err("`HEALTHCHECK NONE` takes nothing more".to_owned()),
        "CMD" => {}
        "" => return Err("`HEALTHCHECK` needs `CMD` or `NONE`".to_owned()),
        other => return Err(format!("`HEALTHCHECK` takes `CMD` or `NONE`, not `{other}`")),
    }
    let test = match form(test)? {
        Form::Exec(words) if words.is_empty() => {
            return Err("a command is missing behind `HEALTHCHECK CMD`".to_owned());
        }
        Form::Shell(line) if line.is_empty() => {
            return Err("a command is missing behind `HEALTHCHECK CMD`".to_owned());
        }
        Form::Exec(words) => ImageTest::Exec(words),
        Form::Shell(line) => ImageTest::Shell(line),
    };
    let options = options(parts, &OPTIONS)?;
    let time = |name: &str| duration(name, value(&options, name));
    let retries = match value(&options, "retries").filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => {
            let number: i32 =
                text.parse().map_err(|_| format!("`--retries` takes a whole number, not `{text}`"))?;
            let number = u32::try_from(number)
                .map_err(|_| format!("`--retries` takes a number from 0 on, not `{text}`"))?;
            (number > 0).then_some(number)
        }
    };
    Ok(Some(ImageHealthcheck {
        test,
        interval: time("interval")?,
        timeout: time("timeout")?,
        start_period: time("start-period")?,
        start_interval: time("start-interval")?,
        retries,
    }))
}

/// A time of at least a millisecond; zero means Docker's default.
fn duration(name: &str, text: Option<&str>) -> Result<Option<Duration>, String> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let wrong = || format!("`--{name}` takes a time such as `30s` or `1m30s`, not `{text}`");
    // Go, which reads it, knows neither days nor weeks.
    if text.contains(['d', 'w']) {
        return Err(wrong());
    }
    let Duration(nanoseconds) = Duration::parse(text).map_err(|_| wrong())?;
    match nanoseconds {
        0 => Ok(None),
        1_000_000.. => Ok(Some(Duration(nanoseconds))),
        _ => Err(format!("`--{name}` takes at least 1ms, not `{text}`")),
    }
}

/// The words of a test as text.
pub(super) fn texts(words: Vec<String>) -> Vec<Text> {
    words.into_iter().map(Text::from).collect()
}
