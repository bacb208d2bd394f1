//! Images that have to be built before the objects can run.

use crate::source::Text;

/// How one image is built: names only, no values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageBuild {
    /// The service or job.
    pub service: Text,
    /// The image, as the project names it; empty when only the build has a name for it.
    pub image: Text,
    /// The folder or address of the context.
    pub context: Text,
    /// The Dockerfile; empty for the one that the context has by default.
    pub dockerfile: Text,
    /// Whether the Dockerfile stands in the Compose file.
    pub inline: bool,
    /// The stage; empty for the last one.
    pub target: Text,
    /// The platforms; empty for that of the builder.
    pub platforms: Vec<Text>,
    /// Further names of the image.
    pub tags: Vec<Text>,
    /// The names of the arguments.
    pub arguments: Vec<Text>,
    /// The names of the secrets.
    pub secrets: Vec<Text>,
}
