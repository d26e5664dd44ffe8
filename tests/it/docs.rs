//! The pages for readers: their size, their links and their language.
//!
//! `tests/it/cli.rs` runs the commands that the pages show.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;

/// The largest README, in bytes.
const LARGEST_README: usize = 10_240;

/// The most lines of CONTRIBUTING.md, which points to `docs/development.md`.
const LONGEST_CONTRIBUTING: usize = 60;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README.md, CONTRIBUTING.md, the pages of `docs` and the page of the tests, by their paths below the root.
fn pages() -> BTreeMap<PathBuf, String> {
    let docs =
        fs::read_dir(root().join("docs")).unwrap().map(|entry| Path::new("docs").join(entry.unwrap().file_name()));
    let pages: BTreeMap<_, _> = docs
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .chain(["README.md", "CONTRIBUTING.md", "tests/README.md"].map(PathBuf::from))
        .map(|path| (path.clone(), fs::read_to_string(root().join(&path)).unwrap()))
        .collect();
    assert!(pages.len() > 10, "the pages were not found");
    pages
}

/// The lines outside of fenced blocks, with their numbers.
fn prose(page: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for (at, line) in page.lines().enumerate() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push((at + 1, line));
        }
    }
    assert!(!fenced, "a fenced block has no end");
    lines
}

/// A line without its code spans, which show keys, flags and output.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// The anchors that the headings of a page get on GitHub.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for (_, line) in prose(page) {
        let Some((hashes, heading)) = line.split_once(' ') else { continue };
        if hashes.is_empty() || !hashes.chars().all(|c| c == '#') {
            continue;
        }
        let slug: String = heading
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        assert!(anchors.insert(slug), "two headings have the same anchor: {line}");
    }
    anchors
}

#[test]
fn the_first_pages_are_short() {
    let pages = pages();
    let size = pages[Path::new("README.md")].len();
    assert!(size <= LARGEST_README, "README.md has {size} bytes, more than {LARGEST_README}: move a part to docs");
    let lines = pages[Path::new("CONTRIBUTING.md")].lines().count();
    assert!(lines <= LONGEST_CONTRIBUTING, "CONTRIBUTING.md has {lines} lines: move a part to docs/development.md");
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let link = Regex::new(r"\[[^\]]*\]\(([^)\s]+)\)").unwrap();
    let mut count = 0;
    for (path, page) in pages() {
        for (number, line) in prose(&page) {
            for captures in link.captures_iter(line) {
                let target = &captures[1];
                if target.contains("://") {
                    continue;
                }
                count += 1;
                let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                let file = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
                let at = format!("{}:{number}: `{target}`", path.display());
                assert!(root().join(&file).exists(), "{at} leads to no file");
                if !anchor.is_empty() {
                    let text = fs::read_to_string(root().join(&file)).unwrap();
                    assert!(anchors(&text).contains(anchor), "{at} leads to no heading");
                }
            }
        }
    }
    assert!(count > 100, "{count} links were found");
}

/// A page that README.md does not list is not found by a reader.
#[test]
fn the_readme_links_to_every_page() {
    let pages = pages();
    let readme = &pages[Path::new("README.md")];
    for path in pages.keys().filter(|path| path.starts_with("docs")) {
        assert!(readme.contains(&format!("({})", path.display())), "README.md has no link to {}", path.display());
    }
}

/// The names of the files of a folder that end in this way, without that ending.
fn names(folder: &str, ending: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().file_name());
    entries.filter_map(|name| Some(name.to_str().unwrap().strip_suffix(ending)?.to_owned())).collect()
}

/// The code spans in the first cells of a table, which has this head.
fn listed(page: &str, head: &str) -> BTreeSet<String> {
    let table = page.split_once(&format!("\n{head}\n")).unwrap().1;
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn the_page_of_the_tests_lists_every_module() {
    let programs =
        names("tests", "").into_iter().filter(|name| root().join("tests").join(name).join("main.rs").exists());
    let programs: Vec<_> = programs.collect();
    assert!(programs.len() > 1 && names("tests", ".rs").is_empty(), "a test belongs into a module of {programs:?}");
    let page = fs::read_to_string(root().join("tests/README.md")).unwrap();
    let mut all = BTreeSet::new();
    for program in programs {
        let mut modules = names(&format!("tests/{program}"), ".rs");
        assert!(modules.remove("main") && modules.len() > 5, "the modules of tests/{program} were not found");
        let section = page.split_once(&format!("\n### tests/{program}\n")).unwrap().1;
        assert_eq!(listed(section, "| module | holds | seconds | needs | update |"), modules, "tests/{program}");
        all.extend(modules);
    }
    for module in &all {
        let others = all.iter().filter(|other| other.ends_with(module.as_str())).count();
        assert_eq!(others, 1, "`{module}::` also selects the tests of another module");
    }
}

#[test]
fn the_development_page_lists_every_table_of_facts() {
    let page = fs::read_to_string(root().join("docs/development.md")).unwrap();
    assert_eq!(listed(&page, "| tables | facts | origin |"), names("src/chart/data", ".tsv"));
}

#[test]
fn the_prose_holds_no_refused_phrase() {
    let list = fs::read_to_string(root().join("tests/data/refused-phrases.txt")).unwrap();
    let phrases: Vec<_> = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(phrases.len() > 40, "{} phrases were found", phrases.len());
    let phrase = phrases.iter().map(|phrase| regex::escape(phrase).replace(' ', r"\s+")).collect::<Vec<_>>().join("|");
    let refused = Regex::new(&format!(r"(?i)\b(?:{phrase})\b")).unwrap();
    let mut found = Vec::new();
    for (path, page) in pages() {
        // The tables of options and rules are the texts of the program.
        let mut generated = false;
        for (number, line) in prose(&page) {
            generated =
                (generated || line.contains(": written by tests/it/cli.rs -->")) && !line.starts_with("<!-- end of ");
            if generated {
                continue;
            }
            for refusal in refused.find_iter(&without_code(line)) {
                found.push(format!("{}:{number}: {}", path.display(), refusal.as_str()));
            }
        }
    }
    assert!(found.is_empty(), "docs/glossary.md has other words for these:\n{}", found.join("\n"));
}
