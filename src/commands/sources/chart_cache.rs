//! Loads each chart version once for all files.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use crate::{
    chart::{Chart, Requirement},
    commands::chart::load,
};

/// Loaded charts by their requirement.
#[derive(Default)]
pub(super) struct ChartCache {
    charts: Mutex<HashMap<String, Result<Chart, String>>>,
    /// Notes about the charts.
    talk: Mutex<BTreeSet<String>>,
}

impl ChartCache {
    /// The chart for a requirement, or the reason why none matches.
    pub(super) fn chart(&self, wanted: &Requirement) -> Result<Chart, String> {
        let wanted = wanted.to_string();
        let mut charts = self.charts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(chart) = charts.get(&wanted) {
            return chart.clone();
        }
        let mut notes = Vec::new();
        let chart = load(Some(&wanted), false, &mut notes).map_err(|error| format!("{error:#}"));
        if !notes.is_empty() {
            let mut talk = self.talk.lock().unwrap_or_else(PoisonError::into_inner);
            talk.insert(String::from_utf8_lossy(&notes).into_owned());
        }
        charts.insert(wanted, chart.clone());
        chart
    }

    /// The notes about the charts, each once.
    pub(super) fn talk(&self) -> Vec<String> {
        let mut talk = self.talk.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *talk).into_iter().collect()
    }
}
