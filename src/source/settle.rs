//! The chart version of values, from everything that names one.

use super::{By, JoinedRelease, Known, Part, Told, of_keys};
use crate::{
    chart::{self, Chart, Requirement, RequirementError},
    yaml::Map,
};

/// Finds the chart of a version; the error says why there is none.
pub type Charts<'a> = dyn Fn(&Requirement) -> Result<Chart, String> + Sync + 'a;

/// The chart of values, who named its version, and the others who named one and were not asked.
pub(super) struct Settled {
    pub told: Told,
    pub chart: Chart,
    pub unheard: Vec<Told>,
}

/// The chart version of values: the caller goes before the text, that before the configuration, that before the keys.
///
/// # Errors
///
/// When there is no such version.
pub(super) fn settle(part: &Part, values: &Map, known: &Known, charts: &Charts) -> Result<Settled, String> {
    let from =
        |requirement: &Option<Requirement>, by: By| requirement.clone().map(|requirement| Told { requirement, by });
    let mut all: Vec<Told> = from(&known.version, By::Caller).into_iter().collect();
    all.extend(from(&known.installed, By::Release));
    all.extend(part.told.iter().cloned());
    all.extend(from(&known.configured, By::Configuration).or_else(|| from(&known.project, By::Configuration)));
    if all.is_empty() {
        all.push(of_keys(&part.origin.around.with(values)));
    }
    let mut all = all.into_iter();
    let Some(told) = all.next() else { return Err("unknown chart version".to_owned()) };
    let chart = charts(&told.requirement).map_err(|error| match told.by {
        // What was typed stands in the error.
        By::Caller => error,
        _ => format!("{error} ({})", told.by),
    })?;
    Ok(Settled { told, chart, unheard: all.collect() })
}

/// Where only keys tell the version of one side, or of both, takes a version that fits both, if there is one: what
/// stands side by side is mostly for one chart.
///
/// # Errors
///
/// When there is no chart of that version.
pub fn agree<'a>(a: &mut JoinedRelease<'a>, b: &mut JoinedRelease<'a>, charts: &Charts) -> Result<(), String> {
    let common = match (&a.told.by, &b.told.by) {
        (By::Keys(one), By::Keys(other)) if (&one.since).max(&other.since) <= (&one.until).min(&other.until) => {
            let (since, until) = ((&one.since).max(&other.since), (&one.until).min(&other.until));
            chart::newest_measured_in(since, until).unwrap_or_else(|| until.clone())
        }
        (By::Keys(era), by) if !matches!(by, By::Keys(_)) && era.contains(b.release.chart.version()) => {
            b.release.chart.version().clone()
        }
        (by, By::Keys(era)) if !matches!(by, By::Keys(_)) && era.contains(a.release.chart.version()) => {
            a.release.chart.version().clone()
        }
        _ => return Ok(()),
    };
    for side in [a, b] {
        if *side.release.chart.version() != common {
            let wanted = common.to_string().parse().map_err(|error: RequirementError| error.to_string())?;
            side.release = side.release.for_chart(&charts(&wanted)?);
            side.told.by = By::Other;
        }
    }
    Ok(())
}
