//! Processors, memory and limits.

pub mod amounts;
pub mod unmappable;

use crate::compose::codec::{Field, Map};
use crate::compose::container::{BlkioConfig, Ulimit};
use crate::compose::deploy::{Limits, Reservations};
use crate::compose::units::Bytes;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `cpu_count`
    pub cpu_count: &'p Field<i64>,
    /// `cpu_percent`
    pub cpu_percent: &'p Field<f32>,
    /// `cpu_period`
    pub cpu_period: &'p Field<i64>,
    /// `cpu_quota`
    pub cpu_quota: &'p Field<i64>,
    /// `cpu_rt_period`
    pub cpu_rt_period: &'p Field<i64>,
    /// `cpu_rt_runtime`
    pub cpu_rt_runtime: &'p Field<i64>,
    /// `cpu_shares`
    pub cpu_shares: &'p Field<i64>,
    /// `cpus`
    pub cpus: &'p Field<f32>,
    /// `cpuset`
    pub cpuset: &'p Field<Text>,
    /// `mem_limit`
    pub mem_limit: &'p Field<Bytes>,
    /// `mem_reservation`
    pub mem_reservation: &'p Field<Bytes>,
    /// `mem_swappiness`
    pub mem_swappiness: &'p Field<Bytes>,
    /// `memswap_limit`
    pub memswap_limit: &'p Field<Bytes>,
    /// `oom_kill_disable`
    pub oom_kill_disable: &'p Field<bool>,
    /// `oom_score_adj`
    pub oom_score_adj: &'p Field<i64>,
    /// `pids_limit`
    pub pids_limit: &'p Field<i64>,
    /// `ulimits`
    pub ulimits: &'p Field<Map<Ulimit>>,
    /// `blkio_config`
    pub blkio_config: &'p Field<BlkioConfig>,
    /// `deploy.resources.limits`
    pub limits: &'p Field<Limits>,
    /// `deploy.resources.reservations`
    pub reservations: &'p Field<Reservations>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys {
        cpu_count,
        cpu_percent,
        cpu_period,
        cpu_quota,
        cpu_rt_period,
        cpu_rt_runtime,
        cpu_shares,
        cpus,
        cpuset,
        mem_limit,
        mem_reservation,
        mem_swappiness,
        memswap_limit,
        oom_kill_disable,
        oom_score_adj,
        pids_limit,
        ulimits,
        blkio_config,
        limits,
        reservations,
    } = keys;
    let limits = limits.as_ref().map(|limits| &limits.value);
    let reservations = reservations.as_ref().map(|reservations| &reservations.value);
    let processors = amounts::Processors {
        limits: [limits.and_then(|limits| limits.cpus.as_deref()), cpus.as_deref()],
        quota: cpu_quota.as_deref(),
        period: cpu_period.as_deref(),
        reserved: reservations.and_then(|reservations| reservations.cpus.as_deref()),
        shares: cpu_shares.as_deref(),
    };
    amounts::processors(pass, seat, &processors);
    let memory = amounts::Memory {
        limits: [limits.and_then(|limits| limits.memory.as_deref()), mem_limit.as_deref()],
        swap: memswap_limit.as_deref(),
        reserved: reservations.and_then(|reservations| reservations.memory.as_deref()),
        soft: mem_reservation.as_deref(),
    };
    amounts::memory(pass, seat, &memory);
    let of_deploy = limits.and_then(|limits| limits.pids.as_deref());
    unmappable::processes(pass, seat, [pids_limit.as_deref(), of_deploy]);
    let settings = unmappable::Settings {
        cpu_count,
        cpu_percent,
        cpu_rt_period,
        cpu_rt_runtime,
        cpuset,
        mem_swappiness,
        oom_kill_disable,
        oom_score_adj,
        ulimits,
        blkio_config,
    };
    unmappable::settings(pass, seat, &settings);
}
