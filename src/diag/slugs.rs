//! The rules' names as constants. Written by `cargo xtask gen` from `rules/`; do not edit.

use super::Slug;

/// `broken-reference`
pub const BROKEN_REFERENCE: Slug = Slug("broken-reference");
/// `conflicting-entries`
pub const CONFLICTING_ENTRIES: Slug = Slug("conflicting-entries");
/// `coverage-gap`
pub const COVERAGE_GAP: Slug = Slug("coverage-gap");
/// `empty-project`
pub const EMPTY_PROJECT: Slug = Slug("empty-project");
/// `invalid-compose`
pub const INVALID_COMPOSE: Slug = Slug("invalid-compose");
/// `missing-file`
pub const MISSING_FILE: Slug = Slug("missing-file");
/// `missing-required-variable`
pub const MISSING_REQUIRED_VARIABLE: Slug = Slug("missing-required-variable");
/// `obsolete-key`
pub const OBSOLETE_KEY: Slug = Slug("obsolete-key");
/// `retyped-scalar`
pub const RETYPED_SCALAR: Slug = Slug("retyped-scalar");
/// `unknown-key`
pub const UNKNOWN_KEY: Slug = Slug("unknown-key");
/// `unresolved-variable`
pub const UNRESOLVED_VARIABLE: Slug = Slug("unresolved-variable");
