//! Variables in the values of a file: every string is a template, and some are numbers or switches afterwards.

use super::context::{Environment, Loader};
use super::pairs;
use super::template::{self, ProblemKind};
use super::trail::Trail;
use crate::compose::leaf::boolean;
use crate::diag::{Edit, Finding, Safety, slugs};
use crate::source::Text;
use crate::source::origin::{Modifier, Part, PartKind, Template, Variable};
use crate::source::span::{Span, Spanned};
use crate::tree::{Node, Value};
use std::ops::Range;

/// So many problems of one text get places of their own.
const PLACES: usize = 100;

/// What a string becomes at some paths.
#[derive(Clone, Copy)]
enum Cast {
    Int,
    Umask,
    Float,
    Bool,
}

/// Replaces the variables below a node; what cannot be replaced is reported and taken out.
pub fn interpolate(loader: &mut Loader<'_>, node: &mut Node, environment: &Environment) {
    walk(loader, node, environment, &mut Trail::default());
}

fn walk(loader: &mut Loader<'_>, node: &mut Node, environment: &Environment, trail: &mut Trail) -> bool {
    match &mut node.value {
        Value::Map(map) => map.entries.retain_mut(|entry| {
            if is_plain(&entry.node) && !is_cast(&entry.key, trail) {
                return true;
            }
            let key = entry.key.clone();
            trail.with(&key, |trail| walk(loader, &mut entry.node, environment, trail))
        }),
        Value::List(items) => {
            let mut index = 0;
            items.retain_mut(|item| {
                index += 1;
                // No item of a list is cast by itself.
                if is_plain(item) {
                    return true;
                }
                trail.item(index - 1, |trail| walk(loader, item, environment, trail))
            });
        }
        Value::String(_) => return scalar(loader, node, environment, trail),
        _ => {}
    }
    true
}

/// Whether there is nothing to do at a node, wherever it stands, unless its key asks for another type.
fn is_plain(node: &Node) -> bool {
    match &node.value {
        Value::Map(_) | Value::List(_) => false,
        Value::String(text) => !text.contains('$') && !matches!(text.len(), 2 | 3),
        _ => true,
    }
}

/// Whether a string below a key may become another type.
fn is_cast(key: &str, trail: &Trail) -> bool {
    // The names of variables and labels seldom look like these.
    let is_key = key.len() <= 22 && key.starts_with(|letter: char| letter.is_ascii_lowercase());
    is_key && CAST.contains(&key) || trail.keys().last().is_some_and(|above| above == "ulimits")
}

/// The last keys of the paths at which Compose makes numbers and switches of strings.
const CAST: [&str; 37] = [
    "external",
    "internal",
    "attachable",
    "enable_ipv4",
    "enable_ipv6",
    "cpu_count",
    "cpu_period",
    "cpu_quota",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "cpu_shares",
    "oom_score_adj",
    "pids_limit",
    "hard",
    "soft",
    "cpu_percent",
    "cpus",
    "init",
    "oom_kill_disable",
    "privileged",
    "read_only",
    "use_service_name_alias",
    "nocopy",
    "umask",
    "required",
    "restart",
    "disable",
    "stdin_open",
    "tty",
    "retries",
    "target",
    "replicas",
    "parallelism",
    "max_attempts",
    "max_replicas_per_node",
    "scale",
    "max_failure_ratio",
];

/// Interpolates one string; says whether it can stay.
fn scalar(loader: &mut Loader<'_>, node: &mut Node, environment: &Environment, trail: &Trail) -> bool {
    let Value::String(text) = &node.value else { return true };
    obsolete_switch(loader, node, text, trail);
    let mut keep = true;
    if text.contains('$') {
        let outcome =
            template::interpolate(text, &|name| environment.get(name).map(|found| found.value.clone()));
        let source = loader.files.share(node.span.file);
        let place = |range: Range<usize>| crate::yaml::inner(&source.text, node.span, range);
        for (range, variable) in outcome.template.iter().flat_map(uses) {
            let place = || {
                let span = place(range);
                Spanned { value: (), span, key: span, origin: node.origin }
            };
            loader.used(variable, place, environment);
        }
        for (index, problem) in outcome.problems.into_iter().enumerate() {
            // To find a place takes as long as the text is; after so many the whole text is the place.
            let span = if index < PLACES { place(problem.range) } else { node.span };
            keep &= report(loader, span, problem.kind, trail);
        }
        keep &= loader.grow(node.span, "", outcome.value.len());
        node.value = Value::String(outcome.value);
        if let Some(template) = outcome.template {
            node.origin = loader.template(node.origin, template);
        }
    }
    if !keep {
        return false;
    }
    let Some(cast) = cast(trail) else { return true };
    let Some(text) = node.as_str() else { return true };
    match cast.apply(text) {
        Some(value) => node.value = value,
        None => {
            let said = if pairs::is_template(&loader.origins, node) { "becomes" } else { "is" };
            let message = format!("`{}` {said} no {}", trail.text(), cast.wanted());
            let tip = format!("write {}", cast.wanted());
            loader.refuse(Finding::new(slugs::INVALID_COMPOSE, node.span, trail.text(), message).tip(tip));
            return false;
        }
    }
    true
}

/// `yes` and its like are booleans to Compose, to readers of YAML 1.1 and to nobody else.
fn obsolete_switch(loader: &mut Loader<'_>, node: &Node, text: &str, trail: &Trail) {
    let boolean = match text.len() {
        2 | 3 => match text.to_ascii_lowercase().as_str() {
            "yes" | "on" => "true",
            "no" | "off" => "false",
            _ => return,
        },
        _ => return,
    };
    if !is_switch(trail) {
        return;
    }
    let message = format!("`{text}` is a boolean to some readers of YAML and text to others");
    let edit = Edit { span: node.span, text: boolean.to_owned() };
    let finding = Finding::new(slugs::OBSOLETE_KEY, node.span, trail.text(), message)
        .tip(format!("write `{boolean}`"))
        .fix(Safety::Safe, format!("write `{boolean}`"), vec![edit]);
    loader.note(finding);
}

/// Whether Compose takes a boolean at a path.
fn is_switch(trail: &Trail) -> bool {
    if let Some(cast) = cast(trail) {
        return matches!(cast, Cast::Bool);
    }
    let keys: Vec<&str> = trail.keys().iter().map(Text::as_str).collect();
    match keys.as_slice() {
        ["services", _, rest @ ..] | ["jobs", _, rest @ ..] => matches!(
            rest,
            ["attach"]
                | ["build", "no_cache" | "privileged" | "pull"]
                | ["env_file", _, "required"]
                | ["post_start" | "pre_stop", _, "privileged"]
                | ["pre_start", _, "per_replica"]
                | ["volumes", _, "bind", "create_host_path"]
                | ["triggers", "manual"]
        ),
        _ => false,
    }
}

/// Reports what is wrong with a template; says whether its value can stay.
fn report(loader: &mut Loader<'_>, span: Span, kind: ProblemKind, trail: &Trail) -> bool {
    match kind {
        ProblemKind::Invalid => {
            let message = "`$` starts no variable here";
            let finding = Finding::new(slugs::INVALID_COMPOSE, span, trail.text(), message)
                .tip("write `$$` for a dollar sign, or `${NAME}`");
            loader.refuse(finding);
            false
        }
        ProblemKind::TooDeep => {
            let message = "defaults are nested too deep";
            loader.refuse(
                Finding::new(slugs::INVALID_COMPOSE, span, trail.text(), message).tip("nest fewer `${…}`"),
            );
            false
        }
        ProblemKind::TooLarge => {
            let message = "variables make too much text of this value";
            let finding = Finding::new(slugs::INVALID_COMPOSE, span, trail.text(), message);
            loader.refuse(finding.tip("give the variables shorter values"));
            false
        }
        ProblemKind::Missing { name, message } => {
            loader.demanded(&name, &message, span, trail.text());
            true
        }
        ProblemKind::Unset { name } => {
            loader.unset(&name, span, trail.text());
            true
        }
    }
}

/// The variables of a template with their bytes in it, those in defaults included.
fn uses(template: &Template) -> Vec<(Range<usize>, &Variable)> {
    let mut found = Vec::new();
    collect(&template.parts, &mut found);
    found
}

fn collect<'t>(parts: &'t [Part], found: &mut Vec<(Range<usize>, &'t Variable)>) {
    for part in parts {
        if let PartKind::Variable(variable) = &part.kind {
            found.push((part.range.start as usize..part.range.end as usize, variable));
            match &variable.modifier {
                Modifier::None => {}
                Modifier::Default { word, .. }
                | Modifier::Required { word, .. }
                | Modifier::Alternative { word, .. } => collect(word, found),
            }
        }
    }
}

impl Cast {
    fn apply(self, text: &str) -> Option<Value> {
        match self {
            Self::Int => go_int(text).map(Value::Int),
            Self::Umask => umask(text).map(Value::Int),
            Self::Float => crate::compose::numbers::parse_float(text).map(Value::Float),
            Self::Bool => boolean(text).map(Value::Bool),
        }
    }

    fn wanted(self) -> &'static str {
        match self {
            Self::Int => "whole number",
            Self::Umask => "file mode mask as `022`",
            Self::Float => "number",
            Self::Bool => "`true` or `false`",
        }
    }
}

/// A decimal whole number as Go reads it: a sign and digits.
fn go_int(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// A mask as YAML writes whole numbers: a leading `0`, `0o`, `0x` or `0b` sets the base.
fn umask(text: &str) -> Option<i64> {
    let digits = text.replace('_', "");
    let (digits, base) = match digits.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => (&digits[2..], 16),
        Some("0o") => (&digits[2..], 8),
        Some("0b") => (&digits[2..], 2),
        _ if digits.len() > 1 && digits.starts_with('0') => (&digits[1..], 8),
        _ => (digits.as_str(), 10),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    u32::from_str_radix(digits, base).ok().map(i64::from)
}

/// What the string at a path becomes, after Compose's own table.
fn cast(trail: &Trail) -> Option<Cast> {
    // No path of the table is shorter or longer.
    let keys = trail.keys();
    if !(3..=8).contains(&keys.len()) {
        return None;
    }
    let mut names = [""; 8];
    for (name, key) in names.iter_mut().zip(keys) {
        *name = key;
    }
    Some(match &names[..keys.len()] {
        ["networks", _, "external" | "internal" | "attachable" | "enable_ipv4" | "enable_ipv6"]
        | ["volumes" | "secrets" | "configs", _, "external"] => Cast::Bool,
        ["services", _, "pre_start", _, rest @ ..] => return container_cast(rest),
        ["services", _, rest @ ..] => {
            return container_cast(rest).or_else(|| workload_cast(rest)).or_else(|| service_cast(rest));
        }
        ["jobs", _, rest @ ..] => return container_cast(rest).or_else(|| workload_cast(rest)),
        _ => return None,
    })
}

fn container_cast(keys: &[&str]) -> Option<Cast> {
    Some(match keys {
        ["cpu_count" | "cpu_period" | "cpu_quota" | "cpu_rt_period" | "cpu_rt_runtime" | "cpu_shares"]
        | ["oom_score_adj" | "pids_limit"]
        | ["ulimits", _]
        | ["ulimits", _, "hard" | "soft"] => Cast::Int,
        ["cpu_percent" | "cpus"] => Cast::Float,
        ["init" | "oom_kill_disable" | "privileged" | "read_only"]
        | ["networks", _, "use_service_name_alias"]
        | ["volumes", _, "read_only"]
        | ["volumes", _, "volume", "nocopy"] => Cast::Bool,
        ["umask"] => Cast::Umask,
        _ => return None,
    })
}

fn workload_cast(keys: &[&str]) -> Option<Cast> {
    Some(match keys {
        ["depends_on", _, "required" | "restart"] | ["healthcheck", "disable"] | ["stdin_open" | "tty"] => {
            Cast::Bool
        }
        ["healthcheck", "retries"] | ["ports", _, "target"] => Cast::Int,
        _ => return None,
    })
}

fn service_cast(keys: &[&str]) -> Option<Cast> {
    Some(match keys {
        ["deploy", "replicas"]
        | ["deploy", "update_config" | "rollback_config", "parallelism"]
        | ["deploy", "restart_policy", "max_attempts"]
        | ["deploy", "placement", "max_replicas_per_node"]
        | ["scale"] => Cast::Int,
        ["deploy", "update_config" | "rollback_config", "max_failure_ratio"] => Cast::Float,
        _ => return None,
    })
}
