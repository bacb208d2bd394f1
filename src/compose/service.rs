//! Services, their hooks and what they depend on.

use super::build::Build;
use super::codec::{List, Map, mapping};
use super::container::Container;
use super::deploy::Deploy;
use super::develop::Develop;
use super::health::Healthcheck;
use super::hook::{Hook, PreStart};
use super::leaf::{Loose, choice};
use super::port::Port;
use crate::source::Text;

mapping! {
    /// A service.
    Service {
        ..container: Container,
        ..workload: Workload,
        /// Whether its output is shown.
        attach: bool,
        /// A fixed name for its one container.
        container_name: Text,
        /// How it is deployed.
        deploy: Deploy,
        /// What happens while it is developed.
        develop: Develop,
        /// The service that it extends.
        extends: Extends,
        /// Links to containers outside the project.
        external_links: List<Text>,
        /// Links to services.
        links: List<Text>,
        /// Commands after a start.
        post_start: List<Hook>,
        /// Containers that run before the start.
        pre_start: List<PreStart>,
        /// Commands before a stop.
        pre_stop: List<Hook>,
        /// Profiles that activate it.
        profiles: List<Text>,
        /// Who provides it, when no container does.
        provider: Provider,
        /// When it is restarted.
        restart: Text,
        /// How many containers.
        scale: i64,
    }
    extensions
}

mapping! {
    /// What services and jobs have beside the container.
    Workload {
        /// How the image is built.
        build: Build,
        /// What must be there first.
        depends_on: Map<Dependency>,
        /// Ports for the neighbours.
        expose: List<Loose>,
        /// How its health is asked for.
        healthcheck: Healthcheck,
        /// Ports for the outside.
        ports: List<Port>,
        /// Whether standard input stays open.
        stdin_open: bool,
        /// Whether it has a terminal.
        tty: bool,
    }
}

mapping! {
    /// What must be true of another service before this one starts.
    Dependency {
        /// The condition.
        condition: Condition,
        /// Whether this one is restarted with it.
        restart: bool,
        /// Whether it must be there at all.
        required: bool,
    }
    extensions
}

choice! {
    /// What is waited for.
    Condition {
        /// The containers run.
        Started = "service_started",
        /// The healthcheck succeeds.
        Healthy = "service_healthy",
        /// The containers ended with 0.
        Completed = "service_completed_successfully",
    }
}

mapping! {
    /// The service that another one extends.
    Extends {
        /// Its file.
        file: Text,
        /// Its name.
        service: Text,
    }
}

mapping! {
    /// Who provides a service that no container does.
    Provider {
        /// The program.
        kind = "type": Text,
        /// Its options, each with its values.
        options: Map<List<Loose>>,
    }
    extensions
}
