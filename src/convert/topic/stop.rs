//! How a container is stopped.

use crate::compose::codec::Field;
use crate::compose::image_facts::Fact;
use crate::compose::units::Duration;
use crate::convert::draft::{Part, Seat};
use crate::convert::pass::Pass;
use crate::diag::{Posture, slugs};
use crate::k8s::quantity;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `stop_signal`
    pub stop_signal: &'p Field<Text>,
    /// `stop_grace_period`
    pub stop_grace_period: &'p Field<Duration>,
}

const GRACE: &[&str] = &["terminationGracePeriodSeconds"];
/// What Docker waits between the signal and the end, when nobody says.
const DOCKERS_GRACE: i64 = 10;
/// What the kubelet waits at least, whatever a pod says.
const LEAST_GRACE: i64 = 2;
/// For ever, in seconds: Docker has a word for it, Kubernetes only a long time.
const FOR_EVER: i64 = i32::MAX as i64;

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { stop_signal, stop_grace_period } = keys;
    if let Some(written) = stop_signal {
        signal(pass, seat, written);
    }
    match stop_grace_period {
        Some(period) => {
            let seconds = if period.value.0 < 0 { FOR_EVER } else { quantity::seconds(period.value.0) };
            let why =
                if seconds < LEAST_GRACE { short(pass, seat, period, seconds) } else { pass.mapped(period) };
            seat.pod.agree(seat.part, GRACE, seconds, &why);
        }
        None if seat.part == Part::Main => {
            let why = Why::Policy("Docker waits ten seconds before it ends a container");
            seat.pod.agree(Part::Main, GRACE, DOCKERS_GRACE, &why);
        }
        None => {}
    }
}

/// The kubelet gives every container a little time, also one that wants none.
fn short<'p>(pass: &mut Pass<'p>, seat: &Seat<'_, 'p>, period: &'p Spanned<Duration>, seconds: i64) -> Why {
    let name = seat.member.name;
    let message = format!(
        "`{name}` is given {seconds} s to stop; a node waits at least {LEAST_GRACE} s before it ends a container"
    );
    let finding = pass.finding(period, slugs::APPROXIMATED_KEY, message);
    pass.approximated(
        period,
        finding.tip("have the program stop at the signal, or write `stop_grace_period: 2s`"),
    )
}

/// The runtime sends the signal of the image; another one needs a field that clusters do not have by default.
fn signal<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, written: &'p Spanned<Text>) {
    let wanted = canonical(&written.value);
    let of_image = match &seat.facts.stop_signal {
        Fact::Present(known) => canonical(&known.value),
        Fact::Absent(_) | Fact::Unknown => "SIGTERM".to_owned(),
    };
    if wanted.is_empty() || wanted == of_image {
        pass.mapped(written);
        return;
    }
    if seat.part == Part::Main
        && is_known(&wanted)
        && let Some(promised) = pass.gate("ContainerStopSignals")
    {
        let why = pass.mapped(written);
        seat.container.map("lifecycle").put("stopSignal", wanted, &why);
        seat.pod.agree(Part::Main, &["os", "name"], "linux", &promised);
        return;
    }
    let name = seat.member.name;
    // What nobody describes may have the very signal that is wanted.
    let unless =
        if matches!(seat.facts.stop_signal, Fact::Unknown) { " unless the image says otherwise" } else { "" };
    let message =
        format!("`{name}` stops at `{wanted}`; a pod gets the signal of its image, `{of_image}`{unless}");
    let finding = pass
        .finding(written, slugs::STOP_SIGNAL, message)
        .tip(format!("build the image with `STOPSIGNAL {wanted}`, or have the program stop at `{of_image}`"));
    if pass.at_least(Posture::Restricted) {
        pass.refused(written, finding);
    } else {
        pass.approximated(written, finding);
    }
}

/// A signal as `SIGTERM`, whichever way it is written.
fn canonical(signal: &str) -> String {
    const NUMBERED: [(&str, &str); 11] = [
        ("1", "SIGHUP"),
        ("2", "SIGINT"),
        ("3", "SIGQUIT"),
        ("6", "SIGABRT"),
        ("9", "SIGKILL"),
        ("10", "SIGUSR1"),
        ("12", "SIGUSR2"),
        ("15", "SIGTERM"),
        ("18", "SIGCONT"),
        ("19", "SIGSTOP"),
        ("28", "SIGWINCH"),
    ];
    let upper = signal.trim().to_ascii_uppercase();
    if let Some((_, name)) = NUMBERED.iter().find(|(number, _)| *number == upper) {
        return (*name).to_owned();
    }
    if upper.is_empty() || upper.starts_with("SIG") || upper.bytes().all(|byte| byte.is_ascii_digit()) {
        return upper;
    }
    format!("SIG{upper}")
}

/// Whether the API takes the signal.
fn is_known(signal: &str) -> bool {
    const NAMES: &[&str] = &[
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL",
        "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP",
        "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
    ];
    signal.strip_prefix("SIG").is_some_and(|name| NAMES.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_one_spelling() {
        let written = ["SIGINT", "int", "2", " quit ", "15", "", "64"].map(canonical);
        assert_eq!(written, ["SIGINT", "SIGINT", "SIGINT", "SIGQUIT", "SIGTERM", "", "64"]);
        assert!(is_known("SIGUSR1") && !is_known("SIGNAL") && !is_known("64"));
    }
}
