//! Looks for programs that keep data, and for which no volume is declared.

use crate::compose::image_facts::{DataDirectory, Known};
use crate::compose::image_reference::ImageReference;
use crate::compose::project::entries;
use crate::compose::series;
use crate::compose::shell::{Script, program};
use crate::diag::slugs;
use crate::rule::mounts::{self, Mounted, What};
use crate::rule::process;
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink};
use crate::source::Text;

/// First words that start a server whatever its image calls it.
const STARTS: [&str; 4] = ["mysqld", "mariadbd", "server", "sqlservr"];

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for subject in subject::main(ctx).filter(|subject| subject.service.is_some()) {
        let Some(image) = subject.container.image.as_deref().filter(|_| !subject.facts.data.is_empty())
        else {
            continue;
        };
        let Some(mounted) = mounts::of(&subject) else { continue };
        let name = ImageReference::parse(&image.value)
            .map_or_else(|| image.value.to_string(), |image| image.familiar());
        if !is_server(&subject, &name) || is_forgetful(&subject) || is_elsewhere(&subject, &mounted) {
            continue;
        }
        let missing: Vec<String> = subject
            .facts
            .data
            .iter()
            .map(|data| folder(&subject, data))
            .filter(|path| !is_kept(&mounted, path))
            .collect();
        if missing.is_empty() {
            continue;
        }
        let message = format!(
            "`{name}` keeps its data in `{}`, where no volume is mounted: the data is lost with the pod",
            missing.join("` and `")
        );
        let finding = subject.finding(slugs::UNDECLARED_STATE, image.span, "image", message);
        sink.report(finding.tip(format!("mount a named volume at `{}`", missing.join("` and `"))));
    }
}

/// Whether the container runs the server of its image, and not another program that the image has too.
fn is_server(subject: &Subject<'_>, name: &str) -> bool {
    let line = process::line(subject);
    let Some(first) = line.first().map(|spot| spot.word.value.as_str()) else { return true };
    let is_own = subject.container.entrypoint.is_some();
    // The words go to the entrypoint of the image.
    if !is_own && first.starts_with('-') {
        return true;
    }
    let of_image = [&subject.facts.entrypoint, &subject.facts.command];
    let known: Vec<Text> =
        of_image.iter().filter_map(|fact| fact.value()?.words().first().cloned()).collect();
    let script = process::shell(&line).map(|text| text.script);
    if subject.facts.command.value().is_none() && !is_own {
        return script.is_none_or(|script| runs(&script, |word| starts_as(name, word)));
    }
    let is_known = |word: &str| {
        let name = program(word);
        known.iter().any(|known| program(known) == name) || STARTS.contains(&name)
    };
    is_known(first) || script.is_some_and(|script| runs(&script, is_known))
}

/// Whether a script calls a program of a kind.
fn runs(script: &Script, is_of_kind: impl Fn(&str) -> bool) -> bool {
    script.commands().any(|step| step.call().first().is_some_and(|word| is_of_kind(&word.text)))
}

/// Whether a program may be the server of an image of which nobody says what it runs.
fn starts_as(image: &str, word: &str) -> bool {
    let (name, image) = (program(word), image.rsplit('/').next().unwrap_or(image));
    let name = name.strip_suffix(".sh").unwrap_or(name);
    let mut words = name.split(['-', '_', '.']);
    let says_so = |word: &str| matches!(word, "run" | "start" | "startup" | "entrypoint");
    name == image || STARTS.contains(&name) || words.any(says_so)
}

/// Whether the server is told to keep nothing: Redis that saves nothing, Vault for developers.
fn is_forgetful(subject: &Subject<'_>) -> bool {
    let own: Vec<Text> = process::line(subject).iter().map(|spot| spot.word.value.clone()).collect();
    let words = match subject.facts.command.value() {
        Some(of_image) if own.is_empty() => of_image.words(),
        _ => own,
    };
    let says = |name: &str, value: &[&str]| {
        words.windows(2).any(|pair| pair[0] == name && value.contains(&pair[1].as_str()))
    };
    words.iter().any(|word| word == "-dev")
        || says("--save", &["", "\"\"", "''"]) && !says("--appendonly", &["yes"])
}

/// Whether a volume lies where the command or the environment of the server says.
fn is_elsewhere(subject: &Subject<'_>, mounted: &[Mounted]) -> bool {
    let words = process::line(subject).into_iter().map(|spot| &spot.word.value);
    let values =
        entries(&subject.container.environment).filter_map(|(_, value)| Some(&value.value.as_ref()?.0));
    let texts: Vec<&Text> = words.chain(values).collect();
    let named = texts.iter().flat_map(|text| text.split_whitespace());
    let all: Vec<String> = named.filter_map(series::names).flatten().collect();
    let is_named = |path: &str| {
        let names = |text: &str| text.contains(path);
        path.len() > 1 && (texts.iter().any(|text| names(text)) || all.iter().any(|text| names(text)))
    };
    mounted.iter().any(|mount| mount.what == What::Named && is_named(&mount.path))
}

/// Where the data lies: a variable may move it.
fn folder(subject: &Subject<'_>, data: &Known<DataDirectory>) -> String {
    let moved = data.value.below.as_ref().and_then(|below| {
        let (_, value) =
            entries(&subject.container.environment).find(|(name, _)| **name == below.variable)?;
        value.value.as_ref().map(|text| &text.0).filter(|path| path.starts_with('/'))
    });
    mounts::clean(moved.unwrap_or(&data.value.path))
}

/// Whether something holds the data, or a part of it, that is not the container's; memory is said on purpose.
fn is_kept(mounted: &[Mounted], path: &str) -> bool {
    mounted.iter().any(|mount| match mount.what {
        What::Named => mounts::is_below(path, &mount.path) || mounts::is_below(&mount.path, path),
        What::Foreign | What::Memory => mounts::is_below(path, &mount.path),
        What::Anonymous | What::File => false,
    })
}
