//! Everything that the files of a repository declare, before it is joined to releases.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::{
    UnreadFile,
    files::Tree,
    kustomize::{Overlays, Variant},
    objects::Object,
};
use crate::{
    source::{
        declaration::{Declaration, Layer},
        terraform::FolderInputs,
    },
    yaml::Document,
};

/// A file of the repository that may declare something.
pub(super) struct Source {
    pub path: String,
    /// The text, for the lines in it.
    pub whole: Document,
    pub declarations: Vec<Declaration>,
}

/// Everything that the files declare.
pub(super) struct Declared<'t> {
    pub tree: &'t dyn Tree,
    pub sources: Vec<Source>,
    pub objects: Vec<Object>,
    pub overlays: Overlays,
    pub variants: BTreeMap<String, Vec<Variant>>,
    /// The folders with a chart around the Redis chart.
    pub parents: Vec<String>,
    /// The variables and calls of each folder with Terraform files.
    pub inputs: HashMap<String, Arc<FolderInputs>>,
    /// The files with the output of `helm get values` for the chart.
    pub dumps: Vec<String>,
    pub unread: Vec<UnreadFile>,
}

impl Declared<'_> {
    /// The names of the objects to which the declarations refer.
    pub fn names_of_objects(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for declaration in self.sources.iter().flat_map(|source| &source.declarations) {
            let chart = &declaration.chart;
            names.extend(chart.object.iter().chain(&chart.repository_object).map(|object| object.name.clone()));
            names.extend(declaration.layers.iter().filter_map(|layer| match layer {
                Layer::Object(values) => Some(values.object.name.clone()),
                _ => None,
            }));
        }
        // A source can refer to a repository, too.
        names.extend(self.objects.iter().filter_map(|object| object.text("spec.sourceRef.name")));
        names
    }
}
