//! Every format tells the same findings: each is read back as its readers do, and nothing in it steers a terminal or
//! tells a secret.

#![expect(
    clippy::disallowed_methods,
    reason = "a test reads the schemas that its documents are held against"
)]

#[path = "support/schema.rs"]
mod schema;
#[path = "support/xml.rs"]
mod xml;
#[path = "reports/readers.rs"]
mod readers;

use transship::diag::{Edit, Finding, Level, Safety, slugs};
use transship::lint;
use transship::report::{self, Format, Style, safe, word};
use transship::source::files::Files;
use transship::source::span::{FileId, Span};

/// What every format has to tell of a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seen {
    pub(crate) rule: String,
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) level: String,
    pub(crate) message: String,
}

const ODD: &str = "# ünïcode\nservices:\n  wéb: {image: \"a`b<script>|x\"} # 🦀\r\n  db:\n    environment:\n      DB_PASSWORD: hunter2\n\tend: \u{1b}[31m\u{202e}\n";

/// Files and findings as ugly as users and rules could make them.
fn ugly() -> (Files, Vec<Finding>) {
    let mut files = Files::default();
    let plain = files.add("compose.yaml", "version: '3'\nservices: {}\n");
    let odd = files.add("sub dir/ödd, 100%: [1].yaml", format!("\u{feff}{ODD}"));
    let escape = files.add("../up\u{1b}.yaml", "a: 1\n");
    files.add(".env", "A=1\n");
    let at = |id: FileId, text: &str, word: &str| {
        let start = text.find(word).expect("the word is there");
        Span::new(id, start, start + word.len())
    };
    let new = |level, span, path: &str, message: &str| Finding {
        level,
        ..Finding::new(slugs::UNKNOWN_KEY, span, path, message)
    };
    let script = "`a` <script>alert(1)</script> & ]]> [x](http://y) %0A::error:: | * _ \\ \"' @team #1";
    let whole = Span::new(odd, 0, ODD.len());
    let removal = Edit { span: Span::new(plain, 0, 13), text: String::new() };
    let telling = Edit { span: at(odd, ODD, "hunter2"), text: "\n      DB_PASSWORD: hunter2\n".into() };
    let findings = vec![
        Finding {
            slug: slugs::OBSOLETE_KEY,
            ..new(Level::Note, at(plain, "version", "version"), "version", "`version` is obsolete")
        }
        .tip("remove the line")
        .fix(Safety::Safe, "remove the line", vec![removal.clone()]),
        new(Level::Error, at(plain, "version: '3'\nservices", "services"), "services", "nothing here"),
        new(Level::Error, whole, "", "a `${VAR}` over many lines"),
        new(Level::Error, at(odd, ODD, "image"), "services.wéb.image", script).tip(script).at(script),
        new(Level::Warning, at(odd, ODD, "🦀"), "services.wéb", "`a`b` is unbalanced")
            .also(at(plain, "version", "version"), "see `here`")
            .also(at(odd, ODD, "db"), ""),
        new(Level::Warning, at(odd, ODD, "DB_PASSWORD"), "services.db.environment", "a `secret`").fix(
            Safety::Unsafe,
            "move it",
            vec![telling],
        ),
        new(Level::Note, at(odd, ODD, "\u{1b}"), "end", "\u{1b}[31m \u{202e} \r\n \u{9b} \u{7f}"),
        new(Level::Note, Span::new(odd, ODD.len(), ODD.len()), "end", "`` is the end"),
        new(Level::Warning, Span::new(escape, 0, 1), "a", "twice"),
        new(Level::Warning, Span::new(escape, 0, 1), "a", "twice"),
    ];
    (files, findings)
}

/// The same, and some that somebody allows.
fn with_allowed() -> (Files, Vec<Finding>) {
    let (files, mut findings) = ugly();
    for (level, reason) in [(Level::Error, "it is <b>old</b>"), (Level::Note, "why not")] {
        let span = Span::new(FileId(0), 14, 17);
        let finding = Finding::new(slugs::HOST_NETWORK, span, "services", "`x` is allowed");
        findings.push(Finding { level, allowed: Some(reason.into()), ..finding });
    }
    (files, findings)
}

/// What a reader of a format is to see.
fn expected(findings: &[Finding], files: &Files) -> Vec<Seen> {
    let seen = findings.iter().map(|finding| {
        let at = files.start(finding.primary.span);
        let allowed = finding.allowed.as_ref().map(|reason| format!(" (allowed: {reason})"));
        let level = if allowed.is_some() { Level::Note } else { finding.level };
        Seen {
            rule: finding.slug.0.to_owned(),
            file: safe::visible(&files.file(finding.primary.span.file).name).into_owned(),
            line: at.line,
            column: at.column,
            level: word(level).to_owned(),
            message: safe::visible(&finding.message).into_owned() + &allowed.unwrap_or_default(),
        }
    });
    sorted(seen.collect())
}

fn sorted(mut seen: Vec<Seen>) -> Vec<Seen> {
    seen.sort();
    seen
}

type Reader = fn(&str, &Files) -> Vec<Seen>;

const FORMATS: [(Format, Reader); 10] = [
    (Format::Text, readers::text),
    (Format::Concise, readers::concise),
    (Format::Json, readers::json),
    (Format::Sarif(lint::rule), readers::sarif),
    (Format::Github, readers::github),
    (Format::Gitlab, readers::gitlab),
    (Format::Junit, readers::junit),
    (Format::Checkstyle, readers::checkstyle),
    (Format::Rdjson, readers::rdjson),
    (Format::Markdown, readers::markdown),
];

#[test]
fn every_format_tells_the_same_findings() {
    for (format, read) in FORMATS {
        for (files, findings) in [ugly(), (ugly().0, Vec::new())] {
            let text = report::render(format, &findings, &files, Style::default());
            assert_eq!(sorted(read(&text, &files)), expected(&findings, &files), "{format:?}\n{text}");
        }
    }
}

#[test]
fn what_is_allowed_is_told_with_its_reason_and_alarms_nobody() {
    for (format, read) in &FORMATS[3..] {
        let (files, findings) = with_allowed();
        let text = report::render(*format, &findings, &files, Style::default());
        assert_eq!(sorted(read(&text, &files)), expected(&findings, &files), "{format:?}\n{text}");
    }
}

#[test]
fn no_format_steers_a_terminal_or_tells_a_secret() {
    let (files, findings) = with_allowed();
    for (format, _) in FORMATS {
        let text = report::render(format, &findings, &files, Style::default());
        let steers = |letter: &char| *letter != '\n' && safe::shown(*letter) != *letter;
        assert_eq!(text.chars().find(steers), None, "{format:?}");
        // In the JSON of our own, fixes are for the program that carries them out.
        assert!(matches!(format, Format::Json) || !text.contains("hunter2"), "{format:?}\n{text}");
    }
}

#[test]
fn the_json_is_what_its_schema_says() {
    let (files, findings) = with_allowed();
    let text = report::render(Format::Json, &findings, &files, Style::default());
    schema::hold("findings", &serde_json::from_str(&text).expect("JSON"));
}

#[test]
fn the_same_findings_are_the_same_bytes() {
    for (format, _) in FORMATS {
        let render = || {
            let (files, findings) = with_allowed();
            report::render(format, &findings, &files, Style::default())
        };
        assert_eq!(render(), render(), "{format:?}");
    }
}
