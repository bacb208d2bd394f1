//! What the runner wants to know of a container: a file of the image says it.

use serde_json::Value;

/// Where the image says what to look at.
const FILE: &str = "/.probe.json";

/// What to look at, and what to play.
#[derive(Default)]
pub(crate) struct Plan {
    /// Paths to describe, whatever lies there.
    pub(crate) paths: Vec<String>,
    /// Ports to serve, as `80/tcp`.
    pub(crate) listen: Vec<String>,
    /// Names to ask for.
    pub(crate) names: Vec<String>,
    /// Where to connect to, as `db:5432/tcp`.
    pub(crate) targets: Vec<String>,
    /// A server beyond all networks of the project, as `192.0.2.1:7/tcp`.
    pub(crate) outside: Option<String>,
    /// Kernel settings to read, as `net.core.somaxconn`.
    pub(crate) sysctls: Vec<String>,
    /// Argument vectors that come to a good end by themselves, each as JSON; `*` stands for any word, `**` for all others.
    pub(crate) ends: Vec<String>,
    /// Whether a request to stop is heard and not followed.
    pub(crate) stubborn: bool,
}

impl Plan {
    /// Reads the plan of the image; an image without one asks for nothing.
    pub(crate) fn read() -> Self {
        let Ok(text) = std::fs::read_to_string(FILE) else { return Self::default() };
        let Ok(plan) = serde_json::from_str::<Value>(&text) else { return Self::default() };
        let list = |key: &str| {
            let words = plan[key].as_array().into_iter().flatten();
            words.filter_map(|word| word.as_str().map(str::to_owned)).collect()
        };
        Self {
            paths: list("paths"),
            listen: list("listen"),
            names: list("names"),
            targets: list("targets"),
            outside: plan["outside"].as_str().map(str::to_owned),
            sysctls: list("sysctls"),
            ends: list("ends"),
            stubborn: plan["stubborn"].as_bool().unwrap_or(false),
        }
    }

    /// Whether a program with these arguments comes to an end of its own.
    pub(crate) fn ends(&self, arguments: &[String]) -> bool {
        self.ends.iter().filter_map(|text| serde_json::from_str::<Vec<String>>(text).ok()).any(|words| {
            let (open, words) = match words.as_slice() {
                [words @ .., last] if last == "**" => (true, words),
                words => (false, words),
            };
            (words.len() == arguments.len() || open && words.len() <= arguments.len())
                && words.iter().zip(arguments).all(|(word, argument)| word == "*" || word == argument)
        })
    }
}
