//! What a shell would run: the commands of a script, what joins them, and how deep they stand.

use std::iter::Peekable;
use std::str::CharIndices;

use crate::source::Text;
use crate::source::span::Spanned;

/// A command of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Its words, quotes taken away; variables and substitutions stand as they are written.
    pub words: Vec<String>,
    /// What stands before it.
    pub joint: Joint,
    /// Whether the script goes on without waiting for it.
    pub background: bool,
    /// The loops, conditions, functions and subshells around it.
    pub around: Vec<Around>,
    /// The files that its output goes to, `/dev/null` and other descriptors aside.
    pub writes: Vec<String>,
}

/// What joins a command to the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Joint {
    /// `;`, `&`, the end of a line, or the beginning of the script.
    #[default]
    Next,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `|`
    Pipe,
}

/// What stands around a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// The condition of a loop.
    Until,
    /// The body of a loop.
    Loop,
    /// A condition, its branches, a case.
    Choice,
    /// Braces, a function or a subshell.
    Group,
}

const SHELLS: [&str; 6] = ["sh", "bash", "ash", "dash", "zsh", "ksh"];

/// The script among the words of a command line: what follows `sh -c`, also behind `tini --` and the like.
#[must_use]
pub fn script<'w>(words: &[&'w Spanned<Text>]) -> Option<&'w Spanned<Text>> {
    words.windows(3).find(|window| is_shell(&window[0].value, &window[1].value)).map(|window| window[2])
}

/// Whether two words call a shell with a script.
#[must_use]
pub fn is_shell(program: &str, flag: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    let letters = flag.strip_prefix('-').filter(|letters| !letters.starts_with('-'));
    SHELLS.contains(&name) && letters.is_some_and(|letters| letters.contains('c'))
}

/// The commands of a script, in order.
#[must_use]
pub fn steps(script: &str) -> Vec<Step> {
    let mut reader = Reader::of(script);
    reader.run();
    reader.steps
}

struct Reader<'t> {
    script: &'t str,
    letters: Peekable<CharIndices<'t>>,
    steps: Vec<Step>,
    step: Step,
    joint: Joint,
    around: Vec<Around>,
    /// Ends of the texts that follow on the next lines.
    heredocs: Vec<String>,
}

impl<'t> Reader<'t> {
    fn of(script: &'t str) -> Self {
        Self {
            script,
            letters: script.char_indices().peekable(),
            steps: Vec::new(),
            step: Step::default(),
            joint: Joint::Next,
            around: Vec::new(),
            heredocs: Vec::new(),
        }
    }

    fn run(&mut self) {
        while let Some((at, letter)) = self.letters.next() {
            match letter {
                ' ' | '\t' | '\r' => {}
                '\\' if self.accept('\n') => {}
                '\n' => {
                    self.end(Joint::Next, false);
                    self.skip_heredocs();
                }
                ';' => self.end(Joint::Next, false),
                '&' if self.accept('&') => self.end(Joint::And, false),
                '&' if self.accept('>') => self.redirect(true),
                '&' => self.end(Joint::Next, true),
                '|' if self.accept('|') => self.end(Joint::Or, false),
                '|' => {
                    self.accept('&');
                    self.end(Joint::Pipe, false);
                }
                '(' => {
                    self.end(self.joint, false);
                    self.around.push(Around::Group);
                }
                ')' => {
                    self.end(Joint::Next, false);
                    if self.around.last() == Some(&Around::Group) {
                        self.around.pop();
                    }
                }
                '#' => while self.letters.next_if(|(_, next)| *next != '\n').is_some() {},
                '<' => self.input(),
                '>' => self.redirect(true),
                _ => self.word(at, letter),
            }
        }
        self.end(Joint::Next, false);
    }

    fn accept(&mut self, letter: char) -> bool {
        self.letters.next_if(|(_, next)| *next == letter).is_some()
    }

    /// Ends the command at hand.
    fn end(&mut self, next: Joint, background: bool) {
        let step = std::mem::take(&mut self.step);
        if step.words.is_empty() && step.writes.is_empty() {
            // An operator at the end of a line joins what stands on the next.
            if next != Joint::Next {
                self.joint = next;
            }
            return;
        }
        self.steps.push(Step { joint: self.joint, background, around: self.around.clone(), ..step });
        self.joint = next;
    }

    fn word(&mut self, start: usize, first: char) {
        let (text, quoted) = self.text(start, first);
        let digits = !quoted && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits && self.letters.peek().is_some_and(|(_, next)| matches!(next, '>' | '<')) {
            let out = self.accept('>');
            return if out { self.redirect(text != "2") } else { self.input_after() };
        }
        if quoted || !self.step.words.is_empty() || !self.keyword(&text) {
            self.step.words.push(text);
        }
    }

    fn input_after(&mut self) {
        self.letters.next();
        self.input();
    }

    /// Whether a word at the beginning of a command is one of the language.
    fn keyword(&mut self, word: &str) -> bool {
        match word {
            "if" | "case" => self.around.push(Around::Choice),
            "then" | "elif" | "else" | "!" => {}
            "while" | "until" => self.around.push(Around::Until),
            "for" | "select" => {
                self.around.push(Around::Until);
                return false;
            }
            "do" => {
                if let Some(last) = self.around.last_mut().filter(|last| **last == Around::Until) {
                    *last = Around::Loop;
                }
            }
            "{" => self.around.push(Around::Group),
            "}" | "done" | "fi" | "esac" => {
                self.around.pop();
            }
            _ => return false,
        }
        true
    }

    /// A word up to its end; whether a part of it was quoted.
    fn text(&mut self, start: usize, first: char) -> (String, bool) {
        let (mut text, mut quoted) = (String::new(), false);
        let mut next = Some((start, first));
        while let Some((_, letter)) = next {
            match letter {
                '\'' => {
                    quoted = true;
                    while let Some((_, letter)) = self.letters.next_if(|(_, next)| *next != '\'') {
                        text.push(letter);
                    }
                    self.letters.next();
                }
                '"' => {
                    quoted = true;
                    self.double(&mut text);
                }
                '\\' => match self.letters.next() {
                    Some((_, '\n')) | None => {}
                    Some((_, letter)) => text.push(letter),
                },
                '$' if self.accept('(') => {
                    text.push_str("$(");
                    self.substitution(&mut text);
                }
                '`' => {
                    text.push('`');
                    for (_, letter) in self.letters.by_ref() {
                        text.push(letter);
                        if letter == '`' {
                            break;
                        }
                    }
                }
                _ => text.push(letter),
            }
            next = self.letters.next_if(|(_, next)| !" \t\r\n;&|<>()".contains(*next));
        }
        (text, quoted)
    }

    fn double(&mut self, text: &mut String) {
        while let Some((_, letter)) = self.letters.next() {
            match letter {
                '"' => return,
                '\\' => match self.letters.next() {
                    Some((_, next @ ('"' | '\\' | '$' | '`'))) => text.push(next),
                    Some((_, '\n')) | None => {}
                    Some((_, next)) => text.extend(['\\', next]),
                },
                '$' if self.accept('(') => {
                    text.push_str("$(");
                    self.substitution(text);
                }
                _ => text.push(letter),
            }
        }
    }

    /// The rest of `$(…)`, quotes and all.
    fn substitution(&mut self, text: &mut String) {
        let (mut depth, mut quote) = (1, None);
        while let Some((_, letter)) = self.letters.next() {
            text.push(letter);
            match (quote, letter) {
                (Some(mark), _) if mark == letter => quote = None,
                (Some('"') | None, '\\') => text.extend(self.letters.next().map(|(_, next)| next)),
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(letter),
                (None, '(') => depth += 1,
                (None, ')') => depth -= 1,
                (None, _) => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Where an output goes; `counts` says whether that is of interest.
    fn redirect(&mut self, counts: bool) {
        self.accept('>');
        self.accept('|');
        let descriptor = self.accept('&');
        let target = self.target();
        if counts && !descriptor && target != "/dev/null" && !target.is_empty() {
            self.step.writes.push(target);
        }
    }

    /// Where an input comes from: of no interest, but a text on the next lines is no script.
    fn input(&mut self) {
        if !self.accept('<') {
            self.accept('>');
            self.accept('&');
            self.target();
            return;
        }
        let here = self.accept('<');
        self.accept('-');
        let end = self.target();
        if !here && !end.is_empty() {
            self.heredocs.push(end);
        }
    }

    fn target(&mut self) -> String {
        while self.letters.next_if(|(_, next)| matches!(next, ' ' | '\t')).is_some() {}
        let first = self.letters.next_if(|(_, next)| !"\r\n;&|<>()".contains(*next));
        first.map(|(at, letter)| self.text(at, letter).0).unwrap_or_default()
    }

    fn skip_heredocs(&mut self) {
        for end in std::mem::take(&mut self.heredocs) {
            while let Some((start, _)) = self.letters.peek().copied() {
                let line = self.script[start..].lines().next().unwrap_or_default();
                while self.letters.next_if(|(_, next)| *next != '\n').is_some() {}
                self.letters.next();
                if line.trim() == end {
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(script: &str) -> Vec<String> {
        let told = |step: &Step| {
            let joint = match step.joint {
                Joint::Next => "",
                Joint::And => "&& ",
                Joint::Or => "|| ",
                Joint::Pipe => "| ",
            };
            let around: String =
                step.around.iter().map(|around| format!("{around:?} ").to_lowercase()).collect();
            let end = if step.background { " &" } else { "" };
            let writes: String = step.writes.iter().map(|file| format!(" > {file}")).collect();
            format!("{around}{joint}{}{writes}{end}", step.words.join("·"))
        };
        steps(script).iter().map(told).collect()
    }

    #[test]
    fn commands_are_split_and_know_what_joins_them() {
        assert_eq!(told("a 'b c' && d; e | f || g\nh &"), ["a·b c", "&& d", "e", "| f", "|| g", "h &"]);
        assert_eq!(told("a \"$(b; c \")\")\" `d e` \\\n f # g"), ["a·$(b; c \")\")·`d e`·f"]);
        assert_eq!(told("a && \\\n b"), ["a", "&& b"]);
        assert_eq!(told("a ||\n b"), ["a", "|| b"]);
        assert_eq!(told(""), Vec::<String>::new());
    }

    #[test]
    fn outputs_are_known_and_texts_are_no_commands() {
        assert_eq!(told("a >/dev/null 2>&1; b > c 2> d; e &> f"), ["a", "b > c", "e > f"]);
        assert_eq!(told("cat <<EOF > x\nnot; this\nEOF\nb < c"), ["cat > x", "b"]);
        assert_eq!(told("exec 3<>/dev/tcp/h/1; cat <&3"), ["exec", "cat"]);
    }

    #[test]
    fn loops_conditions_and_groups_stand_around_commands() {
        assert_eq!(told("while true; do a; done; b"), ["until true", "loop a", "b"]);
        assert_eq!(
            told("until nc -z h 1; do sleep 1; done && b"),
            ["until nc·-z·h·1", "loop sleep·1", "&& b"]
        );
        assert_eq!(told("if a; then b; else c; fi; d"), ["choice a", "choice b", "choice c", "d"]);
        assert_eq!(told("(a; b) & c"), ["group a", "group b", "c"]);
        assert_eq!(told("for x in 1 2; do a; done"), ["until for·x·in·1·2", "loop a"]);
        assert_eq!(told("done ) } fi"), Vec::<String>::new());
    }

    #[test]
    fn any_text_is_read_to_its_end() {
        for text in
            ["'", "\"", "`", "$(", "a \\", "<<", "<<E", ">", "&>", "é'ü", "((", "case x in a) b;; esac"]
        {
            assert!(steps(text).len() < 5, "{text}");
        }
    }
}
