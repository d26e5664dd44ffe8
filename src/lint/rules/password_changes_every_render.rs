//! See `password_changes_every_render.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{locate::locate, prelude::*, renders},
    source::Delivery,
};

pub(super) static RULE: Rule = Rule {
    id: "password-changes-every-render",
    group: Group::Security,
    severity: Severity::Error,
    summary: "no password is set, and the chart generates a new one at each render",
    docs: include_str!("password_changes_every_render.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let is_on = |setting: Setting| subject.places(setting).iter().any(|key| subject.on(key));
    if !is_on(Setting::Auth) || is_on(Setting::Password) || is_on(Setting::PasswordGlobal) {
        return Vec::new();
    }
    if is_on(Setting::ExistingSecret) {
        return in_acl(subject).into_iter().collect();
    }
    // A mounted file has the password, and the pods do not read the Secret.
    let secret = subject.places(Setting::PasswordFilesSecret);
    if is_on(Setting::PasswordFiles) && !secret.is_empty() && !secret.iter().any(|key| subject.on(key)) {
        return Vec::new();
    }
    let is_kept = !subject.places(Setting::PasswordKept).is_empty();
    let Some((when, severity)) = renders::changes(subject, is_kept) else { return Vec::new() };
    let keys = subject.places(Setting::ExistingSecret);
    let message = format!("no password is set: the chart generates a new random password {when}");
    let finding = Finding::at(locate(subject, &keys.iter().collect::<Vec<_>>()), message).severity(severity);
    vec![match keys.first() {
        Some(key) => finding.help(format!("put the password into a Secret and set `{key}` to its name")),
        None => finding,
    }]
}

/// The finding about the ACL file: the chart renders the password of the default user into it, and looks the password up
/// in the Secret.
fn in_acl(subject: &Subject) -> Option<Finding> {
    let key = subject.places(Setting::Acl).into_iter().find(|key| subject.on(key))?;
    let (who, severity) = match subject.origin.delivery {
        Delivery::ArgoCd => ("Argo CD", Severity::Error),
        // Any tool may install a values file.
        Delivery::Helm => ("a render outside the cluster", Severity::Info),
        Delivery::Flux | Delivery::Helmfile => return None,
    };
    let message = format!(
        "`{key}` writes the password to a file, but {who} cannot look up the Secret: the password changes each time"
    );
    let help = "mount your own ACL file, or install this release with Helm or Flux";
    Some(Finding::at(locate(subject, &[&key]), message).severity(severity).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart::Chart, source::Origin, yaml::Document};

    #[test]
    fn it_is_the_delivery_that_decides() {
        let document = Document::parse("auth:\n  enabled: true\n").unwrap();
        let severity = |delivery, version: &str| {
            let chart = Chart::at(&version.parse().unwrap()).unwrap();
            let origin = Origin { delivery, ..Origin::default() };
            let found = check(&Subject::new(&document, origin, &chart).unwrap());
            found.first().and_then(|finding| finding.severity)
        };
        assert_eq!(severity(Delivery::ArgoCd, "23.1.1"), Some(Severity::Error));
        assert_eq!(severity(Delivery::Helm, "23.1.1"), Some(Severity::Info));
        assert_eq!(severity(Delivery::Helmfile, "23.1.1"), None);
        assert_eq!(severity(Delivery::Flux, "23.1.1"), None);
        assert_eq!(severity(Delivery::Flux, "15.6.0"), Some(Severity::Error));
    }

    #[test]
    fn a_password_from_a_file_is_not_made() {
        let document =
            Document::parse("auth:\n  usePasswordFiles: true\n  usePasswordFileFromSecret: false\n").unwrap();
        let chart = Chart::at(&"23.1.1".parse().unwrap()).unwrap();
        let origin = Origin { delivery: Delivery::ArgoCd, ..Origin::default() };
        assert_eq!(check(&Subject::new(&document, origin, &chart).unwrap()), []);
    }

    #[test]
    fn an_acl_file_holds_the_password_of_a_secret() {
        let document = Document::parse("auth:\n  existingSecret: redis\n  acl:\n    enabled: true\n").unwrap();
        let chart = Chart::at(&"23.1.1".parse().unwrap()).unwrap();
        let count = |delivery| {
            let origin = Origin { delivery, ..Origin::default() };
            check(&Subject::new(&document, origin, &chart).unwrap()).len()
        };
        assert_eq!((count(Delivery::ArgoCd), count(Delivery::Flux), count(Delivery::Helm)), (1, 0, 1));
    }
}
