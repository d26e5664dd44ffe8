//! See `plaintext_password.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{prelude::*, redis_conf, replicas, secrets},
    yaml::Value,
};

pub(super) static RULE: Rule = Rule {
    id: "plaintext-password",
    group: Group::Security,
    severity: Severity::Warning,
    summary: "password in clear text in the values file",
    docs: include_str!("plaintext_password.md"),
    fix: FixAvailability::None,
    scope: Scope::Line,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found = passwords(subject);
    found.extend(users(subject));
    found.extend(directives(subject));
    found.extend(brought(subject));
    found
}

fn clear(entry: &Entry) -> Finding {
    Finding::at(
        entry.key,
        format!("`{}` is a password in clear text: anyone who can read this file can read the password", entry.text),
    )
}

/// The password of Redis, at the keys of the chart.
fn passwords(subject: &Subject) -> Vec<Finding> {
    let auth = subject.places(Setting::Auth).iter().all(|key| subject.on(key));
    let secret = subject.places(Setting::ExistingSecret).into_iter().find(|key| subject.on(key));
    let keys = subject.places(Setting::Password).into_iter().chain(subject.places(Setting::PasswordGlobal));
    let mut found = Vec::new();
    for entry in keys.filter_map(|key| subject.entry(key)).filter(|entry| is_literal(subject.value_of(entry))) {
        let finding = clear(entry);
        found.push(match (&secret, subject.places(Setting::ExistingSecret).first()) {
            (Some(secret), _) => {
                finding.help(format!("remove the password: the chart ignores it because `{secret}` names a Secret"))
            }
            (None, _) if !auth => {
                finding.help("remove the password: the chart ignores it because authentication is off")
            }
            (None, Some(secret)) => {
                finding.help(format!("put the password into a Secret and set `{secret}` to its name"))
            }
            (None, None) => finding,
        });
    }
    found
}

/// Passwords of ACL users.
fn users(subject: &Subject) -> Vec<Finding> {
    let secret = subject.places(Setting::AclSecret).into_iter().next();
    let mut found = Vec::new();
    for list in subject.places(Setting::AclUsers) {
        let count = subject.value(list).and_then(|users| Some(users.as_list()?.len())).unwrap_or_default();
        let entries = (0..count).filter_map(|at| subject.entry(&format!("{list}[{at}].password")));
        for entry in entries.filter(|entry| is_literal(subject.value_of(entry))) {
            found.push(match &secret {
                Some(secret) => clear(entry)
                    .help(format!("put the passwords of all users into a Secret and set `{secret}` to its name")),
                None => clear(entry),
            });
        }
    }
    found
}

/// Passwords in the configuration of Redis, which the chart passes on.
fn directives(subject: &Subject) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let pods = replicas::pod_keys(subject);
    let directives = pods.iter().filter_map(|pods| redis_conf::of_pods(subject, pods)).flatten();
    for directive in directives.filter(|directive| matches!(directive.name.as_str(), "requirepass" | "masterauth")) {
        let Some(span) =
            directive.span.filter(|_| is_literal(Some(&Value::from(directive.arguments.trim_matches('"')))))
        else {
            continue;
        };
        // A text for all pods is in the directives of each pod.
        if found.iter().all(|finding| finding.marks.iter().all(|mark| mark.span != span)) {
            let message = format!(
                "`{}` sets a password in clear text: anyone who can read this file can read the password",
                directive.name
            );
            found.push(
                Finding::at(span, message).help("remove the directive: the chart sets the password from a Secret"),
            );
        }
    }
    found
}

/// The Secret that the same file sets instead.
fn brought(subject: &Subject) -> Vec<Finding> {
    let named = subject.places(Setting::ExistingSecret).into_iter().find_map(|key| subject.text(key));
    let Some(secret) = named.and_then(|name| secrets::bundled_secret(subject, name)) else { return Vec::new() };
    if secret.kind != "Secret" {
        return Vec::new();
    }
    let maps = ["data", "stringData"].map(|map| secret.at.key(map));
    let keys = secret.keys.unwrap_or_default();
    let entries = maps.iter().flat_map(|map| keys.iter().map(|key| map.key(key.as_str()).to_string()));
    entries
        .filter_map(|key| subject.entry(&key).filter(|entry| is_literal(subject.value_of(entry))))
        .map(|entry| clear(entry).help("seal the Secret, or create it from a secret store outside this file"))
        .collect()
}

/// Whether the value is the password itself, not a template that finds it elsewhere or a mark that another tool replaces.
fn is_literal(value: Option<&Value>) -> bool {
    const MARKS: [&str; 9] = ["{{", "${", "$(", "#{", "<path:", "ENC[", "ref+", "vault:", "op://"];
    match value {
        Some(Value::String(text)) => !text.trim().is_empty() && !MARKS.iter().any(|mark| text.contains(mark)),
        Some(Value::Int(_) | Value::Float(_)) => true,
        _ => false,
    }
}
