//! Values by key that override the values of the chart.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use serde_json::Value as Json;

/// Index of a key in the list of [`Probe`](super::probe::Probe)s.
pub(super) type At = u16;

#[derive(Debug)]
pub(super) struct Setting {
    pub value: Json,
    digest: u64,
}

/// Set of values. Clones are cheap: a map with at most some hundred pointers.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings(BTreeMap<At, Arc<Setting>>);

impl Settings {
    pub fn set(&mut self, key: At, value: Json) {
        let mut hasher = DefaultHasher::new();
        value.to_string().hash(&mut hasher);
        self.0.insert(key, Arc::new(Setting { value, digest: hasher.finish() }));
    }

    pub fn and(mut self, key: At, value: Json) -> Self {
        self.set(key, value);
        self
    }

    /// The settings with `over` added. `over` has precedence.
    pub fn with(&self, over: &Self) -> Self {
        let mut both = self.clone();
        both.0.extend(over.0.iter().map(|(key, setting)| (*key, Arc::clone(setting))));
        both
    }

    pub fn without(&self, key: At) -> Self {
        let mut others = self.clone();
        others.0.remove(&key);
        others
    }

    pub fn get(&self, key: At) -> Option<&Json> {
        self.0.get(&key).map(|setting| &setting.value)
    }

    pub fn has(&self, key: At) -> bool {
        self.0.contains_key(&key)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn keys(&self) -> impl Iterator<Item = At> {
        self.0.keys().copied()
    }

    pub fn iter(&self) -> impl Iterator<Item = (At, &Json)> {
        self.0.iter().map(|(key, setting)| (*key, &setting.value))
    }

    /// The settings of the keys that `keep` accepts.
    pub fn filtered(&self, keep: impl Fn(At) -> bool) -> Self {
        Self(self.0.iter().filter(|(key, _)| keep(**key)).map(|(key, one)| (*key, Arc::clone(one))).collect())
    }

    /// The settings in two parts of equal size.
    pub fn halves(&self) -> (Self, Self) {
        let middle = self.keys().nth(self.len() / 2).unwrap_or_default();
        (self.filtered(|key| key < middle), self.filtered(|key| key >= middle))
    }

    /// Hash of the settings that `keep` accepts.
    pub fn digest(&self, keep: impl Fn(At, &Json) -> bool) -> u64 {
        let mut hasher = DefaultHasher::new();
        for (key, setting) in self.0.iter().filter(|(key, setting)| keep(**key, &setting.value)) {
            (key, setting.digest).hash(&mut hasher);
        }
        hasher.finish()
    }
}
