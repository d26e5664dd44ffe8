//! The folders with Terraform files: the variables of each, and the calls of each as a module.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::files::{Tree, folder_of, join};
use crate::source::terraform::{self, FolderInputs, MOST_CALLS, ModuleCall, Variables};

/// The most modules inside of each other.
const DEEPEST: usize = 8;

/// The folders with Terraform files.
pub(super) struct TerraformFolders<'t> {
    tree: &'t dyn Tree,
    inputs: HashMap<String, Arc<FolderInputs>>,
    /// The folders that call each folder.
    callers: BTreeMap<String, BTreeSet<String>>,
}

fn is_terraform(path: &str) -> bool {
    is_configuration(path) || path.ends_with(".tfvars")
}

/// Whether a file can have resources and calls of modules.
pub(super) fn is_configuration(path: &str) -> bool {
    [".tf", ".tofu"].iter().any(|ending| path.ends_with(ending))
}

impl<'t> TerraformFolders<'t> {
    pub fn of(tree: &'t dyn Tree) -> Self {
        Self { tree, inputs: HashMap::new(), callers: BTreeMap::new() }
    }

    /// Finds the calls of modules, and adds the files of the modules that candidates call: the chart can be an argument
    /// of the call.
    pub fn find_calls(&mut self, candidates: &mut Vec<String>) {
        let mut folders: BTreeSet<String> = BTreeSet::new();
        let mut open: Vec<String> = candidates.iter().filter(|path| is_configuration(path)).cloned().collect();
        while let Some(path) = open.pop() {
            let Some(text) = self.tree.text(&path) else { continue };
            for source in terraform::local_modules(&text) {
                if let Some(folder) = join(folder_of(&path), &source)
                    && folders.insert(folder.clone())
                {
                    open.extend(self.files_in(&folder).filter(|path| is_configuration(path)).cloned());
                }
            }
        }
        let called = folders.iter().flat_map(|folder| self.files_in(folder)).filter(|path| is_configuration(path));
        let is_new = |path: &&String| candidates.binary_search(path).is_err();
        let new: Vec<String> = called.filter(is_new).cloned().collect();
        candidates.extend(new);
        candidates.sort_unstable();
        // Only a text with a release needs the calls, which takes all Terraform files of the repository.
        let mut files = candidates.iter().filter(|path| is_configuration(path));
        if files.any(|path| self.tree.text(path).is_some_and(|text| text.contains("chart"))) {
            self.callers = self.find_callers();
        }
    }

    /// The variables and calls of the folder of a file. `None` for a file of another kind.
    pub fn inputs_of(&mut self, path: &str) -> Option<Arc<FolderInputs>> {
        is_terraform(path).then(|| self.inputs(folder_of(path), &mut Vec::new()))
    }

    pub fn into_inputs(self) -> HashMap<String, Arc<FolderInputs>> {
        self.inputs
    }

    /// The files of a folder, without those of folders below.
    fn files_in<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'t String> + 'a {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let paths = self.tree.paths();
        let start = paths.partition_point(|path| path.as_str() < prefix.as_str());
        let below = paths[start..].iter().take_while(move |path| path.starts_with(&prefix));
        below.filter(move |path| folder_of(path) == folder && is_terraform(path))
    }

    fn find_callers(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut callers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for path in self.tree.paths().iter().filter(|path| is_configuration(path)) {
            let Some(text) = self.tree.text(path) else { continue };
            for source in terraform::local_modules(&text) {
                if let Some(folder) = join(folder_of(path), &source) {
                    callers.entry(folder).or_default().insert(folder_of(path).to_owned());
                }
            }
        }
        callers
    }

    /// The variables and calls of a folder. `inside` has the folders that it calls on the way, in order.
    fn inputs(&mut self, folder: &str, inside: &mut Vec<String>) -> Arc<FolderInputs> {
        if let Some(known) = self.inputs.get(folder) {
            return known.clone();
        }
        let variables = self.variables(folder, None);
        let callers = self.callers.get(folder).cloned().unwrap_or_default();
        inside.push(folder.to_owned());
        let mut calls = Vec::new();
        for caller in callers {
            // Modules cannot call each other in a loop, but texts can be wrong.
            if inside.contains(&caller) || inside.len() > DEEPEST {
                continue;
            }
            let outer = self.inputs(&caller, inside);
            calls.extend(self.calls(&caller, folder, &outer));
        }
        inside.pop();
        calls.truncate(MOST_CALLS);
        let defaults: BTreeMap<_, _> = match calls.is_empty() {
            true => BTreeMap::new(),
            false => {
                let texts = self.files_in(folder).filter(|path| is_configuration(path));
                texts.filter_map(|path| self.tree.text(path)).flat_map(|text| terraform::defaults(&text)).collect()
            }
        };
        for call in &mut calls {
            call.defaults.clone_from(&defaults);
            call.variables = self.variables(folder, Some(call));
        }
        let inputs = Arc::new(FolderInputs { variables, calls });
        self.inputs.insert(folder.to_owned(), inputs.clone());
        inputs
    }

    /// The variables and locals of all files of a folder.
    fn variables(&self, folder: &str, call: Option<&ModuleCall>) -> Variables {
        // The values of a `.tfvars` file override defaults.
        let (values, files): (Vec<_>, Vec<_>) = self.files_in(folder).partition(|path| path.ends_with(".tfvars"));
        let mut all = Variables::new();
        for path in files.into_iter().chain(values.into_iter().filter(|_| call.is_none())) {
            if let Some(text) = self.tree.text(path) {
                all.extend(terraform::variables(&text, call));
            }
        }
        all
    }

    /// The calls of a folder in the files of another one.
    fn calls(&self, caller: &str, folder: &str, inputs: &FolderInputs) -> Vec<ModuleCall> {
        let up = "../".repeat(folder.split('/').filter(|step| !step.is_empty()).count());
        let from_module = format!("{up}{caller}");
        let back = from_module.trim_end_matches('/');
        let is_wanted = |source: &str| join(caller, source).as_deref() == Some(folder);
        let mut calls = Vec::new();
        for path in self.files_in(caller).filter(|path| is_configuration(path)) {
            let Some(text) = self.tree.text(path) else { continue };
            let mut read = |outer: Option<&ModuleCall>| {
                calls.extend(terraform::calls(&text, &inputs.variables, outer, (caller, back), &is_wanted));
            };
            match inputs.calls.as_slice() {
                [] => read(None),
                outer => outer.iter().for_each(|outer| read(Some(outer))),
            }
        }
        calls
    }
}
