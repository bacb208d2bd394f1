//! The options of an instruction: `--name=value`.

use super::words::Parts;

/// Which options an instruction takes.
pub(super) enum Takes {
    /// These, each with a value.
    Values(&'static [&'static str]),
    /// Options that change nothing that is read here.
    Any,
}

/// The options with their values.
pub(super) fn options(parts: &Parts<'_>, takes: &Takes) -> Result<Vec<(String, String)>, String> {
    let mut options: Vec<(String, String)> = Vec::new();
    for flag in &parts.flags {
        let (name, value) = match flag[2..].split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (&flag[2..], None),
        };
        if let Takes::Values(names) = takes {
            if !names.contains(&name) {
                return Err(format!("`{}` takes no option `--{name}`", parts.command.to_uppercase()));
            }
            if value.is_none() {
                return Err(format!("the option `--{name}` needs a value"));
            }
            if options.iter().any(|(known, _)| known == name) {
                return Err(format!("the option `--{name}` stands twice"));
            }
        }
        options.push((name.to_owned(), value.unwrap_or_default().to_owned()));
    }
    Ok(options)
}

/// The value of an option.
pub(super) fn value<'o>(options: &'o [(String, String)], name: &str) -> Option<&'o str> {
    options.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}
