//! Mounts of a container.

use super::codec::{Map, mapping};
use super::leaf::{Count, Loose, OptOut, choice};
use super::units::Bytes;
use crate::source::Text;

mapping! {
    /// A mount.
    Mount {
        /// Options of a bind.
        bind: BindOptions,
        /// How eagerly changes are seen; Docker ignores it.
        consistency: Text,
        /// Options of an image.
        image: ImageOptions,
        /// Whether it is read-only.
        read_only: bool,
        /// The path on the host, the volume, or the image.
        source: Text,
        /// The path in the container.
        target: Text,
        /// Options of a temporary file system.
        tmpfs: TmpfsOptions,
        /// What is mounted.
        kind = "type": MountKind,
        /// Options of a volume.
        volume: VolumeOptions,
    }
    extensions
}

choice! {
    /// What is mounted.
    MountKind {
        /// A path of the host.
        Bind = "bind",
        /// A volume.
        Volume = "volume",
        /// Memory.
        Tmpfs = "tmpfs",
        /// A volume of a cluster.
        Cluster = "cluster",
        /// A pipe, on Windows.
        NamedPipe = "npipe",
        /// The files of an image.
        Image = "image",
    }
}

mapping! {
    /// Options of a bind.
    BindOptions {
        /// Whether a missing path is made.
        create_host_path: OptOut,
        /// How mounts below it are seen.
        propagation: Text,
        /// What happens to mounts below it.
        recursive: Text,
        /// How it is relabelled.
        selinux: Text,
    }
    extensions
}

mapping! {
    /// Options of a volume.
    VolumeOptions {
        /// Labels of the volume.
        labels: Map<Loose>,
        /// Whether the image's files stay out of a new volume.
        nocopy: bool,
        /// The part of the volume.
        subpath: Text,
    }
    extensions
}

mapping! {
    /// Options of a temporary file system.
    TmpfsOptions {
        /// The mode of its root.
        mode: Count,
        /// Its size, at most.
        size: Bytes,
    }
    extensions
}

mapping! {
    /// Options of an image.
    ImageOptions {
        /// The part of the image.
        subpath: Text,
    }
    extensions
}
