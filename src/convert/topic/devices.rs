//! Devices of the node.

use crate::compose::codec::{Field, List};
use crate::compose::container::{Device, DeviceRequest};
use crate::compose::deploy::{GenericResource, Reservations};
use crate::compose::project::items;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::diag::slugs;
use crate::k8s::label;
use crate::plan::field::{Field as Value, Leaf, Scalar};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `devices`
    pub devices: &'p Field<List<Device>>,
    /// `device_cgroup_rules`
    pub device_cgroup_rules: &'p Field<List<Text>>,
    /// `gpus`
    pub gpus: &'p Field<List<DeviceRequest>>,
    /// `reservations`
    pub reservations: &'p Field<Reservations>,
}

/// Where resources that are no files get their names.
const EXTENDED: &str = "extended-resources";

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { devices, device_cgroup_rules, gpus, reservations } = keys;
    for device in items(devices) {
        self::device(pass, seat, device);
    }
    for rule in items(device_cgroup_rules) {
        let message = format!(
            "`{}` opens devices of its host by the rule `{}`; a pod gets devices from a device plugin only",
            seat.member.name, rule.value
        );
        let finding = pass.finding(rule, slugs::HOST_DEVICE, message);
        pass.refused(rule, finding.tip("name the devices under `x-transship: {devices: …}`"));
    }
    for request in items(gpus) {
        self::request(pass, seat, request, true);
    }
    let Some(reservations) = reservations else { return };
    for request in items(&reservations.value.devices) {
        self::request(pass, seat, request, false);
    }
    for resource in items(&reservations.value.generic_resources) {
        generic(pass, seat, resource);
    }
}

/// A device file, or a device that a CDI name stands for.
fn device<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, device: &'p Spanned<Device>) {
    let name = seat.member.name;
    let source = device.value.source.as_ref().map_or("", |source| source.value.as_str());
    let own = pass.hint(&seat.member, "devices").and_then(|devices| devices.under(source));
    let own = own.and_then(|hint| Some((hint.text().filter(|name| is_resource(name))?, hint.mapped(pass))));
    // `vendor.example/class=name` is one device of a kind.
    let kind = source.split_once('=').map(|(kind, _)| kind);
    let given = own.or_else(|| kind.and_then(|kind| pass.given(EXTENDED, kind, is_resource)));
    let Some((resource, hinted)) = given else {
        let message =
            format!("`{name}` uses `{source}` of its host; a pod gets devices from a device plugin only");
        let finding = pass.finding(device, slugs::HOST_DEVICE, message);
        let tip = format!(
            "name the resource that a device plugin offers: `x-transship: {{devices: {{{source}: vendor.example/name}}}}`"
        );
        pass.refused(device, finding.tip(tip));
        return;
    };
    let message = format!(
        "`{name}` asks for one `{resource}` in place of `{source}`; the device plugin decides its path and rights"
    );
    let finding = pass.finding(device, slugs::APPROXIMATED_KEY, message);
    let why = pass.approximated(device, finding).and(&hinted);
    ask(seat, &resource, 1, &why);
}

/// Devices by what they can do: graphics processors above all.
fn request<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, request: &'p Spanned<DeviceRequest>, gpu: bool) {
    let name = seat.member.name;
    let DeviceRequest { capabilities, count, device_ids, driver, options, extensions: _ } = &request.value;
    let gpu = gpu || items(capabilities).any(|capability| capability.value == "gpu");
    let driver = driver.as_ref().map_or("", |driver| driver.value.as_str());
    let Some((resource, hinted)) = resource(pass, request, driver, gpu) else {
        let what = if driver.is_empty() { "devices".to_owned() } else { format!("devices of `{driver}`") };
        let message = format!("`{name}` asks for {what}; nothing says which resource of a node they are");
        let finding = pass.finding(request, slugs::HOST_DEVICE, message);
        let tip = "name it: `x-transship: {extended-resources: {DRIVER: vendor.example/name}}`";
        pass.refused(request, finding.tip(tip));
        return;
    };
    let listed = i64::try_from(items(device_ids).count()).unwrap_or(i64::MAX);
    let written = count.as_ref().map(|count| count.value.0).filter(|count| *count > 0);
    let mut hinted = hinted;
    let known = written.or_else(|| (listed > 0).then_some(listed)).or_else(|| {
        let given = pass.hint(&seat.member, "gpu-count")?;
        let number = given.text()?.parse::<i64>().ok().filter(|number| *number > 0)?;
        let why = given.mapped(pass);
        hinted = Some(hinted.as_ref().map_or(why.clone(), |known| known.and(&why)));
        Some(number)
    });
    let Some(number) = known else {
        let message =
            format!("`{name}` asks for all devices of its node; a pod asks for a number of `{resource}`");
        let finding = pass.finding(request, slugs::HOST_DEVICE, message);
        pass.refused(request, finding.tip("write `count`, or `x-transship: {gpu-count: 1}`"));
        return;
    };
    let more = items(capabilities).any(|capability| capability.value != "gpu");
    let lost: Vec<&str> = [
        (listed > 0, "the choice of devices"),
        (options.as_ref().is_some_and(|options| !options.value.is_empty()), "the options"),
        (more, "further capabilities"),
    ]
    .into_iter()
    .filter_map(|(is_lost, what)| is_lost.then_some(what))
    .collect();
    let lost = if lost.is_empty() { String::new() } else { format!(", without {}", lost.join(" and ")) };
    let message = format!(
        "`{name}` asks for {number} of `{resource}`{lost}; its pod waits for a node that has as many"
    );
    let finding = pass.finding(request, slugs::GPU_RESERVATION, message);
    let why = pass.approximated(request, finding);
    let why = hinted.map_or(why.clone(), |hinted| why.and(&hinted));
    ask(seat, &resource, number, &why);
}

/// The resource that a driver or capability stands for.
fn resource<'p>(
    pass: &mut Pass<'p>,
    request: &'p Spanned<DeviceRequest>,
    driver: &str,
    gpu: bool,
) -> Option<(Text, Option<Why>)> {
    let capabilities = items(&request.value.capabilities).map(|capability| capability.value.as_str());
    let mut kinds = std::iter::once(driver).filter(|driver| !driver.is_empty()).chain(capabilities);
    if let Some((resource, why)) = kinds.find_map(|kind| pass.given(EXTENDED, kind, is_resource)) {
        return Some((resource, Some(why)));
    }
    match driver {
        "" | "nvidia" if gpu => Some(("nvidia.com/gpu".into(), None)),
        "nvidia" => Some(("nvidia.com/gpu".into(), None)),
        "amd" | "amdgpu" if gpu => Some(("amd.com/gpu".into(), None)),
        _ => None,
    }
}

/// A resource that the nodes of a Swarm advertise.
fn generic<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, resource: &'p Spanned<GenericResource>) {
    let name = seat.member.name;
    let spec = resource.value.discrete_resource_spec.as_ref().map(|spec| &spec.value);
    let kind = spec.and_then(|spec| spec.kind.as_ref()).map_or("", |kind| kind.value.as_str());
    let number = spec.and_then(|spec| spec.value.as_ref()).map_or(0, |value| value.value);
    let given = if number > 0 { pass.given(EXTENDED, kind, is_resource) } else { None };
    let Some((wanted, hinted)) = given else {
        let message =
            format!("`{name}` reserves {number} of `{kind}`; nothing says which resource of a node that is");
        let finding = pass.finding(resource, slugs::HOST_DEVICE, message);
        let tip = format!("name it: `x-transship: {{extended-resources: {{{kind}: vendor.example/name}}}}`");
        pass.refused(resource, finding.tip(tip));
        return;
    };
    let message = format!("`{name}` asks for {number} of `{wanted}` in place of `{kind}`");
    let finding = pass.finding(resource, slugs::APPROXIMATED_KEY, message);
    let why = pass.approximated(resource, finding).and(&hinted);
    ask(seat, &wanted, number, &why);
}

/// Whether the API takes it for a resource of a vendor.
fn is_resource(name: &str) -> bool {
    let vendor = name.split_once('/').map_or("", |(vendor, _)| vendor);
    label::is_key(name) && !vendor.is_empty() && !vendor.ends_with("kubernetes.io")
}

/// Adds to the number of a resource; what is asked for is also the limit.
fn ask(seat: &mut Seat<'_, '_>, resource: &str, number: i64, why: &Why) {
    let limits = seat.container.map("resources").map("limits");
    let known = match limits.get(resource) {
        Some(Value::Leaf(Leaf { value: Scalar::Text(known), why })) => {
            Some((known.parse::<i64>().unwrap_or(0), why.clone()))
        }
        Some(Value::Leaf(_) | Value::Map(_) | Value::List(_)) | None => None,
    };
    let (number, why) = match known {
        Some((known, reason)) => (known.saturating_add(number), reason.and(why)),
        None => (number, why.clone()),
    };
    limits.put(Text::new(resource), number.to_string(), &why);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_has_the_name_of_its_vendor() {
        assert!(is_resource("nvidia.com/gpu") && is_resource("vendor.example/tun"));
        assert!(!is_resource("gpu") && !is_resource("kubernetes.io/gpu") && !is_resource("a b/c"));
    }
}
