//! Comparisons as counts by block, for a quick look and for shell scripts.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{
    NamedText, RenderOptions,
    color::Painter,
    totals::Totals,
    value_diff::Mark,
    view::{ChangeRow, View},
};
use crate::{escape::one_line, yaml::Path};

/// The longest row of signs.
const WIDEST: usize = 40;

/// A line for each top-level block, with its number of changes and a sign for each added, removed and changed key.
pub(super) fn render(views: &[View], options: &RenderOptions) -> String {
    let paint = Painter(options.color);
    let mut blocks: Vec<(String, Vec<Mark>)> = Vec::new();
    for row in rows(views) {
        let first = row.path.segments().first().cloned();
        let mut block = Path::root();
        first.into_iter().for_each(|segment| block.push(segment));
        let (block, mark) = (one_line(&block.to_string()).into_owned(), mark(row));
        match blocks.iter_mut().find(|(name, _)| *name == block) {
            Some((_, marks)) => marks.push(mark),
            None => blocks.push((block, vec![mark])),
        }
    }
    let mut text = String::new();
    for refused in views.iter().flat_map(|view| &view.refused) {
        let _ = writeln!(text, " {}", refused.sentence);
    }
    if blocks.is_empty() && text.is_empty() {
        return text;
    }
    let width = blocks.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let most = blocks.iter().map(|(_, marks)| marks.len()).max().unwrap_or_default();
    let digits = most.to_string().len();
    for (name, marks) in &blocks {
        let blanks = " ".repeat(width - name.chars().count());
        // Writing to a string cannot fail.
        let _ = writeln!(text, " {name}{blanks} | {:>digits$} {}", marks.len(), signs(marks, most, paint));
    }
    let totals: Totals = views.iter().map(Totals::of).sum();
    let _ = writeln!(text, " {totals}");
    text
}

/// The paths of all differences, one per line and without duplicates.
pub(super) fn names(views: &[View]) -> String {
    let mut seen = BTreeSet::new();
    let paths = rows(views).map(|row| one_line(&row.path.to_string()).into_owned());
    paths.filter(|path| seen.insert(path.clone())).map(|path| format!("{path}\n")).collect()
}

/// The number of added and removed lines of a text.
pub(super) fn of_texts(new: NamedText, unified: &str, options: &RenderOptions) -> String {
    // The first two lines are the names.
    let lines = unified.lines().skip(2);
    let marks: Vec<Mark> = lines
        .filter_map(|line| match line.as_bytes().first() {
            Some(b'+') => Some(Mark::Added),
            Some(b'-') => Some(Mark::Removed),
            _ => None,
        })
        .collect();
    match marks.as_slice() {
        [] => String::new(),
        _ => format!(
            " {} | {} {}\n",
            one_line(new.name),
            marks.len(),
            signs(&marks, marks.len(), Painter(options.color))
        ),
    }
}

/// The name of a text without paths.
pub(super) fn name(new: NamedText) -> String {
    format!("{}\n", one_line(new.name))
}

fn rows<'a>(views: &'a [View]) -> impl Iterator<Item = &'a ChangeRow<'a>> {
    views.iter().flat_map(View::differing)
}

fn mark(row: &ChangeRow) -> Mark {
    match (&row.old.value, &row.new.value) {
        (None, _) => Mark::Added,
        (_, None) => Mark::Removed,
        (Some(_), Some(_)) => Mark::Changed,
    }
}

/// A sign for each change, or in proportion if there are too many.
fn signs(marks: &[Mark], most: usize, paint: Painter) -> String {
    let row = |mark: Mark| {
        let count = marks.iter().filter(|other| **other == mark).count();
        let scaled = if most <= WIDEST { count } else { (count * WIDEST).div_ceil(most) };
        mark.sign().to_string().repeat(scaled)
    };
    format!(
        "{}{}{}",
        paint.added(&row(Mark::Added)),
        paint.removed(&row(Mark::Removed)),
        paint.changed(&row(Mark::Changed))
    )
}

#[cfg(test)]
mod tests {
    use super::super::{
        Format,
        tests::{options, rendered, sample},
    };

    #[test]
    fn it_looks_like_this() {
        let expected = " \
auth                | 1 ~
 commonConfiguration | 1 ~
 replica             | 1 ~
 sentinel            | 3 ~~~
 6 changes: 1 may lose data, 1 changes the password, 2 change \
                     who can reach it, 5 restart pods; 2 without effect
";
        assert_eq!(sample(&options(Format::Stat)), expected);
        let text = "replica: {replicaCount: 2}\n";
        assert_eq!(rendered((text, "23.1.1"), (text, "23.1.1"), &options(Format::Stat)), "");
        let many = rendered(("", "13.0.2"), ("", "23.1.1"), &options(Format::Stat));
        assert!(many.lines().rev().skip(1).all(|line| line.len() < 100) && many.contains('+'), "{many}");
    }

    #[test]
    fn names_are_paths_alone() {
        let expected = "\
auth.password
commonConfiguration
replica.extraFlags
sentinel.quorum
sentinel.service.type
sentinel.service.annotations
";
        assert_eq!(sample(&options(Format::NameOnly)), expected);
    }
}
