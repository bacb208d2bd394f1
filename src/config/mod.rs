//! The resolved project as text.

pub mod json;
pub mod lists;
pub mod origins;
pub mod yaml;
