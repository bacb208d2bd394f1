//! transship reads a Docker Compose project and says, at the exact character, what breaks or changes on Kubernetes.
//!
//! ```text
//! bytes ─yaml→ tree ─resolve→ compose::Project ─convert→ plan::Plan ─render→ manifests
//!                                  │                      ├─diff→ changes     ─verify→ problems
//!                                  ├─lint→ findings ──────┴─report→ text
//!                                  └─config→ the resolved project as YAML or JSON
//! ```
//! The rooms, from the ground up:

pub mod source;
pub mod tree;
pub mod diag;
pub mod compose;
pub mod k8s;
pub mod plan;
pub mod yaml;
pub mod resolve;
pub mod image;
pub mod convert;
pub mod render;
pub mod read;
pub mod diff;
pub mod verify;
pub mod rule;
pub mod lint;
pub mod fix;
pub mod config;
pub mod settings;
pub mod report;
pub mod cli;
