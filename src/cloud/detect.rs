//! Detects the controller of an existing Service.

use super::recipe::{Effect, Recipe, recipes_for};
use super::{AnnotationKind, Cloud, Controller, annotation, controllers};

/// The controllers of the cloud that fit these annotations and this class; none if they contradict each other, or if
/// the class is unknown.
///
/// An annotation that several controllers read, or that no recipe writes, decides nothing.
pub fn detect_controllers(cloud: Cloud, annotations: &[(&str, &str)], class: Option<&str>) -> Vec<&'static Controller> {
    let mut ways: Vec<&Controller> = controllers().iter().filter(|way| way.cloud == cloud).collect();
    // The cloud has only one controller.
    if ways.len() == 1 {
        return ways;
    }
    let recipes = recipes_for(cloud);
    let by = |way: &Controller, says: &dyn Fn(&Recipe) -> bool| {
        recipes.iter().any(|recipe| recipe.is_for(way) && says(recipe))
    };
    if let Some(class) = class {
        ways.retain(|way| by(way, &|recipe| matches!(recipe.effect, Effect::Class { name, .. } if name == class)));
    }
    for (key, value) in annotations {
        // For annotations that select a controller the value decides, for others the key.
        let chooses = annotation(key).is_some_and(|known| known.kind == AnnotationKind::Controller);
        let says = |recipe: &Recipe| match recipe.effect {
            Effect::Annotate { key: name, value: text } => name == *key && (!chooses || text == *value),
            _ => false,
        };
        let adds = |recipe: &Recipe| matches!(recipe.effect, Effect::Also { key: name, .. } if name == *key);
        if recipes.iter().any(|recipe| says(recipe)) {
            ways.retain(|way| by(way, &says) || by(way, &adds));
        }
    }
    // An annotation for other controllers identifies none.
    let has = |way: &Controller, is_own: bool| {
        annotations.iter().any(|(key, _)| {
            by(way, &|recipe| match recipe.effect {
                Effect::Annotate { key: name, .. } => is_own && name == *key,
                Effect::Also { key: name, .. } => !is_own && name == *key,
                _ => false,
            })
        })
    };
    ways.retain(|way| has(way, true) || !has(way, false));
    ways
}
