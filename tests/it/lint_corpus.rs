//! Real values files of all eras, each with its verdict, which a person has judged against the chart.
//!
//! Those of other people are not in the repository: `REDISGEN_VALUES` is a folder with them. What stands beside the
//! verdicts in `tests/data/corpus` is written for this, and judged always.
//!
//! A verdict is `FILE.txt`, or `FILE@VERSION.txt` where the version is not left to the file: for which chart it is judged
//! or what it is instead, then a line for each finding, `LINE SEVERITY RULE` with what it is about; `#` begins what the
//! judge has to say. `REDISGEN_UPDATE=1` writes them anew but for those remarks, to be judged again.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use redisgen::{
    chart::{self, Chart, ChosenVersion, Requirement},
    lint::engine::{self, LintResult},
    source::{self, Hints},
};

fn charts(wanted: &Requirement) -> Result<Chart, String> {
    let known: Vec<_> = chart::version_numbers().collect();
    match wanted.choose(&known).map_err(|error| error.to_string())? {
        ChosenVersion::Known(version) => Chart::at(&version).ok_or_else(|| version.to_string()),
        ChosenVersion::Alike { wanted, measured: nearest }
        | ChosenVersion::Unseen { wanted, nearest }
        | ChosenVersion::Newer { wanted, nearest } => {
            Ok(Chart::at(&nearest).ok_or_else(|| nearest.to_string())?.standing_in_for(wanted))
        }
    }
}

fn verdict(text: &str, version: Option<&str>) -> String {
    let known = Hints { version: version.map(|version| version.parse().unwrap()), ..Hints::default() };
    let LintResult { diagnostics, foreign, refused, is_template: _ } = engine::lint_text(text, &known, &charts);
    let mut told = String::new();
    if let Some(what) = foreign {
        writeln!(told, "no values: {what}").unwrap();
    }
    for why in refused {
        writeln!(told, "refused: {why}").unwrap();
    }
    for found in source::read(text, &known, &charts).map(|file| file.releases).unwrap_or_default() {
        writeln!(told, "chart {}, {}", found.release.chart.version(), found.claim.by.briefly()).unwrap();
    }
    // A full copy of the chart's file has hundreds of them.
    let (repeats, others): (Vec<_>, Vec<_>) =
        diagnostics.into_iter().partition(|found| found.rule == "redundant-default");
    if !repeats.is_empty() {
        writeln!(told, "{} times redundant-default", repeats.len()).unwrap();
    }
    for found in others {
        let place = found.place();
        // What is marked names a key, and never a value that is secret.
        let what = found.message.split('`').nth(1).unwrap_or_default();
        writeln!(told, "{} {} {} {what}", place.line, found.severity, found.rule).unwrap();
    }
    told
}

/// Both without remarks.
fn bare(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{}\n", line.trim_end())).collect()
}

/// The values files of a folder, in order.
fn values_in(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "yaml"));
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files
}

fn stem(file: &Path) -> &str {
    file.file_stem().unwrap().to_str().unwrap()
}

/// Says where a verdict is not as it was judged.
fn hold(files: &[PathBuf]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/corpus");
    let judged: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let mut wrong = String::new();
    for file in files {
        let mut verdicts = vec![folder.join(format!("{}.txt", stem(file)))];
        let others = judged.iter().filter(|verdict| verdict.extension().is_some_and(|ending| ending == "txt"));
        verdicts.extend(others.filter(|verdict| stem(verdict).starts_with(&format!("{}@", stem(file)))).cloned());
        let text = fs::read_to_string(file).unwrap();
        for expected in verdicts {
            let told = verdict(&text, stem(&expected).split_once('@').map(|(_, version)| version));
            let written = fs::read_to_string(&expected).unwrap_or_default();
            if bare(&written) == bare(&told) {
                continue;
            }
            if std::env::var_os("REDISGEN_UPDATE").is_some() {
                let remarks: String =
                    written.lines().filter(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
                fs::write(&expected, format!("{remarks}{told}")).unwrap();
            } else {
                writeln!(wrong, "== {}, expected:\n{written}== found:\n{told}", stem(&expected)).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_file_of_ours_has_the_verdict_that_was_judged() {
    hold(&values_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/corpus")));
}

#[test]
fn every_file_of_others_has_the_verdict_that_was_judged() {
    let Some(folder) = std::env::var_os("REDISGEN_VALUES") else {
        println!("REDISGEN_VALUES is not set");
        return;
    };
    hold(&values_in(Path::new(&folder)));
}
