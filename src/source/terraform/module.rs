//! The texts of expressions, as far as a text with its variables decides them.

use std::{cell::Cell, collections::BTreeMap, ops::Range};

use hcl_edit::{
    Span as _,
    expr::{Expression, FuncCall, ObjectKey, Traversal, TraversalOperator},
    structure::Body,
    template::Element,
};

use super::{
    ON, Variables,
    fields::{Fields, key_of},
    inputs::{Instance, ModuleCall},
};
use crate::{
    placeholder,
    source::{declaration::Base, embedded::EmbeddedText},
    yaml::{Lines, Path, Span},
};

/// The most expressions that are evaluated in one text: locals that use each other can multiply.
const MOST_STEPS: usize = 50_000;

/// The longest text of an expression in bytes.
const LONGEST: usize = 256 * 1024;

/// The most locals that lead to each other.
const DEEPEST: usize = 16;

/// A text with the variables, locals and resources that it declares.
#[derive(Clone)]
pub(super) struct Module<'a> {
    pub text: &'a str,
    lines: Lines,
    given: &'a Variables,
    /// The call of the module. `None` if the text is read with the defaults of its variables.
    call: Option<&'a ModuleCall>,
    /// The instance of the block that is read.
    instance: Option<&'a Instance>,
    locals: BTreeMap<&'a str, &'a Expression>,
    defaults: BTreeMap<&'a str, &'a Expression>,
    /// The blocks `resource` and `data` by type and name.
    resources: BTreeMap<(&'a str, &'a str), &'a Body>,
    steps: Cell<usize>,
    /// The last name that was followed. An argument of a call has no place in this text, and is found here.
    last_name: Cell<(usize, usize)>,
}

/// A text that grows. Unknown parts are placeholders.
#[derive(Debug, Default)]
struct Out {
    text: String,
    has_unknown: bool,
    /// Whether a comma in a placeholder needs a backslash.
    escape: bool,
}

impl<'a> Module<'a> {
    pub fn new(text: &'a str, body: &'a Body, given: &'a Variables, call: Option<&'a ModuleCall>) -> Self {
        let mut module = Self {
            text,
            lines: Lines::of(text),
            given,
            call,
            instance: None,
            locals: BTreeMap::new(),
            defaults: BTreeMap::new(),
            resources: BTreeMap::new(),
            steps: Cell::new(0),
            last_name: Cell::default(),
        };
        for block in body.blocks() {
            let mut labels = block.labels.iter().map(|label| label.as_str());
            match (block.ident.as_str(), labels.next(), labels.next()) {
                ("locals", ..) => {
                    module.locals.extend(block.body.attributes().map(|local| (local.key.as_str(), &local.value)));
                }
                ("variable", Some(name), _) => {
                    let fields = Fields::Body(&block.body);
                    let is_secret = fields.get("sensitive").and_then(Expression::as_bool) == Some(true);
                    if let Some(default) = fields.get("default").filter(|_| !is_secret) {
                        module.defaults.insert(name, default);
                    }
                }
                ("resource" | "data", Some(kind), Some(name)) => {
                    module.resources.insert((kind, name), &block.body);
                }
                _ => {}
            }
        }
        module
    }

    /// The same text, for one instance of a block.
    pub fn with_instance<'i>(&self, instance: &'i Instance) -> Module<'i>
    where
        'a: 'i,
    {
        Module { instance: Some(instance), ..self.clone() }
    }

    /// Why a block makes nothing.
    pub fn off(&self, fields: Fields) -> Option<String> {
        let is = |name: &str, off: &str| fields.get(name).and_then(|value| self.known(value)).as_deref() == Some(off);
        let is_empty = || match self.resolve(fields.get("for_each")?) {
            Expression::Object(object) => Some(object.is_empty()),
            Expression::Array(items) => Some(items.is_empty()),
            _ => None,
        };
        match () {
            () if is("count", "0") => Some("`count` is 0".to_owned()),
            () if is_empty() == Some(true) => Some("`for_each` is empty".to_owned()),
            () => ON.iter().find(|name| is(name, "false")).map(|name| format!("`{name}` is false")),
        }
    }

    /// The path of a file, and the folder that it starts at. A path without a folder starts where Terraform runs.
    pub fn path_of(&self, written: &str) -> (String, Base) {
        match (path_of(written), self.call) {
            ((path, Base::HereOrAbove), Some(call)) if !path.starts_with('/') => {
                (format!("{}/{path}", call.root).trim_start_matches('/').to_owned(), Base::Root)
            }
            ((path, base), _) => (path.to_owned(), base),
        }
    }

    /// The place of a range. An empty range is the place of the last name that was followed.
    pub fn span(&self, range: Range<usize>) -> Span {
        let range = match range.is_empty() {
            true => self.last_name.get().0..self.last_name.get().1,
            false => range,
        };
        let (line, column) = self.lines.position(self.text, range.start);
        Span { start: range.start, end: range.end, line, column }
    }

    pub fn span_of(&self, expression: &Expression) -> Span {
        self.span(expression.span().unwrap_or_default())
    }

    /// The variables and locals with a known text, by `var.name` and `local.name`.
    pub fn variables(&self) -> Variables {
        let mut found = Variables::new();
        for (kind, all) in [("var", &self.defaults), ("local", &self.locals)] {
            for (name, value) in all {
                self.flatten(&format!("{kind}.{name}"), value, 0, &mut found);
            }
        }
        found
    }

    /// Adds the texts in a value: those of an object by the names of its items.
    pub fn flatten(&self, name: &str, value: &'a Expression, depth: usize, found: &mut Variables) {
        if depth > DEEPEST {
            return;
        }
        match value {
            Expression::Object(object) => {
                for (key, _, value) in Fields::Object(object).all() {
                    self.flatten(&format!("{name}.{key}"), value, depth + 1, found);
                }
            }
            _ => {
                if let Some(text) = self.known(value) {
                    found.insert(name.to_owned(), (text, self.span_of(value)));
                }
            }
        }
    }

    /// The text of an expression, with a placeholder for each unknown part.
    pub fn text_of(&self, expression: &Expression) -> String {
        self.evaluate(expression, false).text
    }

    /// The text of an expression for `--set`: a comma of a placeholder separates nothing.
    pub fn word_of(&self, expression: &Expression) -> String {
        self.evaluate(expression, true).text
    }

    /// The text of an expression. `None` if a part is unknown.
    pub fn known(&self, expression: &Expression) -> Option<String> {
        let out = self.evaluate(expression, false);
        (!out.has_unknown).then_some(out.text)
    }

    fn evaluate(&self, expression: &Expression, escape: bool) -> Out {
        let mut out = Out { escape, ..Out::default() };
        self.write(expression, 0, &mut out);
        out
    }

    /// The source of an expression as a placeholder.
    pub fn placeholder(&self, range: Range<usize>) -> String {
        if range.is_empty() {
            return "${unknown}".to_owned();
        }
        let source: Vec<_> = self.text.get(range).unwrap_or_default().split_whitespace().collect();
        let text = format!("${{{}}}", source.join(" "));
        // `${a-b}` is a difference here, and no variable with a default.
        match placeholder::of(&text) {
            Some(found) if found.default.is_none() => text,
            _ => "${ }".replace(' ', &format!(" {} ", source.join(" ").replace(['{', '}'], " "))),
        }
    }

    fn write(&self, expression: &Expression, depth: usize, out: &mut Out) {
        self.steps.set(self.steps.get() + 1);
        if depth > DEEPEST || self.steps.get() > MOST_STEPS || out.text.len() > LONGEST {
            out.has_unknown = true;
            out.text.push_str("${...}");
            return;
        }
        match expression {
            Expression::String(text) => out.text.push_str(text.value()),
            Expression::Number(number) => out.text.push_str(&number.value().to_string()),
            Expression::Bool(on) => out.text.push_str(if *on.value() { "true" } else { "false" }),
            Expression::Parenthesis(inner) => self.write(inner.inner(), depth, out),
            Expression::StringTemplate(template) => self.elements(template.iter(), depth, out),
            Expression::HeredocTemplate(heredoc) => self.elements(heredoc.template.iter(), depth, out),
            Expression::Traversal(traversal) => match self.written(traversal) {
                Some(Written::Given(text)) => out.text.push_str(text),
                Some(Written::Here(value)) => self.write(value, depth + 1, out),
                None => match steps(traversal).as_deref() {
                    // A path begins with the folder, which the file decides.
                    Some([first, _]) if first == "path" => {
                        out.text.push_str(&self.placeholder(expression.span().unwrap_or_default()));
                    }
                    _ => self.unknown(expression.span(), out),
                },
            },
            Expression::Conditional(condition) => match self.choose(&condition.cond_expr, depth) {
                Some(true) => self.write(&condition.true_expr, depth + 1, out),
                Some(false) => self.write(&condition.false_expr, depth + 1, out),
                None => self.unknown(expression.span(), out),
            },
            Expression::FuncCall(call) => match passed_through(call) {
                Some(inner) => self.write(inner, depth, out),
                None => self.unknown(expression.span(), out),
            },
            _ => self.unknown(expression.span(), out),
        }
    }

    fn elements<'e>(&self, elements: impl Iterator<Item = &'e Element>, depth: usize, out: &mut Out) {
        for element in elements {
            match element {
                Element::Literal(text) => out.text.push_str(text),
                Element::Interpolation(inner) => self.write(&inner.expr, depth, out),
                Element::Directive(_) => self.unknown(element.span(), out),
            }
        }
    }

    fn unknown(&self, range: Option<Range<usize>>, out: &mut Out) {
        out.has_unknown = true;
        let text = self.placeholder(range.unwrap_or_default());
        out.text.push_str(&if out.escape { text.replace('\\', "/").replace(',', "\\,") } else { text });
    }

    /// The place of a text without escapes, for an edit. `None` if another text sets it.
    pub fn place_of(&self, expression: &Expression) -> Option<(EmbeddedText, Path)> {
        let Expression::String(text) = self.resolve(expression) else { return None };
        let range = text.span()?;
        let inside = range.start + 1..range.end.checked_sub(1)?;
        let is_plain = self.text.get(inside.clone())? == text.value();
        is_plain.then(|| (EmbeddedText::slice(self.text, inside.start, inside.end), Path::root()))
    }

    /// Whether a condition is true.
    fn choose(&self, condition: &Expression, depth: usize) -> Option<bool> {
        let mut out = Out::default();
        self.write(condition, depth + 1, &mut out);
        if out.has_unknown { None } else { out.text.parse().ok() }
    }

    /// The value behind an expression: that of a local, the chosen side of a condition.
    pub fn resolve<'e>(&'e self, expression: &'e Expression) -> &'e Expression {
        let mut at = expression;
        for _ in 0..DEEPEST {
            at = match at {
                Expression::Parenthesis(inner) => inner.inner(),
                Expression::Traversal(traversal) => match self.written(traversal) {
                    Some(Written::Here(value)) => {
                        if let Some(range) = traversal.span() {
                            self.last_name.set((range.start, range.end));
                        }
                        value
                    }
                    _ => return at,
                },
                Expression::Conditional(condition) => match self.choose(&condition.cond_expr, 0) {
                    Some(true) => &condition.true_expr,
                    Some(false) => &condition.false_expr,
                    None => return at,
                },
                Expression::FuncCall(call) => match passed_through(call) {
                    Some(inner) => inner,
                    None => return at,
                },
                Expression::StringTemplate(template) => match template.as_single_element() {
                    Some(Element::Interpolation(inner)) => &inner.expr,
                    _ => return at,
                },
                _ => return at,
            };
        }
        at
    }

    /// The value that a name leads to.
    fn written<'e>(&'e self, traversal: &'e Traversal) -> Option<Written<'e>> {
        let steps = steps(traversal)?;
        let names: Vec<&str> = steps.iter().map(String::as_str).collect();
        let [kind, name, rest @ ..] = &names[..] else { return None };
        if let Some(argument) = self.call.filter(|_| *kind == "var").and_then(|call| call.arguments.get(*name)) {
            return below(argument.as_ref()?, rest).filter(|value| !value.is_null()).map(Written::Here);
        }
        match (self.instance, *kind, *name) {
            (Some(instance), "each", "key") | (Some(instance), "count", "index") => {
                return Some(Written::Given(&instance.key));
            }
            (Some(instance), "each", "value") => {
                return below(instance.value.as_ref()?, rest).map(Written::Here);
            }
            _ => {}
        }
        if let Some((text, _)) = self.given.get(&steps.join(".")) {
            return Some(Written::Given(text));
        }
        let found = match *kind {
            "local" => below(self.locals.get(name)?, rest)?,
            "var" => below(self.default_of(name)?, rest).filter(|value| !value.is_null() && !is_empty(value))?,
            "each" | "count" | "self" | "module" | "path" | "terraform" => return None,
            "data" => self.attribute(name, rest.first()?, rest.get(1..)?)?,
            _ => self.attribute(kind, name, rest)?,
        };
        Some(Written::Here(found))
    }

    /// The default of a variable in this text, or in another file of a called module.
    fn default_of(&self, name: &str) -> Option<&Expression> {
        self.defaults.get(name).copied().or_else(|| self.call?.defaults.get(name))
    }

    /// The defaults of the variables in this text.
    pub fn defaults(&self) -> impl Iterator<Item = (&'a str, &'a Expression)> {
        self.defaults.iter().map(|(name, value)| (*name, *value))
    }

    /// An attribute of another resource of the text: `kubernetes_namespace.x.metadata[0].name`.
    fn attribute(&self, kind: &str, name: &str, rest: &[&str]) -> Option<&'a Expression> {
        let mut fields = Fields::Body(self.resources.get(&(kind, name)).copied()?);
        let (last, between) = match rest {
            ["rendered"] if kind == "template_file" => (&"template", &[][..]),
            // The provider made repositories up to its version 1.
            [.., "name" | "url"] if kind == "helm_repository" => (&"url", &[][..]),
            // The identifier of a namespace is its name.
            ["id"] if kind.starts_with("kubernetes_namespace") => (&"name", &["metadata"][..]),
            [between @ .., last] => (last, between),
            [] => return None,
        };
        for step in between.iter().filter(|step| step.parse::<usize>().is_err()) {
            fields = match fields.get(step) {
                Some(Expression::Object(object)) => Fields::Object(object),
                _ => Fields::Body(fields.blocks(step).into_iter().next()?),
            };
        }
        fields.get(last)
    }

    /// The items of a list, as far as they are known. An unknown part is an item itself.
    pub fn items<'e>(&'e self, expression: &'e Expression) -> Vec<&'e Expression> {
        let mut found = Vec::new();
        self.add_items(expression, 0, &mut found);
        found
    }

    fn add_items<'e>(&'e self, expression: &'e Expression, depth: usize, found: &mut Vec<&'e Expression>) {
        let resolved = self.resolve(expression);
        self.steps.set(self.steps.get() + 1);
        if depth > DEEPEST || self.steps.get() > MOST_STEPS {
            found.push(expression);
            return;
        }
        match resolved {
            Expression::Array(items) => found.extend(items.iter()),
            Expression::FuncCall(call) if ["concat", "compact"].contains(&call.name.name.as_str()) => {
                for argument in call.args.iter() {
                    self.add_items(argument, depth + 1, found);
                }
            }
            Expression::FuncCall(call) if call.name.name.as_str() == "flatten" => {
                let mut items = Vec::new();
                for argument in call.args.iter() {
                    self.add_items(argument, depth + 1, &mut items);
                }
                for item in items {
                    match self.resolve(item) {
                        Expression::Array(_) => self.add_items(item, depth + 1, found),
                        _ => found.push(item),
                    }
                }
            }
            _ => found.push(resolved),
        }
    }

    /// The name of an item of an object. `None` if it is unknown.
    pub fn key(&self, key: &ObjectKey) -> Option<String> {
        match key {
            ObjectKey::Expression(value) => self.known(value),
            ObjectKey::Ident(_) => key_of(key),
        }
    }
}

/// The path of a file, and the folder that it starts at. A path without a name starts where Terraform runs.
fn path_of(written: &str) -> (&str, Base) {
    let in_module = ["${path.module}/", "${ path.module }/"].iter().find_map(|start| written.strip_prefix(start));
    let at_start = ["${path.root}/", "${path.cwd}/"].iter().find_map(|start| written.strip_prefix(start));
    match (in_module, at_start) {
        (Some(path), _) => (path, Base::Here),
        (_, Some(path)) => (path, Base::HereOrAbove),
        _ => (written, Base::HereOrAbove),
    }
}

/// The value of a name.
enum Written<'a> {
    /// In another text.
    Given(&'a str),
    Here(&'a Expression),
}

/// The names of a traversal: `a.b[0].c` has four. `None` if one of them is unknown.
fn steps(traversal: &Traversal) -> Option<Vec<String>> {
    let Expression::Variable(first) = &traversal.expr else { return None };
    let rest = traversal.operators.iter().map(|operator| match operator.value() {
        TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
        TraversalOperator::Index(Expression::String(name)) => Some(name.value().clone()),
        TraversalOperator::Index(Expression::Number(number)) => Some(number.value().to_string()),
        TraversalOperator::LegacyIndex(number) => Some(number.value().to_string()),
        _ => None,
    });
    std::iter::once(Some(first.as_str().to_owned())).chain(rest).collect()
}

/// The value below the items of objects.
fn below<'a>(value: &'a Expression, names: &[&str]) -> Option<&'a Expression> {
    names.iter().try_fold(value, |value, name| match value {
        Expression::Object(object) => Fields::Object(object).get(name),
        Expression::Array(items) => items.get(name.parse().ok()?),
        _ => None,
    })
}

fn is_empty(value: &Expression) -> bool {
    value.as_str() == Some("")
}

/// The argument of a function that keeps its text.
fn passed_through(call: &FuncCall) -> Option<&Expression> {
    const KEEPING: [&str; 8] =
        ["tostring", "nonsensitive", "sensitive", "trimspace", "chomp", "tolist", "toset", "abspath"];
    (KEEPING.contains(&call.name.name.as_str()) && call.args.len() == 1).then(|| call.args.get(0))?
}
