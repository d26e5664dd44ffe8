//! Comments that ignore findings: `# redisgen: ignore[RULE] REASON`.
//!
//! Such a comment is on the line of a finding, or in the lines of comments directly above that line. A comment without
//! a finding can only be reported for a whole file: the findings of all values in the file are filtered together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Check, Diagnostic, Rule, rules};
use crate::{
    escape::quote_short,
    source::directive::{Directive, InvalidDirective, RuleReference},
    yaml::{Document, Kind, Node, Span, Style},
};

/// The `redisgen:` comments of a file.
///
/// If only some of the values in a file are checked, only their comments belong here. Otherwise a comment for values
/// that are not checked would be reported as unused.
#[derive(Debug, Default)]
pub struct IgnoreComments<'a> {
    ignores: Vec<RuleReference<'a>>,
    unclear: Vec<(Span, InvalidDirective)>,
    /// Comments with nothing else on their lines.
    own_lines: Vec<Span>,
    /// Values of several lines: YAML allows no comment inside.
    texts: Vec<MultilineValue>,
}

#[derive(Debug)]
struct MultilineValue {
    /// On the line of the key. The text of a block scalar starts below.
    opens: Span,
    starts: Span,
    ends: Span,
}

impl<'a> IgnoreComments<'a> {
    pub fn read(document: &'a Document) -> Self {
        let mut comments = Self::default();
        for comment in document.comments() {
            match Directive::of(&comment.text, comment.span) {
                None | Some(Ok(Directive::Chart(_))) => {}
                Some(Ok(Directive::Ignore(named))) => comments.ignores.extend(named),
                Some(Err(unclear)) => comments.unclear.push((comment.span, unclear)),
            }
        }
        if !comments.ignores.is_empty() {
            let own_lines = document.comments().iter().filter(|comment| comment.own_line);
            comments.own_lines = own_lines.map(|comment| comment.span).collect();
            comments.texts = document.nodes().filter_map(|node| MultilineValue::of(document, &node)).collect();
        }
        comments
    }

    /// Adds the comments of a text within the file; `place` turns a place in that text into a place in the file.
    #[must_use]
    pub fn join(mut self, inner: IgnoreComments<'a>, place: impl Fn(Span) -> Span) -> Self {
        let IgnoreComments { ignores, unclear, own_lines, texts } = inner;
        self.ignores.extend(ignores.into_iter().map(|named| RuleReference { span: place(named.span), ..named }));
        self.unclear.extend(unclear.into_iter().map(|(span, unclear)| (place(span), unclear)));
        self.own_lines.extend(own_lines.into_iter().map(&place));
        let moved = |MultilineValue { opens, starts, ends }| MultilineValue {
            opens: place(opens),
            starts: place(starts),
            ends: place(ends),
        };
        self.texts.extend(texts.into_iter().map(moved));
        self
    }
}

impl MultilineValue {
    fn of(document: &Document, node: &Node) -> Option<Self> {
        let Kind::Scalar { style, .. } = node.kind else { return None };
        let text = document.source(node.span).trim_end();
        let block = matches!(style, Style::Literal | Style::Folded);
        if text.is_empty() || !(block || text.contains(['\n', '\r'])) {
            return None;
        }
        let at = |byte: usize| {
            let (line, column) = document.position(byte);
            Span { start: byte, end: byte, line, column }
        };
        let before = document.text().get(..node.span.start).unwrap_or_default();
        let opens = if block { before.trim_end().len() } else { node.span.start };
        Some(Self { opens: at(opens), starts: at(node.span.start), ends: at(node.span.start + text.len()) })
    }
}

/// The rule that a comment means.
fn rule(named: &RuleReference) -> Result<&'static Rule, InvalidDirective> {
    rules::named(named.id).ok_or_else(|| {
        let help = match rules::nearest(named.id) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`redisgen rules` lists all rules".to_owned(),
        };
        InvalidDirective::new(format!("unknown rule `{}`", quote_short(named.id)), help)
    })
}

/// The findings of one file without the ignored ones, and the findings about its comments, in the order of the text.
pub fn apply(comments: &IgnoreComments, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let IgnoreComments { ignores, unclear, .. } = comments;
    found.extend(unclear.iter().flat_map(|(span, unclear)| report_unclear(*span, unclear)));
    // The findings about unused comments can be ignored too: these ignores are applied last.
    let (mut of_rules, mut of_ignores) = (IgnoreTargets::new(comments), IgnoreTargets::new(comments));
    let mut known: HashMap<&str, Result<&'static Rule, InvalidDirective>> = HashMap::new();
    for named in ignores {
        match known.entry(named.id).or_insert_with(|| rule(named)) {
            Ok(Rule { id, check: Check::UnusedIgnore(_), .. }) => of_ignores.add(*named, id),
            Ok(rule) => of_rules.add(*named, rule.id),
            Err(unclear) => found.extend(report_unclear(named.span, unclear)),
        }
    }
    of_rules.remove_ignored(&mut found);
    let mut unused = of_rules.unused();
    of_ignores.remove_ignored(&mut unused);
    found.append(&mut unused);
    found.append(&mut of_ignores.unused());
    super::sort(&mut found);
    // A text within the file can also be read as a part of the file, with the same findings.
    found.dedup();
    found
}

/// The findings about a comment that cannot be read, or about a rule in it that does not exist.
fn report_unclear(place: Span, unclear: &InvalidDirective) -> impl Iterator<Item = Diagnostic> {
    rules::all().iter().filter_map(move |rule| match rule.check {
        Check::Directive(check) => Some(rule.report(check(place, unclear))),
        _ => None,
    })
}

/// The findings about an ignore comment for a rule that has no finding there.
fn report_unused(place: Span, ignored: &str) -> impl Iterator<Item = Diagnostic> {
    rules::all().iter().filter_map(move |rule| match rule.check {
        Check::UnusedIgnore(check) => Some(rule.report(check(place, ignored))),
        _ => None,
    })
}

/// The ignore comments of a file, by the line and the rule that they are for.
struct IgnoreTargets<'a> {
    /// The line below, for each line of comments.
    below: BTreeMap<usize, usize>,
    /// For each line of a value with several lines: its first and last line.
    edges: BTreeMap<usize, Vec<usize>>,
    /// By the line and the rule.
    targets: BTreeMap<(usize, &'static str), Target<'a>>,
}

#[derive(Default)]
struct Target<'a> {
    named: Vec<RuleReference<'a>>,
    used: bool,
}

impl<'a> IgnoreTargets<'a> {
    fn new(comments: &IgnoreComments) -> Self {
        let own_lines: BTreeSet<usize> = comments.own_lines.iter().map(|comment| comment.line).collect();
        let mut below = BTreeMap::new();
        for line in own_lines.into_iter().rev() {
            below.insert(line, below.get(&(line + 1)).copied().unwrap_or(line + 1));
        }
        let mut edges: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for MultilineValue { opens, starts, ends } in &comments.texts {
            (starts.line..=ends.line).for_each(|line| edges.entry(line).or_default().extend([opens.line, ends.line]));
        }
        Self { below, edges, targets: BTreeMap::new() }
    }

    fn add(&mut self, named: RuleReference<'a>, rule: &'static str) {
        self.targets.entry((self.below(named.span.line), rule)).or_default().named.push(named);
    }

    /// The line that a comment on this line is for: the line below a block of comments, or else its own line.
    fn below(&self, line: usize) -> usize {
        self.below.get(&line).copied().unwrap_or(line)
    }

    /// Removes the findings with an ignore comment.
    fn remove_ignored(&mut self, found: &mut Vec<Diagnostic>) {
        if self.targets.is_empty() {
            return;
        }
        found.retain(|found| {
            let line = found.place().line;
            let edges = self.edges.get(&line).into_iter().flatten().copied();
            let lines: BTreeSet<usize> = edges.chain([line]).map(|line| self.below(line)).collect();
            let mut is_kept = true;
            for line in lines {
                if let Some(target) = self.targets.get_mut(&(line, found.rule)) {
                    (target.used, is_kept) = (true, false);
                }
            }
            is_kept
        });
    }

    fn unused(&self) -> Vec<Diagnostic> {
        let unused = self.targets.iter().filter(|(_, target)| !target.used);
        let named = unused.flat_map(|((_, rule), target)| target.named.iter().map(|named| (named.span, *rule)));
        named.flat_map(|(span, rule)| report_unused(span, rule)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chart::Chart,
        lint::{Subject, lint},
        source::Origin,
    };

    /// The findings above info that are left, each as `line:rule`.
    fn left(text: &str) -> Vec<String> {
        let document = Document::parse(text).unwrap();
        let chart = Chart::at(&crate::chart::newest()).unwrap();
        let found = lint(&Subject::new(&document, Origin::default(), &chart).unwrap());
        let left = apply(&IgnoreComments::read(&document), found);
        // Each of these texts leaves the size of Redis to the chart.
        let of_text = left.iter().filter(|found| found.rule != "preset-resources");
        let severe = of_text.filter(|found| found.severity > crate::lint::Severity::Info);
        severe.map(|found| format!("{}:{}", found.place().line, found.rule)).collect()
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
        rule.report(crate::lint::Finding::at(Span { line, ..Span::default() }, "found"))
    }

    #[test]
    fn a_comment_about_a_text_stands_around_it() {
        let text = "conf: |-\n\n  maxmemory 1gb\n  save 1\nother: {x: \"a\n  b\"}\n";
        let left = |text: &str| {
            let document = Document::parse(text).unwrap();
            let found = (1..=6).map(|line| found("dead-key", line)).collect();
            let left = apply(&IgnoreComments::read(&document), found);
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
        let left = apply(&IgnoreComments::read(&document), vec![found("auth-off", 1), found("null-value", 1)]);
        assert_eq!(left, [found("null-value", 1)]);
    }

    #[test]
    fn values_within_a_file_bring_their_own() {
        let outer = "spec:\n  # redisgen: ignore[auth-off]\n  values: |\n    # redisgen: ignore[null-value]\n    a:\n";
        let inner = "# redisgen: ignore[null-value]\na:\n";
        let (outer, inner) = (Document::parse(outer).unwrap(), Document::parse(inner).unwrap());
        // The caller converts places by bytes: the file has four more bytes in front of each line than the inner text.
        let place = |span: Span| {
            let byte = |inner: usize| 49 + inner + 4 * (1 + usize::from(inner > 30));
            let (line, column) = outer.position(byte(span.start));
            Span { start: byte(span.start), end: byte(span.end), line, column }
        };
        let remarks = IgnoreComments::read(&outer).join(IgnoreComments::read(&inner), place);
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
