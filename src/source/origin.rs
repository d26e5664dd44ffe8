//! The place of values in a text, and the tool that passes them to the chart.

use crate::{
    chart::Chart,
    cloud::Cloud,
    effective::EffectiveValues,
    yaml::{Helm, Map, Path, merge::Layers},
};

/// The tool that passes the values to the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// `helm install` and `helm upgrade`, also if the tool is unknown.
    #[default]
    Helm,
    ArgoCd,
    Flux,
    Helmfile,
}

/// The place of values in a text.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The path from the root of the document: `redis` in a parent chart, empty in a flat file.
    pub at: Path,
    /// The path from the root of the release's values. Empty if the release is of this chart.
    pub within: Path,
    pub delivery: Delivery,
    pub cloud: Option<Cloud>,
    pub helm: Helm,
    /// The name of the release, if the file sets it.
    pub release: Option<String>,
    pub namespace: Option<String>,
    /// The paths of the values that a parent chart reads, such as the condition of a dependency.
    pub read_by_parent: Vec<Path>,
    /// Whether all readers of the values are known: there is no parent chart, or its templates are known.
    pub parent_is_known: bool,
    /// The other layers of values of the same release.
    pub other_layers: Layers,
    /// The number of the release, the same for all places of a release with several places in the text.
    pub release_group: Option<usize>,
    /// Whether the values reach no chart: Argo CD drops `values` if there is a `valuesObject`.
    pub is_dropped: bool,
    /// Whether the release has further values that are not read.
    pub has_unread_values: bool,
}

impl Default for Origin {
    /// A flat file for `helm`.
    fn default() -> Self {
        Self {
            at: Path::root(),
            within: Path::root(),
            delivery: Delivery::default(),
            cloud: None,
            helm: Helm::default(),
            release: None,
            namespace: None,
            read_by_parent: Vec::new(),
            parent_is_known: true,
            other_layers: Layers::default(),
            release_group: None,
            is_dropped: false,
            has_unread_values: false,
        }
    }
}

impl Origin {
    /// Creates the effective values of this place.
    pub fn release(&self, written: Map, chart: &Chart) -> EffectiveValues {
        EffectiveValues {
            read_by_parent: self.read_by_parent.clone(),
            at: self.at.clone(),
            helm: self.helm,
            ..EffectiveValues::new(written, self.other_layers.clone(), chart)
        }
    }

    /// Whether the values are a whole file and not a part of one.
    pub fn is_whole_file(&self) -> bool {
        self.at.is_root()
    }
}
