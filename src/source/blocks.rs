//! The places of a text with values of releases: those that it declares, and those whose values it holds.

use std::sync::Arc;

use super::{
    ClaimSource, Content, Hints, Origin, Parsed, ValuesBlock,
    declaration::{Declaration, Layer},
    declare::origin_of,
    embedded::{self, EmbeddedText},
    forms::Scalars,
    json_patch,
    repository::{FileContext, LayerPlace, Release, ReleaseLayer, Repository, STANDARD_INPUT, Tree},
    version,
};
use crate::{
    encryption, placeholder,
    yaml::{Document, FoundNode, Map, Path, Value, merge::Layers, merge::merge_into},
};

/// The most layers of one release that are merged, because each is merged with all others.
const MOST_LAYERS: usize = 50;

/// A text as a repository of its own.
struct OneText<'t> {
    paths: [String; 1],
    text: &'t str,
}

impl Tree for OneText<'_> {
    fn candidates(&self) -> Vec<String> {
        self.paths.to_vec()
    }

    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn text(&self, path: &str) -> Option<std::sync::Arc<str>> {
        (path == self.paths[0]).then(|| self.text.into())
    }
}

/// The values of the releases that a text declares or whose values it holds. `None` if it does neither.
pub(super) fn of_releases(text: &str, parsed: &Parsed, hints: &Hints) -> Option<Content> {
    let path = hints.path.clone().unwrap_or_else(|| STANDARD_INPUT.to_owned());
    let context = match &hints.context {
        Some(context) => context.clone(),
        None if parsed.declarations.is_empty() => return is_manifest(parsed).then(|| Err(NO_VALUES.to_owned())),
        None => {
            let tree = OneText { paths: [path.clone()], text };
            Repository::of(&tree).context(&path)?
        }
    };
    let file = File { text, path: &path, parsed, hints };
    let mut parts = Vec::new();
    let is_wanted = |release: &&Release| hints.release.as_ref().is_none_or(|id| release.id == *id);
    for (group, release) in context.releases().filter(is_wanted).enumerate() {
        file.release(release, group, &mut parts);
    }
    if hints.at.is_some() {
        file.other_charts(&context, &mut parts);
    }
    if !parts.is_empty() {
        return Some(Ok(parts));
    }
    if let (Some(chart), false) = (context.of_other(), hints.is_sure()) {
        return Some(Err(format!("values of the chart `{chart}`")));
    }
    let is_declared = context.releases().any(|release| release.file == path);
    if parsed.declarations.is_empty() && !is_declared {
        return None;
    }
    let other = (0..parsed.declarations.len()).find_map(|at| context.other_chart(at));
    Some(Err(match other {
        _ if is_declared && encryption::find(text).is_some() => {
            "a manifest with encrypted values of the chart".to_owned()
        }
        _ if is_declared => "a manifest of the chart without values".to_owned(),
        Some(chart) => format!("values of the chart `{chart}`"),
        None => NO_VALUES.to_owned(),
    }))
}

const NO_VALUES: &str = "a Kubernetes manifest, not values";

/// Whether a text holds a Kubernetes object.
fn is_manifest(parsed: &Parsed) -> bool {
    let Ok(document) = &parsed.document else { return false };
    let has = |top, key: &str| super::text_at(document, top, key).is_some();
    document.documents().iter().any(|top| has(*top, "apiVersion") && has(*top, "kind"))
}

/// A text in which values are searched.
struct File<'a> {
    text: &'a str,
    path: &'a str,
    parsed: &'a Parsed,
    hints: &'a Hints,
}

impl File<'_> {
    /// Adds the values of a release in this file, each block with the other layers of the release.
    fn release(&self, release: &Release, group: usize, parts: &mut Vec<ValuesBlock>) {
        let at = self.hints.at.as_ref();
        let blocks: Vec<Option<ValuesBlock>> =
            release.layers.iter().map(|layer| self.block(release, layer).filter(is_there)).collect();
        let dropped = self.dropped(release);
        let count = blocks.iter().flatten().count();
        if count == 0 && dropped.is_empty() {
            return;
        }
        let globals = globals(release);
        let has_other_files = release.layers.iter().any(|layer| layer.file.as_deref() != Some(self.path));
        let has_unread = release.layers.iter().any(|layer| layer.unknown.is_some());
        let is_too_much = release.layers.len() > MOST_LAYERS;
        let values: Vec<Map> = match is_too_much {
            true => Vec::new(),
            false => release
                .layers
                .iter()
                .zip(&blocks)
                .map(|(layer, block)| match block {
                    Some(block) => block.values(),
                    None => release.values_of(layer, at),
                })
                .collect(),
        };
        let release_group = (count > 1).then_some(parts.len() + group);
        for mut part in dropped {
            let mut over = Map::new();
            values.iter().for_each(|layer| merge_into(&mut over, layer.clone()));
            part.origin.other_layers.over = over;
            part.origin.is_dropped = true;
            parts.push(part);
        }
        for (number, block) in blocks.into_iter().enumerate() {
            let Some(mut block) = block else { continue };
            block.origin.has_unread_values = has_unread || is_too_much;
            block.origin.release_group = release_group;
            block.origin.has_other_files = has_other_files;
            if !is_too_much {
                block.origin.other_layers = Layers::of(&values, number);
            }
            let own_global = global_block(&block, release, &values);
            if let Some(globals) = &globals {
                merge_into(&mut block.origin.other_layers.over, globals.clone());
            }
            parts.extend(own_global);
            parts.push(block);
        }
    }

    /// The block of a layer in this file.
    fn block(&self, release: &Release, layer: &ReleaseLayer) -> Option<ValuesBlock> {
        if layer.file.as_deref() != Some(self.path) {
            return None;
        }
        let within = layer.at.as_ref().or(release.parent.as_ref().map(|parent| &parent.at));
        match &layer.place {
            LayerPlace::Declared { declaration, layer } => {
                let Layer::Block(block) = self.parsed.declarations.get(*declaration)?.layers.get(*layer)? else {
                    return None;
                };
                Some(self.placed(release, within, (**block).clone()))
            }
            LayerPlace::File => {
                let inset = EmbeddedText::whole(self.text);
                let (inset, document) = embedded::parsed(inset)?;
                let document = match layer.scalars {
                    Scalars::Helm => document,
                    Scalars::Core => document.with_core_scalars(),
                };
                let mut block = self.values_block(release, within, inset, document, &Path::root());
                let claims = version::of_comments(&block.document);
                block.claims.splice(..0, claims);
                Some(block)
            }
            LayerPlace::Text { document, at, below } => {
                let (inset, document) = self.text_at(*document, at)?;
                Some(self.values_block(release, within, inset, document, below))
            }
            LayerPlace::Operations { text, number } => {
                let whole = self.parsed.document.as_ref().ok()?;
                let (inset, patch) = match text {
                    Some((document, at)) => self.text_at(*document, at)?,
                    None => (EmbeddedText::whole(self.text), whole.clone()),
                };
                let (inset, document) = json_patch::text_of(&patch, *number, &|span| inset.outer(whole, span))?;
                Some(self.values_block(release, within, inset, document, &Path::root()))
            }
            LayerPlace::Nowhere => None,
        }
    }

    /// The text at a path of a document.
    fn text_at(&self, number: usize, at: &Path) -> Option<(EmbeddedText, Document)> {
        let whole = self.parsed.document.as_ref().ok()?;
        let (outer, document) = embedded::documents(whole).into_iter().nth(number)?;
        let (inset, document) = embedded::text_below(&document, *document.documents().first()?, at)?;
        Some((inset.rebased(&outer), document))
    }

    /// The values at a path of a whole text.
    fn values_block(
        &self,
        release: &Release,
        within: Option<&Path>,
        inset: EmbeddedText,
        document: Document,
        at: &Path,
    ) -> ValuesBlock {
        let origin = Origin { at: at.clone(), ..origin_of(self.hints) };
        let block = ValuesBlock { origin, inset, document: Arc::new(document), claims: Vec::new(), version_at: None };
        let mut block = self.placed(release, within, block);
        let values = block.document.values_at(at, self.hints.helm);
        block.origin.read_by_parent.extend(super::added_by_tools(&values, &block.origin.at));
        block
    }

    /// A block with what is known about its release.
    fn placed(&self, release: &Release, within: Option<&Path>, mut block: ValuesBlock) -> ValuesBlock {
        let origin = &mut block.origin;
        origin.delivery = release.delivery;
        origin.is_off = release.is_off_by_condition;
        origin.release.clone_from(&release.name);
        origin.namespace.clone_from(&release.namespace);
        if let (Some(parent), Some(within), None) = (&release.parent, within, &self.hints.at) {
            origin.at = origin.at.join(within);
            origin.within = within.clone();
            origin.read_by_parent.extend(parent.read_by_parent.iter().cloned());
            origin.parent_is_known = parent.is_known;
        } else if let Some(at) = &self.hints.at
            && !origin.at.segments().ends_with(at.segments())
        {
            origin.at = origin.at.join(at);
        }
        if let Some(place) = &release.version_place {
            let is_here = place.file.as_deref() == Some(self.path);
            let inset = is_here.then(|| place.inset(self.text)).flatten();
            block.version_at = inset.map(|inset| (inset, place.path.clone()));
        }
        origin.variables.clone_from(&release.variables);
        origin.mask = block.inset.mask_of_text();
        block.claims.clone_from(&release.claims);
        for claim in &mut block.claims {
            if let ClaimSource::Declared { field, file, .. } = &claim.by
                && file == self.path
            {
                claim.by = ClaimSource::Manifest { field };
            }
        }
        block
    }

    /// The values that reach no chart, in the declaration of a release.
    fn dropped(&self, release: &Release) -> Vec<ValuesBlock> {
        let Some((file, declaration)) = &release.declaration else { return Vec::new() };
        let declaration = self.parsed.declarations.get(*declaration).filter(|_| file == self.path);
        let dropped = declaration.into_iter().flat_map(Declaration::blocks).filter(|block| block.origin.is_dropped);
        let within = release.parent.as_ref().map(|parent| &parent.at);
        dropped.map(|block| self.placed(release, within, block.clone())).collect()
    }

    /// The values at `--at` in declarations of other charts, whose version does not apply.
    fn other_charts(&self, context: &FileContext, parts: &mut Vec<ValuesBlock>) {
        for (at, declaration) in self.parsed.declarations.iter().enumerate() {
            if context.other_chart(at).is_none() {
                continue;
            }
            let mut blocks: Vec<ValuesBlock> =
                declaration.blocks().filter(|block| !block.origin.is_dropped).cloned().collect();
            let values: Vec<Map> = blocks.iter().map(ValuesBlock::values).collect();
            let group = (blocks.len() > 1).then_some(parts.len());
            for (number, block) in blocks.iter_mut().enumerate() {
                block.claims.clear();
                block.version_at = None;
                block.origin.release_group = group;
                block.origin.other_layers = Layers::of(&values, number);
                block.origin.has_unread_values =
                    declaration.layers.iter().any(|layer| !matches!(layer, Layer::Block(_) | Layer::Extension));
            }
            parts.append(&mut blocks);
        }
    }
}

/// The global values of the parent chart, which Helm gives to the chart too.
fn globals(release: &Release) -> Option<Map> {
    release.parent.as_ref()?;
    let mut all = Map::new();
    for layer in &release.layers {
        if let Some(global) = layer.values.as_ref().and_then(|values| values.get(GLOBAL)) {
            let mut one = Map::new();
            one.insert(GLOBAL, global.clone());
            merge_into(&mut all, one);
        }
    }
    (!all.is_empty()).then_some(all)
}

const GLOBAL: &str = "global";

/// The global values of the parent chart next to a block of the chart's values.
fn global_block(block: &ValuesBlock, release: &Release, values: &[Map]) -> Option<ValuesBlock> {
    release.parent.as_ref()?;
    let above = block.origin.at.len().checked_sub(block.origin.within.len())?;
    let at = block.origin.at.first(above);
    let top = block.document.documents().first()?;
    block.document.find_below(*top, &at.key(GLOBAL))?;
    let mut block = block.clone();
    let mut over = Map::new();
    values.iter().for_each(|layer| merge_into(&mut over, layer.clone()));
    over.remove(GLOBAL);
    block.origin.at = at;
    block.origin.within = Path::root();
    block.origin.only = Some(GLOBAL);
    block.origin.read_by_parent = Vec::new();
    block.origin.other_layers = Layers { under: Map::new(), over };
    Some(block)
}

/// Whether the text has something at the path of the block: the values of a parent chart may lack those of the chart.
fn is_there(block: &ValuesBlock) -> bool {
    let origin = &block.origin;
    let top = block.document.documents().first();
    origin.within.is_root() || top.is_some_and(|top| block.document.find_below(*top, &origin.at).is_some())
}

/// Whether a text in a value is an expression that another tool replaces.
fn has_expression(value: &Value) -> bool {
    match value {
        Value::Map(map) => map.iter().any(|(_, value)| has_expression(value)),
        Value::List(items) => items.iter().any(has_expression),
        Value::String(text) => placeholder::of(text).is_some(),
        _ => false,
    }
}

impl ValuesBlock {
    /// The values of this place alone.
    pub fn values(&self) -> Map {
        let mut values = self.document.values_at(&self.origin.at, self.origin.helm);
        self.origin.settle(&mut values);
        values
    }

    /// Whether the value at a path of the values has a variable or a template expression. A new value would replace it.
    pub fn has_expression_at(&self, path: &Path) -> bool {
        let top = self.document.documents().first();
        let found = top.and_then(|top| self.document.find_below(*top, &self.origin.at.join(path)));
        let value = found.and_then(|found| self.document.value(found.value).ok());
        value.is_some_and(|value| has_expression(&value))
    }

    /// Whether a template expression is one of the values, or a part of one.
    pub fn has_expressions(&self) -> bool {
        let values = self.document.values_at(&self.origin.at, self.origin.helm);
        placeholder::has_masked(&Value::Map(values))
    }

    /// The line of the first value of this place in the whole text.
    pub(super) fn first_line(&self, whole: &Document) -> usize {
        let top = self.document.documents().first();
        let found = top.and_then(|top| self.document.find_below(*top, &self.origin.at));
        let span = found.map(|found| self.document.node(found.value).span).unwrap_or_default();
        self.inset.outer(whole, span).line.max(1)
    }

    /// The line of a node of this place in the whole text.
    pub fn line(&self, whole: &Document, node: FoundNode) -> usize {
        let node = self.document.node(node.key.unwrap_or(node.value));
        self.inset.outer(whole, node.span).line
    }
}
