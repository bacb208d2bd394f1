//! Services that wait for each other for ever.

use std::collections::{BTreeMap, BTreeSet};

use super::context::Loader;
use crate::compose::project::{Project, entries};
use crate::diag::{Finding, slugs};
use crate::source::Text;
use crate::source::span::Span;

/// So many circles are told: where all wait for all there are more than memory could hold.
const MOST: usize = 100;

/// Reports each circle with all its places.
pub fn check(loader: &mut Loader<'_>, project: &Project) {
    let mut told = 0;
    let mut done: BTreeSet<&Text> = BTreeSet::new();
    for (name, _) in entries(&project.model.services) {
        let mut way: Vec<(&Text, Vec<&Text>)> = Vec::new();
        let mut steps: BTreeMap<&Text, usize> = BTreeMap::new();
        if !done.contains(name) {
            steps.insert(name, way.len());
            way.push((name, next(project, name)));
        }
        while let Some((current, rest)) = way.last_mut() {
            let current = *current;
            let Some(neighbour) = rest.pop() else {
                done.insert(current);
                steps.remove(current);
                way.pop();
                continue;
            };
            if let Some(at) = steps.get(neighbour) {
                let circle: Vec<&Text> = way[*at..].iter().map(|(name, _)| *name).collect();
                report(loader, project, &circle);
                told += 1;
                if told == MOST {
                    return;
                }
            } else if !done.contains(neighbour) {
                steps.insert(neighbour, way.len());
                way.push((neighbour, next(project, neighbour)));
            }
        }
    }
}

/// The services that a service waits for, the last one first.
fn next<'a>(project: &'a Project, name: &str) -> Vec<&'a Text> {
    let Some(service) = project.model.service(name) else { return Vec::new() };
    let mut names: Vec<&Text> = entries(&service.value.workload.depends_on)
        .map(|(name, _)| name)
        .filter(|name| project.model.service(name).is_some())
        .collect();
    names.reverse();
    names
}

fn report(loader: &mut Loader<'_>, project: &Project, circle: &[&Text]) {
    let edge = |from: &Text, to: &Text| {
        let service = project.model.service(from)?;
        Some(service.value.workload.depends_on.as_ref()?.value.get(to)?.key)
    };
    let names: Vec<&str> = circle.iter().map(|name| name.as_str()).collect();
    let message = format!("services wait for each other in a circle: {} → {}", names.join(" → "), names[0]);
    let places: Vec<Option<Span>> =
        circle.iter().zip(circle.iter().cycle().skip(1)).map(|(from, to)| edge(from, to)).collect();
    let Some(first) = places.first().copied().flatten() else { return };
    let path = format!("services.{}.depends_on", names[0]);
    let mut finding = Finding::new(slugs::BROKEN_REFERENCE, first, path, message);
    for (place, name) in places.into_iter().zip(&names).skip(1) {
        if let Some(span) = place {
            finding = finding.also(span, format!("`{name}` waits on"));
        }
    }
    loader.refuse(finding);
}
