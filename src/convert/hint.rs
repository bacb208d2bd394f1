//! What Compose cannot say: `x-transship` on an entry, and labels `transship.…` on services.

use super::draft::Draft;
use super::member::{Either, Member};
use super::pass::Pass;
use super::routes::said;
use crate::compose::codec::Extensions;
use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::diag::{Finding, slugs};
use crate::plan::ledger::Verdict;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::nearest::nearest;
use crate::source::span::{Identity, Span, Spanned};
use crate::tree::{Entry, Map, Node, Value};

/// The key that holds hints.
pub const KEY: &str = "x-transship";

/// What the labels begin with that are hints.
pub const LABEL: &str = "transship.";

/// A hint and its place.
#[derive(Clone, Copy, Debug)]
pub struct Hint<'p> {
    source: Source<'p>,
    /// The place of its value.
    pub span: Span,
    /// The place of its key.
    pub key: Span,
    /// Which value it is.
    pub identity: Identity,
}

#[derive(Clone, Copy, Debug)]
enum Source<'p> {
    /// Written under `x-transship`.
    Key(&'p Node),
    /// Written as a label.
    Label(&'p Text),
}

impl<'p> Hint<'p> {
    /// The hint of that name of a service or job: under `x-transship`, or else as a label. It is accounted for when it is
    /// used, with [`Self::mapped`].
    #[must_use]
    pub fn of(member: &Member<'p>, name: &str) -> Option<Self> {
        find(extensions(member), name).or_else(|| {
            let labels = member.container.labels.as_ref()?;
            labels.value.get(&format!("{LABEL}{name}")).map(Self::of_label)
        })
    }

    /// The hint of that name of a service or job, or else of the project.
    #[must_use]
    pub fn of_either(member: &Member<'p>, project: &'p Extensions, name: &str) -> Option<Self> {
        Self::of(member, name).or_else(|| find(project, name))
    }

    fn of_entry(entry: &'p Entry) -> Self {
        let source = Source::Key(&entry.node);
        Self { source, span: entry.node.span, key: entry.key_span, identity: Identity::of(entry) }
    }

    fn of_label(label: &'p Spanned<Loose>) -> Self {
        let source = Source::Label(&label.value.0);
        Self { source, span: label.span, key: label.key, identity: Identity::of(label) }
    }

    /// The hint that gives a service or job a role.
    #[must_use]
    pub fn of_role(member: &Member<'p>, role: &str) -> Option<Self> {
        Self::of(member, "role").filter(|hint| hint.says(role))
    }

    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<Text> {
        match self.source {
            Source::Key(node) => node.value.scalar_text(),
            Source::Label(text) => Some(text.clone()),
        }
    }

    /// The words of a list, or of a text with commas.
    #[must_use]
    pub fn words(&self) -> Vec<Text> {
        if let Source::Key(Node { value: Value::List(items), .. }) = self.source {
            return items.iter().filter_map(|item| item.value.scalar_text()).collect();
        }
        let text = self.text().unwrap_or_default();
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(Text::new).collect()
    }

    /// Whether it is that word, or a list with that word.
    #[must_use]
    pub fn says(&self, word: &str) -> bool {
        self.words().iter().any(|known| known == word)
    }

    /// The entry under a key, when it is a mapping.
    #[must_use]
    pub fn under(&self, key: &str) -> Option<Self> {
        self.map()?.entry(key).map(Self::of_entry)
    }

    /// Whether it is on, as `true` says.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.text().is_some_and(|text| crate::compose::leaf::boolean(&text) == Some(true))
    }

    /// The mapping, when it is one.
    #[must_use]
    pub fn map(&self) -> Option<&'p Map> {
        match self.source {
            Source::Key(node) => node.as_map(),
            Source::Label(_) => None,
        }
    }

    /// The list, when it is one.
    #[must_use]
    pub fn list(&self) -> Option<&'p [Node]> {
        match self.source {
            Source::Key(node) => node.as_list(),
            Source::Label(_) => None,
        }
    }

    /// The hint has its effect in an object: the reason for the field.
    pub fn mapped(&self, pass: &mut Pass<'_>) -> Why {
        pass.accounts.enter(self.identity, Verdict::Mapped, None, false);
        pass.accounts.why(self.identity)
    }
}

impl<'p> Pass<'p> {
    /// The hint of that name of a service or job: under `x-transship`, or else as a label.
    #[must_use]
    pub fn hint(&self, member: &Member<'p>, name: &str) -> Option<Hint<'p>> {
        Hint::of(member, name)
    }

    /// The hint of that name of the project.
    #[must_use]
    pub fn project_hint(&self, name: &str) -> Option<Hint<'p>> {
        find(&self.input.project.model.extensions, name)
    }

    /// The entry under a key of a hint of the project, when its text is usable; accounted for.
    pub fn given(&mut self, name: &str, key: &str, is_usable: impl Fn(&str) -> bool) -> Option<(Text, Why)> {
        let hint = self.project_hint(name)?.under(key)?;
        let text = hint.text().filter(|text| is_usable(text))?;
        Some((text, hint.mapped(self)))
    }

    /// Whether the project promises a feature gate of its cluster; the reason when it does.
    pub fn gate(&mut self, name: &str) -> Option<Why> {
        let gates = self.project_hint("feature-gates").filter(|gates| gates.says(name))?;
        Some(gates.mapped(self))
    }
}

/// The hint of that name among the extension keys of an entry.
#[must_use]
pub fn find<'p>(extensions: &'p Extensions, name: &str) -> Option<Hint<'p>> {
    let holder = extensions.iter().find(|entry| entry.key == KEY)?;
    holder.node.as_map()?.entry(name).map(Hint::of_entry)
}

/// A part of a hint has its effect in an object: the reason for the field.
pub fn mapped(pass: &mut Pass<'_>, entry: &Entry) -> Why {
    pass.accounts.enter(Identity::of(entry), Verdict::Mapped, None, false);
    pass.accounts.why(Identity::of(entry))
}

/// Says that a part of a hint cannot be used, and that it is dropped.
pub fn unusable(pass: &mut Pass<'_>, entry: &Entry, message: String, tip: &str) {
    unusable_of(pass, Identity::of(entry), entry.key_span, message, tip);
}

/// The extension keys of a service or job.
#[must_use]
pub fn extensions<'p>(member: &Member<'p>) -> &'p Extensions {
    match member.kind {
        Either::Service(service) => &service.extensions,
        Either::Job(job) => &job.extensions,
    }
}

/// What a hint may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A word of these.
    Word(&'static [&'static str]),
    /// Words of these, with commas or as a list.
    Words(&'static [&'static str]),
    /// Text.
    Text,
    /// Words, with commas or as a list.
    Names,
    /// `true` or `false`.
    Switch,
    /// A mapping with the user's keys.
    Map,
    /// A mapping with these keys.
    Keys(&'static [&'static str]),
    /// `true` or `false`, or a mapping with these keys.
    SwitchOrKeys(&'static [&'static str]),
    /// One of these words, or a mapping with these keys.
    WordOrKeys(&'static [&'static str], &'static [&'static str]),
}

type Known = &'static [(&'static str, Shape)];

const PROBE: &[&str] = &["path", "port", "initial-delay", "interval", "timeout", "retries"];

const PROJECT: Known = &[
    ("hosts", Shape::Map),
    ("models", Shape::Map),
    ("runtime-classes", Shape::Map),
    ("extended-resources", Shape::Map),
    ("feature-gates", Shape::Names),
    ("shared-volumes", Shape::Word(&["colocate", "rwx"])),
    ("service", Shape::Word(&["headless", "cluster-ip"])),
    ("aliases", Shape::Word(&["referenced", "all"])),
    ("rewrite-hostnames", Shape::Switch),
    ("node-local-dns", Shape::Switch),
];

const MEMBER: Known = &[
    ("kind", Shape::Word(&["deployment", "statefulset", "daemonset", "job", "cronjob"])),
    ("role", Shape::Words(&["egress", "ingress"])),
    ("egress", Shape::WordOrKeys(&["deny", "open"], &["allow"])),
    ("expose", Shape::WordOrKeys(said::WAYS, said::KEYS)),
    ("service", Shape::Word(&["cluster-ip", "headless"])),
    ("storage", Shape::Word(&["per-replica"])),
    ("liveness", Shape::SwitchOrKeys(PROBE)),
    ("readiness", Shape::Keys(PROBE)),
    ("wait", Shape::Word(&["none"])),
    ("expand", Shape::Names),
    ("devices", Shape::Map),
    ("gpu-count", Shape::Text),
    ("provider-env", Shape::Text),
    ("namespace", Shape::Text),
    ("service-account", Shape::Text),
    ("field-env", Shape::Map),
    ("autoscale", Shape::Keys(&["min", "max", "cpu", "memory"])),
    ("metrics", Shape::Keys(&["port", "path", "namespace", "labels"])),
];

const NETWORK: Known = &[("egress", Shape::Word(&["deny"]))];

const VOLUME: Known = &[
    ("size", Shape::Text),
    ("class", Shape::Text),
    ("access", Shape::Word(&["rwx", "colocate"])),
    ("retain", Shape::Switch),
    ("seed", Shape::Switch),
    ("backup", Shape::Switch),
];

const CONFIG: Known = &[("object", Shape::Text), ("key", Shape::Text)];

const SECRET: Known =
    &[("object", Shape::Text), ("key", Shape::Text), ("vault", Shape::Keys(&["mount", "path", "refresh"]))];

/// Takes the hints of a member in.
pub fn member<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, extensions: &'p Extensions) {
    holder(pass, extensions, MEMBER, "a service");
    for (key, label) in entries(&draft.member.container.labels) {
        let Some(name) = key.strip_prefix(LABEL) else { continue };
        let hint = Hint::of_label(label);
        if !check(pass, &hint, name, MEMBER, "a service") {
            continue;
        }
        if let Some(other) = find(extensions, name)
            && other.words() != hint.words()
        {
            let message = format!(
                "`{name}` is said twice, and differently: as a label, and under `{KEY}`, which counts"
            );
            let finding = Finding::new(
                slugs::CONFLICTING_ENTRIES,
                label.span,
                pass.accounts.path(hint.identity),
                message,
            )
            .also(other.span, "this one counts")
            .tip("remove one of them");
            pass.dropped(label, finding);
        }
    }
}

/// Takes the hints of the project and of what it declares in.
pub fn project<'p>(pass: &mut Pass<'p>, extensions: &'p Extensions) {
    holder(pass, extensions, PROJECT, "the project");
    let model = &pass.input.project.model;
    for (_, network) in entries(&model.networks) {
        holder(pass, &network.value.extensions, NETWORK, "a network");
    }
    for (_, volume) in entries(&model.volumes) {
        holder(pass, &volume.value.extensions, VOLUME, "a volume");
    }
    for (_, config) in entries(&model.configs) {
        holder(pass, &config.value.extensions, CONFIG, "a config");
    }
    for (_, secret) in entries(&model.secrets) {
        holder(pass, &secret.value.extensions, SECRET, "a secret");
    }
}

/// Takes the hints under one `x-transship` in.
fn holder<'p>(pass: &mut Pass<'p>, extensions: &'p Extensions, known: Known, owner: &str) {
    let Some(holder) = extensions.iter().find(|entry| entry.key == KEY) else { return };
    match holder.node.as_map() {
        Some(map) if !map.entries.is_empty() => {
            for entry in &map.entries {
                check(pass, &Hint::of_entry(entry), &entry.key, known, owner);
            }
        }
        Some(_) => pass.accounts.enter(Identity::of(holder), Verdict::Consumed, None, false),
        None => {
            let message =
                format!("`{KEY}` is a mapping of hints, and this is a {}", holder.node.value.kind());
            unusable_of(
                pass,
                Identity::of(holder),
                holder.key_span,
                message,
                "write `x-transship: {KEY: VALUE}`",
            );
        }
    }
}

/// Whether a hint is one of those that are known; it is accounted for either way.
fn check(pass: &mut Pass<'_>, hint: &Hint<'_>, name: &str, known: Known, owner: &str) -> bool {
    let Some((_, shape)) = known.iter().find(|(word, _)| *word == name) else {
        let names: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        let tip = match nearest(name, names.iter().copied()) {
            Some(meant) => format!("write `{meant}`"),
            None => format!("{owner} takes {}", listed(&names)),
        };
        unusable_of(
            pass,
            hint.identity,
            hint.key,
            format!("`{name}` is no hint that transship knows on {owner}"),
            &tip,
        );
        return false;
    };
    pass.accounts.enter(hint.identity, Verdict::Consumed, None, false);
    if let Some(wanted) = misfit(hint, *shape) {
        let message = format!("the hint `{name}` cannot be read, and is not followed");
        unusable_of(pass, hint.identity, hint.span, message, &format!("write {wanted}"));
        return false;
    }
    if let Shape::Keys(keys) | Shape::SwitchOrKeys(keys) | Shape::WordOrKeys(_, keys) = shape {
        for entry in hint.map().iter().flat_map(|map| &map.entries) {
            if !keys.contains(&entry.key.as_str()) {
                let message = format!("`{}` is nothing that transship knows under `{name}`", entry.key);
                unusable(pass, entry, message, &format!("`{name}` takes {}", listed(keys)));
            }
        }
    }
    true
}

/// What would be right, when the hint is not.
fn misfit(hint: &Hint<'_>, shape: Shape) -> Option<String> {
    let is_map = hint.map().is_some();
    let words = hint.words();
    let text = hint.text();
    let is_word = |known: &[&str]| text.as_ref().is_some_and(|text| known.contains(&text.as_str()));
    let is_switch = text.as_ref().is_some_and(|text| crate::compose::leaf::boolean(text).is_some());
    match shape {
        Shape::Word(known) => (!is_word(known)).then(|| listed(known)),
        Shape::Words(known) => {
            let fits = !words.is_empty() && words.iter().all(|word| known.contains(&word.as_str()));
            (!fits).then(|| listed(known))
        }
        Shape::Text => text.is_none().then(|| "one value".into()),
        Shape::Names => (is_map || words.is_empty()).then(|| "a list of names".into()),
        Shape::Switch => (!is_switch).then(|| "`true` or `false`".into()),
        Shape::Map => (!is_map).then(|| "a mapping".into()),
        Shape::Keys(keys) => (!is_map).then(|| format!("a mapping with {}", listed(keys))),
        Shape::SwitchOrKeys(keys) => {
            (!is_map && !is_switch).then(|| format!("`true`, or a mapping with {}", listed(keys)))
        }
        Shape::WordOrKeys(known, keys) => (!is_map && !is_word(known))
            .then(|| format!("{}, or a mapping with {}", listed(known), listed(keys))),
    }
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// As [`unusable`], of a value that is known by its identity.
pub fn unusable_of(pass: &mut Pass<'_>, identity: Identity, place: Span, message: String, tip: &str) {
    let said = Some((slugs::UNKNOWN_KEY, message.as_str()));
    pass.accounts.enter(identity, Verdict::Dropped, said, false);
    let path = pass.accounts.path(identity).to_owned();
    pass.report(Finding::new(slugs::UNKNOWN_KEY, place, path, message).tip(tip));
}
