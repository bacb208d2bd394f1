//! Findings to judgement: the registry of the rules.

pub mod registry;
