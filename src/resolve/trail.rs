//! Where a step stands in the project: the keys from the top, and how they are written.

use super::path::push_key;
use crate::source::Text;

/// The keys from the top down; an item of a list is its number in brackets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail(Vec<Text>);

impl Trail {
    /// The trail of some keys.
    #[must_use]
    pub fn of(keys: &[&str]) -> Self {
        Self(keys.iter().map(Text::new).collect())
    }

    /// Does something one key further down.
    pub fn with<T>(&mut self, key: &Text, work: impl FnOnce(&mut Self) -> T) -> T {
        self.0.push(key.clone());
        let result = work(self);
        self.0.pop();
        result
    }

    /// Does something at an item of a list.
    pub fn item<T>(&mut self, index: usize, work: impl FnOnce(&mut Self) -> T) -> T {
        self.with(&smol_str::format_smolstr!("[{index}]"), work)
    }

    /// Whether the keys are these; `*` is any key, `[]` any item.
    #[must_use]
    pub fn is(&self, pattern: &[&str]) -> bool {
        self.0.len() == pattern.len() && self.starts(pattern)
    }

    /// Whether the keys begin with these.
    #[must_use]
    pub fn starts(&self, pattern: &[&str]) -> bool {
        let matches = |(key, wanted): (&Text, &&str)| match *wanted {
            "*" => true,
            "[]" => key.starts_with('['),
            wanted => key == wanted,
        };
        self.0.len() >= pattern.len() && self.0.iter().zip(pattern).all(matches)
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &[Text] {
        &self.0
    }

    /// The path as findings write it: `services.web.ports[0]`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut path = String::new();
        for key in &self.0 {
            if key.starts_with('[') && key.ends_with(']') {
                path.push_str(key);
                continue;
            }
            if !path.is_empty() {
                path.push('.');
            }
            push_key(&mut path, key);
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_is_written_with_its_indices_and_quotes() {
        assert_eq!(Trail::of(&["services", "a.b", "ports", "[2]"]).text(), "services.\"a.b\".ports[2]");
        assert!(Trail::of(&["services", "a.b", "ports", "[2]"]).is(&["services", "*", "ports", "[]"]));
    }
}
