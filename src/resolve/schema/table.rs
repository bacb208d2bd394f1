//! The Compose schema as tables. Written by `cargo xtask gen` from `compose-spec.json`; do not edit.

use super::shape::{ANY, BOOL, INTEGER, LIST, MAP, NULL, NUMBER, STRING};
use super::shape::{Fields, Pattern, Shape, Words};

/// The shape of the whole document.
pub(super) const ROOT: usize = 121;

/// Every shape; number 0 takes all values.
#[rustfmt::skip]
pub(super) static SHAPES: [Shape; 122] = [
    Shape::of(ANY), // 0 x-*
    Shape::of(STRING), // 1 name
    Shape::of(STRING | LIST).items(1).unique(), // 2 services.*.dns
    Shape::of(STRING | MAP).fields(1), // 3 include[]
    Shape::of(LIST).items(3), // 4 include
    Shape::of(INTEGER | STRING), // 5 services.*.mem_reservation
    Shape::of(NULL | BOOL | NUMBER | STRING), // 6 services.*.annotations.*
    Shape::of(LIST | MAP).items(1).unique().fields(2), // 7 services.*.annotations
    Shape::of(NUMBER | STRING), // 8 services.*.cpu_period
    Shape::of(STRING).text(Words::OneOf(&["start-first", "stop-first"])), // 9 services.*.deploy.rollback_config.order
    Shape::of(MAP).fields(3), // 10 services.*.deploy.rollback_config
    Shape::of(MAP).fields(4), // 11 services.*.deploy.resources.limits
    Shape::of(MAP).fields(5), // 12 services.*.deploy.resources.reservations.generic_resources[].discrete_resource_spec
    Shape::of(MAP).fields(6), // 13 services.*.deploy.resources.reservations.generic_resources[]
    Shape::of(LIST).items(13), // 14 services.*.deploy.resources.reservations.generic_resources
    Shape::of(LIST).items(1).unique(), // 15 services.*.cap_add
    Shape::of(MAP).fields(7), // 16 services.*.deploy.resources.reservations.devices[]
    Shape::of(LIST).items(16), // 17 services.*.deploy.resources.reservations.devices
    Shape::of(MAP).fields(8), // 18 services.*.deploy.resources.reservations
    Shape::of(MAP).fields(9), // 19 services.*.deploy.resources
    Shape::of(MAP).fields(10), // 20 services.*.deploy.restart_policy
    Shape::of(LIST).items(1), // 21 models.*.runtime_flags
    Shape::of(MAP).fields(11), // 22 services.*.deploy.placement.preferences[]
    Shape::of(LIST).items(22), // 23 services.*.deploy.placement.preferences
    Shape::of(MAP).fields(12), // 24 services.*.deploy.placement
    Shape::of(NULL | MAP).fields(13), // 25 services.*.deploy
    Shape::of(STRING).text(Words::OneOf(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"])), // 26 services.*.develop.watch[].action
    Shape::of(NULL | STRING | LIST).items(1), // 27 services.*.command
    Shape::of(BOOL | STRING), // 28 services.*.attach
    Shape::of(MAP).fields(14), // 29 services.*.post_start[]
    Shape::of(BOOL), // 30 services.*.use_api_socket
    Shape::of(MAP).fields(15), // 31 services.*.develop.watch[]
    Shape::of(LIST).items(31), // 32 services.*.develop.watch
    Shape::of(NULL | MAP).fields(16), // 33 services.*.develop
    Shape::of(STRING).text(Words::ContainerName), // 34 services.*.container_name
    Shape::of(BOOL | NUMBER | STRING), // 35 services.*.provider.options.*[]
    Shape::of(BOOL | NUMBER | STRING | LIST).items(35), // 36 services.*.provider.options.*
    Shape::of(MAP).fields(17), // 37 services.*.provider.options
    Shape::of(MAP).fields(18), // 38 services.*.provider
    Shape::of(STRING | MAP).fields(19), // 39 services.*.extends
    Shape::of(MAP).fields(20), // 40 services.*.blkio_config.device_read_bps[]
    Shape::of(LIST).items(40), // 41 services.*.blkio_config.device_read_bps
    Shape::of(MAP).fields(21), // 42 services.*.blkio_config.weight_device[]
    Shape::of(LIST).items(42), // 43 services.*.blkio_config.weight_device
    Shape::of(MAP).fields(22), // 44 services.*.blkio_config
    Shape::of(STRING).text(Words::OneOf(&["host", "private"])), // 45 services.*.cgroup
    Shape::of(STRING | MAP).fields(23), // 46 services.*.configs[]
    Shape::of(LIST).items(46), // 47 services.*.configs
    Shape::of(INTEGER | STRING).least(0), // 48 services.*.cpu_count
    Shape::of(INTEGER | STRING).least(0).greatest(100), // 49 services.*.cpu_percent
    Shape::of(MAP).fields(24), // 50 services.*.credential_spec
    Shape::of(STRING | MAP).fields(25), // 51 services.*.devices[]
    Shape::of(LIST).items(51), // 52 services.*.devices
    Shape::of(STRING | MAP).fields(26), // 53 services.*.env_file[]
    Shape::of(STRING | LIST).items(53), // 54 services.*.env_file
    Shape::of(STRING | LIST).items(1), // 55 services.*.label_file
    Shape::of(LIST | MAP).items(1).unique().fields(27), // 56 services.*.extra_hosts
    Shape::of(MAP).fields(28), // 57 services.*.gpus[]
    Shape::of(STRING | LIST).text(Words::OneOf(&["all"])).items(57), // 58 services.*.gpus
    Shape::of(LIST).items(8).unique(), // 59 services.*.expose
    Shape::of(NULL | NUMBER | STRING), // 60 services.*.logging.options.*
    Shape::of(MAP).fields(29), // 61 services.*.logging.options
    Shape::of(MAP).fields(30), // 62 services.*.logging
    Shape::of(NULL | MAP).fields(31), // 63 services.*.models.*
    Shape::of(LIST | MAP).items(1).unique().fields(32), // 64 services.*.models
    Shape::of(MAP).fields(33), // 65 networks.*.driver_opts
    Shape::of(NUMBER), // 66 services.*.networks.*.gw_priority
    Shape::of(NULL | MAP).fields(34), // 67 services.*.networks.*
    Shape::of(LIST | MAP).items(1).unique().fields(35), // 68 services.*.networks
    Shape::of(INTEGER | STRING).least(-1000).greatest(1000), // 69 services.*.oom_score_adj
    Shape::of(NULL | STRING), // 70 services.*.pid
    Shape::of(STRING).text(Words::PullPolicy), // 71 services.*.pull_policy
    Shape::of(MAP), // 72 services.*.storage_opt
    Shape::of(INTEGER | STRING | MAP).fields(36), // 73 services.*.ulimits.*
    Shape::of(MAP).fields(37), // 74 services.*.ulimits
    Shape::of(NULL | INTEGER | STRING).least(0).greatest(4294967295), // 75 services.*.umask
    Shape::of(STRING).text(Words::OneOf(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"])), // 76 services.*.volumes[].type
    Shape::of(STRING).text(Words::OneOf(&["enabled", "disabled", "writable", "readonly"])), // 77 services.*.volumes[].bind.recursive
    Shape::of(STRING).text(Words::OneOf(&["z", "Z"])), // 78 services.*.volumes[].bind.selinux
    Shape::of(MAP).fields(38), // 79 services.*.volumes[].bind
    Shape::of(MAP).fields(39), // 80 services.*.volumes[].volume
    Shape::of(MAP).fields(40), // 81 services.*.volumes[].tmpfs
    Shape::of(MAP).fields(41), // 82 services.*.volumes[].image
    Shape::of(STRING | MAP).fields(42), // 83 services.*.volumes[]
    Shape::of(LIST).items(83).unique(), // 84 services.*.volumes
    Shape::of(MAP).fields(43), // 85 services.*.pre_start[]
    Shape::of(LIST).items(85), // 86 services.*.pre_start
    Shape::of(LIST).items(29), // 87 services.*.post_start
    Shape::of(STRING | MAP).fields(44), // 88 services.*.build
    Shape::of(STRING).text(Words::OneOf(&["service_started", "service_healthy", "service_completed_successfully"])), // 89 services.*.depends_on.*.condition
    Shape::of(MAP).fields(45), // 90 services.*.depends_on.*
    Shape::of(LIST | MAP).items(1).unique().fields(46), // 91 services.*.depends_on
    Shape::of(MAP).fields(47), // 92 services.*.healthcheck
    Shape::of(NUMBER | STRING | MAP).fields(48), // 93 services.*.ports[]
    Shape::of(LIST).items(93).unique(), // 94 services.*.ports
    Shape::of(MAP).fields(49), // 95 services.*
    Shape::of(MAP).fields(50), // 96 services
    Shape::of(INTEGER), // 97 models.*.context_size
    Shape::of(MAP).fields(51), // 98 models.*
    Shape::of(MAP).fields(52), // 99 models
    Shape::of(MAP).fields(53), // 100 networks.*.ipam.options
    Shape::of(MAP).fields(54), // 101 networks.*.ipam.config[]
    Shape::of(LIST).items(101), // 102 networks.*.ipam.config
    Shape::of(MAP).fields(55), // 103 networks.*.ipam
    Shape::of(BOOL | STRING | MAP).fields(56), // 104 networks.*.external
    Shape::of(NULL | MAP).fields(57), // 105 networks.*
    Shape::of(MAP).fields(58), // 106 networks
    Shape::of(NULL | MAP).fields(59), // 107 volumes.*
    Shape::of(MAP).fields(60), // 108 volumes
    Shape::of(BOOL | STRING | MAP).fields(61), // 109 configs.*.external
    Shape::of(MAP).fields(62), // 110 secrets.*
    Shape::of(MAP).fields(63), // 111 secrets
    Shape::of(MAP).fields(64), // 112 configs.*
    Shape::of(MAP).fields(65), // 113 configs
    Shape::of(STRING).text(Words::OneOf(&["forbid", "queue"])), // 114 jobs.*.triggers.schedule[].concurrency
    Shape::of(STRING).text(Words::OneOf(&["one", "skip"])), // 115 jobs.*.triggers.schedule[].missed_fires
    Shape::of(STRING | MAP).fields(66), // 116 jobs.*.triggers.schedule[]
    Shape::of(LIST).items(116), // 117 jobs.*.triggers.schedule
    Shape::of(MAP).fields(67), // 118 jobs.*.triggers
    Shape::of(MAP).fields(68), // 119 jobs.*
    Shape::of(MAP).fields(69), // 120 jobs
    Shape::of(MAP).fields(70), // 121 the document
];

/// The keys of every mapping; number 0 takes all keys.
#[rustfmt::skip]
pub(super) static FIELDS: [Fields; 71] = [
    // 0
    Fields::open(&[]),
    // 1
    Fields::closed(&[("env_file", 2), ("path", 2), ("project_directory", 1)]),
    // 2
    Fields::closed(&[]).pattern(Pattern::Filled, 6),
    // 3
    Fields::closed(&[
        ("delay", 1), ("failure_action", 1), ("max_failure_ratio", 8), ("monitor", 1), ("order", 9),
        ("parallelism", 5),
    ]).pattern(Pattern::Extension, 0),
    // 4
    Fields::closed(&[("cpus", 8), ("memory", 1), ("pids", 5)]).pattern(Pattern::Extension, 0),
    // 5
    Fields::closed(&[("kind", 1), ("value", 8)]).pattern(Pattern::Extension, 0),
    // 6
    Fields::closed(&[("discrete_resource_spec", 12)]).pattern(Pattern::Extension, 0),
    // 7
    Fields::closed(&[
        ("capabilities", 15), ("count", 5), ("device_ids", 15), ("driver", 1), ("options", 7),
    ]).pattern(Pattern::Extension, 0).required(&["capabilities"]),
    // 8
    Fields::closed(&[
        ("cpus", 8), ("devices", 17), ("generic_resources", 14), ("memory", 1),
    ]).pattern(Pattern::Extension, 0),
    // 9
    Fields::closed(&[("limits", 11), ("reservations", 18)]).pattern(Pattern::Extension, 0),
    // 10
    Fields::closed(&[
        ("condition", 1), ("delay", 1), ("max_attempts", 5), ("window", 1),
    ]).pattern(Pattern::Extension, 0),
    // 11
    Fields::closed(&[("spread", 1)]).pattern(Pattern::Extension, 0),
    // 12
    Fields::closed(&[
        ("constraints", 21), ("max_replicas_per_node", 5), ("preferences", 23),
    ]).pattern(Pattern::Extension, 0),
    // 13
    Fields::closed(&[
        ("endpoint_mode", 1), ("labels", 7), ("mode", 1), ("placement", 24), ("replicas", 5),
        ("resources", 19), ("restart_policy", 20), ("rollback_config", 10), ("update_config", 10),
    ]).pattern(Pattern::Extension, 0),
    // 14
    Fields::closed(&[
        ("command", 27), ("environment", 7), ("privileged", 28), ("user", 1), ("working_dir", 1),
    ]).pattern(Pattern::Extension, 0).required(&["command"]),
    // 15
    Fields::closed(&[
        ("action", 26), ("exec", 29), ("ignore", 2), ("include", 2), ("initial_sync", 30), ("path", 1),
        ("target", 1),
    ]).pattern(Pattern::Extension, 0).required(&["path", "action"]),
    // 16
    Fields::closed(&[("watch", 32)]).pattern(Pattern::Extension, 0),
    // 17
    Fields::open(&[]).pattern(Pattern::Line, 36),
    // 18
    Fields::closed(&[("options", 37), ("type", 1)]).pattern(Pattern::Extension, 0).required(&["type"]),
    // 19
    Fields::closed(&[("file", 1), ("service", 1)]).required(&["service"]),
    // 20
    Fields::closed(&[("path", 1), ("rate", 5)]),
    // 21
    Fields::closed(&[("path", 1), ("weight", 5)]),
    // 22
    Fields::closed(&[
        ("device_read_bps", 41), ("device_read_iops", 41), ("device_write_bps", 41),
        ("device_write_iops", 41), ("weight", 5), ("weight_device", 43),
    ]),
    // 23
    Fields::closed(&[
        ("gid", 1), ("mode", 8), ("source", 1), ("target", 1), ("uid", 1),
    ]).pattern(Pattern::Extension, 0),
    // 24
    Fields::closed(&[("config", 1), ("file", 1), ("registry", 1)]).pattern(Pattern::Extension, 0),
    // 25
    Fields::closed(&[
        ("permissions", 1), ("source", 1), ("target", 1),
    ]).pattern(Pattern::Extension, 0).required(&["source"]),
    // 26
    Fields::closed(&[("format", 1), ("path", 1), ("required", 28)]).required(&["path"]),
    // 27
    Fields::closed(&[]).pattern(Pattern::Filled, 55),
    // 28
    Fields::open(&[("capabilities", 15), ("count", 5), ("device_ids", 15), ("driver", 1), ("options", 7)]),
    // 29
    Fields::open(&[]).pattern(Pattern::Line, 60),
    // 30
    Fields::closed(&[("driver", 1), ("options", 61)]).pattern(Pattern::Extension, 0),
    // 31
    Fields::closed(&[("endpoint_var", 1), ("model_var", 1)]).pattern(Pattern::Extension, 0),
    // 32
    Fields::open(&[]).pattern(Pattern::Name, 63),
    // 33
    Fields::open(&[]).pattern(Pattern::Line, 8),
    // 34
    Fields::closed(&[
        ("aliases", 15), ("driver_opts", 65), ("gw_priority", 66), ("interface_name", 1), ("ipv4_address", 1),
        ("ipv6_address", 1), ("link_local_ips", 15), ("mac_address", 1), ("priority", 66),
        ("use_service_name_alias", 28),
    ]).pattern(Pattern::Extension, 0),
    // 35
    Fields::closed(&[]).pattern(Pattern::Name, 67),
    // 36
    Fields::closed(&[("hard", 5), ("soft", 5)]).pattern(Pattern::Extension, 0).required(&["soft", "hard"]),
    // 37
    Fields::open(&[]).pattern(Pattern::LowerCase, 73),
    // 38
    Fields::closed(&[
        ("create_host_path", 28), ("propagation", 1), ("recursive", 77), ("selinux", 78),
    ]).pattern(Pattern::Extension, 0),
    // 39
    Fields::closed(&[("labels", 7), ("nocopy", 28), ("subpath", 1)]).pattern(Pattern::Extension, 0),
    // 40
    Fields::closed(&[("mode", 8), ("size", 48)]).pattern(Pattern::Extension, 0),
    // 41
    Fields::closed(&[("subpath", 1)]).pattern(Pattern::Extension, 0),
    // 42
    Fields::closed(&[
        ("bind", 79), ("consistency", 1), ("image", 82), ("read_only", 28), ("source", 1), ("target", 1),
        ("tmpfs", 81), ("type", 76), ("volume", 80),
    ]).pattern(Pattern::Extension, 0).required(&["type"]),
    // 43
    Fields::closed(&[
        ("annotations", 7), ("blkio_config", 44), ("cap_add", 15), ("cap_drop", 15), ("cgroup", 45),
        ("cgroup_parent", 1), ("command", 27), ("configs", 47), ("cpu_count", 48), ("cpu_percent", 49),
        ("cpu_period", 8), ("cpu_quota", 8), ("cpu_rt_period", 8), ("cpu_rt_runtime", 8), ("cpu_shares", 8),
        ("cpus", 8), ("cpuset", 1), ("credential_spec", 50), ("device_cgroup_rules", 15), ("devices", 52),
        ("dns", 2), ("dns_opt", 15), ("dns_search", 2), ("domainname", 1), ("entrypoint", 27),
        ("env_file", 54), ("environment", 7), ("extra_hosts", 56), ("gpus", 58), ("group_add", 59),
        ("hostname", 1), ("image", 1), ("init", 28), ("ipc", 1), ("isolation", 1), ("label_file", 55),
        ("labels", 7), ("logging", 62), ("mac_address", 1), ("mem_limit", 8), ("mem_reservation", 5),
        ("mem_swappiness", 5), ("memswap_limit", 8), ("models", 64), ("network_mode", 1), ("networks", 68),
        ("oom_kill_disable", 28), ("oom_score_adj", 69), ("per_replica", 28), ("pid", 70), ("pids_limit", 8),
        ("platform", 1), ("privileged", 28), ("pull_policy", 71), ("pull_refresh_after", 1),
        ("read_only", 28), ("runtime", 1), ("secrets", 47), ("security_opt", 15), ("shm_size", 8),
        ("stop_grace_period", 1), ("stop_signal", 1), ("storage_opt", 72), ("sysctls", 7), ("tmpfs", 2),
        ("ulimits", 74), ("umask", 75), ("use_api_socket", 30), ("user", 1), ("userns_mode", 1), ("uts", 1),
        ("volumes", 84), ("volumes_from", 15), ("working_dir", 1),
    ]).pattern(Pattern::Extension, 0),
    // 44
    Fields::closed(&[
        ("additional_contexts", 7), ("args", 7), ("cache_from", 21), ("cache_to", 21), ("context", 1),
        ("dockerfile", 1), ("dockerfile_inline", 1), ("entitlements", 21), ("extra_hosts", 56),
        ("isolation", 1), ("labels", 7), ("network", 1), ("no_cache", 28), ("no_cache_filter", 2),
        ("platforms", 21), ("privileged", 28), ("provenance", 28), ("pull", 28), ("sbom", 28),
        ("secrets", 47), ("shm_size", 5), ("ssh", 7), ("tags", 21), ("target", 1), ("ulimits", 74),
    ]).pattern(Pattern::Extension, 0),
    // 45
    Fields::closed(&[
        ("condition", 89), ("required", 30), ("restart", 28),
    ]).pattern(Pattern::Extension, 0).required(&["condition"]),
    // 46
    Fields::closed(&[]).pattern(Pattern::Name, 90),
    // 47
    Fields::closed(&[
        ("disable", 28), ("interval", 1), ("retries", 8), ("start_interval", 1), ("start_period", 1),
        ("test", 55), ("timeout", 1),
    ]).pattern(Pattern::Extension, 0),
    // 48
    Fields::closed(&[
        ("app_protocol", 1), ("host_ip", 1), ("mode", 1), ("name", 1), ("protocol", 1), ("published", 5),
        ("target", 5),
    ]).pattern(Pattern::Extension, 0),
    // 49
    Fields::closed(&[
        ("annotations", 7), ("attach", 28), ("blkio_config", 44), ("build", 88), ("cap_add", 15),
        ("cap_drop", 15), ("cgroup", 45), ("cgroup_parent", 1), ("command", 27), ("configs", 47),
        ("container_name", 34), ("cpu_count", 48), ("cpu_percent", 49), ("cpu_period", 8), ("cpu_quota", 8),
        ("cpu_rt_period", 8), ("cpu_rt_runtime", 8), ("cpu_shares", 8), ("cpus", 8), ("cpuset", 1),
        ("credential_spec", 50), ("depends_on", 91), ("deploy", 25), ("develop", 33),
        ("device_cgroup_rules", 15), ("devices", 52), ("dns", 2), ("dns_opt", 15), ("dns_search", 2),
        ("domainname", 1), ("entrypoint", 27), ("env_file", 54), ("environment", 7), ("expose", 59),
        ("extends", 39), ("external_links", 15), ("extra_hosts", 56), ("gpus", 58), ("group_add", 59),
        ("healthcheck", 92), ("hostname", 1), ("image", 1), ("init", 28), ("ipc", 1), ("isolation", 1),
        ("label_file", 55), ("labels", 7), ("links", 15), ("logging", 62), ("mac_address", 1),
        ("mem_limit", 8), ("mem_reservation", 5), ("mem_swappiness", 5), ("memswap_limit", 8), ("models", 64),
        ("network_mode", 1), ("networks", 68), ("oom_kill_disable", 28), ("oom_score_adj", 69), ("pid", 70),
        ("pids_limit", 8), ("platform", 1), ("ports", 94), ("post_start", 87), ("pre_start", 86),
        ("pre_stop", 87), ("privileged", 28), ("profiles", 15), ("provider", 38), ("pull_policy", 71),
        ("pull_refresh_after", 1), ("read_only", 28), ("restart", 1), ("runtime", 1), ("scale", 5),
        ("secrets", 47), ("security_opt", 15), ("shm_size", 8), ("stdin_open", 28), ("stop_grace_period", 1),
        ("stop_signal", 1), ("storage_opt", 72), ("sysctls", 7), ("tmpfs", 2), ("tty", 28), ("ulimits", 74),
        ("umask", 75), ("use_api_socket", 30), ("user", 1), ("userns_mode", 1), ("uts", 1), ("volumes", 84),
        ("volumes_from", 15), ("working_dir", 1),
    ]).pattern(Pattern::Extension, 0),
    // 50
    Fields::closed(&[]).pattern(Pattern::Name, 95),
    // 51
    Fields::closed(&[
        ("context_size", 97), ("model", 1), ("name", 1), ("runtime_flags", 21),
    ]).pattern(Pattern::Extension, 0).required(&["model"]),
    // 52
    Fields::closed(&[]).pattern(Pattern::Name, 98),
    // 53
    Fields::closed(&[]).pattern(Pattern::Line, 1),
    // 54
    Fields::closed(&[
        ("aux_addresses", 100), ("gateway", 1), ("ip_range", 1), ("subnet", 1),
    ]).pattern(Pattern::Extension, 0),
    // 55
    Fields::closed(&[("config", 102), ("driver", 1), ("options", 100)]).pattern(Pattern::Extension, 0),
    // 56
    Fields::closed(&[("name", 1)]).pattern(Pattern::Extension, 0),
    // 57
    Fields::closed(&[
        ("attachable", 28), ("driver", 1), ("driver_opts", 65), ("enable_ipv4", 28), ("enable_ipv6", 28),
        ("external", 104), ("internal", 28), ("ipam", 103), ("labels", 7), ("name", 1),
    ]).pattern(Pattern::Extension, 0),
    // 58
    Fields::closed(&[]).pattern(Pattern::Name, 105),
    // 59
    Fields::closed(&[
        ("driver", 1), ("driver_opts", 65), ("external", 104), ("labels", 7), ("name", 1),
    ]).pattern(Pattern::Extension, 0),
    // 60
    Fields::closed(&[]).pattern(Pattern::Name, 107),
    // 61
    Fields::open(&[("name", 1)]),
    // 62
    Fields::closed(&[
        ("driver", 1), ("driver_opts", 65), ("environment", 1), ("external", 109), ("file", 1), ("labels", 7),
        ("name", 1), ("template_driver", 1),
    ]).pattern(Pattern::Extension, 0),
    // 63
    Fields::closed(&[]).pattern(Pattern::Name, 110),
    // 64
    Fields::closed(&[
        ("content", 1), ("environment", 1), ("external", 109), ("file", 1), ("labels", 7), ("name", 1),
        ("template_driver", 1),
    ]).pattern(Pattern::Extension, 0),
    // 65
    Fields::closed(&[]).pattern(Pattern::Name, 112),
    // 66
    Fields::closed(&[
        ("concurrency", 114), ("cron", 1), ("missed_fires", 115), ("timezone", 1),
    ]).pattern(Pattern::Extension, 0).required(&["cron"]),
    // 67
    Fields::closed(&[
        ("manual", 28), ("schedule", 117),
    ]).pattern(Pattern::Extension, 0).alternatives(&["manual", "schedule"]),
    // 68
    Fields::closed(&[
        ("annotations", 7), ("blkio_config", 44), ("build", 88), ("cap_add", 15), ("cap_drop", 15),
        ("cgroup", 45), ("cgroup_parent", 1), ("command", 27), ("configs", 47), ("cpu_count", 48),
        ("cpu_percent", 49), ("cpu_period", 8), ("cpu_quota", 8), ("cpu_rt_period", 8), ("cpu_rt_runtime", 8),
        ("cpu_shares", 8), ("cpus", 8), ("cpuset", 1), ("credential_spec", 50), ("depends_on", 91),
        ("device_cgroup_rules", 15), ("devices", 52), ("dns", 2), ("dns_opt", 15), ("dns_search", 2),
        ("domainname", 1), ("entrypoint", 27), ("env_file", 54), ("environment", 7), ("expose", 59),
        ("extra_hosts", 56), ("gpus", 58), ("group_add", 59), ("healthcheck", 92), ("hostname", 1),
        ("image", 1), ("init", 28), ("ipc", 1), ("isolation", 1), ("label_file", 55), ("labels", 7),
        ("logging", 62), ("mac_address", 1), ("mem_limit", 8), ("mem_reservation", 5), ("mem_swappiness", 5),
        ("memswap_limit", 8), ("models", 64), ("network_mode", 1), ("networks", 68), ("oom_kill_disable", 28),
        ("oom_score_adj", 69), ("pid", 70), ("pids_limit", 8), ("platform", 1), ("ports", 94),
        ("privileged", 28), ("profiles", 15), ("pull_policy", 71), ("pull_refresh_after", 1),
        ("read_only", 28), ("runtime", 1), ("secrets", 47), ("security_opt", 15), ("shm_size", 8),
        ("stdin_open", 28), ("stop_grace_period", 1), ("stop_signal", 1), ("storage_opt", 72), ("sysctls", 7),
        ("tmpfs", 2), ("triggers", 118), ("tty", 28), ("ulimits", 74), ("umask", 75), ("use_api_socket", 30),
        ("user", 1), ("userns_mode", 1), ("uts", 1), ("volumes", 84), ("volumes_from", 15),
        ("working_dir", 1),
    ]).pattern(Pattern::Extension, 0).required(&["triggers"]),
    // 69
    Fields::closed(&[]).pattern(Pattern::Name, 119),
    // 70
    Fields::closed(&[
        ("configs", 113), ("include", 4), ("jobs", 120), ("models", 99), ("name", 1), ("networks", 106),
        ("secrets", 111), ("services", 96), ("version", 1), ("volumes", 108),
    ]).pattern(Pattern::Extension, 0),
];
