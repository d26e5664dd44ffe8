//! Turns a plan into the keys of one chart version, without further decisions.

use crate::{
    chart::{Chart, Encoding, LATEST, Setting, SettingKey, Topology},
    plan::{Catalogue, Decision, Field, ImageChoice, Plan},
    yaml::{Map, Path, Value},
};

/// A values file as a tree, and the reasons for its comments.
#[derive(Debug, Clone)]
pub struct Rendered {
    pub values: Map,
    /// Reasons by the key below their comment, in the order of the decisions.
    pub reasons: Vec<(Path, Reason)>,
}

/// The reason of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    pub why: String,
    /// options behind the key; empty for an opinion of redisgen
    pub options: Vec<Field>,
    /// default of the chart, if it differs
    pub default: Option<Value>,
}

/// Turns `plan` into the keys of `chart`.
///
/// Leaves a default value of the chart out, unless the user set one of its options (`asked`). The caller merges
/// `overlay` over the result, which may enable further images.
pub fn render(plan: &Plan, chart: &Chart, overlay: &Map, asked: impl Fn(Field) -> bool) -> Rendered {
    let mut rendered = Rendered { values: Map::new(), reasons: Vec::new() };
    for decision in &plan.decisions {
        let asked = decision.options.iter().any(|field| asked(*field));
        for place in chart.places(decision.setting, plan.topology) {
            rendered.put(place, decision, plan.topology, chart, asked);
        }
    }
    images(&plan.images, plan.topology, chart, overlay, &mut rendered);
    chart.order(&mut rendered.values);
    rendered
}

impl Rendered {
    fn put(&mut self, place: &SettingKey, decision: &Decision, topology: Topology, chart: &Chart, asked: bool) {
        let default = chart.key(place.path).and_then(|key| key.default);
        let value = match place.form {
            Encoding::Conf => {
                let lines = conf(decision.value.as_map(), default.and_then(Value::as_str));
                if Some(lines.as_str()) == default.and_then(Value::as_str) {
                    return;
                }
                Value::from(lines)
            }
            form => shape(form, &decision.value, topology, chart),
        };
        let reason = Reason { why: decision.why.clone(), options: decision.options.clone(), default: default.cloned() };
        self.insert(place.path, value, reason, asked);
    }

    fn insert(&mut self, path: &str, value: Value, reason: Reason, asked: bool) {
        // A path of a setting is always valid, because the build checks the rows.
        let Ok(path) = path.parse::<Path>() else { return };
        if !asked && reason.default.as_ref() == Some(&value) {
            return;
        }
        let default = reason.default.filter(|default| *default != value);
        match self.values.insert_at(&path, value) {
            Ok(_) => self.reasons.push((path, Reason { default, ..reason })),
            Err(_) => debug_assert!(false, "two settings of one plan set the same key {path}"),
        }
    }
}

fn shape(form: Encoding, value: &Value, topology: Topology, chart: &Chart) -> Value {
    match (form, value) {
        (Encoding::Replicated, _) => Value::Bool(topology != Topology::Standalone),
        (Encoding::Architecture, _) => {
            Value::from(if topology == Topology::Standalone { "standalone" } else { "replication" })
        }
        (Encoding::PlusOne, Value::Int(n)) => Value::Int(n + 1),
        (Encoding::String, Value::Int(n)) => Value::from(n.to_string()),
        (Encoding::Tpl, value) => through_tpl(value),
        (Encoding::Joined, Value::List(items)) => {
            let items: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            Value::from(vec![items.join(", ")])
        }
        (Encoding::Affinity, Value::String(strength)) => affinity(strength, topology, chart),
        (_, value) => value.clone(),
    }
}

/// The lines of redis.conf: the default lines of the chart, with `directives` in place of the same directives, or at
/// the end.
fn conf(directives: Option<&Map>, default: Option<&str>) -> String {
    let empty = Map::new();
    let directives = directives.unwrap_or(&empty);
    let mut lines: Vec<String> = Vec::new();
    let mut written: Vec<&str> = Vec::new();
    let say = |directive, lines: &mut Vec<String>| {
        let arguments = directives.get(directive).and_then(Value::as_list).unwrap_or_default();
        lines.extend(arguments.iter().filter_map(Value::as_str).map(|argument| format!("{directive} {argument}")));
    };
    for line in default.unwrap_or_default().lines().filter(|line| !line.trim().is_empty()) {
        let directive = line.split_ascii_whitespace().next().unwrap_or_default();
        match directives.keys().find(|key| *key == directive) {
            Some(key) if written.contains(&key) => {}
            Some(key) => {
                say(key, &mut lines);
                written.push(key);
            }
            None => lines.push(line.to_owned()),
        }
    }
    for key in directives.keys().filter(|key| !written.contains(key)) {
        say(key, &mut lines);
    }
    lines.join("\n")
}

/// Escapes templates, so `tpl` of Helm returns the same text.
fn through_tpl(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("{{", "{{ \"{{\" }}")),
        Value::List(values) => Value::List(values.iter().map(through_tpl).collect()),
        Value::Map(map) => Value::Map(map.iter().map(|(key, value)| (key.to_owned(), through_tpl(value))).collect()),
        other => other.clone(),
    }
}

/// The affinity of Kubernetes that puts pods of the release on different nodes.
fn affinity(strength: &str, topology: Topology, chart: &Chart) -> Value {
    let map = |entries: Vec<(&str, Value)>| -> Value {
        Value::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    };
    let labels = [(Setting::NameLabel, "redis"), (Setting::ReleaseLabel, "{{ .Release.Name }}")].into_iter().flat_map(
        |(setting, value)| {
            chart.places(setting, topology).iter().map(move |place| (place.path.replace('\\', ""), Value::from(value)))
        },
    );
    let selector = map(vec![("matchLabels", Value::Map(labels.collect()))]);
    let term = map(vec![("labelSelector", selector), ("topologyKey", Value::from("kubernetes.io/hostname"))]);
    let rule = match strength {
        "soft" => {
            let weighted = map(vec![("weight", Value::Int(1)), ("podAffinityTerm", term)]);
            ("preferredDuringSchedulingIgnoredDuringExecution", Value::from(vec![weighted]))
        }
        "hard" => ("requiredDuringSchedulingIgnoredDuringExecution", Value::from(vec![term])),
        _ => return Value::Map(Map::new()),
    };
    map(vec![("podAntiAffinity", map(vec![rule]))])
}

/// Sets the source of every image that the chart uses.
fn images(choice: &ImageChoice, topology: Topology, chart: &Chart, overlay: &Map, rendered: &mut Rendered) {
    for image in chart.images() {
        if !chart.uses(image, topology, |switch| is_on(switch, &rendered.values, overlay, chart)) {
            continue;
        }
        let mut say = |part: &str, value: &str, why: &str, field: Field, default: Option<Value>| {
            let reason = Reason { why: why.into(), options: vec![field], default };
            rendered.insert(&format!("{}.{part}", image.path), Value::from(value), reason, true);
        };
        let repository = || Some(Value::from(image.repository.as_str()));
        match choice.catalogue {
            Catalogue::FrozenUnlessSaid if choice.pins(&image.path) || is_image_overlaid(&image.path, overlay) => {}
            Catalogue::Frozen | Catalogue::FrozenUnlessSaid => {
                let why = "frozen catalogue with the old images of this chart";
                if let Some(moved) = chart.moved_to(image, topology) {
                    say("repository", &moved, why, Field::Images, repository());
                }
            }
            Catalogue::Secure => {
                if let Some(secured) = chart.secured_in(image, topology) {
                    say("repository", &secured, "hardened catalogue", Field::Images, repository());
                    if !chart.is_moving(image) {
                        let default = Some(Value::from(image.tag.as_str()));
                        say("tag", LATEST, "only free tag of this catalogue", Field::Images, default);
                    }
                }
            }
            Catalogue::Chart => {}
        }
        for (_, digest) in choice.digests.iter().filter(|(key, _)| *key == image.path) {
            say("digest", digest, "pinned by digest", Field::Digests, None);
        }
        if let Some(policy) = choice.pull_policy {
            let default = chart.key(&format!("{}.pullPolicy", image.path)).and_then(|key| key.default).cloned();
            say("pullPolicy", policy, "pull policy", Field::PullPolicy, default);
        }
    }
}

/// Whether an overlay sets the source of an image, or a tag that is still served.
fn is_image_overlaid(image: &str, overlay: &Map) -> bool {
    let set = |part: &str| overlay.get_at_text(&format!("{image}.{part}"));
    ["registry", "repository", "digest"].into_iter().any(|part| set(part).is_some())
        || set("tag").and_then(Value::as_str) == Some(LATEST)
}

fn is_on(switch: &str, values: &Map, overlay: &Map, chart: &Chart) -> bool {
    let Ok(path) = switch.parse::<Path>() else { return false };
    let set = overlay.get_at(&path).or_else(|| values.get_at(&path));
    set.or_else(|| chart.key(switch).and_then(|key| key.default)).is_some_and(|value| *value == Value::Bool(true))
}

/// Places each reason once: a block with one reason has the comment above its first line, and neighbours with the same
/// reason share one comment.
pub fn placed(rendered: &Rendered, text: impl Fn(&Reason) -> String) -> Vec<(Path, String)> {
    let told: Vec<(Path, String)> =
        rendered.reasons.iter().map(|(path, reason)| (path.clone(), text(reason))).collect();
    let mut placed = Vec::new();
    place_in(&rendered.values, &Path::root(), &told, &mut placed);
    placed
}

fn place_in(map: &Map, above: &Path, told: &[(Path, String)], placed: &mut Vec<(Path, String)>) {
    let mut before: Option<String> = None;
    for (key, value) in map.iter() {
        let at = above.key(key);
        let below: Vec<&str> =
            told.iter().filter(|(path, _)| path.starts_with(&at)).map(|(_, text)| text.as_str()).collect();
        let same = below.windows(2).all(|pair| pair[0] == pair[1]);
        match (below.first(), value) {
            (Some(text), _) if same => {
                if before.as_deref() != Some(*text) {
                    placed.push((at, (*text).to_owned()));
                }
                before = Some((*text).to_owned());
            }
            (Some(_), Value::Map(children)) => {
                place_in(children, &at, told, placed);
                before = None;
            }
            _ => before = None,
        }
    }
}
