//! Looks for containers that keep rights which a restricted pod gives up.

use crate::compose::leaf::boolean;
use crate::compose::project::items;
use crate::diag::slugs;
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink};

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for subject in subject::all(ctx) {
        let (keeps, gains) = match (drops_all(&subject), gains_none(&subject)) {
            (true, true) => continue,
            (false, true) => (
                "keeps capabilities that it may not need; a restricted pod drops all",
                "add `cap_drop: [ALL]`",
            ),
            (true, false) => (
                "may gain privileges while it runs; a restricted pod gains none",
                "add `security_opt: [\"no-new-privileges:true\"]`",
            ),
            (false, false) => (
                "keeps Docker's capabilities and may gain privileges while it runs; a restricted pod drops all and gains none",
                "add `cap_drop: [ALL]` and `security_opt: [\"no-new-privileges:true\"]`",
            ),
        };
        let message = format!("`{}` {keeps}", subject.name);
        sink.report(subject.absence(slugs::MISSING_HARDENING, message).tip(gains));
    }
}

fn drops_all(subject: &Subject<'_>) -> bool {
    items(&subject.container.cap_drop).any(|capability| capability.value.trim().eq_ignore_ascii_case("all"))
}

fn gains_none(subject: &Subject<'_>) -> bool {
    items(&subject.container.security_opt).any(|option| {
        let Some(value) = option.value.strip_prefix("no-new-privileges") else { return false };
        value.is_empty() || value.strip_prefix([':', '=']).and_then(boolean) == Some(true)
    })
}
