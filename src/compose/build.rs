//! How an image is built.

use super::codec::{List, Map, mapping};
use super::container::Ulimit;
use super::file_object::FileReference;
use super::leaf::Loose;
use super::units::Bytes;
use crate::source::Text;

mapping! {
    /// How an image is built.
    Build {
        /// Further contexts, by name.
        additional_contexts: Map<Loose>,
        /// Build arguments; null takes the project's value.
        args: Map<Option<Loose>>,
        /// Caches to read.
        cache_from: List<Text>,
        /// Caches to write.
        cache_to: List<Text>,
        /// The folder or address of the context.
        context: Text,
        /// The path of the Dockerfile.
        dockerfile: Text,
        /// The Dockerfile itself.
        dockerfile_inline: Text,
        /// Privileged rights of the build.
        entitlements: List<Text>,
        /// Host names to add, each with its addresses.
        extra_hosts: Map<List<Text>>,
        /// The isolation technology.
        isolation: Text,
        /// Labels of the image.
        labels: Map<Loose>,
        /// The network of the build.
        network: Text,
        /// Whether no cache is used.
        no_cache: bool,
        /// Stages that use no cache.
        no_cache_filter: List<Text>,
        /// Platforms to build for.
        platforms: List<Text>,
        /// Whether it has all rights.
        privileged: bool,
        /// The provenance attestation.
        provenance: Text,
        /// Whether base images are pulled.
        pull: bool,
        /// The bill of materials.
        sbom: Text,
        /// Secrets of the build.
        secrets: List<FileReference>,
        /// The size of `/dev/shm`.
        shm_size: Bytes,
        /// Keys for SSH, by name.
        ssh: Map<Option<Loose>>,
        /// Further names of the image.
        tags: List<Text>,
        /// The stage.
        target: Text,
        /// Limits of its processes.
        ulimits: Map<Ulimit>,
    }
    extensions
}
