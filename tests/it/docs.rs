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

/// Parts of texts with a refused phrase that stay, with the reason.
const ALLOWED: [(&str, &str); 3] = [
    ("grep -q '^master'", "Redis itself reports this role"),
    ("grep -q '^slave'", "Redis itself reports this role"),
    (", or to upgrade what is there:", "the head of files of earlier versions"),
];

/// Tables with cells that a person reads. The last column is the source of a fact.
const TABLES: [&str; 5] = [
    "src/chart/data/before.tsv",
    "src/chart/data/holes.tsv",
    "src/cloud/controllers.tsv",
    "src/cloud/recipes.tsv",
    "src/migrate/notes.tsv",
];

/// The turns of phrase that make comments hard to read, by their number in the comments of 2026-11.
const TURNS: [&str; 20] = [
    "stands",
    "stand",
    "said",
    "says",
    "say",
    "told",
    "tells",
    "beside",
    "anew",
    "nobody",
    "whoever",
    "so that",
    "of which",
    "for which",
    "laid over",
    "lays",
    "in the words of",
    "what is wanted",
    "what is there",
    "wishes",
];

/// Matches any of these phrases, in any case and with any white space.
fn any_of<'a>(phrases: impl IntoIterator<Item = &'a str>) -> Regex {
    let phrases: Vec<_> = phrases.into_iter().map(|phrase| regex::escape(phrase).replace(' ', r"\s+")).collect();
    Regex::new(&format!(r"(?i)\b(?:{})\b", phrases.join("|"))).unwrap()
}

/// The phrases in a text outside of its code. A hyphen joins words to one.
fn refused<'a>(text: &'a str, phrases: &'a Regex) -> impl Iterator<Item = String> + 'a {
    let text = ALLOWED.iter().fold(without_code(text), |text, (allowed, _)| text.replace(allowed, ""));
    let joins = |c: Option<char>| c == Some('-');
    let found: Vec<_> = phrases
        .find_iter(&text)
        .filter(|found| !joins(text[..found.start()].chars().next_back()) && !joins(text[found.end()..].chars().next()))
        .map(|found| found.as_str().split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    found.into_iter()
}

/// The paragraphs of a page outside of fenced blocks, with the numbers of their first lines.
fn paragraphs(page: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    for (number, line) in prose(page) {
        let goes_on = found.last().is_some_and(|(first, text)| first + text.lines().count() == number);
        match found.last_mut().filter(|_| goes_on && !line.is_empty()) {
            Some((_, text)) => *text += &format!("\n{line}"),
            None => found.push((number, line.to_owned())),
        }
    }
    found
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect();
    files.sort();
    files
}

/// The source files of the program without its tests, by their paths below the root.
fn sources() -> Vec<(String, String)> {
    let tests = Regex::new(r"#\[cfg\(test\)\]\s*mod \w+ \{").unwrap();
    let files = files_below(&root().join("src")).into_iter().filter(|file| file.extension().is_some_and(|e| e == "rs"));
    let sources = files.filter_map(|file| {
        let path = file.strip_prefix(root()).unwrap().display().to_string();
        let text = fs::read_to_string(&file).unwrap();
        let code = tests.find(&text).map_or(text.as_str(), |found| &text[..found.start()]);
        (!path.contains("/tests")).then(|| (path, code.to_owned()))
    });
    sources.collect()
}

/// A piece of Rust code that is text: a string literal or the paragraph of a comment, with the number of its first line.
#[derive(Debug, PartialEq)]
enum Piece {
    Literal(usize, String),
    Comment(usize, String),
}

/// The literals and comments of a source file.
fn pieces(code: &str) -> Vec<Piece> {
    let literal = Regex::new(r##"(?s)^(?:r"([^"]*)"|r#"(.*?)"#|"((?:[^"\\]|\\.)*)")"##).unwrap();
    let character = Regex::new(r"^'(?:\\u\{\w+\}|\\x\w\w|\\.|[^'\\])'").unwrap();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut comment_until = 0;
    let mut at = 0;
    while let Some(c) = code[at..].chars().next() {
        let here = &code[at..];
        let line = || code[..at].matches('\n').count() + 1;
        if here.starts_with("//") {
            let text = here.lines().next().unwrap_or_default();
            let number = line();
            let words = text.trim_start_matches(['/', '!']).trim();
            match pieces.last_mut() {
                Some(Piece::Comment(_, known)) if comment_until + 1 == number && !words.is_empty() => {
                    *known += &format!("\n{words}");
                }
                _ => pieces.push(Piece::Comment(number, words.to_owned())),
            }
            comment_until = if words.is_empty() { 0 } else { number };
            at += text.len();
        } else if let Some(found) = literal.captures(here) {
            let text = found.iter().skip(1).flatten().next().map_or("", |text| text.as_str());
            pieces.push(Piece::Literal(line(), text.replace("\\\n", " ")));
            at += found[0].len();
        } else if let Some(found) = character.find(here) {
            at += found.len();
        } else {
            at += c.len_utf8();
        }
    }
    pieces
}

/// The help of the program and of each command, by the command.
fn help() -> Vec<(String, String)> {
    fn add(command: &[&str], all: &mut Vec<(String, String)>) {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_redisgen")).args(command).arg("--help").output();
        let text = String::from_utf8(output.unwrap().stdout).unwrap();
        let commands = text.split_once("\nCommands:\n").map_or("", |(_, rest)| rest.split("\n\n").next().unwrap());
        let names = commands.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
        for name in names.filter(|name| *name != "help" && !name.is_empty()) {
            add(&[command, &[name]].concat(), all);
        }
        all.push((format!("redisgen {} --help", command.join(" ")), text));
    }
    let mut all = Vec::new();
    add(&[], &mut all);
    all
}

/// All texts that a person reads, with their places.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let mut pages: Vec<_> = pages().into_iter().map(|(path, page)| (path.display().to_string(), page)).collect();
    let newest = read("CHANGELOG.md").split("\n## ").nth(1).unwrap().to_owned();
    pages.push(("CHANGELOG.md, newest section".to_owned(), newest));
    for file in files_below(&root().join("src")).iter().filter(|file| file.extension().is_some_and(|e| e == "md")) {
        pages.push((file.strip_prefix(root()).unwrap().display().to_string(), fs::read_to_string(file).unwrap()));
    }
    assert!(pages.len() > 60, "the pages of the rules were not found");
    for (path, page) in &pages {
        texts.extend(paragraphs(page).into_iter().map(|(number, text)| (format!("{path}:{number}"), text)));
    }
    let variable = Regex::new(r"(?s)\{\{.*?\}\}|\{%.*?%\}").unwrap();
    for folder in ["profiles", "templates"] {
        for file in files_below(&root().join(folder)) {
            let path = file.strip_prefix(root()).unwrap().display().to_string();
            texts.push((path, variable.replace_all(&fs::read_to_string(&file).unwrap(), "").into_owned()));
        }
    }
    for path in TABLES {
        for (at, row) in read(path).lines().enumerate().filter(|(_, row)| !row.starts_with('#')) {
            let cells =
                row.rsplit_once('\t').map_or(row, |(cells, _)| cells).split('\t').filter(|cell| cell.contains(' '));
            texts.extend(cells.map(|cell| (format!("{path}:{}", at + 1), cell.to_owned())));
        }
    }
    let help = help();
    assert!(help.len() > 15, "{} commands were found", help.len());
    texts.extend(help);
    let placeholder = Regex::new(r"\{[^{}\s]*\}").unwrap();
    for (path, code) in sources() {
        for piece in pieces(&code) {
            match piece {
                Piece::Literal(line, text) if text.contains(' ') => {
                    texts.push((format!("{path}:{line}"), placeholder.replace_all(&text, "{}").into_owned()));
                }
                _ => {}
            }
        }
    }
    texts
}

#[test]
fn no_text_has_a_refused_phrase() {
    let list = fs::read_to_string(root().join("tests/data/refused-phrases.txt")).unwrap();
    let phrases: Vec<_> = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(phrases.len() > 100, "{} phrases were found", phrases.len());
    let phrases = any_of(phrases);
    let texts = texts();
    assert!(texts.len() > 4000, "{} texts were found", texts.len());
    let wrong = |(place, text): &(String, String)| -> Vec<String> {
        let line = |phrase: &str| text.lines().find(|line| line.contains(phrase)).unwrap_or(text).trim();
        refused(text, &phrases).map(|phrase| format!("{place}: `{phrase}` in: {}", line(&phrase))).collect()
    };
    let found: Vec<_> = texts.iter().flat_map(wrong).collect();
    assert!(found.is_empty(), "docs/glossary.md has other words for these:\n{}", found.join("\n"));
    for (allowed, reason) in ALLOWED {
        assert!(texts.iter().any(|(_, text)| text.contains(allowed)), "no text has `{allowed}` any more ({reason})");
    }
}

#[test]
fn no_comment_has_a_turn_of_phrase_that_needs_a_second_reading() {
    let turns = any_of(TURNS);
    let mut found = Vec::new();
    let mut count = 0;
    for (path, code) in sources() {
        for piece in pieces(&code) {
            let Piece::Comment(line, text) = piece else { continue };
            count += 1;
            found.extend(refused(&text, &turns).map(|turn| format!("{path}:{line}: `{turn}` in: {text}")));
        }
    }
    assert!(count > 500, "{count} comments were found");
    assert!(found.is_empty(), "say these plainly:\n{}", found.join("\n"));
}

#[test]
fn refused_phrases_are_found_as_whole_words_outside_code() {
    let phrases = any_of(["nobody", "of which", "master"]);
    let found = |text: &str| refused(text, &phrases).collect::<Vec<_>>();
    assert_eq!(found("Nobody reads it, all of\n   which is read"), ["Nobody", "of which"]);
    assert!(found("sentinel-master is a masterpiece of `master`, grep -q '^master'").is_empty());
    let code =
        "let a = \"one \\\n    two\"; // of\n// which\nlet b = '\"';\n\n/// c\n///\n/// d\nf(r#\"x \"of\" which\"#);";
    let pieces = pieces(code);
    assert_eq!(
        pieces,
        [
            Piece::Literal(1, "one      two".to_owned()),
            Piece::Comment(2, "of\nwhich".to_owned()),
            Piece::Comment(6, "c".to_owned()),
            Piece::Comment(7, String::new()),
            Piece::Comment(8, "d".to_owned()),
            Piece::Literal(9, "x \"of\" which".to_owned()),
        ]
    );
    assert_eq!(
        paragraphs("a\nb\n\n```yaml\nd\n```\ne"),
        [(1, "a\nb".to_owned()), (3, String::new()), (7, "e".to_owned())]
    );
}
