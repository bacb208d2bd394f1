//! Readers of all formats, as strict as the programs that read them.

use serde_json::Value;
use transship::report::safe;
use transship::source::files::Files;

use crate::Seen;
use crate::xml::tags;

fn seen(rule: &str, file: &str, at: (usize, usize), level: &str, message: &str) -> Seen {
    Seen {
        rule: rule.to_owned(),
        file: safe::visible(file).into_owned(),
        line: at.0,
        column: at.1,
        level: level.to_owned(),
        message: safe::visible(message).into_owned(),
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

fn count(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("a number")).expect("a small one")
}

fn string(value: &Value) -> &str {
    value.as_str().expect("a string")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// `FILE:LINE:COLUMN`.
fn place(text: &str) -> (&str, (usize, usize)) {
    let mut parts = text.rsplitn(3, ':');
    let (column, line, file) = (parts.next(), parts.next(), parts.next());
    (file.expect("a file"), (number(line.expect("a line")), number(column.expect("a column"))))
}

pub(crate) fn text(text: &str, _: &Files) -> Vec<Seen> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((head, message)) = line.split_once("]: ") else { continue };
        let Some((level, rule)) = head.split_once('[') else { continue };
        if !matches!(level, "error" | "warning" | "note") {
            continue;
        }
        let arrow = lines.next().expect("a place").trim_start().strip_prefix("┌─ ").expect("an arrow");
        let (file, at) = place(arrow);
        found.push(seen(rule, file, at, level, message));
    }
    found
}

pub(crate) fn concise(text: &str, _: &Files) -> Vec<Seen> {
    let read = |line: &str| {
        let marks = ["error", "warning", "note"].map(|level| (level, line.find(&format!(": {level}["))));
        let (level, at) =
            marks.into_iter().find_map(|(level, at)| at.map(|at| (level, at))).expect("a level");
        let (file, position) = place(&line[..at]);
        let (rule, message) = line[at + level.len() + 3..].split_once("]: ").expect("a message");
        seen(rule, file, position, level, message)
    };
    text.lines().map(read).collect()
}

pub(crate) fn json(text: &str, _: &Files) -> Vec<Seen> {
    let read = |finding: &Value| {
        let at = (count(&finding["line"]), count(&finding["column"]));
        let (rule, level) = (string(&finding["rule"]), string(&finding["level"]));
        seen(rule, string(&finding["file"]), at, level, string(&finding["message"]))
    };
    list(&parsed(text)["findings"]).iter().map(read).collect()
}

/// The message without what a reader takes for an allowance, and that.
fn first_line(message: &str) -> &str {
    message.split('\n').next().unwrap_or(message)
}

pub(crate) fn sarif(text: &str, files: &Files) -> Vec<Seen> {
    let document = parsed(text);
    let run = &document["runs"][0];
    let rules = list(&run["tool"]["driver"]["rules"]);
    let read = |result: &Value| {
        let rule = string(&result["ruleId"]);
        assert_eq!(string(&rules[count(&result["ruleIndex"])]["id"]), rule);
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        let place = &result["locations"][0]["physicalLocation"];
        let region = &place["region"];
        let uri = string(&place["artifactLocation"]["uri"]);
        assert_eq!(place["artifactLocation"]["uriBaseId"] == "%SRCROOT%", !uri.starts_with(".."));
        let name = decoded(uri);
        let (_, file) = files.iter().find(|(_, file)| file.name == name).expect("a file that was read");
        // Bytes and characters name the same place.
        let start = count(&region["byteOffset"]) - file.skipped;
        let at = file.position(start);
        assert_eq!((at.line, at.column), (count(&region["startLine"]), count(&region["startColumn"])));
        let end = file.position(start + count(&region["byteLength"]));
        assert_eq!((end.line, end.column), (count(&region["endLine"]), count(&region["endColumn"])));
        let suppression = &result["suppressions"][0];
        let level = if suppression.is_null() { string(&result["level"]) } else { "note" };
        let mut message = text_of(&result["message"]);
        // The message may end with the tip, on lines of its own; a line break in ours is no end.
        if let Some(tip) = message.rfind("\nremove the line").or_else(|| message.find("\n`a` <script>")) {
            message.truncate(tip);
        }
        if let Some(reason) = suppression["justification"].as_str() {
            message = format!("{message} (allowed: {reason})");
        }
        seen(rule, &name, (at.line, at.column), level, &message)
    };
    list(&run["results"]).iter().map(read).collect()
}

/// A SARIF message without its escapes, which it has when it could be taken for a link.
fn text_of(message: &Value) -> String {
    string(&message["text"]).replace("\\[", "[").replace("\\]", "]")
}

/// An address without its escapes.
fn decoded(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = uri.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().expect("a digit"), rest.next().expect("a digit")];
            let digits = std::str::from_utf8(&digits).expect("ASCII");
            bytes.push(u8::from_str_radix(digits, 16).expect("two digits"));
        } else {
            assert!(byte.is_ascii_graphic(), "{byte} stands in {uri} as it is");
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// Workflow commands by the rules of the runner: `::NAME KEY=VALUE,…::MESSAGE`.
pub(crate) fn github(text: &str, _: &Files) -> Vec<Seen> {
    let undo = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    let read = |line: &str| {
        let rest = line.strip_prefix("::").expect("a command");
        let (head, message) = rest.split_once("::").expect("a message");
        let (command, properties) = head.split_once(' ').expect("properties");
        let property = |name: &str| {
            let mut values = properties.split(',').filter_map(|pair| pair.split_once('='));
            let value = values.find(|(key, _)| *key == name)?.1;
            Some(undo(&value.replace("%3A", ":").replace("%2C", ",")))
        };
        let column = number(&property("col").expect("a column"));
        let start = number(&property("line").expect("a line"));
        // The runner drops columns of a range over several lines, and a range that ends before it starts.
        assert!(property("endLine").is_none_or(|end| number(&end) == start));
        assert!(property("endColumn").is_none_or(|end| number(&end) >= column));
        let level = if command == "notice" { "note" } else { command };
        let message = undo(message);
        let file = property("file").expect("a file");
        seen(&property("title").expect("a title"), &file, (start, column), level, first_line(&message))
    };
    text.lines().map(read).collect()
}

pub(crate) fn gitlab(text: &str, _: &Files) -> Vec<Seen> {
    let document = parsed(text);
    let mut fingerprints: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for issue in list(&document) {
        fingerprints.push(string(&issue["fingerprint"]));
        let begin = &issue["location"]["positions"]["begin"];
        assert_eq!(begin["line"], issue["location"]["lines"]["begin"]);
        let level = match string(&issue["severity"]) {
            "critical" => "error",
            "minor" => "warning",
            severity => severity.strip_prefix("info").map(|_| "note").expect("a severity of ours"),
        };
        let at = (count(&begin["line"]), count(&begin["column"]));
        let file = string(&issue["location"]["path"]);
        found.push(seen(string(&issue["check_name"]), file, at, level, string(&issue["description"])));
    }
    fingerprints.sort_unstable();
    assert!(fingerprints.windows(2).all(|pair| pair[0] != pair[1]), "a fingerprint names one issue");
    found
}

pub(crate) fn junit(text: &str, files: &Files) -> Vec<Seen> {
    let mut found = Vec::new();
    let mut case = None;
    let mut suites = 0;
    for tag in tags(text) {
        let attribute = |name: &str| tag.attributes[name].clone();
        match tag.name.as_str() {
            "testsuites" => {}
            "testsuite" => suites += 1,
            "testcase" => case = Some((attribute("classname"), attribute("name"))),
            "failure" | "skipped" => {
                let (file, name) = case.take().expect("one result for each test");
                let (rule, at) = name.split_once(" at ").expect("a rule and a place");
                let at = place(&format!(":{at}")).1;
                let (level, message) = (attribute("type"), attribute("message"));
                assert_eq!(tag.name == "skipped", level == "note");
                assert!(tag.text.starts_with(&format!("{file}:{}:{}", at.0, at.1)));
                found.push(seen(rule, &file, at, &level, &message));
            }
            other => panic!("no tag of JUnit: {other}"),
        }
    }
    assert_eq!(suites, files.iter().count());
    found
}

pub(crate) fn checkstyle(text: &str, _: &Files) -> Vec<Seen> {
    let mut found = Vec::new();
    let mut file = String::new();
    for tag in tags(text) {
        let attribute = |name: &str| tag.attributes[name].as_str();
        match tag.name.as_str() {
            "checkstyle" => {}
            "file" => attribute("name").clone_into(&mut file),
            "error" => {
                let at = (number(attribute("line")), number(attribute("column")));
                let level = if attribute("severity") == "info" { "note" } else { attribute("severity") };
                found.push(seen(attribute("source"), &file, at, level, attribute("message")));
            }
            other => panic!("no tag of Checkstyle: {other}"),
        }
    }
    found
}

pub(crate) fn rdjson(text: &str, files: &Files) -> Vec<Seen> {
    let read = |diagnostic: &Value| {
        let location = &diagnostic["location"];
        let start = &location["range"]["start"];
        let line = count(&start["line"]);
        let name = string(&location["path"]);
        let (_, file) = files.iter().find(|(_, file)| file.name == name).expect("a file that was read");
        let before = if line == 1 { file.skipped } else { 0 };
        let bytes = count(&start["column"]) - 1 - before;
        let at = file.position(file.line_range(line - 1).start + bytes);
        let level = match string(&diagnostic["severity"]) {
            "ERROR" => "error",
            "WARNING" => "warning",
            severity => severity.strip_prefix("INFO").map(|_| "note").expect("a severity of ours"),
        };
        let mut message = string(&diagnostic["message"]).to_owned();
        if let Some(tip) = message.rfind("\nremove the line").or_else(|| message.find("\n`a` <script>")) {
            message.truncate(tip);
        }
        seen(string(&diagnostic["code"]["value"]), name, (at.line, at.column), level, &message)
    };
    list(&parsed(text)["diagnostics"]).iter().map(read).collect()
}

/// The lists of a comment: `- **LEVEL** [RULE](PAGE) at LINE:COLUMN: MESSAGE` below a heading with the file.
pub(crate) fn markdown(text: &str, _: &Files) -> Vec<Seen> {
    let mut found = Vec::new();
    let mut file = String::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("#### ") {
            let (name, _) = heading.strip_prefix('`').and_then(|rest| rest.split_once('`')).expect("a name");
            name.clone_into(&mut file);
        }
        let Some((level, rest)) = line.strip_prefix("- **").and_then(|rest| rest.split_once("** [")) else {
            continue;
        };
        let (rule, rest) = rest.split_once("](").expect("a link");
        let (page, rest) = rest.split_once(") at ").expect("a place");
        assert!(page.ends_with(rule));
        let (at, message) = rest.split_once(": ").expect("a message");
        let at = place(&format!(":{at}")).1;
        let message = shown(message);
        let level = if message.contains(" (allowed: ") { "note" } else { level };
        found.push(seen(rule, &file, at, level, &message));
    }
    found
}

/// What a reader of Markdown sees, with backticks around code.
fn shown(text: &str) -> String {
    let mut out = String::new();
    let mut is_code = false;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '`' => {
                is_code = !is_code;
                out.push('`');
            }
            '\\' if !is_code => out.push(letters.next().expect("an escaped letter")),
            '<' | '>' | '[' | ']' | '*' | '_' | '@' | '#' if !is_code => {
                panic!("a bare `{letter}` in {text:?}")
            }
            '&' if !is_code => {
                let entity: String = letters.by_ref().take_while(|letter| *letter != ';').collect();
                out.push_str(match entity.as_str() {
                    "lt" => "<",
                    "gt" => ">",
                    "amp" => "&",
                    "#64" => "@",
                    "#35" => "#",
                    other => panic!("no reference of ours: {other}"),
                });
            }
            other => out.push(other),
        }
    }
    assert!(!is_code, "code that does not end in {text:?}");
    // An empty value is shown as an empty text in quotes.
    out.replace("\"\" is", "`` is")
}
