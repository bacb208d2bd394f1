//! A Compose project: types only, one file per area.

pub mod numbers;
pub mod project;
pub mod units;
pub mod words;
