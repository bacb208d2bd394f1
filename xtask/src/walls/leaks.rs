//! Traces of a machine that may not be committed: its paths, and the hosts that it takes packages from.

use std::path::Path;

use super::Breach;

/// The source that every entry of `Cargo.lock` names, whatever mirror a machine uses.
const CRATES: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What would betray this machine.
pub(super) struct Traces {
    paths: Vec<String>,
    hosts: Vec<String>,
}

impl Traces {
    /// Each machine looks for its own traces, so no list of paths has to be kept here.
    pub(super) fn of_this_machine(root: &Path) -> Self {
        let mut paths = vec![root.display().to_string()];
        if let Some(shared) = crate::place::shared() {
            paths.push(shared.display().to_string());
        }
        let home = std::env::var("HOME").unwrap_or_default();
        if home.len() > 1 {
            paths.extend([".cargo", ".rustup", ".cache", "go/pkg"].map(|folder| format!("{home}/{folder}")));
        }
        for variable in ["CARGO_HOME", "RUSTUP_HOME", "GOPATH", "CARGO_TARGET_DIR"] {
            paths.extend(std::env::var(variable).ok().filter(|path| path.starts_with('/') && path.len() > 5));
        }
        let mirrors = ["GOPROXY", "PIP_INDEX_URL", "NPM_CONFIG_REGISTRY", "CARGO_REGISTRIES_CRATES_IO_INDEX"];
        let hosts = mirrors.iter().filter_map(|variable| std::env::var(variable).ok());
        let hosts = hosts.flat_map(|value| value.split(',').filter_map(private_host).collect::<Vec<_>>());
        Self { paths, hosts: hosts.collect() }
    }
}

/// The host of a mirror; the public registries are no secret.
fn private_host(address: &str) -> Option<String> {
    const PUBLIC: &[&str] =
        &["proxy.golang.org", "pypi.org", "registry.npmjs.org", "index.crates.io", "github.com"];
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split('/').next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    (!host.is_empty() && !PUBLIC.contains(&host)).then(|| host.to_owned())
}

/// Every line of a file that betrays a machine.
pub(super) fn check(file: &Path, text: &str, traces: &Traces) -> Vec<Breach> {
    let lock = file.file_name().is_some_and(|name| name == "Cargo.lock");
    let mut breaches = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut breach =
            |rule: String| breaches.push(Breach { file: file.to_owned(), line: index + 1, rule });
        if let Some(path) = traces.paths.iter().find(|path| line.contains(path.as_str())) {
            breach(format!("`{path}` is a path of one machine"));
        }
        if traces.hosts.iter().any(|host| line.contains(host.as_str())) {
            breach("a package mirror of one machine is named".to_owned());
        }
        if lock && line.starts_with("source = ") && !line.contains(CRATES) {
            breach("a crate comes from elsewhere than crates.io".to_owned());
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_a_mirror_of_the_machine_are_breaches() {
        let traces = Traces { paths: vec!["/my/place".to_owned()], hosts: vec!["mirror.lan".to_owned()] };
        let text = "see /my/place/notes\nfine\nindex = \"https://mirror.lan/x\"\n";
        let found: Vec<String> =
            check(Path::new("a.md"), text, &traces).iter().map(Breach::to_string).collect();
        assert_eq!(
            found,
            [
                "a.md:1: `/my/place` is a path of one machine",
                "a.md:3: a package mirror of one machine is named"
            ]
        );
    }

    #[test]
    fn a_lock_file_knows_one_registry() {
        let traces = Traces { paths: Vec::new(), hosts: Vec::new() };
        let text = format!("source = \"{CRATES}\"\nsource = \"sparse+https://elsewhere/\"\n");
        let found = check(Path::new("Cargo.lock"), &text, &traces);
        assert_eq!(found[0].to_string(), "Cargo.lock:2: a crate comes from elsewhere than crates.io");
    }

    #[test]
    fn the_public_registries_are_no_secret() {
        assert_eq!(private_host("https://proxy.golang.org"), None);
        assert_eq!(private_host("https://user@mirror.lan:8080/go"), Some("mirror.lan".to_owned()));
    }
}
