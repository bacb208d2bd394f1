//! The rules' names as constants. Written by `cargo xtask gen` from `rules/`; do not edit.

use super::Slug;

/// `ambiguous-workload-kind`
pub const AMBIGUOUS_WORKLOAD_KIND: Slug = Slug("ambiguous-workload-kind");
/// `anonymous-volume`
pub const ANONYMOUS_VOLUME: Slug = Slug("anonymous-volume");
/// `approximated-key`
pub const APPROXIMATED_KEY: Slug = Slug("approximated-key");
/// `behavioral-label`
pub const BEHAVIORAL_LABEL: Slug = Slug("behavioral-label");
/// `broken-reference`
pub const BROKEN_REFERENCE: Slug = Slug("broken-reference");
/// `cleared-entrypoint`
pub const CLEARED_ENTRYPOINT: Slug = Slug("cleared-entrypoint");
/// `completion-dependency`
pub const COMPLETION_DEPENDENCY: Slug = Slug("completion-dependency");
/// `config-file-bind`
pub const CONFIG_FILE_BIND: Slug = Slug("config-file-bind");
/// `config-file-owner`
pub const CONFIG_FILE_OWNER: Slug = Slug("config-file-owner");
/// `config-writing-command`
pub const CONFIG_WRITING_COMMAND: Slug = Slug("config-writing-command");
/// `conflicting-entries`
pub const CONFLICTING_ENTRIES: Slug = Slug("conflicting-entries");
/// `container-name`
pub const CONTAINER_NAME: Slug = Slug("container-name");
/// `container-name-as-hostname`
pub const CONTAINER_NAME_AS_HOSTNAME: Slug = Slug("container-name-as-hostname");
/// `coverage-gap`
pub const COVERAGE_GAP: Slug = Slug("coverage-gap");
/// `credential-in-url`
pub const CREDENTIAL_IN_URL: Slug = Slug("credential-in-url");
/// `custom-dns`
pub const CUSTOM_DNS: Slug = Slug("custom-dns");
/// `custom-hostname`
pub const CUSTOM_HOSTNAME: Slug = Slug("custom-hostname");
/// `custom-network-driver`
pub const CUSTOM_NETWORK_DRIVER: Slug = Slug("custom-network-driver");
/// `data-directory-bind`
pub const DATA_DIRECTORY_BIND: Slug = Slug("data-directory-bind");
/// `delegated-service`
pub const DELEGATED_SERVICE: Slug = Slug("delegated-service");
/// `development-key`
pub const DEVELOPMENT_KEY: Slug = Slug("development-key");
/// `discarded-command-tail`
pub const DISCARDED_COMMAND_TAIL: Slug = Slug("discarded-command-tail");
/// `disguised-host-volume`
pub const DISGUISED_HOST_VOLUME: Slug = Slug("disguised-host-volume");
/// `disguised-one-shot`
pub const DISGUISED_ONE_SHOT: Slug = Slug("disguised-one-shot");
/// `dropped-key`
pub const DROPPED_KEY: Slug = Slug("dropped-key");
/// `egress-proxy-gap`
pub const EGRESS_PROXY_GAP: Slug = Slug("egress-proxy-gap");
/// `empty-project`
pub const EMPTY_PROJECT: Slug = Slug("empty-project");
/// `external-resource`
pub const EXTERNAL_RESOURCE: Slug = Slug("external-resource");
/// `floating-tag`
pub const FLOATING_TAG: Slug = Slug("floating-tag");
/// `forbidden-capability`
pub const FORBIDDEN_CAPABILITY: Slug = Slug("forbidden-capability");
/// `foreign-container`
pub const FOREIGN_CONTAINER: Slug = Slug("foreign-container");
/// `gpu-reservation`
pub const GPU_RESERVATION: Slug = Slug("gpu-reservation");
/// `hardcoded-ip`
pub const HARDCODED_IP: Slug = Slug("hardcoded-ip");
/// `healthcheck-as-probe`
pub const HEALTHCHECK_AS_PROBE: Slug = Slug("healthcheck-as-probe");
/// `host-device`
pub const HOST_DEVICE: Slug = Slug("host-device");
/// `host-env-passthrough`
pub const HOST_ENV_PASSTHROUGH: Slug = Slug("host-env-passthrough");
/// `host-gateway`
pub const HOST_GATEWAY: Slug = Slug("host-gateway");
/// `host-namespace`
pub const HOST_NAMESPACE: Slug = Slug("host-namespace");
/// `host-network`
pub const HOST_NETWORK: Slug = Slug("host-network");
/// `host-path-bind`
pub const HOST_PATH_BIND: Slug = Slug("host-path-bind");
/// `host-path-default`
pub const HOST_PATH_DEFAULT: Slug = Slug("host-path-default");
/// `illegal-name`
pub const ILLEGAL_NAME: Slug = Slug("illegal-name");
/// `image-healthcheck`
pub const IMAGE_HEALTHCHECK: Slug = Slug("image-healthcheck");
/// `implicit-default`
pub const IMPLICIT_DEFAULT: Slug = Slug("implicit-default");
/// `implicit-grace-period`
pub const IMPLICIT_GRACE_PERIOD: Slug = Slug("implicit-grace-period");
/// `implicit-healthcheck-timing`
pub const IMPLICIT_HEALTHCHECK_TIMING: Slug = Slug("implicit-healthcheck-timing");
/// `implicit-port`
pub const IMPLICIT_PORT: Slug = Slug("implicit-port");
/// `impossible-gate`
pub const IMPOSSIBLE_GATE: Slug = Slug("impossible-gate");
/// `init-process`
pub const INIT_PROCESS: Slug = Slug("init-process");
/// `invalid-compose`
pub const INVALID_COMPOSE: Slug = Slug("invalid-compose");
/// `invented-volume-size`
pub const INVENTED_VOLUME_SIZE: Slug = Slug("invented-volume-size");
/// `job-trigger`
pub const JOB_TRIGGER: Slug = Slug("job-trigger");
/// `kubelet-expansion`
pub const KUBELET_EXPANSION: Slug = Slug("kubelet-expansion");
/// `legacy-link`
pub const LEGACY_LINK: Slug = Slug("legacy-link");
/// `lifecycle-hook`
pub const LIFECYCLE_HOOK: Slug = Slug("lifecycle-hook");
/// `literal-secret`
pub const LITERAL_SECRET: Slug = Slug("literal-secret");
/// `log-driver`
pub const LOG_DRIVER: Slug = Slug("log-driver");
/// `missing-digest`
pub const MISSING_DIGEST: Slug = Slug("missing-digest");
/// `missing-file`
pub const MISSING_FILE: Slug = Slug("missing-file");
/// `missing-hardening`
pub const MISSING_HARDENING: Slug = Slug("missing-hardening");
/// `missing-healthcheck`
pub const MISSING_HEALTHCHECK: Slug = Slug("missing-healthcheck");
/// `missing-required-variable`
pub const MISSING_REQUIRED_VARIABLE: Slug = Slug("missing-required-variable");
/// `missing-resources`
pub const MISSING_RESOURCES: Slug = Slug("missing-resources");
/// `named-user`
pub const NAMED_USER: Slug = Slug("named-user");
/// `network-alias`
pub const NETWORK_ALIAS: Slug = Slug("network-alias");
/// `network-option`
pub const NETWORK_OPTION: Slug = Slug("network-option");
/// `nondeterministic-readiness`
pub const NONDETERMINISTIC_READINESS: Slug = Slug("nondeterministic-readiness");
/// `obsolete-key`
pub const OBSOLETE_KEY: Slug = Slug("obsolete-key");
/// `oversized-config`
pub const OVERSIZED_CONFIG: Slug = Slug("oversized-config");
/// `pinned-platform`
pub const PINNED_PLATFORM: Slug = Slug("pinned-platform");
/// `placement-constraint`
pub const PLACEMENT_CONSTRAINT: Slug = Slug("placement-constraint");
/// `pod-merge-conflict`
pub const POD_MERGE_CONFLICT: Slug = Slug("pod-merge-conflict");
/// `port-bind-address`
pub const PORT_BIND_ADDRESS: Slug = Slug("port-bind-address");
/// `privileged-container`
pub const PRIVILEGED_CONTAINER: Slug = Slug("privileged-container");
/// `privileged-hook`
pub const PRIVILEGED_HOOK: Slug = Slug("privileged-hook");
/// `published-port`
pub const PUBLISHED_PORT: Slug = Slug("published-port");
/// `published-port-range`
pub const PUBLISHED_PORT_RANGE: Slug = Slug("published-port-range");
/// `published-port-reference`
pub const PUBLISHED_PORT_REFERENCE: Slug = Slug("published-port-reference");
/// `rejected-output`
pub const REJECTED_OUTPUT: Slug = Slug("rejected-output");
/// `remote-healthcheck`
pub const REMOTE_HEALTHCHECK: Slug = Slug("remote-healthcheck");
/// `replicated-volume`
pub const REPLICATED_VOLUME: Slug = Slug("replicated-volume");
/// `restart-mismatch`
pub const RESTART_MISMATCH: Slug = Slug("restart-mismatch");
/// `retyped-scalar`
pub const RETYPED_SCALAR: Slug = Slug("retyped-scalar");
/// `rollout-policy`
pub const ROLLOUT_POLICY: Slug = Slug("rollout-policy");
/// `root-dropping-entrypoint`
pub const ROOT_DROPPING_ENTRYPOINT: Slug = Slug("root-dropping-entrypoint");
/// `root-user`
pub const ROOT_USER: Slug = Slug("root-user");
/// `runtime-socket`
pub const RUNTIME_SOCKET: Slug = Slug("runtime-socket");
/// `severed-connection`
pub const SEVERED_CONNECTION: Slug = Slug("severed-connection");
/// `shared-namespace`
pub const SHARED_NAMESPACE: Slug = Slug("shared-namespace");
/// `shared-writable-volume`
pub const SHARED_WRITABLE_VOLUME: Slug = Slug("shared-writable-volume");
/// `short-image-name`
pub const SHORT_IMAGE_NAME: Slug = Slug("short-image-name");
/// `source-code-bind`
pub const SOURCE_CODE_BIND: Slug = Slug("source-code-bind");
/// `startup-order`
pub const STARTUP_ORDER: Slug = Slug("startup-order");
/// `static-address`
pub const STATIC_ADDRESS: Slug = Slug("static-address");
/// `stop-signal`
pub const STOP_SIGNAL: Slug = Slug("stop-signal");
/// `suppression-without-reason`
pub const SUPPRESSION_WITHOUT_REASON: Slug = Slug("suppression-without-reason");
/// `timezone-bind`
pub const TIMEZONE_BIND: Slug = Slug("timezone-bind");
/// `tmpfs-mount`
pub const TMPFS_MOUNT: Slug = Slug("tmpfs-mount");
/// `unconfined-profile`
pub const UNCONFINED_PROFILE: Slug = Slug("unconfined-profile");
/// `undeclared-egress`
pub const UNDECLARED_EGRESS: Slug = Slug("undeclared-egress");
/// `undeclared-state`
pub const UNDECLARED_STATE: Slug = Slug("undeclared-state");
/// `unenforced-segmentation`
pub const UNENFORCED_SEGMENTATION: Slug = Slug("unenforced-segmentation");
/// `unknown-key`
pub const UNKNOWN_KEY: Slug = Slug("unknown-key");
/// `unmappable-key`
pub const UNMAPPABLE_KEY: Slug = Slug("unmappable-key");
/// `unmappable-resource`
pub const UNMAPPABLE_RESOURCE: Slug = Slug("unmappable-resource");
/// `unprovided-secret`
pub const UNPROVIDED_SECRET: Slug = Slug("unprovided-secret");
/// `unpullable-image`
pub const UNPULLABLE_IMAGE: Slug = Slug("unpullable-image");
/// `unresolvable-hostname`
pub const UNRESOLVABLE_HOSTNAME: Slug = Slug("unresolvable-hostname");
/// `unresolved-variable`
pub const UNRESOLVED_VARIABLE: Slug = Slug("unresolved-variable");
/// `unsafe-sysctl`
pub const UNSAFE_SYSCTL: Slug = Slug("unsafe-sysctl");
/// `unset-restart`
pub const UNSET_RESTART: Slug = Slug("unset-restart");
/// `unspecified-user`
pub const UNSPECIFIED_USER: Slug = Slug("unspecified-user");
/// `unsupported-volume`
pub const UNSUPPORTED_VOLUME: Slug = Slug("unsupported-volume");
/// `unused-declaration`
pub const UNUSED_DECLARATION: Slug = Slug("unused-declaration");
/// `unused-suppression`
pub const UNUSED_SUPPRESSION: Slug = Slug("unused-suppression");
/// `unverified-image`
pub const UNVERIFIED_IMAGE: Slug = Slug("unverified-image");
/// `volume-copy-up`
pub const VOLUME_COPY_UP: Slug = Slug("volume-copy-up");
/// `volume-ownership`
pub const VOLUME_OWNERSHIP: Slug = Slug("volume-ownership");
/// `writable-config-mount`
pub const WRITABLE_CONFIG_MOUNT: Slug = Slug("writable-config-mount");
/// `writable-root-fs`
pub const WRITABLE_ROOT_FS: Slug = Slug("writable-root-fs");
