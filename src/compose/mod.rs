//! A Compose project: types only, one file per area. Every key of the schema is a field, and every field knows its place.

pub mod build;
pub mod codec;
pub mod command;
pub mod container;
pub mod deploy;
pub mod develop;
pub mod file_object;
pub mod health;
pub mod job;
pub mod language_model;
pub mod leaf;
pub mod mount;
pub mod network;
pub mod port;
pub mod project;
pub mod service;
pub mod units;
pub mod volume;
pub mod words;
