//! What holds for any text: the tests ask for it, and the fuzz targets.

use std::collections::BTreeMap;

use redisgen::{
    chart::{self, Chart, ChosenVersion, Requirement},
    lint::{
        CheckedFile, Diagnostic, Levels, Severity,
        engine::{self, FixOptions, LintResult},
    },
    report::{self, Color, Format},
    source::{self, Hints},
    yaml::{Document, Helm, Notes, Path, Segment, edit::Edit, emit, read_values},
};

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

/// Every place of a text that is read is in the text, and what it means can be written again.
#[allow(dead_code, reason = "each fuzz target asks for one of these")]
pub fn read(text: &str) {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            assert!(error.line >= 1 && error.column >= 1, "{error}");
            return;
        }
    };
    for node in document.nodes() {
        assert!(text.get(node.span.start..node.span.end).is_some(), "{:?} is not in {text:?}", node.span);
    }
    for comment in document.comments() {
        assert!(document.source(comment.span).starts_with('#'), "{comment:?} is no comment of {text:?}");
    }
    for top in document.documents() {
        document.walk(*top, |path, _| assert_eq!(path.to_string().parse::<Path>().as_ref(), Ok(path)));
    }
    let _ = document.values(Helm::Three);
    if let Ok(values) = document.values(Helm::Four) {
        let again = read_values(&emit(&values, &Notes::default()));
        assert_eq!(again.as_ref(), Ok(&values), "{text:?} is not written as it is read");
    }
}

/// Checks that every finding has a place in the text, in order, and is in each report format.
#[allow(dead_code, reason = "each fuzz target asks for one of these")]
pub fn lint(text: &str, known: &Hints) {
    let LintResult { diagnostics, .. } = engine::lint_text(text, known, &charts);
    let mut last = 0;
    for found in &diagnostics {
        for mark in &found.marks {
            let at = mark.span.start..mark.span.end;
            assert!(text.get(at.clone()).is_some(), "{}: {at:?} is not in {text:?}", found.rule);
        }
        assert!(last <= found.place().start, "{} is out of order in {text:?}", found.rule);
        last = found.place().start;
    }
    for format in Format::ALL {
        let judged =
            [CheckedFile { file: "values.yaml", text, document: None, chart: None, diagnostics: &diagnostics }];
        report::render(format, &judged, Color::Off);
    }
}

/// What is fixed is read, has nothing more to fix, and has lost nothing that no fix is about.
#[allow(dead_code, reason = "each fuzz target asks for one of these")]
pub fn fix(text: &str, known: &Hints) {
    for unsafe_too in [false, true] {
        let wanted =
            FixOptions { levels: &Levels::default(), min_severity: Severity::Info, include_unsafe: unsafe_too };
        let fixed = engine::fix_text(text, known, &charts, wanted);
        let Ok(before) = Document::parse(text) else {
            assert_eq!(fixed.text, text, "what is not read was changed");
            continue;
        };
        let after = Document::parse(&fixed.text);
        let after = after.unwrap_or_else(|error| panic!("{error} in {:?}, fixed from {text:?}", fixed.text));
        let again = engine::fix_text(&fixed.text, known, &charts, wanted);
        assert_eq!(again.text, fixed.text, "fixed twice, from {text:?}: {:?} and {:?}", fixed.applied, again.applied);
        if fixed.text == text {
            continue;
        }
        let LintResult { diagnostics, .. } = engine::lint_text(text, known, &charts);
        let edits = edits(&diagnostics, unsafe_too);
        // What later rounds did is not known from here.
        let fixes: Vec<_> =
            diagnostics.iter().filter_map(|found| Some((found.rule, &found.fix.as_ref()?.title))).collect();
        let is_of_first_round = fixed.applied.iter().all(|fix| fixes.contains(&(fix.rule, &fix.title)));
        if fixed.applied.len() > fixes.len() || !is_of_first_round {
            continue;
        }
        if !edits.iter().any(|edit| matches!(edit, Edit::Delete { .. })) {
            let (before, after) = (comments(&before), comments(&after));
            let lost: Vec<_> =
                before.iter().filter(|(said, count)| after.get(*said).is_none_or(|there| there < count)).collect();
            assert!(lost.is_empty(), "{lost:?} is lost in {:?}, fixed from {text:?}", fixed.text);
        }
        let within = ["apiVersion", "releases"].iter().any(|key| before.find(&Path::of([*key])).is_some());
        let is_flat =
            source::read(text, known, &charts).is_ok_and(|file| file.releases.iter().all(|found| found.at().is_root()));
        if !within && is_flat {
            untouched(&before, &after, &edits, text);
        }
    }
}

fn edits(diagnostics: &[Diagnostic], unsafe_too: bool) -> Vec<&Edit> {
    let fixes = diagnostics.iter().filter_map(|found| found.fix.as_ref()).filter(|fix| fix.is_safe() || unsafe_too);
    fixes.flat_map(|fix| &fix.edits).collect()
}

fn comments(document: &Document) -> BTreeMap<&str, usize> {
    let mut said = BTreeMap::new();
    for comment in document.comments() {
        *said.entry(comment.text.trim()).or_default() += 1;
    }
    said
}

/// Holds that the keys at the top that no edit is about mean what they meant.
fn untouched(before: &Document, after: &Document, edits: &[&Edit], text: &str) {
    let (Ok(before), Ok(after)) = (before.values(Helm::Four), after.values(Helm::Four)) else { return };
    let about = |edit: &Edit, key: &str| {
        let to = match edit {
            Edit::Move { to, .. } => Some(to),
            _ => None,
        };
        let mut paths = [Some(edit.path()), to].into_iter().flatten();
        let renamed = matches!(edit, Edit::Rename { path, to } if path.len() == 1 && to == key);
        renamed || paths.any(|path| matches!(path.segments().first(), Some(Segment::Key(first)) if first == key))
    };
    for (key, value) in before.iter().filter(|(key, _)| !edits.iter().any(|edit| about(edit, key))) {
        assert_eq!(after.get(key), Some(value), "`{key}` was touched in {text:?}");
    }
}
