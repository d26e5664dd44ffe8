//! Steps for charts that store ACL users in a Secret, or that limit the pods for the label of the primary.

use super::{ChartSide, Planner, RunbookStep, before::list};
use crate::{chart::Setting, yaml::Value};

impl Planner<'_> {
    /// Checks the ACL users if the new chart stores them in a Secret instead of a ConfigMap.
    pub(super) fn acl_users(&self) -> Option<RunbookStep> {
        let in_secret = |of: &ChartSide| !of.values.places(Setting::AclInSecret).is_empty();
        let is_on = |setting: Setting| self.new.first_key(setting).is_some_and(|key| self.new.values.on(key));
        if !is_on(Setting::Acl) || in_secret(&self.old) || !in_secret(&self.new) {
            return None;
        }
        let users = self.new.first_key(Setting::AclUsers).and_then(|key| self.new.values.value(key));
        let users: Vec<Value> = users.and_then(Value::as_list).unwrap_or_default().to_vec();
        let text = |user: &Value, name: &str| user.as_map()?.get(name)?.as_str().map(str::to_owned);
        let name = |user: &Value| text(user, "username").unwrap_or_default();
        let hashed: Vec<String> =
            users.iter().filter(|user| text(user, "password").is_some_and(|text| is_hash(&text))).map(name).collect();
        let mut why = vec![format!(
            "the chart now keeps them in the Secret `{}`, with their passwords in clear text; a change of one takes \
             effect at the next restart of the pods",
            self.new.names.fill("{f}-acl")
        )];
        if !hashed.is_empty() {
            why.push(format!(
                "the password of {} is a hash, and this chart takes the hash itself for the password: set the password \
                 instead",
                list(&hashed)
            ));
        }
        if let Some(user) = users.first().filter(|_| is_on(Setting::AclSentinel)) {
            why.push(format!(
                "Sentinels log in to each other as the first user, `{}`, which needs `+@all`; every user keeps its own \
                 commands, and Sentinel asks for no password any more",
                name(user)
            ));
        }
        Some(RunbookStep {
            title: "check the users of the ACL".to_owned(),
            why: why.join("; "),
            ..RunbookStep::default()
        })
    }

    /// Keeps the number of nodes fixed if the Role names the pods that can get the label of the primary: an autoscaler
    /// adds pods that the Role does not name.
    pub(super) fn primary_label(&self) -> Option<RunbookStep> {
        let names_pods = |of: &ChartSide| !of.values.places(Setting::LabelRoleNamesPods).is_empty();
        let key = |setting: Setting| self.new.first_key(setting).filter(|key| self.new.values.on(key));
        if names_pods(&self.old) || !names_pods(&self.new) || key(Setting::MasterServiceEnabled).is_none() {
            return None;
        }
        let (switch, count) = (key(Setting::Autoscaled)?, self.new.first_key(Setting::Replicas)?);
        Some(RunbookStep {
            title: "keep the number of nodes fixed".to_owned(),
            why: format!(
                "the Role allows the label only on the first `{count}` pods: a primary on a pod that the autoscaler \
                 added gets no label, and the Service of the primary has no endpoint; set `{switch}` to false"
            ),
            ..RunbookStep::default()
        })
    }
}

/// Whether a password is a SHA-256 digest, which the ACL syntax writes after `#`.
fn is_hash(password: &str) -> bool {
    let digits = password.strip_prefix('#').unwrap_or(password);
    digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}
