//! Access to the packed catalogue: finds rows by name and version, and decodes only the requested rows.

use std::ops::Range;

use semver::Version;
use serde::Deserialize;

use super::pack::{Entry, FREE, KubernetesRow, OPEN_END, RdbRow, SECTIONS, Section, VersionRow, slot};

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalogue.bin"));

/// Sorted list of all names: key paths, settings and image keys. Tables refer to a name by its position.
pub(super) fn names() -> List {
    List(section(Section::Names))
}

pub(super) fn table(of: Section) -> Table {
    Table::open(section(of))
}

/// Number of embedded versions.
pub(super) fn version_count() -> u16 {
    List(section(Section::Versions)).len() as u16
}

/// Row of the version at a position in the ascending list of versions.
pub(super) fn version_row(at: u16) -> VersionRow<'static> {
    decode(packed_version(at))
}

pub(super) fn version(at: u16) -> Version {
    // The number is a prefix of the row. A search for a version therefore does not decode the texts after it.
    let (major, minor, patch): (u16, u16, u16) = decode(packed_version(at));
    Version::new(major.into(), minor.into(), patch.into())
}

/// Redis versions from which a new snapshot format applies, ascending.
pub(super) fn rdb_rows() -> impl DoubleEndedIterator<Item = RdbRow> {
    let rows = List(section(Section::Rdb));
    (0..rows.len()).map(move |at| decode(rows.get(at)))
}

/// Kubernetes version that is assumed if the user names none.
pub(super) fn kubernetes_row() -> KubernetesRow {
    decode(List(section(Section::Kubernetes)).get(0))
}

/// Merges the version intervals of rows of one name. Each interval has its first version, and the first version after
/// it.
///
/// The intervals are ascending. Adjacent and overlapping intervals are merged.
pub(super) fn life(rows: impl Iterator<Item = Entry>) -> Vec<(Version, Option<Version>)> {
    let mut life: Vec<(u16, u16)> = Vec::new();
    for row in rows {
        match life.last_mut() {
            Some((_, until)) if *until >= row.since => *until = row.until.max(*until),
            _ => life.push((row.since, row.until)),
        }
    }
    let end = |until: u16| (until != OPEN_END).then(|| version(until));
    life.into_iter().map(|(since, until)| (version(since), end(until))).collect()
}

fn packed_version(at: u16) -> &'static [u8] {
    List(section(Section::Versions)).get(usize::from(at))
}

/// Position of an embedded version in the ascending list of versions.
pub(super) fn position(version: &Version) -> Option<u16> {
    let at = first_after(version, false);
    (at < version_count() && self::version(at) == *version).then_some(at)
}

/// Position of the newest embedded version that is not newer than `version`.
pub(super) fn position_at_or_before(version: &Version) -> Option<u16> {
    first_after(version, true).checked_sub(1)
}

/// First position with a version greater than `wanted`, or, if `strictly` is false, greater than or equal to
/// `wanted`.
fn first_after(wanted: &Version, strictly: bool) -> u16 {
    let positions = partition(usize::from(version_count()), |at| {
        let version = version(at as u16);
        version < *wanted || strictly && version == *wanted
    });
    positions as u16
}

fn section(section: Section) -> &'static [u8] {
    let at = section as usize;
    let start = number(PACKED, at * 4);
    let end = if at + 1 == SECTIONS { PACKED.len() } else { number(PACKED, at * 4 + 4) };
    &PACKED[start..end]
}

/// Sequence of byte records with an index of their offsets.
#[derive(Clone, Copy)]
pub(super) struct List(&'static [u8]);

impl List {
    pub fn len(self) -> usize {
        number(self.0, 0)
    }

    pub fn get(self, at: usize) -> &'static [u8] {
        let data = &self.0[4 + (self.len() + 1) * 4..];
        &data[number(self.0, 4 + at * 4)..number(self.0, 8 + at * 4)]
    }

    pub fn name(self, at: u16) -> &'static str {
        std::str::from_utf8(self.get(usize::from(at))).expect("names were packed from text")
    }

    /// Position of a name.
    pub fn position(self, name: &str) -> Option<u16> {
        let slots = section(Section::Slots);
        let count = slots.len() / 2;
        let first = slot(name, count);
        // Half of the slots are free: the search for a missing name ends at the first free slot.
        let mut tried = (first..first + count).map(|at| short(slots, at % count * 2)).take_while(|at| *at != FREE);
        tried.find(|at| self.get(usize::from(*at)) == name.as_bytes())
    }

    /// Positions of all names that start with `prefix`.
    pub fn with_prefix(self, prefix: &str) -> Range<u16> {
        let start = self.first_from(prefix);
        let end =
            partition(self.len(), |at| self.get(at) < prefix.as_bytes() || self.get(at).starts_with(prefix.as_bytes()));
        start as u16..end as u16
    }

    fn first_from(self, name: &str) -> usize {
        partition(self.len(), |at| self.get(at) < name.as_bytes())
    }
}

/// Rows with an index, sorted by name and then by first version.
#[derive(Clone, Copy)]
pub(super) struct Table {
    /// Index of the first row of each name, followed by the number of all rows.
    starts: &'static [u8],
    entries: &'static [u8],
    data: &'static [u8],
}

impl Table {
    fn open(bytes: &'static [u8]) -> Self {
        let (starts, rest) = bytes[4..].split_at((names().len() + 1) * 2);
        let (entries, data) = rest.split_at(number(bytes, 0) * Entry::WIDTH);
        Self { starts, entries, data }
    }

    pub fn len(self) -> usize {
        self.entries.len() / Entry::WIDTH
    }

    pub fn entry(self, at: usize) -> Entry {
        Entry::from_bytes(&self.entries[at * Entry::WIDTH..])
    }

    pub fn row<T: Deserialize<'static>>(self, entry: Entry) -> T {
        decode(&self.data[entry.offset as usize..])
    }

    pub fn entries(self) -> impl Iterator<Item = Entry> {
        (0..self.len()).map(move |at| self.entry(at))
    }

    /// The entries of a range of names.
    pub fn of(self, names: Range<u16>) -> impl DoubleEndedIterator<Item = Entry> {
        let start = |name: u16| usize::from(short(self.starts, usize::from(name) * 2));
        (start(names.start)..start(names.end)).map(move |at| self.entry(at))
    }

    /// The entries of one name.
    pub fn named(self, name: &str) -> impl DoubleEndedIterator<Item = Entry> {
        let names = names().position(name).map_or(0..0, |at| at..at + 1);
        self.of(names)
    }
}

/// Number of items before the first item that `holds` rejects. `holds` must reject all later items.
fn partition(len: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

fn number(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn decode<T: Deserialize<'static>>(bytes: &'static [u8]) -> T {
    postcard::take_from_bytes(bytes).map(|(row, _)| row).expect("rows were packed by the same build")
}
