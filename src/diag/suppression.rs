//! A comment that allows rules for what it stands at: `# transship: allow host-network -- reason until 2027-01-31`.

use super::date::Date;
use crate::source::Text;
use crate::source::span::Span;

/// The form that such a comment has.
pub const FORM: &str = "# transship: allow RULE -- reason";

/// A comment that speaks to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Its place, `#` included.
    pub span: Span,
    /// What goes when it is removed: it and the blanks before it, or its whole line.
    pub whole: Span,
    /// What it covers; nothing when nothing stands below it.
    pub covers: Option<Span>,
    /// Whether a load takes in all of its file, so that it can be said to be of no use.
    pub whole_file: bool,
    /// What it says, or what is wrong with it.
    pub words: Result<Words, Misread>,
}

/// What such a comment says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The rules and their places, as they are written.
    pub rules: Vec<(Text, Span)>,
    /// Why.
    pub reason: Option<Text>,
    /// The last day on which it holds.
    pub until: Option<Date>,
}

/// What cannot be understood of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    /// The place.
    pub span: Span,
    /// The fact.
    pub message: String,
    /// What would be right.
    pub tip: String,
}

/// Whether a comment speaks to us: `text` is all of it, `#` included.
#[must_use]
pub fn is_meant(text: &str) -> bool {
    body(text).is_some()
}

/// What a comment says that [`is_meant`] for us.
///
/// # Errors
/// When a part of it cannot be understood.
pub fn read(text: &str, span: Span) -> Result<Words, Misread> {
    let place = |part: &str| {
        let start = span.range().start + (part.as_ptr().addr() - text.as_ptr().addr());
        Span::new(span.file, start, start + part.len())
    };
    let misread = |part: &str, message: String, tip: String| Err(Misread { span: place(part), message, tip });
    let written = format!("write `{FORM}`");
    let Some((name, Some(rest))) = body(text) else {
        let message = "a `:` is missing, so the comment allows nothing".to_owned();
        return misread(text.trim_end(), message, written);
    };
    let (verb, rest) = first_word(rest);
    if verb != "allow" {
        let (part, fact) = if verb.is_empty() {
            (name, "the comment says nothing to transship".to_owned())
        } else {
            (verb, format!("`{verb}` is no word that transship knows here, so the comment allows nothing"))
        };
        return misread(part, fact, written);
    }
    let (rest, until) = match last_day(rest) {
        Some((_, date, None)) => {
            let message = format!("`{date}` is no day, so the comment allows nothing");
            return misread(date, message, "write the day as `until 2027-01-31`".to_owned());
        }
        Some((rest, _, until)) => (rest, until),
        None => (rest, None),
    };
    let (list, reason) =
        rest.split_once("--").map_or((rest, None), |(list, reason)| (list, Some(reason.trim())));
    let mut rules = Vec::new();
    for item in list.split(',').map(str::trim) {
        let (rule, more) = first_word(item);
        if rule.is_empty() {
            return misread(verb, "a rule is missing, so the comment allows nothing".to_owned(), written);
        }
        if !more.is_empty() {
            let message = format!(
                "`{}` stands between the rule and the end, so the comment allows nothing",
                first_word(more).0
            );
            return misread(more, message, "put `,` between rules, and `--` before the reason".to_owned());
        }
        rules.push((Text::new(rule), place(rule)));
    }
    Ok(Words { rules, reason: reason.filter(|reason| !reason.is_empty()).map(Text::new), until })
}

/// Our name in a comment that begins with it, and what stands behind the colon; without a colon only where `allow`
/// follows, because people write about us as well.
fn body(text: &str) -> Option<(&str, Option<&str>)> {
    let words = text.trim_start_matches('#').trim_start();
    let (name, rest) = words.split_at_checked("transship".len())?;
    if !name.eq_ignore_ascii_case("transship") {
        return None;
    }
    match rest.trim_start().strip_prefix(':') {
        Some(rest) => Some((name, Some(rest.trim()))),
        None if rest.starts_with([' ', '\t']) && first_word(rest.trim_start()).0 == "allow" => {
            Some((name, None))
        }
        None => None,
    }
}

/// The first word, and what comes behind it.
fn first_word(text: &str) -> (&str, &str) {
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

/// What comes before `until DAY` at the end, the words of the day, and the day when it is one.
fn last_day(text: &str) -> Option<(&str, &str, Option<Date>)> {
    let (before, day) = text.rsplit_once([' ', '\t'])?;
    let before = before.trim_end();
    let rest =
        before.strip_suffix("until").filter(|rest| rest.is_empty() || rest.ends_with([' ', '\t', '-']))?;
    // A reason may end with such words: "until tomorrow".
    day.starts_with(|letter: char| letter.is_ascii_digit()).then(|| (rest.trim_end(), day, Date::read(day)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::span::FileId;

    fn said(text: &str) -> String {
        if !is_meant(text) {
            return "not meant".to_owned();
        }
        let part = |span: Span| &text[span.range()];
        match read(text, Span::new(FileId(0), 0, text.len())) {
            Ok(Words { rules, reason, until }) => {
                let rules: Vec<&str> = rules.iter().map(|(_, span)| part(*span)).collect();
                let until = until.map(|until| until.to_string());
                format!(
                    "{} | {} | {}",
                    rules.join(" "),
                    reason.unwrap_or_default(),
                    until.unwrap_or_default()
                )
            }
            Err(misread) => format!("{}: {}", part(misread.span), misread.message),
        }
    }

    #[test]
    fn a_comment_names_rules_a_reason_and_a_day() {
        assert_eq!(said("# transship: allow host-network -- it routes"), "host-network | it routes | ");
        assert_eq!(said("#transship:allow a,b , c--x -- y"), "a b c | x -- y | ");
        assert_eq!(said("# transship: allow a -- x until 2027-01-31 "), "a | x | 2027-01-31");
        assert_eq!(said("# transship: allow a until 2027-01-31"), "a |  | 2027-01-31");
        assert_eq!(said("# transship: allow a --"), "a |  | ");
        assert_eq!(said("# transship: allow a -- until tomorrow"), "a | until tomorrow | ");
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(
            said("# transship: alow a -- x"),
            "alow: `alow` is no word that transship knows here, so the comment allows nothing"
        );
        assert_eq!(said("# transship:"), "transship: the comment says nothing to transship");
        assert_eq!(
            said("# Transship: allow -- x"),
            "allow: a rule is missing, so the comment allows nothing"
        );
        assert_eq!(said("# transship: allow a,"), "allow: a rule is missing, so the comment allows nothing");
        assert_eq!(
            said("# transship: allow a because of b"),
            "because of b: `because` stands between the rule and the end, so the comment allows nothing"
        );
        assert_eq!(
            said("# transship: allow a -- x until 2027-02-30"),
            "2027-02-30: `2027-02-30` is no day, so the comment allows nothing"
        );
        assert_eq!(
            said("# transship allow a -- x"),
            "# transship allow a -- x: a `:` is missing, so the comment allows nothing"
        );
    }

    #[test]
    fn people_may_write_about_us() {
        for text in
            ["# transship converts this", "# see transship: allow", "#", "# transshipment: late", "# ü"]
        {
            assert_eq!(said(text), "not meant");
        }
    }
}
