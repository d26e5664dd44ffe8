//! Overlays of Kustomize: which resources each has, with which patches, in which namespace.

use std::collections::{BTreeMap, BTreeSet};

use super::files::{self, Tree, folder_of, is_kustomization, join, name_of};
use crate::{
    source::{declaration::ObjectReference, embedded, text_at},
    yaml::{Document, Map, Path, Value, read_values},
};

/// A kustomization, or another object that installs a folder as one: a Kustomization of Flux.
#[derive(Debug, Clone, Default)]
pub(super) struct Overlay {
    /// The file that holds it.
    pub file: String,
    /// Files, and folders with a kustomization.
    resources: Vec<String>,
    /// The files with patches, and the text of patches in the kustomization itself.
    patches: Vec<Patch>,
    namespace: Option<String>,
    generators: Vec<Generated>,
}

/// A patch of an overlay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Patch {
    /// The file with the patch. `None` for a text in the kustomization.
    pub file: Option<String>,
    /// The number of the kustomization in its file, and the path of the text in the kustomization.
    pub at: (usize, Path),
    /// The object that the patch is for, if the kustomization names it.
    target: Option<ObjectReference>,
    pub text: Option<String>,
}

/// A ConfigMap or Secret that an overlay generates.
#[derive(Debug, Clone)]
pub(super) struct Generated {
    pub kind: &'static str,
    pub name: String,
    /// The file of each key.
    pub files: BTreeMap<String, String>,
    pub literals: BTreeMap<String, String>,
}

/// A resource of an overlay, with what the overlays above it change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Variant {
    /// The file of the outermost overlay.
    pub overlay: String,
    /// The files of all overlays around the resource, outermost first.
    pub chain: Vec<String>,
    /// The patches in the order in which they apply, each with the file of its overlay.
    pub patches: Vec<(String, Patch)>,
    pub namespace: Option<String>,
}

/// All overlays of a repository.
#[derive(Debug, Default)]
pub(super) struct Overlays {
    overlays: Vec<Overlay>,
}

/// The most overlays inside of each other, and the most variants of one resource.
const DEEPEST: usize = 16;
const MOST_VARIANTS: usize = 64;

/// Whether a text can have an overlay.
pub(super) fn may_be_in(path: &str, text: &str) -> bool {
    is_kustomization(name_of(path)) || text.contains(FLUX)
}

/// The group of the objects with which Flux installs a folder.
const FLUX: &str = "kustomize.toolkit.fluxcd.io/";

impl Overlays {
    /// Adds the overlays of a file.
    pub fn add(&mut self, path: &str, whole: &Document, tree: &dyn Tree) {
        if !may_be_in(path, whole.text()) {
            return;
        }
        let folder = folder_of(path);
        for (number, (_, document)) in embedded::documents(whole).into_iter().enumerate() {
            let Some(top) = document.documents().first().copied() else { continue };
            let text = |path: &str| text_at(&document, top, path);
            if is_kustomization(name_of(path)) {
                if let Ok(Value::Map(map)) = document.value(top) {
                    self.overlays.push(Overlay::of(path, folder, (number, Path::root()), &map, tree));
                }
            } else if text("kind").as_deref() == Some("Kustomization")
                && text("apiVersion").is_some_and(|api| api.starts_with(FLUX))
                && let Ok(Value::Map(map)) = document.value(top)
                && let Some(Value::Map(spec)) = map.get("spec")
            {
                let within = text("spec.path").and_then(|path| join("", &path));
                let mut overlay = Overlay::of(path, "", (number, Path::of(["spec"])), spec, tree);
                overlay.resources = within.into_iter().flat_map(|folder| resources_of(&folder, tree)).collect();
                overlay.namespace = text("spec.targetNamespace");
                self.overlays.push(overlay);
            }
        }
    }

    /// The ConfigMaps and Secrets that overlays generate, each with the file of its overlay.
    pub fn generated(&self) -> impl Iterator<Item = (&str, &Generated)> {
        self.overlays.iter().flat_map(|overlay| overlay.generators.iter().map(|one| (overlay.file.as_str(), one)))
    }

    /// The variants of each file, by its path.
    pub fn variants(&self) -> BTreeMap<String, Vec<Variant>> {
        let used: BTreeSet<&str> =
            self.overlays.iter().flat_map(|overlay| overlay.resources.iter().map(String::as_str)).collect();
        let kustomizations = self.overlays.iter().filter(|overlay| is_kustomization(name_of(&overlay.file)));
        let by_folder = kustomizations.map(|overlay| (folder_of(&overlay.file), overlay)).collect();
        let mut variants = BTreeMap::new();
        for overlay in &self.overlays {
            let is_root = !is_kustomization(name_of(&overlay.file)) || !used.contains(folder_of(&overlay.file));
            if is_root {
                let variant = Variant { overlay: overlay.file.clone(), ..Variant::default() };
                self.expand(overlay, &variant, 0, &by_folder, &mut variants);
            }
        }
        variants
    }

    /// Adds the resources of an overlay. `outer` has what the overlays above it change.
    fn expand(
        &self,
        overlay: &Overlay,
        outer: &Variant,
        depth: usize,
        by_folder: &BTreeMap<&str, &Overlay>,
        variants: &mut BTreeMap<String, Vec<Variant>>,
    ) {
        // Overlays can refer to each other in a loop.
        if outer.chain.contains(&overlay.file) {
            return;
        }
        let own = overlay.patches.iter().map(|patch| (overlay.file.clone(), patch.clone()));
        let variant = Variant {
            overlay: outer.overlay.clone(),
            chain: outer.chain.iter().chain([&overlay.file]).cloned().collect(),
            // The inner patches apply first.
            patches: own.chain(outer.patches.iter().cloned()).collect(),
            namespace: outer.namespace.clone().or_else(|| overlay.namespace.clone()),
        };
        for resource in &overlay.resources {
            match by_folder.get(resource.as_str()).copied() {
                Some(inner) if depth < DEEPEST => self.expand(inner, &variant, depth + 1, by_folder, variants),
                _ => {
                    let of_file = variants.entry(resource.clone()).or_default();
                    if !of_file.contains(&variant) && of_file.len() < MOST_VARIANTS {
                        of_file.push(variant.clone());
                    }
                }
            }
        }
    }
}

/// The kustomization of a folder, or all files of a folder without one.
fn resources_of(folder: &str, tree: &dyn Tree) -> Vec<String> {
    let below =
        |path: &&String| folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    let files: Vec<&String> = tree.paths().iter().filter(below).collect();
    if files.iter().any(|path| is_kustomization(name_of(path)) && folder_of(path) == folder) {
        return vec![folder.to_owned()];
    }
    // A folder below with a kustomization counts as one resource.
    let folders: BTreeSet<&str> =
        files.iter().filter(|path| is_kustomization(name_of(path))).map(|path| folder_of(path)).collect();
    let is_inside =
        |path: &str| folders.iter().any(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')));
    let plain = files.iter().filter(|path| files::is_yaml(name_of(path)) && !is_inside(path));
    folders.iter().map(|folder| (*folder).to_owned()).chain(plain.map(|path| (*path).clone())).collect()
}

impl Overlay {
    fn of(file: &str, folder: &str, (number, above): (usize, Path), map: &Map, tree: &dyn Tree) -> Self {
        let texts = |key: &str| -> Vec<String> {
            let Some(Value::List(items)) = map.get(key) else { return Vec::new() };
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let mut overlay = Self { file: file.to_owned(), namespace: text(map, "namespace"), ..Self::default() };
        for key in ["resources", "bases", "components"] {
            overlay.resources.extend(texts(key).iter().filter_map(|path| join(folder, path)));
        }
        for (at, word) in texts("patchesStrategicMerge").into_iter().enumerate() {
            let at = above.key("patchesStrategicMerge").index(at);
            overlay.patches.push(Patch::of(&word, (number, at), None, folder, tree));
        }
        for key in ["patches", "patchesJson6902"] {
            let Some(Value::List(items)) = map.get(key) else { continue };
            for (at, item) in items.iter().enumerate() {
                let Some(item) = item.as_map() else { continue };
                let target = item.get("target").and_then(Value::as_map).map(|target| ObjectReference {
                    kind: text(target, "kind").unwrap_or_default(),
                    name: text(target, "name").unwrap_or_default(),
                    namespace: text(target, "namespace"),
                });
                let at = above.key(key).index(at);
                if let Some(path) = text(item, "path") {
                    overlay.patches.push(Patch::of(&path, (number, at), target, folder, tree));
                } else if let Some(patch) = text(item, "patch") {
                    let at = (number, at.key("patch"));
                    overlay.patches.push(Patch { file: None, at, target, text: Some(patch) });
                }
            }
        }
        for (key, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
            let Some(Value::List(items)) = map.get(key) else { continue };
            overlay.generators.extend(items.iter().filter_map(|item| Generated::of(item.as_map()?, kind, folder)));
        }
        overlay
    }
}

fn text(map: &Map, key: &str) -> Option<String> {
    map.get(key).and_then(Value::as_str).map(str::to_owned)
}

impl Patch {
    fn of(word: &str, at: (usize, Path), target: Option<ObjectReference>, folder: &str, tree: &dyn Tree) -> Self {
        // A text with several lines is the patch itself.
        let file = (!word.contains('\n')).then(|| join(folder, word)).flatten();
        let text = match &file {
            Some(file) => tree.text(file).map(|text| text.to_string()),
            None => Some(word.to_owned()),
        };
        Self { file, at, target, text }
    }

    /// Whether the patch can be for an object.
    pub fn is_for(&self, object: &ObjectReference) -> bool {
        let fits = |reference: &ObjectReference| {
            (reference.kind.is_empty() || reference.kind == object.kind)
                && (reference.name.is_empty() || reference.name == object.name || reference.name == ".*")
        };
        match &self.target {
            Some(target) => fits(target),
            None => self.documents().iter().any(|map| {
                let metadata = map.get("metadata").and_then(Value::as_map);
                let name = metadata.and_then(|metadata| text(metadata, "name")).unwrap_or_default();
                fits(&ObjectReference { kind: text(map, "kind").unwrap_or_default(), name, namespace: None })
            }),
        }
    }

    fn documents(&self) -> Vec<Map> {
        let Some(text) = &self.text else { return Vec::new() };
        let parts = text.split("\n---").filter_map(|part| read_values(part.trim_start_matches("---")).ok());
        parts.collect()
    }
}

impl Generated {
    fn of(map: &Map, kind: &'static str, folder: &str) -> Option<Self> {
        let words = |key: &str| -> Vec<String> {
            let Some(Value::List(items)) = map.get(key) else { return Vec::new() };
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let mut files = BTreeMap::new();
        for word in words("files") {
            let (key, path) = word.split_once('=').map_or((name_of(&word), word.as_str()), |(key, path)| (key, path));
            // A path that leads out of the root stays as it is, and no file is found there.
            files.insert(key.to_owned(), join(folder, path).unwrap_or_else(|| path.to_owned()));
        }
        let literal = |word: String| word.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
        Some(Self {
            kind,
            name: text(map, "name")?,
            files,
            literals: words("literals").into_iter().filter_map(literal).collect(),
        })
    }
}
