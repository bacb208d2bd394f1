//! What Kubernetes takes: kinds, names, quantities, text that the kubelet leaves alone, and the order of fields.

pub mod kind;
pub mod name;
pub mod quantity;
pub mod dollar;
pub mod base64;
pub mod label;
pub mod order;
pub mod merge_key;
pub mod data_key;
pub mod port;
pub mod field_ref;
pub mod cron;
pub mod image;
