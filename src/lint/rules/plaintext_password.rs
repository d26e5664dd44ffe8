//! See `plaintext_password.md`: the help text, the web page and the test of this rule.

use crate::{
    lint::{Finding, Group, Rule, Severity, Subject},
    yaml::Value,
};

pub(super) static RULE: Rule = Rule {
    id: "plaintext-password",
    group: Group::Safety,
    severity: Severity::Warning,
    summary: "password that is written in the values file",
    docs: include_str!("plaintext_password.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    let auth = subject.places("auth").iter().all(|key| subject.on(key));
    let secret = subject.places("existing-secret").into_iter().find(|key| subject.on(key));
    let mut found = Vec::new();
    let keys = subject.places("password").into_iter().chain(subject.places("password.global"));
    for key in keys {
        let Some(entry) = subject.entry(&key) else { continue };
        if !is_literal(subject.value(&key)) {
            continue;
        }
        let message = format!("`{key}` is a password in clear text: who reads this file, reads it");
        let mut finding = Finding::at(entry.key, message);
        finding = match (&secret, subject.places("existing-secret").first()) {
            (Some(secret), _) => {
                finding.help(format!("the chart does not read it, since `{secret}` names a Secret: take it out"))
            }
            (None, _) if !auth => {
                finding.help("the chart does not read it, since it asks for no password: take it out")
            }
            (None, Some(secret)) => finding.help(format!("keep it in a Secret and name that with `{secret}`")),
            (None, None) => finding,
        };
        found.push(finding);
    }
    found
}

/// Whether the value is the password itself, not a template that finds it elsewhere or a mark that another tool replaces.
fn is_literal(value: Option<Value>) -> bool {
    match value {
        Some(Value::String(text)) => {
            let replaced = ["{{", "${", "<path:", "ENC["].iter().any(|mark| text.contains(mark));
            !text.trim().is_empty() && !replaced
        }
        Some(Value::Int(_) | Value::Float(_)) => true,
        _ => false,
    }
}
