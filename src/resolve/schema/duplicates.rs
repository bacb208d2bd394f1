//! Items of a list that are there already, as Compose sees equality: numbers by value, mappings in any order.
//!
//! One trait of its validator is kept: in a list of up to twenty items a number equals an earlier string that reads as
//! that number (`["80", 80]`), not the other way round, and not in longer lists.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use crate::tree::{Node, Value};

/// Up to so many items Compose compares pair by pair.
const FEW: usize = 20;

/// Each item that repeats an earlier one, with that one; in order.
pub(super) fn duplicates(items: &[Node]) -> Vec<(usize, usize)> {
    if items.len() <= FEW {
        let first = |repeat: usize| (0..repeat).find(|first| is_same(&items[repeat], &items[*first]));
        return (1..items.len()).filter_map(|repeat| Some((repeat, first(repeat)?))).collect();
    }
    // A digest only brings equals together; what counts is the comparison, so that no hash decides anything.
    let mut digests: Vec<(u64, usize)> =
        items.iter().enumerate().map(|(at, item)| (digest(item), at)).collect();
    digests.sort_unstable();
    let mut found = Vec::new();
    for alike in digests.chunk_by(|left, right| left.0 == right.0).filter(|alike| alike.len() > 1) {
        let mut firsts: Vec<usize> = Vec::new();
        for (_, at) in alike {
            match firsts.iter().find(|first| is_same(&items[*at], &items[**first])) {
                Some(first) => found.push((*at, *first)),
                None => firsts.push(*at),
            }
        }
    }
    found.sort_unstable();
    found
}

fn is_same(later: &Node, earlier: &Node) -> bool {
    if let Some(later) = number(&later.value) {
        return number(&earlier.value).or_else(|| read_number(earlier)) == Some(later);
    }
    match (&later.value, &earlier.value) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(later), Value::Bool(earlier)) => later == earlier,
        (
            Value::String(later) | Value::Timestamp(later),
            Value::String(earlier) | Value::Timestamp(earlier),
        ) => later == earlier,
        (Value::List(later), Value::List(earlier)) => {
            later.len() == earlier.len()
                && later.iter().zip(earlier).all(|(later, earlier)| is_same(later, earlier))
        }
        (Value::Map(later), Value::Map(earlier)) => {
            let is_there =
                |key: &str, node: &Node| earlier.get(key).is_some_and(|other| is_same(node, other));
            later.entries.len() == earlier.entries.len()
                && later.entries.iter().all(|entry| is_there(&entry.key, &entry.node))
        }
        _ => false,
    }
}

/// The number that a string reads as, in decimal; fractions and other bases, which Compose reads too, are left out.
fn read_number(node: &Node) -> Option<f64> {
    let text = node.as_str()?;
    let is_decimal = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    if text.bytes().all(is_decimal) { text.parse().ok() } else { None }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Big(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Null
        | Value::Bool(_)
        | Value::Timestamp(_)
        | Value::String(_)
        | Value::List(_)
        | Value::Map(_) => None,
    }
}

/// A number that is the same for equal items.
fn digest(node: &Node) -> u64 {
    let mut hasher = DefaultHasher::new();
    match &node.value {
        Value::Null => 0_u8.hash(&mut hasher),
        Value::Bool(value) => (1_u8, value).hash(&mut hasher),
        Value::Int(_) | Value::Big(_) | Value::Float(_) => {
            // Adding zero makes one of the two zeros.
            let number = number(&node.value).unwrap_or_default() + 0.0;
            (2_u8, number.to_bits()).hash(&mut hasher);
        }
        Value::String(text) | Value::Timestamp(text) => (3_u8, text.as_str()).hash(&mut hasher),
        Value::List(items) => {
            (4_u8, items.len()).hash(&mut hasher);
            items.iter().for_each(|item| digest(item).hash(&mut hasher));
        }
        Value::Map(map) => {
            let entry = |key: &str, node: &Node| {
                let mut hasher = DefaultHasher::new();
                (key, digest(node)).hash(&mut hasher);
                hasher.finish()
            };
            // A sum does not see the order of the keys.
            let sum =
                map.entries.iter().fold(0_u64, |sum, item| sum.wrapping_add(entry(&item.key, &item.node)));
            (5_u8, sum).hash(&mut hasher);
        }
    }
    hasher.finish()
}
