//! The examples of every rule say the truth: each bad one raises what it says where it says, each good one nothing.
#![expect(clippy::disallowed_methods, reason = "a test reads the rule folders and blesses them")]

#[path = "support/example.rs"]
mod example;

use std::fs;
use std::path::Path;

use example::{Block, Kind, Seen};
use transship::diag::{Finding, Safety, slugs};
use transship::lint::levels::Levels;
use transship::lint::registry::RULES;
use transship::rule::Offer;

fn blessing() -> bool {
    std::env::var_os("TRANSSHIP_BLESS").is_some_and(|value| value == "1")
}

/// A block with the further files that belong to it.
fn projects(blocks: &[Block]) -> Vec<&[Block]> {
    blocks.chunk_by(|_, next| next.kind == Kind::More).collect()
}

fn seen(project: &[Block], rule: &str) -> Seen {
    let files: Vec<(&str, String)> =
        project.iter().map(|block| (block.file.as_str(), example::bare(&block.text))).collect();
    example::look(&files, rule, &project[0])
}

#[test]
fn bad_examples_raise_exactly_what_stands_under_their_lines() {
    for rule in &RULES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules").join(rule.slug.0).join("rule.md");
        let text = fs::read_to_string(&path).expect("the rule has a text");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let blocks = example::blocks(&text);
        // From the last block up, so that the places of those before stay true.
        for project in projects(&blocks).into_iter().rev().filter(|project| project[0].kind == Kind::Bad) {
            let seen = seen(project, rule.slug.0);
            for block in project.iter().rev() {
                let fresh = example::annotated(&example::bare(&block.text), &block.file, &seen);
                lines.splice(block.lines.clone(), fresh.lines().map(str::to_owned));
            }
        }
        let fresh = lines.join("\n") + "\n";
        if blessing() && fresh != text {
            fs::write(&path, &fresh).expect("the rule can be written");
        } else {
            assert_eq!(text, fresh, "{}", path.display());
        }
    }
}

#[test]
fn every_rule_is_raised_by_one_of_its_bad_examples() {
    // The verifier looks at objects, which no example holds: `tests/verify.rs` raises it.
    for rule in RULES.iter().filter(|rule| rule.slug != slugs::REJECTED_OUTPUT) {
        let blocks = example::blocks(rule.text);
        let raised =
            projects(&blocks).into_iter().filter(|project| project[0].kind == Kind::Bad).any(|project| {
                seen(project, rule.slug.0).findings.iter().any(|finding| finding.slug == rule.slug)
            });
        assert!(raised, "no bad example raises `{}`", rule.slug.0);
    }
}

#[test]
fn good_examples_raise_nothing_of_their_rule() {
    for rule in &RULES {
        let blocks = example::blocks(rule.text);
        let good: Vec<&[Block]> =
            projects(&blocks).into_iter().filter(|project| project[0].kind == Kind::Good).collect();
        assert!(!good.is_empty(), "`{}` has no good example", rule.slug.0);
        for project in good {
            let raised: Vec<String> = seen(project, rule.slug.0)
                .findings
                .into_iter()
                .filter(|finding| finding.slug == rule.slug)
                .map(|finding| finding.message)
                .collect();
            assert_eq!(raised, Vec::<String>::new(), "{}", project[0].text);
        }
    }
}

#[test]
fn rules_of_reading_say_the_same_when_nothing_is_converted() {
    for rule in RULES.iter().filter(|rule| rule.of_reading) {
        let blocks = example::blocks(rule.text);
        for project in projects(&blocks).into_iter().filter(|project| project[0].kind == Kind::Bad) {
            let files: Vec<(&str, String)> =
                project.iter().map(|block| (block.file.as_str(), example::bare(&block.text))).collect();
            let alone = Levels { select: [rule.slug].into(), ..Levels::from(project[0].posture) };
            let said = |seen: Seen| -> Vec<Finding> {
                seen.findings.into_iter().filter(|finding| finding.slug == rule.slug).collect()
            };
            let alone = said(example::look_for(&files, rule.slug.0, &project[0], &alone));
            assert_eq!(alone, said(seen(project, rule.slug.0)), "{}", rule.slug.0);
        }
    }
}

#[test]
fn fixes_make_of_bad_examples_what_the_next_block_says() {
    for rule in &RULES {
        let blocks = example::blocks(rule.text);
        for pair in projects(&blocks).windows(2) {
            let [bad, fixed] = pair else { continue };
            if fixed[0].kind != Kind::Fixed {
                continue;
            }
            assert_eq!(bad[0].kind, Kind::Bad, "a fixed block follows a bad one");
            let text = example::bare(&bad[0].text);
            assert_eq!(
                example::mended(&text, rule.slug.0, &seen(bad, rule.slug.0)),
                fixed[0].text,
                "{}",
                rule.slug.0
            );
        }
    }
}

#[test]
fn a_rule_offers_the_kind_of_fix_that_its_page_promises() {
    for rule in &RULES {
        let blocks = example::blocks(rule.text);
        let offered: Vec<Safety> = projects(&blocks)
            .into_iter()
            .filter(|project| project[0].kind == Kind::Bad)
            .flat_map(|project| seen(project, rule.slug.0).findings)
            .filter(|finding| finding.slug == rule.slug)
            .flat_map(|finding| finding.fixes)
            .map(|fix| fix.safety)
            .collect();
        let promised = match rule.fix {
            Offer::None => offered.is_empty(),
            Offer::Safe => offered.contains(&Safety::Safe),
            Offer::Unsafe => !offered.is_empty() && offered.iter().all(|safety| *safety == Safety::Unsafe),
        };
        assert!(promised, "`{}` promises {:?} and offers {offered:?}", rule.slug.0, rule.fix);
    }
}
