//! Where values come from: files, places in them, and the way a value took to us.

pub mod digest;
pub mod files;
pub mod nearest;
pub mod origin;
pub mod reader;
pub mod span;
pub mod task;

/// Text that is cheap to copy: short strings live inline, long ones are shared.
pub type Text = smol_str::SmolStr;
