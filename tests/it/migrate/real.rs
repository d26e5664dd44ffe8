//! Real values files: those of other people in the folder that `REDISGEN_VALUES` names, and our own always.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use redisgen::{
    effective::EffectiveValues,
    lint::{Subject, lint},
    migrate::{self, Migrated, Outcome},
    source::{Origin, of_keys},
    yaml::{Document, merge::Layers, read_values},
};

use super::{REDISGEN, chart, charts, flat, here, laws::majors, migrated, template};
use crate::support::Helm;

fn files() -> Vec<PathBuf> {
    let mut folders = vec![here("tests/data/corpus")];
    folders.extend(env::var_os("REDISGEN_VALUES").map(PathBuf::from));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "yaml"));
    files.sort();
    files
}

/// The rules that must not report a migrated file.
const LEFT: [&str; 4] = ["unknown-key", "renamed-key", "removed-key", "dead-key"];

#[test]
fn old_files_arrive() {
    let to = chart("23.1.1");
    let mut seen = 0;
    for file in files() {
        let Some(text) = fs::read_to_string(&file).ok().as_deref().and_then(flat) else { continue };
        let era = of_keys(&read_values(&text).unwrap());
        let from = chart(&era.requirement.to_string());
        let done = migrated(&text, &from, &to);
        println!(
            "{} {} {} values, {} lost",
            file.display(),
            from.version(),
            done.migrations.iter().map(|fate| fate.leaves).sum::<usize>(),
            done.migrations.iter().filter(|fate| matches!(fate.outcome, Outcome::Unsupported(_))).count()
        );
        if from.version() == to.version() {
            assert_eq!(done.text, text, "{}", file.display());
            continue;
        }
        seen += 1;
        all_are_told(&file, &done);
        let document = Document::parse(&done.text).unwrap();
        let subject = Subject::new(&document, Origin::default(), &to).unwrap();
        let left: Vec<_> = lint(&subject).into_iter().filter(|found| LEFT.contains(&found.rule)).collect();
        assert!(left.is_empty(), "{}: {left:?}\n{}", file.display(), done.text);
    }
    assert!(seen > 0, "no file of an older chart");
    println!("{seen} files were carried");
}

/// Migrates real files from every major, with the values at any place in the file.
#[test]
fn whatever_era_a_file_is_said_to_be_of_it_arrives() {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("eras");
    fs::create_dir_all(&scratch).unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(REDISGEN);
        command.env("REDISGEN_CONFIG_DIR", &scratch).env("REDISGEN_DATA_DIR", &scratch).args(args);
        command.output().unwrap()
    };
    let (mut carried, mut there, mut foreign) = (0, 0, 0);
    for file in files() {
        let text = fs::read_to_string(&file).unwrap();
        for from in majors().iter().filter(|from| from.version().major < 23) {
            let from = from.version().to_string();
            let done = run(&["migrate", file.to_str().unwrap(), "--from", &from, "--to", "23.1.1"]);
            let new = String::from_utf8(done.stdout).unwrap();
            if done.status.code() == Some(2) {
                foreign += 1;
                assert!(new.is_empty(), "{}", file.display());
                continue;
            }
            // All its keys are those of the newer chart: nothing is to be carried.
            if new == text {
                there += 1;
                continue;
            }
            carried += 1;
            let arrived = scratch.join("arrived.yaml");
            fs::write(&arrived, &new).unwrap();
            let lint = run(&["lint", arrived.to_str().unwrap(), "--chart-version", "23.1.1", "--output", "json"]);
            let found = String::from_utf8(lint.stdout).unwrap();
            let left: Vec<_> = LEFT.iter().filter(|rule| found.contains(&format!("\"{rule}\""))).collect();
            assert!(left.is_empty(), "{} from {from}: {left:?}\n{new}", file.display());
        }
    }
    println!("{carried} carried, {there} as they were, {foreign} without values of the chart");
    assert!(carried > 0);
}

/// Nothing is left out, or does something else, without a line in the report.
fn all_are_told(file: &Path, done: &Migrated) {
    let mut command = Command::new(REDISGEN);
    command.arg("migrate").arg(file).args(["--output", "json"]);
    command.args(["--from", &done.from.version().to_string(), "--to", &done.to.version().to_string()]);
    let output = command.output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{}: {error}: {}", file.display(), String::from_utf8_lossy(&output.stderr)));
    let reported: Vec<_> =
        report["places"][0]["settings"].as_array().unwrap().iter().map(|fate| &fate["path"]).collect();
    for fate in done.migrations.iter().filter(|fate| fate.outcome != Outcome::Unchanged) {
        let path = fate.path.to_string();
        assert!(reported.iter().any(|reported| **reported == path), "{}: {path} is not reported", file.display());
    }
}

/// Real Helm renders the new chart with the migrated values, if it renders the old chart. If the new chart does not render,
/// the report has the reason, and a reported reason is always real.
#[test]
fn helm_renders_what_arrives() {
    let Some((folder, scratch)) = charts("arrives") else { return };
    let (mut renders, mut broken, mut before) = (0, 0, 0);
    for helm in Helm::both().into_iter().flatten() {
        let refusal =
            |text: &str, version: &str| template(&helm, &folder.join(version).join("redis"), &scratch, text, &[]).err();
        for file in files() {
            let Some(text) = fs::read_to_string(&file).ok().as_deref().and_then(flat) else { continue };
            let from = chart(&of_keys(&read_values(&text).unwrap()).requirement.to_string());
            if let Some(why) = refusal(&text, &from.version().to_string()) {
                println!("{} at {}: {why}", file.display(), from.version());
                before += 1;
                continue;
            }
            for to in majors().into_iter().chain([chart("20.1.0")]).filter(|to| to.version() != from.version()) {
                let carried = migrated(&text, &from, &to).text;
                let breaks = migrate::incompatibilities(&EffectiveValues::new(
                    read_values(&carried).unwrap(),
                    Layers::default(),
                    &to,
                ));
                let refused = refusal(&carried, &to.version().to_string());
                renders += 1;
                broken += usize::from(refused.is_some());
                let what =
                    || format!("helm {}, {}, {} to {}", helm.major, file.display(), from.version(), to.version());
                assert_eq!(refused.is_some(), !breaks.is_empty(), "{}: {breaks:?}, {refused:?}", what());
            }
        }
    }
    println!("{renders} renders, {broken} refused as told; {before} files that their own chart refuses");
    assert!(renders > 0);
}
