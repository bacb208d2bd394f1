//! The project in the shape in which Compose prints it: what is empty is left out, what is always there is there.

use std::path::Path;

use super::Paths;
use super::sheet::{Sheet, Shown};
use crate::compose::codec::{Leaf, Walker};
use crate::compose::numbers::go_float32;
use crate::compose::units::{Duration, FileMode};
use crate::source::origin;
use crate::source::reader::relative;
use crate::source::span::{Identity, Spanned};
use crate::tree::{Entry, Node, Value};

/// A value with its place, when it has one.
#[derive(Debug, Clone)]
pub struct Item {
    /// What is printed.
    pub view: View,
    /// Where it comes from.
    pub place: Option<Spanned<()>>,
}

/// What is printed.
#[derive(Debug, Clone)]
pub enum View {
    /// A value without parts.
    Leaf(serde_json::Value),
    /// A list.
    List(Vec<Item>),
    /// A mapping.
    Map(Vec<(String, Item)>),
}

/// The view of what stands under a key of a section, or with no section of the model; nothing of what is left out.
#[must_use]
pub fn under(sheet: &Sheet<'_>, section: &str, key: &str, shown: &dyn Shown) -> Option<Item> {
    let mut viewer = Viewer { frames: vec![Frame::new("Model", "")], sheet: *sheet };
    if !section.is_empty() {
        viewer.frames.push(Frame::new("", section));
    }
    viewer.key(key);
    shown.show(&mut viewer);
    let (_, item) = viewer.frames.pop()?.entries.pop()?;
    Some(item)
}

/// Scalars that are printed even when they are zero, false or empty, by type and key.
const KEPT: &[(&str, &[&str])] = &[
    ("Service", &["scale", "attach", "init", "stop_grace_period", "umask"]),
    ("Job", &["init", "stop_grace_period", "umask"]),
    ("PreStart", &["init", "stop_grace_period", "umask"]),
    ("Healthcheck", &["timeout", "interval", "retries", "start_period", "start_interval"]),
    ("Deploy", &["replicas"]),
    ("UpdateConfig", &["parallelism"]),
    ("RestartPolicy", &["delay", "max_attempts", "window"]),
    ("Network", &["enable_ipv4", "enable_ipv6"]),
    ("Attachment", &["use_service_name_alias"]),
    ("FileReference", &["mode"]),
    ("Dependency", &["required"]),
    ("Watch", &["path", "action"]),
    ("DiscreteResource", &["kind", "value"]),
    ("Triggers", &["manual"]),
    ("ThrottleDevice", &["path", "rate"]),
    ("WeightDevice", &["path", "weight"]),
];

/// Keys that are printed when nothing is set, by type: null, or an empty mapping.
const ALWAYS: &[(&str, &[(&str, bool)])] = &[
    ("Service", &[("command", false), ("entrypoint", false)]),
    ("Job", &[("command", false), ("entrypoint", false)]),
    ("PreStart", &[("command", false), ("entrypoint", false)]),
    ("Hook", &[("command", false)]),
    ("Deploy", &[("resources", true), ("placement", true)]),
    ("Network", &[("ipam", true)]),
];

/// A scalar that is printed when nothing is set.
#[derive(Clone, Copy)]
enum Unset {
    Text(&'static str),
    Zero,
}

impl Unset {
    fn json(self) -> serde_json::Value {
        match self {
            Self::Text(text) => text.into(),
            Self::Zero => 0.into(),
        }
    }
}

/// Scalars that are printed when nothing is set, by type.
const DEFAULTS: &[(&str, &[(&str, Unset)])] = &[
    ("DiscreteResource", &[("kind", Unset::Text("")), ("value", Unset::Zero)]),
    ("ThrottleDevice", &[("path", Unset::Text("")), ("rate", Unset::Text("0"))]),
    ("WeightDevice", &[("path", Unset::Text("")), ("weight", Unset::Zero)]),
];

fn listed(table: &[(&str, &[&str])], name: &str, key: &str) -> bool {
    table.iter().any(|(owner, keys)| *owner == name && keys.contains(&key))
}

/// A mapping or list that is being filled.
struct Frame {
    /// The type of a mapping with fixed keys; empty for the others.
    name: &'static str,
    /// The key under which it stands.
    under: String,
    list: bool,
    items: Vec<Item>,
    entries: Vec<(String, Item)>,
    key: String,
    place: Option<Spanned<()>>,
    own_place: Option<Spanned<()>>,
    /// Whether a switch is on that is not printed for it.
    on: bool,
}

impl Frame {
    fn new(name: &'static str, under: &str) -> Self {
        Self {
            name,
            under: under.to_owned(),
            list: false,
            items: Vec::new(),
            entries: Vec::new(),
            key: String::new(),
            place: None,
            own_place: None,
            on: false,
        }
    }
}

struct Viewer<'a> {
    frames: Vec<Frame>,
    sheet: Sheet<'a>,
}

impl Viewer<'_> {
    /// Puts a value where the walk is.
    fn add(&mut self, view: View, place: Option<Spanned<()>>) {
        let item = Item { view, place };
        match self.frames.last_mut() {
            None => {}
            Some(frame) if frame.list => frame.items.push(item),
            Some(frame) => {
                let key = printed_key(frame.name, &frame.key);
                frame.entries.push((key, item));
            }
        }
    }

    fn open(&mut self, name: &'static str, list: bool) {
        let (under, own_place) = match self.frames.last_mut() {
            Some(frame) => {
                let under = if frame.list { frame.under.clone() } else { frame.key.clone() };
                (under, frame.place.take())
            }
            None => (String::new(), None),
        };
        let mut frame = Frame::new(name, &under);
        frame.list = list;
        frame.own_place = own_place;
        self.frames.push(frame);
    }

    /// Whether Compose leaves this leaf out.
    fn is_left_out(&self, leaf: &Leaf<'_>) -> bool {
        let Some(frame) = self.frames.last() else { return false };
        if frame.name.is_empty() {
            return false;
        }
        match leaf {
            Leaf::OptOut(on) => *on,
            _ if listed(KEPT, frame.name, &frame.key) => false,
            Leaf::Null => true,
            Leaf::Bool(value) => !value,
            Leaf::Int(value) | Leaf::Quantity(value) | Leaf::Duration(value) | Leaf::Mode(value) => {
                *value == 0
            }
            Leaf::Float(value) => *value == 0.0,
            Leaf::Text(text) => text.is_empty(),
        }
    }

    /// A text at a place that holds a path of the host, relative when that is asked for.
    fn path(&self, text: &str, place: Option<&Spanned<()>>) -> String {
        let Some(frame) = self.frames.last() else { return text.to_owned() };
        let is_path = match (frame.name, frame.key.as_str()) {
            ("Build", "context") | ("Config" | "Secret", "file") | ("Watch", "path") => true,
            ("Mount", "source") => true,
            _ => {
                let listed = frame.list && frame.under == "label_file";
                let named =
                    frame.name.is_empty() && matches!(frame.under.as_str(), "additional_contexts" | "ssh");
                let device = frame.under == "driver_opts" && frame.key == "device";
                listed || named || device
            }
        };
        if is_path && self.sheet.paths == Paths::Relative {
            self.relative(text, place)
        } else {
            text.to_owned()
        }
    }

    /// A path as it is seen from the project directory, unless it was written as an absolute one that leads elsewhere.
    fn relative(&self, text: &str, place: Option<&Spanned<()>>) -> String {
        let directory = &self.sheet.project.directory;
        let path = Path::new(text);
        let ours = path.starts_with(directory) || place.is_some_and(|place| self.was_relative(place));
        if !path.is_absolute() || !ours {
            return text.to_owned();
        }
        let seen = relative(directory, path).display().to_string();
        if seen == "." || seen == ".." || seen.starts_with("../") { seen } else { format!("./{seen}") }
    }

    /// Whether the path at a place was written without a root of its own.
    fn was_relative(&self, place: &Spanned<()>) -> bool {
        let written = match &self.sheet.project.origins.get(place.origin).template {
            Some(template) => origin::text(&template.parts),
            None => self.sheet.files.text(place.span).trim_start_matches(['"', '\'']).to_owned(),
        };
        !written.starts_with(['/', '~'])
    }
}

/// Two types of Compose print their keys with a capital.
fn printed_key(name: &str, key: &str) -> String {
    if matches!(name, "ThrottleDevice" | "WeightDevice") {
        let mut letters = key.chars();
        return letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect();
    }
    key.to_owned()
}

impl Walker for Viewer<'_> {
    fn open_struct(&mut self, name: &'static str) {
        self.open(name, false);
    }

    fn open_map(&mut self) {
        self.open("", false);
    }

    fn open_list(&mut self) {
        self.open("", true);
    }

    fn close(&mut self) {
        let Some(mut frame) = self.frames.pop() else { return };
        complete(&mut frame, self.frames.iter().any(|outer| outer.name == "PreStart"));
        let fixed = !frame.name.is_empty();
        if fixed && frame.name != "Model" {
            frame.entries.sort_by(|left, right| left.0.cmp(&right.0));
        }
        let empty = frame.entries.is_empty() && frame.items.is_empty();
        let outer_fixed = self.frames.last().is_some_and(|outer| !outer.name.is_empty());
        let command = matches!(frame.under.as_str(), "command" | "entrypoint");
        let outermost = self.frames.iter().rev().nth(1).is_some_and(|outer| outer.name == "Provider");
        if empty && frame.list && outermost && !outer_fixed {
            return;
        }
        if empty && !fixed && outer_fixed && !command {
            return;
        }
        let place = frame.own_place.clone();
        let view = match frame.under.as_str() {
            "extra_hosts" if !frame.list && outer_fixed => View::List(hosts(frame.entries)),
            "ssh" if !frame.list && outer_fixed => View::List(keys(frame.entries)),
            _ if frame.list => View::List(frame.items),
            _ => View::Map(frame.entries),
        };
        self.add(view, place);
    }

    fn key(&mut self, key: &str) {
        if let Some(frame) = self.frames.last_mut() {
            key.clone_into(&mut frame.key);
        }
    }

    fn place(&mut self, place: &Spanned<()>, _: Identity) {
        if let Some(frame) = self.frames.last_mut() {
            frame.place = Some(place.clone());
        }
    }

    fn leaf(&mut self, leaf: Leaf<'_>) {
        let place = self.frames.last_mut().and_then(|frame| frame.place.take());
        if self.is_left_out(&leaf) {
            if let Some(frame) = self.frames.last_mut() {
                frame.on |= leaf == Leaf::OptOut(true);
            }
            return;
        }
        let ulimit =
            self.frames.last().is_some_and(|frame| frame.under == "ulimits" && frame.name.is_empty());
        let value = match leaf {
            Leaf::Int(0) if ulimit => return self.add(View::Map(Vec::new()), place),
            Leaf::Null => serde_json::Value::Null,
            Leaf::Bool(value) | Leaf::OptOut(value) => value.into(),
            Leaf::Int(value) => value.into(),
            Leaf::Float(value) => float(value),
            Leaf::Text(text) => self.path(text, place.as_ref()).into(),
            Leaf::Quantity(value) => value.to_string().into(),
            Leaf::Duration(value) => Duration(value).to_string().into(),
            Leaf::Mode(value) => FileMode(value).to_string().into(),
        };
        self.add(View::Leaf(value), place);
    }

    fn extension(&mut self, entry: &Entry) {
        if let Some(frame) = self.frames.last_mut() {
            frame.entries.push((entry.key.to_string(), node_item(&entry.node, entry.key_span)));
        }
    }
}

/// Adds what Compose always prints, and takes away what it never does.
fn complete(frame: &mut Frame, in_hook: bool) {
    if matches!(frame.name, "Service" | "PreStart") {
        frame.entries.retain(|(key, _)| key != "env_file");
    }
    for (key, mapping) in ALWAYS.iter().filter(|(name, _)| *name == frame.name).flat_map(|(_, keys)| *keys) {
        if !frame.entries.iter().any(|(there, _)| there == key) {
            let view = if *mapping { View::Map(Vec::new()) } else { View::Leaf(serde_json::Value::Null) };
            frame.entries.push(((*key).to_owned(), Item { view, place: None }));
        }
    }
    let missing = |frame: &Frame, key: &str| !frame.entries.iter().any(|(there, _)| there == key);
    for (_, defaults) in DEFAULTS.iter().filter(|(name, _)| *name == frame.name) {
        for (key, value) in *defaults {
            let key = printed_key(frame.name, key);
            if missing(frame, &key) {
                frame.entries.push((key, Item { view: View::Leaf(value.json()), place: None }));
            }
        }
    }
    if frame.name == "Watch" && missing(frame, "exec") {
        let command = ("command".to_owned(), Item { view: View::Leaf(serde_json::Value::Null), place: None });
        frame.entries.push(("exec".to_owned(), Item { view: View::Map(vec![command]), place: None }));
    }
    // A bind of a hook gets no default: Compose prints that nothing is made.
    if frame.name == "BindOptions" && in_hook && missing(frame, "create_host_path") && !frame.on {
        let off = View::Leaf(serde_json::Value::Bool(false));
        frame.entries.push(("create_host_path".to_owned(), Item { view: off, place: None }));
    }
}

/// Names with their addresses, one line each, sorted.
fn hosts(entries: Vec<(String, Item)>) -> Vec<Item> {
    let mut lines: Vec<(String, Option<Spanned<()>>)> = Vec::new();
    for (name, item) in entries {
        if let View::List(addresses) = item.view {
            for address in addresses {
                if let View::Leaf(serde_json::Value::String(text)) = address.view {
                    lines.push((format!("{name}={text}"), address.place));
                }
            }
        }
    }
    lines.sort_by(|left, right| left.0.cmp(&right.0));
    lines.into_iter().map(|(line, place)| Item { view: View::Leaf(line.into()), place }).collect()
}

/// SSH keys, one line each.
fn keys(entries: Vec<(String, Item)>) -> Vec<Item> {
    let line = |(name, item): (String, Item)| {
        let text = match item.view {
            View::Leaf(serde_json::Value::String(path)) => format!("{name}={path}"),
            _ => name,
        };
        Item { view: View::Leaf(text.into()), place: item.place }
    };
    entries.into_iter().map(line).collect()
}

/// A number of single precision, written with as few digits as read back to it.
fn float(value: f32) -> serde_json::Value {
    let text = go_float32(value);
    match (text.parse::<i64>(), text.parse::<f64>()) {
        (Ok(whole), _) => whole.into(),
        (_, Ok(value)) => value.into(),
        _ => serde_json::Value::Null,
    }
}

/// A tree of an extension key.
#[must_use]
pub fn node_item(node: &Node, key: crate::source::span::Span) -> Item {
    let place = Some(Spanned { value: (), span: node.span, key, origin: node.origin });
    let view = match &node.value {
        Value::Null => View::Leaf(serde_json::Value::Null),
        Value::Bool(value) => View::Leaf((*value).into()),
        Value::Int(value) => View::Leaf((*value).into()),
        Value::Big(value) => View::Leaf((*value).into()),
        Value::Float(value) => View::Leaf(whole_or_float(*value)),
        Value::Timestamp(text) => View::Leaf(timestamp(text).into()),
        Value::String(text) => View::Leaf(text.as_str().into()),
        Value::List(items) => View::List(items.iter().map(|item| node_item(item, item.span)).collect()),
        Value::Map(map) => View::Map(
            map.entries
                .iter()
                .map(|entry| (entry.key.to_string(), node_item(&entry.node, entry.key_span)))
                .collect(),
        ),
    };
    Item { view, place }
}

/// JSON writes a float without fraction as Go does: without one.
fn whole_or_float(value: f64) -> serde_json::Value {
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
    if value.fract() == 0.0 && value.abs() < 1e15 { (value as i64).into() } else { value.into() }
}

/// A date as JSON has it: `2024-01-02T00:00:00Z` for `2024-01-02 00:00:00 +0000 UTC`.
fn timestamp(text: &str) -> String {
    let mut words = text.split(' ');
    let (date, time) = (words.next().unwrap_or(text), words.next().unwrap_or("00:00:00"));
    match words.next() {
        None | Some("+0000") => format!("{date}T{time}Z"),
        Some(zone) if zone.len() == 5 => format!("{date}T{time}{}:{}", &zone[..3], &zone[3..]),
        Some(zone) => format!("{date}T{time}{zone}"),
    }
}
