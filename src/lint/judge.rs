//! A whole text judged: the values found in it, each for its chart version, with places in the text.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    Applicability, Check, Diagnostic, Entry, Facts, InSubchart, Levels, Scope, Severity, Subject, Target,
    fix::{self, Fixed},
    ignore::{self, Remarks},
    lint, rules,
};
use crate::{
    chart::Chart,
    effective::Unknown,
    encryption,
    source::{self, By, Charts, Content, Known, Part, Settled, settle},
    yaml::{Document, Error, Path, Span},
};

/// What became of a text.
#[derive(Debug, Default)]
pub struct Verdict {
    /// In the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// One for each place of values.
    pub versions: Vec<Settled>,
    /// What the text is, where it holds no values of the chart.
    pub foreign: Option<String>,
    /// Whether the text is a template that must be rendered first.
    pub is_template: bool,
    /// Why some of it could not be judged.
    pub refused: Vec<String>,
}

/// Judges a text; what a project makes of the rules, the caller lays over it.
pub fn judge(text: &str, known: &Known, charts: &Charts) -> Verdict {
    let mut verdict = Verdict::default();
    let parts = match source::read(text, known) {
        Ok(Content::Values(parts)) => parts,
        Ok(Content::Foreign(what)) => {
            verdict.foreign = Some(what);
            return verdict;
        }
        Ok(Content::Template { kind, at }) => {
            verdict.diagnostics = report_template(kind, at).collect();
            verdict.is_template = true;
            return verdict;
        }
        Err(error) => {
            verdict.diagnostics = report_syntax(text, &error).collect();
            return verdict;
        }
    };
    let whole = parts.iter().any(|part| part.inset.is_part()).then(|| Document::parse(text).ok()).flatten();
    let mut in_parts: Vec<InPart> = Vec::new();
    for part in &parts {
        let settled = match settle(part, known, charts) {
            Ok(settled) => settled,
            Err(error) => {
                verdict.refused.push(error);
                continue;
            }
        };
        match Subject::new(&part.document, part.origin.clone(), &settled.chart) {
            Ok(subject) => {
                let mut found = look(&subject);
                doubt(&mut found, part, &settled);
                let top = subject.entries.first().map_or(0, |entry| entry.key.start);
                let mut new = InPart { part, found, top };
                once(&mut new, &mut in_parts);
                in_parts.push(new);
            }
            Err(error) => verdict.diagnostics.extend(report_syntax(&part.inset.text, &error)),
        }
        verdict.versions.push(settled);
    }
    for InPart { part, found, .. } in in_parts {
        let found = found.into_iter();
        match &whole {
            Some(whole) => verdict.diagnostics.extend(found.map(|found| outer(found, part, whole))),
            None => verdict.diagnostics.extend(found),
        }
    }
    let remarks = remarks(&parts, whole.as_ref());
    verdict.diagnostics = ignore::apply(&remarks, verdict.diagnostics);
    // A file with encrypted values is changed by nobody but the tool that encrypts it.
    if verdict.diagnostics.iter().any(|found| found.fix.is_some()) && encryption::find(text).is_some() {
        verdict.diagnostics.iter_mut().for_each(|found| found.fix = None);
    }
    verdict
}

/// How often a text is read again for places of values that stand within others: more than anybody writes.
const MOST_READS: usize = 100;

/// How often a text is fixed for another chart version, since its keys tell another one after each time.
const MOST_ERAS: usize = 8;

/// What is to be fixed.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// How much the project makes of each rule.
    pub levels: &'a Levels,
    /// Nothing that is less bad.
    pub least: Severity,
    /// Fixes that a person should look at, too.
    pub unsafe_too: bool,
}

/// Makes the fixes that are wanted.
pub fn fix(text: &str, known: &Known, charts: &Charts, wanted: Wanted) -> Fixed {
    let mut fixed = fix_for_its_version(text, known, charts, wanted);
    for _ in 0..MOST_ERAS {
        let more = fix_for_its_version(&fixed.text, known, charts, wanted);
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

fn fix_for_its_version(text: &str, known: &Known, charts: &Charts, wanted: Wanted) -> Fixed {
    let mut fixed = Fixed { text: text.to_owned(), applied: Vec::new(), refused: Vec::new() };
    let Ok(Content::Values(mut parts)) = source::read(text, known) else { return fixed };
    let mut done: Vec<Fixed> = Vec::new();
    let mut reads = 0;
    // From here on the text is not any more what the parts were read from.
    let mut changed_from = usize::MAX;
    for group in groups(&parts) {
        if group.iter().any(|at| parts[*at].inset.range().is_none_or(|range| range.end > changed_from)) {
            reads += 1;
            match source::read(&fixed.text, known) {
                Ok(Content::Values(again)) if again.len() == parts.len() && reads <= MOST_READS => parts = again,
                _ => break,
            }
            changed_from = usize::MAX;
        }
        let settled = |at: &usize| Some((&parts[*at], settle(&parts[*at], known, charts).ok()?));
        let places: Vec<_> = group.iter().filter_map(settled).collect();
        let Some((Part { inset, .. }, _)) = places.first() else { continue };
        let inner = fix::fix(&inset.text, wanted.unsafe_too, &|text| found(text, &places, wanted));
        if *inner.text == *inset.text {
            done.push(inner);
            continue;
        }
        let Some(outer) = inset.put_back(&fixed.text, &inner.text) else { continue };
        if Document::parse(&outer).is_err() {
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

/// The parts that stand in the same stretch of the text, the last stretch first: what is changed there moves none of
/// those before.
fn groups(parts: &[Part]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<(usize, Reverse<usize>), Vec<usize>> = BTreeMap::new();
    for (at, part) in parts.iter().enumerate() {
        if let Some(range) = part.inset.range() {
            groups.entry((range.start, Reverse(range.end))).or_default().push(at);
        }
    }
    groups.into_values().rev().collect()
}

/// What is found of several places in the same text, with where the values stand.
fn found(text: &str, places: &[(&Part, Settled)], wanted: Wanted) -> Vec<(Path, Diagnostic)> {
    let Ok(document) = Document::parse(text) else { return Vec::new() };
    let remarks = Remarks::of(&document);
    let mut all = Vec::new();
    for (part, settled) in places {
        let Ok(subject) = Subject::new(&document, part.origin.clone(), &settled.chart) else { continue };
        let mut found = wanted.levels.lay(ignore::apply(&remarks, look(&subject)));
        found.retain(|found| found.severity >= wanted.least);
        all.extend(found.into_iter().map(|found| (part.origin.at.clone(), found)));
    }
    all
}

/// What was found in one place of values.
struct InPart<'a> {
    part: &'a Part,
    found: Vec<Diagnostic>,
    /// Where the first key stands: what stands nowhere is said there.
    top: usize,
}

/// What is of a release as a whole is said once: in that part of its values in which it stands, else in the first.
fn once(new: &mut InPart, before: &mut [InPart]) {
    let of_release = |part: &Part| (part.origin.release.clone(), part.origin.namespace.clone());
    let same = |a: &Diagnostic, b: &Diagnostic| a.rule == b.rule && a.message == b.message;
    if new.part.origin.around.is_empty() {
        return;
    }
    for old in before.iter_mut().filter(|old| of_release(old.part) == of_release(new.part)) {
        let InPart { found, top, .. } = new;
        found.retain(|new| new.place().start != *top || !old.found.iter().any(|old| same(old, new)));
        old.found.retain(|said| said.place().start != old.top || !found.iter().any(|new| same(new, said)));
    }
}

/// What the comments of a text say, those in its blocks of text too.
fn remarks<'a>(parts: &'a [Part], whole: Option<&'a Document>) -> Remarks<'a> {
    let Some(whole) = whole else {
        return parts.first().map(|part| Remarks::of(&part.document)).unwrap_or_default();
    };
    let inner = parts.iter().filter(|part| part.inset.is_text());
    inner.fold(Remarks::of(whole), |remarks, part| {
        remarks.and(Remarks::of(&part.document), |span| {
            // Of a line only its number is told.
            let start = part.inset.text.split_inclusive('\n').take(span.line.saturating_sub(1)).map(str::len).sum();
            let known = span.end > 0;
            part.inset.outer(whole, if known { span } else { Span { start, end: start, ..span } })
        })
    })
}

/// What the rules say. Of encrypted values nothing is concluded: a finding is told where it holds whatever they are.
fn look(subject: &Subject) -> Vec<Diagnostic> {
    let unknown = subject.unknown();
    if unknown.is_empty() {
        return look_at(subject);
    }
    let mut supposed = subject.supposing(&unknown).map(|supposed| look_at(&supposed));
    let mut found = supposed.next().unwrap_or_default();
    for there in supposed {
        found.retain(|found| there.iter().any(|other| is_same(found, other)));
    }
    found.retain(|found| !is_about_unknown(subject, &unknown, found));
    found
}

fn is_same(one: &Diagnostic, other: &Diagnostic) -> bool {
    one.rule == other.rule && one.place() == other.place() && one.message == other.message
}

/// Whether a finding is about a value that is encrypted.
fn is_about_unknown(subject: &Subject, unknown: &Unknown, found: &Diagnostic) -> bool {
    let place = found.place();
    let holds = |span: &Span| span.start <= place.start && place.start < span.end.max(span.start + 1);
    let is_of_key = rules::named(found.rule).is_some_and(|rule| rule.target != Target::Value);
    let is_there = |entry: &&Entry| holds(&entry.value) || holds(&entry.key) && !is_of_key;
    subject.entries.iter().filter(is_there).any(|entry| unknown.holds(&entry.path))
}

/// What the rules say; what others than these values and this chart decide is softened.
fn look_at(subject: &Subject) -> Vec<Diagnostic> {
    let mut found = lint(subject);
    for found in &mut found {
        let Some(rule) = rules::named(found.rule) else { continue };
        if subject.origin.others && rule.scope == Scope::Release {
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
    lint_borrowed(subject, &mut found);
    found
}

/// Softens what hangs on facts of another version: nobody knows whether they hold for this one.
fn lint_borrowed(subject: &Subject, found: &mut [Diagnostic]) {
    let chart = subject.chart;
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

/// A version that only the keys tell could be any that they fit: what the oldest of these would not say is softened.
fn doubt(found: &mut [Diagnostic], part: &Part, settled: &Settled) {
    let By::Keys(era) = &settled.told.by else { return };
    if era.since == *settled.chart.version() || !found.iter().any(|found| found.severity > Severity::Info) {
        return;
    }
    let Some(oldest) = Chart::at(&era.since) else { return };
    let Ok(subject) = Subject::new(&part.document, part.origin.clone(), &oldest) else { return };
    let there: BTreeSet<_> = look(&subject).iter().map(|found| (found.rule, found.place().start)).collect();
    let says_too = |found: &Diagnostic| {
        let start = found.place().start;
        there.contains(&(found.rule, start)) || is_in_block(&subject, found, &there)
    };
    let why = format!("chart {} would not report this: set the version with `--chart-version`", era.since);
    for found in found.iter_mut().filter(|found| found.severity > Severity::Info) {
        if says_too(found) {
            continue;
        }
        soften(found, Severity::Info, &why);
    }
}

/// Whether one of these findings, each a rule and a place, covers a key above or below this finding.
fn is_in_block(subject: &Subject, found: &Diagnostic, others: &BTreeSet<(&str, usize)>) -> bool {
    if rules::named(found.rule).is_none_or(|rule| rule.target != Target::Block) {
        return false;
    }
    let at = |start: usize| subject.entries.iter().find(|entry| entry.key.start == start);
    let Some(here) = at(found.place().start) else { return false };
    let mut there = others.iter().filter(|(rule, _)| *rule == found.rule).filter_map(|(_, start)| at(*start));
    there.any(|there| here.path.starts_with(&there.path) || there.path.starts_with(&here.path))
}

fn outer(mut found: Diagnostic, part: &Part, whole: &Document) -> Diagnostic {
    for mark in &mut found.marks {
        mark.span = part.inset.outer(whole, mark.span);
    }
    if !part.inset.can_change() {
        found.fix = None;
    }
    found
}

/// The findings about a text that is not YAML.
fn report_syntax(text: &str, error: &Error) -> impl Iterator<Item = Diagnostic> {
    rules::all().iter().filter_map(move |rule| match rule.check {
        Check::Syntax(check) => Some(Diagnostic::of(rule, check(text, error))),
        _ => None,
    })
}

/// The findings about a file that is a template.
fn report_template(kind: &str, place: Span) -> impl Iterator<Item = Diagnostic> {
    rules::all().iter().filter_map(move |rule| match rule.check {
        Check::Template(check) => Some(Diagnostic::of(rule, check(kind, place))),
        _ => None,
    })
}
