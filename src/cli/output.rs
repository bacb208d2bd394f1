//! Standard output and standard error, each through one door.

use std::ffi::OsStr;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::args::Color;
use super::error::Error;
use crate::report::{Style, safe, text};

/// Takes what was asked for, and what else is to be said.
pub struct Output {
    out: BufWriter<StdoutLock<'static>>,
    /// How findings look on standard output.
    pub style: Style,
    /// How findings look on standard error.
    pub error_style: Style,
    closed: bool,
}

impl Output {
    /// The streams of this process.
    #[must_use]
    pub fn new(color: Color) -> Self {
        let out = io::stdout().lock();
        let style = Style { color: wanted(color, out.is_terminal()) };
        let error_style = Style { color: wanted(color, io::stderr().is_terminal()) };
        Self { out: BufWriter::new(out), style, error_style, closed: false }
    }

    /// Writes what was asked for.
    ///
    /// # Errors
    /// When the stream takes no more; a reader that went away is no error.
    pub fn write(&mut self, text: &str) -> Result<(), Error> {
        if self.closed {
            return Ok(());
        }
        let written = self.out.write_all(text.as_bytes());
        self.judge(written)
    }

    /// Writes the texts of many pieces, one after the other. They are made by all processors, a few at a time, so that
    /// little memory is needed.
    ///
    /// # Errors
    /// When the stream takes no more; a reader that went away is no error.
    pub fn write_all<P: Sync>(
        &mut self,
        pieces: &[P],
        text: impl Fn(&P) -> String + Sync,
    ) -> Result<(), Error> {
        /// So many pieces are in memory at once.
        const PIECES: usize = 8;
        for part in pieces.chunks(PIECES) {
            let texts: Vec<String> = match part {
                [piece] => vec![text(piece)],
                many => many.par_iter().map(&text).collect(),
            };
            texts.iter().try_for_each(|text| self.write(text))?;
        }
        Ok(())
    }

    /// Writes out what is still held back.
    ///
    /// # Errors
    /// When the stream takes no more; a reader that went away is no error.
    pub fn finish(&mut self) -> Result<(), Error> {
        if self.closed {
            return Ok(());
        }
        let flushed = self.out.flush();
        self.judge(flushed)
    }

    /// Writes to standard error what was not asked for; nobody can be told when that fails.
    pub fn remark(&mut self, text: &str) {
        drop(io::stderr().lock().write_all(text.as_bytes()));
    }

    /// Says why the command could not run.
    pub fn complain(&mut self, error: &Error) {
        let (red, plain) = if self.error_style.color { ("\x1b[31;1m", "\x1b[0m") } else { ("", "") };
        if let Error::Settings(broken) = error {
            self.remark(&text::places(&broken.findings, &broken.files, self.error_style));
        }
        let (words, help) = (error.to_string(), error.help());
        self.remark(&format!("{red}error{plain}: {}\n  = {}\n", safe::visible(&words), safe::visible(&help)));
    }

    fn judge(&mut self, result: io::Result<()>) -> Result<(), Error> {
        match result {
            Ok(()) => Ok(()),
            // `transship lint | head` ends when `head` has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(error) => {
                self.closed = true;
                Err(Error::Output("standard output".into(), error.to_string()))
            }
        }
    }
}

fn wanted(color: Color, terminal: bool) -> bool {
    decided(color, terminal, std::env::var_os("NO_COLOR").as_deref(), std::env::var_os("TERM").as_deref())
}

/// A terminal gets colours unless somebody does not want them (<https://no-color.org>) or it has none.
fn decided(color: Color, terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            terminal && no_color.is_none_or(OsStr::is_empty) && term.is_none_or(|term| term != "dumb")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_colours_unless_somebody_does_not_want_them() {
        let auto = |terminal, no_color: Option<&'static str>, term: Option<&'static str>| {
            decided(Color::Auto, terminal, no_color.map(OsStr::new), term.map(OsStr::new))
        };
        assert!(auto(true, None, Some("xterm")) && auto(true, Some(""), None));
        assert!(!auto(false, None, Some("xterm")) && !auto(true, Some("1"), Some("xterm")));
        assert!(!auto(true, None, Some("dumb")));
    }

    #[test]
    fn what_the_flag_says_wins() {
        let (no_color, term) = (Some(OsStr::new("1")), Some(OsStr::new("dumb")));
        assert!(decided(Color::Always, false, no_color, term));
        assert!(!decided(Color::Never, true, None, None));
    }
}
