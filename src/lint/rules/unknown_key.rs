//! See `unknown_key.md`: the help text, the web page and the test of this rule.

use std::cmp::Reverse;

use crate::{
    chart::Chart,
    lint::{
        Finding, Fix, Group, Rule, Severity, Subject,
        keys::{Why, strangers},
    },
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
    for stranger in strangers(subject).iter().filter(|stranger| matches!(stranger.why, Why::Never)) {
        let entry = stranger.entry;
        let message = format!("`{}` is no key of chart {}", entry.text, subject.chart.version());
        let finding = Finding::at(entry.key, message).labelled("the chart never reads this");
        found.push(match nearest(subject.chart, &entry.path) {
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

fn nearest(chart: &Chart, path: &Path) -> Option<Near> {
    let Some(Segment::Key(name)) = path.last() else { return None };
    let parent = path.parent()?;
    let siblings = chart
        .keys()
        .filter_map(|key| key.path.parse::<Path>().ok())
        .filter(|key| key.parent().as_ref() == Some(&parent));
    let alike = siblings.filter_map(|key| match key.last() {
        Some(Segment::Key(other)) => {
            Some((strsim::jaro_winkler(&other.to_lowercase(), &name.to_lowercase()), key.clone()))
        }
        _ => None,
    });
    let best = alike.filter(|(likeness, _)| *likeness >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
    let tail = format!(".{path}");
    let same_tail = |key: &str| format!(".{key}").ends_with(&tail);
    let mut elsewhere: Vec<String> =
        chart.keys().filter(|key| key.declared && same_tail(key.path)).map(|key| key.path.to_owned()).collect();
    if elsewhere.is_empty() {
        let name = format!(".{}", Path::of([name.as_str()]));
        elsewhere = chart
            .keys()
            .filter(|key| key.declared && format!(".{}", key.path).ends_with(&name))
            .map(|key| key.path.to_owned())
            .collect();
        // A name that stands everywhere says nothing of what was meant.
        if elsewhere.len() > MOST_PLACES {
            elsewhere.clear();
        }
    }
    elsewhere.sort_by_key(|place| (Reverse(common(place, path)), place.len()));
    elsewhere.truncate(MOST_PLACES);
    match best {
        Some((_, key)) => Some(Near::Spelling(key)),
        None => (!elsewhere.is_empty()).then_some(Near::Elsewhere(elsewhere)),
    }
}

/// How many steps of the beginning two paths share.
fn common(place: &str, path: &Path) -> usize {
    let Ok(place) = place.parse::<Path>() else { return 0 };
    place.segments().iter().zip(path.segments()).take_while(|(a, b)| a == b).count()
}
