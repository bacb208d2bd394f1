//! What a value must look like: the types of the generated table.

/// The kinds of values that a shape takes, as bits.
pub(super) type Kinds = u8;

/// Nothing.
pub(super) const NULL: Kinds = 1;
/// A boolean.
pub(super) const BOOL: Kinds = 1 << 1;
/// A number without a fraction; `1.0` is one.
pub(super) const INTEGER: Kinds = 1 << 2;
/// Any number.
pub(super) const NUMBER: Kinds = 1 << 3;
/// Text.
pub(super) const STRING: Kinds = 1 << 4;
/// A sequence.
pub(super) const LIST: Kinds = 1 << 5;
/// A mapping.
pub(super) const MAP: Kinds = 1 << 6;
/// Every kind.
pub(super) const ANY: Kinds = 0x7f;

/// What a value must look like; a shape names others by their position in the table.
pub(super) struct Shape {
    /// The kinds of values.
    pub(super) kinds: Kinds,
    /// What a string must be.
    pub(super) text: Words,
    /// The least number.
    pub(super) least: Option<i64>,
    /// The greatest number.
    pub(super) greatest: Option<i64>,
    /// The shape of list items.
    pub(super) items: usize,
    /// Whether a list takes each item once only.
    pub(super) unique: bool,
    /// The keys of a mapping, by their position in the table of fields.
    pub(super) fields: usize,
}

/// What a string must be.
pub(super) enum Words {
    /// Any text.
    Any,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// A name of a container: somewhere in it a letter or digit, then one of `[a-zA-Z0-9_.-]`.
    ContainerName,
    /// A pull policy: a word, or `every_` and durations.
    PullPolicy,
}

/// The keys of a mapping.
pub(super) struct Fields {
    /// The keys that are known by name, sorted, and their shapes.
    pub(super) known: &'static [(&'static str, usize)],
    /// What further keys look like, and their shape.
    pub(super) pattern: Option<(Pattern, usize)>,
    /// Whether any other key is welcome.
    pub(super) open: bool,
    /// The keys that must be there.
    pub(super) required: &'static [&'static str],
    /// Keys of which at least one must be there; empty when there is no such rule.
    pub(super) alternatives: &'static [&'static str],
}

/// What a key looks like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern {
    /// `^x-`
    Extension,
    /// `^[a-zA-Z0-9._-]+$`
    Name,
    /// `.+`: some character that is no line break
    Filled,
    /// `^.+$`: one line
    Line,
    /// `^[a-z]+$`
    LowerCase,
}

impl Shape {
    /// A shape of these kinds without further rules.
    pub(super) const fn of(kinds: Kinds) -> Self {
        Self { kinds, text: Words::Any, least: None, greatest: None, items: 0, unique: false, fields: 0 }
    }

    /// With a rule for strings.
    pub(super) const fn text(self, text: Words) -> Self {
        Self { text, ..self }
    }

    /// With a least number.
    pub(super) const fn least(self, least: i64) -> Self {
        Self { least: Some(least), ..self }
    }

    /// With a greatest number.
    pub(super) const fn greatest(self, greatest: i64) -> Self {
        Self { greatest: Some(greatest), ..self }
    }

    /// With a shape for list items.
    pub(super) const fn items(self, items: usize) -> Self {
        Self { items, ..self }
    }

    /// With list items that do not repeat.
    pub(super) const fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    /// With the keys of a mapping.
    pub(super) const fn fields(self, fields: usize) -> Self {
        Self { fields, ..self }
    }

    /// Whether one of these kinds is taken.
    pub(super) fn takes(&self, kinds: Kinds) -> bool {
        self.kinds & kinds != 0
    }
}

impl Fields {
    /// A mapping of these keys and no others.
    pub(super) const fn closed(known: &'static [(&'static str, usize)]) -> Self {
        Self { known, pattern: None, open: false, required: &[], alternatives: &[] }
    }

    /// A mapping of these keys and any others.
    pub(super) const fn open(known: &'static [(&'static str, usize)]) -> Self {
        Self { open: true, ..Self::closed(known) }
    }

    /// With a pattern for further keys.
    pub(super) const fn pattern(self, pattern: Pattern, shape: usize) -> Self {
        Self { pattern: Some((pattern, shape)), ..self }
    }

    /// With keys that must be there.
    pub(super) const fn required(self, required: &'static [&'static str]) -> Self {
        Self { required, ..self }
    }

    /// With keys of which one must be there.
    pub(super) const fn alternatives(self, alternatives: &'static [&'static str]) -> Self {
        Self { alternatives, ..self }
    }

    /// The shape of a key's value; a key that does not belong here has none.
    pub(super) fn shape_of(&self, key: &str) -> Option<usize> {
        if let Ok(at) = self.known.binary_search_by(|(known, _)| (*known).cmp(key)) {
            return Some(self.known[at].1);
        }
        match self.pattern {
            Some((pattern, shape)) if pattern.matches(key) => Some(shape),
            // Position 0 of the table takes every value.
            Some(_) | None => self.open.then_some(0),
        }
    }
}

impl Pattern {
    fn matches(self, key: &str) -> bool {
        match self {
            Self::Extension => key.starts_with("x-"),
            Self::Name => !key.is_empty() && key.bytes().all(is_name_byte),
            Self::Filled => key.bytes().any(|byte| byte != b'\n'),
            Self::Line => !key.is_empty() && !key.contains('\n'),
            Self::LowerCase => !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase()),
        }
    }
}

impl Words {
    /// Whether the text is permitted.
    pub(super) fn permit(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(words) => words.contains(&text),
            Self::ContainerName => text
                .as_bytes()
                .windows(2)
                .any(|pair| pair[0].is_ascii_alphanumeric() && is_name_byte(pair[1])),
            Self::PullPolicy => PULL_POLICIES.contains(&text) || is_refresh_interval(text),
        }
    }
}

/// The pull policies that are plain words.
pub(super) const PULL_POLICIES: [&str; 8] =
    ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"];

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// `every_` and one or more of `[0-9]+[wdhms]`.
fn is_refresh_interval(text: &str) -> bool {
    let Some(intervals) = text.strip_prefix("every_") else { return false };
    let mut has_digits = false;
    for byte in intervals.bytes() {
        match byte {
            b'0'..=b'9' => has_digits = true,
            b'w' | b'd' | b'h' | b'm' | b's' if has_digits => has_digits = false,
            _ => return false,
        }
    }
    !intervals.is_empty() && !has_digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pull_policies_are_words_or_intervals() {
        let permitted = ["daily", "every_12h", "every_1d12h"].map(|text| Words::PullPolicy.permit(text));
        assert_eq!(permitted, [true, true, true]);
        let refused = ["Daily", "every_", "every_h", "every_12", "every_1h2", "xdaily"];
        assert_eq!(refused.map(|text| Words::PullPolicy.permit(text)), [false; 6]);
    }

    #[test]
    fn container_names_need_two_name_characters_in_a_row_anywhere() {
        let permitted = ["ab", "/a_", "é-a.", "x y z9"].map(|text| Words::ContainerName.permit(text));
        assert_eq!(permitted, [true; 4]);
        assert_eq!(["a", "_a", "a b", ""].map(|text| Words::ContainerName.permit(text)), [false; 4]);
    }

    #[test]
    fn keys_match_as_go_regular_expressions_do() {
        assert!(Pattern::Filled.matches("a\nb") && !Pattern::Line.matches("a\nb"));
        assert!(
            !Pattern::Filled.matches("\n") && !Pattern::Name.matches("a\n") && !Pattern::Name.matches("é")
        );
    }
}
