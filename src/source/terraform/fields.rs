//! The attributes and the nested blocks of a block, or the items of an object.

use std::ops::Range;

use hcl_edit::{
    Span as _,
    expr::{Expression, Object, ObjectKey},
    structure::Body,
};

/// Something with named parts. Both notations are common: `set { name = "a" }` and `set = [{ name = "a" }]`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fields<'a> {
    Body(&'a Body),
    Object(&'a Object),
}

impl<'a> Fields<'a> {
    /// The value of an attribute or an item. `null` is as good as none.
    pub fn get(self, name: &str) -> Option<&'a Expression> {
        let value = match self {
            Self::Body(body) => &body.get_attribute(name)?.value,
            Self::Object(object) => {
                object.iter().find(|(key, _)| key_of(key).as_deref() == Some(name)).map(|(_, value)| value.expr())?
            }
        };
        (!value.is_null()).then_some(value)
    }

    /// The value of the first of some names, with its name.
    pub fn first<'n>(self, names: &[&'n str]) -> Option<(&'n str, &'a Expression)> {
        names.iter().find_map(|name| Some((*name, self.get(name)?)))
    }

    /// All attributes or items with a plain name.
    pub fn all(self) -> Vec<(String, Range<usize>, &'a Expression)> {
        match self {
            Self::Body(body) => {
                let attributes = body.attributes();
                attributes.map(|it| (it.key.to_string(), it.key.span().unwrap_or_default(), &it.value)).collect()
            }
            Self::Object(object) => {
                let items = object.iter();
                items
                    .filter_map(|(key, value)| Some((key_of(key)?, key_span(key).unwrap_or_default(), value.expr())))
                    .collect()
            }
        }
    }

    /// The nested blocks of a type.
    pub fn blocks(self, kind: &str) -> Vec<&'a Body> {
        match self {
            Self::Body(body) => body.blocks().filter(|block| block.has_ident(kind)).map(|block| &block.body).collect(),
            Self::Object(_) => Vec::new(),
        }
    }

    /// The `dynamic` blocks that make nested blocks of a type, each with its content.
    pub fn dynamic(self, kind: &str) -> Vec<&'a Body> {
        let Self::Body(body) = self else { return Vec::new() };
        let dynamic = body.blocks().filter(|block| {
            block.has_ident("dynamic") && block.labels.first().is_some_and(|label| label.as_str() == kind)
        });
        dynamic.flat_map(|block| block.body.blocks()).filter(|it| it.has_ident("content")).map(|it| &it.body).collect()
    }

    pub fn span(self) -> Range<usize> {
        match self {
            Self::Body(body) => body.span(),
            Self::Object(object) => object.span(),
        }
        .unwrap_or_default()
    }
}

/// The name of an item, as far as no expression decides.
pub(super) fn key_of(key: &ObjectKey) -> Option<String> {
    match key {
        ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
        ObjectKey::Expression(Expression::String(text)) => Some(text.value().clone()),
        ObjectKey::Expression(_) => None,
    }
}

pub(super) fn key_span(key: &ObjectKey) -> Option<Range<usize>> {
    match key {
        ObjectKey::Ident(name) => name.span(),
        ObjectKey::Expression(value) => value.span(),
    }
}
