//! The releases in Terraform and OpenTofu: `helm_release`, and blocks or objects with a chart, an address and a version.

mod call;
mod fields;
mod inputs;
mod module;
mod values;

use std::collections::BTreeMap;

use hcl_edit::{
    expr::Expression,
    parser,
    structure::{Block, Body, Structure},
};

pub use self::inputs::{FolderInputs, MOST_CALLS, ModuleCall};
use self::{fields::Fields, module::Module, values::LayersOf};
use super::{
    Delivery, Hints, Origin,
    declaration::{Base, ChartReference, Declaration, StatedVersion, version_in_name},
    declare::origin_of,
};
use crate::placeholder;
use crate::yaml::Span;

/// Texts by `var.name` and `local.name`, each with its place in the text that sets it.
pub type Variables = BTreeMap<String, (String, Span)>;

/// The longest text that is read in bytes.
const LONGEST: usize = 1024 * 1024;

/// The most signs between names and values. The parser compares each item of an object with all before.
const MOST_ITEMS: usize = 10_000;

/// The most blocks and objects inside each other that are searched.
const DEEPEST: usize = 64;

/// The names that modules have for an attribute.
const CHART: [&str; 3] = ["chart", "chart_name", "helm_chart"];
const REPOSITORY: [&str; 10] = [
    "repository",
    "repo",
    "repo_url",
    "repoURL",
    "repository_url",
    "chart_repository",
    "chart_repository_url",
    "chart_repo",
    "helm_repository",
    "helm_repo",
];
const VERSION: [&str; 5] = ["version", "chart_version", "target_revision", "targetRevision", "helm_chart_version"];
const RELEASE: [&str; 4] = ["release_name", "releaseName", "release", "name"];
const NAMESPACE: [&str; 3] = ["namespace", "target_namespace", "kubernetes_namespace"];
const VALUES: [&str; 6] = ["values", "helm_values", "valuesObject", "values_object", "chart_values", "values_yaml"];
const VALUE_FILES: [&str; 3] = ["value_files", "valueFiles", "values_files"];
const SETS: [&str; 5] = ["set", "sets", "set_values", "parameter", "parameters"];
const ON: [&str; 5] = ["enabled", "create", "enable", "create_release", "deploy"];

/// Whether a text may hold releases: a cheap test.
pub(super) fn may_be_in(text: &str, file_name: Option<&str>) -> bool {
    let is_ours = file_name.is_some_and(|name| [".tf", ".tofu", ".tfvars"].iter().any(|end| name.ends_with(end)));
    is_ours && text.contains("chart")
}

/// The variables and locals with a known text. The attributes of a `.tfvars` file count as variables.
pub(super) fn variables(text: &str, call: Option<&ModuleCall>) -> Variables {
    let Some(body) = parse(text) else { return Variables::new() };
    let given = Variables::new();
    let module = Module::new(text, &body, &given, call);
    let mut found = module.variables();
    for attribute in body.attributes() {
        module.flatten(&format!("var.{}", attribute.key.as_str()), &attribute.value, 0, &mut found);
    }
    found
}

/// The defaults of variables that are lists or objects.
pub(super) fn defaults(text: &str) -> BTreeMap<String, Expression> {
    let Some(body) = parse(text) else { return BTreeMap::new() };
    call::defaults_of(&Module::new(text, &body, &Variables::new(), None))
}

/// The paths of the modules in folders of the repository that a text calls.
pub(super) fn local_modules(text: &str) -> Vec<String> {
    let may_have_one = text.contains("module") && (text.contains("\"./") || text.contains("\"../"));
    let Some(body) = may_have_one.then(|| parse(text)).flatten() else { return Vec::new() };
    call::local_modules(&body).map(|(_, source)| source.to_owned()).collect()
}

/// The calls of a module in a text, which must be in the folder `from`.
///
/// `is_wanted` is true for the path of the module in the text. `outer` is the call of the text's own folder, and
/// `folder` the path from the folder of the module to `from`. A call that names a chart, an address and a version is a
/// release itself, and is left out.
pub(super) fn calls(
    text: &str,
    variables: &Variables,
    outer: Option<&ModuleCall>,
    (root, folder): (&str, &str),
    is_wanted: &dyn Fn(&str) -> bool,
) -> Vec<ModuleCall> {
    let Some(body) = parse(text) else { return Vec::new() };
    let module = Module::new(text, &body, outer.map_or(variables, |call| &call.variables), outer);
    let hints = Hints::default();
    let reader = Reader { module: &module, hints: &hints };
    let start = ModuleCall { root: root.to_owned(), ..ModuleCall::default() };
    let mut found = Vec::new();
    for (block, _) in call::local_modules(&body).filter(|(_, source)| is_wanted(source)) {
        let mut releases = Vec::new();
        reader.search_body(&block.body, block, &mut Vec::new(), &mut releases);
        if releases.is_empty() {
            found.extend(call::calls_of(&module, block, outer.unwrap_or(&start), folder));
        }
    }
    found
}

/// The releases that a text declares, of all charts: those of each call of its folder as a module, or else those with the
/// defaults of its variables. A text of the folder's variables overrides a default in the text itself.
pub(super) fn declarations(text: &str, hints: &Hints, inputs: &FolderInputs) -> Vec<Declaration> {
    let Some(body) = parse(text) else { return Vec::new() };
    if inputs.calls.is_empty() {
        return declarations_in(&Module::new(text, &body, &inputs.variables, None), &body, hints);
    }
    let of_call = |call: &ModuleCall| {
        let module = Module::new(text, &body, &call.variables, Some(call));
        let mut found = declarations_in(&module, &body, hints);
        for declaration in &mut found {
            declaration.call = Some(call.address.clone());
            declaration.off = call.off.clone().or(declaration.off.take());
        }
        found
    };
    inputs.calls.iter().flat_map(of_call).collect()
}

/// The releases that the blocks and values of a text declare.
fn declarations_in(module: &Module, body: &Body, hints: &Hints) -> Vec<Declaration> {
    let reader = Reader { module, hints };
    let mut found = Vec::new();
    for structure in body.iter() {
        match structure {
            Structure::Block(block) if is_release(block) => {
                match call::instances(module, Fields::Body(&block.body)) {
                    Some(instances) => found.extend(instances.iter().filter_map(|instance| {
                        Reader { module: &module.with_instance(instance), hints }.resource(block)
                    })),
                    None => found.extend(reader.resource(block)),
                }
            }
            Structure::Block(block) => reader.search_body(&block.body, block, &mut Vec::new(), &mut found),
            Structure::Attribute(attribute) => reader.search(&attribute.value, None, &mut Vec::new(), &mut found),
        }
    }
    without_sources(found)
}

/// Whether a block is a resource that renders a chart.
fn is_release(block: &Block) -> bool {
    form_of(block).is_some() && Fields::Body(&block.body).get("chart").is_some()
}

/// The form of a `helm_release`, or of the `helm_template` that only renders.
fn form_of(block: &Block) -> Option<&'static str> {
    match (block.ident.as_str(), block.labels.first()?.as_str()) {
        ("resource", "helm_release") => Some("Terraform helm_release"),
        ("data", "helm_template") => Some("Terraform helm_template"),
        _ => None,
    }
}

/// The declarations without the objects whose chart and version a resource of the text takes over.
fn without_sources(found: Vec<Declaration>) -> Vec<Declaration> {
    let is_same = |a: &Declaration, b: &Declaration| {
        a.chart.name == b.chart.name && a.chart.repository == b.chart.repository && a.version.text == b.version.text
    };
    let (objects, blocks): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| one.form == OBJECT);
    let others = objects.into_iter().filter(|object| !blocks.iter().any(|block| is_same(object, block)));
    let mut all: Vec<_> = others.collect();
    all.extend(blocks);
    all.sort_by_key(|one| one.span.start);
    all
}

const OBJECT: &str = "Terraform object";

fn parse(text: &str) -> Option<Body> {
    // A byte order mark is no part of the language, and the spans stay with blanks in its place.
    let blank = text.strip_prefix('\u{feff}').map(|rest| format!("   {rest}"));
    let text = blank.as_deref().unwrap_or(text);
    if exceeded_limit(text).is_some() { None } else { parser::parse_body(text).ok() }
}

/// The limit that a text exceeds, which is not read then.
pub(super) fn exceeded_limit(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return Some(format!("it is larger than {} MiB", LONGEST >> 20));
    }
    let count = text.bytes().filter(|byte| b"=:".contains(byte)).count();
    (count >= MOST_ITEMS).then(|| format!("it has more than {MOST_ITEMS} signs `=` and `:`"))
}

struct Reader<'a> {
    module: &'a Module<'a>,
    hints: &'a Hints,
}

impl<'a> Reader<'a> {
    /// A block that renders a chart.
    fn resource(&self, block: &'a Block) -> Option<Declaration> {
        let form = form_of(block)?;
        let fields = Fields::Body(&block.body);
        let (_, chart) = fields.first(&["chart"])?;
        let span = self.module.span(hcl_edit::Span::span(block).unwrap_or_default());
        let mut declaration = self.declaration(form, Delivery::Helm, chart, fields, &[], span);
        let origin = self.origin(&declaration);
        let mut layers =
            LayersOf { module: self.module, origin: &origin, version: &declaration.version, layers: Vec::new() };
        if let Some(values) = fields.get("values") {
            layers.add_values(values);
        }
        layers.add_sets(fields, &["set", "set_list", "set_sensitive", "set_wo"]);
        declaration.layers = layers.layers;
        Some(declaration)
    }

    /// What all forms have: the chart, the version, the names.
    fn declaration(
        &self,
        form: &'static str,
        delivery: Delivery,
        chart: &Expression,
        fields: Fields<'a>,
        around: &[Fields<'a>],
        span: Span,
    ) -> Declaration {
        let module = self.module;
        let text = module.text_of(chart);
        let nearest = |names: &[&str]| {
            let all = std::iter::once(&fields).chain(around.iter().rev());
            all.filter_map(|fields| fields.first(names)).map(|(_, value)| module.text_of(value)).next()
        };
        let is_path = text.starts_with('.') || text.starts_with("${path.");
        let (path, base) = if is_path { module.path_of(&text) } else { (text.clone(), Base::HereOrAbove) };
        let is_in_module = base == Base::Here;
        let place = module.span_of(chart);
        let mut chart = ChartReference::named(&path, base, place);
        if is_in_module && chart.folder.is_none() {
            chart = ChartReference::named(&format!("./{path}"), base, place);
        }
        // An alias in the name is a better source than a placeholder.
        let is_better = |repository: &String| chart.repository.is_empty() || placeholder::of(repository).is_none();
        if let Some(repository) = nearest(&REPOSITORY).filter(is_better)
            && !chart.repository.contains("://")
        {
            chart.repository = repository;
        }
        let version = fields.first(&VERSION).map(|(name, value)| StatedVersion {
            at: module.place_of(value),
            ..StatedVersion::of(&module.text_of(value), name, module.span_of(value).line)
        });
        let in_name = text.rsplit('/').next().and_then(version_in_name);
        let in_name = in_name.map(|(_, version)| StatedVersion::of(version, "chart", place.line));
        let version = version.filter(|version| version.text.as_deref() != Some("")).or(in_name).unwrap_or_default();
        let destination = around.iter().chain([&fields]).rev().find_map(|fields| {
            let inner = match fields.get("destination") {
                Some(Expression::Object(object)) => Some(Fields::Object(object)),
                _ => fields.blocks("destination").into_iter().next().map(Fields::Body),
            };
            Some(module.text_of(inner?.get("namespace")?))
        });
        Declaration {
            form,
            delivery,
            chart,
            version,
            release: fields.first(&RELEASE).map(|(_, name)| module.text_of(name)),
            namespace: destination.or_else(|| nearest(&NAMESPACE)),
            layers: Vec::new(),
            off: self.off(fields, around),
            span,
            object: None,
            call: None,
        }
    }

    /// Why a block makes nothing.
    fn off(&self, fields: Fields, around: &[Fields]) -> Option<String> {
        std::iter::once(&fields).chain(around).find_map(|fields| self.module.off(*fields))
    }

    fn origin(&self, declaration: &Declaration) -> Origin {
        Origin {
            delivery: declaration.delivery,
            release: declaration.release.clone(),
            namespace: declaration.namespace.clone(),
            ..origin_of(self.hints)
        }
    }

    /// Searches a block and the blocks and values in it.
    fn search_body(
        &self,
        body: &'a Body,
        block: &'a Block,
        around: &mut Vec<Fields<'a>>,
        found: &mut Vec<Declaration>,
    ) {
        if around.len() > DEEPEST {
            return;
        }
        let fields = Fields::Body(body);
        if let Some(declaration) = self.candidate(fields, Some(block), around) {
            found.push(declaration);
            return;
        }
        around.push(fields);
        for structure in body.iter() {
            match structure {
                Structure::Block(inner) => self.search_body(&inner.body, block, around, found),
                Structure::Attribute(attribute) => self.search(&attribute.value, Some(block), around, found),
            }
        }
        around.pop();
    }

    /// Searches the objects in a value.
    fn search(
        &self,
        value: &'a Expression,
        block: Option<&'a Block>,
        around: &mut Vec<Fields<'a>>,
        found: &mut Vec<Declaration>,
    ) {
        if around.len() > DEEPEST {
            return;
        }
        match value {
            Expression::Object(object) => {
                let fields = Fields::Object(object);
                match self.candidate(fields, block, around) {
                    Some(declaration) => found.push(declaration),
                    None => {
                        around.push(fields);
                        for (_, value) in object.iter() {
                            self.search(value.expr(), block, around, found);
                        }
                        around.pop();
                    }
                }
            }
            Expression::Array(items) => items.iter().for_each(|item| self.search(item, block, around, found)),
            Expression::FuncCall(call) => call.args.iter().for_each(|item| self.search(item, block, around, found)),
            Expression::Parenthesis(inner) => self.search(inner.inner(), block, around, found),
            _ => {}
        }
    }

    /// A release by what it names: a chart, an address and a version.
    fn candidate(&self, fields: Fields<'a>, block: Option<&'a Block>, around: &[Fields<'a>]) -> Option<Declaration> {
        let (_, chart) = fields.first(&CHART)?;
        // An object with this name is another thing: `spec.chart` of a HelmRelease.
        if matches!(chart, Expression::Object(_) | Expression::Array(_)) {
            return None;
        }
        fields.first(&VERSION)?;
        let kind = block.map(|block| block.ident.as_str()).unwrap_or_default();
        let is_argo = block.and_then(|block| block.labels.first()).is_some_and(|it| it.as_str().starts_with("argocd_"))
            || fields.get("targetRevision").is_some();
        let (form, delivery) = match kind {
            _ if is_argo => ("Terraform Argo CD application", Delivery::ArgoCd),
            "module" => ("Terraform module", Delivery::Helm),
            "resource" => ("Terraform resource", Delivery::Helm),
            _ => (OBJECT, Delivery::Helm),
        };
        let mut declaration = self.declaration(form, delivery, chart, fields, around, self.module.span(fields.span()));
        if declaration.chart.repository.is_empty() && declaration.chart.folder.is_none() {
            return None;
        }
        // The names of a variable or an output are no values.
        if kind == "variable" && placeholder::of(&declaration.chart.name).is_some() {
            return None;
        }
        let helm = match fields.get("helm") {
            Some(Expression::Object(object)) => Some(Fields::Object(object)),
            _ => fields.blocks("helm").into_iter().next().map(Fields::Body),
        };
        if let Some(name) = helm.and_then(|helm| helm.first(&["release_name", "releaseName"])) {
            declaration.release = Some(self.module.text_of(name.1));
        }
        let origin = self.origin(&declaration);
        let mut layers =
            LayersOf { module: self.module, origin: &origin, version: &declaration.version, layers: Vec::new() };
        // The values may be arguments of the module around.
        let sources = [helm, Some(fields), (kind == "module").then(|| around.first().copied()).flatten()];
        for source in sources.into_iter().flatten() {
            if let Some((_, files)) = source.first(&VALUE_FILES) {
                layers.add_value_files(files);
            }
            if let Some((_, values)) = source.first(&VALUES) {
                layers.add_values(values);
            }
            layers.add_sets(source, &[&SETS[..], &["set_list", "set_sensitive"]].concat());
        }
        declaration.layers = layers.layers;
        Some(declaration)
    }
}

#[cfg(test)]
mod tests;
