//! See `duplicate_acl_user.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{acl, prelude::*},
};

pub(super) static RULE: Rule = Rule {
    id: "duplicate-acl-user",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "ACL user that is defined twice, and Redis does not start",
    docs: include_str!("duplicate_acl_user.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Templates,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// The user that the chart writes itself.
const DEFAULT: &str = "default";

fn check(subject: &Subject) -> Vec<Finding> {
    if !subject.places(Setting::Acl).iter().any(|key| subject.on(key)) {
        return Vec::new();
    }
    let users = acl::users(subject);
    let found = users.iter().enumerate().filter_map(|(at, user)| {
        let name = &user.name;
        let earlier = users[..at].iter().find(|other| other.name == *name);
        let message = format!("the ACL defines the user `{name}` twice: Redis does not start");
        Some(match earlier {
            Some(earlier) => Finding::at(user.span, message).mark(earlier.span, "first definition"),
            None if name == DEFAULT => Finding::at(user.span, message)
                .labelled("the chart already writes this user")
                .help("remove the user: its password is `auth.password` or the password in the Secret"),
            None => return None,
        })
    });
    found.collect()
}
