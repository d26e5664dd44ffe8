//! Real values files of all eras, each with its verdict, which a person has judged against the chart.
//!
//! The files are not in the repository: `REDISGEN_VALUES` is a folder with them. Their verdicts are in `tests/corpus`,
//! one file each: what the file is or for which chart it is judged, then a line for each finding, `LINE SEVERITY RULE`
//! with what it is about; `#` begins what the judge has to say. `REDISGEN_UPDATE=1` writes them anew but for those
//! remarks, to be judged again.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use redisgen::{
    chart::{self, Chart, Choice, Requirement},
    lint::{
        judge::{self, Verdict},
        source::Known,
    },
};

fn charts(wanted: &Requirement) -> Result<Chart, String> {
    let known: Vec<_> = chart::version_numbers().collect();
    match wanted.choose(&known).map_err(|error| error.to_string())? {
        Choice::Known(version) => Chart::at(&version).ok_or_else(|| version.to_string()),
        Choice::Newer { wanted, nearest } => {
            Ok(Chart::at(&nearest).ok_or_else(|| nearest.to_string())?.standing_in_for(wanted))
        }
    }
}

fn verdict(text: &str) -> String {
    let Verdict { diagnostics, versions, foreign, refused } = judge::judge(text, &Known::default(), &charts);
    let mut told = String::new();
    if let Some(what) = foreign {
        writeln!(told, "no values: {what}").unwrap();
    }
    for why in refused {
        writeln!(told, "refused: {why}").unwrap();
    }
    for settled in versions {
        writeln!(told, "chart {}, {}", settled.chart.version(), settled.told.by.briefly()).unwrap();
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

#[test]
fn every_file_has_the_verdict_that_was_judged() {
    let Some(folder) = std::env::var_os("REDISGEN_VALUES") else {
        println!("REDISGEN_VALUES is not set");
        return;
    };
    let verdicts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "yaml"));
    files.sort();
    assert!(!files.is_empty());
    let mut wrong = String::new();
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let told = verdict(&fs::read_to_string(&file).unwrap());
        let expected = verdicts.join(format!("{name}.txt"));
        let written = fs::read_to_string(&expected).unwrap_or_default();
        if bare(&written) == bare(&told) {
            continue;
        }
        if std::env::var_os("REDISGEN_UPDATE").is_some() {
            fs::create_dir_all(&verdicts).unwrap();
            let remarks: String =
                written.lines().filter(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
            fs::write(&expected, format!("{remarks}{told}")).unwrap();
        } else {
            writeln!(wrong, "== {name}, expected:\n{written}== found:\n{told}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
