//! The one door to the YAML parser: its events with exact places, and its errors in our words.

use std::borrow::Cow;

use granit_parser::{
    ErrorKind, Event as Parsed, Parser, ScalarStyle, ScanError, StrInput, StructureStyle, options,
};

use super::gaps::{After, Gaps};
use super::inner;
use super::scalar::Tag;
use crate::source::span::{FileId, Span};

/// Something that stands in the text, in the order of the text.
pub(super) enum Event<'t> {
    /// A document begins.
    Begin,
    /// A document ends.
    Finish,
    /// A scalar.
    Scalar { text: Cow<'t, str>, style: Style, span: Span, properties: Properties },
    /// A collection opens; the place is that of its bracket, or a point.
    Open { shape: Shape, bracketed: bool, span: Span, properties: Properties },
    /// The innermost collection closes; the place is that of its bracket, or some point behind it.
    Close { span: Span },
    /// `*name`; the anchor's number when it was seen.
    Alias { target: Option<usize>, span: Span },
    /// `&name` of the scalar that came, or the collection that opened, just before.
    Anchor { span: Span },
    /// A comment.
    Comment { span: Span },
    /// Compose's reader refuses the document for what stands here, but the rest of it comes.
    Fault { span: Span, message: String },
    /// The document is broken here, and nothing more of it comes.
    Error { span: Span, message: String },
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Not at all: the place where a value would stand is empty.
    Absent,
    /// Without quotes.
    Plain,
    /// With quotes, or as a block.
    Quoted,
}

/// The shape of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A sequence.
    List,
    /// A mapping.
    Map,
}

/// What stands before a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Properties {
    /// The number of its anchor; 0 is none.
    pub(super) anchor: usize,
    /// Its tag.
    pub(super) tag: Tag,
    /// The place of the tag.
    pub(super) tag_span: Option<Span>,
}

/// The events of a text.
pub(super) struct Events<'t> {
    file: FileId,
    text: &'t str,
    parser: Parser<'t, StrInput<'t>>,
    /// The end of the last token that was no comment.
    cursor: usize,
    gaps: Gaps<'t>,
    /// A fault to be told before `held`.
    fault: Option<Event<'t>>,
    held: Option<Event<'t>>,
    /// Whether a fault of this document was told.
    faulty: bool,
    /// Whether a document came.
    begun: bool,
}

impl<'t> Events<'t> {
    /// The events of `text`.
    pub(super) fn new(file: FileId, text: &'t str) -> Self {
        let options = options! {
            emit_anchor_events: true,
            emit_unresolved_aliases: true,
            // 96 by default: a hundred commented-out lines under a key are no reason to refuse a file, but each takes
            // half a kilobyte while they wait for what comes behind them.
            max_buffered_comment_events: 200_000,
        };
        Self {
            file,
            text,
            parser: Parser::new_from_str_with_options(text, options),
            cursor: 0,
            gaps: Gaps::new(text),
            fault: None,
            held: None,
            faulty: false,
            begun: false,
        }
    }
}

impl<'t> Iterator for Events<'t> {
    type Item = Event<'t>;

    fn next(&mut self) -> Option<Event<'t>> {
        if let Some(event) = self.held.take() {
            return Some(event);
        }
        loop {
            match self.parser.next_event()? {
                Ok((event, place)) => {
                    let event = self.translate(event, place);
                    if let Some(fault) = self.fault.take() {
                        self.held = event;
                        return Some(fault);
                    }
                    if event.is_some() {
                        return event;
                    }
                }
                Err(error) => {
                    // One error a document; a second one that hides behind the search for the next document is
                    // the end of the file.
                    let _ = self.parser.proceed_next_document();
                    return Some(self.error(&error));
                }
            }
        }
    }
}

impl<'t> Events<'t> {
    fn translate(&mut self, event: Parsed<'t>, place: granit_parser::Span) -> Option<Event<'t>> {
        let span = self.span(place);
        Some(match event {
            Parsed::StreamStart => return None,
            Parsed::StreamEnd => {
                self.gap(self.text.len(), self.text.len(), After::Token);
                return None;
            }
            Parsed::DocumentStart(explicit, _) => {
                self.begin(explicit, span);
                Event::Begin
            }
            Parsed::DocumentEnd => {
                if !span.is_empty() {
                    self.pass(span);
                }
                Event::Finish
            }
            Parsed::Scalar(text, style, anchor, tag) => {
                let properties = self.properties(anchor, tag.as_deref(), place);
                self.scalar(text, style, span, properties)
            }
            Parsed::SequenceStart(style, anchor, tag) => {
                let properties = self.properties(anchor, tag.as_deref(), place);
                self.open(Shape::List, style, span, properties)
            }
            Parsed::MappingStart(style, anchor, tag) => {
                let properties = self.properties(anchor, tag.as_deref(), place);
                self.open(Shape::Map, style, span, properties)
            }
            Parsed::SequenceEnd | Parsed::MappingEnd => {
                let bracketed = !span.is_empty();
                if bracketed {
                    self.pass(span);
                }
                self.gaps.close(bracketed);
                Event::Close { span }
            }
            Parsed::Alias(target) => {
                self.pass(span);
                Event::Alias { target: Some(target), span }
            }
            Parsed::UnresolvedAlias(_) => {
                self.pass(span);
                Event::Alias { target: None, span }
            }
            Parsed::Anchor(..) => Event::Anchor { span },
            Parsed::Comment(..) => Event::Comment { span },
            // The parser's enum is open; the version is pinned, and these are all of its events.
            _ => return None,
        })
    }

    fn open(&mut self, shape: Shape, style: StructureStyle, span: Span, properties: Properties) -> Event<'t> {
        // A mapping of one entry in a flow sequence, `[a: b]`, is of flow style and has no brackets.
        let bracketed = style == StructureStyle::Flow && matches!(&self.text[span.range()], "[" | "{");
        if bracketed {
            self.pass(span);
        }
        self.gaps.open(span.start as usize, bracketed);
        Event::Open { shape, bracketed, span, properties }
    }

    fn scalar(
        &mut self,
        text: Cow<'t, str>,
        style: ScalarStyle,
        span: Span,
        properties: Properties,
    ) -> Event<'t> {
        match style {
            // What is not there arrives as `~` with an empty range.
            ScalarStyle::Plain if span.is_empty() => {
                Event::Scalar { text: Cow::Borrowed(""), style: Style::Absent, span, properties }
            }
            ScalarStyle::Plain => {
                self.cursor = self.cursor.max(span.end as usize);
                self.gap(span.start as usize, span.end as usize, self.gaps.plain());
                Event::Scalar { text, style: Style::Plain, span, properties }
            }
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                self.pass(span);
                if style == ScalarStyle::DoubleQuoted {
                    self.slash(span);
                }
                Event::Scalar { text, style: Style::Quoted, span, properties }
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let whole = self.block(span);
                let text = self.without_invented_newline(text, span, whole);
                self.gap(whole.start as usize, span.end as usize, After::Line);
                self.cursor = self.cursor.max(span.end as usize);
                Event::Scalar { text, style: Style::Quoted, span: whole, properties }
            }
        }
    }

    /// Finds the escape `\\/`, which YAML 1.2 has and go-yaml has not.
    fn slash(&mut self, span: Span) {
        let token = &self.text[span.range()];
        if !token.contains("\\/") {
            return;
        }
        let mut bytes = token.bytes().enumerate();
        while let Some((at, byte)) = bytes.next() {
            if byte == b'\\' && bytes.next().is_some_and(|(_, escaped)| escaped == b'/') {
                let start = span.start as usize + at;
                let message = "Compose does not know the escape `\\/`; write `/`".to_owned();
                self.refuse(Span::new(self.file, start, start + 2), message);
                return;
            }
        }
    }

    /// A block scalar at the end of a file without a final newline arrives with a newline that is not there, unless
    /// the last line is nothing but indentation.
    fn without_invented_newline(&self, text: Cow<'t, str>, content: Span, whole: Span) -> Cow<'t, str> {
        let at_end = content.end as usize == self.text.len() && !self.text.ends_with(['\n', '\r']);
        if !at_end || !text.ends_with('\n') {
            return text;
        }
        let indent = inner::indentation(self.text, whole.range());
        let line = &self.text[self.text.rfind(['\n', '\r']).map_or(0, |at| at + 1)..];
        // Of a block without content, as many newlines are there as lines end below the header.
        let ended = self.text[whole.range().start..].lines().count().saturating_sub(2);
        let invented = if indent == usize::MAX {
            text.len() > ended
        } else {
            line.len() > indent || line.bytes().any(|byte| byte != b' ')
        };
        if !invented {
            return text;
        }
        match text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[..text.len() - 1]),
            Cow::Owned(mut text) => {
                text.pop();
                Cow::Owned(text)
            }
        }
    }

    /// The whole of a block scalar, of which the parser tells the content and the blanks of the line after it: from
    /// its `|` or `>` to the last line that is not blank.
    fn block(&self, content: Span) -> Span {
        let start = self.header(content.start as usize);
        let end = content.end as usize;
        let written = self.text[start..end].trim_end_matches([' ', '\t', '\r', '\n']).len();
        let rest = &self.text[start + written..end];
        let blanks = rest.find(['\n', '\r']).unwrap_or(if content.is_empty() { 0 } else { rest.len() });
        Span::new(self.file, start, start + written + blanks)
    }

    /// Where the header of the block scalar that comes after the cursor starts. Before it stand indicators,
    /// properties and comments only.
    fn header(&self, content: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = self.cursor.min(content);
        while at < content {
            match bytes[at] {
                b'|' | b'>' => return at,
                b'#' => at += line(&bytes[at..]),
                b'&' | b'!' => at += word(&bytes[at..]),
                _ => at += 1,
            }
        }
        content
    }

    fn properties(
        &self,
        anchor: usize,
        tag: Option<&granit_parser::Tag>,
        place: granit_parser::Span,
    ) -> Properties {
        let span = || {
            place.tag_span().or(place.tag_start().map(granit_parser::Span::empty)).map(|tag| self.span(tag))
        };
        match tag {
            None => Properties { anchor, tag: Tag::None, tag_span: None },
            Some(tag) => Properties { anchor, tag: Tag::of(&tag.to_string()), tag_span: span() },
        }
    }

    fn error(&mut self, error: &ScanError) -> Event<'t> {
        self.gaps.lose();
        let start = self.floor(error.marker().byte_offset().unwrap_or(self.text.len()));
        let letter = self.text[start..].chars().next().filter(|letter| !matches!(letter, '\n' | '\r'));
        let end = start + letter.map_or(0, char::len_utf8);
        Event::Error { span: Span::new(self.file, start, end), message: words(error.kind()) }
    }

    /// Goes past a token that is neither a plain nor a block scalar.
    fn pass(&mut self, span: Span) {
        self.cursor = self.cursor.max(span.end as usize);
        self.gap(span.start as usize, span.end as usize, After::Token);
    }

    /// Goes past a token and notes a tab before it that indents.
    fn gap(&mut self, start: usize, end: usize, after: After) {
        if let Some(tab) = self.gaps.token(start, end, after) {
            self.refuse(Span::new(self.file, tab, tab + 1), words(&ErrorKind::TabInIndentation));
        }
    }

    fn begin(&mut self, explicit: bool, span: Span) {
        self.faulty = false;
        if explicit {
            self.pass(span);
        } else {
            let before = &self.text[self.cursor.min(span.start as usize)..span.start as usize];
            // YAML 1.2 lets a document without `---` follow `...`; go-yaml does not.
            if self.begun || before.lines().any(|line| line.starts_with("...")) {
                self.refuse(span.at_start(), "a document after `...` must start with `---`".to_owned());
            }
        }
        self.begun = true;
    }

    /// Notes the first fault of a document.
    fn refuse(&mut self, span: Span, message: String) {
        if !std::mem::replace(&mut self.faulty, true) {
            self.fault = Some(Event::Fault { span, message });
        }
    }

    /// The bytes of a place, kept inside the text whatever the parser says.
    fn span(&self, place: granit_parser::Span) -> Span {
        let range = place.byte_range().unwrap_or_default();
        let start = self.floor(range.start);
        Span::new(self.file, start, self.floor(range.end).max(start))
    }

    fn floor(&self, offset: usize) -> usize {
        self.text.floor_char_boundary(offset)
    }
}

fn line(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(bytes.len())
}

fn word(bytes: &[u8]) -> usize {
    bytes.iter().position(u8::is_ascii_whitespace).unwrap_or(bytes.len())
}

/// The parser's error in our words: what stands there, and what would be right.
fn words(kind: &ErrorKind) -> String {
    let known = match kind {
        ErrorKind::RecursionLimitExceeded => "more than 255 collections lie in each other here",
        ErrorKind::UnclosedQuotedScalar => "the quote that opens here is never closed",
        ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabNotAllowed => {
            "a tab stands where only spaces may indent"
        }
        ErrorKind::TabAtBlockScalarStart => "a block text starts with a tab; only spaces may indent it",
        ErrorKind::MappingValueNotAllowed => {
            "a `:` makes a mapping where none can be; quote the text, or put the key on its own line"
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => "a key without `:` behind it",
        ErrorKind::ExpectedBlockMappingKey => "a key is expected here, at the indentation of the keys above",
        ErrorKind::ExpectedBlockSequenceEntry => {
            "a `-` is expected here, at the indentation of the items above"
        }
        ErrorKind::ExpectedFlowMappingSeparator => "a `,` or `}` is expected here",
        ErrorKind::ExpectedFlowSequenceSeparator => "a `,` or `]` is expected here",
        ErrorKind::InvalidQuotedScalarIndent => {
            "a quoted text goes on here, left of where it may; indent the line, or close the quote before it"
        }
        ErrorKind::InvalidIndentation => "the indentation fits no collection above",
        ErrorKind::BlockSequenceEntryNotAllowed => "a list item cannot stand here",
        ErrorKind::InvalidTrailingDoubleQuotedScalar | ErrorKind::InvalidTrailingSingleQuotedScalar => {
            "text follows the closing quote; quote the whole value"
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            "this escape does not exist; write `\\\\` for a backslash, or use single quotes"
        }
        ErrorKind::UnclosedFlowCollection { open } => {
            return format!("the `{open}` that opens here is never closed");
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            return format!("`{close}` closes what `{open}` opened");
        }
        ErrorKind::UnexpectedCharacter { character } => {
            let code = u32::from(*character);
            if character.is_control() {
                return format!("the control character U+{code:04X} cannot stand here; take it out");
            }
            return format!("no value can start with `{character}`; quote it");
        }
        other => {
            let text = other.to_string();
            return text.trim_end_matches('.').replace('\n', " ");
        }
    };
    known.to_owned()
}
