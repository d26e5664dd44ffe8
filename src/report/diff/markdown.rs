//! Comparisons as a comment on a pull request: a table for each pair, with changes without effect collapsed below.

use std::fmt::Write as _;

use super::{
    NamedText,
    totals::Totals,
    value_diff::{NOTHING, ValueDiff},
    view::{ChangeRow, SideView, ValueOrigin, View},
    words,
};
use crate::{
    report::{
        markdown::{MOST_BYTES, code, escaped, prose},
        totals::counted,
    },
    yaml::Path,
};

pub(super) fn render(views: &[View]) -> String {
    let totals: Totals = views.iter().map(Totals::of).sum();
    let mut text = format!("**redisgen diff**: {}\n", escaped(&totals.to_string()));
    let shown: Vec<&View> = views.iter().filter(|view| !view.is_empty()).collect();
    for (at, view) in shown.iter().enumerate() {
        // The space that is left for this pair.
        let room = MOST_BYTES.saturating_sub(text.len());
        let (part, omitted) = of_pair(view, room);
        text.push_str(&part);
        let pairs = shown.len() - at - 1;
        if omitted > 0 || text.len() >= MOST_BYTES && pairs > 0 {
            let rest = if pairs > 0 { format!(", and {}", counted(pairs, "more pair")) } else { String::new() };
            let omitted = counted(omitted, "change");
            let _ = writeln!(text, "\nnot shown, since a comment would be too long: {omitted} of this pair{rest}");
            break;
        }
    }
    text
}

pub(super) fn of_texts(old: NamedText, new: NamedText, unified: &str) -> String {
    let mut text = format!("**redisgen diff**: {} \u{2192} {}\n\n<pre>\n", code(old.name), code(new.name));
    let mut omitted = 0;
    for line in unified.lines().skip(2) {
        let line = if line.is_empty() { "&#8203;".to_owned() } else { escaped(line) };
        if omitted > 0 || text.len() + line.len() > MOST_BYTES {
            omitted += 1;
        } else {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{line}");
        }
    }
    text.push_str("</pre>\n");
    if omitted > 0 {
        let _ = writeln!(text, "\nnot shown, since a comment would be too long: {}", counted(omitted, "line"));
    }
    text
}

/// The table of a pair in at most `room` bytes, and the number of changes that do not fit.
fn of_pair(view: &View, room: usize) -> (String, usize) {
    let (old, new) = (&view.pair.old, &view.pair.new);
    let [of_old, of_new] = [&view.pair.diff.old, &view.pair.diff.new];
    let arrow = |old: String, new: String| if old == new { old } else { format!("{old} \u{2192} {new}") };
    let mut text = format!(
        "\n{} \u{2192} {}: chart {}, {}\n",
        code(old.name),
        code(new.name),
        arrow(of_old.chart.version().to_string(), of_new.chart.version().to_string()),
        arrow(of_old.topology_name(), of_new.topology_name()),
    );
    for refused in &view.refused {
        let _ = writeln!(text, "\n**error**: {}", prose(&refused.sentence));
    }
    let mut omitted = 0;
    let mut add = |text: &mut String, row: String| {
        if omitted > 0 || text.len() + row.len() > room {
            omitted += 1;
        } else {
            text.push_str(&row);
        }
    };
    if view.of_values().next().is_some() {
        text.push_str("\n| key | old | new | line | effect |\n|---|---|---|---|---|\n");
        view.of_values().for_each(|row| add(&mut text, live(row)));
    }
    let of_chart: Vec<&ChangeRow> = view.of_chart().collect();
    if !of_chart.is_empty() {
        let count = counted(of_chart.len(), "change");
        let _ = write!(
            text,
            "\n<details>\n<summary>{count} of the chart itself</summary>\n\n| key | old | new | effect |\n|---|---|---|---|\n"
        );
        of_chart.iter().for_each(|row| add(&mut text, default(row)));
        text.push_str("\n</details>\n");
    }
    if view.without_effect().next().is_some() {
        let _ = write!(
            text,
            "\n<details>\n<summary>{} without effect</summary>\n\n| key | why |\n|---|---|\n",
            view.without_effect().count()
        );
        for (row, without_effect) in view.without_effect() {
            add(&mut text, format!("| {} | {} |\n", path(&row.path), prose(&without_effect.to_string())));
        }
        text.push_str("\n</details>\n");
    }
    for claims in view.claims() {
        let _ = writeln!(text, "\n**note**: {}", prose(&claims));
    }
    (text, omitted)
}

fn live(row: &ChangeRow) -> String {
    let [old, new] = values(row);
    let place = format!("{} \u{2192} {}", place(&row.old), place(&row.new));
    format!("| {} | {old} | {new} | {place} | {} |\n", key(row), effects(row))
}

fn default(row: &ChangeRow) -> String {
    let text = |side: &SideView| match ValueDiff::flat(side.value.as_deref(), None) {
        ValueDiff::Line { old, .. } if side.value.is_some() => code(&old),
        _ => NOTHING.to_owned(),
    };
    format!("| {} | {} | {} | {} |\n", key(row), text(&row.old), text(&row.new), effects(row))
}

/// The path with its name in the other chart.
fn key(row: &ChangeRow) -> String {
    let mut key = path(&row.path);
    for (label, side) in [("was", &row.old), ("now", &row.new)] {
        if let Some(own) = &side.path {
            key = format!("{key} ({label} {})", path(own));
        }
    }
    key
}

fn path(path: &Path) -> String {
    code(&path.to_string())
}

fn values(row: &ChangeRow) -> [String; 2] {
    match ValueDiff::of(row.old.value.as_deref(), row.new.value.as_deref()) {
        ValueDiff::Line { old, new } => [(&row.old, old), (&row.new, new)].map(|(side, shown)| match side.value {
            Some(_) => code(&shown),
            None => NOTHING.to_owned(),
        }),
        // Removed lines are in the column of the old value, all others in that of the new value.
        ValueDiff::Lines { lines, omitted } => {
            let of = |old: bool| {
                let mine = lines.iter().filter(|(mark, _)| (mark.sign() == '-') == old);
                let mut shown: Vec<_> = mine.map(|(mark, line)| code(&format!("{} {line}", mark.sign()))).collect();
                if !old && omitted > 0 {
                    shown.push(counted(omitted, "more line"));
                }
                shown.join("<br>")
            };
            [of(true), of(false)]
        }
    }
}

fn place(side: &SideView) -> String {
    match side.from {
        ValueOrigin::Line(line) => line.to_string(),
        ValueOrigin::Unplaced => "written".to_owned(),
        ValueOrigin::Default => "default".to_owned(),
        ValueOrigin::Nothing => NOTHING.to_owned(),
    }
}

fn effects(row: &ChangeRow) -> String {
    let effects: Vec<_> =
        row.effects.iter().map(|effect| escaped(words::effect(effect, &row.change.old.path))).collect();
    effects.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::{
        Format,
        tests::{options, rendered, sample},
        texts,
    };

    #[test]
    fn it_looks_like_this() {
        let report = sample(&options(Format::Markdown));
        let head = "\
**redisgen diff**: 6 changes&#58; 1 may lose data, 1 changes the password, 2 change who can reach it, 5 restart pods; \
2 without effect

<code>a.yaml</code> \u{2192} <code>b.yaml</code>: chart 23.1.1, sentinel

| key | old | new | line | effect |
|---|---|---|---|---|
| <code>auth.password</code> | <code>&#60;redacted&#62;</code> | <code>&#60;redacted, changed&#62;</code> | 4 \u{2192} 4 | ";
        assert!(report.starts_with(head), "{report}");
        let list = "| <code>replica.extraFlags</code> | <code>- b</code> | \
                    <code>&#126; c (place 3 \u{2192} 1)</code><br><code>&#43; d</code> | 11 \u{2192} 9 | ";
        assert!(report.contains(list), "{report}");
        let tail = "
<details>
<summary>2 without effect</summary>

| key | why |
|---|---|
| <code>master.service.type</code> | unused in <code>sentinel</code> |
| <code>foo</code> | unknown key |

</details>
";
        assert!(report.ends_with(tail), "{report}");
        let none = rendered(("", "23.1.1"), ("", "23.1.1"), &options(Format::Markdown));
        assert_eq!(none, "**redisgen diff**: no change in effect\n");
    }

    #[test]
    fn a_long_report_is_cut_and_counts_the_rest() {
        let many: String = (0..400).map(|at| format!("    key{at}: {}\n", "x".repeat(100))).collect();
        let new = format!("master:\n  podLabels:\n    a: b\n{many}");
        let old = format!("master:\n  podLabels:\n    a: b\n{}", many.replace("xx", "y"));
        let report = rendered((&old, "23.1.1"), (&new, "23.1.1"), &options(Format::Markdown));
        assert!(report.len() < 65_536 && report.len() > 50_000, "{}", report.len());
        let shown = report.matches("<code>master.podLabels.key").count();
        let omitted = format!("not shown, since a comment would be too long: {} changes of this pair\n", 400 - shown);
        assert!(report.ends_with(&omitted), "{report}");
        let text = texts(("a", &old), ("b", &new), &options(Format::Markdown));
        assert!(text.len() < 65_536 && text.contains("lines\n"), "{}", text.len());
    }
}
