//! Two texts without their secrets, side by side.

use std::{borrow::Cow, ops::Range};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{CHANGED, Mask};

/// Both texts as they may be shown; where the secrets of a line are other ones than in the line that it took the
/// place of, the new one says so.
///
/// Of a text that is not read nobody knows for sure where its secrets are; what its lines give away is hidden.
pub(in crate::report) fn masked_pair(old: &str, new: &str) -> (String, String) {
    let mask = |text: &str| Mask::of(text).unwrap_or_else(|| Mask::of_lines(text));
    let (of_old, mut of_new) = (mask(old), mask(new));
    let (lines_of_old, lines_of_new) = (lines(old), lines(new));
    let shown = |mask: &Mask, text: &str, lines: &[Range<usize>]| -> Vec<String> {
        lines.iter().map(|line| mask.cut(text, line.clone(), &mut [])).collect()
    };
    let shown_old = shown(&of_old, old, &lines_of_old);
    let shown_new = shown(&of_new, new, &lines_of_new);
    for op in capture_diff_slices(Algorithm::Histogram, &shown_old, &shown_new) {
        if !matches!(op, DiffOp::Equal { .. } | DiffOp::Replace { .. }) {
            continue;
        }
        for (from, to) in op.old_range().zip(op.new_range()) {
            let were: Vec<&str> = of_old.within(&lines_of_old[from]).map(|hole| &old[hole.at.clone()]).collect();
            for (nth, hole) in of_new.within_mut(&lines_of_new[to]).iter_mut().enumerate() {
                if were.get(nth).is_some_and(|was| *was != &new[hole.at.clone()]) {
                    hole.with = Cow::Borrowed(CHANGED);
                }
            }
        }
    }
    (shown_old.concat(), of_new.cut(new, 0..new.len(), &mut []))
}

/// The lines of a text with their ends.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let each = text.split_inclusive('\n').map(|line| {
        start += line.len();
        start - line.len()..start
    });
    each.collect()
}
