//! Charts of the repository that depend on the Redis chart.

use super::files::{Tree, folder_of, join};
use crate::source::parent_chart::ChartFile;

/// Deepest level of `charts` folders inside of each other.
const DEEPEST: usize = 3;

/// Largest number of bytes of templates to read.
const MOST_TEMPLATES: usize = 4 << 20;

/// Reads the chart in a folder. `None` if the folder has no `Chart.yaml`.
pub(super) fn load(folder: &str, tree: &dyn Tree) -> Option<ChartFile> {
    load_below(folder, tree, DEEPEST)
}

fn load_below(folder: &str, tree: &dyn Tree, depth: usize) -> Option<ChartFile> {
    let text = |name: &str| tree.text(&join(folder, name)?).map(|text| text.to_string());
    let chart = text("Chart.yaml")?;
    let below = |inner: &str| {
        let prefix = join(folder, inner).unwrap_or_default() + "/";
        let start = tree.paths().partition_point(|path| path.as_str() < prefix.as_str());
        tree.paths()[start..].iter().take_while(move |path| path.starts_with(&prefix)).cloned().collect::<Vec<_>>()
    };
    let mut charts = Vec::new();
    if let Some(depth) = depth.checked_sub(1) {
        let prefix = join(folder, "charts").unwrap_or_default();
        for path in below("charts").iter().filter(|path| path.ends_with("/Chart.yaml")) {
            let inner = folder_of(path);
            let is_direct = folder_of(inner) == prefix;
            let name = inner.rsplit('/').next().unwrap_or(inner);
            if let Some(chart) = load_below(inner, tree, depth).filter(|_| is_direct) {
                charts.push((name.to_owned(), chart));
            }
        }
    }
    let mut templates = String::new();
    for path in below("templates") {
        if templates.len() < MOST_TEMPLATES
            && let Some(text) = tree.text(&path)
        {
            templates.push_str(&text);
        }
    }
    Some(ChartFile {
        chart,
        requirements: text("requirements.yaml").unwrap_or_default(),
        lock: text("Chart.lock").or_else(|| text("requirements.lock")).unwrap_or_default(),
        templates,
        charts,
    })
}
