//! The identity of an object, and the fields that people ask about.

use std::collections::BTreeMap;

use super::{
    model::Object,
    network,
    part::{Item, Part},
};

/// The object of a part. `None` if the chart does not render it.
pub(super) fn of(part: &Part) -> Option<Object> {
    let object = part.text("object")?;
    let (kind, name) = object.split_once(' ')?;
    let namespace = part.text_or_shared(kind, "namespace").filter(|namespace| *namespace != part.rows.namespace);
    Some(Object {
        api_version: part.rows.shared(kind, "api").unwrap_or_default().to_owned(),
        kind: kind.to_owned(),
        name: name.to_owned(),
        namespace,
        selector: part.pairs("selector"),
        fields: fields(part),
    })
}

fn fields(part: &Part) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for row in part.names() {
        if let Some(name) = row.strip_prefix('.') {
            fields.extend(part.text(row).map(|text| (name.to_owned(), text)));
        } else if let Some(name) = row.strip_prefix('+') {
            let items = part.items(row).into_iter().flat_map(|item| match item {
                Item::Text(text) => vec![text],
                Item::Value(value) => network::rules(name, value),
            });
            fields.insert(name.to_owned(), items.collect::<Vec<_>>().join("; "));
        }
    }
    fields.retain(|_, text| !text.is_empty());
    fields
}
