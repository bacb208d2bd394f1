//! How much processor and memory: what a container may use, and what is kept for it.

use crate::compose::units::Bytes;
use crate::convert::draft::Seat;
use crate::convert::pass::{Pass, Told};
use crate::diag::slugs;
use crate::k8s::quantity;
use crate::plan::ledger::Verdict;
use crate::plan::why::Why;
use crate::source::span::Spanned;

/// What is said of processors.
pub struct Processors<'p> {
    /// Limits, which agree.
    pub limits: [Option<&'p Spanned<f32>>; 2],
    /// `cpu_quota`
    pub quota: Option<&'p Spanned<i64>>,
    /// `cpu_period`
    pub period: Option<&'p Spanned<i64>>,
    /// The reservation.
    pub reserved: Option<&'p Spanned<f32>>,
    /// `cpu_shares`
    pub shares: Option<&'p Spanned<i64>>,
}

/// What is said of memory.
pub struct Memory<'p> {
    /// Limits, which agree.
    pub limits: [Option<&'p Spanned<Bytes>>; 2],
    /// `memswap_limit`
    pub swap: Option<&'p Spanned<Bytes>>,
    /// The reservation.
    pub reserved: Option<&'p Spanned<Bytes>>,
    /// `mem_reservation`
    pub soft: Option<&'p Spanned<Bytes>>,
}

/// An amount and its reason.
type Amount = (i64, Why);

/// Writes limit and request of processors.
pub fn processors<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Processors<'p>) {
    let mut limit: Option<Amount> = None;
    for written in keys.limits.into_iter().flatten() {
        let why = pass.mapped(written);
        if let Some(amount) = thousandths(written.value) {
            limit = Some(joined(limit, amount, &why));
        }
    }
    limit = quota(pass, seat, keys, limit);
    let mut request: Option<Amount> = None;
    if let Some(written) = keys.reserved {
        let message = format!(
            "Compose passes over the processors that `{}` reserves; here each of its pods waits for a node that has them",
            seat.member.name
        );
        let why = kept(pass, written, message, thousandths(written.value).is_some());
        if let Some(amount) = thousandths(written.value) {
            let asked = within(pass, written, amount, limit.as_ref(), "more processors are");
            request = asked.map(|amount| (amount, why));
        }
    }
    if let Some(shares) = keys.shares {
        request = self::shares(pass, seat, shares, request, limit.as_ref());
    }
    if request.is_none()
        && let Some((amount, _)) = &limit
    {
        let kept = quantity::processors(*amount);
        let of_limit = keys.limits.into_iter().flatten().find(|written| thousandths(written.value).is_some());
        match (of_limit, keys.quota) {
            (Some(written), _) => unreserved(pass, seat, written, PROCESSORS, &kept),
            (None, Some(written)) => unreserved(pass, seat, written, PROCESSORS, &kept),
            (None, None) => {}
        }
    }
    let resources = seat.container.map("resources");
    if let Some((amount, why)) = &request {
        resources.map("requests").put("cpu", quantity::processors(*amount), why);
    }
    if let Some((amount, why)) = &limit {
        resources.map("limits").put("cpu", quantity::processors(*amount), why);
    }
}

/// The scheduler's quota in its period is a number of processors.
fn quota<'p>(
    pass: &mut Pass<'p>,
    seat: &Seat<'_, 'p>,
    keys: &Processors<'p>,
    limit: Option<Amount>,
) -> Option<Amount> {
    const PERIOD: i64 = 100_000;
    let name = seat.member.name;
    let period = keys.period.map_or(PERIOD, |period| if period.value > 0 { period.value } else { PERIOD });
    let mut whys: Vec<Why> = Vec::new();
    for written in [keys.quota, keys.period].into_iter().flatten() {
        let message = format!(
            "the scheduler of `{name}` has a quota and a period of its own; a pod has a number of processors"
        );
        let finding = pass.finding(written, slugs::APPROXIMATED_KEY, message);
        whys.push(pass.approximated(written, finding));
    }
    let Some(quota) = keys.quota.filter(|quota| quota.value > 0) else { return limit };
    if limit.is_some() {
        return limit;
    }
    let why = whys.into_iter().reduce(|left, right| left.and(&right))?;
    Some((part(quota.value, period), why))
}

/// A weight among neighbours as a request: 1024 is one processor. A reservation says it better.
fn shares<'p>(
    pass: &mut Pass<'p>,
    seat: &Seat<'_, 'p>,
    shares: &'p Spanned<i64>,
    request: Option<Amount>,
    limit: Option<&Amount>,
) -> Option<Amount> {
    let name = seat.member.name;
    if shares.value <= 0 {
        pass.mapped(shares);
        return request;
    }
    let message = match &request {
        None => format!("the weight of `{name}` becomes a request: 1024 shares are one processor"),
        Some(_) => format!("the weight of `{name}` gives way to its reservation; a pod has one request"),
    };
    let finding = pass.finding(shares, slugs::APPROXIMATED_KEY, message);
    let why = pass.approximated(shares, finding);
    if request.is_some() {
        return request;
    }
    let amount = part(shares.value, 1024);
    // A request above the limit would be rejected; a weight says nothing about amounts.
    Some((limit.map_or(amount, |(limit, _)| amount.min(*limit)), why))
}

/// Writes limit and request of memory.
pub fn memory<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Memory<'p>) {
    let mut limit: Option<Amount> = None;
    for written in keys.limits.into_iter().flatten() {
        let why = pass.mapped(written);
        // Nothing and less stand for "no limit".
        if written.value.0 > 0 {
            limit = Some(joined(limit, written.value.0, &why));
        }
    }
    let mut request: Option<Amount> = None;
    if let Some(written) = keys.reserved {
        let why = kept(pass, written, softly(seat), written.value.0 > 0);
        if written.value.0 > 0 {
            let asked = within(pass, written, written.value.0, limit.as_ref(), "more memory is");
            request = asked.map(|amount| (amount, why));
        }
    }
    if let Some(written) = keys.soft {
        request = soft(pass, seat, written, request, limit.as_ref());
    }
    if let Some(swap) = keys.swap {
        self::swap(pass, seat, swap, limit.as_ref());
    }
    if request.is_none()
        && let Some((amount, _)) = &limit
    {
        let of_limit = keys.limits.into_iter().flatten().find(|written| written.value.0 > 0);
        if let Some(written) = of_limit {
            unreserved(pass, seat, written, MEMORY, &quantity::bytes(*amount));
        }
    }
    let resources = seat.container.map("resources");
    if let Some((amount, why)) = &request {
        resources.map("requests").put("memory", quantity::bytes(*amount), why);
    }
    if let Some((amount, why)) = &limit {
        resources.map("limits").put("memory", quantity::bytes(*amount), why);
    }
}

/// A reservation means little to Docker, and is a promise here. Who writes one asks for that: the ledger tells of the
/// difference, and no finding complains of it.
fn kept<'p, T>(pass: &mut Pass<'p>, written: &'p Spanned<T>, message: String, is_set: bool) -> Why {
    if !is_set {
        return pass.mapped(written);
    }
    let told = Told { rule: slugs::APPROXIMATED_KEY, message };
    pass.likewise(written, Verdict::Approximated, &told)
}

fn softly(seat: &Seat<'_, '_>) -> String {
    format!(
        "the soft memory limit of `{}` becomes a request: it is kept for the pod, and never taken back",
        seat.member.name
    )
}

/// The soft limit, to which Docker shrinks a container when memory is short, as a request.
fn soft<'p>(
    pass: &mut Pass<'p>,
    seat: &Seat<'_, 'p>,
    written: &'p Spanned<Bytes>,
    request: Option<Amount>,
    limit: Option<&Amount>,
) -> Option<Amount> {
    if written.value.0 <= 0 {
        pass.mapped(written);
        return request;
    }
    let finding = pass.finding(written, slugs::APPROXIMATED_KEY, softly(seat));
    let why = pass.approximated(written, finding);
    let asked = within(pass, written, written.value.0, limit, "more memory is")?;
    match request {
        Some((amount, reserved)) if amount != asked => Some((amount, reserved)),
        request => Some(joined(request, asked, &why)),
    }
}

fn swap<'p>(pass: &mut Pass<'p>, seat: &Seat<'_, 'p>, written: &'p Spanned<Bytes>, limit: Option<&Amount>) {
    // Memory and swap together at most as much as memory alone is no swap; nothing is not set.
    if written.value.0 == 0 || limit.is_some_and(|(limit, _)| *limit == written.value.0) {
        pass.mapped(written);
        return;
    }
    let message = format!("`{}` may swap by its own rule; on Kubernetes the node decides", seat.member.name);
    let finding = pass.finding(written, slugs::UNMAPPABLE_RESOURCE, message);
    pass.approximated(written, finding);
}

/// What is kept for a container is at most what it may use: else the API server rejects the pod. The loader says the
/// same, in the same words, so that it is printed once.
fn within<'p, T>(
    pass: &mut Pass<'p>,
    written: &'p Spanned<T>,
    amount: i64,
    limit: Option<&Amount>,
    what: &str,
) -> Option<i64> {
    let Some((limit, _)) = limit.filter(|(limit, _)| *limit < amount) else { return Some(amount) };
    let message = format!("{what} reserved than the limit permits");
    let finding = pass.finding(written, slugs::CONFLICTING_ENTRIES, message);
    pass.refused(written, finding.tip("lower the reservation, or raise the limit")).map(|_| *limit)
}

/// The word and the example for what is reserved.
type Kind = (&'static str, &'static str);
const PROCESSORS: Kind = ("processor", "cpus: \"0.25\"");
const MEMORY: Kind = ("memory", "memory: 256M");

/// A limit without a reservation is one for Kubernetes, where Docker keeps nothing.
fn unreserved<T>(
    pass: &mut Pass<'_>,
    seat: &Seat<'_, '_>,
    limit: &Spanned<T>,
    (what, example): Kind,
    kept: &str,
) {
    let message = format!(
        "`{}` has a {what} limit and reserves none; the whole limit, {kept}, is then reserved on the node",
        seat.member.name
    );
    let tip = format!("measure it, and write `deploy: {{resources: {{reservations: {{{example}}}}}}}`");
    let finding = pass.finding(limit, slugs::MISSING_RESOURCES, message).tip(tip);
    pass.report(finding);
}

fn joined(known: Option<Amount>, amount: i64, why: &Why) -> Amount {
    match known {
        Some((known, reason)) => (known, reason.and(why)),
        None => (amount, why.clone()),
    }
}

/// Thousandths of a processor, rounded up, of the number as it is written: `0.1` is 100 and not 101. Nothing when there
/// is no limit.
fn thousandths(processors: f32) -> Option<i64> {
    if !processors.is_finite() || processors <= 0.0 {
        return None;
    }
    // The shortest number that reads back is the one that was written.
    let written = processors.to_string();
    let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    let more = fraction.bytes().skip(3).any(|digit| digit != b'0');
    let whole: i64 = whole.parse().ok()?;
    let thousandths: i64 = digits.parse().ok()?;
    whole.checked_mul(1000)?.checked_add(thousandths)?.checked_add(i64::from(more))
}

/// A part of an amount, in thousandths, rounded up; both are above zero.
fn part(amount: i64, whole: i64) -> i64 {
    let (amount, whole) = (i128::from(amount) * 1000, i128::from(whole));
    i64::try_from((amount + whole - 1) / whole).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_are_rounded_up_from_what_is_written() {
        for (written, expected) in [
            (0.1, Some(100)),
            (0.5, Some(500)),
            (1.5, Some(1500)),
            (2.0, Some(2000)),
            (0.0001, Some(1)),
            (0.3333, Some(334)),
            (0.0, None),
            (-1.0, None),
            (f32::NAN, None),
            (f32::INFINITY, None),
        ] {
            assert_eq!(thousandths(written), expected, "{written}");
        }
    }

    #[test]
    fn parts_are_rounded_up() {
        let parts = [part(50_000, 100_000), part(512, 1024), part(1, 1024), part(i64::MAX, 1)];
        assert_eq!(parts, [500, 500, 1, i64::MAX]);
    }
}
