//! Who may name whom: the `use` lines hold the layers of the crate.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

use std::{fs, path::Path};

/// A module and the modules of the crate that it may name. What stands on the left of none is free.
const MAY_NAME: [(&str, &[&str]); 9] = [
    ("yaml", &[]),
    ("cloud", &[]),
    ("chart", &["yaml"]),
    ("intent", &["chart", "cloud"]),
    ("profile", &["intent", "yaml", "chart", "cloud"]),
    ("plan", &["intent", "chart", "cloud", "yaml"]),
    ("values", &["plan", "chart", "yaml"]),
    ("helm", &[]),
    ("text", &["helm", "yaml"]),
];

/// Crates that one module alone may name.
const ALONE: [(&str, &[&str]); 5] = [
    ("granit_parser", &["yaml"]),
    ("minijinja", &["text"]),
    ("serde_yaml", &["profile"]),
    ("tempfile", &["commands"]),
    ("anyhow", &["commands", "cli"]),
];

/// Names that nothing below the commands may use: files, the environment, the standard streams.
const OUTSIDE: [&str; 5] = ["std::fs", "fs::", "std::env", "io::stdin", "io::stdout"];

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
            found.push((name.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The top module that a source file belongs to.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The source without its tests, which may name anything.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap()
}

fn all() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 20, "the sources were not found");
    found
}

#[test]
fn modules_name_only_what_lies_below_them() {
    let modules = ["yaml", "cloud", "chart", "intent", "profile", "plan", "values", "helm", "text", "commands", "cli"];
    for (file, text) in all() {
        let Some((_, may)) = MAY_NAME.iter().find(|(name, _)| *name == module(&file)) else { continue };
        for other in modules.iter().filter(|other| **other != module(&file) && !may.contains(other)) {
            for form in [format!("crate::{other}"), format!("    {other}::")] {
                let named = uses(without_tests(&text)).any(|line| line.contains(&form));
                assert!(!named, "{file} names `{other}`");
            }
        }
    }
}

/// The `use` declarations of a source, each with the lines that it spans.
fn uses(text: &str) -> impl Iterator<Item = String> {
    text.split("\nuse ").skip(1).filter_map(|rest| rest.split(';').next()).map(|list| {
        if list.starts_with("crate::{") { list.replace("crate::{", "crate::{\n") } else { list.to_owned() }
    }).filter(|list| list.starts_with("crate::"))
}

#[test]
fn crates_stay_where_they_belong() {
    for (file, text) in all() {
        for (name, may) in ALONE {
            let named = without_tests(&text).lines().any(|line| {
                !line.trim_start().starts_with("//") && (line.contains(&format!("{name}::")) || line.contains(&format!("use {name}")))
            });
            assert!(!named || may.contains(&module(&file)), "{file} names the crate `{name}`");
        }
    }
}

#[test]
fn the_core_touches_no_file_no_environment_and_no_stream() {
    for (file, text) in all() {
        if ["commands", "cli", "main"].contains(&module(&file)) {
            continue;
        }
        for line in without_tests(&text).lines().filter(|line| !line.trim_start().starts_with("//")) {
            for name in OUTSIDE {
                assert!(!line.contains(name), "{file} uses `{name}`: {line}");
            }
        }
    }
}
