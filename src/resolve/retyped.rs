//! Plain scalars that are no longer their own text once Compose has read them: `1.10`, `0777`, `2024-01-02`.

use super::context::Loader;
use super::path::push_key;
use crate::diag::sensitive;
use crate::diag::{Edit, Finding, Safety, slugs};
use crate::source::span::Span;
use crate::tree::{Entry, Map, Node, Value};

/// Looks at a document as it was written, before anything is merged or replaced.
pub fn look(loader: &mut Loader<'_>, root: &Node) {
    let mut found = Vec::new();
    for section in ["services", "jobs"] {
        let members = root.as_map().and_then(|map| map.get(section)).and_then(Node::as_map);
        for member in members.into_iter().flat_map(|map| &map.entries) {
            let mut path = format!("{section}.");
            push_key(&mut path, &member.key);
            if let Some(map) = member.node.as_map() {
                Look { loader, found: &mut found }.container(map, &path);
            }
        }
    }
    for finding in found {
        loader.note(finding);
    }
}

/// What a place wants, which tells when a number is not what was meant.
#[derive(Clone, Copy)]
enum Wanted {
    /// Text.
    Text,
    /// A file mode or a mask of one: digits are octal to people.
    Mode,
}

/// The keys below which a scalar may be retyped to somebody's surprise.
const KEYS: [&str; 12] = [
    "environment",
    "labels",
    "build",
    "ports",
    "configs",
    "secrets",
    "volumes",
    "umask",
    "pre_start",
    "post_start",
    "pre_stop",
    "develop",
];

struct Look<'a, 'b> {
    loader: &'a Loader<'b>,
    found: &'a mut Vec<Finding>,
}

impl Look<'_, '_> {
    fn container(&mut self, map: &Map, path: &str) {
        for entry in map.entries.iter().filter(|entry| KEYS.contains(&entry.key.as_str())) {
            let path = format!("{path}.{}", entry.key);
            match entry.key.as_str() {
                "environment" | "labels" => self.values(&entry.node, &path),
                "build" => self.build(&entry.node, &path),
                "ports" => self.ports(&entry.node, &path),
                "configs" | "secrets" => self.modes(&entry.node, &path),
                "volumes" => {
                    for (index, mount) in entry.node.as_list().into_iter().flatten().enumerate() {
                        let tmpfs = mount.as_map().and_then(|map| map.get("tmpfs")).and_then(Node::as_map);
                        self.mode(tmpfs, &format!("{path}[{index}].tmpfs"));
                    }
                }
                "umask" => self.scalar(&entry.node, None, Wanted::Mode, path),
                "pre_start" | "post_start" | "pre_stop" => self.hooks(&entry.node, &path),
                "develop" => {
                    let watches = entry.node.as_map().and_then(|map| map.get("watch"));
                    for (index, watch) in watches.and_then(Node::as_list).into_iter().flatten().enumerate() {
                        if let Some(exec) =
                            watch.as_map().and_then(|map| map.get("exec")).and_then(Node::as_map)
                        {
                            self.container(exec, &format!("{path}.watch[{index}].exec"));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn hooks(&mut self, node: &Node, path: &str) {
        for (index, hook) in node.as_list().into_iter().flatten().enumerate() {
            if let Some(hook) = hook.as_map() {
                self.container(hook, &format!("{path}[{index}]"));
            }
        }
    }

    fn build(&mut self, node: &Node, path: &str) {
        let Some(build) = node.as_map() else { return };
        if let Some(args) = build.get("args") {
            self.values(args, &format!("{path}.args"));
        }
        if let Some(secrets) = build.get("secrets") {
            self.modes(secrets, &format!("{path}.secrets"));
        }
    }

    fn values(&mut self, node: &Node, path: &str) {
        let entries = node.as_map().into_iter().flat_map(|map| &map.entries);
        // Text stays what it is; most values are text, and their paths need not be written.
        for entry in entries.filter(|entry| entry.node.as_str().is_none()) {
            let mut path = format!("{path}.");
            push_key(&mut path, &entry.key);
            self.scalar(&entry.node, Some(entry), Wanted::Text, path);
        }
    }

    fn modes(&mut self, node: &Node, path: &str) {
        for (index, item) in node.as_list().into_iter().flatten().enumerate() {
            self.mode(item.as_map(), &format!("{path}[{index}]"));
        }
    }

    fn mode(&mut self, map: Option<&Map>, path: &str) {
        if let Some(mode) = map.and_then(|map| map.get("mode")) {
            self.scalar(mode, None, Wanted::Mode, format!("{path}.mode"));
        }
    }

    fn ports(&mut self, node: &Node, path: &str) {
        for (index, item) in node.as_list().into_iter().flatten().enumerate() {
            let path = format!("{path}[{index}]");
            match &item.value {
                Value::Map(port) => {
                    for key in ["published", "target"] {
                        if let Some(number) = port.get(key) {
                            self.scalar(number, None, Wanted::Text, format!("{path}.{key}"));
                        }
                    }
                }
                Value::String(_) => self.pair(item, path),
                _ => self.scalar(item, None, Wanted::Text, path),
            }
        }
    }

    /// The text of a scalar that has neither quotes nor a tag.
    fn plain(&self, node: &Node) -> Option<&str> {
        let raw = self.loader.files.text(node.span);
        let quoted = raw.starts_with(['"', '\'', '|', '>', '!', '&', '*']);
        (!raw.is_empty() && !quoted && !raw.contains('\n')).then_some(raw)
    }

    fn scalar(&mut self, node: &Node, entry: Option<&Entry>, wanted: Wanted, path: String) {
        if matches!(node.value, Value::String(_) | Value::Null) {
            return;
        }
        let (Some(raw), Some(read)) = (self.plain(node), node.value.scalar_text()) else { return };
        let finding = match wanted {
            Wanted::Text if raw == read => return,
            Wanted::Text => {
                if entry.is_some_and(|entry| sensitive::is_sensitive(&entry.key)) {
                    self.found.push(secret(node.span, entry, path));
                    return;
                }
                let message = format!("Compose reads `{raw}` as `{read}`");
                let tip =
                    format!("quote it: `\"{read}\"` is what Compose reads, `\"{raw}\"` what is written");
                Finding::new(slugs::RETYPED_SCALAR, node.span, path, message).tip(tip)
            }
            Wanted::Mode => match &node.value {
                Value::Int(number) if raw == read && *number > 7 => {
                    let message = format!("`{raw}` is a decimal number here, which is the mode 0{number:o}");
                    let octal = if raw.bytes().all(|digit| matches!(digit, b'0'..=b'7')) {
                        format!("write `\"0{number:o}\"`, or `\"0{raw}\"` if that is meant")
                    } else {
                        format!("write `\"0{number:o}\"`")
                    };
                    let finding = Finding::new(slugs::RETYPED_SCALAR, node.span, path, message).tip(octal);
                    self.found.push(quoted(finding, node.span, &format!("0{number:o}")));
                    return;
                }
                _ => return,
            },
        };
        self.found.push(quoted(finding, node.span, &read));
    }

    /// `22:22` is a number to readers of YAML 1.1, which count in sixties.
    fn pair(&mut self, item: &Node, path: String) {
        let Some(raw) = self.plain(item) else { return };
        let Some(number) = sixties(raw) else { return };
        let message = format!("`{raw}` is the number {number} to readers of YAML 1.1");
        let finding = Finding::new(slugs::RETYPED_SCALAR, item.span, path, message).tip("quote the ports");
        self.found.push(quoted(finding, item.span, raw));
    }
}

/// The value of a key that looks like a secret is not shown, changed or unchanged.
fn secret(span: Span, entry: Option<&Entry>, path: String) -> Finding {
    let key = entry.map_or("", |entry| entry.key.as_str());
    let span = entry.map_or(span, |entry| entry.key_span);
    let message = format!("Compose reads the value of `{key}` as a number or a date, and its text changes");
    Finding::new(slugs::RETYPED_SCALAR, span, path, message).tip("quote the value")
}

fn quoted(finding: Finding, span: Span, text: &str) -> Finding {
    let edit = Edit { span, text: format!("\"{text}\"") };
    finding.fix(Safety::Safe, "write what Compose reads, in quotes", vec![edit])
}

/// The number that YAML 1.1 makes of numbers below sixty behind colons.
fn sixties(text: &str) -> Option<u64> {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = text.split(':');
    let first = parts.next().filter(|first| digits(first) && !first.is_empty() && !first.starts_with('0'))?;
    let mut number: u64 = first.parse().ok()?;
    let mut more = false;
    for part in parts {
        let sixtieth: u64 =
            part.parse().ok().filter(|below| *below < 60 && digits(part) && part.len() <= 2)?;
        number = number.checked_mul(60)?.checked_add(sixtieth)?;
        more = true;
    }
    more.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_below_sixty_are_numbers_to_old_readers() {
        let seen = ["22:22", "8080:53", "8080:80", "0:22", "22", "a:1", "1:2:3", "22:022"].map(sixties);
        assert_eq!(seen, [Some(1342), Some(484_853), None, None, None, None, Some(3723), None]);
    }
}
