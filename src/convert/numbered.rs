//! Names with numbers: for values that differ and want one name.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::format_smolstr;

use crate::source::Text;

/// Names that hold one value each.
#[derive(Debug, Default)]
pub struct Names {
    taken: BTreeSet<Text>,
    /// The same with their values, which stand first.
    held: BTreeSet<(Text, Text)>,
    /// The smallest number that may be free, by name: thousands of values may want the same one.
    free: BTreeMap<Text, u32>,
}

impl Names {
    /// The first of the name and the name with a number that holds this value or none.
    pub fn settle(&mut self, name: &Text, value: &Text) -> Text {
        let free = self.free.entry(name.clone()).or_insert(1);
        while self.taken.contains(&self::name(name, *free)) {
            *free += 1;
        }
        let of_value = self.held.range((value.clone(), name.clone())..).take_while(|(of, _)| of == value);
        let alike = of_value.map(|(_, held)| held).take_while(|held| held.starts_with(name.as_str()));
        let number = alike.filter_map(|held| number_of(held, name)).min();
        let settled = self::name(name, number.filter(|number| number < free).unwrap_or(*free));
        self.taken.insert(settled.clone());
        self.held.insert((value.clone(), settled.clone()));
        settled
    }
}

/// A name with a number; the first one goes without.
#[must_use]
pub fn name(name: &Text, number: u32) -> Text {
    if number == 1 { name.clone() } else { format_smolstr!("{name}_{number}") }
}

/// The number that [`name`] put behind a name.
fn number_of(numbered: &Text, name: &Text) -> Option<u32> {
    if numbered == name {
        return Some(1);
    }
    let number = numbered.strip_prefix(name.as_str())?.strip_prefix('_')?.parse().ok()?;
    (number > 1 && self::name(name, number) == *numbered).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is meant: the first candidate that is free or holds the value.
    fn one_by_one(given: &mut BTreeMap<Text, Text>, name: &Text, value: &Text) -> Text {
        let candidate = (1..)
            .map(|number| self::name(name, number))
            .find(|candidate| given.get(candidate).is_none_or(|held| held == value))
            .expect("numbers do not end");
        given.insert(candidate.clone(), value.clone());
        candidate
    }

    #[test]
    fn every_value_has_the_first_name_that_holds_nothing_else() {
        // Names that are one another's numbers, so that a number may be taken, or hold the value, before it is asked for.
        let wanted = ["A", "A_2", "A_3", "A_02", "A_2_2", "A_", "AB"].map(Text::new_static);
        let (mut names, mut given) = (Names::default(), BTreeMap::new());
        let mut state = 7_u32;
        let mut dice = |sides: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % sides
        };
        for turn in 0..4_000 {
            let name = &wanted[dice(7) as usize];
            let value = format_smolstr!("{}", dice(60));
            let settled = names.settle(name, &value);
            assert_eq!(settled, one_by_one(&mut given, name, &value), "turn {turn}: {name} for {value}");
        }
        assert!(given.len() > 200, "{}", given.len());
    }
}
