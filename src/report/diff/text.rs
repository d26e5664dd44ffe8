//! Comparisons as text: the impact of each change on one screen.

use std::fmt::Write as _;

use super::{
    RenderOptions,
    color::Painter,
    totals::Totals,
    value_diff::{Mark, NOTHING, ValueDiff, flow},
    view::{ChangeRow, SideView, ValueOrigin, View},
    words,
};
use crate::{
    chart::Effect,
    escape::one_line,
    report::{Color, totals::counted},
    yaml::{Path, Segment},
};

/// The most steps in the name of a block.
const STEPS: usize = 2;

/// The widest column. Longer texts push the next column aside.
const WIDEST: usize = 64;

/// The most paths that are listed for one reason.
const MOST_PATHS: usize = 8;

pub(super) fn render(views: &[View], options: &RenderOptions) -> String {
    let paint = Painter(options.color);
    let rendered: Vec<&View> = views.iter().filter(|view| !view.is_empty()).collect();
    let mut text = String::new();
    for view in &rendered {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&of_pair(view, options, paint));
    }
    if rendered.len() > 1 {
        let all: Totals = rendered.iter().map(|view| Totals::of(view)).sum();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{}", paint.head(&format!("in all: {all}")));
    }
    text
}

fn of_pair(view: &View, options: &RenderOptions, paint: Painter) -> String {
    let mut text = head(view, paint);
    if !view.refused.is_empty() {
        text.push('\n');
    }
    for refused in &view.refused {
        let _ = writeln!(text, "{} {}", paint.severe("error:"), refused.sentence);
    }
    let of_values: Vec<&ChangeRow> = view.of_values().collect();
    if !of_values.is_empty() {
        text.push('\n');
        text.push_str(&rows(&of_values, options, paint));
    }
    text.push_str(&of_chart(view, options.color, true));
    text.push_str(&without_effect(view, paint));
    let claims: Vec<String> = view.claims().collect();
    if !claims.is_empty() {
        text.push('\n');
    }
    for claims in claims {
        let _ = writeln!(text, "{} {claims}", paint.changed("note:"));
    }
    let _ = writeln!(text, "\n{}", paint.head(&Totals::of(view).to_string()));
    text
}

/// The title of a pair: the names, chart versions and topologies.
fn head(view: &View, paint: Painter) -> String {
    let (old, new) = (&view.pair.old, &view.pair.new);
    let arrow = |old: &str, new: &str| if old == new { old.to_owned() } else { format!("{old} \u{2192} {new}") };
    let of_end = |version: &str, by: &str| if by.is_empty() { version.to_owned() } else { format!("{version} ({by})") };
    let [of_old, of_new] = [&view.pair.diff.old, &view.pair.diff.new];
    let versions = arrow(
        &of_end(&of_old.chart.version().to_string(), &one_line(old.by)),
        &of_end(&of_new.chart.version().to_string(), &one_line(new.by)),
    );
    let topologies = arrow(&of_old.topology_name(), &of_new.topology_name());
    format!(
        "{} \u{2192} {}\n{}\n",
        paint.head(&one_line(old.name)),
        paint.head(&one_line(new.name)),
        paint.dim(&format!("chart {versions}, {topologies}"))
    )
}

/// The changes grouped by block, or one by one if they are sorted by risk.
fn rows(rows: &[&ChangeRow], options: &RenderOptions, paint: Painter) -> String {
    if options.by_risk {
        return table("", &rows.iter().map(|row| Line::of(row, &row.path)).collect::<Vec<_>>(), paint);
    }
    let mut blocks: Vec<(Path, Vec<(&ChangeRow, Path)>)> = Vec::new();
    for row in rows {
        let (above, name) = split_block(&row.path);
        match blocks.iter_mut().find(|(path, _)| *path == above) {
            Some((_, rows)) => rows.push((row, name)),
            None => blocks.push((above, vec![(row, name)])),
        }
    }
    let rendered = blocks.iter().map(|(path, rows)| {
        let lines: Vec<Line> = rows.iter().map(|(row, name)| Line::of(row, name)).collect();
        table(&one_line(&path.to_string()), &lines, paint)
    });
    rendered.collect::<Vec<_>>().join("\n")
}

/// The block of a path, and the rest of the path.
fn split_block(path: &Path) -> (Path, Path) {
    let steps = STEPS.min(path.len().saturating_sub(1));
    let (above, below) = path.segments().split_at(steps);
    let of = |segments: &[Segment]| {
        let mut path = Path::root();
        segments.iter().for_each(|segment| path.push(segment.clone()));
        path
    };
    (of(above), of(below))
}

fn table(title: &str, lines: &[Line], paint: Painter) -> String {
    let indent = if title.is_empty() { "" } else { "  " };
    let mut text = if title.is_empty() { String::new() } else { format!("{}\n", paint.head(title)) };
    let width =
        |of: fn(&Line) -> usize| lines.iter().map(of).filter(|width| *width <= WIDEST).max().unwrap_or_default();
    let (names, values) = (width(|line| line.name.chars().count()), width(Line::width));
    for line in lines {
        text.push_str(&line.rendered(indent, names, values, paint));
    }
    text
}

/// A change as a line of its block.
struct Line {
    name: String,
    shape: ValueDiff,
    place: String,
    effects: Vec<(Effect, &'static str)>,
}

impl Line {
    fn of(row: &ChangeRow, name: &Path) -> Self {
        let mut name = one_line(&name.to_string()).into_owned();
        for (label, side) in [("was", &row.old), ("now", &row.new)] {
            if let Some(path) = &side.path {
                name = format!("{name} ({label} {})", one_line(&path.to_string()));
            }
        }
        Self {
            name,
            shape: ValueDiff::of(row.old.value.as_deref(), row.new.value.as_deref()),
            place: format!("{} \u{2192} {}", place(&row.old), place(&row.new)),
            effects: effect_texts(row),
        }
    }

    /// A change of a default, in one line.
    fn of_default(row: &ChangeRow) -> Self {
        Self {
            // The user has not written the key, and an older name would not help.
            name: one_line(&row.path.to_string()).into_owned(),
            shape: ValueDiff::flat(row.old.value.as_deref(), row.new.value.as_deref()),
            place: String::new(),
            effects: effect_texts(row),
        }
    }

    /// The width of the values, if they are in the line.
    fn width(&self) -> usize {
        match &self.shape {
            ValueDiff::Line { old, new } => old.chars().count() + new.chars().count() + 3,
            ValueDiff::Lines { .. } => 0,
        }
    }

    fn rendered(&self, indent: &str, names: usize, values: usize, paint: Painter) -> String {
        let blanks = |width: usize, used: usize| " ".repeat(width.saturating_sub(used));
        let mut text = format!("{indent}{}{}  ", self.name, blanks(names, self.name.chars().count()));
        if let ValueDiff::Line { old, new } = &self.shape {
            let _ = write!(text, "{} \u{2192} {}", paint.removed(old), paint.added(new));
        }
        let effects: Vec<_> = self.effects.iter().map(|effect| of_effect(effect.0, effect.1, paint)).collect();
        let columns = [paint.place(&self.place), effects.join(", ")];
        let columns: Vec<_> = columns.iter().filter(|text| !text.is_empty()).map(|text| format!("  {text}")).collect();
        if !columns.is_empty() {
            // A name that is wider than its column uses space of the next column.
            let used = self.name.chars().count().max(names) + self.width();
            let _ = write!(text, "{}{}", blanks(names + values, used), columns.concat());
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        if let ValueDiff::Lines { lines, omitted } = &self.shape {
            for (mark, line) in lines {
                let line = format!("{} {line}", mark.sign());
                let line = match mark {
                    Mark::Removed => paint.removed(line.trim_end()),
                    Mark::Added => paint.added(line.trim_end()),
                    Mark::Changed => paint.changed(line.trim_end()),
                };
                let _ = writeln!(text, "{indent}  {line}");
            }
            if *omitted > 0 {
                let _ =
                    writeln!(text, "{indent}  {}", paint.dim(&format!("\u{2026} {}", counted(*omitted, "more line"))));
            }
        }
        text
    }
}

fn place(side: &SideView) -> String {
    match side.from {
        ValueOrigin::Line(line) => format!(":{line}"),
        ValueOrigin::Unplaced => "written".to_owned(),
        ValueOrigin::Default => "default".to_owned(),
        ValueOrigin::Nothing => NOTHING.to_owned(),
    }
}

/// The effects of a change with their texts.
fn effect_texts(row: &ChangeRow) -> Vec<(Effect, &'static str)> {
    row.effects.iter().map(|effect| (effect, words::effect(effect, &row.change.old.path))).collect()
}

fn of_effect(effect: Effect, text: &'static str, paint: Painter) -> String {
    match effect {
        Effect::Data => paint.severe(text),
        Effect::Workload | Effect::Immutable | Effect::Password | Effect::Reach => paint.removed(text),
        Effect::Scale | Effect::Pods | Effect::AtRestart => paint.changed(text),
    }
}

/// The changes of the chart itself: changed defaults are listed, and new and removed keys are counted.
///
/// New keys are counted only if no other part of the report lists them.
pub(super) fn of_chart(view: &View, color: Color, counts_new: bool) -> String {
    let paint = Painter(color);
    let all: Vec<&ChangeRow> = view.of_chart().collect();
    if all.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", paint.head("changed defaults of the chart"));
    let images = images(view);
    let (of_images, rest): (Vec<&ChangeRow>, Vec<&ChangeRow>) = all.into_iter().partition(|row| {
        row.path.parent().is_some_and(|above| images.contains(&above.to_string()))
            && row.path.last() == Some(&Segment::Key("tag".to_owned()))
    });
    let defaults = rest.iter().filter(|row| row.is_in_both());
    text.push_str(&table("", &defaults.map(|row| Line::of_default(row)).collect::<Vec<_>>(), paint));
    let tags = of_images.iter().filter_map(|row| {
        let tag = |side: &SideView| side.value.as_deref().map_or_else(|| NOTHING.to_owned(), flow);
        Some(format!("{} {} \u{2192} {}", one_line(&row.path.parent()?.to_string()), tag(&row.old), tag(&row.new)))
    });
    let tags: Vec<String> = tags.collect();
    if !tags.is_empty() {
        let _ = writeln!(text, "images: {}", tags.join(", "));
    }
    let (new, gone) = (
        rest.iter().filter(|row| row.old.value.is_none()).count(),
        rest.iter().filter(|row| row.new.value.is_none()).count(),
    );
    let counts: Vec<String> = [(new, "new key"), (gone, "key removed")]
        .into_iter()
        .filter(|(count, what)| *count > 0 && (counts_new || *what != "new key"))
        .map(|(count, what)| match what {
            "key removed" if count > 1 => format!("{count} keys removed"),
            what => counted(count, what),
        })
        .collect();
    if !counts.is_empty() {
        let _ = writeln!(text, "{}", counts.join(", "));
    }
    text
}

/// The paths of the images of both charts.
fn images(view: &View) -> Vec<String> {
    let diff = view.pair.diff;
    let both = [&diff.old.chart, &diff.new.chart];
    both.into_iter().flat_map(|chart| chart.images()).map(|image| image.path.clone()).collect()
}

/// The changes without an effect, grouped by reason.
fn without_effect(view: &View, paint: Painter) -> String {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for (row, without_effect) in view.without_effect() {
        let reason = without_effect.to_string();
        let path = one_line(&row.path.to_string()).into_owned();
        match reasons.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, paths)) => paths.push(path),
            None => reasons.push((reason, vec![path])),
        }
    }
    if reasons.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", paint.dim("no effect:"));
    for (reason, mut paths) in reasons {
        let omitted = paths.len().saturating_sub(MOST_PATHS);
        paths.truncate(MOST_PATHS);
        let more = if omitted > 0 { format!(" and {omitted} more") } else { String::new() };
        let _ = writeln!(text, "{}", paint.dim(&format!("  {}{more}: {reason}", paths.join(", "))));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::{
        Format,
        tests::{options, sample},
    };

    #[test]
    fn it_looks_like_this() {
        let expected = "\
a.yaml \u{2192} b.yaml
chart 23.1.1, sentinel

auth
  password  <redacted> \u{2192} <redacted, changed>  :4 \u{2192} :4  changes the password, restarts pods

commonConfiguration    :7 \u{2192} :5  may lose data, restarts pods
  - appendonly yes
  - save 1
  + appendonly no
  + maxmemory 1gb

replica
  extraFlags    :11 \u{2192} :9  restarts pods
    ~ c (place 3 \u{2192} 1)
    - b
    + d

sentinel
  quorum  2 \u{2192} 1  :2 \u{2192} :2  restarts pods

sentinel.service
  type         ClusterIP \u{2192} LoadBalancer  default \u{2192} :2  changes who can reach it, restarts pods
  annotations                            default \u{2192} :2  changes who can reach it
    + a.b/c: x
    + d: e

no effect:
  master.service.type: unused in `sentinel`
  foo: unknown key

6 changes: 1 may lose data, 1 changes the password, 2 change who can reach it, 5 restart pods; 2 without effect
";
        assert_eq!(sample(&options(Format::Text)), expected);
    }
}
