//! For a person: what the change does, in one screen.

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

/// A block is named by so many steps.
const STEPS: usize = 2;

/// No column is wider; what does not fit pushes the others aside.
const WIDEST: usize = 64;

/// The most paths that are listed for one reason to have no effect.
const MOST_PATHS: usize = 8;

pub(super) fn render(sights: &[View], look: &RenderOptions) -> String {
    let paint = Painter(look.color);
    let shown: Vec<&View> = sights.iter().filter(|sight| !sight.is_empty()).collect();
    let mut text = String::new();
    for sight in &shown {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&of_pair(sight, look, paint));
    }
    if shown.len() > 1 {
        let all: Totals = shown.iter().map(|sight| Totals::of(sight)).sum();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{}", paint.head(&format!("in all: {all}")));
    }
    text
}

fn of_pair(sight: &View, look: &RenderOptions, paint: Painter) -> String {
    let mut text = head(sight, paint);
    if !sight.refused.is_empty() {
        text.push('\n');
    }
    for refused in &sight.refused {
        let _ = writeln!(text, "{} {}", paint.grave("error:"), refused.sentence);
    }
    let live: Vec<&ChangeRow> = sight.live().collect();
    if !live.is_empty() {
        text.push('\n');
        text.push_str(&rows(&live, look, paint));
    }
    text.push_str(&of_chart(sight, look.color, true));
    text.push_str(&idle(sight, paint));
    let claims: Vec<String> = sight.claims().collect();
    if !claims.is_empty() {
        text.push('\n');
    }
    for claims in claims {
        let _ = writeln!(text, "{} {claims}", paint.moved("note:"));
    }
    let _ = writeln!(text, "\n{}", paint.head(&Totals::of(sight).to_string()));
    text
}

/// Who is compared with whom, and as what.
fn head(sight: &View, paint: Painter) -> String {
    let (old, new) = (&sight.pair.old, &sight.pair.new);
    let arrow = |old: &str, new: &str| if old == new { old.to_owned() } else { format!("{old} \u{2192} {new}") };
    let of_end = |version: &str, by: &str| if by.is_empty() { version.to_owned() } else { format!("{version} ({by})") };
    let [of_old, of_new] = [&sight.pair.diff.old, &sight.pair.diff.new];
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

/// The changes by block, or where the worst comes first one by one.
fn rows(rows: &[&ChangeRow], look: &RenderOptions, paint: Painter) -> String {
    if look.by_risk {
        return table("", &rows.iter().map(|row| Line::of(row, &row.path)).collect::<Vec<_>>(), paint);
    }
    let mut blocks: Vec<(Path, Vec<(&ChangeRow, Path)>)> = Vec::new();
    for row in rows {
        let (above, name) = parted(&row.path);
        match blocks.iter_mut().find(|(path, _)| *path == above) {
            Some((_, rows)) => rows.push((row, name)),
            None => blocks.push((above, vec![(row, name)])),
        }
    }
    let shown = blocks.iter().map(|(path, rows)| {
        let lines: Vec<Line> = rows.iter().map(|(row, name)| Line::of(row, name)).collect();
        table(&one_line(&path.to_string()), &lines, paint)
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// The block that a path belongs to, and what the path is called in there.
fn parted(path: &Path) -> (Path, Path) {
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
        text.push_str(&line.shown(indent, names, values, paint));
    }
    text
}

/// A change as it stands in its block.
struct Line {
    name: String,
    shape: ValueDiff,
    place: String,
    effects: Vec<(Effect, &'static str)>,
}

impl Line {
    fn of(row: &ChangeRow, name: &Path) -> Self {
        let mut name = one_line(&name.to_string()).into_owned();
        for (said, seen) in [("was", &row.old), ("now", &row.new)] {
            if let Some(path) = &seen.path {
                name = format!("{name} ({said} {})", one_line(&path.to_string()));
            }
        }
        Self {
            name,
            shape: ValueDiff::of(row.old.value.as_ref(), row.new.value.as_ref()),
            place: format!("{} \u{2192} {}", place(&row.old), place(&row.new)),
            effects: said(row),
        }
    }

    /// A change that nobody has written, in one line.
    fn of_default(row: &ChangeRow) -> Self {
        Self {
            // Who has not written it knows it by no older name.
            name: one_line(&row.path.to_string()).into_owned(),
            shape: ValueDiff::flat(row.old.value.as_ref(), row.new.value.as_ref()),
            place: String::new(),
            effects: said(row),
        }
    }

    /// Of its values, where they stand in the line.
    fn width(&self) -> usize {
        match &self.shape {
            ValueDiff::Line { old, new } => old.chars().count() + new.chars().count() + 3,
            ValueDiff::Lines { .. } => 0,
        }
    }

    fn shown(&self, indent: &str, names: usize, values: usize, paint: Painter) -> String {
        let blanks = |width: usize, used: usize| " ".repeat(width.saturating_sub(used));
        let mut text = format!("{indent}{}{}  ", self.name, blanks(names, self.name.chars().count()));
        if let ValueDiff::Line { old, new } = &self.shape {
            let _ = write!(text, "{} \u{2192} {}", paint.went(old), paint.came(new));
        }
        let effects: Vec<_> = self.effects.iter().map(|effect| of_effect(effect.0, effect.1, paint)).collect();
        let behind = [paint.place(&self.place), effects.join(", ")];
        let behind: Vec<_> = behind.iter().filter(|said| !said.is_empty()).map(|said| format!("  {said}")).collect();
        if !behind.is_empty() {
            // A name that is wider than its column takes from the next one.
            let used = self.name.chars().count().max(names) + self.width();
            let _ = write!(text, "{}{}", blanks(names + values, used), behind.concat());
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        if let ValueDiff::Lines { lines, left } = &self.shape {
            for (mark, line) in lines {
                let line = format!("{} {line}", mark.sign());
                let line = match mark {
                    Mark::Went => paint.went(line.trim_end()),
                    Mark::Came => paint.came(line.trim_end()),
                    Mark::Moved => paint.moved(line.trim_end()),
                };
                let _ = writeln!(text, "{indent}  {line}");
            }
            if *left > 0 {
                let _ = writeln!(text, "{indent}  {}", paint.dim(&format!("\u{2026} {}", counted(*left, "more line"))));
            }
        }
        text
    }
}

fn place(seen: &SideView) -> String {
    match seen.from {
        ValueOrigin::Line(line) => format!(":{line}"),
        ValueOrigin::Unplaced => "written".to_owned(),
        ValueOrigin::Default => "default".to_owned(),
        ValueOrigin::Nothing => NOTHING.to_owned(),
    }
}

/// What a change does, with the words for it.
fn said(row: &ChangeRow) -> Vec<(Effect, &'static str)> {
    row.effects.iter().map(|effect| (effect, words::effect(effect, &row.change.old.path))).collect()
}

fn of_effect(effect: Effect, said: &'static str, paint: Painter) -> String {
    match effect {
        Effect::Data => paint.grave(said),
        Effect::Workload | Effect::Immutable | Effect::Password | Effect::Reach => paint.went(said),
        Effect::Scale | Effect::Pods | Effect::AtRestart => paint.moved(said),
    }
}

/// What the chart changes by itself: other defaults are shown, keys that are new or gone are counted; new ones only
/// where nobody else tells them.
pub(super) fn of_chart(sight: &View, color: Color, counts_new: bool) -> String {
    let paint = Painter(color);
    let all: Vec<&ChangeRow> = sight.of_chart().collect();
    if all.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", paint.head("the chart itself"));
    let images = images(sight);
    let (of_images, rest): (Vec<&ChangeRow>, Vec<&ChangeRow>) = all.into_iter().partition(|row| {
        row.path.parent().is_some_and(|above| images.contains(&above.to_string()))
            && row.path.last() == Some(&Segment::Key("tag".to_owned()))
    });
    let defaults = rest.iter().filter(|row| row.is_in_both());
    text.push_str(&table("", &defaults.map(|row| Line::of_default(row)).collect::<Vec<_>>(), paint));
    let tags = of_images.iter().filter_map(|row| {
        let tag = |seen: &SideView| seen.value.as_ref().map_or_else(|| NOTHING.to_owned(), flow);
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
fn images(sight: &View) -> Vec<String> {
    let diff = sight.pair.diff;
    let both = [&diff.old.chart, &diff.new.chart];
    both.into_iter().flat_map(|chart| chart.images()).map(|image| image.path).collect()
}

/// What has no effect, by the reason.
fn idle(sight: &View, paint: Painter) -> String {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for (row, idle) in sight.idle() {
        let reason = idle.to_string();
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
        let left = paths.len().saturating_sub(MOST_PATHS);
        paths.truncate(MOST_PATHS);
        let more = if left > 0 { format!(" and {left} more") } else { String::new() };
        let _ = writeln!(text, "{}", paint.dim(&format!("  {}{more}: {reason}", paths.join(", "))));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::{
        Format,
        tests::{look, sample},
    };

    #[test]
    fn it_looks_like_this() {
        let wanted = "\
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
        assert_eq!(sample(&look(Format::Text)), wanted);
    }
}
