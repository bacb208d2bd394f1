//! Parts of the resolved project, a line each.

use std::collections::BTreeSet;

use crate::compose::project::{Project, entries, items};

/// The names of the active services and jobs.
#[must_use]
pub fn services(project: &Project) -> String {
    let services = entries(&project.model.services).map(|(name, _)| name);
    lines(services.chain(entries(&project.model.jobs).map(|(name, _)| name)))
}

/// The images of the active services and jobs; one that is built here is named as Compose names it.
#[must_use]
pub fn images(project: &Project) -> String {
    let name = project.model.name.as_ref().map_or("", |name| name.value.as_str());
    // What a provider runs is its own affair: no image has a name here.
    let run = entries(&project.model.services).filter(|(_, service)| service.value.provider.is_none());
    let services = run.map(|(key, service)| (key, &service.value.container.image));
    let jobs = entries(&project.model.jobs).map(|(key, job)| (key, &job.value.container.image));
    let images: BTreeSet<String> = services
        .chain(jobs)
        .map(|(key, image)| match image {
            Some(image) if !image.value.is_empty() => image.value.to_string(),
            _ => format!("{name}-{key}"),
        })
        .collect();
    lines(images)
}

/// The profiles that services and jobs name.
#[must_use]
pub fn profiles(project: &Project) -> String {
    let services = entries(&project.model.services).chain(project.inactive_services.iter());
    let jobs = entries(&project.model.jobs).chain(project.inactive_jobs.iter());
    let of_services = services.flat_map(|(_, service)| items(&service.value.profiles));
    let of_jobs = jobs.flat_map(|(_, job)| items(&job.value.profiles));
    let profiles: BTreeSet<&str> = of_services.chain(of_jobs).map(|profile| profile.value.as_str()).collect();
    lines(profiles)
}

/// The variables that the files use: name, whether a value is demanded, default, and what stands for a set value.
#[must_use]
pub fn variables(project: &Project) -> String {
    let mut rows = vec![["NAME", "REQUIRED", "DEFAULT", "ALTERNATIVE"].map(str::to_owned)];
    for variable in &project.variables {
        rows.push([
            variable.name.to_string(),
            variable.required.to_string(),
            variable.default.as_deref().unwrap_or_default().to_owned(),
            variable.alternative.as_deref().unwrap_or_default().to_owned(),
        ]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    lines(rows.iter().map(|[name, required, default, alternative]| {
        let [first, second, third] = widths;
        format!("{name:first$}  {required:second$}  {default:third$}  {alternative}").trim_end().to_owned()
    }))
}

fn lines<T: AsRef<str>>(lines: impl IntoIterator<Item = T>) -> String {
    lines.into_iter().flat_map(|line| [line.as_ref().to_owned(), "\n".to_owned()]).collect()
}
