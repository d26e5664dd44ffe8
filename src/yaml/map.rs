//! A map of values that is cheap to copy.

use std::{fmt, sync::Arc};

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::Value;

/// Map that keeps the order in which its keys were inserted. Two maps with the same entries are equal in any order.
///
/// A copy shares the entries until one of the two changes.
#[derive(Clone, Default)]
pub struct Map {
    /// `None` is an empty map.
    entries: Option<Arc<Entries>>,
}

/// A search of a few entries is faster without hashes, and most maps are small.
#[derive(Clone)]
enum Entries {
    Few(Vec<(String, Value)>),
    Many(IndexMap<String, Value, RandomState>),
}

/// Most entries of [`Entries::Few`].
const FEW: usize = 12;

impl Map {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn len(&self) -> usize {
        match self.entries.as_deref() {
            None => 0,
            Some(Entries::Few(entries)) => entries.len(),
            Some(Entries::Many(entries)) => entries.len(),
        }
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        match self.entries.as_deref()? {
            Entries::Few(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            Entries::Many(entries) => entries.get(key),
        }
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        if !self.contains_key(key) {
            return None;
        }
        match Arc::make_mut(self.entries.as_mut()?) {
            Entries::Few(entries) => entries.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value),
            Entries::Many(entries) => entries.get_mut(key),
        }
    }

    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets the value of `key` and returns the previous value. An existing key keeps its position; a new key is
    /// appended.
    pub fn insert(&mut self, key: impl Into<String>, value: Value) -> Option<Value> {
        let key = key.into();
        match self.entries_with_room() {
            Entries::Few(entries) => match entries.iter_mut().find(|(name, _)| *name == key) {
                Some((_, place)) => Some(std::mem::replace(place, value)),
                None => {
                    entries.push((key, value));
                    None
                }
            },
            Entries::Many(entries) => entries.insert(key, value),
        }
    }

    /// The value of `key`, which is set to null if the map has none.
    pub(super) fn value_or_null(&mut self, key: &str) -> &mut Value {
        match self.entries_with_room() {
            Entries::Few(entries) => {
                let at = entries.iter().position(|(name, _)| name == key).unwrap_or_else(|| {
                    entries.push((key.to_owned(), Value::Null));
                    entries.len() - 1
                });
                &mut entries[at].1
            }
            Entries::Many(entries) => entries.entry(key.to_owned()).or_insert(Value::Null),
        }
    }

    /// Removes an entry and keeps the order of the others.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        if !self.contains_key(key) {
            return None;
        }
        match Arc::make_mut(self.entries.as_mut()?) {
            Entries::Few(entries) => {
                let at = entries.iter().position(|(name, _)| name == key)?;
                Some(entries.remove(at).1)
            }
            Entries::Many(entries) => entries.shift_remove(key),
        }
    }

    /// Keeps only the entries that `keep` accepts, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Value) -> bool) {
        let Some(entries) = &mut self.entries else { return };
        match Arc::make_mut(entries) {
            Entries::Few(entries) => entries.retain_mut(|(key, value)| keep(key, value)),
            Entries::Many(entries) => entries.retain(|key, value| keep(key, value)),
        }
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(key, _)| key)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        let (few, many) = match self.entries.as_deref() {
            None => (None, None),
            Some(Entries::Few(entries)) => (Some(entries), None),
            Some(Entries::Many(entries)) => (None, Some(entries)),
        };
        let few = few.into_iter().flatten().map(|(key, value)| (key.as_str(), value));
        few.chain(many.into_iter().flatten().map(|(key, value)| (key.as_str(), value)))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        let (few, many) = match self.entries.as_mut().map(Arc::make_mut) {
            None => (None, None),
            Some(Entries::Few(entries)) => (Some(entries), None),
            Some(Entries::Many(entries)) => (None, Some(entries)),
        };
        let few = few.into_iter().flatten().map(|(key, value)| (key.as_str(), value));
        few.chain(many.into_iter().flatten().map(|(key, value)| (key.as_str(), value)))
    }

    /// Sorts the entries by `rank`. Entries of equal rank keep their order.
    pub fn sort_by_key<K: Ord>(&mut self, mut rank: impl FnMut(&str) -> K) {
        let Some(entries) = &mut self.entries else { return };
        match Arc::make_mut(entries) {
            Entries::Few(entries) => entries.sort_by_key(|(key, _)| rank(key)),
            Entries::Many(entries) => entries.sort_by(|a, _, b, _| rank(a).cmp(&rank(b))),
        }
    }

    /// A map with room for some entries, to which all of them are inserted.
    pub(super) fn with_capacity(entries: usize) -> Self {
        let entries = match entries {
            0 => return Self::new(),
            1..=FEW => Entries::Few(Vec::with_capacity(entries)),
            _ => Entries::Many(IndexMap::with_capacity_and_hasher(entries, RandomState::default())),
        };
        Self { entries: Some(Arc::new(entries)) }
    }

    /// The entries of this map alone, with room for one more.
    fn entries_with_room(&mut self) -> &mut Entries {
        let shared = self.entries.get_or_insert_with(|| Arc::new(Entries::Few(Vec::new())));
        let entries = Arc::make_mut(shared);
        if let Entries::Few(few) = entries
            && few.len() >= FEW
        {
            *entries = Entries::Many(few.drain(..).collect());
        }
        entries
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map").field("entries", &DebugEntries(self)).finish()
    }
}

struct DebugEntries<'a>(&'a Map);

impl fmt::Debug for DebugEntries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter()).finish()
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        let is_same = match (&self.entries, &other.entries) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        };
        is_same || self.len() == other.len() && self.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

impl FromIterator<(String, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(entries: I) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl Extend<(String, Value)> for Map {
    fn extend<I: IntoIterator<Item = (String, Value)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl IntoIterator for Map {
    type Item = (String, Value);
    type IntoIter = IntoEntries;

    fn into_iter(self) -> IntoEntries {
        match self.entries.map(Arc::unwrap_or_clone) {
            None => IntoEntries::Few(Vec::new().into_iter()),
            Some(Entries::Few(entries)) => IntoEntries::Few(entries.into_iter()),
            Some(Entries::Many(entries)) => IntoEntries::Many(entries.into_iter()),
        }
    }
}

/// The entries of a [`Map`], by value.
#[derive(Debug)]
pub enum IntoEntries {
    Few(std::vec::IntoIter<(String, Value)>),
    Many(indexmap::map::IntoIter<String, Value>),
}

impl Iterator for IntoEntries {
    type Item = (String, Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Few(entries) => entries.next(),
            Self::Many(entries) => entries.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Few(entries) => entries.size_hint(),
            Self::Many(entries) => entries.size_hint(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(entries: usize) -> Map {
        (0..entries).map(|at| (format!("key{at}"), Value::Int(at as i64))).collect()
    }

    #[test]
    fn few_and_many_entries_behave_alike() {
        for entries in [0, 1, FEW - 1, FEW, FEW + 1, 3 * FEW] {
            let mut map = numbered(entries);
            assert_eq!(map.len(), entries);
            assert!((0..entries).all(|at| map.get(&format!("key{at}")) == Some(&Value::Int(at as i64))));
            let copy = map.clone();
            assert_eq!(map.insert("new", Value::Null), None);
            assert_eq!(map.insert("new", Value::Bool(true)), Some(Value::Null));
            assert_eq!(*map.value_or_null("new"), Value::Bool(true));
            assert_eq!(map.keys().last(), Some("new"));
            assert_ne!(map, copy);
            assert_eq!(map.remove("new"), Some(Value::Bool(true)));
            assert_eq!(map.remove("new"), None);
            assert_eq!(map, copy);
            map.sort_by_key(|key| std::cmp::Reverse(key.to_owned()));
            assert_eq!(map, copy, "the order makes no difference");
            map.retain(|key, _| key != "key0");
            assert_eq!(map.len(), entries.saturating_sub(1));
            assert_eq!(copy, numbered(entries), "a copy does not change with the other");
        }
    }
}
