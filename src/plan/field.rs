//! The body of an object: fields in order, each value with the reason why it is there.

use super::why::Why;
use crate::source::Text;

/// A mapping whose keys are fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields {
    entries: Vec<(Text, Field)>,
}

/// A list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Items {
    items: Vec<Field>,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// A value without parts.
    Leaf(Leaf),
    /// A mapping.
    Map(Fields),
    /// A list.
    List(Items),
}

/// A value without parts, and why it is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// The value.
    pub value: Scalar,
    /// Why.
    pub why: Why,
}

/// A value without parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scalar {
    /// Text.
    Text(Text),
    /// A whole number.
    Int(i64),
    /// A switch.
    Bool(bool),
    /// A number with a fraction, as it is written.
    Number(Text),
    /// A mapping in which nothing is, which is a value of its own: `emptyDir: {}`.
    EmptyMap,
    /// A list in which nothing is: `ingress: []`.
    EmptyList,
}

impl From<&Scalar> for serde_json::Value {
    fn from(scalar: &Scalar) -> Self {
        match scalar {
            Scalar::Text(text) => text.as_str().into(),
            Scalar::Int(number) => (*number).into(),
            Scalar::Bool(switch) => (*switch).into(),
            Scalar::Number(text) => text.parse::<f64>().map_or(Self::Null, Into::into),
            Scalar::EmptyMap => Self::Object(serde_json::Map::new()),
            Scalar::EmptyList => Self::Array(Vec::new()),
        }
    }
}

impl From<&Field> for serde_json::Value {
    fn from(field: &Field) -> Self {
        match field {
            Field::Leaf(leaf) => (&leaf.value).into(),
            Field::Map(fields) => {
                Self::Object(fields.iter().map(|(key, field)| (key.to_string(), field.into())).collect())
            }
            Field::List(items) => items.iter().map(Self::from).collect(),
        }
    }
}

impl From<Text> for Scalar {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<&Text> for Scalar {
    fn from(text: &Text) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Scalar {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Scalar {
    fn from(switch: bool) -> Self {
        Self::Bool(switch)
    }
}

impl Field {
    /// A value without parts.
    #[must_use]
    pub fn leaf(value: impl Into<Scalar>, why: &Why) -> Self {
        Self::Leaf(Leaf { value: value.into(), why: why.clone() })
    }

    /// The text, when it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Leaf(Leaf { value: Scalar::Text(text), .. }) => Some(text),
            _ => None,
        }
    }

    /// The number, when it is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Leaf(Leaf { value: Scalar::Int(number), .. }) => Some(*number),
            _ => None,
        }
    }

    /// The mapping, when it is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Fields> {
        match self {
            Self::Map(fields) => Some(fields),
            Self::Leaf(_) | Self::List(_) => None,
        }
    }

    /// The list, when it is one.
    #[must_use]
    pub fn as_list(&self) -> Option<&Items> {
        match self {
            Self::List(items) => Some(items),
            Self::Leaf(_) | Self::Map(_) => None,
        }
    }

    /// Whether both hold the same values, whatever the reasons.
    #[must_use]
    pub fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Leaf(own), Self::Leaf(other)) => own.value == other.value,
            (Self::Map(own), Self::Map(other)) => own.equals(other),
            (Self::List(own), Self::List(other)) => {
                own.items.len() == other.items.len()
                    && own.iter().zip(other.iter()).all(|(own, other)| own.equals(other))
            }
            (Self::Leaf(_) | Self::Map(_) | Self::List(_), _) => false,
        }
    }

    /// Adds a reason to every value.
    pub fn because(&mut self, why: &Why) {
        match self {
            Self::Leaf(leaf) => leaf.why = leaf.why.and(why),
            Self::Map(fields) => fields.entries.iter_mut().for_each(|(_, field)| field.because(why)),
            Self::List(items) => items.iter_mut().for_each(|field| field.because(why)),
        }
    }

    /// Shows every value without parts, wherever it stands.
    pub fn each_leaf<'f>(&'f self, look: &mut impl FnMut(&'f Leaf)) {
        match self {
            Self::Leaf(leaf) => look(leaf),
            Self::Map(fields) => fields.each_leaf(look),
            Self::List(items) => items.iter().for_each(|field| field.each_leaf(look)),
        }
    }
}

/// The key of a field. Most are words of Kubernetes, which nobody has to copy.
#[derive(Clone, Debug)]
pub struct Key(Text);

impl From<&'static str> for Key {
    fn from(word: &'static str) -> Self {
        Self(Text::new_static(word))
    }
}

impl From<Text> for Key {
    fn from(text: Text) -> Self {
        Self(text)
    }
}

impl From<&Text> for Key {
    fn from(text: &Text) -> Self {
        Self(text.clone())
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl Fields {
    /// Sets a field; one that is there already gets the new value at its old place.
    pub fn put(&mut self, key: impl Into<Key>, value: impl Into<Scalar>, why: &Why) {
        self.insert(key, Field::leaf(value, why));
    }

    /// Sets a field to whatever it is.
    pub fn insert(&mut self, key: impl Into<Key>, field: Field) {
        *self.slot(key.into().0, || Field::Map(Self::default())) = field;
    }

    /// The mapping under a key; made when it is not there.
    pub fn map(&mut self, key: impl Into<Key>) -> &mut Self {
        let field = self.slot(key.into().0, || Field::Map(Self::default()));
        if !matches!(field, Field::Map(_)) {
            *field = Field::Map(Self::default());
        }
        match field {
            Field::Map(fields) => fields,
            Field::Leaf(_) | Field::List(_) => unreachable!("it was made a mapping"),
        }
    }

    /// The list under a key; made when it is not there.
    pub fn list(&mut self, key: impl Into<Key>) -> &mut Items {
        let field = self.slot(key.into().0, || Field::List(Items::default()));
        if !matches!(field, Field::List(_)) {
            *field = Field::List(Items::default());
        }
        match field {
            Field::List(items) => items,
            Field::Leaf(_) | Field::Map(_) => unreachable!("it was made a list"),
        }
    }

    fn slot(&mut self, key: Text, fresh: impl FnOnce() -> Field) -> &mut Field {
        let at = self.entries.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            push(&mut self.entries, (key, fresh()));
            self.entries.len() - 1
        });
        &mut self.entries[at].1
    }

    /// What is under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Field> {
        self.entries.iter().find(|(known, _)| known == key).map(|(_, field)| field)
    }

    /// What is under a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Field> {
        self.entries.iter_mut().find(|(known, _)| known == key).map(|(_, field)| field)
    }

    /// What is under a way of keys.
    #[must_use]
    pub fn at(&self, keys: &[&str]) -> Option<&Field> {
        let (first, rest) = keys.split_first()?;
        let field = self.get(first)?;
        if rest.is_empty() { Some(field) } else { field.as_map()?.at(rest) }
    }

    /// Whether both hold the same values, whatever the reasons and the order of the fields.
    #[must_use]
    pub fn equals(&self, other: &Self) -> bool {
        self.entries.len() == other.entries.len()
            && self.iter().all(|(key, field)| other.get(key).is_some_and(|other| field.equals(other)))
    }

    /// Takes a field out.
    pub fn remove(&mut self, key: &str) -> Option<Field> {
        let at = self.entries.iter().position(|(known, _)| known == key)?;
        Some(self.entries.remove(at).1)
    }

    /// Takes all fields of another mapping over; where both have a field, the other's wins.
    pub fn extend(&mut self, other: Self) {
        for (key, field) in other.entries {
            self.insert(key, field);
        }
    }

    /// Shows every value without parts, wherever it stands.
    pub fn each_leaf<'f>(&'f self, look: &mut impl FnMut(&'f Leaf)) {
        self.iter().for_each(|(_, field)| field.each_leaf(look));
    }

    /// The fields in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Field)> {
        self.entries.iter().map(|(key, field)| (key, field))
    }

    /// The fields in their order, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Text, &mut Field)> {
        self.entries.iter_mut().map(|(key, field)| (&*key, field))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes away mappings and lists in which nothing is: who wants an empty one writes it as a value.
    pub fn prune(&mut self) {
        self.entries.retain_mut(|(_, field)| field.keep());
        // Most mappings have few fields, and there are many of them.
        self.entries.shrink_to_fit();
    }
}

impl Field {
    fn keep(&mut self) -> bool {
        match self {
            Self::Leaf(_) => true,
            Self::Map(fields) => {
                fields.prune();
                !fields.is_empty()
            }
            Self::List(items) => {
                items.items.retain_mut(Self::keep);
                items.items.shrink_to_fit();
                !items.items.is_empty()
            }
        }
    }
}

/// Most mappings and lists hold one thing or two, and there are very many of them: room is made for what is there.
fn push<T>(things: &mut Vec<T>, thing: T) {
    if things.len() == things.capacity() {
        things.reserve_exact(things.len().max(1));
    }
    things.push(thing);
}

impl Items {
    /// Adds an item.
    pub fn push(&mut self, field: Field) {
        push(&mut self.items, field);
    }

    /// Adds a value without parts.
    pub fn push_value(&mut self, value: impl Into<Scalar>, why: &Why) {
        push(&mut self.items, Field::leaf(value, why));
    }

    /// Adds a mapping and hands it out.
    pub fn push_map(&mut self) -> &mut Fields {
        push(&mut self.items, Field::Map(Fields::default()));
        match self.items.last_mut() {
            Some(Field::Map(fields)) => fields,
            Some(Field::Leaf(_) | Field::List(_)) | None => unreachable!("a mapping was just added"),
        }
    }

    /// The item whose field `key` is that text.
    #[must_use]
    pub fn find(&self, key: &str, text: &str) -> Option<&Fields> {
        let named = |field: &&Fields| field.get(key).and_then(Field::as_text) == Some(text);
        self.items.iter().filter_map(Field::as_map).find(named)
    }

    /// The item whose field `key` is that text, to be changed.
    pub fn find_mut(&mut self, key: &str, text: &str) -> Option<&mut Fields> {
        self.items.iter_mut().find_map(|field| match field {
            Field::Map(fields) if fields.get(key).and_then(Field::as_text) == Some(text) => Some(fields),
            Field::Map(_) | Field::Leaf(_) | Field::List(_) => None,
        })
    }

    /// The items in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.items.iter()
    }

    /// The items, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Field> {
        self.items.iter_mut()
    }

    /// Takes all items of another list over, behind its own.
    pub fn append(&mut self, mut other: Self) {
        self.items.append(&mut other.items);
    }

    /// Takes all items of another list over, before its own.
    pub fn prepend(&mut self, mut other: Self) {
        other.items.append(&mut self.items);
        self.items = other.items;
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}
