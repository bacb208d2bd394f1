//! Why a field is there.

use std::sync::Arc;

use crate::source::Text;

/// A row of the ledger, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub u32);

/// Why a field has its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// A value of the project says so.
    Row(RowId),
    /// Several values say so together.
    Rows(Arc<[RowId]>),
    /// A default of ours, in words: "service links are off, as in Docker".
    Policy(&'static str),
    /// Something that is known of the image, and from where, in words.
    Fact(Text),
    /// A flag of the command line.
    Flag(&'static str),
}

impl Why {
    /// The rows that say so.
    #[must_use]
    pub fn rows(&self) -> &[RowId] {
        match self {
            Self::Row(row) => std::slice::from_ref(row),
            Self::Rows(rows) => rows,
            Self::Policy(_) | Self::Fact(_) | Self::Flag(_) => &[],
        }
    }

    /// Both reasons together; words give way to values.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        if other.rows().is_empty() {
            return self.clone();
        }
        let mut rows: Vec<RowId> = self.rows().iter().chain(other.rows()).copied().collect();
        rows.sort_unstable();
        rows.dedup();
        match rows.as_slice() {
            [row] => Self::Row(*row),
            _ => Self::Rows(rows.into()),
        }
    }
}
