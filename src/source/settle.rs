//! For which chart version values are taken, of all that is said of it.

use super::{By, Known, Part, Told, of_keys};
use crate::{
    chart::{Chart, Requirement},
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
    all.extend(from(&known.configured, By::Configuration));
    if all.is_empty() {
        all.push(of_keys(&part.values()));
    }
    let mut all = all.into_iter();
    let Some(told) = all.next() else { return Err("nobody tells the chart version".to_owned()) };
    let chart = charts(&told.requirement).map_err(|error| format!("{error} ({})", told.by))?;
    let at = if part.inset.is_part() || !part.origin.at.is_root() { part.origin.at.to_string() } else { String::new() };
    Ok(Settled { at, told, chart, unheard: all.collect(), values: part.values() })
}
