//! Access to the packed catalogue: finds rows by name and version, and decodes only the requested rows.

use std::{cmp::Ordering, ops::Range, sync::LazyLock};

use semver::Version;
use serde::Deserialize;

use super::pack::{Entry, FREE, KubernetesRow, OPEN_END, RdbRow, SECTIONS, Section, VersionRow, slot};
use crate::lazy::LazyFacts;

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalogue.bin"));

/// Sorted list of all names: key paths, settings and image keys. Tables refer to a name by its position.
pub(super) fn names() -> List {
    static NAMES: LazyLock<List> = LazyLock::new(|| List::open(section(Section::Names)));
    *NAMES
}

pub(super) fn table(of: Section) -> Table {
    Table::open(section(of))
}

/// Number of embedded versions.
pub(super) fn version_count() -> u16 {
    List::open(section(Section::Versions)).len() as u16
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
    let rows = List::open(section(Section::Rdb));
    (0..rows.len()).map(move |at| decode(rows.get(at)))
}

/// Kubernetes version that is assumed if the user names none.
pub(super) fn kubernetes_row() -> KubernetesRow {
    decode(List::open(section(Section::Kubernetes)).get(0))
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
    List::open(section(Section::Versions)).get(usize::from(at))
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
pub(super) struct List {
    /// Where each record begins, and where the last one ends.
    offsets: &'static [u8],
    records: &'static [u8],
}

impl List {
    fn open(bytes: &'static [u8]) -> Self {
        let (offsets, records) = bytes[4..].split_at((number(bytes, 0) + 1) * 4);
        Self { offsets, records }
    }

    pub fn len(self) -> usize {
        self.offsets.len() / 4 - 1
    }

    pub fn get(self, at: usize) -> &'static [u8] {
        &self.records[number(self.offsets, at * 4)..number(self.offsets, at * 4 + 4)]
    }

    pub fn name(self, at: u16) -> &'static str {
        std::str::from_utf8(self.get(usize::from(at))).expect("names were packed from text")
    }

    /// Position of a name.
    pub fn position(self, name: &str) -> Option<u16> {
        static SLOTS: LazyLock<&[u8]> = LazyLock::new(|| section(Section::Slots));
        let slots = *SLOTS;
        let count = slots.len() / 2;
        let first = slot(name, count);
        // The number of slots is a power of two. Half of them are free, and the search for a missing name ends at the
        // first free one.
        let all = (first..first + count).map(|at| short(slots, (at & (count - 1)) * 2));
        let mut tried = all.take_while(|at| *at != FREE);
        tried.find(|at| self.get(usize::from(*at)) == name.as_bytes())
    }

    /// The range with the position of a name alone; empty for a text that is no name.
    pub fn named(self, name: &str) -> Range<u16> {
        self.position(name).map_or(0..0, |at| at..at + 1)
    }

    /// The range of all names.
    pub fn all(self) -> Range<u16> {
        0..self.len() as u16
    }

    /// Positions of all names that start with `prefix`.
    pub fn with_prefix(self, prefix: &str) -> Range<u16> {
        self.with_parts(prefix, None)
    }

    /// Positions of all names that start with `path` and this mark: `.` for the keys below a path.
    pub fn below(self, path: &str, mark: u8) -> Range<u16> {
        self.with_parts(path, Some(mark))
    }

    /// Positions of all names that start with `prefix` and `mark`.
    fn with_parts(self, prefix: &str, mark: Option<u8>) -> Range<u16> {
        let prefix = prefix.as_bytes();
        // The order of the beginning of a name and the prefix with the mark.
        let order = |name: &[u8]| {
            let beginning = &name[..name.len().min(prefix.len())];
            beginning.cmp(prefix).then_with(|| match mark {
                Some(mark) => name.get(prefix.len()).cmp(&Some(&mark)),
                None => Ordering::Equal,
            })
        };
        let start = partition(self.len(), |at| order(self.get(at)).is_lt());
        let end = partition(self.len(), |at| order(self.get(at)).is_le());
        start as u16..end as u16
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
        self.positions(names).map(move |at| self.entry(at))
    }

    /// The positions of the entries of a range of names.
    fn positions(self, names: Range<u16>) -> Range<usize> {
        let start = |name: u16| usize::from(short(self.starts, usize::from(name) * 2));
        start(names.start)..start(names.end)
    }

    /// The entries of one name.
    pub fn named(self, name: &str) -> impl DoubleEndedIterator<Item = Entry> {
        self.of(names().named(name))
    }
}

/// The rows of a table as the crate uses them, each made from its packed form when it is first asked for and kept for
/// the process.
pub(super) struct Decoded<T> {
    table: Table,
    read: fn(Entry, Table) -> T,
    rows: LazyFacts<T>,
}

impl<T> Decoded<T> {
    pub fn new(section: Section, read: fn(Entry, Table) -> T) -> Self {
        let table = table(section);
        Self { table, read, rows: LazyFacts::new(table.len()) }
    }

    /// The rows of a range of names in one version.
    pub fn holding(&self, names: Range<u16>, version: u16) -> impl Iterator<Item = &T> {
        let entries = self.table.positions(names).map(|at| (at, self.table.entry(at)));
        entries.filter(move |(_, entry)| entry.holds(version)).map(|(at, entry)| self.row(at, entry))
    }

    /// The positions of the rows of one version by the positions of their names, for many lookups. Each name has one row
    /// in a version at most.
    pub fn rows_of(&self, version: u16) -> RowsOfVersion {
        let mut rows = vec![NO_ROW; names().len()];
        for (at, entry) in self.table.entries().enumerate().filter(|(_, entry)| entry.holds(version)) {
            rows[usize::from(entry.name)] = at as u16;
        }
        RowsOfVersion(rows.into())
    }

    /// The row of a name in the version of `rows`.
    pub fn row_of(&self, name: u16, rows: &RowsOfVersion) -> Option<&T> {
        let at = usize::from(*rows.0.get(usize::from(name)).filter(|at| **at != NO_ROW)?);
        Some(self.row(at, self.table.entry(at)))
    }

    /// The rows of a range of names, with their entries.
    pub fn of(&self, names: Range<u16>) -> impl Iterator<Item = (Entry, &T)> {
        self.table.positions(names).map(|at| {
            let entry = self.table.entry(at);
            (entry, self.row(at, entry))
        })
    }

    fn row(&self, at: usize, entry: Entry) -> &T {
        self.rows.get(at, || (self.read)(entry, self.table))
    }
}

/// The row of each name in one version, see [`Decoded::rows_of`].
#[derive(Debug)]
pub(super) struct RowsOfVersion(Box<[u16]>);

/// No table has that many rows: tables refer to their rows with 16 bits.
const NO_ROW: u16 = u16::MAX;

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
    bytes[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize)
}

fn short(bytes: &[u8], at: usize) -> u16 {
    bytes[at..].first_chunk().map_or(0, |bytes| u16::from_le_bytes(*bytes))
}

fn decode<T: Deserialize<'static>>(bytes: &'static [u8]) -> T {
    postcard::take_from_bytes(bytes).map(|(row, _)| row).expect("rows were packed by the same build")
}
