//! The kind of workload, how many pods, and when they are restarted.

use crate::compose::codec::{Field, Map};
use crate::compose::deploy::RestartPolicy;
use crate::compose::leaf::Loose;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `mode`
    pub mode: &'p Field<Text>,
    /// `replicas`
    pub replicas: &'p Field<i64>,
    /// `scale`
    pub scale: &'p Field<i64>,
    /// `endpoint_mode`
    pub endpoint_mode: &'p Field<Text>,
    /// `deploy_labels`
    pub deploy_labels: &'p Field<Map<Loose>>,
    /// `restart`
    pub restart: &'p Field<Text>,
    /// `restart_policy`
    pub restart_policy: &'p Field<RestartPolicy>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { mode, replicas, scale, endpoint_mode, deploy_labels, restart, restart_policy } = keys;
    let _ = (pass, draft, mode, replicas, scale, endpoint_mode, deploy_labels, restart, restart_policy);
}
