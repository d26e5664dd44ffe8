//! Two texts, the values in them put side by side, and each pair compared.

use std::{cell::LazyCell, collections::HashMap};

use anyhow::{Context, bail};

use crate::{
    chart::Chart,
    diff::{self, Diff, Ground, Side},
    effective::Refusal,
    encryption,
    report::diff::{End, Pair},
    source::{self, Charts, Content, Known, Part, Settled, Told},
    yaml::{Document, Map, Path, Value, merge},
};

/// A text as it was read, and what is known of it.
pub(in crate::commands) struct Text {
    /// How it is called in a report.
    pub name: String,
    pub text: String,
    pub known: Known,
    /// Whether a reader has it, so that its lines can be told.
    pub at_hand: bool,
}

/// A text with the values in it.
pub(in crate::commands) struct Held {
    pub name: String,
    pub text: String,
    known: Known,
    at_hand: bool,
    whole: Document,
    parts: Vec<Part>,
    /// Nothing stands where the caller looks: the file is taken as a flat one.
    pub is_flat: bool,
    /// The name of the release, where somebody else than the text knows it.
    pub release: Option<(String, Option<String>)>,
}

/// The values of one release.
pub(in crate::commands) struct Release {
    pub release: Option<String>,
    pub namespace: Option<String>,
    pub chart: Chart,
    pub values: Map,
    /// What stands above and below them in a chart around.
    pub around: merge::Layers,
}

/// Values of one release on both sides, compared.
pub(super) struct Compared<'a> {
    old: Seat<'a>,
    new: Seat<'a>,
    pub diff: Diff,
}

/// One of both.
struct Seat<'a> {
    held: &'a Held,
    /// From the one that counts least to the one that counts most; empty where only the other side has such values.
    parts: Vec<&'a Part>,
    name: String,
    by: &'static str,
}

impl Held {
    /// # Errors
    ///
    /// When the text is no YAML that Helm reads, or holds no values of the chart.
    pub fn read(text: Text) -> anyhow::Result<Self> {
        let Text { name, text, known, at_hand } = text;
        if let Some(tool) = encryption::of_file(&text) {
            bail!("`{name}`: the file is encrypted by {tool}, and nothing in it can be compared: decrypt it first");
        }
        let mut content = source::read(&text, &known).with_context(|| format!("`{name}`"))?;
        let is_flat = matches!(content, Content::Foreign(_)) && known.at.is_some();
        if is_flat {
            // Of a wrapped and a flat file only one has something there.
            let flat = source::read(&text, &Known { at: None, ..known.clone() });
            content = flat.with_context(|| format!("`{name}`"))?;
        }
        let parts = match content {
            Content::Values(parts) => parts,
            Content::Foreign(what) => {
                bail!(
                    "`{name}`: {what}; `--chart-version` says that these are values of the chart, `--at` where they stand"
                )
            }
            Content::Template { kind, at } => {
                bail!("`{name}:{}:{}`: found {kind}: expected plain YAML; render it first", at.line, at.column)
            }
        };
        let whole = Document::parse(&text).with_context(|| format!("`{name}`"))?;
        Ok(Self { name, text, known, at_hand, whole, parts, is_flat, release: None })
    }

    /// Lets somebody say the chart version of all its values, before what the text says.
    pub fn tell(&mut self, told: &Told) {
        for part in &mut self.parts {
            part.told.insert(0, told.clone());
        }
    }

    /// The values of each release, which may stand in several places.
    fn releases(&self) -> Vec<Vec<&Part>> {
        let mut releases: Vec<Vec<&Part>> = Vec::new();
        // Values that reach no chart change nothing; alone they are all that there is to compare.
        let all_dropped = self.parts.iter().all(|part| part.origin.is_dropped);
        for part in self.parts.iter().filter(|part| all_dropped || !part.origin.is_dropped) {
            let same = |other: &&mut Vec<&Part>| {
                part.origin.together.is_some() && other[0].origin.together == part.origin.together
            };
            match releases.iter_mut().find(same) {
                Some(release) => release.push(part),
                None => releases.push(vec![part]),
            }
        }
        releases
    }

    /// For which chart the values of each release are, and all that is written for it.
    pub fn settled(&self, charts: &Charts) -> Result<Vec<Settled>, String> {
        let told = |why| format!("`{}`: {why}", self.name);
        let of_release = |release: Vec<&Part>| {
            let mut settled = source::settle(release[0], &self.known, charts).map_err(told)?;
            for part in &release[1..] {
                merge::overlay(&mut settled.values, part.values());
            }
            Ok(settled)
        };
        self.releases().into_iter().map(of_release).collect()
    }

    /// The values of each release, with its chart.
    pub fn settled_releases(&self, charts: &Charts) -> Result<Vec<Release>, String> {
        let settled = self.settled(charts)?;
        let of_release = |(parts, settled): (Vec<&Part>, Settled)| {
            let side = side(&parts, &settled);
            let origin = parts.first().map(|part| &part.origin);
            Release {
                release: origin.and_then(|origin| origin.release.clone()),
                namespace: origin.and_then(|origin| origin.namespace.clone()),
                chart: settled.chart,
                values: side.written,
                around: side.around,
            }
        };
        Ok(self.releases().into_iter().zip(settled).map(of_release).collect())
    }

    /// What the values of one release are called.
    fn called(&self, parts: &[&Part]) -> String {
        let Some(part) = parts.first() else { return self.name.clone() };
        let at = match (&part.origin.release, part.origin.at.is_root()) {
            (Some(release), _) if self.releases().len() > 1 => format!(" (release {release})"),
            (_, false) if parts.len() == 1 => format!(" (at {})", part.origin.at),
            _ => String::new(),
        };
        format!("{}{at}", self.name)
    }

    /// The lines of all that is written in a part. Of a key that stands twice it is the one that counts.
    fn lines(&self, part: &Part) -> HashMap<Path, usize> {
        let Some(top) = part.document.find(&part.origin.at) else { return HashMap::new() };
        let mut lines = HashMap::new();
        part.document.walk(top.value, |path, found| {
            lines.insert(path.clone(), part.line(&self.whole, found));
        });
        lines
    }

    /// The line of what an alias or a merge key brings to a path.
    fn line(&self, part: &Part, path: &Path) -> Option<usize> {
        Some(part.line(&self.whole, part.document.find(&part.origin.at.join(path))?))
    }
}

/// Puts side by side what belongs together: first by release and place, then by release, then by order.
fn pairs(old: &[Vec<&Part>], new: &[Vec<&Part>]) -> Vec<(Option<usize>, Option<usize>)> {
    let release = |parts: &[&Part]| (parts[0].origin.release.clone(), parts[0].origin.namespace.clone());
    let place = |parts: &[&Part]| (release(parts), parts[0].origin.at.to_string());
    let mut left: Vec<usize> = (0..new.len()).collect();
    let mut pairs: Vec<(Option<usize>, Option<usize>)> = (0..old.len()).map(|at| (Some(at), None)).collect();
    let is_same: [&dyn Fn(usize, usize) -> bool; 3] = [
        &|at, other| place(&old[at]) == place(&new[other]),
        &|at, other| old[at][0].origin.release.is_some() && release(&old[at]) == release(&new[other]),
        &|_, _| true,
    ];
    for is_same in is_same {
        for (at, found) in pairs.iter_mut().filter(|(_, other)| other.is_none()) {
            let same = left.iter().position(|other| at.is_some_and(|at| is_same(at, *other)));
            *found = same.map(|same| left.remove(same));
        }
    }
    pairs.extend(left.into_iter().map(|other| (None, Some(other))));
    pairs
}

/// Compares all values of two texts.
///
/// # Errors
///
/// When there is no chart of the version that some of them are for.
pub(super) fn compare<'a>(
    old: &'a Held,
    new: &'a Held,
    ground: Ground,
    charts: &Charts,
) -> Result<Vec<Compared<'a>>, String> {
    let (of_old, of_new) = (old.settled(charts)?, new.settled(charts)?);
    let (releases_of_old, releases_of_new) = (old.releases(), new.releases());
    let mut found = Vec::new();
    for (a, b) in pairs(&releases_of_old, &releases_of_new) {
        let settled = |at: Option<usize>, all: &[Settled]| at.and_then(|at| all.get(at).cloned());
        let (mut a_settled, mut b_settled) = match (settled(a, &of_old), settled(b, &of_new)) {
            (Some(a), Some(b)) => (a, b),
            // What is on one side alone is held against nothing, for the same chart.
            (Some(a), None) => (a.clone(), Settled { values: Map::new(), ..a }),
            (None, Some(b)) => (Settled { values: Map::new(), ..b.clone() }, b),
            (None, None) => continue,
        };
        source::agree(&mut a_settled, &mut b_settled, charts)?;
        let parts = |at: Option<usize>, all: &[Vec<&'a Part>]| at.map(|at| all[at].clone()).unwrap_or_default();
        let (a_parts, b_parts) = (parts(a, &releases_of_old), parts(b, &releases_of_new));
        let mut diff = diff::diff(&side(&a_parts, &a_settled), &side(&b_parts, &b_settled), ground);
        if !ground.raw {
            diff.old.refusals.extend(no_mapping(&a_parts));
            diff.new.refusals.extend(no_mapping(&b_parts));
        }
        let seat = |held: &'a Held, parts: Vec<&'a Part>, settled: &Settled| Seat {
            held,
            name: held.called(&parts),
            parts,
            by: settled.told.by.briefly(),
        };
        found.push(Compared { old: seat(old, a_parts, &a_settled), new: seat(new, b_parts, &b_settled), diff });
    }
    Ok(found)
}

fn side(parts: &[&Part], settled: &Settled) -> Side {
    let mut side = Side::new(settled.values.clone(), settled.chart.clone());
    if let Some(part) = parts.first() {
        side.read_by_parent = part.origin.read_by_parent.clone();
        // What stands together is in the values already.
        if part.origin.together.is_none() {
            side.around = part.origin.around.clone();
        }
    }
    // The block that SOPS adds is written anew with each change, and read by nobody else.
    if side.written.get("sops").is_some_and(encryption::is_sops) {
        side.written.remove("sops");
    }
    side
}

/// Helm refuses the values of a dependency that are no mapping.
fn no_mapping(parts: &[&Part]) -> Option<Refusal> {
    parts.iter().find_map(|part| {
        let at = &part.origin.at;
        let found = part.document.find(at).filter(|_| !at.is_root())?;
        match part.document.value(found.value).ok()? {
            Value::Map(_) => None,
            value => Some(Refusal::NoMapping { at: at.clone(), kind: value.kind() }),
        }
    })
}

type Line<'a> = Box<dyn Fn(&Path) -> Option<usize> + 'a>;

impl Compared<'_> {
    /// Where paths stand, on either side.
    pub fn lines(&self) -> (Line<'_>, Line<'_>) {
        (self.old.lines(), self.new.lines())
    }

    /// As a report takes it.
    pub fn pair<'p>(&'p self, old: &'p Line<'p>, new: &'p Line<'p>) -> Pair<'p> {
        let parts = [&self.new.parts, &self.old.parts];
        let release = parts.iter().find_map(|parts| parts.first()?.origin.release.as_deref());
        let namespace = parts.iter().find_map(|parts| parts.first()?.origin.namespace.as_deref());
        let told = self.old.held.release.as_ref();
        Pair {
            old: self.old.end(old),
            new: self.new.end(new),
            diff: &self.diff,
            release: told.map(|(release, _)| release.as_str()).or(release),
            namespace: told.and_then(|(_, namespace)| namespace.as_deref()).or(namespace),
        }
    }
}

impl Seat<'_> {
    fn lines(&self) -> Line<'_> {
        if self.parts.is_empty() || !self.held.at_hand {
            return Box::new(|_| None);
        }
        // Once for all of them: to look for each in a map of thousands takes long.
        let lines = LazyCell::new(|| {
            // Of several places the last one counts.
            let parts = self.parts.iter().rev();
            parts.map(|part| (*part, self.held.lines(part))).collect::<Vec<_>>()
        });
        Box::new(move |path| {
            lines.iter().find_map(|(part, lines)| {
                let is_merged = path.parent().is_some_and(|above| lines.contains_key(&above.key("<<")));
                let line = lines.get(path).copied().filter(|_| !is_merged);
                line.or_else(|| self.held.line(part, path))
            })
        })
    }

    fn end<'e>(&'e self, line: &'e Line<'e>) -> End<'e> {
        End { name: &self.name, by: self.by, text: &self.held.text, line: &**line }
    }
}
