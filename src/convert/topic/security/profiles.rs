//! `security_opt`: profiles of seccomp, AppArmor and SELinux, and what a process may gain.

use crate::compose::codec::{Field, List};
use crate::compose::leaf::boolean;
use crate::compose::project::items;
use crate::convert::draft::{Part, Seat};
use crate::convert::pass::Pass;
use crate::diag::{Finding, Posture, slugs};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

/// The SELinux types that Pod Security takes.
const SELINUX_TYPES: [&str; 5] =
    ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

/// Converts `security_opt`.
pub fn convert<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    options: &'p Field<List<Text>>,
    userns_mode: &'p Field<Text>,
) {
    for option in items(options) {
        let written = option.value.as_str();
        // Both separators are in use; the old one stands in `label:type:name` too.
        let (key, value) =
            written.find(['=', ':']).map_or((written, ""), |at| (&written[..at], &written[at + 1..]));
        match key {
            "no-new-privileges" => privileges(pass, seat, option, value),
            "seccomp" => seccomp(pass, seat, option, value),
            "apparmor" => apparmor(pass, seat, option, value),
            "label" => label(pass, seat, option, value),
            "systempaths" => system_paths(pass, seat, option, value, userns_mode),
            "credentialspec" => unmappable(pass, seat, option, "names credentials of Windows"),
            _ => unknown(pass, seat, option),
        }
    }
}

fn privileges<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, option: &'p Spanned<Text>, value: &str) {
    let Some(held) = (if value.is_empty() { Some(true) } else { boolean(value) }) else {
        return unknown(pass, seat, option);
    };
    let privileged = seat.container.at(&["securityContext", "privileged"]).is_some();
    if (held && privileged) || (!held && pass.at_least(Posture::Restricted)) {
        let reason = if held {
            "a privileged container can gain no less"
        } else {
            "a restricted pod may not gain privileges"
        };
        let message = format!("`{}` of `{}` does not hold; {reason}", option.value, seat.member.name);
        let finding = pass.finding(option, slugs::APPROXIMATED_KEY, message);
        pass.approximated(option, finding);
        return;
    }
    let why = pass.mapped(option);
    seat.container.map("securityContext").put("allowPrivilegeEscalation", !held, &why);
}

fn seccomp<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, option: &'p Spanned<Text>, value: &str) {
    let kind = match value {
        "unconfined" => "Unconfined",
        "builtin" => "RuntimeDefault",
        _ => return unmappable(pass, seat, option, "names a seccomp profile of its own"),
    };
    let why = if value == "unconfined" { unconfined(pass, seat, option) } else { Some(pass.mapped(option)) };
    if let Some(why) = why {
        seat.container.map("securityContext").map("seccompProfile").put("type", kind, &why);
    }
}

fn apparmor<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, option: &'p Spanned<Text>, value: &str) {
    match value {
        // The default of Docker is that of the container runtime.
        "docker-default" | "" => {
            pass.mapped(option);
        }
        "unconfined" => {
            let Some(why) = unconfined(pass, seat, option) else { return };
            if pass.options().kube_minor.0 >= 30 {
                seat.container.map("securityContext").map("appArmorProfile").put("type", "Unconfined", &why);
            } else {
                let key = format!("container.apparmor.security.beta.kubernetes.io/{}", seat.name);
                seat.pod.annotations.put(key, "unconfined", &why);
            }
        }
        _ => unmappable(pass, seat, option, "names an AppArmor profile of its own"),
    }
}

fn label<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, option: &'p Spanned<Text>, value: &str) {
    if value == "disable" {
        let message =
            format!("`{}` runs without SELinux labels; a pod has no field for that", seat.member.name);
        let finding = pass.finding(option, slugs::UNCONFINED_PROFILE, message);
        if pass.at_least(Posture::Restricted) {
            pass.refused(option, finding);
        } else {
            pass.dropped(option, finding);
        }
        return;
    }
    let (part, word) = value.find(['=', ':']).map_or((value, ""), |at| (&value[..at], &value[at + 1..]));
    let field = match part {
        "user" => "user",
        "role" => "role",
        "type" => "type",
        "level" => "level",
        _ => return unknown(pass, seat, option),
    };
    let is_free = field == "level" || (field == "type" && SELINUX_TYPES.contains(&word));
    let why = if pass.at_least(Posture::Restricted) && !is_free {
        let message = format!("`{}` chooses its SELinux {field}; a restricted pod may not", seat.member.name);
        let finding = pass.finding(option, slugs::UNCONFINED_PROFILE, message);
        pass.refused(option, finding)
    } else {
        Some(pass.mapped(option))
    };
    if let Some(why) = why {
        seat.container.map("securityContext").map("seLinuxOptions").put(field, word, &why);
    }
}

/// Unmasked system paths: a pod may have them in a user namespace of its own only.
fn system_paths<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    option: &'p Spanned<Text>,
    value: &str,
    userns_mode: &'p Field<Text>,
) {
    if value != "unconfined" {
        return unknown(pass, seat, option);
    }
    let host = |mode: &Field<Text>| mode.as_ref().is_some_and(|mode| mode.value == "host");
    let container = seat.member.container;
    let shares =
        host(userns_mode) || [&container.pid, &container.ipc, &container.network_mode].into_iter().any(host);
    let finding = |pass: &Pass<'p>, consequence: &str| {
        let message = format!("`{}` sees all system paths; {consequence}", seat.member.name);
        pass.finding(option, slugs::UNCONFINED_PROFILE, message)
    };
    if pass.at_least(Posture::Restricted) {
        let finding = finding(pass, "a restricted pod may not");
        if pass.refused(option, finding).is_none() {
            return;
        }
    }
    // Both fields are on by default since 1.33.
    if shares || pass.options().kube_minor.0 < 33 || seat.part == Part::Before {
        let finding = finding(pass, "a pod can have them in a user namespace of its own only");
        pass.dropped(option, finding);
        return;
    }
    let finding = finding(pass, "a pod can have them in a user namespace of its own only, which it gets");
    let why = pass.approximated(option, finding);
    seat.container.map("securityContext").put("procMount", "Unmasked", &why);
    seat.pod.agree(Part::Main, &["hostUsers"], false, &why);
}

/// A profile that is switched off: as in Docker, until the posture forbids it.
fn unconfined<'p>(pass: &mut Pass<'p>, seat: &Seat<'_, 'p>, option: &'p Spanned<Text>) -> Option<Why> {
    if !pass.at_least(Posture::Restricted) {
        return Some(pass.mapped(option));
    }
    let message = format!(
        "`{}` switches a profile off with `{}`; a restricted pod may not",
        seat.member.name, option.value
    );
    let finding = pass.finding(option, slugs::UNCONFINED_PROFILE, message).tip("remove it");
    pass.refused(option, finding)
}

fn unmappable<'p>(pass: &mut Pass<'p>, seat: &Seat<'_, 'p>, option: &'p Spanned<Text>, what: &str) {
    let message = format!("`{}` {what}, which would have to be on every node", seat.member.name);
    let finding: Finding = pass.finding(option, slugs::UNMAPPABLE_KEY, message);
    pass.refused(option, finding.tip("put the profile onto the nodes, and refer to it from the pod"));
}

fn unknown<'p>(pass: &mut Pass<'p>, seat: &Seat<'_, 'p>, option: &'p Spanned<Text>) {
    let message =
        format!("`{}` of `{}` is no security option that Docker knows", option.value, seat.member.name);
    let finding = pass.finding(option, slugs::UNKNOWN_KEY, message);
    let known = "`no-new-privileges`, `seccomp=`, `apparmor=`, `label=` or `systempaths=`";
    pass.refused(option, finding.tip(format!("write {known}")));
}
