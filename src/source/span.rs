//! Places: a file, a range of bytes in it, and a value that knows its own.

use super::origin::OriginId;

/// A file that was read, by its number in [`super::files::Files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes of one file; `start == end` is a point between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The range `start..end` of `file`.
    #[must_use]
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clip = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: clip(start), end: clip(end) }
    }

    /// The point where the range starts.
    #[must_use]
    pub fn at_start(self) -> Self {
        Self { end: self.start, ..self }
    }

    /// The range from where this one starts to where `last` ends; both are of one file.
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        Self { end: last.end.max(self.end), ..self }
    }

    /// How many bytes it covers.
    #[must_use]
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it is a point.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The range as indices into the file's text.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value, the place where it was written, and the way that it took from there.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// The value itself.
    pub value: T,
    /// The place of the value.
    pub span: Span,
    /// The place of its key; of a list item, the item itself.
    pub key: Span,
    /// The hops that led to it, and its template.
    pub origin: OriginId,
}

/// Which value it is, among all values of a project that stays where it is: its place in memory, never followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity(usize);

impl Identity {
    /// The identity of what a reference points at.
    #[must_use]
    pub fn of<T>(value: &T) -> Self {
        Self(std::ptr::from_ref(value).addr())
    }
}

impl<T> Spanned<T> {
    /// The same place with another value.
    pub fn with<U>(&self, value: U) -> Spanned<U> {
        Spanned { value, span: self.span, key: self.key, origin: self.origin }
    }

    /// The value changed by `change`, its place kept.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span, key: self.key, origin: self.origin }
    }
}
