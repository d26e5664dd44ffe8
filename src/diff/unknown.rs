//! Encrypted values: a change may have every effect that it has for some possible value.

use super::{ChangeStatus, Diff, Mode, compared};
use crate::{
    chart::KeyMappings,
    effective::{EffectiveValues, UnknownValues},
    encryption,
    yaml::{Path, Value, merge::Layers},
};

/// Adds the effects that changes have for other possible values of the encrypted keys.
pub(super) fn add_possible_effects(
    diff: &mut Diff,
    old: &EffectiveValues,
    new: &EffectiveValues,
    mode: Mode,
    mappings: &KeyMappings,
) {
    let of = |side: &EffectiveValues| {
        UnknownValues::of([&side.written, &side.other_layers.under, &side.other_layers.over], &side.chart)
    };
    let (encrypted_in_old, encrypted_in_new) = (of(old), of(new));
    if encrypted_in_old.is_empty() && encrypted_in_new.is_empty() {
        return;
    }
    let is_encrypted = |value: &Option<Value>| value.as_ref().is_some_and(encryption::is_in);
    // Different ciphertexts may decrypt to equal values or to different values.
    let may_differ = diff.changes.iter().filter(|change| is_encrypted(&change.new.value));
    let may_differ: Vec<Path> = may_differ.map(|change| change.new.path.clone()).collect();
    for (old, mut new) in combinations(old, &encrypted_in_old).zip(combinations(new, &encrypted_in_new)) {
        for path in &may_differ {
            if let Some(value) = new.written.get_at_mut(path) {
                *value = "supposed-to-differ".into();
            }
        }
        let possible = compared(&old, &new, mode, mappings);
        for (input, possible) in [(&mut diff.old, &possible.old), (&mut diff.new, &possible.new)] {
            input.topology_is_known &= input.topology == possible.topology;
        }
        for change in &mut diff.changes {
            let possible_status =
                possible.changes.iter().find(|possible| possible.path == change.path).map(|possible| &possible.status);
            if let Some(ChangeStatus::Active(effects)) = possible_status {
                change.status = ChangeStatus::Active(change.effects() | *effects);
            }
        }
    }
}

fn combinations<'s>(
    side: &'s EffectiveValues,
    encrypted: &'s UnknownValues,
) -> impl Iterator<Item = EffectiveValues> + 's {
    let layers = encrypted.combinations(&side.other_layers.under).zip(encrypted.combinations(&side.other_layers.over));
    let values = encrypted.combinations(&side.written).zip(layers);
    values.map(|(written, (under, over))| side.with(written, Layers { under, over }, &side.chart))
}
