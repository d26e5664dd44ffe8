//! Access control of Redis: password, TLS, ACL users, network policy.

use super::{Draft, RecommendedOption, Refusal, not_alone, only_with};
use crate::{
    chart::Setting,
    intent::{Access, AclUser, Field, Intent},
    redis::{
        acl::{self, Refused},
        directives::Program,
    },
    yaml::Value,
};

/// The comment above a password in values.
pub const IN_CLEAR_TEXT: &str = "password in clear text: keep this file out of git";

/// The id of the note about a missing password.
pub const NO_PASSWORD: &str = "password-changes-every-render";

pub(super) fn settle(intent: &Intent, password: Option<&str>, draft: &mut Draft) -> Result<(), Refusal> {
    auth(intent, password, draft)?;
    tls(intent, draft)?;
    acl_users(intent, draft)?;
    if let Some(on) = intent.network_policy {
        let why = if on { "NetworkPolicy for the Redis pods" } else { "no NetworkPolicy: every pod can connect" };
        draft.say(Setting::NetworkPolicy, on, &[Field::NetworkPolicy], why)?;
    }
    if let Some(all) = intent.allow_external {
        if intent.network_policy == Some(false) {
            let text = "no effect without a NetworkPolicy: every client can connect";
            return Err(Refusal::new(&[Field::AllowExternal, Field::NetworkPolicy], text));
        }
        if !all && intent.access == Some(Access::NodePort) {
            let text = "the NetworkPolicy blocks every client of the node port: only labelled pods can connect. Remove \
                        one of the two options";
            return Err(Refusal::new(&[Field::AllowExternal, Field::Access], text));
        }
        let why = if all { "every client can connect" } else { "only labelled pods can connect" };
        draft.say(Setting::AllowExternal, all, &[Field::AllowExternal], why)?;
    }
    Ok(())
}

fn auth(intent: &Intent, password: Option<&str>, draft: &mut Draft) -> Result<(), Refusal> {
    let from = |field: &Field| match field {
        Field::PasswordFile | Field::PasswordEnv => true,
        Field::PasswordStdin => intent.password_stdin != Some(false),
        _ => false,
    };
    let sources: Vec<_> = intent.set_fields().into_iter().filter(from).collect();
    if let [one, other, ..] = sources[..] {
        return Err(Refusal::new(&[one, other], "two sources of one password. Use one of them"));
    }
    if intent.auth == Some(false) {
        let credentials = [
            Field::ExistingSecret,
            Field::ExistingSecretKey,
            Field::PasswordFile,
            Field::PasswordEnv,
            Field::PasswordStdin,
        ];
        only_with(intent, &credentials, Field::Auth, "no effect without authentication: Redis asks for no password")?;
        draft.say(Setting::Auth, false, &[Field::Auth], "no password")?;
        let why = "this chart version mounts the Secret with the password although it creates none";
        draft.avoid("missing-password-secret", Setting::PasswordFiles, &[Field::Auth], why)?;
        draft.advise("auth-off", &[], "");
        return Ok(());
    }
    if intent.auth == Some(true) {
        draft.say(Setting::Auth, true, &[Field::Auth], "clients need a password")?;
    }
    match (&intent.existing_secret, password, sources.first()) {
        (Some(_), _, Some(source)) => {
            let text = "the chart ignores a password in the values when a Secret is set. Use one of them";
            return Err(Refusal::new(&[Field::ExistingSecret, *source], text));
        }
        (Some(secret), ..) => {
            draft.say(
                Setting::ExistingSecret,
                secret.as_str(),
                &[Field::ExistingSecret],
                "Secret with the password",
            )?;
            if let Some(key) = &intent.existing_secret_key {
                draft.say(
                    Setting::ExistingSecretKey,
                    key.as_str(),
                    &[Field::ExistingSecretKey],
                    "key of the password in the Secret",
                )?;
                let is_renamed =
                    draft.chart.places(Setting::PasswordKey, draft.topology).iter().all(|own| own.path != *key);
                if is_renamed {
                    let why = "this chart version mounts the password file under another name than it reads";
                    draft.avoid("password-file-name", Setting::PasswordFiles, &[Field::ExistingSecretKey], why)?;
                }
            }
        }
        (None, Some(password), source) => {
            not_alone(intent, &[Field::ExistingSecretKey], "requires `existing-secret`: the Secret with this key")?;
            let options: Vec<_> = source.copied().into_iter().collect();
            if password.is_empty() {
                return Err(Refusal::new(&options, "the password is empty"));
            }
            if password.contains("{{") && !draft.can(Setting::PasswordWithBraces) {
                let text = "this chart version evaluates `{{` in a password as a template. Choose another password, \
                            or use `existing-secret`";
                return Err(Refusal::new(&options, text));
            }
            draft.say(Setting::Password, password, &options, IN_CLEAR_TEXT)?;
        }
        (None, None, _) => {
            not_alone(intent, &[Field::ExistingSecretKey], "requires `existing-secret`: the Secret with this key")?;
            let way = RecommendedOption {
                field: Field::ExistingSecret,
                says: "`existing-secret` with a Secret that you create",
                take: |intent| intent.existing_secret = Some("redis-auth".to_owned()),
            };
            draft.advise(NO_PASSWORD, &[way], "");
        }
    }
    Ok(())
}

fn tls(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let Some(secret) = &intent.tls_secret else {
        let needs = [Field::TlsCert, Field::TlsKey, Field::TlsCa, Field::TlsAuthClients];
        return not_alone(intent, &needs, "requires `tls-secret`: the Secret with the certificate");
    };
    draft.say(Setting::Tls, true, &[Field::TlsSecret], "TLS only, no connections in clear text")?;
    draft.say(Setting::TlsSecret, secret.as_str(), &[Field::TlsSecret], "Secret with the certificate")?;
    for (setting, said, usual, field) in [
        (Setting::TlsCert, &intent.tls_cert, "tls.crt", Field::TlsCert),
        (Setting::TlsKey, &intent.tls_key, "tls.key", Field::TlsKey),
        (Setting::TlsCa, &intent.tls_ca, "ca.crt", Field::TlsCa),
    ] {
        let options: &[_] = if said.is_some() { &[field] } else { &[Field::TlsSecret] };
        draft.say(setting, said.as_deref().unwrap_or(usual), options, "keys of that Secret")?;
    }
    if let Some(on) = intent.tls_auth_clients {
        let why = if on { "clients need a certificate" } else { "clients need no certificate" };
        draft.say(Setting::TlsAuthClients, on, &[Field::TlsAuthClients], why)?;
    }
    Ok(())
}

/// Refuses a word that makes Redis refuse the whole ACL file. Redis then does not start.
fn known_words(user: &AclUser, intent: &Intent, draft: &Draft) -> Result<(), Refusal> {
    let words: Vec<&str> = [&user.keys, &user.channels, &user.commands]
        .into_iter()
        .flat_map(|rule| rule.split_ascii_whitespace())
        .collect();
    let redis = draft.redis();
    let Some((word, reason)) = acl::refused(Program::Redis, &words, &redis) else { return Ok(()) };
    let refuse = |why: String| {
        let text = format!("ACL user `{}`: {why}. Redis would not start", user.name);
        Err(Refusal::new(&[Field::AclUsers], text))
    };
    let is_of_module = word.contains('.');
    match reason {
        Refused::Command { .. } | Refused::Category { .. } if super::loads_modules(intent, draft) => Ok(()),
        Refused::Command { .. } if is_of_module => {
            refuse(format!("`{word}` names a command of a module, and Redis loads no modules"))
        }
        Refused::PatternAfterAll => refuse(format!("Redis refuses `{word}` after a word that allows everything")),
        _ if !redis.is_measured() => Ok(()),
        Refused::Category { .. } => refuse(format!("Redis has no category for `{word}`")),
        Refused::Command { .. } => refuse(format!("Redis has no command for `{word}`")),
        Refused::Rule => refuse(format!("Redis has no rule `{word}`")),
    }
}

fn acl_users(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let Some(users) = &intent.acl_users else {
        return not_alone(intent, &[Field::AclSecret], "requires `acl-user`: a user whose password the Secret holds");
    };
    if intent.auth == Some(false) {
        return Err(Refusal::new(
            &[Field::AclUsers, Field::Auth],
            "ACL users log in with a password. Enable `auth`, or remove the users",
        ));
    }
    draft.say(Setting::Acl, true, &[Field::AclUsers], "ACL users")?;
    let Some(secret) = &intent.acl_secret else {
        let text = "without a Secret, the chart creates ACL users that need no password. Set `acl-secret`";
        return Err(Refusal::new(&[Field::AclUsers, Field::AclSecret], text));
    };
    for user in users {
        known_words(user, intent, draft)?;
    }
    let users: Vec<Value> = users
        .iter()
        .map(|user| {
            let rules = [("keys", &user.keys), ("channels", &user.channels), ("commands", &user.commands)];
            let rules = rules.into_iter().filter(|(_, rule)| !rule.is_empty());
            let entries = std::iter::once(("username", &user.name)).chain(rules);
            Value::Map(entries.map(|(key, value)| (key.to_owned(), Value::from(value.as_str()))).collect())
        })
        .collect();
    draft.say(Setting::AclUsers, users, &[Field::AclUsers], "ACL users")?;
    draft.say(
        Setting::AclSecret,
        secret.as_str(),
        &[Field::AclSecret],
        "Secret with their passwords, one key per user",
    )?;
    draft.advise("acl-user-without-password", &[], "");
    draft.advise(NO_PASSWORD, &[], "");
    Ok(())
}
