//! Jobs: containers that run to their end.

use super::codec::{List, mapping};
use super::container::Container;
use super::service::Workload;
use crate::source::Text;

mapping! {
    /// A job.
    Job {
        ..container: Container,
        ..workload: Workload,
        /// Profiles that activate it.
        profiles: List<Text>,
        /// What starts it.
        triggers: Triggers,
    }
    extensions
}

mapping! {
    /// What starts a job.
    Triggers {
        /// Whether a person may.
        manual: bool,
        /// When the clock does.
        schedule: List<Schedule>,
    }
    extensions
}

mapping! {
    /// When the clock starts a job.
    Schedule {
        /// What happens when the last run still goes on.
        concurrency: Text,
        /// The times.
        cron: Text,
        /// What happens to times that were missed.
        missed_fires: Text,
        /// The time zone.
        timezone: Text,
    }
    extensions
}
