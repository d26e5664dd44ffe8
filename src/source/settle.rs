//! For which chart version values are taken, of all that is said of it.

use super::{By, Known, Part, Told, of_keys};
use crate::{
    chart::{self, Chart, Requirement, RequirementError},
    yaml::Map,
};

/// Finds the chart of a version; the error says why there is none.
pub type Charts<'a> = dyn Fn(&Requirement) -> Result<Chart, String> + Sync + 'a;

/// The chart version of one place of values.
#[derive(Debug, Clone)]
pub struct Settled {
    /// Where the values stand, empty for a flat file.
    pub at: String,
    pub told: Told,
    /// That the facts are of.
    pub chart: Chart,
    /// Others who say something, and were not asked.
    pub unheard: Vec<Told>,
    /// The values themselves, as they are written there.
    pub values: Map,
}

/// The chart version of values: the caller goes before the text, that before the configuration, that before the keys.
///
/// # Errors
///
/// When there is no such version.
pub fn settle(part: &Part, known: &Known, charts: &Charts) -> Result<Settled, String> {
    let from =
        |requirement: &Option<Requirement>, by: By| requirement.clone().map(|requirement| Told { requirement, by });
    let mut all: Vec<Told> = from(&known.version, By::Caller).into_iter().collect();
    all.extend(part.told.iter().cloned());
    all.extend(from(&known.configured, By::Configuration).or_else(|| from(&known.project, By::Configuration)));
    if all.is_empty() {
        all.push(of_keys(&part.origin.around.with(&part.values())));
    }
    let mut all = all.into_iter();
    let Some(told) = all.next() else { return Err("nobody tells the chart version".to_owned()) };
    let chart = charts(&told.requirement).map_err(|error| match told.by {
        // What was typed stands in the error.
        By::Caller => error,
        _ => format!("{error} ({})", told.by),
    })?;
    let at = if part.inset.is_part() || !part.origin.at.is_root() { part.origin.at.to_string() } else { String::new() };
    Ok(Settled { at, told, chart, unheard: all.collect(), values: part.values() })
}

/// Where only keys tell the version of one side, or of both, takes a version that fits both, if there is one: what
/// stands side by side is mostly for one chart.
///
/// # Errors
///
/// When there is no chart of that version.
pub fn agree(a: &mut Settled, b: &mut Settled, charts: &Charts) -> Result<(), String> {
    let common = match (&a.told.by, &b.told.by) {
        (By::Keys(one), By::Keys(other)) if (&one.since).max(&other.since) <= (&one.until).min(&other.until) => {
            let (since, until) = ((&one.since).max(&other.since), (&one.until).min(&other.until));
            chart::newest_measured_in(since, until).unwrap_or_else(|| until.clone())
        }
        (By::Keys(era), by) if !matches!(by, By::Keys(_)) && era.contains(b.chart.version()) => {
            b.chart.version().clone()
        }
        (by, By::Keys(era)) if !matches!(by, By::Keys(_)) && era.contains(a.chart.version()) => {
            a.chart.version().clone()
        }
        _ => return Ok(()),
    };
    for settled in [a, b] {
        if *settled.chart.version() != common {
            let wanted = common.to_string().parse().map_err(|error: RequirementError| error.to_string())?;
            settled.chart = charts(&wanted)?;
            settled.told.by = By::Other;
        }
    }
    Ok(())
}
