//! The shapes of the schema, written as Rust.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;

use super::shapes::{ANY, Fields, KINDS, Shape, Shapes};

const HEAD: &str = "\
//! The Compose schema as tables. Written by `cargo xtask gen` from `compose-spec.json`; do not edit.

use super::shape::{ANY, BOOL, INTEGER, LIST, MAP, NULL, NUMBER, STRING};
use super::shape::{Fields, Pattern, Shape, Words};
";
const WIDTH: usize = 110;
const CONSTANTS: [&str; 7] = ["NULL", "BOOL", "INTEGER", "NUMBER", "STRING", "LIST", "MAP"];

/// The text of the generated table.
pub(crate) fn write(shapes: &Shapes) -> Result<String, String> {
    let names = first_paths(shapes);
    let fields = distinct_fields(shapes);
    let mut text = HEAD.to_owned();
    let root = shapes.list.len() - 1;
    writeln!(text, "\n/// The shape of the whole document.\npub(super) const ROOT: usize = {root};")
        .expect(MEMORY);
    text.push_str("\n/// Every shape; number 0 takes all values.\n#[rustfmt::skip]\n");
    writeln!(text, "pub(super) static SHAPES: [Shape; {}] = [", shapes.list.len()).expect(MEMORY);
    for (number, shape) in shapes.list.iter().enumerate() {
        let path = names.get(&number).map_or("the document", String::as_str);
        writeln!(text, "    {}, // {number} {path}", shape_text(shape, &fields)?).expect(MEMORY);
    }
    text.push_str("];\n\n/// The keys of every mapping; number 0 takes all keys.\n#[rustfmt::skip]\n");
    writeln!(text, "pub(super) static FIELDS: [Fields; {}] = [", fields.len()).expect(MEMORY);
    for (number, fields) in fields.iter().enumerate() {
        writeln!(text, "    // {number}\n{}", fields_text(fields)?).expect(MEMORY);
    }
    text.push_str("];\n");
    Ok(text)
}

const MEMORY: &str = "a string takes all that is written to it";

/// The shortest path at which each shape is used, for the reader of the table.
fn first_paths(shapes: &Shapes) -> BTreeMap<usize, String> {
    let mut names = BTreeMap::new();
    let mut queue = VecDeque::from([(shapes.list.len() - 1, String::new())]);
    while let Some((number, path)) = queue.pop_front() {
        if names.contains_key(&number) {
            continue;
        }
        let shape = &shapes.list[number];
        if let Some((items, _)) = shape.items {
            queue.push_back((items, format!("{path}[]")));
        }
        let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        if let Some(fields) = &shape.fields {
            // Services before jobs: they share most shapes, and a reader looks for services.
            let (services, others): (Vec<_>, Vec<_>) =
                fields.known.iter().partition(|(key, _)| *key == "services");
            queue.extend(services.into_iter().chain(others).map(|(key, number)| (*number, below(key))));
            queue.extend(
                fields
                    .pattern
                    .iter()
                    .map(|(pattern, number)| (*number, below(if pattern == "^x-" { "x-*" } else { "*" }))),
            );
        }
        if !path.is_empty() {
            names.insert(number, path);
        }
    }
    names
}

fn distinct_fields(shapes: &Shapes) -> Vec<Fields> {
    let mut distinct = vec![Fields { open: true, ..Fields::default() }];
    for fields in shapes.list.iter().filter_map(|shape| shape.fields.as_ref()) {
        if !distinct.contains(fields) {
            distinct.push(fields.clone());
        }
    }
    distinct
}

fn shape_text(shape: &Shape, fields: &[Fields]) -> Result<String, String> {
    let mut text = format!("Shape::of({})", kinds_text(shape.kinds));
    match (&shape.expression, shape.words.as_slice()) {
        (None, []) => {}
        (None, words) => write!(text, ".text(Words::OneOf({}))", list_text(words)).expect(MEMORY),
        (Some(expression), []) => write!(text, ".text(Words::{})", words_name(expression)?).expect(MEMORY),
        (Some(expression), _) => return Err(format!("words beside the pattern `{expression}`")),
    }
    if let Some(least) = shape.least {
        write!(text, ".least({least})").expect(MEMORY);
    }
    if let Some(greatest) = shape.greatest {
        write!(text, ".greatest({greatest})").expect(MEMORY);
    }
    if let Some((items, unique)) = shape.items {
        write!(text, ".items({items}){}", if unique { ".unique()" } else { "" }).expect(MEMORY);
    }
    let own = shape.fields.as_ref().and_then(|own| fields.iter().position(|known| known == own));
    if let Some(number) = own.filter(|number| *number != 0) {
        write!(text, ".fields({number})").expect(MEMORY);
    }
    Ok(text)
}

/// One call, or the keys over several lines where they do not fit.
fn fields_text(fields: &Fields) -> Result<String, String> {
    let mut rules = String::new();
    if let Some((pattern, shape)) = &fields.pattern {
        write!(rules, ".pattern(Pattern::{}, {shape})", pattern_name(pattern)?).expect(MEMORY);
    }
    if !fields.required.is_empty() {
        write!(rules, ".required({})", list_text(&fields.required)).expect(MEMORY);
    }
    if !fields.alternatives.is_empty() {
        write!(rules, ".alternatives({})", list_text(&fields.alternatives)).expect(MEMORY);
    }
    let name = if fields.open { "open" } else { "closed" };
    let keys: Vec<String> = fields.known.iter().map(|(key, shape)| format!("({key:?}, {shape})")).collect();
    let line = format!("    Fields::{name}(&[{}]){rules},", keys.join(", "));
    if line.len() <= WIDTH {
        return Ok(line);
    }
    let mut lines = vec![format!("    Fields::{name}(&["), "       ".to_owned()];
    for key in keys {
        let last = lines.last_mut().expect("two lines are there from the start");
        if last.len() + key.len() + 2 > WIDTH {
            lines.push(format!("        {key},"));
        } else {
            write!(last, " {key},").expect(MEMORY);
        }
    }
    lines.push(format!("    ]){rules},"));
    Ok(lines.join("\n"))
}

fn kinds_text(kinds: u8) -> String {
    if kinds == ANY {
        return "ANY".into();
    }
    let names: Vec<&str> =
        (0..KINDS.len()).filter(|bit| kinds & 1 << bit != 0).map(|bit| CONSTANTS[bit]).collect();
    names.join(" | ")
}

fn list_text(words: &[String]) -> String {
    format!("&{words:?}")
}

/// The validator matches by hand; a pattern that it does not know must not pass silently.
fn pattern_name(pattern: &str) -> Result<&'static str, String> {
    Ok(match pattern {
        "^x-" => "Extension",
        "^[a-zA-Z0-9._-]+$" => "Name",
        ".+" => "Filled",
        "^.+$" => "Line",
        "^[a-z]+$" => "LowerCase",
        _ => return Err(format!("the pattern `{pattern}` of keys, which the validator cannot match")),
    })
}

fn words_name(expression: &str) -> Result<&'static str, String> {
    Ok(match expression {
        "[a-zA-Z0-9][a-zA-Z0-9_.-]+" => "ContainerName",
        "^(always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+)$" => {
            "PullPolicy"
        }
        _ => return Err(format!("the pattern `{expression}` of texts, which the validator cannot match")),
    })
}
