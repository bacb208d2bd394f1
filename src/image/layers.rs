//! An image in the making: what each instruction changes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::accounts;
use super::dockerfile::instruction::{Form, Instruction, Kind, Word};
use super::dockerfile::lexer::{Lexed, Lexer, Lookup};
use super::dockerfile::{Problem, expand};
use super::paths::{is_windows, join};
use super::ports;
use super::stages::{Inputs, Variables, known};
use super::user;
use crate::compose::image_facts::{Evidence, Fact, Facts, ImageVariable, Known, Listing, Process};
use crate::source::Text;

/// How much text the variables of one build may stand for, all in all.
const LENGTH: usize = 16 << 20;

/// Where programs are looked for in an image that does not say.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// An image in the making.
pub(super) struct Image<'a> {
    facts: Facts,
    /// What the instructions see: ENV and ARG.
    variables: Variables,
    /// Whether a variable that is not there is known to be unset.
    closed: bool,
    /// Where a variable stands in the environment.
    positions: BTreeMap<Text, usize>,
    /// Whether the stage has a CMD of its own, which its ENTRYPOINT leaves alone.
    has_command: bool,
    length: usize,
    escape: char,
    globals: &'a Variables,
    inputs: &'a Inputs<'a>,
}

impl<'a> Image<'a> {
    /// The image that a stage begins with.
    pub(super) fn new(
        mut facts: Facts,
        closed: bool,
        escape: char,
        globals: &'a Variables,
        inputs: &'a Inputs<'a>,
    ) -> Self {
        // The image is built for the platform that is asked for, not for that of its base.
        facts.architectures = Listing::default();
        let environment = facts.environment.items.iter();
        let mut variables: Variables = environment
            .map(|known| (known.value.name.to_string(), known.value.value.as_ref().map(Text::to_string)))
            .collect();
        if closed {
            variables.entry("PATH".to_owned()).or_insert_with(|| Some(PATH.to_owned()));
        }
        let names = facts.environment.items.iter().enumerate();
        let positions = names.map(|(at, known)| (known.value.name.clone(), at)).collect();
        Self { facts, variables, closed, positions, has_command: false, length: 0, escape, globals, inputs }
    }

    /// A stage begins.
    pub(super) fn begin(&mut self) {
        self.has_command = false;
        self.facts.triggers.clear();
    }

    /// The image as it is.
    pub(super) fn finish(self) -> Facts {
        let mut facts = self.facts;
        let mut seen = BTreeSet::new();
        facts.ports.items.retain(|known| seen.insert(known.value));
        for paths in [&mut facts.volumes, &mut facts.content] {
            let mut seen = BTreeSet::new();
            paths.items.retain(|known| seen.insert(known.value.clone()));
        }
        facts
    }

    /// What an instruction does.
    pub(super) fn apply(&mut self, instruction: &Instruction) -> Result<(), Problem> {
        let problem = |reason| Problem { range: instruction.range.clone(), reason };
        self.change(&instruction.kind, &instruction.range).map_err(problem)
    }

    fn change(&mut self, kind: &Kind, range: &Range<usize>) -> Result<(), String> {
        match kind {
            Kind::Arg(names) => return self.arguments(names),
            Kind::Env(pairs) => return self.variables(pairs, range),
            Kind::Expose(words) => return self.ports(words),
            Kind::User(text) => {
                self.facts.user = match self.expanded(text)? {
                    None => Fact::Unknown,
                    Some(text) if text.is_empty() => Fact::Absent(self.evidence(range)),
                    Some(text) => self.present(user::read(&text, &self.facts), range),
                };
                self.facts.settles_as = None;
            }
            Kind::Workdir(text) => {
                let path = self.expanded(text)?.and_then(|path| self.absolute(&path));
                self.facts.working_dir = path.map_or(Fact::Unknown, |path| self.present(path, range));
            }
            Kind::Volume(words) => return self.volumes(words),
            Kind::StopSignal(text) => {
                let signal = self.expanded(text)?.map(Text::from);
                self.facts.stop_signal = signal.map_or(Fact::Unknown, |signal| self.present(signal, range));
            }
            Kind::Shell(words) => self.facts.shell = self.present(words.clone(), range),
            Kind::Cmd(form) => {
                self.facts.command = self.process(form, range);
                self.has_command = true;
            }
            Kind::Entrypoint(form) => {
                self.facts.entrypoint = self.process(form, range);
                self.facts.settles_as = None;
                if !self.has_command {
                    self.facts.command = Fact::Absent(self.evidence(range));
                }
            }
            Kind::Healthcheck(None) => self.facts.healthcheck = Fact::Absent(self.evidence(range)),
            Kind::Healthcheck(Some(health)) => self.facts.healthcheck = self.present(health.clone(), range),
            Kind::Copy(word) => return self.copy(word),
            Kind::Run(form, documents) => {
                self.facts.content.complete = false;
                let evidence = self.evidence(range);
                accounts::learn(&mut self.facts, form, documents, &evidence);
            }
            Kind::Onbuild(text, _) => {
                self.facts.triggers.push(Known { value: text.clone(), evidence: self.evidence(range) });
            }
            Kind::From { .. } | Kind::Other => {}
        }
        Ok(())
    }

    fn arguments(&mut self, names: &[(String, Option<String>)]) -> Result<(), String> {
        for (name, default) in names {
            let value = match (self.inputs.arguments.get(name), default, self.globals.get(name)) {
                (Some(value), _, _) => Some(value.clone()),
                (None, Some(default), _) => self.expanded(default)?,
                (None, None, Some(global)) => global.clone(),
                // What the base image has under that name stays.
                (None, None, None) => continue,
            };
            self.variables.insert(name.clone(), value);
        }
        Ok(())
    }

    fn variables(&mut self, pairs: &[(String, String)], range: &Range<usize>) -> Result<(), String> {
        // All values are replaced before the first of them is set.
        let mut expanded = Vec::new();
        for (name, value) in pairs {
            expanded.push((self.expanded(name)?, self.expanded(value)?));
        }
        for (name, value) in expanded {
            let Some(name) = name else {
                // Which variable is set is not known, so none is.
                self.variables.clear();
                self.closed = false;
                self.positions.clear();
                self.facts.environment = Listing::default();
                continue;
            };
            let variable = ImageVariable { name: Text::new(&name), value: value.as_deref().map(Text::new) };
            let position = self.positions.get(&variable.name).copied();
            let known = Known { evidence: self.evidence(range), value: variable };
            let items = &mut self.facts.environment.items;
            match position.and_then(|at| items.get_mut(at)) {
                Some(item) => *item = known,
                None => {
                    self.positions.insert(known.value.name.clone(), items.len());
                    items.push(known);
                }
            }
            self.variables.insert(name, value);
        }
        Ok(())
    }

    fn ports(&mut self, words: &[Word]) -> Result<(), String> {
        for word in words {
            let lexed = self.lexed(&word.text)?;
            if !lexed.known {
                self.facts.ports.complete = false;
                continue;
            }
            for text in &lexed.words {
                let known = Known { value: ports::read(text)?, evidence: self.evidence(&word.range) };
                self.facts.ports.items.push(known);
            }
        }
        Ok(())
    }

    fn volumes(&mut self, words: &[Word]) -> Result<(), String> {
        for word in words {
            match self.expanded(word.text.trim())? {
                Some(path) if path.is_empty() => {
                    return Err("nothing is left of a path of `VOLUME`".to_owned());
                }
                Some(path) => {
                    // A path of Windows stays as it is.
                    let value =
                        if is_windows(&path) { Text::from(path) } else { Text::from(join("/", &path)) };
                    let known = Known { value, evidence: self.evidence(&word.range) };
                    self.facts.volumes.items.push(known);
                }
                None => self.facts.volumes.complete = false,
            }
        }
        Ok(())
    }

    fn copy(&mut self, word: &Word) -> Result<(), String> {
        let path = self.expanded(&word.text)?.and_then(|path| self.absolute(&path));
        let Some(path) = path else {
            self.facts.content.complete = false;
            return Ok(());
        };
        if matches!(path.as_str(), "/" | "/etc" | "/etc/passwd" | "/etc/group") {
            // Other accounts may come with the files.
            self.facts.accounts.clear();
            self.facts.groups.clear();
        }
        let known = Known { value: path, evidence: self.evidence(&word.range) };
        self.facts.content.items.push(known);
        Ok(())
    }

    fn process(&self, form: &Form, range: &Range<usize>) -> Fact<Process> {
        let process = match form {
            Form::Exec(words) if words.is_empty() => return Fact::Absent(self.evidence(range)),
            Form::Exec(words) => Process::Exec(words.clone()),
            Form::Shell(line) => {
                let shell = match self.facts.shell.value() {
                    Some(shell) => shell.clone(),
                    None => vec![Text::new_static("/bin/sh"), Text::new_static("-c")],
                };
                Process::Shell { shell, line: line.clone(), assumed: self.facts.shell.is_unknown() }
            }
        };
        self.present(process, range)
    }

    /// The path as seen from the working directory; nothing when that is not known, or Windows' own.
    fn absolute(&self, path: &str) -> Option<Text> {
        if is_windows(path) {
            return None;
        }
        let base = match &self.facts.working_dir {
            Fact::Present(known) => known.value.as_str(),
            Fact::Absent(_) => "/",
            Fact::Unknown if path.starts_with('/') => "/",
            Fact::Unknown => return None,
        };
        Some(Text::from(join(base, path)))
    }

    /// The text with its variables replaced; nothing when one of them is not known.
    fn expanded(&mut self, text: &str) -> Result<Option<String>, String> {
        let otherwise = if self.closed { Lookup::Unset } else { Lookup::Unknown };
        let lookup = |name: &str| known(&self.variables, name, otherwise);
        let expanded = expand(text, self.escape, &lookup)?;
        self.spend(expanded.as_ref().map_or(0, String::len))?;
        Ok(expanded)
    }

    fn lexed(&mut self, text: &str) -> Result<Lexed, String> {
        let otherwise = if self.closed { Lookup::Unset } else { Lookup::Unknown };
        let lookup = |name: &str| known(&self.variables, name, otherwise);
        let lexed = Lexer::new(self.escape, &lookup).lex(text)?;
        self.spend(lexed.text.len())?;
        Ok(lexed)
    }

    fn spend(&mut self, length: usize) -> Result<(), String> {
        self.length = self.length.saturating_add(length);
        if self.length > LENGTH {
            return Err(format!("its variables stand for more than {} MiB of text", LENGTH >> 20));
        }
        Ok(())
    }

    fn evidence(&self, range: &Range<usize>) -> Evidence {
        Evidence::Dockerfile((self.inputs.place)(range.clone()))
    }

    fn present<T>(&self, value: T, range: &Range<usize>) -> Fact<T> {
        Fact::Present(Known { value, evidence: self.evidence(range) })
    }
}
