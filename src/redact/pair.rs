//! Redaction of two texts for a comparison.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashSet},
    ops::Range,
};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{CHANGED, Mask};

/// Redacts both texts. If the secrets of a line differ from those of the line that it replaces, the new line shows
/// that they changed.
///
/// In a text that cannot be parsed, only secrets that its lines reveal are hidden.
pub fn masked_pair(old: &str, new: &str) -> (String, String) {
    let mask = |text: &str| Mask::of(text).unwrap_or_else(|| Mask::of_lines(text));
    let (old_lines, new_lines) = (lines(old), lines(new));
    let (of_old, of_new) = (mask(old), mask(new));
    let (moved_to_old, moved_to_new) =
        (moved_secrets(old, &old_lines, &of_new, new), moved_secrets(new, &new_lines, &of_old, old));
    let (of_old, mut of_new) = (of_old.with(moved_to_old), of_new.with(moved_to_new));
    let redact_lines = |mask: &Mask, text: &str, lines: &[Range<usize>]| -> Vec<String> {
        lines.iter().map(|line| mask.cut(text, line.clone(), &mut [])).collect()
    };
    let old_shown = redact_lines(&of_old, old, &old_lines);
    let new_shown = redact_lines(&of_new, new, &new_lines);
    for op in capture_diff_slices(Algorithm::Histogram, &old_shown, &new_shown) {
        if !matches!(op, DiffOp::Equal { .. } | DiffOp::Replace { .. }) {
            continue;
        }
        for (from, to) in op.old_range().zip(op.new_range()) {
            let were: Vec<&str> = of_old.within(&old_lines[from]).map(|hole| &old[hole.at.clone()]).collect();
            for (nth, hole) in of_new.within_mut(&new_lines[to]).iter_mut().enumerate() {
                if were.get(nth).is_some_and(|was| *was != &new[hole.at.clone()]) {
                    hole.with = Cow::Borrowed(CHANGED);
                }
            }
        }
    }
    (old_shown.concat(), of_new.cut(new, 0..new.len(), &mut []))
}

/// Ranges of the other text's secrets in lines that only this text has. A fix may move a secret to a key that is not
/// named like a secret.
fn moved_secrets(text: &str, lines: &[Range<usize>], mask: &Mask, other: &str) -> Vec<Range<usize>> {
    let is_quote = |c: char| c == '"' || c == '\'' || c.is_whitespace();
    let secrets: BTreeSet<&str> = mask.holes.iter().map(|hole| other[hole.at.clone()].trim_matches(is_quote)).collect();
    let secrets: Vec<&str> = secrets.into_iter().filter(|secret| !secret.is_empty()).collect();
    if secrets.is_empty() {
        return Vec::new();
    }
    let known: HashSet<&str> = other.split_inclusive('\n').collect();
    let mut ranges = Vec::new();
    for line in lines.iter().filter(|line| !known.contains(&text[(*line).clone()])) {
        for secret in &secrets {
            let places = text[line.clone()].match_indices(secret);
            let holes = places.map(|(at, _)| line.start + at..line.start + at + secret.len());
            ranges.extend(holes.filter(|hole| is_value(text, hole)));
        }
    }
    ranges
}

/// Whether the range may be a whole value.
fn is_value(text: &str, at: &Range<usize>) -> bool {
    let ahead = text[..at.start].chars().next_back();
    let behind = text[at.end..].chars().next();
    ahead.is_none_or(|c| c.is_whitespace() || "\"'=,[{:".contains(c))
        && behind.is_none_or(|c| c.is_whitespace() || "\"',]}".contains(c))
}

/// Ranges of the lines of a text, with their line ends.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let each = text.split_inclusive('\n').map(|line| {
        start += line.len();
        start - line.len()..start
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn another_secret_says_so_where_the_lines_have_moved() {
        let old = "a: 1\nauth:\n  password: x\nb: requirepass y\n";
        let new = "auth:\n  enabled: true\n  password: z\nb: requirepass y\n";
        let shown = "auth:\n  enabled: true\n  password: <redacted, changed>\nb: requirepass <redacted>\n";
        assert_eq!(masked_pair(old, new).1, shown);
        assert_eq!(masked_pair(old, old).1, "a: 1\nauth:\n  password: <redacted>\nb: requirepass <redacted>\n");
        assert_eq!(masked_pair("", new).1, shown.replace(", changed", ""));
    }

    #[test]
    fn a_secret_that_a_fix_moves_is_hidden_where_it_goes() {
        let old = "architecture: standalone\nauth.password: hunter2\n";
        for new in ["auth: hunter2\n", "x: [hunter2]\n", "auth: \"hunter2\" # a\n", "auth: hunter2"] {
            let shown = masked_pair(old, &format!("architecture: standalone\n{new}")).1;
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(shown.starts_with("architecture: standalone\n"), "{shown}");
        }
        // A line that both texts have existed before.
        assert_eq!(masked_pair("a: 1\npassword: 1\n", "a: 1\nb: 1\n").1, "a: 1\nb: <redacted>\n");
    }

    #[test]
    fn of_a_text_that_is_not_read_the_lines_tell() {
        for text in [
            "a: [\npassword: hunter2\n",
            "a: [\n  b: {x: 1, pasword: hunter2}\n",
            "a: [\npassword: |-\n  hunter2\n  hunter2\nb: 1\n",
            "a: [\npassword:\n  - hunter2\n",
            "a: [\n- name: REDIS_PASSWORD\n  value: hunter2\n",
            "a: [\n  - --requirepass\n  - hunter2\n",
            "a: [\n\"password\" : hunter2\n",
            "a: [\n  requirepass hunter2\n",
            "password: \"hunter2\n",
        ] {
            let shown = masked_pair(text, text).0;
            assert!(!shown.contains("hunter2") && shown.contains("<redacted>"), "{shown}");
            assert_eq!(shown.lines().count(), text.lines().count(), "{shown}");
        }
        let open = "a: [\nexistingSecret: redis\nb: c\n";
        assert_eq!(masked_pair(open, open).0, open);
    }

    proptest! {
        #[test]
        fn what_differs_is_shown_to_differ_and_the_same_the_same(
            old in "((password|a|- a|name|  value): [ab1]{0,2}\n|requirepass [ab]\n){0,6}",
            new in "((password|a|- a|name|  value): [ab1]{0,2}\n|requirepass [ab]\n){0,6}",
        ) {
            let (of_old, of_new) = masked_pair(&old, &new);
            prop_assert_eq!(of_old == of_new, old == new);
        }
    }
}
