//! Values carried from one chart version to another.
//!
//! Golden folders: `FROM_to_TO/CASE/before.yaml` becomes `after.yaml` with `report.txt`; `args.txt` holds more flags.
//! `REDISGEN_UPDATE=1` writes them anew. `REDISGEN_VALUES` is a folder with real values files, `REDISGEN_MATRIX=full`
//! takes every pair of versions instead of a slice.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

mod laws;
mod random;
mod real;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use redisgen::{
    chart::{self, Chart, Choice},
    migrate::{self, Migrated, Outcome, Source},
    source::{self, Content, Known},
    yaml::{Document, Map, Path as Key, Value, merge::Layers, read_values},
};

#[path = "../support/profiles.rs"]
mod profiles;
#[path = "../support/mod.rs"]
mod support;

const REDISGEN: &str = env!("CARGO_BIN_EXE_redisgen");

fn chart(version: &str) -> Chart {
    let known: Vec<_> = chart::version_numbers().collect();
    match version.parse::<chart::Requirement>().unwrap().choose(&known).unwrap() {
        Choice::Known(version) => Chart::at(&version).unwrap(),
        Choice::Newer { wanted, .. } => panic!("{wanted} is newer than all that is known"),
    }
}

/// A flat file, carried; what holds for each is held.
fn migrated(text: &str, from: &Chart, to: &Chart) -> Migrated {
    let written = read_values(text).unwrap();
    let (at, around) = (Key::root(), Layers::default());
    let source = |text| Source { text, at: &at, written: &written, around: &around, read_by_parent: &[] };
    let migrated = migrate::migrate(source(text), from, to, false).unwrap();
    let what = format!("{} to {}\n{text}\n{}", from.version(), to.version(), migrated.text);
    let values = read_values(&migrated.text).unwrap_or_else(|error| panic!("{error}: {what}"));
    let all: usize = migrated.fates.iter().map(|fate| fate.leaves).sum();
    let said: usize = written.iter().map(|(_, value)| leaves(value)).sum();
    assert_eq!(all, said, "each value has one fate: {what}");
    for fate in &migrated.fates {
        // A map in which nothing is said may have got something from elsewhere.
        let is_said = |path: &Key, value: &Value| match value {
            Value::Map(map) if map.is_empty() => matches!(values.get_at(path), Some(Value::Map(_))),
            value => values.get_at(path) == Some(value),
        };
        match &fate.outcome {
            Outcome::Stays | Outcome::Wakes | Outcome::Stands(_) => {
                assert!(is_said(&fate.path, &fate.value), "{} stays: {what}", fate.path)
            }
            Outcome::Goes { to, value, .. } => {
                assert!(!to.is_empty() && to.iter().all(|to| is_said(to, value)), "{} goes: {what}", fate.path);
            }
            Outcome::Refused(why) => assert!(!why.is_empty()),
            Outcome::Dropped(_) | Outcome::Lost(_) => {}
        }
    }
    // What was carried is there: nothing goes any further.
    let source = Source { text: &migrated.text, at: &at, written: &values, around: &around, read_by_parent: &[] };
    assert_eq!(migrate::migrate(source, to, to, false).unwrap().text, migrated.text, "{what}");
    let refused = migrated.fates.iter().any(|fate| matches!(fate.outcome, Outcome::Refused(_)));
    // Keys that both charts have cannot tell that they were carried.
    let tells = keys(&values).any(|path| !from.takes(&path));
    if !refused && tells {
        let again = migrate::migrate(source, from, to, false).unwrap();
        assert!(again.text == migrated.text, "a second time: {what}\n-- became --\n{}", again.text);
    }
    comments_live(text, &migrated, &what);
    lines_stay(text, &migrated, &what);
    migrated
}

/// The lines of what stays where it is are there to the byte.
fn lines_stay(text: &str, migrated: &Migrated, what: &str) {
    let (old, new): (Vec<&str>, Vec<&str>) = (text.lines().collect(), migrated.text.lines().collect());
    for fate in migrated.fates.iter().filter(|fate| matches!(fate.outcome, Outcome::Stays | Outcome::Wakes)) {
        let Some(line) = fate.line else { continue };
        let is_alone = migrated.fates.iter().filter(|other| other.line == fate.line).count() == 1;
        // A map in which nothing is said may get something.
        let is_empty = matches!(&fate.value, Value::Map(map) if map.is_empty());
        let is_in_braces = old[line - 1].contains('{');
        if is_alone && !is_empty && !is_in_braces {
            assert!(new.contains(&old[line - 1]), "{} stays, and its line does not: {what}", fate.path);
        }
    }
}

/// Every comment of the source is in the result, but for those of what was left out.
fn comments_live(text: &str, migrated: &Migrated, what: &str) {
    let leaves_out = |fate: &migrate::Fate| matches!(fate.outcome, Outcome::Dropped(_) | Outcome::Lost(_));
    if migrated.fates.iter().any(leaves_out) {
        return;
    }
    let comments = |text: &str| {
        let document = Document::parse(text).unwrap();
        let mut comments: Vec<String> = document.comments().iter().map(|comment| comment.text.clone()).collect();
        comments.retain(|comment| !comment.contains("redisgen") && !comment.contains("chart redis"));
        comments.sort();
        comments
    };
    assert_eq!(comments(&migrated.text), comments(text), "{what}");
}

/// The paths of what is said, as text.
fn keys(values: &Map) -> impl Iterator<Item = String> {
    let mut found = Vec::new();
    let mut next: Vec<(Key, Value)> = vec![(Key::root(), Value::Map(values.clone()))];
    while let Some((path, value)) = next.pop() {
        match value {
            Value::Map(map) if !map.is_empty() && (path.is_root() || chart::is_key_parent(&path.to_string())) => {
                next.extend(map.into_iter().map(|(key, value)| (path.key(key), value)));
            }
            _ => found.push(path.to_string()),
        }
    }
    found.into_iter()
}

/// How many values stand in one; a list is one.
fn leaves(value: &Value) -> usize {
    match value {
        Value::Map(map) if !map.is_empty() => map.iter().map(|(_, value)| leaves(value)).sum(),
        Value::Map(_) => 1,
        _ => 1,
    }
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    found
}

#[test]
fn golden_folders() {
    let update = std::env::var_os("REDISGEN_UPDATE").is_some();
    let mut seen = 0;
    for way in folders(&here("tests/migrate")) {
        let name = way.file_name().unwrap().to_str().unwrap();
        let (from, to) = name.split_once("_to_").unwrap();
        for case in folders(&way) {
            seen += 1;
            let more = fs::read_to_string(case.join("args.txt")).unwrap_or_default();
            let mut command = Command::new(REDISGEN);
            command.current_dir(&case).env("REDISGEN_CONFIG_DIR", &case).env("REDISGEN_DATA_DIR", &case);
            command.args(["migrate", "before.yaml", "--from", from, "--to", to]).args(more.split_whitespace());
            let output = command.output().unwrap();
            let code = output.status.code().unwrap();
            let found = [
                ("after.yaml", String::from_utf8(output.stdout).unwrap()),
                ("report.txt", format!("{}exit {code}\n", String::from_utf8(output.stderr).unwrap())),
            ];
            for (file, text) in found {
                let file = case.join(file);
                if update {
                    fs::write(&file, text).unwrap();
                    continue;
                }
                assert_eq!(text, fs::read_to_string(&file).unwrap_or_default(), "{}", file.display());
            }
        }
    }
    assert!(seen > 8, "{seen} cases");
}

/// The first values of the chart in a text, as a flat file would have them.
fn flat(text: &str) -> Option<String> {
    match source::read(text, &Known::default()).ok()? {
        Content::Values(parts) => parts.into_iter().find(|part| !part.inset.is_part() && part.origin.at.is_root()),
        _ => None,
    }
    .map(|part| part.inset.text.to_string())
}
