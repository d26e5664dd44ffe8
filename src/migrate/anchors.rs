//! Settings that should be left out and cannot be, since others refer to their anchors.

use super::{
    Dropped, Migrated, Outcome, Source,
    edits::{self, Granularity},
};
use crate::yaml::{Document, Path, edit};

impl Migrated {
    /// Lets those stand that others refer to, so that all the rest goes at once. False where that does not help.
    pub(super) fn let_stand(&mut self, source: &Source) -> bool {
        let could: Vec<(usize, Dropped)> = self.could_stand(source);
        for (at, dropped) in &could {
            self.fates[*at].outcome = Outcome::KeptForAnchor(dropped.clone());
        }
        if could.is_empty() || !self.goes_at_once(source) {
            for (at, dropped) in could {
                self.fates[at].outcome = Outcome::Dropped(dropped);
            }
            return false;
        }
        // Who refers to an anchor stands behind it, and goes first.
        for (at, dropped) in could.into_iter().rev() {
            let stands = self.fates[at].outcome.clone();
            self.fates[at].outcome = Outcome::Dropped(dropped);
            if !self.goes_at_once(source) {
                self.fates[at].outcome = stands;
            }
        }
        true
    }

    fn goes_at_once(&self, source: &Source) -> bool {
        edit::apply(source.document.text(), &edits::edits(source, &self.fates, Granularity::Blocks)).is_ok()
    }

    /// Settings that are left out, hold an anchor, and do nothing where they stand: the newer chart has no such key.
    pub(super) fn could_stand(&self, source: &Source) -> Vec<(usize, Dropped)> {
        let dropped = self.fates.iter().enumerate().filter_map(|(at, fate)| match &fate.outcome {
            Outcome::Dropped(dropped) if !self.to.takes(&fate.path.to_string()) => Some((at, &fate.path, dropped)),
            _ => None,
        });
        let could = dropped.filter(|(_, path, _)| holds_an_anchor(source.document, &source.release.at.join(path)));
        could.map(|(at, _, dropped)| (at, dropped.clone())).collect()
    }
}

fn holds_an_anchor(document: &Document, path: &Path) -> bool {
    let Some(found) = document.find(path) else { return false };
    let start = document.node(found.key.unwrap_or(found.value)).span.start;
    let end = document.node(found.value).span.end;
    let mut anchors = document.nodes().filter_map(|node| node.anchor.as_ref());
    anchors.any(|(_, anchor)| (start..end).contains(&anchor.start))
}
