//! Interpolation: `$NAME`, `${NAME}` and their forms, in a string, as Compose reads them.
//!
//! Compose matches a braced form greedily up to the last `}` of the line, then looks for the brace that closes it, and
//! goes on behind that one. Scanning on from the closing brace gives the same values and the same errors.

use std::ops::Range;

use smol_str::SmolStrBuilder;

use crate::source::Text;
use crate::source::origin::{Modifier, Part, PartKind, Template, Variable};

/// Words nested deeper than this are a problem: Compose has no limit, a stack has.
const DEPTH: usize = 64;

/// A text may grow to this by its variables: values of values of values double with each line of an env file.
const LARGEST: usize = 1 << 20;

/// What a name stands for.
pub type Lookup<'a> = dyn Fn(&str) -> Option<Text> + 'a;

/// A string after interpolation.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The text; after an error what could still be computed.
    pub value: Text,
    /// The string in its parts; nothing when it has no `$`.
    pub template: Option<Template>,
    /// What is wrong with it, in the order in which Compose meets it.
    pub problems: Vec<Problem>,
}

/// Something to say about a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The bytes of the template's text.
    pub range: Range<usize>,
    /// What it is.
    pub kind: ProblemKind,
}

/// What there is to say about a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// A `${` that opens no variable.
    Invalid,
    /// Words nested deeper than we follow.
    TooDeep,
    /// Variables make more of the text than we keep.
    TooLarge,
    /// A required variable without a value.
    Missing {
        /// Its name.
        name: Text,
        /// The message of the file's author, its variables by name: their values may be secrets. May be empty.
        message: Text,
    },
    /// A variable without a value, where the form has no default: Compose warns and takes the empty string.
    Unset {
        /// Its name.
        name: Text,
    },
}

impl Problem {
    /// Whether Compose refuses the file for it, rather than warn.
    #[must_use]
    pub fn is_error(&self) -> bool {
        match self.kind {
            ProblemKind::Invalid
            | ProblemKind::TooDeep
            | ProblemKind::TooLarge
            | ProblemKind::Missing { .. } => true,
            ProblemKind::Unset { .. } => false,
        }
    }
}

/// Replaces the variables of `text` by what `lookup` knows.
#[must_use]
pub fn interpolate(text: &Text, lookup: &Lookup<'_>) -> Outcome {
    if !text.contains('$') {
        return Outcome { value: text.clone(), template: None, problems: Vec::new() };
    }
    let mut scanner = Scanner { text, lookup, problems: Vec::new() };
    let parts = scanner.scan(0..text.len(), Mode { active: true, depth: 0 });
    Outcome {
        value: scanner.joined(&parts),
        template: Some(Template { text: text.clone(), parts }),
        problems: scanner.problems,
    }
}

struct Scanner<'a> {
    text: &'a str,
    lookup: &'a Lookup<'a>,
    problems: Vec<Problem>,
}

#[derive(Clone, Copy)]
struct Mode {
    /// Whether the words count: a default that is not taken is read for its parts only.
    active: bool,
    depth: usize,
}

/// What a `$` opens.
enum Match {
    Nothing,
    Escape,
    Invalid,
    Named(Range<usize>),
    Braced { name: Range<usize>, form: Option<Form>, end: usize },
}

struct Form {
    operator: u8,
    empty: bool,
    word: Range<usize>,
}

/// The last `}` of the line that was asked for last, so that a long line is searched once.
#[derive(Default)]
struct LastBrace {
    line_end: usize,
    brace: Option<usize>,
}

impl Scanner<'_> {
    fn scan(&mut self, range: Range<usize>, mode: Mode) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut literal = Literal::new(range.start);
        let mut last_brace = LastBrace::default();
        let mut at = range.start;
        while let Some(offset) = self.text[at..range.end].find('$') {
            let dollar = at + offset;
            literal.text.push_str(&self.text[at..dollar]);
            at = match self.match_at(dollar, range.end, &mut last_brace) {
                Match::Nothing => {
                    literal.text.push_str("$");
                    dollar + 1
                }
                Match::Escape => {
                    literal.text.push_str("$");
                    dollar + 2
                }
                Match::Invalid => {
                    literal.text.push_str("${");
                    self.report(mode, self.invalid_range(dollar, range.end), ProblemKind::Invalid);
                    dollar + 2
                }
                Match::Named(name) => {
                    literal.end(dollar, &mut parts);
                    let end = name.end;
                    let variable = self.plain(&(dollar..end), name, mode);
                    parts.push(part(dollar..end, PartKind::Variable(variable)));
                    literal = Literal::new(end);
                    end
                }
                Match::Braced { name, form, end } => {
                    literal.end(dollar, &mut parts);
                    let whole = dollar..end;
                    let variable = match form {
                        None => self.plain(&whole, name, mode),
                        Some(form) => self.formed(&whole, name, form, mode),
                    };
                    parts.push(part(whole, PartKind::Variable(variable)));
                    literal = Literal::new(end);
                    end
                }
            };
        }
        literal.text.push_str(&self.text[at..range.end]);
        literal.end(range.end, &mut parts);
        parts
    }

    fn match_at(&self, dollar: usize, end: usize, last_brace: &mut LastBrace) -> Match {
        let name_end = |start: usize| {
            let rest = self.text[start..end].char_indices();
            let mut inside = rest.skip_while(|(at, letter)| is_name(*letter, *at == 0)).map(|(at, _)| at);
            start + inside.next().unwrap_or(end - start)
        };
        let after = dollar + 1;
        match self.text.as_bytes()[after..end].first() {
            Some(b'$') => Match::Escape,
            Some(b'{') => {
                let name = after + 1..name_end(after + 1);
                if name.is_empty() { Match::Invalid } else { self.braced(dollar, name, end, last_brace) }
            }
            _ => {
                let name = after..name_end(after);
                if name.is_empty() { Match::Nothing } else { Match::Named(name) }
            }
        }
    }

    fn braced(&self, dollar: usize, name: Range<usize>, end: usize, last_brace: &mut LastBrace) -> Match {
        let bytes = &self.text.as_bytes()[..end];
        let byte = |at: usize| bytes.get(at).copied();
        if byte(name.end) == Some(b'}') {
            let end = name.end + 1;
            return Match::Braced { name, form: None, end };
        }
        let empty = byte(name.end) == Some(b':');
        let operator_at = name.end + usize::from(empty);
        let Some(operator @ (b'-' | b'+' | b'?')) = byte(operator_at) else { return Match::Invalid };
        let word_start = operator_at + 1;
        let Some(brace) = last_brace.behind(bytes, word_start) else { return Match::Invalid };
        let close = closing_brace(&bytes[dollar..=brace]).map_or(brace, |offset| dollar + offset);
        Match::Braced { name, form: Some(Form { operator, empty, word: word_start..close }), end: close + 1 }
    }

    fn plain(&mut self, whole: &Range<usize>, name: Range<usize>, mode: Mode) -> Variable {
        let name = Text::new(&self.text[name]);
        let value = (self.lookup)(&name);
        if value.is_none() {
            self.report(mode, whole.clone(), ProblemKind::Unset { name: name.clone() });
        }
        let result = value.clone().unwrap_or_default();
        Variable { name, modifier: Modifier::None, value, result }
    }

    fn formed(&mut self, whole: &Range<usize>, name: Range<usize>, form: Form, mode: Mode) -> Variable {
        let name = Text::new(&self.text[name]);
        let value = (self.lookup)(&name);
        let Form { operator, empty, word } = form;
        let present = value.as_ref().is_some_and(|value| !empty || !value.is_empty());
        let takes_word = if operator == b'+' { present } else { !present };
        let word = self.word(word, Mode { active: mode.active && takes_word, depth: mode.depth + 1 });
        let own = || value.clone().unwrap_or_default();
        let (result, modifier) = match operator {
            b'-' => (if takes_word { self.joined(&word) } else { own() }, Modifier::Default { empty, word }),
            b'+' => {
                (if takes_word { self.joined(&word) } else { own() }, Modifier::Alternative { empty, word })
            }
            _ => {
                if takes_word {
                    let missing = ProblemKind::Missing { name: name.clone(), message: written(&word) };
                    self.report(mode, whole.clone(), missing);
                }
                (if takes_word { Text::default() } else { own() }, Modifier::Required { empty, word })
            }
        };
        Variable { name, modifier, value, result }
    }

    fn word(&mut self, range: Range<usize>, mode: Mode) -> Vec<Part> {
        if mode.depth <= DEPTH {
            return self.scan(range, mode);
        }
        if !self.text[range.clone()].contains('$') {
            let mut parts = Vec::new();
            let mut literal = Literal::new(range.start);
            literal.text.push_str(&self.text[range.clone()]);
            literal.end(range.end, &mut parts);
            return parts;
        }
        self.report(mode, range.clone(), ProblemKind::TooDeep);
        vec![part(range.clone(), PartKind::Literal(Text::new(&self.text[range])))]
    }

    /// The values of the parts, one after the other; nothing when that is too much.
    fn joined(&mut self, parts: &[Part]) -> Text {
        let pieces = parts.iter().map(|part| match &part.kind {
            PartKind::Literal(literal) => literal,
            PartKind::Variable(variable) => &variable.result,
        });
        let length: usize = pieces.clone().map(|piece| piece.len()).sum();
        if length > LARGEST.max(self.text.len()) {
            let whole = 0..self.text.len();
            if !self.problems.iter().any(|problem| problem.kind == ProblemKind::TooLarge) {
                self.problems.push(Problem { range: whole, kind: ProblemKind::TooLarge });
            }
            return Text::default();
        }
        let mut text = SmolStrBuilder::new();
        pieces.for_each(|piece| text.push_str(piece));
        text.finish()
    }

    fn report(&mut self, mode: Mode, range: Range<usize>, kind: ProblemKind) {
        if mode.active {
            self.problems.push(Problem { range, kind });
        }
    }

    /// From the `${` to its `}`, when one follows before the line ends or another `$` comes.
    fn invalid_range(&self, dollar: usize, end: usize) -> Range<usize> {
        let start = dollar + 2;
        match self.text[start..end].find(['}', '$', '\n']) {
            Some(offset) if self.text.as_bytes()[start + offset] == b'}' => dollar..start + offset + 1,
            _ => dollar..start,
        }
    }
}

impl LastBrace {
    /// The last `}` of the line around `at`, when it is not before `at`. A word never spans lines.
    fn behind(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        if at >= self.line_end {
            let length = bytes[at..].iter().position(|byte| *byte == b'\n');
            self.line_end = length.map_or(bytes.len(), |length| at + length);
            self.brace =
                bytes[at..self.line_end].iter().rposition(|byte| *byte == b'}').map(|offset| at + offset);
        }
        self.brace.filter(|brace| *brace >= at)
    }
}

/// The brace that closes the form, by Compose's count: every `{` opens one, whether a variable or not, and the
/// character right behind a `{` is not looked at.
fn closing_brace(form: &[u8]) -> Option<usize> {
    let mut open = 0_usize;
    let mut at = 0;
    while at < form.len() {
        match form[at] {
            b'}' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return Some(at);
                }
            }
            b'{' => {
                open += 1;
                at += 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether Compose's pattern takes the character for part of a name; its `(?i)` lets the long s and the Kelvin sign in.
fn is_name(letter: char, first: bool) -> bool {
    matches!(letter, 'a'..='z' | 'A'..='Z' | '_' | '\u{17f}' | '\u{212a}')
        || (!first && letter.is_ascii_digit())
}

/// Literal text that is being gathered.
struct Literal {
    start: usize,
    text: SmolStrBuilder,
}

impl Literal {
    fn new(start: usize) -> Self {
        Self { start, text: SmolStrBuilder::new() }
    }

    fn end(self, end: usize, parts: &mut Vec<Part>) {
        if end > self.start {
            parts.push(part(self.start..end, PartKind::Literal(self.text.finish())));
        }
    }
}

fn part(range: Range<usize>, kind: PartKind) -> Part {
    let clip = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    Part { range: clip(range.start)..clip(range.end), kind }
}

/// The parts as a reader may see them: a variable stands for its value.
fn written(parts: &[Part]) -> Text {
    let mut text = SmolStrBuilder::new();
    for part in parts {
        match &part.kind {
            PartKind::Literal(literal) => text.push_str(literal),
            PartKind::Variable(variable) => text.push_str(&format!("${{{}}}", variable.name)),
        }
    }
    text.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `SET` is `set`, `EMPTY` is empty, the rest is unset.
    fn lookup(name: &str) -> Option<Text> {
        match name {
            "SET" | "s\u{17f}" => Some(Text::new("set")),
            "EMPTY" => Some(Text::default()),
            _ => None,
        }
    }

    fn run(text: &str) -> (Text, Vec<(Range<usize>, String)>) {
        let outcome = interpolate(&Text::new(text), &lookup);
        let words = |kind| match kind {
            ProblemKind::Invalid => "invalid".into(),
            ProblemKind::TooDeep => "too deep".into(),
            ProblemKind::TooLarge => "too large".into(),
            ProblemKind::Missing { name, message } => format!("{name} is missing: {message}"),
            ProblemKind::Unset { name } => format!("{name} is unset"),
        };
        let problems = outcome.problems.into_iter().map(|problem| (problem.range, words(problem.kind)));
        (outcome.value, problems.collect())
    }

    #[test]
    fn text_without_dollar_has_no_template() {
        let outcome = Outcome { value: Text::new("a{b}"), template: None, problems: Vec::new() };
        assert_eq!(interpolate(&Text::new("a{b}"), &lookup), outcome);
    }

    #[test]
    fn every_form_gives_what_compose_gives() {
        let cases = [
            ("a $SET ${SET} $$SET $${SET}", "a set set $SET ${SET}"),
            ("${SET-d} ${SET:-d} ${EMPTY-d} ${EMPTY:-d} ${X-d} ${X:-d}", "set set  d d d"),
            ("${SET+r} ${SET:+r} [${EMPTY+r}] [${EMPTY:+r}] [${X+r}] [${X:+r}]", "r r [r] [] [] []"),
            ("${SET?m} ${SET:?m} [${EMPTY?m}]", "set set []"),
            // A dollar before no name is itself; only a braced form can be invalid.
            ("$ $1 $. a$", "$ $1 $. a$"),
            ("${X:-$SET/${SET}}x${SET}", "set/setxset"),
            ("${X:-a${Y:-b${SET}}}", "abset"),
            ("${X-b:-c}", "b:-c"),
            ("${X:--1}", "-1"),
            ("${X:-a}}", "a}"),
            // Braces are counted, but the character behind an opening one is passed over.
            ("${X:-{a}}", "{a}"),
            ("${X:-{}}", "{}"),
            ("${X:-a\"}\"}", "a\"\"}"),
            // Letter case is folded by Unicode, which lets the long s be part of a name.
            ("$s\u{17f}é ${s\u{17f}}", "seté set"),
        ];
        for (text, value) in cases {
            assert_eq!(run(text), (Text::new(value), Vec::new()), "{text}");
        }
    }

    #[test]
    fn problems_come_in_the_order_of_compose_and_with_their_bytes() {
        let says = |words: &str| words.to_owned();
        let cases = [
            ("a $X ${Y}", "a  ", vec![(2..4, says("X is unset")), (5..9, says("Y is unset"))]),
            ("${SET:-$X}", "set", vec![]),
            ("${Y:-$X}", "", vec![(5..7, says("X is unset"))]),
            ("a${X:?need $SET}b", "ab", vec![(1..16, says("X is missing: need ${SET}"))]),
            ("${EMPTY:?}", "", vec![(0..10, says("EMPTY is missing: "))]),
            ("${X:?${Y?y}}", "", vec![(5..11, says("Y is missing: y")), (0..12, says("X is missing: ${Y}"))]),
            (
                "a${} ${1A} ${",
                "a${} ${1A} ${",
                vec![(1..4, says("invalid")), (5..10, says("invalid")), (11..13, says("invalid"))],
            ),
            ("${SET:x}", "${SET:x}", vec![(0..8, says("invalid"))]),
            // A word ends on its line.
            ("${X:-a\nb}", "${X:-a\nb}", vec![(0..2, says("invalid"))]),
            ("${SET", "${SET", vec![(0..2, says("invalid"))]),
            // The brace behind `{` is not counted, so that the word goes on to the end of the line.
            ("${X:-{}} ${SET}", "{}} ${SET", vec![(9..11, says("invalid"))]),
            ("${X:-${}}", "${}", vec![(5..8, says("invalid"))]),
        ];
        for (text, value, problems) in cases {
            assert_eq!(run(text), (Text::new(value), problems), "{text}");
        }
    }

    #[test]
    fn parts_keep_words_and_their_places_in_the_whole_template() {
        let template = interpolate(&Text::new("a$$b${X:-c${SET}}"), &lookup).template;
        let set = Text::new("set");
        let inner = Variable {
            name: Text::new("SET"),
            modifier: Modifier::None,
            value: Some(set.clone()),
            result: set,
        };
        let word =
            vec![part(9..10, PartKind::Literal(Text::new("c"))), part(10..16, PartKind::Variable(inner))];
        let outer = Variable {
            name: Text::new("X"),
            modifier: Modifier::Default { empty: true, word },
            value: None,
            result: Text::new("cset"),
        };
        let parts =
            vec![part(0..4, PartKind::Literal(Text::new("a$b"))), part(4..17, PartKind::Variable(outer))];
        assert_eq!(template, Some(Template { text: Text::new("a$$b${X:-c${SET}}"), parts }));
    }

    #[test]
    fn deep_nesting_is_a_problem_and_long_lines_are_quick() {
        let deep = format!("{}{}", "${X:-".repeat(100_000), "}".repeat(100_000));
        let problem = (DEPTH + 1) * 5..deep.len() - (DEPTH + 1);
        assert_eq!(run(&deep).1, [(problem, "too deep".to_owned())]);
        let long = "${X:-a}".repeat(100_000);
        assert_eq!(run(&long), (Text::new("a".repeat(100_000)), Vec::new()));
        let open = "${X:-".repeat(100_000);
        assert_eq!(run(&open).1.len(), 100_000);
    }
}
