//! Encrypted values: a change may have an effect wherever it has one for some value that an encrypted one may be.

use super::{Diff, Life, Mode, compared};
use crate::{
    effective::{EffectiveValues, Unknown},
    encryption,
    yaml::{Path, Value, merge::Layers},
};

/// Takes into account that encrypted values may be anything.
pub(super) fn settle(found: &mut Diff, old: &EffectiveValues, new: &EffectiveValues, ground: Mode) {
    let of = |side: &EffectiveValues| Unknown::of([&side.written, &side.around.under, &side.around.over], &side.chart);
    let (of_old, of_new) = (of(old), of(new));
    if of_old.is_empty() && of_new.is_empty() {
        return;
    }
    let is_encrypted = |value: &Option<Value>| value.as_ref().is_some_and(encryption::is_in);
    // Two texts that are encrypted otherwise may be two values, or one.
    let may_differ = found.changes.iter().filter(|change| is_encrypted(&change.new.value));
    let may_differ: Vec<Path> = may_differ.map(|change| change.new.path.clone()).collect();
    for (old, mut new) in supposed(old, &of_old).zip(supposed(new, &of_new)) {
        for path in &may_differ {
            if let Some(value) = new.written.get_at_mut(path) {
                *value = "supposed-to-differ".into();
            }
        }
        let tried = compared(&old, &new, ground);
        for (taken, tried) in [(&mut found.old, &tried.old), (&mut found.new, &tried.new)] {
            taken.topology_is_known &= taken.topology == tried.topology;
        }
        for change in &mut found.changes {
            let same = tried.changes.iter().find(|tried| tried.path == change.path).map(|tried| &tried.life);
            if let Some(Life::Live(effects)) = same {
                change.life = Life::Live(change.effects() | *effects);
            }
        }
    }
}

fn supposed<'s>(side: &'s EffectiveValues, unknown: &'s Unknown) -> impl Iterator<Item = EffectiveValues> + 's {
    let around = unknown.supposed(&side.around.under).zip(unknown.supposed(&side.around.over));
    let values = unknown.supposed(&side.written).zip(around);
    values.map(|(written, (under, over))| side.with(written, Layers { under, over }, &side.chart))
}
