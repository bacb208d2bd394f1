//! The fixed name of a container.

use crate::compose::codec::Field;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;
use crate::diag::slugs;
use crate::plan::ledger::Verdict;
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
        // It is said where the name is called.
        let reason = format!("`{service}` is called by this name, for which a Service is made");
        let said = Some((slugs::CONTAINER_NAME_AS_HOSTNAME, reason.as_str()));
        pass.accounts.enter(Identity::of(&**name), Verdict::Approximated, said, false);
    } else {
        let message = format!("pods have generated names, and no peer calls `{service}` by `{}`", name.value);
        pass.dropped(name, pass.finding(name, slugs::CONTAINER_NAME, message));
    }
}
