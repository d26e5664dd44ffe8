//! Values carried from one chart version to another.
//!
//! Golden folders: `FROM_to_TO/CASE/before.yaml` becomes `after.yaml` with `report.txt`; `args.txt` holds more flags.
//! `REDISGEN_UPDATE=1` writes them anew. `REDISGEN_VALUES` is a folder with real values files, `REDISGEN_MATRIX=full`
//! takes every pair of versions instead of a slice.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

mod laws;
mod random;
mod real;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::{Helm, carried};
use carried::migrated;
use redisgen::{
    chart::{self, Chart, ChosenVersion},
    source::{self, Hints},
};

const REDISGEN: &str = env!("CARGO_BIN_EXE_redisgen");

fn chart(version: &str) -> Chart {
    let known: Vec<_> = chart::version_numbers().collect();
    match version.parse::<chart::Requirement>().unwrap().choose(&known).unwrap() {
        ChosenVersion::Known(version) => Chart::at(&version).unwrap(),
        other => panic!("no known version: {other:?}"),
    }
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    found
}

/// The folder of the real charts, if there is one, and a folder of this test's own.
fn charts(name: &str) -> Option<(PathBuf, PathBuf)> {
    let Some(folder) = std::env::var_os("REDISGEN_CHARTS").map(PathBuf::from) else {
        println!("left out: REDISGEN_CHARTS does not say where the charts are");
        return None;
    };
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&scratch).unwrap();
    Some((folder, scratch))
}

/// What Helm makes of values with a chart, or why it does not.
fn template(helm: &Helm, chart: &Path, scratch: &Path, values: &str, more: &[&str]) -> Result<String, String> {
    let file = scratch.join("values.yaml");
    fs::write(&file, values).unwrap();
    let mut command = helm.command(&scratch.join("helm"));
    command.args(["template", "rel"]).arg(chart).arg("--values").arg(&file).args(more);
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[test]
fn golden_folders() {
    let update = std::env::var_os("REDISGEN_UPDATE").is_some();
    let mut seen = 0;
    for way in folders(&here("tests/data/migrate")) {
        let name = way.file_name().unwrap().to_str().unwrap();
        let (from, to) = name.split_once("_to_").unwrap();
        for case in folders(&way) {
            seen += 1;
            let more = fs::read_to_string(case.join("args.txt")).unwrap_or_default();
            let mut command = Command::new(REDISGEN);
            command.current_dir(&case).env("REDISGEN_CONFIG_DIR", &case).env("REDISGEN_DATA_DIR", &case);
            command.args(["migrate", "before.yaml", "--from", from, "--to", to]).args(more.split_whitespace());
            let output = command.output().unwrap();
            let code = output.status.code().unwrap();
            let found = [
                ("after.yaml", String::from_utf8(output.stdout).unwrap()),
                ("report.txt", format!("{}exit {code}\n", String::from_utf8(output.stderr).unwrap())),
            ];
            for (file, text) in found {
                let file = case.join(file);
                if update {
                    fs::write(&file, text).unwrap();
                    continue;
                }
                assert_eq!(text, fs::read_to_string(&file).unwrap_or_default(), "{}", file.display());
            }
        }
    }
    assert!(seen > 8, "{seen} cases");
}

/// The first values of the chart in a text, as a flat file would have them.
fn flat(text: &str) -> Option<String> {
    let places = source::places(text, &Hints::default()).ok()?;
    let flat = places.into_iter().find(|part| !part.inset.is_part() && part.origin.at.is_root());
    flat.map(|part| part.inset.text.to_string())
}
