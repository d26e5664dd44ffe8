//! Values inside of a helmfile.

use std::{collections::HashMap, rc::Rc};

use super::{
    Content, Delivery, Hints, Origin, ValuesBlock,
    embedded::{self, EmbeddedText},
    manifest::{group_release, of},
    parent_chart::is_from_bitnami,
    text_at,
    version::{ClaimSource, VersionClaim},
};
use crate::yaml::{Document, NodeId, Path, Value};

/// Reads the values of a helmfile. `None` if the text is not a helmfile.
pub(super) fn read(document: &Document, hints: &Hints) -> Option<Content> {
    let has_releases = |top: &NodeId| document.find_below(*top, &Path::of(["releases"])).is_some();
    if !document.documents().iter().any(has_releases) {
        return None;
    }
    embedded::documents(document).iter().find_map(|(inset, document)| releases(inset, document, hints))
}

fn releases(inset: &EmbeddedText, document: &Rc<Document>, hints: &Hints) -> Option<Content> {
    let top = *document.documents().first()?;
    let Ok(Value::Map(values)) = document.value(top) else { return None };
    let releases = match values.get("releases") {
        Some(Value::List(releases)) if releases.iter().any(names_a_chart) => releases,
        _ => return None,
    };
    let repositories = match values.get("repositories") {
        Some(Value::List(repositories)) => repositories.as_slice(),
        _ => &[],
    };
    let mut urls = HashMap::new();
    for repository in repositories {
        let Value::Map(repository) = repository else { continue };
        let text = |field| repository.get(field).and_then(Value::as_str);
        if let (Some(name), Some(url)) = (text("name"), text("url")) {
            urls.entry(name).or_insert(url);
        }
    }
    let (mut parts, mut charts) = (Vec::new(), Vec::new());
    for at in 0..releases.len() {
        let release = format!("releases[{at}]");
        let text = |field: &str| text_at(document, top, &format!("{release}.{field}"));
        let Some(chart) = text("chart") else { continue };
        let (repository, name) = chart.rsplit_once('/').unwrap_or(("", &chart));
        let url = urls.get(repository).copied();
        let ours = name == "redis" && is_from_bitnami(url.unwrap_or(repository));
        if !ours && hints.at.is_none() {
            charts.push(name.to_owned());
            continue;
        }
        let version_at: Path = format!("{release}.version").parse().ok()?;
        // The version of another chart does not apply to these values.
        let version_at = document.find_below(top, &version_at).filter(|_| ours).map(|_| (inset.clone(), version_at));
        let requirement = text("version").filter(|_| ours).and_then(|version| version.parse().ok());
        let claims: Vec<VersionClaim> = requirement
            .map(|requirement| VersionClaim { requirement, by: ClaimSource::Manifest { field: "version" } })
            .into_iter()
            .collect();
        let items = match document.find_below(top, &format!("{release}.values").parse().ok()?) {
            Some(found) => document.value(found.value).ok()?,
            None => Value::Null,
        };
        let Value::List(items) = items else { continue };
        let is_set = document.find_below(top, &format!("{release}.set").parse().ok()?).is_some();
        let origin = Origin {
            delivery: Delivery::Helmfile,
            release: text("name"),
            namespace: text("namespace"),
            has_unread_values: is_set || items.iter().any(|item| !matches!(item, Value::Map(_))),
            ..of(hints)
        };
        let inline = items.iter().enumerate().filter(|(_, item)| matches!(item, Value::Map(_)));
        let of_one = inline.filter_map(|(item, _)| {
            let at: Path = format!("{release}.values[{item}]").parse().ok()?;
            let at = at.join(&origin.within);
            Some(ValuesBlock {
                origin: Origin { at, ..origin.clone() },
                inset: inset.clone(),
                document: document.clone(),
                claims: claims.clone(),
                version_at: version_at.clone(),
            })
        });
        group_release(of_one.collect(), &mut parts);
    }
    if !parts.is_empty() {
        return Some(Ok(parts));
    }
    Some(Err(match charts.first() {
        Some(chart) => format!("a helmfile for the chart `{chart}`, without values of the redis chart"),
        None => "a helmfile without values".to_owned(),
    }))
}

fn names_a_chart(release: &Value) -> bool {
    matches!(release, Value::Map(release) if release.contains_key("chart"))
}
