//! Renames, moves and deletes every key of whole files, one at a time.

use std::{collections::BTreeMap, fs, time::Instant};

use super::*;
use crate::yaml::Segment;

#[derive(Default)]
pub struct Figures {
    pub tried: usize,
    pub refused: BTreeMap<String, Vec<String>>,
    pub wrong: Vec<String>,
}

pub fn comments(text: &str) -> Vec<String> {
    let document = Document::parse(text).unwrap();
    let mut found: Vec<_> = document.comments().iter().map(|comment| comment.text.trim_end().to_owned()).collect();
    found.sort();
    found
}

/// Lines that an edit of the entry at `path` must not touch, with their line ends: all lines except those of the
/// entry, and of parents that it leaves empty.
pub fn untouched(text: &str, at: &Path) -> Vec<String> {
    let document = Document::parse(text).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut mine = vec![false; lines.len()];
    let mut path = at.clone();
    loop {
        let found = document.find(&path).unwrap();
        let key = found.key.map_or(document.node(found.value).span, |key| document.node(key).span);
        let value = document.node(found.value).span;
        let indent = |line: &str| line.len() - line.trim_start().len();
        let block = matches!(
            document.node(found.value).kind,
            crate::yaml::Kind::Scalar { style: crate::yaml::Style::Literal, .. }
        );
        let first = if found.key.is_none() && block { value.line - 2 } else { key.line - 1 };
        let column = if found.key.is_none() { indent(lines[first]) } else { key.column - 1 };
        let last = document.position(value.end.max(key.end).max(value.start + 1) - 1).0 - 1;
        mine[first..=last.min(lines.len() - 1)].fill(true);
        let is_comment = |line: &str| line.trim_start().starts_with('#');
        let mut above = first;
        while above > 0 && is_comment(lines[above - 1]) && indent(lines[above - 1]) == column {
            above -= 1;
            mine[above] = true;
        }
        for below in last + 1..lines.len() {
            let blank = lines[below].trim().is_empty();
            if !blank && (!is_comment(lines[below]) || indent(lines[below]) <= column) {
                break;
            }
            mine[below] = true;
        }
        let Some(parent) = path.parent().filter(|parent| !parent.is_root()) else { break };
        let above = document.target(document.find(&parent).unwrap().value);
        // A parent that stays is touched if it is in brackets, or if its first entry follows `- `.
        let stays = match document.node(above).kind {
            crate::yaml::Kind::Map { entries, flow: false } => {
                entries.len() > 1 && entries[0].key != found.key.unwrap()
            }
            crate::yaml::Kind::List { items, flow: false } => items.len() > 1 && items[0] != found.value,
            _ => false,
        };
        if stays {
            break;
        }
        path = parent;
    }
    let kept = lines.iter().zip(mine).filter(|(line, mine)| !mine && !line.trim().is_empty());
    kept.map(|(line, _)| line.trim_end_matches(['\r', '\n']).to_owned()).collect()
}

pub fn is_subsequence(needles: &[String], text: &str) -> Result<(), String> {
    let mut lines = text.lines();
    for needle in needles {
        // A block scalar after a text without a line end may change from `|` to `|-`.
        if !lines
            .any(|line| line == needle || line.strip_suffix("|-") == needle.strip_suffix('|') && line.ends_with("|-"))
        {
            return Err(needle.clone());
        }
    }
    Ok(())
}

pub fn paths(text: &str) -> Vec<Path> {
    let document = Document::parse(text).unwrap();
    let mut paths = Vec::new();
    if let Some(top) = document.documents().first() {
        document.walk(*top, |path, _| paths.push(path.clone()));
    }
    paths
}

pub fn try_one(text: &str, edit: &Edit, figures: &mut Figures) {
    figures.tried += 1;
    let result = match apply(text, std::slice::from_ref(edit)) {
        Ok(result) => result,
        Err(error) => {
            let why = match &error {
                EditError::Refused { why, .. } => why.clone(),
                other => other.to_string(),
            };
            figures.refused.entry(why).or_default().push(format!("{edit:?}"));
            return;
        }
    };
    let mut wrong =
        |what: String| figures.wrong.push(format!("{what}\n{edit:?}\n--- before\n{text}\n--- after\n{result}"));
    let (before, after) = (comments(text), comments(&result));
    match edit {
        Edit::Delete { .. } if after.iter().any(|comment| !before.contains(comment)) => {
            wrong("a comment came from nowhere".to_owned());
        }
        Edit::Delete { .. } => {}
        _ if before != after => wrong("comments differ".to_owned()),
        _ => {}
    }
    if let Err(line) = is_subsequence(&untouched(text, edit.path()), &result) {
        wrong(format!("a line was touched: {line}"));
    }
    // A block scalar that becomes the last value keeps its line end.
    let ends_in_text = ends_in_text(&result);
    if text.ends_with('\n') != result.ends_with('\n') && !ends_in_text
        || text.contains("\r\n") != result.contains("\r\n") && result.contains('\n')
    {
        wrong("line ends differ".to_owned());
    }
}

/// Whether the last value of a text is a block scalar that had a line end before.
fn ends_in_text(text: &str) -> bool {
    let document = Document::parse(text).unwrap();
    let last = paths(text).pop().and_then(|path| document.find(&path));
    let last = last.map(|found| document.node(found.value));
    let literal = last.map(|node| node.kind);
    text.ends_with('\n')
        && matches!(literal, Some(crate::yaml::Kind::Scalar { style: crate::yaml::Style::Literal, .. }))
}

/// All edits to test for one key.
pub fn edits(at: &Path) -> Vec<Edit> {
    let mut edits =
        vec![Edit::Delete { path: at.clone(), prune: false }, Edit::Delete { path: at.clone(), prune: true }];
    if let Some(Segment::Key(key)) = at.last() {
        edits.push(Edit::Rename { path: at.clone(), to: format!("{key}.renamed") });
        edits.push(Edit::Move { from: at.clone(), to: Path::of(["moved to the top"]) });
        edits.push(Edit::Move { from: at.clone(), to: Path::of(["moved", "some", "way", "down"]) });
        edits.push(Edit::Move { from: at.clone(), to: at.key("deeper") });
        let mut sibling = at.clone();
        sibling.pop();
        sibling.push(Segment::Key("sibling".to_owned()));
        edits.push(Edit::Move { from: at.clone(), to: sibling.key(key) });
    }
    edits
}

/// The environment variable `REDISGEN_VALUES` names a folder of values files.
#[test]
#[ignore = "needs a folder of values files"]
fn every_key_of_a_folder() {
    let folder = std::env::var_os("REDISGEN_VALUES").unwrap();
    let mut figures = Figures::default();
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let whole = fs::read_to_string(&file).unwrap();
        if let Err(error) = Document::parse(&whole) {
            println!("{}: {error}", file.display());
            continue;
        }
        let start = Instant::now();
        let paths = paths(&whole);
        for at in &paths {
            for edit in edits(at) {
                try_one(&whole, &edit, &mut figures);
            }
        }
        println!("{}: {} keys, {:?}", file.display(), paths.len(), start.elapsed());
    }
    println!("{} edits tried", figures.tried);
    for (why, edits) in &figures.refused {
        println!(
            "refused {}: {why}\n    {}",
            edits.len(),
            edits.iter().take(3).cloned().collect::<Vec<_>>().join("\n    ")
        );
    }
    println!("{} wrong", figures.wrong.len());
    for wrong in figures.wrong.iter().take(60) {
        println!("{}\n=====", wrong.chars().take(400).collect::<String>());
    }
    assert!(figures.wrong.is_empty());
}

/// Measures two hundred edits of the largest file in the folder.
#[test]
#[ignore = "needs a folder of values files"]
fn speed() {
    let folder = std::env::var_os("REDISGEN_VALUES").unwrap();
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let whole = files.filter(|text| Document::parse(text).is_ok()).max_by_key(String::len).unwrap();
    let fits = |edit: &Edit| apply(&whole, std::slice::from_ref(edit)).is_ok();
    for kind in [2, 3, 4] {
        let leaves =
            paths(&whole).into_iter().filter(|path| path.len() > 1 && matches!(path.last(), Some(Segment::Key(_))));
        let edits = leaves.filter_map(|path| edits(&path).into_iter().nth(kind)).filter(fits);
        let mut done: Vec<Edit> = Vec::new();
        for (number, mut edit) in edits.enumerate() {
            if let Edit::Move { to, .. } = &mut edit {
                *to = to.parent().unwrap().key(format!("moved{number}"));
            }
            if done.iter().all(|other| !edit.path().starts_with(other.path())) && done.len() < 200 {
                done.push(edit);
            }
        }
        let start = Instant::now();
        let result = apply(&whole, &done);
        println!("{} bytes, {} edits: {:?}, {:?}", whole.len(), done.len(), start.elapsed(), result.err());
    }
}
