//! Real values files: those of other people in the folder that `REDISGEN_VALUES` names, and our own always.

use std::{env, fs, path::PathBuf};

use redisgen::{
    lint::{Subject, lint},
    source::{Origin, of_keys},
    yaml::{Document, read_values},
};

use super::{chart, flat, here, migrated};

fn files() -> Vec<PathBuf> {
    let mut folders = vec![here("tests/corpus")];
    folders.extend(env::var_os("REDISGEN_VALUES").map(PathBuf::from));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "yaml"));
    files.sort();
    files
}

/// The findings of which a file must be free that has arrived.
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
            done.fates.iter().map(|fate| fate.leaves).sum::<usize>(),
            done.fates.iter().filter(|fate| matches!(fate.outcome, redisgen::migrate::Outcome::Lost(_))).count()
        );
        if from.version() == to.version() {
            assert_eq!(done.text, text, "{}", file.display());
            continue;
        }
        seen += 1;
        let document = Document::parse(&done.text).unwrap();
        let subject = Subject::new(&document, Origin::default(), &to).unwrap();
        let left: Vec<_> = lint(&subject).into_iter().filter(|found| LEFT.contains(&found.rule)).collect();
        assert!(left.is_empty(), "{}: {left:?}\n{}", file.display(), done.text);
    }
    assert!(seen > 0, "no file of an older chart");
    println!("{seen} files were carried");
}
