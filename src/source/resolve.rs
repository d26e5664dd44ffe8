//! Resolves the chart version of values from all sources that name one.

use super::{ClaimSource, Hints, JoinedRelease, ValuesBlock, VersionClaim, of_keys};
use crate::{
    chart::{self, Chart, Requirement, RequirementError},
    yaml::Map,
};

/// A function that loads the chart of a version. Its error is the reason for a missing chart.
pub type Charts<'a> = dyn Fn(&Requirement) -> Result<Chart, String> + Sync + 'a;

/// The chart of values, the claim that decided its version, and the overridden claims.
pub(super) struct ResolvedVersion {
    pub claim: VersionClaim,
    pub chart: Chart,
    pub overridden: Vec<VersionClaim>,
}

/// Resolves the chart version of values.
///
/// The order of precedence is: the caller, the installed release, the text, the configuration, the keys of the values.
///
/// # Errors
///
/// If no chart has the version.
pub(super) fn resolve_version(
    part: &ValuesBlock,
    values: &Map,
    hints: &Hints,
    charts: &Charts,
) -> Result<ResolvedVersion, String> {
    let from = |requirement: &Option<Requirement>, by: ClaimSource| {
        requirement.clone().map(|requirement| VersionClaim { requirement, by })
    };
    let mut all: Vec<VersionClaim> = from(&hints.version, ClaimSource::Caller).into_iter().collect();
    all.extend(from(&hints.installed, ClaimSource::Release));
    all.extend(part.claims.iter().cloned());
    all.extend(
        from(&hints.configured, ClaimSource::Configuration)
            .or_else(|| from(&hints.project, ClaimSource::Configuration)),
    );
    if all.is_empty() {
        all.push(of_keys(&part.origin.other_layers.with(values)));
    }
    let mut all = all.into_iter();
    let Some(claim) = all.next() else { return Err("unknown chart version".to_owned()) };
    let chart = charts(&claim.requirement).map_err(|error| match claim.by {
        // The error already contains the version that the user typed.
        ClaimSource::Caller => error,
        _ => format!("{error} ({})", claim.by),
    })?;
    Ok(ResolvedVersion { claim, chart, overridden: all.collect() })
}

/// Uses a common chart version for two sides if only keys decide the version of one side or both.
///
/// Values that are compared are mostly for one chart version.
///
/// # Errors
///
/// If no chart has the common version.
pub fn reconcile<'a>(a: &mut JoinedRelease<'a>, b: &mut JoinedRelease<'a>, charts: &Charts) -> Result<(), String> {
    let common = match (&a.claim.by, &b.claim.by) {
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
            let requirement = common.to_string().parse().map_err(|error: RequirementError| error.to_string())?;
            side.release = side.release.for_chart(&charts(&requirement)?);
            side.claim.by = ClaimSource::Other;
        }
    }
    Ok(())
}
