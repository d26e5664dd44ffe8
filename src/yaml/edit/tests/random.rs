//! Property tests with random trees, random comments and random edits.

use proptest::prelude::*;

use super::{every_key::*, *};
use crate::yaml::{Notes, Segment, arbitrary, emit, read_values};

/// Emits a tree and adds comments and blank lines, wherever they change no value.
fn with_comments(tree: &Map, places: &[(usize, usize, bool)]) -> String {
    let mut text = emit(tree, &Notes::new());
    for (number, (place, indent, trailing)) in places.iter().enumerate() {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let place = place % lines.len();
        if *trailing {
            lines[place].push_str(&format!(" # comment {number}"));
        } else if *indent < 10 {
            lines.insert(place, format!("{}# comment {number}", " ".repeat(*indent)));
        } else {
            lines.insert(place, String::new());
        }
        let noted = lines.join("\n") + "\n";
        let counted = |text: &str| Document::parse(text).map_or(0, |document| document.comments().len());
        let is_comment = *indent >= 10 && !trailing || counted(&noted) > counted(&text);
        if is_comment && read_values(&noted).is_ok_and(|values| values == *tree) {
            text = noted;
        }
    }
    text
}

fn any_edit(paths: &[Path], which: usize, pick: usize, other: usize, value: Value) -> Edit {
    let at = paths[pick % paths.len()].clone();
    let mut sibling = paths[other % paths.len()].clone();
    match which {
        0 => Edit::Delete { path: at, prune: false },
        1 => Edit::Delete { path: at, prune: true },
        2 => Edit::Rename { path: at, to: "renamed".to_owned() },
        3 => Edit::Move { from: at, to: sibling },
        4 => Edit::Move { from: at, to: sibling.key("new").key("newer") },
        5 => {
            sibling.pop();
            Edit::Move { from: at, to: sibling.key("new") }
        }
        // Moves an entry out of its parent, to a new key in a map further up.
        6 => {
            let above = at.first(other % at.len()).key("new");
            Edit::Move { from: at, to: if pick.is_multiple_of(2) { above } else { above.key("newer") } }
        }
        7 => Edit::Set { path: at, value },
        8 => Edit::Insert { path: sibling.key("new"), value, comment: Some("a note".to_owned()) },
        _ => {
            sibling.pop();
            sibling.push(Segment::Key("added".to_owned()));
            Edit::Insert { path: sibling, value, comment: None }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4 * ProptestConfig::default().cases))]

    #[test]
    fn edits_mean_what_they_say_and_leave_the_rest(
        tree in arbitrary::tree(),
        places in proptest::collection::vec((any::<usize>(), 0..14_usize, any::<bool>()), 0..12),
        which in 0..10_usize,
        (pick, other) in any::<(usize, usize)>(),
        new in arbitrary::tree(),
        (crlf, open) in any::<(bool, bool)>(),
    ) {
        let mut text = with_comments(&tree, &places);
        let paths = paths(&text);
        if paths.is_empty() {
            return Ok(());
        }
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        if open {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
        let Ok(before) = read_values(&text) else { return Ok(()) };
        let new = if pick % 2 == 0 { Value::Map(new) } else { new.iter().next().map_or(Value::Null, |(_, value)| value.clone()) };
        let edit = any_edit(&paths, which, pick, other, new);
        match apply(&text, std::slice::from_ref(&edit)) {
            Err(EditError::Unreadable(error)) => prop_assert!(false, "{error}\n{edit:?}\n{text}"),
            Err(EditError::Refused { why, .. }) if why.contains("would") && !open => {
                // The test never puts a blank line after `|+` or an explicit indentation.
                prop_assert!(false, "{why}\n{edit:?}\n{text}");
            }
            Err(_) => {}
            Ok(after) => {
                let mut expected = before.clone();
                let pruned = (0..20).find(|pruned| {
                    let mut values = before.clone();
                    let fits = apply_to_values(&mut values, &edit, *pruned).is_ok() && read_values(&after).as_ref() == Ok(&values);
                    if fits {
                        expected = values;
                    }
                    fits
                });
                prop_assert!(pruned.is_some(), "{edit:?}\n{text}\n---\n{after}");
                let may_prune = matches!(edit, Edit::Delete { prune: true, .. } | Edit::Move { .. });
                prop_assert!(may_prune || pruned == Some(0));
                check(&text, &after, &edit)?;
            }
        }
    }
}

fn check(text: &str, after: &str, edit: &Edit) -> Result<(), TestCaseError> {
    let show = || format!("{edit:?}\n{text}\n---\n{after}");
    let (old, new) = (comments(text), comments(after));
    match edit {
        Edit::Rename { .. } | Edit::Move { .. } => prop_assert_eq!(&old, &new, "{}", show()),
        Edit::Insert { comment: None, .. } => prop_assert_eq!(&old, &new, "{}", show()),
        Edit::Insert { .. } => prop_assert_eq!(old.len() + 1, new.len(), "{}", show()),
        Edit::Set { .. } | Edit::Delete { .. } => {}
    }
    let rest = match edit {
        Edit::Insert { .. } => return Ok(()),
        edit => untouched(text, edit.path()),
    };
    // The parent of a new entry may have been `{}`, and its line changes too.
    let target_line = usize::from(matches!(edit, Edit::Move { .. }));
    // A comment below the new place of a block of text moves to the left, because the block would contain it.
    let moved =
        if let Edit::Move { from, .. } = edit { read_values(text).unwrap().get_at(from).cloned() } else { None };
    let has_block =
        moved.is_some_and(|value| emit(&Map::from_iter([("a".to_owned(), value)]), &Notes::new()).contains('|'));
    let may_move = |line: &str| has_block && line.trim_start().starts_with("# comment");
    let line = |line: &str| if may_move(line) { line.trim_start() } else { line }.to_owned();
    let old: Vec<String> = rest.iter().map(|text| line(text)).collect();
    let touched = rest.len() - common(&old, &after.lines().map(line).collect::<Vec<_>>());
    prop_assert!(touched <= target_line, "{} lines were touched: {}", touched, show());
    let kept = rest.iter().filter(|line| line.trim_start().starts_with("# comment")).count();
    let new = after.lines().filter(|line| line.trim_start().starts_with("# comment")).count();
    prop_assert!(new >= kept, "comments were lost: {}", show());
    Ok(())
}

/// Number of lines that two texts have in common, in order.
fn common(a: &[String], b: &[String]) -> usize {
    let mut best = vec![0; b.len() + 1];
    for a in a {
        let mut diagonal = 0;
        for (at, b) in b.iter().enumerate() {
            let above = best[at + 1];
            best[at + 1] = if a == b { diagonal + 1 } else { above.max(best[at]) };
            diagonal = above;
        }
    }
    best[b.len()]
}
