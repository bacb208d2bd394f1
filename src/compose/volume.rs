//! Named volumes.

use super::codec::{Map, mapping};
use super::leaf::Loose;
use crate::source::Text;

mapping! {
    /// A volume.
    Volume {
        /// The driver.
        driver: Text,
        /// Its options.
        driver_opts: Map<Loose>,
        /// Whether somebody else made it.
        external: bool,
        /// Labels.
        labels: Map<Loose>,
        /// Its name in the engine.
        name: Text,
    }
    extensions
}
