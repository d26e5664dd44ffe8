//! Two texts, the values in them put side by side, and each pair compared.

use std::{cell::LazyCell, collections::HashMap};

use anyhow::{Context, bail};

use crate::{
    diff::{self, Diff, Ground, Side},
    encryption,
    report::diff::{End, Pair},
    source::{self, Charts, Content, Known, Part, Settled, Told},
    yaml::{Document, Map, Path},
};

/// A text as it was read, and what is known of it.
pub(super) struct Text {
    /// How it is called in a report.
    pub name: String,
    pub text: String,
    pub known: Known,
    /// Whether a reader has it, so that its lines can be told.
    pub at_hand: bool,
}

/// A text with the values in it.
pub(super) struct Held {
    pub name: String,
    pub text: String,
    known: Known,
    at_hand: bool,
    whole: Document,
    parts: Vec<Part>,
    /// Nothing stands where the caller looks: the file is taken as a flat one.
    pub is_flat: bool,
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
    /// None where only the other side has such values.
    part: Option<&'a Part>,
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
        Ok(Self { name, text, known, at_hand, whole, parts, is_flat })
    }

    /// Lets somebody say the chart version of all its values, before what the text says.
    pub fn tell(&mut self, told: &Told) {
        for part in &mut self.parts {
            part.told.insert(0, told.clone());
        }
    }

    /// For which chart each of its values are.
    pub fn settled(&self, charts: &Charts) -> Result<Vec<Settled>, String> {
        let told = |why| format!("`{}`: {why}", self.name);
        self.parts.iter().map(|part| source::settle(part, &self.known, charts).map_err(told)).collect()
    }

    /// What one of its values is called.
    fn called(&self, part: Option<&Part>) -> String {
        let Some(part) = part else { return self.name.clone() };
        let at = match (&part.origin.release, part.origin.at.is_root()) {
            (Some(release), _) if self.parts.len() > 1 => format!(" (release {release})"),
            (_, false) => format!(" (at {})", part.origin.at),
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

/// Puts side by side what belongs together: first by release and place, then by order.
fn pairs<'a>(old: &'a Held, new: &'a Held) -> Vec<(Option<usize>, Option<usize>)> {
    let name = |part: &Part| (part.origin.release.clone(), part.origin.namespace.clone(), part.origin.at.to_string());
    let mut left: Vec<usize> = (0..new.parts.len()).collect();
    let mut pairs: Vec<(Option<usize>, Option<usize>)> = Vec::new();
    for (at, part) in old.parts.iter().enumerate() {
        let same = left.iter().position(|other| name(&new.parts[*other]) == name(part));
        pairs.push((Some(at), same.map(|same| left.remove(same))));
    }
    for (_, other) in pairs.iter_mut().filter(|(_, other)| other.is_none()) {
        if !left.is_empty() {
            *other = Some(left.remove(0));
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
    let mut found = Vec::new();
    for (a, b) in pairs(old, new) {
        let settled = |at: Option<usize>, all: &[Settled]| at.and_then(|at| all.get(at).cloned());
        let (mut a_settled, mut b_settled) = match (settled(a, &of_old), settled(b, &of_new)) {
            (Some(a), Some(b)) => (a, b),
            // What is on one side alone is held against nothing, for the same chart.
            (Some(a), None) => (a.clone(), Settled { values: Map::new(), ..a }),
            (None, Some(b)) => (Settled { values: Map::new(), ..b.clone() }, b),
            (None, None) => continue,
        };
        source::agree(&mut a_settled, &mut b_settled, charts)?;
        let (a_part, b_part) = (a.map(|at| &old.parts[at]), b.map(|at| &new.parts[at]));
        let diff = diff::diff(&side(a_part, &a_settled), &side(b_part, &b_settled), ground);
        let seat = |held: &'a Held, part: Option<&'a Part>, settled: &Settled| Seat {
            held,
            part,
            name: held.called(part),
            by: settled.told.by.briefly(),
        };
        found.push(Compared { old: seat(old, a_part, &a_settled), new: seat(new, b_part, &b_settled), diff });
    }
    Ok(found)
}

fn side(part: Option<&Part>, settled: &Settled) -> Side {
    let mut side = Side::new(settled.values.clone(), settled.chart.clone());
    if let Some(part) = part {
        side.around = part.origin.around.clone();
        side.read_by_parent = part.origin.read_by_parent.clone();
    }
    // The block that SOPS adds is written anew with each change, and read by nobody else.
    if side.written.get("sops").is_some_and(encryption::is_sops) {
        side.written.remove("sops");
    }
    side
}

type Line<'a> = Box<dyn Fn(&Path) -> Option<usize> + 'a>;

impl Compared<'_> {
    /// Where paths stand, on either side.
    pub fn lines(&self) -> (Line<'_>, Line<'_>) {
        (self.old.lines(), self.new.lines())
    }

    /// As a report takes it.
    pub fn pair<'p>(&'p self, old: &'p Line<'p>, new: &'p Line<'p>) -> Pair<'p> {
        Pair { old: self.old.end(old), new: self.new.end(new), diff: &self.diff }
    }
}

impl Seat<'_> {
    fn lines(&self) -> Line<'_> {
        match self.part.filter(|_| self.held.at_hand) {
            Some(part) => {
                // Once for all of them: to look for each in a map of thousands takes long.
                let lines = LazyCell::new(|| self.held.lines(part));
                Box::new(move |path| {
                    let is_merged = path.parent().is_some_and(|above| lines.contains_key(&above.key("<<")));
                    let line = lines.get(path).copied().filter(|_| !is_merged);
                    line.or_else(|| self.held.line(part, path))
                })
            }
            None => Box::new(|_| None),
        }
    }

    fn end<'e>(&'e self, line: &'e Line<'e>) -> End<'e> {
        End { name: &self.name, by: self.by, text: &self.held.text, line: &**line }
    }
}
