//! A key in the values that the chart version does not have: the data alone.

use semver::Version;

use crate::chart::Change;

/// A key in the values that the chart version does not have.
pub(in crate::lint) struct UnknownKey {
    /// The position of the entry in the subject.
    pub at: usize,
    pub because: UnknownBecause,
}

/// Why a chart version does not have a key.
pub(in crate::lint) enum UnknownBecause {
    /// An earlier version had the key, and these keys of the chart version replace it.
    Renamed { change: Change, to: Vec<String> },
    /// An earlier version had the key, and this version is the first without it.
    Removed { at: Version },
    /// This later version is the first that has the key.
    NotYet { since: Version },
    /// The key has labels of a monitor or of alerts, and the chart version reads them from this key next to it.
    LabelKey { to: String },
    /// No version has the key.
    Never,
}
