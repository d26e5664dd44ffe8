//! The Secrets among the additional manifests in the values.

use super::Subject;
use crate::{
    chart::Setting,
    yaml::{Map, Path, Value},
};

/// A Secret that is created together with the release.
pub(super) struct BundledSecret {
    /// The path of its manifest in the values.
    pub at: Path,
    pub kind: String,
    /// The keys; none if the values do not list them: templates, or a store that fills the Secret.
    pub keys: Option<Vec<String>>,
}

/// The last Secret with this name.
pub(super) fn bundled_secret(subject: &Subject, name: &str) -> Option<BundledSecret> {
    bundled_secrets(subject).into_iter().rev().find(|(named, _)| named == name).map(|(_, secret)| secret)
}

/// The Secrets by name, without those whose name is a template.
pub(super) fn bundled_secrets(subject: &Subject) -> Vec<(String, BundledSecret)> {
    let mut found = Vec::new();
    for key in subject.places(Setting::Manifests) {
        let (Some(Value::List(manifests)), Ok(list)) = (subject.value(key), key.parse::<Path>()) else { continue };
        for (at, manifest) in manifests.iter().enumerate() {
            found.extend(manifest.as_map().and_then(|manifest| read(manifest, list.index(at))));
        }
    }
    found
}

fn read(manifest: &Map, at: Path) -> Option<(String, BundledSecret)> {
    let text = |path: &[&str]| get(manifest, path)?.as_str().filter(|text| !text.contains("{{"));
    let kind = text(&["kind"])?;
    let own = ["metadata", "name"];
    let (name, keys) = match kind {
        "Secret" => (text(&own), keys(manifest, &[&["data"], &["stringData"]])),
        "SealedSecret" => (
            text(&["spec", "template", "metadata", "name"]).or_else(|| text(&own)),
            keys(manifest, &[&["spec", "encryptedData"], &["spec", "template", "data"]]),
        ),
        "ExternalSecret" => (text(&["spec", "target", "name"]).or_else(|| text(&own)), external(manifest)),
        _ => return None,
    };
    Some((name?.to_owned(), BundledSecret { at, kind: kind.to_owned(), keys }))
}

fn get<'a>(manifest: &'a Map, path: &[&str]) -> Option<&'a Value> {
    manifest.get_at(&Path::of(path.iter().copied())).filter(|value| **value != Value::Null)
}

/// The keys of all these maps.
fn keys(manifest: &Map, maps: &[&[&str]]) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for map in maps.iter().filter_map(|path| get(manifest, path)) {
        found.extend(map.as_map()?.keys().map(str::to_owned));
    }
    (!found.iter().any(|key| key.contains("{{"))).then_some(found)
}

/// The keys of a Secret that a store fills, if each key is listed by name.
fn external(manifest: &Map) -> Option<Vec<String>> {
    if get(manifest, &["spec", "dataFrom"]).is_some() || get(manifest, &["spec", "target", "template"]).is_some() {
        return None;
    }
    let each = get(manifest, &["spec", "data"])?.as_list()?;
    let name = |one: &Value| one.as_map()?.get("secretKey")?.as_str().map(str::to_owned);
    let names = each.iter().map(name).collect::<Option<Vec<_>>>()?;
    (!names.iter().any(|name| name.contains("{{"))).then_some(names)
}
