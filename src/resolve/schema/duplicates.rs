//! Items of a list that are there already, as JSON sees equality: numbers by value, mappings in any order.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use crate::tree::{Node, Value};

/// Up to so many items are compared pair by pair.
const FEW: usize = 8;

/// Each item that repeats an earlier one, with that one; in order.
pub(super) fn duplicates(items: &[Node]) -> Vec<(usize, usize)> {
    if items.len() <= FEW {
        let first = |repeat: usize| (0..repeat).find(|first| is_same(&items[*first], &items[repeat]));
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
            match firsts.iter().find(|first| is_same(&items[**first], &items[*at])) {
                Some(first) => found.push((*at, *first)),
                None => firsts.push(*at),
            }
        }
    }
    found.sort_unstable();
    found
}

fn is_same(left: &Node, right: &Node) -> bool {
    if let (Some(left), Some(right)) = (number(&left.value), number(&right.value)) {
        return left == right;
    }
    match (&left.value, &right.value) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::String(left) | Value::Timestamp(left), Value::String(right) | Value::Timestamp(right)) => {
            left == right
        }
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same(left, right))
        }
        (Value::Map(left), Value::Map(right)) => {
            let is_in_right =
                |key: &str, node: &Node| right.get(key).is_some_and(|other| is_same(node, other));
            left.entries.len() == right.entries.len()
                && left.entries.iter().all(|entry| is_in_right(&entry.key, &entry.node))
        }
        _ => false,
    }
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
