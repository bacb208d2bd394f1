//! Overlays and components: the project once more, with override files on top or with further profiles.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::conversion::Conversion;
use super::convert::{self, Choices, Converted};
use super::error::Error;
use super::output::Output;
use super::project;
use super::selection::{Ground, StandardInput};
use super::settings::Settings;
use super::trial;
use crate::convert::knobs::toggle;
use crate::convert::knobs::vary::{self, Varied};
use crate::convert::member;
use crate::convert::options::Form;
use crate::diag::{Finding, slugs};
use crate::diff;
use crate::lint::{self, levels::Levels};
use crate::plan::difference::{Sort, Variant, difference};
use crate::plan::field::Field;
use crate::plan::knob::KnobId;
use crate::plan::object::Object;
use crate::plan::why::Why;
use crate::plan::{LeftOut, Plan};
use crate::report::{conversion, difference as report};
use crate::resolve::Resolved;
use crate::resolve::discover::Selection;
use crate::source::Text;
use crate::source::span::Span;

/// An overlay or a component that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: Text,
    /// Which of the two it is.
    pub sort: Sort,
    /// The files that are merged on top, in order.
    pub files: Vec<PathBuf>,
    /// The profiles that are active beside those of the base.
    pub profiles: Vec<Text>,
}

/// One that was loaded.
pub(super) struct Read {
    wanted: Wanted,
    pub(super) resolved: Resolved,
    /// How it was found.
    selection: Selection,
}

/// One that was converted, and what of it the base has not.
pub(super) struct Beside {
    name: Text,
    sort: Sort,
    /// The whole project with it.
    pub(super) converted: Converted,
    /// The findings that the base has not.
    pub(super) findings: Vec<Finding>,
    /// What an overlay chooses of a chart.
    varied: Varied,
    /// What a component adds to a chart.
    added: Vec<Object>,
}

/// What flags and settings ask for; what a flag says of a name goes before what the settings say of it.
///
/// # Errors
/// When one name stands for two things, or there is no folder in which it could stand.
pub(super) fn wanted(flags: &Conversion, settings: &Settings, form: Form) -> Result<Vec<Wanted>, Error> {
    let asked = flags.overlay.first().map(|_| "--overlay").or(flags.component.first().map(|_| "--component"));
    match (form, asked) {
        (Form::Manifests, Some(flag)) => return Err(Error::FlatOverlay(flag)),
        (Form::Manifests, None) => return Ok(Vec::new()),
        (Form::Helm | Form::Kustomize, _) => {}
    }
    let mut all: BTreeMap<(Sort, Text), Wanted> = BTreeMap::new();
    for twin in &settings.convert.overlays {
        all.insert((twin.sort, twin.name.clone()), twin.clone());
    }
    let overlays = flags.overlay.iter().map(|(name, file)| (Sort::Overlay, name, Some(file), None));
    let components =
        flags.component.iter().map(|(name, profile)| (Sort::Component, name, None, Some(profile)));
    let mut fresh: BTreeMap<(Sort, Text), Wanted> = BTreeMap::new();
    for (sort, name, file, profile) in overlays.chain(components) {
        let entry = fresh.entry((sort, name.clone())).or_insert_with(|| Wanted {
            name: name.clone(),
            sort,
            files: Vec::new(),
            profiles: Vec::new(),
        });
        entry.files.extend(file.cloned());
        entry.profiles.extend(profile.cloned());
    }
    all.extend(fresh);
    let twice = all
        .keys()
        .find(|(sort, name)| *sort == Sort::Overlay && all.contains_key(&(Sort::Component, name.clone())));
    match twice {
        Some((_, name)) => Err(Error::OverlayTwice(name.to_string())),
        None => Ok(all.into_values().collect()),
    }
}

/// Loads what is asked for, beside a base that was loaded.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn read(
    wanted: Vec<Wanted>,
    selection: &Selection,
    base: &Resolved,
    ground: &mut Ground,
) -> Result<Vec<Read>, Error> {
    let mut all = Vec::new();
    for wanted in wanted {
        let mut on_top = Vec::new();
        for path in &wanted.files {
            on_top.push(ground.file(path, &mut StandardInput::default())?);
        }
        let profiles = base.project.profiles.iter().cloned();
        let profiles = profiles.chain(wanted.profiles.iter().map(Text::to_string)).collect();
        let mut own = Selection { on_top, profiles, ..selection.clone() };
        let Some(mut resolved) = project::load(&own, &ground.named, ground.follow) else { continue };
        let name = |resolved: &Resolved| resolved.project.model.name.as_ref().map(|name| name.value.clone());
        if name(&resolved) != name(base) {
            let renamed = renamed(&wanted, base, &resolved);
            own.name = name(base).map(|name| name.to_string());
            resolved = project::load(&own, &ground.named, ground.follow).unwrap_or(resolved);
            resolved.findings.extend(renamed);
        }
        all.push(Read { wanted, resolved, selection: own });
    }
    Ok(all)
}

/// That the name of the project stays as the base has it.
fn renamed(wanted: &Wanted, base: &Resolved, resolved: &Resolved) -> Option<Finding> {
    let (old, new) = (base.project.model.name.as_ref()?, resolved.project.model.name.as_ref()?);
    let message = format!(
        "overlay `{}` names the project `{}`; the objects keep the namespace of the base, `{}`",
        wanted.name, new.value, old.value
    );
    let finding = Finding::new(slugs::DROPPED_KEY, new.span, "name", message);
    Some(finding.tip("remove the name, or convert the files as a project of their own"))
}

/// How many pods each service has at most, in the base and beside it.
pub(super) fn most_replicas(base: &Resolved, beside: &[Read]) -> BTreeMap<Text, i64> {
    let mut most: BTreeMap<Text, i64> = BTreeMap::new();
    if beside.is_empty() {
        return most;
    }
    for resolved in std::iter::once(base).chain(beside.iter().map(|read| &read.resolved)) {
        for (name, replicas) in member::replicas(&resolved.project) {
            let known = most.entry(name).or_default();
            *known = replicas.max(*known);
        }
    }
    most
}

/// Converts what was loaded; nothing when one of them cannot be converted, and why was said.
pub(super) fn plans(
    beside: Vec<Read>,
    base: &Converted,
    choices: &Choices,
    ground: &Ground,
    output: &mut Output,
) -> Option<Vec<Beside>> {
    let mut all = Vec::new();
    for Read { wanted, resolved, selection: _ } in beside {
        let reader = ground.reader(&resolved.project.directory);
        let Some(converted) = convert::plan(resolved, choices, ground, &reader, output) else {
            output.remark(&format!("{} `{}` cannot be loaded\n", word(wanted.sort), wanted.name));
            return None;
        };
        let findings = fresh(&base.findings, &converted.findings);
        let (varied, added) = (Varied::default(), Vec::new());
        all.push(Beside { name: wanted.name, sort: wanted.sort, converted, findings, varied, added });
    }
    Some(all)
}

/// The variables of components that would do something else as choices of a chart than they do in Compose.
pub(super) fn misleading(
    beside: &[Read],
    choices: &Choices,
    ground: &Ground,
    output: &mut Output,
) -> BTreeSet<Text> {
    let mut fixed = BTreeSet::new();
    for read in beside.iter().filter(|read| read.wanted.sort == Sort::Component) {
        let Some(resolved) = project::load(&read.selection, &ground.named, ground.follow) else { continue };
        let reader = ground.reader(&resolved.project.directory);
        if let Some(converted) = convert::plan(resolved, choices, ground, &reader, output) {
            fixed.extend(trial::misleading(&converted.plan, &read.selection, choices, ground));
        }
    }
    fixed
}

/// Says overlays and components in choices of a chart; what no choice can say is a finding.
pub(super) fn vary(base: &mut Plan, beside: &mut [Beside], levels: &Levels) {
    // A component keeps the names of its choices; what an overlay adds takes one that is then free.
    beside.sort_by_key(|one| one.sort == Sort::Overlay);
    for one in &mut *beside {
        match one.sort {
            Sort::Overlay => one.varied = vary::vary(base, &one.converted.plan),
            Sort::Component => {
                let added = toggle::add(base, &one.converted.plan, &one.name);
                (one.added, one.varied.lost) = (added.objects, added.lost);
            }
        }
        let unsaid = lint::run(one.unsaid(&base.namespace), levels.clone());
        one.findings.extend(unsaid);
    }
}

/// The findings that only the new project has: by rule and path, whatever their line.
pub(super) fn fresh(old: &[Finding], new: &[Finding]) -> Vec<Finding> {
    let known: BTreeSet<(&str, &str)> =
        old.iter().map(|finding| (finding.slug.0, finding.path.as_str())).collect();
    let is_new = |finding: &&Finding| !known.contains(&(finding.slug.0, finding.path.as_str()));
    new.iter().filter(is_new).cloned().collect()
}

/// What a sort is called.
fn word(sort: Sort) -> &'static str {
    match sort {
        Sort::Overlay => "overlay",
        Sort::Component => "component",
    }
}

/// The base of a chart with what its components add, as the chart holds it.
pub(super) fn joined<'p>(base: &'p Plan, beside: &[Beside]) -> Cow<'p, Plan> {
    let mut whole = Cow::Borrowed(base);
    for one in beside.iter().filter(|one| !one.added.is_empty()) {
        let whole = whole.to_mut();
        for object in &one.added {
            if whole.objects.iter().all(|known| known.id != object.id) {
                whole.objects.push(object.clone());
            }
        }
        for key in &one.converted.plan.secrets {
            if !whole.secrets.contains(key) {
                whole.secrets.push(key.clone());
            }
        }
    }
    whole
}

impl Beside {
    /// What an overlay chooses of a chart.
    pub(super) fn chosen(&self) -> Option<(&Text, &BTreeMap<KnobId, Field>)> {
        (self.sort == Sort::Overlay).then_some((&self.name, &self.varied.values))
    }

    /// What an overlay changes and no value of the chart says: one finding for each value of the files.
    fn unsaid(&self, home: &str) -> Vec<Finding> {
        let plan = &self.converted.plan;
        let mut places: BTreeMap<(Text, Option<Span>), Vec<String>> = BTreeMap::new();
        for lost in &self.varied.lost {
            let rows = lost.why.as_ref().map(Why::rows).unwrap_or_default();
            let row = rows.first().and_then(|row| plan.ledger.get(row.0 as usize));
            let address = lost.object.address(home);
            let what = if lost.path.is_empty() { address } else { format!("`{}` of {address}", lost.path) };
            let place = row.map_or((Text::default(), None), |row| (row.path.clone(), Some(row.place.span)));
            places.entry(place).or_default().push(what);
        }
        let mut findings = Vec::new();
        for ((path, span), what) in places {
            let Some(span) = span.or_else(|| plan.members.values().next().copied()) else { continue };
            let more = match what.len() - 1 {
                0 => String::new(),
                1 => " and one more".to_owned(),
                more => format!(" and {more} more"),
            };
            let message = format!(
                "{} `{}` changes {}{more}, which no value of a chart says; the chart keeps what the base has",
                word(self.sort),
                self.name,
                what[0]
            );
            findings.push(
                Finding::new(slugs::DROPPED_KEY, span, path.as_str(), message)
                    .tip("write a chart of its own for it, or a Kustomize tree, whose patches can say it"),
            );
        }
        findings
    }

    /// The plan, for whoever writes it down.
    pub(super) fn variant(&self) -> Variant<'_> {
        Variant { name: self.name.clone(), sort: self.sort, plan: &self.converted.plan }
    }

    /// What it is called: `overlay prod`.
    pub(super) fn title(&self) -> String {
        format!("{} {}", word(self.sort), self.name)
    }

    /// The services that the base has and that are left out here.
    pub(super) fn left_out(&self, base: &Plan) -> Vec<&LeftOut> {
        let known = |entry: &&LeftOut| !base.left_out.iter().any(|other| other.service == entry.service);
        self.converted.plan.left_out.iter().filter(known).collect()
    }

    /// What a report says of it: what differs from the base, and which line makes the difference.
    pub(super) fn report(&self, base: &Converted) -> Value {
        let changes = diff::changes(&base.plan.objects, &self.converted.plan.objects);
        let whole = report::Difference {
            changes: &changes,
            old: Some(base.side()),
            new: self.converted.side(),
            findings: &self.findings,
        };
        let mut document = report::document(&whole);
        json!({
            "name": self.name.as_str(),
            "sort": word(self.sort),
            "files": self.converted.resolved.files.iter().map(|(_, file)| file.name.as_str()).collect::<Vec<_>>(),
            "changes": document["changes"].take(),
            "findings": document["findings"].take(),
            "left_out": self.left_out(&base.plan).into_iter().map(conversion::left_out).collect::<Vec<_>>(),
        })
    }

    /// One line that says how much differs from the base, and one for each service that is left out here.
    pub(super) fn summary(&self, base: &Plan) -> String {
        let whole = difference(&base.objects, &self.converted.plan.objects);
        let counts = [
            (whole.changed.len(), "changed"),
            (whole.added.len(), "added"),
            (whole.removed.len(), "removed"),
        ];
        let mut words: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        if words.is_empty() {
            words.push("as the base".to_owned());
        }
        let mut text = format!("  {:<10} {}   {}\n", word(self.sort), self.name, words.join(", "));
        if !self.varied.lost.is_empty() {
            let count = self.varied.lost.len();
            let what = if count == 1 { "1 change is".to_owned() } else { format!("{count} changes are") };
            text.push_str(&format!("  not in it   {what} in no value; --report lists all\n"));
        }
        for entry in self.left_out(base) {
            let files = &self.converted.resolved.files;
            let place = format!("{}:{}", files.file(entry.span.file).name, files.start(entry.span).line);
            let why = entry.rule.map_or("on purpose", |rule| rule.0);
            text.push_str(&format!(
                "  left out   {}   {why} ({place}), in {}\n",
                entry.service,
                self.title()
            ));
        }
        text
    }
}

/// The name of an overlay or a component, which is that of a folder and of a file.
pub(super) fn name(text: &str) -> Result<Text, String> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let starts = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if starts && text.bytes().all(legal) && text.len() <= 63 {
        Ok(text.into())
    } else {
        Err(format!(
            "`{text}` cannot name a folder; use letters, digits, `-`, `_` and `.`, beginning with a letter or a digit"
        ))
    }
}

/// The profile that makes a component.
pub(super) fn profile(text: &str) -> Result<Text, String> {
    match text.strip_prefix("profile:") {
        Some(profile) if !profile.is_empty() => Ok(profile.into()),
        _ => Err("write NAME=profile:PROFILE".to_owned()),
    }
}

/// `NAME=FILE`.
pub(super) fn overlay(text: &str) -> Result<(Text, PathBuf), String> {
    match text.split_once('=') {
        Some((_, "-")) => Err("standard input cannot be an overlay; name a file".to_owned()),
        Some((own, file)) if !file.is_empty() => Ok((name(own)?, Path::new(file).to_path_buf())),
        _ => Err("write NAME=FILE".to_owned()),
    }
}

/// `NAME=profile:PROFILE`.
pub(super) fn component(text: &str) -> Result<(Text, Text), String> {
    let (own, what) = text.split_once('=').ok_or("write NAME=profile:PROFILE")?;
    Ok((name(own)?, profile(what)?))
}
