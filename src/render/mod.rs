//! A plan as text: which files there are and how they are laid out. Nothing is decided here.

pub mod emit;
pub mod helm;
pub mod json;
pub mod kustomize;
pub mod manifests;
pub mod secrets_example;
pub mod store_example;
