//! What a report says of how a chart version is known.

use crate::chart::{self, Chart, Line};

/// What to know of a version that git has and the registry does not; none for any other.
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
