//! Variables in the values of a file: every string is a template, and some are numbers or switches afterwards.

use super::context::{Environment, Loader};
use super::pairs;
use super::template::{self, ProblemKind};
use super::trail::Trail;
use crate::compose::leaf::boolean;
use crate::diag::{Finding, slugs};
use crate::source::Text;
use crate::source::origin::{Modifier, Origin, Part, PartKind, Template, Variable};
use crate::source::span::{Span, Spanned};
use crate::tree::{Node, Value};
use std::sync::Arc;

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
            let key = entry.key.clone();
            trail.with(&key, |trail| walk(loader, &mut entry.node, environment, trail))
        }),
        Value::List(items) => {
            let mut index = 0;
            items.retain_mut(|item| {
                index += 1;
                trail.item(index - 1, |trail| walk(loader, item, environment, trail))
            });
        }
        Value::String(_) => return scalar(loader, node, environment, trail),
        _ => {}
    }
    true
}

/// Interpolates one string; says whether it can stay.
fn scalar(loader: &mut Loader<'_>, node: &mut Node, environment: &Environment, trail: &Trail) -> bool {
    let Value::String(text) = &node.value else { return true };
    let mut keep = true;
    if text.contains('$') {
        let outcome =
            template::interpolate(text, &|name| environment.get(name).map(|found| found.value.clone()));
        let place = |range: std::ops::Range<usize>| {
            crate::yaml::inner(&loader.files.file(node.span.file).text, node.span, range)
        };
        let problems: Vec<(Span, ProblemKind)> =
            outcome.problems.into_iter().map(|problem| (place(problem.range), problem.kind)).collect();
        let uses: Vec<(Span, Variable)> =
            outcome.template.iter().flat_map(|template| uses(template, &place)).collect();
        for (span, variable) in uses {
            loader.used(&variable, Spanned { value: (), span, key: span, origin: node.origin }, environment);
        }
        for (span, kind) in problems {
            keep &= report(loader, span, kind, trail);
        }
        node.value = Value::String(outcome.value);
        if let Some(template) = outcome.template {
            let mut origin: Origin = loader.origins.get(node.origin).clone();
            origin.template = Some(Arc::new(template));
            node.origin = loader.origins.add(origin);
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
        ProblemKind::Missing { name, message } => {
            let finding = Finding::new(
                slugs::MISSING_REQUIRED_VARIABLE,
                span,
                trail.text(),
                format!("`{name}` has no value, and the file demands one"),
            )
            .at(if message.is_empty() { String::new() } else { format!("\"{message}\"") })
            .tip(format!("put it into `.env`, or pass `-e {name}=…`"));
            loader.refuse(finding);
            true
        }
        ProblemKind::Unset { name } => {
            loader.unset(&name, span, trail.text());
            true
        }
    }
}

/// The variables of a template with their places, those in defaults included.
fn uses(template: &Template, place: &dyn Fn(std::ops::Range<usize>) -> Span) -> Vec<(Span, Variable)> {
    let mut found = Vec::new();
    collect(&template.parts, place, &mut found);
    found
}

fn collect(
    parts: &[Part],
    place: &dyn Fn(std::ops::Range<usize>) -> Span,
    found: &mut Vec<(Span, Variable)>,
) {
    for part in parts {
        if let PartKind::Variable(variable) = &part.kind {
            found.push((place(part.range.start as usize..part.range.end as usize), variable.clone()));
            match &variable.modifier {
                Modifier::None => {}
                Modifier::Default { word, .. }
                | Modifier::Required { word, .. }
                | Modifier::Alternative { word, .. } => collect(word, place, found),
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
    let keys: Vec<&str> = trail.keys().iter().map(Text::as_str).collect();
    Some(match keys.as_slice() {
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
