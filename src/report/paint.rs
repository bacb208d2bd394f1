//! Colours for the text report, as escape sequences.

use std::io::{self, Write};

use codespan_reporting::diagnostic::{LabelStyle, Severity};
use codespan_reporting::term::WriteStyle;

/// Takes text and colours; forgets the colours when it shall be plain.
#[derive(Debug, Default)]
pub struct Canvas {
    text: Vec<u8>,
    color: bool,
}

impl Canvas {
    /// An empty canvas.
    #[must_use]
    pub fn new(color: bool) -> Self {
        Self { text: Vec::new(), color }
    }

    /// What was written, without blanks at the ends of lines.
    #[must_use]
    pub fn into_text(self) -> String {
        let text = String::from_utf8_lossy(&self.text);
        text.lines().map(str::trim_end).flat_map(|line| [line, "\n"]).collect()
    }

    fn escape(&mut self, codes: &str) -> io::Result<()> {
        if self.color { write!(self.text, "\x1b[{codes}m") } else { Ok(()) }
    }
}

impl Write for Canvas {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The number of a level's colour: red, yellow, green.
fn hue(severity: Severity) -> &'static str {
    match severity {
        Severity::Bug | Severity::Error => "31",
        Severity::Warning => "33",
        Severity::Note | Severity::Help => "32",
    }
}

impl WriteStyle for Canvas {
    fn set_header(&mut self, severity: Severity) -> io::Result<()> {
        self.escape(&format!("0;1;{}", hue(severity)))
    }

    fn set_header_message(&mut self) -> io::Result<()> {
        self.escape("0;1")
    }

    fn set_line_number(&mut self) -> io::Result<()> {
        self.escape("0;34")
    }

    fn set_note_bullet(&mut self) -> io::Result<()> {
        self.escape("0;34")
    }

    fn set_source_border(&mut self) -> io::Result<()> {
        self.escape("0;34")
    }

    fn set_label(&mut self, severity: Severity, style: LabelStyle) -> io::Result<()> {
        let hue = match style {
            LabelStyle::Primary => hue(severity),
            LabelStyle::Secondary => "34",
        };
        self.escape(&format!("0;{hue}"))
    }

    fn reset(&mut self) -> io::Result<()> {
        self.escape("0")
    }
}
