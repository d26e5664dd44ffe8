//! On which nodes the pods run, and how many may be away at once.

use super::{
    Draft, RecommendedOption, Refusal,
    metrics::label_map,
    platform::{ARCHITECTURE, has_images_for_arm64},
    topology::{API_GONE, cluster},
};
use crate::{
    chart::{Setting, Topology},
    intent::{AntiAffinity, Arch, Budget, Field, Intent, Spread, Toleration},
    yaml::{Map, Value},
};

pub(super) fn settle(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    if let Some(strength) = intent.anti_affinity {
        let (preset, why) = match strength {
            AntiAffinity::None => ("", "pods may share a node"),
            AntiAffinity::Soft => ("soft", "pods on different nodes if possible"),
            AntiAffinity::Hard => ("hard", "pods only on different nodes"),
        };
        draft.say(Setting::AntiAffinity, preset, &[Field::AntiAffinity], why)?;
    }
    if let Some(domain) = intent.spread {
        spread(domain, intent, draft)?;
    }
    if let Some(budget) = &intent.disruption_budget {
        disruption(budget, intent, draft)?;
    }
    nodes(intent, draft)?;
    if let Some(tolerations) = &intent.tolerations {
        let tolerations: Vec<_> = tolerations.iter().map(toleration).collect();
        draft.say(Setting::Tolerations, tolerations, &[Field::Tolerations], "taints that the pods tolerate")?;
    }
    if let Some(class) = &intent.priority_class {
        draft.say(Setting::PriorityClass, class.as_str(), &[Field::PriorityClass], "priority class of the pods")?;
    }
    Ok(())
}

/// The labels of the nodes that may run the pods.
fn nodes(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let mut labels = intent.node_selector.as_deref().map(label_map).unwrap_or_default();
    let mut options: Vec<_> = intent.node_selector.iter().map(|_| Field::NodeSelector).collect();
    if let Some(arch) = intent.arch {
        let name = match arch {
            Arch::Amd64 => "amd64",
            Arch::Arm64 => "arm64",
        };
        if labels.get(ARCHITECTURE).is_some_and(|set| set.as_str() != Some(name)) {
            let text = format!("another `{ARCHITECTURE}` is in `node-selector`. Remove one of them");
            return Err(Refusal::new(&[Field::Arch, Field::NodeSelector], text));
        }
        if arch == Arch::Arm64 {
            has_images_for_arm64(intent, draft)?;
        }
        labels.insert(ARCHITECTURE, Value::from(name));
        options.push(Field::Arch);
    }
    if options.is_empty() {
        return Ok(());
    }
    draft.say(Setting::NodeSelector, labels, &options, "nodes that may run the pods")
}

/// Spreads all pods of the release, primary and replicas together.
fn spread(domain: Spread, intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    if !draft.can(Setting::Spread) {
        return Err(draft.cannot(Setting::Spread, &[Field::Spread]));
    }
    let release = if draft.can(Setting::TplSelectors) {
        "{{ .Release.Name }}"
    } else {
        intent.release.as_deref().ok_or_else(|| {
            let text = "this chart version needs the name of the release in the selector. Set `release`";
            Refusal::new(&[Field::Spread, Field::Release], text)
        })?
    };
    let (key, why) = match domain {
        Spread::Zone => ("topology.kubernetes.io/zone", "pods spread over zones"),
        Spread::Node => ("kubernetes.io/hostname", "pods spread over nodes"),
    };
    let labels: Map = draft
        .chart
        .places(Setting::ReleaseLabel, draft.topology)
        .iter()
        .map(|place| (place.path.replace('\\', ""), Value::from(release)))
        .collect();
    let constraint = Map::from_iter([
        ("maxSkew".to_owned(), Value::Int(1)),
        ("topologyKey".to_owned(), Value::from(key)),
        ("whenUnsatisfiable".to_owned(), Value::from("ScheduleAnyway")),
        ("labelSelector".to_owned(), Value::Map(Map::from_iter([("matchLabels".to_owned(), Value::Map(labels))]))),
    ]);
    draft.say(Setting::Spread, vec![Value::Map(constraint)], &[Field::Spread], why)
}

fn disruption(budget: &Budget, intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let options = &[Field::DisruptionBudget];
    if *budget != Budget::Off {
        budget_api(intent, draft)?;
    }
    let most = match budget {
        Budget::Off => return draft.say(Setting::Budget, false, options, "a node drain may evict all pods at once"),
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
    draft.say(Setting::Budget, true, options, why.as_str())?;
    draft.say(Setting::BudgetMost, most, options, why.as_str())?;
    if draft.can(Setting::BudgetLeast) {
        draft.say(Setting::BudgetLeast, "", options, why)?;
    }
    if draft.topology == Topology::Standalone && matches!(budget, Budget::Pods(0) | Budget::Percent(0)) {
        let way = RecommendedOption {
            field: Field::DisruptionBudget,
            says: "`disruption-budget: off`, or delete the pod yourself",
            take: |intent| intent.disruption_budget = Some(Budget::Off),
        };
        draft.advise("replicas-without-disruption-budget", &[way], "");
    }
    Ok(())
}

/// The kind of disruption budgets in `apis.tsv`.
const BUDGET: &str = "PodDisruptionBudget";

/// Refuses a disruption budget that the cluster does not accept, if the version of the cluster is given or if the budget
/// is only preferred. Otherwise warns.
fn budget_api(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let all = draft.chart.gone_apis(draft.topology, &cluster(intent));
    let Some(gone) = all.iter().find(|gone| gone.kind == BUDGET) else { return Ok(()) };
    let text = gone.message(draft.chart);
    let since = gone.fixed_in();
    if draft.preferred.contains(&Field::DisruptionBudget) || intent.kube_version.is_some() {
        let (mut options, mut text) = (vec![Field::DisruptionBudget], text);
        if intent.kube_version.is_some() {
            options.push(Field::KubeVersion);
        }
        if let Some(since) = &since {
            text = format!("{text}. Use chart {since} or later, or set `disruption-budget: off`");
        }
        return Err(Refusal { since, ..Refusal::new(&options, text) });
    }
    let way = RecommendedOption {
        field: Field::DisruptionBudget,
        says: "`disruption-budget: off`",
        take: |intent| intent.disruption_budget = Some(Budget::Off),
    };
    draft.warn(API_GONE, &[way]);
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
