//! The values of a release in Terraform.

use std::{ops::Range, sync::Arc};

use hcl_edit::{
    Span as _,
    expr::{Expression, FuncCall, Object},
};

use super::{
    fields::{Fields, key_span},
    module::Module,
};
use crate::{
    placeholder,
    source::{
        Origin,
        declaration::{Base, FileReference, Layer, StatedVersion},
        embedded::{self, EmbeddedText},
        sets::{self, Escape, SetWord},
    },
    yaml::{Document, Map, Notes, Path, Value, emit},
};

/// The most levels of an object: locals can lead to each other.
const DEEPEST: usize = 64;

/// The layers of one release, lowest precedence first.
pub(super) struct LayersOf<'a> {
    pub module: &'a Module<'a>,
    pub origin: &'a Origin,
    pub version: &'a StatedVersion,
    pub layers: Vec<Layer>,
}

impl<'a> LayersOf<'a> {
    /// Adds the layers of a list of texts, or of one.
    pub fn add_values(&mut self, values: &'a Expression) {
        for item in self.module.items(values) {
            self.add(item, 0);
        }
    }

    /// Adds the layers of one text, or of an object.
    fn add(&mut self, expression: &'a Expression, depth: usize) {
        let module = self.module;
        let resolved = module.resolve(expression);
        if depth > DEEPEST {
            return self.add_unknown(resolved);
        }
        match resolved {
            Expression::Null(_) => {}
            Expression::HeredocTemplate(_) => match heredoc(module, resolved) {
                Some((inset, document)) => self.add_document(inset, document),
                None => self.add_unknown(resolved),
            },
            Expression::String(_) | Expression::StringTemplate(_) => {
                let (text, span) = (module.text_of(resolved), module.span_of(resolved));
                let parsed = embedded::parsed(EmbeddedText::derived(text, vec![(0, span)]));
                match parsed.filter(|(inset, document)| is_map(document) || inset.text.trim().is_empty()) {
                    Some((inset, document)) => self.add_document(inset, document),
                    None => self.add_unknown(resolved),
                }
            }
            Expression::Object(_) => self.add_object(resolved),
            Expression::FuncCall(call) => match (call.name.name.as_str(), call.args.get(0)) {
                ("file" | "templatefile", Some(name)) => self.add_file(name),
                ("yamlencode" | "jsonencode", Some(value)) => match module.resolve(value) {
                    Expression::Object(_) => self.add_object(module.resolve(value)),
                    Expression::FuncCall(inner) if inner.name.name.as_str() == "merge" => self.add_merged(inner),
                    // `yamlencode(yamldecode(file("values.yaml")))`
                    Expression::FuncCall(inner) if decodes(inner) && inner.args.len() == 1 => match inner.args.get(0) {
                        Some(text) => self.add(text, depth + 1),
                        None => self.add_unknown(resolved),
                    },
                    _ => self.add_unknown(resolved),
                },
                _ => self.add_unknown(resolved),
            },
            _ => self.add_unknown(resolved),
        }
    }

    fn add_document(&mut self, inset: EmbeddedText, document: Document) {
        if is_map(&document) {
            self.layers.push(Layer::block(inset, Arc::new(document), self.origin, self.version));
        }
    }

    pub fn add_unknown(&mut self, expression: &Expression) {
        let span = self.module.span_of(expression);
        if expression.span().is_none() {
            let what = "an argument of the module call cannot be read".to_owned();
            return self.layers.push(Layer::Unknown { what, span });
        }
        let source = self.module.text.get(span.start..span.end).unwrap_or_default();
        let line = source.lines().next().unwrap_or_default().trim();
        // The arguments of a function, and texts, can hold secrets.
        let end = line.find(['(', '"', '{', '[']);
        let shown = end.map_or(line, |end| &line[..end]).trim_end();
        let more = if end.is_some() || source.contains('\n') { "..." } else { "" };
        let what = format!("the expression `{shown}{more}` cannot be read");
        self.layers.push(Layer::Unknown { what, span });
    }

    /// Adds a file that a function reads.
    fn add_file(&mut self, name: &Expression) {
        let (written, span) = (self.module.text_of(name), self.module.span_of(name));
        let (path, base) = self.module.path_of(&written);
        self.layers.push(match placeholder::of(&path) {
            Some(_) => Layer::Unknown { what: format!("the name `{path}` is not known yet"), span },
            None => Layer::File(FileReference::new(path, base, span)),
        });
    }

    /// Adds the values files that Argo CD reads: `$name/path` starts at the root of a repository.
    pub fn add_value_files(&mut self, files: &'a Expression) {
        for item in self.module.items(files) {
            let (text, span) = (self.module.text_of(item), self.module.span_of(item));
            let (path, base) = match text.strip_prefix('$').and_then(|rest| rest.split_once('/')) {
                Some((source, rest)) if !source.starts_with('{') => (rest, Base::Root),
                _ => match text.strip_prefix('/') {
                    Some(rest) => (rest, Base::Root),
                    None => (&*text, Base::Chart),
                },
            };
            self.layers.push(match placeholder::of(path) {
                Some(_) => Layer::Unknown { what: format!("the name `{path}` is not known yet"), span },
                None if path.contains("://") => Layer::Unknown { what: format!("`{path}` is elsewhere"), span },
                None => Layer::File(FileReference::new(path, base, span)),
            });
        }
    }

    /// Adds the objects that `merge` joins. The function joins the top keys only, as later layers win here.
    fn add_merged(&mut self, merge: &'a FuncCall) {
        for argument in merge.args.iter() {
            match self.module.resolve(argument) {
                Expression::Object(_) => self.add_object(self.module.resolve(argument)),
                Expression::FuncCall(inner) if decodes(inner) && inner.args.len() == 1 => {
                    if let Some(text) = inner.args.get(0) {
                        self.add(text, 1);
                    }
                }
                other => self.add_unknown(other),
            }
        }
    }

    /// Adds the values of an object.
    fn add_object(&mut self, expression: &'a Expression) {
        let Expression::Object(object) = expression else { return };
        let mut places = Vec::new();
        let map = self.map(object, &Path::root(), 0, &mut places);
        if map.is_empty() {
            return;
        }
        let text = emit(&map, &Notes::default());
        let Ok(document) = Document::parse(&text) else { return self.add_unknown(expression) };
        let spans: std::collections::HashMap<Path, Range<usize>> = places.into_iter().collect();
        let mut starts = Vec::new();
        if let Some(top) = document.documents().first() {
            document.walk(*top, |path, node| {
                if let Some(range) = spans.get(path) {
                    let start = document.node(node.key.unwrap_or(node.value)).span.start;
                    starts.push((start, self.module.span(range.clone())));
                }
            });
        }
        starts.sort_by_key(|(start, _)| *start);
        self.layers.push(Layer::block(
            EmbeddedText::derived(text, starts),
            Arc::new(document),
            self.origin,
            self.version,
        ));
    }

    /// The values of an object as `yamlencode` writes them: a string stays a string.
    fn map(&mut self, object: &'a Object, at: &Path, depth: usize, places: &mut Vec<(Path, Range<usize>)>) -> Map {
        let mut map = Map::new();
        for (key, value) in object.iter() {
            let Some(name) = self.module.key(key) else {
                self.add_unknown(value.expr());
                continue;
            };
            let path = at.key(&name);
            places.push((path.clone(), key_span(key).unwrap_or_default()));
            let value = self.value(value.expr(), &path, depth + 1, places);
            map.insert(name, value);
        }
        map
    }

    fn value(
        &mut self,
        expression: &'a Expression,
        at: &Path,
        depth: usize,
        places: &mut Vec<(Path, Range<usize>)>,
    ) -> Value {
        let module = self.module;
        let resolved = module.resolve(expression);
        let unknown = || Value::String(module.placeholder(resolved.span().unwrap_or_default()));
        if depth > DEEPEST || places.len() > sets::MOST_WORDS * 10 {
            return unknown();
        }
        match resolved {
            Expression::Null(_) => Value::Null,
            Expression::Bool(on) => Value::Bool(*on.value()),
            Expression::Number(number) => {
                let float = number.value().as_f64().unwrap_or_default();
                match number.value().as_i64() {
                    Some(whole) => Value::Int(whole),
                    None => Value::Float(float),
                }
            }
            Expression::Object(object) => Value::Map(self.map(object, at, depth, places)),
            Expression::Array(items) => {
                let mut list = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    let path = at.index(index);
                    places.push((path.clone(), item.span().unwrap_or_default()));
                    list.push(self.value(item, &path, depth + 1, places));
                }
                Value::from(list)
            }
            Expression::FuncCall(call) if call.name.name.as_str() == "tonumber" => {
                let text = call.args.get(0).and_then(|text| module.known(text));
                text.and_then(|text| text.parse().ok()).map_or_else(unknown, Value::Int)
            }
            Expression::String(_)
            | Expression::StringTemplate(_)
            | Expression::HeredocTemplate(_)
            | Expression::Traversal(_) => Value::String(module.text_of(resolved)),
            _ => unknown(),
        }
    }

    /// Adds the values that `set`, `set_list` and `set_sensitive` set. The provider applies them in this order, after
    /// all texts: `getValues` in `helm/resource_helm_release.go` of hashicorp/terraform-provider-helm.
    pub fn add_sets(&mut self, fields: Fields<'a>, kinds: &[&str]) {
        for kind in kinds {
            let mut words = Vec::new();
            let attribute = fields.get(kind);
            let items = attribute.map(|list| self.module.items(list)).unwrap_or_default();
            for body in fields.blocks(kind) {
                self.add_word(Fields::Body(body), kind, &mut words);
            }
            for item in items {
                match self.module.resolve(item) {
                    Expression::Object(object) => {
                        let fields = Fields::Object(object);
                        match fields.get("name") {
                            Some(_) => self.add_word(fields, kind, &mut words),
                            // `set = { "master.count" = 1 }` of a module
                            None => words.extend(fields.all().into_iter().map(|(name, range, value)| {
                                let value = self.module.word_of(value);
                                SetWord::new(&name, &value, Escape::Nothing, false, self.module.span(range))
                            })),
                        }
                    }
                    other => self.add_unknown(other),
                }
            }
            for content in fields.dynamic(kind) {
                match self.word(Fields::Body(content), kind) {
                    // How many of the blocks there are is unknown, and so is the value.
                    Some(word) => {
                        let name = word.word.split('=').next().unwrap_or_default();
                        words.push(SetWord::new(name, "${value}", Escape::Nothing, true, word.span));
                    }
                    None => {
                        let span = self.module.span(Fields::Body(content).span());
                        self.layers.push(Layer::Unknown { what: format!("`dynamic \"{kind}\"`"), span });
                    }
                }
            }
            if let Some((inset, document)) = sets::text_of(&words) {
                self.layers.push(Layer::block(inset, document, self.origin, self.version));
            }
            if let Some(word) = words.get(sets::MOST_WORDS) {
                let what = format!("more than {} values that are set one by one", sets::MOST_WORDS);
                self.layers.push(Layer::Unknown { what, span: word.span });
            }
        }
    }

    fn add_word(&mut self, set: Fields<'a>, kind: &str, words: &mut Vec<SetWord>) {
        match (self.word(set, kind), set.get("name")) {
            (Some(word), _) => words.push(word),
            (None, Some(name)) => self.add_unknown(name),
            (None, None) => {}
        }
    }

    /// The word of one block: `name`, `value` and `type`. `None` if the name is unknown.
    fn word(&self, set: Fields<'a>, kind: &str) -> Option<SetWord> {
        let module = self.module;
        let name = set.get("name")?;
        let (text, span) = (module.known(name)?, module.span_of(name));
        let name = text.as_str();
        let value = set.get("value").or_else(|| set.get("values"));
        let value = match (kind, value) {
            (_, None) => "${value}".to_owned(),
            // The source of an unknown value may show a secret.
            ("set_sensitive" | "set_wo", Some(value)) if module.known(value).is_none() => "${value}".to_owned(),
            (_, Some(value)) => match module.resolve(value) {
                Expression::Array(items) => {
                    let items: Vec<_> = items.iter().map(|item| module.word_of(item)).collect();
                    format!("{{{}}}", items.join(","))
                }
                _ if kind == "set_list" => format!("{{{}}}", module.word_of(value)),
                _ => module.word_of(value),
            },
        };
        let how = set.get("type").and_then(|how| module.known(how));
        let forced = set.first(&["force_string", "forceString"]).and_then(|(_, on)| module.known(on));
        let is_text = how.as_deref() == Some("string") || forced.as_deref() == Some("true");
        Some(match how.as_deref() {
            // The whole name is one key, and the value is YAML.
            Some("literal") => SetWord::new(&name.replace('.', "\\."), &value, Escape::All, is_text, span),
            _ => SetWord::new(name, &value, Escape::Nothing, is_text, span),
        })
    }
}

fn decodes(call: &FuncCall) -> bool {
    ["yamldecode", "jsondecode"].contains(&call.name.name.as_str())
}

fn is_map(document: &Document) -> bool {
    let top = document.documents().first();
    top.is_some_and(|top| matches!(document.value(*top), Ok(Value::Map(_))))
}

/// The text of a heredoc, with its lines as they are in the file.
fn heredoc(module: &Module, expression: &Expression) -> Option<(EmbeddedText, Document)> {
    let range = expression.span()?;
    let source = module.text.get(range.clone())?;
    let (head, rest) = source.split_once('\n')?;
    // The last line holds the delimiter.
    let lines = &rest[..rest.rfind('\n').map_or(0, |at| at + 1)];
    let start = range.start + head.len() + 1;
    let mut inner = String::with_capacity(lines.len());
    let indent = if head.starts_with("<<-") { indent_of(lines) } else { 0 };
    for line in lines.split_inclusive('\n') {
        let (text, end) = line.strip_suffix('\n').map_or((line, ""), |text| (text, "\n"));
        let text = text.trim_end_matches('\r');
        let blank = text.len() - text.trim_start_matches([' ', '\t']).len();
        inner.push_str(&text[blank.min(indent)..]);
        inner.push_str(end);
    }
    let first = lines.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum::<usize>();
    let blank_lines = inner.bytes().take_while(|byte| *byte == b'\n').count();
    let byte = if blank_lines > 0 { start + first } else { start };
    let exact = EmbeddedText::lines(module.text, &inner, byte);
    let whole = module.span(range);
    let inset = exact.unwrap_or_else(|| EmbeddedText::derived(inner, vec![(0, whole)]));
    if !inset.text.contains("%{")
        && let Some((inset, document)) = embedded::parsed(inset.clone())
        && is_map(&document)
    {
        return Some((inset, document));
    }
    let masked = placeholder::mask_terraform(&inset.text)?;
    let has_branches = masked.mask.has_branches;
    let inset = inset.masked_as(masked);
    let document = Document::parse(&inset.text).ok()?;
    let document = if has_branches { document.without_duplicates() } else { document };
    is_map(&document).then_some((inset, document))
}

/// The blanks that all lines begin with.
fn indent_of(lines: &str) -> usize {
    let full = lines.lines().filter(|line| !line.trim().is_empty());
    full.map(|line| line.len() - line.trim_start_matches([' ', '\t']).len()).min().unwrap_or_default()
}
