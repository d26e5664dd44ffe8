//! On which nodes the pods run, and how many may be away at once.

use super::{Draft, RecommendedOption, Refusal, metrics::label_map};
use crate::{
    chart::Topology,
    intent::{AntiAffinity, Budget, Intent, Spread, Toleration},
    yaml::{Map, Value},
};

pub(super) fn settle(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    if let Some(strength) = intent.anti_affinity {
        let (preset, why) = match strength {
            AntiAffinity::None => ("", "pods may share a node"),
            AntiAffinity::Soft => ("soft", "pods on different nodes if possible"),
            AntiAffinity::Hard => ("hard", "pods only on different nodes"),
        };
        draft.say("anti-affinity", preset, &["anti_affinity"], why)?;
    }
    if let Some(domain) = intent.spread {
        spread(domain, intent, draft)?;
    }
    if let Some(budget) = &intent.disruption_budget {
        disruption(budget, draft)?;
    }
    if let Some(labels) = &intent.node_selector {
        draft.say("node-selector", label_map(labels), &["node_selector"], "nodes that may run the pods")?;
    }
    if let Some(tolerations) = &intent.tolerations {
        let tolerations: Vec<_> = tolerations.iter().map(toleration).collect();
        draft.say("tolerations", tolerations, &["tolerations"], "taints that the pods tolerate")?;
    }
    if let Some(class) = &intent.priority_class {
        draft.say("priority-class", class.as_str(), &["priority_class"], "priority class of the pods")?;
    }
    Ok(())
}

/// Spreads all pods of the release, primary and replicas together.
fn spread(domain: Spread, intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    if !draft.can("spread") {
        return Err(draft.cannot("spread", &["spread"]));
    }
    let release = if draft.can("@tpl-selectors") {
        "{{ .Release.Name }}"
    } else {
        intent.release.as_deref().ok_or_else(|| {
            let text = "this chart version needs the name of the release in the selector. Set `release`";
            Refusal::new(&["spread", "release"], text)
        })?
    };
    let (key, why) = match domain {
        Spread::Zone => ("topology.kubernetes.io/zone", "pods spread over zones"),
        Spread::Node => ("kubernetes.io/hostname", "pods spread over nodes"),
    };
    let labels: Map = draft
        .chart
        .places("@release-label", draft.topology)
        .into_iter()
        .map(|place| (place.path.replace('\\', ""), Value::from(release)))
        .collect();
    let constraint = Map::from_iter([
        ("maxSkew".to_owned(), Value::Int(1)),
        ("topologyKey".to_owned(), Value::from(key)),
        ("whenUnsatisfiable".to_owned(), Value::from("ScheduleAnyway")),
        ("labelSelector".to_owned(), Value::Map(Map::from_iter([("matchLabels".to_owned(), Value::Map(labels))]))),
    ]);
    draft.say("spread", vec![Value::Map(constraint)], &["spread"], why)
}

fn disruption(budget: &Budget, draft: &mut Draft) -> Result<(), Refusal> {
    let wish = &["disruption_budget"];
    let most = match budget {
        Budget::Off => return draft.say("budget", false, wish, "a node drain may evict all pods at once"),
        // The chart reads the number 0 as no value.
        Budget::Pods(0) => Value::from("0%"),
        Budget::Pods(pods) => Value::Int(i64::from(*pods)),
        Budget::Percent(percent) => Value::from(format!("{percent}%")),
    };
    let pods = match budget {
        Budget::Off | Budget::Pods(1) => "1 pod".to_owned(),
        Budget::Pods(pods) => format!("{pods} pods"),
        Budget::Percent(percent) => format!("{percent}% of the pods"),
    };
    let why = format!("a node drain evicts at most {pods} at once");
    draft.say("budget", true, wish, why.as_str())?;
    draft.say("budget.most", most, wish, why.as_str())?;
    if draft.can("budget.least") {
        draft.say("budget.least", "", wish, why)?;
    }
    if draft.topology == Topology::Standalone && matches!(budget, Budget::Pods(0) | Budget::Percent(0)) {
        let way = RecommendedOption {
            field: "disruption_budget",
            says: "`disruption-budget: off`, or delete the pod yourself",
            take: |intent| intent.disruption_budget = Some(Budget::Off),
        };
        let fact = "a disruption budget of 0 pods blocks every drain of the node";
        draft.advise("disruption-budget-blocks", fact, &[way], "");
    }
    Ok(())
}

fn toleration(toleration: &Toleration) -> Value {
    let Toleration { key, value, effect } = toleration;
    let mut map = Map::new();
    map.insert("key", Value::from(key.as_str()));
    map.insert("operator", Value::from(if value.is_some() { "Equal" } else { "Exists" }));
    if let Some(value) = value {
        map.insert("value", Value::from(value.as_str()));
    }
    if let Some(effect) = effect {
        map.insert("effect", Value::from(effect.as_str()));
    }
    Value::Map(map)
}
