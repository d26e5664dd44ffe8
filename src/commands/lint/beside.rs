//! The charts in whose folders values files lie.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{commands::files, lint::source::ChartFile};

/// How many folders above a file its chart is looked for: `ci` and `environments/prod` lie below that of the chart.
const ABOVE: usize = 3;

/// How deep charts are looked for in the `charts` folders of others.
const DEEPEST: usize = 3;

/// The most bytes of templates that are looked through.
const MOST_TEMPLATES: usize = 4 << 20;

/// The charts that were found, by their folders.
#[derive(Default)]
pub(super) struct Beside {
    charts: Mutex<HashMap<PathBuf, Option<Arc<ChartFile>>>>,
}

impl Beside {
    /// The chart that a values file belongs to, if it lies in the folder of one.
    pub(super) fn chart(&self, file: &Path) -> Option<Arc<ChartFile>> {
        let file = std::path::absolute(file).ok()?;
        let mut folder = file.parent()?;
        for _ in 0..=ABOVE {
            if let Some(chart) = self.of(folder) {
                return Some(chart);
            }
            // The root of a repository.
            if folder.join(".git").exists() {
                return None;
            }
            folder = folder.parent()?;
        }
        None
    }

    fn of(&self, folder: &Path) -> Option<Arc<ChartFile>> {
        let mut charts = self.charts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(chart) = charts.get(folder) {
            return chart.clone();
        }
        let chart = load(folder, DEEPEST).map(Arc::new);
        charts.insert(folder.to_owned(), chart.clone());
        chart
    }
}

fn load(folder: &Path, depth: usize) -> Option<ChartFile> {
    let text = |name: &str| files::read_text(&folder.join(name)).ok();
    let chart = text("Chart.yaml")?;
    let mut charts = Vec::new();
    if let (Some(depth), Ok(below)) = (depth.checked_sub(1), fs::read_dir(folder.join("charts"))) {
        for below in below.flatten() {
            if let (Ok(name), Some(chart)) = (below.file_name().into_string(), load(&below.path(), depth)) {
                charts.push((name, chart));
            }
        }
    }
    let mut templates = String::new();
    read_templates(&folder.join("templates"), &mut templates, DEEPEST);
    Some(ChartFile {
        chart,
        requirements: text("requirements.yaml").unwrap_or_default(),
        lock: text("Chart.lock").or_else(|| text("requirements.lock")).unwrap_or_default(),
        templates,
        charts,
    })
}

fn read_templates(folder: &Path, into: &mut String, depth: usize) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && depth > 0 {
            read_templates(&entry.path(), into, depth - 1);
        } else if kind.is_file()
            && into.len() < MOST_TEMPLATES
            && let Ok(text) = files::read_text(&entry.path())
        {
            into.push_str(&text);
        }
    }
}
