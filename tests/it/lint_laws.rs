//! Laws of the judge over every profile and every chart version of the catalogue, without a Helm: what redisgen writes
//! is in order, and a fix is made once, keeps comments and comes to an end.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::support::{pages, profiles};
use redisgen::{
    chart::{self, Chart, Requirement},
    intent::LayeredIntent,
    lint::{
        Diagnostic, Levels, Severity,
        engine::{self, FixOptions, LintResult},
        rules,
    },
    plan::{self, Plan},
    profile::EMBEDDED,
    source::Hints,
    values,
    yaml::{
        self, Document, Map, Notes, Path,
        edit::{self, Edit},
    },
};
use semver::Version;

/// Does the work for each item on all cores; the results come in the order of the items.
fn work<I: Sync, T: Send>(items: &[I], work: impl Fn(&I) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<T>>> = Mutex::new(items.iter().map(|_| None).collect());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((at, item)) = {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    items.get(at).map(|item| (at, item))
                } {
                    let result = work(item);
                    done.lock().unwrap()[at] = Some(result);
                }
            });
        }
    });
    done.into_inner().unwrap().into_iter().map(Option::unwrap).collect()
}

/// The plan for these wishes.
fn planned(options: &LayeredIntent, chart: &Chart) -> Plan {
    plan::resolve(options, None, chart).unwrap_or_else(|refusal| panic!("{}: {refusal}", chart.version()))
}

fn is_full() -> bool {
    std::env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full")
}

/// The values file for a plan, with its comments.
fn written(plan: &Plan, chart: &Chart) -> String {
    let rendered = values::render(plan, chart, &Map::new(), |_| false);
    let mut notes = Notes::new();
    for (path, why) in values::placed(&rendered, |reason| reason.why.clone()) {
        notes.above(&path, &why);
    }
    yaml::emit(&rendered.values, &notes)
}

fn judged(text: &str, chart: &Chart, known: &Hints) -> Vec<Diagnostic> {
    let LintResult { diagnostics, foreign, refused, is_template: _ } =
        engine::lint_text(text, known, &|_| Ok(chart.clone()));
    assert!(foreign.is_none() && refused.is_empty(), "{foreign:?} {refused:?}\n{text}");
    diagnostics
}

fn known(version: &Version) -> Hints {
    Hints { version: Some(version.to_string().parse().unwrap()), ..Hints::default() }
}

/// How many edges are passed between two looks at a text that stays the same.
const TURNS: usize = 4;

/// What redisgen writes for a profile gives no reason for a word, whether the cloud is known or not.
///
/// A text is judged where it is new, and then at every fourth version at which facts change: between those, text and
/// facts are the same. At a version at which no facts change, half of the profiles are written: the tags of its images
/// are new at most. `REDISGEN_MATRIX=full` judges each profile at every version.
#[test]
fn the_values_of_each_profile_are_in_order() {
    let full = is_full();
    let edges = profiles::edges();
    let profiles: Vec<(usize, &str)> = EMBEDDED.iter().map(|(name, _)| *name).enumerate().collect();
    let found = work(&profiles, |(number, profile)| {
        let options = profiles::options(profile);
        let mut clouds = vec![None, options.intent.cloud];
        clouds.dedup();
        let (mut before, mut passed, mut judged_at) = (String::new(), 0, 0);
        let mut wrong: BTreeMap<String, Vec<Version>> = BTreeMap::new();
        for (at, version) in chart::version_numbers().enumerate() {
            let edge = edges.contains(&version);
            if !full && !edge && (at + number) % 2 == 1 {
                continue;
            }
            let chart = Chart::at(&version).unwrap();
            let plan = planned(options, &chart);
            let text = written(&plan, &chart);
            passed += usize::from(edge);
            let turn = edge && (passed + number) % TURNS == 0;
            if !full && !turn && text == before {
                continue;
            }
            let warnings = plan.recommendations(&chart, |_| true);
            let told = |rule: &str| warnings.iter().any(|answer| answer.is_warning && answer.rule == rule);
            judged_at += 1;
            for cloud in &clouds {
                let found = judged(&text, &chart, &Hints { cloud: *cloud, ..known(&version) });
                for found in found.into_iter().filter(|found| found.severity > Severity::Info && !told(found.rule)) {
                    let what = format!("{profile}: {} {}: {}", found.severity, found.rule, found.message);
                    wrong.entry(what).or_default().push(version.clone());
                }
            }
            before = text;
        }
        (judged_at, wrong)
    });
    let looks: usize = found.iter().map(|(judged_at, _)| judged_at).sum();
    println!("{looks} texts judged");
    assert!(looks > 28 * 40, "only {looks} texts were judged");
    let told = |(what, versions): (&String, &Vec<Version>)| {
        format!("{what}, {} to {}", versions[0], versions[versions.len() - 1])
    };
    let wrong: Vec<String> = found.iter().flat_map(|(_, wrong)| wrong.iter().map(told)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Texts of all kinds that a person could have: what redisgen writes for one version and is used with another, the bad
/// examples of the pages, and all of these after somebody has been careless with them. `REDISGEN_MATRIX=full` makes four
/// times as many.
fn texts() -> Vec<(String, Chart)> {
    let (step, slips) = if is_full() { (5, 2) } else { (10, 1) };
    let mut texts = Vec::new();
    for rule in rules::all() {
        for example in pages::examples(rule, "Bad") {
            let known = example.lines().find_map(|line| line.strip_prefix("# redisgen: chart redis "));
            let chart = pages::charts(&known.unwrap().parse().unwrap()).unwrap();
            texts.push((example, chart));
        }
    }
    let all: Vec<Version> = chart::version_numbers().collect();
    let mut eras: Vec<Chart> =
        all.windows(2).filter(|pair| pair[0].major != pair[1].major).map(|pair| &pair[0]).map(at).collect();
    eras.push(at(&chart::newest()));
    for (number, profile) in
        ["production", "dev", "store", "aws-internal", "kube-vip-internal", "cache"].into_iter().enumerate()
    {
        let options = profiles::options(profile);
        for (from, old) in eras.iter().enumerate() {
            let text = written(&planned(options, old), old);
            // Each text in other eras than its own, not all of them, and none of them twice.
            let others = eras.iter().enumerate().filter(|(to, _)| *to != from && (to + from + number) % step == 0);
            texts.extend(others.map(|(_, new)| (text.clone(), new.clone())));
        }
    }
    let mut dice = Dice(20_240_229);
    let careless: Vec<(String, Chart)> = texts
        .iter()
        .flat_map(|text| vec![text; slips])
        .map(|(text, chart)| (careless(text, &mut dice), chart.clone()))
        .collect();
    texts.extend(careless);
    texts
}

fn at(version: &Version) -> Chart {
    Chart::at(version).unwrap()
}

/// Numbers that look thrown, and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        // Knuth, MMIX.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

const ODD_VALUES: [&str; 16] = [
    "yes",
    "0777",
    "1e3",
    "\"false\"",
    "null",
    "[]",
    "{}",
    "\"{{ .Values.x }}\"",
    "-1",
    "1000000000",
    "[a, b]",
    "{a: b}",
    "*none",
    "\"\"",
    "|",
    "&anchor x",
];

/// The text after a few slips of hand; whether it is still read is not asked.
fn careless(text: &str, dice: &mut Dice) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for slip in 0..=dice.below(4) {
        let at = dice.below(lines.len());
        let line = lines[at].clone();
        match dice.below(8) {
            0 => lines.insert(at, line),
            1 => drop(lines.remove(at)),
            2 => lines[at] = format!("  {line}"),
            3 => {
                if let Some((key, _)) = line.split_once(": ") {
                    lines[at] = format!("{key}: {}", dice.of(&ODD_VALUES));
                }
            }
            4 => {
                let mut letters: Vec<char> = line.chars().collect();
                let letter = dice.below(letters.len().max(2) - 1);
                if letter + 1 < letters.len() {
                    letters.swap(letter, letter + 1);
                }
                lines[at] = letters.into_iter().collect();
            }
            5 => lines[at] = format!("{line} # remark {slip}"),
            6 => {
                lines.insert(at, format!("# redisgen: ignore[{}] remark {slip}", dice.of(&["dead-key", "unknown-key"])))
            }
            _ => lines.insert(at, format!("{}# remark {slip}", " ".repeat(2 * dice.below(3)))),
        }
        if lines.is_empty() {
            break;
        }
    }
    let end = dice.of(&["\n", "\n", "\r\n"]);
    lines.join(end) + end
}

/// No text makes the judge stumble; what is fixed stays fixed, with all comments but those of what has gone.
#[test]
fn a_fix_is_made_once_and_keeps_comments() {
    let found = work(&texts(), |(text, chart)| {
        let known = known(chart.version());
        let charts = |_: &Requirement| Ok(chart.clone());
        let LintResult { diagnostics, .. } = engine::lint_text(text, &known, &charts);
        let mut wrong = Vec::new();
        for found in &diagnostics {
            let Some(fix) = &found.fix else { continue };
            let Ok(after) = edit::apply(text, &fix.edits) else { continue };
            let lost = lost(text, &after, &fix.edits);
            if !lost.is_empty() {
                wrong.push(format!("{}: {:?} lost {lost:?}\n{text}\n---\n{after}", found.rule, fix.edits));
            }
        }
        let mut made = 0;
        for unsafe_too in [false, true] {
            let fix = |text: &str| {
                engine::fix_text(
                    text,
                    &known,
                    &charts,
                    FixOptions { levels: &Levels::default(), min_severity: Severity::Info, include_unsafe: unsafe_too },
                )
            };
            let once = fix(text);
            let twice = fix(&once.text);
            if twice.text != once.text || !twice.applied.is_empty() {
                wrong.push(format!("{:?} once more\n{text}\n---\n{}\n---\n{}", twice.applied, once.text, twice.text));
            }
            if once.text != *text && Document::parse(&once.text).is_err() {
                wrong.push(format!("is not read any more\n{text}\n---\n{}", once.text));
            }
            made += once.applied.len();
        }
        (made, wrong)
    });
    let made: usize = found.iter().map(|(made, _)| made).sum();
    let wrong: Vec<String> = found.into_iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{} in all\n{}", wrong.len(), wrong[..wrong.len().min(5)].join("\n======\n"));
    assert!(made > 550, "only {made} fixes were made");
}

/// The comments that a fix has lost, though they were not those of what it took away.
fn lost(before: &str, after: &str, edits: &[Edit]) -> Vec<String> {
    let document = Document::parse(before).unwrap();
    let left = Document::parse(after).unwrap();
    let gone: Vec<std::ops::Range<usize>> = edits.iter().flat_map(|edit| taken(&document, &left, edit)).collect();
    let mut there: Vec<String> = comments(&left).into_iter().map(|(text, _)| text).collect();
    let mut lost = Vec::new();
    for (text, line) in comments(&document) {
        match there.iter().position(|other| *other == text) {
            Some(at) => drop(there.swap_remove(at)),
            None if gone.iter().any(|lines| lines.contains(&line)) => {}
            None => lost.push(text),
        }
    }
    lost
}

/// Text and line.
fn comments(document: &Document) -> Vec<(String, usize)> {
    document.comments().iter().map(|comment| (document.source(comment.span).to_owned(), comment.span.line)).collect()
}

/// The lines of what an edit takes away: of a value its own; of an entry also the comments above it and the deeper ones
/// below it, and the parents that go with it.
fn taken(document: &Document, left: &Document, edit: &Edit) -> Vec<std::ops::Range<usize>> {
    let lines: Vec<&str> = document.text().lines().collect();
    let of = |path: &Path, whole: bool| {
        let found = document.find(path)?;
        let key = document.node(found.key.unwrap_or(found.value)).span;
        let value = document.node(found.value).span;
        let (mut first, mut behind) = (key.line, document.text()[..value.end].lines().count() + 1);
        let comment = |line: usize, indent: usize| {
            let line = lines.get(line - 1).copied().unwrap_or_default();
            let text = line.trim_start();
            text.starts_with('#') && line.len() - text.len() >= indent
        };
        while whole && first > 1 && comment(first - 1, 0) {
            first -= 1;
        }
        while whole && comment(behind, key.column) {
            behind += 1;
        }
        Some(first..behind)
    };
    match edit {
        Edit::Set { path, .. } => of(path, false).into_iter().collect(),
        Edit::Delete { path, .. } => {
            let mut gone = vec![path.clone()];
            let mut above = path.clone();
            while above.pop().is_some() && !above.is_root() && left.find(&above).is_none() {
                gone.push(above.clone());
            }
            gone.iter().filter_map(|path| of(path, true)).collect()
        }
        Edit::Rename { .. } | Edit::Move { .. } | Edit::Insert { .. } => Vec::new(),
    }
}
