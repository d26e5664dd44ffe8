//! Notes about how the facts of a chart version are known.

use crate::chart::{self, Chart, Line};

/// The note about a version that git has and the registry does not. `None` for other versions.
pub fn unpublished(chart: &Chart) -> Option<String> {
    let release = chart::published(chart.version()).filter(|release| release.line == Some(Line::Git))?;
    let version = &release.version;
    Some(match release.other_app {
        Some(app) => format!(
            "never published: facts of chart {version} in git; the registry has another chart {version}, with Redis {app} and modules in `commonConfiguration`"
        ),
        None => format!("never published: facts of chart {version} in git"),
    })
}
