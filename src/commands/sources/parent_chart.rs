//! Finds the parent charts of values files.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{commands::files, source::ChartFile};

/// Number of folders above a file to search for its chart, for files in `ci` or `environments/prod`.
const ABOVE: usize = 3;

/// Deepest level of nested `charts` folders to read.
const DEEPEST: usize = 3;

/// Largest number of bytes of templates to read.
const MOST_TEMPLATES: usize = 4 << 20;

/// The charts found so far, by folder.
#[derive(Default)]
pub(super) struct ParentCharts {
    charts: Mutex<Charts>,
}

#[derive(Default)]
struct Charts {
    /// The chart directly in each folder.
    own: HashMap<PathBuf, Option<Arc<ChartFile>>>,
    /// The chart of the files in each folder, with the path of the folder as the files write it.
    of_files: HashMap<PathBuf, Option<FoundChart>>,
}

/// A chart and its folder.
#[derive(Clone)]
pub(super) struct FoundChart {
    pub chart: Arc<ChartFile>,
    pub folder: PathBuf,
}

impl ParentCharts {
    /// The chart of a values file, if the file is in the folder of a chart.
    pub(super) fn chart(&self, file: &Path) -> Option<FoundChart> {
        let folder = file.parent()?;
        let mut charts = self.charts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = charts.of_files.get(folder) {
            return found.clone();
        }
        let found = files::absolute(file).ok().and_then(|file| charts.find_above(file.parent()?));
        charts.of_files.insert(folder.to_owned(), found.clone());
        found
    }
}

impl Charts {
    fn find_above(&mut self, mut folder: &Path) -> Option<FoundChart> {
        for _ in 0..=ABOVE {
            let own = self.own.entry(folder.to_owned()).or_insert_with(|| load(folder, DEEPEST).map(Arc::new));
            if let Some(chart) = own.clone() {
                return Some(FoundChart { chart, folder: folder.to_owned() });
            }
            // The search ends at the root of a repository.
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
