//! The variables of a form in the files of a repository, and texts with simple expressions of them.
//!
//! The rows `expression` and `variables` of `form_fields.tsv` describe the expressions of a form and the places of its
//! variables. The module runs no template: an expression with more than a name, a default and quotes stays as it is.

mod expression;

use std::{cell::OnceCell, collections::BTreeMap, sync::Arc};

use super::{
    declaration::Place,
    embedded::{self, EmbeddedText},
    forms::{self, Field, Form, FormObject, Part, Substitute, scalar},
    paths::{folder_of, join},
};
use crate::{
    encryption,
    yaml::{Document, Kind, Map, Path, Value},
};
pub(super) use expression::substitute;
use expression::{Expression, only_expression};

/// The files of a repository, for the variables in them.
pub(super) trait Files {
    /// The text of a file. `None` if the file is not there or is no text.
    fn text(&self, path: &str) -> Option<Arc<str>>;

    /// The files of a path or a glob, in order.
    fn matching(&self, glob: &str) -> Vec<String>;
}

/// The most variables that lead to each other.
const DEEPEST: usize = 8;

/// The variables that the objects of a form in one document can use.
pub(super) struct FormVariables<'a> {
    pub form: &'static Form,
    /// The document of the objects.
    pub inset: &'a EmbeddedText,
    pub document: &'a Arc<Document>,
    /// The number of the document in the text.
    pub number: usize,
    /// The whole text.
    pub whole: &'a Document,
    pub path: Option<&'a str>,
    /// The other files. `None` if only this text is known.
    pub files: Option<&'a dyn Files>,
    levels: OnceCell<Vec<Level>>,
}

/// The places of variables with the same precedence. Only one alternative counts at a time, such as one environment of
/// helmfile, and the user chooses.
type Level = Vec<Vec<Scope>>;

/// A map with variables.
#[derive(Clone)]
struct Scope {
    /// The file of the map. `None` for the text of the release.
    file: Option<String>,
    /// The whole text of another file.
    whole: Option<Arc<Document>>,
    inset: EmbeddedText,
    document: Arc<Document>,
    /// The number of the document in the file.
    number: usize,
    at: Path,
}

/// The value of a variable.
struct Found {
    value: Value,
    /// The text of a scalar as it is written: a version such as `1.10` keeps its zero.
    text: Option<String>,
    place: Place,
}

enum Lookup {
    Found(Box<Found>),
    /// The alternatives have different values, with a description.
    Differs(String),
    Missing,
}

/// A text with the values of its variables.
pub(super) struct Filled {
    pub text: String,
    /// The value, if the text is one expression.
    pub value: Option<Value>,
    /// The place of the value, if the text is one variable.
    pub place: Option<Place>,
    /// Why the value is not known.
    pub unknown: Option<String>,
}

impl<'a> FormVariables<'a> {
    pub fn new(
        form: &'static Form,
        (inset, document, number): (&'a EmbeddedText, &'a Arc<Document>, usize),
        whole: &'a Document,
        path: Option<&'a str>,
        files: Option<&'a dyn Files>,
    ) -> Self {
        Self { form, inset, document, number, whole, path, files, levels: OnceCell::new() }
    }

    /// Fills in the variables that the files set. Other expressions stay as they are.
    pub fn fill(&self, text: &str, object: &FormObject) -> Filled {
        self.fill_below(text, object, 0)
    }

    fn fill_below(&self, text: &str, object: &FormObject, depth: usize) -> Filled {
        let unchanged = |unknown| Filled { text: text.to_owned(), value: None, place: None, unknown };
        if depth > DEEPEST || !text.contains("{{") {
            return unchanged(None);
        }
        let Some(inside) = only_expression(text) else {
            let known = |inside: &str| {
                let filled = self.fill_below(&format!("{{{{{inside}}}}}"), object, depth + 1);
                (!filled.text.contains("{{")).then_some(filled.text)
            };
            return Filled { text: substitute(text, &known), ..unchanged(None) };
        };
        let patterns = self.form.fields(Part::Expression).flat_map(|field| field.how.split('|'));
        let Some(Expression { name, default }) = patterns.into_iter().find_map(|one| Expression::of(inside, one))
        else {
            return unchanged(None);
        };
        match self.find(object, &name) {
            Lookup::Found(found) => {
                let Found { value, text: written, place } = *found;
                match written {
                    Some(written) if written.contains("{{") => {
                        let inner = self.fill_below(&written, object, depth + 1);
                        match inner.text.contains("{{") {
                            true => unchanged(inner.unknown),
                            false => Filled { place: inner.place.or(Some(place)), ..inner },
                        }
                    }
                    Some(written) if encryption::of(&written).is_none() => {
                        Filled { text: written, value: Some(value), place: Some(place), unknown: None }
                    }
                    _ => unchanged(None),
                }
            }
            Lookup::Differs(why) => unchanged(Some(why)),
            Lookup::Missing => match default {
                Some(default) => Filled { value: Some(default.as_str().into()), text: default, ..unchanged(None) },
                None => unchanged(None),
            },
        }
    }

    /// The values of the texts with expressions below a value, by the text. Empty for a form whose values have none.
    pub fn fill_values(&self, value: &Value, object: &FormObject, filled: &mut BTreeMap<String, Value>) {
        match value {
            Value::Map(map) => map.iter().for_each(|(_, value)| self.fill_values(value, object, filled)),
            Value::List(items) => items.iter().for_each(|value| self.fill_values(value, object, filled)),
            Value::String(text) if text.contains("{{") => {
                let Filled { text: new, value, .. } = self.fill(text, object);
                if !new.contains("{{") {
                    filled.insert(text.clone(), value.unwrap_or_else(|| new.as_str().into()));
                }
            }
            _ => {}
        }
    }

    /// Whether the values of a release can have expressions of these variables.
    pub fn are_in_values(&self) -> bool {
        self.form.fields(Part::Expression).any(|field| field.at.text == "values")
    }

    fn find(&self, object: &FormObject, name: &[String]) -> Lookup {
        let levels = self.levels.get_or_init(|| self.fixed_levels());
        let around = self.levels_around(object);
        let levels: Vec<&Level> = levels.iter().chain(&around).collect();
        let mut all = Vec::new();
        self.candidates(&levels, name, &mut all);
        let mut all = all.into_iter();
        let Some(first) = all.next() else { return Lookup::Missing };
        match all.find(|other| other.value != first.value || other.text != first.text) {
            Some(other) => {
                let shown = |found: &Found| {
                    let file = found.place.file.as_deref().or(self.path).unwrap_or_default();
                    format!("in `{file}`, line {}", found.place.line)
                };
                Lookup::Differs(format!(
                    "`{}` has one value {} and another one {}",
                    name.join("."),
                    shown(&first),
                    shown(&other)
                ))
            }
            None => Lookup::Found(Box::new(first)),
        }
    }

    /// The values of a variable in all alternatives. An alternative without the variable has the value of a lower level.
    fn candidates(&self, levels: &[&Level], name: &[String], found: &mut Vec<Found>) {
        let Some((level, below)) = levels.split_last() else { return };
        let mut is_open = level.is_empty();
        for scopes in *level {
            match scopes.iter().rev().find_map(|scope| scope.find(name, self.whole)) {
                Some(one) => found.push(one),
                None => is_open = true,
            }
        }
        if is_open {
            self.candidates(below, name, found);
        }
    }

    /// The levels of the rows that do not depend on an object, lowest first.
    fn fixed_levels(&self) -> Vec<Level> {
        let documents = self.documents();
        let mut levels = Vec::new();
        for field in self.form.fields(Part::Variables) {
            match field.at.text {
                "@file" | "@above" => levels.push(self.files_of(field)),
                text if text.starts_with('^') || field.how == "documents" => {}
                _ => levels.push(documents.iter().flat_map(|one| self.alternatives(field, one)).collect()),
            }
        }
        levels
    }

    /// The documents of the text, and of the files that the text includes.
    fn documents(&self) -> Vec<Scope> {
        let own = embedded::documents(self.whole).into_iter();
        let own = own.enumerate().map(|(number, (inset, document))| {
            let inset = inset.with_mask_of(self.inset);
            Scope { file: None, whole: None, inset, document, number, at: Path::root() }
        });
        let own: Vec<Scope> = own.collect();
        let mut all = Vec::new();
        for field in self.form.fields(Part::Variables).filter(|field| field.how == "documents") {
            for scope in &own {
                for object in scope.nodes(&field.at.path) {
                    let Ok(Value::List(items)) = object.document.value(object.node) else { continue };
                    let files = items.iter().filter_map(Value::as_str);
                    all.extend(files.filter_map(|file| self.scope_of(&join(self.folder(), file)?)));
                }
            }
        }
        all.extend(own);
        all
    }

    fn folder(&self) -> &'a str {
        self.path.map_or("", folder_of)
    }

    /// The variables of each node at a path of a document: a list of maps and files.
    fn alternatives(&self, field: &Field, scope: &Scope) -> Level {
        let alternative = |object: FormObject| {
            let Kind::List { items, .. } = scope.document.node(scope.document.target(object.node)).kind else {
                return Vec::new();
            };
            let one = |(at, item): (usize, &_)| match scope.document.value(*item) {
                Ok(Value::Map(_)) => Some(Scope { at: object.at.index(at), ..scope.clone() }),
                Ok(Value::String(file)) => {
                    let file = scope.inset.mask().map_or_else(|| file.clone(), |mask| mask.unmask(&file));
                    let name = object.captured.clone();
                    let file = substitute(&file, &|inside| {
                        name.clone().filter(|_| inside.trim().trim_matches('-').trim() == ".Environment.Name")
                    });
                    let folder = scope.file.as_deref().map_or(self.folder(), folder_of);
                    let paths = [folder, self.folder()].into_iter().filter_map(|folder| join(folder, &file));
                    paths.into_iter().find_map(|path| self.scope_of(&path))
                }
                _ => None,
            };
            items.iter().enumerate().filter_map(one).collect()
        };
        scope.nodes(&field.at.path).into_iter().map(alternative).collect()
    }

    /// The files of a row: relative to the folder of the text, or to the nearest folder above with such files.
    fn files_of(&self, field: &Field) -> Level {
        let Some(files) = self.files else { return Vec::new() };
        let mut folder = self.folder();
        loop {
            let globs = field.how.split('|').filter_map(|glob| join(folder, glob));
            let found: Vec<String> = globs.flat_map(|glob| files.matching(&glob)).collect();
            if !found.is_empty() {
                return found.iter().filter_map(|path| Some(vec![self.scope_of(path)?])).collect();
            }
            if field.at.text == "@file" || folder.is_empty() {
                return Vec::new();
            }
            folder = folder_of(folder);
        }
    }

    /// The variables of a whole file. `None` if the file cannot be read.
    fn scope_of(&self, path: &str) -> Option<Scope> {
        let text = self.files?.text(path)?;
        let (outer, whole) = embedded::parsed(EmbeddedText::whole(&text))?;
        let (inset, document) = embedded::documents(&whole).into_iter().next()?;
        let top = *document.documents().first()?;
        matches!(document.value(top), Ok(Value::Map(_))).then(|| Scope {
            file: Some(path.to_owned()),
            whole: Some(Arc::new(whole)),
            inset: inset.with_mask_of(&outer),
            document,
            number: 0,
            at: Path::root(),
        })
    }

    /// The levels of the maps around an object, outermost first.
    fn levels_around(&self, object: &FormObject) -> Vec<Level> {
        let keys = self.form.fields(Part::Variables).filter_map(|field| field.at.text.strip_prefix('^'));
        let around = |key: &str| {
            let paths = (0..object.at.len()).map(|count| object.at.first(count).key(key)).collect::<Vec<_>>();
            let scope = |at| Scope {
                file: None,
                whole: None,
                inset: self.inset.clone(),
                document: self.document.clone(),
                number: self.number,
                at,
            };
            paths.into_iter().map(move |at| vec![vec![scope(at)]])
        };
        keys.flat_map(around).collect()
    }
}

impl Substitute for FormVariables<'_> {
    fn fill(&self, text: &str, object: &FormObject) -> String {
        Self::fill(self, text, object).text
    }
}

impl Scope {
    /// The nodes at a path with wildcards.
    fn nodes(&self, path: &Path) -> Vec<FormObject<'_>> {
        let top = self.document.documents().first();
        top.map(|top| forms::nodes(&self.document, *top, path, self.inset.mask())).unwrap_or_default()
    }

    fn find(&self, name: &[String], own: &Document) -> Option<Found> {
        let top = *self.document.documents().first()?;
        let path = name.iter().fold(self.at.clone(), |path, key| path.key(key));
        let found = self.document.find_below(top, &path)?;
        let unmasked = |text: String| self.inset.mask().map_or_else(|| text.clone(), |mask| mask.unmask(&text));
        let value = match self.document.value(found.value).ok()? {
            Value::Null => return None,
            Value::String(text) => Value::String(unmasked(text)),
            value => value,
        };
        let span = self.inset.outer(self.whole.as_deref().unwrap_or(own), self.document.node(found.value).span);
        Some(Found {
            value,
            text: scalar(&self.document, found.value).map(unmasked),
            place: Place { file: self.file.clone(), line: span.line, document: self.number, text: None, path },
        })
    }
}

/// Replaces the texts that have values of variables.
pub(super) fn replace(values: &mut Map, filled: &BTreeMap<String, Value>) {
    if !filled.is_empty() {
        values.iter_mut().for_each(|(_, value)| replace_in(value, filled));
    }
}

fn replace_in(value: &mut Value, filled: &BTreeMap<String, Value>) {
    match value {
        Value::Map(map) => replace(map, filled),
        Value::List(items) => items.iter_mut().for_each(|item| replace_in(item, filled)),
        Value::String(text) => {
            if let Some(new) = filled.get(text.as_str()) {
                *value = new.clone();
            }
        }
        _ => {}
    }
}
