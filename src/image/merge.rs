//! What two sources know of one image, field by field.

use super::user;
use crate::compose::image_facts::{Fact, Facts, Known, Listing};

/// What `first` knows, and from `second` what it does not.
pub(super) fn merge(first: Facts, second: &Facts) -> Facts {
    let mut facts = Facts {
        user: fact(first.user, &second.user),
        settles_as: first.settles_as,
        ports: listing(first.ports, &second.ports),
        entrypoint: fact(first.entrypoint, &second.entrypoint),
        command: fact(first.command, &second.command),
        shell: fact(first.shell, &second.shell),
        healthcheck: fact(first.healthcheck, &second.healthcheck),
        volumes: listing(first.volumes, &second.volumes),
        stop_signal: fact(first.stop_signal, &second.stop_signal),
        // Of the image that it was built from, they prove nothing.
        signatures: first.signatures,
        environment: first.environment,
        working_dir: fact(first.working_dir, &second.working_dir),
        architectures: listing(first.architectures, &second.architectures),
        content: listing(first.content, &second.content),
        accounts: first.accounts,
        groups: first.groups,
        single_writer: first.single_writer.or_else(|| second.single_writer.clone()),
        data: filled(first.data, &second.data),
        writable: filled(first.writable, &second.writable),
        probe: first.probe.or_else(|| second.probe.clone()),
        notes: filled(first.notes, &second.notes),
        triggers: first.triggers,
        base: first.base.or_else(|| second.base.clone()),
    };
    if !facts.environment.complete {
        let names: Vec<_> = facts.environment.values().map(|variable| variable.name.clone()).collect();
        let others = second.environment.items.iter().filter(|known| !names.contains(&known.value.name));
        facts.environment.items.extend(others.cloned());
        facts.environment.complete = second.environment.complete;
    }
    for (name, account) in &second.accounts {
        facts.accounts.entry(name.clone()).or_insert_with(|| account.clone());
    }
    for (name, group) in &second.groups {
        facts.groups.entry(name.clone()).or_insert_with(|| group.clone());
    }
    // An image that starts as somebody has nobody to change to.
    if facts.settles_as.is_none() && facts.user.value().is_none_or(|user| user.uid() == Some(0)) {
        facts.settles_as = second.settles_as.clone();
    }
    let mut user = std::mem::take(&mut facts.user);
    if let Fact::Present(known) = &mut user {
        user::settle(&mut known.value, &facts);
    }
    facts.user = user;
    facts
}

/// Adds what is not there yet.
pub(super) fn extend<T: Clone + PartialEq>(items: &mut Vec<Known<T>>, others: &[Known<T>]) {
    for other in others {
        if !items.iter().any(|known| known.value == other.value) {
            items.push(other.clone());
        }
    }
}

fn fact<T: Clone>(first: Fact<T>, second: &Fact<T>) -> Fact<T> {
    if first.is_unknown() { second.clone() } else { first }
}

fn listing<T: Clone + PartialEq>(mut first: Listing<T>, second: &Listing<T>) -> Listing<T> {
    if !first.complete {
        extend(&mut first.items, &second.items);
        first.complete = second.complete;
    }
    first
}

fn filled<T: Clone>(first: Vec<T>, second: &[T]) -> Vec<T> {
    if first.is_empty() { second.to_vec() } else { first }
}
