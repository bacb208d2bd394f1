//! How a type of the model is read from the canonical tree and walked again: one list of keys for both.

use std::collections::HashMap;
use std::ops::Range;

use crate::source::{Text, span::Identity, span::Span, span::Spanned};
use crate::tree::{Entry, Node, Value};

/// The value of a key: there, or not.
pub type Field<T> = Option<Box<Spanned<T>>>;

/// Items in the order of the file.
pub type List<T> = Vec<Spanned<T>>;

/// The extension keys of a mapping, as they were written.
pub type Extensions = Vec<Entry>;

/// What can be read from the tree and walked again.
pub trait Codec: Sized {
    /// Reads it; a problem is noted and leaves a hole.
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self>;

    /// Shows it to a walker, keys and places included.
    fn walk(&self, walker: &mut dyn Walker);

    /// Appends the schema path of every field below `path`.
    fn fields(path: &str, paths: &mut Vec<String>) {
        let _ = (path, paths);
    }
}

/// Looks at a model from the outside: printers, ledgers and tests are walkers.
pub trait Walker {
    /// A mapping with fixed keys begins; `name` is its type.
    fn open_struct(&mut self, name: &'static str);
    /// A mapping with the user's keys begins.
    fn open_map(&mut self);
    /// A list begins.
    fn open_list(&mut self);
    /// The innermost mapping or list ends.
    fn close(&mut self);
    /// The key of the value that follows, when it is in a mapping.
    fn key(&mut self, key: &str);
    /// The place of the value that follows, and which value it is.
    fn place(&mut self, place: &Spanned<()>, identity: Identity);
    /// A value without parts.
    fn leaf(&mut self, leaf: Leaf<'_>);
    /// An extension key and its tree.
    fn extension(&mut self, entry: &Entry);
}

/// A value without parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Leaf<'a> {
    /// Nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number of single precision.
    Float(f32),
    /// Text.
    Text(&'a str),
    /// A number that is printed as text (bytes): zero counts as unset.
    Quantity(i64),
    /// A duration in nanoseconds.
    Duration(i64),
    /// A file mode.
    Mode(i64),
    /// A switch that is on unless it is turned off.
    OptOut(bool),
}

/// What is known while a tree is read: the path, what went wrong, and where the parts of a string stand.
pub struct Reading<'a> {
    /// What went wrong so far.
    pub problems: Vec<Problem>,
    path: String,
    locate: &'a dyn Fn(&Node, Range<usize>) -> Span,
}

/// A value that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its place.
    pub span: Span,
    /// Its path.
    pub path: String,
    /// What would be valid.
    pub message: String,
}

impl<'a> Reading<'a> {
    /// A reading at its beginning; `locate` finds the bytes of a string's text in its file.
    #[must_use]
    pub fn new(locate: &'a dyn Fn(&Node, Range<usize>) -> Span) -> Self {
        Self { problems: Vec::new(), path: String::new(), locate }
    }

    /// The place of a part of a string.
    #[must_use]
    pub fn part(&self, node: &Node, range: Range<usize>) -> Span {
        (self.locate)(node, range)
    }

    /// Notes that the value at `span` cannot be read.
    pub fn problem(&mut self, span: Span, message: impl Into<String>) {
        self.problems.push(Problem { span, path: self.path.clone(), message: message.into() });
    }

    /// Notes that `node` is not what is needed here.
    pub fn unexpected(&mut self, node: &Node, wanted: &str) {
        self.problem(node.span, format!("a {} stands where Compose takes {wanted}", node.value.kind()));
    }

    /// Reads what lies below a key.
    pub fn below<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        if !self.path.is_empty() {
            self.path.push('.');
        }
        if key.contains(['.', '[']) {
            self.path.push('"');
            self.path.push_str(key);
            self.path.push('"');
        } else {
            self.path.push_str(key);
        }
        let value = read(self);
        self.path.truncate(length);
        value
    }

    /// Reads the item of a list.
    fn item<T>(&mut self, index: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        self.path.push_str(&format!("[{index}]"));
        let value = read(self);
        self.path.truncate(length);
        value
    }
}

/// The entries of a mapping, taken key by key.
pub struct Entries {
    entries: Vec<Option<Entry>>,
}

impl Entries {
    /// The entries of a node, when it is a mapping.
    pub fn of(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        match node.value {
            Value::Map(map) => Some(Self { entries: map.entries.into_iter().map(Some).collect() }),
            _ => {
                reading.unexpected(&node, "a mapping");
                None
            }
        }
    }

    /// Takes the value of a key; null counts as absent.
    pub fn take<T: Codec>(&mut self, key: &str, reading: &mut Reading<'_>) -> Field<T> {
        let slot =
            self.entries.iter_mut().find(|slot| slot.as_ref().is_some_and(|entry| entry.key == key))?;
        let entry = slot.take()?;
        if entry.node.is_null() {
            return None;
        }
        reading.below(key, |reading| read_spanned(entry.node, entry.key_span, reading)).map(Box::new)
    }

    /// Takes the extension keys.
    pub fn extensions(&mut self) -> Extensions {
        let mut extensions = Vec::new();
        for slot in &mut self.entries {
            if slot.as_ref().is_some_and(|entry| entry.key.starts_with("x-")) {
                extensions.extend(slot.take());
            }
        }
        extensions
    }
}

/// Reads a value and keeps its place.
pub fn read_spanned<T: Codec>(node: Node, key: Span, reading: &mut Reading<'_>) -> Option<Spanned<T>> {
    let (span, origin) = (node.span, node.origin);
    T::read(node, reading).map(|value| Spanned { value, span, key, origin })
}

/// Shows the value of a key.
pub fn walk_field<T: Codec>(key: &str, field: &Field<T>, walker: &mut dyn Walker) {
    if let Some(field) = field {
        walker.key(key);
        walk_spanned(field, walker);
    }
}

/// Shows a value behind its place.
pub fn walk_spanned<T: Codec>(spanned: &Spanned<T>, walker: &mut dyn Walker) {
    walker.place(&spanned.with(()), Identity::of(spanned));
    spanned.value.walk(walker);
}

/// Shows the extension keys.
pub fn walk_extensions(extensions: &Extensions, walker: &mut dyn Walker) {
    for entry in extensions {
        walker.extension(entry);
    }
}

impl<T: Codec> Codec for List<T> {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        let span = node.span;
        match node.value {
            Value::List(items) => {
                let read = |(index, item): (usize, Node)| {
                    let key = item.span;
                    reading.item(index, |reading| read_spanned(item, key, reading))
                };
                // A short list has no more room than it needs: there are very many of them.
                let mut list = Vec::with_capacity(items.len());
                list.extend(items.into_iter().enumerate().filter_map(read));
                Some(list)
            }
            // One scalar is a list of one, wherever Compose takes both.
            Value::String(_)
            | Value::Int(_)
            | Value::Big(_)
            | Value::Float(_)
            | Value::Bool(_)
            | Value::Timestamp(_) => read_spanned(node, span, reading).map(|item| vec![item]),
            _ => {
                reading.unexpected(&node, "a list");
                None
            }
        }
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.open_list();
        for item in self {
            walk_spanned(item, walker);
        }
        walker.close();
    }

    fn fields(path: &str, paths: &mut Vec<String>) {
        let path = format!("{path}[]");
        paths.push(path.clone());
        T::fields(&path, paths);
    }
}

/// Null is a value here, as in `networks: {front:}`.
impl<T: Codec> Codec for Option<T> {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        if node.is_null() { Some(None) } else { T::read(node, reading).map(Some) }
    }

    fn walk(&self, walker: &mut dyn Walker) {
        match self {
            Some(value) => value.walk(walker),
            None => walker.leaf(Leaf::Null),
        }
    }

    fn fields(path: &str, paths: &mut Vec<String>) {
        T::fields(path, paths);
    }
}

/// A mapping with the user's keys, in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Map<T> {
    entries: Vec<(Text, Spanned<T>)>,
    index: HashMap<Text, usize>,
}

/// From this many entries on, a key is looked up instead of searched.
const INDEXED_FROM: usize = 16;

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), index: HashMap::new() }
    }
}

impl<T> FromIterator<(Text, Spanned<T>)> for Map<T> {
    /// The keys must differ.
    fn from_iter<I: IntoIterator<Item = (Text, Spanned<T>)>>(entries: I) -> Self {
        let entries: Vec<_> = entries.into_iter().collect();
        let index = if entries.len() < INDEXED_FROM {
            HashMap::new()
        } else {
            entries.iter().enumerate().map(|(at, (key, _))| (key.clone(), at)).collect()
        };
        Self { entries, index }
    }
}

impl<T> IntoIterator for Map<T> {
    type Item = (Text, Spanned<T>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<T> Map<T> {
    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Spanned<T>> {
        if self.index.is_empty() {
            return self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value);
        }
        self.index.get(key).map(|at| &self.entries[*at].1)
    }

    /// Whether the key is there.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The entries in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Spanned<T>)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The values, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Text, &mut Spanned<T>)> {
        self.entries.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<T: Codec> Codec for Map<T> {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        let Value::Map(map) = node.value else {
            reading.unexpected(&node, "a mapping");
            return None;
        };
        let read = |entry: Entry| {
            let value =
                reading.below(&entry.key, |reading| read_spanned(entry.node, entry.key_span, reading))?;
            Some((entry.key, value))
        };
        let mut entries = Vec::with_capacity(map.entries.len());
        entries.extend(map.entries.into_iter().filter_map(read));
        Some(entries.into_iter().collect())
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.open_map();
        for (key, value) in self.iter() {
            walker.key(key);
            walk_spanned(value, walker);
        }
        walker.close();
    }

    fn fields(path: &str, paths: &mut Vec<String>) {
        let path = format!("{path}.*");
        paths.push(path.clone());
        T::fields(&path, paths);
    }
}

/// Declares a mapping of the model: its keys once, for the struct, for reading and for walking.
///
/// A line is `field: Type`, or `field = "key": Type` where the key is no name in Rust; `..part: Type` takes the keys of
/// another struct into the same mapping; `x-` ends the list where extension keys are legal.
macro_rules! mapping {
    (
        $(#[$meta:meta])*
        $name:ident {
            $( ..$part:ident: $part_type:ty, )*
            $( $(#[$field_meta:meta])* $field:ident $(= $key:literal)? : $type:ty, )*
        }
        $($extensions:ident)?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name {
            $(
                #[doc = concat!("The keys of [`", stringify!($part_type), "`].")]
                pub $part: $part_type,
            )*
            $( $(#[$field_meta])* pub $field: $crate::compose::codec::Field<$type>, )*
            $(
                /// The extension keys (`x-…`).
                pub $extensions: $crate::compose::codec::Extensions,
            )?
        }

        impl $name {
            /// Takes the keys of this struct out of a mapping.
            pub fn take(
                entries: &mut $crate::compose::codec::Entries,
                reading: &mut $crate::compose::codec::Reading<'_>,
            ) -> Self {
                let _ = &reading;
                Self {
                    $( $part: <$part_type>::take(entries, reading), )*
                    $( $field: entries.take($crate::compose::codec::mapping!(@key $field $($key)?), reading), )*
                    $( $extensions: entries.extensions(), )?
                }
            }

            /// Shows the keys of this struct to a walker.
            pub fn walk_keys(&self, walker: &mut dyn $crate::compose::codec::Walker) {
                let Self { $( $part, )* $( $field, )* $( $extensions, )? } = self;
                $( $part.walk_keys(walker); )*
                $(
                    $crate::compose::codec::walk_field(
                        $crate::compose::codec::mapping!(@key $field $($key)?), $field, walker,
                    );
                )*
                $( $crate::compose::codec::walk_extensions($extensions, walker); )?
            }
        }

        impl $crate::compose::codec::Codec for $name {
            fn read(
                node: $crate::tree::Node,
                reading: &mut $crate::compose::codec::Reading<'_>,
            ) -> Option<Self> {
                let mut entries = $crate::compose::codec::Entries::of(node, reading)?;
                Some(Self::take(&mut entries, reading))
            }

            fn walk(&self, walker: &mut dyn $crate::compose::codec::Walker) {
                walker.open_struct(stringify!($name));
                self.walk_keys(walker);
                walker.close();
            }

            fn fields(path: &str, paths: &mut Vec<String>) {
                $( <$part_type as $crate::compose::codec::Codec>::fields(path, paths); )*
                $(
                    let below = format!("{path}.{}", $crate::compose::codec::mapping!(@key $field $($key)?));
                    paths.push(below.clone());
                    <$type as $crate::compose::codec::Codec>::fields(&below, paths);
                )*
                $( let _ = stringify!($extensions); paths.push(format!("{path}.x-*")); )?
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
}
pub(crate) use mapping;
