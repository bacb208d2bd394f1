//! What must hold of every conversion: nothing is silent, nothing is unexplained, nothing secret is said, and the order of
//! the file is no accident of the output.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test reads its projects and says how many it tried"
)]

#[path = "../support/folder.rs"]
mod folder;
#[path = "../support/tool.rs"]
mod tool;
mod held;
mod tree;
mod silence;
mod books;
mod order;
mod marks;
