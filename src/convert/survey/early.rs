//! Members whose pods must be found before they are ready, as Docker finds every container that runs.

use std::collections::{BTreeMap, BTreeSet};

use super::Survey;
use crate::compose::codec::Field;
use crate::compose::image_reference::ImageReference;
use crate::convert::member::Member;
use crate::source::Text;

/// Those that call themselves, whose replicas call each other, or that another member of the same program calls which they
/// call: of two that wait for each other neither would become ready.
#[must_use]
pub fn of(survey: &Survey<'_>, members: &[Member<'_>]) -> BTreeSet<Text> {
    let spread = members.iter().filter(|member| {
        let deploy = member.service().and_then(|service| service.deploy.as_ref());
        let mode = deploy.and_then(|deploy| deploy.value.endpoint_mode.as_ref());
        mode.is_some_and(|mode| mode.value == "dnsrr") && member.most_replicas() > 1
    });
    let mut early: BTreeSet<Text> = spread.map(|member| member.name.clone()).collect();
    let programs: BTreeMap<&str, String> =
        members.iter().filter_map(|member| Some((member.name.as_str(), program(member)?))).collect();
    let calls: BTreeSet<(&str, &str)> = survey
        .references
        .iter()
        .map(|reference| (survey.pods.owner(&reference.from), survey.pods.owner(&reference.to)))
        .collect();
    for (from, to) in &calls {
        let program = programs.get(to);
        let is_peer = || program.is_some() && programs.get(from) == program && calls.contains(&(*to, *from));
        if from == to || is_peer() {
            early.insert((*to).into());
        }
    }
    early
}

/// What a member runs: its image whatever the version, or what it is built from.
fn program(member: &Member<'_>) -> Option<String> {
    if let Some(image) = &member.container.image {
        return ImageReference::parse(&image.value).map(|image| image.familiar());
    }
    let build = &member.workload.build.as_ref()?.value;
    let written = |text: &Field<Text>| text.as_ref().map(|text| text.value.clone()).unwrap_or_default();
    Some([&build.context, &build.dockerfile, &build.target].map(written).join("\n"))
}
