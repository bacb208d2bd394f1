//! Settings that belong to the node: none of them is a field of a pod.

use crate::compose::codec::{Field, Map};
use crate::compose::container::{BlkioConfig, Ulimit};
use crate::compose::project::entries;
use crate::compose::units::Bytes;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::diag::{Slug, slugs};
use crate::source::Text;
use crate::source::span::Spanned;

/// The keys.
pub struct Settings<'p> {
    /// `cpu_count`
    pub cpu_count: &'p Field<i64>,
    /// `cpu_percent`
    pub cpu_percent: &'p Field<f32>,
    /// `cpu_rt_period`
    pub cpu_rt_period: &'p Field<i64>,
    /// `cpu_rt_runtime`
    pub cpu_rt_runtime: &'p Field<i64>,
    /// `cpuset`
    pub cpuset: &'p Field<Text>,
    /// `mem_swappiness`
    pub mem_swappiness: &'p Field<Bytes>,
    /// `oom_kill_disable`
    pub oom_kill_disable: &'p Field<bool>,
    /// `oom_score_adj`
    pub oom_score_adj: &'p Field<i64>,
    /// `ulimits`
    pub ulimits: &'p Field<Map<Ulimit>>,
    /// `blkio_config`
    pub blkio_config: &'p Field<BlkioConfig>,
}

/// Accounts for the limits of processes: `pids_limit` and `deploy.resources.limits.pids`.
pub fn processes<'p>(pass: &mut Pass<'p>, seat: &Seat<'_, 'p>, limits: [Option<&'p Spanned<i64>>; 2]) {
    let name = seat.member.name;
    for limit in limits.into_iter().flatten() {
        let rest = if limit.value > 0 {
            format!("at most {} processes; a kubelet has one limit for all pods of its node", limit.value)
        } else {
            "as many processes as it likes; a kubelet may have a limit for all pods of its node".to_owned()
        };
        drop(pass, limit, slugs::UNMAPPABLE_RESOURCE, format!("`{name}` may have {rest}"));
    }
}

/// Accounts for the other settings.
pub fn settings<'p>(pass: &mut Pass<'p>, seat: &Seat<'_, 'p>, keys: &Settings<'p>) {
    let Settings {
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
    } = keys;
    let name = seat.member.name;
    let windows = |key| format!("`{key}` of `{name}` acts on Windows only, and stays behind");
    set(pass, cpu_count, slugs::DROPPED_KEY, windows("cpu_count"));
    set(pass, cpu_percent, slugs::DROPPED_KEY, windows("cpu_percent"));
    let node = |what: &str| format!("{what} of `{name}` stays behind; it is a setting of the node");
    let rule = slugs::UNMAPPABLE_RESOURCE;
    set(pass, cpu_rt_period, rule, node("the real-time period"));
    set(pass, cpu_rt_runtime, rule, node("the real-time run time"));
    set(pass, cpuset, rule, node("the choice of processors"));
    set(pass, mem_swappiness, rule, node("the readiness to swap"));
    if let Some(disable) = oom_kill_disable {
        if disable.value {
            let message = format!("`{name}` is spared when memory runs out; a pod cannot be");
            drop(pass, disable, rule, message);
        } else {
            pass.mapped(disable);
        }
    }
    let score = format!(
        "`{name}` says how readily it is ended when memory runs out; the kubelet decides that by requests"
    );
    set(pass, oom_score_adj, rule, score);
    if let Some(limits) = ulimits
        && !limits.value.is_empty()
    {
        let names: Vec<&str> = entries(ulimits).map(|(name, _)| name.as_str()).collect();
        let message = format!(
            "`{name}` sets the limits {} of its processes; a pod has those of its node's runtime",
            names.join(", ")
        );
        let finding = pass.finding_at_key(limits, rule, message);
        pass.dropped(limits, finding.tip("set them for the container runtime of the nodes"));
    }
    if let Some(config) = blkio_config {
        let message = format!("`{name}` limits what it reads and writes; a pod has no field for that");
        let finding = pass.finding_at_key(config, rule, message);
        pass.dropped(config, finding);
    }
}

fn set<'p, T>(pass: &mut Pass<'p>, field: &'p Field<T>, rule: Slug, message: String) {
    if let Some(value) = field {
        drop(pass, value, rule, message);
    }
}

fn drop<'p, T>(pass: &mut Pass<'p>, value: &'p Spanned<T>, rule: Slug, message: String) {
    let finding = pass.finding(value, rule, message);
    pass.dropped(value, finding);
}
