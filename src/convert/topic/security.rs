//! Rights: capabilities, profiles, system controls, the root file system.

pub mod capabilities;
pub mod profiles;
pub mod sysctls;

use crate::compose::codec::{Field, List, Map};
use crate::compose::leaf::Loose;
use crate::convert::draft::{Part, Seat};
use crate::convert::pass::Pass;
use crate::diag::{Posture, slugs};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `privileged`
    pub privileged: &'p Field<bool>,
    /// `cap_add`
    pub cap_add: &'p Field<List<Text>>,
    /// `cap_drop`
    pub cap_drop: &'p Field<List<Text>>,
    /// `security_opt`
    pub security_opt: &'p Field<List<Text>>,
    /// `read_only`
    pub read_only: &'p Field<bool>,
    /// `sysctls`
    pub sysctls: &'p Field<Map<Loose>>,
    /// `userns_mode`
    pub userns_mode: &'p Field<Text>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { privileged, cap_add, cap_drop, security_opt, read_only, sysctls, userns_mode } = keys;
    if seat.part == Part::Main {
        defaults(seat);
    }
    if let Some(privileged) = privileged {
        self::privileged(pass, seat, privileged);
    }
    capabilities::convert(pass, seat, cap_add, cap_drop);
    if pass.at_least(Posture::Restricted) && !is_privileged(seat) {
        seat.container.map("securityContext").put("allowPrivilegeEscalation", false, &Why::Flag("--posture"));
    }
    profiles::convert(pass, seat, security_opt, userns_mode);
    if let Some(read_only) = read_only {
        let why = pass.mapped(read_only);
        if read_only.value {
            seat.container.map("securityContext").put("readOnlyRootFilesystem", true, &why);
        }
    }
    sysctls::convert(pass, seat, sysctls);
    if let Some(mode) = userns_mode {
        user_namespace(pass, seat, mode);
    }
}

/// What Docker gives every container unasked, and a pod only when it is said. It is the same for every project and so
/// no finding about one: each field names its policy, and the guide lists them.
fn defaults(seat: &mut Seat<'_, '_>) {
    let links = Why::Policy("Compose gives no variables for services, so service links are off");
    seat.pod.agree(Part::Main, &["enableServiceLinks"], false, &links);
    let token = Why::Policy("Compose gives no token for an API, so none is mounted");
    seat.pod.agree(Part::Main, &["automountServiceAccountToken"], false, &token);
    let profile = Why::Policy("Docker runs every container under its seccomp profile");
    seat.pod.agree(Part::Main, &["securityContext", "seccompProfile", "type"], "RuntimeDefault", &profile);
}

fn privileged<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, privileged: &'p Spanned<bool>) {
    if !privileged.value {
        pass.mapped(privileged);
        return;
    }
    let message = format!(
        "`{}` has all rights on its host; Pod Security refuses such a pod from `baseline` on",
        seat.member.name
    );
    let finding = pass
        .finding(privileged, slugs::PRIVILEGED_CONTAINER, message)
        .tip("name the capabilities and devices that it needs instead");
    if let Some(why) = pass.refused(privileged, finding) {
        seat.container.map("securityContext").put("privileged", true, &why);
    }
}

/// Whether the container was allowed to be privileged.
fn is_privileged(seat: &Seat<'_, '_>) -> bool {
    seat.container.at(&["securityContext", "privileged"]).is_some()
}

fn user_namespace<'p>(pass: &mut Pass<'p>, seat: &Seat<'_, 'p>, mode: &'p Spanned<Text>) {
    // Pods share the user namespace of their node unless they say otherwise.
    if matches!(mode.value.as_str(), "" | "host") {
        pass.mapped(mode);
        return;
    }
    let message = format!(
        "the user namespace `{}` of `{}` stays behind; a pod has that of its node",
        mode.value, seat.member.name
    );
    let finding = pass.finding(mode, slugs::DROPPED_KEY, message);
    pass.dropped(mode, finding);
}
