//! The refusals of an API server in the messages of `kubectl`.
//!
//! Source: the messages of kubectl and the API server 1.34, seen with `kubectl apply --dry-run=server --server-side`.

/// A refusal of one object, or of one field of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `StatefulSet redis-node`; none if the message names none.
    pub object: Option<String>,
    pub field: Option<String>,
    /// The message of the server, on one line.
    pub message: String,
    /// The API version and kind that the cluster does not have.
    pub missing_kind: Option<(String, String)>,
}

impl Refusal {
    fn of(object: Option<String>, field: Option<String>, message: &str) -> Self {
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { object, field, message, missing_kind: None }
    }
}

/// The refusals in the messages of `kubectl`. A message in an unknown form is a refusal without an object.
pub fn refusals(stderr: &str) -> Vec<Refusal> {
    let mut found = Vec::new();
    for message in messages(stderr) {
        if message.starts_with("Warning:") || message.starts_with("ensure CRDs are installed") {
            continue;
        }
        found.extend(refusals_in(&message));
    }
    found.dedup();
    found
}

/// The warnings that the API server sends with an accepted object, each once.
pub fn warnings(stderr: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for warning in stderr.lines().filter_map(|line| line.strip_prefix("Warning: ")) {
        if !found.iter().any(|known| known == warning) {
            found.push(warning.trim().to_owned());
        }
    }
    found
}

/// The messages, each with the lines that continue it.
fn messages(stderr: &str) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    for line in stderr.lines().filter(|line| !line.trim().is_empty()) {
        match messages.last_mut() {
            Some(last) if line.starts_with([' ', '\t', '*']) => {
                last.push('\n');
                last.push_str(line);
            }
            _ => messages.push(line.to_owned()),
        }
    }
    messages
}

fn refusals_in(message: &str) -> Vec<Refusal> {
    let text = message.trim_start_matches("error: ");
    if let Some(refusal) = missing_kind(text) {
        return vec![refusal];
    }
    // The StatefulSet "redis-node" is invalid: spec: Forbidden: ...
    if let Some((kind, rest)) = text.strip_prefix("The ").and_then(|rest| rest.split_once(" \""))
        && let Some((name, rest)) = rest.split_once("\" is invalid:")
    {
        let object = format!("{kind} {name}");
        let causes = rest.trim_start().strip_prefix('*').map_or_else(|| vec![rest], |rest| rest.split("\n*").collect());
        return causes.into_iter().map(|cause| of_field(&object, cause)).collect();
    }
    vec![of_server(text)]
}

/// `spec.replicas: Invalid value: -1: ...`
fn of_field(object: &str, cause: &str) -> Refusal {
    let cause = cause.trim();
    let is_path =
        |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || ".[]_-/\"".contains(c));
    match cause.split_once(": ").filter(|(field, _)| is_path(field)) {
        Some((field, message)) => Refusal::of(Some(object.to_owned()), Some(field.to_owned()), message),
        None => Refusal::of(Some(object.to_owned()), None, cause),
    }
}

/// `resource mapping not found for name: "redis" namespace: "x" from "STDIN": no matches for kind "ServiceMonitor" in
/// version "monitoring.coreos.com/v1"`
fn missing_kind(text: &str) -> Option<Refusal> {
    let (before, rest) = text.split_once("no matches for kind \"")?;
    let (kind, rest) = rest.split_once('"')?;
    let version = rest.split('"').nth(1)?;
    let name = before.split_once("name: \"").and_then(|(_, rest)| rest.split('"').next());
    let object = name.map(|name| format!("{kind} {name}"));
    let message = format!("the cluster has no {kind} of {version}");
    Some(Refusal { missing_kind: Some((version.to_owned(), kind.to_owned())), ..Refusal::of(object, None, &message) })
}

/// `Error from server (Forbidden): statefulsets.apps "redis-node" is forbidden: ...`
fn of_server(text: &str) -> Refusal {
    let rest = match text.strip_prefix("Error from server") {
        Some(rest) => rest.split_once(": ").map_or(rest, |(_, rest)| rest),
        None => text,
    };
    // error when creating "STDIN": ...
    let rest = rest.strip_prefix("error when ").and_then(|rest| rest.split_once("\": ")).map_or(rest, |(_, rest)| rest);
    // failed to create typed patch object (ns/redis-node; apps/v1, Kind=StatefulSet): .spec.x: field not declared
    if let Some((_, rest)) = rest.split_once("typed patch object (")
        && let Some((name, rest)) = rest.split_once("; ")
        && let Some((kind, rest)) = rest.split_once("Kind=").and_then(|(_, rest)| rest.split_once("): "))
    {
        let object = format!("{kind} {}", name.rsplit('/').next().unwrap_or(name));
        return of_field(&object, rest.trim_start_matches('.'));
    }
    let object = rest.split_once(" \"").and_then(|(resource, rest)| {
        let name = rest.split('"').next()?;
        let is_resource = !resource.is_empty() && !resource.contains(' ');
        is_resource.then(|| format!("{resource} {name}"))
    });
    Refusal::of(object, None, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Refusal {
        let found = refusals(text);
        assert_eq!(found.len(), 1, "{found:?}");
        found.into_iter().next().unwrap()
    }

    #[test]
    fn a_missing_kind_names_its_api() {
        let text = "error: resource mapping not found for name: \"redis\" namespace: \"cache\" from \"STDIN\": no \
                    matches for kind \"ServiceMonitor\" in version \"monitoring.coreos.com/v1\"\nensure CRDs are \
                    installed first\n";
        let found = one(text);
        assert_eq!(found.object.as_deref(), Some("ServiceMonitor redis"));
        assert_eq!(found.missing_kind, Some(("monitoring.coreos.com/v1".to_owned(), "ServiceMonitor".to_owned())));
    }

    #[test]
    fn a_refused_field_has_a_path() {
        let found = one("The StatefulSet \"redis-node\" is invalid: spec: Forbidden: updates to statefulset spec for \
                         fields other than 'replicas' are forbidden\n");
        assert_eq!(found.object.as_deref(), Some("StatefulSet redis-node"));
        assert_eq!(found.field.as_deref(), Some("spec"));
        assert!(found.message.starts_with("Forbidden: "), "{}", found.message);
        let found = refusals(
            "The Service \"redis\" is invalid: \n* spec.ports[0].nodePort: Invalid value: 1: out of \
                              range\n* spec.type: Unsupported value: \"x\"\n",
        );
        let fields: Vec<_> = found.iter().map(|refusal| refusal.field.as_deref().unwrap()).collect();
        assert_eq!(fields, ["spec.ports[0].nodePort", "spec.type"]);
    }

    #[test]
    fn the_words_of_the_server_stay() {
        let found = one("Error from server (Forbidden): error when creating \"STDIN\": pods \"redis-node-0\" is \
                         forbidden: violates PodSecurity \"restricted:latest\": seccompProfile\n");
        assert_eq!(found.object.as_deref(), Some("pods redis-node-0"));
        assert!(found.message.contains("violates PodSecurity"), "{}", found.message);
        let found = one("Error from server: failed to create typed patch object (cache/redis-node; apps/v1, \
                         Kind=StatefulSet): .spec.template.spec.nodes: field not declared in schema\n");
        assert_eq!(found.object.as_deref(), Some("StatefulSet redis-node"));
        assert_eq!(found.field.as_deref(), Some("spec.template.spec.nodes"));
        assert_eq!(one("something else\n").message, "something else");
    }

    #[test]
    fn a_warning_is_no_refusal() {
        let text = "Warning: would violate PodSecurity \"restricted:latest\"\nWarning: would violate PodSecurity \
                    \"restricted:latest\"\n";
        assert_eq!(refusals(text), []);
        assert_eq!(warnings(text), ["would violate PodSecurity \"restricted:latest\""]);
    }
}
