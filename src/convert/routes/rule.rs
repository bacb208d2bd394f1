//! Rules of Traefik: those that are hosts and paths, and nothing more.

use super::PathKind;
use super::words::{is_host, is_path};

/// What a rule asks of a request; what is absent is not asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The host.
    pub host: Option<String>,
    /// The path.
    pub path: Option<Path>,
}

/// A path and how it is compared.
pub type Path = (String, PathKind);

/// The most requests that one rule may describe.
const MOST: usize = 64;

/// The requests that a rule lets through.
///
/// # Errors
/// The part of it that is no plain host and no plain path.
pub fn read(rule: &str) -> Result<Vec<Match>, String> {
    let mut matches = Vec::new();
    let mut rest = rule.trim();
    loop {
        let mut hosts: Option<Vec<String>> = None;
        let mut paths: Option<Vec<Path>> = None;
        loop {
            let (matcher, words, after) = term(rest)?;
            let whole = || part(&rest[..rest.len() - after.len()]);
            let twice = match matcher {
                Matcher::Host => {
                    let lower: Vec<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
                    let legal = lower.iter().all(|host| is_host(host) && !host.starts_with('*'));
                    if !legal {
                        return Err(whole());
                    }
                    hosts.replace(lower).is_some()
                }
                Matcher::Path(kind) => {
                    if !words.iter().all(|path| is_path(path)) {
                        return Err(whole());
                    }
                    paths.replace(words.into_iter().map(|path| (path, kind)).collect()).is_some()
                }
            };
            if twice {
                return Err(whole());
            }
            rest = after.trim_start();
            match rest.strip_prefix("&&") {
                Some(next) => rest = next.trim_start(),
                None => break,
            }
        }
        let hosts: Vec<Option<String>> = hosts.map_or(vec![None], |all| all.into_iter().map(Some).collect());
        let paths: Vec<Option<Path>> = paths.map_or(vec![None], |all| all.into_iter().map(Some).collect());
        for host in &hosts {
            matches.extend(paths.iter().map(|path| Match { host: host.clone(), path: path.clone() }));
        }
        if matches.len() > MOST {
            return Err(part(rule));
        }
        match rest.strip_prefix("||") {
            Some(next) => rest = next.trim_start(),
            None if rest.is_empty() => return Ok(matches),
            None => return Err(part(rest)),
        }
    }
}

enum Matcher {
    Host,
    Path(PathKind),
}

/// A matcher, its words, and what stands behind it.
fn term(text: &str) -> Result<(Matcher, Vec<String>, &str), String> {
    let fault = || part(text);
    let (name, rest) = text.split_once('(').ok_or_else(fault)?;
    let matcher = match name.trim_end().to_ascii_lowercase().as_str() {
        "host" => Matcher::Host,
        "pathprefix" => Matcher::Path(PathKind::Prefix),
        "path" => Matcher::Path(PathKind::Exact),
        _ => return Err(fault()),
    };
    let mut words = Vec::new();
    let mut rest = rest.trim_start();
    loop {
        let quote =
            rest.chars().next().filter(|letter| matches!(letter, '`' | '"' | '\'')).ok_or_else(fault)?;
        let (word, after) = rest[1..].split_once(quote).ok_or_else(fault)?;
        words.push(word.to_owned());
        let after = after.trim_start();
        if let Some(behind) = after.strip_prefix(')') {
            return Ok((matcher, words, behind));
        }
        rest = after.strip_prefix(',').ok_or_else(fault)?.trim_start();
    }
}

/// As much of a text as a message shows: up to the next matcher.
fn part(text: &str) -> String {
    let text = text.trim();
    let end = text.match_indices(['&', '|']).map(|(at, _)| at).find(|at| *at > 0).unwrap_or(text.len());
    let shown = text[..end].trim_end();
    if shown.is_empty() { "nothing".to_owned() } else { shown.chars().take(60).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rule: &str) -> String {
        let one = |found: Match| {
            let path = found.path.map_or(String::new(), |(path, kind)| format!("{path} {kind:?}"));
            format!("{} {path}", found.host.unwrap_or_else(|| "*".into())).trim_end().to_owned()
        };
        match read(rule) {
            Ok(matches) => matches.into_iter().map(one).collect::<Vec<_>>().join(", "),
            Err(part) => format!("not plain: {part}"),
        }
    }

    #[test]
    fn plain_rules_are_hosts_and_paths() {
        assert_eq!(shown("Host(`Shop.example.com`)"), "shop.example.com");
        assert_eq!(shown("Host( `a.b` ) && PathPrefix(`/api`)"), "a.b /api Prefix");
        assert_eq!(shown("Path(`/ping`)"), "* /ping Exact");
        assert_eq!(shown("Host(`a.b`, `c.d`)"), "a.b, c.d");
        assert_eq!(shown("Host(\"a.b\") || Host('c.d') && Path(`/x`)"), "a.b, c.d /x Exact");
    }

    #[test]
    fn what_is_more_is_named() {
        assert_eq!(shown("HostRegexp(`.+`)"), "not plain: HostRegexp(`.+`)");
        assert_eq!(shown("Host(`a.b`) && !PathPrefix(`/v1`)"), "not plain: !PathPrefix(`/v1`)");
        assert_eq!(shown("(Host(`a.b`) || Host(`c.d`)) && Path(`/`)"), "not plain: (Host(`a.b`)");
        assert_eq!(shown("Host(`a.b`) && Host(`c.d`)"), "not plain: Host(`c.d`)");
        assert_eq!(shown("Host(``)"), "not plain: Host(``)");
        assert_eq!(shown("Path(`/{id:[0-9]+}`)"), "not plain: Path(`/{id:[0-9]+}`)");
        assert_eq!(shown("Host(`a.b`) Path(`/`)"), "not plain: Path(`/`)");
        assert_eq!(shown(""), "not plain: nothing");
        assert_eq!(shown("Host(`a.b"), "not plain: Host(`a.b");
        assert_eq!(shown("Host(`a.b`) &&"), "not plain: nothing");
        assert_eq!(shown("Host:a.b"), "not plain: Host:a.b");
    }
}
