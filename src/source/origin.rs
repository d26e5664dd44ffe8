//! The place of values in a text, and the tool that passes them to the chart.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    chart::Chart,
    cloud::Cloud,
    effective::EffectiveValues,
    placeholder::{self, Mask},
    source::variables,
    yaml::{Helm, Map, Path, Value, merge::Layers},
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
    /// The only key of the values that counts: `global` in the values of a parent chart.
    pub only: Option<&'static str>,
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
    /// Whether a null only removes a value of a lower layer, and not a default of the chart.
    pub drops_null: bool,
    /// The template expressions that the text of the values does not have.
    pub mask: Option<Arc<Mask>>,
    /// The values of the texts with variables.
    pub variables: Arc<BTreeMap<String, Value>>,
    /// Whether the values have no effect now: the condition of the dependency is false.
    pub is_off: bool,
    /// Whether other files have values of the release too.
    pub has_other_files: bool,
    /// Whether the release has further values that are not read.
    pub has_unread_values: bool,
}

impl Default for Origin {
    /// A flat file for `helm`.
    fn default() -> Self {
        Self {
            at: Path::root(),
            within: Path::root(),
            only: None,
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
            drops_null: false,
            mask: None,
            variables: Arc::default(),
            is_off: false,
            has_other_files: false,
            has_unread_values: false,
        }
    }
}

/// Removes each null.
fn drop_nulls(values: &mut Map) {
    values.retain(|_, value| match value {
        Value::Null => false,
        Value::Map(map) => {
            drop_nulls(map);
            true
        }
        _ => true,
    });
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

    /// Turns values as their text has them into the values that count: placeholders with a default have the default.
    pub fn settle(&self, values: &mut Map) {
        if let Some(mask) = &self.mask {
            mask.unmask_values(values);
        }
        variables::replace(values, &self.variables);
        placeholder::with_defaults(values);
        if self.drops_null {
            drop_nulls(values);
        }
        if let Some(only) = self.only {
            values.retain(|name, _| name == only);
        }
    }

    /// Whether the values are a whole file and not a part of one.
    pub fn is_whole_file(&self) -> bool {
        self.at.is_root()
    }
}
