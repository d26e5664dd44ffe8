//! Lints a whole text: all values in it, each for its chart version, with places in the text.
//!
//! The engine treats a finding by the data of its rule, and knows no rule by its id.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::Hash,
};

use super::{
    Applicability, Check, Diagnostic, Entry, Facts, InMigration, InSubchart, Levels, Rule, Scope, Severity, Subject,
    Target,
    fix::{self, Fixed},
    ignore::{self, IgnoreComments},
    lint_with, rules,
};
use crate::{
    chart::Chart,
    effective::UnknownValues,
    encryption,
    source::{self, Charts, ClaimSource, File, FoundRelease, Hints, Origin, Unread, ValuesBlock},
    yaml::{Document, Error, Path, Span, edit::Edit},
};

/// The findings in a text, and what the text is.
#[derive(Debug, Default)]
pub struct LintResult {
    /// All comments, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// What the text is, if it contains no values of the chart.
    pub foreign: Option<String>,
    /// Whether the text is a template that must be rendered first.
    pub is_template: bool,
    /// Why some of the values could not be checked.
    pub refused: Vec<String>,
}

/// Lints a text with all rules. The caller applies the levels of the project.
pub fn lint_text(text: &str, known: &Hints, charts: &Charts) -> LintResult {
    match source::read(text, known, charts) {
        Ok(file) => lint_file(&file),
        Err(unread) => lint_unread(text, unread),
    }
}

/// The errors in the values of one place that `migrate` lists, without the ignored ones.
pub fn errors_for_migration(document: &Document, origin: Origin, chart: &Chart) -> Vec<Diagnostic> {
    // Values that Helm cannot read have no migration.
    let Ok(subject) = Subject::new(document, origin, chart) else { return Vec::new() };
    let found = check_subject_with(&subject, |rule| rule.in_migration == InMigration::Listed);
    let mut found = ignore::apply(&IgnoreComments::read(document), found);
    found.retain(|found| found.severity == Severity::Error);
    found
}

/// Reports why a text has no values to lint.
pub fn lint_unread(text: &str, unread: Unread) -> LintResult {
    match unread {
        Unread::Foreign(what) => LintResult { foreign: Some(what), ..LintResult::default() },
        Unread::NoBlock(what) => {
            let help = "Use `--at PATH` for the path of the values";
            LintResult { foreign: Some(format!("{what}. {help}")), ..LintResult::default() }
        }
        Unread::Template { kind, at } => {
            LintResult { diagnostics: report_template(kind, at).collect(), is_template: true, ..LintResult::default() }
        }
        Unread::Broken(error) => {
            LintResult { diagnostics: report_syntax(text, &error).collect(), ..LintResult::default() }
        }
    }
}

/// Lints all releases of a file with all rules. The caller applies the levels of the project.
pub fn lint_file(file: &File) -> LintResult {
    let mut result = LintResult { refused: file.refused.clone(), ..LintResult::default() };
    let all = || file.releases.iter().chain(&file.globals);
    let parts = || all().map(|found| &found.part);
    let whole = parts().any(|part| part.inset.is_part()).then_some(&*file.document);
    let mut part_findings: Vec<PartFindings> = Vec::new();
    for placed in all() {
        let part = &placed.part;
        match Subject::of(placed) {
            Ok(subject) => {
                let mut found = check_subject(&subject);
                soften_by_oldest_version(&mut found, placed);
                let top = subject.entries.first().map_or(0, |entry| entry.key.start);
                let mut new = PartFindings { part, found, top };
                report_once(&mut new, &mut part_findings);
                part_findings.push(new);
            }
            Err(error) => result.diagnostics.extend(report_syntax(&part.inset.text, &error)),
        }
    }
    for PartFindings { part, found, .. } in part_findings {
        let found = found.into_iter();
        match whole {
            Some(whole) => result.diagnostics.extend(found.map(|found| place_in_whole(found, part, whole))),
            None => result.diagnostics.extend(found),
        }
    }
    result.diagnostics = join_releases(result.diagnostics, &all().map(|found| &found.part).collect::<Vec<_>>());
    let comments = read_ignore_comments(parts(), whole);
    result.diagnostics = ignore::apply(&comments, result.diagnostics);
    // Only the tool that encrypts a file may change the file.
    if result.diagnostics.iter().any(|found| found.fix.is_some()) && encryption::find(&file.text).is_some() {
        result.diagnostics.iter_mut().for_each(|found| found.fix = None);
    }
    result
}

/// How often a text is read again for values within other values: more often than real files need.
const MAX_READS: usize = 100;

/// How often a text is fixed again: its new keys can belong to another chart version.
const MAX_VERSION_CHANGES: usize = 8;

/// Which fixes to apply.
#[derive(Debug, Clone, Copy)]
pub struct FixOptions<'a> {
    /// The levels of the project.
    pub levels: &'a Levels,
    /// Findings below this severity stay.
    pub min_severity: Severity,
    /// Whether to apply unsafe fixes too.
    pub include_unsafe: bool,
}

/// Applies fixes to a text until nothing changes.
pub fn fix_text(text: &str, known: &Hints, charts: &Charts, options: FixOptions) -> Fixed {
    let mut fixed = fix_for_its_version(text, known, charts, options);
    for _ in 0..MAX_VERSION_CHANGES {
        let more = fix_for_its_version(&fixed.text, known, charts, options);
        let is_done = more.text == fixed.text;
        fixed.text = more.text;
        fixed.applied.extend(more.applied);
        fixed.refused = more.refused;
        if is_done {
            break;
        }
    }
    fixed
}

fn fix_for_its_version(text: &str, known: &Hints, charts: &Charts, options: FixOptions) -> Fixed {
    let mut fixed = Fixed { text: text.to_owned(), applied: Vec::new(), refused: Vec::new() };
    let read_parts = |text: &str| {
        source::read(text, known, charts).map(|File { mut releases, globals, .. }| {
            releases.extend(globals);
            releases
        })
    };
    let Ok(mut parts) = read_parts(text) else { return fixed };
    let mut done: Vec<Fixed> = Vec::new();
    let mut reads = 0;
    // From this byte on, the text differs from the text that the parts were read from.
    let mut changed_from = usize::MAX;
    for group in groups(&parts) {
        if group.iter().any(|at| parts[*at].part.inset.range().is_none_or(|range| range.end > changed_from)) {
            reads += 1;
            match read_parts(&fixed.text) {
                Ok(again) if again.len() == parts.len() && reads <= MAX_READS => parts = again,
                _ => break,
            }
            changed_from = usize::MAX;
        }
        let places: Vec<&FoundRelease> = group.iter().map(|at| &parts[*at]).collect();
        let Some(FoundRelease { part: ValuesBlock { inset, .. }, .. }) = places.first() else { continue };
        let inner = fix::fix(&inset.text, options.include_unsafe, &|text| find_in_places(text, &places, options));
        if *inner.text == *inset.text {
            done.push(inner);
            continue;
        }
        let Some(outer) = inset.put_back(&fixed.text, &inner.text) else { continue };
        if !source::is_readable(&outer, known) {
            continue;
        }
        changed_from = inset.range().map_or(0, |range| range.start);
        fixed.text = outer;
        done.push(inner);
    }
    for Fixed { text: _, applied, refused } in done.into_iter().rev() {
        fixed.applied.extend(applied);
        fixed.refused.extend(refused);
    }
    fixed
}

/// Keeps one of the same findings about several releases that share values. A fix stays only if all of them need it.
fn join_releases(found: Vec<Diagnostic>, parts: &[&ValuesBlock]) -> Vec<Diagnostic> {
    let mut counts: HashMap<_, usize> = HashMap::new();
    parts.iter().for_each(|part| *counts.entry(block(part)).or_default() += 1);
    if counts.values().all(|count| *count < 2) {
        return found;
    }
    let mut joined: Vec<(Diagnostic, usize)> = Vec::new();
    for found in found {
        match joined.iter_mut().find(|(other, _)| differs_by_version(other, &found)) {
            Some((other, count)) => {
                // A fix must be the same for each release.
                *count += usize::from(other.fix == found.fix);
                if found.severity > other.severity {
                    *other = found;
                }
            }
            None => joined.push((found, 1)),
        }
    }
    let shared = |place: &Span| {
        let around = parts.iter().filter(|part| {
            part.inset.range().is_some_and(|range| range.start <= place.start && place.start <= range.end)
        });
        around.filter_map(|part| counts.get(&block(part)).copied()).max().unwrap_or(1)
    };
    let agreed = joined.into_iter().map(|(mut found, count)| {
        if found.fix.is_some() && count < shared(&found.place()) {
            found.fix = None;
            found.help.push("another release with these values does not need a fix".to_owned());
        }
        found
    });
    agreed.collect()
}

/// Whether two parts are the same values of a text, for two releases.
fn is_same_block(one: &ValuesBlock, other: &ValuesBlock) -> bool {
    block(one) == block(other)
}

/// The values of a part: their place in the text, and their path there.
fn block(part: &ValuesBlock) -> impl Eq + Hash + use<'_> {
    (&part.origin.at, &part.origin.only, part.inset.range())
}

/// The parts with the same range of the text, the last range first: a change there moves no earlier range.
fn groups(parts: &[FoundRelease]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<(usize, Reverse<usize>), Vec<usize>> = BTreeMap::new();
    for (at, part) in parts.iter().enumerate() {
        if let Some(range) = part.part.inset.range() {
            groups.entry((range.start, Reverse(range.end))).or_default().push(at);
        }
    }
    groups.into_values().rev().collect()
}

/// The findings in several places of one text, each with the path of its values.
fn find_in_places(text: &str, places: &[&FoundRelease], options: FixOptions) -> Vec<(Path, Diagnostic)> {
    let Ok(document) = Document::parse(text) else { return Vec::new() };
    let Some(first) = places.first() else { return Vec::new() };
    let document = document.with_scalars_of(&first.part.document);
    let comments = IgnoreComments::read(&document);
    let mut all: Vec<(Path, Diagnostic)> = Vec::new();
    let mut of_first: Vec<(&ValuesBlock, Vec<Diagnostic>)> = Vec::new();
    for FoundRelease { part, release, .. } in places {
        let Ok(subject) = Subject::new(&document, part.origin.clone(), &release.chart) else { continue };
        let mut found = options.levels.apply(ignore::apply(&comments, check_subject(&subject)));
        found.retain(|found| found.severity >= options.min_severity);
        if part.inset.can_only_rename() {
            found.retain(is_rename);
        }
        found.retain(|found| !replaces_expression(found, part));
        // A fix must be right for each release with these values.
        match of_first.iter_mut().find(|(other, _)| is_same_block(other, part)) {
            Some((_, before)) => before.retain(|before| found.iter().any(|found| is_same_problem(before, found))),
            None => of_first.push((part, found)),
        }
    }
    for (part, found) in of_first {
        all.extend(found.into_iter().map(|found| (part.origin.at.clone(), found)));
    }
    all
}

/// The findings in one part of a text.
struct PartFindings<'a> {
    part: &'a ValuesBlock,
    found: Vec<Diagnostic>,
    /// The byte of the first key, the place of findings about keys that the text does not set.
    top: usize,
}

/// Removes findings about a whole release that two parts of its values report. The finding stays in the part that sets
/// the key, or else in the first part.
fn report_once(new: &mut PartFindings, before: &mut [PartFindings]) {
    let of_release = |part: &ValuesBlock| (part.origin.release.clone(), part.origin.namespace.clone());
    let same = |a: &Diagnostic, b: &Diagnostic| a.rule == b.rule && a.message == b.message;
    if new.part.origin.other_layers.is_empty() {
        return;
    }
    for old in before.iter_mut().filter(|old| of_release(old.part) == of_release(new.part)) {
        let PartFindings { found, top, .. } = new;
        found.retain(|new| new.place().start != *top || !old.found.iter().any(|old| same(old, new)));
        old.found.retain(|old_finding| {
            old_finding.place().start != old.top || !found.iter().any(|new| same(new, old_finding))
        });
    }
}

/// The ignore comments of a text, with the comments in its block scalars.
fn read_ignore_comments<'a>(
    mut parts: impl Iterator<Item = &'a ValuesBlock>,
    whole: Option<&'a Document>,
) -> IgnoreComments<'a> {
    let Some(whole) = whole else {
        return parts.next().map(|part| IgnoreComments::read(&part.document)).unwrap_or_default();
    };
    let inner = parts.filter(|part| part.inset.is_text());
    inner.fold(IgnoreComments::read(whole), |comments, part| {
        comments.join(IgnoreComments::read(&part.document), |span| {
            // A span without an end has only a line number.
            let start = part.inset.text.split_inclusive('\n').take(span.line.saturating_sub(1)).map(str::len).sum();
            let known = span.end > 0;
            part.inset.outer(whole, if known { span } else { Span { start, end: start, ..span } })
        })
    })
}

/// The findings of all rules. If some values are encrypted, only the findings that hold for any decrypted values.
fn check_subject(subject: &Subject) -> Vec<Diagnostic> {
    check_subject_with(subject, |_| true)
}

/// The findings of some of the rules.
fn check_subject_with(subject: &Subject, is_wanted: fn(&Rule) -> bool) -> Vec<Diagnostic> {
    let unknown = subject.unknown();
    if unknown.is_empty() {
        return check_values(subject, is_wanted);
    }
    let mut supposed = subject.supposing(&unknown).map(|supposed| check_values(&supposed, is_wanted));
    let mut found = supposed.next().unwrap_or_default();
    for there in supposed {
        found.retain(|found| there.iter().any(|other| is_same(found, other)));
    }
    found.retain(|found| !is_about_unknown(subject, &unknown, found));
    found
}

/// Whether the fix of a finding only renames or moves values.
fn is_rename(found: &Diagnostic) -> bool {
    let is_rename = |edit: &Edit| matches!(edit, Edit::Rename { .. } | Edit::Move { .. });
    found.fix.as_ref().is_some_and(|fix| fix.edits.iter().all(is_rename))
}

/// Whether the fix replaces a variable or a template expression, whose value another place sets.
fn replaces_expression(found: &Diagnostic, part: &ValuesBlock) -> bool {
    let replaces = |edit: &Edit| matches!(edit, Edit::Set { path, .. } if part.has_expression_at(path));
    found.fix.as_ref().is_some_and(|fix| fix.edits.iter().any(replaces))
}

/// Whether two findings, of two chart versions perhaps, have the same fix.
fn is_same_problem(one: &Diagnostic, other: &Diagnostic) -> bool {
    one.rule == other.rule && one.place() == other.place() && one.fix == other.fix
}

fn is_same(one: &Diagnostic, other: &Diagnostic) -> bool {
    one.rule == other.rule && one.place() == other.place() && one.message == other.message
}

/// Whether two findings about the same place differ at most by the chart version in their messages.
fn differs_by_version(one: &Diagnostic, other: &Diagnostic) -> bool {
    one.rule == other.rule
        && one.place() == other.place()
        && (one.message == other.message || without_version(&one.message) == without_version(&other.message))
}

/// A message without the version behind the word `chart`.
fn without_version(message: &str) -> String {
    let mut parts = message.split("chart ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let version = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        text + "chart " + version
    })
}

/// Whether a finding is about a value that is encrypted.
fn is_about_unknown(subject: &Subject, unknown: &UnknownValues, found: &Diagnostic) -> bool {
    let place = found.place();
    let holds = |span: &Span| span.start <= place.start && place.start < span.end.max(span.start + 1);
    let is_of_key = rules::named(found.rule).is_some_and(|rule| rule.target != Target::Value);
    let is_there = |entry: &&Entry| holds(&entry.value) || holds(&entry.key) && !is_of_key;
    subject.entries.iter().filter(is_there).any(|entry| unknown.contains(&entry.path))
}

/// The findings of some of the rules. A finding is less severe if values or charts that redisgen did not read can change
/// it.
fn check_values(subject: &Subject, is_wanted: fn(&Rule) -> bool) -> Vec<Diagnostic> {
    let mut found = lint_with(subject, is_wanted);
    for found in &mut found {
        let Some(rule) = rules::named(found.rule) else { continue };
        if subject.origin.is_off {
            soften(found, Severity::Info, "the condition of the dependency is false: the chart is not rendered");
        }
        if subject.origin.has_unread_values && rule.scope == Scope::Release {
            soften(
                found,
                Severity::Info,
                "this release has other values that redisgen did not read; they may set another value",
            );
        }
        if let (InSubchart::AtMost(severity), false) = (rule.in_subchart, subject.origin.parent_is_known) {
            let most = severity(subject, found);
            soften(found, most, "the parent chart may read this key: lint the file in its folder to check");
        }
    }
    mark_assumed_facts(subject, &mut found);
    found
}

/// Lowers the severity of findings that use facts of another chart version, and adds a note.
fn mark_assumed_facts(subject: &Subject, found: &mut [Diagnostic]) {
    let chart = &subject.chart;
    let Some(facts) = chart.assumed() else { return };
    let (version, keys_of) = (chart.version(), chart.keys_of());
    for found in found {
        let whose = match rules::named(found.rule).map(|rule| rule.facts) {
            Some(Facts::Keys) if keys_of != *version => &keys_of,
            Some(Facts::Templates) => &facts,
            _ => continue,
        };
        let unknown = match keys_of == *version {
            true => format!("the templates of chart {version} are"),
            false => format!("chart {version} is"),
        };
        found.help.push(format!("{unknown} not known: this finding uses facts of chart {whose}"));
        found.severity = found.severity.min(Severity::Warning);
        found.facts_of = Some(whose.clone());
        if let Some(fix) = &mut found.fix {
            fix.applicability = Applicability::Unsafe;
        }
    }
}

fn soften(found: &mut Diagnostic, most: Severity, why: &str) {
    if found.severity > most {
        found.severity = most;
        found.help.push(why.to_owned());
    }
}

/// Makes findings info that the oldest possible version would not report, if only the keys show the chart version.
fn soften_by_oldest_version(found: &mut [Diagnostic], placed: &FoundRelease) {
    let FoundRelease { part, release, claim, .. } = placed;
    let ClaimSource::Keys(era) = &claim.by else { return };
    if era.since == *release.chart.version() || !found.iter().any(|found| found.severity > Severity::Info) {
        return;
    }
    let Some(oldest) = Chart::at(&era.since) else { return };
    let Ok(subject) = Subject::new(&part.document, part.origin.clone(), &oldest) else { return };
    let there: BTreeSet<_> = check_subject(&subject).iter().map(|found| (found.rule, found.place().start)).collect();
    let is_reported_there =
        |found: &Diagnostic| there.contains(&(found.rule, found.place().start)) || is_in_block(&subject, found, &there);
    let why = format!("chart {} would not report this: set the version with `--chart-version`", era.since);
    for found in found.iter_mut().filter(|found| found.severity > Severity::Info) {
        if is_reported_there(found) {
            continue;
        }
        soften(found, Severity::Info, &why);
    }
}

/// Whether one of the other findings, each a rule and a place, is at a key above or below this finding, for rules that
/// report blocks of keys.
fn is_in_block(subject: &Subject, found: &Diagnostic, others: &BTreeSet<(&str, usize)>) -> bool {
    if rules::named(found.rule).is_none_or(|rule| rule.target != Target::Block) {
        return false;
    }
    let start = found.place().start;
    let Some(here) = subject.entries.iter().find(|entry| entry.key.start == start) else { return false };
    let mut related =
        subject.entries.iter().filter(|there| here.path.starts_with(&there.path) || there.path.starts_with(&here.path));
    related.any(|there| others.contains(&(found.rule, there.key.start)))
}

fn place_in_whole(mut found: Diagnostic, part: &ValuesBlock, whole: &Document) -> Diagnostic {
    for mark in &mut found.marks {
        mark.span = part.inset.outer(whole, mark.span);
    }
    let is_refused = part.inset.can_only_rename() && !is_rename(&found) || replaces_expression(&found, part);
    if !part.inset.can_change() || is_refused {
        found.fix = None;
    }
    found
}

/// The findings about a text that is not YAML.
fn report_syntax(text: &str, error: &Error) -> impl Iterator<Item = Diagnostic> {
    rules::all().iter().filter_map(move |rule| match rule.check {
        Check::Syntax(check) => Some(rule.report(check(text, error))),
        _ => None,
    })
}

/// The findings about a file that is a template.
fn report_template(kind: &str, place: Span) -> impl Iterator<Item = Diagnostic> {
    rules::all().iter().filter_map(move |rule| match rule.check {
        Check::Template(check) => Some(rule.report(check(kind, place))),
        _ => None,
    })
}
