//! The rules as Rust: their slugs as constants, and the registry of the linter.

use std::fmt::Write as _;

use super::front::Rule;

const MEMORY: &str = "a string takes all that is written to it";

/// The text of `src/diag/slugs.rs`.
pub(crate) fn slugs(rules: &[Rule]) -> String {
    let mut text =
        "//! The rules' names as constants. Written by `cargo xtask gen` from `rules/`; do not edit.\n\n\
                    use super::Slug;\n\n"
            .to_owned();
    for Rule { slug, .. } in rules {
        writeln!(text, "/// `{slug}`\npub const {}: Slug = Slug(\"{slug}\");", constant(slug)).expect(MEMORY);
    }
    text
}

/// The text of `src/lint/registry.rs`.
pub(crate) fn registry(rules: &[Rule]) -> String {
    let mut text = "//! Every rule. Written by `cargo xtask gen` from `rules/`; do not edit.\n\n".to_owned();
    for Rule { slug, .. } in rules.iter().filter(|rule| rule.has_check) {
        writeln!(text, "#[path = \"../../rules/{slug}/check.rs\"]\nmod {};", module(slug)).expect(MEMORY);
    }
    if rules.iter().any(|rule| rule.has_check) {
        text.push('\n');
    }
    text.push_str("use crate::diag::{Level, slugs};\nuse crate::rule::{Offer, RuleMeta};\n\n");
    text.push_str("/// Every rule, in the order of their slugs.\n");
    writeln!(text, "pub static RULES: [RuleMeta; {}] = [", rules.len()).expect(MEMORY);
    for rule in rules {
        text.push_str(&row(rule));
    }
    text.push_str("];\n");
    text
}

fn row(rule: &Rule) -> String {
    let Rule { slug, summary, levels, since, fix, body: _, has_check, of_reading } = rule;
    let levels = levels.each_ref().map(|level| format!("Level::{}", capital(level))).join(", ");
    let check = if *has_check { format!("Some({}::check)", module(slug)) } else { "None".into() };
    format!(
        "    RuleMeta {{
        slug: slugs::{},
        summary: {summary:?},
        levels: [{levels}],
        since: {since:?},
        fix: Offer::{},
        text: include_str!(\"../../rules/{slug}/rule.md\"),
        check: {check},
        of_reading: {of_reading},
    }},
",
        constant(slug),
        capital(fix)
    )
}

fn constant(slug: &str) -> String {
    slug.replace('-', "_").to_uppercase()
}

fn module(slug: &str) -> String {
    slug.replace('-', "_")
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}
