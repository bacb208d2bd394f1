//! What the reader of YAML promises, in the smallest files that show it.

use super::{MarkKind, Parsed, Step, parse};
use crate::source::origin::{Hop, OriginId, Origins};
use crate::source::span::FileId;
use crate::tree::{Node, Value};

fn read(text: &str) -> Parsed {
    parse(FileId(0), text, &mut Origins::default(), OriginId(0))
}

/// The tree as one line: each scalar and each collection without the text between.
fn line(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".into(),
        Value::List(items) => format!("[{}]", items.iter().map(line).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => {
            let entries = map.entries.iter().map(|entry| format!("{}: {}", entry.key, line(&entry.node)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.scalar_text().unwrap_or_default().to_string(),
    }
}

/// The documents, one a line.
fn trees(text: &str) -> String {
    let documents = read(text).documents;
    let lines = documents.iter().map(|document| document.root.as_ref().map_or("nothing".into(), line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The problems: the text at their place, and their words.
fn problems(text: &str) -> Vec<String> {
    let problems = read(text).problems;
    let show = |problem: &super::Problem| {
        let also = problem
            .also
            .as_ref()
            .map(|(span, words)| format!(" ({words}: `{}`@{})", &text[span.range()], span.start));
        format!(
            "`{}`@{} {}{}",
            &text[problem.span.range()],
            problem.span.start,
            problem.message,
            also.unwrap_or_default()
        )
    };
    problems.iter().map(show).collect()
}

/// The source under each node, in the order of the text.
fn sources(text: &str) -> Vec<String> {
    fn visit(text: &str, node: &Node, out: &mut Vec<String>) {
        out.push(format!("{}@{}", &text[node.span.range()], node.span.start));
        match &node.value {
            Value::List(items) => items.iter().for_each(|item| visit(text, item, out)),
            Value::Map(map) => map.entries.iter().for_each(|entry| visit(text, &entry.node, out)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    let parsed = read(text);
    parsed
        .documents
        .iter()
        .filter_map(|document| document.root.as_ref())
        .for_each(|root| visit(text, root, &mut out));
    out
}

#[test]
fn places_are_those_of_the_tokens() {
    assert_eq!(
        sources("a: [1, 'x' ] # c\nb:\n  - y  \n"),
        ["a: [1, 'x' ] # c\nb:\n  - y@0", "[1, 'x' ]@3", "1@4", "'x'@7", "y@24", "y@24"]
    );
    assert_eq!(sources("a: |\n  x\n  y \n\n# c\nb: >-\n  z")[1..], ["|\n  x\n  y @3", ">-\n  z@22"]);
    assert_eq!(sources("a: # |\n  !x\n  |1-  # >\n  x\n")[1..], ["|1-  # >\n  x@14"]);
    assert_eq!(sources("a:\r\n  - |\r\n    x\r\n\r\n")[2..], ["|\r\n    x@8"]);
}

#[test]
fn nothing_stands_after_its_colon_dash_tag_or_anchor() {
    assert_eq!(sources("a:\nb:  # c\nc: !!null\nd: &x\n")[1..], ["@2", "@5", "@20", "@26"]);
    assert_eq!(sources("-\n- \n")[1..], ["@1", "@3"]);
    assert_eq!(sources("{a: , b}")[1..], ["@3", "@7"]);
}

#[test]
fn an_empty_document_has_no_root_or_null() {
    assert_eq!(
        [trees(""), trees("# c\n"), trees("---\n"), trees("---\n---\na: 1\n")],
        ["", "", "null", "null\n{a: 1}"]
    );
}

#[test]
fn a_syntax_error_costs_its_document_only() {
    let text = "a: [1\n---\nb: 2\n---\nc: 'x\n---\nd: 1\n";
    assert_eq!(trees(text), "{b: 2}\n{d: 1}");
    let words = [
        "`[`@3 the `[` that opens here is never closed",
        "`-`@25 a quoted text goes on here, left of where it may; indent the line, or close the quote before it",
    ];
    assert_eq!(problems(text), words);
}

#[test]
fn a_control_character_is_reported_and_the_rest_is_read() {
    assert_eq!(problems("a: x\0\n"), ["`\0`@4 the control character U+0000 is not allowed in YAML"]);
    assert_eq!(trees("a: x\0\n"), "{a: x?}");
}

#[test]
fn tabs_and_bare_documents_that_compose_refuses_are_reported() {
    assert_eq!(problems("a: 1\n\t\nb: 2\n"), ["`\t`@5 a tab stands where only spaces may indent"]);
    assert_eq!(problems("a: 1\n  \t\nb:\t2\n"), Vec::<String>::new());
    assert_eq!(problems("a: 1\n...\nb: 2\n"), ["``@9 a document after `...` must start with `---`"]);
    assert_eq!(problems("a: \"b\\/c\"\n"), ["`\\/`@5 Compose does not know the escape `\\/`; write `/`"]);
}

#[test]
fn the_last_of_equal_keys_stays_in_the_place_of_the_first() {
    let text = "a: 1\nb: 2\na: 3\n\"a\": 4\n";
    assert_eq!(trees(text), "{a: 4, b: 2}");
    let words = [
        "`a`@10 the key `a` is there twice (the first one: `a`@0)",
        "`\"a\"`@15 the key `a` is there twice (the first one: `a`@0)",
    ];
    assert_eq!(problems(text), words);
    let many: String = (0..30).map(|number| format!("k{number}: {number}\n")).collect();
    assert_eq!(
        problems(&format!("{many}k7: x\n")),
        [format!("`k7`@{} the key `k7` is there twice (the first one: `k7`@42)", many.len())]
    );
}

#[test]
fn a_key_that_is_no_string_is_reported_and_kept() {
    let text = "80: a\ntrue: b\n~: c\n[x]: d\n'1': e\n";
    assert_eq!(trees(text), "{80: a, true: b, ~: c, 1: e}");
    let words = [
        "`80`@0 the key `80` is an integer; Compose takes only strings",
        "`true`@6 the key `true` is a boolean; Compose takes only strings",
        "`~`@14 null is no key here; Compose takes only strings",
        "`[x]`@19 a collection is no key here; Compose takes only strings",
    ];
    assert_eq!(problems(text), words);
}

#[test]
fn merged_entries_come_after_the_own_ones_which_win() {
    let text = "x: &x {a: 1, b: 2}\ny: &y {<<: *x, b: 3, c: 4}\nz:\n  <<: [*y, *x, {d: 5}]\n  c: 6\n";
    assert_eq!(trees(text), "{x: {a: 1, b: 2}, y: {b: 3, c: 4, a: 1}, z: {c: 6, b: 3, a: 1, d: 5}}");
    assert_eq!(trees("l: &l [{a: 1}]\nm:\n  <<: *l\n"), "{l: [{a: 1}], m: {a: 1}}");
    assert_eq!(trees("'<<': {a: 1}\nb: <<\n"), "{<<: {a: 1}, b: <<}");
}

#[test]
fn a_merge_takes_only_mappings() {
    let words = "the merge key `<<` takes a mapping or a list of mappings, not";
    assert_eq!(problems("<<: 1\n"), [format!("`1`@4 {words} an integer")]);
    assert_eq!(problems("<<:\n"), [format!("``@3 {words} null")]);
    assert_eq!(problems("a: &a [{}]\nb: {<<: [*a]}\n"), [format!("`*a`@20 {words} the alias of a list")]);
    assert_eq!(problems("{<<: {}, <<: {}}"), ["`<<`@9 the key `<<` is there twice (the first one: `<<`@1)"]);
}

#[test]
fn what_comes_through_an_alias_has_its_hops_in_order() {
    let text = "a: &a {x: 1}\nb: &b {y: *a}\nc: *b\n";
    let mut origins = Origins::default();
    let parsed = parse(FileId(0), text, &mut origins, OriginId(0));
    let root = parsed.documents[0].root.as_ref().expect("a document");
    let y = |key: &str| root.as_map()?.get(key)?.as_map()?.get("y")?.as_map()?.get("x").cloned();
    let hops = |node: Node| {
        let hops = origins.get(node.origin).hops.iter();
        hops.map(|hop| if let Hop::Alias(span) = hop { &text[span.range()] } else { "another" })
            .collect::<Vec<_>>()
    };
    assert_eq!(y("b").map(hops), Some(vec!["*a"]));
    assert_eq!(y("c").map(hops), Some(vec!["*a", "*b"]));
    assert_eq!(y("c").map(|node| node.span.start), Some(10));
    assert_eq!(
        parsed.anchors.iter().map(|(name, span)| (name.as_str(), span.start)).collect::<Vec<_>>(),
        [("a", 3), ("b", 16)]
    );
    assert_eq!(
        parsed.aliases.iter().map(|(name, span)| (name.as_str(), span.start)).collect::<Vec<_>>(),
        [("a", 23), ("b", 30)]
    );
}

#[test]
fn an_alias_without_anchor_or_within_its_own_is_null() {
    assert_eq!(trees("a: *x\nb: &b [*b]\n"), "{a: null, b: [null]}");
    let words = [
        "`*x`@3 no anchor `&x` stands before this alias",
        "`*b`@13 the anchor `&b` holds itself through this alias",
    ];
    assert_eq!(problems("a: *x\nb: &b [*b]\n"), words);
}

#[test]
fn aliases_that_explode_stop_at_the_budget() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..=9 {
        let uses = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{uses}]\n"));
    }
    let words: Vec<String> = problems(&text)
        .into_iter()
        .map(|problem| problem.split(' ').skip(1).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(words, ["aliases make more than 1000000 values of this file; the rest is left out"]);
}

#[test]
fn depth_is_one_problem_however_it_is_made() {
    let words = "more than 255 collections lie in each other here";
    assert_eq!(problems(&"[".repeat(100_000)), [format!("`[`@255 {words}")]);
    assert_eq!(problems(&"- ".repeat(100_000)), [format!("`-`@510 {words}")]);
    let nest = |inner: &str| format!("{}{inner}{}", "[".repeat(250), "]".repeat(250));
    let text = format!("a: &a {}\nb: &b {}\nc: {}\n", nest("1"), nest("*a"), nest("*b"));
    let words = "aliases in aliases make more than 510 collections lie in each other";
    assert_eq!(problems(&text), [format!("`*a`@{} {words}", text.find("*a").unwrap_or_default())]);
}

#[test]
fn a_hundred_comments_under_a_key_are_read() {
    let text = format!("a:\n{}  b: 1 # d\n", "  # c\n".repeat(500));
    let comments = read(&text).comments;
    assert_eq!(trees(&text), "{a: {b: 1}}");
    assert_eq!((comments.len(), comments.iter().filter(|comment| comment.own_line).count()), (501, 500));
}

/// The paths of the marks, as `kind a/b/0`.
fn marks(text: &str) -> Vec<String> {
    let step = |step: &Step| match step {
        Step::Key(key) => key.to_string(),
        Step::Index(index) => index.to_string(),
    };
    let parsed = read(text);
    let marks = parsed.documents.iter().flat_map(|document| &document.marks);
    let show = |mark: &super::Mark| {
        let kind = if mark.kind == MarkKind::Reset { "reset" } else { "override" };
        format!("{kind} {}", mark.path.iter().map(step).collect::<Vec<_>>().join("/"))
    };
    marks.map(show).collect()
}

#[test]
fn reset_takes_out_and_override_keeps() {
    let text = "a: !reset null\nb: !override\n  c: !reset 1\nd: [x, !reset y, !override z]\n";
    // Below `!override` Compose looks for no further tags, and a scalar under an unknown tag is a string.
    assert_eq!(trees(text), "{b: {c: 1}, d: [x, z]}");
    assert_eq!(marks(text), ["reset a", "override b", "reset d/1", "override d/2"]);
}

#[test]
fn marks_below_a_merge_or_an_alias_count_where_they_are_used() {
    let text = "x: &x\n  p: !reset 1\n  q: 2\na:\n  <<: *x\n  p: 3\nb: *x\n";
    assert_eq!(trees(text), "{x: {q: 2}, a: {p: 3, q: 2}, b: {q: 2}}");
    assert_eq!(marks(text), ["reset x/p", "reset a/p", "reset b/p"]);
}

#[test]
fn a_key_that_was_reset_leaves_room_for_a_merged_one() {
    assert_eq!(trees("x: &x {p: 1}\na: {p: !reset null, <<: *x}\n"), "{x: {p: 1}, a: {p: 1}}");
}

#[test]
fn a_scalar_that_is_not_what_its_tag_says_is_reported_with_the_tag() {
    let words = ["`x`@9 the value is not an integer, which the tag `!!int` asks for (the tag: `!!int`@3)"];
    assert_eq!(problems("a: !!int x\n"), words);
}

#[test]
fn a_block_at_the_end_of_the_file_has_the_newlines_that_are_there() {
    let ends = ["a: |\n  x", "a: |\n  x\n", "a: |\n  x\n ", "a: |+\n  x\n\n", "a: >\n  x\n  y", "a: |+\n   "];
    assert_eq!(ends.map(trees), ["{a: x}", "{a: x\n}", "{a: x\n}", "{a: x\n\n}", "{a: x y}", "{a: }"]);
}
