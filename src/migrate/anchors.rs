//! Keeps settings that the migration should drop, but whose anchors other settings use.

use super::{
    Dropped, Migrated, Outcome, Source,
    edits::{self, Granularity},
};
use crate::yaml::{Document, Path, edit};

impl Migrated {
    /// Keeps the settings whose anchors are used, and drops all others in one step. False if the text does not allow
    /// the edits even then.
    pub(super) fn keep_for_anchors(&mut self, source: &Source) -> bool {
        let kept: Vec<(usize, Dropped)> = self.droppable_with_anchor(source);
        for (at, dropped) in &kept {
            self.migrations[*at].outcome = Outcome::KeptForAnchor(dropped.clone());
        }
        if kept.is_empty() || !self.can_apply_at_once(source) {
            for (at, dropped) in kept {
                self.migrations[at].outcome = Outcome::Dropped(dropped);
            }
            return false;
        }
        // An alias comes after its anchor. From the last setting on, each alias is removed before its anchor.
        for (at, dropped) in kept.into_iter().rev() {
            let kept_outcome = self.migrations[at].outcome.clone();
            self.migrations[at].outcome = Outcome::Dropped(dropped);
            if !self.can_apply_at_once(source) {
                self.migrations[at].outcome = kept_outcome;
            }
        }
        true
    }

    fn can_apply_at_once(&self, source: &Source) -> bool {
        edit::apply_to(source.document, &edits::edits(source, &self.migrations, Granularity::Blocks)).is_ok()
    }

    /// Dropped settings with an anchor that have no effect if they stay, because the new chart has no such key.
    pub(super) fn droppable_with_anchor(&self, source: &Source) -> Vec<(usize, Dropped)> {
        let dropped = self.migrations.iter().enumerate().filter_map(|(at, migration)| match &migration.outcome {
            Outcome::Dropped(dropped) if !self.to.takes(&migration.path.to_string()) => {
                Some((at, &migration.path, dropped))
            }
            _ => None,
        });
        let kept = dropped.filter(|(_, path, _)| holds_an_anchor(source.document, &source.release.at.join(path)));
        kept.map(|(at, _, dropped)| (at, dropped.clone())).collect()
    }
}

fn holds_an_anchor(document: &Document, path: &Path) -> bool {
    let Some(found) = document.find(path) else { return false };
    let start = document.node(found.key.unwrap_or(found.value)).span.start;
    let end = document.node(found.value).span.end;
    let mut anchors = document.nodes().filter_map(|node| node.anchor);
    anchors.any(|(_, anchor)| (start..end).contains(&anchor.start))
}
