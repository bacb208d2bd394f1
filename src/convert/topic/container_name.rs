//! The fixed name of a container.

use crate::compose::codec::Field;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;
use crate::diag::slugs;
use crate::source::Text;
use crate::source::span::Identity;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `container_name`
    pub container_name: &'p Field<Text>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { container_name } = keys;
    let Some(name) = container_name else { return };
    let service = draft.member.name;
    if name.value == *service {
        let message = format!("pods have generated names; peers find `{service}` by the name of its Service");
        pass.dropped(name, pass.finding(name, slugs::CONTAINER_NAME, message));
    } else if pass.survey.called.contains(&Identity::of(&**name)) {
        let message = format!("`{service}` is called `{}`, which is no name of a pod", name.value);
        let finding = pass.finding(name, slugs::CONTAINER_NAME_AS_HOSTNAME, message);
        pass.approximated(name, finding.tip(format!("call it `{service}`")));
    } else {
        let message = format!("pods have generated names, and no peer calls `{service}` by `{}`", name.value);
        pass.dropped(name, pass.finding(name, slugs::CONTAINER_NAME, message));
    }
}
