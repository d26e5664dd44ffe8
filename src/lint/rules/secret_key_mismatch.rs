//! See `secret_key_mismatch.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{
        locate::locate,
        prelude::*,
        secrets::{self, BundledSecret},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "secret-key-mismatch",
    group: Group::Security,
    severity: Severity::Error,
    summary: "key that the Secret does not have or cannot have",
    docs: include_str!("secret_key_mismatch.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// The longest key that Kubernetes accepts in a Secret.
const LONGEST: usize = 253;

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found = password(subject);
    let on = |setting: Setting| subject.places(setting).iter().any(|key| subject.on(key));
    // The chart names the files of certificates that it makes by itself.
    if on(Setting::Tls) && !on(Setting::TlsGenerated) {
        found.extend(certificates(subject));
    }
    found
}

fn password(subject: &Subject) -> Vec<Finding> {
    let Some(key) = subject.places(Setting::ExistingSecretKey).into_iter().next() else { return Vec::new() };
    let Some(own) = subject.places(Setting::PasswordKey).into_iter().next() else { return Vec::new() };
    // The pods do not read the Secret without a password, or if a mounted file has the password.
    let on = |setting: Setting| subject.places(setting).iter().all(|key| subject.on(key));
    let files = !subject.places(Setting::PasswordFiles).is_empty() && on(Setting::PasswordFiles);
    if !on(Setting::Auth) || (files && !on(Setting::PasswordFilesSecret)) {
        return Vec::new();
    }
    let set = subject.text(key);
    let Some(secret) = subject.places(Setting::ExistingSecret).into_iter().find(|key| subject.on(key)) else {
        let unused = set.filter(|set| *set != own).map(|_| key_without_secret(subject, key, own));
        return unused.into_iter().collect();
    };
    let required = RequiredKey { secret, key, name: set.unwrap_or(own) };
    required.check(subject).into_iter().collect()
}

/// The finding about a key of a Secret without the Secret itself.
fn key_without_secret(subject: &Subject, key: &str, own: &str) -> Finding {
    let secret = subject.places(Setting::ExistingSecret).into_iter().next().unwrap_or_default();
    let message = format!("`{key}` requires `{secret}`: the Secret that the chart creates has the key `{own}`");
    Finding::at(locate(subject, &[key]), message)
        // Another file can name the Secret.
        .severity(Severity::Info)
        .help(format!("set `{secret}` to the name of the Secret, or use the key `{own}`"))
}

fn certificates(subject: &Subject) -> Vec<Finding> {
    let Some(secret) = subject.places(Setting::TlsSecret).into_iter().find(|key| subject.on(key)) else {
        return Vec::new();
    };
    let files =
        [Setting::TlsCert, Setting::TlsKey, Setting::TlsCa].into_iter().flat_map(|setting| subject.places(setting));
    let named = files.filter_map(|key| Some((subject.text(key)?, key)));
    named.filter_map(|(name, key)| RequiredKey { secret, key, name }.check(subject)).collect()
}

/// A key that must be in a Secret.
struct RequiredKey<'a> {
    /// The key of the values that names the Secret.
    secret: &'static str,
    /// The key of the values that names the key of the Secret.
    key: &'static str,
    name: &'a str,
}

impl RequiredKey<'_> {
    fn check(&self, subject: &Subject) -> Option<Finding> {
        let Self { secret, key, name } = self;
        if name.contains("{{") {
            return None;
        }
        if !is_key(name) {
            let message = format!("`{key}` is not a valid key of a Secret");
            let help = "use only letters, digits, `-`, `_` and `.`";
            return Some(
                Finding::at(locate(subject, &[key]), message)
                    .labelled("Kubernetes does not accept this key")
                    .help(help),
            );
        }
        let brought = secrets::bundled_secret(subject, subject.text(secret)?)?;
        let BundledSecret { at, kind, keys: Some(keys) } = brought else { return None };
        if keys.iter().any(|key| key == name) {
            return None;
        }
        let has = match keys.is_empty() {
            true => "the Secret has no keys".to_owned(),
            false => {
                format!("the Secret has {}", keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "))
            }
        };
        let message = format!("the {kind} that `{secret}` names has no key `{name}`: the pods do not start");
        let finding = Finding::at(locate(subject, &[key, secret]), message);
        let named = at.key("metadata").key("name");
        let finding = match subject.nearest(&named.to_string()) {
            Some(entry) => finding.mark(entry.value, has),
            None => finding.help(has),
        };
        Some(finding.help(format!("set `{key}` to an existing key, or add the key to the Secret")))
    }
}

/// Whether Kubernetes accepts the name as a key of a Secret.
fn is_key(name: &str) -> bool {
    let takes = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= LONGEST && name.chars().all(takes) && name != "." && !name.starts_with("..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart::Chart, source::Origin, yaml::Document};

    fn found(text: &str) -> Vec<Finding> {
        let document = Document::parse(text).unwrap();
        let chart = Chart::at(&"23.1.1".parse().unwrap()).unwrap();
        check(&Subject::new(&document, Origin::default(), &chart).unwrap())
    }

    #[test]
    fn what_values_do_not_tell_is_no_finding() {
        let secret = |name: &str, rest: &str| {
            let auth = "auth: {existingSecret: redis-auth, existingSecretPasswordKey: password}";
            found(&format!("{auth}\nextraDeploy: [{{kind: Secret, metadata: {{name: {name}}}, {rest}}}]\n"))
        };
        assert_eq!(secret("redis-auth", "data: {key: YQ==}").len(), 1);
        assert_eq!(secret("redis-auth", "data: {key: YQ==}, stringData: {password: a}"), []);
        assert_eq!(secret("other", "data: {key: YQ==}"), []);
        assert_eq!(secret("redis-auth", "data: '{{ .Values.data }}'"), []);
        assert_eq!(secret("'{{ .Release.Name }}-auth'", "data: {key: YQ==}"), []);
    }

    #[test]
    fn the_key_is_not_asked_for_where_a_file_holds_the_password() {
        let auth = "existingSecret: a, existingSecretPasswordKey: a/b";
        assert_eq!(found(&format!("auth: {{{auth}}}")).len(), 1);
        assert_eq!(found(&format!("auth: {{{auth}, usePasswordFileFromSecret: false}}")), []);
        assert_eq!(found(&format!("auth: {{{auth}, enabled: false}}")), []);
    }
}
