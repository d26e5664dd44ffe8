//! Joins the declarations in all files of a repository to releases of the chart.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    FileContext, ParentChart, Release, ReleaseLayer, Repository, UnreadFile,
    declared::{Declared, Source},
    files::{self, Target, Tree, folder_of, name_of, resolve},
    found_chart::FoundChart,
    kustomize::{self, Overlays, Patch, Variant},
    objects,
    terraform_folders::{self, TerraformFolders},
};
use crate::{
    placeholder,
    source::{
        ClaimSource, Delivery, HEADERS, Hints, VersionClaim,
        declaration::{Declaration, Layer},
        declarations_of,
        detect::{self, Trust},
        exceeded_limit,
        forms::Scalars,
        may_declare,
        terraform::FolderInputs,
    },
    yaml::{Document, Map, Path, Value, merge::merge_into},
};

/// Texts of fewer bytes are parsed sooner than threads start.
const LITTLE: usize = 128 << 10;

/// Reads the files of a repository, and joins the releases.
pub(super) fn find(tree: &dyn Tree) -> Repository {
    let mut declared = Declared {
        tree,
        sources: Vec::new(),
        objects: Vec::new(),
        overlays: Overlays::default(),
        variants: BTreeMap::new(),
        parents: Vec::new(),
        inputs: HashMap::new(),
        dumps: Vec::new(),
        unread: Vec::new(),
    };
    let mut folders = TerraformFolders::of(tree);
    let mut candidates = tree.candidates();
    folders.find_calls(&mut candidates);
    let charts = candidates.iter().filter(|path| name_of(path) == files::CHART_FILE);
    let charts: Vec<_> = charts.filter_map(|path| Some((path.as_str(), tree.text(path)?))).collect();
    let parents = files::parent_names(charts.iter().map(|(path, text)| (*path, &**text)));
    let mut only_objects = Vec::new();
    let mut texts = Vec::new();
    for path in &candidates {
        let Some(text) = tree.text(path) else { continue };
        if name_of(path) == files::CHART_FILE {
            let folder = folder_of(path);
            let requirements = files::join(folder, "requirements.yaml").unwrap_or_default();
            if text.contains("redis") || tree.text(&requirements).is_some_and(|text| text.contains("redis")) {
                declared.parents.push(outermost(folder, tree));
            }
            continue;
        }
        // A single text is asked for by the user. A module can get its chart from a call.
        let can_be_module = terraform_folders::is_configuration(path);
        if candidates.len() > 1 && !can_be_module && files::has_only_objects(path, &text, &parents) {
            only_objects.push((path, text));
            continue;
        }
        let hints = Hints { path: Some(path.clone()), inputs: folders.inputs_of(path), ..Hints::default() };
        texts.push((path, text, hints));
    }
    // Nearly all of the time goes into the parser.
    let read = |(path, text, hints): &(&String, Arc<str>, Hints)| {
        let (declarations, document) = match needs_parser(path, text, hints) {
            true => declarations_of(text, hints, Some(&tree)),
            false => (Vec::new(), None),
        };
        let is_dump = declarations.is_empty() && is_dump(text);
        // Only a declaration has lines in its file.
        let whole = Document::of_other_text(if declarations.is_empty() { "" } else { text });
        let source = Source { path: (*path).clone(), whole, declarations };
        (source, document, is_dump, exceeded_limit(text, hints))
    };
    let all: Vec<_> = match texts.iter().map(|(_, text, _)| text.len()).sum() {
        ..LITTLE => texts.iter().map(read).collect(),
        _ => texts.par_iter().map(read).collect(),
    };
    for (source, document, is_dump, unread) in all {
        let path = &source.path;
        declared.unread.extend(unread.map(|why| UnreadFile { path: path.clone(), why }));
        if let Some(document) = document {
            declared.objects.extend(objects::objects(declared.sources.len(), &document));
            declared.overlays.add(path, &document, tree);
        }
        if is_dump {
            declared.dumps.push(path.clone());
        }
        declared.sources.push(source);
    }
    // Most objects belong to nothing here, and are not parsed.
    let names = declared.names_of_objects();
    for (path, text) in only_objects.into_iter().filter(|(_, text)| names.iter().any(|name| text.contains(name))) {
        if let Ok(document) = Document::parse(&text) {
            declared.objects.extend(objects::objects(declared.sources.len(), &document));
            let whole = Document::of_other_text(&text);
            declared.sources.push(Source { path: path.clone(), whole, declarations: Vec::new() });
        }
    }
    declared.variants = declared.overlays.variants();
    declared.inputs = folders.into_inputs();
    declared.join()
}

/// Whether a text can declare anything. Most texts that name the chart are its values.
fn needs_parser(path: &str, text: &str, hints: &Hints) -> bool {
    may_declare(text, hints) || objects::may_be_in(text) || kustomize::may_be_in(path, text)
}

/// Whether a text is the output of `helm get values` for the chart.
fn is_dump(text: &str) -> bool {
    let is_header = |line: &str| HEADERS.iter().any(|header| line.strip_suffix(':') == Some(header));
    let has_header = text.lines().find(|line| !line.starts_with('#')).is_some_and(is_header);
    has_header && crate::yaml::read_values(text).is_ok_and(|values| detect::place(&values, Trust::OwnKeys).is_ok())
}

/// The chart that has the chart of a folder in its `charts` folder, at any depth, or the folder itself.
fn outermost(folder: &str, tree: &dyn Tree) -> String {
    let mut folder = folder;
    while folder_of(folder).ends_with("charts") {
        let above = folder_of(folder_of(folder));
        let chart = files::join(above, "Chart.yaml").unwrap_or_default();
        let name = name_of(folder);
        if !tree.text(&chart).is_some_and(|text| text.contains(name)) {
            break;
        }
        folder = above;
    }
    folder.to_owned()
}

impl Declared<'_> {
    fn join(self) -> Repository {
        let mut releases: Vec<Release> = Vec::new();
        let mut others: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
        let mut of_others: BTreeMap<String, String> = BTreeMap::new();
        let mut deployed: BTreeSet<String> = BTreeSet::new();
        for (number, source) in self.sources.iter().enumerate() {
            for (at, declaration) in source.declarations.iter().enumerate() {
                match self.chart(number, declaration) {
                    FoundChart::Redis { repository, claims } => {
                        releases.extend(self.variants_of(number, at, |variant| {
                            self.release(number, at, variant, &repository, &claims, None)
                        }));
                    }
                    FoundChart::Parent(parents) => {
                        for (parent, claim) in parents {
                            deployed.insert(parent.folder.clone());
                            let claims: Vec<_> = claim.into_iter().collect();
                            releases.extend(self.variants_of(number, at, |variant| {
                                self.release(number, at, variant, "", &claims, Some(parent.clone()))
                            }));
                        }
                    }
                    FoundChart::Other(name) => {
                        for file in self.files_of(&source.path, declaration) {
                            of_others.entry(file).or_insert_with(|| name.clone());
                        }
                        others.entry(source.path.clone()).or_default().push((at, name));
                    }
                    FoundChart::Unknown => {}
                }
            }
        }
        // A chart that no release deploys is a release of its own.
        let parents: BTreeSet<&String> = self.parents.iter().collect();
        for folder in parents.into_iter().filter(|folder| !deployed.contains(*folder)) {
            releases
                .extend(self.parents_in(folder).into_iter().map(|(parent, claim)| self.chart_folder(parent, claim)));
        }
        releases.extend(self.dumps.iter().filter_map(|path| self.dump(path)));
        releases.iter_mut().for_each(Release::turn_off);
        releases.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        name(&mut releases);
        let repository = contexts(releases, others, of_others, &self.inputs, self.parents);
        Repository { unread: self.unread, ..repository }
    }

    /// The values files that a declaration names.
    fn files_of(&self, file: &str, declaration: &Declaration) -> Vec<String> {
        let mut files = Vec::new();
        for layer in &declaration.layers {
            if let Layer::File(reference) = layer
                && let Target::Files(found) = resolve(reference, file, None, self.tree)
            {
                files.extend(found);
            }
        }
        files
    }

    /// The overlays of a variant that generate ConfigMaps or Secrets.
    fn generators_in<'v>(&self, variant: &'v Variant) -> Vec<&'v str> {
        let files: Vec<&str> = self.overlays.generated().map(|(file, _)| file).collect();
        variant.chain.iter().map(String::as_str).filter(|file| files.contains(file)).collect()
    }

    /// The variants of a declaration: one for each overlay that has its file.
    fn variants_of(
        &self,
        source: usize,
        declaration: usize,
        release: impl Fn(Option<&Variant>) -> Release,
    ) -> Vec<Release> {
        let is_object = self.sources[source].declarations[declaration].object.is_some();
        match self.variants.get(&self.sources[source].path) {
            Some(variants) if is_object => {
                let object = self.sources[source].declarations[declaration].object.as_ref();
                let is_plain = |file: &str| files::is_kustomization(name_of(file));
                let is_for = |patch: &Patch| object.is_some_and(|object| patch.is_for(object));
                let mut different: Vec<Variant> = Vec::new();
                for variant in variants {
                    let mut variant = variant.clone();
                    variant.patches.retain(|(_, patch)| is_for(patch));
                    let generators = self.generators_in(&variant);
                    let is_same = |other: &Variant| {
                        other.patches == variant.patches
                            && other.namespace == variant.namespace
                            && self.generators_in(other) == generators
                            // Two overlays are two releases. An overlay and the object that installs it are one.
                            && (other.overlay == variant.overlay
                                || is_plain(&other.overlay) != is_plain(&variant.overlay))
                    };
                    if !different.iter().any(is_same) {
                        different.push(variant);
                    }
                }
                let variants = different;
                let changes = |variant: &Variant| !variant.patches.is_empty() || self.generators_in(variant).len() > 1;
                let many = variants.len() > 1 || variants.iter().any(changes);
                // An overlay that changes nothing has the file of the declaration as its id.
                variants
                    .iter()
                    .map(|variant| release(Some(variant).filter(|_| many || variant.namespace.is_some())))
                    .collect()
            }
            _ => vec![release(None)],
        }
    }

    fn release(
        &self,
        source: usize,
        at: usize,
        variant: Option<&Variant>,
        repository: &str,
        claims: &[VersionClaim],
        parent: Option<ParentChart>,
    ) -> Release {
        let file = &self.sources[source].path;
        let declaration = &self.sources[source].declarations[at];
        let mut release = Release {
            id: String::new(),
            form: declaration.form,
            delivery: declaration.delivery,
            file: file.clone(),
            line: declaration.span.line.max(1),
            declaration: Some((file.clone(), at)),
            repository: repository.to_owned(),
            claims: claims
                .iter()
                .map(|claim| VersionClaim {
                    by: match &claim.by {
                        ClaimSource::Manifest { field } => {
                            let line = match declaration.version.line {
                                0 => declaration.span.line.max(1),
                                line => line,
                            };
                            ClaimSource::Declared { field, file: file.clone(), line }
                        }
                        by => by.clone(),
                    },
                    ..claim.clone()
                })
                .collect(),
            version_place: self.version_place(source, declaration),
            unknown_version: declaration.version.unknown.clone(),
            variables: declaration.blocks().next().map(|block| block.origin.variables.clone()).unwrap_or_default(),
            unread_version: declaration.version.text.clone().filter(|_| declaration.version.claims.is_empty()),
            name: declaration.release.clone(),
            namespace: declaration.namespace.clone(),
            call: declaration.call.clone(),
            off: declaration.off.clone(),
            is_off_by_condition: false,
            parent,
            layers: Vec::new(),
        };
        if let Some(folder) = release.parent.as_ref().map(|parent| parent.folder.clone()) {
            // The values of the charts themselves count least.
            release.layers =
                self.own_values(&folder, &release.parent.as_ref().map(|parent| parent.at.clone()).unwrap_or_default());
        }
        for (number, layer) in declaration.layers.iter().enumerate() {
            let chain = variant.map(|variant| variant.chain.as_slice()).unwrap_or_default();
            self.add_layer((source, at, number), layer, chain, &mut release);
        }
        if let Some(variant) = variant {
            self.patch(declaration, variant, &mut release);
        }
        release
    }

    /// The release whose values `helm get values` wrote to a file.
    fn dump(&self, path: &str) -> Option<Release> {
        Some(Release {
            id: path.to_owned(),
            form: "values file",
            delivery: Delivery::Helm,
            file: path.to_owned(),
            line: 1,
            declaration: None,
            repository: String::new(),
            claims: Vec::new(),
            version_place: None,
            unread_version: None,
            unknown_version: None,
            variables: Arc::default(),
            name: None,
            namespace: None,
            call: None,
            off: None,
            is_off_by_condition: false,
            parent: None,
            layers: vec![self.file_layer(path, 1, Scalars::default())?],
        })
    }

    /// A chart with a dependency on the Redis chart that no declaration deploys.
    fn chart_folder(&self, parent: ParentChart, claim: Option<VersionClaim>) -> Release {
        let name = Some(parent.at.to_string());
        Release {
            id: String::new(),
            form: "chart dependency",
            delivery: Delivery::Helm,
            file: files::join(&parent.folder, "Chart.yaml").unwrap_or_default(),
            line: 1,
            declaration: None,
            repository: String::new(),
            claims: claim.into_iter().collect(),
            version_place: None,
            unread_version: None,
            unknown_version: None,
            variables: Arc::default(),
            name,
            namespace: None,
            call: None,
            off: None,
            is_off_by_condition: false,
            layers: self.own_values(&parent.folder, &parent.at),
            parent: Some(parent),
        }
    }
}

/// Gives each release its id.
fn name(releases: &mut [Release]) {
    let is_known = |release: &Release| release.name.as_deref().is_some_and(|name| placeholder::of(name).is_none());
    // A Terraform call has an address, also if the name of its release is unknown.
    let named = |release: &Release| match (&release.call, &release.name) {
        (Some(call), _) if !is_known(release) => call.clone(),
        (_, name) => name.as_deref().unwrap_or("redis").to_owned(),
    };
    let short = |release: &Release| format!("{}#{}", release.file, named(release));
    let long = |release: &Release| {
        let namespace = release.namespace.as_deref().unwrap_or("default");
        format!("{}#{namespace}/{}", release.file, named(release))
    };
    let releases: Vec<&mut Release> = releases.iter_mut().filter(|release| release.id.is_empty()).collect();
    let count = |id: &dyn Fn(&Release) -> String| {
        let mut count: HashMap<String, usize> = HashMap::new();
        releases.iter().for_each(|release| *count.entry(id(release)).or_default() += 1);
        count
    };
    let (of_short, of_long) = (count(&short), count(&long));
    let mut taken: HashMap<String, usize> = HashMap::new();
    for release in releases {
        let (id, whole) = (short(release), long(release));
        let id = match &release.call {
            _ if of_short[&id] == 1 => id,
            Some(call) if of_long[&whole] > 1 && is_known(release) => {
                format!("{}#{call}/{}", release.file, named(release))
            }
            _ => whole,
        };
        let number = taken.entry(id.clone()).or_default();
        *number += 1;
        release.id = if *number > 1 { format!("{id}~{number}") } else { id };
    }
}

/// The context of each file.
fn contexts(
    releases: Vec<Release>,
    mut others: BTreeMap<String, Vec<(usize, String)>>,
    mut of_others: BTreeMap<String, String>,
    inputs: &HashMap<String, Arc<FolderInputs>>,
    parents: Vec<String>,
) -> Repository {
    let releases = Arc::new(releases);
    let mut used: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, release) in releases.iter().enumerate() {
        let files = release.layers.iter().filter_map(|layer| layer.file.clone());
        let declared = release.declaration.as_ref().map(|(file, _)| file.clone());
        for file in files.chain([release.file.clone()]).chain(declared) {
            let of_file = used.entry(file).or_default();
            if of_file.last() != Some(&at) {
                of_file.push(at);
            }
        }
    }
    for file in others.keys().chain(of_others.keys()) {
        used.entry(file.clone()).or_default();
    }
    let contexts = used
        .into_iter()
        .map(|(file, used_by)| {
            let others = others.remove(&file).unwrap_or_default();
            let of_other = of_others.remove(&file).filter(|_| used_by.is_empty());
            let inputs = inputs.get(folder_of(&file)).cloned().unwrap_or_default();
            (file, Arc::new(FileContext { releases: releases.clone(), used_by, inputs, others, of_other }))
        })
        .collect();
    Repository { releases, parents, contexts, unread: Vec::new() }
}

impl Release {
    /// The values of the Redis chart in a layer.
    pub(in crate::source) fn values_of(&self, layer: &ReleaseLayer, at: Option<&Path>) -> Map {
        let Some(values) = &layer.values else { return Map::new() };
        let at = at.or(layer.at.as_ref()).or(self.parent.as_ref().map(|parent| &parent.at));
        match at {
            Some(at) => values.get_at(at).and_then(Value::as_map).cloned().unwrap_or_default(),
            None => values.clone(),
        }
    }

    /// The files with values, lowest precedence first; or the file that declares the release, if none has any.
    pub fn files_of_values(&self) -> Vec<&str> {
        let has_block = |layer: &&ReleaseLayer| layer.can_change();
        let files: Vec<&str> = self.layers.iter().filter(has_block).filter_map(|layer| layer.file.as_deref()).collect();
        let declared = self.declaration.as_ref().map_or(self.file.as_str(), |(file, _)| file.as_str());
        if files.is_empty() { vec![declared] } else { files }
    }

    /// Marks a dependency whose condition is false.
    fn turn_off(&mut self) {
        let Some(parent) = &self.parent else { return };
        let values = self.values();
        let value = |path: &&Path| values.get_at(path).and_then(Value::as_bool);
        // The first condition with a value decides.
        let deciding = parent.conditions.iter().find(|path| value(path).is_some());
        if let Some(path) = deciding.filter(|path| value(path) == Some(false)) {
            let path = parent.at.join(path);
            self.off = Some(format!("`{path}: false`"));
            self.is_off_by_condition = true;
        }
    }

    /// The files with values of the release that no edit can change: patches in a kustomization.
    pub fn files_without_edits(&self) -> Vec<&str> {
        let is_fixed = |layer: &&ReleaseLayer| !layer.can_change() && layer.values.is_some();
        self.layers.iter().filter(is_fixed).filter_map(|layer| layer.file.as_deref()).collect()
    }

    /// All files of the repository that tell something about the release. Some may be there twice.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let layers = self.layers.iter().filter_map(|layer| layer.file.as_deref());
        let declared = self.declaration.as_ref().map(|(file, _)| file.as_str());
        [self.file.as_str()].into_iter().chain(declared).chain(layers)
    }

    /// The values of all layers, as the chart gets them.
    pub fn values(&self) -> Map {
        let mut all = Map::new();
        for layer in &self.layers {
            let values = self.values_of(layer, None);
            match layer.drops_null {
                true => merge_without_nulls(&mut all, values),
                false => merge_into(&mut all, values),
            }
        }
        all
    }
}

/// Merges values of a tool that removes a value for each null.
fn merge_without_nulls(base: &mut Map, over: Map) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (_, Value::Null) => drop(base.remove(&key)),
            (Some(Value::Map(below)), Value::Map(above)) => merge_without_nulls(below, above),
            (_, Value::Map(above)) => {
                let mut below = Map::new();
                merge_without_nulls(&mut below, above);
                base.insert(key, Value::Map(below));
            }
            (_, value) => drop(base.insert(key, value)),
        }
    }
}
