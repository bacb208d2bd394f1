//! Commands and containers around the life of a service.

use super::codec::{Map, mapping};
use super::command::Command;
use super::container::Container;
use super::leaf::Loose;
use crate::source::Text;

mapping! {
    /// A command inside a running container.
    Hook {
        /// The command.
        command: Command,
        /// Its environment.
        environment: Map<Option<Loose>>,
        /// Whether it has all rights.
        privileged: bool,
        /// Its user.
        user: Text,
        /// Its working directory.
        working_dir: Text,
    }
    extensions
}

mapping! {
    /// A container that runs to its end before the service starts.
    PreStart {
        ..container: Container,
        /// Whether it runs for each container of the service.
        per_replica: bool,
    }
    extensions
}
