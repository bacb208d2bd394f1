//! Variables of the files: in which fields the text of each one stands.

use std::collections::BTreeMap;

use super::{Desk, Draft};
use crate::compose::words;
use crate::diag::sensitive::is_sensitive;
use crate::plan::address;
use crate::plan::field::{Field, Leaf, Scalar};
use crate::plan::knob::{Fill, KnobId, Part, Shape};
use crate::plan::ledger::Row;
use crate::plan::object::Object;
use crate::plan::why::{RowId, Why};
use crate::source::Text;
use crate::source::origin::{Hop, Modifier, Origin, PartKind, Variable};

/// What a piece of a text is before the choices have their numbers.
#[derive(Clone, Debug, PartialEq)]
enum Bit<'v> {
    Literal(Text),
    /// What the kubelet puts in.
    Reference(Text),
    Variable(&'v Variable),
    /// A variable of the host, by its name, and the value that it has here.
    Host(Text, Text),
}

/// What stands in a field: the bits of its text.
struct Found<'v> {
    object: usize,
    path: Text,
    number: bool,
    bits: Vec<Bit<'v>>,
    row: RowId,
}

/// What is known of a variable.
#[derive(Default)]
struct Known {
    result: Text,
    required: bool,
    is_number: bool,
    knob: Option<KnobId>,
}

/// Finds the variables that stand in the objects.
pub fn find(desk: &mut Desk<'_, '_>, objects: &[Object]) {
    let pass = desk.pass;
    let origins = &pass.input.project.origins;
    let rows = pass.accounts.rows();
    let speaks =
        |row: &RowId| rows.get(row.0 as usize).is_some_and(|row| is_chosen(origins.get(row.place.origin)));
    let mut found = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        // Addresses are made for the few objects in which a variable stands.
        let mut any = false;
        object.body.each_leaf(&mut |leaf| any = any || leaf.why.rows().iter().any(speaks));
        if !any {
            continue;
        }
        address::each(&object.body, &mut |path, leaf| {
            for row in leaf.why.rows().iter().filter(|row| speaks(row)) {
                let Some(entry) = rows.get(row.0 as usize) else { continue };
                if let Some(bits) = bits(desk, entry, origins.get(entry.place.origin), path, leaf) {
                    let number = matches!(leaf.value, Scalar::Int(_));
                    found.push(Found { object: at, path: path.into(), number, bits, row: *row });
                    break;
                }
            }
        });
    }
    enter(desk, objects, found);
}

/// Makes a choice of each variable, and has it stand where it was found.
fn enter(desk: &mut Desk<'_, '_>, objects: &[Object], found: Vec<Found<'_>>) {
    let mut known: BTreeMap<Text, Known> = BTreeMap::new();
    for Found { number, bits, .. } in &found {
        for bit in bits {
            let (name, result, required) = match bit {
                Bit::Variable(variable) => {
                    let required = matches!(variable.modifier, Modifier::Required { .. });
                    (&variable.name, &variable.result, required)
                }
                Bit::Host(name, value) => (name, value, false),
                Bit::Literal(_) | Bit::Reference(_) => continue,
            };
            let entry = known
                .entry(name.clone())
                .or_insert_with(|| Known { result: result.clone(), ..Known::default() });
            // A parameter has one value: where the files give another one, the field keeps what it has.
            if entry.result == *result {
                entry.required |= required;
                entry.is_number |= *number;
            }
        }
    }
    for Found { object, path, number, bits, row } in found {
        let parts: Option<Vec<Part>> = bits.iter().map(|bit| part(desk, &mut known, bit, row)).collect();
        let Some(parts) = parts.filter(|parts| parts.iter().any(|part| matches!(part, Part::Knob(_)))) else {
            continue;
        };
        let fill = match parts.as_slice() {
            [Part::Knob(knob)] if number => Fill::Whole(*knob),
            _ => Fill::Text(parts),
        };
        desk.fill(&objects[object], path, fill);
    }
}

/// A bit as a part; nothing when its variable has another value elsewhere.
fn part(
    desk: &mut Desk<'_, '_>,
    known: &mut BTreeMap<Text, Known>,
    bit: &Bit<'_>,
    row: RowId,
) -> Option<Part> {
    let (name, result) = match bit {
        Bit::Literal(text) => return Some(Part::Literal(text.clone())),
        Bit::Reference(name) => return Some(Part::Literal(format!("$({name})").into())),
        Bit::Variable(variable) => (&variable.name, &variable.result),
        Bit::Host(name, value) => (name, value),
    };
    let is_fixed = desk.pass.options().fixed.contains(name);
    let entry = known.get_mut(name).filter(|entry| !is_fixed && entry.result == *result)?;
    if let Some(knob) = entry.knob {
        return Some(Part::Knob(knob));
    }
    let is_unmet = entry.required && result.is_empty();
    let why = Why::Row(row);
    let (shape, default) = match result.parse::<i64>() {
        Ok(number) if entry.is_number && number.to_string() == result.as_str() => {
            (Shape::Integer { least: 0, most: None }, Field::leaf(number, &why))
        }
        _ if entry.is_number => return None,
        _ => (Shape::Text, Field::leaf(result, &why)),
    };
    let place = desk.place(&why);
    let help = match bit {
        Bit::Variable(variable) => words(variable),
        _ => String::new(),
    };
    let required = entry.required;
    let knob = desk.knob(&["variables", name], || Draft {
        shape,
        default: (!is_unmet).then_some(default),
        required,
        help,
        place,
    });
    entry.knob = Some(knob);
    Some(Part::Knob(knob))
}

/// What the author says of a variable that has to have a value.
#[must_use]
pub fn words(variable: &Variable) -> String {
    match &variable.modifier {
        Modifier::Required { word, .. } => crate::source::origin::text(word),
        Modifier::None | Modifier::Default { .. } | Modifier::Alternative { .. } => String::new(),
    }
}

/// Whether a value has its text from a variable.
fn is_chosen(origin: &Origin) -> bool {
    origin.template.is_some() || origin.hops.iter().any(|hop| matches!(hop, Hop::Inherited(_)))
}

/// The bits of a field, when its text is that of the value; nothing when it only depends on it.
fn bits<'v>(
    desk: &Desk<'v, '_>,
    row: &Row,
    origin: &'v Origin,
    path: &str,
    leaf: &Leaf,
) -> Option<Vec<Bit<'v>>> {
    // What names a variable or a key is no value.
    if path.contains("secretKeyRef") || path.contains("env[") && path.ends_with("].name") {
        return None;
    }
    let written = match &leaf.value {
        Scalar::Text(text) => text.to_string(),
        Scalar::Int(number) => number.to_string(),
        Scalar::Bool(_) | Scalar::Number(_) | Scalar::EmptyMap | Scalar::EmptyList => return None,
    };
    if origin.hops.iter().any(|hop| matches!(hop, Hop::Inherited(_))) {
        let name = key(row.path.as_str());
        let is_own = row.path.contains(".environment") && path.ends_with(".value") && !is_sensitive(name);
        return is_own.then(|| vec![Bit::Host(name.into(), written.into())]);
    }
    let secret = |variable: &Variable| desk.pass.survey.secrets.is_secret(variable);
    let candidates = candidates(row, origin, &written);
    let number = matches!(leaf.value, Scalar::Int(_));
    for bits in candidates {
        if number && !matches!(bits.as_slice(), [Bit::Variable(_)]) {
            continue;
        }
        if let Some(bits) = matched(&bits, &written, &secret) {
            return Some(bits);
        }
    }
    // A port is named after its number.
    let (protocol, rest) =
        written.split_once('-').filter(|_| path.contains("ports[") && path.ends_with("].name"))?;
    let own = candidates_of(origin).into_iter().find_map(|bits| matched(&bits, rest, &secret))?;
    let mut bits = vec![Bit::Literal(format!("{protocol}-").into())];
    bits.extend(own);
    Some(bits)
}

/// The last key of a path.
fn key(path: &str) -> &str {
    let last = path.rsplit_once(".environment").map_or(path, |(_, last)| last);
    last.trim_start_matches(['.', '[', '"']).trim_end_matches(['"', ']'])
}

/// What the text of a value may be: all of what its template became, the word of a line, the value behind a key.
fn candidates<'v>(row: &Row, origin: &'v Origin, written: &str) -> Vec<Vec<Bit<'v>>> {
    let mut candidates = candidates_of(origin);
    if let Some(bits) = word(&row.path, origin) {
        return vec![bits];
    }
    let behind_key = origin.of.is_none()
        && origin.whole().is_some_and(|whole| {
            whole
                .strip_suffix(written)
                .is_some_and(|key| key.ends_with('=') && row.path.contains(key.trim_end_matches('=')))
        });
    if behind_key {
        candidates.extend(bits_of(origin, written));
    }
    candidates
}

fn candidates_of(origin: &Origin) -> Vec<Vec<Bit<'_>>> {
    origin.whole().and_then(|whole| bits_of(origin, &whole)).into_iter().collect()
}

fn bits_of<'v>(origin: &'v Origin, text: &str) -> Option<Vec<Bit<'v>>> {
    let pieces = origin.pieces(text)?;
    let bit = |piece: crate::source::origin::Piece<'v>| match piece.variable {
        Some(variable) => Bit::Variable(variable),
        None => Bit::Literal(text[piece.range].into()),
    };
    Some(pieces.into_iter().map(bit).collect())
}

/// The bits of a word of a command line: the line is split once more, each variable as one letter that no file holds.
fn word<'v>(path: &str, origin: &'v Origin) -> Option<Vec<Bit<'v>>> {
    const FIRST: u32 = 0xf0000;
    let (list, number) = path.strip_suffix(']')?.rsplit_once('[')?;
    let at: usize = number.parse().ok()?;
    if !(list.ends_with(".command") || list.ends_with(".entrypoint")) {
        return None;
    }
    let template = origin.template.as_ref()?;
    let mut variables = Vec::new();
    let mut line = String::new();
    for part in &template.parts {
        match &part.kind {
            PartKind::Literal(text) => line.push_str(text),
            PartKind::Variable(variable) => {
                line.push(char::from_u32(FIRST + u32::try_from(variables.len()).ok()?)?);
                variables.push(variable);
            }
        }
    }
    let split = words::split(&line).ok()?;
    let text = &split.words.get(at)?.text;
    let mut bits: Vec<Bit<'v>> = Vec::new();
    let mut literal = String::new();
    for letter in text.chars() {
        let variable = (letter as u32).checked_sub(FIRST).and_then(|at| variables.get(at as usize));
        match variable {
            Some(variable) => {
                if !literal.is_empty() {
                    bits.push(Bit::Literal(std::mem::take(&mut literal).into()));
                }
                bits.push(Bit::Variable(variable));
            }
            None => literal.push(letter),
        }
    }
    if !literal.is_empty() {
        bits.push(Bit::Literal(literal.into()));
    }
    Some(bits)
}

/// The bits, where they give just the written text; a secret stands there as what the kubelet puts in.
fn matched<'v>(bits: &[Bit<'v>], written: &str, secret: &dyn Fn(&Variable) -> bool) -> Option<Vec<Bit<'v>>> {
    let mut rest = written;
    let mut matched = Vec::with_capacity(bits.len());
    for bit in bits {
        match bit {
            Bit::Literal(text) => {
                rest = rest.strip_prefix(text.as_str())?;
                matched.push(bit.clone());
            }
            Bit::Variable(variable) if secret(variable) => {
                let (name, behind) = rest.strip_prefix("$(")?.split_once(')')?;
                rest = behind;
                matched.push(Bit::Reference(name.into()));
            }
            // With an alternative it is not the variable that stands there.
            Bit::Variable(variable) if matches!(variable.modifier, Modifier::Alternative { .. }) => {
                rest = rest.strip_prefix(variable.result.as_str())?;
                matched.push(Bit::Literal(variable.result.clone()));
            }
            Bit::Variable(variable) => {
                rest = rest.strip_prefix(variable.result.as_str())?;
                matched.push(bit.clone());
            }
            Bit::Reference(_) | Bit::Host(..) => return None,
        }
    }
    rest.is_empty().then_some(matched)
}
