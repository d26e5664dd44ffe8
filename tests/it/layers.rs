//! Who may name whom: the paths in the sources hold the layers of the crate.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Every module, and the modules of the crate that it may name. `docs/development.md` has the same as a table.
const MAY_NAME: [(&str, &[&str]); 34] = [
    ("yaml", &[]),
    ("fold", &[]),
    ("escape", &[]),
    ("suggest", &[]),
    ("shell", &[]),
    ("kubernetes", &[]),
    ("table", &[]),
    ("lazy", &["table"]),
    ("cloud", &["lazy", "table"]),
    ("redis", &["lazy", "suggest", "table"]),
    ("encryption", &["shell", "yaml"]),
    ("redact", &["yaml"]),
    ("chart", &["lazy", "suggest", "table", "yaml"]),
    ("intent", &["chart", "cloud", "kubernetes"]),
    ("profile", &["intent", "escape", "suggest", "redact", "yaml"]),
    ("plan", &["intent", "chart", "cloud", "kubernetes", "redis", "yaml"]),
    ("values", &["plan", "chart", "yaml"]),
    ("helm", &["kubernetes", "escape", "yaml"]),
    ("explain", &["chart", "yaml"]),
    (
        "source",
        &["chart", "cloud", "effective", "encryption", "escape", "lazy", "placeholder", "suggest", "table", "yaml"],
    ),
    ("placeholder", &["yaml"]),
    ("effective", &["chart", "encryption", "placeholder", "yaml"]),
    ("overview", &["chart", "cloud", "effective", "kubernetes", "objects", "shell", "templates", "yaml"]),
    ("mirror", &["chart", "effective", "shell"]),
    ("objects", &["chart", "effective", "yaml"]),
    ("preflight", &["kubernetes", "yaml"]),
    ("diff", &["chart", "effective", "encryption", "source", "table", "yaml"]),
    ("migrate", &["chart", "diff", "effective", "helm", "lint", "placeholder", "shell", "source", "table", "yaml"]),
    (
        "lint",
        &[
            "chart",
            "cloud",
            "effective",
            "encryption",
            "intent",
            "kubernetes",
            "escape",
            "suggest",
            "redact",
            "redis",
            "source",
            "table",
            "yaml",
        ],
    ),
    ("config", &["chart", "cloud", "escape", "lint", "suggest", "yaml"]),
    (
        "report",
        &[
            "chart",
            "diff",
            "effective",
            "encryption",
            "explain",
            "fold",
            "escape",
            "lint",
            "migrate",
            "objects",
            "overview",
            "preflight",
            "redact",
            "verify",
            "yaml",
        ],
    ),
    ("templates", &["helm", "escape", "shell"]),
    ("measure", &["chart", "table", "yaml"]),
    ("verify", &["chart", "cloud", "effective", "escape", "redis", "yaml"]),
];

/// The modules that may name every other, and touch files, the environment and the standard streams.
const EDGE: [&str; 4] = ["commands", "cli", "main", "lib"];

/// Crates, and the modules that alone may name them.
const ALONE: [(&str, &[&str]); 25] = [
    ("annotate_snippets", &["report"]),
    ("anstream", &["commands", "cli"]),
    ("anstyle", &["commands", "report"]),
    ("aho_corasick", &["source"]),
    ("anyhow", &["commands", "cli"]),
    ("clap_complete", &["commands"]),
    ("clap_mangen", &["commands"]),
    ("ctor", &["main"]),
    ("etcetera", &["commands"]),
    ("flate2", &["commands"]),
    ("granit_parser", &["yaml"]),
    ("hcl_edit", &["source"]),
    ("ipnet", &["kubernetes"]),
    ("indicatif", &["commands"]),
    ("memchr", &["source", "yaml"]),
    ("minijinja", &["templates"]),
    ("postcard", &["chart"]),
    ("rustls", &["commands"]),
    ("serde_yaml", &["profile"]),
    ("similar", &["commands", "redact", "report", "yaml"]),
    ("tar", &["commands"]),
    ("tempfile", &["commands"]),
    ("terminal_size", &["commands"]),
    ("textwrap", &["fold"]),
    ("toml", &["config"]),
];

/// What nothing below the edge may use: files, the environment, processes, the standard streams.
const OUTSIDE: [&str; 9] =
    ["std::fs", "fs::", "std::env", "env::", "io::std", "std::process", "TcpStream", "UdpSocket", "std::thread"];

/// A plan and an intent are no text: of `yaml` they know values alone.
const TEXTS: [&str; 4] = ["emit", "read_values", "Document", "Notes"];

struct Source {
    /// below `src`
    file: String,
    /// without comments, strings are left; without tests, which may name anything
    code: String,
}

impl Source {
    /// The module at the top that it belongs to.
    fn module(&self) -> &str {
        self.file.split('/').next().unwrap().trim_end_matches(".rs")
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The sources of the crate without its tests.
fn sources() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&src, &mut paths);
    let all: Vec<_> = paths.into_iter().map(|path| (fs::read_to_string(&path).unwrap(), path)).collect();
    let tests: Vec<PathBuf> = all.iter().flat_map(|(text, path)| test_modules(text, path)).collect();
    assert!(tests.iter().all(|test| test.exists() || test.with_extension("rs").exists()), "{tests:?}");
    let is_test = |path: &Path| tests.iter().any(|test| path.starts_with(test) || path == test.with_extension("rs"));
    let sources: Vec<_> = all
        .iter()
        .filter(|(_, path)| !is_test(path))
        .map(|(text, path)| Source { file: path.strip_prefix(&src).unwrap().display().to_string(), code: code(text) })
        .collect();
    assert!(sources.len() > 40, "the sources were not found");
    sources
}

/// The modules in files of their own that a source declares for its tests, without the ending of a file.
fn test_modules(text: &str, path: &Path) -> Vec<PathBuf> {
    let stem = path.file_stem().unwrap();
    let folder =
        if stem == "lib" || stem == "main" { path.parent().unwrap().to_owned() } else { path.with_extension("") };
    text.split("#[cfg(test)]\n")
        .skip(1)
        .filter_map(|rest| {
            rest.lines().next().unwrap().trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')
        })
        .map(|name| folder.join(name))
        .collect()
}

fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

/// The top modules of the crate that a source names, in `use` trees and in paths.
fn named(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let Some(tree) = rest.strip_prefix('{') else {
            found.insert(word(rest));
            continue;
        };
        let (mut depth, mut begins) = (0, true);
        for (at, c) in tree.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                c if begins && !c.is_whitespace() => {
                    found.insert(word(&tree[at..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    found
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn modules_name_only_what_lies_below_them() {
    let sources = sources();
    let modules: BTreeSet<_> = sources.iter().map(Source::module).collect();
    let listed: BTreeSet<_> = MAY_NAME.iter().map(|(name, _)| *name).chain(EDGE).collect();
    assert_eq!(modules, listed, "every module of the crate is listed, and no other");
    for source in &sources {
        let Some((_, may)) = MAY_NAME.iter().find(|(name, _)| *name == source.module()) else { continue };
        for other in named(&source.code).iter().filter(|other| modules.contains(other.as_str())) {
            assert!(other == source.module() || may.contains(&other.as_str()), "src/{} names `{other}`", source.file);
        }
    }
}

#[test]
fn the_list_allows_nothing_that_nobody_needs() {
    let sources = sources();
    for (module, may) in MAY_NAME {
        let names: BTreeSet<_> =
            sources.iter().filter(|source| source.module() == module).flat_map(|source| named(&source.code)).collect();
        for other in may {
            assert!(names.contains(*other), "`{module}` may name `{other}` and does not: take it from the list");
        }
    }
}

#[test]
fn the_head_of_a_folder_has_the_name_of_the_folder() {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut paths);
    paths.retain(|path| path.ends_with("mod.rs"));
    assert!(paths.is_empty(), "each is named after its folder instead, as `lint.rs` of `lint/`: {paths:?}");
}

#[test]
fn the_paths_of_a_source_are_found() {
    let code = "use crate::{\n    chart::{self, Chart},\n    yaml,\n};\nfn f() -> crate::plan::Plan {}\npub(crate) fn g() {}\n";
    assert_eq!(named(code).into_iter().collect::<Vec<_>>(), ["chart", "plan", "yaml"]);
}

#[test]
fn crates_stay_where_they_belong() {
    let sources = sources();
    for (name, may) in ALONE {
        let mut users = 0;
        for source in &sources {
            let named = source.code.match_indices(name).any(|(at, _)| {
                let before = source.code[..at].chars().next_back().unwrap_or(' ');
                let behind = &source.code[at + name.len()..];
                let path =
                    behind.starts_with("::") || source.code[..at].ends_with("use ") && behind.starts_with([';', ' ']);
                path && !before.is_alphanumeric() && before != '_' && !source.code[..at].ends_with("::")
            });
            assert!(!named || may.contains(&source.module()), "src/{} names the crate `{name}`", source.file);
            users += usize::from(named);
        }
        assert!(users > 0, "nobody names the crate `{name}`");
    }
}

/// The circles of files that name each other, each in the order of the alphabet. The grammar of an edit is one.
const CIRCLES: [&[&str]; 1] = [&["yaml/edit/block.rs", "yaml/edit/flow.rs"]];

/// The modules of the crate, each with its file.
struct Modules<'a>(BTreeMap<Vec<String>, &'a Source>);

impl<'a> Modules<'a> {
    fn of(sources: &'a [Source]) -> Self {
        Self(sources.iter().map(|source| (source.path(), source)).collect())
    }

    /// The file that a path from the top of the crate leads to. An item that the head of a folder exports is one of the
    /// head.
    fn file(&self, path: &[String]) -> Option<&'a Source> {
        let length = (1..=path.len()).rev().find(|length| self.0.contains_key(&path[..*length]))?;
        self.0.get(&path[..length]).copied()
    }

    /// The files that a file names. The heads of its own folder and of those above are left out: a module stands on what
    /// they define.
    fn named_by(&self, source: &Source) -> BTreeSet<&'a str> {
        let module = source.path();
        let mut all: Vec<Vec<String>> = Vec::new();
        for path in relative_paths(&source.code) {
            let path = match path.first().map(String::as_str) {
                Some("crate") => path[1..].to_vec(),
                _ => {
                    let up = path.iter().take_while(|step| *step == "super").count();
                    let above = &module[..module.len().saturating_sub(up)];
                    let below = path.iter().skip_while(|step| ["super", "self"].contains(&step.as_str()));
                    above.iter().chain(below).cloned().collect()
                }
            };
            // A module that is named by a `use` begins further paths.
            if let Some(name) = path.last().filter(|_| self.0.contains_key(&path)) {
                let further = paths_from(&source.code, name).into_iter();
                all.extend(further.map(|below| path.iter().chain(&below).cloned().collect()));
            }
            all.push(path);
        }
        let files = all.iter().filter_map(|path| self.file(path));
        files.filter(|other| !module.starts_with(&other.path())).map(|other| &*other.file).collect()
    }
}

/// What follows the name of a module in the paths of a source.
fn paths_from(code: &str, module: &str) -> Vec<Vec<String>> {
    let start = format!("{module}::");
    let begins = |at: &usize| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c));
    let found = code.match_indices(&start).map(|(at, _)| at).filter(begins);
    found.flat_map(|at| paths(&code[at + start.len()..])).collect()
}

/// The paths of a `use` tree, or the one path that a text begins with.
fn paths(text: &str) -> Vec<Vec<String>> {
    fn tree(text: &mut &str, above: &[String], found: &mut Vec<Vec<String>>) {
        let mut path = above.to_vec();
        loop {
            *text = text.trim_start();
            if let Some(rest) = text.strip_prefix('{') {
                *text = rest;
                loop {
                    tree(text, &path, found);
                    *text = text.trim_start();
                    match text.strip_prefix(',') {
                        Some(rest) => *text = rest.trim_start(),
                        None => break,
                    }
                    if text.starts_with('}') {
                        break;
                    }
                }
                *text = text.strip_prefix('}').unwrap_or(text);
                return;
            }
            let step = word(text);
            *text = &text[step.len()..];
            // The module itself, in a tree.
            if step != "self" || path.is_empty() {
                path.push(step);
            }
            match text.strip_prefix("::") {
                Some(rest) => *text = rest,
                None => break,
            }
        }
        let rest = text.trim_start();
        if let Some(rest) = rest.strip_prefix("as ") {
            *text = &rest[word(rest).len()..];
        }
        found.push(path);
    }
    let (mut text, mut found) = (text, Vec::new());
    tree(&mut text, &[], &mut found);
    found
}

/// The paths in a source that begin with `crate` or `super`, and those of `use` lines that begin with a module.
fn relative_paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut behind = 0;
    for (at, _) in code.char_indices() {
        let rest = &code[at..];
        let begins = ["crate::", "super::"].iter().any(|start| rest.starts_with(start))
            && !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        let is_use = rest.starts_with("use ") && code[..at].ends_with(|c: char| c.is_whitespace() || c == ')');
        if at < behind || !(begins || is_use) {
            continue;
        }
        let tree = rest.strip_prefix("use ").unwrap_or(rest);
        found.extend(paths(tree));
        if is_use {
            behind = at + rest.find(';').unwrap_or_default();
        }
    }
    found
}

impl Source {
    /// Its module, from the top of the crate on.
    fn path(&self) -> Vec<String> {
        let steps = self.file.trim_end_matches(".rs").split('/').map(str::to_owned);
        steps.filter(|step| !["mod", "lib"].contains(&step.as_str())).collect()
    }
}

/// Groups of files in which each leads to each other.
fn circles<'a>(named: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<Vec<&'a str>> {
    let reached = |from: &'a str| {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        let mut next = vec![from];
        while let Some(file) = next.pop() {
            next.extend(named.get(file).into_iter().flatten().filter(|other| found.insert(*other)).copied());
        }
        found
    };
    let all: BTreeMap<&str, BTreeSet<&str>> = named.keys().map(|file| (*file, reached(file))).collect();
    let mut found: Vec<Vec<&str>> = Vec::new();
    for (file, reached) in all.iter().filter(|(file, reached)| reached.contains(**file)) {
        let circle: Vec<&str> = reached.iter().filter(|other| all[**other].contains(file)).copied().collect();
        if !found.contains(&circle) {
            found.push(circle);
        }
    }
    found
}

#[test]
fn files_name_each_other_in_no_circle() {
    let sources = sources();
    let modules = Modules::of(&sources);
    let named: BTreeMap<&str, BTreeSet<&str>> =
        sources.iter().map(|source| (&*source.file, modules.named_by(source))).collect();
    let count: usize = named.values().map(BTreeSet::len).sum();
    assert!(count > 500, "only {count} paths were found");
    let found = circles(&named);
    let with_names: Vec<String> = found
        .iter()
        .map(|circle| {
            let inside = |file: &&str| {
                named[*file].iter().filter(|other| circle.contains(other)).copied().collect::<Vec<_>>().join(", ")
            };
            circle.iter().map(|file| format!("\n  src/{file} names {}", inside(file))).collect()
        })
        .collect();
    assert_eq!(found, CIRCLES, "files that name each other:{}", with_names.join("\n"));
}

#[test]
fn a_circle_is_found() {
    let source = |file: &str, code: &str| Source { file: file.to_owned(), code: code.to_owned() };
    let sources = [
        source("lib.rs", "mod a;\nmod b;\n"),
        source("a.rs", "mod x;\npub use x::Item;\n"),
        source("a/x.rs", "use super::f;\nuse crate::{\n    b::{self, y::Name as N},\n};\n"),
        source("b.rs", "mod y;\nmod z;\n"),
        source("b/y.rs", "pub(super) fn g(item: &crate::a::x::Item) {}\nuse super::z::H;\n"),
        source("b/z.rs", "use super::super::b;\nuse crate::c;\nfn f() { c::w::g() }\n"),
        source("c.rs", "mod w;\n"),
        source("c/w.rs", "\n"),
    ];
    let modules = Modules::of(&sources);
    let named: BTreeMap<&str, BTreeSet<&str>> =
        sources.iter().map(|source| (&*source.file, modules.named_by(source))).collect();
    assert_eq!(named["a/x.rs"], BTreeSet::from(["b.rs", "b/y.rs"]));
    assert_eq!(named["b/y.rs"], BTreeSet::from(["a/x.rs", "b/z.rs"]));
    assert_eq!(named["b/z.rs"], BTreeSet::from(["c.rs", "c/w.rs"]));
    assert_eq!(circles(&named), [["a/x.rs", "b/y.rs"]]);
}

/// Words of secrets: whether a name or a text holds one of them is asked of `redact` alone.
const WORDS_OF_SECRETS: [&str; 5] = ["password", "passwd", "token", "requirepass", "masterauth"];

/// What begins a condition over a text; its literals follow.
const CONDITIONS: [&str; 9] = [
    "contains(",
    "starts_with(",
    "ends_with(",
    "strip_prefix(",
    "strip_suffix(",
    "ignore_ascii_case(",
    "find(",
    " == ",
    " != ",
];

/// Flags and fields with the source of a password, by their whole names.
const WHERE_FROM: [&str; 3] = ["--password-stdin", "password_stdin", "password_"];

/// Conditions that hide nothing and show nothing: they look for a key or a directive by its whole name.
const OTHER_CONDITIONS: [(&str, &str); 2] = [
    ("lint/rules/plaintext_password.rs", r#"matches!(directive.name.as_str(), "requirepass" | "masterauth")"#),
    ("source/detect.rs", r#"["usePassword", "configmap"].contains(&name)"#),
];

/// The conditions of a source that ask for a word of a secret, each with its line.
fn conditions_over_secrets(code: &str) -> Vec<String> {
    let behind = CONDITIONS.iter().flat_map(|begin| code.match_indices(begin)).map(|(at, begin)| {
        let rest = code[at + begin.len()..].trim_start_matches(['&', '*', '[', ' ', '\n']);
        (at, first_literals(rest))
    });
    // `matches!(name, "a" | "b")`, and `["a", "b"].contains(&name)`.
    let listed =
        code.match_indices("matches!").map(|(at, begin)| (at, bracketed(&code[at + begin.len()..]).to_owned()));
    let lists = ["].contains(", "].iter()"].into_iter().flat_map(|end| code.match_indices(end)).map(|(end, _)| {
        let at = code[..end].rfind('[').unwrap_or(end);
        (at, code[at + 1..end].to_owned())
    });
    let found = behind.chain(listed).chain(lists).filter(|(_, literals)| {
        literals.split('"').skip(1).step_by(2).any(|literal| {
            let literal = literal.to_ascii_lowercase();
            WORDS_OF_SECRETS.iter().any(|word| literal.contains(word)) && !WHERE_FROM.contains(&literal.as_str())
        })
    });
    let line = |at: usize| {
        let start = code[..at].rfind('\n').map_or(0, |end| end + 1);
        code[start..].lines().next().unwrap_or_default().trim().to_owned()
    };
    found.map(|(at, _)| line(at)).collect()
}

/// A text up to the bracket that closes the one it begins with.
fn bracketed(text: &str) -> &str {
    let (mut depth, mut in_literal) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' if !text[..at].ends_with(['\'', '\\']) => in_literal = !in_literal,
            '(' if !in_literal => depth += 1,
            ')' if !in_literal => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

/// The literals that a text begins with, and the signs between them.
fn first_literals(text: &str) -> String {
    let mut in_literal = false;
    let part = |c: &char| {
        in_literal ^= *c == '"';
        in_literal || *c == '"' || c.is_whitespace() || "|,&".contains(*c)
    };
    text.chars().take_while(part).collect()
}

#[test]
fn what_a_secret_is_is_decided_in_one_place() {
    let sources = sources();
    for source in sources.iter().filter(|source| source.module() != "redact") {
        for condition in conditions_over_secrets(&source.code) {
            let may = OTHER_CONDITIONS.iter().any(|(file, may)| *file == source.file && condition.contains(may));
            assert!(may, "src/{} decides what a secret is, which `redact` is for: {condition}", source.file);
        }
    }
    for (file, condition) in OTHER_CONDITIONS {
        let is_there = sources.iter().any(|source| source.file == file && source.code.contains(condition));
        assert!(is_there, "src/{file} has no such condition: take it from the list: {condition}");
    }
}

#[test]
fn a_condition_over_a_secret_is_found() {
    for code in [
        r#"fn f(a: &str) -> bool { a.to_lowercase().contains("password") }"#,
        r#"if name == "passwd" {}"#,
        r#"matches!(name.as_str(), "a" | "auth-token")"#,
        r#"let lower = text.find("requirepass");"#,
        r#"["pass", "Password"].contains(&name)"#,
        r#"["password", "masterauth"].iter().any(|word| name.contains(word))"#,
    ] {
        assert_eq!(conditions_over_secrets(code).len(), 1, "{code}");
    }
    for code in [
        r#"bail!("the password has more than one line")"#,
        r#"if id == "auth-off" { say("password") }"#,
        r#"flag == "--password-stdin""#,
    ] {
        assert_eq!(conditions_over_secrets(code), [""; 0], "{code}");
    }
}

/// The layers, as the table in `docs/development.md` has them.
#[test]
fn the_table_of_layers_is_true() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/development.md")).unwrap();
    let table = page.split_once("\n| module | may use | contains |\n|---|---|---|\n").unwrap().1;
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    let mut listed = Vec::new();
    for row in table.lines().take_while(|line| line.starts_with('|')) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        for module in names(cells[1]) {
            if cells[2] == "all" {
                assert!(EDGE.contains(&module.as_str()), "docs/development.md: `{module}` may not use all modules");
                continue;
            }
            let known = MAY_NAME.iter().find(|(name, _)| *name == module);
            let (_, may) = known.unwrap_or_else(|| panic!("docs/development.md: there is no module `{module}`"));
            let may: BTreeSet<_> = may.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(names(cells[2]), may, "docs/development.md: `{module}`");
            listed.push(module);
        }
    }
    for (module, _) in MAY_NAME {
        assert!(listed.iter().any(|name| name == module), "docs/development.md: `{module}` is missing");
    }
}

#[test]
fn the_core_touches_no_file_no_environment_and_no_stream() {
    for source in sources().iter().filter(|source| !EDGE.contains(&source.module())) {
        for line in source.code.lines() {
            for name in OUTSIDE {
                assert!(!line.contains(name), "src/{} uses `{name}`: {line}", source.file);
            }
        }
    }
}

#[test]
fn wishes_and_plans_are_no_text() {
    for source in sources().iter().filter(|source| ["intent", "plan"].contains(&source.module())) {
        for name in TEXTS {
            let used = source.code.contains(&format!("yaml::{name}")) || source.code.contains(&format!("{name}("));
            assert!(!used, "src/{} writes or reads YAML: `{name}`", source.file);
        }
    }
}
