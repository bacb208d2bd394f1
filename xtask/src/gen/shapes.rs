//! The Compose schema as a flat list of shapes: references followed, `oneOf` and `allOf` folded away.
//!
//! Folding is sound because the branches of each `oneOf` take different kinds of values, and each `allOf` joins open
//! mappings that share no key. Both are checked here; a schema of another make is refused.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// What a value must look like; the numbers are positions in [`Shapes::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shape {
    /// The kinds of values, as bits of [`KINDS`].
    pub(crate) kinds: u8,
    /// The words that a string may be.
    pub(crate) words: Vec<String>,
    /// The expression that a string matches.
    pub(crate) expression: Option<String>,
    /// The least number.
    pub(crate) least: Option<i64>,
    /// The greatest number.
    pub(crate) greatest: Option<i64>,
    /// The shape of list items, and whether each may be there once only.
    pub(crate) items: Option<(usize, bool)>,
    /// The keys of a mapping.
    pub(crate) fields: Option<Fields>,
}

/// The keys of a mapping.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fields {
    /// The keys that are known by name, and their shapes.
    pub(crate) known: BTreeMap<String, usize>,
    /// The expression of further keys, and their shape.
    pub(crate) pattern: Option<(String, usize)>,
    /// Whether any other key is welcome.
    pub(crate) open: bool,
    /// The keys that must be there.
    pub(crate) required: Vec<String>,
    /// Keys of which one must be there.
    pub(crate) alternatives: Vec<String>,
}

/// The kinds of values by their names in the schema, in the order of their bits.
pub(crate) const KINDS: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];
/// The bits of every kind.
pub(crate) const ANY: u8 = 0x7f;

const INTEGER: u8 = 1 << 2;
const NUMBER: u8 = 1 << 3;
const LIST: u8 = 1 << 5;
const MAP: u8 = 1 << 6;

/// All shapes of a schema; a shape comes after those that it names, the document itself is the last one.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    /// The shapes.
    pub(crate) list: Vec<Shape>,
    definitions: BTreeMap<String, Shape>,
    under_way: Vec<String>,
}

/// Reads the whole schema.
pub(crate) fn read(schema: &Value) -> Result<Shapes, String> {
    let mut shapes = Shapes::default();
    shapes.number(Shape { kinds: ANY, ..Shape::default() });
    let root = shapes.shape(schema, schema)?;
    shapes.number(root);
    Ok(shapes)
}

impl Shapes {
    /// The number of a shape; equal shapes share one.
    fn number(&mut self, shape: Shape) -> usize {
        self.list.iter().position(|known| *known == shape).unwrap_or_else(|| {
            self.list.push(shape);
            self.list.len() - 1
        })
    }

    fn child(&mut self, root: &Value, schema: &Value) -> Result<usize, String> {
        let shape = self.shape(root, schema)?;
        Ok(self.number(shape))
    }

    fn shape(&mut self, root: &Value, schema: &Value) -> Result<Shape, String> {
        let keywords = schema.as_object().ok_or_else(|| format!("a schema that is no mapping: {schema}"))?;
        check_keywords(keywords)?;
        if let Some(reference) = keywords.get("$ref") {
            alone(keywords, "$ref")?;
            return self.definition(root, reference);
        }
        if let Some(branches) = keywords.get("oneOf").and_then(Value::as_array) {
            alone(keywords, "oneOf")?;
            return self.fold_branches(root, branches);
        }
        if let Some(parts) = keywords.get("allOf").and_then(Value::as_array) {
            return self.fold_parts(root, keywords, parts);
        }
        if keywords.keys().all(|key| NOTES.contains(&key.as_str())) {
            return Ok(Shape { kinds: ANY, ..Shape::default() });
        }
        self.plain(root, keywords)
    }

    fn definition(&mut self, root: &Value, reference: &Value) -> Result<Shape, String> {
        let name = reference.as_str().and_then(|text| text.strip_prefix("#/$defs/"));
        let name = name.ok_or_else(|| format!("a reference that leads out of `$defs`: {reference}"))?;
        if let Some(shape) = self.definitions.get(name) {
            return Ok(shape.clone());
        }
        if self.under_way.iter().any(|open| open == name) {
            return Err(format!("`{name}` refers to itself"));
        }
        self.under_way.push(name.to_owned());
        let shape = self.shape(root, &root["$defs"][name])?;
        self.under_way.pop();
        self.definitions.insert(name.to_owned(), shape.clone());
        Ok(shape)
    }

    /// `oneOf` whose branches take different kinds of values: the kind of a value picks the branch.
    fn fold_branches(&mut self, root: &Value, branches: &[Value]) -> Result<Shape, String> {
        let mut folded = Shape::default();
        for branch in branches {
            let shape = self.shape(root, branch)?;
            if spread(folded.kinds) & spread(shape.kinds) != 0 {
                return Err(format!("two branches of a `oneOf` take the same kind of value: {branch}"));
            }
            folded.kinds |= shape.kinds;
            folded.words.extend(shape.words);
            folded.expression = folded.expression.or(shape.expression);
            folded.least = folded.least.or(shape.least);
            folded.greatest = folded.greatest.or(shape.greatest);
            folded.items = folded.items.or(shape.items);
            folded.fields = folded.fields.or(shape.fields);
        }
        Ok(folded)
    }

    /// `allOf` of open mappings, closed by `unevaluatedProperties: false`: one mapping with the keys of all.
    fn fold_parts(
        &mut self,
        root: &Value,
        keywords: &Map<String, Value>,
        parts: &[Value],
    ) -> Result<Shape, String> {
        if keywords.get("unevaluatedProperties") != Some(&Value::Bool(false)) {
            return Err("an `allOf` that does not close its mapping".into());
        }
        let mut own = keywords.clone();
        own.retain(|key, _| key != "allOf" && key != "unevaluatedProperties");
        own.insert("type".into(), "object".into());
        let mut whole = self.fields(root, &own)?;
        for part in parts {
            let shape = self.shape(root, part)?;
            let fields = shape.fields.filter(|fields| shape.kinds == MAP && fields.open);
            let fields = fields
                .ok_or_else(|| format!("an `allOf` over something else than an open mapping: {part}"))?;
            for (key, number) in fields.known {
                if whole.known.insert(key.clone(), number).is_some() {
                    return Err(format!("two parts of an `allOf` know the key `{key}`"));
                }
            }
            if whole.pattern.is_some() && whole.pattern != fields.pattern {
                return Err(format!("an `allOf` over different patterns: {part}"));
            }
            whole.pattern = fields.pattern;
            whole.required.extend(fields.required);
            whole.alternatives.extend(fields.alternatives);
        }
        whole.open = false;
        Ok(Shape { kinds: MAP, fields: Some(whole), ..Shape::default() })
    }

    fn plain(&mut self, root: &Value, keywords: &Map<String, Value>) -> Result<Shape, String> {
        let kinds = kinds(keywords.get("type"))?;
        let mut shape = Shape { kinds, ..Shape::default() };
        if let Some(words) = keywords.get("enum") {
            shape.words = texts(words)?;
        }
        shape.expression = keywords.get("pattern").map(text).transpose()?;
        shape.least = keywords.get("minimum").map(whole).transpose()?;
        shape.greatest = keywords.get("maximum").map(whole).transpose()?;
        if kinds & LIST != 0 {
            let items = keywords.get("items").ok_or("a list without a shape for its items")?;
            let unique = keywords.get("uniqueItems") == Some(&Value::Bool(true));
            shape.items = Some((self.child(root, items)?, unique));
        }
        if kinds & MAP != 0 {
            shape.fields = Some(self.fields(root, keywords)?);
        }
        Ok(shape)
    }

    fn fields(&mut self, root: &Value, keywords: &Map<String, Value>) -> Result<Fields, String> {
        let mut fields = Fields { open: true, ..Fields::default() };
        match keywords.get("additionalProperties") {
            None => {}
            Some(Value::Bool(false)) => fields.open = false,
            Some(other) => return Err(format!("`additionalProperties` other than false: {other}")),
        }
        for (key, child) in keywords.get("properties").and_then(Value::as_object).into_iter().flatten() {
            fields.known.insert(key.clone(), self.child(root, child)?);
        }
        for (pattern, child) in
            keywords.get("patternProperties").and_then(Value::as_object).into_iter().flatten()
        {
            let pattern = (pattern.clone(), self.child(root, child)?);
            if let Some(second) = fields.pattern.replace(pattern) {
                return Err(format!("a mapping with two patterns, one is {second:?}"));
            }
        }
        let is_extension = |pattern: &(String, usize)| pattern.0 == "^x-";
        if !fields.known.is_empty() && fields.pattern.as_ref().is_some_and(|pattern| !is_extension(pattern)) {
            return Err(format!("a mapping with known keys and the pattern {:?}", fields.pattern));
        }
        if let Some(required) = keywords.get("required") {
            fields.required = texts(required)?;
        }
        for branch in keywords.get("anyOf").and_then(Value::as_array).into_iter().flatten() {
            match texts(&branch["required"])?.as_slice() {
                [key] if branch.as_object().is_some_and(|only| only.len() == 1) => {
                    fields.alternatives.push(key.clone());
                }
                _ => return Err(format!("an `anyOf` over something else than one required key: {branch}")),
            }
        }
        Ok(fields)
    }
}

const NOTES: [&str; 8] =
    ["description", "title", "default", "deprecated", "$schema", "$id", "$defs", "$comment"];
const RULES: [&str; 15] = [
    "$ref",
    "type",
    "enum",
    "pattern",
    "minimum",
    "maximum",
    "items",
    "uniqueItems",
    "properties",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "required",
    "oneOf",
    "allOf",
];

fn check_keywords(keywords: &Map<String, Value>) -> Result<(), String> {
    let known = |key: &str| NOTES.contains(&key) || RULES.contains(&key) || key == "anyOf";
    match keywords.keys().find(|key| !known(key)) {
        Some(key) => Err(format!("the keyword `{key}`, which nothing here reads")),
        None => Ok(()),
    }
}

fn alone(keywords: &Map<String, Value>, keyword: &str) -> Result<(), String> {
    match keywords.keys().find(|key| *key != keyword && !NOTES.contains(&key.as_str())) {
        Some(key) => Err(format!("`{key}` beside `{keyword}`")),
        None => Ok(()),
    }
}

/// The bits of the kinds that a `type` names.
fn kinds(names: Option<&Value>) -> Result<u8, String> {
    let names = match names {
        Some(Value::String(name)) => vec![name.clone()],
        Some(list) => texts(list)?,
        None => return Err("rules without a `type`".into()),
    };
    names.iter().try_fold(0, |bits, name| {
        let bit = KINDS.iter().position(|kind| kind == name).ok_or_else(|| format!("the type `{name}`"))?;
        Ok(bits | 1 << bit)
    })
}

/// The bits with an integer counted as a number, because every integer is one.
fn spread(kinds: u8) -> u8 {
    if kinds & NUMBER != 0 { kinds | INTEGER } else { kinds }
}

fn text(value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("no text where one belongs: {value}"))
}

fn texts(value: &Value) -> Result<Vec<String>, String> {
    value.as_array().ok_or_else(|| format!("no list where one belongs: {value}"))?.iter().map(text).collect()
}

fn whole(value: &Value) -> Result<i64, String> {
    value.as_i64().ok_or_else(|| format!("a bound that is no integer: {value}"))
}
