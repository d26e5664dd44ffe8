//! See `acl_user_without_password.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{acl, prelude::*},
    source::Delivery,
};

pub(super) static RULE: Rule = Rule {
    id: "acl-user-without-password",
    group: Group::Security,
    severity: Severity::Error,
    summary: "ACL user can log in without a password",
    docs: include_str!("acl_user_without_password.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let on = |setting: Setting| subject.places(setting).into_iter().find(|key| subject.on(key));
    if on(Setting::Acl).is_none() {
        return Vec::new();
    }
    let secret = on(Setting::AclSecret);
    let delivery = subject.origin.delivery;
    let users = acl::users(subject).into_iter().filter(|user| user.enabled);
    let found = users.filter_map(|user| {
        let message = format!("ACL user `{}` can log in without a password", user.name);
        let finding = Finding::at(user.span, message);
        match &secret {
            Some(_) if matches!(delivery, Delivery::Flux | Delivery::Helmfile) => None,
            // Any tool may install a values file.
            Some(key) if delivery == Delivery::Helm => {
                let message = format!(
                    "ACL user `{}` can log in without a password after a render outside the cluster",
                    user.name
                );
                let help = "install this release with Helm or Flux, and not from the output of `helm template`";
                let finding = Finding::at(user.span, message).severity(Severity::Info).help(help);
                Some(finding.labelled(format!("the chart looks up the Secret in `{key}`")))
            }
            Some(key) => {
                let help = "install this release with Helm or Flux, or mount your own ACL file";
                Some(finding.labelled(format!("Argo CD cannot look up the Secret in `{key}`")).help(help))
            }
            None if user.has_password => None,
            None => {
                let key = subject.places(Setting::AclSecret).into_iter().next();
                let finding = finding.labelled("the chart writes `nopass`");
                Some(match key {
                    Some(key) => finding.help(format!("put the password into a Secret and set `{key}` to its name")),
                    None => finding.help("set a `password` for this user"),
                })
            }
        }
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart::Chart, source::Origin, yaml::Document};

    #[test]
    fn argo_cd_reads_no_secret() {
        let text =
            "auth: {acl: {enabled: true, userSecret: s, users: [{username: a}, {username: b, enabled: \"off\"}]}}\n";
        let document = Document::parse(text).unwrap();
        let chart = Chart::at(&"28.0.7".parse().unwrap()).unwrap();
        let found = |delivery| {
            let origin = Origin { delivery, ..Origin::default() };
            check(&Subject::new(&document, origin, &chart).unwrap()).len()
        };
        assert_eq!((found(Delivery::ArgoCd), found(Delivery::Flux), found(Delivery::Helm)), (1, 0, 1));
    }
}
