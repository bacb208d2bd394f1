//! The rule folders: what the head of each `rule.md` says.

use std::fs;
use std::path::Path;

/// A rule as its folder describes it.
#[derive(Debug)]
pub(crate) struct Rule {
    /// The folder's name, which is the rule's only one.
    pub(crate) slug: String,
    /// One line that names the fact.
    pub(crate) summary: String,
    /// The levels in the postures faithful, restricted and production.
    pub(crate) levels: [String; 3],
    /// The first version that has it.
    pub(crate) since: String,
    /// What kind of fix it offers.
    pub(crate) fix: String,
    /// The Markdown after the head.
    pub(crate) body: String,
    /// Whether the folder holds a check.
    pub(crate) has_check: bool,
    /// Whether reading the files says all of it.
    pub(crate) of_reading: bool,
}

const LEVELS: [&str; 3] = ["note", "warning", "error"];
const FIXES: [&str; 3] = ["none", "safe", "unsafe"];
const KEYS: [&str; 7] = ["summary", "level", "restricted", "production", "since", "fix", "raised"];

/// The headings of a rule's text, in their order.
pub(crate) const HEADINGS: [&str; 5] =
    ["What it finds", "Why it matters on Kubernetes", "What to do", "Examples", "When it is fine to ignore"];

/// All rules, by their slugs.
pub(crate) fn read_all(root: &Path) -> Result<Vec<Rule>, String> {
    let problem = |error: std::io::Error| format!("rules: {error}");
    let mut rules = Vec::new();
    for folder in fs::read_dir(root.join("rules")).map_err(problem)? {
        let folder = folder.map_err(problem)?;
        if !folder.path().is_dir() {
            continue;
        }
        let slug = folder.file_name().to_string_lossy().into_owned();
        let text = fs::read_to_string(folder.path().join("rule.md"))
            .map_err(|error| format!("rules/{slug}/rule.md: {error}"))?;
        let has_check = folder.path().join("check.rs").is_file();
        rules.push(
            read(&slug, &text, has_check).map_err(|problem| format!("rules/{slug}/rule.md: {problem}"))?,
        );
    }
    rules.sort_by(|left, right| left.slug.cmp(&right.slug));
    Ok(rules)
}

/// One rule from its slug and the text of its `rule.md`.
pub(crate) fn read(slug: &str, text: &str, has_check: bool) -> Result<Rule, String> {
    check_slug(slug)?;
    let (head, body) = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .ok_or("it has to start with a head between two lines of `---`")?;
    let lines =
        head.lines().map(|line| line.split_once(": ").ok_or_else(|| format!("`{line}` is no `key: value`")));
    let entries: Vec<(&str, &str)> = lines.collect::<Result<_, _>>()?;
    if let Some((key, _)) = entries.iter().find(|(key, _)| !KEYS.contains(key)) {
        return Err(format!("the head has no key `{key}`"));
    }
    let get = |key: &str| entries.iter().find(|(name, _)| *name == key).map(|(_, value)| value.trim());
    let must = |key: &str| get(key).ok_or_else(|| format!("the head lacks `{key}`"));
    let level = must("level")?;
    let restricted = get("restricted").unwrap_or(level);
    let rule = Rule {
        slug: slug.to_owned(),
        summary: must("summary")?.to_owned(),
        levels: [level, restricted, get("production").unwrap_or(restricted)].map(str::to_owned),
        since: must("since")?.to_owned(),
        fix: must("fix")?.to_owned(),
        body: body.trim().to_owned() + "\n",
        has_check,
        of_reading: match get("raised") {
            None => false,
            Some("reading") => true,
            Some(other) => return Err(format!("`raised: {other}` is not known; there is `reading`")),
        },
    };
    check(&rule)?;
    Ok(rule)
}

/// A slug is kebab-case and names the bad thing.
pub(crate) fn check_slug(slug: &str) -> Result<(), String> {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    if !slug.split('-').all(is_word) {
        return Err(format!("`{slug}` is no slug: lower-case words joined by hyphens"));
    }
    match ["no-", "use-", "should-"].iter().find(|prefix| slug.starts_with(**prefix)) {
        Some(prefix) => Err(format!("a slug names the bad thing; `{prefix}…` names the remedy")),
        None => Ok(()),
    }
}

fn check(rule: &Rule) -> Result<(), String> {
    if let Some(level) = rule.levels.iter().find(|level| !LEVELS.contains(&level.as_str())) {
        return Err(format!("`{level}` is no level; there are {}", LEVELS.join(", ")));
    }
    if !FIXES.contains(&rule.fix.as_str()) {
        return Err(format!("`{}` is no kind of fix; there are {}", rule.fix, FIXES.join(", ")));
    }
    if rule.summary.ends_with('.') || rule.summary.starts_with(char::is_uppercase) {
        return Err("the summary starts in lower case and has no final period".into());
    }
    let headings: Vec<&str> = rule.body.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    if headings != HEADINGS {
        return Err(format!("the headings are {headings:?}; they have to be {HEADINGS:?}"));
    }
    if let Some(line) = rule.body.lines().chain([rule.summary.as_str()]).find(|line| line.starts_with('<')) {
        return Err(format!("a line that is still to be written: {line}"));
    }
    Ok(())
}
