//! The calls of modules in folders of the repository, with the arguments of each, and the instances of `for_each` and
//! `count`.

use std::collections::BTreeMap;

use hcl_edit::{
    Ident,
    expr::{Array, Expression, FuncArgs, FuncCall, Object, ObjectKey, ObjectValue},
    structure::{Block, Body},
};

use super::{
    Variables,
    fields::Fields,
    inputs::{Instance, MOST_CALLS, ModuleCall},
    module::Module,
};

/// The most levels of an argument.
const DEEPEST: usize = 32;

/// The arguments of a call that are no variables of the module.
const META: [&str; 6] = ["source", "version", "count", "for_each", "providers", "depends_on"];

/// The modules in folders of the repository that a text calls: the block and the path of the folder.
pub(super) fn local_modules(body: &Body) -> impl Iterator<Item = (&Block, &str)> {
    body.blocks().filter(|block| block.has_ident("module") && block.labels.len() == 1).filter_map(|block| {
        let source = Fields::Body(&block.body).get("source")?.as_str()?;
        (source.starts_with("./") || source.starts_with("../")).then_some((block, source))
    })
}

/// The calls of one `module` block. `outer` is the call of the module that has the block, and `folder` the path from the
/// called folder to the folder of the block.
pub(super) fn calls_of(module: &Module, block: &Block, outer: &ModuleCall, folder: &str) -> Vec<ModuleCall> {
    let name = block.labels.first().map(|label| label.as_str()).unwrap_or_default();
    let fields = Fields::Body(&block.body);
    let before = if outer.address.is_empty() { String::new() } else { format!("{}.", outer.address) };
    let address = format!("{before}module.{name}");
    let call = |module: &Module, address: String| {
        let arguments = fields.all().into_iter().filter(|(name, ..)| !META.contains(&name.as_str()));
        ModuleCall {
            address,
            arguments: arguments.map(|(name, _, value)| (name, closed(module, value, folder, 0))).collect(),
            defaults: BTreeMap::new(),
            root: outer.root.clone(),
            variables: Variables::new(),
            off: outer.off.clone().or_else(|| module.off(fields)),
        }
    };
    match instances(module, fields) {
        Some(instances) => {
            instances.iter().map(|instance| call(&module.with_instance(instance), instance.address(&address))).collect()
        }
        None => vec![call(module, address)],
    }
}

/// The instances of a block. `None` if the block has one, or if the instances are not known.
pub(super) fn instances(module: &Module, fields: Fields) -> Option<Vec<Instance>> {
    if let Some(count) = fields.get("count") {
        let count: usize = module.known(count)?.parse().ok()?;
        let instance = |number: usize| Instance { key: number.to_string(), value: None };
        return (2..=MOST_CALLS).contains(&count).then(|| (0..count).map(instance).collect());
    }
    let found: Vec<Instance> = match module.resolve(fields.get("for_each")?) {
        Expression::Object(object) => object
            .iter()
            .map(|(key, value)| Some(Instance { key: module.key(key)?, value: Some(value.expr().clone()) }))
            .collect::<Option<_>>()?,
        Expression::Array(items) => items
            .iter()
            .map(|item| module.known(item).map(|key| Instance { value: Some(key.as_str().into()), key }))
            .collect::<Option<_>>()?,
        _ => return None,
    };
    (1..=MOST_CALLS).contains(&found.len()).then_some(found)
}

/// The defaults of the variables of a text that are lists or objects.
pub(super) fn defaults_of(module: &Module) -> BTreeMap<String, Expression> {
    let is_composite = |value: &Expression| matches!(value, Expression::Array(_) | Expression::Object(_));
    let defaults = module.defaults().filter(|(_, value)| is_composite(value));
    defaults.filter_map(|(name, value)| Some((name.to_owned(), closed(module, value, ".", 0)?))).collect()
}

/// A copy of a value that uses no name of its text. `None` if the value is unknown.
fn closed(module: &Module, value: &Expression, folder: &str, depth: usize) -> Option<Expression> {
    if depth > DEEPEST {
        return None;
    }
    let inner = |value: &Expression| {
        closed(module, value, folder, depth + 1).unwrap_or_else(|| Expression::from(Ident::new(UNKNOWN)))
    };
    match module.resolve(value) {
        Expression::Null(_) => Some(Expression::null()),
        Expression::Bool(on) => Some((*on.value()).into()),
        Expression::Number(number) => Some((*number.value()).into()),
        Expression::Array(items) => Some(items.iter().map(inner).collect::<Array>().into()),
        Expression::Object(object) => {
            let mut copy = Object::new();
            for (key, value) in object.iter() {
                let key = ObjectKey::from(Expression::from(module.key(key)?));
                copy.insert(key, ObjectValue::new(inner(value.expr())));
            }
            Some(copy.into())
        }
        Expression::FuncCall(call) => {
            let arguments: FuncArgs = call.args.iter().map(inner).collect();
            Some(FuncCall::new(call.name.clone(), arguments).into())
        }
        other => {
            let text = module.known(other)?;
            Some(match text.strip_prefix("${path.module}") {
                Some(rest) => format!("${{path.module}}/{folder}{rest}").into(),
                None => text.into(),
            })
        }
    }
}

/// The name of an unknown part of an argument.
const UNKNOWN: &str = "unknown";
