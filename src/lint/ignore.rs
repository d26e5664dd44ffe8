//! What is not to be told, because a comment says so: `# redisgen: ignore[RULE] REASON`.
//!
//! Such a comment stands on the line of a finding or in the lines of comments directly above it. It is known for one
//! file as a whole which of them ignore nothing, so that the findings of all values in the file come together here.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Diagnostic,
    directive::{Directive, Named, Unclear},
    rules::{malformed_directive, unused_ignore},
};
use crate::yaml::{Document, Kind, Span, Style};

/// What the comments of a file say to us.
///
/// Where only some of the values in a file are judged, only the comments of those belong here: an ignore for what is not
/// judged cannot be told from one that ignores nothing.
#[derive(Debug, Default)]
pub struct Remarks<'a> {
    ignores: Vec<Named<'a>>,
    unclear: Vec<(Span, Unclear)>,
    /// The lines with a comment and nothing else.
    comments: BTreeSet<usize>,
    /// The lines of values that go over several, in which no comment can stand, with those that open and end the value.
    edges: BTreeMap<usize, Vec<usize>>,
}

impl<'a> Remarks<'a> {
    pub fn of(document: &'a Document) -> Self {
        let mut remarks = Self::default();
        for comment in document.comments() {
            match Directive::of(&comment.text, comment.span) {
                None | Some(Ok(Directive::Chart(_))) => {}
                Some(Ok(Directive::Ignore(named))) => remarks.ignores.extend(named),
                Some(Err(unclear)) => remarks.unclear.push((comment.span, unclear)),
            }
        }
        if !remarks.ignores.is_empty() {
            let own_line = document.comments().iter().filter(|comment| comment.own_line);
            remarks.comments = own_line.map(|comment| comment.span.line).collect();
            remarks.edges = edges(document);
        }
        remarks
    }

    /// Adds those of a text that stands within the file; `place` tells where a stretch of it stands in the file.
    #[must_use]
    pub fn and(mut self, inner: Remarks<'a>, place: impl Fn(Span) -> Span) -> Self {
        let Remarks { ignores, unclear, comments, edges } = inner;
        let line = |line: usize| place(Span { line, ..Span::default() }).line;
        self.ignores.extend(ignores.into_iter().map(|named| Named { span: place(named.span), ..named }));
        self.unclear.extend(unclear.into_iter().map(|(span, unclear)| (place(span), unclear)));
        self.comments.extend(comments.into_iter().map(line));
        for (at, edges) in edges {
            self.edges.entry(line(at)).or_default().extend(edges.into_iter().map(line));
        }
        self
    }
}

fn edges(document: &Document) -> BTreeMap<usize, Vec<usize>> {
    let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for node in document.nodes() {
        let Kind::Scalar { style, .. } = node.kind else { continue };
        let (start, text) = (node.span.line, document.source(node.span).trim_end());
        // A block of text starts below the line that opens it.
        let before = document.text().get(..node.span.start).unwrap_or_default();
        let first = match style {
            Style::Literal | Style::Folded => start - breaks(&before[before.trim_end().len()..]),
            Style::Plain | Style::SingleQuoted | Style::DoubleQuoted => start,
        };
        let last = start + breaks(text);
        if first < last {
            (start..=last).for_each(|line| found.entry(line).or_default().extend([first, last]));
        }
    }
    found
}

/// How many lines end in the text.
fn breaks(text: &str) -> usize {
    text.matches(['\n', '\r']).count() - text.matches("\r\n").count()
}

/// What is left to tell of the findings of one file, and of its comments, in the order of the text.
pub fn apply(remarks: &Remarks, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let Remarks { ignores, unclear, .. } = remarks;
    found.extend(unclear.iter().map(|(span, unclear)| malformed_directive::at(*span, unclear)));
    // Whether an ignore is unused can be ignored too, once it is known of all others.
    let (mut of_rules, mut of_ignores) = (Ignores::new(remarks), Ignores::new(remarks));
    for named in ignores {
        match named.rule() {
            Ok(rule) if rule == unused_ignore::RULE.id => of_ignores.add(*named, rule),
            Ok(rule) => of_rules.add(*named, rule),
            Err(unclear) => found.push(malformed_directive::at(named.span, &unclear)),
        }
    }
    of_rules.take_from(&mut found);
    let mut unused = of_rules.unused();
    of_ignores.take_from(&mut unused);
    found.append(&mut unused);
    found.append(&mut of_ignores.unused());
    super::sort(&mut found);
    found
}

/// Ignores by what they are about.
struct Ignores<'a> {
    /// The line below, for each line of comments.
    below: BTreeMap<usize, usize>,
    edges: &'a BTreeMap<usize, Vec<usize>>,
    /// By the line and the rule.
    targets: BTreeMap<(usize, &'static str), Target<'a>>,
}

#[derive(Default)]
struct Target<'a> {
    named: Vec<Named<'a>>,
    used: bool,
}

impl<'a> Ignores<'a> {
    fn new(remarks: &'a Remarks) -> Self {
        let mut below = BTreeMap::new();
        for line in remarks.comments.iter().rev() {
            below.insert(*line, below.get(&(line + 1)).copied().unwrap_or(line + 1));
        }
        Self { below, edges: &remarks.edges, targets: BTreeMap::new() }
    }

    fn add(&mut self, named: Named<'a>, rule: &'static str) {
        self.targets.entry((self.below(named.span.line), rule)).or_default().named.push(named);
    }

    /// The line that a comment on this one is about: that below a stack of comments, else its own.
    fn below(&self, line: usize) -> usize {
        self.below.get(&line).copied().unwrap_or(line)
    }

    /// Takes out what is ignored.
    fn take_from(&mut self, found: &mut Vec<Diagnostic>) {
        if self.targets.is_empty() {
            return;
        }
        found.retain(|found| {
            let line = found.place().line;
            let edges = self.edges.get(&line).into_iter().flatten().copied();
            let lines: Vec<usize> = edges.chain([line]).map(|line| self.below(line)).collect();
            let mut told = true;
            for line in lines {
                if let Some(target) = self.targets.get_mut(&(line, found.rule)) {
                    (target.used, told) = (true, false);
                }
            }
            told
        });
    }

    fn unused(&self) -> Vec<Diagnostic> {
        let unused = self.targets.iter().filter(|(_, target)| !target.used);
        let named = unused.flat_map(|((_, rule), target)| target.named.iter().map(|named| (named.span, *rule)));
        named.map(|(span, rule)| unused_ignore::at(span, rule)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chart::Chart,
        lint::{Origin, Subject, lint},
    };

    /// The findings above info that are left, each as `line:rule`.
    fn left(text: &str) -> Vec<String> {
        let document = Document::parse(text).unwrap();
        let chart = Chart::at(&crate::chart::newest()).unwrap();
        let found = lint(&Subject::new(&document, Origin::default(), &chart).unwrap());
        let left = apply(&Remarks::of(&document), found);
        let told = left.iter().filter(|found| found.severity > crate::lint::Severity::Info);
        told.map(|found| format!("{}:{}", found.place().line, found.rule)).collect()
    }

    const NONE: [&str; 0] = [];

    #[test]
    fn on_the_line_or_above() {
        assert_eq!(left("auth:\n  foo: 1\n"), ["2:unknown-key"]);
        assert_eq!(left("auth:\n  foo: 1 # redisgen: ignore[unknown-key] ours\n"), NONE);
        assert_eq!(left("auth:\n  # redisgen: ignore[unknown-key]\n  # of our own\n  foo: 1\n"), NONE);
        assert_eq!(left("auth:\r\n  # of our own\r\n# redisgen: ignore[unknown-key]\r\n  foo: 1\r\n"), NONE);
    }

    #[test]
    fn nowhere_else() {
        let both = ["1:unused-ignore", "3:unknown-key"];
        assert_eq!(left("# redisgen: ignore[unknown-key]\nauth:\n  foo: 1\n"), both);
        assert_eq!(left("auth: # redisgen: ignore[unknown-key]\n  enabled: true\n  foo: 1\n"), both);
        assert_eq!(left("# redisgen: ignore[unknown-key]\n\nfoo: 1\n"), both);
        assert_eq!(left("foo: 1\n# redisgen: ignore[unknown-key]\n"), ["1:unknown-key", "2:unused-ignore"]);
        assert_eq!(left("foo: 1 # redisgen: ignore[null-value]\n"), ["1:unknown-key", "1:unused-ignore"]);
    }

    #[test]
    fn each_of_several_rules_for_itself() {
        let text = "foo: 1 # redisgen: ignore[unknown-key, null-value]\n";
        assert_eq!(left(text), ["1:unused-ignore"]);
        assert_eq!(left(&text.replace("null-value", "null-value, unused-ignore")), NONE);
        assert_eq!(left("foo: 1 # redisgen: ignore[unknown-key, unused-ignore]\n"), ["1:unused-ignore"]);
        assert_eq!(left("foo: 1 # redisgen: ignore[unknown-key, dead]\n"), ["1:malformed-directive"]);
        assert_eq!(left("foo: 1 # redisgen: ignore[unknown-key, malformed-directive, dead]\n"), NONE);
    }

    #[test]
    fn what_is_only_worth_knowing_can_be_ignored() {
        assert_eq!(left("auth: # redisgen: ignore[redundant-default]\n  enabled: true\n"), NONE);
        assert_eq!(left("# redisgen: ignore[redundant-default]\nauth:\n  enabled: true\n"), NONE);
    }

    fn found(rule: &str, line: usize) -> Diagnostic {
        let rule = crate::lint::rules::named(rule).unwrap();
        Diagnostic::of(rule, crate::lint::Finding::at(Span { line, ..Span::default() }, "found"))
    }

    #[test]
    fn a_comment_about_a_text_stands_around_it() {
        let text = "conf: |-\n\n  maxmemory 1gb\n  save 1\nother: {x: \"a\n  b\"}\n";
        let left = |text: &str| {
            let document = Document::parse(text).unwrap();
            let found = (1..=6).map(|line| found("dead-key", line)).collect();
            let left = apply(&Remarks::of(&document), found);
            left.iter().map(|found| found.place().line).collect::<Vec<_>>()
        };
        assert_eq!(left(text), [1, 2, 3, 4, 5, 6]);
        let text = text.replace("|-", "|- # redisgen: ignore[dead-key]");
        assert_eq!(left(&text), [2, 5, 6]);
        assert_eq!(left(&text.replace("b\"}", "b\"} # redisgen: ignore[dead-key]")), [2]);
    }

    #[test]
    fn a_file_that_says_nothing_can_be_ignored() {
        let document = Document::parse("# redisgen: ignore[auth-off]\n# nothing\n").unwrap();
        let left = apply(&Remarks::of(&document), vec![found("auth-off", 1), found("null-value", 1)]);
        assert_eq!(left, [found("null-value", 1)]);
    }

    #[test]
    fn values_within_a_file_bring_their_own() {
        let outer = "spec:\n  # redisgen: ignore[auth-off]\n  values: |\n    # redisgen: ignore[null-value]\n    a:\n";
        let inner = "# redisgen: ignore[null-value]\na:\n";
        let (outer, inner) = (Document::parse(outer).unwrap(), Document::parse(inner).unwrap());
        let place = |span: Span| {
            let Span { start, end, line, column } = span;
            Span { start: start + 60, end: end + 60, line: line + 3, column: column + 4 }
        };
        let remarks = Remarks::of(&outer).and(Remarks::of(&inner), place);
        assert_eq!(apply(&remarks, vec![found("null-value", 5), found("auth-off", 5)]), []);
        let unused = apply(&remarks, Vec::new());
        let places: Vec<_> = unused.iter().map(|found| (found.place().line, found.place().column)).collect();
        assert_eq!(places, [(2, 22), (4, 24)]);
    }

    #[test]
    fn many_comments_take_no_time() {
        let text = "# redisgen: ignore[null-value, dead-key]\n".repeat(50_000)
            + "auth:\n  foo: |\n"
            + &"    x\n".repeat(50_000);
        let left = left(&text);
        assert_eq!(left.len(), 100_001);
    }
}
