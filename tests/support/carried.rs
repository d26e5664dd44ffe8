//! What holds for any values file that is carried to another chart version: the tests ask for it, and the fuzz target.

use redisgen::{
    chart::{self, Chart, Choice},
    migrate::{self, Migrated, Outcome, Source},
    source::{Known, of_keys},
    yaml::{Document, Helm, Map, Path as Key, Value, merge::Layers, read_values},
};

/// Any text, carried from the chart version that is known, or that its keys tell.
#[allow(dead_code, reason = "the tests of real versions do not ask for it")]
pub fn any(text: &str, known: &Known, to: &Chart) {
    let Ok(values) = read_values(text) else { return };
    let from = known.version.clone().unwrap_or_else(|| of_keys(&values).requirement);
    let all: Vec<_> = chart::version_numbers().collect();
    if let Ok(Choice::Known(from)) = from.choose(&all) {
        migrated(text, &Chart::at(&from).expect("a known version"), to);
    }
}

/// A flat file, carried; what holds for each is held.
pub fn migrated(text: &str, from: &Chart, to: &Chart) -> Migrated {
    let written = read_values(text).expect("values");
    let (at, around) = (Key::root(), Layers::default());
    let document = &Document::parse(text).expect("values");
    let source =
        Source { document, at: &at, written: &written, around: &around, read_by_parent: &[], helm: Helm::Four };
    let migrated = migrate::migrate(source, from, to, false);
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
    let document = &Document::parse(&migrated.text).expect("values");
    let source = Source { document, written: &values, ..source };
    assert_eq!(migrate::migrate(source, to, to, false).text, migrated.text, "{what}");
    let refused = migrated.fates.iter().any(|fate| matches!(fate.outcome, Outcome::Refused(_)));
    // Keys that both charts have cannot tell that they were carried.
    let tells = keys(&values).any(|path| !from.takes(&path));
    if !refused && tells {
        let again = migrate::migrate(source, from, to, false);
        assert!(again.text == migrated.text, "a second time: {what}\n-- became --\n{}", again.text);
    }
    comments_live(text, &migrated, &what);
    lines_stay(text, &migrated, &what);
    migrated
}

/// The lines of what stays where it is are there to the byte.
fn lines_stay(text: &str, migrated: &Migrated, what: &str) {
    // To YAML a CR alone ends a line.
    if text.replace("\r\n", "\n").contains('\r') {
        return;
    }
    let lines = |text| str::trim_start_matches(text, '\u{feff}').lines().collect::<Vec<_>>();
    let (old, new) = (lines(text), lines(&migrated.text));
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

/// Every comment of the source is in the result, but for those of what was left out or became something else.
fn comments_live(text: &str, migrated: &Migrated, what: &str) {
    let leaves_out = |fate: &migrate::Fate| match &fate.outcome {
        Outcome::Dropped(_) | Outcome::Lost(_) => true,
        // A block in whose place a word stands has no place for its comments.
        Outcome::Goes { value, .. } => value.kind() != fate.value.kind(),
        _ => false,
    };
    if migrated.fates.iter().any(leaves_out) {
        return;
    }
    let comments = |text: &str| {
        let document = Document::parse(text).expect("values");
        let mut comments: Vec<String> = document.comments().iter().map(|comment| comment.text.clone()).collect();
        comments.retain(|comment| !comment.contains("redisgen") && !comment.contains("chart redis"));
        comments
    };
    let mut left = comments(&migrated.text);
    // What the newer chart needs is said with a comment of its own.
    for comment in comments(text) {
        let at = left.iter().position(|other| *other == comment);
        left.remove(at.unwrap_or_else(|| panic!("`{comment}` is lost: {what}")));
    }
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
