//! What changes do, in words.

use crate::{chart::Effect, diff::Idle, effective::Reason};

/// What one change does.
pub(in crate::report) fn effect(effect: Effect) -> &'static str {
    of(effect).0
}

/// What so many changes do: `2 restart pods`.
pub(super) fn counted(count: usize, effect: Effect) -> String {
    match (count, of(effect)) {
        (1, _) if effect == Effect::Immutable => "1 needs the StatefulSet deleted first".to_owned(),
        (1, (one, _)) => format!("1 {one}"),
        (count, (_, many)) => format!("{count} {many}"),
    }
}

fn of(effect: Effect) -> (&'static str, &'static str) {
    match effect {
        Effect::Data => ("may lose data", "may lose data"),
        Effect::Workload => ("replaces a workload", "replace a workload"),
        Effect::Immutable => ("immutable field: delete the StatefulSet first", "need the StatefulSet deleted first"),
        Effect::Password => ("changes the password", "change the password"),
        Effect::Reach => ("changes who can reach it", "change who can reach it"),
        Effect::Scale => ("starts or stops pods", "start or stop pods"),
        Effect::Pods => ("restarts pods", "restart pods"),
    }
}

/// Why a setting does nothing.
pub(in crate::report) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Topology(read) if read.is_empty() => "no template reads it".to_owned(),
        Reason::Topology(read) => {
            let names: Vec<_> = read.iter().map(ToString::to_string).collect();
            format!("read in topology {} only", names.join(" and "))
        }
        Reason::Switch(term) => format!("read only where {term}"),
    }
}

/// Why a change does nothing.
pub(super) fn idle(idle: &Idle) -> String {
    match idle {
        Idle::Dead(why) => reason(why),
        Idle::Notes => "only said in the notes after an install".to_owned(),
        Idle::Checked => "only checked".to_owned(),
        Idle::Stranger => "no key of this chart".to_owned(),
        Idle::Global => "for the charts around".to_owned(),
        Idle::Empty => "says nothing on either side".to_owned(),
    }
}
