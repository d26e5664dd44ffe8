//! The values of one text, carried one place after the other.

use std::path::Path as FilePath;

use anyhow::{Context, anyhow, bail};

use super::{Done, Run, bump};
use crate::{
    chart::Chart,
    diff::{self, Change, Diff, Ground, Maker, Side},
    effective::Effective,
    migrate::{self, Pin, Place, Source, first_default},
    report::migrate::Report,
    source::{self, By, Content, Known, Part, Settled},
    yaml::{Document, Map, Path, Segment, Value},
};

impl Run {
    /// Carries all values in a text.
    ///
    /// # Errors
    ///
    /// When it holds none, or there is no chart of a version that is meant.
    pub(super) fn file(&self, file: &FilePath, name: &str, text: &str) -> anyhow::Result<Done> {
        let known = self.known(file);
        let found = parts(text, &known).with_context(|| format!("`{name}`"))?;
        let to = self.to()?;
        let settled: Vec<Settled> =
            found.iter().map(|part| self.settled(part, &known, &to)).collect::<Result<_, _>>()?;
        let mut done =
            Done { text: text.to_owned(), reports: Vec::new(), loses: false, breaks: false, backwards: false };
        for (at, settled) in settled.iter().enumerate() {
            // What was carried before has moved what is carried now.
            let now = parts(&done.text, &known)?;
            let Some(part) = now.get(at) else { bail!("`{name}`: what was carried cannot be read again") };
            let (inner, report) = self.part(name, part, settled, &to)?;
            if inner != *part.inset.text {
                let Some(outer) = part.inset.put_back(&done.text, &inner) else {
                    bail!(
                        "`{name}`: the values at `{}` are not written as values: write them as such to carry them",
                        part.origin.at
                    );
                };
                done.text = outer;
            }
            done.loses |= report.migrated.loses();
            done.breaks |= !report.breaks.is_empty();
            done.backwards |= to.version() < settled.chart.version();
            done.reports.push(report);
        }
        if self.way.bump {
            done.text = bump::manifests(&done.text, |text| parts(text, &known), &to)?;
        }
        Ok(done)
    }

    /// The version that values are for. Where only their keys tell, and they fit the version to go to, it is that one.
    fn settled(&self, part: &Part, known: &Known, to: &Chart) -> anyhow::Result<Settled> {
        let mut settled =
            source::settle(part, known, &|wanted| self.sources.chart(wanted)).map_err(|why| anyhow!(why))?;
        if matches!(&settled.told.by, By::Keys(era) if era.contains(to.version())) {
            settled.chart = to.clone();
        }
        Ok(settled)
    }

    /// The text of one place, with the report.
    fn part(&self, name: &str, part: &Part, settled: &Settled, to: &Chart) -> anyhow::Result<(String, Report)> {
        let written = part.values();
        let source = Source {
            text: &part.inset.text,
            at: &part.origin.at,
            written: &written,
            around: &part.origin.around,
            read_by_parent: &part.origin.read_by_parent,
        };
        let migrated = migrate::migrate(source, &settled.chart, to, self.what.keep_idle)?;
        let mut text = migrated.text.clone();
        let mut after = read_back(&text, part)?;
        let mut compared = self.diff(&written, &settled.chart, &after, to, part);
        let mut pins = Vec::new();
        if self.what.keep_behaviour {
            pins = wanted_pins(&compared, &settled.chart, to);
            text = migrate::pin(&text, &part.origin.at, &pins, &settled.chart)
                .map_err(|why| anyhow!("`{name}`: the old defaults cannot be said: {why}"))?;
            after = read_back(&text, part)?;
            compared = self.diff(&written, &settled.chart, &after, to, part);
        }
        let named = |said: &Option<String>, told: &Option<String>| said.clone().or_else(|| told.clone());
        let (release, namespace) =
            (named(&self.what.release, &part.origin.release), named(&self.what.namespace, &part.origin.namespace));
        let around = || part.origin.around.clone();
        let after = Effective::new(after, around(), to);
        let operations = match settled.chart.version() == to.version() {
            true => Vec::new(),
            false => {
                let before = Effective::new(written.clone(), around(), &settled.chart);
                let place = Place {
                    release: release.as_deref().unwrap_or(RELEASE),
                    namespace: namespace.as_deref().unwrap_or(NAMESPACE),
                    file: name,
                    chart_name: &chart_name(part),
                    is_alone: !part.inset.is_part() && part.origin.at.is_root(),
                };
                migrate::operations(&before, &after, place)
            }
        };
        let report = Report {
            name: name.to_owned(),
            at: part.origin.at.clone(),
            by: settled.told.by.briefly(),
            operations,
            breaks: migrate::breaks(&after),
            migrated,
            pins,
            compared,
        };
        Ok((text, report))
    }

    /// What differs in effect between before and after.
    fn diff(&self, old: &Map, from: &Chart, new: &Map, to: &Chart, part: &Part) -> Diff {
        let side = |written: &Map, chart: &Chart| Side {
            around: part.origin.around.clone(),
            read_by_parent: part.origin.read_by_parent.clone(),
            ..Side::new(written.clone(), chart.clone())
        };
        diff::diff(&side(old, from), &side(new, to), Ground { helm: self.what.helm, raw: false })
    }
}

fn parts(text: &str, known: &Known) -> anyhow::Result<Vec<Part>> {
    match source::read(text, known)? {
        Content::Values(parts) => Ok(parts),
        Content::Foreign(what) => {
            bail!("{what}; `--from` says that these are values of the chart, `--at` where they stand")
        }
        Content::Template { kind, at } => {
            bail!("{}:{}: found {kind}: expected plain YAML; render it first", at.line, at.column)
        }
    }
}

/// What a release and its namespace are called where nobody says it, as elsewhere in redisgen.
const RELEASE: &str = "redis";
const NAMESPACE: &str = "default";

/// The values of a place in its new text.
fn read_back(text: &str, part: &Part) -> anyhow::Result<Map> {
    Ok(Document::parse(text)?.map_at(&part.origin.at))
}

/// What the chart is called where the values are: in those of a chart around by its key.
fn chart_name(part: &Part) -> String {
    match part.origin.at.last() {
        Some(Segment::Key(key)) if !part.inset.is_part() => key.clone(),
        _ => "redis".to_owned(),
    }
}

/// What has to be said so that the newer chart does what the older did; images are left to the chart.
fn wanted_pins(compared: &Diff, from: &Chart, to: &Chart) -> Vec<Pin> {
    let images = to.images();
    let is_image = |path: &Path| {
        let text = path.to_string();
        images.iter().any(|image| text.strip_prefix(&image.path).is_some_and(|rest| rest.starts_with('.')))
    };
    let of_chart = compared.live().filter(|change| change.maker == Maker::Chart && !is_image(&change.new.path));
    of_chart.filter_map(|change| wanted_pin(change, from, to)).collect()
}

fn wanted_pin(change: &Change, from: &Chart, to: &Chart) -> Option<Pin> {
    let path = change.new.path.clone();
    // A key that is gone cannot be said.
    change.new.value.as_ref()?;
    let value: Value = match &change.old.value {
        Some(old) => old.clone(),
        None => first_default(&path.to_string(), from, to)?,
    };
    let taken = to.schema(&path.to_string()).and_then(|accepts| accepts.said(&value));
    let value = taken.unwrap_or(value);
    Some(Pin { path, value })
}
