//! What happens while a service is developed.

use super::codec::{List, mapping};
use super::hook::Hook;
use crate::source::Text;

mapping! {
    /// What happens while a service is developed.
    Develop {
        /// Files that are watched.
        watch: List<Watch>,
    }
    extensions
}

mapping! {
    /// Files that are watched, and what a change does.
    Watch {
        /// What a change does.
        action: Text,
        /// The command that a change runs.
        exec: Hook,
        /// Files that do not count.
        ignore: List<Text>,
        /// Files that count.
        include: List<Text>,
        /// Whether all is copied at first.
        initial_sync: bool,
        /// The files.
        path: Text,
        /// Where they go.
        target: Text,
    }
    extensions
}
