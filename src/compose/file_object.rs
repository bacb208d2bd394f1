//! Configs and secrets, and how a container mounts them.

use super::codec::{Map, mapping};
use super::leaf::Loose;
use super::units::FileMode;
use crate::source::Text;

mapping! {
    /// A config.
    Config {
        /// Its text.
        content: Text,
        /// The variable that holds its text.
        environment: Text,
        /// Whether somebody else made it.
        external: bool,
        /// The file that holds its text.
        file: Text,
        /// Labels.
        labels: Map<Loose>,
        /// Its name in the engine.
        name: Text,
        /// The template engine.
        template_driver: Text,
    }
    extensions
}

mapping! {
    /// A secret.
    Secret {
        /// The driver.
        driver: Text,
        /// Its options.
        driver_opts: Map<Text>,
        /// The variable that holds it.
        environment: Text,
        /// Whether somebody else made it.
        external: bool,
        /// The file that holds it.
        file: Text,
        /// Labels.
        labels: Map<Loose>,
        /// Its name in the engine.
        name: Text,
        /// The template engine.
        template_driver: Text,
    }
    extensions
}

mapping! {
    /// A config or secret as a file of a container.
    FileReference {
        /// Its group.
        gid: Text,
        /// Its mode.
        mode: FileMode,
        /// The config or secret.
        source: Text,
        /// Its path.
        target: Text,
        /// Its owner.
        uid: Text,
    }
    extensions
}
