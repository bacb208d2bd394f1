//! A Compose project: types only, one file per area.

pub mod project;
