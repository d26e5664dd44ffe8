//! What holds for any values file that is carried to another chart version: the tests ask for it, and the fuzz target.

use redisgen::{
    chart::{self, Chart, ChosenVersion, Requirement},
    effective::EffectiveValues,
    migrate::{self, Destination, MigrateOptions, Migrated, MigratedFile, Outcome, migrate_file, migrate_layers},
    source::{self, File, Hints, of_keys, places},
    yaml::{Document, Map, Notes, Path as Key, Value, emit, merge, read_values},
};

use super::embedded::{Embedded, around, embedded, layers};

/// Migrates any text from a known chart version, or from the version of its keys.
#[allow(dead_code, reason = "the tests of real versions do not ask for it")]
pub fn any(text: &str, known: &Hints, to: &Chart) {
    let Ok(values) = read_values(text) else { return };
    let from = known.version.clone().unwrap_or_else(|| of_keys(&values).requirement);
    let all: Vec<_> = chart::version_numbers().collect();
    if let Ok(ChosenVersion::Known(from)) = from.choose(&all) {
        migrated(text, &Chart::at(&from).expect("a known version"), to);
    }
}

/// The values of a text in other places, migrated: what is around stays, and the values become what they become in a
/// file of their own. Each text has its turn in one of the places.
#[allow(dead_code, reason = "the tests of real versions do not ask for it")]
pub fn elsewhere(text: &str, known: &Hints, to: &Chart) -> usize {
    let Ok(values) = read_values(text) else { return 0 };
    let version = known.version.clone().unwrap_or_else(|| of_keys(&values).requirement);
    let known = Hints { version: Some(version), ..known.clone() };
    let Some((_, flat)) = file(text, &known, to) else { return 0 };
    if let Some([first, second]) = layers(text) {
        layered(&[first, second].map(|layer| emit(&layer, &Notes::new())), &known, to);
    }
    let all = embedded(text, &known);
    let turn = text.len() % all.len().max(1);
    let mut count = 0;
    for Embedded { kind, text, known } in all.into_iter().skip(turn).take(1) {
        let before = Embedded { kind, text: text.clone(), known: known.clone() };
        let Some((read, migrated)) = file(&text, &known, to) else { continue };
        let after = Embedded { text: migrated.text.clone(), ..before.clone() };
        let what = format!(
            "{kind}, {} to {}\n{text}\n{}",
            read.releases[0].release.chart.version(),
            to.version(),
            migrated.text
        );
        assert_eq!(around(&before), around(&after), "something around the values has changed: {what}");
        let is_refused = |migrated: &MigratedFile| {
            let fates = migrated.places.iter().flat_map(|place| &place.migrated.migrations);
            fates.filter(|fate| matches!(fate.outcome, Outcome::Refused(_) | Outcome::KeptForAnchor(_))).count() > 0
        };
        // A parent chart reads the switch of its dependency.
        let is_for_parent = kind == "parent" && values.contains_key("enabled");
        if is_refused(&flat) || is_refused(&migrated) || is_for_parent {
            continue;
        }
        let values = |migrated: &MigratedFile| migrated.places[0].migrated.values();
        assert_eq!(values(&migrated), values(&flat), "other values than in a file of their own: {what}");
        count += 1;
    }
    count
}

/// The embedded chart that a requirement means.
fn charts(wanted: &Requirement) -> Result<Chart, String> {
    let known: Vec<_> = chart::version_numbers().collect();
    match wanted.choose(&known).map_err(|error| error.to_string())? {
        ChosenVersion::Known(version)
        | ChosenVersion::Alike { measured: version, .. }
        | ChosenVersion::Unseen { nearest: version, .. }
        | ChosenVersion::Newer { nearest: version, .. } => Chart::at(&version).ok_or_else(|| version.to_string()),
    }
}

fn wanted(to: &Chart) -> MigrateOptions<'_> {
    MigrateOptions { to, keep_behaviour: false, keep_unused: false, bump: false, release: None, namespace: None }
}

/// Any text with values in it, migrated as a file: the result is read and says what the report says, and a second time
/// changes nothing.
fn file(text: &str, known: &Hints, to: &Chart) -> Option<(File, MigratedFile)> {
    let read = source::read(text, known, &charts).ok()?;
    // A value in quotes, or among parameters, cannot be changed.
    let migrated = migrate_file(&read, wanted(to), &Destination::default(), &charts).ok()?;
    let what = format!("to {}\n{text}\n{}", to.version(), migrated.text);
    assert_eq!(migrated.places.len(), read.releases.len(), "each place has a report: {what}");
    let there = Hints { version: Some(requirement(to)), ..known.clone() };
    let Ok(now) = places(&migrated.text, &there) else {
        // Of values in which nothing is left there may be nothing to find.
        let is_empty = migrated.places.iter().all(|place| place.migrated.values().is_empty());
        assert!(is_empty, "the result is not read: {what}");
        return None;
    };
    if let ([found], [part]) = (&read.releases[..], &now[..])
        && found.part.origin.at != part.origin.at
    {
        // Only the keys of the block tell that a file without a `Chart.yaml` is that of a parent chart.
        let is_guessed = known.chart.is_none() && bare(&migrated.places[0].migrated.values()).is_empty();
        assert!(is_guessed, "the values are elsewhere: {what}");
        return None;
    }
    if let ([place], [part]) = (&migrated.places[..], &now[..]) {
        let (is, should_be) = (bare(&part.values()), bare(&place.migrated.values()));
        assert_eq!(is, should_be, "the text does not say what the report says: {what}");
    }
    let again = source::read(&migrated.text, &there, &charts).expect("it was read just now");
    let again = migrate_file(&again, wanted(to), &Destination::default(), &charts).expect("nothing is to be changed");
    assert_eq!(again.text, migrated.text, "a second time: {what}");
    Some((read, migrated))
}

/// Migrates two layers of one release, and compares each result with its report.
fn layered(texts: &[String; 2], known: &Hints, to: &Chart) {
    let read = texts.each_ref().map(|text| source::read(text, known, &charts));
    let [Ok(first), Ok(second)] = read else { return };
    let Ok(done) = migrate_layers(&[first, second], wanted(to), &Destination::default(), &charts) else { return };
    for (text, migrated) in texts.iter().zip(&done) {
        let what = format!("to {}\n{text}\n{}", to.version(), migrated.text);
        let values = read_values(&migrated.text).unwrap_or_else(|error| panic!("{error}: {what}"));
        assert_eq!(bare(&values), bare(&migrated.places[0].migrated.values()), "{what}");
    }
    // A key in both texts counts once, and no key is lost.
    let mut all = read_values(&done[0].text).expect("it was read just now");
    merge::merge_into(&mut all, read_values(&done[1].text).expect("it was read just now"));
    let stays = |outcome: &Outcome| matches!(outcome, Outcome::Unchanged);
    for fate in done.iter().flat_map(|file| &file.places[0].migrated.migrations).filter(|fate| stays(&fate.outcome)) {
        let is_map = matches!(&fate.value, Value::Map(_));
        assert!(is_map || all.get_at(&fate.path).is_some(), "`{}` is lost between the layers: {texts:?}", fate.path);
    }
}

fn requirement(chart: &Chart) -> Requirement {
    chart.version().to_string().parse().expect("the text of a version is a version")
}

/// Values without empty maps.
fn bare(map: &Map) -> Map {
    let bared = map.iter().filter_map(|(key, value)| match value {
        Value::Map(map) => {
            Some(bare(map)).filter(|below| !below.is_empty()).map(|below| (key.to_owned(), Value::Map(below)))
        }
        value => Some((key.to_owned(), value.clone())),
    });
    bared.collect()
}

/// A flat file, carried; what holds for each is held.
pub fn migrated(text: &str, from: &Chart, to: &Chart) -> Migrated {
    let written = read_values(text).expect("values");
    let release = EffectiveValues::of(written.clone(), from);
    let migrated = migrate::migrate(&Document::parse(text).expect("values"), &release, to, false);
    let what = format!("{} to {}\n{text}\n{}", from.version(), to.version(), migrated.text);
    let values = read_values(&migrated.text).unwrap_or_else(|error| panic!("{error}: {what}"));
    let all: usize = migrated.migrations.iter().map(|fate| fate.leaves).sum();
    let said: usize = written.iter().map(|(_, value)| leaves(value)).sum();
    assert_eq!(all, said, "each value has one fate: {what}");
    for fate in &migrated.migrations {
        // Another setting may have added keys to an empty map.
        let is_said = |path: &Key, value: &Value| match value {
            Value::Map(map) if map.is_empty() => matches!(values.get_at(path), Some(Value::Map(_))),
            value => values.get_at(path) == Some(value),
        };
        match &fate.outcome {
            Outcome::Unchanged | Outcome::Activated | Outcome::KeptForAnchor(_) => {
                assert!(is_said(&fate.path, &fate.value), "{} stays: {what}", fate.path)
            }
            Outcome::Moved { to, value, .. } => {
                assert!(!to.is_empty() && to.iter().all(|to| is_said(to, value)), "{} goes: {what}", fate.path);
            }
            Outcome::Refused(why) => assert!(!why.is_empty()),
            Outcome::Dropped(_) | Outcome::Unsupported(_) => {}
        }
    }
    // A second migration changes nothing.
    let document = &Document::parse(&migrated.text).expect("values");
    let there = EffectiveValues::of(values.clone(), to);
    assert_eq!(migrate::migrate(document, &there, to, false).text, migrated.text, "{what}");
    let refused = migrated.migrations.iter().any(|fate| matches!(fate.outcome, Outcome::Refused(_)));
    // Keys of both charts do not show whether the values were migrated.
    let tells = keys(&values).any(|path| !from.takes(&path));
    if !refused && tells {
        let again = migrate::migrate(document, &there.for_chart(from), to, false);
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
    for fate in
        migrated.migrations.iter().filter(|fate| matches!(fate.outcome, Outcome::Unchanged | Outcome::Activated))
    {
        let Some(line) = fate.line else { continue };
        let is_alone = migrated.migrations.iter().filter(|other| other.line == fate.line).count() == 1;
        // Another setting may add keys to an empty map.
        let is_empty = matches!(&fate.value, Value::Map(map) if map.is_empty());
        let is_in_braces = old[line - 1].contains('{');
        if is_alone && !is_empty && !is_in_braces {
            assert!(new.contains(&old[line - 1]), "{} stays, and its line does not: {what}", fate.path);
        }
    }
}

/// Every comment of the source is in the result, but for those of what was left out or became something else.
fn comments_live(text: &str, migrated: &Migrated, what: &str) {
    let leaves_out = |fate: &migrate::Migration| match &fate.outcome {
        Outcome::Dropped(_) | Outcome::Unsupported(_) => true,
        // A block that a scalar replaces loses the comments inside it.
        Outcome::Moved { value, .. } => value.kind() != fate.value.kind(),
        _ => false,
    };
    if migrated.migrations.iter().any(leaves_out) {
        return;
    }
    let comments = |text: &str| {
        let document = Document::parse(text).expect("values");
        let mut comments: Vec<String> = document.comments().iter().map(|comment| comment.text.clone()).collect();
        comments.retain(|comment| !comment.contains("redisgen") && !comment.contains("chart redis"));
        comments
    };
    let mut left = comments(&migrated.text);
    // A required switch has its own comment.
    for comment in comments(text) {
        let at = left.iter().position(|other| *other == comment);
        left.remove(at.unwrap_or_else(|| panic!("`{comment}` is lost: {what}")));
    }
}

/// The paths of the settings, as text.
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

/// Number of values in a value. A list counts as one value.
fn leaves(value: &Value) -> usize {
    match value {
        Value::Map(map) if !map.is_empty() => map.iter().map(|(_, value)| leaves(value)).sum(),
        Value::Map(_) => 1,
        _ => 1,
    }
}
