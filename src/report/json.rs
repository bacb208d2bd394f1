//! The findings as one JSON object, in the shape that the guide promises.

use serde_json::{Map, Value, json};

use super::{open_fixes, safe, word};
use crate::diag::{Edit, Finding, Fix, Label, Safety};
use crate::source::{files::Files, span::Span};

/// The findings as JSON, with a final line break.
#[must_use]
pub fn render(findings: &[Finding], files: &Files) -> String {
    let findings: Vec<Value> = findings.iter().map(|finding| object(finding, files)).collect();
    printed(&json!({ "version": 1, "findings": findings }))
}

/// A document as text that no terminal obeys, with a final line break.
pub(super) fn printed(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("the keys are strings");
    text.push('\n');
    escaped(&text)
}

/// A finding as an object.
pub(super) fn object(finding: &Finding, files: &Files) -> Value {
    let mut object = Map::new();
    object.insert("rule".into(), finding.slug.0.into());
    object.insert("level".into(), word(finding.level).into());
    object.insert("message".into(), finding.message.as_str().into());
    object.insert("tip".into(), finding.tip.as_deref().into());
    object.insert("service".into(), finding.service.as_deref().into());
    object.insert("path".into(), finding.path.as_str().into());
    place(&mut object, finding.primary.span, files);
    // The words at the primary place are a label like the others; without words there is nothing to add to the place.
    let primary = Some(&finding.primary).filter(|label| !label.message.is_empty());
    let labels = primary.into_iter().chain(&finding.labels).map(|label| label_object(label, files));
    object.insert("labels".into(), labels.collect());
    object.insert("fixes".into(), open_fixes(finding).map(|fix| fix_object(fix, files)).collect());
    if let Some(reason) = &finding.allowed {
        object.insert("allowed".into(), reason.as_str().into());
    }
    Value::Object(object)
}

fn label_object(label: &Label, files: &Files) -> Value {
    let mut object = Map::new();
    object.insert("message".into(), label.message.as_str().into());
    place(&mut object, label.span, files);
    Value::Object(object)
}

fn fix_object(fix: &Fix, files: &Files) -> Value {
    let safety = match fix.safety {
        Safety::Safe => "safe",
        Safety::Unsafe => "unsafe",
    };
    let edits: Vec<Value> = fix.edits.iter().map(|edit| edit_object(edit, files)).collect();
    json!({ "safety": safety, "title": fix.title, "edits": edits })
}

fn edit_object(edit: &Edit, files: &Files) -> Value {
    let mut object = Map::new();
    place(&mut object, edit.span, files);
    object.insert("text".into(), edit.text.as_str().into());
    Value::Object(object)
}

fn place(object: &mut Map<String, Value>, span: Span, files: &Files) {
    let (start, end) = (files.start(span), files.end(span));
    object.insert("file".into(), files.file(span.file).name.as_str().into());
    object.insert("line".into(), start.line.into());
    object.insert("column".into(), start.column.into());
    object.insert("end_line".into(), end.line.into());
    object.insert("end_column".into(), end.column.into());
    let offset = files.file(span.file).skipped + span.start as usize;
    object.insert("offset".into(), offset.into());
    object.insert("length".into(), span.len().into());
}

/// JSON leaves control characters above ASCII and direction marks as they are; a terminal would obey them.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\x7f' || safe::steers(character) {
            out.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::slugs;

    #[test]
    fn a_finding_becomes_the_object_of_the_contract() {
        let mut files = Files::default();
        let file = files.add("compose.yaml", "a: 1\nb: \u{9b}2\n");
        let finding =
            Finding::new(slugs::OBSOLETE_KEY, Span::new(file, 5, 6), "services.web.b", "`b` is old")
                .tip("remove it")
                .also(Span::new(file, 0, 1), "see \u{9b}")
                .fix(
                    Safety::Safe,
                    "remove it",
                    vec![Edit { span: Span::new(file, 5, 12), text: String::new() }],
                );
        let text = render(&[finding], &files);
        let expected = json!({"version": 1, "findings": [{
            "rule": "obsolete-key", "level": "error", "message": "`b` is old", "tip": "remove it",
            "service": "web", "path": "services.web.b", "file": "compose.yaml",
            "line": 2, "column": 1, "end_line": 2, "end_column": 2, "offset": 5, "length": 1,
            "labels": [{"message": "see \u{9b}", "file": "compose.yaml", "line": 1, "column": 1,
                "end_line": 1, "end_column": 2, "offset": 0, "length": 1}],
            "fixes": [{"safety": "safe", "title": "remove it", "edits": [{"file": "compose.yaml", "line": 2,
                "column": 1, "end_line": 3, "end_column": 1, "offset": 5, "length": 7, "text": ""}]}],
        }]});
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), expected);
        assert!(text.contains("see \\u009b"));
    }
}
