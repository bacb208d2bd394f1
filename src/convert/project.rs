//! What belongs to the project as a whole: the namespace, networks, volumes, configs, secrets and models.

use super::Input;
use super::assemble;
use super::draft::Draft;
use super::hint;
use super::pass::Pass;
use super::topic::{backup, files, metrics, models, network, ports, provider, storage};
use crate::compose::project::Model;
use crate::k8s::kind::Kind;
use crate::k8s::name;
use crate::plan::field::Fields;
use crate::plan::object::{Id, Object};
use crate::source::Text;

/// What the namespace of the project is called; nothing where its name has nothing that a namespace could be called.
#[must_use]
pub fn namespace_name(input: &Input<'_>) -> Option<String> {
    name::object(&input.project.model.name.as_ref()?.value, name::LABEL_LENGTH)
}

/// The namespace of the project.
pub fn namespace(pass: &mut Pass<'_>) {
    let Some(written) = &pass.input.project.model.name else { return };
    let why = pass.mapped(written);
    let Some(legal) = namespace_name(pass.input) else { return };
    pass.namespace = legal.as_str().into();
    pass.namespace_why = why.clone();
    let id = Id { kind: Kind::Namespace, namespace: Text::default(), name: legal.into() };
    let mut body = Fields::default();
    assemble::metadata(&mut body, &id, &why, &pass.namespace, None);
    pass.objects.push(Object { id, owners: Vec::new(), folder: None, body });
}

/// The declarations of the project, key by key, when all services are drafted.
pub fn sections<'p>(pass: &mut Pass<'p>, drafts: &mut Vec<Draft<'p>>) {
    let Model { name: _, services: _, jobs: _, networks, volumes, configs, secrets, models, extensions } =
        &pass.input.project.model;
    hint::project(pass, extensions);
    storage::declarations(pass, drafts, volumes);
    files::declarations(pass, drafts, configs, secrets);
    models::declarations(pass, models);
    provider::supply(pass, drafts);
    ports::services(pass, drafts);
    metrics::convert(pass);
    backup::convert(pass);
    network::declarations(pass, drafts, networks);
}
