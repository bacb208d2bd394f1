//! What runs a container: the keys that services, jobs and `pre_start` hooks share.

use super::codec::{Codec, Leaf, List, Map, Reading, Walker, mapping};
use super::command::Command;
use super::file_object::FileReference;
use super::language_model::ModelUse;
use super::leaf::{Count, Loose, OptOut};
use super::mount::Mount;
use super::network::Attachment;
use super::units::{Bytes, Duration};
use crate::source::Text;
use crate::tree::{Node, Value};

mapping! {
    /// The container specification.
    Container {
        /// Annotations of the container.
        annotations: Map<Loose>,
        /// Block IO weights and limits.
        blkio_config: BlkioConfig,
        /// Capabilities to add.
        cap_add: List<Text>,
        /// Capabilities to drop.
        cap_drop: List<Text>,
        /// The control group namespace: `host` or `private`.
        cgroup: Text,
        /// The parent control group.
        cgroup_parent: Text,
        /// The arguments; empty clears the image's.
        command: Command,
        /// Configs to mount.
        configs: List<FileReference>,
        /// Usable processors, on Windows.
        cpu_count: i64,
        /// Usable share of the processors, on Windows.
        cpu_percent: f32,
        /// The scheduler's period.
        cpu_period: i64,
        /// The scheduler's quota.
        cpu_quota: i64,
        /// The real-time scheduler's period.
        cpu_rt_period: i64,
        /// The real-time scheduler's run time.
        cpu_rt_runtime: i64,
        /// Relative weight.
        cpu_shares: i64,
        /// Processors, at most.
        cpus: f32,
        /// The processors to run on.
        cpuset: Text,
        /// Credentials of a managed service account, on Windows.
        credential_spec: CredentialSpec,
        /// Rules of the device control group.
        device_cgroup_rules: List<Text>,
        /// Devices of the host.
        devices: List<Device>,
        /// Name servers.
        dns: List<Text>,
        /// Resolver options.
        dns_opt: List<Text>,
        /// Search domains.
        dns_search: List<Text>,
        /// The domain name of the host name.
        domainname: Text,
        /// The program; empty clears the image's.
        entrypoint: Command,
        /// Files of environment variables.
        env_file: List<EnvFile>,
        /// Environment variables, those of the files included; null takes the project's value or stays unset.
        environment: Map<Option<Loose>>,
        /// Host names to add, each with its addresses.
        extra_hosts: Map<List<Text>>,
        /// Graphics processors.
        gpus: List<DeviceRequest>,
        /// Additional groups.
        group_add: List<Text>,
        /// The host name.
        hostname: Text,
        /// The image.
        image: Text,
        /// Whether an init process runs as number 1.
        init: bool,
        /// The IPC namespace.
        ipc: Text,
        /// The isolation technology.
        isolation: Text,
        /// Files of labels.
        label_file: List<Text>,
        /// Labels, those of the files included.
        labels: Map<Loose>,
        /// The log driver.
        logging: Logging,
        /// The hardware address.
        mac_address: Text,
        /// Memory, at most.
        mem_limit: Bytes,
        /// Memory, soft limit.
        mem_reservation: Bytes,
        /// Readiness to swap.
        mem_swappiness: Bytes,
        /// Memory and swap, at most.
        memswap_limit: Bytes,
        /// Language models that it uses.
        models: Map<Option<ModelUse>>,
        /// The network namespace.
        network_mode: Text,
        /// Networks that it is attached to.
        networks: Map<Option<Attachment>>,
        /// Whether the kernel spares it when memory runs out.
        oom_kill_disable: bool,
        /// How readily the kernel ends it when memory runs out.
        oom_score_adj: i64,
        /// The process namespace.
        pid: Text,
        /// Processes, at most.
        pids_limit: i64,
        /// The platform of the image.
        platform: Text,
        /// Whether it has all rights on the host.
        privileged: bool,
        /// When the image is pulled.
        pull_policy: Text,
        /// How old a pulled image may be.
        pull_refresh_after: Text,
        /// Whether the root file system is read-only.
        read_only: bool,
        /// The container runtime.
        runtime: Text,
        /// Secrets to mount.
        secrets: List<FileReference>,
        /// Security options.
        security_opt: List<Text>,
        /// The size of `/dev/shm`.
        shm_size: Bytes,
        /// Time between the stop signal and the end.
        stop_grace_period: Duration,
        /// The stop signal.
        stop_signal: Text,
        /// Options of the storage driver.
        storage_opt: Map<Loose>,
        /// System controls.
        sysctls: Map<Loose>,
        /// Temporary file systems.
        tmpfs: List<Text>,
        /// Limits of the process.
        ulimits: Map<Ulimit>,
        /// The file mode mask.
        umask: Count,
        /// Whether it gets the engine's socket.
        use_api_socket: bool,
        /// User and group.
        user: Text,
        /// The user namespace.
        userns_mode: Text,
        /// The UTS namespace.
        uts: Text,
        /// Mounts.
        volumes: List<Mount>,
        /// Services or containers whose mounts it takes over.
        volumes_from: List<Text>,
        /// The working directory.
        working_dir: Text,
    }
}

mapping! {
    /// A file of environment variables.
    EnvFile {
        /// Its path.
        path: Text,
        /// Its grammar: `raw`, or dotenv.
        format: Text,
        /// Whether it must exist.
        required: OptOut,
    }
}

mapping! {
    /// Block IO weights and limits.
    BlkioConfig {
        /// Read rates in bytes.
        device_read_bps: List<ThrottleDevice>,
        /// Read rates in operations.
        device_read_iops: List<ThrottleDevice>,
        /// Write rates in bytes.
        device_write_bps: List<ThrottleDevice>,
        /// Write rates in operations.
        device_write_iops: List<ThrottleDevice>,
        /// The weight.
        weight: Weight,
        /// Weights of devices.
        weight_device: List<WeightDevice>,
    }
}

mapping! {
    /// A device and its rate.
    ThrottleDevice {
        /// The device.
        path: Text,
        /// The rate per second.
        rate: Bytes,
    }
}

mapping! {
    /// A device and its weight.
    WeightDevice {
        /// The device.
        path: Text,
        /// The weight.
        weight: Weight,
    }
}

mapping! {
    /// Credentials of a managed service account.
    CredentialSpec {
        /// A config.
        config: Text,
        /// A file of the engine.
        file: Text,
        /// A registry key.
        registry: Text,
    }
    extensions
}

mapping! {
    /// A device of the host.
    Device {
        /// Its path on the host.
        source: Text,
        /// Its path in the container.
        target: Text,
        /// What is permitted: r, w, m.
        permissions: Text,
    }
    extensions
}

mapping! {
    /// Devices by what they can do.
    DeviceRequest {
        /// What they can do.
        capabilities: List<Text>,
        /// How many; -1 is all.
        count: DeviceCount,
        /// Which ones.
        device_ids: List<Text>,
        /// The driver.
        driver: Text,
        /// Its options.
        options: Map<Loose>,
    }
    extensions
}

mapping! {
    /// A log driver and its options.
    Logging {
        /// The driver.
        driver: Text,
        /// Its options.
        options: Map<Loose>,
    }
    extensions
}

/// How many devices; -1 is all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceCount(pub i64);

impl Codec for DeviceCount {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        match &node.value {
            Value::Int(count) => Some(Self(*count)),
            Value::String(text) if text.eq_ignore_ascii_case("all") => Some(Self(-1)),
            Value::String(text) if text.parse::<i64>().is_ok() => text.parse().ok().map(Self),
            _ => {
                reading.unexpected(&node, "a whole number or `all`");
                None
            }
        }
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.leaf(Leaf::Int(self.0));
    }
}

/// A limit of the process: one number for both, or a soft and a hard one.
#[derive(Clone, Debug, PartialEq)]
pub enum Ulimit {
    /// One number.
    Single(i64),
    /// A soft and a hard one.
    Pair(UlimitPair),
}

mapping! {
    /// A soft and a hard limit.
    UlimitPair {
        /// The soft one.
        soft: Limit,
        /// The hard one.
        hard: Limit,
    }
    extensions
}

/// One limit of a pair; Compose breaks off at a number with a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(pub i64);

impl Codec for Limit {
    fn read(node: Node, reading: &mut Reading) -> Option<Self> {
        let Value::Int(limit) = &node.value else {
            reading.unexpected(&node, "a whole number");
            return None;
        };
        Some(Self(*limit))
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.leaf(Leaf::Int(self.0));
    }
}

/// A weight; of a number that is too great, Compose keeps the lower 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight(pub u16);

impl Codec for Weight {
    fn read(node: Node, reading: &mut Reading) -> Option<Self> {
        if matches!(node.value, Value::String(_)) {
            reading.unexpected(&node, "a whole number");
            return None;
        }
        let [low, high, ..] = Count::read(node, reading)?.0.to_le_bytes();
        Some(Self(u16::from_le_bytes([low, high])))
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.leaf(Leaf::Int(self.0.into()));
    }
}

impl Codec for Ulimit {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        match &node.value {
            Value::Map(_) => UlimitPair::read(node, reading).map(Self::Pair),
            Value::Int(limit) => Some(Self::Single(*limit)),
            _ => {
                reading.unexpected(&node, "a whole number, or `soft` and `hard`");
                None
            }
        }
    }

    fn walk(&self, walker: &mut dyn Walker) {
        match self {
            Self::Single(limit) => walker.leaf(Leaf::Int(*limit)),
            Self::Pair(pair) => pair.walk(walker),
        }
    }

    fn fields(path: &str, paths: &mut Vec<String>) {
        UlimitPair::fields(path, paths);
    }
}
