//! See `unknown_key.md`: the help text, the web page and the test of this rule.

use std::{cell::LazyCell, cmp::Reverse, collections::HashMap};

use crate::{
    chart::Chart,
    lint::{Finding, Fix, Group, Rule, Severity, Subject, keys::Why},
    near::is_long,
    yaml::{Path, Segment, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "unknown-key",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "key that no version of the chart has, so that Helm drops it without a word",
    docs: include_str!("unknown_key.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found = Vec::new();
    let names = LazyCell::new(|| Names::of(subject.chart));
    for stranger in subject.strangers().iter().filter(|stranger| matches!(stranger.why, Why::Never)) {
        let entry = stranger.entry(subject);
        let message = format!("`{}` is no key of chart {}", entry.text, subject.chart.version());
        let finding = stranger.finding(subject, message).labelled("the chart never reads this");
        found.push(match names.nearest(&entry.path) {
            Some(Near::Spelling(to)) => {
                let Some(Segment::Key(name)) = to.last().cloned() else { continue };
                let fix = Fix {
                    title: format!("rename it to `{to}`"),
                    safe: false,
                    edits: vec![Edit::Rename { path: entry.path.clone(), to: name }],
                };
                finding.help(format!("did you mean `{to}`?")).fix(fix)
            }
            Some(Near::Elsewhere(places)) => {
                let places: Vec<_> = places.iter().map(|place| format!("`{place}`")).collect();
                finding.help(format!("this key exists at {}", places.join(", ")))
            }
            None => finding,
        });
    }
    found
}

enum Near {
    /// The same parent has a key that is written almost so.
    Spelling(Path),
    /// The same key stands below other parents.
    Elsewhere(Vec<String>),
}

/// How alike two names must be.
const ALIKE: f64 = 0.82;

/// The most places that a message names.
const MOST_PLACES: usize = 4;

/// The keys of the chart, found by what stands around them.
struct Names<'a> {
    /// By the path above.
    below: HashMap<Path, Vec<Name>>,
    /// By the last step.
    called: HashMap<Segment, Vec<(Path, &'a str)>>,
}

struct Name {
    /// In lower case.
    lower: String,
    path: Path,
}

impl<'a> Names<'a> {
    fn of(chart: &'a Chart) -> Self {
        let mut names = Self { below: HashMap::new(), called: HashMap::new() };
        for key in chart.keys() {
            let Ok(path) = key.path.parse::<Path>() else { continue };
            let (Some(above), Some(last)) = (path.parent(), path.last().cloned()) else { continue };
            if let Segment::Key(name) = &last {
                let name = Name { lower: name.to_lowercase(), path: path.clone() };
                names.below.entry(above).or_default().push(name);
            }
            names.called.entry(last).or_default().push((path, key.path));
        }
        names
    }

    fn nearest(&self, path: &Path) -> Option<Near> {
        let Some(last @ Segment::Key(name)) = path.last() else { return None };
        if is_long(name) {
            return None;
        }
        let lower = name.to_lowercase();
        let same = self.called.get(last).map(Vec::as_slice).unwrap_or_default();
        // What is only too deep, or not deep enough, is no misspelling of something else.
        let in_line: Vec<&str> = same.iter().map(|(_, text)| *text).filter(|place| is_in_line(place, path)).collect();
        if (1..=MOST_PLACES).contains(&in_line.len()) {
            return Some(Near::Elsewhere(in_line.into_iter().map(str::to_owned).collect()));
        }
        // A long name is no misspelling of its first letters.
        let siblings = self.below.get(&path.parent()?).into_iter().flatten();
        let siblings = siblings.filter(|key| key.lower.len() <= 2 * lower.len());
        let alike = siblings.map(|key| (strsim::jaro_winkler(&key.lower, &lower), &key.path));
        let best = alike.filter(|(likeness, _)| *likeness >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, key)) = best {
            return Some(Near::Spelling(key.clone()));
        }
        let whole = same.iter().filter(|(key, _)| key.segments().ends_with(path.segments()));
        let mut elsewhere: Vec<&str> = whole.map(|(_, text)| *text).collect();
        // A name that stands everywhere says nothing of what was meant.
        if elsewhere.is_empty() && same.len() <= MOST_PLACES {
            elsewhere = same.iter().map(|(_, text)| *text).collect();
        }
        elsewhere.sort_by_key(|place| {
            (Reverse(place.parse::<Path>().map_or(0, |place| place.in_common(path))), place.len())
        });
        elsewhere.truncate(MOST_PLACES);
        (!elsewhere.is_empty()).then(|| Near::Elsewhere(elsewhere.into_iter().map(str::to_owned).collect()))
    }
}

/// Whether a key stands below the parent of another, or beside one of its parents.
fn is_in_line(place: &str, path: &Path) -> bool {
    let place: Option<Path> = place.parse().ok();
    let (Some(place), Some(parent)) = (place.and_then(|place| place.parent()), path.parent()) else { return false };
    !parent.is_root() && (place.starts_with(&parent) || parent.starts_with(&place))
}
