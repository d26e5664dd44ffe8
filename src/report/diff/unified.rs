//! For a person and for `patch`: the lines that differ.
//!
//! Effective values are compared as they would be written whole, in the order of the newer chart, and the old side
//! with the new one's way to say what has no effect: so the texts differ where the values do. The texts of the files
//! themselves are compared where what is written is.

use std::{
    collections::{BTreeSet, HashSet},
    fmt::Write as _,
};

use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, udiff::UnifiedHunkHeader};

use super::{
    NamedText, Pair, RenderOptions,
    color::Painter,
    veil::veiled,
    view::{copied, refused},
};
use crate::{
    chart::Chart,
    diff::{Change, apply},
    escape::one_line,
    redact,
    report::Color,
    yaml::{self, Map, Notes, Value},
};

pub(super) fn render(pairs: &[Pair], look: &RenderOptions) -> String {
    let mut text = String::new();
    // Several releases may stand in one text.
    let mut seen = BTreeSet::new();
    for pair in pairs {
        let Pair { old, new, diff, .. } = pair;
        if look.raw {
            if !diff.changes.is_empty() && seen.insert((old.text, new.text)) {
                text += &of_texts(
                    NamedText { name: old.name, text: old.text },
                    NamedText { name: new.name, text: new.text },
                    look,
                );
            }
            continue;
        }
        // A comment to `patch`, and to a person the first to know.
        for refused in refused(pair) {
            let _ = writeln!(text, "# {}", refused.sentence);
        }
        if diff.is_empty() {
            continue;
        }
        let mut values = diff.new.values.clone();
        apply(&mut values, &diff.live().cloned().map(Change::turned).collect::<Vec<_>>());
        let chart = match diff.old.chart.version() > diff.new.chart.version() {
            true => &diff.old.chart,
            false => &diff.new.chart,
        };
        let copied = (!look.secrets).then(|| copied(pair));
        text += &of_trees((old.name, &values), (new.name, &diff.new.values), chart, copied.as_ref(), look);
    }
    text
}

/// What differs between two trees as they are written where nothing but the values counts. Where secrets are to be
/// hidden, those that were copied are known.
pub(super) fn of_trees(
    old: (&str, &Map),
    new: (&str, &Map),
    chart: &Chart,
    copied: Option<&HashSet<String>>,
    look: &RenderOptions,
) -> String {
    let [of_old, of_new] = [old.1, new.1].map(|values| Value::Map(values.clone()));
    let (of_old, of_new) = (veiled(&of_old, None), veiled(&of_new, Some(&of_old)));
    let shown = match copied {
        None => [of_old, of_new],
        Some(copied) => [
            redact::redact_value(&[], &of_old, None, copied),
            redact::redact_value(&[], &of_new, Some(&of_old), copied),
        ],
    };
    let [of_old, of_new] = shown.map(|mut values| {
        by_name_below(&mut values);
        let Value::Map(mut values) = values else { return String::new() };
        chart.order(&mut values);
        yaml::emit(&values, &Notes::new())
    });
    lines_of(NamedText { name: old.0, text: &of_old }, NamedText { name: new.0, text: &of_new }, look)
}

fn by_name(map: &mut Map) {
    map.sort_by_key(str::to_owned);
    map.iter_mut().for_each(|(_, value)| by_name_below(value));
}

fn by_name_below(value: &mut Value) {
    match value {
        Value::Map(map) => by_name(map),
        Value::List(items) => items.iter_mut().for_each(by_name_below),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) => {}
    }
}

/// What differs between two texts, without their secrets; empty where nothing does.
pub(super) fn of_texts(old: NamedText, new: NamedText, look: &RenderOptions) -> String {
    if old.text == new.text || look.secrets {
        return lines_of(old, new, look);
    }
    let (of_old, of_new) = redact::masked_pair(old.text, new.text);
    lines_of(NamedText { name: old.name, text: &of_old }, NamedText { name: new.name, text: &of_new }, look)
}

fn lines_of(old: NamedText, new: NamedText, look: &RenderOptions) -> String {
    if old.text == new.text {
        return String::new();
    }
    // Not by the reader of lines that comes with it: to that a lone carriage return ends a line, and to `patch` none.
    let (lines_of_old, lines_of_new): (Vec<&str>, Vec<&str>) =
        (old.text.split_inclusive('\n').collect(), new.text.split_inclusive('\n').collect());
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Histogram)
        .newline_terminated(true)
        .diff_slices(&lines_of_old, &lines_of_new);
    let paint = Painter(look.color);
    let mut text = String::new();
    // No more lines than there are can stand around a change.
    let context = look.context.min(lines_of_old.len());
    for ops in diff.grouped_ops(context).iter().filter(|ops| !ops.is_empty()) {
        if text.is_empty() {
            for (sign, name) in [("---", old.name), ("+++", new.name)] {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{}", paint.head(&format!("{sign} {}", one_line(name))));
            }
        }
        let _ = writeln!(text, "{}", paint.place(&UnifiedHunkHeader::new(ops).to_string()));
        for op in ops {
            lines(&diff, op, look.color, &mut text);
        }
    }
    text
}

fn lines(diff: &TextDiff<str>, op: &DiffOp, color: Color, text: &mut String) {
    match color {
        Color::Off => {
            for change in diff.iter_changes(op) {
                line(change.tag(), &[(false, change.value())], color, text);
            }
        }
        Color::On => {
            for change in diff.iter_inline_changes(op) {
                line(change.tag(), change.values(), color, text);
            }
        }
    }
}

/// A line of a hunk, from pieces of which some differ from those of the line beside.
fn line(tag: ChangeTag, pieces: &[(bool, &str)], color: Color, text: &mut String) {
    let paint = Painter(color);
    let dyed = |shown: &str| match tag {
        ChangeTag::Equal => shown.to_owned(),
        ChangeTag::Delete => paint.went(shown),
        ChangeTag::Insert => paint.came(shown),
    };
    text.push_str(&dyed(&tag.to_string()));
    let ends = pieces.last().is_some_and(|(_, piece)| piece.ends_with('\n'));
    for (at, (differs, piece)) in pieces.iter().enumerate() {
        let is_last = at + 1 == pieces.len();
        let piece = if is_last { piece.strip_suffix('\n').unwrap_or(piece) } else { piece };
        let (piece, end) = match piece.strip_suffix('\r') {
            Some(piece) if is_last && ends => (piece, "\r"),
            _ => (piece, ""),
        };
        // A tab shows, and `patch` wants it as it is.
        let shown = piece.split('\t').map(one_line).collect::<Vec<_>>().join("\t");
        text.push_str(&if *differs { paint.word(&dyed(&shown)) } else { dyed(&shown) });
        text.push_str(end);
    }
    text.push('\n');
    if !ends {
        text.push_str("\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        Format,
        tests::{compared, look, rendered, sample},
    };
    use super::*;
    use crate::yaml::read_values;

    #[test]
    fn it_looks_like_this() {
        let report = sample(&RenderOptions { context: 1, ..look(Format::Unified) });
        let (head, hunks) = report.split_once("@@ ").unwrap();
        assert_eq!(head, "--- a.yaml\n+++ b.yaml\n");
        let wanted = "
-  password: \"<redacted>\"
+  password: \"<redacted, changed>\"
";
        assert!(
            hunks.contains(wanted) && hunks.contains("-    type: ClusterIP\n+    type: LoadBalancer\n"),
            "{report}"
        );
        // What has no effect is the same on both sides.
        assert!(!report.contains("NodePort") && !report.contains("foo"), "{report}");
    }

    /// The two texts that a patch is about, where all their lines stand around its changes.
    fn sides(report: &str) -> [String; 2] {
        let lines: Vec<&str> = report.lines().skip(3).collect();
        ['-', '+'].map(|sign| {
            let mine = lines.iter().filter_map(|line| line.strip_prefix([' ', sign]));
            mine.map(|line| format!("{line}\n")).collect()
        })
    }

    #[test]
    fn the_texts_are_the_values_and_differ_where_these_do() {
        let all = RenderOptions { context: usize::MAX, secrets: true, ..look(Format::Unified) };
        for (old, new) in [
            (("", "23.1.1"), ("master: {count: 2, service: {type: NodePort}}\n", "23.1.1")),
            (("metrics: {enabled: true}\n", "13.0.2"), ("metrics: {enabled: true}\n", "18.6.1")),
            (
                ("a: 1\nreplica: {extraFlags: [a]}\n", "23.1.1"),
                ("replica: {extraFlags: [a, b], x: {c: 1, b: 2}}\n", "18.6.1"),
            ),
        ] {
            let diff = compared(old, new, false);
            let [of_old, of_new] = sides(&rendered(old, new, &all));
            assert_eq!(read_values(&of_new).unwrap(), diff.new.values);
            let mut idle = diff.old.values.clone();
            apply(&mut idle, diff.changes.iter().filter(|change| !change.is_live()));
            assert_eq!(read_values(&of_old).unwrap(), idle);
            assert!(of_old != of_new);
        }
        assert_eq!(rendered(("a: 1\n", "23.1.1"), ("", "23.1.1"), &all), "");
    }

    #[test]
    fn raw_texts_are_those_of_the_files() {
        let raw = RenderOptions { raw: true, ..look(Format::Unified) };
        let report = rendered(("# x\na: 1\r\n", "23.1.1"), ("# y\na: 2", "23.1.1"), &raw);
        assert_eq!(
            report,
            "--- a.yaml\n+++ b.yaml\n@@ -1,2 +1,2 @@\n-# x\n-a: 1\r\n+# y\n+a: 2\n\\ No newline at end of file\n"
        );
        assert_eq!(rendered(("# x\na: 1\n", "23.1.1"), ("a: 1\n", "23.1.1"), &raw), "");
    }

    #[test]
    fn words_that_differ_are_marked() {
        let (old, new) = (NamedText { name: "a", text: "a b c d\n" }, NamedText { name: "b", text: "a x c d\n" });
        let report = of_texts(old, new, &RenderOptions { color: Color::On, ..look(Format::Unified) });
        let plain = of_texts(old, new, &look(Format::Unified));
        assert_eq!(anstream::adapter::strip_str(&report).to_string(), plain);
        assert!(report.contains("\u{1b}[1m\u{1b}[4m\u{1b}[31mb\u{1b}[0m"), "{report:?}");
    }
}
