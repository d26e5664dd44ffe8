//! Who may talk to Redis: password, TLS, ACL users, network policy.

use super::{Draft, Refusal, Way, not_alone, only_with};
use crate::{
    chart::Topology,
    intent::{Access, Intent},
    yaml::Value,
};

/// What is to be known of a password in values.
pub const IN_CLEAR_TEXT: &str = "the password, in clear text: keep this file out of git";

/// The id of the note that no password is given.
pub const NO_PASSWORD: &str = "password-changes-every-render";

pub(super) fn settle(intent: &Intent, password: Option<&str>, draft: &mut Draft) -> Result<(), Refusal> {
    auth(intent, password, draft)?;
    tls(intent, draft)?;
    acl(intent, draft)?;
    if let Some(on) = intent.network_policy {
        let why = if on { "who may reach the pods" } else { "every pod may reach Redis" };
        draft.say("network-policy", on, &["network_policy"], why)?;
    }
    if let Some(all) = intent.allow_external {
        if intent.network_policy == Some(false) {
            let text = "without a NetworkPolicy everybody is admitted";
            return Err(Refusal::new(&["allow_external", "network_policy"], text));
        }
        let why = if all { "every client is admitted" } else { "only labelled pods are admitted" };
        draft.say("allow-external", all, &["allow_external"], why)?;
    }
    Ok(())
}

fn auth(intent: &Intent, password: Option<&str>, draft: &mut Draft) -> Result<(), Refusal> {
    let from = |field: &&str| {
        field.starts_with("password_") && !(*field == "password_stdin" && intent.password_stdin == Some(false))
    };
    let sources: Vec<_> = intent.said().into_iter().filter(from).collect();
    if let [one, other, ..] = sources[..] {
        return Err(Refusal::new(&[one, other], "one password, and two places to take it from"));
    }
    if intent.auth == Some(false) {
        let credentials = ["existing_secret", "existing_secret_key", "password_file", "password_env", "password_stdin"];
        only_with(intent, &credentials, "auth", "a Redis that asks for no password has none")?;
        draft.say("auth", false, &["auth"], "no password is asked for")?;
        if matches!(intent.access, Some(Access::InternalLb | Access::PublicLb | Access::NodePort)) {
            draft.note("auth-off", "Redis asks for no password and can be reached from outside the cluster");
        }
        return Ok(());
    }
    if intent.auth == Some(true) {
        draft.say("auth", true, &["auth"], "a password is asked for")?;
    }
    match (&intent.existing_secret, password, sources.first()) {
        (Some(_), _, Some(source)) => {
            let text = "a password in the values is not read where a Secret is named";
            return Err(Refusal::new(&["existing_secret", source], text));
        }
        (Some(secret), ..) => {
            draft.say(
                "existing-secret",
                secret.as_str(),
                &["existing_secret"],
                "the Secret that holds the password",
            )?;
            if let Some(key) = &intent.existing_secret_key {
                draft.say("existing-secret-key", key.as_str(), &["existing_secret_key"], "its key")?;
            }
        }
        (None, Some(password), source) => {
            not_alone(intent, &["existing_secret_key"], "a key needs its Secret; give `existing-secret`")?;
            let wishes: Vec<_> = source.copied().into_iter().collect();
            if password.is_empty() {
                return Err(Refusal::new(&wishes, "the password is empty"));
            }
            if password.contains("{{") && !draft.can("@password-with-braces") {
                let text = "this chart version takes `{{` in a password for a template, over and over; \
                            choose another, or give `existing-secret`";
                return Err(Refusal::new(&wishes, text));
            }
            draft.say("password", password, &wishes, IN_CLEAR_TEXT)?;
        }
        (None, None, _) => {
            not_alone(intent, &["existing_secret_key"], "a key needs its Secret; give `existing-secret`")?;
            let way = Way {
                field: "existing_secret",
                says: "`existing-secret` with a Secret that you make yourself",
                take: |intent| intent.existing_secret = Some("redis-auth".to_owned()),
            };
            let fact = "no password is given: the chart makes a new random one at every `helm template`, Argo CD or Flux render";
            draft.advise(NO_PASSWORD, fact, &[way], "");
        }
    }
    Ok(())
}

fn tls(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let Some(secret) = &intent.tls_secret else {
        let needs = ["tls_cert", "tls_key", "tls_ca", "tls_auth_clients"];
        return not_alone(intent, &needs, "TLS needs the Secret of its certificate; give `tls-secret`");
    };
    draft.say("tls", true, &["tls_secret"], "TLS, and nothing in clear text")?;
    draft.say("tls-secret", secret.as_str(), &["tls_secret"], "the Secret that holds the certificate")?;
    for (word, said, usual, field) in [
        ("tls-cert", &intent.tls_cert, "tls.crt", "tls_cert"),
        ("tls-key", &intent.tls_key, "tls.key", "tls_key"),
        ("tls-ca", &intent.tls_ca, "ca.crt", "tls_ca"),
    ] {
        let wishes: &[_] = if said.is_some() { &[field] } else { &["tls_secret"] };
        draft.say(word, said.as_deref().unwrap_or(usual), wishes, "its keys")?;
    }
    if let Some(on) = intent.tls_auth_clients {
        let why =
            if on { "clients show a certificate of their own" } else { "clients need no certificate of their own" };
        draft.say("tls-auth-clients", on, &["tls_auth_clients"], why)?;
    }
    Ok(())
}

fn acl(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let Some(users) = &intent.acl_users else {
        return not_alone(intent, &["acl_secret"], "there is no user whose password it could hold; give `acl-user`");
    };
    if intent.auth == Some(false) {
        return Err(Refusal::new(&["acl_users", "auth"], "users are asked for their passwords, and `auth` is off"));
    }
    draft.say("acl", true, &["acl_users"], "users with rules of their own")?;
    let Some(secret) = &intent.acl_secret else {
        let text = "the chart gives a user without a Secret no password at all; name the Secret with `acl-secret`";
        return Err(Refusal::new(&["acl_users", "acl_secret"], text));
    };
    let users: Vec<Value> = users
        .iter()
        .map(|user| {
            let rules = [("keys", &user.keys), ("channels", &user.channels), ("commands", &user.commands)];
            let rules = rules.into_iter().filter(|(_, rule)| !rule.is_empty());
            let entries = std::iter::once(("username", &user.name)).chain(rules);
            Value::Map(entries.map(|(key, value)| (key.to_owned(), Value::from(value.as_str()))).collect())
        })
        .collect();
    draft.say("acl-users", users, &["acl_users"], "users with rules of their own")?;
    draft.say(
        "acl-secret",
        secret.as_str(),
        &["acl_secret"],
        "the Secret that holds their passwords, a key for each user",
    )?;
    draft.note(
        "acl-needs-lookup",
        "the chart reads the passwords of the users from the cluster; a render without one (`helm template`, Argo CD) lets \
         them in without a password",
    );
    if draft.can("@acl-in-secret") {
        draft.note(
            "acl-in-secret",
            "the chart writes the passwords of the users in clear into a Secret, and a change of a user takes effect at the \
             next restart of the pods only",
        );
    }
    if draft.topology == Topology::Sentinel {
        draft.note("acl-sentinel", "Sentinel itself goes on with the default user");
    }
    Ok(())
}
