//! The pages of the rules are run: *bad* fires the rule, *good* fires none, and *bad* after its fix is *good*.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use redisgen::{
    lint::{
        Diagnostic, Fix, FixAvailability, Rule, Severity,
        engine::{self, LintResult},
        rules,
    },
    source::Known,
    yaml::edit,
};

use crate::support::pages;
use pages::{charts, examples};

/// The rules about images that are gone from their registry, or old, which fire on each chart before 24 with its own
/// images.
const OLD_IMAGES: [&str; 2] = ["image-catalogue-moved", "redis-with-known-holes"];

const SECTIONS: [&str; 4] = ["## Bad", "## Good", "## Fix", "## Source"];

fn judged(text: &str) -> Vec<Diagnostic> {
    assert!(text.contains("redisgen: chart redis "), "an example names its chart version:\n{text}");
    let LintResult { diagnostics, foreign, refused, is_template: _ } =
        engine::lint_text(text, &Known::default(), &charts);
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
            // Of the images of older charts there is always something to say, and their own pages say it.
            let is_told = |found: &Diagnostic| found.severity > Severity::Info && !OLD_IMAGES.contains(&found.rule);
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

/// What the section *Fix* of a page says: a fix that it does not call unsafe is safe.
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

/// The good examples stand in the order of the bad ones that have a fix, equal to the byte.
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

/// Every text that a person reads from lint: the prose of the pages and the string literals of the code. The phrases are
/// in a file, one a line, to join them with lists of other parts later.
#[test]
fn no_text_of_lint_has_a_refused_phrase() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let phrases = fs::read_to_string(root.join("tests/data/refused-phrases-lint.txt")).unwrap();
    let phrases: Vec<&str> = phrases.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(phrases.len() > 20, "{phrases:?}");
    let mut files = files_below(&root.join("src/lint"));
    files.sort();
    let mut wrong = Vec::new();
    let (mut pages, mut literals) = (0, 0);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let texts = match file.extension().and_then(|ending| ending.to_str()) {
            Some("md") => prose(&text),
            Some("rs") => string_literals(&text),
            _ => continue,
        };
        match file.extension().is_some_and(|ending| ending == "md") {
            true => pages += 1,
            false => literals += texts.len(),
        }
        let name = file.strip_prefix(root).unwrap().display();
        for (line, text) in texts {
            let refused = phrases.iter().filter(|phrase| has_phrase(&text, phrase));
            wrong.extend(refused.map(|phrase| format!("{name}:{line}: `{phrase}` in: {text}")));
        }
    }
    assert!(pages == rules::all().len() && literals > 500, "{pages} pages, {literals} literals");
    assert!(wrong.is_empty(), "use plain words instead:\n{}", wrong.join("\n"));
}

#[test]
fn refused_phrases_are_found_as_whole_words_outside_code() {
    assert!(has_phrase("Nobody reads it", "nobody") && has_phrase("all of which is read", "of which"));
    assert!(!has_phrase("sentinel-master is a masterpiece", "master"));
    let code = "let a = \"one \\\n    two `master`\"; // \"of which\"\nlet b = '\"'; f(r#\"x \"of\" which\"#);";
    assert_eq!(string_literals(code), [(1, "one two ``".to_owned()), (3, "x \"of\" which".to_owned())]);
    assert_eq!(string_literals("f(\"a b\");\n#[cfg(test)]\nmod tests { f(\"c d\") }").len(), 1);
    assert_eq!(prose("a\nb `c`\n\n```yaml\nd\n```\n\ne"), [(1, "a b ``".to_owned()), (8, "e".to_owned())]);
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// Whether a text contains a phrase as whole words, in any case. A hyphen joins words to one.
fn has_phrase(text: &str, phrase: &str) -> bool {
    let (text, phrase) = (text.to_lowercase(), phrase.to_lowercase());
    let is_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.match_indices(&phrase)
        .any(|(at, _)| !text[..at].ends_with(is_word) && !text[at + phrase.len()..].starts_with(is_word))
}

/// A text on one line, with nothing between its backticks.
fn without_code(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let parts = words.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { "" } else { part }).collect::<Vec<_>>().join("`")
}

/// The paragraphs of a page without its code blocks, each with its line.
fn prose(page: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let (mut is_code, mut is_open) = (false, false);
    for (at, line) in page.lines().enumerate() {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        if is_code || is_fence || line.is_empty() {
            is_open = false;
            continue;
        }
        match found.last_mut().filter(|_| is_open) {
            Some((_, text)) => *text += &format!("\n{line}"),
            None => found.push((at + 1, line.to_owned())),
        }
        is_open = true;
    }
    found.into_iter().map(|(line, text)| (line, without_code(&text))).collect()
}

/// The string literals of more than one word, before the tests of a file, each with its line.
fn string_literals(code: &str) -> Vec<(usize, String)> {
    let code = code.split("#[cfg(test)]").next().unwrap();
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(['"', '\'', '/']) {
        let line = code[..code.len() - rest.len() + at].matches('\n').count() + 1;
        let (before, here) = rest.split_at(at);
        if let Some(comment) = here.strip_prefix("//") {
            rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some(after) = here.strip_prefix('"') {
            let hashes = before.len() - before.trim_end_matches('#').len();
            let is_raw = before.trim_end_matches('#').ends_with('r');
            let end = match is_raw {
                true => after.find(&format!("\"{}", "#".repeat(hashes))),
                false => unescaped_quote(after),
            };
            let (literal, behind) = after.split_at(end.expect("the end of a literal"));
            let text = if is_raw { literal.to_owned() } else { literal.replace("\\\n", " ") };
            if text.trim().contains(char::is_whitespace) {
                found.push((line, without_code(&text)));
            }
            rest = &behind[1..];
        } else if let Some(quote) = ["'\"'", "'\\\"'", "'/'"].iter().find(|quote| here.starts_with(**quote)) {
            rest = &here[quote.len()..];
        } else {
            rest = &here[1..];
        }
    }
    found
}

fn unescaped_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.find(|c: char| {
        let is_end = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end
    })
}
