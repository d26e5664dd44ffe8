//! Runs the cases of `tests/data/edit`: each folder has a text, edits, and the edited text or the error.

use std::{fs, path::Path as File};

use super::*;

/// Parses an edit: `rename a.b c`, `move a.b c.d`, `delete a.b`, `prune a.b`, `set a.b VALUE` or `insert a.b VALUE #
/// comment`.
fn edit(line: &str) -> Edit {
    let (verb, rest) = line.split_once(' ').unwrap();
    let (at, what) = rest.split_once(' ').unwrap_or((rest, ""));
    match verb {
        "rename" => rename(at, what),
        "move" => carry(at, what),
        "delete" => delete(at),
        "prune" => prune(at),
        "set" => set(at, value(what)),
        "insert" => insert(at, value(what), what.split_once("# ").map(|(_, comment)| comment)),
        _ => panic!("`{verb}` is no edit"),
    }
}

#[test]
fn the_files_of_every_case() {
    let folder = File::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/edit");
    let update = std::env::var_os("REDISGEN_UPDATE").is_some();
    let mut seen = 0;
    for case in fs::read_dir(folder).unwrap() {
        let case = case.unwrap().path();
        let before = fs::read_to_string(case.join("before.yaml")).unwrap();
        let edits = fs::read_to_string(case.join("edits.txt")).unwrap();
        let edits: Vec<Edit> = edits.lines().map(edit).collect();
        let (name, other, after) = match apply(&before, &edits) {
            Ok(after) => ("after.yaml", "error.txt", after),
            Err(error) => ("error.txt", "after.yaml", format!("{error}\n")),
        };
        if update {
            let _ = fs::remove_file(case.join(other));
            fs::write(case.join(name), &after).unwrap();
        }
        let expected = fs::read_to_string(case.join(name)).unwrap_or_default();
        assert_eq!(after, expected, "{}: REDISGEN_UPDATE=1 writes the files again", case.display());
        seen += 1;
    }
    assert!(seen > 5, "only {seen} cases were found");
}
