//! Data directories: a claim has a `lost+found` of its own, which some programs do not take for an empty folder.

use super::mounts;
use crate::compose::project::entries;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::diag::slugs;

/// Makes the program keep its data in a folder below the mount, where the image is known to need it.
pub fn below<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, path: &str) {
    for data in &seat.facts.data {
        let Some(below) = data.value.below.as_ref().filter(|_| mounts::clean(&data.value.path) == path)
        else {
            continue;
        };
        let chosen = entries(&seat.member.container.environment).any(|(name, _)| *name == below.variable);
        if chosen || seat.container.list("env").find("name", &below.variable).is_some() {
            continue;
        }
        let why = pass.fact(&data.evidence);
        let entry = seat.container.list("env").push_map();
        entry.put("name", &below.variable, &why);
        entry.put("value", &below.value, &why);
        let message = format!(
            "`{}` is set to `{}`: the root of a claim holds `lost+found`, and the image wants an empty folder",
            below.variable, below.value
        );
        let finding = pass.finding_of(&seat.member, slugs::IMPLICIT_DEFAULT, message);
        pass.report(finding);
    }
}
