//! A pair as it may be seen: its changes without their secrets, in the order that is wanted.

use std::collections::HashSet;

use super::{Pair, RenderOptions, veil::veiled, words};
use crate::{
    chart::{Effect, Effects},
    diff::{Change, ChangedBy, ClaimImpact, Life, SideValue},
    effective::NoEffect,
    encryption,
    escape::one_line,
    redact,
    yaml::{Path, Value},
};

pub(super) struct View<'a> {
    pub pair: &'a Pair<'a>,
    pub rows: Vec<ChangeRow<'a>>,
    /// Why sides do not render.
    pub refused: Vec<Refused>,
    /// What becomes of volume claims that exist.
    pub kept: Vec<ClaimImpact>,
    /// Whether what is written was compared.
    is_raw: bool,
}

/// One of both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SideName {
    Old,
    New,
}

/// A reason for which a side does not render.
pub(super) struct Refused {
    pub end: SideName,
    /// `the new side does not render with chart 21.2.13 (b.yaml:3): ..`
    pub sentence: String,
    pub why: String,
    pub keys: Vec<Path>,
    /// The line of the text that sets the first of the keys that is set.
    pub line: Option<usize>,
}

/// A change without its secrets.
pub(super) struct ChangeRow<'a> {
    pub change: &'a Change,
    pub path: Path,
    pub old: SideView,
    pub new: SideView,
    /// What is known of what it does; nothing where what is written was compared, which may say what the chart takes
    /// anyway.
    pub effects: Effects,
}

/// What one side says there.
pub(super) struct SideView {
    /// In the keys of its own chart, where that is another one.
    pub path: Option<Path>,
    pub value: Option<Value>,
    pub from: ValueOrigin,
    /// Whether something of the value is hidden.
    pub is_hidden: bool,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueOrigin {
    /// A line of the text, counted from 1.
    Line(usize),
    /// It is written, but in no line that can be told.
    Unplaced,
    Default,
    Nothing,
}

impl<'a> View<'a> {
    pub fn of(pair: &'a Pair<'a>, look: &RenderOptions) -> Self {
        let copied = copied(pair);
        let mut rows: Vec<ChangeRow> =
            pair.diff.changes.iter().map(|change| ChangeRow::of(change, pair, &copied, look)).collect();
        if look.by_risk {
            rows.sort_by_key(|row| (!row.change.is_live(), rank(row.worst())));
        }
        Self { pair, rows, refused: refused(pair), kept: pair.diff.kept(), is_raw: look.raw }
    }

    /// How many sides do not render.
    pub fn refused_sides(&self) -> usize {
        [SideName::Old, SideName::New]
            .into_iter()
            .filter(|end| self.refused.iter().any(|refused| refused.end == *end))
            .count()
    }

    /// What becomes of volume claims, in sentences.
    pub fn claims(&self) -> impl Iterator<Item = String> {
        self.kept.iter().map(|kept| words::kept(kept, self.pair.release, self.pair.namespace))
    }

    /// What the values change.
    pub fn live(&self) -> impl Iterator<Item = &ChangeRow<'a>> {
        self.rows.iter().filter(|row| row.change.is_live() && row.change.maker == ChangedBy::Values)
    }

    /// What the chart changes by itself.
    pub fn of_chart(&self) -> impl Iterator<Item = &ChangeRow<'a>> {
        self.rows.iter().filter(|row| row.change.is_live() && row.change.maker == ChangedBy::Chart)
    }

    /// What values say and nothing becomes of. Another way to say nothing is only seen where what is written counts.
    pub fn idle(&self) -> impl Iterator<Item = (&ChangeRow<'a>, &NoEffect)> {
        let of_values = self.rows.iter().filter(|row| row.change.maker == ChangedBy::Values);
        of_values.filter_map(|row| match &row.change.life {
            Life::Live(_) => None,
            Life::Idle(NoEffect::Empty) if !self.is_raw => None,
            Life::Idle(idle) => Some((row, idle)),
        })
    }

    /// What makes a difference: all that has an effect, or all that is written.
    pub fn differing(&self) -> impl Iterator<Item = &ChangeRow<'a>> {
        self.rows.iter().filter(|row| self.is_raw || row.change.is_live())
    }

    /// Whether there is nothing to see.
    pub fn is_empty(&self) -> bool {
        self.differing().next().is_none() && self.idle().next().is_none() && self.refused.is_empty()
    }
}

/// Why the sides of a pair do not render.
pub(super) fn refused(pair: &Pair) -> Vec<Refused> {
    let ends = [(SideName::Old, "old", &pair.old, &pair.diff.old), (SideName::New, "new", &pair.new, &pair.diff.new)];
    let mut found = Vec::new();
    for (which, side, end, taken) in ends {
        for refusal in &taken.refusals {
            let keys = refusal.keys();
            let line = keys.iter().find_map(|key| (end.line)(key));
            let why = words::refusal(refusal, &taken.chart);
            let at = line.map(|line| format!(":{line}")).unwrap_or_default();
            let sentence = format!(
                "the {side} side does not render with chart {} ({}{at}): {why}",
                taken.chart.version(),
                one_line(end.name)
            );
            found.push(Refused { end: which, sentence, why, keys, line });
        }
    }
    found
}

/// The secrets of both texts that may stand anywhere.
pub(super) fn copied(pair: &Pair) -> HashSet<String> {
    let mut copied = redact::aliased_secrets(pair.old.text);
    copied.extend(redact::aliased_secrets(pair.new.text));
    copied
}

impl<'a> ChangeRow<'a> {
    fn of(change: &'a Change, pair: &Pair, copied: &HashSet<String>, look: &RenderOptions) -> Self {
        let Change { path, old, new, maker: _, life: _ } = change;
        let shown = |path: &Path| if look.secrets { path.clone() } else { redact::hidden_path(path) };
        let seen = |said: &SideValue, other: Option<&Value>, end: &super::End| {
            let value = said.value.as_ref().map(|value| match veiled(value, other) {
                // Encrypted it is no secret, and not shown at all.
                veiled if look.secrets || matches!(value, Value::String(text) if encryption::of(text).is_some()) => {
                    veiled
                }
                // A secret may be known by the name that either chart has for it.
                veiled => redact::redact_value(&[path, &old.path, &new.path], &veiled, other, copied),
            });
            let is_hidden = value != said.value;
            let own = (said.path != *path).then(|| shown(&said.path));
            SideView { path: own, value, from: ValueOrigin::of(said, end), is_hidden }
        };
        Self {
            change,
            path: shown(path),
            old: seen(old, None, &pair.old),
            new: seen(new, old.value.as_ref(), &pair.new),
            effects: if look.raw { Effects::default() } else { change.effects() },
        }
    }

    /// Whether there is something on either side.
    pub fn is_in_both(&self) -> bool {
        self.old.value.is_some() && self.new.value.is_some()
    }

    /// The worst that is known of what it does.
    pub fn worst(&self) -> Option<Effect> {
        self.effects.iter().next()
    }
}

/// From the worst on; what nothing is known of comes last.
fn rank(effect: Option<Effect>) -> usize {
    let place = effect.and_then(|effect| Effect::ALL.into_iter().position(|other| other == effect));
    place.unwrap_or(Effect::ALL.len())
}

impl ValueOrigin {
    fn of(said: &SideValue, end: &super::End) -> Self {
        match (said.written, &said.value) {
            (true, _) => {
                // What stands above may say it, as null does.
                let mut paths = std::iter::successors(Some(said.path.clone()), Path::parent);
                paths.find_map(|path| (end.line)(&path)).map_or(Self::Unplaced, Self::Line)
            }
            (false, Some(_)) => Self::Default,
            (false, None) => Self::Nothing,
        }
    }
}
