//! The forms of releases in repositories, as data: how to recognize the objects of a form, and the paths of the facts
//! of a release in an object.

use std::{
    cell::RefCell,
    sync::{LazyLock, OnceLock},
};

use super::{
    Delivery,
    search::{Word, holds},
};
use crate::{
    lazy::LazyRows,
    placeholder::Mask,
    table::{Table, table},
    yaml::{Document, FoundNode, Kind, NodeId, Path, Segment, Value},
};

const FORMS: Table<5> = table!("src/source/forms.tsv", ["form", "delivery", "scalars", "name", "source"]);
const FIELDS: Table<4> = table!("src/source/form_fields.tsv", ["form", "part", "at", "how"]);

/// How a tool reads a plain scalar of the values that it passes to Helm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scalars {
    /// By YAML 1.1, as Helm reads a values file: `off` is false.
    #[default]
    Helm,
    /// By YAML 1.2: `off` is a text.
    Core,
}

/// A form of [`FORMS`].
#[derive(Debug)]
pub struct Form {
    pub id: &'static str,
    pub name: &'static str,
    pub delivery: Delivery,
    pub scalars: Scalars,
    /// What a document must hold.
    conditions: Vec<Condition>,
    /// Where the objects are.
    each: Vec<(Path, bool)>,
    /// What each object must hold.
    object_conditions: Vec<Condition>,
    /// For each part: the keys of its possible paths.
    keys: Vec<Vec<Vec<String>>>,
    /// Read at the first object of the form: most forms have none.
    fields: OnceLock<Vec<Field>>,
}

/// A path whose text must match one of some patterns.
#[derive(Debug)]
struct Condition {
    /// `None` for the name of the file.
    at: Option<Vec<Path>>,
    patterns: Vec<&'static str>,
}

/// A part of a release, with its place.
#[derive(Debug)]
pub struct Field {
    pub part: Part,
    pub at: At,
    pub how: &'static str,
}

/// The fact of a release that a field contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Chart,
    Repository,
    Repositories,
    Folder,
    Version,
    Release,
    Namespace,
    Values,
    Replaced,
    FirstIf,
    Off,
    /// The name of an object whose facts count where this one has none.
    Inherit,
    /// How an expression names a variable.
    Expression,
    /// The variables that expressions can name.
    Variables,
}

/// Fills in the variables of a text.
pub trait Substitute {
    /// The text with the values of its variables. Other expressions stay as they are.
    fn fill(&self, text: &str, object: &FormObject) -> String;
}

/// The place of a field.
#[derive(Debug, Clone)]
pub struct At {
    /// The path as the table writes it.
    pub text: &'static str,
    pub path: Path,
    /// Whether the path begins at the top of the document and not at the object.
    pub is_of_top: bool,
}

/// An object of a form in a document.
#[derive(Clone)]
pub struct FormObject<'d> {
    pub document: &'d Document,
    pub top: NodeId,
    /// The path of the object from the top.
    pub at: Path,
    /// The last key that a wildcard matched.
    pub captured: Option<String>,
    pub node: NodeId,
    /// The template expressions that the document does not have.
    pub mask: Option<&'d Mask>,
    /// The variables of the texts.
    pub variables: Option<&'d dyn Substitute>,
}

static ALL: LazyLock<LazyRows<5, Form>> = LazyLock::new(|| LazyRows::new(FORMS, form));

/// Whether a text can have an object of some form.
pub fn any_may_be_in(text: &str, file_name: Option<&str>) -> bool {
    possible_in(text, file_name).next().is_some()
}

/// The forms whose objects a text can have: the text has the words that the form requires. Most texts have no such form,
/// and most forms are never read.
pub fn possible_in<'t>(text: &'t str, file_name: Option<&'t str>) -> impl Iterator<Item = &'static Form> + 't {
    let words = TextWords { text, found: RefCell::new(vec![None; SIGNS.words.len()]) };
    let signs = SIGNS.of_forms.iter().enumerate();
    let may_be = signs.filter(move |(_, signs)| signs.iter().all(|sign| sign.is_in(&words, file_name)));
    may_be.map(|(number, _)| ALL.at(number)).filter(|form| form.has_keys_in(text))
}

/// What a text must have for an object of a form, besides the keys of its paths.
enum Sign {
    /// One of these names, or none.
    FileName(Vec<&'static str>),
    /// One of these words, by their numbers.
    Words(Vec<usize>),
}

/// The signs of all forms, with the words that they name by number: many forms ask for the same word.
struct Signs {
    words: Vec<Word>,
    of_forms: Vec<Vec<Sign>>,
}

static SIGNS: LazyLock<Signs> = LazyLock::new(|| {
    let mut signs = Signs { words: Vec::new(), of_forms: Vec::new() };
    for id in ALL.keys() {
        let signs_of_form = rows_of(id).filter_map(|row| signs.sign(row)).collect();
        signs.of_forms.push(signs_of_form);
    }
    signs
});

impl Signs {
    fn sign(&mut self, [_, part, at, patterns]: [&'static str; 4]) -> Option<Sign> {
        let patterns = patterns.split('|');
        match (part, at) {
            (IS | IF, OF_FILE) => Some(Sign::FileName(patterns.collect())),
            (IS | IF, _) => {
                Some(Sign::Words(patterns.map(|pattern| self.number(pattern.trim_end_matches('*'))).collect()))
            }
            _ => None,
        }
    }

    fn number(&mut self, word: &'static str) -> usize {
        self.words.iter().position(|known| known.is(word)).unwrap_or_else(|| {
            self.words.push(Word::of(word));
            self.words.len() - 1
        })
    }
}

impl Sign {
    fn is_in(&self, words: &TextWords, file_name: Option<&str>) -> bool {
        match self {
            Self::FileName(names) => file_name.is_none_or(|name| names.contains(&name)),
            Self::Words(any) => any.iter().any(|word| words.has(*word)),
        }
    }
}

/// A text in which each word is searched once.
struct TextWords<'t> {
    text: &'t str,
    found: RefCell<Vec<Option<bool>>>,
}

impl TextWords<'_> {
    fn has(&self, word: usize) -> bool {
        *self.found.borrow_mut()[word].get_or_insert_with(|| SIGNS.words[word].is_in(self.text))
    }
}

fn form([id, delivery, scalars, name, source]: [&'static str; 5]) -> Result<Form, String> {
    if source.is_empty() {
        return Err("a form without a source".to_owned());
    }
    let delivery = match delivery {
        "helm" => Delivery::Helm,
        "argo-cd" => Delivery::ArgoCd,
        "flux" => Delivery::Flux,
        "helmfile" => Delivery::Helmfile,
        other => return Err(format!("unknown delivery `{other}`")),
    };
    let scalars = match scalars {
        "helm" => Scalars::Helm,
        "core" => Scalars::Core,
        other => return Err(format!("unknown reading of scalars `{other}`")),
    };
    let mut form = Form {
        id,
        name,
        delivery,
        scalars,
        conditions: Vec::new(),
        each: Vec::new(),
        object_conditions: Vec::new(),
        keys: Vec::new(),
        fields: OnceLock::new(),
    };
    for [_, part, at, how] in rows_of(id) {
        match part {
            IS => form.conditions.push(Condition::of(at, how)?),
            IF => form.object_conditions.push(Condition::of(at, how)?),
            EACH => form.each.push((At::of(at)?.path, how == "first")),
            _ => {}
        }
    }
    let of_conditions =
        form.conditions.iter().chain(&form.object_conditions).filter_map(|condition| condition.at.as_ref());
    form.keys = of_conditions.map(|paths| paths.iter().map(keys).collect()).collect();
    form.keys.push(form.each.iter().map(|(each, _)| keys(each)).collect());
    match form.each.is_empty() {
        true => Err("a form without objects".to_owned()),
        false => Ok(form),
    }
}

/// The keys of a path, without wildcards.
fn keys(path: &Path) -> Vec<String> {
    let keys = path.segments().iter().filter_map(|step| match step {
        Segment::Key(key) if !key.starts_with('*') => Some(key.clone()),
        Segment::Key(_) | Segment::Index(_) => None,
    });
    keys.collect()
}

/// The rows of [`FIELDS`] of a form.
fn rows_of(id: &str) -> impl Iterator<Item = [&'static str; 4]> {
    FIELDS.named(id).map(|row| FIELDS.cells(row))
}

/// The parts of a form that recognize its objects. All others are fields.
const IS: &str = "is";
const IF: &str = "if";
const EACH: &str = "each";

/// The place of a condition about the name of the file.
const OF_FILE: &str = "@file";

/// The fields of a form.
fn fields(id: &str) -> Result<Vec<Field>, String> {
    let fields = rows_of(id).filter(|[_, part, ..]| ![IS, IF, EACH].contains(part)).map(|[_, part, at, how]| {
        let part = match part {
            "chart" => Part::Chart,
            "repository" => Part::Repository,
            "repositories" => Part::Repositories,
            "folder" => Part::Folder,
            "version" => Part::Version,
            "release" => Part::Release,
            "namespace" => Part::Namespace,
            "values" => Part::Values,
            "replaced" => Part::Replaced,
            "first-if" => Part::FirstIf,
            "off" => Part::Off,
            "inherit" => Part::Inherit,
            "expression" => Part::Expression,
            "variables" => Part::Variables,
            other => return Err(format!("unknown part `{other}`")),
        };
        Ok(Field { part, at: At::of(at)?, how })
    });
    fields.collect()
}

impl Condition {
    fn of(at: &'static str, how: &'static str) -> Result<Self, String> {
        let paths = match at {
            OF_FILE => None,
            at => Some(at.split('|').map(|at| At::of(at).map(|at| at.path)).collect::<Result<_, _>>()?),
        };
        Ok(Self { at: paths, patterns: how.split('|').collect() })
    }

    fn holds(&self, document: &Document, node: NodeId, file_name: Option<&str>) -> bool {
        let Some(paths) = &self.at else {
            // A text without a name, such as standard input, may be any file.
            return file_name.is_none_or(|name| self.patterns.contains(&name));
        };
        let found = paths.iter().find_map(|path| document.find_below(node, path));
        found.is_some_and(|found| {
            self.patterns == ["*"] && !is_empty(document, found)
                || scalar(document, found.value).is_some_and(|text| self.patterns.iter().any(|one| matches(one, &text)))
        })
    }
}

/// Whether a text has the form of a word with `*` at its end.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => pattern == text,
    }
}

fn is_empty(document: &Document, found: FoundNode) -> bool {
    match document.node(document.target(found.value)).kind {
        Kind::Scalar { text, .. } => text.is_empty(),
        Kind::List { items, .. } => items.is_empty(),
        Kind::Map { entries, .. } => entries.is_empty(),
        Kind::Alias { .. } => false,
    }
}

/// The text of a scalar as it is written: a version such as `1.10` keeps its zero.
pub fn scalar(document: &Document, node: NodeId) -> Option<String> {
    match document.node(document.target(node)).kind {
        Kind::Scalar { text, .. } => Some(text.to_owned()),
        _ => None,
    }
}

impl At {
    fn of(text: &'static str) -> Result<Self, String> {
        let (rest, is_of_top) = text.strip_prefix('/').map_or((text, false), |rest| (rest, true));
        let path = if rest == "." { Ok(Path::root()) } else { rest.parse() };
        let path = path.map_err(|error| format!("`{text}`: {error}"))?;
        Ok(Self { text, path, is_of_top })
    }
}

/// The most objects of one form in a document, and the deepest level of `**`.
const MOST_OBJECTS: usize = 10_000;
const DEEPEST: usize = 12;

impl Form {
    /// The fields of a part.
    ///
    /// # Panics
    ///
    /// Where a row cannot be read. The tests read all rows.
    pub fn fields(&self, part: Part) -> impl Iterator<Item = &Field> {
        let read = || fields(self.id).unwrap_or_else(|why| panic!("form `{}`: {why}", self.id));
        self.fields.get_or_init(read).iter().filter(move |field| field.part == part)
    }

    /// Whether a text has the keys of one path of each part.
    fn has_keys_in(&self, text: &str) -> bool {
        let has_keys = |keys: &Vec<String>| keys.iter().all(|key| holds(text, key));
        self.keys.iter().all(|paths| paths.iter().any(has_keys))
    }

    /// The objects of this form in a document.
    pub fn objects<'d>(
        &self,
        document: &'d Document,
        top: NodeId,
        mask: Option<&'d Mask>,
        file_name: Option<&str>,
    ) -> Vec<FormObject<'d>> {
        if !self.conditions.iter().all(|condition| condition.holds(document, top, file_name)) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (each, is_first) in &self.each {
            found.extend(nodes(document, top, each, mask));
            if *is_first && !found.is_empty() {
                break;
            }
        }
        found.retain(|object| {
            self.object_conditions.iter().all(|condition| condition.holds(document, object.node, file_name))
        });
        found
    }
}

/// The nodes at a path with wildcards.
pub fn nodes<'d>(document: &'d Document, top: NodeId, path: &Path, mask: Option<&'d Mask>) -> Vec<FormObject<'d>> {
    let start = FormObject { document, top, at: Path::root(), captured: None, node: top, mask, variables: None };
    let mut found = Vec::new();
    collect(start, path.segments(), 0, &mut found);
    found
}

fn collect<'d>(from: FormObject<'d>, steps: &[Segment], depth: usize, found: &mut Vec<FormObject<'d>>) {
    if found.len() >= MOST_OBJECTS {
        return;
    }
    let Some((step, rest)) = steps.split_first() else {
        found.push(from);
        return;
    };
    let document = from.document;
    match step {
        Segment::Key(key) if key == "*" => from.children().for_each(|child| collect(child, rest, depth, found)),
        Segment::Key(key) if key == "**" => {
            collect(from.clone(), rest, depth, found);
            if depth < DEEPEST {
                from.children().for_each(|child| collect(child, steps, depth + 1, found));
            }
        }
        segment => {
            let mut one = Path::root();
            one.push(segment.clone());
            if let Some(next) = document.find_below(from.node, &one) {
                let at = from.at.join(&one);
                collect(FormObject { at, node: next.value, ..from }, rest, depth, found);
            }
        }
    }
}

impl<'d> FormObject<'d> {
    fn children(&self) -> impl Iterator<Item = FormObject<'d>> {
        let document = self.document;
        let node = document.target(self.node);
        let children: Vec<(Segment, NodeId)> = match document.node(node).kind {
            Kind::Map { entries, .. } => {
                let key = |entry: &crate::yaml::Entry| Some((Segment::Key(scalar(document, entry.key)?), entry.value));
                entries.iter().filter_map(key).collect()
            }
            Kind::List { items, .. } => {
                items.iter().enumerate().map(|(at, item)| (Segment::Index(at), *item)).collect()
            }
            Kind::Scalar { .. } | Kind::Alias { .. } => Vec::new(),
        };
        let (at, captured, top, mask, variables) =
            (self.at.clone(), self.captured.clone(), self.top, self.mask, self.variables);
        children.into_iter().map(move |(segment, node)| {
            let captured = match &segment {
                Segment::Key(key) => Some(key.clone()),
                Segment::Index(_) => captured.clone(),
            };
            let mut at = at.clone();
            at.push(segment);
            FormObject { document, top, at, captured, node, mask, variables }
        })
    }

    /// The path of a field from the top of the document.
    pub fn path(&self, at: &At) -> Path {
        if at.is_of_top { at.path.clone() } else { self.at.join(&at.path) }
    }

    /// The node at a field.
    pub fn find(&self, at: &At) -> Option<FoundNode> {
        self.document.find_below(self.top, &self.path(at))
    }

    /// The text at a field, with the values of its variables. `None` if it is missing, empty, or no scalar.
    pub fn text(&self, at: &At) -> Option<String> {
        Some(self.filled(self.written(at)?))
    }

    /// The text at a field as the file has it. `None` if it is missing, empty, or no scalar.
    pub fn written(&self, at: &At) -> Option<String> {
        let text = scalar(self.document, self.find(at)?.value).filter(|text| !text.is_empty())?;
        Some(self.unmasked(text))
    }

    fn unmasked(&self, text: String) -> String {
        match self.mask {
            Some(mask) => mask.unmask(&text),
            None => text,
        }
    }

    /// A text of the document with its expressions and the values of its variables.
    pub fn filled(&self, text: String) -> String {
        let text = self.unmasked(text);
        match self.variables {
            Some(variables) if text.contains("{{") => variables.fill(&text, self),
            _ => text,
        }
    }

    pub fn value(&self, at: &At) -> Option<Value> {
        self.document.value(self.find(at)?.value).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = &'static Form> {
        ALL.such(|_| true)
    }

    #[test]
    fn every_field_belongs_to_a_form() {
        let ids: Vec<_> = all().map(|form| form.id).collect();
        FIELDS.rows().for_each(|[form, part, at, how]| {
            assert!(ids.contains(&form), "{form} {part} {at} {how}");
        });
        for form in all() {
            let has_chart = form.fields(Part::Chart).count() > 0;
            assert!(has_chart || form.id == "k3s-config", "{}", form.id);
            assert!(form.fields(Part::Values).count() > 0, "{}", form.id);
            assert!(!form.conditions.is_empty() || !form.object_conditions.is_empty(), "{}", form.id);
        }
    }

    #[test]
    fn objects_are_found_at_any_depth() {
        let document = Document::parse("- block:\n    - kubernetes.core.helm: {chart_ref: bitnami/redis}\n").unwrap();
        let form = all().find(|form| form.id == "ansible").unwrap();
        let found = form.objects(&document, document.documents()[0], None, None);
        let places: Vec<_> = found.iter().map(|object| object.at.to_string()).collect();
        assert_eq!(places, ["[0].block[0].kubernetes\\.core\\.helm"]);
    }
}
