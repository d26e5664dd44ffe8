//! The charts in whose folders values files lie.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{commands::files, source::ChartFile};

/// How many folders above a file its chart is looked for: `ci` and `environments/prod` lie below that of the chart.
const ABOVE: usize = 3;

/// How deep charts are looked for in the `charts` folders of others.
const DEEPEST: usize = 3;

/// The most bytes of templates that are looked through.
const MOST_TEMPLATES: usize = 4 << 20;

/// The charts that were found, by their folders.
#[derive(Default)]
pub(super) struct ParentCharts {
    charts: Mutex<Charts>,
}

#[derive(Default)]
struct Charts {
    /// What lies in a folder itself.
    own: HashMap<PathBuf, Option<Arc<ChartFile>>>,
    /// What the files of a folder belong to, by the folder as the files name it: most lie in the same.
    around: HashMap<PathBuf, Option<FoundChart>>,
}

/// A chart and its folder.
#[derive(Clone)]
pub(super) struct FoundChart {
    pub chart: Arc<ChartFile>,
    pub folder: PathBuf,
}

impl ParentCharts {
    /// The chart that a values file belongs to, if it lies in the folder of one.
    pub(super) fn chart(&self, file: &Path) -> Option<FoundChart> {
        let folder = file.parent()?;
        let mut charts = self.charts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = charts.around.get(folder) {
            return found.clone();
        }
        let found = std::path::absolute(file).ok().and_then(|file| charts.around(file.parent()?));
        charts.around.insert(folder.to_owned(), found.clone());
        found
    }
}

impl Charts {
    fn around(&mut self, mut folder: &Path) -> Option<FoundChart> {
        for _ in 0..=ABOVE {
            let own = self.own.entry(folder.to_owned()).or_insert_with(|| load(folder, DEEPEST).map(Arc::new));
            if let Some(chart) = own.clone() {
                return Some(FoundChart { chart, folder: folder.to_owned() });
            }
            // The root of a repository.
            if folder.join(".git").exists() {
                return None;
            }
            folder = folder.parent()?;
        }
        None
    }
}

fn load(folder: &Path, depth: usize) -> Option<ChartFile> {
    let text = |name: &str| files::read_found(&folder.join(name));
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
            && let Some(text) = files::read_found(&entry.path())
        {
            into.push_str(&text);
        }
    }
}
