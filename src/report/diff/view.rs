//! A pair as a report shows it: sorted changes without secrets.

use std::{borrow::Cow, cell::RefCell, collections::HashSet, ptr, rc::Rc};

use super::{Pair, RenderOptions, encrypted::mask_encrypted, words};
use crate::{
    chart::{Effect, Effects},
    diff::{Change, ChangeStatus, ChangedBy, ClaimImpact, SideValue},
    effective::NoEffect,
    encryption,
    escape::one_line,
    redact,
    yaml::{Path, Value},
};

pub(super) struct View<'a> {
    pub pair: &'a Pair<'a>,
    pub rows: Vec<ChangeRow<'a>>,
    /// The reasons why sides do not render.
    pub refused: Vec<Refused>,
    /// The impact on existing volume claims.
    pub claim_impacts: Vec<ClaimImpact>,
    /// Whether the written values were compared.
    is_raw: bool,
}

/// The name of a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SideName {
    Old,
    New,
}

/// A reason why a side does not render.
pub(super) struct Refused {
    pub end: SideName,
    /// The whole sentence: `the new side does not render with chart 21.2.13 (b.yaml:3): ..`
    pub sentence: String,
    pub why: String,
    pub keys: Vec<Path>,
    /// The line of the first rejected key that the text sets.
    pub line: Option<usize>,
}

/// A change without its secrets.
pub(super) struct ChangeRow<'a> {
    pub change: &'a Change,
    pub path: Path,
    pub old: SideView<'a>,
    pub new: SideView<'a>,
    /// The known effects. Empty in a raw comparison, where a written value may equal the default.
    pub effects: Effects,
}

/// The value of one side, as a report shows it.
pub(super) struct SideView<'a> {
    /// The path in the keys of the side's own chart, if that path differs.
    pub path: Option<Path>,
    pub value: Option<Cow<'a, Value>>,
    pub from: ValueOrigin,
    /// Whether a part of the value is hidden.
    pub is_hidden: bool,
}

/// The origin of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueOrigin {
    /// A line of the text, counted from 1.
    Line(usize),
    /// The values set the path, but the line is not known.
    Unplaced,
    Default,
    Nothing,
}

impl<'a> View<'a> {
    pub fn of(pair: &'a Pair<'a>, options: &RenderOptions, aliased: &AliasedSecrets<'a>) -> Self {
        let refused = refused(pair);
        Self { refused, claim_impacts: pair.diff.claim_impacts(), ..Self::of_changes(pair, options, aliased, |_| true) }
    }

    /// Some of the changes, without what concerns the release as a whole.
    pub fn of_changes(
        pair: &'a Pair<'a>,
        options: &RenderOptions,
        aliased: &AliasedSecrets<'a>,
        is_shown: impl Fn(&Change) -> bool,
    ) -> Self {
        let aliased_secrets = aliased.of(pair);
        let changes = pair.diff.changes.iter().filter(|change| is_shown(change));
        let mut rows: Vec<ChangeRow> =
            changes.map(|change| ChangeRow::of(change, pair, &aliased_secrets, options)).collect();
        if options.by_risk {
            rows.sort_by_key(|row| (!row.change.has_effect(), rank(row.worst())));
        }
        Self { pair, rows, refused: Vec::new(), claim_impacts: Vec::new(), is_raw: options.raw }
    }

    /// The number of sides that do not render.
    pub fn refused_sides(&self) -> usize {
        [SideName::Old, SideName::New]
            .into_iter()
            .filter(|end| self.refused.iter().any(|refused| refused.end == *end))
            .count()
    }

    /// The sentences about existing volume claims.
    pub fn claims(&self) -> impl Iterator<Item = String> {
        self.claim_impacts.iter().map(|impact| words::claim_impact(impact, self.pair.release, self.pair.namespace))
    }

    /// The changes with an effect that the values make.
    pub fn of_values(&self) -> impl Iterator<Item = &ChangeRow<'a>> {
        self.rows.iter().filter(|row| row.change.has_effect() && row.change.changed_by == ChangedBy::Values)
    }

    /// The changes with an effect that the chart itself makes.
    pub fn of_chart(&self) -> impl Iterator<Item = &ChangeRow<'a>> {
        self.rows.iter().filter(|row| is_of_chart(row.change))
    }

    /// The changes of values without an effect. Changes between empty values are listed only in a raw comparison.
    pub fn without_effect(&self) -> impl Iterator<Item = (&ChangeRow<'a>, &NoEffect)> {
        let of_values = self.rows.iter().filter(|row| row.change.changed_by == ChangedBy::Values);
        of_values.filter_map(|row| match &row.change.status {
            ChangeStatus::Active(_) => None,
            ChangeStatus::NoEffect(NoEffect::Empty) if !self.is_raw => None,
            ChangeStatus::NoEffect(without_effect) => Some((row, without_effect)),
        })
    }

    /// The changes that count as a difference: those with an effect, or all changes in a raw comparison.
    pub fn differing(&self) -> impl Iterator<Item = &ChangeRow<'a>> {
        self.rows.iter().filter(|row| self.is_raw || row.change.has_effect())
    }

    /// Whether the report has nothing to show.
    pub fn is_empty(&self) -> bool {
        self.differing().next().is_none() && self.without_effect().next().is_none() && self.refused.is_empty()
    }
}

/// Whether the chart itself makes the change, and the change has an effect.
pub(super) fn is_of_chart(change: &Change) -> bool {
    change.has_effect() && change.changed_by == ChangedBy::Chart
}

/// The reasons why the sides of a pair do not render.
pub(super) fn refused(pair: &Pair) -> Vec<Refused> {
    let ends = [(SideName::Old, "old", &pair.old, &pair.diff.old), (SideName::New, "new", &pair.new, &pair.diff.new)];
    let mut refusals = Vec::new();
    for (name, side, end, input) in ends {
        for refusal in &input.refusals {
            let keys = refusal.keys();
            let line = keys.iter().find_map(|key| (end.line)(key));
            let why = words::refusal(refusal, &input.chart);
            let at = line.map(|line| format!(":{line}")).unwrap_or_default();
            let sentence = format!(
                "the {side} side does not render with chart {} ({}{at}): {why}",
                input.chart.version(),
                one_line(end.name)
            );
            refusals.push(Refused { end: name, sentence, why, keys, line });
        }
    }
    refusals
}

/// The secrets of the texts that other values may repeat. All releases of a file have the same text, and it is searched
/// once.
#[derive(Default)]
pub(super) struct AliasedSecrets<'a> {
    of_texts: RefCell<Vec<(&'a str, Secrets)>>,
}

type Secrets = Rc<HashSet<String>>;

impl<'a> AliasedSecrets<'a> {
    /// The secrets of both texts of a pair.
    pub fn of(&self, pair: &Pair<'a>) -> Secrets {
        let (old, new) = (self.of_text(pair.old.text), self.of_text(pair.new.text));
        match (old.is_empty(), new.is_empty()) {
            (true, _) => new,
            (_, true) => old,
            (false, false) => Rc::new(old.union(&new).cloned().collect()),
        }
    }

    fn of_text(&self, text: &'a str) -> Secrets {
        let mut of_texts = self.of_texts.borrow_mut();
        // The pairs of a file come one after the other.
        if let Some((_, found)) = of_texts.iter().rev().find(|(other, _)| ptr::eq(*other, text)) {
            return found.clone();
        }
        let found = Rc::new(redact::aliased_secrets(text));
        of_texts.push((text, found.clone()));
        found
    }
}

impl<'a> ChangeRow<'a> {
    fn of(change: &'a Change, pair: &Pair, aliased_secrets: &HashSet<String>, options: &RenderOptions) -> Self {
        let Change { path, old, new, changed_by: _, status: _ } = change;
        let displayed = |path: &Path| if options.secrets { path.clone() } else { redact::hidden_path(path) };
        // A key can be a secret under its name in either chart.
        let names = [path, &old.path, &new.path];
        let side = |side_value: &'a SideValue, other: Option<&Value>, end: &super::SideSource| {
            let value = side_value.value.as_ref().map(|value| match mask_encrypted(value, other) {
                // A ciphertext is no secret, and a placeholder replaces it anyway.
                masked if options.secrets || matches!(value, Value::String(text) if encryption::of(text).is_some()) => {
                    masked
                }
                Cow::Borrowed(value) => redact::redact_value(&names, value, other, aliased_secrets),
                Cow::Owned(masked) => {
                    Cow::Owned(redact::redact_value(&names, &masked, other, aliased_secrets).into_owned())
                }
            });
            // A value that is not hidden is not copied.
            let is_hidden = matches!(&value, Some(Cow::Owned(value)) if Some(value) != side_value.value.as_ref());
            let own = (side_value.path != *path).then(|| displayed(&side_value.path));
            SideView { path: own, value, from: ValueOrigin::of(side_value, end), is_hidden }
        };
        Self {
            change,
            path: displayed(path),
            old: side(old, None, &pair.old),
            new: side(new, old.value.as_ref(), &pair.new),
            effects: if options.raw { Effects::default() } else { change.effects() },
        }
    }

    /// Whether both sides have a value.
    pub fn is_in_both(&self) -> bool {
        self.old.value.is_some() && self.new.value.is_some()
    }

    /// The worst known effect.
    pub fn worst(&self) -> Option<Effect> {
        self.effects.iter().next()
    }
}

/// The rank of an effect, worst first. Changes without known effects come last.
fn rank(effect: Option<Effect>) -> usize {
    let place = effect.and_then(|effect| Effect::ALL.into_iter().position(|other| other == effect));
    place.unwrap_or(Effect::ALL.len())
}

impl ValueOrigin {
    fn of(side_value: &SideValue, end: &super::SideSource) -> Self {
        match (side_value.written, &side_value.value) {
            (true, _) => {
                // A value above the path can set it, such as null.
                let mut paths = std::iter::successors(Some(side_value.path.clone()), Path::parent);
                paths.find_map(|path| (end.line)(&path)).map_or(Self::Unplaced, Self::Line)
            }
            (false, Some(_)) => Self::Default,
            (false, None) => Self::Nothing,
        }
    }
}
