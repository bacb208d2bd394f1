//! What runs: the argument vector and the working directory.

use crate::compose::codec::{Field, Map};
use crate::compose::command::{Command, Line};
use crate::compose::image_facts::Fact;
use crate::compose::leaf::Loose;
use crate::compose::words;
use crate::convert::argument;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::convert::secret::{self, Around};
use crate::convert::veil::{Form, Reference, Veiled};
use crate::diag::{sensitive, slugs};
use crate::k8s::dollar;
use crate::plan::field::{Field as PlanField, Items};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `entrypoint`
    pub entrypoint: &'p Field<Command>,
    /// `command`
    pub command: &'p Field<Command>,
    /// `working_dir`
    pub working_dir: &'p Field<Text>,
    /// `environment`, among which the words stand; another topic accounts for it.
    pub environment: &'p Field<Map<Option<Loose>>>,
}

/// A word that may be written, and why it is there.
pub struct Word {
    /// The word.
    pub text: Veiled,
    /// Why.
    pub why: Why,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { entrypoint, command, working_dir, environment } = keys;
    let around = Around::of(seat, environment);
    vector(pass, seat, &around, entrypoint, command);
    let Some(directory) = working_dir else { return };
    if directory.value.starts_with('/') || directory.value.get(1..3) == Some(":\\") {
        let why = pass.mapped(directory);
        seat.container.put("workingDir", &directory.value, &why);
    } else if directory.value.is_empty() {
        pass.consumed(directory);
    } else {
        let message =
            format!("`working_dir` is `{}`, and Docker takes no path that is not absolute", directory.value);
        let finding =
            pass.finding(directory, slugs::UNMAPPABLE_KEY, message).tip("write the whole path, from `/` on");
        pass.refused(directory, finding);
    }
}

/// What is written for `entrypoint` and `command` together: the table of what Docker makes of them.
fn vector<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    around: &Around<'p, '_>,
    entrypoint: &'p Field<Command>,
    command: &'p Field<Command>,
) {
    let program = entrypoint.as_ref().map(|entrypoint| (entrypoint, is_cleared(&entrypoint.value)));
    let arguments = command.as_ref().filter(|command| !command.value.words.is_empty());
    match (program, arguments) {
        (None, Some(arguments)) => write(pass, seat, around, "args", arguments),
        (Some((program, false)), arguments) => {
            write(pass, seat, around, "command", program);
            if let Some(arguments) = arguments {
                write(pass, seat, around, "args", arguments);
            } else if let Some(nothing) = command {
                pass.mapped(nothing);
            }
        }
        (Some((program, true)), Some(arguments)) => {
            pass.mapped(program);
            write(pass, seat, around, "command", arguments);
        }
        (Some((program, true)), None) => {
            if let Some(nothing) = command {
                pass.consumed(nothing);
            }
            cleared(pass, seat, program);
        }
        (None, None) => {
            let Some(nothing) = command else { return };
            let message = "an empty `command` leaves the image's arguments as they are in Docker, though the Compose specification says that it clears them";
            let finding = pass.finding_at_key(nothing, slugs::APPROXIMATED_KEY, message);
            pass.approximated(nothing, finding);
        }
    }
}

/// Whether an entrypoint takes away that of the image and puts nothing in its place.
fn is_cleared(command: &Command) -> bool {
    match command.words.as_slice() {
        [] => true,
        [word] => word.value.is_empty(),
        _ => false,
    }
}

/// An entrypoint that was taken away while no command is given: the image's arguments run by themselves, when they are
/// known. `[""]` alone runs nothing at all.
fn cleared<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, program: &'p Spanned<Command>) {
    if let Fact::Present(known) = &seat.facts.command
        && program.value.words.is_empty()
    {
        pass.mapped(program);
        let why = pass.fact(&known.evidence);
        let list = seat.container.list("command");
        for word in known.value.words() {
            list.push_value(dollar::literal(&word), &why);
        }
        return;
    }
    let message = if program.value.words.is_empty() {
        "`entrypoint` takes the image's program away and no `command` says what runs instead: Docker then runs the image's arguments, which are not known"
    } else {
        "`entrypoint` is one empty word and no `command` says what runs: Docker has nothing to start"
    };
    let finding = pass
        .finding_at_key(program, slugs::CLEARED_ENTRYPOINT, message)
        .tip("write the whole command line as `command`, or pass `--image-metadata`");
    pass.impossible(program, finding);
}

fn write<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    around: &Around<'p, '_>,
    field: &'static str,
    command: &'p Spanned<Command>,
) {
    let Some(words) = words(pass, around, command, field == "command") else { return };
    let raw = pass.hint(&seat.member, "expand").map(|hint| hint.words()).unwrap_or_default();
    let mut list = Items::default();
    for Word { text, why } in &words {
        for reference in text.references() {
            secret::provide(pass, &around.member, seat.container, reference, command.key, why);
        }
        list.push_value(text.expanded(&raw), why);
    }
    seat.container.insert(field, PlanField::List(list));
}

/// The words of a command as they may be written, each accounted for; nothing when the command is refused.
pub fn words<'p>(
    pass: &mut Pass<'p>,
    around: &Around<'p, '_>,
    command: &'p Spanned<Command>,
    is_entrypoint: bool,
) -> Option<Vec<Word>> {
    if let Some(Line { text, tail: Some(tail) }) = &command.value.line {
        discarded(pass, command, text, *tail, is_entrypoint)?;
    }
    let Some(texts) = veiled(pass, around, &command.value, command.origin) else {
        let message = "a variable that holds a secret is split into several words here; as the key of a Secret it would stay one";
        let finding =
            pass.finding(command, slugs::UNMAPPABLE_KEY, message).tip("write the command as a list");
        pass.refused(command, finding);
        return None;
    };
    let of_line = texts.len() != command.value.words.len();
    let mut words = Vec::with_capacity(texts.len());
    for (at, text) in texts.into_iter().enumerate() {
        let references: Vec<Reference> = text.references().cloned().collect();
        let place = command.value.words.get(at).filter(|_| !of_line);
        let why = match (place, references.is_empty()) {
            (Some(word), true) => pass.mapped(word),
            (Some(word), false) => secret::concealed(pass, word, &references),
            (None, true) => pass.mapped(command),
            (None, false) => secret::concealed(pass, command, &references),
        };
        words.push(Word { text, why });
    }
    Some(words)
}

/// The words with their secrets taken out; nothing when a secret is more than one word.
fn veiled<'p>(
    pass: &Pass<'p>,
    around: &Around<'p, '_>,
    command: &'p Command,
    origin: crate::source::origin::OriginId,
) -> Option<Vec<Veiled>> {
    let texts = match &command.line {
        Some(line) => match secret::form(pass, None, &line.text, origin) {
            Form::Parts(chunks) => split(&secret::pieces(pass, around, &chunks), command)?,
            Form::Plain | Form::Whole => {
                command.words.iter().map(|word| Veiled::plain(&word.value)).collect()
            }
        },
        None => command.words.iter().map(|word| secret::word(pass, around, word)).collect(),
    };
    Some(argument::veil(pass, around, texts))
}

/// The words of a line in which each secret is one letter that no file holds; nothing when a secret is more than that.
fn split(line: &Veiled, command: &Command) -> Option<Vec<Veiled>> {
    let (text, references) = line.marked()?;
    let marked = words::split(&text).ok()?;
    let texts: Vec<Veiled> =
        marked.words.iter().map(|word| Veiled::unmarked(&word.text, &references)).collect();
    // A variable without value is no word of Compose's, and becomes one when the Secret has it.
    let is_word = |value: &Text| {
        !value.contains(|letter: char| letter.is_whitespace() || "\\\"'`;&|<>()".contains(letter))
    };
    let is_open = references.iter().any(|reference| reference.value.is_empty())
        && references.iter().all(|reference| is_word(&reference.value));
    let same = texts.len() == command.words.len()
        && texts.iter().zip(&command.words).all(|(veiled, word)| veiled.revealed() == word.value.as_str());
    (same || is_open).then_some(texts)
}

/// Says that Compose throws the end of a line away; nothing when that is not allowed.
fn discarded<'p>(
    pass: &mut Pass<'p>,
    command: &'p Spanned<Command>,
    text: &str,
    tail: usize,
    is_entrypoint: bool,
) -> Option<()> {
    let key = if is_entrypoint { "entrypoint" } else { "command" };
    let shown = match secret::form(pass, None, text, command.origin) {
        Form::Plain => hidden(text.get(tail..).unwrap_or_default()),
        Form::Whole | Form::Parts(_) => "…".into(),
    };
    let message = format!("Compose throws away the end of `{key}`, `{shown}`: no shell reads the line");
    let finding = pass
        .finding(command, slugs::DISCARDED_COMMAND_TAIL, message)
        .tip("name the shell that is meant: `sh -c '…'`, or write a list");
    pass.refused(command, finding).map(|_| ())
}

/// The end of a line for a message, without what looks like a secret.
fn hidden(tail: &str) -> String {
    let mut shown = String::new();
    let mut at = 0;
    let mut secrets = sensitive::secrets(tail);
    secrets.sort_by_key(|range| range.start);
    for range in secrets {
        shown.push_str(tail.get(at..range.start).unwrap_or_default());
        shown.push('…');
        at = at.max(range.end);
    }
    shown.push_str(tail.get(at..).unwrap_or_default());
    let shown = shown.trim();
    if shown.chars().count() > 60 {
        return format!("{}…", shown.chars().take(60).collect::<String>());
    }
    shown.to_owned()
}
