//! Where values stand, and who hands them to the chart.

use crate::{
    chart::Chart,
    cloud::Cloud,
    effective::EffectiveValues,
    yaml::{Helm, Map, Path, merge::Layers},
};

/// Who hands the values to the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// `helm install` and `helm upgrade`, or nobody knows.
    #[default]
    Helm,
    ArgoCd,
    Flux,
    Helmfile,
}

/// Where the values stand in a text.
#[derive(Debug, Clone)]
pub struct Origin {
    /// From the top of the document to the values: `redis` in a wrapper chart, empty in a flat file.
    pub at: Path,
    /// From the top of the values of the release to these: empty where the release is one of this chart.
    pub within: Path,
    pub delivery: Delivery,
    pub cloud: Option<Cloud>,
    pub helm: Helm,
    /// The release and its namespace, where the file says them.
    pub release: Option<String>,
    pub namespace: Option<String>,
    /// Paths of the values that a parent chart reads, as the condition of a dependency.
    pub read_by_parent: Vec<Path>,
    /// Whether nobody else than those that are known reads these values: no chart around, or its templates are known.
    pub parent_is_known: bool,
    /// What other values of the same release say, that stand with these.
    pub around: Layers,
    /// Which values of the text make one release together, where they stand in several places: the same number for all.
    pub together: Option<usize>,
    /// Whether the values reach no chart: Argo CD drops `values` beside `valuesObject`.
    pub is_dropped: bool,
    /// Whether there are further values that nobody has looked at.
    pub others: bool,
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
            around: Layers::default(),
            together: None,
            is_dropped: false,
            others: false,
        }
    }
}

impl Origin {
    /// The values of this place as those of a release of the chart.
    pub fn release(&self, written: Map, chart: &Chart) -> EffectiveValues {
        EffectiveValues {
            read_by_parent: self.read_by_parent.clone(),
            at: self.at.clone(),
            helm: self.helm,
            ..EffectiveValues::new(written, self.around.clone(), chart)
        }
    }

    /// Whether the values are a file of their own, and not a part of one.
    pub fn is_whole_file(&self) -> bool {
        self.at.is_root()
    }
}
