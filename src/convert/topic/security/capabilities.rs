//! Capabilities of the kernel.

use crate::compose::codec::{Field, List};
use crate::compose::project::items;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::diag::{Posture, slugs};
use crate::plan::field::{Field as Value, Items};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

const ALL: &str = "ALL";

/// Converts `cap_add` and `cap_drop`.
pub fn convert<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    cap_add: &'p Field<List<Text>>,
    cap_drop: &'p Field<List<Text>>,
) {
    let restricted = pass.at_least(Posture::Restricted);
    let mut added = Items::default();
    for capability in items(cap_add) {
        let name = name(&capability.value);
        let why = if restricted && name != "NET_BIND_SERVICE" {
            let Some(why) = refuse(pass, seat, capability, &name) else { continue };
            why
        } else {
            pass.mapped(capability)
        };
        enter(&mut added, &name, &why);
    }
    let mut dropped = Items::default();
    if restricted {
        enter(&mut dropped, ALL, &Why::Flag("--posture"));
    }
    for capability in items(cap_drop) {
        let name = name(&capability.value);
        let why = pass.mapped(capability);
        // Docker adds last, container runtimes drop last: what is in both lists is added.
        if name != ALL && added.iter().any(|known| known.as_text() == Some(&name)) {
            enter(&mut added, &name, &why);
        } else if restricted {
            enter(&mut dropped, ALL, &why);
        } else {
            enter(&mut dropped, &name, &why);
        }
    }
    let capabilities = seat.container.map("securityContext").map("capabilities");
    capabilities.insert("add", Value::List(added));
    capabilities.insert("drop", Value::List(dropped));
}

fn refuse<'p>(
    pass: &mut Pass<'p>,
    seat: &Seat<'_, 'p>,
    capability: &'p Spanned<Text>,
    name: &str,
) -> Option<Why> {
    let message = format!(
        "`{}` adds the capability `{name}`; a restricted pod may add NET_BIND_SERVICE only",
        seat.member.name
    );
    let finding = pass.finding(capability, slugs::FORBIDDEN_CAPABILITY, message);
    pass.refused(capability, finding.tip("remove it, or leave the service to a namespace that allows it"))
}

/// A capability as the API writes it: `NET_ADMIN`.
fn name(written: &str) -> String {
    let upper = written.trim().to_ascii_uppercase();
    upper.strip_prefix("CAP_").map_or(upper.clone(), str::to_owned)
}

/// Adds a name once; who says it again adds a reason.
fn enter(list: &mut Items, name: &str, why: &Why) {
    if let Some(known) = list.iter_mut().find(|known| known.as_text() == Some(name)) {
        match (&mut *known, why.rows().is_empty()) {
            // A line of the file is a better reason than a flag.
            (Value::Leaf(leaf), false) if leaf.why.rows().is_empty() => leaf.why = why.clone(),
            _ => known.because(why),
        }
        return;
    }
    list.push_value(name, why);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_have_one_spelling() {
        assert_eq!(["cap_net_admin", "SYS_TIME", "all"].map(name), ["NET_ADMIN", "SYS_TIME", "ALL"]);
    }
}
