//! Comparisons as changed lines, for people and for `patch`.
//!
//! Effective values are compared as complete values files in the order of the newer chart. Keys without an effect take
//! the new value on the old side, which limits the changed lines to changes with an effect. A raw comparison shows the
//! texts of the files themselves.

use std::{
    collections::{BTreeSet, HashSet},
    fmt::Write as _,
};

use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, udiff::UnifiedHunkHeader};

use super::{
    NamedText, Pair, RenderOptions,
    color::Painter,
    encrypted::mask_encrypted,
    view::{AliasedSecrets, refused},
};
use crate::{
    chart::Chart,
    diff::{Change, apply},
    escape::one_line,
    redact,
    report::Color,
    yaml::{self, Map, Notes, Value},
};

pub(super) fn render<'a>(pairs: &'a [Pair<'a>], options: &RenderOptions, aliased: &AliasedSecrets<'a>) -> String {
    let mut text = String::new();
    // One text may contain several releases.
    let mut seen = BTreeSet::new();
    for pair in pairs {
        let Pair { old, new, diff, .. } = pair;
        if options.raw {
            if !diff.changes.is_empty() && seen.insert((old.text, new.text)) {
                text += &of_texts(
                    NamedText { name: old.name, text: old.text },
                    NamedText { name: new.name, text: new.text },
                    options,
                );
            }
            continue;
        }
        // `patch` ignores the line as a comment, and users have to know it first.
        for refused in refused(pair) {
            let _ = writeln!(text, "# {}", refused.sentence);
        }
        if diff.is_empty() {
            continue;
        }
        let mut values = diff.new.values.clone();
        apply(&mut values, &diff.with_effect().cloned().map(Change::reversed).collect::<Vec<_>>());
        let chart = match diff.old.chart.version() > diff.new.chart.version() {
            true => &diff.old.chart,
            false => &diff.new.chart,
        };
        let aliased_secrets = (!options.secrets).then(|| aliased.of(pair));
        text +=
            &of_trees((old.name, &values), (new.name, &diff.new.values), chart, aliased_secrets.as_deref(), options);
    }
    text
}

/// The changed lines between two trees of values.
///
/// `copied` contains the secrets that other values may repeat. `None` shows secrets.
pub(super) fn of_trees(
    old: (&str, &Map),
    new: (&str, &Map),
    chart: &Chart,
    aliased_secrets: Option<&HashSet<String>>,
    options: &RenderOptions,
) -> String {
    let [of_old, of_new] = [old.1, new.1].map(|values| Value::Map(values.clone()));
    let (of_old, of_new) = (mask_encrypted(&of_old, None), mask_encrypted(&of_new, Some(&of_old)));
    let masked = match aliased_secrets {
        None => [of_old, of_new],
        Some(aliased_secrets) => [
            redact::redact_value(&[], &of_old, None, aliased_secrets),
            redact::redact_value(&[], &of_new, Some(&of_old), aliased_secrets),
        ],
    };
    let [of_old, of_new] = masked.map(|values| {
        let mut values = values.into_owned();
        by_name_below(&mut values);
        let Value::Map(mut values) = values else { return String::new() };
        chart.order(&mut values);
        yaml::emit(&values, &Notes::new())
    });
    lines_of(NamedText { name: old.0, text: &of_old }, NamedText { name: new.0, text: &of_new }, options)
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

/// The changed lines of two texts without their secrets. Empty if the texts are equal.
pub(super) fn of_texts(old: NamedText, new: NamedText, options: &RenderOptions) -> String {
    if old.text == new.text || options.secrets {
        return lines_of(old, new, options);
    }
    let (of_old, of_new) = redact::masked_pair(old.text, new.text);
    lines_of(NamedText { name: old.name, text: &of_old }, NamedText { name: new.name, text: &of_new }, options)
}

fn lines_of(old: NamedText, new: NamedText, options: &RenderOptions) -> String {
    if old.text == new.text {
        return String::new();
    }
    // The line splitter of `similar` treats a lone carriage return as a line ending, and `patch` does not.
    let (lines_of_old, lines_of_new): (Vec<&str>, Vec<&str>) =
        (old.text.split_inclusive('\n').collect(), new.text.split_inclusive('\n').collect());
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Histogram)
        .newline_terminated(true)
        .diff_slices(&lines_of_old, &lines_of_new);
    let paint = Painter(options.color);
    let mut text = String::new();
    // No more lines than the text has can be around a change.
    let context = options.context.min(lines_of_old.len());
    for ops in diff.grouped_ops(context).iter().filter(|ops| !ops.is_empty()) {
        if text.is_empty() {
            for (sign, name) in [("---", old.name), ("+++", new.name)] {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{}", paint.head(&format!("{sign} {}", one_line(name))));
            }
        }
        let _ = writeln!(text, "{}", paint.place(&UnifiedHunkHeader::new(ops).to_string()));
        for op in ops {
            lines(&diff, op, options.color, &mut text);
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

/// A line of a hunk, from pieces. Some pieces differ from those of the corresponding line.
fn line(tag: ChangeTag, pieces: &[(bool, &str)], color: Color, text: &mut String) {
    let paint = Painter(color);
    let painted = |piece: &str| match tag {
        ChangeTag::Equal => piece.to_owned(),
        ChangeTag::Delete => paint.removed(piece),
        ChangeTag::Insert => paint.added(piece),
    };
    text.push_str(&painted(&tag.to_string()));
    let has_newline = pieces.last().is_some_and(|(_, piece)| piece.ends_with('\n'));
    for (at, (differs, piece)) in pieces.iter().enumerate() {
        let is_last = at + 1 == pieces.len();
        let piece = if is_last { piece.strip_suffix('\n').unwrap_or(piece) } else { piece };
        let (piece, end) = match piece.strip_suffix('\r') {
            Some(piece) if is_last && has_newline => (piece, "\r"),
            _ => (piece, ""),
        };
        // A tab is visible, and `patch` needs it unchanged.
        let shown = piece.split('\t').map(one_line).collect::<Vec<_>>().join("\t");
        text.push_str(&if *differs { paint.word(&painted(&shown)) } else { painted(&shown) });
        text.push_str(end);
    }
    text.push('\n');
    if !has_newline {
        text.push_str("\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        Format,
        tests::{compared, options, rendered, sample},
    };
    use super::*;
    use crate::yaml::read_values;

    #[test]
    fn it_looks_like_this() {
        let report = sample(&RenderOptions { context: 1, ..options(Format::Unified) });
        let (head, hunks) = report.split_once("@@ ").unwrap();
        assert_eq!(head, "--- a.yaml\n+++ b.yaml\n");
        let expected = "
-  password: \"<redacted>\"
+  password: \"<redacted, changed>\"
";
        assert!(
            hunks.contains(expected) && hunks.contains("-    type: ClusterIP\n+    type: LoadBalancer\n"),
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
    fn the_lines_are_the_values_and_differ_with_them() {
        let all = RenderOptions { context: usize::MAX, secrets: true, ..options(Format::Unified) };
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
            let mut without_effect = diff.old.values.clone();
            apply(&mut without_effect, diff.changes.iter().filter(|change| !change.has_effect()));
            assert_eq!(read_values(&of_old).unwrap(), without_effect);
            assert!(of_old != of_new);
        }
        assert_eq!(rendered(("a: 1\n", "23.1.1"), ("", "23.1.1"), &all), "");
    }

    #[test]
    fn raw_lines_are_those_of_the_files() {
        let raw = RenderOptions { raw: true, ..options(Format::Unified) };
        let report = rendered(("# x\na: 1\r\n", "23.1.1"), ("# y\na: 2", "23.1.1"), &raw);
        assert_eq!(
            report,
            "--- a.yaml\n+++ b.yaml\n@@ -1,2 +1,2 @@\n-# x\n-a: 1\r\n+# y\n+a: 2\n\\ No newline at end of file\n"
        );
        assert_eq!(rendered(("# x\na: 1\n", "23.1.1"), ("a: 1\n", "23.1.1"), &raw), "");
    }

    #[test]
    fn different_words_are_marked() {
        let (old, new) = (NamedText { name: "a", text: "a b c d\n" }, NamedText { name: "b", text: "a x c d\n" });
        let report = of_texts(old, new, &RenderOptions { color: Color::On, ..options(Format::Unified) });
        let plain = of_texts(old, new, &options(Format::Unified));
        assert_eq!(anstream::adapter::strip_str(&report).to_string(), plain);
        assert!(report.contains("\u{1b}[1m\u{1b}[4m\u{1b}[31mb\u{1b}[0m"), "{report:?}");
    }
}
