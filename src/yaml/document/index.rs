//! Finds keys in maps: the entries that have the same key, and the entry of a key in a large map.

use std::collections::BTreeMap;

use super::{Document, DuplicateKey, Entry, Kind, NodeId};

/// The indexes of all maps with many keys.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyIndexes(BTreeMap<NodeId, KeyIndex>);

/// The entries of one map without merge keys, by the hash of their key, then by their order.
#[derive(Debug, Clone)]
struct KeyIndex(Box<[HashedKey]>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HashedKey {
    hash: u32,
    /// Position in the map.
    position: u32,
}

/// Most entries of a map without an index. A search of so few is as fast.
const FEW_KEYS: usize = 16;

impl Document {
    /// Finds the keys that occur twice in a finished map, and keeps an index of a large map. `hashes` is scratch memory.
    ///
    /// `found` gets each duplicate with the number of nodes before the end of its later entry, of the text's `nodes`
    /// nodes so far.
    pub(super) fn index_keys(
        &mut self,
        map: NodeId,
        hashes: &mut Vec<HashedKey>,
        found: &mut Vec<(u32, DuplicateKey)>,
    ) {
        let Kind::Map { entries, .. } = self.node(map).kind else { return };
        if entries.len() < 2 {
            return;
        }
        hashes.clear();
        let mut has_merge = false;
        for (entry, position) in entries.iter().zip(0..) {
            if self.is_merge(entry.key) {
                has_merge = true;
            } else if let Ok(key) = self.key_text(entry.key) {
                // The error for a key that Helm refuses comes later, from the conversion to values.
                hashes.push(HashedKey { hash: hash(&key), position });
            }
        }
        hashes.sort_unstable();
        for same_hash in hashes.chunk_by(|one, other| one.hash == other.hash).filter(|keys| keys.len() > 1) {
            self.duplicates_in(entries, same_hash, found);
        }
        if entries.len() > FEW_KEYS && !has_merge {
            let index = KeyIndex(hashes.as_slice().into());
            self.indexes.0.insert(map, index);
        }
    }

    /// Finds equal keys among entries whose keys have the same hash.
    fn duplicates_in(&self, entries: &[Entry], same_hash: &[HashedKey], found: &mut Vec<(u32, DuplicateKey)>) {
        let mut latest: BTreeMap<String, Entry> = BTreeMap::new();
        for at in same_hash.iter().map(|key| key.position as usize) {
            let second = entries[at];
            let Ok(key) = self.key_text(second.key) else { continue };
            let end = entries.get(at + 1).map_or(self.nodes.len() as u32, |next| next.key.0);
            if let Some(first) = latest.insert(key.clone().into_owned(), second) {
                found.push((end, DuplicateKey { key: key.into_owned(), first, second }));
            }
        }
    }

    /// Whether a map has an index: it has many keys, and merges no other map.
    pub(super) fn is_indexed(&self, map: NodeId) -> bool {
        self.indexes.0.contains_key(&map)
    }

    /// The entries of a map with this key, from the last one on.
    pub(super) fn entries_with_key<'a>(
        &'a self,
        map: NodeId,
        entries: &'a [Entry],
        key: &'a str,
    ) -> impl Iterator<Item = Entry> + 'a {
        let (indexed, all) = match self.indexes.0.get(&map) {
            Some(KeyIndex(keys)) => {
                let hash = hash(key);
                let end = keys.partition_point(|known| known.hash <= hash);
                let start = keys[..end].partition_point(|known| known.hash < hash);
                (&keys[start..end], &[][..])
            }
            None => (&[][..], entries),
        };
        let indexed = indexed.iter().rev().map(|known| entries[known.position as usize]);
        let candidates = indexed.chain(all.iter().rev().copied());
        candidates.filter(move |entry| self.key_text(entry.key).as_deref() == Ok(key))
    }
}

/// FNV-1a, folded to 32 bits.
fn hash(key: &str) -> u32 {
    let hash = key
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (hash >> 32) as u32 ^ hash as u32
}
