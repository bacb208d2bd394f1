//! A service or a job, key by key: each struct of the model is taken apart here without `..`, so that a new key does not
//! compile until a topic takes it.

use super::draft::{Draft, Part, Pod, Seat};
use super::hint;
use super::member::{Either, Member};
use super::pass::Pass;
use super::topic::{
    autoscale, build, command, container_name, dependencies, devices, environment, files, health, hooks,
    hostname, image, lifetime, links, logging, metadata, models, namespaces, network, placement, ports,
    provider, resources, rollout, schedule, security, stop, storage, terminal, user,
};
use crate::compose::codec::{Field, Map};
use crate::compose::container::Container;
use crate::compose::deploy::{
    Deploy, Limits, Placement, Reservations, Resources, RestartPolicy, UpdateConfig,
};
use crate::compose::develop::Develop;
use crate::compose::image_facts::Facts;
use crate::compose::job::Job;
use crate::compose::leaf::Loose;
use crate::compose::service::{Service, Workload};
use crate::plan::field::{Fields, Items};
use crate::source::Text;

/// What becomes of a service or a job.
pub fn draft<'p>(pass: &mut Pass<'p>, member: Member<'p>) -> Draft<'p> {
    let mut draft = Draft {
        member,
        name: pass.survey.object_name(member.name),
        kind: pass.survey.kinds[member.name].kind,
        container: Fields::default(),
        pod: Pod::default(),
        workload: Fields::default(),
        annotations: Fields::default(),
        claims: Items::default(),
        tested: None,
        gates: Vec::new(),
        triggers: Vec::new(),
    };
    match member.kind {
        Either::Service(keys) => service(pass, &mut draft, keys),
        Either::Job(keys) => job(pass, &mut draft, keys),
    }
    draft
}

fn service<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &'p Service) {
    let Service {
        container: container_keys,
        workload: workload_keys,
        attach,
        container_name,
        deploy,
        develop,
        extends,
        external_links,
        links,
        post_start,
        pre_start,
        pre_stop,
        profiles,
        provider,
        restart,
        scale,
        extensions,
    } = keys;
    hint::member(pass, draft, extensions);
    let deployed = Deployed::of(deploy);
    let facts = pass.facts(draft.member);
    container(pass, &mut main(draft, facts), container_keys, deployed.limits, deployed.reservations);
    workload(pass, draft, workload_keys, develop, attach);
    let Deployed {
        endpoint_mode,
        labels: deploy_labels,
        mode,
        placement,
        replicas,
        limits: _,
        reservations: _,
        restart_policy,
        rollback_config,
        update_config,
    } = deployed;
    let lifetime =
        lifetime::Keys { mode, replicas, scale, endpoint_mode, deploy_labels, restart, restart_policy };
    lifetime::convert(pass, draft, &lifetime);
    autoscale::convert(pass, draft);
    rollout::convert(pass, draft, &rollout::Keys { update_config, rollback_config });
    placement::convert(pass, draft, &placement::Keys { placement });
    container_name::convert(pass, draft, &container_name::Keys { container_name });
    links::convert(
        pass,
        draft,
        &links::Keys { links, external_links, depends_on: &workload_keys.depends_on },
    );
    hooks::convert(pass, draft, &hooks::Keys { pre_start, post_start, pre_stop });
    provider::convert(pass, draft, &provider::Keys { provider });
    if let Some(profiles) = profiles {
        pass.consumed(profiles);
    }
    if let Some(extends) = extends {
        pass.consumed(extends);
    }
}

fn job<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &'p Job) {
    let Job { container: container_keys, workload: workload_keys, profiles, triggers, extensions } = keys;
    hint::member(pass, draft, extensions);
    let facts = pass.facts(draft.member);
    container(pass, &mut main(draft, facts), container_keys, &None, &None);
    workload(pass, draft, workload_keys, &None, &None);
    schedule::convert(pass, draft, &schedule::Keys { triggers });
    if let Some(profiles) = profiles {
        pass.consumed(profiles);
    }
}

/// The seat of the member's own container.
fn main<'d, 'p>(draft: &'d mut Draft<'p>, facts: &'p Facts) -> Seat<'d, 'p> {
    let Draft { member, name, container, pod, .. } = draft;
    Seat { member: *member, facts, name, container, pod, part: Part::Main }
}

fn workload<'p>(
    pass: &mut Pass<'p>,
    draft: &mut Draft<'p>,
    keys: &'p Workload,
    develop: &'p Field<Develop>,
    attach: &'p Field<bool>,
) {
    let Workload { build, depends_on, expose, healthcheck, ports, stdin_open, tty } = keys;
    build::convert(pass, draft, &build::Keys { build, develop, attach });
    ports::convert(pass, draft, &ports::Keys { ports, expose });
    health::convert(pass, draft, &health::Keys { healthcheck });
    dependencies::convert(pass, draft, &dependencies::Keys { depends_on });
    terminal::convert(pass, draft, &terminal::Keys { stdin_open, tty });
}

/// What becomes of a container: that of a service or a job, or one that runs before.
// One key a line would hide which keys go where.
#[rustfmt::skip]
pub fn container<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    keys: &'p Container,
    limits: &'p Field<Limits>,
    reservations: &'p Field<Reservations>,
) {
    let Container {
        annotations, blkio_config, cap_add, cap_drop, cgroup, cgroup_parent, command, configs,
        cpu_count, cpu_percent, cpu_period, cpu_quota, cpu_rt_period, cpu_rt_runtime, cpu_shares, cpus,
        cpuset, credential_spec, device_cgroup_rules, devices, dns, dns_opt, dns_search, domainname,
        entrypoint, env_file, environment, extra_hosts, gpus, group_add, hostname, image, init, ipc,
        isolation, label_file, labels, logging, mac_address, mem_limit, mem_reservation, mem_swappiness,
        memswap_limit, models, network_mode, networks, oom_kill_disable, oom_score_adj, pid, pids_limit,
        platform, privileged, pull_policy, pull_refresh_after, read_only, runtime, secrets,
        security_opt, shm_size, stop_grace_period, stop_signal, storage_opt, sysctls, tmpfs, ulimits,
        umask, use_api_socket, user, userns_mode, uts, volumes, volumes_from, working_dir,
    } = keys;
    image::convert(pass, seat, &image::Keys { image, pull_policy, pull_refresh_after, platform });
    command::convert(pass, seat, &command::Keys { entrypoint, command, working_dir, environment });
    user::convert(pass, seat, &user::Keys { user, group_add, umask });
    environment::convert(pass, seat, &environment::Keys { environment, env_file });
    models::convert(pass, seat, &models::Keys { models });
    files::convert(pass, seat, &files::Keys { configs, secrets });
    let keys = storage::Keys {
        volumes, volumes_from, tmpfs, shm_size, storage_opt, use_api_socket,
    };
    storage::convert(pass, seat, &keys);
    let keys = network::Keys {
        network_mode, networks, mac_address, extra_hosts, dns, dns_opt, dns_search,
    };
    network::convert(pass, seat, &keys);
    hostname::convert(pass, seat, &hostname::Keys { hostname, domainname });
    let keys = security::Keys {
        privileged, cap_add, cap_drop, security_opt, read_only, sysctls, userns_mode,
    };
    security::convert(pass, seat, &keys);
    let keys = namespaces::Keys {
        pid, ipc, uts, cgroup, cgroup_parent, init, runtime, isolation, credential_spec,
    };
    namespaces::convert(pass, seat, &keys);
    let keys = resources::Keys {
        cpu_count, cpu_percent, cpu_period, cpu_quota, cpu_rt_period, cpu_rt_runtime, cpu_shares, cpus,
        cpuset, mem_limit, mem_reservation, mem_swappiness, memswap_limit, oom_kill_disable,
        oom_score_adj, pids_limit, ulimits, blkio_config, limits, reservations,
    };
    resources::convert(pass, seat, &keys);
    devices::convert(pass, seat, &devices::Keys { devices, device_cgroup_rules, gpus, reservations });
    metadata::convert(pass, seat, &metadata::Keys { labels, label_file, annotations });
    stop::convert(pass, seat, &stop::Keys { stop_signal, stop_grace_period });
    logging::convert(pass, seat, &logging::Keys { logging });
}

/// The keys of `deploy`, absent ones included.
struct Deployed<'p> {
    endpoint_mode: &'p Field<Text>,
    labels: &'p Field<Map<Loose>>,
    mode: &'p Field<Text>,
    placement: &'p Field<Placement>,
    replicas: &'p Field<i64>,
    limits: &'p Field<Limits>,
    reservations: &'p Field<Reservations>,
    restart_policy: &'p Field<RestartPolicy>,
    rollback_config: &'p Field<UpdateConfig>,
    update_config: &'p Field<UpdateConfig>,
}

impl<'p> Deployed<'p> {
    fn of(deploy: &'p Field<Deploy>) -> Self {
        let Some(deploy) = deploy else {
            return Self {
                endpoint_mode: &None,
                labels: &None,
                mode: &None,
                placement: &None,
                replicas: &None,
                limits: &None,
                reservations: &None,
                restart_policy: &None,
                rollback_config: &None,
                update_config: &None,
            };
        };
        // Extension keys are accounted for at one place, wherever they stand.
        let Deploy {
            endpoint_mode,
            labels,
            mode,
            placement,
            replicas,
            resources,
            restart_policy,
            rollback_config,
            update_config,
            extensions: _,
        } = &deploy.value;
        let (limits, reservations) = match resources {
            Some(resources) => {
                let Resources { limits, reservations, extensions: _ } = &resources.value;
                (limits, reservations)
            }
            None => (&None, &None),
        };
        Self {
            endpoint_mode,
            labels,
            mode,
            placement,
            replicas,
            limits,
            reservations,
            restart_policy,
            rollback_config,
            update_config,
        }
    }
}
