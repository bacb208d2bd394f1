//! What stands between the braces of a template.

use crate::plan::Plan;
use crate::plan::field::{Field, Leaf, Scalar};
use crate::plan::knob::{Image, Knob, KnobId, Part, Shape};
use crate::source::Text;

/// The value at a path among the values.
#[must_use]
pub fn path(path: &[Text]) -> String {
    let is_name = |name: &Text| {
        name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let plain = path.iter().take_while(|name| is_name(name)).count();
    let mut text = String::from(".Values");
    for name in &path[..plain] {
        text.push('.');
        text.push_str(name);
    }
    if plain == path.len() {
        return text;
    }
    let rest: Vec<String> = path[plain..].iter().map(|name| literal(name)).collect();
    format!("(index {text} {})", rest.join(" "))
}

/// The value of a choice.
#[must_use]
pub fn value(plan: &Plan, knob: KnobId) -> String {
    plan.knobs.get(knob.0).map_or_else(String::new, |knob| path(&knob.path))
}

/// The value of a choice as an argument: one that has to be there asks for it.
#[must_use]
pub fn argument(plan: &Plan, id: KnobId) -> String {
    let Some(knob) = plan.knobs.get(id.0) else { return String::new() };
    let value = path(&knob.path);
    let value = if knob.required { format!("(required {} {value})", literal(&missing(knob))) } else { value };
    match knob.shape {
        Shape::Integer { .. } => format!("({} | int64)", value),
        Shape::Text | Shape::Switch | Shape::Amount | Shape::Map | Shape::List => value,
    }
}

/// What is said when a value is missing.
fn missing(knob: &Knob) -> String {
    let name = knob.path.join(".");
    if knob.help.is_empty() {
        format!("`{}` has no value: set {name}", knob.name())
    } else {
        format!("`{}` has no value: set {name} ({})", knob.name(), knob.help)
    }
}

/// A choice where it stands alone: a number as it is, all else as text.
#[must_use]
pub fn alone(plan: &Plan, id: KnobId) -> String {
    let shape = plan.knobs.get(id.0).map(|knob| knob.shape);
    let argument = argument(plan, id);
    let argument = argument
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .map_or(argument.clone(), str::to_owned);
    match shape {
        Some(Shape::Integer { .. } | Shape::Switch) => format!("{{{{ {argument} }}}}"),
        _ => format!("{{{{ {argument} | quote }}}}"),
    }
}

/// A text that is put together, as an argument; one choice alone is that choice.
#[must_use]
pub fn text(plan: &Plan, parts: &[Part]) -> String {
    match parts {
        [Part::Knob(knob)] => return argument(plan, *knob),
        [Part::Job(name)] => return job(plan, name),
        _ => {}
    }
    let (mut format, mut arguments) = (String::new(), String::new());
    for part in parts {
        match part {
            Part::Literal(text) => format.push_str(&text.replace('%', "%%")),
            Part::Knob(knob) => {
                format.push_str("%v");
                arguments.push_str(&format!(" {}", argument(plan, *knob)));
            }
            Part::Job(name) => {
                format.push_str("%v");
                arguments.push_str(&format!(" {}", job(plan, name)));
            }
            Part::Namespace(_) => {
                format.push_str("%v");
                arguments.push_str(" .Release.Namespace");
            }
        }
    }
    format!("(printf {}{arguments})", literal(&format))
}

/// A text that is put together, as the value of a field.
#[must_use]
pub fn quoted(plan: &Plan, parts: &[Part]) -> String {
    if let [Part::Knob(knob)] = parts
        && plan.knobs.get(knob.0).is_some_and(|knob| matches!(knob.shape, Shape::Integer { .. }))
    {
        return format!("{{{{ {} | quote }}}}", unwrapped(&argument(plan, *knob)));
    }
    format!("{{{{ {} | quote }}}}", unwrapped(&text(plan, parts)))
}

/// An argument as the whole of an expression, which needs no parentheses.
#[must_use]
pub fn unwrapped(text: &str) -> &str {
    text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(text)
}

/// The name of an image.
#[must_use]
pub fn image(plan: &Plan, chart: &str, image: &Image) -> String {
    let mut or = String::new();
    for (name, parts) in &image.or {
        or.push_str(&format!(" {} {}", literal(name), text(plan, parts)));
    }
    let or = if or.is_empty() { or } else { format!(" \"or\" (dict{or})") };
    format!(
        "{{{{ include \"{chart}.image\" (dict \"global\" .Values.global \"image\" {}{or}) | quote }}}}",
        path(&image.path)
    )
}

/// The name of a Job, as an argument.
#[must_use]
pub fn job(plan: &Plan, name: &str) -> String {
    format!("(include {} .)", literal(&super::job::template(plan, name)))
}

/// A text as a template writes it.
#[must_use]
pub fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether nothing is there until somebody chooses.
#[must_use]
pub fn is_open(knob: &Knob) -> bool {
    match &knob.default {
        None => true,
        Some(Field::Leaf(Leaf { value, .. })) => match value {
            Scalar::Text(text) => text.is_empty(),
            Scalar::EmptyMap | Scalar::EmptyList => true,
            Scalar::Int(_) | Scalar::Bool(_) | Scalar::Number(_) => false,
        },
        Some(Field::Map(_) | Field::List(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::field::Field;
    use crate::plan::why::Why;

    fn plan(shape: Shape, required: bool) -> Plan {
        let path = vec!["variables".into(), "PORT".into()];
        let default = Some(Field::leaf("x", &Why::Policy("a test")));
        let knob = Knob { path, shape, default, required, help: "which one".into(), place: None };
        Plan { knobs: vec![knob], ..Plan::default() }
    }

    #[test]
    fn names_that_no_template_reads_are_looked_up() {
        let names = |names: &[&str]| names.iter().copied().map(Text::new).collect::<Vec<_>>();
        assert_eq!(path(&names(&["web", "image", "tag"])), ".Values.web.image.tag");
        assert_eq!(path(&names(&["secrets", "tls", "tls.key"])), "(index .Values.secrets.tls \"tls.key\")");
        assert_eq!(path(&names(&["2fa"])), "(index .Values \"2fa\")");
    }

    #[test]
    fn texts_are_put_together_whatever_they_hold() {
        let plan = plan(Shape::Text, false);
        let parts = [Part::Literal("100% \"{{\" ".into()), Part::Knob(KnobId(0))];
        assert_eq!(
            quoted(&plan, &parts),
            "{{ printf \"100%% \\\"{{\\\" %v\" .Values.variables.PORT | quote }}"
        );
    }

    #[test]
    fn numbers_are_numbers_and_what_has_to_be_there_is_asked_for() {
        let number = Shape::Integer { least: 0, most: None };
        assert_eq!(alone(&plan(number, false), KnobId(0)), "{{ .Values.variables.PORT | int64 }}");
        assert_eq!(
            alone(&plan(Shape::Text, true), KnobId(0)),
            "{{ required \"`PORT` has no value: set variables.PORT (which one)\" .Values.variables.PORT | quote }}"
        );
    }
}
