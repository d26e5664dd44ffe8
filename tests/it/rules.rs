//! The pages of the rules are run: *bad* fires the rule, *good* fires none, and *bad* after its fix is *good*.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use redisgen::{
    lint::{
        Diagnostic, Fix, FixAvailability, Rule, Severity,
        engine::{self, LintResult},
        rules,
    },
    source::Hints,
    yaml::edit,
};

use crate::support::pages;
use pages::{charts, examples};

/// The rules about images that are gone from their registry, or old, which fire on each chart before 24 with its own
/// images.
const OLD_IMAGES: [&str; 2] = ["image-catalogue-moved", "redis-with-known-holes"];

/// The rules about memory, which fire on each chart with its own sizes and its own redis.conf.
const OWN_SIZES: [&str; 2] = ["maxmemory-unset", "preset-resources"];

const SECTIONS: [&str; 4] = ["## Bad", "## Good", "## Fix", "## Source"];

fn judged(text: &str) -> Vec<Diagnostic> {
    assert!(text.contains("redisgen: chart redis "), "an example names its chart version:\n{text}");
    let LintResult { diagnostics, foreign, refused, is_template: _ } =
        engine::lint_text(text, &Hints::default(), &charts);
    assert!(foreign.is_none() && refused.is_empty(), "{foreign:?} {refused:?}\n{text}");
    diagnostics
}

#[test]
fn the_list_is_sorted_and_equal_to_the_folder() {
    let ids: Vec<_> = rules::all().iter().map(|rule| rule.id).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lint/rules");
    let files: BTreeSet<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let wanted: BTreeSet<String> = ids
        .iter()
        .flat_map(|id| [format!("{}.rs", id.replace('-', "_")), format!("{}.md", id.replace('-', "_"))])
        .collect();
    assert_eq!(files, wanted);
}

#[test]
fn every_page_is_whole() {
    for rule in rules::all() {
        assert!(rule.docs.starts_with(&format!("# {}\n", rule.id)), "{}", rule.id);
        for section in SECTIONS {
            assert!(rule.docs.contains(&format!("\n{section}\n")), "{} has no `{section}`", rule.id);
        }
        assert!(!examples(rule, "Bad").is_empty() && !examples(rule, "Good").is_empty(), "{}", rule.id);
        assert!(!rule.summary.ends_with('.') && rule.summary.len() < 110, "{}", rule.id);
        assert_eq!(rules::named(rule.id).unwrap().id, rule.id);
    }
}

#[test]
fn what_is_bad_fires_the_rule() {
    for rule in rules::all() {
        for example in examples(rule, "Bad") {
            let found = judged(&example);
            assert!(found.iter().any(|found| found.rule == rule.id), "{} is silent on\n{example}", rule.id);
        }
    }
}

#[test]
fn what_is_good_fires_none() {
    let mut wrong = Vec::new();
    for rule in rules::all() {
        for example in examples(rule, "Good") {
            let mut found = judged(&example);
            // Images of older charts and the default sizes always have findings, which have their own pages.
            let is_usual = |rule| OLD_IMAGES.contains(&rule) || OWN_SIZES.contains(&rule);
            let is_told = |found: &Diagnostic| found.severity > Severity::Info && !is_usual(found.rule);
            found.retain(|found| found.rule == rule.id || is_told(found));
            wrong
                .extend(found.iter().map(|found| format!("{}: {}: {}\n{example}", rule.id, found.rule, found.message)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_says_which_fixes_there_are() {
    for rule in rules::all() {
        assert_eq!(rule.fix, described_fix(rule), "{}: the section *Fix* says something else", rule.id);
    }
}

/// Reads the section *Fix* of a page: a fix is safe unless the section calls it unsafe.
fn described_fix(rule: &Rule) -> FixAvailability {
    let section = rule.docs.split("\n## Fix\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap().trim();
    let has = |wanted: &str| section.split(|c: char| !c.is_alphanumeric()).any(|word| word == wanted);
    match (has("safe"), has("unsafe")) {
        _ if section.starts_with("None") => FixAvailability::None,
        (true, true) => FixAvailability::Either,
        (false, true) => FixAvailability::Unsafe,
        (_, false) => FixAvailability::Safe,
    }
}

#[test]
fn a_rule_has_only_the_fixes_that_it_declares() {
    let mut seen: BTreeMap<&str, BTreeSet<bool>> = BTreeMap::new();
    for rule in rules::all() {
        for example in ["Bad", "Good"].into_iter().flat_map(|section| examples(rule, section)) {
            for Diagnostic { rule, fix, .. } in judged(&example) {
                seen.entry(rule).or_default().extend(fix.iter().map(Fix::is_safe));
            }
        }
    }
    for rule in rules::all() {
        let declared = match rule.fix {
            FixAvailability::None => vec![],
            FixAvailability::Safe => vec![true],
            FixAvailability::Unsafe => vec![false],
            FixAvailability::Either => vec![false, true],
        };
        let found = seen.get(rule.id).into_iter().flatten();
        assert!(found.clone().all(|is_safe| declared.contains(is_safe)), "{}: {found:?}", rule.id);
    }
}

/// The good examples are equal to the fixed bad examples, in the same order.
#[test]
fn what_is_bad_is_good_after_its_fix() {
    for rule in rules::all() {
        let mut fixed = Vec::new();
        for bad in examples(rule, "Bad") {
            let fixes = judged(&bad).into_iter().filter(|found| found.rule == rule.id).filter_map(|found| found.fix);
            let edits: Vec<_> = fixes.flat_map(|fix| fix.edits).collect();
            if !edits.is_empty() {
                fixed.push(edit::apply(&bad, &edits).unwrap());
            }
        }
        let none = rule.fix == FixAvailability::None;
        assert_eq!(fixed.is_empty(), none, "{}: page and code disagree on whether there is a fix", rule.id);
        let good = examples(rule, "Good");
        assert_eq!(fixed[..], good[..fixed.len().min(good.len())], "{}", rule.id);
    }
}
