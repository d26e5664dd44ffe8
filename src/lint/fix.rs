//! Applies fixes: makes their edits on the text and lints the text again, until nothing changes.
//!
//! If two fixes touch the same place, the second one waits for the next round, and is made on the new text. A fix that
//! the text does not allow is reported and left out; the others are made.

use std::collections::{BTreeSet, HashSet};

use super::{Diagnostic, Fix};
use crate::{
    source::changed_head,
    yaml::{
        Document, Path, Segment,
        edit::{self, Edit},
    },
};

/// The most rounds for one text. Each round makes all fixes that do not touch each other, and a few rounds are enough.
const MOST_ROUNDS: usize = 20;

/// A text after its fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    pub text: String,
    /// The applied fixes, in order.
    pub applied: Vec<AppliedFix>,
    /// The fixes that the text does not allow, on the text as it is now.
    pub refused: Vec<RefusedFix>,
}

/// An applied fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedFix {
    /// The id of the rule.
    pub rule: &'static str,
    pub title: String,
}

/// A fix that the text does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedFix {
    /// The id of the rule.
    pub rule: &'static str,
    pub title: String,
    pub why: String,
}

/// Applies the fixes of the findings that `check` returns for a text, each with the path of its values in the text.
/// Unsafe fixes are applied only with `include_unsafe`.
///
/// A text that Helm cannot read is returned unchanged.
pub fn fix(text: &str, include_unsafe: bool, check: &dyn Fn(&str) -> Vec<(Path, Diagnostic)>) -> Fixed {
    let mut fixed = Fixed { text: text.to_owned(), applied: Vec::new(), refused: Vec::new() };
    if Document::parse(text).is_err() {
        return fixed;
    }
    let mut seen = BTreeSet::new();
    for _ in 0..MOST_ROUNDS {
        // Two rules that undo each other would never end.
        if !seen.insert(fixed.text.clone()) {
            break;
        }
        let found = check(&fixed.text);
        let wanted = found.iter().filter_map(|(at, found)| PendingFix::of(found, at, include_unsafe));
        let (text, applied, refused) = round(&fixed.text, wanted.collect());
        fixed.refused = refused;
        if text == fixed.text {
            break;
        }
        fixed.text = text;
        fixed.applied.extend(applied);
    }
    if fixed.text != text {
        fixed.text = changed_head(&fixed.text);
    }
    fixed
}

/// A fix of one finding, on the paths of the whole text.
struct PendingFix<'a> {
    rule: &'static str,
    title: &'a str,
    start: usize,
    edits: Vec<Edit>,
}

impl<'a> PendingFix<'a> {
    fn of(found: &'a Diagnostic, at: &Path, include_unsafe: bool) -> Option<Self> {
        let fix = found.fix.as_ref()?;
        let Fix { title, applicability: _, edits } = fix;
        if edits.is_empty() || !(fix.is_safe() || include_unsafe) {
            return None;
        }
        let edits = edits.iter().map(|edit| edit.below(at)).collect();
        Some(Self { rule: found.rule, title, start: found.place().start, edits })
    }

    fn done(&self) -> AppliedFix {
        AppliedFix { rule: self.rule, title: self.title.to_owned() }
    }

    fn paths(&self) -> impl Iterator<Item = &Path> {
        self.edits
            .iter()
            .flat_map(|edit| match edit {
                Edit::Move { from, to } => [Some(from), Some(to)],
                other => [Some(other.path()), None],
            })
            .flatten()
    }

    /// Whether the fix removes an item of a list, and the next items get other numbers.
    fn renumbers(&self) -> bool {
        self.edits.iter().any(|edit| {
            let gone = match edit {
                Edit::Delete { path, .. } | Edit::Move { from: path, .. } => path,
                _ => return false,
            };
            matches!(gone.last(), Some(Segment::Index(_)))
        })
    }
}

/// The paths that the fixes of a round change.
#[derive(Default)]
struct TouchedPaths {
    at: HashSet<Path>,
    /// The paths above them.
    above: HashSet<Path>,
}

impl TouchedPaths {
    /// Whether one fix could change the place of the other.
    fn touches(&self, path: &Path) -> bool {
        self.above.contains(path) || self.at.contains(path) || above(path).any(|above| self.at.contains(&above))
    }

    fn add(&mut self, path: &Path) {
        self.above.extend(above(path));
        self.at.insert(path.clone());
    }
}

/// The paths above a path, up to the top.
fn above(path: &Path) -> impl Iterator<Item = Path> {
    std::iter::successors(path.parent(), Path::parent)
}

/// Makes all fixes that do not touch each other.
fn round(text: &str, wanted: Vec<PendingFix>) -> (String, Vec<AppliedFix>, Vec<RefusedFix>) {
    let (mut now, mut touched) = (Vec::new(), TouchedPaths::default());
    for one in wanted {
        if !one.paths().any(|path| touched.touches(path)) {
            one.paths().for_each(|path| touched.add(path));
            now.push(one);
        }
    }
    // Items are removed last, from the last to the first: then each number still belongs to its item.
    let (mut items, mut now): (Vec<_>, Vec<_>) = now.into_iter().partition(PendingFix::renumbers);
    items.sort_by_key(|one| std::cmp::Reverse(one.start));
    now.append(&mut items);
    let edits: Vec<Edit> = now.iter().flat_map(|one| one.edits.iter().cloned()).collect();
    if let Ok(text) = edit::apply(text, &edits) {
        return (text, now.iter().map(PendingFix::done).collect(), Vec::new());
    }
    let (mut text, mut applied, mut refused) = (text.to_owned(), Vec::new(), Vec::new());
    for one in &now {
        match edit::apply(&text, &one.edits) {
            Ok(changed) => {
                text = changed;
                applied.push(one.done());
            }
            Err(error) => {
                let AppliedFix { rule, title } = one.done();
                refused.push(RefusedFix { rule, title, why: error.to_string() });
            }
        }
    }
    (text, applied, refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lint::{
            Applicability::{self, Safe, Unsafe},
            Finding, Mark, Severity,
        },
        yaml::{Span, Value},
    };

    fn found(start: usize, title: &str, applicability: Applicability, edits: Vec<Edit>) -> Diagnostic {
        let Finding { message, help, .. } = Finding::at(Span::default(), "found");
        let marks = vec![Mark { span: Span { start, ..Span::default() }, label: String::new() }];
        let fix = Some(Fix::new(applicability, title, edits));
        Diagnostic { rule: "sample", severity: Severity::Error, message, marks, help, fix, facts_of: None }
    }

    fn path(path: &str) -> Path {
        path.parse().expect("a path")
    }

    fn delete(at: &str) -> Edit {
        Edit::Delete { path: path(at), prune: true }
    }

    fn at_top(lint: &dyn Fn(&str) -> Vec<Diagnostic>) -> impl Fn(&str) -> Vec<(Path, Diagnostic)> {
        |text| lint(text).into_iter().map(|found| (Path::root(), found)).collect()
    }

    /// Deletes each key named `bad`, and each item that is `bad`, below `at`.
    fn lint(text: &str, at: &Path) -> Vec<Diagnostic> {
        let document = Document::parse(text).expect("a text that is read");
        let Some(top) = document.find(at) else { return Vec::new() };
        let mut all = Vec::new();
        document.walk(top.value, |path, node| {
            let start = document.node(node.value).span.start;
            let is_bad = match path.last() {
                Some(Segment::Key(key)) => key == "bad",
                _ => document.source(document.node(node.value).span) == "bad",
            };
            if is_bad {
                all.push(found(start, "delete the key", Safe, vec![Edit::Delete { path: path.clone(), prune: true }]));
            }
        });
        all
    }

    #[test]
    fn all_is_fixed_and_twice_is_once() {
        for (text, wanted) in [
            ("a: 1 # one\nbad: 2\nb: 3\n", "a: 1 # one\nb: 3\n"),
            ("a:\n  bad:\n    bad: 1\nb: [bad, c, bad, d]\n", "b: [c, d]\n"),
            ("l:\n  - bad\n  - 1\n  - bad\n  - 2\n", "l:\n  - 1\n  - 2\n"),
            ("l:\n  - bad: 1\n  - a: 1\n    bad: 2\n  - bad: 3\n", "l:\n  - {}\n  - a: 1\n  - {}\n"),
            ("a: 1\n", "a: 1\n"),
        ] {
            let lint = |text: &str| lint(text, &Path::root());
            let once = fix(text, false, &at_top(&lint));
            assert_eq!(once.text, wanted);
            assert!(once.refused.is_empty(), "{once:?}");
            let twice = fix(&once.text, false, &at_top(&lint));
            assert_eq!(twice, Fixed { applied: Vec::new(), ..once });
        }
    }

    #[test]
    fn paths_are_those_of_the_values() {
        let at = path("redis");
        let fixed = fix("bad: 1\nredis:\n  bad: 1\n  a: 1\n", false, &|text| {
            lint(text, &at).into_iter().map(|found| (at.clone(), found)).collect()
        });
        assert_eq!(fixed.text, "bad: 1\nredis:\n  a: 1\n");
        assert_eq!(fixed.applied, [AppliedFix { rule: "sample", title: "delete the key".to_owned() }]);
        let all = [
            Edit::Rename { path: path("a"), to: "b".to_owned() },
            Edit::Move { from: path("a"), to: path("b.c") },
            delete("a"),
            Edit::Set { path: path("a"), value: Value::Null },
            Edit::Insert { path: path("a"), value: Value::Null, comment: None },
        ];
        for edit in all {
            assert_eq!(edit.below(&at).path(), &path("redis.a"));
            assert_eq!(edit.below(&Path::root()), edit);
        }
    }

    #[test]
    fn unsafe_ones_wait_to_be_asked_for() {
        let lint = |text: &str| match text {
            "a: 1\n" => {
                vec![found(0, "turn it", Unsafe, vec![Edit::Set { path: path("a"), value: Value::Bool(true) }])]
            }
            _ => Vec::new(),
        };
        assert_eq!(fix("a: 1\n", false, &at_top(&lint)).text, "a: 1\n");
        assert_eq!(fix("a: 1\n", true, &at_top(&lint)).text, "a: true\n");
    }

    #[test]
    fn one_that_is_refused_is_told_and_stops_no_other() {
        let lint = |text: &str| {
            let mut all = vec![found(0, "carry it", Safe, vec![Edit::Move { from: path("a"), to: path("b") }])];
            if text.contains("c:") {
                all.push(found(9, "drop it", Safe, vec![delete("c")]));
            }
            all
        };
        let fixed = fix("a: 1\nb: 2\nc: 3\n", false, &at_top(&lint));
        assert_eq!(fixed.text, "a: 1\nb: 2\n");
        assert_eq!(fixed.applied.len(), 1);
        let [refused] = &fixed.refused[..] else { panic!("{fixed:?}") };
        assert_eq!(refused.why, "2:1: `b` exists already: 1:1: `a` cannot replace it");
    }

    #[test]
    fn rules_that_undo_each_other_come_to_an_end() {
        let lint = |text: &str| {
            let other = if text.contains("a:") { ("a", "b") } else { ("b", "a") };
            vec![found(0, "turn it", Safe, vec![Edit::Rename { path: path(other.0), to: other.1.to_owned() }])]
        };
        let fixed = fix("a: 1\n", false, &at_top(&lint));
        assert!(Document::parse(&fixed.text).is_ok());
    }

    #[test]
    fn what_is_not_read_stays() {
        let fixed = fix("a: [", true, &|_| panic!("a text that is not YAML is not linted"));
        assert_eq!(fixed.text, "a: [");
    }
}
