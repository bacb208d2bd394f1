//! The tokeniser of command lines.
use crate::source::Text;
use std::ops::Range;
/// w
pub struct Words {
    /// a
    pub words: Vec<Word>,
    /// a
    pub tail: Option<usize>,
}
/// w
pub struct Word {
    /// a
    pub text: Text,
    /// a
    pub range: Range<usize>,
}
/// w
pub struct Problem {
    /// a
    pub message: String,
}
/// s
pub fn split(_l: &str) -> Result<Words, Problem> {
    Err(Problem { message: String::new() })
}
