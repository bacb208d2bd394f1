//! Looks at objects once more, after they were made or read: does Kubernetes take them?

pub mod schema;
