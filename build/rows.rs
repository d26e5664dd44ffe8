//! Rows of tab-separated tables, and checks that apply to every table.

use std::{collections::BTreeMap, ops::Range};

use super::pack;
pub use super::table::{BadRow as Bad, Row, checked as read};

impl Row<'_> {
    /// Parses the kebab-case name of a variant of an enum of [`pack`].
    pub fn named<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, Bad> {
        serde_json::from_value(name.into()).map_err(|e| self.bad(e.to_string()))
    }

    pub fn topologies(&self, letters: &str) -> Result<u8, Bad> {
        pack::topologies(letters).map_err(|message| self.bad(message))
    }
}

/// Known versions, each with its position in the order of versions.
pub struct Versions<'a>(pub BTreeMap<&'a str, u16>);

impl Versions<'_> {
    /// Positions from `since` up to and excluding `until`. `-` is an open end.
    pub fn interval(&self, row: &Row<'_>, since: &str, until: &str) -> Result<Range<u16>, Bad> {
        let since_at = self.position(row, since)?;
        let until_at = if until == "-" { pack::OPEN_END } else { self.position(row, until)? };
        if since_at >= until_at {
            return Err(row.bad(format!("`{until}` does not come after `{since}`")));
        }
        Ok(since_at..until_at)
    }

    pub fn position(&self, row: &Row<'_>, version: &str) -> Result<u16, Bad> {
        self.0.get(version).copied().ok_or_else(|| row.bad(format!("`{version}` is not a published version")))
    }
}

/// Check that the rows of a file are sorted by the keys given to `push`, without duplicates.
#[derive(Default)]
pub struct Sorted<K>(Option<K>);

impl<K: Ord> Sorted<K> {
    pub fn push(&mut self, row: &Row<'_>, key: K) -> Result<(), Bad> {
        if self.0.as_ref().is_some_and(|last| *last >= key) {
            return Err(row.bad("the rows are not sorted, or this one is there twice"));
        }
        self.0 = Some(key);
        Ok(())
    }
}

/// Versions that the rows of each key cover, for the comparison of two tables.
pub struct Covered<K>(BTreeMap<K, Vec<Range<u16>>>);

impl<K> Default for Covered<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Copy> Covered<K> {
    /// Adds an interval. The intervals of one key must be in ascending order.
    pub fn push(&mut self, of: K, interval: &Range<u16>) {
        let known = self.0.entry(of).or_default();
        match known.last_mut() {
            Some(last) if last.end == interval.start => last.end = interval.end,
            _ => known.push(interval.clone()),
        }
    }

    /// First key whose versions differ between the two tables.
    pub fn first_difference(&self, other: &Self) -> Option<K> {
        let differs = |of: &&K| self.0.get(of) != other.0.get(of);
        self.0.keys().chain(other.0.keys()).filter(differs).min().copied()
    }
}

/// Check that no two rows of the same key overlap in their versions.
#[derive(Default)]
pub struct Disjoint<K>(BTreeMap<K, Vec<(Range<u16>, usize)>>);

impl<K: Ord> Disjoint<K> {
    pub fn push(&mut self, row: &Row<'_>, of: K, interval: &Range<u16>) -> Result<(), Bad> {
        let known = self.0.entry(of).or_default();
        let overlap = known.iter().find(|(other, _)| other.start < interval.end && interval.start < other.end);
        if let Some((_, line)) = overlap {
            return Err(row.bad(format!("its versions overlap those of line {line}")));
        }
        known.push((interval.clone(), row.line));
        Ok(())
    }
}
