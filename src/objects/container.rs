//! The containers of a pod: their images and resources.

use super::{
    model::{Container, Resources},
    part::{Item, Part},
    rows::{Rows, text_of},
};
use crate::yaml::{Map, Value};

/// The containers of one pod, init containers first.
pub(super) fn of(part: &Part) -> Vec<Container> {
    let lists = [("init", true), ("container", false)];
    let items =
        lists.into_iter().flat_map(|(field, is_init)| part.items(field).into_iter().map(move |item| (item, is_init)));
    let containers = items.filter_map(|(item, is_init)| match item {
        Item::Text(text) => of_text(part.rows, &text, is_init),
        Item::Value(value) => value.as_map().map(|value| of_value(value, is_init)),
    });
    containers.collect()
}

/// `NAME IMAGE-KEY RESOURCES-KEY`
fn of_text(rows: &Rows, text: &str, is_init: bool) -> Option<Container> {
    let mut words = text.split(' ');
    let (name, image_key, above) = (words.next()?, words.next()?, words.next()?);
    let [requests, limits] = resources(rows, above);
    Some(Container { name: name.to_owned(), is_init, image: image(rows, image_key), requests, limits })
}

/// A container that the user adds.
fn of_value(value: &Map, is_init: bool) -> Container {
    let text = |key: &str| value.get(key).map(text_of).unwrap_or_default();
    let [requests, limits] = of_map(value.get("resources").and_then(Value::as_map));
    Container { name: text("name"), is_init, image: text("image"), requests, limits }
}

/// The reference of an image: a digest replaces the tag.
fn image(rows: &Rows, key: &str) -> String {
    let text = |key: &str| rows.value(key).map(text_of).filter(|text| !text.is_empty());
    let part = |part: &str| text(&format!("{key}.{part}"));
    let registry = text("global.imageRegistry").or_else(|| part("registry"));
    let mut image = registry.map(|registry| format!("{registry}/")).unwrap_or_default();
    image.push_str(&part("repository").unwrap_or_default());
    let digest = part("digest").filter(|_| rows.chart().takes(&format!("{key}.digest")));
    match (digest, part("tag")) {
        (Some(digest), _) => image.push_str(&format!("@{digest}")),
        (None, tag) => image.push_str(&format!(":{}", tag.unwrap_or_default())),
    }
    image
}

/// Requests and limits: those of the values, or else of the preset.
fn resources(rows: &Rows, above: &str) -> [Resources; 2] {
    if let Some(Value::Map(map)) = rows.value(&format!("{above}.resources"))
        && !map.is_empty()
    {
        return of_map(Some(map));
    }
    let preset = rows.value(&format!("{above}.resourcesPreset")).and_then(Value::as_str);
    let Some(preset) = preset.and_then(|preset| rows.chart().preset(preset)) else { return Default::default() };
    [preset.requests, preset.limits].map(|quantities| {
        let quantity = |wanted: &str| {
            let found = quantities.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, quantity)| (*quantity).to_owned())
        };
        Resources { cpu: quantity("cpu"), memory: quantity("memory") }
    })
}

fn of_map(resources: Option<&Map>) -> [Resources; 2] {
    ["requests", "limits"].map(|side| {
        let quantities = resources.and_then(|map| map.get(side)?.as_map());
        let quantity =
            |name: &str| quantities.and_then(|map| map.get(name)).map(text_of).filter(|text| !text.is_empty());
        Resources { cpu: quantity("cpu"), memory: quantity("memory") }
    })
}
