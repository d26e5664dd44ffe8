//! The charts that files are judged by, each loaded once.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use crate::{
    chart::{Chart, Requirement},
    commands::chart::load,
};

/// Charts by what was asked for.
#[derive(Default)]
pub(super) struct ChartCache {
    charts: Mutex<HashMap<String, Result<Chart, String>>>,
    /// Notes about the charts.
    talk: Mutex<BTreeSet<String>>,
}

impl ChartCache {
    /// The chart that a requirement means, or why there is none.
    pub(super) fn chart(&self, wanted: &Requirement) -> Result<Chart, String> {
        let wanted = wanted.to_string();
        let mut charts = self.charts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(chart) = charts.get(&wanted) {
            return chart.clone();
        }
        let mut said = Vec::new();
        let chart = load(Some(&wanted), false, &mut said).map_err(|error| format!("{error:#}"));
        if !said.is_empty() {
            let mut talk = self.talk.lock().unwrap_or_else(PoisonError::into_inner);
            talk.insert(String::from_utf8_lossy(&said).into_owned());
        }
        charts.insert(wanted, chart.clone());
        chart
    }

    /// The warnings that came up, each once.
    pub(super) fn talk(&self) -> Vec<String> {
        let mut talk = self.talk.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *talk).into_iter().collect()
    }
}
