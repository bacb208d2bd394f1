//! Looks for addresses that hold a password.

use std::ops::Range;

use crate::compose::codec::{Codec, Leaf, Walker};
use crate::diag::sensitive::passwords;
use crate::diag::{Finding, slugs};
use crate::plan::address::push_key;
use crate::rule::secret::{self, Written};
use crate::rule::{Ctx, Sink, place};
use crate::source::span::{Identity, Spanned};

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    let mut reader = Reader { ctx, sink, path: String::new(), open: Vec::new(), place: None };
    ctx.project.model.walk(&mut reader);
}

/// Walks over every text of the project.
struct Reader<'r, 'c> {
    ctx: &'r Ctx<'c>,
    sink: &'r mut Sink,
    path: String,
    /// What is open: how long the path is there, and at which item a list is.
    open: Vec<(usize, Option<usize>)>,
    place: Option<Spanned<()>>,
}

impl Reader<'_, '_> {
    fn open(&mut self, item: Option<usize>) {
        self.item();
        self.open.push((self.path.len(), item));
    }

    /// Puts the number of the next item behind the path of its list.
    fn item(&mut self) {
        if let Some((length, Some(at))) = self.open.last_mut() {
            self.path.truncate(*length);
            self.path.push_str(&format!("[{at}]"));
            *at += 1;
        }
    }

    fn text(&mut self, text: &str, place: &Spanned<()>) {
        let found = passwords(text).into_iter().filter(|range| !is_placeholder(&text[range.clone()]));
        let found = found.filter_map(|range| Some((secret::written(self.ctx, place, text, &range)?, range)));
        let Some((written, range)) = found.into_iter().next() else { return };
        let message = match &written {
            Written::Literal => "the address holds its password in clear: the whole of it becomes a secret, and the file shows it".to_owned(),
            Written::Default(variable) => format!(
                "the address holds the default of `{variable}` as its password: whoever reads the file knows it where nobody sets another"
            ),
        };
        // The key is shown where there is one, else what stands before the password.
        let span = if place.key == place.span || place.key.is_empty() {
            place::part(self.ctx, place, text, before(text, &range))
        } else {
            place.key
        };
        let finding = Finding::new(slugs::CREDENTIAL_IN_URL, span, &self.path, message);
        self.sink.report(
            finding.tip("put the address together from variables, and demand the password: `${NAME:?}`"),
        );
    }
}

/// The scheme and the user before a password.
fn before(text: &str, password: &Range<usize>) -> Range<usize> {
    let scheme = text[..password.start].rfind("://").unwrap_or_default();
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.');
    let start = text[..scheme].trim_end_matches(is_word).len();
    start..password.start - 1
}

/// Whether a password only shows where one has to be written.
fn is_placeholder(password: &str) -> bool {
    password.starts_with(['<', '{', '%', '['])
        || password.bytes().all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.'))
}

impl Walker for Reader<'_, '_> {
    fn open_struct(&mut self, _: &'static str) {
        self.open(None);
    }

    fn open_map(&mut self) {
        self.open(None);
    }

    fn open_list(&mut self) {
        self.open(Some(0));
    }

    fn close(&mut self) {
        if let Some((length, _)) = self.open.pop() {
            self.path.truncate(length);
        }
    }

    fn key(&mut self, key: &str) {
        if let Some((length, _)) = self.open.last() {
            self.path.truncate(*length);
        }
        push_key(&mut self.path, key);
    }

    fn place(&mut self, place: &Spanned<()>, _: Identity) {
        self.place = Some(place.clone());
    }

    fn leaf(&mut self, leaf: Leaf<'_>) {
        self.item();
        let place = self.place.take();
        if let (Leaf::Text(text), Some(place)) = (leaf, place)
            && text.contains("://")
        {
            self.text(text, &place);
        }
    }

    fn extension(&mut self, _: &crate::tree::Entry) {}
}
