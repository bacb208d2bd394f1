//! A Compose project: types only, one file per area. Every key of the schema is a field, and every field knows its place.

pub mod numbers;
pub mod project;
pub mod series;
pub mod service;
pub mod hook;
pub mod job;
pub mod container;
pub mod port;
pub mod mount;
pub mod network;
pub mod volume;
pub mod file_object;
pub mod health;
pub mod deploy;
pub mod build;
pub mod develop;
pub mod command;
pub mod language_model;
pub mod codec;
pub mod leaf;
pub mod units;
pub mod words;
pub mod shell;
pub mod image_reference;
pub mod image_facts;
