//! The values of one text, carried one place after the other.

use std::path::{Path as FilePath, PathBuf};

use anyhow::{Context, anyhow, bail};

use super::{Changed, Done, Run, result::Written};
use crate::{
    chart::{Chart, Topology, new_default},
    commands::files,
    diff::{self, Change, Diff, Ground, Maker, Side},
    effective::Effective,
    migrate::{self, Kept, Limit, Pin, Place, Plan, Source, Taken, first_default},
    report::migrate::Report,
    source::{self, By, Content, Delivery, Known, Part, Settled},
    yaml::{
        Document, Map, Path, Segment, Span, Value,
        merge::{self, Layers},
    },
};

/// A file that was read.
struct Opened {
    file: PathBuf,
    /// As it is shown.
    name: String,
    text: String,
    known: Known,
    found: Vec<Part>,
}

impl Run {
    /// Carries all values in files, and writes nothing.
    ///
    /// # Errors
    ///
    /// When one cannot be read or holds none, or there is no chart of a version that is meant.
    pub(super) fn files(&self, files: &[PathBuf]) -> anyhow::Result<Vec<Done>> {
        let mut all: Vec<Opened> = files.iter().map(|file| self.opened(file)).collect::<Result<_, _>>()?;
        if !self.what.layered {
            return all.iter().map(|one| self.alone(one)).collect();
        }
        if let Some(several) = all.iter().find(|one| one.found.len() != 1) {
            bail!(
                "`{}`: found values in {} places: expected one in each file with `--layered`",
                several.name,
                several.found.len()
            );
        }
        let values: Vec<Map> = all.iter().map(|one| one.found[0].values()).collect();
        for (at, one) in all.iter_mut().enumerate() {
            one.found[0].origin.around = Layers::of(&values, at);
        }
        let paths: Vec<&FilePath> = all.iter().map(|one| one.file.as_path()).collect();
        let written = self.written(&paths, false, &self.to()?);
        let mut said = Map::new();
        let mut done: Vec<Done> = Vec::new();
        for (at, one) in all.iter().enumerate() {
            let release = Release { written: &written, is_told: at + 1 == all.len() };
            done.push(self.file(one, release, &mut said)?);
        }
        let from = |done: &Done| done.reports[0].migrated.from.version().clone();
        if let Some(other) = done.iter().find(|other| from(other) != from(&done[0])) {
            bail!(
                "`{}` is for chart {} and `{}` for chart {}: `--from` says for which they are together",
                done[0].name,
                from(&done[0]),
                other.name,
                from(other)
            );
        }
        Ok(done)
    }

    /// Carries all values in a file that is a release of its own, or holds some.
    fn alone(&self, opened: &Opened) -> anyhow::Result<Done> {
        let holds_more = !opened.found.iter().all(is_whole);
        let written = self.written(&[&opened.file], holds_more, &self.to()?);
        self.file(opened, Release { written: &written, is_told: true }, &mut Map::new())
    }

    fn opened(&self, file: &FilePath) -> anyhow::Result<Opened> {
        let text = files::read_text(file)?;
        files::refuse_encrypted(file, &text, &format!("migrate --to {} --in-place", self.to))?;
        let name = files::shown(file).trim_matches('`').to_owned();
        let known = self.known(file);
        let found = parts(&text, &known).with_context(|| format!("`{name}`"))?;
        Ok(Opened { file: file.to_owned(), name, text, known, found })
    }

    /// Carries all values in a file. `said` is what is said anew for the release, before and afterwards.
    fn file(&self, opened: &Opened, release: Release, said: &mut Map) -> anyhow::Result<Done> {
        let Opened { file, name, text, known, found } = opened;
        let to = self.to()?;
        let settled: Vec<Settled> =
            found.iter().map(|part| self.settled(part, known, &to)).collect::<Result<_, _>>()?;
        let mut after = text.clone();
        if self.way.bump {
            let bumped = self.bump_manifests(&after, |text| parts(text, known), &to);
            after = bumped.with_context(|| format!("`{name}`"))?;
        }
        let whole = Document::parse(text)?;
        let mut reports: Vec<Report> = Vec::new();
        for (at, (original, settled)) in found.iter().zip(&settled).enumerate() {
            // What was carried before has moved what is carried now, or is not there any more.
            let now = parts(&after, known)?;
            let part = (at + now.len()).checked_sub(found.len()).and_then(|at| now.get(at));
            let Some(part) = part else { bail!("`{name}`: what was carried cannot be read again") };
            if at > 0 && !is_same_release(&found[at - 1], original) {
                *said = Map::new();
            }
            let around = Around { before: &original.origin.around, said, release };
            let (inner, mut report) = self.part(name, part, around, settled, &to)?;
            if inner != *part.inset.text {
                let Some(outer) = part.inset.put_back(&after, &inner) else {
                    let (line, _) = whole.position(original.inset.outer(&whole, Span::default()).start);
                    bail!(
                        "{name}:{line}: found values as parameters or in quotes: expected a map, or a block of text (`|`)"
                    );
                };
                after = outer;
            }
            for fate in &mut report.migrated.fates {
                fate.line = line(original, &whole, &fate.path);
            }
            for need in &report.migrated.needs {
                drop(said.insert_at(&need.path, Value::from(true)));
            }
            for pin in &report.pins {
                // What stands in the way is said already.
                drop(said.insert_at(&pin.path, pin.value.clone()));
            }
            reports.push(report);
        }
        Ok(Done {
            breaks: reports.iter().any(|report| !report.breaks.is_empty()),
            loses: reports.iter().any(|report| report.migrated.loses()),
            backwards: settled.iter().any(|settled| to.version() < settled.chart.version()),
            changed: Changed { file: file.clone(), before: text.clone(), after },
            name: name.clone(),
            reports,
        })
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
    fn part(
        &self,
        name: &str,
        part: &Part,
        around: Around,
        settled: &Settled,
        to: &Chart,
    ) -> anyhow::Result<(String, Report)> {
        let written = part.values();
        let source = Source {
            document: &part.document,
            at: &part.origin.at,
            written: &written,
            around: around.before,
            read_by_parent: &part.origin.read_by_parent,
            helm: part.origin.helm,
        };
        let migrated = migrate::migrate(source, &settled.chart, to, self.what.keep_unused);
        let mut around_after = migrated.around.clone();
        merge::overlay(&mut around_after.under, around.said.clone());
        let mut text = migrated.text.clone();
        let mut after = read_back(&text, part)?;
        let side = |written: &Map, around: &Layers, chart: &Chart| Side {
            around: around.clone(),
            read_by_parent: part.origin.read_by_parent.clone(),
            ..Side::new(written.clone(), chart.clone())
        };
        let compare = |after: &Map| {
            let (old, new) = (side(&written, around.before, &settled.chart), side(after, &around_after, to));
            diff::diff(&old, &new, Ground { helm: self.what.helm, raw: false })
        };
        let mut compared = compare(&after);
        let (mut pins, mut given_up) = (Vec::new(), Vec::new());
        // Values that reach no chart keep no default.
        let is_told = around.release.is_told && !part.origin.is_dropped;
        if self.what.keep_behaviour && !part.origin.is_dropped {
            let kept = self.kept(&compared, &after, &around_after, &settled.chart, to, &compare);
            (pins, given_up) = (kept.pins, kept.given_up);
            text = migrate::pin(&text, &part.origin.at, &pins, &settled.chart)
                .map_err(|why| anyhow!("`{name}`: the old defaults cannot be said: {why}"))?;
            after = read_back(&text, part)?;
            compared = compare(&after);
        }
        let named = |said: &Option<String>, told: &Option<String>| said.clone().or_else(|| told.clone());
        let (release, namespace) =
            (named(&self.what.release, &part.origin.release), named(&self.what.namespace, &part.origin.namespace));
        let after = Effective::new(after, around_after, to);
        let plan = match settled.chart.version() == to.version() || !is_told {
            true => Plan::default(),
            false => {
                let before = Effective::new(written.clone(), around.before.clone(), &settled.chart);
                let Written { files, command } = around.release.written;
                let place = Place {
                    release: release.as_deref().unwrap_or(RELEASE),
                    namespace: namespace.as_deref().unwrap_or(NAMESPACE),
                    files: &files.iter().map(String::as_str).collect::<Vec<_>>(),
                    write: command.as_ref(),
                    chart_name: &chart_name(part),
                    has_release: part.origin.delivery != Delivery::ArgoCd,
                    is_alone: is_whole(part),
                };
                migrate::operations(&before, &after, place)
            }
        };
        let limits = match is_told {
            true => limits(&compared, &after),
            false => Vec::new(),
        };
        let missing = match settled.chart.version() == to.version() || !is_told {
            true => Vec::new(),
            false => after.dangling(),
        };
        let report = Report {
            name: name.to_owned(),
            at: part.origin.at.clone(),
            by: settled.told.by.briefly(),
            of_release: is_told,
            plan,
            breaks: migrate::breaks(&after),
            migrated,
            limits,
            missing,
            pins,
            given_up,
            compared,
        };
        Ok((text, report))
    }

    /// The old defaults that can be said on the newer side; `compare` compares what would be there with what was.
    fn kept(
        &self,
        compared: &Diff,
        after: &Map,
        around: &Layers,
        from: &Chart,
        to: &Chart,
        compare: &dyn Fn(&Map) -> Diff,
    ) -> Kept {
        let kept = migrate::keep(after, around, wanted_pins(compared, from, to), to);
        let mut values = after.clone();
        for pin in &kept.pins {
            // What stands in the way is said already.
            drop(values.insert_at(&pin.path, pin.value.clone()));
        }
        // A preset that is called as before and has other sizes.
        let compared = compare(&values);
        let [old, new] = taken(&compared);
        let sizes = migrate::kept_sizes(old, new, &Effective::new(values.clone(), around.clone(), to));
        match sizes.is_empty() {
            true => kept,
            false => migrate::keep(after, around, kept.pins.into_iter().chain(sizes).collect(), to),
        }
    }
}

/// What other values of the same release say.
#[derive(Clone, Copy)]
struct Around<'a> {
    /// Before they are carried.
    before: &'a Layers,
    /// Old defaults that are said there now.
    said: &'a Map,
    release: Release<'a>,
}

/// Whose values they are.
#[derive(Clone, Copy)]
struct Release<'a> {
    written: &'a Written,
    /// Whether what is of the release as a whole is told with these values.
    is_told: bool,
}

/// Whether a text is the values of one release and nothing else.
fn is_whole(part: &Part) -> bool {
    !part.inset.is_part() && part.origin.at.is_root()
}

/// Whether two places that follow each other hold values of one release.
fn is_same_release(one: &Part, next: &Part) -> bool {
    let told = |part: &Part| (part.origin.release.clone(), part.origin.namespace.clone());
    !next.origin.around.is_empty() && told(one) == told(next)
}

/// The line of a setting in the whole text.
fn line(part: &Part, whole: &Document, path: &Path) -> Option<usize> {
    Some(part.line(whole, part.document.find(&part.origin.at.join(path))?))
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
    Ok(Document::parse(text)?.values_at(&part.origin.at, part.origin.helm))
}

/// What the chart is called where the values are: in those of a chart around by its key.
fn chart_name(part: &Part) -> String {
    match part.origin.within.last() {
        Some(Segment::Key(key)) => key.clone(),
        _ => "redis".to_owned(),
    }
}

/// The limits that are new or lower on the newer side.
fn limits(compared: &Diff, after: &Effective) -> Vec<Limit> {
    let [old, new] = taken(compared);
    migrate::limits(old, new, after)
}

fn taken(compared: &Diff) -> [Taken<'_>; 2] {
    [&compared.old, &compared.new].map(|side| Taken { chart: &side.chart, values: &side.values })
}

/// What has to be said so that the newer chart does what the older did; images are left to the chart.
fn wanted_pins(compared: &Diff, from: &Chart, to: &Chart) -> Vec<Pin> {
    let images = to.images();
    let is_image = |path: &Path| {
        let text = path.to_string();
        images.iter().any(|image| text.strip_prefix(&image.path).is_some_and(|rest| rest.starts_with('.')))
    };
    let of_chart = compared.live().filter(|change| change.maker == Maker::Chart && !is_image(&change.new.path));
    of_chart.filter_map(|change| wanted_pin(change, compared.new.topology, from, to)).collect()
}

fn wanted_pin(change: &Change, topology: Topology, from: &Chart, to: &Chart) -> Option<Pin> {
    let path = change.new.path.clone();
    // A key that is gone cannot be said.
    let now = change.new.value.as_ref()?;
    let first = || Some((path.clone(), first_default(&path.to_string(), from, to)?));
    let (path, value) = match &change.old.value {
        Some(old) => (path, old.clone()),
        None => first().or_else(|| new_default(&path, now, topology, from.version())?.before)?,
    };
    let value = to.said(&path.to_string(), value);
    Some(Pin { path, value })
}
