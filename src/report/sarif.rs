//! SARIF 2.1.0: what code scanning services and editors read, with the pages of the rules.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::fingerprint::Fingerprints;
use super::{Catalogue, HOME, json, open_fixes, word};
use crate::diag::{Finding, Fix, Label, Level, Posture, Safety};
use crate::rule::{Offer, RuleMeta};
use crate::source::files::Files;
use crate::source::span::{FileId, Span};

/// The folder that relative paths are seen from; a service that reads the report puts its own in place.
const ROOT: &str = "%SRCROOT%";

/// The findings as one run, with a final line break.
#[must_use]
pub fn render(findings: &[Finding], files: &Files, catalogue: Catalogue) -> String {
    let slugs: BTreeSet<&'static str> = findings.iter().map(|finding| finding.slug.0).collect();
    let rules: Vec<Value> = slugs.iter().map(|slug| descriptor(slug, catalogue(slug))).collect();
    let index: BTreeMap<&str, usize> = slugs.iter().zip(0..).map(|(slug, at)| (*slug, at)).collect();
    let mut fingerprints = Fingerprints::default();
    let mut results: Vec<Value> = findings
        .iter()
        .map(|finding| result(finding, index[finding.slug.0], files, &fingerprints.next(finding, files)))
        .collect();
    // When one result says whether it is suppressed, all have to.
    if findings.iter().any(|finding| finding.allowed.is_some()) {
        for (finding, result) in findings.iter().zip(&mut results) {
            result["suppressions"] = finding.allowed.iter().map(|reason| suppression(reason)).collect();
        }
    }
    json::printed(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "transship",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": HOME,
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {ROOT: {"description": {"text": "the folder in which transship was started"}}},
            "results": results,
        }],
    }))
}

/// A rule, with its page.
fn descriptor(slug: &str, rule: Option<&RuleMeta>) -> Value {
    let mut descriptor = json!({ "id": slug, "helpUri": format!("{HOME}/rules/{slug}") });
    if let Some(rule) = rule {
        let level = rule.level(Posture::Faithful);
        let severity = match level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "recommendation",
        };
        let fix = match rule.fix {
            Offer::None => "none",
            Offer::Safe => "safe",
            Offer::Unsafe => "unsafe",
        };
        descriptor["shortDescription"] = json!({ "text": rule.summary });
        descriptor["fullDescription"] = json!({ "text": first_section(rule.body()) });
        descriptor["help"] = json!({ "text": rule.body(), "markdown": rule.body() });
        descriptor["defaultConfiguration"] = json!({ "level": word(level) });
        descriptor["properties"] = json!({
            "tags": ["compose", "kubernetes"],
            "problem.severity": severity,
            "since": rule.since,
            "fix": fix,
        });
    }
    descriptor
}

/// What the page says first: what the rule finds.
fn first_section(body: &str) -> &str {
    let text = body.split_once("\n\n").map_or(body, |(_, text)| text);
    text.split("\n## ").next().unwrap_or(text).trim_end()
}

fn result(finding: &Finding, rule: usize, files: &Files, fingerprint: &str) -> Value {
    let mut text = literal(&finding.message);
    if let Some(tip) = &finding.tip {
        text = format!("{text}\n{}", literal(tip));
    }
    let mut location = place(&finding.primary, files);
    if !finding.path.is_empty() {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": finding.path, "kind": "member" }]);
    }
    let mut result = json!({
        "ruleId": finding.slug.0,
        "ruleIndex": rule,
        "level": word(finding.level),
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": {"transshipFinding/v1": fingerprint},
    });
    if !finding.labels.is_empty() {
        result["relatedLocations"] = finding.labels.iter().map(|label| place(label, files)).collect();
    }
    let fixes: Vec<Value> = open_fixes(finding).map(|fix| fix_object(fix, files)).collect();
    if !fixes.is_empty() {
        result["fixes"] = fixes.into();
    }
    if let Some(service) = &finding.service {
        result["properties"] = json!({ "service": service });
    }
    result
}

/// The text as a message that has no links in it: `[x](y)` would be one.
fn literal(text: &str) -> String {
    if text.contains("](") { text.replace('[', "\\[").replace(']', "\\]") } else { text.to_owned() }
}

fn place(label: &Label, files: &Files) -> Value {
    let mut location = json!({ "physicalLocation": {
        "artifactLocation": artifact(&files.file(label.span.file).name),
        "region": region(label.span, files),
    }});
    if !label.message.is_empty() {
        location["message"] = json!({ "text": literal(&label.message) });
    }
    location
}

/// Where a file is: seen from the root, unless the path leads out of it.
fn artifact(name: &str) -> Value {
    let path = name.strip_prefix("./").unwrap_or(name);
    if path.starts_with('/') {
        return json!({ "uri": format!("file://{}", uri(path)) });
    }
    if path == ".." || path.starts_with("../") {
        return json!({ "uri": uri(path) });
    }
    json!({ "uri": uri(path), "uriBaseId": ROOT })
}

/// The path with every byte escaped that has a meaning in an address, or none.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A range of text: lines and columns in characters, and bytes of the whole file.
fn region(span: Span, files: &Files) -> Value {
    let (start, end) = (files.start(span), files.end(span));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "byteOffset": files.file(span.file).skipped + span.start as usize,
        "byteLength": span.len(),
    })
}

fn fix_object(fix: &Fix, files: &Files) -> Value {
    let mut changes: BTreeMap<FileId, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        let mut replacement = Map::new();
        replacement.insert("deletedRegion".into(), region(edit.span, files));
        replacement.insert("insertedContent".into(), json!({ "text": edit.text }));
        changes.entry(edit.span.file).or_default().push(Value::Object(replacement));
    }
    let changes: Vec<Value> = changes
        .into_iter()
        .map(|(file, replacements)| {
            json!({ "artifactLocation": artifact(&files.file(file).name), "replacements": replacements })
        })
        .collect();
    let safety = match fix.safety {
        Safety::Safe => "safe",
        Safety::Unsafe => "unsafe",
    };
    json!({
        "description": {"text": literal(&fix.title)},
        "artifactChanges": changes,
        "properties": {"safety": safety},
    })
}

/// Who allowed it, and where, is not told with a finding; only why.
fn suppression(reason: &str) -> Value {
    json!({ "kind": "external", "status": "accepted", "justification": reason })
}
