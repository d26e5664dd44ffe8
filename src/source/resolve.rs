//! The chart version of values, from everything that names one.

use super::{ClaimSource, Hints, JoinedRelease, ValuesBlock, VersionClaim, of_keys};
use crate::{
    chart::{self, Chart, Requirement, RequirementError},
    yaml::Map,
};

/// Finds the chart of a version; the error says why there is none.
pub type Charts<'a> = dyn Fn(&Requirement) -> Result<Chart, String> + Sync + 'a;

/// The chart of values, who named its version, and the others who named one and were not asked.
pub(super) struct ResolvedVersion {
    pub told: VersionClaim,
    pub chart: Chart,
    pub unheard: Vec<VersionClaim>,
}

/// The chart version of values: the caller goes before the text, that before the configuration, that before the keys.
///
/// # Errors
///
/// When there is no such version.
pub(super) fn resolve_version(
    part: &ValuesBlock,
    values: &Map,
    known: &Hints,
    charts: &Charts,
) -> Result<ResolvedVersion, String> {
    let from = |requirement: &Option<Requirement>, by: ClaimSource| {
        requirement.clone().map(|requirement| VersionClaim { requirement, by })
    };
    let mut all: Vec<VersionClaim> = from(&known.version, ClaimSource::Caller).into_iter().collect();
    all.extend(from(&known.installed, ClaimSource::Release));
    all.extend(part.told.iter().cloned());
    all.extend(
        from(&known.configured, ClaimSource::Configuration)
            .or_else(|| from(&known.project, ClaimSource::Configuration)),
    );
    if all.is_empty() {
        all.push(of_keys(&part.origin.around.with(values)));
    }
    let mut all = all.into_iter();
    let Some(told) = all.next() else { return Err("unknown chart version".to_owned()) };
    let chart = charts(&told.requirement).map_err(|error| match told.by {
        // What was typed stands in the error.
        ClaimSource::Caller => error,
        _ => format!("{error} ({})", told.by),
    })?;
    Ok(ResolvedVersion { told, chart, unheard: all.collect() })
}

/// Where only keys tell the version of one side, or of both, takes a version that fits both, if there is one: what
/// stands side by side is mostly for one chart.
///
/// # Errors
///
/// When there is no chart of that version.
pub fn reconcile<'a>(a: &mut JoinedRelease<'a>, b: &mut JoinedRelease<'a>, charts: &Charts) -> Result<(), String> {
    let common = match (&a.told.by, &b.told.by) {
        (ClaimSource::Keys(one), ClaimSource::Keys(other))
            if (&one.since).max(&other.since) <= (&one.until).min(&other.until) =>
        {
            let (since, until) = ((&one.since).max(&other.since), (&one.until).min(&other.until));
            chart::newest_measured_in(since, until).unwrap_or_else(|| until.clone())
        }
        (ClaimSource::Keys(era), by)
            if !matches!(by, ClaimSource::Keys(_)) && era.contains(b.release.chart.version()) =>
        {
            b.release.chart.version().clone()
        }
        (by, ClaimSource::Keys(era))
            if !matches!(by, ClaimSource::Keys(_)) && era.contains(a.release.chart.version()) =>
        {
            a.release.chart.version().clone()
        }
        _ => return Ok(()),
    };
    for side in [a, b] {
        if *side.release.chart.version() != common {
            let wanted = common.to_string().parse().map_err(|error: RequirementError| error.to_string())?;
            side.release = side.release.for_chart(&charts(&wanted)?);
            side.told.by = ClaimSource::Other;
        }
    }
    Ok(())
}
