//! Looks for containers that start as root and change to another user.

use crate::compose::image_facts::Process;
use crate::compose::image_reference::ImageReference;
use crate::compose::project::entries;
use crate::compose::shell::program;
use crate::diag::slugs;
use crate::rule::process::{self, Spot};
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink};
use crate::source::span::Span;

/// Variables that name the user whom the entrypoint changes to.
const VARIABLES: [&str; 14] = [
    "PUID",
    "PGID",
    "USERMAP_UID",
    "USERMAP_GID",
    "USER_UID",
    "USER_GID",
    "LOCAL_UID",
    "LOCAL_GID",
    "LOCAL_USER_ID",
    "LOCAL_GROUP_ID",
    "NB_UID",
    "NB_GID",
    "HOST_UID",
    "HOST_GID",
];
/// Organisations whose images are built on s6, which starts as root.
const FAMILIES: [&str; 3] = ["linuxserver", "hotio", "crazymax"];
/// Programs that need root.
const AS_ROOT: [&str; 4] = ["gosu", "su-exec", "setpriv", "chown"];
/// Programs that become root, or somebody else.
const SWITCHES: [&str; 2] = ["su", "sudo"];

/// What shows it: where, at which path, and in which words.
struct Sign {
    span: Span,
    path: String,
    words: String,
}

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for subject in subject::all(ctx) {
        let mut signs = Vec::new();
        if is_root(&subject) {
            signs.extend(variables(&subject));
            signs.extend(image(&subject));
        }
        signs.extend(commands(ctx, &subject));
        let mut signs = signs.into_iter();
        let Some(first) = signs.next() else { continue };
        let message = format!(
            "{}: the container starts as root and changes to another user, which a restricted pod may not",
            first.words
        );
        let finding = subject.finding(slugs::ROOT_DROPPING_ENTRYPOINT, first.span, &first.path, message);
        let finding = signs.fold(finding, |finding, sign| finding.also(sign.span, sign.words));
        sink.report(
            finding
                .tip("use an image that runs as a number from the start, and let `fsGroup` own the volumes"),
        );
    }
}

/// Whether the container starts as root, as far as the project says.
fn is_root(subject: &Subject<'_>) -> bool {
    let user = subject.container.user.as_ref().map_or("", |user| user.value.as_str());
    let name = user.split(':').next().unwrap_or_default();
    matches!(name, "" | "root") || name.bytes().all(|byte| byte == b'0')
}

fn variables<'c>(subject: &Subject<'c>) -> impl Iterator<Item = Sign> + use<'c> {
    let known = entries(&subject.container.environment).filter(|(name, value)| {
        let is_set = value.value.as_ref().is_some_and(|text| !text.0.is_empty());
        is_set && VARIABLES.contains(&name.as_str())
    });
    known.map(|(name, value)| Sign {
        span: value.key,
        path: subject::entry("environment", name),
        words: format!("`{name}` names the user to change to"),
    })
}

fn image(subject: &Subject<'_>) -> Option<Sign> {
    let image = subject.container.image.as_ref()?;
    let reference = ImageReference::parse(&image.value)?;
    let owner = reference.repository.split('/').next().unwrap_or_default();
    let is_family = FAMILIES.contains(&owner);
    // `/init` is the program of s6.
    let runs_s6 = matches!(subject.facts.entrypoint.value(), Some(Process::Exec(words)) if words.first().is_some_and(|word| word == "/init"));
    let is_own = subject.container.entrypoint.is_some();
    (is_family || runs_s6 && !is_own).then(|| Sign {
        span: image.span,
        path: "image".to_owned(),
        words: format!("`{}` is an image of the s6 family", reference.familiar()),
    })
}

fn commands(ctx: &Ctx<'_>, subject: &Subject<'_>) -> Vec<Sign> {
    let mut signs = Vec::new();
    for line in process::lines(subject) {
        let program = (0..line.len()).find(|at| is_program(&line, *at)).map(|at| &line[at]);
        signs.extend(program.and_then(|spot| sign(subject, &spot.word.value, spot.word.span, &spot.key)));
        let Some(text) = process::shell(&line) else { continue };
        for step in text.script.commands() {
            let Some(called) = step.call().first() else { continue };
            signs.extend(sign(subject, &called.text, text.place(ctx, called.range.clone()), &text.spot.key));
        }
    }
    signs
}

/// Whether a word of a command line is a program that needs other rights: the first, or the one that another starts.
fn is_program(line: &[Spot<'_>], at: usize) -> bool {
    let is_start = at == 0 || line[at - 1].word.value == "--" || line[at - 1].key != line[at].key;
    let name = program(&line[at].word.value);
    is_start && (AS_ROOT.contains(&name) || SWITCHES.contains(&name))
}

fn sign(subject: &Subject<'_>, word: &str, span: Span, path: &str) -> Option<Sign> {
    let name = program(word);
    let words = match name {
        _ if AS_ROOT.contains(&name) && is_root(subject) => format!("`{name}` needs root"),
        _ if SWITCHES.contains(&name) => format!("`{name}` changes the user"),
        _ => return None,
    };
    Some(Sign { span, path: path.to_owned(), words })
}
