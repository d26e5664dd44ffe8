//! The law of fixes: no fix, safe or unsafe, loses a value that it does not name, and no key is renamed to one that is
//! written otherwise or takes another type.
//!
//! A fix keeps the path of each value, or an edit of the fix moves the value, or the finding names its key or a key above.
//! If a block of defaults is removed as a whole, each of its values is a default.
//!
//! The texts are the examples of the rule pages, values files of people (`REDISGEN_VALUES`, a folder), and random values
//! with the slips of people in them: misspelt, dotted, misplaced and mistyped keys, for every major version of the
//! chart. `REDISGEN_MATRIX=full` makes many more of them.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

use std::{collections::BTreeMap, fs, path::PathBuf};

use crate::support::pages;
use rayon::prelude::*;
use redisgen::{
    chart::{self, Chart, Requirement, Type},
    effective,
    lint::{
        Diagnostic, Fix, Levels, Severity,
        engine::{self, FixOptions, LintResult},
        rules,
    },
    source::{self, Hints},
    yaml::{
        self, Document, Helm, Map, Notes, Path, Segment, Value,
        edit::{self, Edit},
    },
};

/// A values file, for the chart that reads it.
struct Case {
    name: String,
    text: String,
    chart: Chart,
}

fn is_full() -> bool {
    std::env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full")
}

fn known(chart: &Chart) -> Hints {
    Hints { version: Some(chart.version().to_string().parse().unwrap()), ..Hints::default() }
}

/// All values of a text that are no map: the value of each path.
fn leaves(text: &str) -> BTreeMap<Path, Value> {
    fn below(map: &Map, path: &Path, found: &mut BTreeMap<Path, Value>) {
        for (key, value) in map.iter() {
            let path = path.key(key);
            match value {
                Value::Map(map) if !map.is_empty() => below(map, &path, found),
                value => drop(found.insert(path, value.clone())),
            }
        }
    }
    let mut found = BTreeMap::new();
    below(&Document::parse(text).unwrap().values(Helm::Four).unwrap(), &Path::root(), &mut found);
    found
}

/// The path of a value after the edits. None if an edit removes or changes the value.
fn follow(path: &Path, edits: &[Edit]) -> Option<Path> {
    let mut now = path.clone();
    for edit in edits {
        let moved = |from: &Path, to: &Path| now.strip_prefix(from).map(|rest| to.join(&rest));
        match edit {
            Edit::Rename { path, to } => now = moved(path, &path.parent().unwrap().key(to)).unwrap_or(now),
            Edit::Move { from, to } => now = moved(from, to).unwrap_or(now),
            Edit::Delete { path, .. } | Edit::Set { path, .. } if now.starts_with(path) || path.starts_with(&now) => {
                return None;
            }
            Edit::Delete { .. } | Edit::Set { .. } | Edit::Insert { .. } => {}
        }
    }
    Some(now)
}

/// The key that takes a value out, or sets another, as it was called before all edits.
fn taken_by(path: &Path, edits: &[Edit]) -> Option<Path> {
    let mut now = path.clone();
    for edit in edits {
        match edit {
            // An item of a list, which is one value here.
            Edit::Delete { path: gone, .. } | Edit::Set { path: gone, .. }
                if gone.starts_with(&now) && *gone != now =>
            {
                return Some(path.join(&gone.strip_prefix(&now).unwrap()));
            }
            Edit::Delete { path: gone, .. } | Edit::Set { path: gone, .. } if now.starts_with(gone) => {
                // The end of the path is what the edit spares.
                return Some(path.first(path.len() - (now.len() - gone.len())));
            }
            Edit::Rename { path: from, to } => {
                if let Some(rest) = now.strip_prefix(from) {
                    now = from.parent().unwrap().key(to).join(&rest);
                }
            }
            Edit::Move { from, to } => {
                if let Some(rest) = now.strip_prefix(from) {
                    now = to.join(&rest);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a finding names a key: its text has the path, or its place is the key.
fn names(found: &Diagnostic, path: &Path, text: &str) -> bool {
    let title = found.fix.iter().map(|fix| fix.title.as_str());
    let mut texts = found.help.iter().map(String::as_str).chain(title).chain([found.message.as_str()]);
    let quoted = format!("`{path}`");
    let document = Document::parse(text).unwrap();
    let is_marked = || {
        let Some(at) = document.find(path) else { return false };
        let spans = [at.key.unwrap_or(at.value), at.value].map(|node| document.node(node).span);
        found
            .marks
            .iter()
            .any(|mark| spans.iter().any(|span| span.start <= mark.span.start && mark.span.end <= span.end))
    };
    texts.any(|text| text.contains(&quoted)) || is_marked()
}

/// What of the law a fix breaks.
fn broken(found: &Diagnostic, fix: &Fix, at: &Path, case: &Case) -> Vec<String> {
    let Ok(after) = edit::apply(&case.text, &fix.edits) else { return Vec::new() };
    let (before, after) = (leaves(&case.text), leaves(&after));
    let mut wrong = Vec::new();
    for (path, value) in &before {
        let stands = |at: &Path| after.get(at) == Some(value);
        if follow(path, &fix.edits).is_some_and(|at| stands(&at)) || stands(path) && value.as_map().is_none() {
            continue;
        }
        let Some(gone) = taken_by(path, &fix.edits) else {
            // A map of nothing is no value: others may go into it.
            if !matches!(value, Value::Map(_)) {
                wrong.push(format!("`{path}` is lost, and no edit takes it"));
            }
            continue;
        };
        if !names(found, &gone, &case.text) {
            wrong.push(format!("`{path}` is lost, and the finding does not name `{gone}`"));
        }
        if let (Value::List(items), Some(Value::List(left))) = (value, after.get(path)) {
            let lost = items.iter().filter(|item| !left.contains(item)).count();
            if lost > 1 && gone.starts_with(path) && gone != *path {
                wrong.push(format!("`{path}` loses {lost} items, and the finding names one"));
            }
        }
        let repeats = path.strip_prefix(at).is_some_and(|path| effective::repeats(&case.chart, &path, value));
        if found.rule == "redundant-default" && !repeats {
            wrong.push(format!("`{path}` goes as a default, and is none"));
        }
    }
    if found.rule == "unknown-key" {
        wrong.extend(fix.edits.iter().filter_map(|edit| misled(edit, &case.chart, &before, &case.text)));
    }
    wrong
}

/// Why a key is not to be renamed so: its name shares too little, or its value is of another type.
fn misled(edit: &Edit, chart: &Chart, before: &BTreeMap<Path, Value>, text: &str) -> Option<String> {
    let (from, to) = match edit {
        Edit::Rename { path, to } => (path.clone(), path.parent()?.key(to)),
        Edit::Move { from, to } => (from.clone(), to.clone()),
        _ => return None,
    };
    let value = Document::parse(text).unwrap().values(Helm::Four).unwrap().get_at(&from)?.clone();
    let kind = chart.key(&to.to_string()).map(|key| key.kind);
    let is_map = matches!(value, Value::Map(_));
    let dotted = matches!(edit, Edit::Move { .. });
    let right = match kind {
        Some(Type::Map) => is_map,
        Some(Type::List) => matches!(value, Value::List(_)),
        Some(Type::Bool) => matches!(value, Value::Bool(_)),
        Some(Type::String) if dotted => !is_map && !matches!(value, Value::List(_)),
        Some(Type::String) => matches!(value, Value::String(_)),
        Some(Type::Int | Type::Float) if dotted => !is_map,
        Some(Type::Int | Type::Float) => matches!(value, Value::Int(_) | Value::Float(_)),
        Some(Type::Null) | None => true,
    };
    if !right {
        return Some(format!("`{to}` takes another type than `{from}` has"));
    }
    if before.keys().any(|path| path.starts_with(&to)) && !dotted {
        return Some(format!("`{to}` is set already"));
    }
    let (Some(Segment::Key(one)), Some(Segment::Key(other))) = (from.last(), to.last()) else { return None };
    let share = letters_in_order(&one.to_lowercase(), &other.to_lowercase());
    let most = one.chars().count().max(other.chars().count());
    (!dotted && share * 4 < most * 3).then(|| format!("`{one}` is not nearly `{other}`: {share} of {most} letters"))
}

/// How many letters two words have in the same order: the longest common subsequence.
fn letters_in_order(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row = vec![0; other.len() + 1];
    for a in one.chars() {
        let mut before = 0;
        for (at, b) in other.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if a == *b { before + 1 } else { above.max(row[at]) };
            before = above;
        }
    }
    row[other.len()]
}

/// The examples of the pages, good and bad.
fn pages() -> Vec<Case> {
    let mut cases = Vec::new();
    for rule in rules::all() {
        for section in ["Bad", "Good"] {
            for (at, text) in pages::examples(rule, section).into_iter().enumerate() {
                let known = text.lines().find_map(|line| line.strip_prefix("# redisgen: chart redis "));
                let chart = pages::charts(&known.unwrap().parse().unwrap()).unwrap();
                cases.push(Case { name: format!("{} {section} {at}", rule.id), text, chart });
            }
        }
    }
    cases
}

/// The values files of people, where a folder of them is named, each for three versions.
fn files() -> Vec<Case> {
    let Some(folder) = std::env::var_os("REDISGEN_VALUES").map(PathBuf::from) else { return Vec::new() };
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Some(text) = path.extension().is_some_and(|end| end == "yaml").then(|| fs::read_to_string(&path).unwrap())
        else {
            continue;
        };
        if Document::parse(&text).is_ok_and(|document| document.values(Helm::Four).is_ok()) {
            for chart in majors().into_iter().step_by(if is_full() { 1 } else { 5 }) {
                cases.push(Case { name: format!("{} {}", path.display(), chart.version()), text: text.clone(), chart });
            }
        }
    }
    assert!(!cases.is_empty(), "`REDISGEN_VALUES` has no values files");
    cases
}

/// The newest version of each major.
fn majors() -> Vec<Chart> {
    let all: Vec<_> = chart::version_numbers().collect();
    let last = |at: &usize| all.get(at + 1).is_none_or(|next| next.major != all[*at].major);
    (0..all.len()).filter(last).map(|at| Chart::at(&all[at]).unwrap()).collect()
}

/// Numbers that look thrown, and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        // Knuth, MMIX.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides.max(1)
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// A name after a slip of the hand.
fn misspelt(name: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let at = dice.below(letters.len());
    match dice.below(7) {
        0 if at + 1 < letters.len() => letters.swap(at, at + 1),
        1 => drop(letters.remove(at)),
        2 => letters.insert(at, *dice.of(&['a', 'e', 's', 'x', '_'])),
        3 => return name.to_lowercase(),
        4 => return format!("{name}s"),
        5 => return name[..name.len().div_ceil(2)].to_owned(),
        _ => letters[at] = *dice.of(&['a', 'e', 's', 't']),
    }
    letters.into_iter().collect()
}

/// Random values with slips in them, in keys of a chart and of an older one.
fn perturbed(chart: &Chart, older: &Chart, dice: &mut Dice) -> String {
    let keys = chart.keys().chain(older.keys());
    let keys: Vec<_> = keys.filter(|key| key.declared && !key.path.contains(['[', '\\'])).collect();
    let mut values = Map::new();
    for _ in 0..3 + dice.below(12) {
        let key = dice.of(&keys);
        let own = key
            .default
            .cloned()
            .unwrap_or_else(|| Value::Map([("enabled".to_owned(), true.into())].into_iter().collect()));
        let value = match dice.below(6) {
            0 => own,
            1 => dice.of(&keys).default.cloned().unwrap_or(Value::Null),
            _ => match own {
                Value::Bool(on) => Value::Bool(!on),
                Value::Int(number) => Value::Int(number + 7),
                Value::String(text) => Value::from(format!("{text}x")),
                Value::List(_) => Value::from(vec!["x"]),
                other => other,
            },
        };
        let steps: Vec<String> = key.path.split('.').map(str::to_owned).collect();
        let at = dice.below(steps.len());
        let mut path = steps.clone();
        match dice.below(8) {
            0 | 1 => path[at] = misspelt(&steps[at], dice),
            // Two or all of the steps in one word.
            2 if at + 1 < steps.len() => drop(path.splice(at..=at + 1, [steps[at..=at + 1].join(".")])),
            3 => path = vec![steps.join(".")],
            // A step too few, or one of another block.
            4 if steps.len() > 1 => drop(path.remove(at)),
            5 => path[0] = dice.of(&keys).path.split('.').next().unwrap().to_owned(),
            6 => path.insert(at, dice.of(&["redis".to_owned(), "config".to_owned(), "master".to_owned()]).clone()),
            _ => {}
        }
        // A value above the path is older.
        drop(values.insert_at(&Path::of(path), value));
    }
    // A block of nothing keeps out what is set below it.
    if dice.below(4) == 0 {
        let block = dice.of(&keys).path.split('.').next().unwrap();
        values.insert(block, dice.of(&[Value::Null, Value::Map(Map::new()), Value::from("")]).clone());
    }
    yaml::emit(&values, &Notes::new())
}

fn random() -> Vec<Case> {
    let each = if is_full() { 400 } else { 12 };
    let charts = majors();
    assert!(charts.len() > 10, "every major is there");
    let of = |(number, chart): (usize, &Chart)| {
        let mut dice = Dice(20_261_129 + number as u64);
        let older = &charts[number / 2];
        let case = |at| Case {
            name: format!("random {} {at}", chart.version()),
            text: perturbed(chart, older, &mut dice),
            chart: chart.clone(),
        };
        (0..each).map(case).collect::<Vec<_>>()
    };
    charts.iter().enumerate().flat_map(of).collect()
}

/// The findings of a text, with their edits from the top of the text and the paths of their values.
fn judged(case: &Case) -> Vec<(Diagnostic, Path)> {
    let LintResult { diagnostics, .. } =
        engine::lint_text(&case.text, &known(&case.chart), &|_| Ok(case.chart.clone()));
    let Ok(parts) = source::places(&case.text, &known(&case.chart)) else { return Vec::new() };
    let document = Document::parse(&case.text).unwrap();
    let place = |found: &Diagnostic| {
        let holds = |at: &Path| {
            let Some(there) = document.find(at) else { return false };
            let span = document.node(there.value).span;
            span.start <= found.place().start && found.place().start < span.end
        };
        let places = parts.iter().map(|part| &part.origin.at).filter(|at| at.is_root() || holds(at));
        places.max_by_key(|at| at.len()).cloned().unwrap_or_else(|| parts[0].origin.at.clone())
    };
    let from_top = |mut found: Diagnostic| {
        let at = place(&found);
        if let Some(fix) = &mut found.fix {
            fix.edits = fix.edits.iter().map(|edit| edit.below(&at)).collect();
        }
        (found, at)
    };
    diagnostics.into_iter().map(from_top).collect()
}

/// Checks the values of a text after all fixes: each value still exists, or an applied fix named it.
fn lost_in_all(case: &Case) -> Vec<String> {
    let charts = |_: &Requirement| Ok(case.chart.clone());
    let wanted = FixOptions { levels: &Levels::default(), min_severity: Severity::Info, include_unsafe: true };
    let fixed = engine::fix_text(&case.text, &known(&case.chart), &charts, wanted);
    if fixed.applied.is_empty() {
        return if fixed.text == case.text { Vec::new() } else { vec!["changed by nothing".to_owned()] };
    }
    // With a fix that takes out or sets another value, the single fixes are held above.
    let takes = ["add", "convert", "delete", "put", "remove", "replace", "set", "use", "write"];
    if fixed.applied.iter().any(|done| takes.iter().any(|word| done.title.starts_with(word))) {
        return Vec::new();
    }
    let mut left: Vec<Value> = leaves(&fixed.text).into_values().collect();
    let mut lost = Vec::new();
    for (path, value) in leaves(&case.text) {
        match left.iter().position(|other| *other == value) {
            Some(at) => drop(left.swap_remove(at)),
            None if matches!(value, Value::Map(_)) => {}
            None => lost.push(format!("`{path}` is lost after {:?}", fixed.applied)),
        }
    }
    lost
}

#[test]
fn no_fix_loses_what_it_does_not_name() {
    let cases: Vec<Case> = [pages(), files(), random()].into_iter().flatten().collect();
    let judged: Vec<(usize, BTreeMap<&str, usize>, Vec<String>)> = cases
        .par_iter()
        .map(|case| {
            let (mut wrong, mut by_rule) = (lost_in_all(case), BTreeMap::new());
            let mut fixes = 0;
            for (found, at) in judged(case) {
                let Some(fix) = &found.fix else { continue };
                fixes += 1;
                *by_rule.entry(found.rule).or_default() += 1;
                let told = |why| format!("{}: {why} [{} by {:?}]", found.message, found.rule, fix.edits);
                wrong.extend(broken(&found, fix, &at, case).into_iter().map(told));
            }
            let wrong = wrong.into_iter().map(|why| format!("{}: {why}\n{}", case.name, case.text)).collect();
            (fixes, by_rule, wrong)
        })
        .collect();
    let fixes: usize = judged.iter().map(|(fixes, ..)| fixes).sum();
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for (rule, count) in judged.iter().flat_map(|(_, by_rule, _)| by_rule) {
        *by_rule.entry(rule).or_default() += count;
    }
    println!("{} texts, {fixes} fixes: {by_rule:?}", cases.len());
    let wrong: Vec<&String> = judged.iter().flat_map(|(.., wrong)| wrong).collect();
    let first: Vec<&str> = wrong.iter().take(8).map(|why| why.as_str()).collect();
    assert!(wrong.is_empty(), "{} in all\n{}", wrong.len(), first.join("\n======\n"));
    assert!(
        by_rule.get("unknown-key").is_some_and(|count| *count > 100),
        "the slips led to too few fixes: {by_rule:?}"
    );
    assert!(by_rule.len() > 20, "too few rules had a fix: {by_rule:?}");
}

/// The fix of a dotted key sets the path of its dots, for every key of every major.
#[test]
fn every_dotted_key_is_nested() {
    let charts = majors();
    let charts: Vec<&Chart> = charts.iter().step_by(if is_full() { 1 } else { 4 }).collect();
    let wrong: Vec<String> = charts
        .par_iter()
        .flat_map_iter(|chart| {
            let keys = chart.keys().filter(|key| key.declared && key.path.contains('.'));
            let keys = keys
                .filter(|key| !key.path.contains(['[', '\\']) && key.default.is_some_and(|own| *own != Value::Null));
            let mut values = Map::new();
            for key in keys {
                values.insert(key.path, key.default.cloned().unwrap_or(Value::Null));
            }
            assert!(values.len() > 100, "{}: {} keys", chart.version(), values.len());
            let text = yaml::emit(&values, &Notes::new());
            let case = Case { name: String::new(), text, chart: (*chart).clone() };
            let edits: Vec<Edit> =
                judged(&case).into_iter().filter_map(|(found, _)| found.fix).flat_map(|fix| fix.edits).collect();
            let keys: Vec<String> = values.keys().map(str::to_owned).collect();
            let is_missing = move |key: &String| {
                let wanted = Edit::Move { from: Path::of([key.as_str()]), to: key.parse().unwrap() };
                !edits.contains(&wanted)
            };
            keys.into_iter().filter(is_missing).map(|key| format!("{}: {key}", chart.version())).collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{} in all\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}
